//! What is strange: tasks that nobody is going to wake, or that leave nothing to others.
//!
//! A warning is said only of what can be known from the memory and the program. Who could still set an event or release a
//! lock is not in the memory, so that a task may be stuck without a warning; how long it has waited says more.

use std::collections::HashMap;
use std::time::Duration;

use super::model::{Frame, Loop, Snapshot, State, Task, Waits};
use super::{Busy, Image};

/// What ends waits for values of `sync`: without code for any of these, nobody does.
const ENDS: [(&str, &[&str]); 2] =
    [("event", &["segno::sync::event::Event::set"]), ("flag", &["segno::sync::thread_safe_flag::ThreadSafeFlag::set"])];

/// A wait of a value of `sync` that has lasted for longer is mentioned.
const LONG: Duration = Duration::from_secs(60);

/// A loop has less than this part of its memory left.
const SCARCE: u64 = 10;

pub(super) fn add(image: &Image, found: &mut Snapshot, busy_tasks: &[Busy], looks: usize) {
    for (at, event_loop) in found.loops.iter_mut().enumerate() {
        let of_tasks: Vec<Vec<String>> = event_loop
            .tasks
            .iter()
            .map(|task| {
                let busy = busy_tasks.iter().find(|busy| (busy.event_loop, busy.task) == (at, task.number));
                of_task(image, event_loop, task, busy.map(|one| busy_words(one, busy_tasks, looks)))
            })
            .collect();
        for (task, warnings) in event_loop.tasks.iter_mut().zip(of_tasks) {
            task.warnings = warnings;
        }
        event_loop.warnings = of_loop(event_loop);
    }
}

fn busy_words(busy: &Busy, all: &[Busy], looks: usize) -> String {
    let hogs = |other: &&Busy| other.event_loop == busy.event_loop && other.running == looks;
    if all.iter().any(|other| hogs(&other)) && busy.running == 0 {
        return "does not get its turn: another task does not yield".into();
    }
    if busy.running == looks {
        return format!("does not yield: it was running each of the {looks} times that it was looked at");
    }
    let seen = busy.running + busy.ready;
    format!("is busy: it was about to run, or ran, {seen} of the {looks} times that it was looked at")
}

fn of_task(image: &Image, found: &Loop, task: &Task, busy: Option<String>) -> Vec<String> {
    let mut warnings: Vec<String> = busy.into_iter().collect();
    if task.state == State::Suspended && !task.cancelling {
        // One of several is enough to go on.
        let leaves = task.frame.leaves();
        let stuck: Vec<String> = leaves.iter().filter_map(|leaf| stuck(image, found, task, leaf)).collect();
        if stuck.len() == leaves.len() && deadlines(&task.frame) == 0 {
            warnings.extend(stuck);
        }
    }
    if let Some(counts) = task.statistics
        && counts.longest >= found.slow
    {
        let (longest, limit) = (counts.longest.as_micros(), found.slow.as_micros());
        warnings.push(format!("had a step of {longest} µs; {limit} µs is what the loop calls slow"));
    }
    warnings
}

/// Why a wait never ends; `None` if it may.
fn stuck(image: &Image, found: &Loop, task: &Task, leaf: &Frame) -> Option<String> {
    match leaf.waits.as_ref()? {
        Waits::Task(number) => circle(found, task.number, *number),
        Waits::Future { number, handles } => {
            let waiting = found.tasks.iter().flat_map(|task| task.frame.leaves());
            let waiting = waiting
                .filter(|leaf| matches!(leaf.waits, Some(Waits::Future { number: other, .. }) if other == *number));
            (usize::from(*handles) <= waiting.count())
                .then(|| format!("is stuck: nobody else has a handle of Future-{number}, so nobody can set its result"))
        }
        Waits::Sync { kind, place, .. } => {
            let ends = ENDS.iter().find(|(known, _)| known == kind);
            if let Some((_, ends)) = ends
                && !ends.iter().any(|path| image.has_code(path))
            {
                return Some(format!("is stuck: there is no code in the program that sets the {kind} {place}"));
            }
            let waited = found.time?.checked_sub(task.statistics?.since)?;
            (waited >= LONG)
                .then(|| format!("may be stuck: it has waited for the {kind} {place} for {} s", waited.as_secs()))
        }
        _ => None,
    }
}

/// Whether tasks wait for each other: this one for `next`, that one for another, and so on, back to this one.
fn circle(found: &Loop, first: u16, next: u16) -> Option<String> {
    let waits: HashMap<u16, u16> = found.tasks.iter().filter_map(|task| Some((task.number, only(task)?))).collect();
    let mut names = Vec::new();
    let mut number = next;
    for _ in 0..found.tasks.len() {
        let task = found.tasks.iter().find(|task| task.number == number)?;
        names.push(task.label());
        if number == first {
            return Some(format!("is stuck: it waits for itself, by way of {}", names.join(", ")));
        }
        number = *waits.get(&number)?;
    }
    None
}

/// The task that a task waits for, if it waits for nothing else.
fn only(task: &Task) -> Option<u16> {
    match task.frame.leaves()[..] {
        [Frame { waits: Some(Waits::Task(number)), .. }] => Some(*number),
        _ => None,
    }
}

/// How many timeouts there are around the innermost frames.
fn deadlines(frame: &Frame) -> usize {
    usize::from(frame.deadline.is_some()) + frame.children.iter().map(deadlines).sum::<usize>()
}

fn of_loop(found: &Loop) -> Vec<String> {
    let mut warnings = Vec::new();
    let pool = found.pool;
    if pool.free * SCARCE < pool.size {
        warnings.push(format!("{} has {} of {} bytes left for tasks and callbacks", found.name, pool.free, pool.size));
    } else if pool.largest * SCARCE < pool.size {
        warnings.push(format!(
            "the memory of {} is in pieces: {} bytes are free, but no more than {} together",
            found.name, pool.free, pool.largest
        ));
    }
    warnings
}
