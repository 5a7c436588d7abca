//! Loops: where they are, how late it is for them, how full their memory is.

use std::time::Duration;

use super::devices::Devices;
use super::model::{Loop, Pool, Snapshot};
use super::nodes;
use crate::Problem;
use crate::image::{Member, Shape};
use crate::value::{Program, Value};

/// The type of statics that have a loop in them.
const LOOP_MEMORY: &str = "segno::event_loop::memory::LoopMemory";

/// Where a host keeps the loops that it has made.
const LEAKED: &str = "segno::event_loop::memory::new_event_loop::LEAKED";

/// The states of a loop that are read here; as in `runtime/src/event_loop/mod.rs`.
const RUNNING: u64 = 1;

/// How deep in a clock's static its last reading is looked for.
const DEPTH: usize = 10;

/// More timers than this are not counted.
const MOST_TIMERS: usize = 10_000;

/// A loop's memory: where granules are.
pub(super) struct Memory {
    zero: u64,
    pub(super) granule: u64,
    pub(super) last: u64,
}

impl Memory {
    /// Where a granule starts.
    pub(super) fn address(&self, granule: u16) -> u64 {
        self.zero.wrapping_add(u64::from(granule) * self.granule)
    }

    /// Which granule an address is in, which may be any.
    pub(super) fn contains(&self, granule: u16) -> bool {
        granule != 0 && u64::from(granule) <= self.last
    }
}

pub(super) fn read(program: &Program<'_>) -> Result<Snapshot, Problem> {
    let mut loops = Vec::new();
    let mut found = 0;
    for (name, value) in places(program)? {
        found += 1;
        // What has a clock has been started.
        if let Some(clock) = clock(program, &value)? {
            loops.push(read_loop(program, name, &value, &clock)?);
        }
    }
    match (found, loops.is_empty()) {
        (0, _) => Err(Problem::new("the program has no event loop: no static of the type `LoopMemory`".into())),
        (_, true) => Err(Problem::new("no event loop of the program has been started yet".into())),
        _ => Ok(Snapshot { loops }),
    }
}

/// All loops, started or not, with names.
fn places(program: &Program<'_>) -> Result<Vec<(String, Value)>, Problem> {
    let mut places = Vec::new();
    for (found, address) in program.image.statics() {
        let ty = program.image.type_of(found.ty)?;
        if ty.base == LOOP_MEMORY {
            let value = program.value(found.ty, address)?;
            places.push((short(&found.path), program.field(&value, "event_loop")?));
        } else if found.path == LEAKED {
            let value = program.value(found.ty, address)?;
            places.extend(leaked(program, &program.field(&value, "data")?)?);
        }
    }
    Ok(places)
}

/// The loops in a `Vec` of those that a host has made.
fn leaked(program: &Program<'_>, list: &Value) -> Result<Vec<(String, Value)>, Problem> {
    let list = program.path(list, &["value"]).unwrap_or(list.clone());
    let count = program.number_of(&list, &["len"])?;
    let start = program.number_of(&list, &["buf", "inner", "ptr"])?;
    let Some((_, element)) = list.ty.parameters.iter().find(|(name, _)| name == "T") else { return Ok(Vec::new()) };
    let size = program.image.type_of(*element)?.size;
    let mut loops = Vec::new();
    for at in 0..count.min(1000) {
        let leaked = program.value(*element, start.wrapping_add(at * size))?;
        if let Some(event_loop) = program.target(&program.field(&leaked, "__0")?)? {
            loops.push((format!("loop {}", at + 1), event_loop));
        }
    }
    Ok(loops)
}

/// `MEMORY` of `echo::__cortex_m_rt_main::MEMORY`, with the program's name.
fn short(path: &str) -> String {
    let parts: Vec<&str> = path.split("::").filter(|part| !part.starts_with("__") && !part.starts_with('{')).collect();
    parts.join("::")
}

/// The loop's clock: a `&dyn Clock`, if there is one.
fn clock(program: &Program<'_>, event_loop: &Value) -> Result<Option<Value>, Problem> {
    let clock = program.unwrapped(&program.field(event_loop, "clock")?)?;
    match program.variant(&clock)? {
        Some((name, value)) if name == "Some" => program.field(&value, "__0").map(Some),
        _ => Ok(None),
    }
}

