//! Borrows across suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod borrows {
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
    async fn fill(buffer: &mut [u8], with: u8) -> usize {
        for byte in buffer.iter_mut() {
            y().await;
            *byte = with;
        }
        buffer.len()
    }

    #[segno::coroutine]
    async fn locals() -> (usize, [u8; 8], u32) {
        let mut source = Source::new();
        let mut line = Line::new();
        let n = read_line(&mut source, &mut line).await;
        y().await;
        let m = read_line(&mut source, &mut line).await;
        (n + m, line.bytes, source.reads)
    }
    case!(locals());

    #[segno::coroutine]
    async fn reborrows(source: &mut Source, line: &mut Line) -> usize {
        let n = read_line(&mut *source, &mut *line).await;
        y().await;
        line.length = 0;
        n + read_line(source, line).await
    }
    case!(reborrows(&mut Source::new(), &mut Line::new()));

    #[segno::coroutine]
    async fn moved_after_a_borrow() -> (usize, u32) {
        let mut port = Port { source: Source::new(), line: Line::new(), token: T("token") };
        let n = read_line(&mut port.source, &mut port.line).await;
        port.token.a().await;
        y().await;
        drop(port.token);
        y().await;
        (n + port.line.length, port.source.reads)
    }
    dynamic_drop!(moved_after_a_borrow());

    #[segno::coroutine]
    async fn slices() -> [u8; 6] {
        let mut buffer = [0u8; 6];
        let n = 4;
        fill(&mut buffer[..n], 1).await;
        fill(&mut buffer[1..3], 2).await;
        let (left, right) = buffer.split_at_mut(3);
        fill(left, right.len() as u8).await;
        right[0] = fill(&mut right[1..], 9).await as u8;
        buffer
    }
    case!(slices());

    #[segno::coroutine]
    async fn reference_kept() -> u32 {
        let x = 5u32;
        let r = &x;
        y().await;
        let t = T("t");
        let u = &t;
        y().await;
        u.r();
        *r + x
    }
    case!(reference_kept());

    #[segno::coroutine]
    async fn mutable_reference_kept() -> [u32; 2] {
        let mut a = [1, 2];
        let r = &mut a;
        y().await;
        r[0] += child(10).await;
        let first = &mut r[1];
        y().await;
        *first *= 10;
        y().await;
        a
    }
    case!(mutable_reference_kept());

    #[segno::coroutine]
    async fn reference_to_a_reference() -> u32 {
        let x = 5u32;
        let r = &x;
        let rr = &r;
        y().await;
        **rr + get(*rr).await
    }
    case!(reference_to_a_reference());

    #[segno::coroutine]
    async fn iterator_over_a_local() -> u32 {
        let data = [1u32, 2, 3, 4];
        let mut iterator = data.iter();
        let mut sum = 0;
        while let Some(n) = iterator.next() {
            sum += child(*n).await;
            if sum > 4 {
                break;
            }
        }
        sum * 100 + iterator.next().copied().unwrap_or(0)
    }
    case!(iterator_over_a_local());

    #[segno::coroutine]
    async fn iterator_of_adaptors() -> Vec<u32> {
        let data = vec![1u32, 2, 3, 4];
        let offset = 10;
        let mut found = Vec::new();
        for n in data.iter().filter(|n| **n != 3).map(|n| n + offset) {
            y().await;
            found.push(n);
        }
        found
    }
    case!(iterator_of_adaptors());

    #[segno::coroutine]
    async fn borrowed_by_two_children() -> u32 {
        let x = 7u32;
        let a = get(&x);
        let b = get(&x);
        y().await;
        b.await + a.await + x
    }
    case!(borrowed_by_two_children());

    #[segno::coroutine]
    async fn borrowed_then_moved() -> u8 {
        let t = T("t");
        t.a().await;
        two(&t, T("other")).await;
        let u = t;
        y().await;
        u.taken().await
    }
    case!(borrowed_then_moved());

    #[segno::coroutine]
    async fn borrowed_in_a_loop() -> u32 {
        let mut sum = 0u32;
        for i in 0..3u32 {
            let mut local = i;
            bump(&mut local).await;
            bump(&mut sum).await;
            sum += local;
        }
        sum
    }
    case!(borrowed_in_a_loop());

    #[segno::coroutine]
    async fn bump(n: &mut u32) {
        y().await;
        *n += 1;
    }

    #[segno::coroutine]
    async fn owned_parameter_borrowed(mut source: Source, t: T) -> u8 {
        let a = read_byte(&mut source).await;
        t.a().await;
        let b = read_byte(&mut source).await;
        b - a + source.reads as u8
    }
    case!(owned_parameter_borrowed(Source::new(), T("t")));

    #[segno::coroutine]
    async fn string_slices(text: &str) -> usize {
        let owned = String::from(text);
        let (head, tail) = owned.split_once(' ').unwrap_or((&owned, ""));
        y().await;
        let trimmed = head.trim();
        log(trimmed);
        y().await;
        trimmed.len() * 10 + tail.len()
    }
    case!(string_slices("two words"));
}
