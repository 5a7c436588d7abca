//! Structures out of which fields are moved before a suspension, of which the rest has a destructor.

use segno_tests::both_worlds;

#[both_worlds]
mod consuming_methods {
    struct Link {
        first: T,
        port: T,
        list: Vec<T>,
        n: u32,
        last: Option<T>,
    }

    fn link() -> Link {
        Link { first: T("first"), port: T("port"), list: vec![T("0"), T("1")], n: 3, last: Some(T("last")) }
    }

    fn set(port: T, list: Vec<T>, n: u32) -> u32 {
        log("set");
        port.r() as u32 + list.len() as u32 + n
    }

    impl Link {
        #[segno::coroutine]
        async fn close(self) -> u8 {
            self.port.taken().await
        }

        #[segno::coroutine]
        async fn close_behind_a_borrow(mut self) -> u8 {
            self.first.renamed("renamed").await;
            let n: u8 = self.list[0].a().await;
            let m = self.port.a().await;
            self.port.taken().await + n + m
        }

        #[segno::coroutine]
        async fn goes_on(self) -> u8 {
            let n = self.port.taken().await;
            let guard = T("guard");
            for _ in 0..2 {
                y().await;
            }
            if guard.r() > 0 {
                y().await;
            }
            n
        }

        // Nothing is moved: it stays where it is.
        #[segno::coroutine]
        async fn borrows(self) -> u8 {
            self.port.a().await
        }

        #[segno::coroutine]
        async fn copies(self) -> u32 {
            let n = self.n;
            y().await;
            n
        }

        #[segno::coroutine]
        async fn moves(self) -> u8 {
            let port = self.port;
            y().await;
            port.a().await
        }

        #[segno::coroutine]
        async fn moves_several(self, other: &mut T) -> u32 {
            let n = set(self.port, self.list, self.n);
            other.renamed("other").await;
            n
        }

        #[segno::coroutine]
        async fn gives_several(self) -> (T, Vec<T>) {
            let both = (self.port, self.list);
            y().await;
            both
        }

        #[segno::coroutine]
        async fn matches(self, other: &T) -> u8 {
            let last = match self.last {
                Some(last) => last,
                None => T("none"),
            };
            other.a().await;
            last.r()
        }

        #[segno::coroutine]
        async fn unwraps(self) -> u8 {
            self.last.unwrap().taken().await
        }

        #[segno::coroutine]
        async fn maps(self) -> Option<u8> {
            let n = self.last.map(|last| last.take());
            y().await;
            n
        }

        #[segno::coroutine]
        async fn fails(self, fails: bool) -> Result<u8, Failure> {
            let port = fail(fails, self.port).await?;
            port.a().await;
            Ok(port.r())
        }

        #[segno::coroutine]
        async fn leaves(self, c: bool) -> u8 {
            if c {
                return self.port.taken().await;
            }
            self.first.r()
        }

        // The parameters behind it are dropped before it.
        #[segno::coroutine]
        async fn beside_parameters(self, c: bool, p: T, _o: Option<T>) -> Result<T, Failure> {
            let _n = {
                y().await;
                self.n
            };
            Ok('b: {
                if c {
                    break 'b match p {
                        q => q,
                    };
                }
                T("t")
            })
        }

        #[segno::coroutine]
        async fn drops(self) {
            drop(self.list);
            y().await;
        }
    }
    case!(close = Link::close(link()));
    case!(close_behind_a_borrow = Link::close_behind_a_borrow(link()));
    case!(goes_on = Link::goes_on(link()));
    case!(borrows = Link::borrows(link()));
    case!(copies = Link::copies(link()));
    case!(moves = Link::moves(link()));
    case!(moves_several = Link::moves_several(link(), &mut T("other")));
    case!(gives_several = Link::gives_several(link()));
    case!(matches = Link::matches(link(), &T("other")));
    case!(unwraps = Link::unwraps(link()));
    case!(maps = Link::maps(link()));
    case!(fails = Link::fails(link(), true));
    case!(does_not_fail = Link::fails(link(), false));
    case!(leaves = Link::leaves(link(), true));
    case!(does_not_leave = Link::leaves(link(), false));
    case!(beside_parameters = Link::beside_parameters(link(), false, T("p"), None));
    case!(beside_a_taken_parameter = Link::beside_parameters(link(), true, T("p"), None));
    case!(drops = Link::drops(link()));
}

#[both_worlds]
mod other_structures {
    struct Two(T, T);
    impl Two {
        #[segno::coroutine]
        async fn second(self) -> u8 {
            self.1.taken().await
        }
    }
    case!(second = Two::second(Two(T("0"), T("1"))));

    struct One {
        only: T,
    }
    impl One {
        #[segno::coroutine]
        async fn only(self) -> u8 {
            self.only.taken().await
        }
    }
    case!(only = One::only(One { only: T("only") }));

