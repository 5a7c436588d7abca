//! Bytes of the primitives beside Embassy's that do the same: a table in the ELF file, which `report.py` prints. Not run.
//!
//! Embassy's are those that interrupts may use, as segno's are: with `CriticalSectionRawMutex`. What somebody waits with is in
//! the frame of who waits. Where one side has nothing of the kind, there is no number.

#![no_std]
#![no_main]

use core::future::Pending;

use embassy_executor::raw::{Executor, TaskStorage};
use embassy_futures::{join, select};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex as Raw;
use embassy_sync::channel::{self, Channel};
use embassy_sync::mutex::{Mutex, MutexGuard};
use embassy_sync::priority_channel::{self, Max, PriorityChannel};
use embassy_sync::rwlock::RwLock;
use embassy_sync::semaphore::{FairSemaphore, GreedySemaphore, Semaphore as _};
use embassy_sync::signal::Signal;
use embassy_time::{Ticker, Timer, with_timeout};
use panic_halt as _;
use segno::prelude::*;
use segno::sync::{
    BarrierWait, ConditionWait, Fifo, ForAllDone, ForEvent, ForFlag, ForInterruptItem, ForItem, ForLock, ForPermit,
    ForRoom, Unbounded, Wait,
};
use segno::combine::AsCompleted;
use segno::{Sleep, WakerCell};

/// The size of what a function makes.
const fn made<T, A>(_: fn(A) -> T) -> u32 {
    size_of::<T>() as u32
}

const fn of<T>() -> u32 {
    size_of::<T>() as u32
}

/// There is nothing of the kind.
const NONE: u32 = u32::MAX;

macro_rules! table {
    ($($ours:literal $bytes:expr, $theirs:literal $their_bytes:expr;)*) => {
        const TEXT: &str = concat!($($ours, "|", $theirs, "\n"),*);
        const ROWS: usize = [$($ours),*].len();

        /// The names, a row a line.
        #[used]
        #[unsafe(no_mangle)]
        static SIZES_NAMES: [u8; TEXT.len()] = *TEXT.as_bytes().first_chunk().unwrap();

        /// The bytes: segno's, Embassy's.
        #[used]
        #[unsafe(no_mangle)]
        static SIZES_BYTES: [[u32; 2]; ROWS] = [$([$bytes, $their_bytes]),*];
    };
}

/// A child that is ready when it is told so, without anything to remember.
type Child = Pending<()>;

