//! Items beside variables of their names, and types that get other names.

use segno_tests::both_worlds;

#[both_worlds]
mod beside_items {
    /// An import of a module hides no variable.
    #[segno::coroutine]
    async fn module_and_variable() -> u32 {
        let iter = [1u32, 2].into_iter();
        y().await;
        let n = {
            use core::iter;
            let mut n = 0;
            for i in iter.chain(iter::once(4)) {
                n += i;
                y().await;
            }
            n
        };
        n
    }
    case!(module_and_variable());

    #[segno::coroutine]
    async fn module_and_later_variable() -> u32 {
        let time = child(3).await;
        y().await;
        let n = {
            use core::time;
            let d = time::Duration::from_secs(time as u64);
            y().await;
            d.as_secs() as u32
        };
        n + time
    }
    case!(module_and_later_variable());

    /// A function that is mentioned with types.
    #[segno::coroutine]
    async fn function_with_types(n: u32) -> u32 {
        fn size<X>() -> u32 {
            core::mem::size_of::<X>() as u32
        }
        let mut s = 0;
        for _ in 0..2 {
            let size = match n {
                1 => {
                    y().await;
                    size::<u32>()
                }
                _ => {
                    y().await;
                    size::<u8>()
                }
            };
            y().await;
            s += size;
        }
        s
    }
    case!(function_with_types(1));
    case!(function_with_types_2 = function_with_types(2));

    /// What `derive(Debug)` shows.
    #[segno::coroutine]
    async fn shown_associated_type() -> u32 {
        #[derive(Debug)]
        struct Foo(u32);
        let a = Foo(1);
        y().await;
        let b = {
            #[derive(Debug, Default)]
            struct Foo<I: Iterator> {
                x: I::Item,
                y: Option<I::Item>,
            }
            y().await;
            format!("{:?}", Foo::<core::ops::Range<u32>> { x: 1, y: None })
        };
        log(b);
        log(format!("{:?}", a));
        1
    }
    case!(shown_associated_type());

    #[segno::coroutine]
    async fn shown_packed_structure() -> u32 {
        #[derive(Debug, Clone, Copy)]
        struct Foo(u32);
        let a = Foo(1);
        y().await;
        let b = {
            #[derive(Debug, Clone, Copy)]
            #[repr(packed)]
            struct Foo {
                x: u8,
                z: u32,
            }
            y().await;
            format!("{:?}", Foo { x: 1, z: 2 })
        };
        log(b);
        log(format!("{:?}", a));
        1
    }
    case!(shown_packed_structure());
}
