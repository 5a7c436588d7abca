//! The boards that QEMU emulates.

use std::path::{Path, PathBuf};

/// A board: a folder beside this crate's, and a machine of QEMU.
pub(crate) struct Board {
    /// Its folder's name, which is also the name of QEMU's machine.
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// rustc's name for its core.
    pub(crate) target: &'static str,
    /// An instruction takes 2^shift ns in a deterministic run: the most at which the core's timer, at the machine's
    /// frequency, still resolves single instructions.
    pub(crate) shift: u32,
}

/// Every board.
pub(crate) const BOARDS: &[Board] = &[
    Board {
        name: "lm3s6965evb",
        description: "TI Stellaris LM3S6965 evaluation board: Cortex-M3, 256 KiB flash, 64 KiB RAM (QEMU)",
        target: "thumbv7m-none-eabi",
        shift: 7,
    },
    Board {
        name: "mps2-an386",
        description: "Arm MPS2 with image AN386: Cortex-M4, 4 MiB flash, 4 MiB RAM (QEMU)",
        target: "thumbv7em-none-eabi",
        shift: 6,
    },
];

impl Board {
    /// The board with this name, which the command line has checked.
    pub(crate) fn named(name: &str) -> &'static Board {
        BOARDS.iter().find(|board| board.name == name).expect("the command line knows the boards")
    }

    /// Where its crate is: beside this one.
    pub(crate) fn folder(&self) -> PathBuf {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here).join(self.name)
    }
}
