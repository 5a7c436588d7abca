//! SMSC's LAN9118 on a 32-bit bus.
//!
//! # The problem
//! The controller has frames in its FIFO; the stack's task must know when, and sleep otherwise.
//!
//! # The design
//! The interrupt says that there is a frame (or room to send again): its handler masks the controller's interrupts and
//! wakes the task, which takes frames until there are none, and unmasks them again.
//!
//! Registers are those of the LAN9118's data sheet, section 5.
//!
//! # Costs
//! 12 bytes. Frames are moved word by word.

use segno::WakerCell;

use crate::controller::{Controller, Frame, LONGEST};
use crate::registers::{Mapped, Registers};

/// The bytes of a frame in the FIFO: whole words.
const BUFFER: usize = size_of::<Frame>();

/// The bytes of a check sequence.
const CHECK: usize = 4;

const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const TX_STATUS: usize = 0x48;
const IRQ_CFG: usize = 0x54;
const INT_STS: usize = 0x58;
const INT_EN: usize = 0x5c;
const BYTE_TEST: usize = 0x64;
const FIFO_INT: usize = 0x68;
const TX_CFG: usize = 0x70;
const HW_CFG: usize = 0x74;
const RX_DP_CTRL: usize = 0x78;
const RX_FIFO_INF: usize = 0x7c;
const TX_FIFO_INF: usize = 0x80;
const MAC_CSR_CMD: usize = 0xa4;
const MAC_CSR_DATA: usize = 0xa8;

/// What `BYTE_TEST` reads.
const TEST_PATTERN: u32 = 0x8765_4321;

/// Interrupts are enabled, active high, push-pull.
const IRQ_ON: u32 = 1 << 8 | 1 << 4 | 1;
/// There are statuses of received frames.
const RX_STATUS_LEVEL: u32 = 1 << 3;
/// There is room for a frame to be sent.
const TX_ROOM: u32 = 1 << 9;
/// That much, in units of 64 bytes.
const TX_ROOM_LEVEL: u32 = (BUFFER as u32).div_ceil(64) << 24;

const MAC_CR: u32 = 1;
const MAC_ADDRH: u32 = 2;
const MAC_ADDRL: u32 = 3;
/// Full duplex, transmitter and receiver on.
const MAC_ON: u32 = 1 << 20 | 1 << 3 | 1 << 2;

/// A controller at address `BASE`: a static, for the interrupt's handler and the program.
pub type Lan9118<const BASE: usize> = Lan9118On<Mapped<BASE>>;

/// A controller with these registers.
pub struct Lan9118On<R> {
    registers: R,
    interrupt: WakerCell,
}

impl<const BASE: usize> Lan9118On<Mapped<BASE>> {
    /// # Safety
    /// There is such a controller at the address, and nobody else uses it.
    pub const unsafe fn new() -> Self {
        // SAFETY: the caller's promise.
        Lan9118On::on(unsafe { Mapped::new() })
    }
}

impl<R: Registers> Lan9118On<R> {
    /// A controller with these registers, which nobody else uses.
    pub const fn on(registers: R) -> Self {
        Lan9118On { registers, interrupt: WakerCell::new() }
    }

    /// The registers.
    pub const fn registers(&self) -> &R {
        &self.registers
    }

    fn read(&self, register: usize) -> u32 {
        self.registers.read(register)
    }

    fn write(&self, register: usize, value: u32) {
        self.registers.write(register, value);
    }

    fn mac_wait(&self) {
        while self.read(MAC_CSR_CMD) >> 31 != 0 {}
    }

    fn mac_read(&self, register: u32) -> u32 {
        self.write(MAC_CSR_CMD, 0b11 << 30 | register);
        self.mac_wait();
        self.read(MAC_CSR_DATA)
    }

    fn mac_write(&self, register: u32, value: u32) {
        self.write(MAC_CSR_DATA, value);
        self.write(MAC_CSR_CMD, 0b10 << 30 | register);
        self.mac_wait();
    }

