//! A datagram endpoint over a socket that takes, refuses and fails as it likes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::rc::Rc;

use segno::WakerCell;
use segno::host::VirtualClock;
use segno::prelude::*;
use segno::transport::{DatagramSocket, SendError};
use segno_hostile::{Random, bytes, cases, one_of};

/// The longest datagram that the transport can receive, and what it has for those that wait.
const RX: usize = 100;
const TX: usize = 400;
/// The longest that the socket can send.
const LONGEST: usize = 250;

type Datagram = (Vec<u8>, Option<SocketAddr>);

#[derive(Default)]
struct State {
    peer: Option<SocketAddr>,
    /// What it will answer to the next attempts to send; then it blocks.
    answers: VecDeque<Result<(), LineError>>,
    sent: Vec<Datagram>,
    failed: usize,
    incoming: VecDeque<Result<Datagram, LineError>>,
    reader: WakerCell,
    writer: WakerCell,
}

#[derive(Clone, Default)]
struct Socket(Rc<RefCell<State>>);

impl DatagramSocket for Socket {
    fn try_receive(&mut self, buffer: &mut [u8]) -> nb::Result<(usize, SocketAddr), LineError> {
        let socket = &mut *self.0.borrow_mut();
        match socket.incoming.pop_front() {
            None => {
                socket.reader.register_current();
                Err(nb::Error::WouldBlock)
            }
            Some(Err(error)) => Err(nb::Error::Other(error)),
            Some(Ok((datagram, from))) => {
                let room = buffer.get_mut(..datagram.len()).ok_or(LineError::TooBig)?;
                room.copy_from_slice(&datagram);
                Ok((datagram.len(), from.unwrap()))
            }
        }
    }

    fn try_send(&mut self, datagram: &[u8], to: Option<SocketAddr>) -> nb::Result<(), LineError> {
        let socket = &mut *self.0.borrow_mut();
        match socket.answers.pop_front() {
            None => {
                socket.writer.register_current();
                Err(nb::Error::WouldBlock)
            }
            Some(Err(error)) => {
                socket.failed += 1;
                Err(nb::Error::Other(error))
            }
            Some(Ok(())) if datagram.len() > LONGEST => {
                socket.failed += 1;
                Err(nb::Error::Other(LineError::TooBig))
            }
            Some(Ok(())) => {
                socket.sent.push((datagram.to_vec(), to));
                Ok(())
            }
        }
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.0.borrow().peer
    }
}

#[derive(Default)]
struct Log {
    received: Vec<Datagram>,
    errors: usize,
    paused: bool,
    lost: bool,
}

impl DatagramProtocol for Log {
    fn datagram_received(&mut self, _: &mut dyn DatagramTransport, data: &[u8], from: SocketAddr) {
        self.received.push((data.to_vec(), Some(from)));
    }

    fn error_received(&mut self, _: &mut dyn DatagramTransport, _: LineError) {
        self.errors += 1;
    }

    fn pause_writing(&mut self) {
        assert!(!std::mem::replace(&mut self.paused, true));
    }

    fn resume_writing(&mut self) {
        assert!(std::mem::replace(&mut self.paused, false));
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        assert_eq!((cause, self.lost), (None, false));
        self.lost = true;
    }
}

fn address(random: &mut Random) -> SocketAddr {
    let port = random.next_u64() as u16;
    match random.below(3) {
        0 => SocketAddr::new(Ipv6Addr::from(u128::from(random.next_u64()) << 64 | 1).into(), port),
        1 => SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::LOCALHOST, port, 0, random.next_u64() as u32)),
        _ => SocketAddr::new(Ipv4Addr::from(random.next_u64() as u32).into(), port),
    }
}

fn settle(lp: &'static EventLoop) {
    lp.run_until_complete(sleep(1.millis())).unwrap();
}

#[test]
fn every_datagram_is_sent_whole_in_order_or_an_error_is_told() {
    cases(1000, |random| {
        let lp = segno::new_event_loop(VirtualClock::leaked(), 8 * 1024);
        let socket = Socket::default();
        let peer = (random.below(2) == 0).then(|| address(random));
        socket.0.borrow_mut().peer = peer;
        let connecting = lp.connect_datagram_socket::<RX, TX>(socket.clone(), Log::default());
        let (mut transport, protocol) = lp.run_until_complete(connecting).unwrap().unwrap();
        let (mut accepted, mut received, mut errors) = (Vec::new(), Vec::new(), 0);
        for _ in 0..random.below(100) {
            match random.below(4) {
                0 => {
                    let answers = &mut socket.0.borrow_mut().answers;
                    let answer = one_of(random, &[Ok(()), Ok(()), Ok(()), Err(LineError::Unreachable)]);
                    answers.extend(vec![answer; random.below(6) as usize]);
                }
                1 => {
                    let socket = &mut *socket.0.borrow_mut();
                    let incoming = match random.below(6) {
                        0 => Err(LineError::ConnectionRefused),
                        _ => Ok((bytes(random, 0, RX + 20), Some(address(random)))),
                    };
                    match &incoming {
                        Ok(datagram) if datagram.0.len() <= RX => received.push(datagram.clone()),
                        _ => errors += 1,
                    }
                    socket.incoming.push_back(incoming);
                }
                2 => {
                    let mut datagram = bytes(random, 0, one_of(&mut random.clone(), &[3, 60, 300, TX + 50]));
                    // Numbered, as far as there is room.
                    if let Some(place) = datagram.get_mut(..2) {
                        place.copy_from_slice(&(accepted.len() as u16).to_be_bytes());
                    }
                    let to = match random.below(4) {
                        0 => None,
                        1 => Some(address(random)),
                        _ => peer.or_else(|| Some(address(random))),
                    };
                    let before = transport.get_write_buffer_size();
                    match transport.sendto(&datagram, to) {
                        Ok(()) => accepted.push((datagram, to)),
                        Err(error) => {
                            assert_eq!(transport.get_write_buffer_size(), before);
                            match error {
                                SendError::TooBig => assert!(datagram.len() + 25 > TX),
                                SendError::Full => assert!(before + datagram.len() + 25 > TX),
                                SendError::WrongAddress => assert!(peer.is_some() && peer != to),
                                SendError::NoAddress => assert_eq!((peer, to), (None, None)),
                                SendError::Closed => panic!("it is open"),
                            }
                        }
                    }
                }
                _ => {
                    socket.0.borrow_mut().reader.wake();
                    socket.0.borrow_mut().writer.wake();
                    settle(lp);
                }
            }
        }
        // Everything that was accepted leaves, also behind `close`.
        transport.close();
        socket.0.borrow_mut().answers.extend([Ok(()); 200]);
        socket.0.borrow_mut().reader.wake();
        socket.0.borrow_mut().writer.wake();
        settle(lp);
        let state = socket.0.borrow();
        let mut rest = accepted.iter();
        for sent in &state.sent {
            assert!(rest.any(|accepted| accepted == sent), "sent whole, once, in order");
        }
        assert_eq!(state.sent.len() + state.failed, accepted.len());
        protocol.with(|log: &mut Log| {
            // Whatever had come before it was closed, and was looked at, in order.
            assert!(received.starts_with(&log.received));
            assert!(log.errors >= state.failed && log.errors <= state.failed + errors);
            assert!(log.lost && !log.paused);
        });
        drop(protocol);
        assert_eq!(lp.all_tasks().count(), 0);
        lp.close().unwrap();
    });
}
