//! What a user sees: `ps`, one line for each task, and `pstree`, the tasks with their coroutines.
//!
//! Names and order are those of `python -m asyncio ps` and `pstree` where these have them.

mod table;
mod text;
mod tree;

pub use table::ps;
pub use tree::pstree;

use text::{bytes, duration};

use crate::walk::model::Loop;

/// The line above a loop's tasks.
fn heading(found: &Loop) -> String {
    let time = found.time.map_or("-".into(), duration);
    let (free, size) = (bytes(found.pool.free), bytes(found.pool.size));
    let running = if found.running { "runs" } else { "does not run" };
    let count = |number: usize, name: &str| format!("{number} {name}{}", if number == 1 { "" } else { "s" });
    format!(
        "{}: {running}, {}, {}, {free} of {size} bytes free, its clock said {time}\n",
        found.name,
        count(found.tasks.len(), "task"),
        count(found.timers, "timer")
    )
}

/// The lines below a loop's tasks.
fn warnings(found: &Loop) -> String {
    let of_tasks = found.tasks.iter().flat_map(|task| {
        let label = format!("{} ({})", task.label(), task.frame.name);
        task.warnings.iter().map(move |warning| format!("warning: {label} {warning}\n"))
    });
    of_tasks.chain(found.warnings.iter().map(|warning| format!("warning: {warning}\n"))).collect()
}
