// A field is moved out of a structure that is also used in one piece, while others are used later. rustc's `async fn` accepts it.

use segno_tests::*;

struct Port {
    first: T,
    wire: Wire,
}

struct Wire {
    pin: T,
    line: T,
}

#[segno::coroutine]
async fn on_another_path(port: Port, c: bool) -> u8 {
    if c {
        let wire = port.wire;
        y().await;
        return wire.pin.r();
    }
    drop(port.wire.line);
    y().await;
    port.first.r()
}

impl Port {
    fn check(&self) {
        self.first.r();
    }

    #[segno::coroutine]
    async fn by_a_method(self) -> u8 {
        let line = &self.wire.line;
        self.check();
        let first = self.first;
        y().await;
        line.a().await;
        first.r()
    }
}

fn port() -> Port {
    Port { first: T("first"), wire: Wire { pin: T("pin"), line: T("line") } }
}

fn main() {
    run(on_another_path(port(), true));
    run(port().by_a_method());
}
