//! Shapes that were found in code that others wrote, where they did not compile.

use segno_tests::both_worlds;

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
}
