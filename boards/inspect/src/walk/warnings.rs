//! What is strange: tasks that nobody is going to wake, or that leave nothing to others.
//!
//! A warning is said only of what can be known from the memory and the program. Who could still set an event or release a
//! lock is not in the memory, so that a task may be stuck without a warning; how long it has waited says more.

use std::collections::HashMap;
use std::time::Duration;

use super::Busy;
use super::model::{Frame, Loop, Snapshot, State, Task, Waits};

/// Tells whether there is code with a path in the program.
type HasCode<'a> = &'a dyn Fn(&str) -> bool;

/// What ends waits for values of `sync`: without code for any of these, nobody does.
const ENDS: [(&str, &[&str]); 2] =
    [("event", &["segno::sync::event::Event::set"]), ("flag", &["segno::sync::thread_safe_flag::ThreadSafeFlag::set"])];

/// A wait of a value of `sync` that has lasted for longer is mentioned.
const LONG: Duration = Duration::from_secs(60);

/// A loop has less than this part of its memory left.
const SCARCE: u64 = 10;

pub(super) fn add(has_code: HasCode<'_>, found: &mut Snapshot, busy_tasks: &[Busy], looks: usize) {
    for (at, event_loop) in found.loops.iter_mut().enumerate() {
        let of_tasks: Vec<Vec<String>> = event_loop
            .tasks
            .iter()
            .map(|task| {
                let busy = busy_tasks.iter().find(|busy| (busy.event_loop, busy.task) == (at, task.number));
                of_task(has_code, event_loop, task, busy.map(|one| busy_words(one, busy_tasks, looks)))
            })
            .collect();
        for (task, warnings) in event_loop.tasks.iter_mut().zip(of_tasks) {
            task.warnings = warnings;
        }
        event_loop.warnings = of_loop(event_loop);
    }
}

