//! The second core, with a loop of its own: feature `cores`.
//!
//! Its loop has the clock's alarm 1; all devices interrupt the first core. The two loops reach each other by
//! [`Remote::call_soon`], asyncio's `call_soon_threadsafe`, by the primitives of [`segno::sync`], and by wakers. The critical section
//! is the HAL's, which holds both cores by a spinlock of the hardware.

use core::cell::Cell;

use critical_section::Mutex;
use segno::{EventLoop, LoopMemory, Remote, set_event_loop};
use segno_board::arch::cortex_m::cores;
use segno_board::clock::HardwareClock;
use segno_board::timekeeper::Wide;

use crate::hal::multicore::{Error, Multicore, Stack};
use crate::hal::sio::{SioFifo, spinlock_reset};
use crate::hal::{Sio, pac};
use crate::rp::UART0;
use crate::{CORE1_ALARM_LINE, Timer};

/// The second core's stack, in words.
const STACK_WORDS: usize = 1024;

static STACK: Stack<STACK_WORDS> = Stack::new();

// SAFETY: alarm 1 is used here only; `Board::take` has started the timer before it makes a `Core1`.
pub(crate) static CLOCK: HardwareClock<Wide<Timer<0>>, Timer<1>> =
    unsafe { HardwareClock::new(Wide::new(Timer::new()), Timer::new()) };

/// The second core's loop, once it is there.
static REMOTE: Mutex<Cell<Option<Remote>>> = Mutex::new(Cell::new(None));

segno::core_number!(unsafe number);

fn number() -> usize {
    Sio::core() as usize
}

/// To be called on the first core, before anything enters a critical section.
pub(crate) fn prepare() {
    // SAFETY: nobody has claimed one yet; after a reset that was no power-up, they may be claimed still.
    unsafe { spinlock_reset() };
    cores::start();
}

/// The second core, which is asleep.
pub struct Core1 {
    power: pac::PSM,
    private: pac::PPB,
    fifo: SioFifo,
}

impl Core1 {
    /// On the first core. Its time begins now.
    pub(crate) fn new(power: pac::PSM, private: pac::PPB, fifo: SioFifo) -> Core1 {
        CLOCK.time().start();
        CLOCK.alarm().start();
        Core1 { power, private, fifo }
    }

    /// Wakes the second core, starts a loop in `memory` there, and runs `program` on it; answers with the door to that loop.
    /// When `program` ends, the second core sleeps.
    ///
    /// # Errors
    /// What the HAL says: the second core does not answer.
    ///
    /// # Panics
    /// On the second core, if `memory` is another loop's; then this waits for ever.
    pub fn start<const BYTES: usize>(
        mut self,
        memory: &'static LoopMemory<BYTES>,
        program: impl FnOnce(&'static EventLoop) + Send + 'static,
    ) -> Result<Remote, Error> {
        let mut multicore = Multicore::new(&mut self.power, &mut self.private, &mut self.fifo);
        let ([_, core1], Some(stack)) = (multicore.cores(), STACK.take()) else { return Err(Error::InvalidCore) };
        core1.spawn(stack, move || run(memory, program))?;
        loop {
            if let Some(remote) = critical_section::with(|cs| REMOTE.borrow(cs).get()) {
                return Ok(remote);
            }
        }
    }
}

/// On the second core.
fn run<const BYTES: usize>(memory: &'static LoopMemory<BYTES>, program: impl FnOnce(&'static EventLoop)) {
    cores::start();
    // SAFETY: the handler shares the clock with threads through critical sections only.
    unsafe { CORE1_ALARM_LINE.enable() };
    let lp = memory.start(&CLOCK).unwrap();
    lp.set_console(&UART0);
    set_event_loop(Some(lp));
    critical_section::with(|cs| REMOTE.borrow(cs).set(Some(lp.remote())));
    program(lp);
}