table! {
    "`EventLoop`" of::<LoopMemory<0>>(), "`raw::Executor`" of::<Executor>();
    "task, beside its frame" HEADER, "`TaskStorage`, beside its future" of::<TaskStorage<Child>>() - of::<Child>();
    "`Waker`" of::<segno::coroutine::Waker>(), "`core::task::Waker`" of::<core::task::Waker>();
    "`Task<()>`, which can be awaited and cancelled" of::<Task<()>>(), "" NONE;
    "`Future<u32>`, its handle" of::<Future<u32>>(), "" NONE;
    "`sleep`" of::<Sleep>(), "`Timer`" of::<Timer>();
    "" NONE, "`Ticker`" of::<Ticker>();
    "`wait_for(sleep)`" made(|sleep: Sleep| wait_for(sleep, 1.secs())),
        "`with_timeout(Timer)`" made(|timer: Timer| with_timeout(embassy_time::Duration::MIN, timer));
    "`gather` of two `sleep`s" made(|two: (Sleep, Sleep)| gather(two)),
        "`join` of two `Timer`s" made(|(one, other): (Timer, Timer)| join::join(one, other));
    "`select` of two `sleep`s" made(|two: (Sleep, Sleep)| select(two)),
        "`select` of two `Timer`s" made(|(one, other): (Timer, Timer)| select::select(one, other));
    "`as_completed` of two tasks" of::<AsCompleted<'static, Task<()>, 2>>(), "" NONE;
    "`Event`" of::<Event>(), "" NONE;
    "`Event::wait`" of::<Wait<ForEvent<'static>>>(), "" NONE;
    "`ThreadSafeFlag`" of::<ThreadSafeFlag>(), "`Signal<()>`, of one waiter" of::<Signal<Raw, ()>>();
    "`ThreadSafeFlag::wait`" of::<Wait<ForFlag<'static>>>(), "`Signal::wait`" made(Signal::<Raw, ()>::wait);
    "`WakerCell`" of::<WakerCell>(), "`AtomicWaker`" of::<embassy_sync::waitqueue::AtomicWaker>();
    "`Lock`" of::<Lock>(), "`Mutex<()>`, of one waiter" of::<Mutex<Raw, ()>>();
    "`Lock::acquire`" of::<Wait<ForLock<'static, ()>>>(), "`Mutex::lock`" made(Mutex::<Raw, ()>::lock);
    "`LockGuard`" of::<LockGuard<'static>>(), "`MutexGuard`" of::<MutexGuard<'static, Raw, ()>>();
    "`Condition`" of::<Condition>(), "" NONE;
    "`Condition::wait`" of::<ConditionWait<'static, ()>>(), "" NONE;
    "`Semaphore`" of::<Semaphore>(), "`GreedySemaphore`, of one waiter" of::<GreedySemaphore<Raw>>();
    "`Semaphore`, first come first served" of::<Semaphore>(),
        "`FairSemaphore`, of up to 4 waiters" of::<FairSemaphore<Raw, 4>>();
    "`Semaphore::acquire`" of::<Wait<ForPermit<'static, Unbounded>>>(),
        "`FairSemaphore::acquire`" made(|semaphore: &'static FairSemaphore<Raw, 4>| semaphore.acquire(1));
    "`Barrier<3>`" of::<Barrier<3>>(), "" NONE;
    "`Barrier::wait`" of::<BarrierWait<'static>>(), "" NONE;
    "" NONE, "`RwLock<()>`, of one waiter" of::<RwLock<Raw, ()>>();
    "`Queue<u32, 8>`" of::<Queue<u32, 8>>(), "`Channel<u32, 8>`, of one waiter each way" of::<Channel<Raw, u32, 8>>();
    "`Queue::get`" of::<Wait<ForItem<'static, u32, 8, Fifo>>>(),
        "`Channel::receive`" of::<channel::ReceiveFuture<'static, Raw, u32, 8>>();
    "`Queue::put`" of::<Wait<ForRoom<'static, u32, 8, Fifo>>>(),
        "`Channel::send`" of::<channel::SendFuture<'static, Raw, u32, 8>>();
    "`Queue::join`" of::<Wait<ForAllDone<'static, u32, 8, Fifo>>>(), "" NONE;
    "`PriorityQueue<u32, 8>`" of::<PriorityQueue<u32, 8>>(),
        "`PriorityChannel<u32, Max, 8>`, of one waiter each way" of::<PriorityChannel<Raw, u32, Max, 8>>();
    "`PriorityQueue::get`" of::<Wait<ForItem<'static, u32, 8, segno::sync::Priority>>>(),
        "`PriorityChannel::receive`" of::<priority_channel::ReceiveFuture<'static, Raw, u32, Max, 8>>();
    "`LifoQueue<u32, 8>`" of::<LifoQueue<u32, 8>>(), "" NONE;
    "`InterruptQueue<u32, 8>`" of::<InterruptQueue<u32, 8>>(),
        "`Channel<u32, 8>`, of one waiter each way" of::<Channel<Raw, u32, 8>>();
    "`InterruptQueue::get`" of::<Wait<ForInterruptItem<'static, u32, 8>>>(),
        "`Channel::receive`" of::<channel::ReceiveFuture<'static, Raw, u32, 8>>();
}

/// The header of a task, which is private: a pointer and four bytes, see `runtime/src/node.rs`.
const HEADER: u32 = 8;

#[cortex_m_rt::entry]
fn main() -> ! {
    loop {
        cortex_m::asm::nop();
    }
}
