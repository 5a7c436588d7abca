//! The chain of coroutines of a task: who awaits whom, in which line.
//!
//! # The design
//! A machine's state is an `enum` of its closure. The name of the active variant says the line; its field `__child` is
//! what is awaited there. States with variables that are borrowed are nested in regions, see `macros/src/emit`. What is no
//! machine is one of the leaves that [`leaves`](super::leaves) knows, or is searched for coroutines in it: that is how
//! combinators are found, also those of others.

use std::time::Duration;

use super::devices::Devices;
use super::leaves;
use super::loops::Memory;
use super::model::{Frame, Waits};
use crate::Problem;
use crate::image::{Shape, Type};
use crate::value::{Program, Value};

const MACHINES: [&str; 2] = ["segno::machine::Machine", "segno::machine::AnchoredMachine"];
const TIMER: &str = "segno::timers::TimerNode";

/// How deep coroutines are looked for in what is no coroutine.
const DEPTH: usize = 8;

/// Coroutines in coroutines: no program has as many.
const LONGEST: usize = 200;

/// Arrays are searched up to here.
const ELEMENTS: u64 = 64;

/// The walk through one task.
pub(super) struct Walk<'a, 'p> {
    pub(super) program: &'a Program<'p>,
    pub(super) memory: &'a Memory,
    pub(super) devices: &'a Devices,
    pub(super) task: u16,
}

/// The function of a path, without what the compiler has made up: `read_line` of `echo::read_line::{closure_env#1}`.
pub(super) fn function_name(path: &str) -> String {
    let named = path.rsplit("::").find(|part| !part.starts_with('{') && !part.starts_with("__"));
    named.unwrap_or(path).to_owned()
}

/// What a type is called in asyncio's spelling: `wait_for` of `WaitFor`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// What a coroutine of this type is called.
pub(super) fn coroutine_name(program: &Program<'_>, ty: &Type) -> Result<String, Problem> {
    if MACHINES.contains(&&*ty.base)
        && let Some((_, step)) = ty.parameters.iter().find(|(name, _)| name == "F")
    {
        return Ok(function_name(&program.image.type_of(*step)?.base));
    }
    Ok(snake_case(ty.base.rsplit("::").next().unwrap_or_default()))
}

impl Walk<'_, '_> {
    /// A task's coroutine.
    pub(super) fn root(&self, value: &Value) -> Result<Frame, Problem> {
        let mut found = self.frames(value, 0, 0)?;
        if found.len() == 1 {
            return Ok(found.remove(0));
        }
        self.combinator(value, found)
    }

    /// The coroutines in a value: usually it is one.
    fn frames(&self, value: &Value, depth: usize, length: usize) -> Result<Vec<Frame>, Problem> {
        if depth > DEPTH || length > LONGEST || value.ty.size == 0 {
            return Ok(Vec::new());
        }
        if MACHINES.contains(&&*value.ty.base) {
            return Ok(vec![self.machine(value, length)?]);
        }
        if let Some(leaf) = leaves::leaf(self, value)? {
            return Ok(vec![leaf]);
        }
        if let Some(frame) = self.async_fn(value, length)? {
            return Ok(vec![frame]);
        }
        let mut found = Vec::new();
        for part in self.parts(value)? {
            found.extend(self.frames(&part, depth + 1, length + 1)?);
        }
        if leaves::is_shown(&value.ty.base) {
            return Ok(vec![self.combinator(value, found)?]);
        }
        Ok(found)
    }

