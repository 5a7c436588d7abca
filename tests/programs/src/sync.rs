//! What programs do with asyncio's primitives of synchronisation: one of each, which all tasks share.

use std::rc::Rc;

use segno::prelude::*;
use segno::sync::{Barrier, Condition, Event, GetError, Lock, PutError, Queue, Semaphore};

use crate::interpreter::{Reraise, World};
use crate::program::Sync;

/// One of each.
pub struct Primitives {
    pub lock: Lock,
    pub semaphore: Semaphore,
    event: Event,
    condition: Condition,
    barrier: Barrier<2>,
    queue: Queue<i64, 1>,
}

impl Primitives {
    pub fn new() -> Primitives {
        Primitives {
            lock: Lock::new(),
            semaphore: Semaphore::new(2),
            event: Event::new(),
            condition: Condition::new(),
            barrier: Barrier::new(),
            queue: Queue::new(),
        }
    }
}

/// Does one operation, and answers what came of it.
#[segno::coroutine]
async fn operate(world: Rc<World>, op: Sync) -> String {
    let all = &world.primitives;
    match op {
        Sync::EventSet => all.event.set(),
        Sync::EventClear => all.event.clear(),
        Sync::EventWait => all.event.wait().await,
        Sync::Notified => {
            let guard = all.condition.acquire().await;
            let guard = guard.wait().await;
            drop(guard);
        }
        Sync::Notify(count) => {
            let guard = all.condition.acquire().await;
            guard.notify(count as usize);
        }
        Sync::Barrier => {
            return match all.barrier.wait().await {
                Ok(index) => index.to_string(),
                Err(broken) => broken.to_string(),
            };
        }
        Sync::BarrierReset => all.barrier.reset().await,
        Sync::BarrierAbort => all.barrier.abort().await,
        Sync::BarrierState => return format!("{} {}", all.barrier.n_waiting(), u8::from(all.barrier.broken())),
        Sync::Shutdown(at_once) => all.queue.shutdown(at_once),
        Sync::Join => all.queue.join().await,
        Sync::TaskDone => {
            if all.queue.task_done().is_err() {
                return "too often".into();
            }
        }
        Sync::Put(value) => {
            if all.queue.put(value).await.is_err() {
                return "shut down".into();
            }
        }
        Sync::Get => {
            return match all.queue.get().await {
                Ok(value) => value.to_string(),
                Err(_) => "shut down".into(),
            };
        }
        Sync::PutNowait(value) => {
            return match all.queue.put_nowait(value) {
                Ok(()) => "ok".into(),
                Err(PutError::QueueFull(_)) => "full".into(),
                Err(PutError::QueueShutDown(_)) => "shut down".into(),
            };
        }
        Sync::GetNowait => {
            return match all.queue.get_nowait() {
                Ok(value) => value.to_string(),
                Err(GetError::QueueEmpty) => "empty".into(),
                Err(GetError::QueueShutDown) => "shut down".into(),
            };
        }
    }
    "ok".into()
}

/// Does one operation, and writes down what came of it.
#[segno::coroutine]
pub async fn synchronise(world: Rc<World>, me: usize, op: Sync) {
    match operate(world.clone(), op).catch_cancel().await {
        Ok(text) => world.log(me, format!("{op} {text}")),
        Err(Cancelled) => {
            world.log(me, format!("{op} cancelled"));
            Reraise.await;
        }
    }
}
