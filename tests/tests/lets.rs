//! `let`: patterns, types, `else`.

use segno_tests::both_worlds;

#[both_worlds]
mod lets {
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[derive(Debug, Clone, Copy)]
    enum Shape {
        Dot,
        Line(u8),
        Box { width: u8, height: u8 },
    }

    #[segno::coroutine]
    async fn tuple_pattern() {
        let (a, b) = (T("a"), T("b"));
        y().await;
        a.r();
    }
    case!(tuple_pattern());

    #[segno::coroutine]
    async fn tuple_pattern_of_an_await() {
        let (a, _b) = id((T("a"), T("b"))).await;
        y().await;
        a.r();
    }
    case!(tuple_pattern_of_an_await());

    #[segno::coroutine]
    async fn tuple_pattern_with_hole_and_rest() {
        let (a, _, .., d) = id((T("a"), T("b"), T("c"), T("d"))).await;
        log("bound");
        y().await;
        drop((a, d));
        log("end");
    }
    case!(tuple_pattern_with_hole_and_rest());

    #[segno::coroutine]
    async fn struct_pattern() {
        let Pair { first, second: renamed } = id(Pair { first: T("first"), second: T("second") }).await;
        y().await;
        drop(first);
        y().await;
        renamed.r();
    }
    case!(struct_pattern());

    #[segno::coroutine]
    async fn struct_pattern_with_hole() {
        let pair = Pair { first: T("first"), second: T("second") };
        let Pair { first, second: _ } = pair;
        y().await;
        drop(first);
        y().await;
        log("end");
    }
    case!(struct_pattern_with_hole());

    #[segno::coroutine]
    async fn array_and_slice_patterns() -> u32 {
        let [a, b, c] = id([1u32, 2, 3]).await;
        y().await;
        let numbers = [a, b, c, 4];
        let [first, .., last] = numbers;
        y().await;
        first * 10 + last + b + c
    }
    case!(array_and_slice_patterns());

    #[segno::coroutine]
    async fn mutable_and_by_reference() -> u32 {
        let mut pair = (1u32, 2u32);
        let (ref mut a, ref b) = pair;
        *a += *b;
        y().await;
        let (mut c, d) = pair;
        c += d;
        y().await;
        c
    }
    case!(mutable_and_by_reference());

    #[segno::coroutine]
    async fn at_pattern() -> u32 {
        let whole @ (a, b) = id((1u32, 2u32)).await;
        y().await;
        whole.0 + whole.1 + a * 10 + b * 100
    }
    case!(at_pattern());

    #[segno::coroutine]
    async fn type_annotation() -> u64 {
        let a: u64 = id(1).await;
        let b: [u64; 2] = [a, id(2).await];
        y().await;
        let c: Option<u64> = None;
        y().await;
        a + b[1] + c.unwrap_or(5)
    }
    case!(type_annotation());

    #[segno::coroutine]
    async fn wildcard_drops_at_once_and_underscored_name_holds() {
        let _g = T("g");
        let _ = T("u");
        y().await;
        let _ = id(T("v")).await;
        log("e");
    }
    case!(wildcard_drops_at_once_and_underscored_name_holds());

    #[segno::coroutine]
    async fn wildcard_of_a_place_drops_nothing() {
        let a = T("a");
        let _ = a;
        y().await;
        a.r();
        let _ = &a;
        y().await;
        log("end");
    }
    case!(wildcard_of_a_place_drops_nothing());

    #[segno::coroutine]
    async fn let_else(value: Option<T>) -> u8 {
        let _g = T("g");
        let Some(a) = value else {
            log("else");
            y().await;
            return 0;
        };
        y().await;
        a.r()
    }
    case!(let_else_some = let_else(Some(T("a"))));
    case!(let_else_none = let_else(None));

    #[segno::coroutine]
    async fn let_else_awaited(shape: Shape) -> u8 {
        let Shape::Box { width, height } = id(shape).await else {
            log("no box");
            return y_then(1).await;
        };
        y().await;
        let Shape::Line(length) = (Shape::Line(width)) else { return 2 };
        length + height
    }
    case!(let_else_awaited_box = let_else_awaited(Shape::Box { width: 3, height: 4 }));
    case!(let_else_awaited_dot = let_else_awaited(Shape::Dot));

    #[segno::coroutine]
    async fn y_then(n: u8) -> u8 {
        y().await;
        n
    }

    #[segno::coroutine]
    async fn let_else_in_a_loop() -> u32 {
        let mut sum = 0;
        for option in [Some(1), None, Some(3)] {
            let Some(n) = option else {
                y().await;
                continue;
            };
            sum += child(n).await;
        }
        sum
    }
    case!(let_else_in_a_loop());

