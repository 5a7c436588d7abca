//! Names that the host knows.
//!
//! # The problem
//! The host's own lookup waits.
//!
//! # The design
//! A thread for each question, which goes on if nobody is interested any more.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use segno::net::{Lookup, Names};
use segno::{LineError, WakerCell};

use super::HostNetwork;
use crate::world::Link;

type Answer = Result<Vec<IpAddr>, LineError>;

#[derive(Default)]
struct Shared {
    answer: Mutex<Option<Answer>>,
    answered: WakerCell,
}

/// A question to the host for the addresses of a name.
pub struct HostLookup {
    shared: Arc<Shared>,
    link: Link,
}

impl Names for HostNetwork {
    type Lookup = HostLookup;

    fn begin_lookup(&self, name: &str) -> Result<HostLookup, LineError> {
        let shared = Arc::<Shared>::default();
        let (asked, name) = (Arc::clone(&shared), name.to_owned());
        let ask = move || {
            // The host's library says why as a text only.
            let answer = (name.as_str(), 0).to_socket_addrs().map_err(|_| LineError::NotFound);
            let answer = answer.map(|addresses| addresses.map(|address| address.ip()).collect());
            *asked.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            asked.answered.wake();
        };
        thread::Builder::new().name("names".into()).spawn(ask).map_err(LineError::from)?;
        self.link.with(|state, _| state.outside += 1);
        Ok(HostLookup { shared, link: self.link.clone() })
    }
}

impl Lookup for HostLookup {
    fn try_addresses(&mut self, addresses: &mut [IpAddr]) -> nb::Result<usize, LineError> {
        self.shared.answered.register_current();
        match &*self.shared.answer.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Err(nb::Error::WouldBlock),
            Some(Err(error)) => Err(nb::Error::Other(*error)),
            Some(Ok(found)) => {
                let count = found.len().min(addresses.len());
                addresses[..count].copy_from_slice(&found[..count]);
                Ok(count)
            }
        }
    }
}

impl Drop for HostLookup {
    fn drop(&mut self) {
        self.link.with(|state, _| state.outside -= 1);
    }
}
