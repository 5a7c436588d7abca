//! Parameters: patterns, unused ones, the order of their drops.

use segno_tests::both_worlds;

#[both_worlds]
mod parameters {
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[segno::coroutine]
    async fn all_kinds(a: T, _: T, T(_c): &T, _d: T) {
        log("body");
        y().await;
        log("end");
    }
    case!(all_kinds(T("a"), T("_"), &T("c"), T("d")));

    #[segno::coroutine]
    async fn unused(a: T, b: T) {
        y().await;
    }
    case!(unused(T("a"), T("b")));

    #[segno::coroutine]
    async fn unused_and_no_await(a: T, _: T, _b: T) -> u8 {
        log("body");
        4
    }
    case!(unused_and_no_await(T("a"), T("_"), T("b")));

    #[segno::coroutine]
    async fn mutable(mut a: T, mut n: u32) -> u32 {
        n += 1;
        a.rename("renamed");
        y().await;
        a = T("other");
        n += child(n).await;
        y().await;
        n
    }
    case!(mutable(T("a"), 1));

    #[segno::coroutine]
    async fn tuple_pattern((a, b): (T, T), (mut n, _): (u32, T)) -> u32 {
        n += 1;
        y().await;
        drop(a);
        y().await;
        n
    }
    case!(tuple_pattern((T("a"), T("b")), (1, T("c"))));

    #[segno::coroutine]
    async fn struct_pattern(Pair { first, second: _ }: Pair, Pair { second: x, first: _ }: Pair) {
        y().await;
        first.r();
        y().await;
        x.r();
    }
    case!(struct_pattern(Pair { first: T("1"), second: T("2") }, Pair { first: T("3"), second: T("4") }));

    #[segno::coroutine]
    async fn array_and_reference_patterns([a, b]: [u32; 2], &(n, m): &(u32, u32), [x, ..]: &[u32; 3]) -> u32 {
        y().await;
        n + m + x + a + b
    }
    case!(array_and_reference_patterns([6, 7], &(1, 2), &[3, 4, 5]));

    #[segno::coroutine]
    async fn moved_at_once(a: T, b: T) {
        drop(a);
        y().await;
        drop(b);
        y().await;
        log("end");
    }
    case!(moved_at_once(T("a"), T("b")));

    #[segno::coroutine]
    async fn with_locals(a: T, b: T) {
        let _l = T("l");
        let c = b;
        y().await;
        let _m = T("m");
        y().await;
    }
    case!(with_locals(T("a"), T("b")));

    #[segno::coroutine]
    async fn references(a: &T, b: &mut T, n: &mut u32) -> u8 {
        a.a().await;
        b.renamed("renamed").await;
        *n += 1;
        y().await;
        b.r() + *n as u8
    }
    case!(references(&T("a"), &mut T("b"), &mut 5));

    #[segno::coroutine]
    async fn wildcards_in_patterns((_, b, _c): (T, T, T), _: &T) {
        log("body");
        y().await;
        log("end");
    }
    case!(wildcards_in_patterns((T("1"), T("2"), T("3")), &T("r")));

    #[segno::coroutine]
    async fn early_return_drops_all(a: T, _: T, c: bool) -> u8 {
        let _l = T("l");
        if c {
            return 1;
        }
        y().await;
        2
    }
    case!(early_return_at_once = early_return_drops_all(T("a"), T("_"), true));
    case!(early_return_not = early_return_drops_all(T("a"), T("_"), false));

    #[segno::coroutine]
    async fn function_and_closure_parameters(f: fn(u32) -> u32, g: &dyn Fn(u32) -> u32) -> u32 {
        let n = f(child(1).await);
        y().await;
        g(n)
    }
    case!(function_and_closure_parameters(|n| n + 1, &|n| n * 3));

    #[segno::coroutine]
    async fn at_pattern(whole @ (a, _): (u32, u32), ref r: T, ref mut m: T) -> u32 {
        r.a().await;
        m.renamed("renamed").await;
        y().await;
        whole.1 + a
    }
    case!(at_pattern((1, 2), T("r"), T("m")));

    struct Halves {
        first: T,
        second: T,
    }

    /// What is left of a parameter is dropped where the parameter would be.
    #[segno::coroutine]
    async fn taken_apart(halves: Halves, other: T) -> u8 {
        let Halves { first: _, second } = halves;
        second.r()
    }
    case!(taken_apart(Halves { first: T("first"), second: T("second") }, T("other")));
}
