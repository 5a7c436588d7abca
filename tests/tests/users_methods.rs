//! Methods of users' own types that take their receiver, or do not, and are handed closures or types: only types tell which.

use segno_tests::both_worlds;

#[both_worlds]
mod builders {
    struct Request {
        t: T,
        add: Option<Box<dyn Fn(u32) -> u32>>,
    }

    impl Request {
        fn new(t: T) -> Request {
            Request { t, add: None }
        }
        fn on(mut self, add: impl Fn(u32) -> u32 + 'static) -> Request {
            self.add = Some(Box::new(add));
            self
        }
        fn edit(mut self, change: impl FnOnce(&mut T)) -> Request {
            change(&mut self.t);
            self
        }
        fn check(self, is: impl FnOnce(&T) -> bool) -> Result<Request, T> {
            if is(&self.t) { Ok(self) } else { Err(self.t) }
        }
        async fn send(self) -> u32 {
            self.t.a().await;
            self.add.map_or(0, |add| add(2))
        }
    }

    #[segno::coroutine]
    async fn chained(t: T) -> u32 {
        let n = Request::new(t).on(|x| x + 1).send().await;
        n + Request::new(T("second")).on(|x| x * 2).on(|x| x - 1).send().await
    }
    case!(chained(T("first")));

    /// Between its calls, the variable lives in a slot.
    #[segno::coroutine]
    async fn in_a_variable(t: T, fits: bool) -> Result<u32, T> {
        let name = "renamed";
        let request = Request::new(t).edit(|t| {
            t.rename("edited");
        });
        request.t.a().await;
        let request = request.check(|t| t.r() > 0 && fits)?;
        y().await;
        let request = request.edit(|t| {
            t.rename(name);
        });
        request.t.a().await;
        Ok(request.on(move |x| x + u32::from(fits)).send().await)
    }
    case!(in_a_variable(T("own"), true));
    case!(in_a_variable_given_back = in_a_variable(T("own"), false));
}

#[both_worlds]
mod awaited {
    struct Bus {
        t: T,
        n: u32,
    }

    fn open() -> Option<Bus> {
        Some(Bus { t: T("opened"), n: 3 })
    }

    impl Bus {
        async fn with<R>(self, f: impl FnOnce(&T) -> R) -> R {
            y().await;
            f(&self.t)
        }
        async fn each(&mut self, mut f: impl FnMut(u32)) {
            y().await;
            f(self.n);
            f(2);
        }
        async fn finish(self, mut f: impl FnMut(u32) -> T) -> T {
            y().await;
            f(self.n);
            f(2)
        }
        async fn find(self, is: impl Fn(&T) -> bool) -> Option<T> {
            y().await;
            if is(&self.t) { Some(self.t) } else { None }
        }
        async fn take<R: Default>(self, n: u32) -> R {
            y().await;
            self.t.r();
            log(if n > self.n { "more" } else { "less" });
            R::default()
        }
        async fn look<R: Default>(&self, n: u32) -> R {
            y().await;
            self.t.r();
            log(if n > self.n { "more" } else { "less" });
            R::default()
        }
        fn array<const N: usize>(&self) -> [u8; N] {
            [self.t.r(); N]
        }
    }

    #[segno::coroutine]
    async fn a_temporary(t: T) -> Option<u8> {
        Some(open()?.with(|t| t.r()).await + Bus { t, n: 1 }.with(|t| t.r()).await)
    }
    case!(a_temporary(T("own")));

    #[segno::coroutine]
    async fn on_one_way(t: T, ends: bool) -> u32 {
        let mut sum = 0;
        let mut bus = Bus { t, n: 3 };
        bus.each(|x| sum += x).await;
        let other = T("other");
        let left = if ends {
            let taken = move |n: u32| {
                other.r();
                T(if n > 2 { "three" } else { "two" })
            };
            bus.finish(taken).await
        } else {
            bus.each(|x| sum += x).await;
            other
        };
        y().await;
        left.a().await;
        sum
    }
    case!(on_one_way(T("own"), true));
    case!(on_another_way = on_one_way(T("own"), false));

