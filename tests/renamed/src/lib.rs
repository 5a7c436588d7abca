//! A library that depends on segno as `rt` and re-exports it as `kit::segno`: neither here nor in the crates that use it
//! (`tests/`) is there a `::segno`, so whatever an expansion spells that way does not compile.

/// The runtime, for those who depend on this crate alone.
pub use rt as segno;

use rt::prelude::*;

/// Reads by `block!`, and holds a borrow of a local across a suspension.
#[rt::coroutine(crate = rt, diagram)]
pub async fn read_two(serial: &mut Countdown) -> Result<u8, u8> {
    let mut sum = 0;
    for _ in 0..2 {
        sum += rt::nb::block!(serial.read())?;
    }
    add(&mut sum, 1).await;
    Ok(sum)
}

#[rt::coroutine(crate = rt)]
async fn add(sum: &mut u8, more: u8) {
    sleep(1.millis()).await;
    *sum += more;
}

/// A port that is never ready at once.
#[derive(Debug)]
pub struct Countdown {
    /// What the next read gives.
    pub next: u8,
    ready: bool,
    interested: rt::WakerCell,
}

impl Countdown {
    /// A port whose first byte is `next`.
    pub fn new(next: u8) -> Countdown {
        Countdown { next, ready: false, interested: rt::WakerCell::new() }
    }

    fn read(&mut self) -> rt::nb::Result<u8, u8> {
        self.ready = !self.ready;
        if self.ready {
            self.interested.register_current();
            self.interested.wake();
            return Err(rt::nb::Error::WouldBlock);
        }
        self.next = self.next.checked_sub(1).ok_or(rt::nb::Error::Other(9))?;
        Ok(self.next)
    }
}

/// Makes a coroutine in the crate that calls it.
#[macro_export]
macro_rules! twice {
    ($name:ident, $value:expr) => {
        #[$crate::segno::coroutine(crate = $crate::segno)]
        async fn $name() -> u32 {
            let value: u32 = $value;
            $crate::segno::sleep($crate::segno::Duration::from_ticks(1)).await;
            value * 2
        }
    };
}

/// Runs a coroutine on a loop of its own.
pub fn run<C: IntoCoroutine>(coroutine: C) -> C::Output {
    let lp = rt::new_event_loop(rt::host::VirtualClock::leaked(), 4096);
    lp.run_until_complete(coroutine).unwrap()
}
