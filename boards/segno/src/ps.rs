//! `cargo segno ps` and `cargo segno pstree`: what the tasks of a program are doing.
//!
//! Without options it is a program that runs in QEMU on this machine, started by `cargo segno qemu` in another terminal.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use segno_inspect::memory::{Dump, Qemu};
use segno_inspect::{Image, Memory, Snapshot, report, snapshot};

use crate::Ending;
use crate::arguments::{self, InspectOptions};
use crate::live::Machine;

/// Shows a table.
pub(crate) fn ps(options: &InspectOptions) -> Ending {
    show(options, report::ps)
}

/// Shows a tree.
pub(crate) fn pstree(options: &InspectOptions) -> Ending {
    show(options, report::pstree)
}

fn show(options: &InspectOptions, form: fn(&Snapshot) -> String) -> Ending {
    let found = look(options)?;
    std::io::stdout().write_all(form(&found).as_bytes()).ok();
    Ok(ExitCode::SUCCESS)
}

fn look(options: &InspectOptions) -> Result<Snapshot, String> {
    let (elf, mut memory) = source(options)?;
    let image = Image::open(&elf).map_err(|problem| problem.to_string())?;
    snapshot(&image, &mut *memory).map_err(|problem| problem.to_string())
}

type Source = (PathBuf, Box<dyn Memory>);

fn source(options: &InspectOptions) -> Result<Source, String> {
    let elf = || match &options.elf {
        Some(elf) => elf.clone(),
        None => arguments::refuse("the memory of a program says nothing without its ELF file: add `--elf FILE`"),
    };
    if let Some(dump) = &options.dump {
        let (file, address) = dump_at(dump);
        let memory = Dump::open(Path::new(file), address).map_err(|problem| problem.to_string())?;
        return Ok((elf(), Box::new(memory)));
    }
    if let Some(socket) = &options.gdb {
        return Ok((elf(), Box::new(Qemu::connect(socket).map_err(|problem| problem.to_string())?)));
    }
    let machine = machine(options)?;
    let memory = Qemu::connect(&machine.socket()).map_err(|problem| problem.to_string())?;
    Ok((options.elf.clone().unwrap_or(machine.elf), Box::new(memory)))
}

/// FILE@ADDRESS.
fn dump_at(text: &str) -> (&str, u64) {
    let wrong = || arguments::refuse(&format!("`--dump {text}` has no address: FILE@0x20000000, where the RAM begins"));
    let Some((file, address)) = text.rsplit_once('@') else { wrong() };
    let digits = address.strip_prefix("0x").or(address.strip_prefix("0X"));
    let address = digits.map_or_else(|| address.parse(), |digits| u64::from_str_radix(digits, 16));
    (file, address.unwrap_or_else(|_| wrong()))
}

/// The machine that was meant.
fn machine(options: &InspectOptions) -> Result<Machine, String> {
    let meant = |machine: &Machine| {
        options.board.as_ref().is_none_or(|board| *board == machine.board)
            && options.program.as_ref().is_none_or(|program| *program == machine.program)
    };
    let (mut meant, others): (Vec<Machine>, Vec<Machine>) = Machine::all().into_iter().partition(meant);
    let list = |machines: &[Machine]| {
        let names =
            machines.iter().map(|machine| format!("\n       cargo segno ps {} {}", machine.board, machine.program));
        names.collect::<String>()
    };
    match meant.len() {
        1 => Ok(meant.remove(0)),
        2.. if options.program.is_some() => {
            eprintln!("note: several of these run; this is the one that was started last");
            meant.pop().ok_or_else(String::new)
        }
        0 if others.is_empty() => {
            let board = options.board.as_deref().unwrap_or("lm3s6965evb");
            let program = options.program.as_deref().unwrap_or("echo");
            Err(format!(
                "no program runs in QEMU\n help: start one in another terminal: cargo segno qemu {board} {program}"
            ))
        }
        0 => Err(format!("this program does not run in QEMU\n help: these do:{}", list(&others))),
        _ => Err(format!("several programs run in QEMU\n help: say which:{}", list(&meant))),
    }
}
