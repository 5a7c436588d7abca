//! Coroutines as trait methods.

use segno_tests::both_worlds;

#[both_worlds]
mod hard_traits {
    trait Bus {
        const WIDTH: u32;

        #[segno::coroutine]
        async fn read(&mut self, at: u32) -> Result<u32, Failure>;

        #[segno::coroutine]
        async fn read_two(&mut self, at: u32) -> Result<u32, Failure> {
            let a = self.read(at).await?;
            let b = self.read(at + 1).await?;
            y().await;
            Ok(a * Self::WIDTH + b)
        }

        #[segno::coroutine]
        async fn release(self) -> u32
        where
            Self: Sized;
    }

    struct Fake(T, u32);

    impl Bus for Fake {
        const WIDTH: u32 = 10;

        #[segno::coroutine]
        async fn read(&mut self, at: u32) -> Result<u32, Failure> {
            self.0.a().await;
            self.1 += 1;
            fail(at == 3, self.1 + at).await
        }

        #[segno::coroutine]
        async fn release(self) -> u32 {
            y().await;
            self.1
        }
    }

    #[segno::coroutine]
    async fn driver<B: Bus>(bus: &mut B, at: u32) -> Result<u32, Failure> {
        let _g = T("g");
        bus.read_two(at).await
    }
    case!(through_a_bound_ok = driver(&mut Fake(T("bus"), 0), 1));
    case!(through_a_bound_err = driver(&mut Fake(T("bus"), 0), 2));
    case!(default_method = Fake(T("bus"), 0).read_two(5));

    #[segno::coroutine]
    async fn owned(mut bus: impl Bus) -> Result<u32, Failure> {
        let n = bus.read(1).await?;
        Ok(n + bus.release().await)
    }
    case!(owned(Fake(T("bus"), 0)));

    struct Item(u32, T);

    trait Shelf {
        #[segno::coroutine]
        async fn list<'v>(&mut self, item: &'v Item) -> u32;

        #[segno::coroutine]
        async fn either<'v, 'w: 'v>(&self, item: &'v Item, other: &'w Item) -> u32;

        #[segno::coroutine]
        async fn sum<'v>(&self, all: &'v [&'v u32]) -> u32;
    }

    #[segno::coroutine]
    async fn both(t: &T, item: &Item) -> u32 {
        y().await;
        u32::from(t.r() + item.1.r()) + item.0
    }

    /// Lifetimes that only parameters have, with names: the trait says which there are, so that they cannot become one.
    impl Shelf for Fake {
        #[segno::coroutine]
        async fn list<'v>(&mut self, item: &'v Item) -> u32 {
            y().await;
            self.1 += 1;
            let held = (&self.0, item);
            y().await;
            both(held.0, held.1).await
        }

