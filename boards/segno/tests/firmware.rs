//! What is not in a firmware: a heap, and words that the runtime would panic with.

mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use object::{Object, ObjectSection, ObjectSymbol};
use support::{BOARDS, boards, expectations, segno, stdout};

fn elf(board: &str, program: &str) -> PathBuf {
    stdout(&segno(&["size", board, program], ""), 0);
    let (_, target) = BOARDS.iter().find(|(name, _)| *name == board).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(board);
    let folder = env::var_os("CARGO_TARGET_DIR").map_or(folder.join("target"), |target| folder.join(target));
    folder.join(target).join("release").join(program)
}

/// rustc's own objcopy, for the host.
struct Objcopy {
    program: PathBuf,
    libraries: PathBuf,
}

impl Objcopy {
    fn find() -> Objcopy {
        let rustc = |print: &str| {
            let output = Command::new("rustc").args(["--print", print]).output().unwrap();
            PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
        };
        let program = rustc("target-libdir").with_file_name("bin").join("rust-objcopy");
        Objcopy { program, libraries: rustc("sysroot").join("lib") }
    }

    /// What it makes of the file.
    fn run(&self, options: &[&str], file: &Path, to: &Path) -> Vec<u8> {
        let mut command = Command::new(&self.program);
        command.args(options).arg(file).arg(to).env("LD_LIBRARY_PATH", &self.libraries);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(to).unwrap()
    }
}

fn has_tables(elf: &[u8]) -> bool {
    let elf = object::File::parse(elf).unwrap();
    elf.section_by_name(".debug_info").is_some_and(|section| section.size() > 0) && elf.symbols().count() > 0
}

/// `cargo segno ps` reads debug information, and symbols: neither is in the flash.
#[test]
fn a_chip_gets_the_same_bytes_with_and_without_what_ps_reads() {
    let objcopy = Objcopy::find();
    if !support::there(objcopy.program.is_file(), "rust-objcopy") {
        return;
    }
    let folder = env::temp_dir().join(format!("segno-firmware-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (bare, image) = (folder.join("bare"), folder.join("image"));
    for board in boards() {
        for (program, _) in expectations() {
            let elf = elf(board, &program);
            let stripped = objcopy.run(&["--strip-all"], &elf, &bare);
            assert!(has_tables(&fs::read(&elf).unwrap()) && !has_tables(&stripped), "{program} on {board}");
            let with = objcopy.run(&["-O", "binary"], &elf, &image);
            let without = objcopy.run(&["-O", "binary"], &bare, &image);
            assert!(with.len() > 1000 && with == without, "{program} on {board}: {} bytes", with.len());
        }
    }
    fs::remove_dir_all(&folder).unwrap();
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
