//! UARTs whose reader is slower than their line: with RTS nothing is lost, and without it nothing is lost in silence.
//!
//! Their registers are the test, as in [`lines`](super::lines).

use std::cell::Cell;
use std::rc::Rc;

use segno::transport::{LineError, Serial};

use super::lines::{Pl011Block, Shared, Slot, Stm32Block};
use crate::drivers::esp_uart::EspUart;
use crate::drivers::nrf_uart::NrfUart;
use crate::drivers::ns16550::Ns16550;
use crate::drivers::pl011::Pl011;
use crate::drivers::stm32_usart::Stm32Usart;
use crate::random::{Random, cases};
use crate::registers::fake::{Block, install};
use crate::serial::{BufferedUart, FlowPins, Uart, UartHardware};

/// Bytes are there one after the other, each with an event; what was wrong is said once, with no byte in particular.
struct NrfBlock {
    receiver: Shared,
    /// The event of the byte at the front has been cleared.
    seen: bool,
}

impl Block for NrfBlock {
    fn read(&mut self, offset: usize) -> u32 {
        let receiver = &mut *self.receiver.borrow_mut();
        match offset {
            0x108 => u32::from(!self.seen && !receiver.fifo.is_empty()),
            0x11C => 1,
            0x480 => u32::from(receiver.noted),
            0x518 => {
                self.seen = false;
                receiver.fifo.pop_front().map_or(0, |(_, slot)| slot.unwrap().into())
            }
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        let receiver = &mut *self.receiver.borrow_mut();
        match offset {
            0x108 => self.seen = !receiver.fifo.is_empty(),
            0x480 if value & 1 != 0 => receiver.noted = false,
            _ => {}
        }
    }
}

/// What was wrong is an interrupt's flag.
struct EspBlock(Shared);

impl Block for EspBlock {
    fn read(&mut self, offset: usize) -> u32 {
        let receiver = &mut *self.0.borrow_mut();
        match offset {
            0x00 => receiver.fifo.pop_front().map_or(0, |(_, slot)| slot.unwrap().into()),
            0x04 => u32::from(receiver.noted) << 4,
            0x1C => receiver.fifo.len() as u32,
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        if offset == 0x10 && value & 1 << 4 != 0 {
            self.0.borrow_mut().noted = false;
        }
    }
}

/// Reading the line's status forgets what was wrong.
struct Ns16550Block(Shared);

impl Block for Ns16550Block {
    fn read(&mut self, offset: usize) -> u32 {
        let receiver = &mut *self.0.borrow_mut();
        match offset {
            0 => receiver.fifo.pop_front().map_or(0, |(_, slot)| slot.unwrap().into()),
            5 => {
                let lost = std::mem::take(&mut receiver.noted);
                u32::from(!receiver.fifo.is_empty()) | u32::from(lost) << 1 | 3 << 5
            }
            _ => 0,
        }
    }

    fn write(&mut self, _: usize, _: u32) {}
}

/// Sees a register being given these bits.
struct Watched {
    block: Box<dyn Block>,
    bits: (usize, u32),
    on: Rc<Cell<bool>>,
}

impl Block for Watched {
    fn read(&mut self, offset: usize) -> u32 {
        self.block.read(offset)
    }

    fn write(&mut self, offset: usize, value: u32) {
        let (register, bits) = self.bits;
        if offset == register && value & bits == bits {
            self.on.set(true);
        }
        self.block.write(offset, value);
    }
}

/// A kind of UART, as a sender sees it.
#[derive(Clone, Copy)]
struct Line {
    /// How many bytes the receiver holds.
    depth: usize,
    /// RTS is withdrawn when it holds that many.
    mark: usize,
    /// As many may come after that.
    late: u32,
    /// By which register RTS and CTS are switched on, beside the pins.
    switch: (usize, u32),
}

/// What connects no pins.
struct Pins<F>(F);

impl<H, F: FnOnce(&H)> FlowPins<H> for Pins<F> {
    fn connect(self, hardware: &H) {
        (self.0)(hardware);
    }
}

/// The bytes that are sent.
fn byte(place: usize) -> u8 {
    (place.wrapping_mul(0x9E37_79B9) >> 11) as u8
}

/// Reads now and then, a few bytes at a time.
fn read_some<H: UartHardware>(random: &mut Random, uart: &mut Uart<H, 8, 8>, seen: &mut Vec<Slot>) {
    let mut buffer = [0; 8];
    let count = 1 + random.below(8) as usize;
    match uart.try_read(&mut buffer[..count]) {
        Ok(count) => seen.extend(buffer[..count].iter().map(|byte| Ok(*byte))),
        Err(nb::Error::Other(error)) => seen.push(Err(error)),
        Err(nb::Error::WouldBlock) => {}
    }
}

/// Sends to a reader that takes half of what the line could bring. Answers what it has seen.
fn run<H: UartHardware + 'static>(
    random: &mut Random,
    hardware: H,
    block: impl FnOnce(Shared) -> Box<dyn Block>,
    line: Line,
    flow: Option<fn(&H)>,
    count: usize,
) -> Vec<Slot> {
    let (receiver, on) = (Shared::default(), Rc::new(Cell::new(false)));
    install(Watched { block: block(receiver.clone()), bits: line.switch, on: on.clone() });
    let shared: &'static BufferedUart<H, 8, 8> = Box::leak(Box::new(BufferedUart::new(hardware)));
    let mut uart = Uart::new(shared);
    if let Some(flow) = flow {
        uart = uart.with_flow_control(Pins(flow));
        assert!(on.get(), "it is not switched on");
    }
    let (mut sent, mut late, mut seen) = (0, line.late, Vec::new());
    while sent < count {
        let full = receiver.borrow().fifo.len() >= line.mark;
        late = if full { late } else { line.late };
        if !on.get() || !full || late > 0 {
            late -= u32::from(full && late > 0);
            receiver.borrow_mut().arrive(line.depth, Ok(byte(sent)));
            sent += 1;
        }
        shared.on_interrupt();
        if random.below(8) == 0 {
            read_some(random, &mut uart, &mut seen);
        }
    }
    // The last ones are lost, and none comes after them.
    for place in count..count + 2 * line.depth * usize::from(!on.get()) {
        receiver.borrow_mut().arrive(line.depth, Ok(byte(place)));
    }
    while !receiver.borrow().fifo.is_empty() || embedded_io::ReadReady::read_ready(&mut uart) == Ok(true) {
        shared.on_interrupt();
        read_some(random, &mut uart, &mut seen);
    }
    seen
}

/// A hundred thousand bytes for each driver.
const FEW: u64 = 4;
const MANY: usize = 25_000;

fn all_pass<H: UartHardware + 'static>(
    hardware: impl Fn() -> H,
    block: impl Fn(Shared) -> Box<dyn Block>,
    line: Line,
    flow: fn(&H),
) {
    cases(FEW, |mut random| {
        let seen = run(&mut random, hardware(), &block, line, Some(flow), MANY);
        assert_eq!(seen.len(), MANY);
        assert!(seen.iter().enumerate().all(|(place, slot)| *slot == Ok(byte(place))));
    });
}

