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

/// Items of one name in several blocks, or whose name means something else outside of their block.
#[both_worlds]
mod items_of_one_name {
    fn twice(n: u32) -> u32 {
        n * 2
    }

    const LIMIT: u32 = 1000;

    #[derive(Debug)]
    enum Choice {
        First,
        Other(u32),
    }

    #[segno::coroutine]
    async fn functions_that_use_constants(n: u32) -> u32 {
        let a = {
            const K: u32 = 1;
            fn go(x: u32) -> u32 {
                x + K
            }
            y().await;
            go(n)
        };
        let b = {
            const K: u32 = TWICE / 2;
            const TWICE: u32 = 4;
            fn go(x: u32) -> u32 {
                x + K
            }
            let list = [0u8; K as usize];
            y().await;
            go(n) + list.len() as u32
        };
        a * 10 + b
    }
    case!(functions_that_use_constants(3));

    #[segno::coroutine]
    async fn in_branches(n: u32) -> u32 {
        if n > 2 {
            fn go(x: u32) -> u32 {
                x + LIMIT
            }
            const LIMIT: u32 = 2;
            return go(child(n).await);
        }
        let mut sum = LIMIT;
        for i in 0..n {
            match i {
                0 => {
                    const STEP: u32 = 4;
                    sum += child(STEP).await;
                }
                _ => {
                    const STEP: u32 = 8;
                    fn step() -> u32 {
                        STEP
                    }
                    sum += step() + child(n).await;
                }
            }
        }
        sum
    }
    case!(in_branches(3));
    case!(in_branches_2 = in_branches(2));

    /// The module's function is meant outside of the block.
    #[segno::coroutine]
    async fn function_of_the_module(n: u32) -> u32 {
        let a = twice(n);
        {
            fn twice(n: u32) -> u32 {
                n * 200
            }
            y().await;
            log(format!("{} {LIMIT}", twice(n)));
        }
        y().await;
        a + twice(n) * 100
    }
    case!(function_of_the_module(3));

    #[segno::coroutine]
    async fn type_of_the_module(n: u32, choice: Choice) -> u32 {
        if n > 2 {
            enum Choice {
                First,
                Second,
            }
            let choice = if n > 3 { Choice::Second } else { Choice::First };
            y().await;
            return choice as u32;
        }
        y().await;
        match choice {
            Choice::First => 7,
            Choice::Other(n) => n,
        }
    }
    case!(type_of_the_module(3, Choice::First));
    case!(other_of_the_module = type_of_the_module(1, Choice::Other(5)));

    /// Parameters, variables and items inside of an item are its own.
    #[segno::coroutine]
    async fn shadowed_in_items(n: u32) -> u32 {
        let go = |x: u32| x + 1000;
        let a = go(n);
        let b = {
            const OFFSET: u32 = 3;
            fn go(x: u32) -> u32 {
                x + OFFSET
            }
            fn other(go: u32) -> u32 {
                fn inner() -> u32 {
                    const OFFSET: u32 = 50;
                    OFFSET
                }
                go + OFFSET + inner()
            }
            fn generic<const OFFSET: u32>() -> u32 {
                OFFSET
            }
            y().await;
            let x = go(n) + other(n) + generic::<OFFSET>();
            let go = go(2);
            y().await;
            match go {
                OFFSET => x,
                _ => x + go,
            }
        };
        const OFFSET: u32 = 70;
        y().await;
        assert!(matches!(b, 0..=OFFSET), "{OFFSET}");
        a + b + go(OFFSET)
    }
    case!(shadowed_in_items(3));

