//! The Ethernet controller, for programs with a network: features `udp`, `tcp`.

use segno_board::interrupt::Irq;
use segno_smoltcp::lan9118::{Lan9118, Lan9118Controller};

const ETHERNET_IRQ: Irq = Irq(13);

// SAFETY: the Ethernet controller is used here only.
static ETHERNET_CONTROLLER: Lan9118<0x4020_0000> = unsafe { Lan9118::new() };

/// The Ethernet controller, as a network's stack has it.
pub type Ethernet = Lan9118Controller<0x4020_0000>;

/// The Ethernet controller, before it is started.
pub struct EthernetPort(pub(crate) ());

impl EthernetPort {
    /// Starts it.
    pub fn start(self) -> Ethernet {
        let controller = ETHERNET_CONTROLLER.start();
        // SAFETY: the handler below shares the driver with threads through critical sections only.
        unsafe { ETHERNET_IRQ.enable() };
        controller
    }
}

#[unsafe(no_mangle)]
extern "C" fn ETHERNET() {
    ETHERNET_CONTROLLER.on_interrupt();
}
