//! A periodic timer, alone or among others that sleep longer (features `n16`, `n64`, `n1000`).

#![no_std]
#![no_main]

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

use panic_halt as _;
use segno::prelude::*;
use segno_footprint::{exit, marks};

marks!(m_alarm 1 m_resume 2 m_idle 3);

const SLEEPERS: usize = if cfg!(feature = "n1000") {
    1000
} else if cfg!(feature = "n64") {
    64
} else if cfg!(feature = "n16") {
    16
} else {
    0
};

static MEMORY: LoopMemory<65536> = LoopMemory::new();
static NOW: AtomicU32 = AtomicU32::new(0);
static COMPARE: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

struct Bench;

impl Clock for Bench {
    fn now(&self) -> Instant {
        Instant::from_ticks(u64::from(NOW.load(Relaxed)))
    }

    fn idle(&self, idle: &Idle) {
        let ticks = idle.deadline().map_or(u64::MAX, |deadline| deadline.as_ticks());
        COMPARE[0].store(ticks as u32, Relaxed);
        COMPARE[1].store((ticks >> 32) as u32, Relaxed);
        m_idle();
        let now = NOW.load(Relaxed);
        if now == 500 {
            exit();
        }
        NOW.store(now + 100, Relaxed);
        m_alarm();
    }
}

#[segno::coroutine]
async fn hot() -> ! {
    let mut deadline = 100;
    loop {
        sleep_until(Instant::from_ticks(deadline)).await;
        m_resume();
        deadline += 100;
    }
}

#[segno::coroutine]
async fn sleeper(deadline: u64) -> ! {
    loop {
        sleep_until(Instant::from_ticks(deadline)).await;
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let lp = MEMORY.start(&Bench).unwrap();
    lp.create_task(hot()).unwrap();
    for i in (0..).take(SLEEPERS) {
        lp.create_task(sleeper(1_000_000 + i)).unwrap();
    }
    lp.run_forever().unwrap();
    exit()
}
