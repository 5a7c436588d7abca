//! Makes a program smaller that two worlds run differently.

use crate::program::{Op, Program};

/// All programs that are one step smaller: an operation less, a block's operations in its place, a target less.
pub fn smaller(program: &Program) -> Vec<Program> {
    let mut found = Vec::new();
    for (number, routine) in program.routines.iter().enumerate() {
        for ops in smaller_block(routine) {
            let mut program = program.clone();
            program.routines[number] = ops;
            found.push(program);
        }
    }
    found
}

fn smaller_block(ops: &[Op]) -> Vec<Vec<Op>> {
    let mut found = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        for instead in instead_of(op) {
            let mut ops = ops.to_vec();
            ops.splice(index..=index, instead);
            found.push(ops);
        }
    }
    found
}

/// What may be in the place of an operation, the smallest first.
fn instead_of(op: &Op) -> Vec<Vec<Op>> {
    let mut found = vec![Vec::new()];
    match op {
        Op::Catch(body) => {
            found.push(body.clone());
            found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Catch(body)]));
        }
        Op::Timeout(delay, body) => {
            found.push(body.clone());
            found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Timeout(*delay, body)]));
        }
        Op::Limit(delay, body) => {
            found.push(body.clone());
            found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Limit(*delay, body)]));
        }
        Op::KeepGather(targets, all) => {
            found.extend(fewer(targets).map(|targets| vec![Op::KeepGather(targets, *all)]));
        }
        Op::Lock(body) => {
            found.push(body.clone());
            found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Lock(body)]));
        }
        Op::Permit(body) => {
            found.push(body.clone());
            found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Permit(body)]));
        }
        // A group's tasks have no group outside of it.
        Op::Group(body) => found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Group(body)])),
        Op::Finally(body, last) => {
            found.push(body.iter().chain(last).cloned().collect());
            found.extend(smaller_block(body).into_iter().map(|body| vec![Op::Finally(body, last.clone())]));
            found.extend(smaller_block(last).into_iter().map(|last| vec![Op::Finally(body.clone(), last)]));
        }
        Op::Gather(targets, all) => {
            found.extend(fewer(targets).map(|targets| vec![Op::Gather(targets, *all)]));
        }
        Op::Wait(targets, mode, timeout) => {
            found.extend(fewer(targets).map(|targets| vec![Op::Wait(targets, *mode, *timeout)]));
            if timeout.is_some() {
                found.push(vec![Op::Wait(targets.clone(), *mode, None)]);
            }
        }
        Op::AsCompleted(targets, timeout, one) => {
            found.extend(fewer(targets).map(|targets| vec![Op::AsCompleted(targets, *timeout, *one)]));
            if timeout.is_some() {
                found.push(vec![Op::AsCompleted(targets.clone(), None, *one)]);
            }
        }
        _ => {}
    }
    found
}

fn fewer<T: Clone>(targets: &[T]) -> impl Iterator<Item = Vec<T>> {
    let count = if targets.len() > 1 { targets.len() } else { 0 };
    (0..count).map(|without| {
        let mut targets = targets.to_vec();
        targets.remove(without);
        targets
    })
}
