//! `cargo segno`: runs the examples on the host simulator, on boards that QEMU emulates and on hardware, measures them,
//! shows what their tasks are doing, and the states of coroutines.
//!
//! ```text
//! cargo segno list                                what there is
//! cargo segno sim blinky --for 3s                 on the simulator
//! cargo segno qemu lm3s6965evb echo               the firmware, in QEMU
//! cargo segno flash microbit-v2 blinky            on hardware
//! cargo segno size lm3s6965evb echo               flash and RAM of the firmware
//! cargo segno pstree                              what its tasks are doing, while it runs in QEMU
//! cargo segno ps stm32f4 echo --port /dev/ttyACM0 the same of a board, over its serial port
//! cargo segno machine examples/src/echo.rs        the states of a file's coroutines
//! ```
//!
//! Status: that of the program; 101 when a simulated program panics; 2 for a command line that makes no sense; 1 when
//! something that is needed is missing or fails.

#![forbid(unsafe_code)]

mod arguments;
mod boards;
mod build;
mod duration;
mod flash;
mod list;
mod live;
mod machine;
mod port;
mod programs;
mod ps;
mod qemu;
mod require;
mod sim;
mod size;
mod size_table;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// What a command ends with: a status, or words for the user.
type Ending = Result<ExitCode, String>;

fn main() -> ExitCode {
    let ending = match Arguments::parse().command {
        Command::List => list::list(),
        Command::Sim(options) => sim::run(&options),
        Command::Qemu(options) => qemu::run(&options),
        Command::Flash(options) => flash::run(&options),
        Command::Size(options) => size::show(&options),
        Command::Ps(options) => ps::ps(&options),
        Command::Pstree(options) => ps::pstree(&options),
        Command::Machine(options) => machine::show(&options),
    };
    ending.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        ExitCode::FAILURE
    })
}
