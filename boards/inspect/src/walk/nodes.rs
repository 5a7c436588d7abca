//! Tasks: the nodes of a loop's pool that are marked as such.
//!
//! What is not in types is as in `runtime/src/node.rs` and `runtime/src/pool.rs`: the place of the bitmap, and the flags.

use std::rc::Rc;
use std::time::Duration;

use super::devices::Devices;
use super::frames::{Walk, coroutine_name, function_name};
use super::loops::Memory;
use super::model::{Frame, State, Statistics, Task, Waits};
use crate::Problem;
use crate::image::Type;
use crate::value::{Program, Value};

const HEADER: &str = "segno::node::Header";
const HOST: &str = "segno::event_loop::complete::Host";
const NAME: &str = "segno::task::named::Name";

/// The kind of nodes with a name.
const NAMED: &str = "NamedTask";

const NEW: u64 = 1;
const CANCEL_REQUESTED: u64 = 4;

/// The link of the last node of a queue.
const END: u64 = 1;

/// Lists are followed up to here: a program that runs may change them meanwhile.
const LONGEST: usize = 100_000;

/// A node.
pub(super) struct Node {
    pub(super) kind: String,
    run: u64,
    granules: u64,
    pub(super) flags: u64,
    next: u64,
    pub(super) references: u64,
    payload: u64,
    statistics: Option<Statistics>,
}

/// Reads a node's header.
pub(super) fn node(program: &Program<'_>, memory: &Memory, number: u16) -> Result<Node, Problem> {
    let header = Value { ty: program.image.runtime_type(HEADER)?, address: memory.address(number) };
    let Some(vtable) = program.target(&program.field(&header, "vtable")?)? else {
        return Err(Problem::new(format!("node {number} has no type: was the memory read while it changed?")));
    };
    Ok(Node {
        kind: program.enumerator(&program.field(&vtable, "kind")?)?,
        run: program.number_of(&vtable, &["run"])?,
        granules: program.number_of(&vtable, &["granules"])?,
        flags: program.number_of(&header, &["flags"])?,
        next: program.number_of(&header, &["next"])?,
        references: program.number_of(&header, &["references"])?,
        payload: header.address.wrapping_add(header.ty.size.next_multiple_of(memory.granule)),
        statistics: program.field(&header, "statistics").ok().map(|counts| statistics(program, &counts)).transpose()?,
    })
}

/// What a program with the feature `statistics` counts: see `runtime/src/statistics.rs`.
fn statistics(program: &Program<'_>, counts: &Value) -> Result<Statistics, Problem> {
    let number = |name| program.number_of(counts, &[name]);
    Ok(Statistics {
        polls: number("polls")? as u32,
        wakes: number("wakes")? as u32,
        longest: Duration::from_micros(number("longest")?),
        since: Duration::from_micros(number("since_high")? << 32 | number("since_low")?),
    })
}

/// All tasks of a loop.
pub(super) fn tasks(
    program: &Program<'_>,
    event_loop: &Value,
    memory: &Memory,
    devices: &Devices,
) -> Result<Vec<Task>, Problem> {
    let bitmap = program.bytes(memory.address(1).wrapping_add(program.image.word()), memory.last / 8 + 1)?;
    let marked = |&number: &u16| bitmap[usize::from(number) / 8] & 1 << (number % 8) != 0;
    let parked = queue(program, memory, &program.field(event_loop, "parked")?)?;
    let mut tasks = Vec::new();
    for number in (1..=memory.last as u16).filter(marked) {
        let node = node(program, memory, number)?;
        let (frame, candidates) = frame(program, memory, devices, number, &node)?;
        let name = name(program, memory, number, &node)?;
        tasks.push(Task {
            number,
            name,
            state: state(&node, parked.contains(&number), &frame),
            cancelling: node.flags & CANCEL_REQUESTED != 0,
            frame,
            candidates,
            bytes: node.granules * memory.granule,
            statistics: node.statistics,
            warnings: Vec::new(),
        });
    }
    Ok(tasks)
}

fn state(node: &Node, parked: bool, frame: &Frame) -> State {
    if node.flags & NEW != 0 {
        State::New
    } else if parked {
        State::AfterInterrupt
    } else if node.next != 0 {
        State::Ready
    } else if frame.leaves().iter().any(|leaf| leaf.waits == Some(Waits::Runs)) {
        State::Running
    } else {
        State::Suspended
    }
}

/// The coroutine of a task: its type is the parameter of the function that resumes it.
fn frame(
    program: &Program<'_>,
    memory: &Memory,
    devices: &Devices,
    number: u16,
    node: &Node,
) -> Result<(Frame, Vec<String>), Problem> {
    let parameters = program.image.function_parameters(node.run)?;
    let Some(&(_, coroutine)) = parameters.iter().find(|(name, _)| name == "C") else {
        let name = format!("code at {:#x}", node.run);
        return Ok((Frame { name, ..Frame::default() }, Vec::new()));
    };
    let ty = program.image.type_of(coroutine)?;
    let walk = Walk { program, memory, devices, task: number };
    if node.kind == "Task" || node.kind == NAMED {
        let candidates = candidates(program, &ty)?;
        return Ok((walk.root(&Value { ty, address: node.payload })?, candidates));
    }
    let frame = match guest(program, node, &ty)? {
        Some(value) => walk.root(&value)?,
        None => Frame { name: function_name(&ty.base), ..Frame::default() },
    };
    Ok((frame, Vec::new()))
}

/// The coroutine of `run_until_complete`, which is on the stack of who called that.
fn guest(program: &Program<'_>, node: &Node, coroutine: &Rc<Type>) -> Result<Option<Value>, Problem> {
    let Some(host) = program.image.runtime_type_with(HOST, &coroutine.path) else { return Ok(None) };
    let address = program.number_at(node.payload, program.image.word())?;
    let held = program.field(&Value { ty: host, address }, "coroutine")?;
    match program.variant(&held)? {
        Some((name, some)) if name == "Some" => program.field(&some, "__0").map(Some),
        _ => Ok(None),
    }
}

/// Coroutines of the same size without code of their own: the linker's input has had one function for several of them.
fn candidates(program: &Program<'_>, known: &Type) -> Result<Vec<String>, Problem> {
    let mut names = Vec::new();
    for ty in program.image.tasks_without_code()? {
        if ty.path != known.path && ty.size == known.size {
            names.push(coroutine_name(program, &ty)?);
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// The numbers of the nodes in a queue: see `runtime/src/ready.rs`.
fn queue(program: &Program<'_>, memory: &Memory, queue: &Value) -> Result<Vec<u16>, Problem> {
    let mut numbers = Vec::new();
    let mut next = program.number_of(queue, &["head"])?;
    while next > END && memory.contains(next as u16) && numbers.len() < LONGEST {
        numbers.push(next as u16);
        next = node(program, memory, next as u16)?.next;
    }
    Ok(numbers)
}

/// The name of a task that has one: it is in the node's last granule.
fn name(program: &Program<'_>, memory: &Memory, number: u16, node: &Node) -> Result<Option<String>, Problem> {
    if node.kind != NAMED {
        return Ok(None);
    }
    let address = memory.address(number).wrapping_add((node.granules.saturating_sub(1)) * memory.granule);
    let name = Value { ty: program.image.runtime_type(NAME)?, address };
    let text = program.unwrapped(&program.field(&name, "name")?)?;
    let length = program.number_of(&text, &["length"])?.min(200);
    let bytes = program.bytes(program.number_of(&text, &["data_ptr"])?, length)?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
