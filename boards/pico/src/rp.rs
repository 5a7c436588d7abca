//! What the Raspberry Pi Pico and the Pico 2 have in common, which is all but the processors. The crate that this is a
//! module of has the chip's HAL, its addresses, and its interrupts.

#[cfg(feature = "watchdog")]
use segno::EventLoop;
use segno_board::clock::HardwareClock;
use segno_board::drivers::pl011::Pl011;
use segno_board::program::Statics;
use segno_board::serial::{BufferedUart, FlowPins, LossyShared, Uart, shared};
use segno_board::timekeeper::Wide;
#[cfg(feature = "watchdog")]
use segno_board::watchdog::{PATIENCE, guard};

use crate::hal::gpio::bank0::{Gpio2, Gpio3, Gpio15, Gpio25};
use crate::hal::gpio::{FunctionNull, FunctionSioInput, FunctionSioOutput, FunctionUart, Pin, Pins, PullDown, PullUp};
use crate::hal::uart::UartPeripheral;
use crate::hal::{Sio, Watchdog, clocks, pac};
use crate::{ALARM_LINE, PERIPHERALS, SPARE_LINE, Timer, UART0_ADDRESS, UART0_LINE, start_timer};

/// In hertz.
const CRYSTAL: u32 = 12_000_000;

/// Slots of UART0's rings. At 115,200 baud, 128 bytes are 11 ms.
const RECEIVE: usize = 128;
const SEND: usize = 128;

// SAFETY: the timer and its alarm 0 are used here only, as the counter and as the alarm; `Board::take` starts it first.
pub(crate) static CLOCK: HardwareClock<Wide<Timer<0>>, Timer<0>> =
    unsafe { HardwareClock::new(Wide::new(Timer::new()), Timer::new()) };

type Uart0Hardware = LossyShared<Pl011<UART0_ADDRESS, { UART0_LINE.0 }>>;

// SAFETY: UART0 is used here only; `Board::take` takes it out of reset first.
pub(crate) static UART0: BufferedUart<Uart0Hardware, RECEIVE, SEND> =
    BufferedUart::new(shared(unsafe { Pl011::new() }));

/// The serial port of the board.
pub type Uart0 = Uart<Uart0Hardware, RECEIVE, SEND>;

/// RTS at GP3 and CTS at GP2, for UART0's [`with_flow_control`](Uart::with_flow_control).
pub struct RtsCts {
    rts: Pin<Gpio3, FunctionNull, PullDown>,
    cts: Pin<Gpio2, FunctionNull, PullDown>,
}

impl FlowPins<Uart0Hardware> for RtsCts {
    fn connect(self, hardware: &Uart0Hardware) {
        self.rts.into_function::<FunctionUart>();
        self.cts.into_function::<FunctionUart>();
        hardware.control_flow();
    }
}

/// The LED on the board: high is lit.
pub type Led = Pin<Gpio25, FunctionSioOutput, PullDown>;

/// A button to ground: low while it is pressed.
pub type Button = Pin<Gpio15, FunctionSioInput, PullUp>;

/// What is on the board.
pub struct Board {
    /// UART0, which is also the console.
    pub uart0: Uart0,
    /// UART0's pins for flow control, not connected.
    pub rts_cts: RtsCts,
    /// The LED, dark.
    pub led: Led,
    /// A button between GP15 and ground.
    pub button: Button,
    /// The second core, asleep.
    #[cfg(feature = "cores")]
    pub core1: crate::core1::Core1,
    #[cfg(feature = "watchdog")]
    watchdog: Option<Watchdog>,
}

impl segno_board::Board for Board {
    fn take() -> Option<Board> {
        #[cfg(feature = "cores")]
        crate::core1::prepare();
        let mut chip = pac::Peripherals::take()?;
        let mut watchdog = Watchdog::new(chip.WATCHDOG);
        let resets = &mut chip.RESETS;
        let clocks = clocks::init_clocks_and_plls(
            CRYSTAL,
            chip.XOSC,
            chip.CLOCKS,
            chip.PLL_SYS,
            chip.PLL_USB,
            resets,
            &mut watchdog,
        )
        .ok()?;
        let sio = Sio::new(chip.SIO);
        let pins = Pins::new(chip.IO_BANK0, chip.PADS_BANK0, sio.gpio_bank0, resets);

        // The HAL takes both blocks out of reset; what it makes of them is not needed.
        let serial_pins = (pins.gpio0.into_function::<FunctionUart>(), pins.gpio1.into_function::<FunctionUart>());
        UartPeripheral::new(chip.UART0, serial_pins, resets);
        start_timer(resets, &clocks);

        let early = UART0.hardware().start(PERIPHERALS, 115_200);
        UART0.begin(early);
        CLOCK.time().start();
        CLOCK.alarm().start();

        // SAFETY: the handlers share the drivers with threads through critical sections only.
        unsafe {
            UART0_LINE.enable();
            ALARM_LINE.enable();
        }

        #[cfg(feature = "watchdog")]
        watchdog.pause_on_debug(true);
        Some(Board {
            uart0: Uart::new(&UART0),
            rts_cts: RtsCts { rts: pins.gpio3, cts: pins.gpio2 },
            led: pins.gpio25.into_push_pull_output(),
            button: pins.gpio15.into_pull_up_input(),
            #[cfg(feature = "cores")]
            core1: crate::core1::Core1::new(chip.PSM, chip.PPB, sio.fifo),
            #[cfg(feature = "watchdog")]
            watchdog: Some(watchdog),
        })
    }

    fn statics() -> Statics {
        Statics { clock: &CLOCK, console: &UART0, request_spare_interrupt: || SPARE_LINE.request() }
    }

    #[cfg(feature = "watchdog")]
    fn on_loop(&mut self, lp: &'static EventLoop) {
        if let Some(mut watchdog) = self.watchdog.take() {
            watchdog.start(crate::hal::fugit::MicrosDurationU32::from_ticks(PATIENCE.as_micros() as u32));
            guard(lp, move || watchdog.feed());
        }
    }
}
