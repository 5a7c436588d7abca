//! UARTs' drivers, whose registers are the test: bytes with all kinds of errors, faster than they are fetched, and noise.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use segno::transport::{LineError, Serial};

use crate::drivers::cmsdk_uart::CmsdkUart;
use crate::drivers::nrf_uart::NrfUart;
use crate::drivers::ns16550::Ns16550;
use crate::drivers::pl011::Pl011;
use crate::drivers::stm32_usart::Stm32Usart;
use crate::random::{Random, cases};
use crate::registers::fake::{Block, install};
use crate::serial::{BufferedUart, Uart, UartHardware};

pub type Slot = Result<u8, LineError>;

/// A receiver, as the data sheet of each has it, behind whose registers bytes arrive.
#[derive(Default)]
pub struct Receiver {
    /// What has come, and whether bytes were lost in front of it.
    pub fifo: VecDeque<(bool, Slot)>,
    /// Bytes were lost behind the last one.
    pub gap: bool,
    /// Bytes have been lost: a flag that stays.
    pub noted: bool,
    /// What the program is to see.
    pub expected: VecDeque<Slot>,
}

impl Receiver {
    /// Into a FIFO of this depth: what does not fit is lost, which the program is to see behind what is in it; the next byte
    /// says so, too.
    pub fn arrive(&mut self, depth: usize, slot: Slot) {
        if self.fifo.len() == depth {
            if !self.gap {
                self.expected.push_back(Err(LineError::Overrun));
            }
            (self.gap, self.noted) = (true, true);
            return;
        }
        self.fifo.push_back((std::mem::take(&mut self.gap), slot));
        self.expected.push_back(slot);
    }

    /// Into one register: what was in it and not fetched is lost, and the new one says so.
    fn replace(&mut self, slot: Slot) {
        let lost = match self.fifo.pop_back() {
            Some((gap, _)) => {
                self.expected.pop_back();
                if gap {
                    self.expected.pop_back();
                }
                true
            }
            None => false,
        };
        self.fifo.push_back((lost, slot));
        self.expect(lost, slot);
    }

    fn expect(&mut self, gap: bool, slot: Slot) {
        self.expected.extend(gap.then_some(Err(LineError::Overrun)));
        self.expected.push_back(slot);
    }
}

pub type Shared = Rc<RefCell<Receiver>>;

pub struct Pl011Block(pub Shared);

impl Block for Pl011Block {
    fn read(&mut self, offset: usize) -> u32 {
        let receiver = &mut *self.0.borrow_mut();
        match offset {
            0x00 => receiver.fifo.pop_front().map_or(0, |(gap, slot)| {
                let bits = match slot {
                    Ok(byte) => u32::from(byte),
                    Err(LineError::Break) => 1 << 10 | 1 << 8,
                    Err(LineError::Framing) => 1 << 8 | 0x55,
                    Err(_) => 1 << 9 | 0x55,
                };
                bits | u32::from(gap) << 11
            }),
            0x18 => u32::from(receiver.fifo.is_empty()) << 4,
            0x3C => u32::from(receiver.noted) << 10,
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        if offset == 0x44 && value & 1 << 10 != 0 {
            self.0.borrow_mut().noted = false;
        }
    }
}

struct CmsdkBlock(Shared);

impl Block for CmsdkBlock {
    fn read(&mut self, offset: usize) -> u32 {
        let receiver = &mut *self.0.borrow_mut();
        match offset {
            0x00 => receiver.fifo.pop_front().map_or(0, |(_, slot)| slot.unwrap().into()),
            0x04 => receiver.fifo.front().map_or(0, |(gap, _)| 1 << 1 | u32::from(*gap) << 3),
            _ => 0,
        }
    }

    fn write(&mut self, offset: usize, value: u32) {
        if offset == 0x04
            && value & 1 << 3 != 0
            && let Some((gap, _)) = self.0.borrow_mut().fifo.front_mut()
        {
            *gap = false;
        }
    }
}

/// The overrun's flag is about what came behind the byte in the register.
pub struct Stm32Block(pub Shared);

impl Block for Stm32Block {
    fn read(&mut self, offset: usize) -> u32 {
        let receiver = &mut *self.0.borrow_mut();
        match offset {
            0x00 => {
                let byte = receiver.fifo.front().map_or(0, |(_, slot)| {
                    1 << 5
                        | match slot {
                            Ok(_) => 0,
                            Err(LineError::Framing | LineError::Break) => 1 << 1,
                            Err(LineError::Parity) => 1 << 0,
                            Err(_) => 1 << 2,
                        }
                });
                let lost = receiver.gap && !receiver.fifo.is_empty();
                byte | u32::from(lost) << 3 | 1 << 7 | 1 << 6
            }
            0x04 => match receiver.fifo.pop_front() {
                Some((_, Ok(byte))) => byte.into(),
                Some((_, Err(LineError::Break))) | None => 0,
                Some((_, Err(_))) => 0x55,
            },
            _ => 0,
        }
    }

