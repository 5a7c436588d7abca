//! Pipes and child processes of the host, against asyncio's trace: see the conformance tests of transports.

use std::time::{Duration, Instant};

use segno::prelude::*;
use segno::println;
use segno::process::{NoProcesses, Processes};
use segno::protocol::{BaseProtocol, SubprocessProtocol};
use segno::transport::{SubprocessHandle, SubprocessTransport};
use segno_sim::{Board, HostProcesses, Sim};

fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn cause(cause: Option<LineError>) -> String {
    cause.map_or("None".into(), |error| error.to_string())
}

struct R;

impl Protocol for R {
    fn connection_made(&mut self, _: &mut dyn Transport) {
        println!("read pipe: connection_made");
    }

    fn data_received(&mut self, _: &mut dyn Transport, data: &[u8]) {
        println!("read pipe: data b'{}'", data.escape_ascii());
    }

    fn eof_received(&mut self, _: &mut dyn Transport) -> bool {
        println!("read pipe: eof_received");
        false
    }

    fn connection_lost(&mut self, reason: Option<LineError>) {
        println!("read pipe: connection_lost {}", cause(reason));
    }
}

struct W;

impl BaseProtocol for W {
    fn connection_made(&mut self, _: &mut dyn WriteTransport) {
        println!("write pipe: connection_made");
    }

    fn connection_lost(&mut self, reason: Option<LineError>) {
        println!("write pipe: connection_lost {}", cause(reason));
    }
}

/// The scenario's protocol: notes what happens.
#[derive(Default)]
struct S {
    events: Vec<String>,
    out: [Vec<u8>; 3],
}

impl SubprocessProtocol for S {
    fn connection_made(&mut self, _: &mut dyn SubprocessTransport) {
        self.events.push("connection_made".into());
    }

    fn pipe_data_received(&mut self, fd: u8, data: &[u8]) {
        self.out[usize::from(fd)].extend(data);
        self.events.push(format!("data{fd}"));
    }

    fn pipe_connection_lost(&mut self, fd: u8, _: Option<LineError>) {
        self.events.push(format!("lost{fd}"));
    }

    fn process_exited(&mut self) {
        self.events.push("process_exited".into());
    }

    fn connection_lost(&mut self, _: Option<LineError>) {
        self.events.push("connection_lost".into());
    }
}

impl S {
    fn count(&self, event: &str) -> usize {
        self.events.iter().filter(|name| *name == event).count()
    }

    /// The scenario's rules of order.
    fn check(&self) {
        let first = self.events.first().is_some_and(|event| event == "connection_made");
        println!("first is connection_made: {}", python(first));
        let last = self.events.last().is_some_and(|event| event == "connection_lost");
        println!("last is connection_lost: {} once: {}", python(last), python(self.count("connection_lost") == 1));
        println!("process_exited once: {}", python(self.count("process_exited") == 1));
        for fd in 0..3 {
            let lost = format!("lost{fd}");
            if let Some(place) = self.events.iter().position(|event| *event == lost) {
                let quiet = !self.events[place..].contains(&format!("data{fd}"));
                println!("fd {fd}: lost once: {} no data after it: {}", python(self.count(&lost) == 1), python(quiet));
            }
        }
    }
}

fn returncode(transport: &SubprocessHandle) -> String {
    transport.get_returncode().map_or("None".into(), |code| code.to_string())
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop, processes: HostProcesses) {
    let (r, w) = processes.pipe().unwrap();
    let (rt, _) = lp.connect_read_pipe::<64>(r, R).await.unwrap();
    let (mut wt, _) = lp.connect_write_pipe::<64>(w, W).await.unwrap();
    wt.write(b"through the pipe").unwrap();
    sleep(20.millis()).await;
    wt.close();
    rt.wait_closed().await;

    println!("--- child process: echo stdin to stdout in upper case, a line to stderr, exit 3");
    let code = "tr a-z A-Z; printf err >&2; exit 3";
    let (tr, p) = lp.subprocess_shell(&processes, S::default(), code).unwrap();
    println!("pid is int: {} returncode {}", python(tr.get_pid() > 1), returncode(&tr));
    let mut pin = tr.get_pipe_transport(0).unwrap();
    pin.write(b"some input").unwrap();
    pin.write_eof().unwrap();
    tr.wait_closed().await;
    p.with(|p: &mut S| {
        let [_, out, err] = &p.out;
        let out = format!("{{1: b'{}', 2: b'{}'}}", out.escape_ascii(), err.escape_ascii());
        println!("connection_lost got None returncode {} out {out}", returncode(&tr));
        p.check();
    })
    .unwrap();

    println!("--- terminate");
    let (mut tr, p) = lp.subprocess_exec(&processes, S::default(), "sleep", &["60"]).unwrap();
    tr.terminate().unwrap();
    tr.wait_closed().await;
    println!("returncode {}", returncode(&tr));
    p.with(|p: &mut S| p.check()).unwrap();
    tr.close();
    println!("is_closing {}", python(tr.is_closing()));
    if tr.kill() == Err(LineError::NotFound) {
        println!("kill after the end: ProcessLookupError");
    }

    println!("--- close() on a running child kills it");
    let (mut tr, _) = lp.subprocess_exec(&processes, S::default(), "sleep", &["60"]).unwrap();
    tr.close();
    tr.wait_closed().await;
    println!("returncode {}", returncode(&tr));
}

#[test]
fn s36_pipes_and_processes() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(scenario(lp, board.host_processes())).unwrap();
    });
    let start = Instant::now();
    sim.try_run(None).unwrap();
    assert_eq!(node.console(), include_str!("../../../tests/traces/36.out"));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// More than a pipe holds, and a process that reads slowly: through a buffer of 4 KiB.
