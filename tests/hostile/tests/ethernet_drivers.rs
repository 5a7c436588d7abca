//! Ethernet controllers' drivers, whose registers are the test: good frames among runts, giants and damaged ones.

use std::collections::VecDeque;
use std::sync::Mutex;

use segno_hostile::{Random, bytes, cases, one_of};
use segno_smoltcp::controller::{Controller, Port};
use segno_smoltcp::lan9118::Lan9118On;
use segno_smoltcp::registers::Registers;
use segno_smoltcp::smoltcp::phy::{Device, RxToken, TxToken};
use segno_smoltcp::smoltcp::time::Instant;
use segno_smoltcp::stellaris::StellarisOn;

/// The longest frame, and the bytes of its check sequence.
const LONGEST: usize = 1514;
const CHECK: usize = 4;

/// A frame as it comes from the wire: with its check sequence, and perhaps damaged.
struct Frame {
    bytes: Vec<u8>,
    damaged: bool,
}

impl Frame {
    fn random(random: &mut Random) -> Frame {
        let (least, most) =
            one_of(random, &[(0, 17), (18, 64), (18, 1518), (1518, 1518), (1519, 1523), (1519, 16_000)]);
        Frame { bytes: bytes(random, least, most), damaged: random.below(5) == 0 }
    }

    /// What the stack is to see of it.
    fn good(&self) -> Option<&[u8]> {
        let length = self.bytes.len().checked_sub(CHECK)?;
        (!self.damaged && (14..=LONGEST).contains(&length)).then(|| &self.bytes[..length])
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_le_bytes(word)
    })
}

/// A controller of either kind: what has come, and what was sent.
#[derive(Default)]
struct Fifo {
    /// The words of each frame that has not been taken, and its status.
    received: VecDeque<(u32, VecDeque<u32>)>,
    /// The words that are left of the one that is being taken.
    current: VecDeque<u32>,
    writing: Vec<u32>,
    sent: Vec<Vec<u8>>,
    /// Words that were read when there were none.
    overread: usize,
    room: bool,
}

impl Fifo {
    fn next_word(&mut self) -> u32 {
        self.current.pop_front().unwrap_or_else(|| {
            self.overread += 1;
            0xdead_beef
        })
    }
}

/// The LAN9118's data sheet, section 5, as far as a driver sees it.
#[derive(Default)]
struct Lan9118Registers(Mutex<Fifo>);

impl Registers for Lan9118Registers {
    fn read(&self, offset: usize) -> u32 {
        let fifo = &mut *self.0.lock().unwrap();
        match offset {
            0x00 => fifo.next_word(),
            0x40 => {
                // A frame that was left behind is skipped by nobody: its words come first.
                let (status, words) = fifo.received.pop_front().unwrap_or_default();
                fifo.current.extend(words);
                status
            }
            0x64 => 0x8765_4321,
            0x7c => (fifo.received.len().min(255) as u32) << 16,
            0x80 => {
                if fifo.room {
                    4600
                } else {
                    100
                }
            }
            0xa8 => 0x1234_5678,
            _ => 0,
        }
    }

    fn write(&self, offset: usize, value: u32) {
        let fifo = &mut *self.0.lock().unwrap();
        match offset {
            0x20 => {
                fifo.writing.push(value);
                let length = (fifo.writing[0] & 0x7ff) as usize;
                if fifo.writing.len() == 2 + length.div_ceil(4) {
                    assert_eq!(fifo.writing[1] as usize, length, "both commands say the same");
                    let bytes: Vec<u8> = fifo.writing.drain(..).skip(2).flat_map(u32::to_le_bytes).collect();
                    fifo.sent.push(bytes[..length].to_vec());
                }
            }
            // Less than four words cannot be skipped at once.
            0x78 if value >> 31 != 0 => {
                assert!(fifo.current.len() >= 4, "{} words are skipped", fifo.current.len());
                fifo.current.clear();
            }
            _ => {}
        }
    }
}

impl Lan9118Registers {
    fn arrive(&self, frame: &Frame) {
        let status = (frame.bytes.len() as u32) << 16 | if frame.damaged { 1 << 15 } else { 0 };
        self.0.lock().unwrap().received.push_back((status, words(&frame.bytes).collect()));
    }
}

/// The LM3S6965's data sheet, chapter "Ethernet Controller".
#[derive(Default)]
struct StellarisRegisters(Mutex<Fifo>);

impl Registers for StellarisRegisters {
    fn read(&self, offset: usize) -> u32 {
        let fifo = &mut *self.0.lock().unwrap();
        match offset {
            0x10 => {
                if fifo.current.is_empty()
                    && let Some((_, words)) = fifo.received.pop_front()
                {
                    fifo.current = words;
                }
                fifo.next_word()
            }
            0x34 => fifo.received.len().min(31) as u32,
            0x38 => u32::from(!fifo.room),
            _ => 0,
        }
    }

