//! `cargo segno sim`: one node, its UART 0 on stdin and stdout, its pins and its console on stdout.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use segno_sim::{InputKind, Outcome, Sim};

use crate::Ending;
use crate::arguments::SimOptions;
use crate::live::{Live, SIMULATOR};
use crate::programs;

/// Rust's own status for a panic.
const PANICKED: u8 = 101;

/// Runs the example until it returns, until its time is over, or until nothing can happen any more.
pub(crate) fn run(options: &SimOptions) -> Ending {
    let program = programs::program(&options.example).expect("the command line knows the examples");
    // Without a folder for it, `cargo segno ps` does not find this one; everything else works.
    let executable = std::env::current_exe();
    let _announced = executable.and_then(|elf| Live::announce(SIMULATOR, &options.example, &elf)).ok();
    let mut sim = Sim::new(options.seed);
    sim.record(false).show(io::stdout(), !options.quiet);
    if options.realtime {
        sim.realtime();
    }
    let node = sim.node(&options.example, program);
    let kind = if io::stdin().is_terminal() { InputKind::Terminal } else { InputKind::Stream };
    sim.attach_input(node.uart(0), io::stdin(), kind);
    match sim.try_run(options.duration) {
        Ok(Outcome::Quiet) if options.duration.is_none() && !options.quiet => {
            let millis = sim.now().as_ticks() as f64 / 1e3;
            eprintln!("note: `{}` waits for something that cannot happen any more, at {millis:.3} ms", options.example);
        }
        Ok(_) => {}
        Err(panic) => {
            eprintln!("error: {panic}");
            return Ok(ExitCode::from(PANICKED));
        }
    }
    Ok(ExitCode::SUCCESS)
}
