//! What the primitives cost: their bytes, as statics and in the frames of those who wait (symbols `bytes_…`), and the
//! instructions from an interrupt to the coroutine that waits for it, and back to the idle loop.

#![no_std]
#![no_main]
#![allow(non_upper_case_globals, reason = "they are read by their names")]

use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

use panic_halt as _;
use segno::prelude::*;
use segno::sync::{
    BarrierWait, ConditionWait, Fifo, ForAllDone, ForEvent, ForFlag, ForInterruptItem, ForItem, ForLock, ForPermit,
    ForRoom, Unbounded, Wait,
};
use segno_footprint::{exit, marks};

marks!(m_irq 1 m_flag 2 m_event 3 m_shared 4 m_queue 5 m_lock 6 m_idle 7);

/// As many bytes as a value of each type has.
macro_rules! bytes {
    ($($name:ident: $type:ty;)*) => {
        $(
            #[used]
            #[unsafe(no_mangle)]
            static $name: [u8; size_of::<$type>()] = [0; size_of::<$type>()];
        )*
    };
}

bytes! {
    bytes_Event: Event;
    bytes_Event_wait: Wait<ForEvent<'static>>;
    bytes_Lock: Lock;
    bytes_Lock_acquire: Wait<ForLock<'static, ()>>;
    bytes_LockGuard: LockGuard<'static>;
    bytes_Condition: Condition;
    bytes_Condition_wait: ConditionWait<'static, ()>;
    bytes_ConditionGuard: ConditionGuard<'static>;
    bytes_Semaphore: Semaphore;
    bytes_BoundedSemaphore: BoundedSemaphore;
    bytes_Semaphore_acquire: Wait<ForPermit<'static, Unbounded>>;
    bytes_Barrier: Barrier<3>;
    bytes_Barrier_wait: BarrierWait<'static>;
    bytes_Queue_u32_8: Queue<u32, 8>;
    bytes_LifoQueue_u32_8: LifoQueue<u32, 8>;
    bytes_PriorityQueue_u32_8: PriorityQueue<u32, 8>;
    bytes_Queue_get: Wait<ForItem<'static, u32, 8, Fifo>>;
    bytes_Queue_put: Wait<ForRoom<'static, u32, 8, Fifo>>;
    bytes_Queue_join: Wait<ForAllDone<'static, u32, 8, Fifo>>;
    bytes_ThreadSafeFlag: ThreadSafeFlag;
    bytes_ThreadSafeFlag_wait: Wait<ForFlag<'static>>;
    bytes_InterruptQueue_u32_8: InterruptQueue<u32, 8>;
    bytes_InterruptQueue_get: Wait<ForInterruptItem<'static, u32, 8>>;
}

static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
static EVENT: Event = Event::new();
static SHARED: InterruptQueue<u32, 8> = InterruptQueue::new();
static QUEUE: Queue<u32, 8> = Queue::new();
static LOCK: Lock = Lock::new();

#[segno::coroutine]
async fn flag() -> ! {
    loop {
        FLAG.wait().await;
        m_flag();
    }
}

#[segno::coroutine]
async fn event() -> ! {
    loop {
        EVENT.wait().await;
        m_event();
        EVENT.clear();
    }
}

#[segno::coroutine]
async fn shared() -> ! {
    loop {
        core::hint::black_box(SHARED.get().await);
        m_shared();
    }
}

#[segno::coroutine]
async fn queue() -> ! {
    loop {
        core::hint::black_box(QUEUE.get().await.ok());
        m_queue();
    }
}

/// Released by the interrupt.
#[segno::coroutine]
async fn lock() -> ! {
    loop {
        core::mem::forget(LOCK.acquire().await);
        m_lock();
    }
}

static MEMORY: LoopMemory<512> = LoopMemory::new();
static ROUND: AtomicU32 = AtomicU32::new(0);

struct Bench;

impl Clock for Bench {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn idle(&self, _: &Idle) {
        m_idle();
        let round = ROUND.load(Relaxed) + 1;
        ROUND.store(round, Relaxed);
        if round == 16 {
            exit();
        }
        cortex_m::peripheral::SCB::set_pendsv();
        cortex_m::asm::isb();
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let lp = MEMORY.start(&Bench).unwrap();
    core::mem::forget(LOCK.acquire_nowait());
    lp.create_task(flag()).unwrap();
    lp.create_task(event()).unwrap();
    lp.create_task(shared()).unwrap();
    lp.create_task(queue()).unwrap();
    lp.create_task(lock()).unwrap();
    lp.run_forever().unwrap();
    exit()
}

#[cortex_m_rt::exception]
fn PendSV() {
    m_irq();
    match ROUND.load(Relaxed) % 5 {
        0 => FLAG.set(),
        1 => EVENT.set(),
        2 => drop(SHARED.put_nowait(7)),
        3 => drop(QUEUE.put_nowait(7)),
        _ => drop(LOCK.release()),
    }
}
