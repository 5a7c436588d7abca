//! What comes from outside of the loop: threads, signals, files. Against asyncio's trace: see the conformance tests of the
//! loop.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration as StdDuration, Instant as StdInstant};

use rustix::process::{Signal as Number, getpid, kill_process};
use segno::prelude::*;
use segno::println;
use segno_sim::{Board, Sim};

fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn bytes(calls: &[Vec<u8>]) -> String {
    calls.iter().map(|call| format!("b'{}'", call.escape_ascii())).collect::<Vec<_>>().join(", ")
}

fn socketpair() -> (UnixStream, UnixStream) {
    let pair = UnixStream::pair().unwrap();
    pair.0.set_nonblocking(true).unwrap();
    pair.1.set_nonblocking(true).unwrap();
    pair
}

fn from_thread(remote: Remote, order: Arc<Mutex<Vec<u8>>>, woke: Arc<Event>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        thread::sleep(StdDuration::from_millis(20));
        for i in 0..3 {
            let order = order.clone();
            remote.call_soon(move |_| order.lock().unwrap().push(i)).unwrap();
        }
        remote.call_soon(move |_| woke.set()).unwrap();
    })
}

/// Takes only a part of the data.
fn readable(mut from: UnixStream, calls: Rc<RefCell<Vec<Vec<u8>>>>, done: Rc<Event>) -> impl FnMut(&'static EventLoop) {
    move |_| {
        let mut buffer = [0; 2];
        let count = from.read(&mut buffer).unwrap();
        calls.borrow_mut().push(buffer[..count].to_vec());
        if calls.borrow().iter().map(Vec::len).sum::<usize>() == 6 {
            done.set();
        }
    }
}

#[segno::coroutine]
async fn scenario(lp: &'static EventLoop, board: Board) {
    println!("--- another thread wakes a sleeping loop");
    let woke = Arc::new(Event::new());
    let order = Arc::new(Mutex::new(Vec::new()));
    let thread = from_thread(lp.remote(), order.clone(), woke.clone());
    wait_for(woke.wait(), 5.secs()).await.unwrap();
    thread.join().unwrap();
    println!("order kept: {:?}", order.lock().unwrap());

    println!("--- a signal handler runs as an ordinary loop callback");
    let got: Rc<Event> = Rc::default();
    let usr1 = board.host_signal(Number::USR1.as_raw()).unwrap();
    let set = got.clone();
    lp.add_signal_handler(usr1.signal(), move |_| {
        println!("handler called from the loop");
        set.set();
    })
    .unwrap();
    kill_process(getpid(), Number::USR1).unwrap();
    println!("kill() returned, handler has not run yet: {}", python(!got.is_set()));
    wait_for(got.wait(), 5.secs()).await.unwrap();
    println!(
        "remove -> {} {}",
        python(lp.remove_signal_handler(usr1.signal())),
        python(lp.remove_signal_handler(usr1.signal()))
    );
    if let Err(LineError::Unsupported) = board.host_signal(Number::KILL.as_raw()).map(drop) {
        println!("SIGKILL: RuntimeError");
    }

    println!("--- add_reader is level-triggered: called once per iteration while data is there");
    let (mut a, b) = socketpair();
    let (writes, reads) = (board.host_device(&a).unwrap(), board.host_device(&b).unwrap());
    let calls: Rc<RefCell<Vec<Vec<u8>>>> = Rc::default();
    let done: Rc<Event> = Rc::default();
    lp.add_reader(reads.clone(), readable(b.try_clone().unwrap(), calls.clone(), done.clone())).unwrap();
    a.write_all(b"abcdef").unwrap();
    done.wait().await;
    println!("calls [{}]", bytes(&calls.borrow()));
    println!("remove_reader -> {} {}", python(lp.remove_reader(&reads)), python(lp.remove_reader(&reads)));

    println!("--- a second add_reader replaces the first");
    let hits: Rc<RefCell<Vec<&str>>> = Rc::default();
    let event: Rc<Event> = Rc::default();
    let old = hits.clone();
    lp.add_reader(reads.clone(), move |_| old.borrow_mut().push("old")).unwrap();
    let (new, set, mut from) = (hits.clone(), event.clone(), b.try_clone().unwrap());
    lp.add_reader(reads.clone(), move |_| {
        new.borrow_mut().push("new");
        assert_eq!(from.read(&mut [0; 10]).unwrap(), 1);
        set.set();
    })
    .unwrap();
    a.write_all(b"x").unwrap();
    event.wait().await;
    println!("['{}']", hits.borrow().join("', '"));
    lp.remove_reader(&reads);

    println!("--- add_writer fires at once while there is room");
    let writable: Rc<Event> = Rc::default();
    let set = writable.clone();
    lp.add_writer(writes.clone(), move |_| set.set()).unwrap();
    writable.wait().await;
    println!("writable; remove_writer -> {} {}", python(lp.remove_writer(&writes)), python(lp.remove_writer(&writes)));
}

#[test]
fn s39_threads_signals_and_files() {
    let mut sim = Sim::new(1);
    sim.realtime();
    let node = sim.node("host", |board| {
        let lp = board.event_loop();
        lp.run_until_complete(scenario(lp, board)).unwrap();
    });
    let start = StdInstant::now();
    sim.try_run(None).unwrap();
    assert_eq!(node.console(), include_str!("../../../tests/traces/39.out"));
    assert!(start.elapsed() < StdDuration::from_secs(30), "{:?}", start.elapsed());
}
