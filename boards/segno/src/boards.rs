//! The boards: those that QEMU emulates, and those that are hardware.

use std::path::{Path, PathBuf};

/// A board: a folder beside this crate's.
pub(crate) struct Board {
    /// Its folder's name.
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// rustc's name for its core.
    pub(crate) target: &'static str,
    /// What emulates it; `None` for hardware.
    pub(crate) machine: Option<Machine>,
}

/// A machine of QEMU.
pub(crate) struct Machine {
    /// Its name in QEMU.
    pub(crate) name: &'static str,
    pub(crate) emulator: Emulator,
    /// What it needs besides.
    pub(crate) options: &'static [&'static str],
    /// An instruction takes 2^shift ns in a deterministic run: the most at which the timer that counts fastest, at the
    /// machine's frequency, still resolves single instructions.
    pub(crate) shift: u32,
}

/// A program of QEMU: one for each family of processors.
pub(crate) struct Emulator {
    pub(crate) program: &'static str,
    /// Debian's package that has it.
    pub(crate) package: &'static str,
}

const ARM: Emulator = Emulator { program: "qemu-system-arm", package: "qemu-system-arm" };
const RISCV: Emulator = Emulator { program: "qemu-system-riscv32", package: "qemu-system-misc" };

/// A Cortex-M.
const fn arm(name: &'static str, shift: u32) -> Option<Machine> {
    Some(Machine { name, emulator: ARM, options: &[], shift })
}

/// Every board.
pub(crate) const BOARDS: &[Board] = &[
    Board {
        name: "lm3s6965evb",
        description: "TI Stellaris LM3S6965 evaluation board: Cortex-M3, 256 KiB flash, 64 KiB RAM (QEMU)",
        target: "thumbv7m-none-eabi",
        machine: arm("lm3s6965evb", 7),
    },
    Board {
        name: "mps2-an386",
        description: "Arm MPS2 with image AN386: Cortex-M4, 4 MiB flash, 4 MiB RAM (QEMU)",
        target: "thumbv7em-none-eabi",
        machine: arm("mps2-an386", 6),
    },
    Board {
        name: "mps2-an505",
        description: "Arm MPS2+ with image AN505: Cortex-M33, 4 MiB flash, 2 MiB RAM (QEMU)",
        target: "thumbv8m.main-none-eabi",
        machine: arm("mps2-an505", 6),
    },
    Board {
        name: "microbit",
        description: "BBC micro:bit v1, Nordic nRF51822: Cortex-M0, 256 KiB flash, 16 KiB RAM (QEMU)",
        target: "thumbv6m-none-eabi",
        machine: arm("microbit", 6),
    },
    Board {
        name: "netduinoplus2",
        description: "Netduino Plus 2, ST STM32F405: Cortex-M4, 1 MiB flash, 128 KiB RAM (QEMU)",
        target: "thumbv7em-none-eabi",
        machine: arm("netduinoplus2", 3),
    },
    Board {
        name: "riscv-virt",
        description: "QEMU's RISC-V machine `virt`: RV32IMAC, 4 MiB flash, 4 MiB RAM (QEMU)",
        target: "riscv32imac-unknown-none-elf",
        machine: Some(Machine { name: "virt", emulator: RISCV, options: &["-bios", "none"], shift: 6 }),
    },
    Board {
        name: "mps2-an500",
        description: "Arm MPS2 with image AN500: Cortex-M7, 4 MiB flash, 4 MiB RAM (QEMU)",
        target: "thumbv7em-none-eabi",
        machine: arm("mps2-an500", 6),
    },
    Board {
        name: "template",
        description: "the board to copy for one of your own: docs/new-board.md (QEMU: mps2-an385, Cortex-M3)",
        target: "thumbv7m-none-eabi",
        machine: arm("mps2-an385", 6),
    },
];

impl Board {
    /// The board with this name, which the command line has checked.
    pub(crate) fn named(name: &str) -> &'static Board {
        BOARDS.iter().find(|board| board.name == name).expect("the command line knows the boards")
    }

    /// Whether it has this program: those that need a network are not on every board.
    pub(crate) fn has(&self, program: &str) -> bool {
        let manifest = std::fs::read_to_string(self.folder().join("Cargo.toml")).unwrap_or_default();
        manifest.contains(&format!("name = \"{program}\""))
    }

    /// Where its crate is: beside this one.
    pub(crate) fn folder(&self) -> PathBuf {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here).join(self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::BOARDS;
    use crate::programs;

    /// The table here, and a board's own files, say the same.
    #[test]
    fn every_board_has_its_files() {
        for board in BOARDS {
            let read = |file: &str| {
                fs::read_to_string(board.folder().join(file))
                    .unwrap_or_else(|error| panic!("{}/{file}: {error}", board.name))
            };
            let manifest = read("Cargo.toml");
            assert!(manifest.contains(&format!("name = \"segno-{}\"", board.name)), "{}", board.name);
            for example in programs::firmware() {
                let line = format!("{{ name = \"{example}\", path = \"../programs/{example}.rs\" }}");
                assert!(manifest.contains(&line), "{} lacks {line}", board.name);
            }
            for example in programs::examples().map(|example| example.name).filter(|name| board.has(name)) {
                let Some(features) = programs::features(example) else { continue };
                let features = features.replace(',', "\", \"");
                let line = format!("path = \"../programs/{example}.rs\", required-features = [\"{features}\"] }}");
                assert!(manifest.contains(&line), "{} lacks {line}", board.name);
            }
            let config = read(".cargo/config.toml");
            assert!(config.contains(board.target), "{}: {}", board.name, board.target);
            let Some(machine) = &board.machine else { continue };
            for part in [machine.name, machine.emulator.program, &format!("shift={},", machine.shift)] {
                assert!(config.contains(part), "{}: {part}", board.name);
            }
        }
    }
}
