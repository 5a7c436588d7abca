//! Closures without awaits, beside suspensions.

use segno_tests::both_worlds;

#[both_worlds]
mod closures {
    #[segno::coroutine]
    async fn used_between_awaits() -> u32 {
        let double = |n: u32| n * 2;
        let a = double(child(1).await);
        y().await;
        let b = [1u32, 2].iter().map(|n| n + 1).sum::<u32>();
        y().await;
        a + b
    }
    case!(used_between_awaits());

    #[segno::coroutine]
    async fn kept_across_an_await() -> u32 {
        let double = |n: u32| n * 2;
        y().await;
        let a = double(4);
        y().await;
        a + double(1)
    }
    case!(kept_across_an_await());

    #[segno::coroutine]
    async fn captures_by_move() -> u32 {
        let t = T("t");
        let n = 4u32;
        let f = move || {
            t.r();
            n
        };
        y().await;
        let a = f();
        y().await;
        a + n
    }
    case!(captures_by_move());

    #[segno::coroutine]
    async fn move_of_an_anchored_variable() -> u8 {
        let mut t = T("t");
        t.renamed("u").await;
        let f = move || t.r();
        y().await;
        f()
    }
    case!(move_of_an_anchored_variable());

    #[segno::coroutine]
    async fn captures_and_is_called_once() -> u8 {
        let t = T("t");
        let f = move || t.take();
        y().await;
        let n = ({ f })();
        y().await;
        n
    }
    case!(captures_and_is_called_once());

    #[segno::coroutine]
    async fn borrows_within_a_statement() -> u32 {
        let offset = child(10).await;
        let t = T("t");
        let sum: u32 = [1, 2].iter().map(|n| n + offset + t.r() as u32).sum();
        y().await;
        let mut count = 0;
        [1, 2, 3].iter().for_each(|n| count += n);
        y().await;
        sum + count + offset
    }
    case!(borrows_within_a_statement());

    #[segno::coroutine]
    async fn shadows_its_parameter(n: u32) -> u32 {
        let f = |n: u32| {
            let n = n + 1;
            n
        };
        y().await;
        f(n) + n
    }
    case!(shadows_its_parameter(3));

    #[segno::coroutine]
    async fn with_its_own_return(n: u32) -> u32 {
        let sign = |n: u32| {
            if n == 0 {
                return 7;
            }
            let checked = || -> Option<u32> { n.checked_sub(5)?.checked_sub(1) };
            for i in 0..3 {
                if i == 1 {
                    break;
                }
            }
            checked().unwrap_or(8)
        };
        let a = sign(n);
        y().await;
        a + sign(0)
    }
    case!(with_its_own_return(9));

    #[segno::coroutine]
    async fn given_to_a_child() -> u32 {
        let t = T("t");
        let n = apply(move |n| n + t.r() as u32).await;
        y().await;
        n
    }

    #[segno::coroutine]
    async fn apply<F: Fn(u32) -> u32>(f: F) -> u32 {
        let a = f(child(1).await);
        y().await;
        a + f(2)
    }
    case!(given_to_a_child());

    #[segno::coroutine]
    async fn as_an_argument_with_an_await() -> u32 {
        id(Some(3u32)).await.map_or_else(|| 0, |n| n + 1) + id(None::<u32>).await.unwrap_or_else(|| 9)
    }
    case!(as_an_argument_with_an_await());

    #[segno::coroutine]
    async fn called_at_once() -> u32 {
        let a = child(2).await;
        let b = (|| a + 1)();
        y().await;
        b
    }
    case!(called_at_once());
}
