//! `cargo segno ps` and `cargo segno pstree`: what the tasks of a program are doing.
//!
//! Without options it is a program that runs on this machine, started by `cargo segno qemu` or `cargo segno sim` in another terminal.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use segno_inspect::memory::{Dump, Process, Qemu};
use segno_inspect::{Image, Memory, Snapshot, report, snapshot};

use crate::Ending;
use crate::arguments::{self, InspectOptions};
use crate::boards::BOARDS;
use crate::build;
use crate::live::{Live, SIMULATOR};
use crate::port;

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
    if let Some(port) = &options.port {
        let image = Image::open(&elf_behind_port(options)?).map_err(|problem| problem.to_string())?;
        let mut line = port::open(port, options.baud, &image)?;
        return snapshot(&image, &mut line).map_err(|problem| problem.to_string());
    }
    let Source { elf, start, mut memory } = source(options)?;
    let mut image = Image::open(&elf).map_err(|problem| problem.to_string())?;
    image.set_start(start);
    snapshot(&image, &mut *memory).map_err(|problem| problem.to_string())
}

/// An ELF file and a memory; of a process, also where that has put the file.
struct Source {
    elf: PathBuf,
    start: u64,
    memory: Box<dyn Memory>,
}

impl Source {
    fn new(elf: PathBuf, memory: impl Memory + 'static) -> Source {
        Source { elf, start: 0, memory: Box::new(memory) }
    }

    fn process(number: u32, elf: Option<&PathBuf>) -> Result<Source, String> {
        let memory = Process::open(number).map_err(|problem| problem.to_string())?;
        let elf = elf.cloned().unwrap_or_else(|| memory.executable());
        Ok(Source { elf, start: memory.start(), memory: Box::new(memory) })
    }
}

fn source(options: &InspectOptions) -> Result<Source, String> {
    let elf = || match &options.elf {
        Some(elf) => elf.clone(),
        None => arguments::refuse("the memory of a program says nothing without its ELF file: add `--elf FILE`"),
    };
    if let Some(dump) = &options.dump {
        let (file, address) = dump_at(dump);
        let memory = Dump::open(Path::new(file), address).map_err(|problem| problem.to_string())?;
        return Ok(Source::new(elf(), memory));
    }
    if let Some(socket) = &options.gdb {
        return Ok(Source::new(elf(), Qemu::connect(socket).map_err(|problem| problem.to_string())?));
    }
    if let Some(number) = options.pid {
        return Source::process(number, options.elf.as_ref());
    }
    let live = live(options)?;
    if live.board == SIMULATOR {
        return Source::process(live.process().unwrap_or_default(), options.elf.as_ref());
    }
    let memory = Qemu::connect(&live.socket()).map_err(|problem| problem.to_string())?;
    Ok(Source::new(options.elf.clone().unwrap_or(live.elf), memory))
}

/// The ELF file of the firmware at the other end of a serial line: the one that was named, that of the program that runs in
/// QEMU, or the one that was built last. Whether it is the right one, the firmware says.
fn elf_behind_port(options: &InspectOptions) -> Result<PathBuf, String> {
    if let Some(elf) = &options.elf {
        return Ok(elf.clone());
    }
    if let Ok(live) = live(options)
        && live.board != SIMULATOR
    {
        return Ok(live.elf);
    }
    let (Some(board), Some(program)) = (&options.board, &options.program) else {
        arguments::refuse("whose port is this? Say which BOARD and PROGRAM, or add `--elf FILE`");
    };
    let board = BOARDS.iter().find(|known| known.name == board);
    let board = board.ok_or("the simulator has no serial port of the host: see `--pid`")?;
    let elf = build::built(board, program);
    if !elf.is_file() {
        return Err(format!(
            "{} was not built\n help: which ELF file was written into the flash? `--elf FILE`",
            elf.display()
        ));
    }
    Ok(elf)
}

/// FILE@ADDRESS.
fn dump_at(text: &str) -> (&str, u64) {
    let wrong = || arguments::refuse(&format!("`--dump {text}` has no address: FILE@0x20000000, where the RAM begins"));
    let Some((file, address)) = text.rsplit_once('@') else { wrong() };
    let digits = address.strip_prefix("0x").or(address.strip_prefix("0X"));
    let address = digits.map_or_else(|| address.parse(), |digits| u64::from_str_radix(digits, 16));
    (file, address.unwrap_or_else(|_| wrong()))
}

/// The program that was meant.
fn live(options: &InspectOptions) -> Result<Live, String> {
    let meant = |live: &Live| {
        options.board.as_ref().is_none_or(|board| *board == live.board)
            && options.program.as_ref().is_none_or(|program| *program == live.program)
    };
    let (mut meant, others): (Vec<Live>, Vec<Live>) = Live::all().into_iter().partition(meant);
    let list = |programs: &[Live]| {
        let names = programs.iter().map(|live| format!("\n       cargo segno ps {} {}", live.board, live.program));
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
            Err(format!("no program runs\n help: start one in another terminal: cargo segno qemu {board} {program}"))
        }
        0 => Err(format!("this program does not run\n help: these do:{}", list(&others))),
        _ => Err(format!("several programs run\n help: say which:{}", list(&meant))),
    }
}
