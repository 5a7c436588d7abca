//! Checks the drivers on the machine; exits with 0 when all is well.

#![no_std]
#![no_main]

use segno::time::Duration;
use segno::{EventLoop, LoopMemory};
use segno_lm3s6965evb::drivers::interrupt::Irq;
use segno_lm3s6965evb::drivers::selftest::{Bench, Outcome, count_spare_interrupt};
use segno_lm3s6965evb::{Board, Uart0, entry, exit};

#[unsafe(no_mangle)]
extern "C" fn I2C0() {
    count_spare_interrupt();
}

fn checks(bench: &Bench, lp: &'static EventLoop, mut uart0: Uart0) -> Outcome {
    bench.echoes(lp, &mut uart0, Duration::from_secs(1))?;
    bench.no_wake_up_is_lost()?;
    bench.clock_runs(Duration::from_secs(4), Duration::from_millis(900))?;
    bench.alarm_is_never_early(200, 2)?;
    bench.long_sleep(Duration::from_secs(5))
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<1024> = LoopMemory::new();
    let board = Board::take().unwrap();
    let lp = MEMORY.start(board.clock).unwrap();
    let spare = Irq(8);
    // SAFETY: its handler, `I2C0`, does nothing but count.
    unsafe { spare.enable() };
    let bench = Bench { clock: board.clock, console: board.console, spare };
    let outcome = checks(&bench, lp, board.uart0);
    exit(bench.verdict(outcome))
}
