//! What networks and processes are asked for, and what they may answer: capacities at one less, as many, and one more.
//! Networks and processes themselves are in `boards/sim/tests`.
#![cfg(feature = "std")]

mod common;

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use common::new_loop;
use segno::host::{PairEnd, VirtualClock, pair};
use segno::net::{Listener, Lookup, NoSocket};
use segno::prelude::*;
use segno::process::{Child, Processes, Program};
use segno::protocol::SubprocessProtocol;
use segno::transport::{ByteStream, SubprocessTransport};

/// Answers with so many addresses, of which it writes those that there is room for; or says that it has written more.
struct Answers {
    count: usize,
    says: Option<usize>,
}

impl Names for Answers {
    type Lookup = Answers;

    fn begin_lookup(&self, _: &str) -> Result<Answers, LineError> {
        Ok(Answers { ..*self })
    }
}

impl Lookup for Answers {
    fn try_addresses(&mut self, addresses: &mut [IpAddr]) -> nb::Result<usize, LineError> {
        let places = addresses.iter_mut().take(self.count);
        let count = places.zip(1..).map(|(place, n)| *place = Ipv4Addr::new(192, 0, 2, n).into()).count();
        Ok(self.says.unwrap_or(count))
    }
}

#[test]
fn addresses_of_a_name_at_n_minus_1_n_and_n_plus_1() {
    let lp = new_loop();
    let ask = |count, says| {
        let answers = Answers { count, says };
        lp.run_until_complete(lp.getaddrinfo(&answers, "name", 80)).unwrap()
    };
    for count in [1, 2, 3, 4, 5, 6] {
        let found = ask(count, None).unwrap();
        let expected: Vec<SocketAddr> =
            (1..=count.min(4)).map(|n| SocketAddr::from(([192, 0, 2, n as u8], 80))).collect();
        assert_eq!((&*found, found.first()), (&*expected, expected[0]), "the best of {count}");
    }
    // None, and more than there was room for, are no answers.
    for (count, says) in [(0, None), (4, Some(5)), (4, Some(usize::MAX))] {
        assert_eq!(ask(count, says), Err(LineError::NotFound));
    }
}

/// Notes how many connections may wait.
struct Listens(Rc<Cell<usize>>);

/// Never accepts.
struct Deaf;

impl Listener for Deaf {
    type Stream = NoSocket;

    fn try_accept(&mut self) -> nb::Result<NoSocket, LineError> {
        Err(nb::Error::WouldBlock)
    }

    fn local_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 7).into()
    }
}

impl Network for Listens {
    type Datagrams = NoSocket;
    type Stream = NoSocket;
    type Listener = Deaf;

    fn bind_datagrams(&self, _: Option<SocketAddr>, _: Option<SocketAddr>) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }

    fn begin_connect(&self, _: SocketAddr) -> Result<NoSocket, LineError> {
        Err(LineError::Unsupported)
    }

    fn listen(&self, _: SocketAddr, backlog: usize) -> Result<Deaf, LineError> {
        self.0.set(backlog);
        Ok(Deaf)
    }
}

struct Quiet;

impl Protocol for Quiet {
    fn data_received(&mut self, _: &mut dyn Transport, _: &[u8]) {}
}

/// asyncio's default, or what is asked for. What a network makes of it is tested with the networks: `boards/sim/tests/servers.rs`.
#[test]
fn a_server_asks_for_a_backlog_of_a_hundred_or_another() {
    let lp = new_loop();
    let backlog = Rc::new(Cell::new(0));
    let local = (Ipv4Addr::LOCALHOST, 7).into();
    let server = lp.create_server::<8, 8>(Listens(backlog.clone()), || Quiet, local).unwrap();
    assert_eq!(backlog.take(), 100);
    server.close();
    lp.run_until_complete(server.wait_closed()).unwrap();
    #[segno::coroutine]
    async fn serves(_: StreamReader, _: StreamWriter) {}
    let server = lp.start_server::<8, 8>(Listens(backlog.clone()), serves, local).unwrap();
    assert_eq!(backlog.take(), 100);
    server.close();
    lp.run_until_complete(server.wait_closed()).unwrap();
    for asked in [1, 2, 1000] {
        let network = || Listens(backlog.clone()).with_backlog(asked);
        lp.create_server::<8, 8>(network(), || Quiet, local).unwrap().close();
        assert_eq!(backlog.take(), asked);
        lp.start_server::<8, 8>(network(), serves, local).unwrap().close();
        assert_eq!(backlog.take(), asked);
    }
}

/// The far ends of a process's three pipes, of which each direction holds so many bytes.
#[derive(Clone, Default)]
struct Pipes(Rc<RefCell<Vec<PairEnd>>>, usize);

/// Runs until its pipes are gone.
struct Runs;

impl Child for Runs {
    fn pid(&self) -> u32 {
        7
    }

    fn try_wait(&mut self) -> nb::Result<i32, LineError> {
        Ok(0)
    }

    fn send_signal(&mut self, _: i32) -> Result<(), LineError> {
        Err(LineError::NotFound)
    }
}

impl Processes for Pipes {
    type Child = Runs;
    type Pipe = PairEnd;

    fn spawn(&self, _: Program<'_>) -> Result<(Runs, [PairEnd; 3]), LineError> {
        Ok((
            Runs,
            [(); 3].map(|()| {
                let (near, far) = pair(self.1);
                self.0.borrow_mut().push(far);
                near
            }),
        ))
    }
}

/// How many bytes came at a time.
#[derive(Default)]
struct Notes(Vec<usize>);

impl SubprocessProtocol for Notes {
    fn pipe_data_received(&mut self, _: u8, data: &[u8]) {
        self.0.push(data.len());
    }
}

/// 4,096 bytes are received at a time, and as many may wait to be written.
#[test]
fn a_pipe_of_a_process_at_n_minus_1_n_and_n_plus_1() {
    const MOST: usize = 4096;
    let lp = segno::new_event_loop(VirtualClock::leaked(), 256 * 1024);
    let settle = || lp.run_until_complete(sleep(1.millis())).unwrap();
    for count in [MOST - 1, MOST, MOST + 1] {
        let pipes = Pipes(Rc::default(), 3 * MOST);
        let (_, notes) = lp.subprocess_exec(&pipes, Notes::default(), "program", &[]).unwrap();
        let [_, mut output, _] = <[PairEnd; 3]>::try_from(pipes.0.take()).unwrap();
        assert_eq!(output.try_write(&vec![1; count]), Ok(count));
        settle();
        let expected: &[usize] = if count > MOST { &[MOST, 1] } else { &[count] };
        assert_eq!(notes.with(|notes: &mut Notes| std::mem::take(&mut notes.0)).unwrap(), expected);

        // Nobody takes anything.
        let pipes = Pipes(Rc::default(), 0);
        let (transport, _) = lp.subprocess_exec(&pipes, Notes::default(), "program", &[]).unwrap();
        let mut input = transport.get_pipe_transport(0).unwrap();
        let answer = if count > MOST { Err(WriteError::Full { written: MOST }) } else { Ok(()) };
        assert_eq!(input.write(&vec![1; count]), answer);
        assert_eq!(input.get_write_buffer_size(), count.min(MOST));
        assert_eq!(input.write(&[2; 2]), Err(WriteError::Full { written: MOST - count.min(MOST) }));
        pipes.0.take();
        settle();
    }
    settle();
    assert_eq!(lp.all_tasks().count(), 0, "nothing is left");
    lp.close().unwrap();
}
