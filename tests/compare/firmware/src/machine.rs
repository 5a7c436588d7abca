//! The machine of those who do not have segno's board: time, an alarm, the Ethernet controller, and the interrupts of all three.

use segno_board::clock::Alarm as _;
use segno_board::drivers::cmsdk_dual_timer::CmsdkDualTimer;
use segno_board::drivers::cmsdk_timer::CmsdkTimer;
use segno_board::interrupt::Irq;
use segno_board::timekeeper::{TimeSource, Timekeeper};
use segno_smoltcp::lan9118::{Lan9118, Lan9118Controller};

use crate::{on_alarm, on_ethernet};

const HZ: u32 = 25_000_000;

/// Ticks of the alarm in a microsecond.
const TICKS: u64 = HZ as u64 / 1_000_000;

// SAFETY: both timers and the controller are used here only.
static TIME: Timekeeper<CmsdkTimer<0x4000_0000, HZ, 30>> = Timekeeper::new(unsafe { CmsdkTimer::new() });
// SAFETY: as above.
static ALARM: CmsdkDualTimer<0x4000_2000, HZ> = unsafe { CmsdkDualTimer::new() };
// SAFETY: as above.
static ETHERNET_CONTROLLER: Lan9118<0x4020_0000> = unsafe { Lan9118::new() };

/// The controller, started.
pub type Ethernet = Lan9118Controller<0x4020_0000>;

/// Starts everything.
pub fn start() -> Ethernet {
    TIME.counter().start_at(0);
    ALARM.start();
    let ethernet = ETHERNET_CONTROLLER.start();
    // SAFETY: the handlers share what they touch with threads through critical sections.
    unsafe {
        Irq(8).enable();
        Irq(10).enable();
        Irq(13).enable();
    }
    ethernet
}

/// Microseconds since the start.
pub fn micros() -> u64 {
    TIME.micros()
}

/// Rings after so many microseconds, or as late as it can.
pub fn ring_after(micros: u64) {
    ALARM.arm(u32::try_from((micros * TICKS).max(1)).unwrap_or(u32::MAX));
}

#[unsafe(no_mangle)]
extern "C" fn TIMER0() {
    TIME.micros();
}

#[unsafe(no_mangle)]
extern "C" fn DUALTIMER() {
    ALARM.acknowledge();
    on_alarm();
}

#[unsafe(no_mangle)]
extern "C" fn ETHERNET() {
    ETHERNET_CONTROLLER.mask();
    on_ethernet();
}

segno_board::interrupt_table! { DefaultHandler DefaultHandler DefaultHandler DefaultHandler DefaultHandler DefaultHandler
DefaultHandler DefaultHandler TIMER0 DefaultHandler DUALTIMER DefaultHandler DefaultHandler ETHERNET }
