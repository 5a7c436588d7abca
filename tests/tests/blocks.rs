//! Blocks, labels of blocks, shadowing.

use segno_tests::both_worlds;

#[both_worlds]
mod blocks {
    #[segno::coroutine]
    async fn nested() -> u32 {
        let _a = T("a");
        {
            let _b = T("b");
            y().await;
            {
                let _c = T("c");
                y().await;
            }
            log("b's end");
        }
        y().await;
        3
    }
    case!(nested());

    #[segno::coroutine]
    async fn with_value() -> u32 {
        let n = {
            let g = T("g");
            y().await;
            g.r() as u32 + child(2).await
        };
        log("after");
        n + { 1 } + { child(4).await }
    }
    case!(with_value());

    #[segno::coroutine]
    async fn labelled() -> u8 {
        let r = 'l: {
            let g = T("g");
            if g.r() == 1 {
                y().await;
                break 'l 5;
            }
            6
        };
        log(format!("{r}"));
        r
    }
    case!(labelled());

    #[segno::coroutine]
    async fn labelled_without_value(c: bool) {
        let _g = T("g");
        'l: {
            let _h = T("h");
            y().await;
            if c {
                break 'l;
            }
            log("not left");
            y().await;
        }
        log("after");
    }
    case!(labelled_left = labelled_without_value(true));
    case!(labelled_not_left = labelled_without_value(false));

    #[segno::coroutine]
    async fn labelled_in_labelled(n: u32) -> u32 {
        'outer: {
            let _o = T("o");
            let m = 'inner: {
                let _i = T("i");
                match n {
                    0 => break 'outer child(0).await,
                    1 => break 'inner child(1).await,
                    _ => y().await,
                }
                2
            };
            log("inner left");
            m * 10
        }
    }
    case!(labelled_0 = labelled_in_labelled(0));
    case!(labelled_1 = labelled_in_labelled(1));
    case!(labelled_2 = labelled_in_labelled(2));

    #[segno::coroutine]
    async fn labelled_around_a_loop() -> u32 {
        'done: {
            for i in 0..5 {
                let _g = T("g");
                if child(i).await == 2 {
                    break 'done 20;
                }
            }
            30
        }
    }
    case!(labelled_around_a_loop());

    #[segno::coroutine]
    async fn shadowing_tokens() {
        let x = T("x");
        let x = T("x2");
        y().await;
        log("e");
    }
    case!(shadowing_tokens());

    #[segno::coroutine]
    async fn shadowing_uses_the_old() -> u32 {
        let x = child(1).await;
        let x = x + child(2).await;
        y().await;
        let x = format!("{x}");
        y().await;
        let x = x.len() as u32 + 10;
        x
    }
    case!(shadowing_uses_the_old());

    #[segno::coroutine]
    async fn shadowing_in_an_inner_block() -> (u32, u32) {
        let x = 1u32;
        let t = T("outer");
        let inner = {
            let x = x + 10;
            let t = T("inner");
            y().await;
            t.r();
            x
        };
        t.r();
        y().await;
        (x, inner)
    }
    case!(shadowing_in_an_inner_block());

    #[segno::coroutine]
    async fn shadowing_in_patterns(x: Option<Option<u32>>) -> u32 {
        if let Some(x) = x {
            y().await;
            match x {
                Some(x) => {
                    y().await;
                    for x in [x, x + 1] {
                        child(x).await;
                    }
                    x
                }
                x => x.unwrap_or(7),
            }
        } else {
            let x = 5;
            y().await;
            x
        }
    }
    case!(shadowing_some_some = shadowing_in_patterns(Some(Some(3))));
    case!(shadowing_some_none = shadowing_in_patterns(Some(None)));
    case!(shadowing_none = shadowing_in_patterns(None));

    #[segno::coroutine]
    async fn shadowing_a_parameter(x: T, n: u32) -> u32 {
        let n = child(n).await;
        let x = {
            let x = id(x).await;
            (x, 1)
        };
        let n = n + x.1;
        y().await;
        n
    }
    case!(shadowing_a_parameter(T("x"), 4));

    #[segno::coroutine]
    async fn shadowing_an_awaited_child() -> u32 {
        let c = child(3);
        let c = c.await;
        let c = child(c + 1);
        y().await;
        let c = c.await;
        c
    }
    case!(shadowing_an_awaited_child());

    #[segno::coroutine]
    async fn shadowing_with_another_type_each_round() -> u32 {
        let mut sum = 0;
        for x in 0..2u32 {
            let x = format!("{x}{x}");
            y().await;
            let x = x.len();
            y().await;
            sum += x as u32;
        }
        sum
    }
    case!(shadowing_with_another_type_each_round());

    #[segno::coroutine]
    async fn empty_blocks() {
        {}
        y().await;
        {
            {}
            { y().await }
        }
        { () }
    }
    case!(empty_blocks());
}
