//! Shapes that were found in code that others wrote, where they did not compile.

use segno_tests::both_worlds;

/// As the standard library's, which is younger than the oldest Rust that is supported.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat $(if $guard:expr)? $(, $($message:tt)+)?) => {
        match $value {
            $pattern $(if $guard)? => {}
            _ => panic!("no match"),
        }
    };
}

#[both_worlds]
mod real_code {
    #[segno::coroutine]
    async fn fill(buffer: &mut [u8]) -> usize {
        y().await;
        buffer.fill(1);
        buffer.len()
    }

    #[segno::coroutine]
    async fn into_a_constant() -> usize {
        fill(&mut [0; 4]).await;
        assert_eq!(fill(&mut [0; 3]).await, 3);
        if fill(&mut [0, 0]).await != 2 {
            return 1;
        }
        match fill(&mut [0; 8][..5]).await + fill(&mut []).await {
            5 => fill(&mut [0; 6]).await,
            other => other,
        }
    }
    case!(into_a_constant());

    #[segno::coroutine]
    async fn bump(n: &mut u32) {
        y().await;
        *n += 1;
    }

    #[segno::coroutine]
    async fn look(t: &T) {
        y().await;
        log(t.0);
    }

    /// The closure has a copy.
    #[segno::coroutine]
    async fn copied_into_a_closure() -> u32 {
        let mut n = 1;
        bump(&mut n).await;
        let mut add = move |m: u32| {
            n += m;
            n
        };
        y().await;
        let sum = add(2) + add(3);
        bump(&mut n).await;
        sum * 10 + n
    }
    case!(copied_into_a_closure());

    /// The closure drops it.
    #[segno::coroutine]
    async fn moved_into_a_closure(t: T, call: bool) {
        look(&t).await;
        let mut consume = Some(move || {
            log("called");
            let _t = t;
        });
        y().await;
        if call {
            consume.take().unwrap()();
            y().await;
        }
        log("end");
    }
    case!(called = moved_into_a_closure(T("t"), true));
    case!(not_called = moved_into_a_closure(T("t"), false));

    #[derive(Debug)]
    struct Socket(u32, Option<T>);

    impl Socket {
        fn with<R>(&mut self, f: impl FnOnce(&mut u32) -> R) -> R {
            f(&mut self.0)
        }

        /// `self` goes into the closure, and what it names in its branches too.
        #[segno::coroutine]
        async fn send_with<R>(&mut self, f: impl FnOnce(&mut u32) -> R) -> R {
            let full = self.with(|n| *n > 9);
            y().await;
            let mut f = Some(f);
            let mut poll = move |go: bool| {
                self.with(|n| match go {
                    true if full => None,
                    true => Some(f.take().unwrap()(n)),
                    false => None,
                })
            };
            y().await;
            assert!(poll(false).is_none());
            poll(true).unwrap()
        }

        #[segno::coroutine]
        async fn close(mut self) -> Option<T> {
            self.send_with(|n| *n += 1).await;
            let mut last = self.1.take();
            let mut next = move |more: bool| match more {
                true => last.take(),
                false => None,
            };
            y().await;
            log("closing");
            next(false).or(next(true))
        }
    }

    #[segno::coroutine]
    async fn sockets() {
        let mut socket = Socket(1, Some(T("last")));
        let t = T("sent");
        log(socket.send_with(move |n| (*n, t)).await.1.0);
        socket.close().await;
    }
    case!(sockets());

    trait Device {
        #[segno::coroutine]
        async fn write(&mut self, data: &mut [u8]) -> usize;
    }

    impl Device for T {
        #[segno::coroutine]
        async fn write(&mut self, data: &mut [u8]) -> usize {
            y().await;
            data.len()
        }
    }

    trait Chip {
        #[segno::coroutine]
        async fn bus_write<D: Device>(data: &mut [u8], device: &mut D) -> usize;

        #[segno::coroutine]
        async fn reset<D: Device>(device: &mut D) -> usize;
    }

    struct Wiznet;

    /// Functions without `self`, whose signatures cannot have a lifetime that the trait's do not have.
    impl Chip for Wiznet {
        #[segno::coroutine]
        async fn bus_write<D: Device>(data: &mut [u8], device: &mut D) -> usize {
            let mut header = [child(1).await as u8; 2];
            device.write(&mut header).await + device.write(data).await
        }

        #[segno::coroutine]
        async fn reset<D: Device>(device: &mut D) -> usize {
            let mut register = [0; 2];
            device.write(&mut register).await + Self::bus_write(&mut register, device).await
        }
    }

    #[segno::coroutine]
    async fn chips() -> usize {
        let mut device = T("device");
        Wiznet::reset(&mut device).await + Wiznet::bus_write(&mut [1; 3], &mut device).await
    }
    case!(chips());

