//! The UART transport, against a port that a script fills and empties.

mod common;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use common::{Next, flow};
use common::{Trace, new_loop, pause, wait};
use segno::time::ExtU64;
use segno::transport::{BaseTransport, ProtocolHandle, ReadTransport, Serial, WriteError, WriteTransport};
use segno::{EventLoop, LineError, Protocol, Transport, TransportHandle, WakerCell, sleep};

#[derive(Default)]
struct Wire {
    incoming: VecDeque<Result<u8, LineError>>,
    ended: bool,
    sent: Vec<u8>,
    /// Bytes that the hardware takes.
    room: usize,
    broken: bool,
    reader: WakerCell,
    writer: WakerCell,
}

/// A port, and at the same time its other end.
#[derive(Clone, Default)]
struct Port(Rc<RefCell<Wire>>);

impl Port {
    fn receive(&self, bytes: &[u8]) {
        let mut wire = self.0.borrow_mut();
        wire.incoming.extend(bytes.iter().map(|&byte| Ok(byte)));
        wire.reader.wake();
    }

    fn fail(&self, error: LineError) {
        let mut wire = self.0.borrow_mut();
        wire.incoming.push_back(Err(error));
        wire.reader.wake();
    }

    fn end(&self) {
        let mut wire = self.0.borrow_mut();
        wire.ended = true;
        wire.reader.wake();
    }

    fn accept(&self, count: usize) {
        let mut wire = self.0.borrow_mut();
        wire.room += count;
        wire.writer.wake();
    }

    fn sent(&self) -> String {
        String::from_utf8(self.0.borrow().sent.clone()).unwrap()
    }
}

impl Serial for Port {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let mut wire = self.0.borrow_mut();
        let mut count = 0;
        while count < buffer.len() {
            match wire.incoming.front() {
                Some(&Ok(byte)) => {
                    buffer[count] = byte;
                    count += 1;
                    wire.incoming.pop_front();
                }
                Some(&Err(error)) if count == 0 => {
                    wire.incoming.pop_front();
                    return Err(nb::Error::Other(error));
                }
                _ => break,
            }
        }
        if count == 0 && !wire.ended {
            wire.reader.register_current();
            return Err(nb::Error::WouldBlock);
        }
        Ok(count)
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        let mut wire = self.0.borrow_mut();
        if wire.broken {
            return Err(nb::Error::Other(LineError::Closed));
        }
        let count = wire.room.min(bytes.len());
        if count == 0 {
            wire.writer.register_current();
            return Err(nb::Error::WouldBlock);
        }
        wire.room -= count;
        wire.sent.extend(&bytes[..count]);
        Ok(count)
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }
}

struct Logger {
    trace: Trace,
    keep_open: bool,
    recovers: bool,
    echo: bool,
    /// Written to once, when it is resumed.
    refill: Option<TransportHandle>,
}

impl Logger {
    fn new(trace: &Trace) -> Logger {
        Logger { trace: trace.clone(), keep_open: false, recovers: false, echo: false, refill: None }
    }
}

impl Protocol for Logger {
    fn connection_made(&mut self, transport: &mut dyn Transport) {
        self.trace.say(format!("connection_made {} {}", transport.is_closing(), transport.is_reading()));
    }

    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        self.trace.say(format!("data_received {}", String::from_utf8_lossy(data)));
        if self.echo {
            match transport.write(data) {
                Ok(()) => {}
                Err(error) => self.trace.say(format!("write: {error:?}")),
            }
        }
        match data {
            b"close" => {
                transport.close();
                transport.close();
                self.trace.say(format!("closing {}, not lost yet", transport.is_closing()));
            }
            b"abort" => transport.abort(),
            b"pause" => {
                transport.pause_reading();
                transport.pause_reading();
                self.trace.say(format!("reading {}", transport.is_reading()));
            }
            _ => {}
        }
    }

    fn eof_received(&mut self, _: &mut dyn Transport) -> bool {
        self.trace.say(format!("eof_received -> {}", self.keep_open));
        self.keep_open
    }

    fn line_error(&mut self, transport: &mut dyn Transport, error: LineError) {
        self.trace.say(format!("line_error {error:?}"));
        if !self.recovers {
            transport.abort_with(error);
        }
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.trace.say(format!("connection_lost {cause:?}"));
    }

    fn pause_writing(&mut self) {
        self.trace.say("pause_writing");
    }

    fn resume_writing(&mut self) {
        self.trace.say("resume_writing");
        if let Some(mut transport) = self.refill.take() {
            transport.write(b"12345678").unwrap();
        }
    }
}

struct World {
    lp: &'static EventLoop,
    trace: Trace,
    port: Port,
    transport: TransportHandle,
    protocol: ProtocolHandle,
}

/// A connected logger with buffers of 16 and 8 bytes.
fn connect(configure: impl FnOnce(&mut Logger)) -> World {
    let (lp, trace, port) = (new_loop(), Trace::new(), Port::default());
    let mut logger = Logger::new(&trace);
    configure(&mut logger);
    let (transport, protocol) = lp.run_until_complete(lp.connect_uart::<16, 8>(port.clone(), logger)).unwrap().unwrap();
    World { lp, trace, port, transport, protocol }
}

