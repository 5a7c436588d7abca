//! Tells the linker of its files; the board's build script says where they are.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-bins=--nmagic"); // sections need not start on a page of their own
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
}
