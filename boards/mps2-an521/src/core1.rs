//! The second core, with a loop of its own. All devices but its alarm interrupt the first core.
//!
//! The SSE-200 holds it in reset until the first core says where its vectors are and lets it go: Technical Reference Manual,
//! "System control registers".

use core::cell::{Cell, UnsafeCell};
use core::convert::Infallible;

use cortex_m::asm;
use cortex_m::peripheral::SCB;
use critical_section::Mutex;
use segno::{EventLoop, LoopMemory, Remote, set_event_loop};
use segno_board::arch::cortex_m::cores;
use segno_board::clock::HardwareClock;
use segno_board::drivers::cmsdk_timer::CmsdkTimerAlarm;
use segno_board::interrupt::Irq;
use segno_board::registers::Registers;
use segno_board::timekeeper::TimeSource;

use crate::{CLOCK, SYSTEM_CLOCK, UART0};

const TIMER1_IRQ: Irq = Irq(4);

segno::core_number!(unsafe number);

/// Which core this is: the register is each core's own.
pub(crate) fn number() -> usize {
    // SAFETY: a register that is only read.
    unsafe { Registers::<0x5001_F000>::new() }.read(0) as usize
}

/// The first core's time: the counter's wraps are counted once.
struct SameTime;

impl TimeSource for SameTime {
    const PERIOD: Option<u64> = None;

    fn micros(&self) -> u64 {
        CLOCK.micros()
    }
}

type Alarm = CmsdkTimerAlarm<0x5000_1000, SYSTEM_CLOCK>;

// SAFETY: timer 1 is used here only, and by the self-test, which leaves the second core in reset.
static CLOCK1: HardwareClock<SameTime, Alarm> = HardwareClock::new(SameTime, unsafe { Alarm::new() });

pub(crate) fn on_alarm() {
    CLOCK1.on_alarm();
}

/// Memory of any size.
trait Memory: Sync {
    fn start_here(&'static self) -> &'static EventLoop;
}

impl<const BYTES: usize> Memory for LoopMemory<BYTES> {
    fn start_here(&'static self) -> &'static EventLoop {
        self.start(&CLOCK1).unwrap()
    }
}

/// What the second core is to do.
struct Job {
    memory: &'static dyn Memory,
    program: fn(&'static EventLoop),
    /// Where the table of interrupts is.
    vectors: u32,
}

static JOB: Mutex<Cell<Option<Job>>> = Mutex::new(Cell::new(None));

/// Its loop, once it is there.
static REMOTE: Mutex<Cell<Option<Remote>>> = Mutex::new(Cell::new(None));

/// 8 KiB: panics are printed on it, too.
#[repr(C, align(8))]
struct Stack(UnsafeCell<[u32; 2048]>);

// SAFETY: the second core alone uses it.
unsafe impl Sync for Stack {}

static STACK: Stack = Stack(UnsafeCell::new([0; 2048]));

/// The beginning of a table of vectors: what a core looks at when it leaves reset.
#[repr(C, align(128))]
struct Vectors {
    stack: *const Stack,
    reset: extern "C" fn() -> !,
}

// SAFETY: it is only read.
unsafe impl Sync for Vectors {}

static VECTORS: Vectors = Vectors { stack: (&raw const STACK).wrapping_add(1), reset: begin };

/// The second core, which is in reset.
pub struct Core1(());

impl Core1 {
    /// On the first core.
    pub(crate) fn new() -> Core1 {
        cores::start();
        Core1(())
    }

    /// Lets the second core go, which starts a loop in `memory` and runs `program` on it; answers with the door to that loop.
    /// When `program` ends, the second core sleeps.
    ///
    /// # Errors
    /// None: other boards have some.
    ///
    /// # Panics
    /// On the second core, if `memory` is another loop's; then this waits for ever.
    pub fn start<const BYTES: usize>(
        self,
        memory: &'static LoopMemory<BYTES>,
        program: fn(&'static EventLoop),
    ) -> Result<Remote, Infallible> {
        const INITSVTOR1: usize = 0x114;
        const CPUWAIT: usize = 0x118;
        // SAFETY: the system control block is used here only; reading VTOR changes nothing.
        let (control, vectors) = unsafe { (Registers::<0x5002_1000>::new(), (*SCB::PTR).vtor.read()) };
        critical_section::with(|cs| JOB.borrow(cs).set(Some(Job { memory, program, vectors })));
        control.write(INITSVTOR1, (&raw const VECTORS) as u32);
        control.write(CPUWAIT, 0);
        loop {
            if let Some(remote) = critical_section::with(|cs| REMOTE.borrow(cs).get()) {
                return Ok(remote);
            }
        }
    }
}

/// On the second core, out of reset.
extern "C" fn begin() -> ! {
    if let Some(Job { memory, program, vectors }) = critical_section::with(|cs| JOB.borrow(cs).take()) {
        cores::start();
        CLOCK1.alarm().start();
        // SAFETY: the handlers are those of the first core, which share what they use through critical sections only.
        unsafe {
            (*SCB::PTR).vtor.write(vectors);
            TIMER1_IRQ.enable();
        }
        let lp = memory.start_here();
        lp.set_console(&UART0);
        set_event_loop(Some(lp));
        critical_section::with(|cs| REMOTE.borrow(cs).set(Some(lp.remote())));
        program(lp);
    }
    loop {
        asm::wfe();
    }
}