impl World {
    /// Lets the loop work until nothing is left to do.
    fn settle(&self) {
        self.lp.run_until_complete(sleep(1.millis())).unwrap();
    }
}

#[test]
fn connection_made_comes_first_and_close_flushes() {
    let world = connect(|_| {});
    let mut transport = world.transport.clone();
    transport.write(b"hello").unwrap();
    world.settle();
    assert_eq!(world.port.sent(), "");
    world.port.receive(b"close");
    world.settle();
    assert_eq!(transport.write(b"x"), Err(WriteError::Closed));
    world.port.receive(b"not read");
    world.port.accept(3);
    world.settle();
    world.trace.say(format!("sent {}", world.port.sent()));
    world.port.accept(3);
    world.settle();
    assert_eq!(world.port.sent(), "hello");
    world.lp.run_until_complete(transport.wait_closed()).unwrap();
    assert!(transport.is_closing());
    // The protocol outlives its transport.
    assert_eq!(world.protocol.with(|_: &mut Logger| ()), Some(()));
    assert_eq!(transport.get_protocol(), None);
    world.trace.expect(
        "connection_made false true
         data_received close
         closing true, not lost yet
         sent hel
         connection_lost None",
    );
    world.lp.close().unwrap();
}

#[test]
fn who_connects_is_resumed_before_there_is_data() {
    let (lp, trace, port) = (new_loop(), Trace::new(), Port::default());
    port.receive(b"early");
    let seen = trace.clone();
    let mut connecting = Some(lp.connect_uart::<16, 8>(port, Logger::new(&trace)));
    lp.run_until_complete(flow(move |step, _, _| match step {
        0 => pause(connecting.take().unwrap()),
        1 => {
            seen.say("connected");
            pause(sleep(1.millis()))
        }
        _ => Next::Done(()),
    }))
    .unwrap();
    trace.expect("connection_made false true\nconnected\ndata_received early");
}

#[test]
fn abort_drops_what_is_buffered() {
    let world = connect(|_| {});
    world.settle();
    let mut transport = world.transport.clone();
    transport.write(b"lost").unwrap();
    world.port.receive(b"abort");
    world.settle();
    world.port.accept(10);
    world.settle();
    assert_eq!(world.port.sent(), "");
    transport.close();
    transport.abort();
    world.settle();
    world.trace.expect("connection_made false true\ndata_received abort\nconnection_lost None");
}

#[test]
fn the_end_of_the_input_closes_unless_the_protocol_keeps_it_open() {
    for keep_open in [false, true] {
        let world = connect(|logger| logger.keep_open = keep_open);
        world.port.receive(b"last");
        world.port.end();
        world.settle();
        let mut transport = world.transport.clone();
        assert_eq!(transport.is_closing(), !keep_open);
        if keep_open {
            transport.write(b"answer").unwrap();
            world.port.accept(100);
            world.settle();
            assert_eq!(world.port.sent(), "answer");
            transport.close();
            world.settle();
        }
        world.trace.expect(&format!(
            "connection_made false true\ndata_received last\neof_received -> {keep_open}\nconnection_lost None"
        ));
    }
}

#[test]
fn line_errors_come_in_order_and_end_the_connection_or_not() {
    let world = connect(|logger| logger.recovers = true);
    world.port.fail(LineError::Overrun);
    world.port.receive(b"more");
    world.settle();
    world.trace.expect("connection_made false true\nline_error Overrun\ndata_received more");
    let world = connect(|_| {});
    world.port.fail(LineError::Framing);
    world.port.receive(b"never seen");
    world.settle();
    world.trace.expect("connection_made false true\nline_error Framing\nconnection_lost Some(Framing)");
    let world = connect(|_| {});
    world.port.0.borrow_mut().broken = true;
    world.transport.clone().write(b"x").unwrap();
    world.settle();
    world.trace.expect("connection_made false true\nconnection_lost Some(Closed)");
}

#[test]
fn reading_can_be_paused() {
    let world = connect(|_| {});
    world.settle();
    world.port.receive(b"pause");
    world.settle();
    world.port.receive(b"one");
    world.port.receive(b"two");
    world.settle();
    world.trace.say("nothing");
    world.transport.clone().resume_reading();
    world.settle();
    world.trace.expect(
        "connection_made false true
         data_received pause
         reading false
         nothing
         data_received onetwo",
    );
}

