//! `TaskGroup`: tasks that end together.
//!
//! # The problem
//! Tasks that belong to one piece of work must not outlive it: it ends when all of them have ended, and if one fails, the
//! others are cancelled, and the work itself too. Children may create further ones, and know the group for that, while it
//! lives in their parent.
//!
//! # The design
//! A group is a node of the pool: its handles are counted, and can be given to children. A child is an ordinary task
//! whose coroutine is wrapped: the wrapper is in the group's list of children, takes itself out when the task ends, and leaves a
//! failure behind. Then the group's node is queued; it runs where asyncio's done callback does, and does the same: cancels the
//! siblings and the parent at the first failure, wakes the parent after the last end.
//!
//! asyncio has a callback for each child, and the group has one node. If several children end in one turn, the node stands
//! where the callback does that decides: that of the first failure, or else of the last end. (Behind a failure it stands
//! once more where the last end's does, only where the loop knows its batch, because of panics.) If one ends before the node
//! of those before it has run, the place of its callback is written down, and the node is put there when it runs.
//!
//! The parent is in [`TaskGroup::scope`], asyncio's `async with`. It is cancelled by a request that is counted, and taken back
//! at the end, so that nobody else's request is lost. In a branch of `gather!` or `select!`, where the task is others' too,
//! only the body of the scope is cancelled.
//!
//! # Costs
//! On a 32-bit chip 8 bytes of the pool, 16 for the group, and the errors; 20 bytes beside each child's coroutine.

mod callback;
mod errors;

use core::cell::{Cell, RefCell};
use core::fmt;
use core::marker::PhantomData;
use core::num::NonZeroU16;
use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;

#[cfg(feature = "task-factory")]
use callback::CREATING;
use callback::{
    ABORTING, AGAIN, BRANCH, CANCEL_BODY, Core, ENTERED, EXITING, FAILED, FAILED_AGAIN, FAILS_NOW, PARENT_CANCELLED,
};
pub use errors::{ErrorGroup, GroupRefused};

use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume, mode};
use crate::event_loop::{ErrorContext, EventLoop, Refused};
use crate::list::Link;
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::node::{CANCEL_REQUESTED, Kind, NodeRef, VTable, granules};
use crate::task::{Task, requests};

/// The payload of a group's node.
#[repr(C)]
struct State<E, const M: usize> {
    core: Core,
    errors: RefCell<ErrorGroup<E, M>>,
}

struct GroupNode<E, const M: usize>(PhantomData<E>);

impl<E, const M: usize> GroupNode<E, M> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<State<E, M>, ()>(), kind: Kind::Group };

    unsafe fn run(payload: *mut u8, cx: &mut Context<'_>) {
        if let (Some(event_loop), Some(id)) = (cx.event_loop(), NonZeroU16::new(cx.waker().0)) {
            // SAFETY: whoever queued the node has counted a reference, which ends here.
            let queued = unsafe { NodeRef::from_counted(event_loop, id) };
            event_loop.leave_current();
            // SAFETY: CONTENT.
            let core = unsafe { &(*payload.cast::<State<E, M>>()).core };
            if event_loop.put_in_batch(id.get(), core.later.replace(0)) {
                if core.take(FAILED) {
                    core.child_failed(event_loop);
                }
                queued.into_counted();
                return;
            }
            let again = core.children_ended(event_loop);
            // SAFETY: NAMED, by the reference, which stays counted while the node is queued.
            if again.is_some_and(|place| unsafe { event_loop.insert(id.get(), place) }) {
                queued.into_counted();
            }
        }
    }

    unsafe fn drop(payload: *mut u8, output: bool, _: &EventLoop) {
        if !output {
            // SAFETY: CONTENT: a group never ends before nobody refers to it, or the loop is closed.
            unsafe { payload.cast::<State<E, M>>().drop_in_place() };
        }
    }
}

