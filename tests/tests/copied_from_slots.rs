//! What is copied out of a slot stays there, for there may be references to it.

use segno_tests::both_worlds;

#[both_worlds]
mod copied_from_slots {
    fn add(a: u32, b: u32) -> u32 {
        a + b
    }

    #[segno::coroutine]
    async fn on_one_way() -> u32 {
        y().await;
        let d = add(3, 4);
        let rd = &d;
        id(rd).await;
        let (b, e);
        if child(1).await == 1 {
            e = d;
            b = T("b");
            log(format!("{rd}"));
        } else {
            y().await;
            e = 1;
            b = T("c");
        }
        (&b).a().await;
        e
    }
    case!(on_one_way());

    #[segno::coroutine]
    async fn before_another_value() -> u32 {
        y().await;
        let mut d = add(3, 4);
        let rd = &d;
        id(rd).await;
        let e = d;
        let b;
        b = T("b");
        let lb = &b;
        log(format!("{rd}"));
        d = 9;
        let ld = &d;
        lb.a().await;
        *ld + e
    }
    case!(before_another_value());

    #[segno::coroutine]
    async fn an_array() -> u32 {
        y().await;
        let mut d = [1u32, 2, 3];
        let rd = &d[1];
        id(rd).await;
        let e = d;
        let b = T("b");
        let lb = &b;
        let k = *rd;
        d = [7, 8, 9];
        let ld = &d;
        lb.a().await;
        ld[0] + e[0] + k
    }
    case!(an_array());

    #[segno::coroutine]
    async fn in_a_loop(n: u32) -> u32 {
        y().await;
        let mut i = 0;
        let mut s = 0;
        while i < n {
            let mut d = (add(3, i), 5u8);
            let rd = &d;
            id(rd).await;
            i += 1;
            let e = d;
            {
                let b = (T("b"), 99u64);
                let lb = &b;
                log(format!("{:?}", rd));
                d = (1, 2);
                let ld = &d;
                lb.0.a().await;
                s += ld.0;
            }
            s += e.0;
        }
        s
    }
    case!(in_a_loop(2));
}