        #[segno::coroutine]
        async fn either<'v, 'w: 'v>(&self, item: &'v Item, other: &'w Item) -> u32 {
            let chosen = if self.1 == 0 { item } else { other };
            both(&self.0, chosen).await
        }

        #[segno::coroutine]
        async fn sum<'v>(&self, all: &'v [&'v u32]) -> u32 {
            let mut sum = 0;
            for (n, at) in all.iter().zip([&self.1].into_iter().cycle()) {
                y().await;
                sum += *n + at;
            }
            sum
        }
    }

    #[segno::coroutine]
    async fn named_lifetimes(at: u32) -> u32 {
        let mut shelf = Fake(T("shelf"), at);
        let item = Item(1, T("item"));
        let n = shelf.list(&item).await;
        let other = Item(2, T("other"));
        n + shelf.either(&item, &other).await + shelf.sum(&[&n, &item.0]).await
    }
    case!(named_lifetimes(0));

    trait Port {
        #[segno::coroutine]
        async fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure>;

        #[segno::coroutine]
        async fn pick<'b>(&mut self, buffer: &'b [u8], n: usize) -> (Option<&'b u8>, usize);
    }

    struct Wire(u8, T);

    impl Wire {
        #[segno::coroutine]
        async fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
            y().await;
            self.0 += 1;
            buffer[0] = self.0;
            self.1.a().await;
            fail(self.0 == 3, 2).await
        }

        #[segno::coroutine]
        async fn find(&self, buffer: &[u8], n: usize) -> usize {
            y().await;
            buffer.iter().position(|byte| *byte > self.0).unwrap_or(n)
        }
    }

    /// A lifetime that the result has, too: the child holds what lives as long as `self`, and the buffer.
    impl Port for Wire {
        #[segno::coroutine]
        async fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
            let n = self.fill(buffer).await?;
            Ok(&buffer[..n])
        }

        #[segno::coroutine]
        async fn pick<'b>(&mut self, buffer: &'b [u8], n: usize) -> (Option<&'b u8>, usize) {
            let at = self.find(buffer, n).await;
            if at == n {
                return (None, at);
            }
            y().await;
            (buffer.get(at), at)
        }
    }

    struct Layer<P>(P);

    impl<P: Port> Port for Layer<P> {
        #[segno::coroutine]
        async fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
            self.0.read(buffer).await
        }

        #[segno::coroutine]
        async fn pick<'b>(&mut self, buffer: &'b [u8], n: usize) -> (Option<&'b u8>, usize) {
            let _g = T("g");
            self.0.pick(buffer, n).await
        }
    }

    #[segno::coroutine]
    async fn results_with_a_lifetime(from: u8) -> Result<u32, Failure> {
        let mut port = Layer(Wire(from, T("wire")));
        let mut buffer = [5; 4];
        let read = port.read(&mut buffer).await?;
        let (picked, at) = port.pick(read, 9).await;
        drop(port);
        Ok(u32::from(picked.copied().unwrap_or(0)) + at as u32)
    }
    case!(results_with_a_lifetime(0));
    case!(nothing_is_picked = results_with_a_lifetime(7));
    case!(fails = results_with_a_lifetime(2));

    trait Stage<S> {
        #[segno::coroutine]
        async fn look(&self, state: &S) -> u8;

        #[segno::coroutine]
        async fn step(&self, count: &mut u32, state: &S) -> u8;
    }

    struct First<P>(P);

    /// A parameter of the `impl`: nothing says that it outlives `self`.
    impl<S> Stage<S> for First<u8> {
        #[segno::coroutine]
        async fn look(&self, _: &S) -> u8 {
            y().await;
            self.0
        }

        #[segno::coroutine]
        async fn step(&self, count: &mut u32, state: &S) -> u8 {
            y().await;
            *count += 1;
            self.look(state).await
        }
    }

    trait Word: Copy + Into<u32> + 'static {}
    impl Word for u8 {}

    trait SpiBus<W> {
        #[segno::coroutine]
        async fn write(&mut self, words: &[W]) -> u32;

        #[segno::coroutine]
        async fn exchange(&mut self, into: &mut [W], from: &[W]) -> u32;
    }

    struct Spi<M>(u32, M);

    impl<M> Spi<M> {
        #[segno::coroutine]
        async fn send<W: Word>(&mut self, words: &[W]) -> u32 {
            y().await;
            self.0 += words.iter().map(|&word| word.into()).sum::<u32>();
            self.0
        }
    }

    /// A trait of which each type may live as long as the program: a child may hold it together with `self`.
    impl<W: Word, M> SpiBus<W> for Spi<M> {
        #[segno::coroutine]
        async fn write(&mut self, words: &[W]) -> u32 {
            self.send(words).await
        }

        #[segno::coroutine]
        async fn exchange(&mut self, into: &mut [W], from: &[W]) -> u32 {
            into.copy_from_slice(from);
            self.send(into).await
        }
    }

    #[segno::coroutine]
    async fn bounded_parameters_of_the_impl() -> u32 {
        let mut wire = Spi(1, T("mode"));
        let mut into = [0u8; 2];
        wire.write(&[1u8, 2]).await + wire.exchange(&mut into, &[3, 4]).await + u32::from(into[1])
    }
    case!(bounded_parameters_of_the_impl());

    #[segno::coroutine]
    async fn parameters_of_the_impl() -> u32 {
        let stage = First(3);
        let mut count = 4;
        u32::from(stage.look(&5).await + stage.step(&mut count, &"3").await) + count
    }
    case!(parameters_of_the_impl());

    trait Named<'a> {
        fn name(&self) -> &'a str;
    }

    struct Label<'a>(&'a str);

    impl<'a> Named<'a> for Label<'a> {
        fn name(&self) -> &'a str {
            self.0
        }
    }

    trait Directory {
        #[segno::coroutine]
        async fn longest<'b>(&self, first: &'b dyn Named<'b>, other: &'b str) -> &'b str;

        #[segno::coroutine]
        async fn each<'b>(&self, list: &'b [u32]) -> impl Iterator<Item = &'b u32>;
    }

    /// Lifetimes that stand in types of which little is known keep their places.
    impl Directory for Fake {
        #[segno::coroutine]
        async fn longest<'b>(&self, first: &'b dyn Named<'b>, other: &'b str) -> &'b str {
            self.0.a().await;
            if first.name().len() > other.len() { first.name() } else { other }
        }

        #[segno::coroutine]
        async fn each<'b>(&self, list: &'b [u32]) -> impl Iterator<Item = &'b u32> {
            self.0.a().await;
            list.iter()
        }
    }

    #[segno::coroutine]
    async fn lifetimes_in_types() -> u32 {
        let directory = Fake(T("directory"), 0);
        let label = Label("label");
        let longest = directory.longest(&label, "other label").await.len() as u32;
        let list = [longest, 3];
        directory.each(&list).await.sum()
    }
    case!(lifetimes_in_types());
}
