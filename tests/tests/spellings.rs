//! How a coroutine may be spelt: `fn`, `pub`, `unsafe`, attributes, `return`.

use segno_tests::both_worlds;

#[both_worlds]
mod spellings {
    #[segno::coroutine]
    fn plain() -> u32 {
        let _g = T("g");
        child(1).await + child(2).await
    }
    case!(plain());

    #[segno::coroutine]
    fn plain_with_borrow(t: &mut T, n: u32) -> u32 {
        t.renamed("new").await;
        y().await;
        n + 1
    }
    case!(plain_with_borrow(&mut T("t"), 3));

    #[segno::coroutine]
    fn plain_without_await(t: T) -> u32 {
        log("body");
        3
    }
    case!(plain_without_await(T("t")));

    #[segno::coroutine]
    fn plain_unit() {
        y().await;
    }
    case!(plain_unit());

    #[segno::coroutine]
    fn plain_generic<X: Clone>(x: &X) -> (X, X) {
        let a = x.clone();
        y().await;
        (a, x.clone())
    }
    case!(plain_generic(&[1, 2]));

    struct Plain(u32);

    impl Plain {
        #[segno::coroutine]
        fn method(&mut self, n: u32) -> u32 {
            self.0 += child(n).await;
            self.0
        }
    }
    case!(plain_method = Plain(2).method(3));

    /// Documented, and more.
    #[segno::coroutine]
    #[must_use]
    #[inline]
    pub(crate) async fn with_attributes(#[allow(unused_variables)] n: u32) -> u32 {
        #[allow(unused_variables)]
        let a = 1;
        #[rustfmt::skip]
        y().await;
        2
    }
    case!(with_attributes(1));

    /// # Safety
    /// Any value will do.
    #[segno::coroutine]
    async unsafe fn unsafe_function(p: *const u32) -> u32 {
        y().await;
        // SAFETY: the callers pass references.
        unsafe { *p }
    }
    case!(
        unsafe_function =
            // SAFETY: it is passed a reference.
            unsafe { unsafe_function(&5) }
    );

    #[segno::coroutine]
    async fn unsafe_blocks(t: &T) -> u32 {
        let numbers = [1u32, 2];
        // SAFETY: there are two.
        let n = unsafe { *numbers.get_unchecked(1) };
        y().await;
        // SAFETY: the pointer was a reference.
        let m = unsafe {
            let p = t as *const T;
            (*p).r() as u32
        };
        y().await;
        n + m
    }
    case!(unsafe_blocks(&T("t")));

    #[segno::coroutine]
    async fn await_in_unsafe_block() -> u32 {
        // SAFETY: it is passed a reference.
        unsafe {
            let g = T("g");
            unsafe_function(&7).await + g.r() as u32
        }
    }
    case!(await_in_unsafe_block());

    #[segno::coroutine]
    async fn return_await(c: bool) -> u32 {
        let _g = T("g");
        if c {
            return child(1).await;
        }
        return child(2).await;
    }
    case!(return_await_true = return_await(true));
    case!(return_await_false = return_await(false));

    #[segno::coroutine]
    async fn return_in_every_position(n: u32) -> u32 {
        let a = if n == 0 { return 0 } else { child(n).await };
        let b = match a {
            1 => {
                return {
                    y().await;
                    1
                };
            }
            m => m,
        };
        let t = T("t");
        child(if b == 2 { return 2 } else { b }).await;
        let c = (t.r() as u32, if b == 3 { return 3 } else { child(10).await });
        while a > 0 {
            if a == 4 {
                return a;
            }
            y().await;
            return log_and(c.0, if a == 5 { return 5 } else { 6 });
        }
        7
    }
    fn log_and(a: u32, b: u32) -> u32 {
        log(format!("{a} {b}"));
        b
    }
    case!(return_0 = return_in_every_position(0));
    case!(return_1 = return_in_every_position(1));
    case!(return_2 = return_in_every_position(2));
    case!(return_3 = return_in_every_position(3));
    case!(return_4 = return_in_every_position(4));
    case!(return_5 = return_in_every_position(5));
    case!(return_6 = return_in_every_position(6));

    #[segno::coroutine]
    async fn return_without_value(c: bool) {
        let _g = T("g");
        y().await;
        if c {
            return;
        }
        y().await;
        return ();
    }
    case!(return_without_value_true = return_without_value(true));
    case!(return_without_value_false = return_without_value(false));

    #[segno::coroutine]
    async fn unreachable_after_return() -> u32 {
        y().await;
        return 1;
        y().await;
        2
    }
    case!(unreachable_after_return());

    #[segno::coroutine]
    async fn r#raw(r#type: u32) -> u32 {
        let r#match = r#type + child(1).await;
        y().await;
        r#match
    }
    case!(raw_identifiers = r#raw(4));
}
