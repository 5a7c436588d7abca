//! Methods, in inherent and generic `impl` blocks.

use segno_tests::both_worlds;

#[both_worlds]
mod methods {
    #[derive(Debug)]
    struct Device {
        token: T,
        count: u32,
        buffer: [u8; 4],
    }

    impl Device {
        const STEP: u32 = 2;

        fn new() -> Self {
            Device { token: T("device"), count: 0, buffer: [0; 4] }
        }

        fn bump(&mut self) -> u32 {
            self.count += 1;
            self.count
        }

        #[segno::coroutine]
        async fn shared(&self) -> u32 {
            let before = self.count;
            y().await;
            self.token.a().await;
            before + self.count
        }

        #[segno::coroutine]
        async fn exclusive(&mut self, n: u32) -> u32 {
            self.count += n;
            y().await;
            self.count += self.bump();
            self.buffer[1] = child(n).await as u8;
            self.count + self.buffer[1] as u32
        }

        #[segno::coroutine]
        async fn owned(self) -> u32 {
            let _g = T("g");
            y().await;
            self.token.r();
            self.count
        }

        #[segno::coroutine]
        async fn owned_and_mutable(mut self, n: u32) -> Self {
            self.count = n;
            y().await;
            self.token.renamed("renamed").await;
            self
        }

        #[segno::coroutine]
        async fn owned_and_unused(self, other: T) {
            y().await;
        }

        #[segno::coroutine]
        async fn taken_apart(self) -> T {
            let count = self.count;
            y().await;
            let Device { token, count: _, buffer: _ } = self;
            child(count).await;
            token
        }

        #[segno::coroutine]
        async fn calls_others(&mut self) -> u32 {
            let a = self.exclusive(1).await;
            let b = self.shared().await;
            let c = Self::associated(3).await + Self::STEP;
            self.bump();
            a + b + c + self.count
        }

        #[segno::coroutine]
        async fn associated(n: u32) -> u32 {
            child(n).await + Self::STEP
        }

        #[segno::coroutine]
        async fn makes_itself() -> Self {
            let mut made = Self::new();
            y().await;
            made.count = 5;
            Self { buffer: [1; 4], ..made }
        }

        #[segno::coroutine]
        async fn borrows_its_fields(&mut self) -> u32 {
            let Self { count, buffer, .. } = self;
            for byte in buffer.iter_mut() {
                y().await;
                *byte += 1;
                *count += *byte as u32;
            }
            let token = &self.token;
            y().await;
            token.r();
            self.count
        }

        #[segno::coroutine]
        async fn gives_a_borrow(&mut self) -> &mut u32 {
            y().await;
            &mut self.count
        }

        #[segno::coroutine]
        async fn longest<'a>(&self, a: &'a [u8], b: &'a [u8]) -> &'a [u8] {
            y().await;
            if a.len() > self.count as usize { a } else { b }
        }
    }

    case!(shared = Device::new().shared());
    case!(exclusive = Device::new().exclusive(3));
    case!(owned = Device::new().owned());
    case!(owned_and_mutable = Device::new().owned_and_mutable(4));
    case!(owned_and_unused = Device::new().owned_and_unused(T("other")));
    case!(taken_apart = Device::new().taken_apart());
    case!(calls_others = Device::new().calls_others());
    case!(associated = Device::associated(1));
    case!(makes_itself = Device::makes_itself());
    case!(borrows_its_fields = Device::new().borrows_its_fields());
    case!(gives_a_borrow = Device::new().gives_a_borrow());
    case!(longest = Device::new().longest(b"a", b"bc"));

    #[derive(Debug)]
    struct Stack<X, const N: usize> {
        items: [Option<X>; N],
        length: usize,
    }

    impl<X: Clone + core::fmt::Debug, const N: usize> Stack<X, N> {
        fn new() -> Self {
            Stack { items: [const { None }; N], length: 0 }
        }

        #[segno::coroutine]
        async fn push(&mut self, item: X) -> Result<(), X> {
            y().await;
            if self.length == N {
                return Err(item);
            }
            self.items[self.length] = Some(item);
            self.length += 1;
            Ok(())
        }

        #[segno::coroutine]
        async fn push_all(&mut self, items: &[X]) -> Result<usize, X> {
            for item in items {
                self.push(item.clone()).await?;
            }
            Ok(self.length)
        }

        #[segno::coroutine]
        async fn first(&self) -> Option<&X> {
            y().await;
            self.items.first()?.as_ref()
        }
    }

    #[segno::coroutine]
    async fn uses_a_generic_type() -> (Result<usize, u8>, Option<u8>) {
        let mut stack = Stack::<u8, 2>::new();
        let pushed = stack.push_all(&[1, 2, 3]).await;
        let first = stack.first().await.copied();
        (pushed, first)
    }
    case!(uses_a_generic_type());
    case!(generic_method = Stack::<u8, 2>::new().push(4));

    struct View<'a> {
        data: &'a [u8],
        at: usize,
    }

    impl<'a> View<'a> {
        #[segno::coroutine]
        async fn next(&mut self) -> Option<&'a u8> {
            y().await;
            self.at += 1;
            self.data.get(self.at - 1)
        }

        #[segno::coroutine]
        async fn rest(mut self) -> u32 {
            let mut sum = 0;
            while let Some(byte) = self.next().await {
                sum += *byte as u32;
            }
            sum
        }
    }

    case!(lifetime_of_the_type = View { data: &[1, 2], at: 0 }.next());
    case!(owned_view = View { data: &[1, 2], at: 0 }.rest());
}
