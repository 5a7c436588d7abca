//! The runtime's structures, in a program's memory.

mod devices;
mod frames;
mod leaves;
mod loops;
pub(crate) mod model;
mod nodes;
mod warnings;

use crate::value::Program;
use crate::{Image, Memory, Problem};
use model::{Snapshot, State, Task, Waits};

/// How often a program is looked at, if it runs.
const LOOKS: usize = 8;

/// A task that is queued, or runs, so often is busy.
const OFTEN: usize = LOOKS / 2;

/// How often a task was queued, or ran, when it was looked at.
struct Busy {
    event_loop: usize,
    task: u16,
    ready: usize,
    running: usize,
}

/// Looks at a program that goes on meanwhile, until two in a row are the same.
const MORE_LOOKS: usize = 4;

/// Reads what the tasks of a program are doing. A program that runs is looked at a few times, to tell who is busy.
///
/// If it goes on while it is read, what is shown of a task may be put together from two moments. So it is looked at until two
/// looks in a row show the task in the same line, waiting for the same; a task that is not busy and for which that does not
/// come to pass has a warning that says so.
///
/// # Errors
/// If the memory cannot be read, or is not that of a program of the image.
pub fn snapshot(image: &Image, memory: &mut dyn Memory) -> Result<Snapshot, Problem> {
    image.check(memory)?;
    let mut found = look_again(image, memory)?;
    let mut looks = 1;
    let mut busy = Vec::new();
    let mut before = Snapshot { loops: Vec::new() };
    count_busy(&found, &mut busy);
    while looks < LOOKS && memory.let_run()? {
        before = std::mem::replace(&mut found, look_again(image, memory)?);
        looks += 1;
        count_busy(&found, &mut busy);
    }
    busy.retain(|task| looks == LOOKS && task.ready + task.running >= OFTEN);
    let mut left = if memory.goes_on() { MORE_LOOKS } else { 0 };
    while left > 0 && !moved(&before, &found, &busy).is_empty() && memory.let_run()? {
        before = std::mem::replace(&mut found, look_again(image, memory)?);
        left -= 1;
    }
    let moving = if memory.goes_on() { moved(&before, &found, &busy) } else { Vec::new() };
    warnings::add(&|path| image.has_code(path), &mut found, &busy, looks);
    warnings::add_moving(&mut found, &moving);
    Ok(found)
}

/// Looks, and a few times more if what is found makes no sense: the program may have gone on meanwhile.
fn look_again(image: &Image, memory: &mut dyn Memory) -> Result<Snapshot, Problem> {
    let mut left = LOOKS;
    loop {
        match look(image, memory) {
            Err(_) if left > 0 && memory.let_run()? => left -= 1,
            answer => return answer,
        }
    }
}

fn look(image: &Image, memory: &mut dyn Memory) -> Result<Snapshot, Problem> {
    loops::read(&Program::new(image, memory))
}

/// The tasks that are not what they were, and not busy: the numbers of their loops, and their own.
fn moved(before: &Snapshot, now: &Snapshot, busy: &[Busy]) -> Vec<(usize, u16)> {
    let mut moved = Vec::new();
    for (event_loop, found) in now.loops.iter().enumerate() {
        let before = before.loops.get(event_loop);
        for task in &found.tasks {
            let same =
                |other: &&Task| (other.number, other.state, &other.frame) == (task.number, task.state, &task.frame);
            let still = before.is_some_and(|before| before.tasks.iter().any(|other| same(&other)));
            if !still && !busy.iter().any(|busy| (busy.event_loop, busy.task) == (event_loop, task.number)) {
                moved.push((event_loop, task.number));
            }
        }
    }
    moved
}

fn count_busy(snapshot: &Snapshot, all: &mut Vec<Busy>) {
    for (event_loop, found) in snapshot.loops.iter().enumerate() {
        for task in &found.tasks {
            // Who gives up its turn is queued in the next one, and between the two nowhere.
            let yields = task.frame.leaves().iter().any(|leaf| leaf.waits == Some(Waits::Timer(None)));
            let running = usize::from(task.state == State::Running);
            let ready = usize::from(running == 0 && (task.state == State::Ready || yields));
            if running + ready == 0 {
                continue;
            }
            match all.iter_mut().find(|busy| (busy.event_loop, busy.task) == (event_loop, task.number)) {
                Some(busy) => (busy.running, busy.ready) = (busy.running + running, busy.ready + ready),
                None => all.push(Busy { event_loop, task: task.number, ready, running }),
            }
        }
    }
}