    #[segno::coroutine]
    async fn of_an_iterators_name(t: T, name: &'static str) -> u8 {
        match (Bus { t, n: 0 }).find(|t| t.0 == name).await {
            Some(t) => {
                t.a().await;
                1
            }
            None => 0,
        }
    }
    case!(of_an_iterators_name(T("own"), "own"));
    case!(of_an_iterators_name_not_found = of_an_iterators_name(T("own"), "other"));

    #[segno::coroutine]
    async fn with_types(t: T, ends: bool) -> u32 {
        const TWO: usize = 2;
        let bus = Bus { t, n: 2 };
        let n = bus.look::<u32>(1).await + bus.look::<Vec<u8>>(5).await.len() as u32;
        let array = bus.array::<TWO>();
        y().await;
        if ends {
            return bus.take::<u32>(n).await;
        }
        bus.t.a().await;
        let text = bus.take::<String>(7).await;
        y().await;
        Bus { t: T("temporary"), n }.take::<Option<u8>>(1).await.map_or(0, u32::from)
            + (array.len() + text.len()) as u32
    }
    case!(with_types(T("own"), true));
    case!(with_types_to_the_end = with_types(T("own"), false));
}

/// The closure's type is in that of what the method gives.
#[both_worlds]
mod in_the_result {
    struct Sensor {
        t: T,
        n: u32,
    }
    struct Taken<F>(Sensor, F);
    struct Lent<'a, F>(&'a Sensor, F);
    struct Mapped<U>(U);

    impl Sensor {
        fn taken<F: Fn(u32) -> u32>(self, f: F) -> Taken<F> {
            Taken(self, f)
        }
        fn lent<F: Fn(u32) -> u32>(&self, f: F) -> Lent<'_, F> {
            Lent(self, f)
        }
        fn mapped<U>(self, f: impl FnOnce(T) -> U) -> Mapped<U> {
            Mapped(f(self.t))
        }
    }
    impl<F: Fn(u32) -> u32> Taken<F> {
        async fn read(&self) -> u32 {
            self.0.t.a().await;
            let f = &self.1;
            f(self.0.n)
        }
    }
    impl<F: Fn(u32) -> u32> Lent<'_, F> {
        async fn read(self) -> u32 {
            let Lent(sensor, f) = self;
            sensor.t.a().await;
            f(sensor.n)
        }
    }

    #[segno::coroutine]
    async fn both_kinds(t: T, ends: bool) -> u32 {
        let sensor = Sensor { t, n: 2 };
        sensor.t.a().await;
        let k = sensor.lent(|x| x + 1).read().await;
        if ends {
            return sensor.taken(move |x| x + k).read().await;
        }
        let mapped = sensor.mapped(Some);
        y().await;
        let Mapped(option) = mapped;
        option.unwrap().a().await;
        let other = Sensor { t: T("other"), n: 7 }.mapped(|t| (t, T("beside")));
        y().await;
        other.0.0.a().await;
        let m = Sensor { t: T("taken"), n: 7 }.taken(|x| x * 2).read().await;
        k + m + Sensor { t: T("lent"), n: 9 }.lent(|x| x * 2).read().await
    }
    case!(both_kinds(T("own"), true));
    case!(both_kinds_to_the_end = both_kinds(T("own"), false));
}

#[both_worlds]
mod copied {
    #[derive(Clone, Copy)]
    struct Count(u32);

    impl Count {
        async fn with(self, f: impl Fn(u32) -> u32) -> u32 {
            y().await;
            f(self.0)
        }
        fn at<R>(&self, f: impl FnOnce(u32) -> R) -> R {
            f(self.0)
        }
    }

    #[segno::coroutine]
    async fn used_again(n: u32) -> u32 {
        let count = Count(n);
        let reference = &count;
        y().await;
        let sum = count.with(|x| x + 1).await + reference.with(|x| x + 2).await;
        let made = count.at(|x| vec![T("made"), T(if x > 2 { "more" } else { "less" })]);
        y().await;
        sum + made.len() as u32 + reference.at(|x| x)
    }
    case!(used_again(3));
}
