//! Changed, borrowed as mutable and moved through a shared reference (E0594, E0596, E0507).

use segno_tests::{T, id, y};

struct Port {
    name: T,
    count: u32,
}

impl Port {
    #[segno::coroutine]
    async fn change(&self) {
        y().await;
        self.count += 1;
    }

    #[segno::coroutine]
    async fn borrow(&self) {
        self.name.renamed("u").await;
    }

    #[segno::coroutine]
    async fn take(&self) -> T {
        y().await;
        id(self.name).await
    }
}

fn main() {
    let port = Port { name: T("t"), count: 0 };
    let _ = (port.change(), port.borrow(), port.take());
}