    struct Of<'a, X: Copy, const N: usize> {
        lent: (&'a T, T),
        x: [X; N],
        t: T,
    }
    impl<X: Copy, const N: usize> Of<'_, X, N> {
        #[segno::coroutine]
        async fn its_own(self) -> [X; N] {
            let x = self.x;
            y().await;
            x
        }
    }
    case!(its_own = Of::its_own(Of { lent: (&T("shared"), T("lent")), x: [1u8, 2], t: T("t") }));

    // With a destructor of its own, of which nothing can be moved out: but borrowed.
    struct Guarded {
        t: T,
        n: u32,
    }
    impl Drop for Guarded {
        fn drop(&mut self) {
            log("guarded");
        }
    }
    impl Guarded {
        #[segno::coroutine]
        async fn with_a_destructor(self) -> u8 {
            self.t.a().await
        }

        #[segno::coroutine]
        async fn copies_with_a_destructor(self) -> u32 {
            let n = self.n;
            y().await;
            n
        }
    }
    case!(with_a_destructor = Guarded::with_a_destructor(Guarded { t: T("t"), n: 1 }));
    case!(copies_with_a_destructor = Guarded::copies_with_a_destructor(Guarded { t: T("t"), n: 1 }));

    // A field may be one of what it points to.
    struct Pointer {
        to: Box<One>,
        other: T,
    }
    impl core::ops::Deref for Pointer {
        type Target = One;
        fn deref(&self) -> &One {
            &self.to
        }
    }
    impl Pointer {
        #[segno::coroutine]
        async fn points(self) -> u8 {
            self.other.r();
            self.only.a().await
        }
    }
    case!(points = Pointer::points(Pointer { to: Box::new(One { only: T("only") }), other: T("other") }));

    trait Ends {
        async fn end(self) -> u8;
    }
    impl Ends for Two {
        #[segno::coroutine]
        async fn end(self) -> u8 {
            self.0.taken().await
        }
    }
    impl Ends for &Two {
        #[segno::coroutine]
        async fn end(self) -> u8 {
            self.0.a().await
        }
    }
    impl Ends for (T, T) {
        #[segno::coroutine]
        async fn end(self) -> u8 {
            self.1.a().await
        }
    }
    case!(end = Ends::end(Two(T("0"), T("1"))));
    case!(end_of_a_reference = Ends::end(&Two(T("0"), T("1"))));
    case!(end_of_a_tuple = Ends::end((T("0"), T("1"))));
}

#[both_worlds]
mod parameters_and_variables {
    struct Message {
        head: T,
        body: T,
        reply: Option<T>,
    }

    fn message() -> Message {
        Message { head: T("head"), body: T("body"), reply: Some(T("reply")) }
    }

    #[segno::coroutine]
    async fn parameter(message: Message, n: u32) -> u32 {
        message.head.a().await;
        let body = message.body.taken().await as u32;
        body + n
    }
    case!(parameter(message(), 1));

    #[segno::coroutine]
    async fn two_parameters(first: Message, second: Message) -> u8 {
        let guard = T("guard");
        let n = first.body.taken().await;
        second.head.taken().await + guard.r() + n
    }
    case!(two_parameters(message(), message()));

    #[segno::coroutine]
    async fn variable() -> u8 {
        let _before = T("before");
        let message = Message { head: T("head"), body: T("body"), reply: None };
        let _behind = T("behind");
        message.head.a().await;
        message.body.taken().await
    }
    case!(variable());

    #[segno::coroutine]
    async fn variable_in_a_loop(count: u32) -> u32 {
        let mut sum: u32 = 0;
        for n in 0..count {
            let message = Message { head: T("head"), body: T("body"), reply: None };
            sum += n + message.body.a().await as u32;
            let head = message.head;
            y().await;
            if head.r() == 0 {
                break;
            }
        }
        sum
    }
    case!(variable_in_a_loop(2));

    // On two ways there are two things left.
    #[segno::coroutine]
    async fn on_two_ways(c: bool, message: Message) -> u32 {
        match {
            let _ = if c {
                message.head
            } else {
                return u32::from(message.body.r()) + child(1).await;
            };
        } {
            _ => log("behind"),
        }
        1
    }
    case!(on_one_way = on_two_ways(true, message()));
    case!(on_the_other_way = on_two_ways(false, message()));

    // It has left its slot before.
    #[segno::coroutine]
    async fn left_before(c: bool, of: Counted, lent: T) -> u32 {
        lent.a().await;
        let n = (if c { of.n } else { child(1).await }).wrapping_add(of.n);
        let t = if n < 9 { Some(of.t) } else { return T("nine").r() as u32 };
        match t {
            Some(t) if c => t.r() as u32,
            _ => n,
        }
    }
    struct Counted {
        n: u32,
        t: T,
        other: T,
    }
    case!(left_before(true, Counted { n: 1, t: T("t"), other: T("other") }, T("lent")));
    case!(left_before_not = left_before(false, Counted { n: 1, t: T("t"), other: T("other") }, T("lent")));

    #[segno::coroutine]
    async fn variable_and_back() -> u8 {
        let message = Message { head: T("head"), body: T("body"), reply: Some(T("reply")) };
        let mut n = message.body.taken().await;
        loop {
            let t = T("t");
            y().await;
            n += t.r();
            if n > 2 {
                break n;
            }
        }
    }
    case!(variable_and_back());
}

