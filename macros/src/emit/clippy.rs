//! Clippy's lints.
//!
//! What they say of the user's code, they say of the twin. A lint of a tool has rustc look through all lints, for each function: so where
//! clippy does not run, nothing is written.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

use proc_macro2::TokenStream;
use quote::quote;

/// Whether this code runs in clippy.
fn runs() -> bool {
    static RUNS: OnceLock<bool> = OnceLock::new();
    *RUNS.get_or_init(|| {
        let program = std::env::args_os().next();
        let name = program.as_ref().and_then(|program| Path::new(program).file_stem());
        // What cargo-clippy hands on, and what it starts.
        std::env::var_os("CLIPPY_ARGS").is_some() || name == Some(OsStr::new("clippy-driver"))
    })
}

/// For the function. Bounds for the frame's lifetime stand beside the user's own.
pub fn of_function() -> Option<TokenStream> {
    runs().then(|| {
        quote! {
            #[allow(clippy::multiple_bound_locations, clippy::extra_unused_lifetimes, clippy::needless_lifetimes, clippy::implied_bounds_in_impls)]
        }
    })
}

/// For the machine.
pub fn of_machine() -> Option<TokenStream> {
    runs().then(|| quote!(#[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]))
}
