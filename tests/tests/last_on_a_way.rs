//! A variable in a slot whose last use on one way may or may not take it, while other ways use it later, or the block of a
//! `let … else` follows: where it was not taken, it is dropped where its scope ends.

use segno_tests::both_worlds;

#[both_worlds]
mod last_on_a_way {
    struct Parts {
        first: Result<T, T>,
        second: T,
    }

    fn given(ok: bool, name: &'static str) -> Result<T, T> {
        if ok { Ok(T(name)) } else { Err(T(name)) }
    }

    #[segno::coroutine]
    async fn before_an_else(ok: bool, _later: T) -> u8 {
        let v = given(ok, "v");
        let held = &v;
        y().await;
        let _ = held.is_ok();
        {
            let Ok(_a) = v else {
                log("else");
                return 1;
            };
            log("taken");
        }
        y().await;
        2
    }
    case!(else_taken = before_an_else(true, T("later")));
    case!(else_left = before_an_else(false, T("later")));

    #[segno::coroutine]
    async fn copies_before_an_else(v: Result<u32, T>, _later: T) -> u8 {
        let held = &v;
        y().await;
        let _ = held.is_ok();
        {
            let Ok(_n) = v else { return 1 };
        };
        2
    }
    case!(else_copied = copies_before_an_else(Ok(1), T("later")));
    case!(else_not_copied = copies_before_an_else(Err(T("v")), T("later")));

    #[segno::coroutine]
    async fn before_a_return(c: bool, ok: bool) -> u8 {
        let v = given(ok, "v");
        if c {
            let held = &v;
            y().await;
            let _ = held.is_ok();
            if let Ok(_a) = v {
                log("taken");
            }
            log("behind");
            return 1;
        }
        y().await;
        drop(v);
        2
    }
    case!(return_taken = before_a_return(true, true));
    case!(return_left = before_a_return(true, false));
    case!(return_elsewhere = before_a_return(false, false));

    #[segno::coroutine]
    async fn matched_before_a_return(c: bool, ok: bool, guard: bool) -> u8 {
        let p = Parts { first: given(ok, "first"), second: T("second") };
        if c {
            let held = &p.first;
            y().await;
            let _ = held.is_ok();
            match p.second {
                _taken if guard => log("taken"),
                _ => log("left"),
            }
            log("behind");
            return 1;
        }
        y().await;
        drop(p.second);
        2
    }
    case!(match_taken = matched_before_a_return(true, true, true));
    case!(match_left = matched_before_a_return(true, false, false));
    case!(match_elsewhere = matched_before_a_return(false, false, false));

    #[segno::coroutine]
    async fn in_an_arm(n: u8, ok: bool) -> u8 {
        let v = given(ok, "v");
        let held = &v;
        y().await;
        let _ = held.is_ok();
        match n {
            1 => {
                match v {
                    Ok(a) => drop(a),
                    Err(_) => log("left"),
                }
                log("behind");
                return 1;
            }
            _ => log("other"),
        }
        y().await;
        drop(v);
        2
    }
    case!(arm_taken = in_an_arm(1, true));
    case!(arm_left = in_an_arm(1, false));
    case!(arm_elsewhere = in_an_arm(2, true));

    #[segno::coroutine]
    async fn leaves_a_round(ends: bool, ok: bool) -> u8 {
        let mut round = 0;
        loop {
            let v = given(ok, "v");
            let held = &v;
            y().await;
            let _ = held.is_ok();
            round += 1;
            if round == 2 {
                match v {
                    Ok(_a) => log("taken"),
                    _ => log("left"),
                }
                log("behind");
                if ends { break } else { continue }
            }
            drop(v);
            if round > 2 {
                break;
            }
        }
        round
    }
    case!(break_taken = leaves_a_round(true, true));
    case!(break_left = leaves_a_round(true, false));
    case!(continue_taken = leaves_a_round(false, true));
    case!(continue_left = leaves_a_round(false, false));

    #[segno::coroutine]
    async fn before_an_endless_loop(c: bool, ok: bool) -> u8 {
        let v = given(ok, "v");
        let held = &v;
        y().await;
        let _ = held.is_ok();
        let mut round = 0;
        if c {
            if let Ok(_a) = v {
                log("taken");
            }
            log("behind");
            loop {
                y().await;
                round += 1;
                if round > 1 {
                    return 1;
                }
            }
        }
        y().await;
        drop(v);
        2
    }
    case!(endless_taken = before_an_endless_loop(true, true));
    case!(endless_left = before_an_endless_loop(true, false));
    case!(endless_elsewhere = before_an_endless_loop(false, true));

    #[segno::coroutine]
    async fn in_a_loop_that_is_left(v: Result<T, T>) -> u8 {
        let held = &v;
        y().await;
        let _ = held.is_ok();
        loop {
            {
                let Ok(_a) = v else {
                    log("else");
                    return 3;
                };
            }
            break;
        }
        1
    }
    case!(loop_taken = in_a_loop_that_is_left(Ok(T("v"))));
    case!(loop_left = in_a_loop_that_is_left(Err(T("v"))));

    #[segno::coroutine]
    async fn in_a_loop_that_returns(v: Result<T, T>) -> u8 {
        let held = &v;
        y().await;
        let _ = held.is_ok();
        loop {
            let r = match v {
                Ok(a) => Some(a),
                Err(_) => None,
            };
            log("behind");
            return r.is_some() as u8;
        }
    }
    case!(loop_returns_taken = in_a_loop_that_returns(Ok(T("v"))));
    case!(loop_returns_left = in_a_loop_that_returns(Err(T("v"))));
}
