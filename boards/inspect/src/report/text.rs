//! Words and numbers.

use std::time::Duration;

use crate::walk::model::{Frame, Loop, State, Task, Waits};

/// A duration with its unit, in three digits or so.
pub(super) fn duration(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        1_000_000..600_000_000 => format!("{:.1} s", micros as f64 / 1e6),
        _ => format!("{} min", micros / 60_000_000),
    }
}

/// A number of bytes: 4,096.
pub(super) fn bytes(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The end of a path, as far as a user needs it to find the file: `examples/src/echo.rs`.
pub(super) fn file(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            _ => parts.push(part),
        }
    }
    parts[parts.len().saturating_sub(3)..].join("/")
}

pub(super) fn place(frame: &Frame) -> String {
    frame.place.as_ref().map_or(String::new(), |(path, line)| format!("{}:{line}", file(path)))
}

pub(super) fn state(task: &Task) -> &'static str {
    if task.cancelling {
        return "cancelling";
    }
    match task.state {
        State::New => "new",
        State::Ready => "ready",
        State::Running => "running",
        State::Suspended | State::AfterInterrupt => "suspended",
    }
}

/// A type without parameters, and without the modules around it.
fn short_type(path: &str) -> &str {
    let base = path.split('<').next().unwrap_or(path);
    base.rsplit("::").find(|part| !part.starts_with('{')).unwrap_or(base)
}

/// What a frame waits for. Empty for one that awaits others.
pub(super) fn waits(found: &Loop, task: &Task, frame: &Frame) -> String {
    let Some(waits) = &frame.waits else { return String::new() };
    let devices = |names: &[String]| match (names, task.state) {
        ([], State::AfterInterrupt) => "the next interrupt, whichever".into(),
        ([], _) => "an interrupt".into(),
        (names, _) => names.join(", "),
    };
    match waits {
        Waits::Timer(Some(deadline)) => format!("timer, {}", left(found, *deadline)),
        Waits::Timer(None) => "the next turn".into(),
        Waits::Task(number) => match found.tasks.iter().find(|other| other.number == *number) {
            Some(other) => format!("{} ({})", other.label(), other.frame.name),
            None => format!("Task-{number}, which has ended"),
        },
        Waits::Future { number, .. } => format!("Future-{number}"),
        Waits::Sync { kind, place, .. } => format!("{kind} {place}"),
        Waits::Device(names) => devices(names),
        // A coroutine that the runtime, or somebody, has written by hand.
        Waits::Foreign(ty, names) if names.is_empty() && ty.starts_with(&frame.path) => "something of its own".into(),
        Waits::Foreign(ty, names) if names.is_empty() => format!("`{}`", short_type(ty)),
        Waits::Foreign(_, names) => devices(names),
        Waits::NotStarted => "its first step".into(),
        Waits::Runs => "nobody: it runs".into(),
    }
}

/// How long it is until a deadline.
pub(super) fn left(found: &Loop, deadline: Duration) -> String {
    match found.time {
        Some(now) if now > deadline => format!("overdue for {}", duration(now - deadline)),
        Some(now) => format!("{} left", duration(deadline - now)),
        None => format!("until {}", duration(deadline)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(bytes(0), "0");
        assert_eq!(bytes(999), "999");
        assert_eq!(bytes(4096), "4,096");
        assert_eq!(bytes(1_234_567), "1,234,567");
        assert_eq!(duration(Duration::from_micros(999)), "999 µs");
        assert_eq!(duration(Duration::from_millis(4200)), "4.2 s");
    }

    #[test]
    fn files_are_named_as_far_as_they_are_to_be_found() {
        assert_eq!(file("/home/me/segno/examples/src/echo.rs"), "examples/src/echo.rs");
        assert_eq!(file("/segno/boards/lm3s6965evb/../programs/echo.rs"), "boards/programs/echo.rs");
        assert_eq!(file("src/main.rs"), "src/main.rs");
    }
}
