//! From an interrupt to the coroutine that waits for it, and back to the idle loop.
//!
//! The clock's `idle` pends PendSV, as if the interrupt had come while the processor slept. Waited for are, in turns:
//! an event by a leaf of its own, the same three coroutines deep, and the same by `block!`.

#![no_std]
#![no_main]

use core::convert::Infallible;
use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32};

use panic_halt as _;
use segno::board::WakerCell;
use segno::prelude::*;
use segno_footprint::{exit, marks};

marks!(m_irq 1 m_resume 2 m_idle 3 m_deep 4 m_block 5);

/// What an interrupt sets and one coroutine waits for.
struct Event {
    set: AtomicBool,
    waiting: WakerCell,
}

impl Event {
    const fn new() -> Event {
        Event { set: AtomicBool::new(false), waiting: WakerCell::new() }
    }

    fn signal(&self) {
        self.set.store(true, Relaxed);
        self.waiting.wake();
    }

    fn take(&self) -> bool {
        let set = self.set.load(Relaxed);
        if set {
            self.set.store(false, Relaxed);
        }
        set
    }

    fn wait(&'static self) -> Wait {
        Wait { event: self }
    }

    fn try_take(&self) -> nb::Result<(), Infallible> {
        if !self.take() {
            self.waiting.register_current();
            // An interrupt may have come before the registration.
            if !self.take() {
                return Err(nb::Error::WouldBlock);
            }
        }
        Ok(())
    }
}

struct Wait {
    event: &'static Event,
}

impl Coroutine for Wait {
    type Output = ();

    #[inline]
    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        match self.event.try_take() {
            Ok(()) => Resume::Done(()),
            Err(_) => Resume::Pending,
        }
    }
}

static FLAT: Event = Event::new();
static DEEP: Event = Event::new();
static BLOCK: Event = Event::new();

#[segno::coroutine]
async fn flat() -> ! {
    loop {
        FLAT.wait().await;
        m_resume();
    }
}

#[segno::coroutine]
async fn l1() {
    DEEP.wait().await
}

#[segno::coroutine]
async fn l2() {
    l1().await;
    core::hint::black_box(1);
}

#[segno::coroutine]
async fn l3() {
    l2().await;
    core::hint::black_box(2);
}

#[segno::coroutine]
async fn deep() -> ! {
    loop {
        l3().await;
        m_deep();
    }
}

#[segno::coroutine]
async fn block() -> ! {
    loop {
        block!(BLOCK.try_take()).ok();
        m_block();
    }
}

static MEMORY: LoopMemory<512> = LoopMemory::new();
static ROUND: AtomicU32 = AtomicU32::new(0);
/// What the next interrupt signals.
static NEXT: AtomicPtr<Event> = AtomicPtr::new(core::ptr::null_mut());

struct Bench;

impl Clock for Bench {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, _: &Idle) {
        m_idle();
        let round = ROUND.load(Relaxed);
        ROUND.store(round + 1, Relaxed);
        let event = [&FLAT, &DEEP, &BLOCK][round as usize % 3];
        NEXT.store(core::ptr::from_ref(event).cast_mut(), Relaxed);
        if round == 9 {
            exit();
        }
        cortex_m::peripheral::SCB::set_pendsv();
        cortex_m::asm::isb();
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let lp = MEMORY.start(&Bench).unwrap();
    lp.create_task(flat()).unwrap();
    lp.create_task(deep()).unwrap();
    lp.create_task(block()).unwrap();
    lp.run_forever().unwrap();
    exit()
}

#[cortex_m_rt::exception]
fn PendSV() {
    m_irq();
    // SAFETY: `idle` has put one of the statics there.
    unsafe { (*NEXT.load(Relaxed)).signal() };
}
