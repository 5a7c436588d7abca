//! What an Ethernet controller's driver is to the stack.

use smoltcp::phy::Device;

/// An Ethernet controller: frames by smoltcp's [`Device`], and an interrupt.
pub trait Controller: Device + 'static {
    /// The address that the controller was given.
    fn hardware_address(&self) -> [u8; 6];

    /// Registers the running task to be woken when a frame has come, or when there is room to send again (with a
    /// [`WakerCell`](segno::WakerCell)). True if there is something to do already: then the task need not sleep.
    fn register_current(&mut self) -> bool;
}
