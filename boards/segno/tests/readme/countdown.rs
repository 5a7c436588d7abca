//! The README's crate of one's own. Its `println!` is the prelude's, which in a crate with `std` has to be said.

use segno::println;

use segno::prelude::*;

#[segno::coroutine]
pub async fn countdown(from: u32) {
    for n in (1..=from).rev() {
        println!("{n}");
        sleep(1.secs()).await;
    }
}

#[cfg(test)]
mod tests {
    use segno_sim::Sim;

    #[test]
    fn it_counts_seconds() {
        let mut sim = Sim::new(1);
        let node = sim.node("countdown", |board| {
            board.event_loop().run_until_complete(super::countdown(3)).unwrap();
        });
        sim.run_until_idle();
        assert_eq!(node.console(), "3\n2\n1\n");
    }
}
