//! Protocols as objects of the loop's pool.
//!
//! # The problem
//! A transport calls its protocol without knowing its type; the application wants its protocol back, with its type; and
//! `set_protocol` exchanges it while the transport is in the middle of a callback.
//!
//! # The design
//! A protocol is the payload of a node that is never queued. In front of it is what one must know to call it: a pointer
//! to the trait's object, the type's identity, and whether somebody has borrowed it. The transport holds a reference, as
//! does every [`ProtocolHandle`]; the last one drops it.
//!
//! # Invariants
//! - **BORROWED**: the protocol is only referred to by who has set `borrowed`, and who holds a reference to the node.
//!
//! # Costs
//! 8 bytes of header, and 16 in front of the protocol, on a 32-bit chip.

use core::any::TypeId;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use super::{DatagramProtocol, Protocol, SubprocessProtocol};
use crate::coroutine::Context;
use crate::event_loop::{EventLoop, Refused};
use crate::node::{Kind, NodeRef, VTable, granules};

/// A reference to a protocol; what asyncio's `get_protocol` gives. Clones refer to the same protocol, and so does the
/// transport: two handles are equal if they refer to the same one. For an example see
/// [`BufferedProtocol`](super::BufferedProtocol).
///
/// `D` is the family: `dyn Protocol`, `dyn DatagramProtocol` or `dyn SubprocessProtocol`.
pub struct ProtocolHandle<D: ?Sized = dyn Protocol> {
    node: NodeRef,
    family: PhantomData<NonNull<D>>,
}

/// What stands in front of a protocol.
struct Head<D: ?Sized> {
    protocol: NonNull<D>,
    type_id: fn() -> TypeId,
    borrowed: Cell<bool>,
}

#[repr(C)]
struct Object<D: ?Sized, P> {
    head: Head<D>,
    protocol: UnsafeCell<P>,
}

impl<D: ?Sized, P> Object<D, P> {
    const VTABLE: VTable =
        VTable { run: Self::run, drop: Self::drop, granules: granules::<Self, ()>(), kind: Kind::Object };

    /// Objects are never queued.
    unsafe fn run(_: *mut u8, _: &mut Context<'_>) {}

    unsafe fn drop(payload: *mut u8, ended: bool, _: &EventLoop) {
        if !ended {
            // SAFETY: CONTENT.
            unsafe { payload.cast::<Self>().drop_in_place() };
        }
    }
}

/// A protocol of family `D`, for [`create_protocol`](EventLoop::create_protocol). Implemented for everything that implements the
/// family's trait.
pub trait IntoProtocol<D: ?Sized>: Sized + 'static {
    /// Forgets the type.
    #[doc(hidden)]
    fn erase(this: NonNull<Self>) -> NonNull<D>;
}

impl<P: Protocol + 'static> IntoProtocol<dyn Protocol> for P {
    fn erase(this: NonNull<P>) -> NonNull<dyn Protocol> {
        this
    }
}

impl<P: DatagramProtocol + 'static> IntoProtocol<dyn DatagramProtocol> for P {
    fn erase(this: NonNull<P>) -> NonNull<dyn DatagramProtocol> {
        this
    }
}

impl<P: SubprocessProtocol + 'static> IntoProtocol<dyn SubprocessProtocol> for P {
    fn erase(this: NonNull<P>) -> NonNull<dyn SubprocessProtocol> {
        this
    }
}

/// Ends a borrow.
struct Borrow<'a>(&'a Cell<bool>);

impl Drop for Borrow<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<D: ?Sized> ProtocolHandle<D> {
    fn head(&self) -> &Head<D> {
        // SAFETY: CONTENT: the payload of an object begins with its head, and is there as long as there is a reference.
        unsafe { &*self.node.payload().cast::<Head<D>>() }
    }

    /// Borrows the protocol, unless somebody has.
    fn borrow<R>(&self, f: impl FnOnce(&Head<D>) -> R) -> Option<R> {
        // The callback may let go of all the others.
        let this = self.clone();
        let head = this.head();
        if head.borrowed.replace(true) {
            return None;
        }
        let borrow = Borrow(&head.borrowed);
        let result = f(head);
        drop(borrow);
        Some(result)
    }

    /// Calls the protocol. `None` if somebody has borrowed it.
    pub(crate) fn call<R>(&self, f: impl FnOnce(&mut D) -> R) -> Option<R> {
        // SAFETY: BORROWED.
        self.borrow(|head| f(unsafe { &mut *head.protocol.as_ptr() }))
    }

