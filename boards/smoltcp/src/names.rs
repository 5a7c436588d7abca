//! Questions for the addresses of names.

use core::net::IpAddr;

use segno::LineError;
use segno::net::{Lookup, Names};
use smoltcp::socket::dns::{self, GetQueryResultError, QueryHandle, StartQueryError};
use smoltcp::wire::{DnsQueryType, IpAddress};

use crate::controller::Controller;
use crate::stack::{Inner, Slot, Stack, StackHandle, Use};

/// A question of a stack to its server. smoltcp does not say whether there is no such name or no answer: both are
/// [`LineError::NotFound`], the latter after fifteen seconds with one server.
pub struct StackLookup<C: Controller> {
    stack: &'static Stack<C>,
    slot: &'static Slot,
    /// Until there is an answer.
    query: Option<QueryHandle>,
}

impl<C: Controller> Names for StackHandle<C> {
    type Lookup = StackLookup<C>;

    fn begin_lookup(&self, name: &str) -> Result<StackLookup<C>, LineError> {
        let stack = self.0;
        let slot = stack.slots.names.iter().find(|slot| slot.used.get() == Use::Free).ok_or(LineError::Full)?;
        let query = stack.with(|Inner { interface, sockets, services, .. }| {
            let socket = sockets.get_mut::<dns::Socket<'static>>(services.dns);
            socket.start_query(interface.context(), name, DnsQueryType::A).map_err(|error| match error {
                StartQueryError::NoFreeSlot => LineError::Full,
                StartQueryError::InvalidName | StartQueryError::NameTooLong => LineError::NotFound,
            })
        })?;
        slot.used.set(Use::Owned);
        stack.wake();
        Ok(StackLookup { stack, slot, query: Some(query) })
    }
}

impl<C: Controller> Lookup for StackLookup<C> {
    fn try_addresses(&mut self, addresses: &mut [IpAddr]) -> nb::Result<usize, LineError> {
        let query = self.query.ok_or(LineError::Closed)?;
        let answer = self.stack.with(|Inner { sockets, services, .. }| {
            sockets.get_mut::<dns::Socket<'static>>(services.dns).get_query_result(query)
        });
        let found = match answer {
            Err(GetQueryResultError::Pending) => {
                self.slot.reader.register_current();
                return Err(nb::Error::WouldBlock);
            }
            Ok(found) => found,
            Err(GetQueryResultError::Failed) => Default::default(),
        };
        // smoltcp has forgotten it.
        self.query = None;
        let count = addresses.iter_mut().zip(&found).map(|(place, IpAddress::Ipv4(ip))| *place = (*ip).into()).count();
        if count == 0 { Err(nb::Error::Other(LineError::NotFound)) } else { Ok(count) }
    }
}

impl<C: Controller> Drop for StackLookup<C> {
    fn drop(&mut self) {
        if let Some(query) = self.query {
            self.stack.with(|Inner { sockets, services, .. }| {
                sockets.get_mut::<dns::Socket<'static>>(services.dns).cancel_query(query);
            });
        }
        self.slot.used.set(Use::Free);
    }
}
