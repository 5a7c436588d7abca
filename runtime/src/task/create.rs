//! Making tasks of coroutines, and finding them.
//!
//! # The problem
//! A coroutine is moved into the pool, at its exact size, and begins in the next turn, or at once.
//!
//! # The design
//! What depends on the type is the move; the rest is done by numbers, once for all types ([`step`](super::step)).
//!
//! # Costs
//! See [`step`](super::step).

use core::marker::PhantomData;
use core::num::NonZeroU16;

use super::outcome::FromNode;
use super::step::TaskNode;
use super::{AnyTask, Task};
use crate::coroutine::{Context, Coroutine, IntoCoroutine};
use crate::event_loop::{EventLoop, Refused};
use crate::node::{Kind, NEW, NodeRef, VTable, granules};

/// What keeps room for the task of a `C` holds nothing, and is as large.
struct Room<C>(PhantomData<C>);

impl<C: Coroutine> Room<C> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<C, C::Output>(), kind: Kind::Object };

    /// It is never queued.
    unsafe fn run(_: *mut u8, _: &mut Context<'_>) {}

    unsafe fn drop(_: *mut u8, _: bool, _: &EventLoop) {}
}

impl EventLoop {
    /// Keeps room for the task of a `C` until it is dropped: then one is made without fail, if nothing else is made before.
    pub(crate) fn room_for_task<C: Coroutine>(&'static self) -> Result<NodeRef, Refused<()>> {
        let id = self.make_node(&Room::<C>::VTABLE, 0, 1)?;
        // SAFETY: the node is new, and the reference is this one's.
        Ok(unsafe { NodeRef::from_counted(self, id) })
    }

