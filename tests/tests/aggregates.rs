//! Structures and tuples that are used field by field, where their file shows what fields they have.

use segno_tests::both_worlds;

#[both_worlds]
mod aggregates {
    struct Config {
        name: T,
        items: T,
        size: u32,
    }

    fn config() -> Config {
        Config { name: T("name"), items: T("items"), size: 3 }
    }

    #[segno::coroutine]
    async fn one_by_one(config: Config) -> u32 {
        let name = config.name;
        y().await;
        log("between");
        let items = config.items;
        y().await;
        u32::from(name.r() + items.r()) + config.size
    }
    dynamic_drop!(one_by_one(config()));

    #[segno::coroutine]
    async fn others_are_borrowed(config: Config) -> u32 {
        config.name.a().await;
        let name = config.name;
        y().await;
        config.items.a().await;
        y().await;
        name.r();
        config.size
    }
    dynamic_drop!(others_are_borrowed(config()));

    #[segno::coroutine]
    async fn in_an_if(c: bool, config: Config) -> u32 {
        if c {
            drop(config.name);
        }
        y().await;
        config.items.a().await;
        config.size
    }
    dynamic_drop!(in_an_if(true, config()));
    dynamic_drop!(in_no_if = in_an_if(false, config()));

    #[segno::coroutine]
    async fn and_assigned(mut config: Config) -> u32 {
        for n in 0..3 {
            drop(config.name);
            y().await;
            config.name = T("again");
            config.size += n;
        }
        config.items.renamed("renamed").await;
        config.name.r();
        config.size
    }
    dynamic_drop!(and_assigned(config()));

    #[segno::coroutine]
    async fn written_down() -> u32 {
        let config = Config { items: T("items"), name: id(T("name")).await, size: 1 };
        let name = config.name;
        y().await;
        config.items.r();
        y().await;
        name.r();
        config.size
    }
    dynamic_drop!(written_down());

    #[segno::coroutine]
    async fn by_its_type() -> u32 {
        let config: Config = { config() };
        let items = config.items;
        y().await;
        config.name.a().await;
        items.r();
        config.size
    }
    dynamic_drop!(by_its_type());

    #[segno::coroutine]
    async fn load(c: bool) -> Result<Config, T> {
        y().await;
        if c { Ok(config()) } else { Err(T("error")) }
    }

    impl Config {
        fn new() -> Self {
            config()
        }

        fn checked() -> Option<Config> {
            Some(config())
        }
    }

    #[segno::coroutine]
    async fn given_by_functions(c: bool) -> Result<u32, T> {
        let new = Config::new();
        drop(new.name);
        y().await;
        let checked = Config::checked().unwrap();
        drop(checked.items);
        let made = config();
        drop(made.items);
        let loaded = load(c).await?;
        drop(loaded.name);
        y().await;
        Ok(new.size + u32::from(loaded.items.r()) + u32::from(made.name.r()))
    }
    dynamic_drop!(given_by_functions(true));
    dynamic_drop!(given_by_none = given_by_functions(false));

    // Not what the file's function gives.
    #[segno::coroutine]
    async fn given_by_another() -> u8 {
        let config = || (T("0"), T("1"));
        y().await;
        let config = config();
        let first = config.0;
        first.r()
    }
    dynamic_drop!(given_by_another());

    #[segno::coroutine]
    async fn with_a_base() -> u8 {
        let config = Config { name: T("other"), ..config() };
        drop(config.name);
        y().await;
        config.items.r()
    }
    dynamic_drop!(with_a_base());

    #[segno::coroutine]
    async fn dots(config: Config) -> u32 {
        let Config { items, .. } = config;
        items.a().await;
        2
    }
    dynamic_drop!(dots(config()));

    // Between other variables: the fields are dropped where the variable would be, the first one first.
    #[segno::coroutine]
    async fn among_parameters(_first: T, config: Config, _last: T) -> u8 {
        let _local = T("local");
        let size = config.size;
        y().await;
        let name = id(config.name).await;
        y().await;
        name.r() + size as u8
    }
    dynamic_drop!(among_parameters(T("first"), config(), T("last")));

