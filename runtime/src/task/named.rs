//! Names of tasks.
//!
//! # The problem
//! asyncio's tasks have names. On a chip a name in every task would be memory that most programs do not want.
//!
//! # The design
//! Only a task that is created with a name has one: its coroutine is wrapped, and the wrapper is in the loop's list of
//! waits, as an entry that waits for nothing. It is found there by the task's number.
//!
//! # Costs
//! 32 bytes for each name on a 32-bit chip; asking walks through the list of waits.

use core::cell::Cell;
use core::pin::Pin;

use crate::coroutine::{Context, Coroutine, IntoCoroutine, Resume};
use crate::event_loop::{EventLoop, Refused};
#[cfg(feature = "debug")]
use crate::location::Locator;
use crate::task::Task;
use crate::task::wait::{Wait, WaitKind};

/// An entry of the list.
#[repr(C)]
struct Name {
    wait: Wait,
    name: Cell<&'static str>,
    event_loop: &'static EventLoop,
}

impl Drop for Name {
    fn drop(&mut self) {
        if self.wait.link.is_linked() {
            // SAFETY: it is in this list, the only one that it is ever in.
            unsafe { self.event_loop.waits.remove((&raw const self.wait).cast()) };
        }
    }
}

/// A coroutine of a task with a name.
#[repr(C)]
pub(crate) struct Named<C> {
    name: Name,
    coroutine: C,
}

impl<C: Coroutine> Coroutine for Named<C> {
    type Output = C::Output;

    fn is_error(output: &C::Output) -> bool {
        C::is_error(output)
    }

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<C::Output> {
        // SAFETY: `coroutine` is structurally pinned: it is never moved out of a pinned `Named`.
        unsafe { self.map_unchecked_mut(|this| &mut this.coroutine) }.resume(cx)
    }

    #[cfg(feature = "debug")]
    fn locate(self: Pin<&mut Self>, locator: &mut Locator) {
        // SAFETY: as in `resume`.
        unsafe { self.map_unchecked_mut(|this| &mut this.coroutine) }.locate(locator);
    }
}

impl EventLoop {
    /// As [`EventLoop::create_task`], with a name: asyncio's `create_task(…, name=…)`. Once the task has ended, it is
    /// called by its number again. For an example see [`AnyTask`](crate::AnyTask).
    ///
    /// # Errors
    /// As [`EventLoop::create_task`].
    pub fn create_task_named<C>(
        &'static self,
        name: &'static str,
        coroutine: C,
    ) -> Result<Task<C::Output>, Refused<C::Coroutine>>
    where
        C: IntoCoroutine<Coroutine: 'static>,
    {
        let wait = Wait::new(0, 0, WaitKind::Name);
        let name = Name { wait, name: Cell::new(name), event_loop: self };
        let task = self
            .make_task(Named { name, coroutine: coroutine.into_coroutine() })
            .map_err(|refused| refused.map(|named| named.coroutine))?;
        let (any, frame) = task.frame();
        // SAFETY: CONTENT: the task has not started, so its frame is the `Named`, which stays there, and takes itself out of
        // the list when it is dropped (LINKED). WHOLE: the pointer is to all of it.
        unsafe {
            (*frame.cast::<Name>()).wait.set_waiter(any.waker().0);
            self.waits.push_back(frame.cast_const().cast());
            self.start_task(task.number());
        }
        Ok(task)
    }

    /// The name of a living task, if it was given one; `rename` may change it.
    pub(super) fn name_of(&self, id: u16, rename: Option<&'static str>) -> Option<&'static str> {
        let mut link = self.waits.first();
        while !link.is_null() {
            // SAFETY: LINKED and WHOLE: the links in this list are those of `Wait`s, and those of names those of `Name`s.
            unsafe {
                let wait = &*link.cast::<Wait>();
                if wait.kind() == WaitKind::Name && wait.waiter() == id {
                    let name = &(*link.cast::<Name>()).name;
                    if let Some(rename) = rename {
                        name.set(rename);
                    }
                    return Some(name.get());
                }
                link = self.waits.after(link);
            }
        }
        None
    }
}
