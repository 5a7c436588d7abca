//! What the compiler says about wrong coroutines, and about right ones that `#[segno::coroutine]` refuses.
//!
//! `TRYBUILD=overwrite cargo test -p segno-tests --test ui` blesses the `.stderr` files in `ui/` and `refused/`.

#![cfg(feature = "ours")]

/// One set, because of `pass`: it makes trybuild build instead of check, and some refusals are constant assertions
/// in the runtime, which only a build evaluates.
#[test]
fn errors() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/*.rs");
    cases.compile_fail("refused/*.rs");
}
