//! `async move` closures that are called more than once: what they give borrows what they have captured.

use segno_tests::both_worlds;

#[both_worlds]
mod lending_closures {
    use std::cell::Cell;

    #[segno::coroutine]
    async fn twice(a: T, b: T) -> u32 {
        let c = async move |n: u32| {
            y().await;
            b.r();
            a.r();
            n + 1
        };
        let n = c(1).await;
        log("between");
        let m = c(n).await;
        y().await;
        m
    }
    case!(twice(T("a"), T("b")));

    // `k` is copied where the closure is made, and both change from then on.
    #[segno::coroutine]
    async fn changes_its_own(a: T, mut k: u32) -> u32 {
        let mut c = async move |n: u32| {
            k += n;
            y().await;
            a.r();
            k += 1;
            k
        };
        let n = c(1).await;
        let m = c(n).await;
        k += 1;
        for i in 0..2 {
            log(format!("{}", c(i).await));
        }
        log(format!("{m} {k}"));
        m + k
    }
    case!(changes_its_own(T("a"), 3));

    #[segno::coroutine]
    async fn in_a_loop(a: T, v: Vec<T>) -> u32 {
        let _g = T("g");
        let mut sum = 0;
        for i in 0..2 {
            let b = T("b");
            let z = T("z");
            let s = &v;
            let c = async move |n: usize| {
                z.r();
                s[n % s.len()].a().await;
                b.r();
                n as u32
            };
            sum += c(i).await;
            if i == 0 {
                sum += c(i + 1).await;
            }
            log("round");
        }
        a.r();
        sum
    }
    case!(in_a_loop(T("a"), vec![T("v"), T("w")]));

    #[segno::coroutine]
    async fn gives_away_and_gets(a: T, o: Option<T>) -> u32 {
        let mut o = o;
        let mut c = async move |on: bool| -> u32 {
            if on {
                if let Some(t) = o.take() {
                    t.a().await;
                }
            } else {
                y().await;
                o = Some(T("new"));
            }
            a.r();
            1
        };
        let n = c(true).await + c(false).await;
        let m = c(true).await;
        y().await;
        n + m
    }
    case!(gives_away = gives_away_and_gets(T("a"), Some(T("o"))));
    case!(gets = gives_away_and_gets(T("a"), None));

    #[segno::coroutine]
    async fn text_and_numbers(a: T, k: u32) -> u32 {
        let x = [1u32, 2, 3];
        let text = "t";
        let c = async move || {
            log(format!("{k} {text} {x:?}"));
            y().await;
            x.iter().sum::<u32>() + k
        };
        let n = c().await;
        a.a().await;
        let m = c().await;
        log(format!("{m} {k} {n} {x:?}"));
        m
    }
    case!(text_and_numbers(T("a"), 3));

    struct Bus<'a> {
        n: u32,
        t: &'a T,
        seen: Cell<u32>,
    }

    #[segno::coroutine]
    async fn put(bus: &mut Bus<'_>, k: u32) -> u32 {
        bus.n += k;
        y().await;
        bus.t.r();
        bus.seen.set(bus.n);
        bus.n
    }

    #[segno::coroutine]
    async fn exclusive(a: T, k: u32) -> u32 {
        let mut bus = Bus { n: 0, t: &a, seen: Cell::new(0) };
        let lent = &mut bus;
        let mut c = async move |n: u32| {
            let r = put(lent, n).await;
            log(format!("{r}"));
            r + k
        };
        let x = c(1).await;
        let y = c(x).await;
        y + bus.seen.get()
    }
    case!(exclusive(T("a"), 2));

    // A call on either way, and each takes all: what is only borrowed goes with it.
    #[segno::coroutine]
    async fn once_on_either_way(a: T, b: T, c: bool) -> u32 {
        let take = async move |n: u32| {
            y().await;
            b.r();
            drop(a);
            n
        };
        let n = if c { take(1).await } else { take(2).await };
        log("behind");
        n
    }
    case!(once_on_one_way = once_on_either_way(T("a"), T("b"), true));
    case!(once_on_the_other = once_on_either_way(T("a"), T("b"), false));

    #[segno::coroutine]
    async fn once_in_a_loop(a: T, b: T) -> u32 {
        let take = async move |n: u32| {
            y().await;
            b.r();
            drop(a);
            n
        };
        let n = loop {
            break take(1).await;
        };
        log("behind");
        n
    }
    case!(once_in_a_loop(T("a"), T("b")));
}
