//! Partial moves across suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_partial_moves {
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }
}
