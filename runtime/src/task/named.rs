//! Names of tasks.
//!
//! # The problem
//! asyncio's tasks have names, also when they have ended: an exception handler is told of an error by the name of the task. On
//! a chip a name in every task would be memory that most programs do not want.
//!
//! # The design
//! Only a task that is created with a name has one: its node is one granule longer, and the name is in the last one, where
//! neither the coroutine nor its output comes. The node's kind says so. So the name is there as long as the node is.
//!
//! # Costs
//! 8 bytes for each name on a 32-bit chip, and a second table, of 12 bytes, for the coroutine's type.

use core::cell::Cell;

use crate::coroutine::IntoCoroutine;
use crate::event_loop::{EventLoop, Refused};
use crate::node::{Kind, NodeRef};
use crate::pool::GRANULE;
use crate::task::Task;
use crate::task::step::TaskNode;

/// The last granule of a task with a name.
#[repr(C)]
struct Name {
    name: Cell<&'static str>,
}

const _: () = assert!(size_of::<Name>() == GRANULE);

impl EventLoop {
    /// As [`EventLoop::create_task`], with a name: asyncio's `create_task(…, name=…)`. For an example see
    /// [`AnyTask`](crate::AnyTask).
    ///
    /// # Errors
    /// As [`EventLoop::create_task`].
    pub fn create_task_named<C>(&'static self, name: &'static str, coroutine: C) -> Result<Task<C::Output>, Refused<C>>
    where
        C: IntoCoroutine + 'static,
    {
        let task = self.make_task_of(&TaskNode::<C::Coroutine>::NAMED, coroutine)?;
        let place = self.name_place(&task.node);
        // SAFETY: CONTENT: the node is new, and its last granule is the name's. It has just been made, and begins here.
        unsafe {
            place.write(Name { name: Cell::new(name) });
            self.start_task(task.number());
        }
        Ok(task)
    }

    /// The last granule of a node.
    fn name_place(&self, node: &NodeRef) -> *mut Name {
        self.memory().address(node.id() + node.header().vtable.granules - 1).cast()
    }

    /// The name of a task, if it was given one; `rename` changes it.
    pub(super) fn name_of(&self, node: &NodeRef, rename: Option<&'static str>) -> Option<&'static str> {
        if node.header().vtable.kind != Kind::NamedTask {
            return None;
        }
        // SAFETY: CONTENT: the last granule of such a node is its name from the beginning, as long as it is referred to.
        let name = unsafe { &(*self.name_place(node)).name };
        if let Some(rename) = rename {
            name.set(rename);
        }
        Some(name.get())
    }
}