    #[segno::coroutine]
    async fn blocks_in_macros(t: T) -> u32 {
        let mut tasks = Vec::new();
        let name = t.0;
        assert!(
            Some(tasks.push(async move {
                let _t = t;
                child(1).await
            }))
            .is_some(),
            "{name}"
        );
        y().await;
        tasks.pop().unwrap().await
    }
    case!(blocks_in_macros(T("t")));

    #[segno::coroutine]
    async fn matching(n: u32) {
        assert_matches!(fail(false, n).await, Ok(m) if m == n, "for {n}");
        let name = T("name");
        assert_matches!(two(&name, T("value")).await, 0..);
        y().await;
    }
    case!(matching(1));

    /// Of `cfg_select!` the arm that holds.
    #[segno::coroutine]
    async fn selected(t: T, u: T) -> u32 {
        look(&t).await;
        let chosen = cfg_select! {
            test => { t }
            _ => u,
        };
        cfg_select! {
            not(test) => { let n = 1; }
            all(test, debug_assertions) => { let n = child(2).await; }
            _ => { let n = child(2).await; }
        }
        look(&chosen).await;
        let sum = cfg_select! { not(test) => { n } test => { n + child(3).await } };
        sum * 2
    }
    case!(selected(T("t"), T("u")));

    trait Flash {
        #[segno::coroutine]
        async fn read(&mut self, at: u32, into: &mut [u8]) -> Result<u32, Failure>;
    }

    impl Flash for T {
        #[segno::coroutine]
        async fn read(&mut self, at: u32, into: &mut [u8]) -> Result<u32, Failure> {
            into.fill(at as u8);
            fail(at > 9, at).await
        }
    }

    struct Files<F> {
        flash: F,
    }

    struct Page<H>(Option<H>, T);

    impl<H> Page<H> {
        #[segno::coroutine]
        async fn open<F: Flash>(&mut self, flash: &mut F) -> Result<u32, Failure> {
            let mut buffer = [0; 4];
            flash.read(2, &mut buffer).await
        }
    }

    struct Reader {
        at: u32,
    }

