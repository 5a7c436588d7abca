//! What the linker is to be told. Its files are those of the board.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-arg-bins=--nmagic"); // sections need not start on a page of their own
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
}