    /// Runs `f` while nobody has borrowed the protocol, without a reference to it. `None` if somebody has.
    pub(crate) fn exclusively<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.borrow(|_| f())
    }

    /// Where the protocol is, if it is a `P`. Using it takes `exclusively`; it is not made of a reference, so it stays valid when the
    /// protocol is called.
    pub(crate) fn pointer<P: IntoProtocol<D>>(&self) -> Option<NonNull<P>> {
        let head = self.head();
        ((head.type_id)() == TypeId::of::<P>()).then(|| head.protocol.cast())
    }

    /// Runs `f` with the protocol. `None` if it is not a `P`, or if one of its callbacks is calling. The loop can be
    /// neither run nor closed in `f`. In asyncio the protocol is an object like others.
    pub fn with<P: IntoProtocol<D>, R>(&self, f: impl FnOnce(&mut P) -> R) -> Option<R> {
        if (self.head().type_id)() != TypeId::of::<P>() {
            return None;
        }
        let _occupied = self.node.event_loop().occupy();
        // SAFETY: BORROWED, and the type is as it was.
        self.borrow(|head| f(unsafe { &mut *head.protocol.as_ptr().cast::<P>() }))
    }
}

/// A protocol of any family, for an [`ErrorContext`](crate::ErrorContext): compare it with the handles that the program
/// has.
#[derive(Clone)]
pub struct AnyProtocol {
    node: NodeRef,
}

impl<D: ?Sized> From<&ProtocolHandle<D>> for AnyProtocol {
    fn from(handle: &ProtocolHandle<D>) -> AnyProtocol {
        AnyProtocol { node: handle.node.clone() }
    }
}

impl<D: ?Sized> PartialEq<ProtocolHandle<D>> for AnyProtocol {
    fn eq(&self, other: &ProtocolHandle<D>) -> bool {
        self.node.is(&other.node)
    }
}

impl fmt::Debug for AnyProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<Protocol>")
    }
}

impl<D: ?Sized> Clone for ProtocolHandle<D> {
    fn clone(&self) -> ProtocolHandle<D> {
        ProtocolHandle { node: self.node.clone(), family: PhantomData }
    }
}

impl<D: ?Sized> PartialEq for ProtocolHandle<D> {
    fn eq(&self, other: &ProtocolHandle<D>) -> bool {
        self.node.is(&other.node)
    }
}

impl<D: ?Sized> Eq for ProtocolHandle<D> {}

impl<D: ?Sized> fmt::Debug for ProtocolHandle<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtocolHandle").field("borrowed", &self.head().borrowed.get()).finish_non_exhaustive()
    }
}

impl EventLoop {
    /// Makes a protocol that can be given to several transports one after the other, by
    /// [`set_protocol`](crate::transport::BaseTransport::set_protocol). The `connect_…` calls do it by themselves; in asyncio they
    /// call a factory.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # struct Plain;
    /// # impl Protocol for Plain {
    /// #     fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
    /// # }
    /// struct Upgraded(usize);
    ///
    /// impl Protocol for Upgraded {
    ///     fn data_received(&mut self, _: &mut dyn Transport, data: &[u8]) {
    ///         self.0 += data.len();
    ///     }
    /// }
    ///
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let (here, mut there) = segno::host::pair(64);
    /// let (mut transport, _) = lp.run_until_complete(lp.connect_stream::<8, 8>(here, Plain)).unwrap().unwrap();
    /// let upgraded = lp.create_protocol(Upgraded(0)).unwrap();
    /// transport.set_protocol(upgraded.clone());
    /// # use segno::transport::ByteStream;
    /// there.try_write(b"seven b").unwrap();
    /// lp.run_until_complete(sleep(1.millis())).unwrap();
    /// assert_eq!(upgraded.with(|upgraded: &mut Upgraded| upgraded.0), Some(7));
    /// ```
    /// # Errors
    /// Hands the protocol back if the pool is full or the loop closed.
    pub fn create_protocol<D: ?Sized, P: IntoProtocol<D>>(
        &'static self,
        protocol: P,
    ) -> Result<ProtocolHandle<D>, Refused<P>> {
        let id = match self.make_node(&Object::<D, P>::VTABLE, 0, 1) {
            Ok(id) => id,
            Err(refused) => return Err(refused.map(|()| protocol)),
        };
        let object = self.payload(id.get()).cast::<Object<D, P>>();
        // SAFETY: the node is new, and has room for the object; where a field of it is, is not null.
        unsafe {
            let place = (&raw mut (*object).protocol).cast::<P>();
            let erased = P::erase(NonNull::new_unchecked(place));
            let head = Head { protocol: erased, type_id: TypeId::of::<P>, borrowed: Cell::new(false) };
            object.write(Object { head, protocol: UnsafeCell::new(protocol) });
            Ok(ProtocolHandle { node: NodeRef::from_counted(self, id), family: PhantomData })
        }
    }
}
