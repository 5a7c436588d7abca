//! The number that the linker has given a build.
//!
//! It is a note, and the linker puts it into a section of notes. Some programs that flash leave notes out (`espflash`); then
//! the board's linker script puts it among other things, and only symbols say where it is: those that the firmware has it by.

use object::{Object, ObjectSection, ObjectSymbol};

const START: &str = "__segno_build_id";
const END: &str = "__segno_build_id_end";

/// The words in front of the number: the length of the name, that of the number, the kind of note, and the name, `GNU`.
const BEFORE: usize = 16;

/// The number, if there is one.
pub(super) fn find<'data>(file: &object::File<'data>) -> Option<&'data [u8]> {
    file.build_id().ok().flatten().or_else(|| behind_symbol(file))
}

fn behind_symbol<'data>(file: &object::File<'data>) -> Option<&'data [u8]> {
    let address = |name| Some(file.symbols().find(|symbol| symbol.name() == Ok(name))?.address());
    let (start, end) = (address(START)?, address(END)?);
    let section =
        file.sections().find(|section| (section.address()..section.address() + section.size()).contains(&start))?;
    let note = section.data_range(start, end.checked_sub(start)?).ok()??;
    let length = <[u8; 4]>::try_from(note.get(4..8)?).ok()?;
    let length = if file.is_little_endian() { u32::from_le_bytes(length) } else { u32::from_be_bytes(length) };
    note.get(BEFORE..)?.get(..usize::try_from(length).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[u8] = b"\0__segno_build_id\0__segno_build_id_end\0";
    const PROGBITS: u32 = 1;
    const SYMTAB: u32 = 2;
    const STRTAB: u32 = 3;
    const NOTE: u32 = 7;
    const ADDRESS: u32 = 0x3FC8_0100;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// An ELF file of a RISC-V with a section of this kind, in which is a word, and a note from there to `end`.
    fn elf(kind: u32, end: u32) -> Vec<u8> {
        let note = words(&[0, 4, 8, 3, 0x0055_4E47, 0x0403_0201, 0x0807_0605]);
        // A symbol: name, address, size, kind and section.
        let absolute = 0xFFF1 << 16;
        let end_name = START.len() as u32 + 2;
        let symbols = words(&[0, 0, 0, 0, 1, ADDRESS + 4, 0, absolute, end_name, ADDRESS + end, 0, absolute]);
        let parts = [(kind, &note[..], ADDRESS, [0, 0]), (SYMTAB, &symbols, 0, [3, 1]), (STRTAB, NAMES, 0, [0, 0])];
        let header = 52;
        let (mut contents, mut sections) = (Vec::new(), vec![0; 40]);
        for (kind, part, address, [link, info]) in parts {
            let at = header + contents.len() as u32;
            let entry = if kind == SYMTAB { 16 } else { 0 };
            sections.extend(words(&[0, kind, 2, address, at, part.len() as u32, link, info, 4, entry]));
            contents.extend(part);
        }
        let table = header + contents.len() as u32;
        let mut file = b"\x7FELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend(words(&[0x00F3_0002, 1, 0, 0, table, 0, 0x0000_0034, 40 << 16, 3 << 16 | 4]));
        [file, contents, sections].concat()
    }

    fn found(file: &[u8]) -> Option<&[u8]> {
        find(&object::File::parse(file).unwrap())
    }

    #[test]
    fn it_is_found_among_notes_and_among_other_things() {
        let id = Some(&[1, 2, 3, 4, 5, 6, 7, 8][..]);
        assert_eq!(found(&elf(PROGBITS, 28)), id);
        let mut notes = elf(NOTE, 28);
        notes.copy_within(56..80, 52); // without the word in front of it
        assert_eq!(found(&notes), id);
    }

    #[test]
    fn what_makes_no_sense_is_no_number() {
        for end in [0, 4, 8, 24, 27, 32, 1 << 20] {
            assert_eq!(found(&elf(PROGBITS, end)), None, "{end}");
        }
    }
}
