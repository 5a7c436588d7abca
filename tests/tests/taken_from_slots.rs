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
    async fn returns_it_after_a_borrow(o: Option<u8>, own: T) -> Result<u8, T> {
        own.a().await;
        let _g = T("guard");
        let Some(n) = o else { return Err(own) };
        y().await;
        T("behind").r();
        Ok(n)
    }
    case!(returns_it_after_a_borrow(Some(1), T("own")));
    case!(returns_it_after_a_borrow_at_once = returns_it_after_a_borrow(None, T("own")));

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

#[both_worlds]
mod in_part {
    enum State {
        Idle,
        Run(T, u32),
        Done(T, T),
    }

    #[segno::coroutine]
    async fn leaves_a_number(t: T, n: u32) {
        let mut p = (t, n);
        p.0.renamed("b").await;
        match p {
            (s, _) => {
                s.a().await;
            }
        }
    }
    case!(leaves_a_number(T("a"), 1));

    #[segno::coroutine]
    async fn leaves_a_value(a: T, b: T) {
        let mut p = (a, b);
        let _before = T("before");
        p.0.renamed("first").await;
        match p {
            (s, _) => {
                s.a().await;
            }
        }
        T("behind").a().await;
    }
    case!(leaves_a_value(T("a"), T("b")));

    #[segno::coroutine]
    async fn leaves_a_value_by_let(a: T, b: T) -> usize {
        let _first = T("first");
        let mut p = (a, b);
        let _last = T("last");
        p.1.renamed("second").await;
        let (s, _) = p;
        y().await;
        s.r() as usize
    }
    case!(leaves_a_value_by_let(T("a"), T("b")));

    #[segno::coroutine]
    async fn leaves_a_value_by_let_else(o: Option<(T, T)>) -> u32 {
        let mut o = o;
        if let Some((t, _)) = &mut o {
            t.renamed("renamed").await;
        }
        let Some((s, _)) = o else { return 3 };
        y().await;
        s.r() as u32
    }
    case!(leaves_a_value_by_let_else(Some((T("a"), T("b")))));
    case!(leaves_a_value_by_let_else_none = leaves_a_value_by_let_else(None));

    #[segno::coroutine]
    async fn leaves_a_value_in_one_arm(a: T, b: T, n: u32) -> u32 {
        let mut p = (a, b, n);
        p.0.renamed("first").await;
        let r = match p {
            (s, _, 0) => s.r() as u32,
            (_, s, 1) => {
                y().await;
                s.r() as u32
            }
            (_, _, n) => n,
        };
        T("behind").a().await;
        r
    }
    case!(leaves_a_value_in_one_arm(T("a"), T("b"), 0));
    case!(leaves_a_value_in_another_arm = leaves_a_value_in_one_arm(T("a"), T("b"), 1));
    case!(leaves_a_value_in_no_arm = leaves_a_value_in_one_arm(T("a"), T("b"), 2));

    #[segno::coroutine]
    async fn an_or_pattern(p: Result<(T, T), T>) -> usize {
        let mut p = p;
        if let Ok((t, _)) = &mut p {
            t.renamed("renamed").await;
        }
        let r = match p {
            Ok((t, _)) | Err(t) => t.r() as usize,
        };
        y().await;
        r
    }
    case!(an_or_pattern(Ok((T("a"), T("b")))));
    case!(an_or_pattern_error = an_or_pattern(Err(T("e"))));

    #[segno::coroutine]
    async fn a_state_machine(t: T, n: u32) -> u32 {
        let mut state = State::Idle;
        let mut left = Some(t);
        let mut steps = 0;
        loop {
            steps += 1;
            state = match state {
                State::Idle => match left.take() {
                    Some(t) => State::Run(t, n),
                    None => return steps,
                },
                State::Run(s, n @ 1..) => {
                    s.a().await;
                    State::Run(s, n - 1)
                }
                State::Run(s, _) => {
                    y().await;
                    State::Done(s, T("done"))
                }
                State::Done(s, t) => {
                    drop(s);
                    t.a().await;
                    State::Idle
                }
            };
        }
    }
    case!(a_state_machine(T("a"), 0));
    case!(a_state_machine_twice = a_state_machine(T("a"), 2));

    /// What is left must stay where it is.
    #[segno::coroutine]
    async fn copies_beside_a_reference(a: u32, b: T) -> u32 {
        let p = (a, b);
        let r = &p.1;
        y().await;
        let n = match p {
            (n, _) => {
                y().await;
                n
            }
        };
        r.a().await;
        n
    }
    case!(copies_beside_a_reference(2, T("b")));
}

#[both_worlds]
mod renewed_in_a_loop {
    enum Node {
        Leaf(T),
        Branch(Vec<Node>),
    }

    #[segno::coroutine]
    async fn walk(n: &Node) -> usize {
        y().await;
        match n {
            Node::Leaf(t) => t.r() as usize,
            Node::Branch(v) => v.len(),
        }
    }