    fn write(&mut self, _: usize, _: u32) {}
}

/// Reads all that the program can have, and compares it with what it is to see.
fn drain<H: UartHardware>(
    random: &mut Random,
    shared: &'static BufferedUart<H, 8, 8>,
    uart: &mut Uart<H, 8, 8>,
    seen: &mut VecDeque<Slot>,
) {
    let mut buffer = [0; 8];
    loop {
        shared.on_interrupt();
        let count = 1 + random.below(8) as usize;
        match uart.try_read(&mut buffer[..count]) {
            Ok(count) => seen.extend(buffer[..count].iter().map(|byte| Ok(*byte))),
            Err(nb::Error::Other(error)) => seen.push_back(Err(error)),
            Err(nb::Error::WouldBlock) => return,
        }
    }
}

fn errors_come_in_their_places<H: UartHardware + 'static>(
    hardware: impl Fn() -> H,
    block: impl Fn(Shared),
    errors: &[LineError],
    arrive: impl Fn(&mut Receiver, Slot),
) {
    cases(300, |mut random| {
        let receiver = Shared::default();
        block(receiver.clone());
        let shared: &'static BufferedUart<H, 8, 8> = Box::leak(Box::new(BufferedUart::new(hardware())));
        let mut uart = Uart::new(shared);
        let mut seen = VecDeque::new();
        for _ in 0..random.below(60) {
            for _ in 0..random.below(one_in_four(&mut random.clone())) {
                let slot = match random.below(6) {
                    0 if !errors.is_empty() => Err(errors[random.below(errors.len() as u32) as usize]),
                    _ => Ok(random.below(256) as u8),
                };
                arrive(&mut receiver.borrow_mut(), slot);
                if random.below(2) == 0 {
                    shared.on_interrupt();
                }
            }
            if random.below(3) == 0 {
                drain(&mut random, shared, &mut uart, &mut seen);
            }
        }
        drain(&mut random, shared, &mut uart, &mut seen);
        assert_eq!(seen, receiver.borrow().expected);
    });
}

/// Usually few bytes at a time, and sometimes more than any FIFO holds.
fn one_in_four(random: &mut Random) -> u32 {
    if random.below(4) == 0 { 40 } else { 4 }
}

#[test]
fn of_a_pl011() {
    // SAFETY: its registers are a test's.
    let hardware = || unsafe { Pl011::<0, 0>::new() };
    let errors = [LineError::Break, LineError::Framing, LineError::Parity];
    errors_come_in_their_places(
        hardware,
        |shared| install(Pl011Block(shared)),
        &errors,
        |receiver, slot| {
            receiver.arrive(16, slot);
        },
    );
}

#[test]
fn of_a_cmsdk_uart() {
    // SAFETY: its registers are a test's.
    let hardware = || unsafe { CmsdkUart::<0, 0>::new() };
    errors_come_in_their_places(hardware, |shared| install(CmsdkBlock(shared)), &[], Receiver::replace);
}

#[test]
fn of_an_stm32_usart() {
    // SAFETY: its registers are a test's.
    let hardware = || unsafe { Stm32Usart::<0, 0>::new() };
    let errors = [LineError::Break, LineError::Framing, LineError::Parity, LineError::Other];
    errors_come_in_their_places(
        hardware,
        |shared| install(Stm32Block(shared)),
        &errors,
        |receiver, slot| {
            receiver.arrive(1, slot);
        },
    );
}

/// Registers that answer anything at all.
struct Noise {
    random: Random,
    mask: u32,
}

impl Block for Noise {
    fn read(&mut self, _: usize) -> u32 {
        (self.random.below(0x1_0000) << 16 | self.random.below(0x1_0000)) & self.mask
    }

    fn write(&mut self, _: usize, _: u32) {}
}

fn noise_is_received_as_noise<H: UartHardware + 'static>(hardware: impl Fn() -> H, mask: u32) {
    cases(100, |random| {
        install(Noise { random: random.clone(), mask });
        let shared: &'static BufferedUart<H, 8, 8> = Box::leak(Box::new(BufferedUart::new(hardware())));
        let mut uart = Uart::new(shared);
        for _ in 0..100 {
            shared.on_interrupt();
            let mut buffer = [0; 16];
            assert!(uart.try_read(&mut buffer).map_or(0, |count| count) <= 8);
            assert!(uart.try_write(b"0123456789").map_or(0, |count| count) <= 8);
            uart.try_flush().ok();
        }
    });
}

#[test]
fn noise_does_no_harm() {
    // SAFETY: their registers are a test's.
    unsafe {
        noise_is_received_as_noise(|| Pl011::<0, 0>::new(), u32::MAX);
        noise_is_received_as_noise(|| CmsdkUart::<0, 0>::new(), u32::MAX);
        noise_is_received_as_noise(|| Stm32Usart::<0, 0>::new(), u32::MAX);
        noise_is_received_as_noise(|| NrfUart::<0, 0>::new(), u32::MAX);
        noise_is_received_as_noise(|| Ns16550::<0, true>::new(), 0xff);
        noise_is_received_as_noise(|| Ns16550::<0, false>::new(), 0xff);
    }
}