#[both_worlds]
mod matched_fields {
    // Neither `Copy` nor with a destructor.
    #[derive(Debug)]
    struct Pin(u32);

    enum Mode {
        In(Pin),
        Out { pin: Pin, level: u32 },
        Off,
    }

    struct Board {
        mode: Mode,
        led: Pin,
        n: u32,
    }

    fn board(mode: Mode) -> Board {
        Board { mode, led: Pin(2), n: 3 }
    }

    #[segno::coroutine]
    async fn other_fields_behind(board: Board) -> u32 {
        let n = match board.mode {
            Mode::In(pin) => {
                y().await;
                pin.0
            }
            Mode::Out { mut pin, level } => {
                pin.0 += 1;
                ys(2).await;
                pin.0 + level
            }
            Mode::Off => 7,
        };
        y().await;
        board.led.0 + board.n + n
    }
    case!(input = other_fields_behind(board(Mode::In(Pin(1)))));
    case!(output = other_fields_behind(board(Mode::Out { pin: Pin(1), level: 1 })));
    case!(off = other_fields_behind(board(Mode::Off)));

    #[segno::coroutine]
    async fn all_others(board: Board) -> u32 {
        let n = match board.mode {
            Mode::Out { pin, level: 1 } => {
                y().await;
                pin.0
            }
            Mode::In(pin) => child(pin.0).await,
            _ => 7,
        };
        let Pin(led) = board.led;
        y().await;
        led + n
    }
    case!(all_others_not = all_others(board(Mode::In(Pin(1)))));
    case!(all_others_neither = all_others(board(Mode::Out { pin: Pin(1), level: 1 })));
    case!(all_others(board(Mode::Out { pin: Pin(1), level: 2 })));

    enum Command {
        Read(u32),
        Write(T),
        Both { t: T, n: u32 },
        Stop,
    }

    struct Message {
        head: T,
        command: Command,
        reply: Option<T>,
        tail: T,
    }

    fn message(command: Command, reply: Option<T>) -> Message {
        Message { head: T("head"), command, reply, tail: T("tail") }
    }

    #[segno::coroutine]
    async fn each_takes_all(message: Message) -> u32 {
        message.head.a().await;
        match message.command {
            Command::Read(n) => child(n).await,
            Command::Write(t) => t.a().await as u32,
            Command::Both { t, n } => {
                y().await;
                t.r() as u32 + n
            }
            Command::Stop => 0,
        }
    }
    case!(reads = each_takes_all(message(Command::Read(1), None)));
    case!(writes = each_takes_all(message(Command::Write(T("t")), None)));
    case!(does_both = each_takes_all(message(Command::Both { t: T("t"), n: 2 }, Some(T("reply")))));
    case!(stops = each_takes_all(message(Command::Stop, Some(T("reply")))));

    #[segno::coroutine]
    async fn an_option(message: Message) -> u8 {
        let mut sum: u8 = message.head.a().await;
        if let Some(reply) = message.reply {
            sum += reply.a().await;
            y().await;
        }
        y().await;
        sum
    }
    case!(some = an_option(message(Command::Stop, Some(T("reply")))));
    case!(none = an_option(message(Command::Stop, None)));

    impl Message {
        #[segno::coroutine]
        async fn of_a_method(self) -> u8 {
            let Some(reply) = self.reply else {
                y().await;
                return 1;
            };
            let n = reply.a().await;
            y().await;
            n
        }
    }
    case!(of_a_method = Message::of_a_method(message(Command::Stop, Some(T("reply")))));
    case!(of_a_method_none = Message::of_a_method(message(Command::Stop, None)));

    // Only copies: it stays where it is, whatever the others have.
    #[segno::coroutine]
    async fn only_copies(message: Message) -> u32 {
        message.head.a().await;
        let n = match message.command {
            Command::Read(n) => child(n).await,
            _ => 5,
        };
        y().await;
        message.tail.r() as u32 + n
    }
    case!(copies = only_copies(message(Command::Read(1), None)));
    case!(does_not_copy = only_copies(message(Command::Write(T("t")), None)));

    struct Referring<'a> {
        shared: &'a Option<T>,
        exclusive: &'a mut Option<T>,
        other: T,
    }

    #[segno::coroutine]
    async fn references(referring: Referring<'_>) -> u8 {
        referring.other.a().await;
        let n = match referring.shared {
            Some(t) => t.a().await,
            None => 1,
        };
        let m = match referring.exclusive {
            Some(t) => {
                t.renamed("renamed").await;
                t.r()
            }
            None => 2,
        };
        y().await;
        referring.other.r() + n + m
    }
    case!(references(Referring {
        shared: &Some(T("shared")),
        exclusive: &mut Some(T("exclusive")),
        other: T("other")
    }));
    case!(no_references = references(Referring { shared: &None, exclusive: &mut None, other: T("other") }));
}
