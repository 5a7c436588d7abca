//! The build script of every board: puts the linker's files where it looks for them, and makes the table of interrupts.
//!
//! `memory.x` beside the board's `Cargo.toml` says where flash and RAM are. `interrupts.txt`, on a Cortex-M, names the
//! interrupt lines in their order, `_` for a line that does not exist. Of these names it makes `device.x`, which gives
//! each a default handler, and `interrupts.rs`, the table, for `segno_board::interrupts!()`.
//!
//! With a feature for `cargo segno ps` over a UART, the linker notes a build id, and `inspect.x` says where it is.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    println!("cargo:rerun-if-changed=memory.x");
    fs::copy("memory.x", out.join("memory.x")).expect("memory.x is beside the board's Cargo.toml");
    if Path::new("interrupts.txt").exists() {
        println!("cargo:rerun-if-changed=interrupts.txt");
        write_interrupts(&out);
    }
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=--nmagic"); // sections need not start on a page of their own
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
    }
    let inspected = ["CARGO_FEATURE_INSPECT", "CARGO_FEATURE_INSPECT_UART1"];
    if inspected.into_iter().any(|feature| env::var_os(feature).is_some()) {
        let riscv = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch.starts_with("riscv"));
        let constants = if riscv { "REGION_RODATA" } else { "FLASH" };
        fs::write(out.join("inspect.x"), INSPECT.replace("CONSTANTS", constants)).expect("OUT_DIR can be written to");
        println!("cargo:rustc-link-arg-bins=-Tinspect.x");
        println!("cargo:rustc-link-arg-bins=--build-id=fast");
    }
}

/// What may be read over a UART: RAM, and which build this is.
const INSPECT: &str = "\
__segno_ram_start = ORIGIN(RAM);
__segno_ram_end = ORIGIN(RAM) + LENGTH(RAM);
SECTIONS
{
  .note.gnu.build-id : ALIGN(4)
  {
    __segno_build_id = .;
    KEEP(*(.note.gnu.build-id));
    . = ALIGN(4);
    __segno_build_id_end = .;
  } > CONSTANTS
} INSERT AFTER .rodata;
";

fn write_interrupts(out: &Path) {
    let text = fs::read_to_string("interrupts.txt").expect("interrupts.txt is text");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let names: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let mut defaults = String::from("/* A function of one of these names takes the line over. */\n");
    for name in names.iter().filter(|name| **name != "_") {
        writeln!(defaults, "PROVIDE({name} = DefaultHandler);").expect("a String takes everything");
    }
    fs::write(out.join("device.x"), defaults).expect("OUT_DIR can be written to");
    let table = format!("segno_board::interrupt_table! {{ {} }}\n", names.join(" "));
    fs::write(out.join("interrupts.rs"), table).expect("OUT_DIR can be written to");
}
