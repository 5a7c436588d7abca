//! `cargo segno size`: what a firmware needs of the chip's flash and RAM, read from its ELF file.
//!
//! Only sections that are loaded or reserved count; debug information stays on the host. What is written at run time
//! and has initial values (`.data`) is in both: its values come from flash. The stack is what RAM is left; where a linker
//! script makes a section of it, that does not count.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use object::elf::{self, SHF_ALLOC, SHF_WRITE, SHT_NOBITS};
use object::{Object, ObjectSection, SectionFlags};

use crate::Ending;
use crate::arguments::{self, SizeOptions};
use crate::boards::{BOARDS, Board};
use crate::build::{self, Firmware};
use crate::programs;
use crate::size_table::{Row, Size, Table, line};

/// Sections that take nothing: what riscv-rt and esp-hal make of the RAM that is left, and esp-hal's gap in the addresses of flash.
const RESERVES: &[&str] = &[".stack", ".heap", ".rotext_dummy"];

/// Boards with the drivers of another board, and the instruction set of one.
const ALIKE: &[&str] = &["mps2-an386", "mps2-an500", "mps2-an521", "template"];

/// Of these, and of hardware, whose HALs take long to compile.
const SAMPLE: &[&str] = &["echo"];

/// Builds the firmware and shows its sections, or all firmware in a line each.
pub(crate) fn show(options: &SizeOptions) -> Ending {
    let mut text = String::new();
    let mut status = ExitCode::SUCCESS;
    let board = options.board.as_deref().map(Board::named);
    match (board, &options.example) {
        (Some(board), Some(example)) => {
            if !board.has(example) {
                arguments::refuse(&programs::missing(example, board.name));
            }
            let sections = sections(&build::firmware_with(board, example, &options.features)?)?;
            text.push_str(&line("section", "flash", "RAM"));
            for (name, size) in &sections {
                text.push_str(&line(name, size.flash, size.ram));
            }
            let total = total(&sections);
            text.push_str(&line("total", total.flash, total.ram));
        }
        _ => {
            let table = table(board, options.sample)?;
            if options.write {
                Table::read_or_empty()?.with(&table).write()?;
            }
            text.push_str(&table.to_string());
            if options.check {
                let verdict = Table::read()?.compare(&table);
                text.push_str(&verdict.text);
                status = ExitCode::from(u8::from(verdict.failed));
            }
        }
    }
    std::io::stdout().write_all(text.as_bytes()).ok();
    Ok(status)
}

/// What all firmware takes, of this board or of all; of some, if asked for, that of [`SAMPLE`] only.
fn table(board: Option<&'static Board>, sample: bool) -> Result<Table, String> {
    let mut rows = Vec::new();
    let boards = board.map_or(BOARDS, std::slice::from_ref);
    for board in boards {
        let is_sampled = board.hardware().is_some() || ALIKE.contains(&board.name);
        let only = (sample && is_sampled).then_some(SAMPLE);
        for Firmware { program, elf } in build::all_firmware(board, only)? {
            rows.push(Row { board: board.name.into(), program, size: total(&sections(&elf)?) });
        }
    }
    Ok(Table { rows })
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