/// A group of tasks; asyncio's `TaskGroup`. Clones are handles to the same, for children that create further ones.
///
/// `E` is the error of its children, and `M` how many errors it keeps.
///
/// ```
/// # use segno::prelude::*;
/// # use segno::{TaskGroup, host::VirtualClock};
/// #[segno::coroutine]
/// async fn job(delay: u64) -> Result<u64, &'static str> {
///     sleep(delay.millis()).await;
///     if delay == 7 { Err("seven") } else { Ok(delay) }
/// }
///
/// #[segno::coroutine]
/// async fn both(group: TaskGroup<&'static str>) -> Result<u64, &'static str> {
///     let a = group.create_task(job(5)).unwrap();
///     let b = group.create_task(job(10)).unwrap();
///     Ok(a.await? + b.await?)
/// }
///
/// #[segno::coroutine]
/// async fn one_fails(group: TaskGroup<&'static str>) -> Result<(), &'static str> {
///     group.create_task(job(7)).unwrap();
///     group.create_task(job(1000)).unwrap();
///     Ok(())
/// }
///
/// # let lp = segno::new_event_loop(VirtualClock::leaked(), 4096);
/// let group = TaskGroup::new(lp).unwrap();
/// assert_eq!(lp.run_until_complete(group.scope(both(group.clone()))).unwrap(), Ok(15));
/// let group = TaskGroup::new(lp).unwrap();
/// let errors = lp.run_until_complete(group.scope(one_fails(group.clone()))).unwrap().unwrap_err();
/// assert!(errors.iter().eq([&"seven"]));
/// ```
pub struct TaskGroup<E, const M: usize = 4> {
    node: NodeRef,
    errors: PhantomData<Cell<E>>,
}

impl<E, const M: usize> Clone for TaskGroup<E, M> {
    fn clone(&self) -> Self {
        TaskGroup { node: self.node.clone(), errors: PhantomData }
    }
}

