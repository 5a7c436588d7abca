//! `for`.

use segno_tests::both_worlds;

#[both_worlds]
mod for_loops {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    #[segno::coroutine]
    async fn range() -> u32 {
        let mut sum = 0;
        for i in 0..4u32 {
            sum += child(i).await;
        }
        for i in (1..=2u32).rev() {
            sum += i;
            y().await;
        }
        sum
    }
    case!(range());

    #[segno::coroutine]
    async fn array_by_value() {
        let _g = T("g");
        for t in [T("i1"), T("i2"), T("i3")] {
            y().await;
            log("it");
        }
        log("after");
    }
    case!(array_by_value());

    #[segno::coroutine]
    async fn array_by_value_with_break() {
        for t in [T("i1"), T("i2"), T("i3")] {
            y().await;
            if t.0 == "i2" {
                break;
            }
        }
        log("after");
        y().await;
    }
    case!(array_by_value_with_break());

    #[segno::coroutine]
    async fn array_by_value_from_a_variable() {
        let a = T("a");
        let array = [T("i1"), T("i2")];
        y().await;
        for t in array {
            drop(t);
            y().await;
            log("round");
        }
        log("after");
    }
    case!(array_by_value_from_a_variable());

    #[segno::coroutine]
    async fn by_reference() -> u32 {
        let numbers = [1u32, 2, 3];
        let mut sum = 0;
        for n in &numbers {
            sum += child(*n).await;
        }
        sum + numbers[0]
    }
    case!(by_reference());

    #[segno::coroutine]
    async fn by_iter(tokens: [T; 2]) -> u32 {
        let mut n = 0;
        for (i, t) in tokens.iter().enumerate() {
            t.a().await;
            n += i as u32;
        }
        y().await;
        n
    }
    case!(by_iter([T("t0"), T("t1")]));

    #[segno::coroutine]
    async fn by_iter_mut() -> [u32; 3] {
        let mut numbers = [1u32, 2, 3];
        for n in numbers.iter_mut() {
            *n += child(10).await;
        }
        for n in &mut numbers {
            y().await;
            *n *= 2;
        }
        numbers
    }
    case!(by_iter_mut());

    #[segno::coroutine]
    async fn over_a_parameter(numbers: &[u32], out: &mut [u32]) -> u32 {
        let mut sum = 0;
        for (&n, o) in numbers.iter().zip(out.iter_mut()) {
            *o = child(n).await + 1;
            sum += *o;
        }
        sum + out[0]
    }
    case!(over_a_parameter(&[1, 2], &mut [0, 0]));

    #[segno::coroutine]
    async fn over_an_await() -> u32 {
        let mut sum = 0;
        for n in id([1u32, 2]).await {
            sum += n;
            y().await;
        }
        sum
    }
    case!(over_an_await());

    #[segno::coroutine]
    async fn with_patterns() -> u32 {
        let mut sum = 0;
        for (i, (a, _)) in [(1u32, T("x")), (2, T("y"))].into_iter().enumerate() {
            y().await;
            sum += a * 10 + i as u32;
        }
        for _ in 0..2 {
            y().await;
        }
        for mut n in [1u32, 2] {
            n += 1;
            y().await;
            sum += n;
        }
        sum
    }
    case!(with_patterns());

    #[segno::coroutine]
    async fn nested_with_labels() -> u32 {
        let mut sum = 0;
        'rows: for row in 0..3u32 {
            let _row = T("row");
            for column in 0..3u32 {
                let _column = T("column");
                y().await;
                if column > row {
                    continue 'rows;
                }
                if row == 2 {
                    break 'rows;
                }
                sum += row * 3 + column;
            }
        }
        sum
    }
    case!(nested_with_labels());

    #[segno::coroutine]
    async fn return_from_inside() -> u32 {
        for t in [T("i1"), T("i2"), T("i3")] {
            let _g = T("g");
            y().await;
            if t.0 == "i2" {
                return child(5).await;
            }
        }
        0
    }
    case!(return_from_inside());

    #[segno::coroutine]
    async fn over_a_temporary_borrow() -> u32 {
        let mut n = 0;
        for c in T("temporary").name().iter() {
            y().await;
            log(**c);
            n += 1;
        }
        log("after");
        n
    }
    case!(over_a_temporary_borrow());

    #[segno::coroutine]
    async fn empty_and_without_await() -> u32 {
        let mut sum = 0;
        for i in 0..0u32 {
            sum += child(i).await;
        }
        for i in 0..3u32 {
            sum += i;
        }
        y().await;
        sum
    }
    case!(empty_and_without_await());

    #[segno::coroutine]
    async fn chunks_of_a_local() -> u32 {
        let data = [1u8, 2, 3, 4, 5];
        let mut sum = 0;
        for chunk in data.chunks(2) {
            y().await;
            sum = sum * 10 + chunk.iter().map(|&n| n as u32).sum::<u32>();
        }
        sum
    }
    case!(chunks_of_a_local());

    /// What the pattern leaves is dropped behind what it binds.
    #[segno::coroutine]
    async fn rest_of_an_item() -> u32 {
        let mut n = 0;
        for (v, _) in [(T("a"), T("b")), (T("c"), T("d"))] {
            y().await;
            n += v.r() as u32;
        }
        n
    }
    case!(rest_of_an_item());

    #[segno::coroutine]
    async fn rest_of_a_structure() -> u32 {
        let mut n = 0;
        for t in {
            let _v = T("v");
            [T("a"), T("b")].iter().map(|t| t.r()).collect::<Vec<u8>>()
        } {
            n += t as u32;
            y().await;
        }
        for (i, Pair { a, b: _, n: _ }) in [Pair { a: T("c"), b: T("d"), n: 1 }].into_iter().enumerate() {
            y().await;
            n += a.r() as u32 + i as u32;
        }
        n
    }
    case!(rest_of_a_structure());
}
