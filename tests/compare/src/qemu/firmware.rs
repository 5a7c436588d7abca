//! The programs: building them, and their sizes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, path};

use object::elf::{SHF_ALLOC, SHF_WRITE, SHT_NOBITS};
use object::read::elf::{ElfFile32, SectionHeader};
use object::{Endianness, Object, ObjectSection};

/// A program that has been built.
pub struct Firmware {
    /// `udp` or `tcp`.
    pub kind: &'static str,
    pub elf: PathBuf,
}

/// What a program takes, in bytes.
pub struct Size {
    pub flash: u64,
    /// Without the stack.
    pub ram: u64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware")
}

impl Firmware {
    /// Builds it, as `cargo build` does in its folder, and keeps it: the other kind would take its place.
    pub fn build(program: &str, kind: &'static str) -> Firmware {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| folder().join("target"), PathBuf::from);
        let target = path::absolute(target).expect("this process has a folder");
        let mut command = Command::new("cargo");
        if let Ok(toolchain) = env::var("SEGNO_FIRMWARE_TOOLCHAIN") {
            command.env_remove("RUSTUP_TOOLCHAIN").arg(format!("+{toolchain}"));
        }
        command.args(["build", "--quiet", "--locked", "--release", "--features", kind, "--bin", program]);
        let status =
            command.current_dir(folder()).env("CARGO_TARGET_DIR", &target).status().expect("cargo is installed");
        assert!(status.success(), "{program} does not build for {kind}");
        let built = target.join("thumbv7em-none-eabi/release").join(program);
        let elf = built.with_file_name(format!("{program}-{kind}"));
        fs::copy(built, &elf).expect("cargo has built it");
        Firmware { kind, elf }
    }

    /// What its sections take: what has initial values is in both.
    pub fn size(&self) -> Size {
        let data = fs::read(&self.elf).expect("it has been built");
        let file = ElfFile32::<Endianness>::parse(&*data).expect("an ELF file");
        let mut size = Size { flash: 0, ram: 0 };
        for section in file.sections() {
            let header = section.elf_section_header();
            let flags = header.sh_flags(Endianness::Little).0;
            if flags & SHF_ALLOC.0 != 0 {
                size.ram += if flags & SHF_WRITE.0 != 0 { section.size() } else { 0 };
                size.flash += if header.sh_type(Endianness::Little) != SHT_NOBITS { section.size() } else { 0 };
            }
        }
        size
    }
}

/// What is compared, in which version: from the lock file.
pub fn versions() -> String {
    let lock = fs::read_to_string(folder().join("Cargo.lock")).expect("the firmware has a lock file");
    let mut found = Vec::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("name = ").map(|name| name.trim_matches('"')) else { continue };
        if ["embassy-executor", "embassy-net", "embassy-time", "smoltcp"].contains(&name) {
            let version = lines.next().and_then(|line| line.strip_prefix("version = ")).unwrap_or("?");
            found.push(format!("{name} {}", version.trim_matches('"')));
        }
    }
    format!("{} (embassy-net has the older one)", found.join(", "))
}
