//! Blocks that end the body: the temporaries of their last expression outlive the variables of both, those of a branch do not.

use segno_tests::both_worlds;

#[both_worlds]
mod tails_of_the_body {
    #[segno::coroutine]
    async fn a_block(p: T) -> u8 {
        let _g = T("g");
        {
            y().await;
            let _a = T("a");
            T("s").r()
        }
    }
    case!(a_block(T("p")));

    #[segno::coroutine]
    async fn what_is_left_of_a_value() -> T {
        let _g = T("g");
        {
            let a = {
                y().await;
                T("a")
            };
            (a, T("s")).1
        }
    }
    case!(what_is_left_of_a_value());

    #[segno::coroutine]
    async fn a_block_in_a_block(c: bool) -> u8 {
        let _g = T("g");
        // SAFETY: nothing in it is unsafe.
        unsafe {
            y().await;
            let _a = T("a");
            'all: {
                let _b = T("b");
                if c {
                    break 'all 4;
                }
                y().await;
                T("s").r()
            }
        }
    }
    case!(a_block_in_a_block(true));
    case!(a_block_in_a_block_to_its_end = a_block_in_a_block(false));

    /// The branch that does not suspend.
    #[segno::coroutine]
    async fn a_branch(c: bool) -> u8 {
        let _g = T("g");
        if c {
            y().await;
            T("s").r()
        } else {
            T("t").r()
        }
    }
    case!(a_branch(true));
    case!(the_other_branch = a_branch(false));

    #[segno::coroutine]
    async fn a_branch_with_variables(n: u32) -> u8 {
        let _g = T("g");
        if n == 0 {
            y().await;
            3
        } else if n == 1 {
            let _k = T("k");
            T("s").r()
        } else {
            let _k = T("k");
            T("t").r()
        }
    }
    case!(a_branch_with_variables(0));
    case!(a_branch_with_variables_one = a_branch_with_variables(1));
    case!(a_branch_with_variables_two = a_branch_with_variables(2));

    /// Without a semicolon, a `return` is a last expression as others are.
    #[rustfmt::skip]
    #[segno::coroutine]
    async fn a_return() -> u8 {
        let _g = T("g");
        y().await;
        return T("s").r()
    }
    case!(a_return());

    #[rustfmt::skip]
    #[segno::coroutine]
    async fn a_return_in_a_block() -> Option<u8> {
        let _g = T("g");
        {
            y().await;
            let _a = T("a");
            return Some(Some(T("s")).as_ref()?.r())
        }
    }
    case!(a_return_in_a_block());

    #[rustfmt::skip]
    #[segno::coroutine]
    async fn a_return_in_a_loop(c: bool) -> u8 {
        let _g = T("g");
        loop {
            y().await;
            let _a = T("a");
            if c {
                return T("s").r();
            }
            return T("t").r()
        }
    }
    case!(a_return_in_a_loop(true));
    case!(a_return_in_a_loop_at_its_end = a_return_in_a_loop(false));

    fn first(a: T, _: T) -> T {
        a
    }

    /// What has been awaited is an operand when a later one leaves a temporary: if that panics, it is dropped before the variables.
    #[segno::coroutine]
    async fn an_operand_before_a_temporary(n: u8) -> T {
        let _g = T("g");
        first(id(T("awaited")).await, (T("part"), T("rest").r() + n).0)
    }
    case!(an_operand_before_a_temporary(1));

    #[segno::coroutine]
    async fn a_receiver_before_a_temporary(t: T) -> Option<T> {
        let _g = T("g");
        Some(id(Some(T("awaited"))).await.unwrap_or((T("part"), t.r()).0))
    }
    case!(a_receiver_before_a_temporary(T("t")));

    #[segno::coroutine]
    async fn elements_before_a_temporary(t: T) -> (T, u8, T) {
        let _g = T("g");
        let _h = {
            let _i = T("i");
            (id(T("first")).await, *temporary("temporary", t.r().into()), id(T("last")).await)
        };
        (id(T("awaited")).await, T("other").r(), (T("part"), t.r()).0)
    }
    case!(elements_before_a_temporary(T("t")));

    fn calling(t: T) -> impl Fn(T) -> u8 {
        move |u| t.r() + u.r()
    }

    /// What is called is referred to: it is a temporary.
    #[segno::coroutine]
    async fn a_callee_before_a_temporary(t: T) -> u8 {
        let _g = T("g");
        id(calling(T("called"))).await((T("part"), t.r()).0)
    }
    case!(a_callee_before_a_temporary(T("t")));
}
