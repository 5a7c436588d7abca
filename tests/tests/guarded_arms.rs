//! Arms with guards, what they bind, and what is left to the arms behind; and patterns that stand beside them.

use segno_tests::both_worlds;

#[both_worlds]
mod guarded_arms {
    use std::cell::RefCell;

    enum Job {
        Runs(T, u32),
        Waits,
        Done,
    }

    struct Machine {
        job: Job,
    }

    impl Machine {
        fn new(n: u32) -> Machine {
            Machine { job: Job::Runs(T("job"), n) }
        }

        #[segno::coroutine]
        async fn event(&mut self, event: u32) -> u32 {
            match (event, &mut self.job) {
                (1, Job::Runs(t, n)) if *n < 3 => {
                    t.a().await;
                    *n += 1;
                    *n
                }
                (1, job) => {
                    y().await;
                    *job = Job::Done;
                    7
                }
                (_, Job::Waits) => 3,
                _ => 4,
            }
        }

        #[segno::coroutine]
        async fn step(&mut self) -> u32 {
            match &mut self.job {
                Job::Runs(t, n) if *n < 3 => {
                    t.a().await;
                    *n += 1;
                    *n
                }
                Job::Waits => 3,
                _ => {
                    self.job = Job::Waits;
                    4
                }
            }
        }
    }

    #[segno::coroutine]
    async fn an_event(event: u32, n: u32) -> u32 {
        let mut machine = Machine::new(n);
        machine.event(event).await + machine.step().await
    }
    case!(an_event(1, 1));
    case!(an_event_of_the_next_arm = an_event(1, 3));
    case!(an_event_of_the_last_arm = an_event(2, 3));

    /// What the guard has looked at, the next arm may take.
    #[segno::coroutine]
    async fn taken_behind_a_guard(n: u32, place: &mut Option<T>) -> u32 {
        match (n, place) {
            (_, Some(t)) if t.0 == "t" => {
                t.renamed("renamed").await;
                1
            }
            (_, rest) => rest.take().map_or(0, |t| t.r() as u32),
        }
    }
    case!(taken_behind_a_guard(1, &mut Some(T("t"))));
    case!(taken_behind_a_guard_that_fails = taken_behind_a_guard(1, &mut Some(T("u"))));
    case!(taken_behind_a_guard_without_a_value = taken_behind_a_guard(1, &mut None));

    struct Count {
        n: u32,
    }

    #[segno::coroutine]
    async fn a_result_of_a_reference(r: Result<&mut Count, T>) -> u32 {
        match r {
            Ok(Count { n }) if *n < 3 => {
                y().await;
                *n += 1;
                *n
            }
            Ok(count) => {
                count.n += 2;
                y().await;
                count.n
            }
            Err(t) => {
                y().await;
                t.r() as u32
            }
        }
    }
    case!(a_result_of_a_reference(Ok(&mut Count { n: 1 })));
    case!(a_result_of_a_reference_behind = a_result_of_a_reference(Ok(&mut Count { n: 4 })));
    case!(a_result_of_a_reference_not = a_result_of_a_reference(Err(T("e"))));

    /// Each alternative is asked for.
    #[segno::coroutine]
    async fn alternatives_of_references(a: Option<&mut T>, b: Option<&mut T>) -> u32 {
        match (a, b) {
            (Some(t), _) | (_, Some(t)) if t.0 == "x" => {
                t.0 = "new";
                y().await;
                t.r() as u32
            }
            (Some(t), None) if t.0 == "z" => {
                t.a().await;
                4
            }
            (_, b) => {
                y().await;
                b.map_or(5, |t| t.r() as u32)
            }
        }
    }
    case!(alternatives_of_references(Some(&mut T("x")), None));
    case!(alternatives_of_references_second = alternatives_of_references(Some(&mut T("a")), Some(&mut T("x"))));
    case!(alternatives_of_references_only_second = alternatives_of_references(None, Some(&mut T("x"))));
    case!(alternatives_of_references_behind = alternatives_of_references(Some(&mut T("z")), None));
    case!(alternatives_of_references_last = alternatives_of_references(Some(&mut T("z")), Some(&mut T("b"))));

    #[segno::coroutine]
    async fn a_guard_of_what_waits(m: &RefCell<Vec<T>>) -> usize {
        match m.try_borrow_mut() {
            Ok(v) if v.len() > 2 => {
                y().await;
                v.len()
            }
            _ => 99,
        }
    }
    case!(a_guard_of_what_waits(&RefCell::new(vec![T("a"), T("b"), T("c")])));
    case!(a_guard_of_what_waits_fails = a_guard_of_what_waits(&RefCell::new(vec![T("a")])));

