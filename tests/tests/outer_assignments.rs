//! `async` blocks that assign to variables of the function around them.

use segno_tests::both_worlds;

#[both_worlds]
mod outer_assignments {
    #[segno::coroutine]
    async fn of_what_is_awaited() -> u32 {
        let mut n = 1;
        async {
            n = child(7).await;
        }
        .await;
        n
    }
    case!(of_what_is_awaited());

    #[segno::coroutine]
    async fn before_something_else() -> u32 {
        let mut n = 1;
        async {
            n = 5;
            log("k");
        }
        .await;
        n
    }
    case!(before_something_else());

    #[segno::coroutine]
    async fn of_a_value_with_a_destructor(a: T) -> u32 {
        let mut t = a;
        async {
            t = T("new");
            log("k");
            y().await;
            t.r();
        }
        .await;
        t.r();
        3
    }
    case!(of_a_value_with_a_destructor(T("a")));

    #[segno::coroutine]
    async fn on_some_ways(a: T) -> u32 {
        let mut t = a;
        let mut n = 0;
        {
            let b = async {
                n = 2;
                if n > 1 {
                    t = T("new");
                }
                y().await;
                n = 4;
                n
            };
            b.await;
        }
        t.r();
        n
    }
    case!(on_some_ways(T("a")));

    #[segno::coroutine]
    async fn everywhere(a: T, c: bool) -> u32 {
        let mut t = a;
        let mut n = 0;
        let k = async {
            let u = if c {
                n = 3;
                4
            } else {
                n = child(3).await;
                t = id(T("q")).await;
                1
            };
            let x = { n = 2 };
            y().await;
            loop {
                n += 1;
                if n > 4 {
                    break n = 7;
                }
                y().await;
            }
            u
        }
        .await;
        t.r();
        n + k
    }
    case!(everywhere(T("a"), true));
    case!(everywhere_2 = everywhere(T("a"), false));

    #[segno::coroutine]
    async fn of_parts(a: T) -> u32 {
        let mut o = None;
        let mut s = (1, T("s"));
        async {
            o = Some(a);
            (s.0, s.1) = (child(4).await, T("s2"));
            match s.0 {
                2 => o = None,
                _ => s.0 = 5,
            }
        }
        .await;
        s.0 + o.is_some() as u32
    }
    case!(of_parts(T("a")));
}