impl<E: 'static, const M: usize> TaskGroup<E, M> {
    /// Makes a group.
    ///
    /// # Errors
    /// If the pool is full or the loop closed.
    pub fn new(event_loop: &'static EventLoop) -> Result<TaskGroup<E, M>, Refused<()>> {
        let id = event_loop.make_node(&GroupNode::<E, M>::VTABLE, 0, 1)?;
        let core = Core::new();
        // SAFETY: the node is new, and has room for the state. NAMED: it has one reference, which the handle takes.
        unsafe {
            let state = State { core, errors: RefCell::new(ErrorGroup::new()) };
            event_loop.payload(id.get()).cast::<State<E, M>>().write(state);
            Ok(TaskGroup { node: NodeRef::from_counted(event_loop, id), errors: PhantomData })
        }
    }

    /// `None` if the loop was closed while the node was queued.
    fn state(&self) -> Option<&State<E, M>> {
        // SAFETY: TYPED: the node was made for these; CONTENT: it has not ended.
        (!self.node.header().is_ended()).then(|| unsafe { &*self.node.payload().cast::<State<E, M>>() })
    }

    /// Whether there are children whose end the node has not seen.
    fn is_live(&self, core: &Core) -> bool {
        !core.children.first().is_null() || self.node.header().next.load(Relaxed) != 0
    }

    /// Whether the node is in the batch of this turn, and has not run yet.
    fn is_in_batch(&self) -> bool {
        self.node.header().next.load(Relaxed) != 0 && !self.node.event_loop().is_ready(self.node.id())
    }

    /// Creates a task whose failure is the group's; asyncio's `TaskGroup.create_task`. The error is cloned: the task has it
    /// too.
    ///
    /// # Errors
    /// [`GroupRefused`] hands the coroutine back if the scope has not begun or has ended, if the children are being
    /// cancelled, if the pool is full or the loop closed.
    pub fn create_task<C, T>(&self, coroutine: C) -> Result<Task<C::Output>, GroupRefused<C::Coroutine>>
    where
        C: IntoCoroutine<Output = Result<T, E>, Coroutine: 'static>,
        E: Clone,
    {
        self.create(coroutine.into_coroutine(), |output| output.as_ref().err().cloned())
    }

    /// As [`TaskGroup::create_task`], of a coroutine that cannot fail.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// #[segno::coroutine]
    /// async fn blink(times: u32) {
    ///     sleep((100 * u64::from(times)).millis()).await;
    /// }
    ///
    /// #[segno::coroutine]
    /// async fn show(group: TaskGroup<()>) -> Result<(), ()> {
    ///     group.create_infallible(blink(3)).unwrap();
    ///     group.create_infallible(blink(5)).unwrap();
    ///     Ok(()) // the scope waits for both
    /// }
    ///
    /// let group = TaskGroup::<()>::new(lp).unwrap();
    /// assert!(lp.run_until_complete(group.scope(show(group.clone()))).unwrap().is_ok());
    /// assert_eq!(lp.time().as_ticks(), 500_000);
    /// ```
    /// # Errors
    /// As [`TaskGroup::create_task`].
    pub fn create_infallible<C>(&self, coroutine: C) -> Result<Task<C::Output>, GroupRefused<C::Coroutine>>
    where
        C: IntoCoroutine<Coroutine: 'static>,
    {
        self.create(coroutine.into_coroutine(), |_| None)
    }

    fn create<C, F>(&self, coroutine: C, error: F) -> Result<Task<C::Output>, GroupRefused<C>>
    where
        C: Coroutine + 'static,
        F: Fn(&C::Output) -> Option<E> + 'static,
    {
        let Some(State { core, .. }) = self.state() else { return Err(GroupRefused::Closed(coroutine)) };
        if !core.has(ENTERED) {
            return Err(GroupRefused::NotEntered(coroutine));
        }
        if core.has(EXITING) && !self.is_live(core) {
            return Err(GroupRefused::Finished(coroutine));
        }
        if core.has(ABORTING) {
            return Err(GroupRefused::ShuttingDown(coroutine));
        }
        let link = ChildLink { link: Link::new(), id: Cell::new(0) };
        let child = Child { link, coroutine, error, group: self.clone() };
        match self.node.event_loop().make_task(child) {
            Ok(task) => {
                let (any, frame) = task.frame();
                // SAFETY: CONTENT: the task has not started, so its frame is the child, which stays there, and takes itself
                // out of the list when it is dropped (LINKED). WHOLE: the pointer is to all of it.
                unsafe {
                    (*frame.cast::<ChildLink>()).id.set(any.waker().0);
                    core.children.push_back(frame.cast_const().cast());
                    #[cfg(feature = "task-factory")]
                    self.start(core, &task);
                    #[cfg(not(feature = "task-factory"))]
                    self.node.event_loop().start_task(task.number());
                }
                Ok(task)
            }
            Err(Refused::Full(child)) => Err(GroupRefused::Full(child.into_coroutine())),
            Err(Refused::Closed(child)) => Err(GroupRefused::Closed(child.into_coroutine())),
        }
    }

    /// Starts a child, perhaps eagerly: asyncio calls its done callback here if it has ended then.
    ///
    /// # Safety
    /// As for `start_task`.
    #[cfg(feature = "task-factory")]
    unsafe fn start<T>(&self, core: &Core, task: &Task<T>) {
        /// What is so again, also when the child's first step panics: it may be inside of another child's.
        struct Outer<'a>(&'a Core, bool);
        impl Drop for Outer<'_> {
            fn drop(&mut self) {
                self.0.set(CREATING, self.1);
            }
        }

        let event_loop = self.node.event_loop();
        let outer = Outer(core, core.take(CREATING));
        core.set(CREATING, true);
        // SAFETY: the caller's promise.
        unsafe { event_loop.start_task(task.number()) };
        drop(outer);
        if task.done() {
            core.child_ended_at_once(event_loop);
        }
    }

    /// Runs `body`, then waits until all children have ended; asyncio's `async with`. Children may be created as long as
    /// one of them, or the body, has not ended.
    ///
    /// When a child fails, its siblings and the body are cancelled. When the body fails or is cancelled, the children are.
    /// A child that is cancelled alone is nobody's affair.
    ///
    /// Cancelling who awaits this cancels the body and all children, and comes out when all have ended, unless one of them has
    /// failed: errors come first. A group has one scope: a second one is cancelled at once, and the exception handler told.
    ///
    /// # Errors
    /// [`ErrorGroup`] with the errors of the children and of the body.
    pub fn scope<C, T>(&self, body: C) -> GroupScope<C::Coroutine, E, M>
    where
        C: IntoCoroutine<Output = Result<T, E>>,
    {
        GroupScope {
            group: self.clone(),
            body: Some(body.into_coroutine()),
            ended: None,
            owner: false,
            cancelled: false,
            others: false,
        }
    }
}

impl<E, const M: usize> fmt::Debug for TaskGroup<E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TaskGroup")
    }
}

/// What the group's list knows of a child.
#[repr(C)]
struct ChildLink {
    link: Link,
    id: Cell<u16>,
}

