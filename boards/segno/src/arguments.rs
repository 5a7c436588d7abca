//! The command line. Names of boards and examples are checked here, so that a typing error costs no build: clap
//! answers it with the known names, the nearest one, and status 2.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use segno_sim::Duration;

use crate::boards::BOARDS;
use crate::duration;
use crate::live::SIMULATOR;
use crate::programs;

#[derive(Debug, Parser)]
#[command(name = "segno", bin_name = "cargo segno", version, about = "Runs and measures segno programs", long_about = None)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the examples and the boards
    List,
    /// Runs an example on the host simulator: UART 0 is stdin and stdout
    Sim(SimOptions),
    /// Builds an example for a board and runs it in QEMU: its UART is stdin and stdout
    Qemu(QemuOptions),
    /// Builds an example, writes it into a board's flash and starts it; shows what it says to the debug probe. What it
    /// says on its UART needs a terminal program: boards/BOARD/README.md
    Flash(FlashOptions),
    /// Builds a program for a board and shows its flash and RAM
    Size(SizeOptions),
    /// Shows what each task of a program is doing, in QEMU, on the simulator, on a board with a serial port, or in a dump: a
    /// line for each
    Ps(InspectOptions),
    /// The same as a tree: each task with its chain of coroutines, and each line in which one of them is suspended
    Pstree(InspectOptions),
    /// Shows the states of a source file's coroutines: what each waits for, what it holds, where it leads. Nothing is
    /// compiled
    Machine(MachineOptions),
}

