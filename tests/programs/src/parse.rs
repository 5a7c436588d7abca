//! Reads what a program is written down as.

use std::str::FromStr;

use crate::program::{Act, Mode, Op, Program, Sync, Target};

impl Program {
    /// The program of a text, as [`Program::text`] writes it.
    ///
    /// # Errors
    /// The line that is none of a program.
    pub fn parse(text: &str) -> Result<Program, String> {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let header = first.strip_prefix("program ").and_then(|rest| rest.split_once(' '));
        let header = header.and_then(|(seed, futures)| Some((seed.parse().ok()?, futures.parse().ok()?)));
        let (seed, futures) = header.ok_or_else(|| first.to_string())?;
        let mut routines = Vec::new();
        loop {
            match lines.next() {
                Some("end") => return Ok(Program { seed, futures, routines }),
                Some(line) if line.starts_with("routine ") => routines.push(block(&mut lines)?),
                line => return Err(line.unwrap_or("a program without an end").to_string()),
            }
        }
    }
}

fn block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<Op>, String> {
    let mut ops = Vec::new();
    loop {
        let line = lines.next().ok_or("a block without an end")?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let op = match words[..] {
            ["}"] => return Ok(ops),
            ["catch"] => Op::Catch(block(lines)?),
            ["finally"] => Op::Finally(block(lines)?, block(lines)?),
            ["timeout", delay] => Op::Timeout(number(delay)?, block(lines)?),
            ["limit", delay] => Op::Limit(number(delay)?, block(lines)?),
            ["group"] => Op::Group(block(lines)?),
            ["lock"] => Op::Lock(block(lines)?),
            ["permit"] => Op::Permit(block(lines)?),
            _ => simple(&words).ok_or(line)?,
        };
        ops.push(op);
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| text.to_string())
}

fn target(text: &str) -> Option<Target> {
    let number = text.get(1..)?.parse().ok()?;
    match text.get(..1)? {
        "T" => Some(Target::Task(number)),
        "F" => Some(Target::Future(number)),
        _ => None,
    }
}

fn future(text: &str) -> Option<usize> {
    match target(text)? {
        Target::Future(number) => Some(number),
        Target::Task(_) => None,
    }
}

fn targets(words: &[&str]) -> Option<Vec<Target>> {
    words.iter().map(|word| target(word)).collect()
}

fn act(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["say", tag] => Act::Say(tag.parse().ok()?),
        ["cancel", name] => Act::Cancel(target(name)?),
        ["set", name, value] => Act::Set(future(name)?, value.parse().ok()?),
        ["reschedule", number, to] => Act::Reschedule(number.parse().ok()?, limit(to)?),
        ["cancel_kept", number] => Act::CancelKept(number.parse().ok()?),
        _ => return None,
    })
}

/// A timeout, or none.
fn limit<T: FromStr>(text: &str) -> Option<Option<T>> {
    if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
}

/// An operation without a block.
fn simple(words: &[&str]) -> Option<Op> {
    Some(match words {
        ["sleep", delay] => Op::Sleep(delay.parse().ok()?),
        ["spawn", routine] => Op::Spawn(routine.parse().ok()?),
        ["group_spawn", routine] => Op::GroupSpawn(routine.parse().ok()?),
        ["cancel", name] => Op::Cancel(target(name)?),
        ["uncancel"] => Op::Uncancel,
        [operation @ ("uncancel" | "uncancel_spare"), name] => match target(name)? {
            Target::Task(number) => Op::UncancelOf(number, *operation == "uncancel_spare"),
            Target::Future(_) => return None,
        },
        ["cancelling"] => Op::Cancelling,
        ["set", name, value] => Op::Set(future(name)?, value.parse().ok()?),
        ["set_exception", name, value] => Op::SetException(future(name)?, value.parse().ok()?),
        ["callback", name, tag] => Op::Callback(target(name)?, tag.parse().ok()?),
        ["soon", rest @ ..] => Op::Soon(act(rest)?),
        ["later", delay, rest @ ..] => Op::Later(delay.parse().ok()?, act(rest)?),
        ["await", name] => Op::Await(target(name)?),
        ["wait_for", delay, name] => Op::WaitFor(target(name)?, delay.parse().ok()?),
        ["shield", name] => Op::Shield(target(name)?),
        ["wait_for_shield", delay, name] => Op::WaitForShield(target(name)?, delay.parse().ok()?),
        ["gather", all, names @ ..] => Op::Gather(targets(names)?, *all == "1"),
        ["wait", mode, timeout, names @ ..] => {
            let mode = match *mode {
                "All" => Mode::All,
                "First" => Mode::First,
                "Exception" => Mode::Exception,
                _ => return None,
            };
            Op::Wait(targets(names)?, mode, limit(timeout)?)
        }
        ["as_completed", timeout, names @ ..] => Op::AsCompleted(targets(names)?, limit(timeout)?, false),
        ["as_completed_one", timeout, names @ ..] => Op::AsCompleted(targets(names)?, limit(timeout)?, true),
        ["reschedule", number, to] => Op::Reschedule(number.parse().ok()?, limit(to)?),
        ["keep_gather", all, names @ ..] => Op::KeepGather(targets(names)?, *all == "1"),
        ["keep_shield", name] => Op::KeepShield(target(name)?),
        ["await_kept", number] => Op::AwaitKept(number.parse().ok()?),
        ["cancel_kept", number] => Op::CancelKept(number.parse().ok()?),
        ["state_kept", number] => Op::StateKept(number.parse().ok()?),
        ["return", value] => Op::Return(value.parse().ok()?),
        ["fail", value] => Op::Fail(value.parse().ok()?),
        _ => Op::Sync(sync(words)?),
    })
}

fn sync(words: &[&str]) -> Option<Sync> {
    Some(match words {
        ["event_set"] => Sync::EventSet,
        ["event_clear"] => Sync::EventClear,
        ["event_wait"] => Sync::EventWait,
        ["notified"] => Sync::Notified,
        ["notify", count] => Sync::Notify(count.parse().ok()?),
        ["barrier"] => Sync::Barrier,
        ["barrier_reset"] => Sync::BarrierReset,
        ["barrier_abort"] => Sync::BarrierAbort,
        ["barrier_state"] => Sync::BarrierState,
        ["shutdown", at_once] => Sync::Shutdown(*at_once == "1"),
        ["join"] => Sync::Join,
        ["task_done"] => Sync::TaskDone,
        ["put", value] => Sync::Put(value.parse().ok()?),
        ["get"] => Sync::Get,
        ["put_nowait", value] => Sync::PutNowait(value.parse().ok()?),
        ["get_nowait"] => Sync::GetNowait,
        _ => return None,
    })
}
