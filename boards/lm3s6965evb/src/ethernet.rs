//! The Ethernet controller, for programs with a network: features `udp`, `tcp`.

use segno_board::interrupt::Irq;
use segno_smoltcp::stellaris::{Stellaris, StellarisController};

use crate::clocks;

const ETHERNET_IRQ: Irq = Irq(42);

// SAFETY: the Ethernet controller is used here only.
static ETHERNET_CONTROLLER: Stellaris<0x4004_8000> = unsafe { Stellaris::new() };

/// The Ethernet controller, as a network's stack has it.
pub type Ethernet = StellarisController<0x4004_8000>;

/// The Ethernet controller, before it is started.
pub struct EthernetPort(pub(crate) ());

impl EthernetPort {
    /// Starts it.
    pub fn start(self) -> Ethernet {
        clocks::enable_ethernet();
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