/// Tasks that went on while they were read: the numbers of their loops, and their own.
pub(super) fn add_moving(found: &mut Snapshot, moving: &[(usize, u16)]) {
    for (at, event_loop) in found.loops.iter_mut().enumerate() {
        for task in event_loop.tasks.iter_mut().filter(|task| moving.contains(&(at, task.number))) {
            task.warnings.push("went on while it was looked at: what is shown of it may be of two moments".into());
        }
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

fn of_task(has_code: HasCode<'_>, found: &Loop, task: &Task, busy: Option<String>) -> Vec<String> {
    let mut warnings: Vec<String> = busy.into_iter().collect();
    if task.state == State::Suspended && !task.cancelling {
        // One of several is enough to go on.
        let leaves = task.frame.leaves();
        let stuck: Vec<String> = leaves.iter().filter_map(|leaf| stuck(has_code, found, task, leaf)).collect();
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
fn stuck(has_code: HasCode<'_>, found: &Loop, task: &Task, leaf: &Frame) -> Option<String> {
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
                && !ends.iter().any(|path| has_code(path))
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

#[cfg(test)]
mod tests {
    use super::super::model::{Pool, Statistics};
    use super::*;

    fn task(number: u16, waits: Waits) -> Task {
        Task {
            number,
            name: None,
            state: State::Suspended,
            cancelling: false,
            frame: Frame { name: "work".into(), waits: Some(waits), ..Frame::default() },
            candidates: Vec::new(),
            bytes: 40,
            statistics: None,
            warnings: Vec::new(),
        }
    }

    fn snapshot(tasks: Vec<Task>) -> Snapshot {
        Snapshot {
            loops: vec![Loop {
                name: "MEMORY".into(),
                time: Some(Duration::from_secs(100)),
                pool: Pool { size: 4096, free: 2048, largest: 2048 },
                running: true,
                slow: Duration::from_millis(100),
                timers: 0,
                tasks,
                warnings: Vec::new(),
            }],
        }
    }

    /// All warnings, with the numbers of the tasks.
    fn warned(mut snapshot: Snapshot, busy: &[Busy]) -> Vec<(u16, String)> {
        add(&|path| path.ends_with("Event::set"), &mut snapshot, busy, 8);
        let found = &snapshot.loops[0];
        let of_tasks =
            found.tasks.iter().flat_map(|task| task.warnings.iter().map(|words| (task.number, words.clone())));
        of_tasks.chain(found.warnings.iter().map(|words| (0, words.clone()))).collect()
    }

    fn numbers(snapshot: Snapshot) -> Vec<u16> {
        warned(snapshot, &[]).into_iter().map(|(number, _)| number).collect()
    }

    fn sync(kind: &'static str) -> Waits {
        Waits::Sync { kind, place: "PLACE".into(), address: 0x2000_0000 }
    }

    #[test]
    fn tasks_that_wait_for_each_other_are_stuck_and_those_that_wait_for_them_are_not_the_cause() {
        let circle =
            vec![task(1, Waits::Task(2)), task(2, Waits::Task(3)), task(3, Waits::Task(1)), task(4, Waits::Task(1))];
        let warnings = warned(snapshot(circle), &[]);
        assert_eq!(warnings[0], (1, "is stuck: it waits for itself, by way of Task-2, Task-3, Task-1".into()));
        assert_eq!(warnings.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);
        let line = vec![task(1, Waits::Task(2)), task(2, Waits::Timer(None))];
        assert_eq!(numbers(snapshot(line)), []);
    }

    #[test]
    fn a_future_is_ended_by_who_has_a_handle_besides_those_who_wait() {
        let future = |handles| Waits::Future { number: 9, handles };
        assert_eq!(numbers(snapshot(vec![task(1, future(1))])), [1]);
        assert_eq!(numbers(snapshot(vec![task(1, future(2))])), []);
        assert_eq!(numbers(snapshot(vec![task(1, future(2)), task(2, future(2))])), [1, 2]);
    }

    #[test]
    fn an_event_is_set_by_code_or_by_nobody() {
        assert_eq!(numbers(snapshot(vec![task(1, sync("event")), task(2, sync("flag"))])), [2]);
        let mut waits_long = task(1, sync("event"));
        let counts = Statistics { polls: 1, wakes: 1, longest: Duration::ZERO, since: Duration::from_secs(39) };
        waits_long.statistics = Some(counts);
        let warnings = warned(snapshot(vec![waits_long]), &[]);
        assert_eq!(warnings, [(1, "may be stuck: it has waited for the event PLACE for 61 s".into())]);
    }

    #[test]
    fn who_may_go_on_for_another_reason_is_not_stuck() {
        let mut either = task(1, sync("flag"));
        let frame = |waits| Frame { waits: Some(waits), ..Frame::default() };
        either.frame = Frame { children: vec![frame(sync("flag")), frame(Waits::Timer(None))], ..Frame::default() };
        let mut limited = task(2, sync("flag"));
        limited.frame.deadline = Some(Duration::from_secs(200));
        let mut cancelling = task(3, sync("flag"));
        cancelling.cancelling = true;
        assert_eq!(numbers(snapshot(vec![either, limited, cancelling])), []);
    }

    #[test]
    fn slow_steps_and_scarce_memory_are_mentioned() {
        let mut slow = task(1, Waits::Timer(None));
        let longest = Duration::from_millis(100);
        slow.statistics = Some(Statistics { polls: 1, wakes: 1, longest, since: Duration::ZERO });
        let mut full = snapshot(vec![slow]);
        full.loops[0].pool.free = 400;
        let warnings = warned(full, &[]);
        assert_eq!(warnings[0], (1, "had a step of 100000 µs; 100000 µs is what the loop calls slow".into()));
        assert_eq!(warnings[1], (0, "MEMORY has 400 of 4096 bytes left for tasks and callbacks".into()));
        let mut pieces = snapshot(Vec::new());
        pieces.loops[0].pool.largest = 64;
        assert!(warned(pieces, &[])[0].1.starts_with("the memory of MEMORY is in pieces"));
    }

    #[test]
    fn who_does_not_yield_is_told_from_those_who_cannot_run_therefore() {
        let busy = |task, ready, running| Busy { event_loop: 0, task, ready, running };
        let tasks = || snapshot(vec![task(1, Waits::Runs), task(2, Waits::Timer(None))]);
        let warnings = warned(tasks(), &[busy(1, 0, 8), busy(2, 8, 0)]);
        assert!(warnings[0].1.starts_with("does not yield"), "{warnings:?}");
        assert!(warnings[1].1.starts_with("does not get its turn"), "{warnings:?}");
        let warnings = warned(tasks(), &[busy(2, 5, 1)]);
        assert_eq!(
            warnings,
            [(2, "is busy: it was about to run, or ran, 6 of the 8 times that it was looked at".into())]
        );
    }

    #[test]
    fn who_goes_on_while_it_is_looked_at_has_a_warning_unless_it_is_busy() {
        let before = snapshot((1..=4).map(|number| task(number, sync("event"))).collect());
        let mut now = before.clone();
        let tasks = &mut now.loops[0].tasks;
        tasks[0].frame.place = Some(("main.rs".into(), 7));
        tasks[1].state = State::Ready;
        tasks[2].state = State::Ready;
        let busy = [Busy { event_loop: 0, task: 3, ready: 8, running: 0 }];
        let moved = super::super::moved(&before, &now, &busy);
        assert_eq!(moved, [(0, 1), (0, 2)]);
        add_moving(&mut now, &moved);
        let warned: Vec<usize> = now.loops[0].tasks.iter().map(|task| task.warnings.len()).collect();
        assert_eq!(warned, [1, 1, 0, 0]);
    }
}