    #[segno::coroutine]
    async fn beside_a_pattern((first, _): (T, T), config: Config, _: T) {
        y().await;
        drop(config.items);
        y().await;
        drop(first);
        y().await;
    }
    dynamic_drop!(beside_a_pattern((T("1"), T("2")), config(), T("last")));

    // A name that the body has already.
    #[segno::coroutine]
    async fn of_another_name(config: Config) -> u8 {
        let config_name = T("other");
        drop(config.name);
        y().await;
        config_name.r() + config.items.r()
    }
    dynamic_drop!(of_another_name(config()));

    #[segno::coroutine]
    async fn shown_by_macros(config: Config) -> String {
        let name = config.name;
        y().await;
        let shown = format!("{} {:?} {size}", config.size, config.items, size = config.size);
        y().await;
        name.r();
        assert_eq!(config.size, 3);
        shown
    }
    dynamic_drop!(shown_by_macros(config()));

    #[segno::coroutine]
    async fn in_a_closure(config: Config) -> u8 {
        let read = || config.items.r();
        drop(config.name);
        let n = read();
        y().await;
        let take = move || config.items.r();
        y().await;
        take() + n
    }
    dynamic_drop!(in_a_closure(config()));

    #[segno::coroutine]
    async fn in_a_block(config: Config) -> u8 {
        drop(config.name);
        let later = async move {
            y().await;
            config.items.r()
        };
        y().await;
        later.await
    }
    dynamic_drop!(in_a_block(config()));

    // Declared in one order, mentioned in the other: both are dropped in the first.
    #[segno::coroutine]
    async fn two_in_a_closure(config: Config) -> u8 {
        let read = move || config.items.r() + config.name.r();
        read()
    }
    dynamic_drop!(two_in_a_closure(config()));

    #[segno::coroutine]
    async fn shadowed(config: Config) -> u8 {
        let name = config.name;
        y().await;
        let config = Config { name: T("inner"), items: config.items, size: 0 };
        y().await;
        drop(config.items);
        y().await;
        name.r() + config.name.r()
    }
    dynamic_drop!(shadowed(config()));

    #[segno::coroutine]
    async fn in_a_loop() -> u32 {
        let mut sum = 0;
        for size in 0..3 {
            let config = Config { name: T("name"), items: T("items"), size };
            if size == 1 {
                continue;
            }
            drop(config.items);
            y().await;
            if size == 2 {
                break;
            }
            drop(config.name);
            y().await;
            sum += config.size;
        }
        sum
    }
    dynamic_drop!(in_a_loop());

    struct Pair(T, T);

    #[segno::coroutine]
    async fn of_a_tuple_structure(pair: Pair) {
        drop(pair.1);
        y().await;
        pair.0.r();
        y().await;
    }
    dynamic_drop!(of_a_tuple_structure(Pair(T("0"), T("1"))));

    struct Words<'a, W> {
        r#type: W,
        lent: &'a mut T,
        of: (&'a T, T),
    }

