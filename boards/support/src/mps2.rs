//! Arm's MPS2 and MPS2+ boards: what their FPGA images have in common.
//!
//! # The problem
//! The images AN386, AN500 and AN505 differ in the processor, and otherwise in addresses, interrupt lines and the clock's rate.
//!
//! # The design
//! [`mps2!`](macro@crate::mps2) makes a board of these: the statics, `Board`, and the handlers. What only some images have, they
//! define, and name it as a part of the board. (`boards/template` says the same in words: it is there to be copied.)

/// The period of the counter, in bits. A wrap every 40 s or so is rare enough for it to hide faults: so that every program
/// meets one, the counter starts a second before its first.
pub const COUNTER_BITS: u32 = 30;

/// Slots of a UART's rings. At 115,200 baud, 128 bytes are 11 ms.
pub const RECEIVE: usize = 128;
/// Slots of a UART's rings.
pub const SEND: usize = 128;

/// Defines a board with such an image. `clock` is what the processor, the timers and the UARTs run at, in hertz; `counter`,
/// `short_counter` and `alarm` are the timers 0 and 1 and the dual timer, `uart0` and `led` the first UART and the block of the
/// LEDs. `lines` are those of the interrupts, and one that nothing uses. `parts` are fields of the board, each with what makes it.
///
/// # Safety
/// The addresses and lines are the image's, and nobody else uses them.
#[macro_export]
macro_rules! mps2 {
    (
        unsafe clock: $hz:expr,
        counter: $counter:literal, short_counter: $short_counter:literal, alarm: $alarm:literal,
        uart0: $uart0:literal, led: $led:literal,
        lines: { TIMER0: $timer_line:literal, DUALTIMER: $alarm_line:literal, UART0_RX: $receive_line:literal,
            UART0_TX: $send_line:literal, spare: $spare_line:literal },
        parts: { $($(#[doc = $about:literal])* $(#[cfg($($when:tt)*)])? $part:ident: $kind:ty = $make:expr,)* } $(,)?
    ) => {
        /// What the processor, the timers and the UARTs run at, in hertz.
        pub const SYSTEM_CLOCK: u32 = $hz;

        const FIRST_POSITION: u32 = (1 << $crate::mps2::COUNTER_BITS) - SYSTEM_CLOCK;

        type Counter = $crate::drivers::cmsdk_timer::CmsdkTimer<$counter, SYSTEM_CLOCK, { $crate::mps2::COUNTER_BITS }>;
        type Alarm = $crate::drivers::cmsdk_dual_timer::CmsdkDualTimer<$alarm, SYSTEM_CLOCK>;
        type Time = $crate::timekeeper::Timekeeper<Counter>;

        // SAFETY: timer 0 and the first half of the dual timer are used here only.
        static CLOCK: $crate::clock::HardwareClock<Time, Alarm> =
            unsafe { $crate::clock::HardwareClock::new(Time::starting_at(Counter::new(), FIRST_POSITION), Alarm::new()) };

        type Uart0Driver = $crate::drivers::cmsdk_uart::CmsdkUart<$uart0, $send_line>;
        type Uart0Hardware = $crate::serial::Shared<Uart0Driver>;
        type Uart0Buffers =
            $crate::serial::BufferedUart<Uart0Hardware, { $crate::mps2::RECEIVE }, { $crate::mps2::SEND }>;

        // SAFETY: UART0 is used here only.
        static UART0: Uart0Buffers = Uart0Buffers::new($crate::serial::shared(unsafe { Uart0Driver::new() }));

        /// The serial port of the board.
        pub type Uart0 = $crate::serial::Uart<Uart0Hardware, { $crate::mps2::RECEIVE }, { $crate::mps2::SEND }>;

        /// LED 0.
        pub type Led = $crate::traced_pin::Shown<$crate::drivers::mps2_led::Mps2Led<$led>>;

        /// What is on the board.
        pub struct Board {
            /// UART0, which is also the console.
            pub uart0: Uart0,
            /// LED 0, dark.
            pub led: Led,
            $($(#[doc = $about])* $(#[cfg($($when)*)])? pub $part: $kind,)*
        }

        impl $crate::Board for Board {
            fn take() -> Option<Board> {
                cortex_m::Peripherals::take()?;

                UART0.hardware().start(SYSTEM_CLOCK, 115_200);
                UART0.begin(None);

                CLOCK.time().counter().start_at(FIRST_POSITION);
                CLOCK.alarm().start();

                // SAFETY: the handlers below share the drivers with threads through critical sections only.
                unsafe {
                    $crate::interrupt::Irq($receive_line).enable();
                    $crate::interrupt::Irq($send_line).enable();
                    $crate::interrupt::Irq($timer_line).enable();
                    $crate::interrupt::Irq($alarm_line).enable();
                }

                // SAFETY: the block is used here only, and this happens once.
                let led = unsafe { $crate::drivers::mps2_led::Mps2Led::new() };
                let led = $crate::traced_pin::shown(led, "led", &CLOCK, &UART0);
                Some(Board { uart0: Uart0::new(&UART0), led, $($(#[cfg($($when)*)])? $part: $make,)* })
            }

            fn statics() -> $crate::program::Statics {
                $crate::program::Statics {
                    clock: &CLOCK,
                    console: &UART0,
                    request_spare_interrupt: || $crate::interrupt::Irq($spare_line).request(),
                }
            }

            fn check(bench: &$crate::selftest::Bench) -> $crate::selftest::Outcome {
                // SAFETY: timer 1 is used here only.
                let short = unsafe { $crate::drivers::cmsdk_timer::CmsdkTimer::<$short_counter, SYSTEM_CLOCK, 20>::new() };
                let short = $crate::timekeeper::Timekeeper::new(short);
                short.counter().start_at(0);
                bench.clocks_agree(&short, segno::time::Duration::from_secs(2))
            }
        }

        #[unsafe(no_mangle)]
        extern "C" fn TIMER0() {
            CLOCK.on_wrap();
        }

        #[unsafe(no_mangle)]
        extern "C" fn DUALTIMER() {
            CLOCK.on_alarm();
        }

        #[unsafe(no_mangle)]
        extern "C" fn UART0_RX() {
            UART0.on_interrupt();
        }

        #[unsafe(no_mangle)]
        extern "C" fn UART0_TX() {
            UART0.on_interrupt();
        }

        $crate::interrupts!();
    };
}
