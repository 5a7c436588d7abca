//! Runs asyncio's scenarios on the board's own clock and alarm: see `segno_scenarios`. What it prints is compared with
//! asyncio's traces.
//!
//! In the end it sleeps for three hours, over wraps of whatever counter the board has. In QEMU with `-icount` and
//! `sleep=off`, which is how it is tested, that takes no time; otherwise stop it when it says so.

#![no_std]
#![no_main]

use board::{Board, entry, start};
use segno::time::Duration;
use segno::{EventLoop, LoopMemory, println, sleep_until};
use segno_scenarios::{LEAD, SCENARIOS, TICK, TickClock, begin};

/// Two and a half times 2^32 microseconds.
const LONG: Duration = Duration::from_hours(3);

static TICKS: TickClock = TickClock::new(|| <Board as segno_board::Board>::clock());

#[entry]
fn main() -> ! {
    /// The loop that the scenarios share: the board's own counts no ticks.
    static MEMORY: LoopMemory<3072> = LoopMemory::new();
    static UNUSED: LoopMemory<16> = LoopMemory::new();
    start(&UNUSED, |_, _: Board| {
        let lp = MEMORY.start(&TICKS).unwrap();
        lp.set_console(<Board as segno_board::Board>::console());
        scenarios(lp);
        long_sleep(lp);
    })
}

fn scenarios(lp: &'static EventLoop) {
    for scenario in SCENARIOS {
        // Now a tick begins.
        lp.run_until_complete(sleep_until(lp.time() + TICK * LEAD)).unwrap();
        begin(lp);
        println!("scenario {}", scenario.number);
        (scenario.run)(lp);
        assert_eq!(lp.all_tasks().count(), 0);
    }
}

fn long_sleep(lp: &'static EventLoop) {
    println!("sleeping for {} hours", LONG.as_hours());
    let deadline = lp.time() + LONG;
    lp.run_until_complete(sleep_until(deadline)).unwrap();
    println!("late by {} ticks", (lp.time() - deadline).as_ticks() / TICK.as_ticks());
}
