//! Has the runtime's source use the atomics that interrupts come between.

fn main() {
    println!("cargo::rustc-cfg=loom");
    println!("cargo::rerun-if-changed=build.rs");
}