    /// What is in a value: of an `enum`, what is in its active variant.
    fn parts(&self, value: &Value) -> Result<Vec<Value>, Problem> {
        let program = self.program;
        match &value.ty.shape {
            Shape::Struct { members, variants } => {
                let mut parts = Vec::new();
                for member in members {
                    parts.push(program.value(member.ty, value.address.wrapping_add(member.offset))?);
                }
                if variants.is_some() {
                    // What is not initialised may have a value that it cannot have: nothing is in it.
                    parts.extend(program.variant(value).ok().flatten().map(|(_, fields)| fields));
                }
                Ok(parts)
            }
            Shape::Array { element, count } => {
                let size = program.image.type_of(*element)?.size;
                (0..*count.min(&ELEMENTS))
                    .map(|at| program.value(*element, value.address.wrapping_add(at * size)))
                    .collect()
            }
            Shape::Pointer(Some(target)) if leaves::may_be_followed(&program.image.type_of(*target)?.base) => {
                Ok(program.target(value)?.into_iter().collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What awaits several others, or one in a way of its own.
    fn combinator(&self, value: &Value, children: Vec<Frame>) -> Result<Frame, Problem> {
        let name = snake_case(value.ty.base.rsplit("::").next().unwrap_or_default());
        let waits = children.is_empty().then(|| Waits::Foreign(value.ty.path.clone(), self.devices.of(self.task)));
        Ok(Frame {
            name,
            path: value.ty.base.clone(),
            deadline: self.deadline(value, 0)?,
            waits,
            children,
            ..Frame::default()
        })
    }

    /// The deadline of a timer that is in a value itself, and armed.
    fn deadline(&self, value: &Value, depth: usize) -> Result<Option<Duration>, Problem> {
        if value.ty.base == TIMER {
            return leaves::deadline(self.program, value);
        }
        let Shape::Struct { members, variants: None } = &value.ty.shape else { return Ok(None) };
        for member in members.iter().filter(|member| depth < 2 && matches!(&*member.name, "scope" | "timer")) {
            let part = self.program.value(member.ty, value.address.wrapping_add(member.offset))?;
            if let Some(deadline) = self.deadline(&part, depth + 1)? {
                return Ok(Some(deadline));
            }
        }
        Ok(None)
    }

    /// A coroutine that the attribute has made.
    fn machine(&self, value: &Value, length: usize) -> Result<Frame, Problem> {
        let program = self.program;
        let closure = program.field(value, "step")?;
        let path = closure.ty.base.rsplit_once("::").map_or("", |(path, _)| path).to_owned();
        let mut frame = Frame { name: function_name(&path), path, ..Frame::default() };
        let file = program.image.file_of(&frame.path).map(str::to_owned);
        let mut state = program.field(&closure, "__state")?;
        loop {
            let Some((name, fields)) = program.variant(&state)? else {
                // It has one state only, and is not suspended in it.
                frame.waits = Some(Waits::Runs);
                return Ok(frame);
            };
            if let Some(line) = line_of(&name) {
                frame.place = file.map(|file| (file, line));
                let child = program.field(&fields, "__child")?;
                frame.children = self.frames(&child, 0, length + 1)?;
                if frame.children.is_empty() {
                    frame.waits = Some(Waits::Foreign(child.ty.path.clone(), self.devices.of(self.task)));
                }
                return Ok(frame);
            }
            frame.waits = Some(match &*name {
                "Start" => Waits::NotStarted,
                "Done" => Waits::Runs,
                _ => {
                    state = program.path(&fields, &["__0", "__rest"])?;
                    continue;
                }
            });
            return Ok(frame);
        }
    }

    /// An `async fn` of rustc's, which somebody else has written.
    fn async_fn(&self, value: &Value, length: usize) -> Result<Option<Frame>, Problem> {
        let is_async = |part: &str| part.starts_with("{async_");
        if !value.ty.base.rsplit("::").next().is_some_and(is_async) {
            return Ok(None);
        }
        let mut frame = Frame { name: function_name(&value.ty.base), path: value.ty.base.clone(), ..Frame::default() };
        let variant = self.program.variant(value)?;
        match variant.as_ref().map(|(name, _)| &**name) {
            Some("Unresumed") => frame.waits = Some(Waits::NotStarted),
            Some("Returned" | "Panicked") => frame.waits = Some(Waits::Runs),
            _ => {}
        }
        if frame.waits.is_none() {
            if let Some((_, fields)) = &variant
                && let Ok(awaited) = self.program.field(fields, "__awaitee")
            {
                frame.children = self.frames(&awaited, 0, length + 1)?;
            }
            if frame.children.is_empty() {
                frame.waits = Some(Waits::Foreign(value.ty.path.clone(), self.devices.of(self.task)));
            }
        }
        Ok(Some(frame))
    }
}

/// The line in the name of a state: 47 of `S2_line47_read_line`.
fn line_of(name: &str) -> Option<u32> {
    let (number, rest) = name.strip_prefix('S')?.split_once("_line")?;
    number.parse::<u32>().ok()?;
    rest.split('_').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{function_name, line_of, snake_case};

    #[test]
    fn a_state_is_called_for_its_line() {
        assert_eq!(line_of("S2_line47_read_line"), Some(47));
        assert_eq!(line_of("S1_line9_blocked"), Some(9));
        for other in ["Start", "Done", "Region1", "__Region1", "S_line", "Sx_line3_y"] {
            assert_eq!(line_of(other), None, "{other}");
        }
    }

    #[test]
    fn names_are_those_of_the_source() {
        assert_eq!(function_name("segno_examples::echo::read_line::{closure_env#1}"), "read_line");
        assert_eq!(function_name("port::{impl#3}::read"), "read");
        assert_eq!(snake_case("WaitFor"), "wait_for");
    }
}