    struct Params<'a> {
        name: &'a mut [u8],
        count: u32,
    }

    /// Private methods that need a lifetime for their frame. (They implement no trait's.)
    impl Reader {
        #[segno::coroutine]
        async fn seek<F: Flash>(&mut self, files: &mut Files<F>, n: u32) -> Result<u32, Failure> {
            let mut buffer = [0; 4];
            self.at = files.flash.read(n, &mut buffer).await?;
            self.seek_more(files, &mut buffer).await
        }

        #[segno::coroutine]
        pub async fn seek_more<F: Flash>(&mut self, files: &mut Files<F>, buffer: &mut [u8]) -> Result<u32, Failure> {
            self.at += files.flash.read(1, buffer).await?;
            Ok(self.at)
        }

        #[segno::coroutine]
        async fn ping(&mut self, params: &mut Params<'_>, bus: &mut impl Flash) -> Result<u32, Failure> {
            let mut buffer = [1, 2];
            bus.read(params.count, &mut buffer).await?;
            bus.read(self.at, params.name).await
        }
    }

    impl<F: Flash> Files<F> {
        #[segno::coroutine]
        async fn header<H: Default>(&mut self) -> Result<H, Failure> {
            let mut page = Page(None::<H>, T("page"));
            page.open(&mut self.flash).await?;
            page.open(&mut self.flash).await?;
            Ok(page.0.take().unwrap_or_default())
        }
    }

    #[segno::coroutine]
    async fn private_methods(n: u32) -> Result<u32, Failure> {
        let mut files = Files { flash: T("flash") };
        let mut reader = Reader { at: 0 };
        let mut name = [0; 3];
        let sum = reader.seek(&mut files, n).await? + files.header::<u32>().await?;
        let mut params = Params { name: &mut name, count: n };
        Ok(sum + reader.ping(&mut params, &mut files.flash).await? + u32::from(name[0]))
    }
    case!(private_methods(3));
    case!(private_methods_fail = private_methods(10));

    struct Radio<K> {
        kind: K,
        token: T,
    }

    /// What makes a value of its type hands on values of the type's parameters.
    impl<K: Flash> Radio<K> {
        #[segno::coroutine]
        async fn new(kind: K) -> Result<Self, Failure> {
            Self::with_word(kind, 1).await
        }

        #[segno::coroutine]
        async fn with_word(kind: K, word: u32) -> Result<Self, Failure> {
            let mut radio = Self { kind, token: T("radio") };
            radio.init(word).await?;
            Ok(radio)
        }

        #[segno::coroutine]
        async fn init(&mut self, word: u32) -> Result<u32, Failure> {
            self.kind.read(word, &mut [0; 2]).await
        }
    }

    #[segno::coroutine]
    async fn made<K: Flash>(kind: K) -> Result<Radio<K>, Failure> {
        Radio::new(kind).await
    }

    #[segno::coroutine]
    async fn radios() -> Result<u32, Failure> {
        let mut radio = made(T("kind")).await?;
        radio.init(3).await
    }
    case!(radios());

    #[repr(C, packed)]
    #[derive(Clone, Copy)]
    struct Event {
        kind: u8,
        handle: u32,
    }

    /// There is no reference to a field of a packed struct.
    #[segno::coroutine]
    async fn packed(event: Event) -> u32 {
        let first = id(event).await;
        let handle = first.handle;
        let second = match id(Ok::<_, Failure>(event)).await {
            Ok(event) => child(event.handle).await,
            Err(_) => 0,
        };
        y().await;
        handle + second + u32::from(first.kind)
    }
    case!(packed(Event { kind: 1, handle: 2 }));

    struct Connections(T);

    impl Connections {
        #[segno::coroutine]
        async fn accept(&self, role: Option<u8>, filter: &[&str], name: Option<&str>) -> Result<usize, Failure> {
            fail(false, filter.len()).await
        }

        fn these(&self) -> &Self {
            self
        }
    }

    struct Advertiser<'a>(&'a Connections, bool);

    impl Drop for Advertiser<'_> {
        fn drop(&mut self) {
            log(if self.1 { "done" } else { "not done" });
        }
    }

    impl Advertiser<'_> {
        /// Arguments that do not tell their types.
        #[segno::coroutine]
        async fn accept(mut self) -> Result<usize, Failure> {
            let connections = self.0;
            connections.accept(None, &[], None).await?;
            let result = match self.0.these().accept(Some(1), &[], None).await {
                Ok(n) => Ok(n + 1),
                Err(failure) => Err(failure),
            };
            self.1 = true;
            result
        }
    }

    #[segno::coroutine]
    async fn advertisers() -> Result<usize, Failure> {
        let connections = Connections(T("connections"));
        Advertiser(&connections, false).accept().await
    }
    case!(advertisers());

    enum Attribute<'a> {
        Bytes(&'a [u8]),
        Nothing,
    }

    trait Requests {
        #[segno::coroutine]
        async fn request(&self, attribute: Attribute<'_>) -> Result<u32, Failure>;

        #[segno::coroutine]
        async fn all(&mut self, attributes: &mut [Attribute<'_>], more: &[u8]) -> u32;
    }

    #[segno::coroutine]
    async fn first_byte(into: &mut [u8], attribute: &Attribute<'_>) -> u32 {
        y().await;
        match attribute {
            Attribute::Bytes(bytes) => into[0] = bytes[0],
            Attribute::Nothing => {}
        }
        into[0].into()
    }

    struct Client(u32);

    impl Client {
        #[segno::coroutine]
        async fn send(&self, attribute: Attribute<'_>) -> Result<u32, Failure> {
            let mut buffer = [0; 3];
            let sum = first_byte(&mut buffer, &attribute).await + first_byte(&mut buffer, &attribute).await;
            fail(self.0 == 0, sum).await
        }
    }

    /// Parameters with lifetimes inside, in a signature that may not change.
    impl Requests for Client {
        #[segno::coroutine]
        async fn request(&self, attribute: Attribute<'_>) -> Result<u32, Failure> {
            let attribute = attribute;
            let sum = self.send(attribute).await?;
            y().await;
            Ok(sum)
        }

        #[segno::coroutine]
        async fn all(&mut self, attributes: &mut [Attribute<'_>], more: &[u8]) -> u32 {
            let mut buffer = [1];
            let mut sum = 0;
            for attribute in attributes.iter() {
                sum += first_byte(&mut buffer, attribute).await;
            }
            self.0 += first_byte(&mut buffer, &Attribute::Bytes(more)).await;
            sum + self.0
        }
    }

    #[segno::coroutine]
    async fn requests(n: u32) -> Result<u32, Failure> {
        let mut client = Client(n);
        let bytes = [3, 4];
        let all = client.all(&mut [Attribute::Bytes(&bytes), Attribute::Nothing], &bytes[1..]).await;
        Ok(all + client.request(Attribute::Bytes(&bytes)).await?)
    }
    case!(requests(1));

    /// Attributes on the last expression.
    #[segno::coroutine]
    async fn lints(n: u32) -> Result<u8, Failure> {
        let m = child(n).await;
        if m == 1 {
            #[allow(clippy::unnecessary_cast)]
            return Ok(m as u8);
        }
        #[allow(clippy::cast_possible_truncation)]
        Ok(child(m).await as u8)
    }
    case!(lints_1 = lints(1));
    case!(lints_2 = lints(2));
}