    /// In a guard a binding is what it is in the arm, though it is moved in the arm alone.
    #[segno::coroutine]
    async fn bound_by_value_in_a_slot(r: Result<u32, (T, u32)>) -> u32 {
        let p = &r;
        y().await;
        if let Ok(1) = p {
            return 0;
        }
        match r {
            Ok(n) if n > 3 => n,
            Ok(n) if u64::from(n) == 3 => 4,
            Ok(n) => n + 100,
            Err((t, n)) if n > 3 && t.0 == "x" => {
                y().await;
                async { t.r() as u32 }.await
            }
            Err((t, _m @ (2 | 3))) => {
                y().await;
                t.r() as u32
            }
            Err((mut t, _m)) if t.r() == 1 => {
                t.0 = "renamed";
                y().await;
                8
            }
            Err(pair) => {
                y().await;
                pair.1
            }
        }
    }
    case!(bound_by_value_in_a_slot(Ok(5)));
    case!(bound_by_value_in_a_slot_second = bound_by_value_in_a_slot(Ok(3)));
    case!(bound_by_value_in_a_slot_third = bound_by_value_in_a_slot(Ok(2)));
    case!(bound_by_value_in_a_slot_moved = bound_by_value_in_a_slot(Err((T("x"), 5))));
    case!(bound_by_value_in_a_slot_behind = bound_by_value_in_a_slot(Err((T("x"), 2))));
    case!(bound_by_value_in_a_slot_renamed = bound_by_value_in_a_slot(Err((T("y"), 5))));
    case!(bound_by_value_in_a_slot_last = bound_by_value_in_a_slot(Err((T("long"), 5))));

    #[segno::coroutine]
    async fn alternatives_in_a_slot(a: Option<T>, b: Option<T>) -> u32 {
        let both = (a, b);
        let watched = &both;
        y().await;
        watched.0.is_some();
        match both {
            (Some(t), other) | (other, Some(t)) if t.0 == "x" => {
                y().await;
                drop(other);
                t.r() as u32
            }
            (Some(mut t), None) if t.0 == "z" => {
                t.0 = "new";
                y().await;
                4
            }
            _ => {
                y().await;
                2
            }
        }
    }
    case!(alternatives_in_a_slot(Some(T("x")), None));
    case!(alternatives_in_a_slot_second = alternatives_in_a_slot(Some(T("a")), Some(T("x"))));
    case!(alternatives_in_a_slot_only_second = alternatives_in_a_slot(None, Some(T("x"))));
    case!(alternatives_in_a_slot_behind = alternatives_in_a_slot(Some(T("z")), None));
    case!(alternatives_in_a_slot_last = alternatives_in_a_slot(Some(T("z")), Some(T("b"))));

    /// What has no size known is matched where it is.
    #[segno::coroutine]
    async fn a_slice_or_else(x: &[u32]) -> u32 {
        let [a, b, ..] = *x else {
            y().await;
            return 0;
        };
        y().await;
        a + b
    }
    case!(a_slice_or_else(&[1, 2]));
    case!(a_slice_or_else_not = a_slice_or_else(&[1]));

    #[segno::coroutine]
    async fn parts_or_else(s: &str) -> u32 {
        let parts: Vec<&str> = s.split('=').collect();
        let [name, value] = parts[..] else { return child(7).await };
        y().await;
        (name.len() * 10 + value.len()) as u32
    }
    case!(parts_or_else("name=value"));
    case!(parts_or_else_not = parts_or_else("name"));

    #[segno::coroutine]
    async fn a_range_or_else(n: u32) -> u32 {
        let cache = [1, 2, 3];
        let [a, b, ..] = cache[..T("long").r() as usize * n as usize] else {
            y().await;
            return 7;
        };
        y().await;
        a + b
    }
    case!(a_range_or_else(2));
    case!(a_range_or_else_not = a_range_or_else(0));
    case!(a_range_or_else_panics = a_range_or_else(9));

    #[segno::coroutine]
    async fn bytes_or_else(s: &str) -> u32 {
        let [b'a', x, ..] = *id(s).await.as_bytes() else {
            y().await;
            return 7;
        };
        y().await;
        x as u32
    }
    case!(bytes_or_else("ab"));
    case!(bytes_or_else_not = bytes_or_else("b"));

    /// What is locked for the pattern is free in the other block.
    #[segno::coroutine]
    async fn borrowed_or_else(m: &RefCell<Vec<u32>>) -> u32 {
        let [a, b, ..] = m.borrow()[..] else {
            y().await;
            m.borrow_mut().push(1);
            return 7;
        };
        y().await;
        m.borrow_mut().push(2);
        a + b
    }
    case!(borrowed_or_else(&RefCell::new(vec![1, 2])));
    case!(borrowed_or_else_not = borrowed_or_else(&RefCell::new(vec![1])));

    /// Of what is not copied, the pattern copies a part.
    #[segno::coroutine]
    async fn an_element_or_else(pairs: Vec<(Option<u32>, T)>, pair: &(Option<u32>, T)) -> u32 {
        let (Some(n), _) = pairs[1] else {
            y().await;
            drop(pairs);
            return 3;
        };
        let (Some(m), _) = *pair else {
            y().await;
            return 4;
        };
        y().await;
        n + m + pairs[0].1.r() as u32
    }
    case!(an_element_or_else(vec![(None, T("a")), (Some(3), T("b"))], &(Some(4), T("c"))));
    case!(an_element_or_else_not = an_element_or_else(vec![(None, T("a")), (None, T("b"))], &(Some(4), T("c"))));
    case!(an_element_or_else_second = an_element_or_else(vec![(None, T("a")), (Some(1), T("b"))], &(None, T("c"))));
    case!(an_element_or_else_panics = an_element_or_else(vec![(None, T("a"))], &(None, T("c"))));

