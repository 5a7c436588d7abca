//! Not compiled: the types are nobody's.

mod port {
    impl<B: Bus> Port<B> {
        #[segno::coroutine]
        pub async fn read(&mut self, address: u8) -> Result<u8, B::Error> {
            let _lock = self.lock();
            let mut buffer = [0; 2];
            self.bus.write_read(address, &[REGISTER, 0x80 | OFFSET], &mut buffer, Timeout::Default).await?;
            let buffer = u16::from_be_bytes(buffer);
            for _ in 0..buffer {
                sleep(10.millis()).await;
            }
            Ok(nb::block!(self.bus.last())?)
        }
    }
}

trait Source {
    #[segno::coroutine]
    async fn next(&mut self) -> u8;
}

#[segno::coroutine]
async fn text(guard: Guard, wanted: bool) -> &'static str {
    if wanted {
        consume(guard);
    }
    answer("a \"quote\" | a <tag>
").await
}

#[segno::coroutine]
async fn paced(pace: u32) {
    #[cfg(feature = "slow")]
    sleep(pace.secs()).await;
    #[cfg(not(feature = "slow"))]
    sleep(pace.millis()).await;
}
