//! Checks the drivers on the machine; exits with 0 when all is well.

#![no_std]
#![no_main]

use segno::time::Duration;
use segno::{EventLoop, LoopMemory};
use segno_mps2_an386::drivers::cmsdk_timer::CmsdkTimer;
use segno_mps2_an386::drivers::interrupt::Irq;
use segno_mps2_an386::drivers::selftest::{Bench, Outcome, count_spare_interrupt};
use segno_mps2_an386::drivers::timekeeper::Timekeeper;
use segno_mps2_an386::{Board, SYSTEM_CLOCK, Uart0, entry, exit};

#[unsafe(no_mangle)]
extern "C" fn AUDIO_I2S() {
    count_spare_interrupt();
}

fn checks(bench: &Bench, lp: &'static EventLoop, mut uart0: Uart0) -> Outcome {
    bench.echoes(lp, &mut uart0, Duration::from_secs(1))?;
    bench.no_wake_up_is_lost()?;
    bench.clock_runs(Duration::from_millis(1_500), Duration::from_millis(300))?;
    bench.alarm_is_never_early(200, 1)?;
    bench.long_sleep(Duration::from_secs(5))?;

    // SAFETY: timer 1 is used here only.
    let short = Timekeeper::new(unsafe { CmsdkTimer::<0x4000_1000, SYSTEM_CLOCK, 20>::new() });
    short.counter().start_at(0);
    bench.clocks_agree(&short, Duration::from_secs(2))
}

#[entry]
fn main() -> ! {
    static MEMORY: LoopMemory<1024> = LoopMemory::new();
    let board = Board::take().unwrap();
    let lp = MEMORY.start(board.clock).unwrap();
    let spare = Irq(14);
    // SAFETY: its handler, `AUDIO_I2S`, does nothing but count.
    unsafe { spare.enable() };
    let bench = Bench { clock: board.clock, console: board.console, spare };
    let outcome = checks(&bench, lp, board.uart0);
    exit(bench.verdict(outcome))
}
