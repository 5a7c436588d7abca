//! QEMU's RISC-V machine `virt`: one hart of RV32IMAC in machine mode. It has no counterpart in hardware, but its blocks
//! are those of many chips.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | time and alarm | CLINT, 64 bits at 10 MHz | |
//! | `uart0` | 16550 without FIFOs, 115,200 baud, source 10 of the PLIC | also the console |
//! | `led` | none | prints its edges with feature `trace-pins` |

#![no_std]

use riscv::register::mie;
use segno_board::arch::riscv::{fault, serve};
use segno_board::clock::HardwareClock;
use segno_board::drivers::clint::Clint;
use segno_board::drivers::ns16550::Ns16550;
use segno_board::drivers::plic::Plic;
use segno_board::program::{Statics, take_once};
use segno_board::selftest;
use segno_board::serial::{BufferedUart, Shared, Uart, shared};
use segno_board::timekeeper::Wide;
use segno_board::traced_pin::{NoPin, Shown, shown};

pub use riscv_rt::entry;
pub use segno_board::start;

/// What the UART's baud rate is derived from, in hertz.
const UART_CLOCK: u32 = 3_686_400;
const UART_SOURCE: u16 = 10;

/// Slots of the UART's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

type Timer = Clint<0x0200_0000, 10_000_000>;

// SAFETY: the CLINT is used here only: as the counter, as the alarm, and for software interrupts.
static CLOCK: HardwareClock<Wide<Timer>, Timer> = unsafe { HardwareClock::new(Wide::new(Timer::new()), Timer::new()) };

// SAFETY: the PLIC is used here only.
static PLIC: Plic<0x0C00_0000> = unsafe { Plic::new() };

type Uart0Hardware = Shared<Ns16550<0x1000_0000, false>>;

// SAFETY: the UART is used here only.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { Ns16550::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// A pin that is not there.
pub type Led = Shown<NoPin>;

/// What is on the board.
pub struct Board {
    /// The UART, which is also the console.
    pub uart0: Uart0,
    /// A pin that is not there.
    pub led: Led,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        take_once()?;

        UART0.hardware().start(UART_CLOCK, 115_200);
        UART0.begin(None);
        PLIC.enable(UART_SOURCE);

        CLOCK.on_alarm(); // no alarm yet
        CLOCK.time().start();

        // SAFETY: the handlers below share the drivers with threads through critical sections only.
        unsafe {
            mie::set_mext();
            mie::set_mtimer();
            riscv::interrupt::enable();
        }

        let led = shown(NoPin::default(), "led", &CLOCK, &UART0);
        Some(Board { uart0: Uart::new(&UART0), led })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: request_spare }
    }
}

fn request_spare() {
    // SAFETY: its handler only counts.
    unsafe { mie::set_msoft() };
    CLOCK.alarm().software_interrupt(true);
}

#[unsafe(no_mangle)]
extern "C" fn MachineTimer() {
    serve(|| CLOCK.on_alarm());
}

#[unsafe(no_mangle)]
extern "C" fn MachineExternal() {
    serve(|| {
        PLIC.dispatch(|source| {
            if source == UART_SOURCE {
                UART0.on_interrupt();
            }
        });
    });
}

#[unsafe(no_mangle)]
extern "C" fn MachineSoft() {
    serve(|| {
        CLOCK.alarm().software_interrupt(false);
        selftest::count_spare_interrupt();
    });
}

#[unsafe(no_mangle)]
extern "C" fn ExceptionHandler() -> ! {
    fault::exception()
}
