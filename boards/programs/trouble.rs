//! Tasks that are stuck, busy, or fine: to be looked at by `cargo segno ps` and `cargo segno pstree`.
//!
//! A byte on the serial line has the task that reads it spin for ever, so that nothing else runs any more.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::LoopMemory;
use segno::prelude::*;
use segno::transport::Serial;

/// Nobody sets it.
static FLUSHED: Event = Event::new();

/// Nobody puts anything in.
static COMMANDS: Queue<u32, 4> = Queue::new();

/// Held for ever by who sleeps.
static BUS: Lock = Lock::new();

/// Stuck: nobody sets the event.
#[segno::coroutine]
async fn logger() {
    FLUSHED.wait().await;
}

/// Stuck: the future's only handle is the one that it awaits.
#[segno::coroutine]
async fn orphan(lp: &'static EventLoop) {
    if let Ok(answer) = lp.create_future::<u32>() {
        answer.await;
    }
}

/// Busy: it asks again and again instead of waiting.
#[segno::coroutine]
async fn impatient(lp: &'static EventLoop) {
    while lp.time() < Instant::from_ticks(u64::MAX) {
        sleep(0.secs()).await;
    }
}

/// Fine: it waits for two things at once.
#[segno::coroutine]
async fn server() {
    let _ = gather!(sleep(3600.secs()), command()).await;
}

#[segno::coroutine]
async fn command() -> u32 {
    match wait_for(COMMANDS.get(), 7200.secs()).await {
        Ok(Ok(command)) => command,
        _ => 0,
    }
}

/// Fine, but for those who want the bus.
#[segno::coroutine]
async fn owner() {
    let _bus = BUS.acquire().await;
    sleep(3600.secs()).await;
}

/// Waits for the bus.
#[segno::coroutine]
async fn user() {
    let _bus = BUS.acquire().await;
}

/// Fine: it waits for another task.
#[segno::coroutine]
async fn parent(child: Task<()>) {
    child.await;
}

/// Reads a byte, and then does not yield any more.
#[segno::coroutine]
async fn spinner(mut serial: impl Serial) {
    let mut byte = [0];
    block!(serial.try_read(&mut byte)).ok();
    println!("spinning");
    loop {
        core::hint::spin_loop();
    }
}

/// Makes a task, or says that there is no room for it.
fn spawn<C: Coroutine + 'static>(lp: &'static EventLoop, coroutine: C) -> Option<Task<C::Output>> {
    let task = lp.create_task(coroutine).ok();
    if task.is_none() {
        println!("error: no room for a task");
    }
    task
}

fn run(lp: &'static EventLoop, serial: impl Serial + 'static) {
    spawn(lp, spinner(serial));
    spawn(lp, logger());
    spawn(lp, orphan(lp));
    spawn(lp, impatient(lp));
    if lp.create_task_named("radio", server()).is_err() {
        println!("error: no room for a task");
    }
    spawn(lp, owner());
    if let Some(user) = spawn(lp, user()) {
        spawn(lp, parent(user));
    }
    println!("ready");
    lp.run_forever().unwrap_or_else(|error| println!("error: {error}"));
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<1024> = LoopMemory::new();
    start(&MEMORY, |lp, board: Board| run(lp, board.uart0))
}
