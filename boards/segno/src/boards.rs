//! The boards: those that QEMU emulates, and those that are hardware.

use std::path::{Path, PathBuf};

/// A board: a folder beside this crate's.
pub(crate) struct Board {
    /// Its folder's name.
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// rustc's name for its core.
    pub(crate) target: &'static str,
    pub(crate) place: Place,
}

/// Where its firmware runs.
pub(crate) enum Place {
    Qemu(Machine),
    Hardware(Hardware),
}

/// A board that one can hold in one's hand.
pub(crate) struct Hardware {
    pub(crate) flasher: Flasher,
    /// The flasher's name for the chip.
    pub(crate) chip: &'static str,
    /// What programs find on it.
    pub(crate) parts: &'static str,
}

/// A program that writes firmware into a chip's flash, starts it, and shows what it says.
pub(crate) struct Flasher {
    pub(crate) program: &'static str,
    /// What stands before the chip's name.
    pub(crate) arguments: &'static [&'static str],
    /// How to get it.
    pub(crate) install: &'static str,
}

const PROBE_RS: Flasher =
    Flasher { program: "probe-rs", arguments: &["run", "--chip"], install: "cargo install probe-rs-tools --locked" };

const ESPFLASH: Flasher = Flasher {
    program: "espflash",
    arguments: &["flash", "--monitor", "--chip"],
    install: "cargo install espflash --locked",
};

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
const fn arm(name: &'static str, shift: u32) -> Place {
    Place::Qemu(Machine { name, emulator: ARM, options: &[], shift })
}

/// A chip that a debug probe reaches.
const fn probed(chip: &'static str, parts: &'static str) -> Place {
    Place::Hardware(Hardware { flasher: PROBE_RS, chip, parts })
}

/// Every board.
pub(crate) const BOARDS: &[Board] = &[
    Board {
        name: "lm3s6965evb",
        description: "TI Stellaris LM3S6965 evaluation board: Cortex-M3, 256 KiB flash, 64 KiB RAM",
        target: "thumbv7m-none-eabi",
        place: arm("lm3s6965evb", 7),
    },
    Board {
        name: "mps2-an386",
        description: "Arm MPS2 with image AN386: Cortex-M4, 4 MiB flash, 4 MiB RAM",
        target: "thumbv7em-none-eabi",
        place: arm("mps2-an386", 6),
    },
    Board {
        name: "mps2-an505",
        description: "Arm MPS2+ with image AN505: Cortex-M33, 4 MiB flash, 2 MiB RAM",
        target: "thumbv8m.main-none-eabi",
        place: arm("mps2-an505", 6),
    },
    Board {
        name: "microbit",
        description: "BBC micro:bit v1, Nordic nRF51822: Cortex-M0, 256 KiB flash, 16 KiB RAM",
        target: "thumbv6m-none-eabi",
        place: arm("microbit", 6),
    },
    Board {
        name: "netduinoplus2",
        description: "Netduino Plus 2, ST STM32F405: Cortex-M4, 1 MiB flash, 128 KiB RAM",
        target: "thumbv7em-none-eabi",
        place: arm("netduinoplus2", 3),
    },
    Board {
        name: "riscv-virt",
        description: "QEMU's RISC-V machine `virt`: RV32IMAC, 4 MiB flash, 4 MiB RAM",
        target: "riscv32imac-unknown-none-elf",
        place: Place::Qemu(Machine { name: "virt", emulator: RISCV, options: &["-bios", "none"], shift: 6 }),
    },
    Board {
        name: "mps2-an500",
        description: "Arm MPS2 with image AN500: Cortex-M7, 4 MiB flash, 4 MiB RAM",
        target: "thumbv7em-none-eabi",
        place: arm("mps2-an500", 6),
    },
    Board {
        name: "mps2-an521",
        description: "Arm MPS2+ with image AN521: two Cortex-M33, 4 MiB flash, 2 MiB RAM",
        target: "thumbv8m.main-none-eabi",
        place: arm("mps2-an521", 6),
    },
    Board {
        name: "template",
        description: "the board to copy for one of your own: docs/new-board.md (QEMU: mps2-an385, Cortex-M3)",
        target: "thumbv7m-none-eabi",
        place: arm("mps2-an385", 6),
    },
    Board {
        name: "microbit-v2",
        description: "BBC micro:bit v2, Nordic nRF52833: Cortex-M4, 512 KiB flash, 128 KiB RAM",
        target: "thumbv7em-none-eabihf",
        place: probed("nRF52833_xxAA", "LED, button A, UART over USB, debug probe"),
    },
    Board {
        name: "stm32f4",
        description: "ST Nucleo-F411RE, STM32F411: Cortex-M4, 512 KiB flash, 128 KiB RAM",
        target: "thumbv7em-none-eabihf",
        place: probed("STM32F411RETx", "LED, button, UART over USB, debug probe"),
    },
    Board {
        name: "pico",
        description: "Raspberry Pi Pico, RP2040: two Cortex-M0+, 2 MiB flash, 264 KiB RAM",
        target: "thumbv6m-none-eabi",
        place: probed("RP2040", "LED, button at GP15, UART at GP0 and GP1, second core; a debug probe is needed"),
    },
    Board {
        name: "pico2",
        description: "Raspberry Pi Pico 2, RP2350: two Cortex-M33, 4 MiB flash, 520 KiB RAM",
        target: "thumbv8m.main-none-eabihf",
        place: probed("RP235x", "LED, button at GP15, UART at GP0 and GP1, second core; a debug probe is needed"),
    },
    Board {
        name: "esp32c3",
        description: "boards with Espressif's ESP32-C3: RV32IMC, 4 MiB flash, 400 KiB RAM",
        target: "riscv32imc-unknown-none-elf",
        place: Place::Hardware(Hardware {
            flasher: ESPFLASH,
            chip: "esp32c3",
            parts: "LED at GPIO7, button BOOT, UART over USB",
        }),
    },
];

