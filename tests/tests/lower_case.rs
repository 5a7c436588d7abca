//! Constants with names like those of variables.

#![allow(non_upper_case_globals, non_camel_case_types)]

use segno_tests::both_worlds;

#[both_worlds]
mod lower_case {
    #[segno::coroutine]
    async fn constant(x: u32) -> u32 {
        #[allow(non_upper_case_globals)]
        const one: u32 = 1;
        let a = match x {
            one => 10,
            _ => 20,
        };
        y().await;
        let b = match x {
            one => 30,
            _ => 40,
        };
        a + b
    }
    case!(constant(1));
    case!(constant_2 = constant(2));

    /// The variants of an enum that are imported.
    #[segno::coroutine]
    async fn variants(n: u32) -> u32 {
        #[allow(non_camel_case_types, dead_code)]
        #[derive(Clone, Copy)]
        enum E {
            low,
            high,
        }
        use E::*;
        let e = if n > 1 { high } else { low };
        y().await;
        let a = match e {
            low => 1,
            high => 2,
        };
        y().await;
        let b = match e {
            low => 10,
            high => 20,
        };
        let c = match e {
            high => child(100).await as u32,
            low => 50,
        };
        a + b + c
    }
    case!(variants(1));
    case!(variants_2 = variants(2));

    #[segno::coroutine]
    async fn constant_of_a_block() -> u32 {
        const fn w(n: u32) -> u32 {
            n
        }
        let mut s = 0;
        {
            #[allow(non_upper_case_globals)]
            const lo: u32 = 1;
            for i in 0..3u32 {
                y().await;
                match i {
                    lo => s += 10,
                    _ => s += w(1),
                }
            }
        }
        let lo = 5;
        y().await;
        s + lo
    }
    case!(constant_of_a_block());

    #[segno::coroutine]
    async fn constant_in_closures(n: u32) -> u32 {
        #[allow(non_upper_case_globals)]
        const lo: u32 = 1;
        y().await;
        let c = |k: u32| match k {
            lo => 10,
            _ => 20,
        };
        let d = |k: u32| if let lo = k { 1 } else { 2 };
        c(n) + d(n)
    }
    case!(constant_in_closures(1));
    case!(constant_in_closures_2 = constant_in_closures(2));
}