    #[segno::coroutine]
    async fn a_tree(t: T, n: u32) -> usize {
        let mut tree = Node::Leaf(t);
        for _ in 0..n {
            tree = Node::Branch(vec![tree]);
        }
        walk(&tree).await
    }
    case!(a_tree(T("a"), 0));
    case!(a_tree_of_two = a_tree(T("a"), 2));

    #[segno::coroutine]
    async fn in_two_statements(t: T, n: u32) -> usize {
        let mut list = vec![t];
        let mut k = 0;
        while k < n {
            let mut v = vec![];
            v.push(list);
            list = v.into_iter().flatten().chain([T("more")]).collect();
            k += 1;
        }
        let first = &list[0];
        first.a().await;
        list.len()
    }
    case!(in_two_statements(T("a"), 0));
    case!(in_two_statements_twice = in_two_statements(T("a"), 2));

    #[segno::coroutine]
    async fn or_not(t: T, n: u32) -> usize {
        let mut tree = Node::Leaf(t);
        for k in 0..n {
            if k == 1 {
                continue;
            }
            tree = match k {
                0 => Node::Branch(vec![tree, Node::Leaf(T("b"))]),
                3 => break,
                _ => Node::Leaf(T("new")),
            };
        }
        walk(&tree).await
    }
    case!(or_not(T("a"), 1));
    case!(or_not_renewed = or_not(T("a"), 3));
    case!(or_not_left = or_not(T("a"), 5));

    #[segno::coroutine]
    async fn an_option(t: T, n: u32) -> usize {
        let mut o = Some(t);
        for _ in 0..n {
            o = vec![o].pop().unwrap();
        }
        o.as_ref().unwrap().a().await as usize
    }
    case!(an_option(T("a"), 2));
}

#[both_worlds]
mod fields {
    struct Plain(u32);

    struct Holder {
        n: u32,
        number: Option<u32>,
        plain: Option<Plain>,
        t: T,
    }

    fn holder(number: Option<u32>) -> Holder {
        Holder { n: 5, number, plain: number.map(Plain), t: T("t") }
    }

    #[segno::coroutine]
    async fn copied_by_an_if_let(c: Holder) -> u32 {
        let r = &c.t;
        y().await;
        if let Some(n) = c.number {
            r.a().await;
            return n + c.number.unwrap_or(7);
        }
        c.n
    }
    case!(copied_by_an_if_let(holder(Some(1))));
    case!(copied_by_an_if_let_none = copied_by_an_if_let(holder(None)));

    #[segno::coroutine]
    async fn taken_by_a_match(c: Holder) -> u32 {
        let r = &c.t;
        y().await;
        let m = match c.plain {
            Some(p) => r.a().await as u32 + p.0,
            None => 0,
        };
        m + c.n
    }
    case!(taken_by_a_match(holder(Some(1))));
    case!(taken_by_a_match_none = taken_by_a_match(holder(None)));

    #[segno::coroutine]
    async fn of_a_reference(c: &Holder) -> u32 {
        let r = &c.t;
        y().await;
        let m = if let Some(n) = c.number { r.a().await as u32 + n } else { 0 };
        m + c.n
    }
    case!(of_a_reference(&holder(Some(1))));

    #[segno::coroutine]
    async fn of_an_exclusive_one(c: &mut Holder) -> u32 {
        c.t.renamed("other").await;
        while let Some(n) = c.number {
            c.t.a().await;
            c.number = n.checked_sub(1);
        }
        c.n
    }
    case!(of_an_exclusive_one(&mut holder(Some(1))));

    struct Labelled {
        t: T,
        size: (u32, u32),
        o: Option<T>,
    }

    fn labelled(o: Option<T>) -> Labelled {
        Labelled { t: T("t"), size: (3, 4), o }
    }

    /// What a pattern leaves of a field has nothing to be dropped.
    #[segno::coroutine]
    async fn numbers_of_a_field(q: Labelled) -> u32 {
        q.t.a().await;
        let (width, _) = q.size;
        y().await;
        width
    }
    case!(numbers_of_a_field(labelled(Some(T("o")))));

    /// Behind `Some(o)` nothing is left.
    #[segno::coroutine]
    async fn option_of_a_field(q: Labelled) -> u8 {
        q.t.a().await;
        let x = match q.o {
            Some(o) => o.r(),
            _ => 0,
        };
        log("=");
        x
    }
    case!(option_of_a_field(labelled(Some(T("o")))));
    case!(no_option_of_a_field = option_of_a_field(labelled(None)));

    struct Pair {
        a: T,
        b: T,
        n: u32,
    }
    struct Nest {
        p: Pair,
        r: Result<T, T>,
    }
    fn nest(r: Result<T, T>) -> Nest {
        Nest { p: Pair { a: T("a"), b: T("b"), n: 7 }, r }
    }

    /// Only what has nothing to be dropped is left of the field.
    #[segno::coroutine]
    async fn number_left_of_a_field(q: Nest) -> u32 {
        q.p.b.a().await;
        let Pair { a, b, n: _ } = q.p;
        log("taken");
        drop(a);
        u32::from(b.r())
    }
    case!(number_left_of_a_field(nest(Ok(T("r")))));

