//! The linker script is the HAL's, which knows the memories of the chip.

use std::env;

fn main() {
    println!("cargo:rustc-link-arg-bins=-Tlinkall.x");
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
    }
}
