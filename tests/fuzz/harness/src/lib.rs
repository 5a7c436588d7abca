//! What programs of random functions are linked with.
//!
//! A program has two tables of cases, one for each world, and calls [`main`]. Machines are boxed here, so that what
//! drives them is compiled once for each output and not once for each function.

use core::cell::Cell;
use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use std::io::{Write, stdout};

use segno::{Context, Coroutine, Resume};
use segno_tests::{Driver, Panics, compare_but_leaks};

pub use {segno, segno_tests};

/// One call of a function, in one world.
pub type Run = fn(&Driver);

/// A function: its name, and each of its calls in the worlds of rustc and of segno.
pub type Case = (&'static str, &'static [(Run, Run)]);

thread_local! {
    static FUTURE: Cell<usize> = const { Cell::new(0) };
    static COROUTINE: Cell<usize> = const { Cell::new(0) };
}

/// Drives what rustc made.
pub fn future<'a, F: Future<Output: Debug> + 'a>(driver: &Driver, future: F) {
    FUTURE.set(size_of::<F>());
    let boxed: Pin<Box<dyn Future<Output = F::Output> + 'a>> = Box::pin(future);
    driver.future(boxed);
}

struct Boxed<'a, R>(Pin<Box<dyn Coroutine<Output = R> + 'a>>);

impl<R> Coroutine for Boxed<'_, R> {
    type Output = R;

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<R> {
        self.0.as_mut().resume(cx)
    }
}

/// Drives what `#[segno::coroutine]` made.
pub fn coroutine<'a, C: Coroutine<Output: Debug> + 'a>(driver: &Driver, coroutine: C) {
    COROUTINE.set(size_of::<C>());
    driver.coroutine(Boxed(Box::pin(coroutine)));
}

fn say(line: std::fmt::Arguments<'_>) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("somebody listens");
}

/// Runs the cases, and tells of each what came of it, line by line:
/// `start NAME`, `oracle` when rustc's world is known to end, `same RUNS` or `differs` and a report, `size SEGNO RUSTC`,
/// and `end` after all.
///
/// Arguments: `--no-panics`, so that whatever leaks is a defect; `--after NAME`, `--only NAME` for some of the functions.
pub fn main(cases: &[Case]) {
    std::panic::set_hook(Box::new(|_| ()));
    let mut panics = Panics::Drops;
    let mut cases = cases;
    let mut arguments = std::env::args().skip(1);
    while let Some(word) = arguments.next() {
        if word == "--no-panics" {
            panics = Panics::Never;
            continue;
        }
        let name = arguments.next().expect("a function is named");
        let at = cases.iter().position(|case| case.0 == name).expect("there is this function");
        cases = if word == "--only" { &cases[at..=at] } else { &cases[at + 1..] };
    }
    for (name, calls) in cases {
        say(format_args!("start {name}"));
        let mut runs = 0;
        let mut report = String::new();
        for (call, &(oracle, ours)) in calls.iter().enumerate() {
            let alone = if panics == Panics::Never { Panics::Never } else { Panics::Operations };
            if let Err(changing) = compare_but_leaks(alone, oracle, oracle) {
                panic!("rustc's world does not always do the same: {changing}");
            }
            say(format_args!("oracle {call}"));
            match compare_but_leaks(panics, oracle, ours) {
                Ok(count) => runs += count,
                Err(text) => report += &format!("call {call}: {text}\n"),
            }
        }
        if report.is_empty() {
            say(format_args!("same {runs}"));
        } else {
            say(format_args!("differs\n{report}"));
        }
        say(format_args!("size {} {}", COROUTINE.get(), FUTURE.get()));
    }
    say(format_args!("end"));
}
