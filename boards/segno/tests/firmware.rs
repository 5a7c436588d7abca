//! What is not in a firmware: a heap, and words that the runtime would panic with.

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSection, ObjectSymbol};
use support::{BOARDS, boards, expectations, segno, stdout};

fn elf(board: &str, program: &str) -> PathBuf {
    stdout(&segno(&["size", board, program], ""), 0);
    let (_, target) = BOARDS.iter().find(|(name, _)| *name == board).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(board);
    let folder = env::var_os("CARGO_TARGET_DIR").map_or(folder.join("target"), |target| folder.join(target));
    folder.join(target).join("release").join(program)
}

#[test]
fn no_heap_is_linked_and_no_words_to_panic_with() {
    for board in boards() {
        for (program, _) in expectations() {
            let bytes = fs::read(elf(board, &program)).unwrap();
            let elf = object::File::parse(&*bytes).unwrap();
            assert!(
                elf.symbols().any(|symbol| symbol.name().is_ok_and(|name| name.contains("EventLoop"))),
                "{program}"
            );
            for symbol in elf.symbols() {
                let name = symbol.name().unwrap();
                assert!(!name.contains("rust_alloc") && !name.contains("5alloc"), "{program} on {board} links {name}");
            }
            for section in elf.sections().filter(|section| section.address() != 0 || section.name() == Ok(".text")) {
                let text = String::from_utf8_lossy(section.data().unwrap_or_default());
                for words in ["segno/runtime/src", "was resumed after its end"] {
                    let around = text.find(words).map(|at| &text[at..(at + 60).min(text.len())]);
                    assert_eq!(around, None, "{program} on {board} has words of the runtime's");
                }
            }
        }
    }
}
