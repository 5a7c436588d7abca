//! `ps`: one line for each task.

use super::text::{bytes, duration, place, state, waits};
use super::{heading, warnings};
use crate::walk::model::{Frame, Loop, Snapshot, Task};

const COLUMNS: [&str; 10] =
    ["TASK", "COROUTINE", "STATE", "WAITING FOR", "SINCE", "WAKES", "POLLS", "LONGEST", "BYTES", "AT"];

/// One line for each task. Columns for which nothing is counted have a `-`.
pub fn ps(snapshot: &Snapshot) -> String {
    snapshot.loops.iter().map(of_loop).collect::<Vec<_>>().join("\n")
}

fn of_loop(found: &Loop) -> String {
    let rows: Vec<[String; 10]> = found.tasks.iter().map(|task| row(found, task)).collect();
    let mut widths = COLUMNS.map(|name| name.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; 10]| {
        let mut line = String::new();
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let width = if at + 1 == cells.len() { 0 } else { width };
            // Numbers end in the same column.
            line += &if (4..9).contains(&at) { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut text = heading(found) + &line(&COLUMNS.map(str::to_owned));
    for row in &rows {
        text += &line(row);
    }
    text + &warnings(found)
}

fn row(found: &Loop, task: &Task) -> [String; 10] {
    let counted = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let statistics = task.statistics;
    let since = statistics.zip(found.time).map(|(counts, now)| duration(now.saturating_sub(counts.since)));
    let waiting: Vec<String> = task.frame.leaves().iter().map(|leaf| waits(found, task, leaf)).collect();
    [
        task.label(),
        names(task),
        state(task).into(),
        waiting.join(" | "),
        counted(since),
        counted(statistics.map(|counts| counts.wakes.to_string())),
        counted(statistics.map(|counts| counts.polls.to_string())),
        counted(statistics.map(|counts| duration(counts.longest))),
        bytes(task.bytes),
        chain(&task.frame),
    ]
}

/// What a task's coroutine is called; all names that it may have.
pub(super) fn names(task: &Task) -> String {
    let others: String = task.candidates.iter().map(|name| format!(" or {name}")).collect();
    task.frame.name.clone() + &others
}

/// The lines of a task's coroutines, from the outermost to the innermost.
fn chain(frame: &Frame) -> String {
    let mut parts = Vec::new();
    let mut next = Some(frame);
    let mut outer = String::new();
    while let Some(frame) = next {
        let at = place(frame);
        if let Some((file, line)) = at.rsplit_once(':') {
            parts.push(if file == outer { format!("{} :{line}", frame.name) } else { format!("{} {at}", frame.name) });
            outer = file.to_owned();
        }
        next = frame.children.first();
    }
    parts.join(" > ")
}
