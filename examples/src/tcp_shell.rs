//! A shell over TCP: several clients at once, each with a task that reads lines and answers them.
//!
//! `count 100000` shows back-pressure: the shell writes no faster than its client reads, while others are served.

use core::fmt::Write;
use core::net::SocketAddr;

use heapless::String;
use segno::prelude::*;

/// The port, on a chip.
pub const PORT: u16 = 2323;

/// The longest line.
const LINE: usize = 128;

/// Received bytes that may wait: lines longer than half of it are refused.
const RECEIVE: usize = 2 * LINE;

/// Bytes that may wait to be sent.
const SEND: usize = 512;

const HELP: &[u8] = b"help | echo TEXT | time | count N | quit\n";

/// What becomes of the session.
enum Next {
    GoOn,
    Quit,
}

#[segno::coroutine]
async fn count(writer: &StreamWriter, text: &str) -> Result<(), LineError> {
    let Ok(last) = text.parse::<u32>() else { return writer.write_all(b"error: not a number\n").await };
    for n in 1..=last {
        let mut line = String::<16>::new();
        writeln!(line, "{n}").ok();
        // Waits while the client does not read.
        writer.write_all(line.as_bytes()).await?;
    }
    Ok(())
}

#[segno::coroutine]
async fn answer(lp: &'static EventLoop, writer: &StreamWriter, line: &str) -> Result<Next, LineError> {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    match command {
        "" => {}
        "help" => writer.write_all(HELP).await?,
        "echo" => {
            writer.write_all(rest.as_bytes()).await?;
            writer.write_all(b"\n").await?;
        }
        "time" => {
            let mut text = String::<32>::new();
            writeln!(text, "{} ms", lp.time().as_ticks() / 1000).ok();
            writer.write_all(text.as_bytes()).await?;
        }
        "count" => count(writer, rest).await?,
        "quit" => return Ok(Next::Quit),
        _ => writer.write_all(b"error: what? try `help`\n").await?,
    }
    Ok(Next::GoOn)
}

#[segno::coroutine]
async fn serve(lp: &'static EventLoop, reader: &StreamReader, writer: &StreamWriter) -> Result<(), LineError> {
    let mut line = [0; LINE];
    loop {
        writer.write_all(b"> ").await?;
        let length = match reader.readline(&mut line).await {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(ReadError::Lost(error)) => return Err(error),
            Err(_) => {
                writer.write_all(b"error: the line is too long\n").await?;
                continue;
            }
        };
        match core::str::from_utf8(&line[..length]) {
            Ok(text) => {
                if let Next::Quit = answer(lp, writer, text.trim_end()).await? {
                    return Ok(());
                }
            }
            Err(_) => writer.write_all(b"error: not UTF-8\n").await?,
        }
    }
}

/// The task of one client.
#[segno::coroutine]
async fn session(lp: &'static EventLoop, reader: StreamReader, writer: StreamWriter) {
    // A client that is gone needs no answer.
    serve(lp, &reader, &writer).await.ok();
    writer.close();
}

#[segno::coroutine]
async fn listen(lp: &'static EventLoop, network: impl Network, local: SocketAddr) -> Result<(), LineError> {
    let connected = move |reader, writer| session(lp, reader, writer);
    let server = lp.start_server::<RECEIVE, SEND>(network, connected, local)?;
    println!("tcp_shell on {}", server.address());
    println!("net up");
    server.serve_forever().await;
    Ok(())
}

/// Serves for ever, on `local`.
pub fn main(lp: &'static EventLoop, network: impl Network, local: SocketAddr) {
    match lp.run_until_complete(listen(lp, network, local)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => println!("error: {error}"),
        Err(error) => println!("error: {error}"),
    }
    lp.close().ok();
}