    #[segno::coroutine]
    async fn of_any_types<'a, W>(words: Words<'a, W>) -> W {
        let lent = words.lent;
        lent.a().await;
        let word = words.r#type;
        y().await;
        lent.renamed("renamed").await;
        words.of.0.r();
        word
    }
    dynamic_drop!(of_any_types(Words { r#type: T("word"), lent: &mut T("lent"), of: (&T("shared"), T("of")) }));
}

#[both_worlds]
mod methods {
    struct Port {
        first: T,
        wire: Wire,
        count: u32,
    }

    struct Wire {
        pin: T,
        line: T,
    }

    fn port() -> Port {
        Port { first: T("first"), wire: Wire { pin: T("pin"), line: T("line") }, count: 2 }
    }

    impl Port {
        #[segno::coroutine]
        async fn parted(mut self) -> u32 {
            self.first.renamed("renamed").await;
            self.count += 1;
            let first = self.first;
            y().await;
            self.wire.pin.a().await;
            first.r();
            self.count
        }

        #[segno::coroutine]
        async fn fields_of_fields(self) -> u8 {
            let pin = self.wire.pin;
            y().await;
            drop(self.first);
            y().await;
            pin.r() + self.wire.line.r()
        }

        #[segno::coroutine]
        async fn by_a_pattern(self) -> u8 {
            let Self { wire: Wire { line, .. }, .. } = self;
            y().await;
            line.r()
        }

        // Used in one piece as well.
        #[segno::coroutine]
        async fn whole(self) -> u32 {
            y().await;
            let count = self.count;
            y().await;
            self.count() + count
        }

        fn count(&self) -> u32 {
            log("count");
            self.count
        }
    }
    dynamic_drop!(parted = Port::parted(port()));
    dynamic_drop!(fields_of_fields = Port::fields_of_fields(port()));
    dynamic_drop!(by_a_pattern = Port::by_a_pattern(port()));
    dynamic_drop!(whole = Port::whole(port()));

    // With a destructor, which sees all of it.
    struct Guarded {
        mode: Mode,
        t: T,
    }
    #[derive(Clone, Copy)]
    enum Mode {
        On,
    }
    impl Drop for Guarded {
        fn drop(&mut self) {
            log("guarded");
        }
    }
    impl Guarded {
        #[segno::coroutine]
        async fn guarded(self) -> u8 {
            let mode = self.mode;
            y().await;
            match mode {
                Mode::On => self.t.r(),
            }
        }
    }
    dynamic_drop!(guarded = Guarded::guarded(Guarded { mode: Mode::On, t: T("t") }));
}

#[both_worlds]
mod tuples {
    #[segno::coroutine]
    async fn of_a_parameter(pair: (T, T)) -> u8 {
        pair.0.a().await;
        let first = pair.0;
        y().await;
        pair.1.a().await;
        y().await;
        first.r()
    }
    dynamic_drop!(of_a_parameter((T("0"), T("1"))));

    #[segno::coroutine]
    async fn on_one_path(c: bool, pair: (T, T), _last: T) {
        if c {
            drop(pair.0);
        }
        y().await;
        pair.1.a().await;
    }
    dynamic_drop!(on_one_path(true, (T("0"), T("1")), T("last")));
    dynamic_drop!(on_the_other_path = on_one_path(false, (T("0"), T("1")), T("last")));

    #[segno::coroutine]
    async fn written_down() {
        let pair = (T("0"), T("1"));
        pair.1.a().await;
        drop(pair.0);
        y().await;
        pair.1.a().await;
    }
    dynamic_drop!(written_down());

    #[segno::coroutine]
    async fn within_each_other() -> u8 {
        let all = ((T("0.0"), T("0.1")), T("1"), 2u8);
        drop(all.0.1);
        y().await;
        drop(all.1);
        y().await;
        all.0.0.r() + all.2
    }
    dynamic_drop!(within_each_other());

    #[segno::coroutine]
    async fn with_what_it_borrows() -> u8 {
        let pair = (&T("lent"), T("1"));
        drop(pair.1);
        y().await;
        pair.0.r()
    }
    dynamic_drop!(with_what_it_borrows());
}

#[both_worlds]
mod field_moved_after_a_borrow {
    // A field is moved out of a variable that was borrowed across a suspension.
    #[derive(Debug)]
    struct Source {
        next: u8,
        reads: u32,
    }

    #[derive(Debug)]
    struct Line {
        bytes: [u8; 8],
        length: usize,
    }

    #[derive(Debug)]
    struct Port {
        source: Source,
        line: Line,
        token: T,
    }

    impl Source {
        fn new() -> Self {
            Source { next: b'a', reads: 0 }
        }
    }

    impl Line {
        fn new() -> Self {
            Line { bytes: [0; 8], length: 0 }
        }
    }

    #[segno::coroutine]
    async fn read_byte(source: &mut Source) -> u8 {
        y().await;
        source.reads += 1;
        source.next += 1;
        source.next - 1
    }

    #[segno::coroutine]
    async fn read_line(source: &mut Source, line: &mut Line) -> usize {
        for _ in 0..3 {
            line.bytes[line.length] = read_byte(source).await;
            line.length += 1;
        }
        line.length
    }

    #[segno::coroutine]
    async fn fields() -> (usize, u32) {
        let mut port = Port { source: Source::new(), line: Line::new(), token: T("token") };
        let n = read_line(&mut port.source, &mut port.line).await;
        port.token.a().await;
        y().await;
        drop(port.token);
        y().await;
        (n + port.line.length, port.source.reads)
    }
    dynamic_drop!(fields());
}

#[both_worlds]
mod field_moved_as_last_use {
    // A field is moved as the last use of its struct, before a suspension.
    #[segno::coroutine]
    async fn field_of_last_use() -> u32 {
        struct Peripherals {
            pin: T,
            port: T,
            number: u32,
        }
        let p = Peripherals { pin: T("pin"), port: T("port"), number: 3 };
        let pin = p.pin;
        let number = p.number;
        y().await;
        pin.r();
        y().await;
        number
    }
    dynamic_drop!(field_of_last_use());
}

#[both_worlds]
mod field_moved_beside_a_borrow {
    // A field is moved out of a slot while another is borrowed.
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    struct Lent<'a>(&'a mut T);

    impl Drop for Lent<'_> {
        fn drop(&mut self) {
            *self.0 = T("returned");
        }
    }

    #[segno::coroutine]
    async fn beside_a_borrow() {
        let mut pair = Pair { first: T("first"), second: T("second") };
        pair.first.renamed("renamed").await;
        let _lent = Lent(&mut pair.second);
        drop(pair.first);
    }
    dynamic_drop!(beside_a_borrow());
}

