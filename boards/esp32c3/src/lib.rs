//! Boards with Espressif's ESP32-C3: one hart of RV32IMC, 4 MiB of flash, 400 KiB of RAM.
//!
//! Everything hardware is here, nothing of an application: `Board::take` starts the clock, the UART and the pins and
//! hands them out once.
//!
//! | what | hardware | choice |
//! |---|---|---|
//! | system clock | 80 MHz, by the HAL | |
//! | time and alarm | SYSTIMER, 52 bits at 16 MHz, comparator 0 | |
//! | `uart0` | UART0, 115,200 baud, pins GPIO21 and GPIO20 | also the console |
//! | `rts_cts` | RTS at GPIO4, CTS at GPIO5 | for programs that want flow control |
//! | `led` | GPIO7, to be connected | the LED on most boards is addressed by a protocol of its own |
//! | `button` | GPIO9, the button BOOT: low while it is pressed | pull-up |

#![no_std]

use core::mem::ManuallyDrop;
#[cfg(feature = "inspect")]
use core::sync::atomic::AtomicU32;

use esp_hal::gpio::{Input, InputConfig, Level, Output, OutputConfig, Pull};
use esp_hal::interrupt::software::SoftwareInterrupt;
use esp_hal::interrupt::{self, InterruptHandler, Priority};
use esp_hal::peripherals::{self, FROM_CPU_INTR0, GPIO4, GPIO5, Interrupt};
use esp_hal::{Blocking, uart as hal_uart};
#[cfg(feature = "watchdog")]
use esp_hal::{
    peripherals::TIMG0,
    timer::timg::{MwdtStage, TimerGroup, Wdt},
};
#[cfg(feature = "watchdog")]
use segno::EventLoop;
use segno_board::arch::riscv::serve;
use segno_board::clock::HardwareClock;
use segno_board::drivers::esp_systimer::EspSysTimer;
use segno_board::drivers::esp_uart::EspUart;
use segno_board::program::{Statics, take_once};
use segno_board::registers::address;
use segno_board::selftest;
use segno_board::serial::{BufferedUart, FlowPins, LossyShared, Uart, shared};
use segno_board::timekeeper::Wide;
#[cfg(feature = "watchdog")]
use segno_board::watchdog::{PATIENCE, guard};

pub use esp_hal::main as entry;
pub use segno_board::start;

esp_bootloader_esp_idf::esp_app_desc!();

/// What `espflash` flashes is all that is no note. So the linker puts the build id behind this, which makes both no note.
#[cfg(feature = "inspect")]
#[used]
#[unsafe(link_section = ".segno.flashed")]
static FLASHED: AtomicU32 = AtomicU32::new(0); // not constant: so it is with the data

/// Slots of UART0's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

type Timer = EspSysTimer<{ address(peripherals::SYSTIMER::PTR) }>;

// SAFETY: the comparator is used here only.
static CLOCK: HardwareClock<Wide<Timer>, Timer> = unsafe { HardwareClock::new(Wide::new(Timer::new()), Timer::new()) };

type Uart0Hardware = LossyShared<EspUart<{ address(peripherals::UART0::PTR) }>>;

// SAFETY: UART0 is used here only; `Board::take` has the HAL set it up first.
static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> = BufferedUart::new(shared(unsafe { EspUart::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// RTS at GPIO4 and CTS at GPIO5, for UART0's [`with_flow_control`](Uart::with_flow_control).
pub struct RtsCts {
    /// As the HAL has set it up. It is not dropped, which would switch it off.
    serial: ManuallyDrop<hal_uart::Uart<'static, Blocking>>,
    rts: GPIO4<'static>,
    cts: GPIO5<'static>,
}

impl FlowPins<Uart0Hardware> for RtsCts {
    fn connect(self, hardware: &Uart0Hardware) {
        core::mem::forget(ManuallyDrop::into_inner(self.serial).with_rts(self.rts).with_cts(self.cts));
        hardware.control_flow();
    }
}

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// UART0's pins for flow control, not connected.
    pub rts_cts: RtsCts,
    /// An LED at GPIO7, dark: high is lit.
    pub led: Output<'static>,
    /// The button BOOT: low while it is pressed.
    pub button: Input<'static>,
    #[cfg(feature = "watchdog")]
    watchdog: Option<Wdt<TIMG0<'static>>>,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        take_once()?;
        let chip = esp_hal::init(esp_hal::Config::default());

        // The HAL sets it up, and is not asked to do anything with it afterwards, but to connect more pins: not even to switch
        // it off.
        let serial = hal_uart::Uart::new(chip.UART0, hal_uart::Config::default().with_baudrate(115_200)).ok()?;
        let serial = ManuallyDrop::new(serial.with_tx(chip.GPIO21).with_rx(chip.GPIO20));
        UART0.hardware().start();
        UART0.begin(None);
        CLOCK.time().start();
        CLOCK.alarm().start();

        interrupt::bind_handler(Interrupt::UART0, InterruptHandler::new(on_uart0, Priority::Priority1));
        interrupt::bind_handler(Interrupt::SYSTIMER_TARGET0, InterruptHandler::new(on_alarm, Priority::Priority1));

        Some(Board {
            uart0: Uart::new(&UART0),
            rts_cts: RtsCts { serial, rts: chip.GPIO4, cts: chip.GPIO5 },
            led: Output::new(chip.GPIO7, Level::Low, OutputConfig::default()),
            button: Input::new(chip.GPIO9, InputConfig::default().with_pull(Pull::Up)),
            #[cfg(feature = "watchdog")]
            watchdog: Some(TimerGroup::new(chip.TIMG0).wdt),
        })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: request_spare }
    }

    #[cfg(feature = "watchdog")]
    fn on_loop(&mut self, lp: &'static EventLoop) {
        if let Some(mut watchdog) = self.watchdog.take() {
            watchdog.set_timeout(MwdtStage::Stage0, esp_hal::time::Duration::from_micros(PATIENCE.as_micros()));
            watchdog.enable();
            guard(lp, move || watchdog.feed());
        }
    }
}

fn request_spare() {
    let mut spare = spare_interrupt();
    spare.set_interrupt_handler(InterruptHandler::new(on_spare, Priority::Priority1));
    spare.raise();
}

fn spare_interrupt() -> SoftwareInterrupt<'static, 0> {
    // SAFETY: the self-test is the only one that uses it, by the functions here.
    SoftwareInterrupt::new(unsafe { FROM_CPU_INTR0::steal() })
}

extern "C" fn on_alarm() {
    serve(|| CLOCK.on_alarm());
}

extern "C" fn on_uart0() {
    serve(|| UART0.on_interrupt());
}

extern "C" fn on_spare() {
    serve(|| {
        spare_interrupt().reset();
        selftest::count_spare_interrupt();
    });
}
