//! How a loop comes into being.
//!
//! # The problem
//! A loop must be `'static`, and its memory must be known to the linker.
//!
//! # The design
//! A [`LoopMemory`] is the static that holds both; it is all zeros, so it costs no flash, and starting it once gives the
//! loop. On a host `new_event_loop` leaks one, so that tests make as many as they like.
//!
//! # Costs
//! The loop, and the bytes that the user chose.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;

use super::EventLoop;
use super::error::AlreadyStarted;
use crate::board::Clock;
use crate::pool::{GRANULE, LAST_GRANULE, Memory};

/// The memory of one loop, for a `static`: asyncio's `new_event_loop`, with the heap that its loop would use. `BYTES` is
/// the one number that a user chooses: tasks, callbacks and futures share it.
///
/// ```
/// # use segno::{LoopMemory, board::{Clock, Idle}, time::Instant};
/// # struct Board;
/// # impl Clock for Board {
/// #     fn now(&self) -> Instant { Instant::from_ticks(0) }
/// #     fn idle(&self, _: &Idle) {}
/// # }
/// # static CLOCK: Board = Board;
/// static MEMORY: LoopMemory<4096> = LoopMemory::new();
///
/// let lp = MEMORY.start(&CLOCK).unwrap();
/// lp.call_soon(|lp| lp.stop()).unwrap();
/// lp.run_forever().unwrap();
/// ```
#[repr(C)] // The loop first: its fields have short offsets.
pub struct LoopMemory<const BYTES: usize> {
    event_loop: EventLoop,
    bytes: UnsafeCell<Bytes<BYTES>>,
}

/// Aligned to a granule.
#[cfg_attr(target_pointer_width = "64", repr(C, align(16)))]
#[cfg_attr(not(target_pointer_width = "64"), repr(C, align(8)))]
struct Bytes<const BYTES: usize>([MaybeUninit<u8>; BYTES]);

// SAFETY: nothing of it is reachable but through `start`, which hands out the loop once, to one context; the
// clock, which tells whether it was, is set once, in a critical section.
unsafe impl<const BYTES: usize> Sync for LoopMemory<BYTES> {}

impl<const BYTES: usize> LoopMemory<BYTES> {
    /// Memory for a loop that is yet to be started. `BYTES` is a multiple of two words, and at most 65,534 times that.
    pub const fn new() -> LoopMemory<BYTES> {
        const {
            assert!(BYTES.is_multiple_of(GRANULE), "a loop's memory is a multiple of two words");
            assert!(BYTES / GRANULE <= LAST_GRANULE, "a loop's memory has at most 65534 granules of two words");
        }
        LoopMemory { event_loop: EventLoop::new(), bytes: UnsafeCell::new(Bytes([MaybeUninit::zeroed(); BYTES])) }
    }

    /// Starts the loop. It belongs to the calling context.
    ///
    /// # Errors
    /// [`AlreadyStarted`] the second time.
    pub fn start(&'static self, clock: &'static dyn Clock) -> Result<&'static EventLoop, AlreadyStarted> {
        // What has a clock has been started.
        let started = critical_section::with(|_| {
            let started = self.event_loop.clock.get().is_some();
            if !started {
                self.event_loop.clock.set(Some(clock));
            }
            started
        });
        if started {
            return Err(AlreadyStarted);
        }
        // SAFETY: the bytes are static, aligned, `BYTES` long, and handed out only here, once.
        unsafe { self.event_loop.start(self.bytes.get().cast(), BYTES) };
        Ok(&self.event_loop)
    }
}

#[cfg(feature = "urgent")]
impl<const BYTES: usize> LoopMemory<BYTES> {
    /// The loop, which has been started. Only for its own context.
    pub(super) fn event_loop(&'static self) -> &'static EventLoop {
        &self.event_loop
    }
}

impl<const BYTES: usize> Default for LoopMemory<BYTES> {
    fn default() -> Self {
        LoopMemory::new()
    }
}

impl EventLoop {
    /// # Safety
    /// `memory` is valid for `bytes` bytes for ever, aligned to a granule, and used by nobody else.
    unsafe fn start(&self, memory: *mut u8, bytes: usize) {
        let memory = Memory::new(memory);
        self.memory.set(memory);
        // SAFETY: EXCLUSIVE: nobody else knows the loop yet. The caller's promise.
        unsafe { (*self.shared.get()).pool.start(memory, bytes / GRANULE) };
    }
}

/// Makes a loop with `bytes` bytes for tasks, callbacks and futures; asyncio's `new_event_loop`. It is never freed. At
/// most 65,534 granules of two words (1 MiB on a 64-bit host) are used.
///
/// ```
/// # use segno::{host::VirtualClock, new_event_loop, run, sleep, time::ExtU64};
/// let lp = new_event_loop(VirtualClock::leaked(), 4096);
/// assert_eq!(run(lp, sleep(1.secs())), Ok(()));
/// ```
#[cfg(feature = "std")]
pub fn new_event_loop(clock: &'static dyn Clock, bytes: usize) -> &'static EventLoop {
    use std::boxed::Box;
    use std::sync::Mutex;
    use std::vec::Vec;

    /// What was leaked, so that leak checkers see that it is still reachable.
    struct Leaked(#[expect(dead_code, reason = "it is kept, not used")] *const EventLoop, #[expect(dead_code)] *mut u8);
    // SAFETY: nobody follows these pointers.
    unsafe impl Send for Leaked {}
    static LEAKED: Mutex<Vec<Leaked>> = Mutex::new(Vec::new());

    let bytes = bytes.min(LAST_GRANULE * GRANULE).next_multiple_of(16);
    let memory = Box::leak(std::vec![0u128; bytes / 16].into_boxed_slice()).as_mut_ptr().cast::<u8>();
    let event_loop: &'static EventLoop = Box::leak(Box::new(EventLoop::new()));
    // SAFETY: the memory is leaked, aligned to 16 bytes, and handed out only here.
    unsafe { event_loop.start(memory, bytes) };
    event_loop.clock.set(Some(clock));
    if let Ok(mut leaked) = LEAKED.lock() {
        leaked.push(Leaked(event_loop, memory));
    }
    event_loop
}
