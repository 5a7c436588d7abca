//! An Ethernet controller that a program starts if it wants a network.
//!
//! The drivers and the stack are `segno_smoltcp`'s, which nothing here depends on: a board without the network has none of them.

/// Defines `Ethernet`, the controller as the stack has it; `EthernetPort`, the controller before it is started; and its handler:
/// of the driver, what the driver becomes by its start, its line, and what is to be done before, such as switching its clock on.
///
/// # Safety
/// The driver's address and the line are the controller's, and nobody else uses it.
#[macro_export]
macro_rules! ethernet {
    (unsafe $driver:ty, $controller:ty, $line:ident = $irq:literal $(, $before:path)? $(,)?) => {
        // SAFETY: the Ethernet controller is used here only.
        static ETHERNET_CONTROLLER: $driver = unsafe { <$driver>::new() };

        /// The Ethernet controller, as a network's stack has it.
        pub type Ethernet = $controller;

        /// The Ethernet controller, before it is started.
        pub struct EthernetPort(pub(crate) ());

        impl EthernetPort {
            /// Starts it.
            pub fn start(self) -> Ethernet {
                $($before();)?
                let controller = ETHERNET_CONTROLLER.start();
                // SAFETY: the handler below shares the driver with threads through critical sections only.
                unsafe { $crate::interrupt::Irq($irq).enable() };
                controller
            }
        }

        #[unsafe(no_mangle)]
        extern "C" fn $line() {
            ETHERNET_CONTROLLER.on_interrupt();
        }
    };
}
