//! Functions that `#[coroutine]` compiles to something else than rustc does: bugs, listed until they are mended.
//!
//! `cargo test -p segno-tests --test known_differences` shows them; a run of everything does not include them. A
//! function that is the same by now belongs into the file that its comment names.

use segno_tests::both_worlds;

#[both_worlds]
mod known_differences {
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    /// `lets.rs`. What the pattern leaves is dropped first, if the next call panics.
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

    /// `parameters.rs`. What the patterns leave is dropped before what they bind.
    #[segno::coroutine]
    async fn struct_pattern(Pair { first, second: _ }: Pair, Pair { second: x, first: _ }: Pair) {
        y().await;
        first.r();
        y().await;
        x.r();
    }
    case!(struct_pattern(Pair { first: T("1"), second: T("2") }, Pair { first: T("3"), second: T("4") }));
}
