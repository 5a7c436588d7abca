//! `nb::block!`: an operation that is not ready suspends.

use segno_tests::both_worlds;

#[both_worlds]
mod block {
    #[segno::coroutine]
    async fn ready_at_once() -> Result<u32, Failure> {
        let mut device = NotReady(0);
        nb::block!(device.attempt(4u32))
    }
    case!(ready_at_once());

    #[segno::coroutine]
    async fn ready_later() -> Result<u32, Failure> {
        let _g = T("g");
        let mut device = NotReady(3);
        let n = nb::block!(device.attempt(4u32))?;
        log("after");
        Ok(n + 1)
    }
    case!(ready_later());

    #[segno::coroutine]
    async fn fails_later() -> Result<(), Failure> {
        let _g = T("g");
        let mut device = NotReady(2);
        nb::block!(device.attempt_in_vain())?;
        log("not reached");
        Ok(())
    }
    case!(fails_later());

    #[segno::coroutine]
    async fn on_a_parameter(device: &mut NotReady, byte: u8) -> Result<u8, Failure> {
        nb::block!(device.attempt(byte))
    }
    case!(on_a_parameter(&mut NotReady(2), 7));

    #[segno::coroutine]
    async fn in_a_loop(bytes: &[u8]) -> Result<u32, Failure> {
        let mut device = NotReady(1);
        let mut sum = 0;
        for &byte in bytes {
            sum += nb::block!(device.attempt(byte as u32))?;
            device.0 = 1;
        }
        Ok(sum)
    }
    case!(in_a_loop(&[1, 2, 3]));

    #[segno::coroutine]
    async fn between_awaits() -> u32 {
        let mut device = NotReady(1);
        y().await;
        let t = T("t");
        let n = nb::block!(device.attempt(t.0.len() as u32)).unwrap();
        y().await;
        drop(t);
        n + child(1).await
    }
    case!(between_awaits());

    #[segno::coroutine]
    async fn as_operand_and_scrutinee() -> u32 {
        let mut device = NotReady(1);
        let n = 1 + nb::block!(device.attempt(2u32)).unwrap();
        device.0 = 2;
        match nb::block!(device.attempt_in_vain()) {
            Ok(()) => 0,
            Err(failure) => {
                failure.0.a().await;
                n
            }
        }
    }
    case!(as_operand_and_scrutinee());

    #[segno::coroutine]
    fn plain_driver(device: &mut NotReady) -> Result<u32, Failure> {
        let a = nb::block!(device.attempt(1u32))?;
        device.0 = 1;
        let b = nb::block!(device.attempt(2u32))?;
        Ok(a + b)
    }
    case!(plain_driver(&mut NotReady(1)));

    // The operation is evaluated again each time, its operands too.
    #[segno::coroutine]
    async fn operands_are_evaluated_again() -> Result<u32, Failure> {
        let mut device = NotReady(2);
        let mut attempts = 0u32;
        let n = nb::block!(device.attempt({
            attempts += 1;
            T("operand").r() as u32 + attempts
        }))?;
        Ok(n * 10 + attempts)
    }
    case!(operands_are_evaluated_again());

    #[segno::coroutine]
    async fn method_of_self() -> Result<u32, Failure> {
        struct Uart {
            device: NotReady,
        }
        let mut uart = Uart { device: NotReady(2) };
        let n = nb::block!(uart.device.attempt(5u32))?;
        y().await;
        Ok(n + uart.device.0)
    }
    case!(method_of_self());
}
