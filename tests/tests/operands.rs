//! Awaits as operands, and what was evaluated before them.

use segno_tests::both_worlds;

#[both_worlds]
mod operands {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    fn add3(a: u32, b: u32, c: u32) -> u32 {
        log(format!("add3({a},{b},{c})"));
        a + b + c
    }

    fn plain(n: u32) -> u32 {
        log(format!("plain:{n}"));
        n
    }

    fn keep(a: &T, n: u32, b: T) -> u32 {
        log(format!("keep({},{n},{})", a.0, b.0));
        n
    }

    #[segno::coroutine]
    async fn binary() -> u32 {
        let a = child(1).await + child(2).await;
        let b = plain(3) * child(4).await;
        let c = child(5).await - plain(1);
        a + b + c
    }
    case!(binary());

    #[segno::coroutine]
    async fn deep_binary() -> u32 {
        (child(1).await + plain(2)) * (plain(3) + child(4).await) + plain(5) * child(6).await
    }
    case!(deep_binary());

    #[segno::coroutine]
    async fn comparison() -> (bool, bool) {
        let a = child(1).await < child(2).await;
        y().await;
        (a, plain(2) == child(2).await)
    }
    case!(comparison());

    #[segno::coroutine]
    async fn unary(a: T) -> (i32, bool, u32) {
        let number = 7;
        let negative = -id(3).await;
        let not = !id(true).await;
        let behind = *id(&number).await;
        y().await;
        (negative, not, behind)
    }
    case!(unary(T("a")));

    #[segno::coroutine]
    async fn cast() -> u8 {
        let a = child(300).await as u8;
        let b = (child(1).await as u64 + plain(2) as u64) as u8;
        a + b
    }
    case!(cast());

    #[segno::coroutine]
    async fn argument_first() -> u32 {
        add3(child(1).await, plain(2), plain(3))
    }
    case!(argument_first());

    #[segno::coroutine]
    async fn argument_middle() -> u32 {
        add3(plain(1), child(2).await, plain(3))
    }
    case!(argument_middle());

    #[segno::coroutine]
    async fn argument_last() -> u32 {
        add3(plain(1), plain(2), child(3).await)
    }
    case!(argument_last());

    #[segno::coroutine]
    async fn arguments_all() -> u32 {
        add3(child(1).await, child(2).await, child(3).await)
    }
    case!(arguments_all());

    #[segno::coroutine]
    async fn nested_calls() -> u32 {
        add3(plain(child(1).await), add3(plain(2), child(3).await, plain(4)), child(plain(5) + child(6).await).await)
    }
    case!(nested_calls());

    #[segno::coroutine]
    async fn awaited_argument_of_a_child() -> u32 {
        child(child(child(1).await + 1).await + 1).await
    }
    case!(awaited_argument_of_a_child());

    #[segno::coroutine]
    async fn tokens_wait_for_later_arguments() -> u32 {
        keep(&T("temporary"), child(1).await, id(T("moved")).await)
    }
    case!(tokens_wait_for_later_arguments());

    #[segno::coroutine]
    async fn owned_arguments_wait_and_drop_in_reverse(a: T) -> u32 {
        let b = T("b");
        let taken = take3(a, b, id(T("c")).await).await;
        y().await;
        taken
    }
    case!(owned_arguments_wait_and_drop_in_reverse(T("a")));

    #[segno::coroutine]
    async fn take3(a: T, b: T, c: T) -> u32 {
        y().await;
        log(format!("{}{}{}", a.0, b.0, c.0));
        3
    }

    #[segno::coroutine]
    async fn range_bounds() -> u32 {
        let mut sum = 0;
        for i in child(1).await..child(4).await {
            sum += i;
        }
        let range = plain(2)..=child(3).await;
        sum * 10 + range.count() as u32
    }
    case!(range_bounds());

    /// What a later operand leaves of a temporary is dropped before the older operands, if it fails.
    #[segno::coroutine]
    async fn left_by_a_later_field(d: bool) -> Result<u32, Failure> {
        let g = {
            let s = T("s");
            Pair { b: T("t12"), a: fail(d, (T("t13"), T("t14")).1).await?, n: 1 }
        };
        y().await;
        Ok(1)
    }
    case!(left_by_a_later_field(true));
    case!(left_by_a_later_field_2 = left_by_a_later_field(false));

    #[segno::coroutine]
    async fn left_by_a_later_element(d: bool) -> Result<u32, Failure> {
        let g = {
            let s = T("s");
            (T("t12"), fail(d, (T("t13"), T("t14")).1).await?, 1)
        };
        y().await;
        Ok(1)
    }
    case!(left_by_a_later_element(true));
    case!(left_by_a_later_element_2 = left_by_a_later_element(false));

    /// A variable that is moved there is an operand as well, also if a later one panics.
    #[segno::coroutine]
    async fn moved_before_a_later_temporary(o: T, p: T) -> (T, T, u8, T) {
        let made = { (id(T("a")).await, o, T("temporary").r(), p) };
        y().await;
        made
    }
    case!(moved_before_a_later_temporary(T("o"), T("p")));

    #[segno::coroutine]
    async fn moved_into_a_field(o: T) -> u32 {
        let made = { Pair { a: id(T("a")).await, b: o, n: T("temporary").r() as u32 } };
        y().await;
        made.n
    }
    case!(moved_into_a_field(T("o")));
}
