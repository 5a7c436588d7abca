//! Readers that are fed, ended, broken and cancelled in one step, or limited at the tick at which something comes; and what is
//! left.

use segno::prelude::*;
use segno::streams::ReadError;
use segno_tests::conformance::{Repr, Reraise, at, catching, conforms, now, outcome, run};
use segno_tests::logn;

use super::next_turn;

const WAYS: [&str; 5] = ["line", "exactly", "until", "some", "all"];

/// What was read, at most this many bytes.
type Data = [u8; 64];

#[segno::coroutine]
async fn call(r: &StreamReader, how: &str, data: &mut Data) -> Result<usize, ReadError> {
    match how {
        "line" => r.readline(data).await,
        "exactly" => r.readexactly(&mut data[..4]).await.map(|()| 4),
        "until" => r.readuntil(b";", data).await,
        "some" => r.read(&mut data[..3]).await,
        _ => r.read_to_end(data).await,
    }
}

#[segno::coroutine]
async fn call_limited(
    r: &StreamReader,
    how: &str,
    limit: Option<u64>,
    data: &mut Data,
) -> Result<Result<usize, ReadError>, TimedOut> {
    match limit {
        Some(limit) => wait_for(call(r, how, data), limit.millis()).await,
        None => Ok(call(r, how, data).await),
    }
}

fn text(data: &[u8]) -> &str {
    std::str::from_utf8(data).unwrap().trim()
}

#[segno::coroutine]
async fn reads(r: StreamReader, how: &'static str, limit: Option<u64>) {
    let mut data = [0; 64];
    match catching(call_limited(&r, how, limit, &mut data)).await {
        Ok(Ok(Ok(count))) => logn!("{how} {} {}", text(&data[..count]), r.at_eof().repr()),
        Ok(Ok(Err(ReadError::Incomplete { partial, expected }))) => {
            let expected = expected.map(|expected| expected as i32).repr();
            logn!("{how} incomplete {} {expected}", text(&data[..partial]));
        }
        Ok(Ok(Err(ReadError::LimitOverrun { consumed }))) => logn!("{how} overrun {consumed}"),
        Ok(Ok(Err(ReadError::Lost(_)))) => logn!("{how} OSError"),
        Ok(Ok(Err(_))) => logn!("{how} ValueError"),
        Ok(Err(TimedOut)) => logn!("{how} TimeoutError"),
        Err(Cancelled) => {
            logn!("{how} cancelled");
            Reraise.await;
        }
    }
}

fn fed(lp: &'static EventLoop, data: &[u8]) -> StreamReader {
    let r = StreamReader::new::<64>(lp).unwrap();
    r.set_limit(16).unwrap();
    r.feed_data(data).unwrap();
    r
}

fn act(r: &StreamReader, word: &str, task: Option<&Task<()>>) {
    match word {
        "cancel" => logn!("cancel {}", task.unwrap().cancel().repr()),
        "eof" => r.feed_eof(),
        "error" => r.set_exception(LineError::Other),
        word => {
            r.feed_data(word.as_bytes()).unwrap();
            if word.ends_with(';') {
                r.feed_data(b"\n").unwrap();
            }
        }
    }
}

#[segno::coroutine]
async fn rest(r: StreamReader) {
    if r.exception().is_some() {
        logn!("broken");
        return;
    }
    r.feed_eof();
    while !r.at_eof() {
        reads(r.clone(), "some", None).await;
    }
}

#[segno::coroutine]
async fn one_step(lp: &'static EventLoop, how: &'static str, words: &str) {
    let r = fed(lp, if how != "some" && how != "all" { b"ab" } else { b"" });
    let task = lp.create_task(reads(r.clone(), how, None)).unwrap();
    sleep(1.millis()).await;
    for word in words.split(' ') {
        act(&r, word, Some(&task));
    }
    sleep(1.millis()).await;
    logn!("{words} {}", outcome(&task));
    if !task.done() {
        task.cancel();
        wait(&[&task]).await;
    }
    rest(r).await;
}

#[segno::coroutine]
async fn at_the_limit(lp: &'static EventLoop, how: &'static str, word: &'static str, early: bool) {
    let r = fed(lp, b"");
    let when = at(now() as i64 + 3);
    let fed = r.clone();
    let comes = move |_: &'static EventLoop| act(&fed, word, None);
    if early {
        lp.call_at(when, comes.clone()).unwrap();
    }
    let task = lp.create_task(reads(r.clone(), how, Some(3))).unwrap();
    next_turn().await;
    if !early {
        lp.call_at(when, comes).unwrap();
    }
    wait(&[&task]).await;
    rest(r).await;
}

#[segno::coroutine]
async fn all_of_them(r: StreamReader) {
    for how in WAYS {
        reads(r.clone(), how, None).await;
    }
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    for how in WAYS {
        logn!("--- {how}");
        for words in [
            "cd; cancel",
            "cancel cd;",
            "c cancel",
            "c d;",
            "cd; eof",
            "c eof",
            "eof cancel",
            "cancel eof",
            "cd; error",
            "error cd;",
            "error cancel",
            "cancel error",
            "cd; ef;",
        ] {
            one_step(lp, how, words).await;
        }
        for word in ["abc;", "eof", "error"] {
            for early in [true, false] {
                at_the_limit(lp, how, word, early).await;
            }
        }
    }
    logn!("--- one after another, while more comes");
    let r = fed(lp, b"");
    let task = lp.create_task(all_of_them(r.clone())).unwrap();
    for word in ["on", "e;", "fo", "ur", "fi", "ve;x", "six", "se", "ven", "eof"] {
        sleep(1.millis()).await;
        act(&r, word, None);
    }
    wait(&[&task]).await;
    logn!("--- two at a time");
    let r = fed(lp, b"");
    let task = lp.create_task(reads(r.clone(), "some", None)).unwrap();
    next_turn().await;
    let mut data = [0; 64];
    for how in ["some", "line", "exactly", "until", "all"] {
        if call(&r, how, &mut data).await == Err(ReadError::AlreadyReading) {
            logn!("{how} RuntimeError");
        }
    }
    task.cancel();
    wait(&[&task]).await;
    act(&r, "free;", None);
    reads(r, "line", None).await;
    logn!("--- broken before it is read; ended before");
    for word in ["error", "eof"] {
        for how in WAYS {
            let r = fed(lp, b"ab");
            act(&r, word, None);
            reads(r.clone(), how, None).await;
            reads(r, how, None).await;
        }
    }
}

#[test]
fn readers_in_one_step() {
    conforms(include_str!("../../traces/programs/readers.out"), || run(main));
}
