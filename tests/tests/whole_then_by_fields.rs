//! Variables that are used in one piece first, and then field by field.

use segno_tests::both_worlds;

#[both_worlds]
mod whole_then_by_fields {
    struct Device {
        bus: T,
        wire: Wire,
        name: T,
        count: u32,
    }

    struct Wire {
        pin: T,
        line: T,
    }

    fn device() -> Device {
        Device { bus: T("bus"), wire: Wire { pin: T("pin"), line: T("line") }, name: T("name"), count: 0 }
    }

    impl Device {
        fn count(&self) -> u32 {
            log("count");
            self.count
        }

        #[segno::coroutine]
        async fn init(&mut self) {
            self.name.renamed("renamed").await;
            self.count += 1;
        }

        #[segno::coroutine]
        async fn two_at_once(mut self) -> u32 {
            self.init().await;
            let (bus, name) = (self.bus, self.name);
            y().await;
            bus.a().await;
            drop(name);
            self.count
        }

        // Declared between: dropped before what is left.
        #[segno::coroutine]
        async fn behind_a_guard(mut self) -> u32 {
            let _guard = T("guard");
            self.init().await;
            let _other = T("other");
            id(self.bus).await;
            y().await;
            self.wire.pin.a().await;
            self.count
        }

        #[segno::coroutine]
        async fn behind_a_number(self, last: T) -> u32 {
            let n = self.count();
            drop(self.wire.line);
            y().await;
            self.name.a().await;
            last.r();
            n
        }

        #[segno::coroutine]
        async fn one_by_one(mut self) -> u8 {
            self.init().await;
            id(self.name).await;
            let wire = id(self.wire).await;
            self.bus.r() + wire.pin.r()
        }

        #[segno::coroutine]
        async fn on_one_path(mut self, c: bool) -> T {
            self.init().await;
            if c {
                y().await;
                return self.bus;
            }
            drop(self.wire.pin);
            y().await;
            self.name
        }

        #[segno::coroutine]
        async fn in_a_loop(mut self) -> T {
            self.init().await;
            let mut bus = self.bus;
            for _ in 0..2 {
                y().await;
                bus = self.name;
                self.name = T("again");
            }
            bus
        }
    }
    dynamic_drop!(two_at_once = Device::two_at_once(device()));
    dynamic_drop!(behind_a_guard = Device::behind_a_guard(device()));
    dynamic_drop!(behind_a_number = Device::behind_a_number(device(), T("last")));
    dynamic_drop!(one_by_one = Device::one_by_one(device()));
    dynamic_drop!(on_one_path = Device::on_one_path(device(), true));
    dynamic_drop!(on_the_other_path = Device::on_one_path(device(), false));
    dynamic_drop!(in_a_loop = Device::in_a_loop(device()));

    #[segno::coroutine]
    async fn of_a_let() -> u8 {
        let _before = T("before");
        let mut device = device();
        let _behind = T("behind");
        device.init().await;
        drop(device.bus);
        y().await;
        let wire = device.wire;
        y().await;
        wire.line.r() + device.name.r()
    }
    dynamic_drop!(of_a_let());

    #[segno::coroutine]
    async fn of_a_tuple(mut pair: (T, T), _last: T) -> u8 {
        log(format!("{}", (&pair).0.r()));
        pair.1.renamed("renamed").await;
        drop(pair.0);
        y().await;
        pair.1.r()
    }
    dynamic_drop!(of_a_tuple((T("0"), T("1")), T("last")));

    #[segno::coroutine]
    async fn into_a_closure(mut device: Device) -> u8 {
        device.init().await;
        let first = move || device.bus.r();
        y().await;
        first() + device.name.r()
    }
    dynamic_drop!(into_a_closure(device()));

    // Borrowed meanwhile: what is borrowed stays where it is.
    #[segno::coroutine]
    async fn borrowed_behind_it(mut device: Device) -> u8 {
        device.init().await;
        let name = &device.name;
        let bus = device.bus;
        y().await;
        name.a().await;
        bus.r()
    }
    dynamic_drop!(borrowed_behind_it(device()));

    #[segno::coroutine]
    async fn beside_a_pattern((first, _): (T, T), mut device: Device, last: T) -> u8 {
        let _guard = T("guard");
        device.init().await;
        drop(device.bus);
        y().await;
        first.r();
        y().await;
        device.name.r() + last.r()
    }
    dynamic_drop!(beside_a_pattern((T("1"), T("2")), device(), T("last")));
}
