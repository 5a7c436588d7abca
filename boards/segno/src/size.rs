//! `cargo segno size`: what a firmware needs of the chip's flash and RAM, read from its ELF file.
//!
//! Only sections that are loaded or reserved count; debug information stays on the host. What is written at run time
//! and has initial values (`.data`) is in both: its values come from flash. The stack is what RAM is left; where a linker
//! script makes a section of it, that does not count.

use std::fmt::{Display, Write};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use object::elf::{self, SHF_ALLOC, SHF_WRITE, SHT_NOBITS};
use object::{Object, ObjectSection, SectionFlags};

use crate::Ending;
use crate::arguments::SizeOptions;
use crate::boards::{BOARDS, Board};
use crate::build;
use crate::programs;

/// Sections that riscv-rt and esp-hal make of the RAM that is left.
const RESERVES: &[&str] = &[".stack", ".heap"];

/// Bytes of a section in flash and in RAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    flash: u64,
    ram: u64,
}

/// Builds the firmware and shows its sections, or all firmware in a line each.
pub(crate) fn show(options: &SizeOptions) -> Ending {
    let mut text = String::new();
    match (&options.board, &options.example) {
        (Some(board), Some(example)) => {
            let sections = sections(&build::firmware(Board::named(board), example)?)?;
            line(&mut text, "section", "flash", "RAM");
            for (name, size) in &sections {
                line(&mut text, name, size.flash, size.ram);
            }
            let total = total(&sections);
            line(&mut text, "total", total.flash, total.ram);
        }
        _ => {
            line(&mut text, "board and program", "flash", "RAM");
            for board in BOARDS {
                let mut all = build::all_firmware(board)?;
                all.sort_by_key(|firmware| programs::firmware().position(|name| name == firmware.program));
                for firmware in all {
                    let total = total(&sections(&firmware.elf)?);
                    line(&mut text, &format!("{} {}", board.name, firmware.program), total.flash, total.ram);
                }
            }
        }
    }
    std::io::stdout().write_all(text.as_bytes()).ok();
    Ok(ExitCode::SUCCESS)
}

fn line(text: &mut String, name: &str, flash: impl Display, ram: impl Display) {
    writeln!(text, "{name:<24} {flash:>9} {ram:>9}").expect("a String takes everything");
}

fn total(sections: &[(String, Size)]) -> Size {
    let add = |sum: Size, (_, size): &(String, Size)| Size { flash: sum.flash + size.flash, ram: sum.ram + size.ram };
    sections.iter().fold(Size { flash: 0, ram: 0 }, add)
}

/// The sections that take something.
fn sections(elf: &Path) -> Result<Vec<(String, Size)>, String> {
    let bytes = fs::read(elf).map_err(|error| format!("{}: {error}", elf.display()))?;
    parse(&bytes).map_err(|error| format!("{}: {error}", elf.display()))
}

fn parse(elf: &[u8]) -> object::Result<Vec<(String, Size)>> {
    let mut found = Vec::new();
    for section in object::File::parse(elf)?.sections() {
        let SectionFlags::Elf { sh_type, sh_flags } = section.flags() else { continue };
        let name = section.name()?;
        let size = classify(sh_flags, sh_type == SHT_NOBITS, section.size());
        if size != (Size { flash: 0, ram: 0 }) && !RESERVES.contains(&name) {
            found.push((name.into(), size));
        }
    }
    Ok(found)
}

/// Where the bytes of a section are. `empty` sections have no bytes in the file.
fn classify(flags: elf::SectionFlags, empty: bool, size: u64) -> Size {
    match flags.contains(SHF_ALLOC) {
        false => Size { flash: 0, ram: 0 },
        true => {
            Size { flash: if empty { 0 } else { size }, ram: if empty || flags.contains(SHF_WRITE) { size } else { 0 } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_where_their_flags_say() {
        assert_eq!(classify(SHF_ALLOC, false, 10), Size { flash: 10, ram: 0 }, ".text");
        assert_eq!(classify(SHF_ALLOC | SHF_WRITE, false, 10), Size { flash: 10, ram: 10 }, ".data");
        assert_eq!(classify(SHF_ALLOC | SHF_WRITE, true, 10), Size { flash: 0, ram: 10 }, ".bss");
        assert_eq!(classify(elf::SectionFlags(0), false, 10), Size { flash: 0, ram: 0 }, ".debug_info");
    }
}
