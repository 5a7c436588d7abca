//! What the compiler says about wrong coroutines.
//!
//! `TRYBUILD=overwrite cargo test -p segno-tests --test ui` blesses the `.stderr` files in `ui/`.

#![cfg(feature = "ours")]

#[test]
fn errors() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}

#[test]
fn no_warnings() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
