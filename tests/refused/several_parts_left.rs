// A pattern takes one part of a structure and leaves several with destructors, and the structure is named by a path: which of the
// file's it is is not looked up. rustc's `async fn` accepts it.

use segno_tests::*;

mod parts {
    use segno_tests::T;

    #[derive(Debug)]
    pub struct Three {
        pub first: T,
        pub second: T,
        pub third: T,
    }
}

#[segno::coroutine]
async fn struct_pattern(three: parts::Three) {
    let parts::Three { first, second: _, third: _ } = three;
    y().await;
    first.r();
}

#[segno::coroutine]
async fn struct_pattern_with_rest(three: parts::Three) {
    let parts::Three { first, .. } = three;
    y().await;
    first.r();
}

fn main() {
    run(struct_pattern(parts::Three { first: T("1"), second: T("2"), third: T("3") }));
    run(struct_pattern_with_rest(parts::Three { first: T("1"), second: T("2"), third: T("3") }));
}
