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

    struct Other {
        name: T,
        items: T,
        size: u32,
    }

    // Not what the file's function gives.
    #[segno::coroutine]
    async fn given_by_another() -> u8 {
        let config = || Other { name: T("name"), items: T("items"), size: 3 };
        y().await;
        let config = config();
        let first = config.name;
        first.r() + config.size as u8
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
    async fn two_borrowed_by_a_closure(config: Config) -> u8 {
        let read = || config.items.r() + config.name.r();
        let n = read();
        y().await;
        drop(config.items);
        y().await;
        n + config.name.r()
    }
    dynamic_drop!(two_borrowed_by_a_closure(config()));

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

    // With one that this file does not show: but what is read is known to be `Copy`.
    struct Elsewhere {
        mode: Mode,
        t: T,
    }
    include!("../included/drop_elsewhere.rs");
    impl Elsewhere {
        #[segno::coroutine]
        async fn guarded_elsewhere(self) -> u8 {
            let mode = self.mode;
            y().await;
            match mode {
                Mode::On => self.t.r(),
            }
        }
    }
    dynamic_drop!(guarded_elsewhere = Elsewhere::guarded_elsewhere(Elsewhere { mode: Mode::On, t: T("t") }));
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
