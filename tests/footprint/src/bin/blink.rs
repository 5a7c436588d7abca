//! A lamp, or two (feature `two`), over bare registers at addresses that no chip has: it is measured, not run.
//!
//! A lamp is one register; the timer is a 64-bit counter and a 64-bit compare register, whose interrupt is SysTick.

#![no_std]
#![no_main]

use panic_halt as _;
use segno::prelude::*;
use segno_footprint::{read, write};

const LAMP: usize = 0x4000_0000;
const COMPARE: usize = 0x4000_1000;
const COUNTER: usize = 0x4000_1008;

/// The loop's memory is what the tasks need: each a header of 8 bytes and its frame, rounded up to 8; the pool itself
/// needs 8.
const BYTES: usize = 8 + task(blink) + if cfg!(feature = "two") { task(blink2) } else { 0 };

const fn task<C>(_: fn() -> C) -> usize {
    (8 + size_of::<C>()).next_multiple_of(8)
}

static MEMORY: LoopMemory<BYTES> = LoopMemory::new();

struct Timer;

impl Clock for Timer {
    fn now(&self) -> Instant {
        Instant::from_ticks(read(COUNTER))
    }

    fn idle(&self, idle: &Idle) {
        let deadline = idle.deadline().map_or(u64::MAX, |deadline| deadline.as_ticks());
        cortex_m::interrupt::free(|_| {
            write(COMPARE, deadline);
            if !idle.pending() && deadline > read(COUNTER) {
                cortex_m::asm::wfi();
            }
        });
    }
}

#[segno::coroutine]
async fn blink() -> ! {
    loop {
        write(LAMP, 1u32);
        sleep(150.millis()).await;
        write(LAMP, 0u32);
        sleep(150.millis()).await;
    }
}

#[segno::coroutine]
async fn blink2() -> ! {
    loop {
        write(LAMP + 4, 1u32);
        sleep(250.millis()).await;
        write(LAMP + 4, 0u32);
        sleep(250.millis()).await;
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let lp = MEMORY.start(&Timer).unwrap();
    lp.create_task(blink()).unwrap();
    if cfg!(feature = "two") {
        lp.create_task(blink2()).unwrap();
    }
    lp.run_forever().unwrap();
    loop {
        cortex_m::asm::wfi();
    }
}

/// The alarm. The loop reads the clock again when it wakes.
#[cortex_m_rt::exception]
fn SysTick() {}
