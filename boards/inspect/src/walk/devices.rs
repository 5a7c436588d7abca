//! Which task an interrupt wakes.
//!
//! # The problem
//! A task that waits for a device is suspended like any other, and the device is not in its frame.
//!
//! # The design
//! The driver has a `WakerCell` in its static, in which the task's number is. So all statics are searched for such cells.

use std::collections::HashMap;

use crate::Problem;
use crate::image::{Shape, TypeId};
use crate::value::Program;

const WAKER_CELL: &str = "segno::waker_cell::WakerCell";

/// How deep in a static a cell is looked for.
const DEPTH: usize = 12;

/// Arrays are searched up to here.
const ELEMENTS: u64 = 16;

/// Members whose names say nothing to a user.
const PLUMBING: [&str; 8] = ["value", "inner", "data", "__0", "v", "contents", "cell", "rings"];

/// The devices that wake tasks of one loop: names, by the numbers of the tasks.
pub(super) struct Devices(Vec<(u16, String)>);

/// Where cells are in a type: offsets and names.
type Cells = Vec<(u64, String)>;

impl Devices {
    pub(super) fn find(program: &Program<'_>, event_loop: u64) -> Result<Devices, Problem> {
        let mut known = HashMap::new();
        let mut found = Vec::new();
        for (named, address) in program.image.statics() {
            for (offset, name) in cells(program, named.ty, &mut known, 0)? {
                let cell = program.image.runtime_type(WAKER_CELL)?;
                let cell = program.value(cell.id, address.wrapping_add(offset))?;
                // A static that cannot be read is none of a loop whose memory can be.
                let Ok(waker) = program.number_of(&cell, &["waker"]) else { continue };
                if waker != 0 && program.number_of(&cell, &["event_loop"])? == event_loop {
                    let path = named.path.rsplit("::").next().unwrap_or_default();
                    found.push((waker as u16, format!("{path}{name}")));
                }
            }
        }
        Ok(Devices(found))
    }

    /// The devices that wake a task.
    pub(super) fn of(&self, task: u16) -> Vec<String> {
        self.0.iter().filter(|(number, _)| *number == task).map(|(_, name)| name.clone()).collect()
    }
}

fn cells(
    program: &Program<'_>,
    id: TypeId,
    known: &mut HashMap<TypeId, Cells>,
    depth: usize,
) -> Result<Cells, Problem> {
    if let Some(cells) = known.get(&id) {
        return Ok(cells.clone());
    }
    let ty = program.image.type_of(id)?;
    let mut found = Cells::new();
    if ty.base == WAKER_CELL {
        found.push((0, String::new()));
    } else if depth < DEPTH {
        match &ty.shape {
            Shape::Struct { members, variants: None } => {
                for member in members {
                    let name = &member.name;
                    let name = if PLUMBING.contains(&&**name) { String::new() } else { format!(".{name}") };
                    let inner = cells(program, member.ty, known, depth + 1)?;
                    found.extend(inner.into_iter().map(|(at, rest)| (member.offset + at, format!("{name}{rest}"))));
                }
            }
            Shape::Array { element, count } => {
                let size = program.image.type_of(*element)?.size;
                for at in 0..*count.min(&ELEMENTS) {
                    let inner = cells(program, *element, known, depth + 1)?;
                    found.extend(inner.into_iter().map(|(offset, rest)| (at * size + offset, format!("[{at}]{rest}"))));
                }
            }
            _ => {}
        }
    }
    known.insert(id, found.clone());
    Ok(found)
}