#[both_worlds]
mod field_moved_on_one_path {
    // One field is moved on one path, another one on the other path.
    /// Allocates: an operation, like a log.
    fn t(name: &'static str) -> T {
        log(format!("+{name}"));
        T(name)
    }

    #[segno::coroutine]
    async fn one_field_moved(c: bool) {
        let pair = (t("p0"), t("p1"));
        if c {
            let first = pair.0;
            y().await;
            drop(first);
        } else {
            let second = pair.1;
            y().await;
        }
        y().await;
    }
    dynamic_drop!(one_field_moved(true));
    dynamic_drop!(other_field_moved = one_field_moved(false));
}

#[both_worlds]
mod field_of_a_parameter_moved {
    // Fields are moved out of a parameter, over suspensions.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn of_a_parameter(s: Three) -> T {
        let a = s.a;
        y().await;
        log("moved");
        drop(s.b);
        child(s.n).await;
        a
    }
    dynamic_drop!(of_a_parameter(three()));
}

#[both_worlds]
mod field_taken_by_a_match {
    // A `match` moves out of one field, over suspensions.
    #[segno::coroutine]
    async fn by_a_match() {
        let s = (Some(T("some")), T("side"));
        match s.0 {
            Some(t) => {
                y().await;
                drop(t);
                y().await;
            }
            None => y().await,
        }
        s.1.r();
        y().await;
    }
    dynamic_drop!(by_a_match());
}

#[both_worlds]
mod tuple_field_moved {
    // A field of a tuple is moved before a suspension.
    #[segno::coroutine]
    async fn tuple_field() {
        let t = (T("t0"), T("t1"));
        drop(t.0);
        y().await;
        log("e");
    }
    dynamic_drop!(tuple_field());
}

#[both_worlds]
mod part_left_of_a_field_in_a_slot {
    // A pattern takes a part of a field and leaves another, and the variable lives in a slot, out of which a field comes whole.
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    struct Nest {
        p: Pair,
        r: Result<T, T>,
    }

    #[segno::coroutine]
    async fn copied(q: Nest) -> u32 {
        q.p.b.a().await;
        let Pair { n, .. } = q.p;
        n
    }

    #[segno::coroutine]
    async fn moved(q: Nest) -> u8 {
        q.p.b.a().await;
        match q.p {
            Pair { a, b: _, n: _ } => a.r(),
        }
    }

    #[segno::coroutine]
    async fn by_a_closure(q: Nest) -> u8 {
        q.p.b.a().await;
        let take = || match q.p {
            Pair { a, .. } => a.r(),
        };
        take()
    }

