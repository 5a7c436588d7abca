//! The linker script is the HAL's, which knows the memories of the chip.
//!
//! With the feature `inspect`, the linker notes a build id, and `inspect.x` says where it is.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo:rustc-link-arg-bins=-Tlinkall.x");
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo:rustc-link-arg-bins=-Tdefmt.x");
    }
    if env::var_os("CARGO_FEATURE_INSPECT").is_some() {
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
        fs::write(out.join("inspect.x"), INSPECT).expect("OUT_DIR can be written to");
        println!("cargo:rustc-link-search={}", out.display());
        println!("cargo:rustc-link-arg-bins=-Tinspect.x");
        println!("cargo:rustc-link-arg-bins=--build-id=fast");
    }
}

/// What may be read over a UART: RAM, and which build this is. That is in RAM too, because the HAL's script counts what is in
/// flash by the names of its own sections.
const INSPECT: &str = "\
__segno_ram_start = ORIGIN(DRAM);
__segno_ram_end = ORIGIN(DRAM) + LENGTH(DRAM);
SECTIONS
{
  .segno.build_id : ALIGN(4)
  {
    KEEP(*(.segno.flashed));
    __segno_build_id = .;
    KEEP(*(.note.gnu.build-id));
    . = ALIGN(4);
    __segno_build_id_end = .;
  } > RWDATA
} INSERT AFTER .data;
";
