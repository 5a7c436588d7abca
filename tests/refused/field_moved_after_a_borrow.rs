// A field is moved out of a variable that was borrowed across a suspension. rustc's `async fn` accepts it.

use segno_tests::*;

#[derive(Debug)]
struct Source {
    next: u8,
    reads: u32,
}

#[derive(Debug)]
struct Line {
    bytes: [u8; 8],
    length: usize,
}

#[derive(Debug)]
struct Port {
    source: Source,
    line: Line,
    token: T,
}

impl Source {
    fn new() -> Self {
        Source { next: b'a', reads: 0 }
    }
}

impl Line {
    fn new() -> Self {
        Line { bytes: [0; 8], length: 0 }
    }
}

#[segno::coroutine]
async fn read_byte(source: &mut Source) -> u8 {
    y().await;
    source.reads += 1;
    source.next += 1;
    source.next - 1
}

#[segno::coroutine]
async fn read_line(source: &mut Source, line: &mut Line) -> usize {
    for _ in 0..3 {
        line.bytes[line.length] = read_byte(source).await;
        line.length += 1;
    }
    line.length
}

#[segno::coroutine]
async fn fields() -> (usize, u32) {
    let mut port = Port { source: Source::new(), line: Line::new(), token: T("token") };
    let n = read_line(&mut port.source, &mut port.line).await;
    port.token.a().await;
    y().await;
    drop(port.token);
    y().await;
    (n + port.line.length, port.source.reads)
}

fn main() {
    run(fields());
}