/// A child's coroutine.
#[repr(C)]
struct Child<C: Coroutine, F, E: 'static, const M: usize> {
    link: ChildLink,
    group: TaskGroup<E, M>,
    error: F,
    coroutine: C,
}

impl<C: Coroutine, F, E: 'static, const M: usize> Child<C, F, E, M> {
    /// Before it was a task.
    fn into_coroutine(self) -> C {
        let mut this = core::mem::ManuallyDrop::new(self);
        // SAFETY: it is in no list; each field is read or dropped once.
        unsafe {
            (&raw mut this.group).drop_in_place();
            (&raw mut this.error).drop_in_place();
            (&raw const this.coroutine).read()
        }
    }
}

impl<C: Coroutine, F: Fn(&C::Output) -> Option<E>, E: 'static, const M: usize> Coroutine for Child<C, F, E, M> {
    type Output = C::Output;

    fn is_error(output: &C::Output) -> bool {
        C::is_error(output)
    }

    fn error_is_read() -> bool {
        true
    }

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<C::Output> {
        // SAFETY: `coroutine` is structurally pinned: it is never moved out of a pinned `Child`.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let answer = unsafe { Pin::new_unchecked(&mut this.coroutine) }.resume(cx);
        if let Resume::Done(output) = &answer
            && let Some(error) = (this.error)(output)
            && let Some(State { core, errors }) = this.group.state()
            // One that has cancelled itself ends cancelled, unless it fails.
            && (C::is_error(output)
                // SAFETY: NAMED: it is the running task.
                || !unsafe { this.group.node.event_loop().header(this.link.id.get()) }.has(CANCEL_REQUESTED))
        {
            errors.borrow_mut().push(error);
            #[cfg(feature = "task-factory")]
            if core.has(CREATING) {
                core.set(FAILS_NOW, true);
                return answer;
            }
            let failed = if this.group.is_in_batch() { FAILED_AGAIN } else { FAILED };
            if !core.has(failed) {
                core.set(failed | FAILS_NOW, true);
            }
        }
        answer
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.coroutine) }.locate(locator);
    }
}

impl<C: Coroutine, F, E: 'static, const M: usize> Drop for Child<C, F, E, M> {
    fn drop(&mut self) {
        let (true, Some(State { core, .. })) = (self.link.link.is_linked(), self.group.state()) else { return };
        let node = &self.group.node;
        // SAFETY: it is in this list.
        unsafe { core.children.remove((&raw const self.link).cast()) };
        #[cfg(feature = "task-factory")]
        if core.has(CREATING) {
            return;
        }
        // SAFETY: NAMED: the group is referred to, and while it is queued too.
        unsafe {
            if node.event_loop().push(node.id()) {
                node.header().retain();
            } else if !node.event_loop().is_ready(node.id()) {
                core.set(AGAIN, true);
                if !core.is_decided(FAILED_AGAIN, FAILED) {
                    core.place.set(node.event_loop().place_now());
                }
            } else if !core.is_decided(FAILED, 0) {
                node.event_loop().move_to_end(node.id());
            } else if cfg!(panic = "unwind") {
                core.later.set(node.event_loop().ready.last());
            }
        }
        core.set(FAILS_NOW, false);
    }
}

/// Made by [`TaskGroup::scope`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct GroupScope<C: Coroutine, E: 'static, const M: usize> {
    group: TaskGroup<E, M>,
    body: Option<C>,
    /// What the body ended with.
    ended: Option<C::Output>,
    /// It is the group's scope.
    owner: bool,
    /// It was cancelled, and that is to come out.
    cancelled: bool,
    /// As a branch: by others.
    others: bool,
}

