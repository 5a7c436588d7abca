//! What is in a box is moved out of it.

use segno_tests::both_worlds;

#[both_worlds]
mod boxes {
    use std::cell::RefCell;

    fn eat(t: T) -> u32 {
        log(format!("eat:{}", t.0));
        1
    }

    #[segno::coroutine]
    async fn look(t: &T) {
        y().await;
        log(t.0);
    }

    #[segno::coroutine]
    async fn by_a_let(b: Box<T>) -> u32 {
        let _g = T("g");
        let t = *b;
        y().await;
        let _h = T("h");
        y().await;
        eat(t)
    }
    case!(by_a_let(Box::new(T("boxed"))));

    #[segno::coroutine]
    async fn out_of_a_box_and_an_option() -> u32 {
        let b = Box::new(T("boxed"));
        let mut o = Some(T("option"));
        y().await;
        let t = *b;
        y().await;
        let u = o.take();
        y().await;
        eat(t) + u.map_or(0, eat)
    }
    case!(out_of_a_box_and_an_option());

    #[segno::coroutine]
    async fn into_a_call(b: Box<T>, c: Box<Box<T>>) -> u32 {
        y().await;
        let n = eat(*b);
        y().await;
        let m = eat(**c);
        y().await;
        n + m
    }
    case!(into_a_call(Box::new(T("b")), Box::new(Box::new(T("c")))));

    #[segno::coroutine]
    async fn into_a_child(b: Box<T>) -> u32 {
        let _g = T("g");
        let n = child(*b).await;
        y().await;
        n.0.len() as u32
    }

    #[segno::coroutine]
    async fn child(t: T) -> T {
        y().await;
        log("child");
        t
    }
    case!(into_a_child(Box::new(T("b"))));

    /// It is in a slot.
    #[segno::coroutine]
    async fn borrowed_before() -> u32 {
        let b = Box::new(T("b"));
        look(&b).await;
        let _g = T("g");
        let t = *b;
        y().await;
        eat(t)
    }
    case!(borrowed_before());

    #[segno::coroutine]
    async fn on_some_ways(b: Box<T>, eats: bool) -> u32 {
        let _g = T("g");
        let n = if eats { eat(*b) } else { 0 };
        y().await;
        n
    }
    case!(eaten = on_some_ways(Box::new(T("b")), true));
    case!(not_eaten = on_some_ways(Box::new(T("b")), false));

    #[segno::coroutine]
    async fn on_some_ways_with_awaits(b: Box<T>, eats: bool) -> u32 {
        let mut n = 0;
        if eats {
            y().await;
            n = eat(*b);
            y().await;
        }
        y().await;
        n
    }
    case!(eaten_with_awaits = on_some_ways_with_awaits(Box::new(T("b")), true));
    case!(not_eaten_with_awaits = on_some_ways_with_awaits(Box::new(T("b")), false));

    /// A copy, out of what is not moved: the guard is dropped at the end.
    #[segno::coroutine]
    async fn copies() -> u32 {
        let cell = RefCell::new(3);
        let n = 4;
        let b = Box::new(5);
        {
            let guard = cell.borrow_mut();
            let r = &n;
            y().await;
            let (one, two, three) = (*guard, *r, *b);
            y().await;
            log(format!("{}", cell.try_borrow().is_err()));
            y().await;
            one + two + three
        }
    }
    case!(copies());

    struct Pointer(&'static str, T);

    impl std::ops::Deref for Pointer {
        type Target = u32;
        fn deref(&self) -> &u32 {
            log(self.0);
            &7
        }
    }

    /// The user's own code is called as often as it is written.
    #[segno::coroutine]
    async fn pointers_of_the_users() -> u32 {
        let p = Pointer("first", T("p"));
        let q = Pointer("second", T("q"));
        y().await;
        let n = *p;
        y().await;
        look(&q.1).await;
        let m = *q + n;
        y().await;
        m
    }
    case!(pointers_of_the_users());

    #[segno::coroutine]
    async fn by_a_match(b: Box<Option<T>>) -> u32 {
        let _g = T("g");
        match *b {
            Some(t) => {
                y().await;
                log("some");
                eat(t)
            }
            None => {
                y().await;
                0
            }
        }
    }
    case!(some = by_a_match(Box::new(Some(T("t")))));
    case!(none = by_a_match(Box::new(None)));

    #[segno::coroutine]
    async fn by_an_if_let() {
        let first = T("first");
        let b = Box::new((T("left"), Some(T("right"))));
        let _g = T("g");
        y().await;
        if let (_, Some(t)) = *b {
            y().await;
            drop(t);
            log("taken");
            y().await;
        }
        y().await;
        log(first.0);
    }
    case!(by_an_if_let());

    enum Message {
        One(T),
        Two(T, T),
        Three(u32),
    }

    #[segno::coroutine]
    async fn of_an_enum(b: Box<Message>) -> u32 {
        let _g = T("g");
        let n = match *b {
            Message::One(t) => eat(t),
            Message::Two(t, _) => {
                y().await;
                eat(t)
            }
            Message::Three(n) => {
                y().await;
                n
            }
        };
        y().await;
        n
    }
    case!(one = of_an_enum(Box::new(Message::One(T("t")))));
    case!(two = of_an_enum(Box::new(Message::Two(T("t"), T("u")))));
    case!(three = of_an_enum(Box::new(Message::Three(3))));

    /// What is in the box is used again, so what the arms take are copies.
    #[segno::coroutine]
    async fn used_again(b: Box<Option<u32>>) -> u32 {
        let n = match *b {
            Some(n) => {
                y().await;
                n
            }
            None => 0,
        };
        y().await;
        n + b.unwrap_or(1)
    }
    case!(used_again(Box::new(Some(2))));
}