fn read_loop(program: &Program<'_>, name: String, value: &Value, clock: &Value) -> Result<Loop, Problem> {
    let granule = 2 * program.image.word();
    let shared = program.field(value, "shared")?;
    let pool = program.field(&shared, "pool")?;
    let memory = Memory {
        zero: program.number_of(value, &["memory", "zero"])?,
        granule,
        last: program.number_of(&pool, &["last"])?,
    };
    let devices = Devices::find(program, value.address)?;
    let state = program.number_of(value, &["state"])?;
    Ok(Loop {
        name,
        time: last_reading(program, clock).map(Duration::from_micros),
        pool: read_pool(program, &memory, &pool)?,
        running: state & RUNNING != 0,
        slow: slow(program, value)?,
        timers: count_timers(program, value)?,
        tasks: nodes::tasks(program, value, &memory, &devices)?,
        warnings: Vec::new(),
    })
}

/// Which steps the loop calls slow: of a program without the feature `debug`, asyncio's limit.
fn slow(program: &Program<'_>, event_loop: &Value) -> Result<Duration, Problem> {
    let set = match program.field(event_loop, "slow") {
        Ok(slow) => program.number(&slow)?,
        Err(_) => 0,
    };
    Ok(Duration::from_micros(set.checked_sub(1).unwrap_or(100_000)))
}

/// Walks through the free blocks: see `runtime/src/pool.rs`.
fn read_pool(program: &Program<'_>, memory: &Memory, pool: &Value) -> Result<Pool, Problem> {
    let block = program.image.runtime_type("segno::pool::Block")?;
    let (mut free, mut largest) = (0, 0);
    let mut next = program.number_of(pool, &["first"])? as u16;
    while memory.contains(next) && free < memory.last {
        let value = Value { ty: block.clone(), address: memory.address(next) };
        let size = program.number_of(&value, &["size"])?;
        free += size;
        largest = largest.max(size);
        next = program.number_of(&value, &["next"])? as u16;
    }
    let bytes = |granules| granules * memory.granule;
    Ok(Pool { size: bytes(memory.last), free: bytes(free), largest: bytes(largest) })
}

/// The timers in the heap: see `runtime/src/timers.rs`.
fn count_timers(program: &Program<'_>, event_loop: &Value) -> Result<usize, Problem> {
    let root = program.field(&program.field(event_loop, "timers")?, "root")?;
    let mut open: Vec<Value> = program.target(&root)?.into_iter().collect();
    let mut count = 0;
    while let Some(timer) = open.pop() {
        count += 1;
        if count > MOST_TIMERS {
            break;
        }
        open.extend(program.target(&program.field(&timer, "child")?)?);
        // The last of its siblings: its `next` is the parent.
        if program.number_of(&timer, &["flags"])? & 1 == 0 {
            open.extend(program.target(&program.field(&timer, "next")?)?);
        }
    }
    Ok(count)
}

/// The time, in microseconds, that a clock has kept of its last reading.
fn last_reading(program: &Program<'_>, clock: &Value) -> Option<u64> {
    let address = program.number_of(clock, &["pointer"]).ok()?;
    if let Some((found, start)) = program.image.static_at(address) {
        return reading(program, &program.value(found.ty, start).ok()?, 0);
    }
    // On a host it may be anywhere.
    let ty = program.image.type_of_vtable(program.number_of(clock, &["vtable"]).ok()?)?;
    let clock = Value { ty, address };
    match program.path(&clock, &["link", "world"]) {
        // The simulator's: `boards/sim/src/clock.rs`.
        Ok(world) => {
            let world = program.target(&world).ok()??;
            program.number_of(&world, &["data", "now"]).ok()
        }
        Err(_) => program.number_of(&clock, &["now"]).ok(),
    }
}

fn reading(program: &Program<'_>, value: &Value, depth: usize) -> Option<u64> {
    let Shape::Struct { members, variants: None } = &value.ty.shape else { return None };
    if depth == DEPTH {
        return None;
    }
    if let Some(micros) = members.iter().find(|member| member.name == "micros") {
        return program.number(&program.value(micros.ty, value.address.wrapping_add(micros.offset)).ok()?).ok();
    }
    let inner = |member: &Member| program.value(member.ty, value.address.wrapping_add(member.offset)).ok();
    members.iter().filter_map(inner).find_map(|part| reading(program, &part, depth + 1))
}
