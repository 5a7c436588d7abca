//! A variable that is borrowed across a suspension gets another value: behind a use of which only types tell whether it moves the
//! variable, from its own old value, on some ways only. The old value is dropped where rustc drops it, once, and before the new one
//! is there.

use segno_tests::both_worlds;

#[both_worlds]
mod renewed {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
    }

    impl Pair {
        fn swapped(self) -> Pair {
            log("swapped");
            Pair { a: self.b, b: self.a }
        }
    }

    fn pair() -> Pair {
        Pair { a: T("a"), b: T("b") }
    }

    fn same<X>(x: X) -> X {
        log("same");
        x
    }

    /// The receiver is only borrowed, but that only its type tells.
    #[segno::coroutine]
    async fn behind_a_borrow() -> u32 {
        let mut t = T("old");
        t.renamed("older").await;
        t.r();
        t = T("new");
        t.a().await;
        3
    }
    dynamic_drop!(behind_a_borrow());

    #[segno::coroutine]
    async fn behind_a_borrow_in_a_block(mut t: T) {
        {
            let lent = &mut t;
            y().await;
            lent.r();
        }
        let _g = T("g");
        {
            t.r();
            t = T("new");
            t.r();
            t = T("newer");
        }
        t.a().await;
    }
    dynamic_drop!(behind_a_borrow_in_a_block(T("old")));

    #[segno::coroutine]
    async fn behind_a_move() {
        let mut pair = pair();
        pair.a.renamed("c").await;
        pair.swapped();
        pair = Pair { a: T("d"), b: T("e") };
        pair.b.renamed("f").await;
    }
    dynamic_drop!(behind_a_move());

    #[segno::coroutine]
    async fn of_itself(mut pair: Pair) {
        pair.a.renamed("c").await;
        pair = pair.swapped();
        pair.a.renamed("d").await;
        pair = same(pair);
        pair.b.renamed("e").await;
        let Pair { a, b } = pair;
        pair = Pair { a: b, b: a };
        y().await;
        log(format!("{pair:?}"));
    }
    dynamic_drop!(of_itself(pair()));

    #[segno::coroutine]
    async fn of_itself_at_once() {
        let mut pair = pair();
        pair.a.renamed("c").await;
        {
            pair = same(pair);
            pair = pair.swapped();
            pair = same(pair);
        }
        pair.a.renamed("d").await;
    }
    dynamic_drop!(of_itself_at_once());

    #[segno::coroutine]
    async fn in_a_branch(n: u32) {
        let mut t = T("old");
        t.renamed("older").await;
        if n == 1 {
            t = same(t);
        }
        t.a().await;
        if n == 2 {
            t = same(t);
        } else {
            t = T("other");
        }
        t.a().await;
        match n {
            1 => t = same(t),
            2 => drop(t),
            _ => t = T("third"),
        }
        y().await;
    }
    dynamic_drop!(in_one_branch = in_a_branch(1));
    dynamic_drop!(in_another_branch = in_a_branch(2));
    dynamic_drop!(in_no_branch = in_a_branch(3));

    #[segno::coroutine]
    async fn over_a_suspension() {
        let mut t = T("old");
        t.renamed("older").await;
        t = id(t).await;
        t.renamed("oldest").await;
        t = if child(1).await == 1 { t } else { T("other") };
        t.a().await;
    }
    dynamic_drop!(over_a_suspension());

    #[segno::coroutine]
    async fn in_a_loop() {
        let mut t = T("old");
        let mut n = 0;
        while n < 2 {
            t.renamed("older").await;
            t.r();
            t = T("new");
            n += 1;
        }
        loop {
            t = same(t);
            t.a().await;
            t = id(same(t)).await;
            break;
        }
    }
    dynamic_drop!(in_a_loop());

    /// Several first values, one after the other.
    #[segno::coroutine]
    async fn first_values(n: u32) {
        let mut t;
        if n == 1 {
            t = T("one");
            t = T("two");
        } else {
            t = T("three");
        }
        t.renamed("four").await;
    }
    dynamic_drop!(first_values_in_a_branch = first_values(1));
    dynamic_drop!(first_value = first_values(2));

    /// The old value is dropped before what is left of the new one's expression.
    #[segno::coroutine]
    async fn part_of_a_tuple(c: bool) {
        let mut t = T("first");
        if c {
            t = (T("beside"), T("second")).1;
            y().await;
        }
        t = (T("beside again"), T("third")).1;
        y().await;
    }
    dynamic_drop!(part_of_a_tuple(true));

    #[segno::coroutine]
    async fn part_of_a_tuple_in_an_arm(o: Option<T>) {
        match id(o).await {
            Some(mut t) => t = Pair { a: T("c"), b: id(T("d")).await }.a,
            None => {}
        }
        y().await;
    }
    dynamic_drop!(part_of_a_tuple_in_an_arm(Some(T("old"))));

    #[segno::coroutine]
    async fn numbers(mut n: u32) -> u32 {
        let lent = &mut n;
        y().await;
        *lent += 1;
        n = n.wrapping_mul(3);
        n = same(n);
        n = n + child(1).await;
        let lent = &n;
        y().await;
        *lent
    }
    dynamic_drop!(numbers(4));

    /// A closure may outlive what stands for the variable.
    #[segno::coroutine]
    async fn in_a_closure() {
        let mut t = T("old");
        let mut renew = |name| t = T(name);
        renew("new");
        y().await;
        renew("newer");
        t.a().await;
    }
    dynamic_drop!(in_a_closure());

    /// What a macro is given may be evaluated twice.
    #[segno::coroutine]
    async fn by_a_macro_twice(mut g: T) -> u32 {
        macro_rules! twice {
            ($e:expr) => {{
                $e;
                $e
            }};
        }
        let mut n = 0;
        g.a().await;
        drop(g);
        twice!({
            n += 1;
            g = T(if n == 1 { "g1" } else { "g2" });
        });
        log("end");
        1
    }
    case!(by_a_macro_twice(T("q")));

    #[segno::coroutine]
    async fn where_a_let_does_not_match(o: Option<T>, mut g: T) -> u32 {
        g.a().await;
        drop(g);
        let Some(_x) = ({
            g = T("1");
            o
        }) else {
            g = T("2");
            log("else");
            return 7;
        };
        log("end");
        1
    }
    case!(where_a_let_does_not_match(None, T("q")));
    case!(where_a_let_does_not_match_2 = where_a_let_does_not_match(Some(T("o")), T("q")));

    #[segno::coroutine]
    async fn outside_and_inside_a_closure(mut g: T) -> u32 {
        g.a().await;
        drop(g);
        {
            g = T("1");
            let mut c = || g = T("2");
            c();
        }
        log("end");
        1
    }
    case!(outside_and_inside_a_closure(T("q")));

    #[segno::coroutine]
    async fn and_called_in_one_piece(mut g: T) -> u32 {
        drop(g);
        y().await;
        {
            g = T("x");
            g.r();
        }
        y().await;
        log("end");
        1
    }
    case!(and_called_in_one_piece(T("q")));

    #[segno::coroutine]
    async fn and_called_in_one_of_two_branches(c: bool, d: bool, mut g: T) -> u32 {
        g.a().await;
        drop(g);
        y().await;
        if c {
            let n = {
                g = T("x");
                g.r()
            };
            log(format!("{n}"));
        } else {
            g = T("z");
            y().await;
            if d {
                drop(g);
            }
        }
        log("mid");
        y().await;
        1
    }
    case!(and_called_in_one_of_two_branches(true, true, T("q")));
    case!(and_called_in_one_of_two_branches_2 = and_called_in_one_of_two_branches(false, true, T("q")));
    case!(and_called_in_one_of_two_branches_3 = and_called_in_one_of_two_branches(false, false, T("q")));

    #[segno::coroutine]
    async fn number_where_a_let_does_not_match(o: Option<T>, mut n: u32) -> u32 {
        let k = n;
        y().await;
        let Some(x) = o else {
            n = 0;
            return n;
        };
        x.r();
        n + k
    }
    case!(number_where_a_let_does_not_match(Some(T("o")), 3));
    case!(number_where_a_let_does_not_match_2 = number_where_a_let_does_not_match(None, 3));

    #[segno::coroutine]
    async fn by_a_closure(mut n: u32) -> u32 {
        let k = n;
        y().await;
        let mut set = |v| n = v;
        if k == 3 {
            set(4);
        }
        n + k
    }
    case!(by_a_closure(3));
    case!(by_a_closure_2 = by_a_closure(2));

    #[segno::coroutine]
    async fn in_a_branch_after_a_move(c: bool, mut g: T) -> u32 {
        g.a().await;
        drop(g);
        if c {
            g = T("n");
        }
        y().await;
        1
    }
    case!(in_a_branch_after_a_move(true, T("g")));
    case!(in_a_branch_after_a_move_2 = in_a_branch_after_a_move(false, T("g")));

    #[segno::coroutine]
    async fn with_what_it_points_to() -> u32 {
        let mut g = Box::new(T("a"));
        g.a().await;
        g = Box::new(same(*g));
        y().await;
        g.r() as u32
    }
    case!(with_what_it_points_to());

    #[segno::coroutine]
    async fn for_the_first_time_where_a_let_does_not_match(o: Option<T>) -> u32 {
        let why;
        y().await;
        let Some(x) = o else {
            why = T("why");
            why.r();
            return 7;
        };
        x.a().await;
        1
    }
    case!(for_the_first_time_where_a_let_does_not_match(Some(T("o"))));
    case!(for_the_first_time_where_a_let_does_not_match_2 = for_the_first_time_where_a_let_does_not_match(None));

    #[segno::coroutine]
    async fn and_moved_in_a_branch(c: bool, mut g: T) -> u32 {
        g.r();
        g = T("n");
        if c {
            drop(g);
        }
        y().await;
        1
    }
    case!(and_moved_in_a_branch(true, T("g")));
    case!(and_moved_in_a_branch_2 = and_moved_in_a_branch(false, T("g")));
}