/// Without RTS: the bytes are in order, and where some are missing there is an overrun nearby.
fn losses_are_told<H: UartHardware + 'static>(
    hardware: impl Fn() -> H,
    block: impl Fn(Shared) -> Box<dyn Block>,
    line: Line,
) {
    cases(FEW, |mut random| {
        let seen = run(&mut random, hardware(), &block, line, None, 2000);
        assert!(seen.iter().rev().take(1 + line.depth).any(|slot| *slot == Err(LineError::Overrun)), "{seen:?}");
        let overruns = seen.iter().filter(|slot| **slot == Err(LineError::Overrun)).count();
        let bytes: Vec<u8> = seen.iter().filter_map(|slot| slot.ok()).collect();
        let mut place = 0;
        for found in &bytes {
            place += (place..3000).position(|place| byte(place) == *found).expect("bytes that were sent, in order") + 1;
        }
        assert!(bytes.len() < 2000 && overruns > 0, "{} bytes, {overruns} overruns", bytes.len());
        assert_eq!(bytes.len() + overruns, seen.len(), "nothing else was wrong");
    });
}

const PL011: Line = Line { depth: 16, mark: 8, late: 2, switch: (0x30, 3 << 14) };
const STM32: Line = Line { depth: 1, mark: 1, late: 0, switch: (0x14, 3 << 8) };
const NRF: Line = Line { depth: 6, mark: 2, late: 4, switch: (0x56C, 1) };
const ESP: Line = Line { depth: 128, mark: 64, late: 2, switch: (0x24, 1 << 20) };
const NS16550: Line = Line { depth: 16, mark: 16, late: 0, switch: (0, u32::MAX) };

#[test]
fn with_rts_everything_reaches_a_slow_reader() {
    // SAFETY: their registers are a test's.
    unsafe {
        all_pass(|| Pl011::<0, 0>::new(), |shared| Box::new(Pl011Block(shared)), PL011, Pl011::control_flow);
        all_pass(|| Stm32Usart::<0, 0>::new(), |shared| Box::new(Stm32Block(shared)), STM32, Stm32Usart::control_flow);
        all_pass(
            || NrfUart::<0, 0>::new(),
            |receiver| Box::new(NrfBlock { receiver, seen: false }),
            NRF,
            |hardware| hardware.control_flow(1, 2),
        );
        all_pass(|| EspUart::<0>::new(), |shared| Box::new(EspBlock(shared)), ESP, EspUart::control_flow);
    }
}

#[test]
fn without_rts_what_is_lost_is_told() {
    // SAFETY: as above.
    unsafe {
        losses_are_told(|| Pl011::<0, 0>::new(), |shared| Box::new(Pl011Block(shared)), PL011);
        losses_are_told(|| Stm32Usart::<0, 0>::new(), |shared| Box::new(Stm32Block(shared)), STM32);
        losses_are_told(|| NrfUart::<0, 0>::new(), |receiver| Box::new(NrfBlock { receiver, seen: false }), NRF);
        losses_are_told(|| EspUart::<0>::new(), |shared| Box::new(EspBlock(shared)), ESP);
        losses_are_told(|| Ns16550::<0, true>::new(), |shared| Box::new(Ns16550Block(shared)), NS16550);
        losses_are_told(
            || Ns16550::<0, false>::new(),
            |shared| Box::new(Ns16550Block(shared)),
            Line { depth: 1, ..NS16550 },
        );
    }
}
