//! Arrays that a pattern takes apart: in which order rustc drops the elements where that may or may not have happened.

use segno_tests::both_worlds;

#[both_worlds]
mod arrays {
    /// At the `return` the array is whole, at the end it may have been taken apart.
    #[segno::coroutine]
    async fn taken_apart_behind_a_return(d: bool, n: u32, p: T) -> u32 {
        y().await;
        let r = [T("r0"), T("r1")];
        if d {
            if n > 3 {
                return p.r() as u32;
            }
            let [_g, h] = r;
            h.r();
        }
        3
    }
    case!(taken_apart_behind_a_return(true, 3, T("p")));
    case!(taken_apart_behind_a_return_left = taken_apart_behind_a_return(true, 5, T("p")));
    case!(taken_apart_behind_a_return_whole = taken_apart_behind_a_return(false, 3, T("p")));

    #[segno::coroutine]
    async fn taken_apart_without_a_value(d: bool, n: u32) {
        y().await;
        let r = [T("r0"), T("r1")];
        if d {
            if n > 3 {
                return;
            }
            let [_g, h] = r;
            h.r();
        }
    }
    case!(taken_apart_without_a_value(true, 3));
    case!(taken_apart_without_a_value_left = taken_apart_without_a_value(true, 5));
    case!(taken_apart_without_a_value_whole = taken_apart_without_a_value(false, 3));

    /// Nor is a temporary of the last expression in the way.
    #[segno::coroutine]
    async fn a_parameter_taken_apart(d: bool, q: [T; 2], p: T) -> u32 {
        match (T("t1"), p) {
            (_a, g) if d => {
                if T("t2").r() > 0 {
                    drop(g);
                    return 1;
                }
                let [_g, _h] = q;
            }
            _ => {}
        }
        T("tail").r() as u32
    }
    case!(a_parameter_taken_apart(true, [T("q0"), T("q1")], T("p")));
    case!(a_parameter_taken_apart_whole = a_parameter_taken_apart(false, [T("q0"), T("q1")], T("p")));

    /// All `return`s are one way: on it, also on the first, an array that another has left in parts is dropped from its end.
    #[segno::coroutine]
    async fn taken_apart_between_returns(c: bool, d: bool, p: [T; 2]) -> Option<u32> {
        let q = [T("q0"), T("q1"), T("q2")];
        let _g = T("guard");
        if c {
            return Some(3);
        }
        let [e, f] = p;
        let [a, b, _c] = q;
        y().await;
        if d {
            y().await;
            return None;
        }
        e.a().await;
        let n = (!c).then_some(2)?;
        drop((a, f));
        b.a().await;
        Some(n)
    }
    case!(taken_apart_between_returns(true, false, [T("p0"), T("p1")]));
    case!(taken_apart_between_returns_late = taken_apart_between_returns(false, true, [T("p0"), T("p1")]));
    case!(taken_apart_between_returns_to_the_end = taken_apart_between_returns(false, false, [T("p0"), T("p1")]));

    /// What is in a closure is captured as a whole.
    #[segno::coroutine]
    async fn taken_apart_in_a_closure(q: [T; 2], p: [T; 2]) -> u32 {
        y().await;
        let first = move || {
            let [a, b] = q;
            b.r();
            let c = [a, b];
            let [_d, e] = c;
            e.r() as u32
        };
        p[0].a().await;
        first()
    }
    case!(taken_apart_in_a_closure([T("q0"), T("q1")], [T("p0"), T("p1")]));
}
