//! A part is taken out of a box, or out of a structure that another is made of, and something is left.

use segno_tests::both_worlds;

#[both_worlds]
mod boxes_in_part {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    fn pair(a: &'static str, b: &'static str) -> Pair {
        Pair { a: T(a), b: T(b), n: 3 }
    }

    #[segno::coroutine]
    async fn by_a_let() -> u32 {
        let both = Box::new((T("a"), T("b")));
        let (a, _) = *both;
        y().await;
        a.r() as u32
    }
    case!(by_a_let());

    #[segno::coroutine]
    async fn by_a_match_in_one_piece() {
        let both = Box::new((T("a"), T("b")));
        match *both {
            (a, _) => drop(a),
        }
        y().await;
    }
    case!(by_a_match_in_one_piece());

    #[segno::coroutine]
    async fn of_a_parameter(both: Box<Pair>) -> u32 {
        let _g = T("g");
        let Pair { a, b: _, n } = *both;
        y().await;
        a.r() as u32 + n
    }
    case!(of_a_parameter(Box::new(pair("a", "b"))));

    #[segno::coroutine]
    async fn borrowed_in_part(both: Box<(T, T)>) -> u32 {
        let (a, ref b) = *both;
        y().await;
        b.r();
        a.r() as u32
    }
    case!(borrowed_in_part(Box::new((T("a"), T("b")))));

    #[segno::coroutine]
    async fn with_else(both: Box<Option<(T, T)>>) -> u32 {
        let Some((a, _)) = *both else {
            y().await;
            return 7;
        };
        y().await;
        a.r() as u32
    }
    case!(some = with_else(Box::new(Some((T("a"), T("b"))))));
    case!(none = with_else(Box::new(None)));

    #[segno::coroutine]
    async fn in_a_block() -> u32 {
        let both = Box::new((T("a"), T("b")));
        let block = async move {
            y().await;
            let (a, _) = *both;
            y().await;
            a.r() as u32
        };
        y().await;
        block.await
    }
    case!(in_a_block());

    #[segno::coroutine]
    async fn in_a_loop(times: u32) -> u32 {
        let mut sum = 0;
        for _ in 0..times {
            let both = Box::new((T("a"), T("b")));
            let (a, _) = *both;
            sum += a.a().await as u32;
        }
        sum
    }
    case!(in_a_loop(2));

    /// What is copied leaves the box as it is.
    #[segno::coroutine]
    async fn copied(both: Box<(T, u32)>) -> u32 {
        let (_, n) = *both;
        y().await;
        n
    }
    case!(copied(Box::new((T("a"), 4))));

    /// What is borrowed of the box is not used any more.
    #[segno::coroutine]
    async fn after_a_borrow(both: Box<(T, T)>) -> u32 {
        let b = &both.1;
        y().await;
        b.r();
        let (a, _) = *both;
        y().await;
        a.r() as u32
    }
    case!(after_a_borrow(Box::new((T("a"), T("b")))));

    /// That it is a box, only its type tells.
    #[segno::coroutine]
    async fn not_known_by_its_spelling(both: Option<Box<(T, T)>>) -> u32 {
        let Some(both) = both else { return 0 };
        let whole = *both;
        let (a, _) = whole;
        y().await;
        a.r() as u32
    }
    case!(not_known_by_its_spelling(Some(Box::new((T("a"), T("b"))))));

    /// Of what other pointers point to, nothing is moved.
    #[segno::coroutine]
    async fn of_another_pointer(both: (T, u32)) -> u32 {
        let lock = std::sync::Mutex::new(both);
        let n = {
            let both = lock.lock().unwrap();
            let (_, n) = *both;
            y().await;
            assert!(lock.try_lock().is_err());
            n
        };
        y().await;
        let both = &mut lock.into_inner().unwrap();
        let (_, m) = *both;
        y().await;
        n + m
    }
    case!(of_another_pointer((T("a"), 4)));

    #[segno::coroutine]
    async fn base_after_a_borrow() -> u32 {
        let mut base = pair("a", "b");
        let a = &mut base.a;
        a.a().await;
        let made = Pair { a: T("z"), ..base };
        y().await;
        made.n
    }
    case!(base_after_a_borrow());

    #[derive(Debug, Clone, Copy)]
    struct Spot {
        x: u32,
        y: u32,
    }

    /// What is copied may be captured whole.
    #[segno::coroutine]
    async fn captured_bases(spot: Spot) -> u32 {
        let block = async move {
            y().await;
            let other = Spot { x: 3, ..spot };
            other.y
        };
        let closure = move || Spot { y: 1, ..spot }.x;
        y().await;
        block.await + closure()
    }
    case!(captured_bases(Spot { x: 1, y: 2 }));

    #[segno::coroutine]
    async fn captured_by_fields() -> u32 {
        let base = pair("a", "b");
        let block = async move {
            let base = base;
            y().await;
            let made = Pair { a: T("z"), ..base };
            made.n
        };
        let n = block.await;
        y().await;
        n
    }
    case!(captured_by_fields());

    /// Out of a slot, behind the last suspension.
    #[segno::coroutine]
    async fn at_the_end(q: Box<Result<T, T>>) {
        if let Ok(value) = &*q {
            value.a().await;
        }
        if let Ok(value) = *q {
            value.r();
        }
    }
    dynamic_drop!(at_the_end(Box::new(Ok(T("ok")))));
    dynamic_drop!(left_at_the_end = at_the_end(Box::new(Err(T("error")))));

    #[segno::coroutine]
    async fn by_either_arm(q: Box<Result<T, T>>) {
        q.as_ref().as_ref().unwrap_or_else(|error| error).a().await;
        match *q {
            Ok(value) => log(format!("{}", value.r())),
            Err(error) => drop(error),
        }
        log("end");
    }
    dynamic_drop!(by_either_arm(Box::new(Ok(T("ok")))));
    dynamic_drop!(by_the_other_arm = by_either_arm(Box::new(Err(T("error")))));

    #[segno::coroutine]
    async fn with_a_guard(q: Box<Result<T, T>>, c: bool) {
        q.as_ref().as_ref().unwrap_or_else(|error| error).a().await;
        match *q {
            Ok(value) if c && value.r() > 0 => log("taken"),
            Ok(value) => log(format!("{}", value.r())),
            Err(error) if c => drop(error),
            _ => log("left"),
        }
        y().await;
    }
    dynamic_drop!(guard_holds = with_a_guard(Box::new(Ok(T("ok"))), true));
    dynamic_drop!(guard_does_not = with_a_guard(Box::new(Ok(T("ok"))), false));
    dynamic_drop!(guard_of_the_other = with_a_guard(Box::new(Err(T("error"))), true));
    dynamic_drop!(left_by_a_guard = with_a_guard(Box::new(Err(T("error"))), false));

    /// The box is used by a guard: it is matched where it is.
    #[segno::coroutine]
    async fn used_by_a_guard(q: Box<Result<T, T>>) {
        y().await;
        match *q {
            Ok(value) if q.is_ok() => drop(value),
            _ => log("left"),
        }
    }
    case!(used_by_a_guard(Box::new(Ok(T("ok")))));
}
