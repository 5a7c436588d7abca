//! A published driver, written for `embedded-hal-async`, in a task of the loop: Sensirion's SCD4x on a bus that is made up,
//! in virtual time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_hal::i2c::{ErrorKind, ErrorType, NoAcknowledgeSource, Operation};
use embedded_hal_async::delay::DelayNs;
use embedded_hal_async::digital::Wait;
use embedded_hal_async::i2c::I2c;
use scd4x::Scd4xAsync;
use segno::Delay;
use segno::prelude::*;
use segno::sync::ThreadSafeFlag;
use segno_tests_bridge::{Trace, new_loop};

/// A bus with one sensor. Each transfer takes 100 microseconds for a byte, and lets others run meanwhile.
struct Bus {
    trace: Trace,
    answers: VecDeque<[u16; 3]>,
    command: u16,
}

#[derive(Debug)]
struct BusError(ErrorKind);

impl embedded_hal::i2c::Error for BusError {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

impl ErrorType for Bus {
    type Error = BusError;
}

/// Sensirion's checksum of two bytes.
fn checksum(bytes: [u8; 2]) -> u8 {
    let shift = |crc: u8, _| if crc & 0x80 != 0 { crc << 1 ^ 0x31 } else { crc << 1 };
    bytes.into_iter().fold(0xff, |crc, byte| (0..8).fold(crc ^ byte, shift))
}

impl I2c for Bus {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), BusError> {
        if address != 0x62 {
            return Err(BusError(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)));
        }
        for operation in operations {
            match operation {
                Operation::Write(bytes) => {
                    Delay.delay_us(100 * bytes.len() as u32 - 1).await;
                    self.command = u16::from_be_bytes([bytes[0], bytes[1]]);
                    self.trace.log(format_args!("written {bytes:02x?}"));
                }
                Operation::Read(bytes) => {
                    Delay.delay_us(100 * bytes.len() as u32 - 1).await;
                    self.trace.log(format_args!("read {} after {:04x}", bytes.len(), self.command));
                    let words = match self.command {
                        0xec05 => self.answers.pop_front().ok_or(BusError(ErrorKind::Other))?,
                        0xe4b8 => [u16::from(!self.answers.is_empty()), 0, 0],
                        _ => [0; 3],
                    };
                    for (word, bytes) in words.into_iter().zip(bytes.chunks_mut(3)) {
                        let [high, low] = word.to_be_bytes();
                        bytes.copy_from_slice(&[high, low, checksum([high, low])]);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The application: generic over the bus and the delay, as a driver's user would write it.
#[segno::coroutine]
async fn measure<I: I2c, D: DelayNs>(
    trace: Trace,
    sensor: &mut Scd4xAsync<I, D>,
) -> Result<u16, scd4x::Error<I::Error>> {
    sensor.start_periodic_measurement().await?;
    let mut sum = 0;
    for _ in 0..2 {
        sleep(5.secs()).await;
        if !sensor.data_ready_status().await? {
            trace.log("not ready");
            continue;
        }
        let data = sensor.measurement().await?;
        trace.log(format_args!("{} ppm", data.co2));
        sum += data.co2;
    }
    sensor.stop_periodic_measurement().await?;
    Ok(sum / 2)
}

#[segno::coroutine]
async fn blinks(trace: Trace) {
    loop {
        sleep(4.secs()).await;
        trace.log("blink");
    }
}

#[segno::coroutine]
async fn application(trace: Trace, answers: Vec<[u16; 3]>) -> u16 {
    let bus = Bus { trace: trace.clone(), answers: answers.into(), command: 0 };
    let mut sensor = Scd4xAsync::new(bus, Delay);
    measure(trace, &mut sensor).await.unwrap_or_default()
}

#[test]
fn a_sensor_is_read_while_others_run() {
    let lp = new_loop();
    let trace = Trace::default();
    lp.create_task(blinks(trace.clone())).unwrap();
    let answers = vec![[400, 0x6666, 0x8000], [500, 0x6666, 0x8000]];
    assert_eq!(lp.run_until_complete(application(trace.clone(), answers)).unwrap(), 450);
    trace.expect(&[
        "200 written [21, b1]",
        "4000000 blink",
        "5001401 written [e4, b8]",
        "5002702 read 3 after e4b8",
        "5002902 written [ec, 05]",
        "5004803 read 9 after ec05",
        "5004803 400 ppm",
        "8000000 blink",
        "10005003 written [e4, b8]",
        "10006304 read 3 after e4b8",
        "10006504 written [ec, 05]",
        "10008405 read 9 after ec05",
        "10008405 500 ppm",
        "10008605 written [3f, 86]",
    ]);
}

#[test]
fn a_cancelled_application_stops_in_the_middle_of_the_driver() {
    let lp = new_loop();
    let trace = Trace::default();
    let task = lp.create_task(application(trace.clone(), vec![[400, 0, 0]])).unwrap();
    // In the pause between command and answer.
    lp.run_until_complete(sleep(5_002_000.micros())).unwrap();
    task.cancel();
    lp.run_until_complete(sleep(1.secs())).unwrap();
    assert!(task.cancelled());
    trace.expect(&["200 written [21, b1]", "5001401 written [e4, b8]"]);
}

#[test]
fn delays_are_never_too_short() {
    #[segno::coroutine]
    async fn delays<D: DelayNs>(mut delay: D) -> [u64; 6] {
        let lp = segno::get_running_loop().unwrap();
        let mut begin = lp.time();
        let mut lap = || {
            let passed = (lp.time() - begin).as_ticks();
            begin = lp.time();
            passed
        };
        delay.delay_ns(0).await;
        let none = lap();
        delay.delay_ns(1).await;
        let one = lap();
        delay.delay_ns(1001).await;
        let two = lap();
        delay.delay_us(10).await;
        let ten = lap();
        delay.delay_ms(3).await;
        let three = lap();
        delay.delay_ms(u32::MAX).await;
        [none, one, two, ten, three, lap()]
    }
    let lp = new_loop();
    let expected = [0, 2, 3, 11, 3001, u64::from(u32::MAX) * 1000 + 1];
    assert_eq!(lp.run_until_complete(delays(Delay)).unwrap(), expected);
}

/// A pin whose interrupt is a callback of the loop.
struct Pin {
    flag: &'static ThreadSafeFlag,
    high: Rc<Cell<bool>>,
    interrupt: Interrupt,
}

/// Which interrupts are enabled: what a board has in a register.
#[derive(Clone, Default)]
struct Interrupt(Rc<RefCell<Vec<&'static str>>>);

impl Interrupt {
    /// Disabled again when the answer is dropped, also by a cancellation.
    fn enable(&self, when: &'static str) -> Enabled {
        self.0.borrow_mut().push(when);
        Enabled(self.clone())
    }
}

struct Enabled(Interrupt);

impl Drop for Enabled {
    fn drop(&mut self) {
        self.0.0.borrow_mut().push("off");
    }
}

impl embedded_hal::digital::ErrorType for Pin {
    type Error = core::convert::Infallible;
}

impl Pin {
    async fn wait(&mut self, when: &'static str, now: bool) -> Result<(), core::convert::Infallible> {
        self.flag.clear();
        let _enabled = self.interrupt.enable(when);
        if now {
            // The hardware interrupts at once if the level is there.
            self.flag.set();
        }
        self.flag.wait().await;
        Ok(())
    }
}

impl Wait for Pin {
    async fn wait_for_high(&mut self) -> Result<(), Self::Error> {
        self.wait("high", self.high.get()).await
    }
    async fn wait_for_low(&mut self) -> Result<(), Self::Error> {
        self.wait("low", !self.high.get()).await
    }
    async fn wait_for_rising_edge(&mut self) -> Result<(), Self::Error> {
        self.wait("rising", false).await
    }
    async fn wait_for_falling_edge(&mut self) -> Result<(), Self::Error> {
        self.wait("falling", false).await
    }
    async fn wait_for_any_edge(&mut self) -> Result<(), Self::Error> {
        self.wait("any", false).await
    }
}

#[test]
fn a_pin_is_waited_for() {
    #[segno::coroutine]
    async fn presses<P: Wait>(trace: Trace, mut pin: P) {
        loop {
            // A level that is there already.
            let _ = pin.wait_for_low().await;
            let _ = pin.wait_for_rising_edge().await;
            trace.log("pressed");
        }
    }
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    let lp = new_loop();
    let trace = Trace::default();
    let (high, interrupt) = (Rc::new(Cell::new(false)), Interrupt::default());
    let pin = Pin { flag: &FLAG, high: high.clone(), interrupt: interrupt.clone() };
    let task = lp.create_task(presses(trace.clone(), pin)).unwrap();
    for (time, level) in [(10, true), (20, false), (30, true)] {
        let high = high.clone();
        lp.call_later(u64::millis(time), move |_| {
            high.set(level);
            FLAG.set();
        })
        .unwrap();
    }
    lp.run_until_complete(sleep(40.millis())).unwrap();
    trace.expect(&["10000 pressed", "30000 pressed"]);
    task.cancel();
    lp.run_until_complete(sleep(1.millis())).unwrap();
    assert!(task.cancelled());
    assert_eq!(*interrupt.0.borrow(), ["low", "off", "rising", "off", "low", "off", "rising", "off", "low", "off"]);
    // Nobody waits.
    FLAG.set();
}