/// A program of a board.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bin {
    pub(crate) name: String,
    /// The features of the board that it needs.
    pub(crate) features: Vec<String>,
}

impl Bin {
    /// Reads a line of a board's manifest: `{ name = "ntp", path = "…", required-features = ["udp", "dns"] },`.
    fn parse(line: &str) -> Option<Bin> {
        let (name, rest) = line.trim_start().strip_prefix("{ name = \"")?.split_once('"')?;
        let features = rest.split_once("required-features = [").and_then(|(_, list)| list.split_once(']'));
        let features = features.map_or("", |(list, _)| list).split_terminator(',');
        Some(Bin { name: name.into(), features: features.map(|name| name.trim().trim_matches('"').into()).collect() })
    }
}

impl Board {
    /// The board with this name, which the command line has checked.
    pub(crate) fn named(name: &str) -> &'static Board {
        BOARDS.iter().find(|board| board.name == name).expect("the command line knows the boards")
    }

    /// What emulates it, if anything does.
    pub(crate) fn machine(&self) -> Option<&Machine> {
        match &self.place {
            Place::Qemu(machine) => Some(machine),
            Place::Hardware(_) => None,
        }
    }

    /// What it is, if it is hardware.
    pub(crate) fn hardware(&self) -> Option<&Hardware> {
        match &self.place {
            Place::Qemu(_) => None,
            Place::Hardware(hardware) => Some(hardware),
        }
    }

    /// Every program that it has, in the order of its manifest: those that need a network or a second core are not on every
    /// board.
    pub(crate) fn bins(&self) -> Vec<Bin> {
        let manifest = std::fs::read_to_string(self.folder().join("Cargo.toml")).unwrap_or_default();
        manifest.lines().filter_map(Bin::parse).collect()
    }

    /// The program with this name, if it has that.
    pub(crate) fn bin(&self, name: &str) -> Option<Bin> {
        self.bins().into_iter().find(|bin| bin.name == name)
    }

    /// Whether it has this program.
    pub(crate) fn has(&self, program: &str) -> bool {
        self.bin(program).is_some()
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

    use super::{BOARDS, Bin, Hardware, Place};
    use crate::programs;

    #[test]
    fn a_program_is_a_line_of_the_manifest() {
        let bin = |name: &str, features: &[&str]| {
            Some(Bin { name: name.into(), features: features.iter().map(|&feature| feature.into()).collect() })
        };
        assert_eq!(Bin::parse(r#"    { name = "echo", path = "../programs/echo.rs" },"#), bin("echo", &[]));
        let line = r#"    { name = "ntp", path = "../programs/ntp.rs", required-features = ["udp", "dhcp", "dns"] },"#;
        assert_eq!(Bin::parse(line), bin("ntp", &["udp", "dhcp", "dns"]));
        assert_eq!(Bin::parse(r#"name = "segno-pico""#), None);
    }

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
            for Bin { name, features } in board.bins() {
                assert!(programs::names().any(|known| known == name), "{}: {name}", board.name);
                for feature in features {
                    assert!(manifest.contains(&format!("\n{feature} = [")), "{} lacks {feature}", board.name);
                }
            }
            let config = read(".cargo/config.toml");
            assert!(config.contains(board.target), "{}: {}", board.name, board.target);
            let parts: Vec<String> = match &board.place {
                Place::Qemu(machine) => {
                    vec![machine.name.into(), machine.emulator.program.into(), format!("shift={},", machine.shift)]
                }
                Place::Hardware(Hardware { flasher, chip, .. }) => {
                    assert!(read("README.md").contains(flasher.install), "{}: {}", board.name, flasher.install);
                    let arguments = flasher.arguments.iter().chain([chip]);
                    let words = [&flasher.program].into_iter().chain(arguments).map(|word| format!("\"{word}\""));
                    vec![format!("runner = [{}]", words.collect::<Vec<_>>().join(", "))]
                }
            };
            for part in parts {
                assert!(config.contains(&part), "{}: {part}", board.name);
            }
        }
    }
}
