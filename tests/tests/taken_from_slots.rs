//! Variables that live in a slot, as they are borrowed across a suspension, and are moved out of it by something that could stay in
//! one piece otherwise.

use segno_tests::both_worlds;

#[both_worlds]
mod let_else {
    #[segno::coroutine]
    async fn returns_it(o: Option<u8>, own: T) -> Result<u8, T> {
        let Some(n) = o else { return Err(own) };
        own.a().await;
        Ok(n)
    }
    case!(returns_it(Some(1), T("own")));
    case!(returns_it_at_once = returns_it(None, T("own")));

    #[segno::coroutine]
    async fn takes_it_with_a_closure(o: Option<u8>, own: T) -> Result<u8, usize> {
        let Some(n) = o else {
            let c = move || own.r() as usize;
            return Err(c());
        };
        own.a().await;
        Ok(n)
    }
    case!(takes_it_with_a_closure(Some(1), T("own")));
    case!(takes_it_with_a_closure_at_once = takes_it_with_a_closure(None, T("own")));

    #[segno::coroutine]
    async fn panics(o: Option<u8>, own: T) -> u8 {
        let Some(n) = o else {
            drop(own);
            panic!("none")
        };
        own.a().await;
        n
    }
    case!(panics(Some(1), T("own")));

    #[segno::coroutine]
    async fn goes_on_with_the_next(v: Vec<Option<u32>>) -> u32 {
        let mut s = 0;
        for o in v {
            let own = T("own");
            let Some(n) = o else {
                drop(own);
                continue;
            };
            own.a().await;
            s += n;
        }
        s
    }
    case!(goes_on_with_the_next(vec![Some(1), None, Some(2)]));

    #[segno::coroutine]
    async fn takes_it_or_not(o: Option<u32>, c: bool) -> u32 {
        let own = T("own");
        let Some(n) = o else {
            if c {
                drop(own);
            }
            return T("five").r() as u32;
        };
        own.a().await;
        n
    }
    case!(takes_it_or_not(Some(1), true));
    case!(takes_it_or_not_taken = takes_it_or_not(None, true));
    case!(takes_it_or_not_left = takes_it_or_not(None, false));

    #[segno::coroutine]
    async fn leaves_a_part_of_the_value(o: Option<(T, T)>, own: T) -> Result<u8, T> {
        let Some((x, _)) = o else { return Err(own) };
        own.a().await;
        x.a().await;
        Ok(1)
    }
    case!(leaves_a_part_of_the_value(Some((T("x"), T("rest"))), T("own")));
    case!(leaves_a_part_of_the_value_none = leaves_a_part_of_the_value(None, T("own")));

    #[segno::coroutine]
    async fn breaks_with_it(v: Vec<Option<u32>>) -> u32 {
        let own = T("own");
        let mut s = 0;
        let r = 'found: {
            for o in v {
                let Some(n) = o else { break 'found own };
                own.a().await;
                s += n;
            }
            own
        };
        r.r();
        s
    }
    case!(breaks_with_it(vec![Some(1), None, Some(2)]));
    case!(breaks_with_it_last = breaks_with_it(vec![Some(1), Some(2)]));

    #[segno::coroutine]
    async fn temporaries_of_the_value(own: T, n: u32) -> Result<usize, T> {
        let Some(h) = T("temporary").0.get(n as usize..) else { return Err(own) };
        own.a().await;
        Ok(h.len())
    }
    case!(temporaries_of_the_value(T("own"), 3));
    case!(temporaries_of_the_value_none = temporaries_of_the_value(T("own"), 30));

    #[segno::coroutine]
    async fn in_a_loop_in_one_piece(v: Vec<u32>, own: T) -> u32 {
        own.a().await;
        let mut s = 0;
        for x in v {
            let Some(k) = x.checked_sub(1) else {
                drop(own);
                break;
            };
            s += k;
        }
        y().await;
        s
    }
    case!(in_a_loop_in_one_piece(vec![1, 2, 3], T("own")));
    case!(in_a_loop_in_one_piece_left = in_a_loop_in_one_piece(vec![1, 0, 3], T("own")));
}

#[both_worlds]
mod leaving {
    #[segno::coroutine]
    async fn returns_it_from_a_loop(v: Vec<u32>, own: T) -> Result<u32, T> {
        let mut s = 0;
        for x in v {
            if x == 0 {
                return Err(own);
            }
            s += x;
        }
        own.a().await;
        Ok(s)
    }
    case!(returns_it_from_a_loop(vec![1, 2], T("own")));
    case!(returns_it_from_a_loop_soon = returns_it_from_a_loop(vec![1, 0, 2], T("own")));

    #[segno::coroutine]
    async fn breaks_with_it_or_without(v: Vec<u32>, own: T) -> u32 {
        own.a().await;
        let mut s = 0;
        loop {
            if v.get(s as usize) == Some(&0) {
                drop(own);
                break;
            }
            if s == 3 {
                break;
            }
            s += 1;
        }
        y().await;
        s
    }
    case!(breaks_with_it_or_without(vec![1, 0], T("own")));
    case!(breaks_with_it_or_without_at_the_end = breaks_with_it_or_without(vec![1], T("own")));

    #[segno::coroutine]
    async fn in_a_while_let(v: Vec<u32>, own: T, b: T) -> u32 {
        let mut it = v.into_iter();
        b.a().await;
        while let Some(x) = it.next() {
            match x {
                0 => {
                    drop(own);
                    panic!("nought")
                }
                7 => {
                    drop(b);
                    return 2;
                }
                _ => {}
            }
        }
        own.a().await;
        3
    }
    case!(in_a_while_let(vec![1, 2], T("own"), T("b")));
    case!(in_a_while_let_seven = in_a_while_let(vec![1, 7, 2], T("own"), T("b")));

    #[segno::coroutine]
    async fn panics_behind(v: Option<u32>, own: T, b: T) -> u32 {
        let n = match v {
            Some(n) => n,
            None => {
                drop(own);
                panic!("none");
            }
        };
        own.a().await;
        if n > 100 {
            drop(b);
            panic!("many");
        }
        b.a().await;
        n
    }
    case!(panics_behind(Some(1), T("own"), T("b")));

    #[segno::coroutine]
    async fn is_the_value_of_a_loop(v: Vec<u32>) -> T {
        let own = T("own");
        own.a().await;
        let w = loop {
            if v.len() > 2 {
                break own;
            }
            if v.len() > 1 {
                drop(own);
                return T("other");
            }
            if v.is_empty() {
                break T("none");
            }
            y().await;
            break own;
        };
        y().await;
        w
    }
    case!(is_the_value_of_a_loop(vec![1, 2, 3]));
    case!(is_the_value_of_a_loop_two = is_the_value_of_a_loop(vec![1, 2]));
    case!(is_the_value_of_a_loop_one = is_the_value_of_a_loop(vec![1]));
    case!(is_the_value_of_a_loop_none = is_the_value_of_a_loop(vec![]));
}
