//! Indices that do something, and what indices and callees borrow: Rust evaluates them before later operands, and drops their
//! temporaries with the statement.

use segno_tests::both_worlds;

#[both_worlds]
mod acting_indices {
    struct Place(usize);

    impl core::ops::Add for Place {
        type Output = usize;

        fn add(self, other: Place) -> usize {
            log("plus");
            self.0 + other.0
        }
    }

    fn i() -> usize {
        log("i");
        1
    }

    fn looked_at(t: &T) -> u32 {
        log("look");
        t.0.len() as u32
    }

    fn sum(a: u32, b: u32) -> u32 {
        a + b
    }

    fn three(a: u32, b: u32, c: u32) -> u32 {
        a + b + c
    }

    fn pick(t: &T) -> fn(u32) -> u32 {
        t.r();
        |x| x + 1
    }

    #[segno::coroutine]
    async fn tries(v: Vec<u32>, o: Option<usize>) -> Option<u32> {
        Some(v[o?].pow(id(2).await))
    }
    case!(some = tries(vec![7, 8], Some(1)));
    case!(none = tries(vec![7], None));

    #[segno::coroutine]
    async fn changes(v: Vec<u32>) -> bool {
        let mut n = 0;
        v[{
            n += 1;
            n
        }] == n as u32 + id(7).await
    }
    case!(changes(vec![7, 8]));

    #[segno::coroutine]
    async fn calculates(mut v: Vec<Vec<u32>>, a: Place, b: Place) -> u32 {
        v[a + b].push(id(1).await);
        log("pushed");
        v[1][1]
    }
    case!(calculates(vec![vec![1], vec![2], vec![3]], Place(1), Place(0)));

    #[segno::coroutine]
    async fn before_a_temporary(v: Vec<u32>) -> u32 {
        sum(sum(v[i()], looked_at(&T("t"))), id(1).await)
    }
    case!(before_a_temporary(vec![1, 2, 3]));

    #[segno::coroutine]
    async fn behind_an_await(v: Vec<u32>) -> u32 {
        three(id(1).await, v[i()], looked_at(&T("t")))
    }
    case!(behind_an_await(vec![1, 2, 3]));

    #[segno::coroutine]
    async fn in_a_tuple(v: Vec<u32>) -> u32 {
        sum((v[i()], T("t").r() as u32).0, id(1).await)
    }
    case!(in_a_tuple(vec![1, 2, 3]));

    #[segno::coroutine]
    async fn left_early(v: Vec<u32>, o: Option<usize>) -> Option<u32> {
        Some(v[o?] + looked_at(&T("t")) + id(2).await)
    }
    case!(left_early(vec![1], None));

    #[segno::coroutine]
    async fn temporary_of_an_index() {
        let o = [T("o0"), T("o1")];
        o[T("i").r() as usize].a().await;
        log("s");
        match &o[T("j").r() as usize] {
            o => drop(o.a().await),
        }
        log("end");
    }
    case!(temporary_of_an_index());

    #[segno::coroutine]
    async fn temporary_of_a_callee(n: u32) -> u32 {
        child(pick(&T("f"))(n)).await;
        log("s");
        let r = pick(&T("g"))(child(n).await);
        log("end");
        r
    }
    case!(temporary_of_a_callee(3));
}
