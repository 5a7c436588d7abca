//! `cargo segno size`: what a firmware needs of the chip's flash and RAM, read from its ELF file.
//!
//! Only sections that are loaded or reserved count; debug information stays on the host. What is written at run time
//! and has initial values (`.data`) is in both: its values come from flash. The stack is what RAM is left, and is in
//! no section.

use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::process::ExitCode;

use object::elf::{self, SHF_ALLOC, SHF_WRITE, SHT_NOBITS};
use object::{Object, ObjectSection, SectionFlags};

use crate::Ending;
use crate::arguments::SizeOptions;
use crate::boards::Board;
use crate::build;

/// Bytes of a section in flash and in RAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    flash: u64,
    ram: u64,
}

/// Builds the firmware and shows its sections.
pub(crate) fn show(options: &SizeOptions) -> Ending {
    let elf = build::firmware(Board::named(&options.board), &options.example)?;
    let bytes = fs::read(&elf).map_err(|error| format!("{}: {error}", elf.display()))?;
    let table = table(&bytes).map_err(|error| format!("{}: {error}", elf.display()))?;
    std::io::stdout().write_all(table.as_bytes()).ok();
    Ok(ExitCode::SUCCESS)
}

fn table(elf: &[u8]) -> object::Result<String> {
    let file = object::File::parse(elf)?;
    let mut total = Size { flash: 0, ram: 0 };
    let mut text = format!("{:<16} {:>9} {:>9}\n", "section", "flash", "RAM");
    let mut line = |name: &str, size: Size| {
        writeln!(text, "{name:<16} {:>9} {:>9}", size.flash, size.ram).expect("a String takes everything");
    };
    for section in file.sections() {
        let SectionFlags::Elf { sh_type, sh_flags } = section.flags() else { continue };
        let size = classify(sh_flags, sh_type == SHT_NOBITS, section.size());
        if size != (Size { flash: 0, ram: 0 }) {
            line(section.name()?, size);
            total = Size { flash: total.flash + size.flash, ram: total.ram + size.ram };
        }
    }
    line("total", total);
    Ok(text)
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
