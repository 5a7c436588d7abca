//! An urgent loop preempts a long step of the main one, on a board that QEMU emulates: see `run.sh`.
#![no_std]
#![no_main]

#[cfg(feature = "lm3s6965evb")]
use lm3s6965evb as board;
#[cfg(feature = "mps2-an386")]
use mps2_an386 as board;

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use board::{Board, entry, exception, start};
use segno::prelude::*;
use segno::{UrgentLoop, Waker};
use segno_board::Board as _;
use segno_board::interrupt::Irq;
use segno_board::urgent::UrgentClock;

#[cfg(feature = "lm3s6965evb")]
mod alarm {
    use segno_board::drivers::gptm::Gptm;

    pub type Alarm = Gptm<0x4003_1000, { crate::board::clocks::SYSTEM_CLOCK }>;
    pub const IRQ: u16 = 21;

    // SAFETY: timer 1 is used here only, and its clock is switched on by `start`.
    pub const ALARM: Alarm = unsafe { Gptm::new() };

    pub fn start() {
        const RCGC1: *mut u32 = 0x400F_E104 as *mut u32;
        // SAFETY: the register that switches the clocks of timers; nobody else changes it meanwhile.
        unsafe { RCGC1.write_volatile(RCGC1.read_volatile() | 1 << 17) };
    }
}

#[cfg(feature = "mps2-an386")]
mod alarm {
    use segno_board::drivers::cmsdk_timer::CmsdkTimerAlarm;

    pub type Alarm = CmsdkTimerAlarm<0x4000_1000, { crate::board::SYSTEM_CLOCK }>;
    pub const IRQ: u16 = 9;

    // SAFETY: timer 1 is used here only.
    pub const ALARM: Alarm = unsafe { CmsdkTimerAlarm::new() };

    pub fn start() {}
}

static URGENT: UrgentLoop<1024> = UrgentLoop::new();
static CLOCK: UrgentClock<alarm::Alarm> = UrgentClock::new(|| Board::clock().now(), alarm::ALARM);

#[exception]
fn PendSV() {
    URGENT.serve().unwrap();
}

fn on_alarm() {
    CLOCK.on_alarm();
}

#[cfg(feature = "lm3s6965evb")]
#[unsafe(no_mangle)]
extern "C" fn TIMER1A() {
    on_alarm();
}

#[cfg(feature = "mps2-an386")]
#[unsafe(no_mangle)]
extern "C" fn TIMER1() {
    on_alarm();
}

static TICKS: AtomicU32 = AtomicU32::new(0);
/// Set by the main loop, for a task of the urgent one.
static ALARM: Event = Event::new();
/// Set by the urgent loop, for a task of the main one.
static ANSWER: Event = Event::new();

/// Every 10 ms, whatever the main loop does.
#[segno::coroutine]
async fn ticks() {
    let mut next = get_running_loop().unwrap().time();
    for _ in 0..8 {
        next += 10.millis();
        sleep_until(next).await;
        TICKS.fetch_add(1, Relaxed);
    }
}

#[segno::coroutine]
async fn guard() {
    ALARM.wait().await;
    println!("urgent: alarm");
    ANSWER.set();
}

fn urgent_main(lp: &'static EventLoop) {
    lp.set_console(Board::console());
    lp.create_task(ticks()).unwrap();
    lp.create_task(guard()).unwrap();
}

#[segno::coroutine]
async fn main_task(lp: &'static EventLoop, urgent: Remote) {
    // A step that computes for 55 ms: the other tasks of this loop wait, the urgent ones do not.
    let other = lp.create_task(answered()).unwrap();
    sleep(1.millis()).await;
    let (begin, before) = (lp.time(), TICKS.load(Relaxed));
    while lp.time() - begin < 55.millis::<1, 1_000_000>() {}
    let ticks = TICKS.load(Relaxed) - before;
    println!("main: a step of 55 ms, {} in it", if (5..=6).contains(&ticks) { "every tick" } else { "not the ticks" });
    println!("main: before the event");
    ALARM.set();
    println!("main: behind the event");
    println!("main: before the call");
    let main = lp.remote();
    urgent.call_soon(move |urgent| answer(urgent, main)).unwrap();
    println!("main: behind the call");
    let own = get_running_loop().unwrap();
    println!("main: runs on its own loop: {}", core::ptr::eq(own, lp));
    other.await;
    sleep(30.millis()).await;
    println!("main: {} ticks", TICKS.load(Relaxed));
}

fn answer(urgent: &'static EventLoop, main: Remote) {
    let running = get_running_loop().unwrap();
    println!("urgent: runs on its own loop: {}", core::ptr::eq(running, urgent));
    main.wake(Waker::NONE);
    main.call_soon(|lp| println!("main: called back, running: {}", lp.is_running())).unwrap();
}

#[segno::coroutine]
async fn answered() {
    ANSWER.wait().await;
    println!("main: answered");
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<2048> = LoopMemory::new();
    start(&MEMORY, |lp, _: Board| {
        alarm::start();
        CLOCK.alarm().start();
        CLOCK.start();
        // SAFETY: the handler above shares nothing with threads but PendSV.
        unsafe { Irq(alarm::IRQ).enable() };
        let urgent = URGENT.start(&CLOCK).unwrap();
        urgent.call_soon(urgent_main).unwrap();
        lp.run_until_complete(main_task(lp, urgent)).unwrap();
    })
}
