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
}
