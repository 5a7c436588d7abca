//! UART 0's driver: the driver itself, or with feature `inspect-uart0` one that answers `cargo segno ps` as well.

#[cfg(all(feature = "inspect-uart0", target_os = "none"))]
mod kind {
    use crate::inspect::{Answering, Keeping, Losing, Policy};

    /// The driver `H`, on which requests are answered.
    pub type Shared<H> = Answering<H, Keeping>;

    /// The same for a line without flow control: what is not fetched in time is lost, here or there.
    pub type LossyShared<H> = Answering<H, Losing>;

    /// One of these over a driver.
    pub const fn shared<H, P: Policy>(hardware: H) -> Answering<H, P> {
        Answering::new(hardware)
    }
}

#[cfg(not(all(feature = "inspect-uart0", target_os = "none")))]
mod kind {
    /// The driver `H`.
    pub type Shared<H> = H;

    /// The driver `H`, of a line without flow control.
    pub type LossyShared<H> = H;

    /// The driver.
    pub const fn shared<H>(hardware: H) -> H {
        hardware
    }
}

pub use self::kind::{LossyShared, Shared, shared};
