//! Several tasks that drain one writer: who goes on when, cancelled ones, a line that is lost or closing, an error of the
//! reader. The line takes bytes in the turns after it is told to, which is an interrupt here; so turns are not compared.

use segno::prelude::*;
use segno_tests::conformance::{Repr, Reraise, catching, conforms, outcome, run, turn};
use segno_tests::log;
use segno_tests::memtransport::Wire;

use super::show;

#[segno::coroutine]
async fn opened(lp: &'static EventLoop) -> (Wire, StreamReader, StreamWriter) {
    let wire = Wire::default();
    let (reader, writer) = lp.open_stream::<16, 64>(wire.clone()).await.unwrap();
    writer.transport().clone().set_write_buffer_limits(Some(4), Some(2)).unwrap();
    (wire, reader, writer)
}

fn accept(wire: &Wire, count: usize) {
    log!("the line takes {count}");
    wire.accept(count);
}

#[segno::coroutine]
async fn drains(tag: &'static str, writer: StreamWriter, data: &'static [u8]) {
    // What is written to a line that was lost is ignored.
    writer.write(data).ok();
    log!("{tag} wrote {}", data.len());
    match catching(writer.drain()).await {
        Ok(Ok(())) => log!("{tag} drained"),
        Ok(Err(LineError::BrokenPipe)) => log!("{tag} BrokenPipeError"),
        Ok(Err(LineError::ConnectionReset)) => log!("{tag} ConnectionResetError"),
        Ok(Err(error)) => log!("{tag} {error:?}"),
        Err(Cancelled) => {
            log!("{tag} cancelled");
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn more(tag: &'static str, writer: StreamWriter) {
    drains(tag, writer.clone(), b"12345").await;
    writer.write(b"......").unwrap();
    log!("{tag} writes more, buffered {}", writer.transport().get_write_buffer_size());
}

#[segno::coroutine]
async fn go_on(lp: &'static EventLoop) {
    log!("--- at most the high mark: no turn is spent");
    let (wire, _reader, writer) = opened(lp).await;
    let transport = writer.transport();
    let n = turn();
    drains("main", writer.clone(), b"1234").await;
    log!("turns {} buffered {}", turn() - n, transport.get_write_buffer_size());
    log!("--- above it: all wait until the low mark, and go on in their order");
    let tasks = [("a", &b"5"[..]), ("b", b"678"), ("c", b"")]
        .map(|(tag, data)| lp.create_task(drains(tag, writer.clone(), data)).unwrap());
    sleep(1.millis()).await;
    for count in [5, 1] {
        accept(&wire, count);
        sleep(1.millis()).await;
        log!("{} buffered {}", show(&tasks), transport.get_write_buffer_size());
    }
    log!("sent {}", wire.bytes().repr());
    log!("--- who is cancelled goes alone");
    let tasks = ["a", "b", "c"].map(|tag| lp.create_task(drains(tag, writer.clone(), b"xy")).unwrap());
    sleep(1.millis()).await;
    log!("cancel {}", tasks[1].cancel().repr());
    sleep(1.millis()).await;
    log!("{}", show(&tasks));
    accept(&wire, 8);
    sleep(1.millis()).await;
    log!("{} sent {}", show(&tasks), wire.bytes().repr());
    log!("--- the first one fills it again before the second one runs, which goes on all the same");
    let tasks = ["a", "b"].map(|tag| lp.create_task(more(tag, writer.clone())).unwrap());
    sleep(1.millis()).await;
    accept(&wire, 8);
    sleep(1.millis()).await;
    log!("{} buffered {}", show(&tasks), transport.get_write_buffer_size());
    log!("--- a limit");
    if wait_for(writer.drain(), 3.millis()).await.is_err() {
        log!("TimeoutError");
    }
    log!("--- the line is lost, with an error and without");
    let _tasks = ["a", "b"].map(|tag| lp.create_task(drains(tag, writer.clone(), b"")).unwrap());
    sleep(1.millis()).await;
    wire.fail(LineError::BrokenPipe);
    sleep(1.millis()).await;
    drains("late", writer.clone(), b"").await;
}

#[segno::coroutine]
async fn writes(tag: &'static str, writer: StreamWriter) -> &'static str {
    for i in 0..3 {
        writer.write(format!("{tag}{i}.").as_bytes()).unwrap();
        log!("{tag} wrote {i} buffered {}", writer.transport().get_write_buffer_size());
        writer.drain().await.unwrap();
    }
    tag
}

#[segno::coroutine]
async fn in_turns(lp: &'static EventLoop) {
    log!("--- three that write and drain again and again");
    let (wire, _reader, writer) = opened(lp).await;
    let tasks = ["a", "b", "c"].map(|tag| lp.create_task(writes(tag, writer.clone())).unwrap());
    while !tasks.iter().all(Task::done) {
        sleep(1.millis()).await;
        accept(&wire, 4);
    }
    sleep(1.millis()).await;
    accept(&wire, 9);
    sleep(1.millis()).await;
    log!("{} sent {}", show(&tasks), wire.bytes().repr());
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    go_on(lp).await;
    let (_wire, _reader, writer) = opened(lp).await;
    let _tasks = ["a", "b"].map(|tag| lp.create_task(drains(tag, writer.clone(), b"123")).unwrap());
    sleep(1.millis()).await;
    writer.transport().clone().abort();
    sleep(1.millis()).await;
    drains("late", writer, b"").await;
    log!("--- closing: one turn is spent first, in which it may be lost");
    let (_wire, _reader, writer) = opened(lp).await;
    writer.close();
    let n = turn();
    drains("main", writer, b"").await;
    log!("turns {}", turn() - n);
    log!("--- closing with something to send: below the high mark, and above it");
    for data in [&b"123"[..], b"12345"] {
        let (wire, _reader, writer) = opened(lp).await;
        writer.write(data).unwrap();
        writer.close();
        let task = lp.create_task(drains("closing", writer.clone(), b"")).unwrap();
        sleep(1.millis()).await;
        log!("{} {}", outcome(&task), writer.is_closing().repr());
        accept(&wire, 5);
        sleep(1.millis()).await;
        log!("{} sent {}", outcome(&task), wire.bytes().repr());
        drains("late", writer, b"").await;
    }
    in_turns(lp).await;
    log!("--- what the reader was told of comes out");
    let (_wire, reader, writer) = opened(lp).await;
    reader.set_exception(LineError::ConnectionReset);
    drains("main", writer, b"12345").await;
}

#[test]
fn writers_that_are_drained() {
    conforms(include_str!("../../traces/programs/drains.out"), || run(main));
}
