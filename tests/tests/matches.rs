//! `match`.

use segno_tests::both_worlds;

#[both_worlds]
mod matches {
    #[derive(Debug)]
    enum Event {
        Key(u8),
        Text(T),
        Move { x: u32, y: u32 },
        Quit,
    }

    #[segno::coroutine]
    async fn awaits_in_arms(event: Event) -> u32 {
        let _g = T("g");
        match event {
            Event::Key(k) => {
                y().await;
                k as u32
            }
            Event::Text(t) => {
                y().await;
                t.r();
                y().await;
                2
            }
            Event::Move { x, y: up } => child(x).await + up,
            Event::Quit => 0,
        }
    }
    case!(arm_key = awaits_in_arms(Event::Key(9)));
    case!(arm_text = awaits_in_arms(Event::Text(T("t"))));
    case!(arm_move = awaits_in_arms(Event::Move { x: 3, y: 4 }));
    case!(arm_quit = awaits_in_arms(Event::Quit));

    #[segno::coroutine]
    async fn await_in_scrutinee(event: Event) -> u32 {
        match id(event).await {
            Event::Key(1) => 1,
            Event::Key(k @ 2..=9) => child(k as u32).await,
            Event::Key(_) => 3,
            Event::Text(_) | Event::Quit => {
                y().await;
                4
            }
            Event::Move { x, y: _ } => x,
        }
    }
    case!(scrutinee_1 = await_in_scrutinee(Event::Key(1)));
    case!(scrutinee_5 = await_in_scrutinee(Event::Key(5)));
    case!(scrutinee_50 = await_in_scrutinee(Event::Key(50)));
    case!(scrutinee_text = await_in_scrutinee(Event::Text(T("t"))));
    case!(scrutinee_move = await_in_scrutinee(Event::Move { x: 7, y: 0 }));

