//! A crate that knows segno as `kit::segno` alone.

use kit::segno::prelude::*;
use kit::{Countdown, run, twice};

#[test]
fn a_renamed_dependency() {
    assert_eq!(run(kit::read_two(&mut Countdown::new(3))), Ok(4));
    assert_eq!(run(kit::read_two(&mut Countdown::new(1))), Err(9));
}

#[kit::segno::coroutine(crate = kit::segno)]
async fn total(prices: &[u32]) -> u32 {
    let mut list = prices.to_vec();
    for price in list.iter_mut() {
        sleep(1.millis()).await;
        *price += 1;
    }
    let text = format!("{}", list.len());
    text.len() as u32 + list.iter().sum::<u32>()
}

#[test]
fn a_crate_inside_another() {
    assert_eq!(run(total(&[1, 2, 3])), 10);
}

twice!(four, 2);

#[test]
fn a_path_that_a_macro_gives() {
    assert_eq!(run(four()), 4);
}

trait Shop {
    #[kit::segno::coroutine(crate = ::kit::segno)]
    async fn open(&mut self) -> bool;
}

struct Corner(u32);

impl Shop for Corner {
    #[kit::segno::coroutine(crate = ::kit::segno)]
    async fn open(&mut self) -> bool {
        sleep(u64::from(self.0).millis()).await;
        self.0 > 0
    }
}

#[test]
fn methods_of_traits() {
    assert!(run(Corner(1).open()));
}

/// A module with the name of the crate: what the user writes as a path is not changed.
mod outer {
    pub mod segno {
        pub const VALUE: u32 = 7;
    }
}

#[kit::segno::coroutine(crate = kit::segno)]
async fn other_things_of_this_name() -> u32 {
    sleep(1.millis()).await;
    outer::segno::VALUE
}

#[test]
fn the_users_own_paths() {
    assert_eq!(run(other_things_of_this_name()), 7);
}