    fn write(&self, offset: usize, value: u32) {
        let fifo = &mut *self.0.lock().unwrap();
        match offset {
            0x10 => fifo.writing.push(value),
            0x38 => {
                let bytes: Vec<u8> = fifo.writing.drain(..).flat_map(u32::to_le_bytes).collect();
                let length = 14 + usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
                assert_eq!(bytes.len(), (2 + length).next_multiple_of(4));
                fifo.sent.push(bytes[2..2 + length].to_vec());
            }
            _ => {}
        }
    }
}

impl StellarisRegisters {
    /// This controller drops damaged frames by itself.
    fn arrive(&self, frame: &Frame) {
        let total = (frame.bytes.len() + 2) as u16;
        let bytes: Vec<u8> = total.to_le_bytes().into_iter().chain(frame.bytes.iter().copied()).collect();
        self.0.lock().unwrap().received.push_back((0, words(&bytes).collect()));
    }
}

/// The driver gives exactly the good frames, whole and in order, and sends what it is given.
fn property<D: Controller>(random: &mut Random, fifo: &Mutex<Fifo>, arrive: impl Fn(&Frame), driver: D) {
    let mut driver = Port::new(driver);
    let now = Instant::from_millis(0);
    fifo.lock().unwrap().room = true;
    let (mut expected, mut sent) = (VecDeque::<Vec<u8>>::new(), Vec::<Vec<u8>>::new());
    for _ in 0..random.below(40) {
        match random.below(4) {
            0 => {
                let frame = bytes(random, 14, LONGEST);
                match driver.transmit(now) {
                    Some(token) => {
                        token.consume(frame.len(), |buffer| buffer.copy_from_slice(&frame));
                        sent.push(frame);
                    }
                    None => assert!(!fifo.lock().unwrap().room),
                }
            }
            1 => fifo.lock().unwrap().room = random.below(4) > 0,
            _ => {
                let frame = Frame::random(random);
                arrive(&frame);
                expected.extend(frame.good().map(Vec::from));
            }
        }
        if random.below(3) == 0 {
            while let Some((token, _)) = driver.receive(now) {
                token.consume(|frame| assert_eq!(Some(frame), expected.pop_front().as_deref()));
            }
        }
    }
    fifo.lock().unwrap().room = true;
    while let Some((token, _)) = driver.receive(now) {
        token.consume(|frame| assert_eq!(Some(frame), expected.pop_front().as_deref()));
    }
    assert!(expected.is_empty(), "{} frames did not come", expected.len());
    let fifo = fifo.lock().unwrap();
    assert_eq!((fifo.overread, fifo.current.len()), (0, 0), "each word is read once");
    assert_eq!(fifo.sent, sent);
}

#[test]
fn a_lan9118_gives_good_frames_and_no_others() {
    cases(40, |random| {
        let hardware: &'static Lan9118On<Lan9118Registers> = Box::leak(Box::new(Lan9118On::on(Default::default())));
        let driver = hardware.start();
        let registers = hardware.registers();
        property(random, &registers.0, |frame| registers.arrive(frame), driver);
    });
}

#[test]
fn a_stellaris_controller_gives_good_frames_and_no_others() {
    cases(40, |random| {
        let hardware: &'static StellarisOn<StellarisRegisters> =
            Box::leak(Box::new(StellarisOn::on(Default::default())));
        let driver = hardware.start();
        let registers = hardware.registers();
        let arrive = |frame: &Frame| {
            if !frame.damaged {
                registers.arrive(frame);
            }
        };
        property(random, &registers.0, arrive, driver);
    });
}

/// A controller that answers anything at all.
struct Noise(Mutex<Random>);

impl Registers for Noise {
    fn read(&self, offset: usize) -> u32 {
        let random = &mut *self.0.lock().unwrap();
        match offset {
            // What is waited for comes at last, and what the driver asserts is so.
            0x64 => 0x8765_4321,
            0x74 | 0x78 | 0xa4 => random.next_u64() as u32 & random.next_u64() as u32,
            _ => random.next_u64() as u32,
        }
    }

    fn write(&self, _: usize, _: u32) {}
}

fn survives(driver: impl Controller, random: &mut Random) {
    let mut driver = Port::new(driver);
    let now = Instant::from_millis(0);
    for _ in 0..20 {
        driver.controller.listen();
        if let Some((token, _)) = driver.receive(now) {
            token.consume(|frame| assert!((14..=LONGEST).contains(&frame.len())));
        }
        if let Some(token) = driver.transmit(now) {
            token.consume(14 + random.below(1501) as usize, |frame| frame.fill(1));
        }
    }
}

#[test]
fn noise_in_the_registers_gives_noise_in_frames_and_nothing_worse() {
    cases(40, |random| {
        let registers = || Noise(Mutex::new(Random::new(random.clone().next_u64(), 0)));
        let hardware: &'static Lan9118On<Noise> = Box::leak(Box::new(Lan9118On::on(registers())));
        survives(hardware.start(), &mut random.clone());
        let hardware: &'static StellarisOn<Noise> = Box::leak(Box::new(StellarisOn::on(registers())));
        survives(hardware.start(), random);
    });
}