#[segno::coroutine]
async fn cat(lp: &'static EventLoop, processes: HostProcesses, count: usize) {
    let (tr, p) = lp.subprocess_exec(&processes, S::default(), "cat", &[]).unwrap();
    let mut pin = tr.get_pipe_transport(0).unwrap();
    let bytes: Vec<u8> = (0..count).map(|n| (n % 251) as u8).collect();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        match pin.write(rest) {
            Ok(()) => rest = &[],
            Err(WriteError::Full { written }) => rest = &rest[written..],
            Err(error) => panic!("{error}"),
        }
        sleep(1.millis()).await;
    }
    pin.write_eof().unwrap();
    tr.wait_closed().await;
    assert_eq!(tr.get_returncode(), Some(0));
    assert!(p.with(|p: &mut S| p.out[1] == bytes).unwrap());
    println!("{count} bytes");
}

#[test]
fn a_process_gives_everything_back() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(cat(lp, board.host_processes(), 1_000_000)).unwrap();
    });
    sim.try_run(None).unwrap();
    assert_eq!(node.console(), "1000000 bytes\n");
}

fn start_on(lp: &'static EventLoop, processes: &impl Processes) -> Option<LineError> {
    lp.subprocess_exec(processes, S::default(), "/no such program", &[]).map(drop).err()
}

#[test]
fn what_cannot_be_started_is_said() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board: Board| {
        let lp = board.event_loop();
        println!("{:?} on the host", start_on(lp, &board.host_processes()));
        println!("{:?} on a chip", start_on(lp, &NoProcesses));
    });
    sim.try_run(None).unwrap();
    assert_eq!(node.console(), "Some(NotFound) on the host\nSome(Unsupported) on a chip\n");
}

/// Ends, pauses and late reads of processes; asyncio's own tests of them.
#[segno::coroutine(allow_large)]
async fn ends(lp: &'static EventLoop, processes: HostProcesses) {
    // Its pipe is read when it has long exited.
    let (tr, p) = lp.subprocess_shell(&processes, S::default(), "echo late").unwrap();
    let mut output = tr.get_pipe_transport(1).unwrap();
    output.pause_reading();
    sleep(300.millis()).await;
    let read = p.with(|p: &mut S| (p.count("process_exited"), p.out[1].len(), p.count("connection_lost"))).unwrap();
    println!("paused: {read:?}");
    output.resume_reading();
    tr.wait_closed().await;
    p.with(|p: &mut S| println!("then: {:?}", String::from_utf8_lossy(&p.out[1]))).unwrap();
    // One that runs is killed by `close`, one that has exited is not.
    let (mut tr, _) = lp.subprocess_exec(&processes, S::default(), "sleep", &["100"]).unwrap();
    tr.close();
    tr.wait_closed().await;
    println!("closed: {}", returncode(&tr));
    let (mut tr, p) = lp.subprocess_shell(&processes, S::default(), "exit 3").unwrap();
    while p.with(|p: &mut S| p.count("process_exited")) == Some(0) {
        sleep(1.millis()).await;
    }
    tr.close();
    tr.wait_closed().await;
    println!("exited: {} {:?} {:?}", returncode(&tr), tr.kill(), tr.send_signal(15));
}

#[test]
fn ends_of_processes() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(ends(lp, board.host_processes())).unwrap();
    });
    sim.try_run(None).unwrap();
    let expected = "paused: (1, 0, 0)\nthen: \"late\\n\"\nclosed: -9\nexited: 3 Err(NotFound) Err(NotFound)\n";
    assert_eq!(node.console(), expected);
}

/// Pipes whose other end goes, and ends that come behind what is buffered.
#[segno::coroutine]
async fn pipes(lp: &'static EventLoop, processes: HostProcesses) {
    let (r, w) = processes.pipe().unwrap();
    let (mut wt, _) = lp.connect_write_pipe::<64>(w, W).await.unwrap();
    // Nobody reads any more, and nothing is lost by it: as asyncio, no error.
    drop(r);
    wt.wait_closed().await;
    println!("{:?}", wt.write(b"x"));
    let (r, w) = processes.pipe().unwrap();
    let (mut wt, _) = lp.connect_write_pipe::<60_000>(w, W).await.unwrap();
    // More than the pipe takes, and its end behind it.
    let mut accepted = 0;
    while wt.get_write_buffer_size() == 0 {
        wt.write(&[b'x'; 50_000]).unwrap();
        accepted += 50_000;
    }
    wt.write_eof().unwrap();
    let (reader, _) = lp.open_stream::<4096, 8>(r).await.unwrap();
    let mut all = vec![0; 300_000];
    let count = reader.read_to_end(&mut all).await.unwrap();
    println!("all came: {}", count == accepted);
    wt.wait_closed().await;
    let (r, w) = processes.pipe().unwrap();
    let (mut rt, _) = lp.connect_read_pipe::<64>(r, R).await.unwrap();
    rt.close();
    rt.pause_reading();
    rt.resume_reading();
    println!("reading: {}", rt.is_reading());
    rt.wait_closed().await;
    drop(w);
}

#[test]
fn ends_of_pipes() {
    let mut sim = Sim::new(1);
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(pipes(lp, board.host_processes())).unwrap();
    });
    sim.try_run(None).unwrap();
    let expected = "write pipe: connection_made\nwrite pipe: connection_lost None\nErr(Closed)\n\
                    write pipe: connection_made\nwrite pipe: connection_lost None\nall came: true\n\
                    read pipe: connection_made\nreading: false\nread pipe: connection_lost None\n";
    assert_eq!(node.console(), expected);
}
