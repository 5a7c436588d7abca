//! Items in the body.

use segno_tests::both_worlds;

#[both_worlds]
mod items {
    #[segno::coroutine]
    async fn function_in_the_body() -> u32 {
        fn helper(n: u32) -> u32 {
            log("helper");
            return n + 1;
        }
        let a = helper(child(1).await);
        y().await;
        helper(a)
    }
    case!(function_in_the_body());

    #[segno::coroutine]
    async fn function_after_its_use() -> u32 {
        let a = helper(child(1).await);
        y().await;
        return helper(a);

        fn helper(n: u32) -> u32 {
            n * 3
        }
    }
    case!(function_after_its_use());

    #[segno::coroutine]
    async fn constants_and_statics() -> u32 {
        const STEP: u32 = 3;
        static TABLE: [u32; 3] = [4, 5, 6];
        let mut sum = 0;
        for i in 0..TABLE.len() {
            sum += child(TABLE[i]).await * STEP;
        }
        {
            const LEAP: u32 = 100;
            y().await;
            sum += LEAP;
        }
        sum
    }
    case!(constants_and_statics());

    #[segno::coroutine]
    async fn types_in_the_body() -> u32 {
        #[derive(Debug, Clone, Copy)]
        struct Pair {
            a: u32,
            b: u32,
        }
        #[derive(Debug)]
        enum Choice {
            One(Pair),
            Two,
        }
        type Number = u32;
        let pair = Pair { a: child(1).await, b: 2 };
        let choice = if pair.a == 1 { Choice::One(pair) } else { Choice::Two };
        y().await;
        let n: Number = match choice {
            Choice::One(Pair { a, b }) => a + b,
            Choice::Two => 0,
        };
        y().await;
        n
    }
    case!(types_in_the_body());

    #[segno::coroutine]
    async fn imports_in_the_body() -> u32 {
        use core::cmp::max;
        let a = max(child(1).await, 3);
        {
            use core::mem::size_of as size;
            y().await;
            a + size::<u32>() as u32
        }
    }
    case!(imports_in_the_body());

    #[segno::coroutine]
    async fn coroutine_in_the_body() -> u32 {
        #[segno::coroutine]
        async fn inner(n: u32) -> u32 {
            let _g = T("inner");
            child(n).await + 1
        }
        inner(inner(1).await).await
    }
    case!(coroutine_in_the_body());

    #[segno::coroutine]
    async fn item_names_shadow_nothing(n: u32) -> u32 {
        fn n_of(x: u32) -> u32 {
            let n = x + 1;
            n
        }
        y().await;
        let m = n_of(n);
        y().await;
        n + m
    }
    case!(item_names_shadow_nothing(5));

    #[segno::coroutine]
    async fn constant_in_a_pattern_and_an_array(n: u32) -> [u8; 2] {
        const LIMIT: u32 = 2;
        const N: usize = 2;
        y().await;
        match child(n).await {
            LIMIT => [1; N],
            _ => [0; N],
        }
    }
    case!(constant_in_a_pattern_and_an_array(2));

    #[segno::coroutine]
    async fn macro_in_the_body() -> u32 {
        macro_rules! twice {
            ($n:expr) => {
                $n * 2
            };
        }
        let a = child(1).await;
        y().await;
        a + twice!(4)
    }
    case!(macro_in_the_body());

    #[segno::coroutine]
    async fn const_block(n: usize) -> usize {
        y().await;
        n + const { size_of::<u64>() }
    }
    case!(const_block(1));

    #[segno::coroutine]
    async fn impl_of_a_type_in_the_body() -> u32 {
        struct View<'a> {
            data: &'a [u32],
            at: usize,
        }
        impl View<'_> {
            fn next(&mut self) -> u32 {
                self.at += 1;
                self.data[self.at - 1]
            }
        }
        let data = [3u32, 4, 5];
        let mut view = View { data: &data, at: 0 };
        let a = view.next();
        y().await;
        let b = child(view.next()).await;
        y().await;
        a + b * 10 + view.next() * 100
    }
    case!(impl_of_a_type_in_the_body());

    #[segno::coroutine]
    async fn guard_of_the_body() {
        struct OnDrop(&'static str);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                log(self.0);
            }
        }
        let first = OnDrop("first");
        y().await;
        {
            let second = OnDrop("second");
            y().await;
        }
        core::mem::forget(first);
        y().await;
    }
    case!(guard_of_the_body());

    #[segno::coroutine]
    async fn constants_and_statics_of_one_name() -> u32 {
        const STEP: u32 = 3;
        static TABLE: [u32; 3] = [4, 5, 6];
        let mut sum = 0;
        for i in 0..TABLE.len() {
            sum += child(TABLE[i]).await * STEP;
        }
        {
            const STEP: u32 = 100;
            static TABLE: [u8; 1] = [7];
            y().await;
            sum += STEP + u32::from(TABLE[0]);
            log(format!("{STEP} {TABLE:?}"));
        }
        sum + STEP
    }
    case!(constants_and_statics_of_one_name());

    #[segno::coroutine]
    async fn imports_in_several_blocks(n: u32) -> u32 {
        if n == 0 {
            use core::cmp::max;
            child(max(1, 2)).await
        } else {
            use core::cmp::max;
            child(max(n, 2)).await
        }
    }
    case!(imports_in_several_blocks(3));

    /// The `Self` of an item inside is not the function's.
    #[segno::coroutine]
    async fn with_an_impl_inside(t: T) -> u8 {
        struct Named(T);
        impl Named {
            fn of(t: T) -> Self {
                Self(t)
            }
        }
        let named = Named::of(t);
        y().await;
        named.0.r()
    }
    case!(with_an_impl_inside(T("t")));
}