    #[segno::coroutine]
    async fn guards_without_await(n: u32) -> &'static str {
        match child(n).await {
            0 => "zero",
            n if n % 2 == 0 => {
                y().await;
                "even"
            }
            n if {
                log("second guard");
                n > 6
            } =>
            {
                "large"
            }
            _ => id("odd").await,
        }
    }
    case!(guard_0 = guards_without_await(0));
    case!(guard_2 = guards_without_await(2));
    case!(guard_3 = guards_without_await(3));
    case!(guard_7 = guards_without_await(7));

    #[segno::coroutine]
    async fn binding_by_reference(value: Option<T>) -> u8 {
        match &value {
            Some(t) => {
                t.a().await;
            }
            None => log("none"),
        }
        y().await;
        match value {
            Some(ref t) => t.a().await,
            None => 0,
        }
    }
    case!(binding_by_reference_some = binding_by_reference(Some(T("t"))));
    case!(binding_by_reference_none = binding_by_reference(None));

    #[segno::coroutine]
    async fn binding_by_mutable_reference(mut value: (u32, T)) -> u32 {
        match &mut value {
            (n, t) => {
                *n += child(1).await;
                t.renamed("new").await;
            }
        }
        match value {
            (ref mut n, _) if *n > 1 => *n += 10,
            _ => {}
        }
        y().await;
        value.0
    }
    case!(binding_by_mutable_reference((1, T("t"))));

    #[segno::coroutine]
    async fn binding_moves_in_one_arm(value: Result<T, T>) -> u8 {
        match value {
            Ok(t) => {
                y().await;
                drop(t);
                y().await;
                log("ok");
                1
            }
            Err(_) => {
                y().await;
                log("err");
                2
            }
        }
    }
    case!(binding_moves_ok = binding_moves_in_one_arm(Ok(T("t"))));
    case!(binding_moves_err = binding_moves_in_one_arm(Err(T("e"))));

    #[segno::coroutine]
    async fn at_bindings(n: u32) -> u32 {
        match n {
            small @ 0..=3 => child(small).await,
            pair @ (10 | 20) => {
                y().await;
                pair
            }
            other => {
                y().await;
                other + 1
            }
        }
    }
    case!(at_small = at_bindings(2));
    case!(at_pair = at_bindings(20));
    case!(at_other = at_bindings(30));

    #[segno::coroutine]
    async fn nested(a: Option<u32>, b: Result<u32, u32>) -> u32 {
        match a {
            Some(a) => match id(b).await {
                Ok(b) => match a + b {
                    3 => child(3).await,
                    n => n,
                },
                Err(b) => {
                    let _g = T("g");
                    child(b).await
                }
            },
            None => match b {
                Ok(_) => 0,
                Err(_) => child(1).await,
            },
        }
    }
    case!(nested_3 = nested(Some(1), Ok(2)));
    case!(nested_n = nested(Some(1), Ok(9)));
    case!(nested_err = nested(Some(1), Err(9)));
    case!(nested_none = nested(None, Err(9)));

    #[segno::coroutine]
    async fn as_operand(n: u32) -> u32 {
        let base = 1 + match n {
            0 => child(5).await,
            _ => 6,
        };
        base + match child(n).await {
            0 => 100,
            m => child(m * 200).await,
        }
    }
    case!(as_operand_0 = as_operand(0));
    case!(as_operand_1 = as_operand(1));

    #[segno::coroutine]
    async fn arms_that_leave(n: u32) -> u32 {
        let mut rounds = 0;
        loop {
            let _g = T("g");
            rounds += 1;
            let step = match child(n + rounds).await {
                1 => {
                    y().await;
                    continue;
                }
                2 => 10,
                3 => break,
                _ => return child(99).await,
            };
            rounds += step;
        }
        rounds
    }
    case!(arms_that_leave_0 = arms_that_leave(0));
    case!(arms_that_leave_2 = arms_that_leave(2));

    #[segno::coroutine]
    async fn on_a_tuple(a: bool, b: bool) -> u32 {
        match (id(a).await, id(b).await) {
            (true, true) => 1,
            (true, false) | (false, true) => child(2).await,
            (false, false) => {
                y().await;
                3
            }
        }
    }
    case!(on_a_tuple_11 = on_a_tuple(true, true));
    case!(on_a_tuple_01 = on_a_tuple(false, true));
    case!(on_a_tuple_00 = on_a_tuple(false, false));

    #[segno::coroutine]
    async fn alternatives_that_bind(event: Result<u32, u32>) -> u32 {
        match event {
            Ok(n) | Err(n) if n > 5 => child(n).await,
            Ok(n) | Err(n) => n + child(1).await,
        }
    }
    case!(alternatives_large = alternatives_that_bind(Ok(9)));
    case!(alternatives_small = alternatives_that_bind(Err(2)));

    #[segno::coroutine]
    async fn result_statement(fails: bool) {
        match fail(fails, T("value")).await {
            Ok(_) => log("ok"),
            Err(e) => {
                y().await;
                e.0.r();
            }
        }
        log("after");
    }
    case!(result_statement_ok = result_statement(false));
    case!(result_statement_err = result_statement(true));

    #[segno::coroutine]
    async fn on_slices(data: &[u32]) -> u32 {
        match data {
            [] => child(0).await,
            [one] => child(*one).await,
            [first, middle @ .., last] => {
                y().await;
                first + last + middle.len() as u32
            }
        }
    }
    case!(on_slices_0 = on_slices(&[]));
    case!(on_slices_1 = on_slices(&[4]));
    case!(on_slices_4 = on_slices(&[4, 5, 6, 7]));

    struct Pair {
        first: T,
        rest: Vec<T>,
    }

    impl Pair {
        fn has(&self, n: u32) -> bool {
            self.first.r();
            self.rest.len() as u32 >= n
        }
    }

    /// The last mention of what lies in a slot is a guard's, which only borrows it.
    #[segno::coroutine]
    async fn guards_that_ask_what_was_borrowed(fails: bool, n: u32) -> u32 {
        let pair = Pair { first: T("first"), rest: vec![T("rest")] };
        let found = match pair_of(&pair, fails).await {
            Ok(value) if pair.has(n) => value,
            Err(_) if pair.rest.is_empty() => 1,
            Err(_) if pair.first.0.len() as u32 > n => {
                y().await;
                2
            }
            _ => {
                y().await;
                return 3;
            }
        };
        y().await;
        found
    }
    case!(asking_guard_ok = guards_that_ask_what_was_borrowed(false, 1));
    case!(asking_guard_not_ok = guards_that_ask_what_was_borrowed(false, 2));
    case!(asking_guard_err = guards_that_ask_what_was_borrowed(true, 4));
    case!(asking_guard_not_err = guards_that_ask_what_was_borrowed(true, 5));

    /// A guard may also take something, if nothing suspends behind it.
    #[segno::coroutine]
    async fn guards_that_take(fails: bool) -> u32 {
        let taken = T("taken");
        match pair_of(&Pair { first: T("first"), rest: vec![] }, fails).await {
            Ok(value) if takes(taken) => value + 1,
            _ => 2,
        }
    }
    case!(taking_guard_ok = guards_that_take(false));
    case!(taking_guard_err = guards_that_take(true));

    fn takes(taken: T) -> bool {
        taken.r();
        true
    }

    #[segno::coroutine]
    async fn pair_of(pair: &Pair, fails: bool) -> Result<u32, u32> {
        y().await;
        if fails { Err(0) } else { Ok(pair.rest.len() as u32) }
    }

    /// A number that is borrowed meanwhile, and that only a guard uses by value.
    #[segno::coroutine]
    async fn guard_calculates_with_what_is_looked_at(n: u32) -> u32 {
        let mut g = T("g");
        let _f = match &n {
            0 if n % 2 == 1 => id([g, T("a")]).await,
            3.. => [T("b"), id(T("c")).await],
            _ => [g, T("d")],
        };
        1
    }
    dynamic_drop!(guard_calculates_with_what_is_looked_at(1));
    dynamic_drop!(guard_calculates_with_a_large_one = guard_calculates_with_what_is_looked_at(4));
}