impl<C: Coroutine<Output = Result<T, E>>, T, E: 'static, const M: usize> Coroutine for GroupScope<C, E, M> {
    type Output = Result<T, ErrorGroup<E, M>>;

    fn is_error(output: &Self::Output) -> bool {
        output.is_err()
    }

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        // SAFETY: `body` is structurally pinned: it is never moved out of a pinned `GroupScope`, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        let Some(State { core, errors }) = this.group.state() else { return Resume::Cancelled };
        let Some(event_loop) = cx.event_loop() else { return Resume::Cancelled };
        let mut body_ended = false;
        this.others |= cx.is_cancelling() && cx.has(mode::BRANCH);
        if let Some(body) = &mut this.body {
            if !this.owner {
                if core.has(ENTERED) {
                    event_loop.call_exception_handler(&ErrorContext::new("TaskGroup has already been entered"));
                    return Resume::Cancelled;
                }
                this.owner = true;
                core.set(ENTERED, true);
                core.set(BRANCH, cx.has(mode::BRANCH));
            }
            core.parent.set(cx.waker().0);
            // SAFETY: as above.
            let body = unsafe { Pin::new_unchecked(body) };
            let answer = if core.has(CANCEL_BODY) && !cx.is_cancelling() {
                core.set(CANCEL_BODY, false);
                body.resume(&mut cx.child(true, mode::BRANCH | mode::LOCAL))
            } else {
                body.resume(cx)
            };
            let failed = match answer {
                Resume::Pending => return Resume::Pending,
                Resume::Done(output) => {
                    let failed = output.is_err();
                    this.ended = Some(output);
                    failed
                }
                Resume::Cancelled => {
                    this.cancelled = true;
                    true
                }
            };
            this.body = None;
            body_ended = true;
            core.set(EXITING, true);
            if failed && !core.has(ABORTING) {
                core.abort(event_loop);
            }
        }
        core.parent.set(cx.waker().0);
        if !body_ended && cx.take_cancel() && !core.has(ABORTING) {
            this.cancelled = true;
            core.abort(event_loop);
        }
        if this.group.is_live(core) {
            return Resume::Pending;
        }
        let errors = core::mem::replace(&mut *errors.borrow_mut(), ErrorGroup::new());
        this.finish(event_loop, cx, errors)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        if let Some(body) = unsafe { &mut self.get_unchecked_mut().body } {
            // SAFETY: as in `resume`.
            unsafe { Pin::new_unchecked(body) }.locate(locator);
        }
    }
}

impl<C: Coroutine<Output = Result<T, E>>, T, E: 'static, const M: usize> GroupScope<C, E, M> {
    /// All have ended.
    fn finish(
        &mut self,
        event_loop: &'static EventLoop,
        cx: &mut Context<'_>,
        mut errors: ErrorGroup<E, M>,
    ) -> Resume<Result<T, ErrorGroup<E, M>>> {
        self.owner = false;
        let Some(State { core, .. }) = self.group.state() else { return Resume::Cancelled };
        let id = core.parent.replace(0);
        let is_branch = core.has(BRANCH);
        // SAFETY: NAMED: it is in the bitmap.
        let header = event_loop.is_task(id).then(|| unsafe { event_loop.header(id) });
        if core.has(PARENT_CANCELLED) {
            // SAFETY: NAMED, as above.
            let left = if is_branch || header.is_none() { 0 } else { unsafe { event_loop.uncancel(id) } };
            if left == 0 {
                cx.take_cancel();
                self.cancelled = false;
            }
        }
        // A branch that was cancelled has no count that would remember it.
        if self.cancelled && errors.is_empty() || self.others {
            return Resume::Cancelled;
        }
        let value = match self.ended.take() {
            Some(Ok(value)) => Some(value),
            Some(Err(error)) => {
                errors.push(error);
                None
            }
            None => None,
        };
        match value {
            Some(value) if errors.is_empty() => Resume::Done(Ok(value)),
            _ if errors.is_empty() => Resume::Cancelled,
            _ => {
                if !is_branch && header.is_some_and(requests::any) {
                    // The count stays; the request is delivered again, at the next suspension.
                    // SAFETY: NAMED, as above.
                    unsafe { event_loop.uncancel(id) };
                    event_loop.cancel_task(id);
                }
                Resume::Done(Err(errors))
            }
        }
    }
}

impl<C: Coroutine, E: 'static, const M: usize> Drop for GroupScope<C, E, M> {
    /// A scope that is dropped before its end leaves nobody behind.
    fn drop(&mut self) {
        if self.owner
            && let Some(State { core, .. }) = self.group.state()
        {
            core.parent.set(0);
            core.set(EXITING, true);
            if self.group.is_live(core) {
                core.abort(self.group.node.event_loop());
            }
        }
    }
}

impl<C: Coroutine, E: 'static, const M: usize> fmt::Debug for GroupScope<C, E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupScope")
    }
}