    // Where it does not match, all is left.
    #[segno::coroutine]
    async fn or_not(q: Nest) -> u8 {
        q.p.b.a().await;
        if let Ok(value) = q.r { value.r() } else { 0 }
    }

    #[segno::coroutine]
    async fn or_else(q: Nest) -> u8 {
        q.p.b.a().await;
        let Ok(value) = q.r else { return 0 };
        value.r()
    }

    fn nest() -> Nest {
        Nest { p: Pair { a: T("a"), b: T("b"), n: 1 }, r: Err(T("r")) }
    }
    dynamic_drop!(copied(nest()));
    dynamic_drop!(moved(nest()));
    dynamic_drop!(by_a_closure(nest()));
    dynamic_drop!(or_not(nest()));
    dynamic_drop!(or_else(nest()));
}

#[both_worlds]
mod self_pattern_with_rest {
    // A pattern with `..` takes `self` apart before a suspension.
    #[derive(Debug)]
    struct Device {
        token: T,
        count: u32,
        buffer: [u8; 4],
    }

    impl Device {
        #[segno::coroutine]
        async fn taken_apart(self) -> T {
            let count = self.count;
            y().await;
            let Device { token, .. } = self;
            child(count).await;
            token
        }
    }
    dynamic_drop!(self_pattern_with_rest = Device { token: T("device"), count: 0, buffer: [0; 4] }.taken_apart());
}

#[both_worlds]
mod several_parts_left {
    // A pattern takes one part of a structure and leaves several with destructors.
    #[derive(Debug)]
    struct Three {
        first: T,
        second: T,
        third: T,
    }

    #[segno::coroutine]
    async fn struct_pattern(three: Three) {
        let Three { first, second: _, third: _ } = three;
        y().await;
        first.r();
    }
    dynamic_drop!(struct_pattern(Three { first: T("1"), second: T("2"), third: T("3") }));
}

#[both_worlds]
mod struct_pattern_with_rest {
    // A pattern with `..` takes a droppable field out of a struct before a suspension.
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[segno::coroutine]
    async fn struct_pattern_with_rest() {
        let pair = Pair { first: T("first"), second: T("second") };
        let Pair { first, .. } = pair;
        y().await;
        drop(first);
        y().await;
        log("end");
    }
    dynamic_drop!(struct_pattern_with_rest());
}

#[both_worlds]
mod field_moved_in_an_if {
    // A field is moved in an `if` before a suspension.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn conditional(c: bool) {
        let s = three();
        if c {
            drop(s.a);
        }
        y().await;
        s.b.r();
        y().await;
    }
    dynamic_drop!(conditional(true));
    dynamic_drop!(conditional_too = conditional(false));
}

#[both_worlds]
mod field_moved_into_a_child_in_an_if {
    // A field is moved into a child in an `if`.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn conditional_with_await(c: bool) {
        let s = three();
        if c {
            id(s.a).await;
        } else {
            y().await;
        }
        y().await;
        log("end");
    }
    dynamic_drop!(conditional_with_await(true));
    dynamic_drop!(conditional_with_await_too = conditional_with_await(false));
}

#[both_worlds]
mod field_moved_and_assigned {
    // A field is moved, and assigned again after a suspension.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn reassigned_field() {
        let mut s = three();
        drop(s.a);
        y().await;
        s.a = T("a2");
        y().await;
        s.b = id(T("b2")).await;
        y().await;
    }
    dynamic_drop!(reassigned_field());
}

#[both_worlds]
mod fields_borrowed_then_moved {
    // Fields are borrowed across suspensions, and one is moved out between them.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn borrowed_and_moved() {
        let mut s = three();
        s.a.renamed("a'").await;
        drop(s.a);
        s.b.renamed("b'").await;
        y().await;
    }
    dynamic_drop!(borrowed_and_moved());
}

#[both_worlds]
mod fields_moved_into_children {
    // Fields are moved and borrowed into children, one after the other.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn into_children() -> u8 {
        let s = three();
        let n = id(s.a).await.r();
        y().await;
        n + two(&s.b, T("other")).await
    }
    dynamic_drop!(into_children());
}

