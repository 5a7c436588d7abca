//! Functions that `#[coroutine]` compiles to something else than rustc does: bugs, listed until they are mended.
//!
//! `cargo test -p segno-tests --test known_differences` shows them; a run of everything does not include them. A
//! function that is the same by now belongs into the file that its comment names.

use segno_tests::both_worlds;

#[both_worlds]
mod known_differences {
    /// `temporaries.rs`. Operands that wait are dropped before the temporaries of the statement.
    #[segno::coroutine]
    async fn operand_before_a_temporary() {
        let _pair = (T("first"), T("temporary").a().await);
    }
    case!(operand_before_a_temporary());

    /// `lets.rs`. One part is borrowed across a suspension, the other is not.
    #[segno::coroutine]
    async fn parts_of_a_tuple() {
        let whole = (T("1"), T("2"));
        let (first, second) = whole;
        y().await;
        {
            let r = &first;
            y().await;
            r.r();
        }
        drop(second);
    }
    case!(parts_of_a_tuple());
}
