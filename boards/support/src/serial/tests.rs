//! The rings and their order, with a UART whose other end is the test.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Mutex;

use embedded_io::{ReadReady, WriteReady};

use segno::board::{Clock, Idle};
use segno::time::Instant;
use segno::transport::Serial;
use segno::{Context, Coroutine, Readiness, Resume};

use super::fake::{Fake, good};
use super::*;

type Shared = BufferedUart<Fake, 8, 8>;

fn uart() -> (&'static Shared, Uart<Fake, 8, 8>) {
    let shared: &'static Shared = Box::leak(Box::new(BufferedUart::new(Fake::default())));
    (shared, Uart::new(shared))
}

impl Shared {
    fn arrive(&self, received: impl IntoIterator<Item = Received>) {
        self.hardware.line().arrive(received);
    }

    /// Runs the handler as long as the hardware asks for it.
    fn interrupts(&self) {
        self.hardware.interrupts(false, || self.on_interrupt());
    }

    fn rings_are_empty(&self) -> bool {
        critical_section::with(|cs| self.rings.borrow_ref(cs).send.is_empty())
    }

    /// The line takes what the transmitter holds.
    fn transmit(&self) {
        self.hardware.line().transmit();
    }
}

#[test]
fn errors_are_reported_after_the_bytes_before_them() {
    let (shared, mut uart) = uart();
    let mut buffer = [0; 8];
    assert_eq!(uart.try_read(&mut buffer), Err(nb::Error::WouldBlock));
    shared.arrive(good(b"ab"));
    shared.arrive([Received { overrun: false, byte: Err(LineError::Framing) }]);
    shared.arrive([Received { overrun: true, byte: Ok(b'c') }]);
    shared.interrupts();
    assert_eq!(uart.read_ready(), Ok(true));
    assert_eq!(uart.try_read(&mut buffer), Ok(2));
    assert_eq!(&buffer[..2], b"ab");
    assert_eq!(uart.try_read(&mut buffer), Err(nb::Error::Other(LineError::Framing)));
    assert_eq!(uart.try_read(&mut buffer), Err(nb::Error::Other(LineError::Overrun)));
    assert_eq!(uart.try_read(&mut buffer), Ok(1));
    assert_eq!(buffer[0], b'c');
    assert_eq!(uart.try_read(&mut buffer), Err(nb::Error::WouldBlock));
    assert_eq!(uart.read_ready(), Ok(false));
}

/// What a reader and a writer of a loop are called for.
#[test]
fn a_device_says_whether_it_is_ready() {
    let (shared, mut uart) = uart();
    let device = uart.device();
    assert!(!device.is_readable() && device.is_writable());
    shared.arrive(good(b"a"));
    shared.interrupts();
    assert!(device.is_readable());
    assert_eq!(uart.try_read(&mut [0; 8]), Ok(1));
    assert!(!device.is_readable());
    assert_eq!(uart.try_write(&[0; 9]), Ok(8));
    assert!(!device.is_writable());
    shared.interrupts();
    assert!(device.is_writable());
}

#[test]
fn a_full_ring_holds_the_receiver_and_loses_nothing() {
    let (shared, mut uart) = uart();
    let sent: Vec<u8> = (0..100).collect();
    shared.arrive(good(&sent));
    shared.interrupts();
    assert!(shared.hardware.line().receive_masked);
    let mut received = Vec::<u8>::new();
    let mut buffer = [0; 3];
    while let Ok(count) = uart.try_read(&mut buffer) {
        received.extend(&buffer[..count]);
        shared.interrupts();
    }
    assert_eq!(received, sent);
    assert!(!shared.hardware.line().receive_masked);
}

#[test]
fn output_stays_in_order_and_the_console_takes_its_turn() {
    let (shared, mut uart) = uart();
    assert_eq!(uart.try_write(b"0123456789"), Ok(8));
    assert_eq!(uart.try_write(b"89"), Err(nb::Error::WouldBlock));
    assert_eq!(uart.write_ready(), Ok(false));
    shared.interrupts();
    assert_eq!(uart.try_write(b"89"), Ok(2));
    assert_eq!(uart.try_flush(), Err(nb::Error::WouldBlock));
    while shared.hardware.is_sending() {
        shared.transmit();
        shared.interrupts();
    }
    assert!(!shared.hardware.line().room_unmasked);
    assert_eq!(uart.try_flush(), Ok(()));

    assert_eq!(uart.try_write(b"ab"), Ok(2));
    shared.write_str("c!");
    shared.transmit();
    assert_eq!(shared.hardware.sent(), b"0123456789abc!");
}

#[test]
fn what_came_before_the_start_is_not_lost() {
    let (shared, mut uart) = uart();
    shared.arrive(good(b"b"));
    shared.begin(good(b"a").next());
    shared.interrupts();
    let mut buffer = [0; 8];
    assert_eq!(uart.try_read(&mut buffer), Ok(2));
    assert_eq!(&buffer[..2], b"ab");
}

/// A coroutine that tries an operation until it need not wait.
struct Until<F>(F);

impl<T, F: FnMut() -> nb::Result<T, LineError> + Unpin> Coroutine for Until<F> {
    type Output = Result<T, LineError>;

    fn resume(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<Self::Output> {
        match (self.0)() {
            Ok(value) => Resume::Done(Ok(value)),
            Err(nb::Error::Other(error)) => Resume::Done(Err(error)),
            Err(nb::Error::WouldBlock) => Resume::Pending,
        }
    }
}

/// A clock for a loop in which only the line makes things happen: a step of it for each sleep.
struct LineClock {
    shared: &'static Shared,
    steps: Mutex<VecDeque<fn(&Shared)>>,
}

impl Clock for LineClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, idle: &Idle) {
        if !idle.pending() {
            let step = self.steps.lock().unwrap().pop_front().expect("the task is never woken again");
            step(self.shared);
            self.shared.interrupts();
        }
    }
}

#[test]
fn a_task_that_waits_is_woken() {
    let (shared, mut uart) = uart();
    let steps: [fn(&Shared); 4] = [
        |shared| shared.arrive(good(b"x")),
        Shared::transmit, // room in the transmitter, so in the ring
        Shared::transmit,
        Shared::transmit,
    ];
    let clock = Box::leak(Box::new(LineClock { shared, steps: Mutex::new(steps.into()) }));
    let lp = segno::new_event_loop(clock, 1024);

    let mut buffer = [0; 8];
    assert_eq!(lp.run_until_complete(Until(|| uart.try_read(&mut buffer))).unwrap(), Ok(1));

    assert_eq!(uart.try_write(b"01234567"), Ok(8));
    shared.interrupts();
    assert_eq!(uart.try_write(b"89ab"), Ok(4));
    assert_eq!(lp.run_until_complete(Until(|| uart.try_write(b"cdefg"))).unwrap(), Ok(4));

    let flush = Until(|| {
        let outcome = uart.try_flush();
        // The last bytes leave without an interrupt, while the loop turns.
        if shared.rings_are_empty() {
            shared.transmit();
        }
        outcome
    });
    assert_eq!(lp.run_until_complete(flush).unwrap(), Ok(()));
    assert_eq!(shared.hardware.sent(), b"0123456789abcdef");
}