    /// Makes a task of a coroutine; asyncio's `create_task`. The body does not start: its first step is queued.
    ///
    /// The coroutine is moved into the loop's memory, so it must own all that it uses (`'static`). The task goes on if the handle
    /// is dropped.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn work(n: u32) -> u32 {
    ///     sleep(1.secs()).await;
    ///     n * n
    /// }
    ///
    /// let task = lp.create_task(work(7)).unwrap();
    /// assert!(!task.done());
    /// assert_eq!(lp.run_until_complete(task), Ok(49));
    /// lp.create_task(work(8)).unwrap(); // runs as long as the loop does
    /// ```
    /// # Errors
    /// Hands the coroutine back if the pool is full or the loop closed.
    #[inline]
    pub fn create_task<C>(&'static self, coroutine: C) -> Result<Task<C::Output>, Refused<C>>
    where
        C: IntoCoroutine + 'static,
    {
        let task = self.make_task(coroutine)?;
        // SAFETY: it has just been made.
        unsafe { self.start_task(task.number()) };
        Ok(task)
    }

    /// As `create_task`, of what is no task in asyncio.
    #[inline]
    pub(crate) fn create_inner_task<C>(&'static self, coroutine: C) -> Result<Task<C::Output>, Refused<C>>
    where
        C: Coroutine + 'static,
    {
        let task = self.make_task(coroutine)?;
        // SAFETY: it has just been made.
        unsafe { self.begin_task(task.id()) };
        Ok(task)
    }

    /// Makes a task that has not begun: for `start_task` or `begin_task`, one of which is to be called.
    #[inline]
    pub(crate) fn make_task<C>(&'static self, coroutine: C) -> Result<Task<C::Output>, Refused<C>>
    where
        C: IntoCoroutine + 'static,
    {
        self.make_task_of(&TaskNode::<C::Coroutine>::VTABLE, coroutine)
    }

    /// As `make_task`, of this kind; the table is one of `TaskNode<C::Coroutine>`.
    #[inline]
    pub(super) fn make_task_of<C>(
        &'static self,
        vtable: &'static VTable,
        coroutine: C,
    ) -> Result<Task<C::Output>, Refused<C>>
    where
        C: IntoCoroutine + 'static,
    {
        let id = match self.make_node(vtable, NEW, 2) {
            Ok(id) => id,
            Err(refused) => return Err(refused.map(|()| coroutine)),
        };
        // SAFETY: the node is new, and has room for the coroutine. TYPED: its output will be a `C::Output`.
        unsafe {
            self.payload(id.get()).cast::<C::Coroutine>().write(coroutine.into_coroutine());
            // One reference is the loop's.
            Ok(Task::from_node(NodeRef::from_counted(self, id)))
        }
    }

    /// Has a new task begin: as the factory says, or by queueing its first step.
    ///
    /// # Safety
    /// As for `begin_task`.
    #[inline(always)]
    pub(crate) unsafe fn start_task(&'static self, id: NonZeroU16) {
        #[cfg(feature = "task-factory")]
        if let Some(factory) = self.get_task_factory() {
            // SAFETY: the caller's promise.
            unsafe { self.tell_factory(id, factory) };
            return;
        }
        // SAFETY: the caller's promise.
        unsafe { self.begin_task(id.get()) };
    }

    /// As `create_task`, but the first step is made now: it only begins to wait.
    pub(crate) fn create_waiting_task<C>(&'static self, coroutine: C) -> Result<Task<C::Output>, Refused<C>>
    where
        C: Coroutine + 'static,
    {
        let id = match self.make_node(&TaskNode::<C>::VTABLE, 0, 2) {
            Ok(id) => id,
            Err(refused) => return Err(refused.map(|()| coroutine)),
        };
        // SAFETY: as in `create_task`.
        unsafe {
            self.payload(id.get()).cast::<C>().write(coroutine);
            self.begin_waiting(id.get());
            Ok(Task::from_node(NodeRef::from_counted(self, id)))
        }
    }

    /// Moves what stands for callbacks of asyncio's into a node, which is no task for anybody, and has it begin to wait now.
    pub(crate) fn create_watcher<C>(&'static self, coroutine: C) -> Result<NodeRef, Refused<C>>
    where
        C: Coroutine + 'static,
    {
        let id = match self.make_node(&TaskNode::<C>::WATCHER, 0, 2) {
            Ok(id) => id,
            Err(refused) => return Err(refused.map(|()| coroutine)),
        };
        // SAFETY: as in `create_task`.
        unsafe {
            self.payload(id.get()).cast::<C>().write(coroutine);
            self.begin_eagerly(id.get());
            Ok(NodeRef::from_counted(self, id))
        }
    }

    /// As [`EventLoop::create_task`], but the first step runs at once, inside this call; asyncio's eager tasks
    /// (`eager_start=True`). A coroutine that never suspends has ended when this returns. While the loop does not run, the first
    /// step is queued.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn quick() -> u8 {
    ///     5
    /// }
    ///
    /// lp.call_soon(|lp| {
    ///     assert_eq!(lp.create_eager_task(quick()).unwrap().result(), Ok(5));
    ///     lp.stop();
    /// })
    /// .unwrap();
    /// lp.run_forever().unwrap();
    /// ```
    /// # Errors
    /// As [`EventLoop::create_task`].
    #[doc(alias = "eager_start")]
    pub fn create_eager_task<C>(&'static self, coroutine: C) -> Result<Task<C::Output>, Refused<C>>
    where
        C: IntoCoroutine + 'static,
    {
        let id = match self.make_node(&TaskNode::<C::Coroutine>::VTABLE, 0, 2) {
            Ok(id) => id,
            Err(refused) => return Err(refused.map(|()| coroutine)),
        };
        // SAFETY: as in `create_task`.
        unsafe {
            self.payload(id.get()).cast::<C::Coroutine>().write(coroutine.into_coroutine());
            let task = Task::from_node(NodeRef::from_counted(self, id));
            if self.is_running() {
                self.begin_eagerly(id.get());
            } else {
                self.header(id.get()).set(NEW);
                self.begin_task(id.get());
            }
            Ok(task)
        }
    }

    /// The task that is running; `None` in a plain callback, and while the loop does not run. asyncio's `current_task`.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn who(lp: &'static EventLoop) -> bool {
    ///     sleep(1.millis()).await;
    ///     lp.current_task().unwrap().name().to_string() == "me"
    /// }
    ///
    /// assert!(lp.current_task().is_none());
    /// let me = lp.create_task_named("me", who(lp)).unwrap();
    /// assert_eq!(lp.run_until_complete(me), Ok(true));
    /// ```
    pub fn current_task(&'static self) -> Option<AnyTask> {
        let id = NonZeroU16::new(self.current())?;
        if !self.is_task(id.get()) {
            return None;
        }
        // SAFETY: NAMED: it is in the bitmap.
        let node = unsafe { NodeRef::new(self, id) };
        node.header().is_shown_as_task().then_some(AnyTask { node })
    }

    /// The tasks that have not ended, in the order of their memory; asyncio's `all_tasks`, which has no order. Tasks may be created
    /// and may end while this iterates.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// for delay in [1, 2, 3] {
    ///     lp.create_task(sleep(delay.secs())).unwrap();
    /// }
    /// lp.run_until_complete(sleep(1500.millis())).unwrap();
    /// assert_eq!(lp.all_tasks().count(), 2);
    /// lp.all_tasks().for_each(|task| assert!(task.cancel()));
    /// ```
    pub fn all_tasks(&'static self) -> AllTasks {
        AllTasks { event_loop: self, after: 0 }
    }
}

/// Made by [`EventLoop::all_tasks`].
#[derive(Debug, Clone)]
pub struct AllTasks {
    event_loop: &'static EventLoop,
    after: u16,
}

impl Iterator for AllTasks {
    type Item = AnyTask;

    fn next(&mut self) -> Option<AnyTask> {
        loop {
            let next = self.event_loop.shared(|shared, memory| shared.pool.next_task(memory, self.after));
            let id = NonZeroU16::new(next)?;
            self.after = next;
            // SAFETY: NAMED: it is in the bitmap.
            let node = unsafe { NodeRef::new(self.event_loop, id) };
            // One that has ended stays in the bitmap if there is no code to take it out (`EventLoop::finish_cancelled`).
            if node.header().is_shown_as_task() && !node.header().is_ended() {
                return Some(AnyTask { node });
            }
        }
    }
}
