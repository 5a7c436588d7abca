//! Patterns that borrow from references which are lent, and used again.

use segno_tests::both_worlds;

#[both_worlds]
mod lent {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    #[derive(Debug)]
    enum Shape {
        One(T),
        Two { a: T, b: T },
        Zero,
    }

    #[segno::coroutine]
    async fn by_a_loop(mut v: Vec<Option<T>>) {
        for e in &mut v {
            if let Some(t) = e {
                t.renamed("x").await;
            }
            *e = None;
        }
    }
    case!(by_a_loop(vec![Some(T("a")), None]));

    #[segno::coroutine]
    async fn to_a_match(mut v: Vec<Option<T>>) -> u32 {
        for e in &mut v {
            match e {
                Some(t) => {
                    t.renamed("x").await;
                    *e = None;
                }
                None => {
                    y().await;
                    *e = Some(T("n"));
                }
            }
        }
        v.len() as u32
    }
    case!(to_a_match(vec![Some(T("a")), None]));

    #[segno::coroutine]
    async fn to_a_while(mut v: Vec<Option<T>>) -> u32 {
        let mut it = v.iter_mut();
        while let Some(e) = it.next() {
            match e {
                Some(t) => {
                    t.renamed("x").await;
                    *e = None;
                }
                None => y().await,
            }
        }
        1
    }
    case!(to_a_while(vec![Some(T("a")), None]));

    #[segno::coroutine]
    async fn by_another_name(s: &mut Shape) {
        let state = s;
        loop {
            match state {
                Shape::One(t) => {
                    t.renamed("x").await;
                    *state = Shape::Zero;
                }
                _ => break,
            }
        }
    }
    case!(by_another_name(&mut Shape::One(T("t"))));

    #[segno::coroutine]
    async fn by_another_name_in_a_loop(slot: &mut Option<T>, n: u32) -> u32 {
        let o = slot;
        loop {
            match o {
                Some(t) => {
                    t.renamed("x").await;
                    *o = None;
                }
                None if n > 2 => {
                    y().await;
                    *o = Some(T("w"));
                    return 1;
                }
                None => break,
            }
        }
        2
    }
    case!(by_another_name_in_a_loop(&mut Some(T("a")), 1));
    case!(by_another_name_in_a_loop_2 = by_another_name_in_a_loop(&mut Some(T("a")), 3));

    #[segno::coroutine]
    async fn by_another_name_twice(a: Option<T>, b: &mut Option<T>) -> u32 {
        let slot = b;
        if let Some(t) = slot {
            t.renamed("c").await;
        }
        *slot = a;
        1
    }
    case!(by_another_name_twice(None, &mut Some(T("b"))));

    #[segno::coroutine]
    async fn to_guards(mut v: Vec<Option<T>>, i: usize) -> u32 {
        let Some(e) = v.get_mut(i) else { return 0 };
        if let Some(t) = e {
            t.renamed("x").await;
        } else {
            *e = Some(T("fresh"));
        }
        match e {
            Some(t) if t.0 == "fresh" => {
                t.renamed("old").await;
                e.take();
            }
            Some(t) => {
                t.renamed("z").await;
            }
            None => {}
        }
        v.len() as u32
    }
    case!(to_guards(vec![Some(T("a")), None], 0));
    case!(to_guards_2 = to_guards(vec![Some(T("a")), None], 1));

    #[segno::coroutine]
    async fn to_a_let(p: &mut (u32, u32)) {
        let (a, b) = p;
        *a += *b;
        y().await;
        p.1 += 1;
    }
    case!(to_a_let(&mut (1, 2)));

    #[segno::coroutine]
    async fn to_a_let_in_parts(p: &mut (u32, u32)) -> u32 {
        let (a, b) = p;
        *a += *b;
        y().await;
        p.1 += 1;
        p.1
    }
    case!(to_a_let_in_parts(&mut (1, 1)));

    #[segno::coroutine]
    async fn to_a_let_of_a_struct(p: &mut Pair) -> u32 {
        let Pair { a, b, .. } = p;
        a.renamed("d").await;
        b.r();
        p.n
    }
    case!(to_a_let_of_a_struct(&mut Pair { a: T("a"), b: T("b"), n: 1 }));

    #[segno::coroutine]
    async fn to_a_let_with_a_rest(n: u32, p: &mut Pair) -> u32 {
        let Pair { a, b, .. } = p;
        let d = if n > 2 { a } else { b };
        d.renamed("d").await;
        p.a.r();
        y().await;
        p.b.r() as u32
    }
    case!(to_a_let_with_a_rest(0, &mut Pair { a: T("a"), b: T("b"), n: 1 }));
    case!(to_a_let_with_a_rest_2 = to_a_let_with_a_rest(3, &mut Pair { a: T("a"), b: T("b"), n: 1 }));

    #[segno::coroutine]
    async fn to_a_let_of_an_array(p: &mut [u32; 2]) -> u32 {
        let [a, b] = p;
        *a += *b;
        y().await;
        p[1] += 1;
        p[1]
    }
    case!(to_a_let_of_an_array(&mut [1, 1]));

    #[segno::coroutine]
    async fn to_a_let_of_elements(n: u32, bufs: &mut [Vec<u8>; 2]) -> usize {
        let [a, b] = bufs;
        y().await;
        a.push(n as u8);
        b.push(1);
        y().await;
        bufs[0].len()
    }
    case!(to_a_let_of_elements(0, &mut [vec![1, 2, 3], vec![]]));

    #[segno::coroutine]
    async fn to_a_let_else(p: &mut Option<T>) -> u32 {
        let Some(a) = p else { return 0 };
        a.renamed("k").await;
        *p = None;
        y().await;
        1
    }
    case!(to_a_let_else(&mut Some(T("t"))));

    #[segno::coroutine]
    async fn to_a_let_by_another_name(p: &mut (u32, u32)) -> u32 {
        let q = p;
        let (a, b) = q;
        *a += *b;
        y().await;
        q.1 += 1;
        q.1
    }
    case!(to_a_let_by_another_name(&mut (1, 1)));

    #[segno::coroutine]
    async fn to_a_let_in_a_loop(mut v: Vec<(T, u32)>) -> u32 {
        let mut s = 0;
        for e in &mut v {
            let (t, n) = e;
            *n += 1;
            t.renamed("x").await;
            s += e.1;
        }
        s
    }
    case!(to_a_let_in_a_loop(vec![(T("a"), 1)]));
}
