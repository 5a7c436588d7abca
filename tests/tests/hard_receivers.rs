//! Last uses that look like a borrow and may be a move.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_receivers {
    #[segno::coroutine]
    async fn inherent_by_value() {
        let t = T("t");
        let _g = T("g");
        t.take();
        y().await;
        log("end");
    }
    case!(inherent_by_value());

    #[segno::coroutine]
    async fn inherent_by_reference() {
        let t = T("t");
        let _g = T("g");
        t.r();
        y().await;
        log("end");
    }
    case!(inherent_by_reference());

    #[segno::coroutine]
    async fn inherent_by_mutable_reference() {
        let mut t = T("t");
        t.rename("renamed");
        y().await;
        log("end");
    }
    case!(inherent_by_mutable_reference());

    #[segno::coroutine]
    async fn into_and_iterators() -> u32 {
        let text = "text";
        let owned: String = text.into();
        let bytes = owned.into_bytes();
        y().await;
        let numbers = vec![1u32, 2];
        let sum = numbers.into_iter().map(|n| n + 1).sum::<u32>();
        y().await;
        sum + bytes.len() as u32
    }
    case!(into_and_iterators());

    trait Finish {
        fn finish(self) -> u32;
    }

    impl Finish for T {
        fn finish(self) -> u32 {
            log("finish");
            3
        }
    }

    #[segno::coroutine]
    async fn trait_by_value_forced() -> u32 {
        let t = T("t");
        let _g = T("g");
        let n = { t }.finish();
        y().await;
        n
    }
    case!(trait_by_value_forced());

    trait Peek {
        fn peek(&self) -> u32;
    }

    impl Peek for T {
        fn peek(&self) -> u32 {
            log("peek");
            4
        }
    }

    #[segno::coroutine]
    async fn trait_by_reference() -> u32 {
        let t = T("t");
        let _g = T("g");
        let n = t.peek();
        y().await;
        n
    }
    case!(trait_by_reference());

    #[segno::coroutine]
    async fn option_methods() -> u32 {
        let a = Some(T("a"));
        let b = Some(T("b"));
        let c = Some(T("c"));
        let n = a.is_some() as u32;
        let m = b.map_or(0, |t| t.r() as u32);
        let t = c.unwrap();
        y().await;
        n + m
    }
    case!(option_methods());

    #[segno::coroutine]
    async fn on_one_path(c: bool) {
        let t = T("t");
        let _g = T("g");
        if c {
            t.take();
        } else {
            t.r();
        }
        y().await;
        log("end");
    }
    case!(on_one_path_true = on_one_path(true));
    case!(on_one_path_false = on_one_path(false));

    #[segno::coroutine]
    async fn copied_field_of_last_use() -> u32 {
        let pair = (T("kept"), 5u32);
        let n = pair.1;
        y().await;
        n
    }
    case!(copied_field_of_last_use());

    #[segno::coroutine]
    async fn reference_as_last_use(t: &mut T) -> usize {
        let r = &mut *t;
        let name = r.name().map_or(0, |name| name.len());
        y().await;
        t.rename("new");
        y().await;
        name
    }
    case!(reference_as_last_use(&mut T("t")));
}
