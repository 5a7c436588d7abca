//! What programs keep of asyncio's futures: those of `gather` and of `shield`.

use std::pin::Pin;
use std::rc::Rc;

use segno::GatheringFuture;
use segno::prelude::*;
use segno::task::{CloneOutput, ResultError};

use crate::interpreter::{Handle, Outcome, World};
use crate::program::Op;
use crate::waits::{array, ends, single, start_shield, values};

/// What it says: a value, or an error.
type Said = Result<String, String>;

/// A future of asyncio's.
pub trait Kept {
    /// Waits for it.
    fn wait(&self) -> Boxed;
    /// Cancels it.
    fn cancel(&self) -> bool;
    /// What it has.
    fn state(&self) -> String;
}

/// A boxed wait.
pub struct Boxed(Pin<Box<dyn Coroutine<Output = Said>>>);

impl Coroutine for Boxed {
    type Output = Said;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Said> {
        self.0.as_mut().resume(cx)
    }
}

#[segno::coroutine]
async fn says<T: Clone>(wait: CloneOutput<T>, says: fn(T) -> Said) -> Said {
    says(wait.await)
}

fn state<T>(result: Result<T, ResultError>, cancelled: bool, says: fn(T) -> Said) -> String {
    match result {
        Ok(result) => says(result).map_or_else(|error| error, |value| format!("value {value}")),
        Err(ResultError::Pending) => "pending".into(),
        Err(_) => format!("cancelled {}", u8::from(cancelled)),
    }
}

/// A `gather`, and what is said of its results.
struct Gathered<T>(GatheringFuture<T>, fn(T) -> Said);

impl<T: Clone + 'static> Kept for Gathered<T> {
    fn wait(&self) -> Boxed {
        Boxed(Box::pin(says((&self.0).into_coroutine(), self.1)))
    }

    fn cancel(&self) -> bool {
        self.0.cancel()
    }

    fn state(&self) -> String {
        state(self.0.result(), self.0.cancelled(), self.1)
    }
}

/// A `shield`.
struct Shielded(Future<Outcome>);

impl Kept for Shielded {
    fn wait(&self) -> Boxed {
        Boxed(Box::pin(says((&self.0).into_coroutine(), single)))
    }

    fn cancel(&self) -> bool {
        self.0.cancel()
    }

    fn state(&self) -> String {
        state(self.0.result(), self.0.cancelled(), single)
    }
}

fn gathered<const N: usize>(lp: &'static EventLoop, handles: Vec<Handle>, exceptions: bool) -> Rc<dyn Kept> {
    let handles: [Handle; N] = array(handles);
    if exceptions {
        Rc::new(Gathered(gather(handles).return_exceptions().start(lp).expect("there is memory"), ends))
    } else {
        Rc::new(Gathered(try_gather(handles).start(lp).expect("there is memory"), values))
    }
}

/// Has a routine keep what the operation says; false if it says nothing of the kind.
pub fn keep(world: &World, me: usize, op: &Op) -> bool {
    let (what, targets) = match op {
        Op::KeepGather(targets, all) => (format!("keep_gather {}", u8::from(*all)), targets.clone()),
        Op::KeepShield(target) => ("keep_shield".into(), vec![*target]),
        _ => return false,
    };
    let handles: Option<Vec<Handle>> = targets.iter().map(|target| world.find(*target)).collect();
    let Some(mut handles) = handles else {
        let names: Vec<String> = targets.iter().map(ToString::to_string).collect();
        world.log(me, format!("{what} {} none", names.join(" ")));
        return true;
    };
    let kept = match (op, handles.len()) {
        (Op::KeepGather(_, all), 1) => gathered::<1>(world.lp, handles, *all),
        (Op::KeepGather(_, all), 2) => gathered::<2>(world.lp, handles, *all),
        (Op::KeepGather(_, all), _) => gathered::<3>(world.lp, handles, *all),
        _ => Rc::new(Shielded(start_shield(world.lp, handles.remove(0)))),
    };
    world.keep(me, kept);
    true
}

/// Waits for what a routine keeps.
#[segno::coroutine]
pub async fn await_kept(world: Rc<World>, me: usize, number: usize) {
    let what = format!("await_kept {number}");
    let Some(kept) = world.find_kept(number) else {
        world.log(me, format!("{what} none"));
        return;
    };
    match kept.wait().catch_cancel().await {
        Ok(Ok(text)) => world.log(me, format!("{what} value {text}")),
        Ok(Err(text)) => world.log(me, format!("{what} {text}")),
        Err(Cancelled) => {
            world.log(me, format!("{what} cancelled"));
            crate::interpreter::Reraise.await;
        }
    }
}