    #[segno::coroutine]
    async fn number_left_by_each_arm(q: Nest) -> u32 {
        q.p.b.a().await;
        match q.p {
            Pair { a, b, n: 8 } => u32::from(a.r() + b.r()),
            Pair { a, b, n } if n > 9 => u32::from(b.r() + a.r()),
            Pair { a: b, b: a, n: _ } => u32::from(a.r() - b.r().min(0)),
        }
    }
    case!(number_left_by_each_arm(nest(Ok(T("r")))));

    /// Of a field that is a reference, what is left is another's.
    #[segno::coroutine]
    async fn left_behind_a_reference(q: (&Pair, T)) -> u32 {
        q.1.a().await;
        let Pair { a, b: _, n } = q.0;
        u32::from(a.r()) + n
    }
    case!(left_behind_a_reference((&Pair { a: T("a"), b: T("b"), n: 7 }, T("q"))));

    /// Every arm takes all.
    #[segno::coroutine]
    async fn one_or_the_other(q: Nest) -> u8 {
        q.p.b.a().await;
        match q.r {
            Ok(value) => value.r(),
            Err(error) => error.r() + 1,
        }
    }
    case!(one_or_the_other(nest(Ok(T("r")))));
    case!(one_or_the_other_err = one_or_the_other(nest(Err(T("e")))));

    /// A closure takes what its pattern matches, and nothing of it is left.
    #[segno::coroutine]
    async fn by_a_closure(q: Nest) -> u32 {
        q.p.b.a().await;
        let take = || match q.r {
            Ok(value) => u32::from(value.r()),
            Err(_) => 0,
        };
        log("made");
        take()
    }
    case!(by_a_closure(nest(Ok(T("r")))));
    case!(by_a_closure_err = by_a_closure(nest(Err(T("e")))));

    /// What does not match stays in the box.
    #[segno::coroutine]
    async fn out_of_a_box_or_not(q: Box<Result<T, T>>) -> u8 {
        if let Ok(value) = &*q {
            value.a().await;
        }
        let Ok(value) = *q else {
            log("else");
            return 4;
        };
        value.r()
    }
    case!(out_of_a_box_or_not(Box::new(Ok(T("r")))));
    case!(out_of_a_box_or_not_err = out_of_a_box_or_not(Box::new(Err(T("e")))));

    /// In a closure or a block without `move` a pattern copies out of what has no destructor, or moves what has one.
    #[segno::coroutine]
    async fn copied_by_a_closure(q: Nest, s: Result<u32, u8>, o: &Result<u32, T>) -> u32 {
        q.p.b.a().await;
        let t = T("t");
        let number = || match s {
            Ok(n) => n,
            Err(_) => 0,
        };
        let other = || {
            let Ok(n) = o else { return 0 };
            *n
        };
        let token = || match q.r {
            Ok(value) => u32::from(value.r()),
            Err(_) => 0,
        };
        let sum = number() + other() + token();
        log("=");
        sum
    }
    case!(copied_by_a_closure(nest(Ok(T("r"))), Ok(3), &Ok(4)));
    case!(copied_by_a_closure_err = copied_by_a_closure(nest(Err(T("r"))), Err(3), &Err(T("e"))));

    #[segno::coroutine]
    async fn moved_by_a_block(r: Result<T, T>) -> u32 {
        let t = T("t");
        let block = async {
            y().await;
            match r {
                Ok(value) => u32::from(value.r()),
                Err(_) => 0,
            }
        };
        let n = block.await;
        log("=");
        n
    }
    case!(moved_by_a_block(Ok(T("r"))));
    case!(moved_by_a_block_err = moved_by_a_block(Err(T("r"))));

    /// What a closure with `move` takes, it drops.
    #[segno::coroutine]
    async fn called_and_kept(r: Result<T, T>) -> u32 {
        let take = move || match r {
            Ok(value) => u32::from(value.r()),
            Err(_) => 0,
        };
        let n = take();
        log("=");
        y().await;
        n
    }
    case!(called_and_kept(Ok(T("r"))));
    case!(called_and_kept_err = called_and_kept(Err(T("r"))));

    /// A block and a closure that are both asked.
    #[segno::coroutine]
    async fn by_a_block_and_a_closure(mut o: Result<u32, u8>, r: Result<T, T>) -> u32 {
        {
            let held = (&o, &r);
            y().await;
            assert!(held.0.is_ok() || held.1.is_err());
        }
        let block = async {
            y().await;
            if let Ok(n) = o {
                log(n.to_string());
            }
        };
        block.await;
        let take = || {
            if let Err(e) = r {
                log("taken");
            }
        };
        take();
        log("=");
        3
    }
    case!(by_a_block_and_a_closure(Ok(3), Ok(T("r"))));
    case!(by_a_block_and_a_closure_err = by_a_block_and_a_closure(Err(3), Err(T("r"))));
}