#[both_worlds]
mod fields_moved_one_by_one {
    // Fields are moved one by one, with suspensions between.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn struct_fields_one_by_one() -> u32 {
        let s = three();
        y().await;
        drop(s.b);
        y().await;
        drop(s.a);
        y().await;
        s.n
    }
    dynamic_drop!(struct_fields_one_by_one());
}

#[both_worlds]
mod nested_field_moved {
    // A field of a field is moved before a suspension.
    #[derive(Debug)]
    struct Three {
        a: T,
        b: T,
        n: u32,
    }

    fn three() -> Three {
        Three { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn nested_fields() {
        let s = (three(), T("side"));
        drop(s.0.a);
        y().await;
        drop(s.1);
        y().await;
    }
    dynamic_drop!(nested_fields());
}

#[both_worlds]
mod dots_of_variants {
    #[derive(Debug)]
    enum Event {
        Key(u8),
        Text(T, T, u8),
        Move { x: T, y: T, by: u32 },
        Quit,
    }

    fn moved() -> Event {
        Event::Move { x: T("x"), y: T("y"), by: 3 }
    }

    #[segno::coroutine]
    async fn matched(event: Event) -> u32 {
        match event {
            Event::Key(1) => 1,
            Event::Key(k) => child(k as u32).await,
            Event::Text(_, text, ..) => {
                y().await;
                u32::from(text.r())
            }
            Event::Quit => {
                y().await;
                4
            }
            Event::Move { y: by_y, .. } => {
                y().await;
                u32::from(by_y.r())
            }
        }
    }
    dynamic_drop!(matched_key = matched(Event::Key(2)));
    dynamic_drop!(matched_text = matched(Event::Text(T("0"), T("1"), 2)));
    dynamic_drop!(matched_move = matched(moved()));
    dynamic_drop!(matched_quit = matched(Event::Quit));

    impl Event {
        #[segno::coroutine]
        async fn its_own(self) -> u32 {
            let Self::Move { x, .. } = self else {
                y().await;
                return 0;
            };
            y().await;
            u32::from(x.r())
        }
    }
    dynamic_drop!(its_own = Event::its_own(moved()));
    dynamic_drop!(its_own_text = Event::its_own(Event::Text(T("0"), T("1"), 2)));

    #[segno::coroutine]
    async fn given(c: bool) -> u32 {
        if let Event::Move { by, .. } = id(if c { moved() } else { Event::Key(1) }).await {
            y().await;
            return by;
        }
        y().await;
        0
    }
    dynamic_drop!(given(true));
    dynamic_drop!(given_another = given(false));
}

#[both_worlds]
mod parameter_pattern_with_rest {
    // A pattern with `..` takes a parameter apart.
    #[derive(Debug)]
    struct Pair {
        first: T,
        second: T,
    }

    #[segno::coroutine]
    async fn struct_pattern(Pair { first, .. }: Pair, Pair { second: x, first: _ }: Pair) {
        y().await;
        first.r();
        y().await;
        x.r();
    }
    dynamic_drop!(struct_pattern(Pair { first: T("1"), second: T("2") }, Pair { first: T("3"), second: T("4") }));
}

#[both_worlds]
mod variant_pattern_with_rest {
    // A pattern with `..`, for a variant of an enum that may have a destructor, on an awaited value.
    #[derive(Debug)]
    enum Event {
        Key(u8),
        Text(T),
        Move { x: u32, y: u32 },
        Quit,
    }

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
            Event::Move { x, .. } => x,
        }
    }
    dynamic_drop!(await_in_scrutinee(Event::Key(1)));
    dynamic_drop!(await_in_scrutinee_2 = await_in_scrutinee(Event::Key(5)));
    dynamic_drop!(await_in_scrutinee_3 = await_in_scrutinee(Event::Key(50)));
    dynamic_drop!(await_in_scrutinee_4 = await_in_scrutinee(Event::Text(T("t"))));
    dynamic_drop!(await_in_scrutinee_5 = await_in_scrutinee(Event::Move { x: 7, y: 0 }));
}