#[test]
fn water_marks_pause_and_resume_the_protocol() {
    let world = connect(|_| {});
    world.settle();
    let trace = &world.trace;
    let mut transport = world.transport.clone();
    assert_eq!(transport.get_write_buffer_limits(), (1, 6));
    assert!(transport.set_write_buffer_limits(Some(3), Some(5)).is_err());
    assert!(transport.set_write_buffer_limits(Some(9), None).is_err());
    transport.set_write_buffer_limits(None, Some(1)).unwrap();
    assert_eq!(transport.get_write_buffer_limits(), (1, 4));
    let write = |transport: &mut TransportHandle, bytes: &[u8]| {
        trace.say(format!("write {}", bytes.len()));
        let result = transport.write(bytes);
        trace.say(format!("{result:?} size {}", transport.get_write_buffer_size()));
    };
    write(&mut transport, b"1234");
    write(&mut transport, b"5");
    write(&mut transport, b"67");
    write(&mut transport, b"890");
    for count in [3, 3, 1, 1] {
        trace.say(format!("takes {count}"));
        world.port.accept(count);
        world.settle();
    }
    assert_eq!(world.port.sent(), "12345678");
    trace.say("zero marks");
    transport.set_write_buffer_limits(Some(0), None).unwrap();
    write(&mut transport, b"a");
    world.port.accept(1);
    world.settle();
    trace.say("lowering pauses at once");
    transport.set_write_buffer_limits(Some(6), Some(0)).unwrap();
    write(&mut transport, b"bcdef");
    transport.set_write_buffer_limits(Some(3), Some(1)).unwrap();
    transport.set_write_buffer_limits(Some(6), Some(5)).unwrap();
    trace.say("raising does not resume");
    world.port.accept(1);
    world.settle();
    trace.expect(
        "connection_made false true
         write 4
         Ok(()) size 4
         write 1
         pause_writing
         Ok(()) size 5
         write 2
         Ok(()) size 7
         write 3
         Err(Full { written: 1 }) size 8
         takes 3
         takes 3
         takes 1
         resume_writing
         takes 1
         zero marks
         write 1
         pause_writing
         Ok(()) size 1
         resume_writing
         lowering pauses at once
         write 5
         Ok(()) size 5
         pause_writing
         raising does not resume
         resume_writing",
    );
}

#[test]
fn writing_in_a_callback_does_not_borrow_the_protocol_twice() {
    let world = connect(|logger| logger.echo = true);
    world.port.receive(b"12345678");
    world.settle();
    world.port.accept(100);
    world.settle();
    assert_eq!(world.port.sent(), "12345678");
    world.trace.expect(
        "connection_made false true
         data_received 12345678
         pause_writing
         resume_writing",
    );
    assert_eq!(world.protocol.with(|logger: &mut Logger| logger.echo), Some(true));
}

#[test]
fn what_is_written_on_resuming_pauses_again() {
    let mut world = connect(|_| {});
    let handle = world.transport.clone();
    world.protocol.with(|logger: &mut Logger| logger.refill = Some(handle)).unwrap();
    world.transport.write(b"12345678").unwrap();
    world.port.accept(8);
    world.settle();
    world.port.accept(8);
    world.settle();
    world.trace.expect(
        "connection_made false true
         pause_writing
         resume_writing
         pause_writing
         resume_writing",
    );
}

#[test]
fn a_task_and_a_timer_reach_the_transport() {
    let world = connect(|_| {});
    let mut transport = world.transport.clone();
    world.lp.call_later(2.millis(), move |_| transport.close()).unwrap();
    let (trace, transport) = (world.trace.clone(), world.transport.clone());
    let waiter = world
        .lp
        .create_task(flow(move |step, _, _| match step {
            0 => pause(transport.wait_closed()),
            _ => {
                trace.say("closed");
                Next::Done(())
            }
        }))
        .unwrap();
    world.lp.run_until_complete(waiter).unwrap();
    world.trace.expect("connection_made false true\nconnection_lost None\nclosed");
}

#[test]
fn closing_the_loop_drops_the_port() {
    let world = connect(|_| {});
    assert!(Rc::strong_count(&world.port.0) == 2);
    world.lp.close().unwrap();
    assert!(Rc::strong_count(&world.port.0) == 1);
    assert!(world.transport.is_closing());
    assert_eq!(world.transport.clone().write(b"x"), Err(WriteError::Closed));
}

#[test]
fn a_refused_connection_drops_the_port() {
    let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 256);
    let (trace, port) = (Trace::new(), Port::default());
    let refused = Rc::new(RefCell::new(None));
    let seen = refused.clone();
    let mut connecting = Some(lp.connect_uart::<200, 200>(port.clone(), Logger::new(&trace)));
    lp.run_until_complete(flow(move |step, _, _| match step {
        0 => {
            let seen = seen.clone();
            Next::Await(wait(connecting.take().unwrap(), move |result| *seen.borrow_mut() = Some(result.is_err())))
        }
        _ => Next::Done(()),
    }))
    .unwrap();
    assert_eq!(*refused.borrow(), Some(true));
    assert_eq!(Rc::strong_count(&port.0), 1);
    trace.expect("");
}

#[test]
fn a_borrowed_protocol_stays_where_it_is() {
    let world = connect(|_| {});
    let lp = world.lp;
    let mut transport = world.transport.clone();
    let text = world.protocol.with(|logger: &mut Logger| {
        transport.abort();
        assert!(lp.run_until_complete(sleep(1.millis())).is_err());
        assert!(lp.close().is_err());
        assert!(world.protocol.with(|_: &mut Logger| ()).is_none());
        logger.trace.say("still here");
    });
    assert_eq!(text, Some(()));
    world.settle();
    world.lp.close().unwrap();
    world.trace.expect("connection_made false true\nstill here\nconnection_lost None");
}
