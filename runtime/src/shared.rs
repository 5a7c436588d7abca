//! A value of the loop's pool that several own.
//!
//! # The problem
//! What a server and its connections share must live as long as the last of them, in a program without a heap.
//!
//! # The design
//! A value in a node that is never queued; the node's count of references is the value's.
//!
//! # Costs
//! 8 bytes beside the value, on a 32-bit chip.

use core::marker::PhantomData;
use core::ops::Deref;

use crate::coroutine::Context;
use crate::event_loop::{EventLoop, Refused};
use crate::node::{Kind, NodeRef, VTable, granules};

/// A counted reference to a value of the pool.
pub(crate) struct Shared<T> {
    node: NodeRef,
    value: PhantomData<T>,
}

struct Value<T>(PhantomData<T>);

impl<T> Value<T> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<T, ()>(), kind: Kind::Object };

    /// Values are never queued.
    unsafe fn run(_: *mut u8, _: &mut Context<'_>) {}

    unsafe fn drop(payload: *mut u8, ended: bool, _: &EventLoop) {
        if !ended {
            // SAFETY: CONTENT.
            unsafe { payload.cast::<T>().drop_in_place() };
        }
    }
}

impl<T: 'static> Shared<T> {
    /// Moves a value into the pool, or hands it back.
    pub(crate) fn new(event_loop: &'static EventLoop, value: T) -> Result<Shared<T>, Refused<T>> {
        match event_loop.make_node(&Value::<T>::VTABLE, 0, 1) {
            Ok(id) => {
                // SAFETY: the node is new, has room for the value, and the reference is this one's.
                unsafe {
                    event_loop.payload(id.get()).cast::<T>().write(value);
                    Ok(Shared { node: NodeRef::from_counted(event_loop, id), value: PhantomData })
                }
            }
            Err(refused) => Err(refused.map(|()| value)),
        }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: CONTENT: the value is there as long as there is a reference.
        unsafe { &*self.node.payload().cast::<T>() }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        Shared { node: self.node.clone(), value: PhantomData }
    }
}