    /// What is left of a base is dropped behind the value that was matched.
    #[segno::coroutine]
    async fn let_else_with_a_base(some: bool, q: T) -> u8 {
        let base = |some| Some(Two { first: T("z"), second: T("u") }).filter(|_| some);
        let Some(Two { first: _, second: s }) = Some(Two { first: q, ..base(some).unwrap_or_else(|| make("w")) })
        else {
            y().await;
            return 1;
        };
        s.r()
    }
    case!(let_else_with_a_base_some = let_else_with_a_base(true, T("q")));
    case!(let_else_with_a_base_none = let_else_with_a_base(false, T("q")));

    struct Two {
        first: T,
        second: T,
    }

    fn make(name: &'static str) -> Two {
        Two { first: T(name), second: T("second") }
    }

    /// Where nothing is borrowed, what a `ref` would have borrowed is dropped with the statement.
    #[segno::coroutine]
    async fn let_else_that_borrows(value: Result<T, T>) -> u8 {
        let Ok(ref a) = id(value).await else {
            log("none");
            y().await;
            return 1;
        };
        y().await;
        a.r()
    }
    case!(let_else_that_borrows_ok = let_else_that_borrows(Ok(T("a"))));
    case!(let_else_that_borrows_err = let_else_that_borrows(Err(T("b"))));

    /// The elements of a tuple are dropped from first to last, whichever of them is matched.
    #[segno::coroutine]
    async fn let_else_of_an_element(some: bool) -> u8 {
        let Some(_) = (T("first"), Some(T("second")).filter(|_| some)).1 else {
            y().await;
            return 1;
        };
        let _ = (T("stays"), id(T("stays too")).await).1;
        let Some(a) = (Some(T("third")).filter(|_| some), T("fourth")).0 else {
            y().await;
            return 2;
        };
        y().await;
        a.r()
    }
    case!(let_else_of_an_element_some = let_else_of_an_element(true));
    case!(let_else_of_an_element_none = let_else_of_an_element(false));

    struct Both {
        o: Option<T>,
        t: T,
    }

    /// What is borrowed of a variable's part stays in the variable.
    #[segno::coroutine]
    async fn let_else_of_a_part(both: Both, list: [Option<T>; 2], n: usize) -> u32 {
        {
            let Some(ref first) = both.o else {
                y().await;
                return u32::from(both.t.r());
            };
            y().await;
            first.r();
        }
        let Some(ref second) = list[n] else {
            y().await;
            return 2;
        };
        y().await;
        second.r().into()
    }
    dynamic_drop!(let_else_of_a_part(Both { o: Some(T("o")), t: T("t") }, [Some(T("l")), None], 0));
    dynamic_drop!(
        let_else_of_no_part = let_else_of_a_part(Both { o: Some(T("o")), t: T("t") }, [Some(T("l")), None], 1)
    );
    dynamic_drop!(let_else_of_another_part = let_else_of_a_part(Both { o: None, t: T("t") }, [Some(T("l")), None], 0));

    #[segno::coroutine]
    async fn let_else_behind_a_reference(both: &mut Both) -> u32 {
        let Some(ref mut o) = both.o else {
            y().await;
            return 1;
        };
        y().await;
        o.renamed("another").await;
        both.o = None;
        y().await;
        2
    }
    dynamic_drop!(let_else_behind_a_reference(&mut Both { o: Some(T("o")), t: T("t") }));
    dynamic_drop!(let_else_behind_a_reference_none = let_else_behind_a_reference(&mut Both { o: None, t: T("t") }));

    /// A pattern that takes nothing looks at what a box holds, and leaves it there.
    #[segno::coroutine]
    async fn looks_into_a_box(t: T) {
        let boxed = id(Box::new(Ok::<T, T>(t))).await;
        let Err(_) = *boxed else {
            log("else");
            y().await;
            return;
        };
    }
    dynamic_drop!(looks_into_a_box(T("t")));

    /// What does not match stays in the box, also if nothing but that it can be moved out shows that it is one.
    #[segno::coroutine]
    async fn moves_out_of_a_box(error: bool) -> u8 {
        let boxed = id(Box::new(if error { Err(T("error")) } else { Ok(T("ok")) })).await;
        let Err(error) = *boxed else {
            log("else");
            y().await;
            return 1;
        };
        y().await;
        error.r()
    }
    dynamic_drop!(moves_out_of_a_box(true));
    dynamic_drop!(leaves_it_in_the_box = moves_out_of_a_box(false));

    struct Held<V>(V, T);

    impl<V> std::ops::Deref for Held<V> {
        type Target = V;

        fn deref(&self) -> &V {
            &self.0
        }
    }

    /// What other pointers point to is copied: they live on.
    #[segno::coroutine]
    async fn copies_behind_a_pointer(some: bool) -> u8 {
        let held = id(Held(some.then_some(3u8), T("held"))).await;
        let Some(n) = *held else {
            log("else");
            y().await;
            return 1;
        };
        log("then");
        y().await;
        n
    }
    dynamic_drop!(copies_behind_a_pointer(true));
    dynamic_drop!(copies_nothing = copies_behind_a_pointer(false));
}