    enum State {
        Off,
        On(T),
        Warm(T, u8),
        Hot(T, T),
    }

    /// What an alternative leaves is held.
    #[segno::coroutine]
    async fn left_by_an_alternative(s: State) -> u32 {
        match s {
            State::Hot(t, _) | State::On(t) => {
                y().await;
                t.r() as u32
            }
            State::Warm(_, n) => {
                y().await;
                n as u32
            }
            State::Off => child(2).await,
        }
    }
    case!(left_by_an_alternative(State::Hot(T("t"), T("rest"))));
    case!(left_by_an_alternative_second = left_by_an_alternative(State::On(T("t"))));
    case!(left_by_an_alternative_third = left_by_an_alternative(State::Warm(T("t"), 3)));
    case!(left_by_an_alternative_last = left_by_an_alternative(State::Off));

    #[segno::coroutine]
    async fn copied_by_an_alternative(s: State) -> T {
        match s {
            State::Warm(t, _) | State::On(t) => {
                y().await;
                t
            }
            _ => T("none"),
        }
    }
    case!(copied_by_an_alternative(State::Warm(T("t"), 2)));
    case!(copied_by_an_alternative_second = copied_by_an_alternative(State::On(T("t"))));
    case!(copied_by_an_alternative_last = copied_by_an_alternative(State::Hot(T("t"), T("rest"))));

    #[segno::coroutine]
    async fn alternatives_of_a_tuple(a: Option<T>, b: Option<T>) -> u32 {
        match (a, b) {
            (Some(t), _) | (None, Some(t)) if t.0 != "no" => {
                let watched = &t;
                y().await;
                watched.r() as u32
            }
            (_, Some(mut t)) | (Some(mut t), _) => {
                t.0 = "renamed";
                y().await;
                3
            }
            _ => {
                y().await;
                2
            }
        }
    }
    case!(alternatives_of_a_tuple(Some(T("a")), None));
    case!(alternatives_of_a_tuple_both = alternatives_of_a_tuple(Some(T("a")), Some(T("b"))));
    case!(alternatives_of_a_tuple_second = alternatives_of_a_tuple(None, Some(T("b"))));
    case!(alternatives_of_a_tuple_behind = alternatives_of_a_tuple(Some(T("no")), Some(T("b"))));
    case!(alternatives_of_a_tuple_swapped = alternatives_of_a_tuple(Some(T("no")), None));
    case!(alternatives_of_a_tuple_none = alternatives_of_a_tuple(None, None));

    #[segno::coroutine]
    async fn a_let_with_alternatives(s: Result<T, (T, T)>) -> u32 {
        let _before = T("before");
        let (Ok(t) | Err((t, _))) = s;
        y().await;
        t.r() as u32
    }
    case!(a_let_with_alternatives(Ok(T("a"))));
    case!(a_let_with_alternatives_second = a_let_with_alternatives(Err((T("a"), T("b")))));

    #[segno::coroutine]
    async fn a_parameter_with_alternatives((Ok(t) | Err((t, _))): Result<T, (T, T)>, _p: T) -> u32 {
        y().await;
        t.r() as u32
    }
    case!(a_parameter_with_alternatives(Ok(T("a")), T("p")));
    case!(a_parameter_with_alternatives_second = a_parameter_with_alternatives(Err((T("a"), T("b"))), T("p")));

    #[segno::coroutine]
    async fn an_if_with_alternatives(s: Result<(T, T), (T, Option<T>)>) -> u32 {
        if let Ok((_, t)) | Err((t, None)) = s {
            y().await;
            t.r() as u32
        } else {
            0
        }
    }
    case!(an_if_with_alternatives(Ok((T("left"), T("a")))));
    case!(an_if_with_alternatives_second = an_if_with_alternatives(Err((T("a"), None))));
    case!(an_if_with_alternatives_not = an_if_with_alternatives(Err((T("a"), Some(T("b"))))));

    #[segno::coroutine]
    async fn an_else_with_alternatives(s: State) -> u32 {
        let (State::On(t) | State::Hot(_, t) | State::Warm(t, _)) = s else {
            y().await;
            return 3;
        };
        y().await;
        t.r() as u32
    }
    case!(an_else_with_alternatives(State::On(T("t"))));
    case!(an_else_with_alternatives_second = an_else_with_alternatives(State::Hot(T("left"), T("t"))));
    case!(an_else_with_alternatives_third = an_else_with_alternatives(State::Warm(T("t"), 3)));
    case!(an_else_with_alternatives_not = an_else_with_alternatives(State::Off));

    #[segno::coroutine]
    async fn items_with_alternatives(list: Vec<Result<T, (T, T)>>) -> u32 {
        let mut n = 0;
        for (Ok(t) | Err((t, _))) in list {
            y().await;
            n += t.r() as u32;
        }
        n
    }
    case!(items_with_alternatives(vec![Ok(T("a")), Err((T("b"), T("c"))), Ok(T("d"))]));
}