    #[segno::coroutine]
    async fn structures(n: u32) -> u32 {
        let a = {
            #[derive(Debug, Clone, PartialEq, Default)]
            struct Step<X>(X)
            where
                X: Copy;
            impl<X: Copy + Into<u32>> Step<X> {
                fn length(&self) -> u32 {
                    self.0.into()
                }
            }
            y().await;
            log(format!("{:?} {:#?}", Step(n), Step::<u8>::default()));
            Step(n).length()
        };
        let b = {
            #[derive(Debug)]
            struct Step {
                length: u32,
                r#type: Option<Box<Step>>,
            }
            let step = Step { length: n, r#type: Some(Box::new(Step { length: 2, r#type: None })) };
            y().await;
            let Step { length, .. } = &step;
            log(format!("{step:?} {length} {:#?}", step.r#type));
            *length
        };
        let c = {
            #[derive(Debug, Clone, Copy)]
            struct Step;
            y().await;
            format!("{Step:?}").len() as u32
        };
        a * 100 + b * 10 + c
    }
    case!(structures(3));

    #[segno::coroutine]
    async fn variants(n: u32) -> u32 {
        let a = {
            enum Step {
                Up,
                Down(u32),
            }
            use Step::*;
            y().await;
            match if n > 2 { Up } else { Down(n) } {
                Up => 1,
                Down(n) => n,
            }
        };
        let b = {
            enum Step {
                Up,
                Down(u32),
                Stay,
            }
            use Step::*;
            y().await;
            match if n > 2 { Stay } else { Down(n) } {
                Up => 1,
                Down(n) => n + 10,
                Stay => 4,
            }
        };
        a * 100 + b
    }
    case!(variants(3));
    case!(variants_1 = variants(1));

    #[segno::coroutine]
    async fn traits(n: u32) -> u32 {
        let a = {
            trait Area {
                const SIDES: u32;
                fn area(&self) -> u32;
            }
            impl Area for u32 {
                const SIDES: u32 = 4;
                fn area(&self) -> u32 {
                    self * self
                }
            }
            fn all<A: Area>(of: &[A]) -> u32 {
                of.iter().map(A::area).sum::<u32>() + <A as Area>::SIDES
            }
            y().await;
            all(&[n, 2])
        };
        let b = {
            trait Area {
                fn area(self) -> u32;
            }
            impl Area for &str {
                fn area(self) -> u32 {
                    self.len() as u32
                }
            }
            y().await;
            "four".area()
        };
        a * 100 + b
    }
    case!(traits(3));

    #[segno::coroutine]
    async fn imports_of_one_name(n: u32) -> u32 {
        let mut sum = 0;
        {
            use std::fmt::Write;
            let mut text = String::new();
            write!(text, "{n}").unwrap();
            y().await;
            sum += text.len() as u32;
        }
        {
            use std::io::Write;
            let mut text = Vec::new();
            write!(text, "{n}{n}").unwrap();
            y().await;
            sum += text.len() as u32;
        }
        let a = {
            use core::cmp::max as most;
            y().await;
            most(n, 2)
        };
        let b = {
            use core::cmp::min as most;
            use core::mem::{self, size_of};
            y().await;
            most(n, 2) + mem::size_of::<u64>() as u32 + size_of::<u8>() as u32
        };
        let c = {
            use core::mem;
            y().await;
            mem::size_of::<u16>() as u32
        };
        sum * 1000 + a * 100 + b * 10 + c
    }
    case!(imports_of_one_name(3));

    #[segno::coroutine]
    async fn imports_of_everything(choice: Choice) -> u32 {
        let a = {
            use Choice::*;
            y().await;
            match &choice {
                First => 1,
                Other(n) => *n,
            }
        };
        let b = {
            use Choice::*;
            use std::collections::*;
            let map = BTreeMap::from([(a, 7)]);
            y().await;
            match choice {
                First => map[&a],
                Other(n) => n * 10,
            }
        };
        a + b + twice(LIMIT)
    }
    case!(imports_of_everything(Choice::First));

    #[segno::coroutine]
    async fn made_by_macros(n: u32) -> u32 {
        {
            thread_local! {
                static COUNT: core::cell::Cell<u32> = const { core::cell::Cell::new(1) };
            }
            COUNT.set(n);
            y().await;
            log(format!("{}", COUNT.get()));
        }
        thread_local! {
            static COUNT: core::cell::Cell<u8> = const { core::cell::Cell::new(1) };
        }
        COUNT.set(7);
        y().await;
        macro_rules! constant {
            ($name:ident, $value:expr) => {
                const $name: u32 = $value;
            };
        }
        constant!(STEP, 3);
        let a = {
            constant!(STEP, 30);
            y().await;
            STEP
        };
        a + STEP + u32::from(COUNT.get())
    }
    case!(made_by_macros(5));
}

/// `macro_rules!` in the body.
#[both_worlds]
mod macros_of_the_body {
    #[segno::coroutine]
    async fn naming_variables(n: u32, mut t: T) -> u32 {
        let mut total = 0;
        macro_rules! bump {
            () => {
                total += n
            };
            ($by:expr) => {
                total += $by
            };
        }
        bump!();
        y().await;
        bump!(4);
        macro_rules! rename {
            () => {
                t.rename("u")
            };
        }
        rename!();
        t.a().await;
        bump!(total);
        total
    }
    case!(naming_variables(3, T("t")));

    #[segno::coroutine]
    async fn naming_a_variable_of_its_name(n: u32) -> u32 {
        let mut total = 0;
        macro_rules! total {
            () => {
                total
            };
        }
        y().await;
        total!() += n;
        y().await;
        total!()
    }
    case!(naming_a_variable_of_its_name(3));

    #[segno::coroutine]
    async fn of_one_name(n: u32) -> u32 {
        macro_rules! m {
            ($e:expr) => {
                $e + 1
            };
        }
        let a = m!(n);
        y().await;
        macro_rules! m {
            ($e:expr) => {
                $e * 2
            };
        }
        let b = m!(n);
        {
            macro_rules! m {
                ($e:expr) => {
                    $e * 7
                };
            }
            y().await;
            if m!(n) > 9 {
                return m!(b);
            }
        }
        a + b + m!(a)
    }
    case!(of_one_name(3));
    case!(of_one_name_1 = of_one_name(1));

    #[segno::coroutine]
    async fn one_using_the_other(n: u32) -> u32 {
        let low = 2;
        macro_rules! most {
            ($a:expr) => { $a };
            ($a:expr, $($rest:expr),+) => {{
                let a = $a;
                let b = most!($($rest),+);
                if a > b { a } else { b }
            }};
        }
        macro_rules! at_least {
            ($a:expr) => { if $a < low { low } else { most!($a, low) } };
            ($a:expr, $($rest:expr),*) => { at_least!($a) + at_least!($($rest),*) };
        }
        y().await;
        let all = vec![at_least!(n), at_least!(1, 2, n)];
        y().await;
        log(format!("{} {all:?}", at_least!(n + 1)));
        fn inner() -> u32 {
            most!(1, 9)
        }
        inner() + most!(all[0], all[1])
    }
    case!(one_using_the_other(3));

    /// An item in a macro is the one where the macro is used; a text in it captures variables.
    #[segno::coroutine]
    async fn naming_items(n: u32) -> u32 {
        macro_rules! show {
            ($row:expr) => {
                log(format!("{n} {:?} {}", $row, LIMIT))
            };
        }
        macro_rules! limit {
            () => {
                Some(LIMIT)
            };
        }
        macro_rules! row {
            () => {
                Row
            };
        }
        let mut total = 0;
        for i in 0..n {
            if i == 0 {
                const LIMIT: u32 = 0;
                #[derive(Debug)]
                struct Row {
                    a: u32,
                }
                let row: row!() = Row { a: 1 };
                y().await;
                show!(row);
                if let limit!() = Some(i) {
                    total += row.a;
                }
            } else {
                const LIMIT: u32 = 2;
                #[derive(Debug)]
                struct Row {
                    b: u32,
                }
                let row: row!() = Row { b: 10 };
                y().await;
                show!(row);
                match Some(i) {
                    limit!() => total += row.b,
                    _ => total += 100,
                }
            }
        }
        total
    }
    case!(naming_items(4));

    /// What a macro declares is its own.
    #[segno::coroutine]
    async fn declaring_variables(n: u32) -> u32 {
        let x = 7;
        macro_rules! pick {
            (own $e:expr) => {{
                let x = $e;
                x * 2
            }};
            ($a:ident in $b:expr) => {
                (0..$b).map(|$a| $a + x).sum::<u32>()
            };
            ($p:pat => $e:expr) => {
                match n {
                    $p => $e,
                    _ => x,
                }
            };
        }
        y().await;
        let a = pick!(own n + x);
        let b = pick!(i in n);
        y().await;
        a * 10000 + b * 100 + pick!(3 | 4 => a) + pick!(z @ 5..=6 => z)
    }
    case!(declaring_variables(3));
    case!(declaring_variables_5 = declaring_variables(5));
}