    /// Resets the controller and starts it. The program enables the interrupt; call it once.
    ///
    /// # Panics
    /// When there is no such controller.
    pub fn start(&'static self) -> Lan9118ControllerOn<R> {
        assert!(self.read(BYTE_TEST) == TEST_PATTERN, "no LAN9118");
        self.write(HW_CFG, 1);
        while self.read(HW_CFG) & 1 != 0 {}
        // 5 KiB of FIFO to send from.
        self.write(HW_CFG, 0x0005_0000);
        self.write(FIFO_INT, TX_ROOM_LEVEL);
        self.write(INT_EN, 0);
        self.write(IRQ_CFG, IRQ_ON);
        self.write(TX_CFG, 1 << 1);
        self.mac_write(MAC_CR, MAC_ON);
        let [a, b, c, d] = self.mac_read(MAC_ADDRL).to_le_bytes();
        let [e, f, ..] = self.mac_read(MAC_ADDRH).to_le_bytes();
        Lan9118ControllerOn { hardware: self, address: [a, b, c, d, e, f] }
    }

    /// The interrupt's handler.
    pub fn on_interrupt(&self) {
        self.mask();
        self.interrupt.wake();
    }

    /// Lets no interrupt come: what a handler does that has its own way of waking.
    pub fn mask(&self) {
        self.write(INT_EN, 0);
    }

    fn has_room(&self) -> bool {
        self.read(TX_FIFO_INF) & 0xffff >= BUFFER as u32 + 8
    }

    fn drop_words(&self, words: usize) {
        // Less than four words cannot be skipped at once.
        if words < 4 {
            for _ in 0..words {
                self.read(RX_DATA);
            }
            return;
        }
        self.write(RX_DP_CTRL, 1 << 31);
        while self.read(RX_DP_CTRL) >> 31 != 0 {}
    }
}

/// The controller as the stack has it.
pub type Lan9118Controller<const BASE: usize> = Lan9118ControllerOn<Mapped<BASE>>;

/// The controller as the stack has it, with these registers.
pub struct Lan9118ControllerOn<R: 'static> {
    hardware: &'static Lan9118On<R>,
    address: [u8; 6],
}

impl<R: Registers> Lan9118ControllerOn<R> {
    /// Lets the interrupt come as [`Controller::listen`] does, but registers nobody.
    pub fn unmask(&mut self) {
        let hardware = self.hardware;
        hardware.write(INT_STS, RX_STATUS_LEVEL | TX_ROOM);
        hardware.write(INT_EN, if hardware.has_room() { RX_STATUS_LEVEL } else { RX_STATUS_LEVEL | TX_ROOM });
    }
}

impl<R: Registers> Controller for Lan9118ControllerOn<R> {
    fn hardware_address(&self) -> [u8; 6] {
        self.address
    }

    fn has_received(&mut self) -> bool {
        self.hardware.read(RX_FIFO_INF) >> 16 & 0xff != 0
    }

    fn has_room(&mut self) -> bool {
        self.hardware.has_room()
    }

    fn receive(&mut self, frame: &mut Frame) -> usize {
        let hardware = self.hardware;
        let status = hardware.read(RX_STATUS);
        let length = (status >> 16 & 0x3fff) as usize;
        let words = length.div_ceil(4);
        if status & 1 << 15 != 0 || !(14 + CHECK..=LONGEST + CHECK).contains(&length) {
            hardware.drop_words(words);
            return 0;
        }
        let (places, _) = frame.as_chunks_mut();
        let fits = words.min(places.len());
        places[..fits].iter_mut().for_each(|place| *place = hardware.read(RX_DATA).to_le_bytes());
        // What does not fit belongs to the check sequence.
        for _ in fits..words {
            hardware.read(RX_DATA);
        }
        length - CHECK
    }

    fn send(&mut self, frame: &[u8]) {
        let hardware = self.hardware;
        // Nobody asks what became of the frames before.
        while hardware.read(TX_FIFO_INF) >> 16 & 0xff != 0 {
            hardware.read(TX_STATUS);
        }
        let length = frame.len() as u32;
        // First and last segment.
        hardware.write(TX_DATA, 1 << 13 | 1 << 12 | length);
        hardware.write(TX_DATA, length);
        let (words, rest) = frame.as_chunks();
        words.iter().for_each(|word| hardware.write(TX_DATA, u32::from_le_bytes(*word)));
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            hardware.write(TX_DATA, u32::from_le_bytes(word));
        }
    }

    fn listen(&mut self) {
        self.hardware.interrupt.register_current();
        self.unmask();
    }
}
