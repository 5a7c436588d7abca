//! What is awaited and awaits nothing else: the runtime's own leaves, by their types.

use std::time::Duration;

use super::frames::Walk;
use super::model::{Frame, Waits};
use super::nodes;
use crate::Problem;
use crate::image::Shape;
use crate::value::{Program, Value};

/// What it is that a value of `sync` waits for, by the type of its source.
const SOURCES: [(&str, &str); 9] = [
    ("ForEvent", "event"),
    ("ForLock", "lock"),
    ("ForPermit", "semaphore"),
    ("ForCondition", "condition's lock"),
    ("ForItem", "item of queue"),
    ("ForRoom", "room in queue"),
    ("ForAllDone", "all done in queue"),
    ("ForFlag", "flag"),
    ("ForInterruptItem", "item of interrupt queue"),
];

/// Names the modules whose types are shown as a line of their own, though they are no functions.
const SHOWN: [&str; 6] = [
    "segno::combine::",
    "segno::transport::",
    "segno::net::",
    "segno::process::",
    "segno::streams::",
    "segno::bridge::core_future::",
];

/// Of these modules, the types that are only parts of others.
const PARTS: [&str; 8] = ["Slot", "Place", "Core", "Scope", "Child", "Body", "Stage", "State"];

/// Whether coroutines of this type are shown as a line of their own.
pub(super) fn is_shown(base: &str) -> bool {
    let name = base.rsplit("::").next().unwrap_or_default();
    SHOWN.iter().any(|module| base.starts_with(module))
        && name.starts_with(char::is_uppercase)
        && !PARTS.contains(&name)
        && !base.contains("::Place::")
        && matches!(base.matches("::").count(), 2 | 3)
        && !name.ends_with("Handle")
}

/// Whether a pointer to this is followed: coroutines may be awaited through a reference.
pub(super) fn may_be_followed(base: &str) -> bool {
    base.starts_with("segno::machine::") || base.starts_with("segno::combine::sleep::")
}

/// The deadline of a timer, if it is armed: see `runtime/src/timers.rs`.
pub(super) fn deadline(program: &Program<'_>, timer: &Value) -> Result<Option<Duration>, Problem> {
    if program.number_of(timer, &["previous"])? == 0 {
        return Ok(None);
    }
    let ticks = program.number_of(timer, &["high"])? << 32 | program.number_of(timer, &["low"])?;
    Ok(Some(Duration::from_micros(ticks)))
}

/// A leaf of the runtime; `None` for anything else.
pub(super) fn leaf(walk: &Walk<'_, '_>, value: &Value) -> Result<Option<Frame>, Problem> {
    let program = walk.program;
    let (name, waits) = match &*value.ty.base {
        "segno::combine::sleep::Sleep" => {
            ("sleep".into(), Waits::Timer(deadline(program, &program.field(value, "timer")?)?))
        }
        "segno::task::wait::Join" => {
            let number = program.number_of(value, &["wait", "target"])? as u16;
            ("join".into(), joined(walk, number)?)
        }
        "segno::sync::wait::Wait" => sync(program, &program.field(value, "source")?)?,
        "segno::sync::condition::ConditionWait" => {
            ("condition".into(), place(program, "condition", program.number_of(value, &["waiters"])?))
        }
        "segno::sync::barrier::BarrierWait" => {
            ("barrier".into(), place(program, "barrier", program.number_of(value, &["barrier"])?))
        }
        "segno::machine::block::Blocked" => ("block".into(), Waits::Device(walk.devices.of(walk.task))),
        _ => return Ok(None),
    };
    Ok(Some(Frame { name, path: value.ty.base.clone(), waits: Some(waits), ..Frame::default() }))
}

fn joined(walk: &Walk<'_, '_>, number: u16) -> Result<Waits, Problem> {
    let node = nodes::node(walk.program, walk.memory, number)?;
    Ok(match &*node.kind {
        "Future" => Waits::Future { number, handles: node.references as u16 },
        _ => Waits::Task(number),
    })
}

fn sync(program: &Program<'_>, source: &Value) -> Result<(String, Waits), Problem> {
    let name = source.ty.base.rsplit("::").next().unwrap_or_default();
    let kind = SOURCES.iter().find(|(known, _)| *known == name).map_or("something", |(_, kind)| kind);
    let mut address = source.address;
    if let Shape::Struct { members, .. } = &source.ty.shape {
        for member in members {
            let field = program.value(member.ty, source.address.wrapping_add(member.offset))?;
            if matches!(field.ty.shape, Shape::Pointer(_)) {
                address = program.number(&field)?;
                break;
            }
        }
    }
    Ok((kind.into(), place(program, kind, address)))
}

/// Something of `sync` at an address: by the name of the static that it is in.
fn place(program: &Program<'_>, kind: &'static str, address: u64) -> Waits {
    let named = program.image.static_at(address).map(|(found, start)| {
        let name = found.path.rsplit("::").next().unwrap_or_default().to_owned();
        if start == address { name } else { format!("{name}+{}", address - start) }
    });
    Waits::Sync { kind, place: named.unwrap_or_else(|| format!("at {address:#x}")), address }
}
