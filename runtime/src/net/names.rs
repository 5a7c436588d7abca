//! `getaddrinfo`.
//!
//! # The problem
//! Programs know names, and sockets want addresses. Who knows them is asked over the network, and answers when it likes.
//!
//! # The design
//! A [`Names`] is a network that can ask: a stack with a DNS client, or a host. [`EventLoop::getaddrinfo`] asks it, unless the name is
//! an address already.
//!
//! # Costs
//! Four addresses, 32 bytes each, in the answer. A program that does not ask has nothing of it.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::ops::Deref;
use core::pin::Pin;

use super::NoNetwork;
use crate::coroutine::{Context, Coroutine, Resume};
use crate::event_loop::EventLoop;
use crate::transport::{LineError, blocked};

/// The most addresses of one name.
const MOST: usize = 4;

/// A network that finds the addresses of names, for [`EventLoop::getaddrinfo`]. asyncio asks the operating system, in a thread.
pub trait Names {
    /// A question.
    type Lookup: Lookup;

    /// Begins to ask. Dropping the question forgets it.
    ///
    /// # Errors
    /// [`LineError::Unsupported`] where nobody can be asked, [`LineError::Full`] if too many are, [`LineError::NotFound`] if no name
    /// looks like that.
    fn begin_lookup(&self, name: &str) -> Result<Self::Lookup, LineError>;
}

/// A question for the addresses of a name, of [`EventLoop::getaddrinfo`].
pub trait Lookup {
    /// The answer: how many addresses were written to the front of `addresses`, at least one. The best comes first; those that have
    /// no room are left out. As for a [`ByteStream`](crate::transport::ByteStream), who is told `WouldBlock` is woken.
    ///
    /// # Errors
    /// [`LineError::NotFound`], if nobody knows the name, or nobody answers; or others of the network.
    fn try_addresses(&mut self, addresses: &mut [IpAddr]) -> nb::Result<usize, LineError>;
}

impl<N: Names + ?Sized> Names for &N {
    type Lookup = N::Lookup;

    fn begin_lookup(&self, name: &str) -> Result<N::Lookup, LineError> {
        (**self).begin_lookup(name)
    }
}

/// There are none of these: see [`EventLoop::getaddrinfo`].
#[derive(Debug)]
pub enum NoLookup {}

impl Lookup for NoLookup {
    fn try_addresses(&mut self, _: &mut [IpAddr]) -> nb::Result<usize, LineError> {
        match *self {}
    }
}

impl Names for NoNetwork {
    type Lookup = NoLookup;

    fn begin_lookup(&self, _: &str) -> Result<NoLookup, LineError> {
        Err(LineError::Unsupported)
    }
}

/// The addresses of a name, at least one: a slice. What [`EventLoop::getaddrinfo`] answers; a list of tuples in asyncio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    addresses: [SocketAddr; MOST],
    count: usize,
}

impl Addresses {
    /// The one to try first.
    pub fn first(&self) -> SocketAddr {
        self.addresses[0]
    }

    fn new(found: &[IpAddr], port: u16) -> Addresses {
        let mut addresses = [SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port); MOST];
        addresses.iter_mut().zip(found).for_each(|(address, found)| address.set_ip(*found));
        Addresses { addresses, count: found.len().clamp(1, MOST) }
    }
}

impl Deref for Addresses {
    type Target = [SocketAddr];

    fn deref(&self) -> &[SocketAddr] {
        &self.addresses[..self.count]
    }
}

enum State<'a, N: Names> {
    New(&'a N, &'a str),
    Asking(N::Lookup),
    Ended,
}

/// Made by [`EventLoop::getaddrinfo`].
#[must_use = "a coroutine does nothing until it is awaited or made a task"]
pub struct GetAddrInfo<'a, N: Names> {
    state: State<'a, N>,
    port: u16,
}

// The question is not pinned before it is moved.
impl<N: Names> Unpin for GetAddrInfo<'_, N> {}

impl<N: Names> Coroutine for GetAddrInfo<'_, N> {
    type Output = Result<Addresses, LineError>;

    fn resume(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<Self::Output> {
        let this = self.get_mut();
        let port = this.port;
        if let State::New(network, name) = this.state {
            this.state = State::Ended;
            if let Ok(address) = name.parse() {
                return Resume::Done(Ok(Addresses::new(&[address], port)));
            }
            match network.begin_lookup(name) {
                Ok(lookup) => this.state = State::Asking(lookup),
                Err(error) => return Resume::Done(Err(error)),
            }
        } else if cx.take_cancel() {
            this.state = State::Ended;
            return Resume::Cancelled;
        }
        let State::Asking(lookup) = &mut this.state else { return Resume::Cancelled };
        let mut found = [IpAddr::V4(Ipv4Addr::UNSPECIFIED); MOST];
        let outcome = match lookup.try_addresses(&mut found) {
            Err(nb::Error::WouldBlock) => {
                blocked(cx);
                return Resume::Pending;
            }
            Ok(count) => found.get(..count).filter(|found| !found.is_empty()).ok_or(LineError::NotFound),
            Err(nb::Error::Other(error)) => Err(error),
        };
        this.state = State::Ended;
        Resume::Done(outcome.map(|found| Addresses::new(found, port)))
    }
}

impl EventLoop {
    /// Finds the addresses of a name, to be used with this port: up to four, the best first. A name that is an address itself
    /// is not asked for. asyncio's `loop.getaddrinfo`, without its hints.
    ///
    /// ```
    /// # use segno::prelude::*;
    /// # use segno::net::NoNetwork;
    /// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
    /// let found = lp.run_until_complete(lp.getaddrinfo(&NoNetwork, "192.0.2.1", 80)).unwrap();
    /// assert_eq!(found.unwrap().first(), "192.0.2.1:80".parse().unwrap());
    /// let found = lp.run_until_complete(lp.getaddrinfo(&NoNetwork, "example.org", 80)).unwrap();
    /// assert_eq!(found, Err(LineError::Unsupported)); // nobody to ask
    /// ```
    /// # Errors
    /// The coroutine's output is [`LineError::NotFound`] if there is no such name or nobody answers; other errors are the network's.
    ///
    /// # Cancellation
    /// Forgets the question.
    pub fn getaddrinfo<'a, N: Names>(&'static self, network: &'a N, name: &'a str, port: u16) -> GetAddrInfo<'a, N> {
        GetAddrInfo { state: State::New(network, name), port }
    }
}
