//! What the programs made after MicroPython's tests have in common.

use std::cell::RefCell;
use std::rc::Rc;

use segno::prelude::*;

pub type Log = Rc<RefCell<Vec<String>>>;

pub fn say(log: &Log, text: impl Into<String>) {
    log.borrow_mut().push(text.into());
}

pub type Outcome = Result<i32, &'static str>;

#[segno::coroutine]
pub async fn value(delay: u64, value: i32) -> i32 {
    sleep(delay.millis()).await;
    value
}

#[segno::coroutine]
pub async fn fails(delay: u64, error: &'static str) -> Outcome {
    sleep(delay.millis()).await;
    Err(error)
}