#[derive(Debug, Args)]
pub(crate) struct SimOptions {
    /// Which program
    #[arg(value_parser = example_names())]
    pub(crate) example: String,
    /// Time jumps to the next event (the default). It stands still while a pipe on stdin has not been read to its end,
    /// and keeps pace with the wall clock while somebody types
    #[arg(long = "virtual", conflicts_with = "realtime")]
    pub(crate) virtual_time: bool,
    /// Time keeps pace with the wall clock
    #[arg(long)]
    pub(crate) realtime: bool,
    /// Ends the run after this much of the simulation's time: 3600s, 250ms, 5m, 1h
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    pub(crate) duration: Option<Duration>,
    /// Decides everything that is random
    #[arg(long, value_name = "N", env = "SEED", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Shows only what the program itself writes: no edges of pins, no notes
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QemuOptions {
    /// Which board
    #[arg(value_parser = board_names())]
    pub(crate) board: String,
    /// Which program: an example, `selftest`, `conformance`, `trouble` (on lm3s6965evb), `tls_client` (on mps2-an386), or, with
    /// two cores, `two_cores`
    #[arg(value_parser = program_names())]
    pub(crate) example: String,
    /// Ends the run after this much of the wall clock's time, with status 0
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    pub(crate) duration: Option<Duration>,
    /// Counts instructions instead of time: the same run every time, and idle time costs nothing. Not for examples that
    /// read input: time would leap ahead of what is typed
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Has the firmware count wake-ups and steps of each task, for `cargo segno ps`. It takes 24 bytes for each
    #[arg(long)]
    pub(crate) statistics: bool,
    /// Features of the board, with commas in between. `inspect`: it answers `cargo segno ps --port` on UART 0, beside the
    /// program's own traffic. `inspect-uart1`, on boards that have one: on UART 1, which becomes a pseudo-terminal of the host
    #[arg(long, value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// UART 0 becomes a pseudo-terminal of the host, for a terminal program and `cargo segno ps --port`, instead of stdin and
    /// stdout
    #[arg(long)]
    pub(crate) pty: bool,
    /// What QEMU connects the board's network to (its option `-nic`), in the place of the user network with a forwarded port:
    /// `tap,ifname=tap0`, or `socket,udp=…` for a program that speaks frames. The firmware's address is 10.0.2.15
    #[arg(long, value_name = "BACKEND")]
    pub(crate) nic: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FlashOptions {
    /// Which board
    #[arg(value_parser = board_names())]
    pub(crate) board: String,
    /// Which program: an example, `selftest`, `conformance`, or, with two cores, `two_cores`
    #[arg(value_parser = program_names())]
    pub(crate) example: String,
    /// Features of the board besides those that the program needs, with commas in between. `defmt`: messages over the debug
    /// probe. `watchdog`: a reset when the loop stands still. `cores`: the second core, where there is one. `inspect`: it answers
    /// `cargo segno ps --port`
    #[arg(long, value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// Options of the program that writes the flash, probe-rs or espflash, after `--`
    #[arg(last = true)]
    pub(crate) flasher_options: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SizeOptions {
    /// Which board
    #[arg(value_parser = board_names(), required_unless_present = "all")]
    pub(crate) board: Option<String>,
    /// Which program: an example, `selftest`, `conformance`, `trouble` (on lm3s6965evb), or, with two cores, `two_cores`
    #[arg(value_parser = program_names(), required_unless_present = "all")]
    pub(crate) example: Option<String>,
    /// Features of the board besides those that the program needs, with commas in between
    #[arg(long, value_delimiter = ',', conflicts_with = "all")]
    pub(crate) features: Vec<String>,
    /// One line for each program, on this board or on each board
    #[arg(long, conflicts_with = "example")]
    pub(crate) all: bool,
    /// Writes the lines to boards/sizes.txt, in the place of those that are there
    #[arg(long, requires = "all", conflicts_with = "check")]
    pub(crate) write: bool,
    /// Compares the lines with boards/sizes.txt: one that is missing, or differs by more than 1 % and 64 bytes, is a failure
    #[arg(long, requires = "all")]
    pub(crate) check: bool,
    /// Builds only one program for each board that is hardware, or like another
    #[arg(long, requires = "all")]
    pub(crate) sample: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectOptions {
    /// Which board, of the programs that `cargo segno qemu` runs in other terminals, or `sim`. Not needed if only one runs
    #[arg(value_parser = live_names())]
    pub(crate) board: Option<String>,
    /// Which program
    #[arg(value_parser = program_names(), requires = "board")]
    pub(crate) program: Option<String>,
    /// The program's ELF file, with `debug = 2` in its profile. Of programs that `cargo segno` runs it is known
    #[arg(long, value_name = "FILE")]
    pub(crate) elf: Option<PathBuf>,
    /// What was in the chip's RAM, as a raw file, and where it was: ram.bin@0x20000000
    #[arg(long, value_name = "FILE@ADDRESS", group = "source", conflicts_with = "board")]
    pub(crate) dump: Option<String>,
    /// The socket of a QEMU that was started by hand, with `-gdb unix:SOCKET,server=on,wait=off`
    #[arg(long, value_name = "SOCKET", group = "source", conflicts_with = "board")]
    pub(crate) gdb: Option<PathBuf>,
    /// The number of a process of this machine, such as a test on the simulator
    #[arg(long, value_name = "PID", group = "source", conflicts_with = "board")]
    pub(crate) pid: Option<u32>,
    /// A serial port of a board whose firmware was built with the feature `inspect`: /dev/ttyACM0, a pseudo-terminal, or
    /// tcp:HOST:PORT. Nobody else may read it meanwhile. With a board and a program, the ELF file is the one that was built last
    #[arg(long, value_name = "PORT", group = "source")]
    pub(crate) port: Option<String>,
    /// What the serial port runs at
    #[arg(long, value_name = "RATE", default_value_t = 115_200, requires = "port")]
    pub(crate) baud: u32,
}

#[derive(Debug, Args)]
pub(crate) struct MachineOptions {
    /// The Rust source file
    pub(crate) file: PathBuf,
    /// Which coroutine: its name, or its path from the file's top (`port::Uart::read`). All of them by default
    pub(crate) function: Option<String>,
    #[command(flatten)]
    pub(crate) form: Form,
}

/// How states are shown.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct Form {
    /// As a table (the default)
    #[arg(long)]
    pub(crate) text: bool,
    /// As a diagram for Graphviz
    #[arg(long)]
    pub(crate) dot: bool,
    /// As a diagram in Mermaid's language
    #[arg(long)]
    pub(crate) mermaid: bool,
    /// As a drawing
    #[arg(long)]
    pub(crate) svg: bool,
}

/// Ends this program as any other wrong command line does.
pub(crate) fn refuse(problem: &str) -> ! {
    Arguments::command().error(ErrorKind::ArgumentConflict, problem).exit()
}

fn example_names() -> PossibleValuesParser {
    PossibleValuesParser::new(programs::examples().map(|example| example.name))
}

fn program_names() -> PossibleValuesParser {
    PossibleValuesParser::new(programs::names())
}

fn live_names() -> PossibleValuesParser {
    PossibleValuesParser::new(BOARDS.iter().map(|board| board.name).chain([SIMULATOR]))
}

fn board_names() -> PossibleValuesParser {
    PossibleValuesParser::new(BOARDS.iter().map(|board| board.name))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
