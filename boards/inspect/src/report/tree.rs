//! `pstree`: tasks with the coroutines that they are suspended in, and under who waits for a task, that task.

use std::collections::HashSet;

use super::table::names;
use super::text::{bytes, duration, left, place, state, waits};
use super::{heading, warnings};
use crate::walk::model::{Frame, Loop, Snapshot, Task, Waits};

/// A line, before the columns have got their widths.
struct Line {
    name: String,
    state: String,
    place: String,
    waits: String,
}

/// The tasks of all loops with their coroutines.
pub fn pstree(snapshot: &Snapshot) -> String {
    snapshot.loops.iter().map(of_loop).collect::<Vec<_>>().join("\n")
}

fn of_loop(found: &Loop) -> String {
    let awaited: HashSet<u16> =
        found.tasks.iter().flat_map(|task| awaited(&task.frame)).filter(|number| is_there(found, *number)).collect();
    let mut lines = Vec::new();
    let mut shown = HashSet::new();
    // Those that wait for each other in a circle are under nobody.
    let (roots, rest): (Vec<&Task>, Vec<&Task>) = found.tasks.iter().partition(|task| !awaited.contains(&task.number));
    for task in roots.into_iter().chain(rest) {
        add_task(found, task, "", &mut shown, &mut lines);
    }
    let width = |part: fn(&Line) -> &String| lines.iter().map(|line| part(line).chars().count()).max().unwrap_or(0);
    let (name, state, place) = (width(|line| &line.name), width(|line| &line.state), width(|line| &line.place));
    let mut text = heading(found);
    for line in &lines {
        let columns = format!("{:<name$}  {:<state$}  {:<place$}  {}", line.name, line.state, line.place, line.waits);
        text += columns.trim_end();
        text.push('\n');
    }
    text + &warnings(found)
}

fn is_there(found: &Loop, number: u16) -> bool {
    found.tasks.iter().any(|task| task.number == number)
}

/// The tasks that are awaited in a frame.
fn awaited(frame: &Frame) -> Vec<u16> {
    let number = |leaf: &&Frame| match leaf.waits {
        Some(Waits::Task(number)) => Some(number),
        _ => None,
    };
    frame.leaves().iter().filter_map(number).collect()
}

fn add_task(found: &Loop, task: &Task, indent: &str, shown: &mut HashSet<u16>, lines: &mut Vec<Line>) {
    if !shown.insert(task.number) {
        return;
    }
    let at = lines.len();
    add_frame(found, task, &task.frame, (indent, "  "), shown, lines);
    let mut state = state(task).to_owned();
    if let Some(counts) = task.statistics {
        state += &format!(", polls: {}, longest {}", counts.polls, duration(counts.longest));
    }
    let line = &mut lines[at];
    line.name = format!("{indent}{}: {}", task.label(), names(task));
    line.state = format!("{state}, {} bytes", bytes(task.bytes));
}

/// A line for a frame, and those for what it awaits.
fn add_frame(
    found: &Loop,
    task: &Task,
    frame: &Frame,
    (indent, inner): (&str, &str),
    shown: &mut HashSet<u16>,
    lines: &mut Vec<Line>,
) {
    let mut waiting = waits(found, task, frame);
    if let Some(deadline) = frame.deadline {
        waiting += &format!("{}{}", if waiting.is_empty() { "" } else { ", " }, left(found, deadline));
    }
    let at = lines.len();
    let name = format!("{indent}{}", frame.name);
    lines.push(Line { name, state: String::new(), place: place(frame), waits: waiting });
    let inner = format!("{}{inner}", indent.replace('├', "│").replace(['└', '─'], " "));
    // A leaf of the runtime has nothing to say but what it waits for: that stands in the line of who awaits it.
    if let [leaf] = &frame.children[..]
        && leaf.children.is_empty()
        && leaf.path.starts_with("segno::")
        && frame.deadline.is_none()
    {
        lines[at].waits = format!("waiting: {}", waits(found, task, leaf));
        add_awaited(found, leaf, &inner, shown, lines);
        return;
    }
    if !lines[at].waits.is_empty() && frame.waits.is_some() {
        lines[at].waits.insert_str(0, "waiting: ");
    }
    add_awaited(found, frame, &inner, shown, lines);
    for (number, child) in frame.children.iter().enumerate() {
        let branch = if number + 1 == frame.children.len() { "└ " } else { "├ " };
        add_frame(found, task, child, (&format!("{inner}{branch}"), ""), shown, lines);
    }
}

/// The task that a frame waits for.
fn add_awaited(found: &Loop, frame: &Frame, indent: &str, shown: &mut HashSet<u16>, lines: &mut Vec<Line>) {
    let Some(Waits::Task(number)) = frame.waits else { return };
    if let Some(task) = found.tasks.iter().find(|task| task.number == number) {
        add_task(found, task, &format!("{indent}└ "), shown, lines);
    }
}
