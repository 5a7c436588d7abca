//! Runs a function under a plan, and compares what two of them do.

use core::fmt::{Debug, Write};
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::Poll;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::trace::{self, PanicAt, Planned, record};

/// After so many suspensions a run that has not ended is dropped: some functions never end.
const MOST_SUSPENSIONS: u32 = 24;

/// Where a run is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Never,
    /// Dropped at the n-th suspension; 0 is before the first resume.
    Drop(u32),
    /// Asked to cancel at the n-th suspension. A future knows no cancel request and is dropped.
    Cancel(u32),
}

/// One run: where it stops and what panics in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    stop: Stop,
    panic: Option<PanicAt>,
}

impl core::fmt::Display for Plan {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.stop {
            Stop::Never => f.write_str("run to the end")?,
            Stop::Drop(0) => f.write_str("dropped before the first resume")?,
            Stop::Drop(n) => write!(f, "dropped at suspension {n}")?,
            Stop::Cancel(n) => write!(f, "asked to cancel at suspension {n}")?,
        }
        match self.panic {
            Some(PanicAt { operation, drops: false }) => write!(f, ", panic at operation {operation}"),
            Some(PanicAt { operation, drops: true }) => write!(f, ", panic at operation or drop {operation}"),
            None => Ok(()),
        }
    }
}

/// Drives one function under one plan; each case hands it the call.
#[derive(Debug)]
pub struct Driver {
    plan: Plan,
}

enum Step<R> {
    Pending,
    Done(R),
    #[cfg_attr(not(feature = "ours"), expect(dead_code, reason = "futures do not answer it"))]
    Cancelled,
}

impl Driver {
    /// Drives what rustc made.
    pub fn future<F: Future<Output: Debug>>(&self, future: F) {
        let mut cx = core::task::Context::from_waker(core::task::Waker::noop());
        self.drive(future, false, |future, _| match future.poll(&mut cx) {
            Poll::Pending => Step::Pending,
            Poll::Ready(value) => Step::Done(value),
        });
    }

    /// Drives what `#[segno::coroutine]` made.
    #[cfg(feature = "ours")]
    pub fn coroutine<C: segno::Coroutine<Output: Debug>>(&self, coroutine: C) {
        use segno::{Context, Resume};
        self.drive(coroutine, true, |coroutine, cancel| {
            let mut cx = if cancel { Context::detached_cancelling() } else { Context::detached() };
            match coroutine.resume(&mut cx) {
                Resume::Pending => Step::Pending,
                Resume::Done(value) => Step::Done(value),
                Resume::Cancelled => Step::Cancelled,
            }
        });
    }

    /// Events of its own: `^` the call has returned, `|` suspended, `=value` ended, `x` dropped or asked to cancel,
    /// `!` panicked.
    fn drive<M, R: Debug>(&self, machine: M, cancellable: bool, mut step: impl FnMut(Pin<&mut M>, bool) -> Step<R>) {
        record("^");
        let mut slot = pin!(Some(machine));
        let mut suspensions = 0;
        let mut cancelled = None;
        loop {
            let stops = match self.plan.stop {
                Stop::Never => suspensions == MOST_SUSPENSIONS,
                Stop::Drop(n) | Stop::Cancel(n) => suspensions == n,
            };
            let cancels = stops && cancellable && matches!(self.plan.stop, Stop::Cancel(_));
            if stops {
                record("x");
                if !cancels {
                    break;
                }
            }
            let machine = slot.as_mut().as_pin_mut().expect("the machine lives until the loop ends");
            match caught(|| step(machine, cancels)) {
                Some(Step::Pending) => {
                    record("|");
                    suspensions += 1;
                    if cancels {
                        record("(a cancel request was answered `Pending`)");
                        break;
                    }
                }
                Some(Step::Done(value)) => {
                    record(format!("={value:?}"));
                    caught(|| drop(value));
                    break;
                }
                Some(Step::Cancelled) => {
                    if !cancels {
                        record("(`Cancelled` without a request)");
                    }
                    cancelled = Some(trace::length());
                    break;
                }
                None => break,
            }
        }
        caught(|| slot.set(None));
        if cancelled.is_some_and(|length| trace::length() > length) {
            record("(dropped only after the answer `Cancelled`)");
        }
    }
}

/// Runs a coroutine to its end, for programs that are about compiling it.
#[cfg(feature = "ours")]
pub fn run<C: segno::Coroutine<Output: Debug>>(coroutine: C) {
    Driver { plan: Plan { stop: Stop::Never, panic: None } }.coroutine(coroutine);
}

/// As `run`, in the world of rustc.
pub fn run_future<F: Future<Output: Debug>>(future: F) {
    Driver { plan: Plan { stop: Stop::Never, panic: None } }.future(future);
}

/// Records a panic; gives `None` then.
fn caught<R>(action: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(action))
        .map_err(|payload| {
            let message = if payload.is::<Planned>() {
                None
            } else {
                let text = payload.downcast_ref::<&str>().map(ToString::to_string);
                Some(text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default())
            };
            record(message.map_or("!".to_string(), |message| format!("!({message})")));
        })
        .ok()
}

/// A case, in one world.
pub type Run = fn(&Driver);

fn trace_of(run: Run, plan: Plan) -> (Vec<String>, u32) {
    trace::begin(plan.panic);
    caught(|| run(&Driver { plan }));
    trace::end()
}

fn suspensions(trace: &[String]) -> u32 {
    trace.iter().filter(|event| *event == "|").count().try_into().expect("there is a limit")
}

/// Where the runs of a case panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panics {
    /// Nowhere.
    Never,
    /// At each operation.
    Operations,
    /// In each drop as well.
    Drops,
}

impl Panics {
    fn of(drops: bool) -> Panics {
        if drops { Panics::Drops } else { Panics::Operations }
    }
}

/// All plans for a case, according to what the oracle does.
fn plans(oracle: Run, panics: Panics) -> Vec<Plan> {
    let whole = Plan { stop: Stop::Never, panic: None };
    let suspensions = suspensions(&trace_of(oracle, whole).0);
    let mut stops = vec![Stop::Never];
    stops.extend((0..=suspensions).map(Stop::Drop));
    stops.extend((1..=suspensions).map(Stop::Cancel));
    let mut plans: Vec<Plan> = stops.iter().map(|&stop| Plan { stop, panic: None }).collect();
    if cfg!(miri) || panics == Panics::Never {
        // Interpreted, the thousands of panics would take hours.
        return plans;
    }
    let panicking = |stop, drops| {
        // A panic that never comes, to learn how many operations there are.
        let (_, operations) = trace_of(oracle, Plan { stop, panic: Some(PanicAt { operation: 0, drops }) });
        (1..=operations).map(move |operation| Plan { stop, panic: Some(PanicAt { operation, drops }) })
    };
    plans.extend(panicking(Stop::Never, false));
    if panics == Panics::Drops {
        plans.extend(stops.iter().flat_map(|&stop| panicking(stop, true)));
    }
    plans
}

/// Runs both under every plan. The error shows both traces, side by side, of the plans that give different ones.
/// `drops`: with panics in drops, too.
pub fn compare(drops: bool, oracle: Run, ours: Run) -> Result<usize, String> {
    compare_by(Panics::of(drops), oracle, ours, |_, expected, found| expected == found)
}

/// As [`compare`], but ours may drop what the oracle leaks in a panic: rustc forgets the value of a block, or of a
/// match, when the destructor of a local panics at its end.
pub fn compare_but_leaks(panics: Panics, oracle: Run, ours: Run) -> Result<usize, String> {
    compare_by(panics, oracle, ours, |plan, expected, found| {
        expected == found || plan.panic.is_some() && without_leaked(expected, found) == expected
    })
}

/// What was found, without the drops of what the oracle leaks: of a name, it drops one value fewer.
fn without_leaked(expected: &[String], found: &[String]) -> Vec<String> {
    let drops = |trace: &[String], event: &String| trace.iter().filter(|other| *other == event).count();
    let mut leaked: Vec<&String> = Vec::new();
    let mut next = expected.iter().peekable();
    let mut rest = Vec::new();
    for event in found {
        let is_next = next.peek() == Some(&event);
        let surplus = event.starts_with('~') && drops(found, event) == drops(expected, event) + 1;
        if !is_next && surplus && !leaked.contains(&event) {
            leaked.push(event);
        } else {
            next.next_if_eq(&event);
            rest.push(event.clone());
        }
    }
    rest
}

fn compare_by(
    panics: Panics,
    oracle: Run,
    ours: Run,
    same: fn(Plan, &[String], &[String]) -> bool,
) -> Result<usize, String> {
    let plans = plans(oracle, panics);
    let mut report = String::new();
    let mut differing = 0;
    for &plan in &plans {
        let expected = trace_of(oracle, plan).0;
        let found = trace_of(ours, plan).0;
        if !same(plan, &expected, &found) {
            differing += 1;
            if differing <= 3 {
                side_by_side(&mut report, plan, &expected, &found);
            }
        }
    }
    if differing == 0 { Ok(plans.len()) } else { Err(format!("{differing} of {} runs differ\n{report}", plans.len())) }
}

fn side_by_side(report: &mut String, plan: Plan, expected: &[String], found: &[String]) {
    let width = expected.iter().map(|event| event.chars().count()).max().unwrap_or(0).max(5);
    let _ = writeln!(report, "  {plan}\n      {:width$}   ours", "rustc");
    for (left, right) in aligned(expected, found) {
        let mark = if left == right { ' ' } else { '≠' };
        let [left, right] = [left, right].map(|event| event.map_or("", String::as_str));
        let _ = writeln!(report, "      {left:width$} {mark} {right}");
    }
}

/// Puts equal events beside each other: a longest common subsequence.
fn aligned<'a>(left: &'a [String], right: &'a [String]) -> Vec<(Option<&'a String>, Option<&'a String>)> {
    let mut common = vec![vec![0; right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i][j] =
                if left[i] == right[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut rows = Vec::new();
    while i < left.len() || j < right.len() {
        let both = i < left.len() && j < right.len() && left[i] == right[j];
        let left_alone = !both && j == right.len() || i < left.len() && common[i + 1][j] >= common[i][j + 1];
        let (take_left, take_right) = (both || left_alone, both || !left_alone);
        rows.push((left.get(i).filter(|_| take_left), right.get(j).filter(|_| take_right)));
        i += usize::from(take_left);
        j += usize::from(take_right);
    }
    rows
}

/// A test of the oracle alone: prints what it does when it runs to the end and when it is dropped at each suspension.
///
/// # Panics
/// If the oracle panics by itself.
pub fn oracle(name: &str, run: Run) {
    for plan in plans(run, Panics::Never).into_iter().filter(|plan| plan.panic.is_none()) {
        if !matches!(plan.stop, Stop::Cancel(_)) {
            let trace = trace_of(run, plan).0.join(" ");
            println!("{name}, {plan}: {trace}");
            assert!(!trace.contains("!(") || name.contains("panic"), "the oracle panicked");
        }
    }
}

/// A test of ours against the oracle.
///
/// # Panics
/// If they differ.
pub fn same(name: &str, drops: bool, oracle: Run, ours: Run) {
    if let Err(report) = compare(drops, oracle, ours) {
        panic!("{name}: {report}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{T, log, two, y};

    async fn model(a: T) -> u8 {
        let _b = T("b");
        y().await;
        log("middle");
        two(&a, T("c")).await
    }

    fn oracle(driver: &Driver) {
        driver.future(model(T("a")));
    }

    /// The report on `ours` as a rival of the model.
    fn verdict(ours: Run) -> String {
        compare(false, oracle, ours).expect_err("the difference is noticed")
    }

    #[test]
    fn the_same_is_the_same() {
        assert_eq!(compare(false, oracle, oracle), Ok(1 + 3 + 2 + 8));
    }

    #[test]
    fn puts_equal_events_beside_each_other() {
        let events = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let (left, right) = (events("^ | ~a ~b =0"), events("^ | ~b ~c =0"));
        let mut report = String::new();
        side_by_side(&mut report, Plan { stop: Stop::Drop(1), panic: None }, &left, &right);
        let lines: Vec<&str> = report.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "dropped at suspension 1",
                "rustc   ours",
                "^       ^",
                "|       |",
                "~a    ≠",
                "~b      ~b",
                "≠ ~c",
                "=0      =0"
            ],
            "{report}"
        );
    }

    #[test]
    fn notices_another_result() {
        let report = verdict(|driver| {
            driver.future(async {
                model(T("a")).await;
                1u8
            })
        });
        assert!(report.contains("run to the end") && report.contains("≠ =1") && report.contains("=0"), "{report}");
    }

    #[test]
    fn notices_another_order_of_drops() {
        let report = verdict(|driver| {
            driver.future(async {
                let _b = T("b");
                let a = T("a");
                y().await;
                log("middle");
                two(&a, T("c")).await
            })
        });
        assert!(report.contains("~b") && report.contains('≠'), "{report}");
    }

    #[test]
    fn notices_an_early_drop() {
        let report = verdict(|driver| {
            driver.future(async {
                let a = T("a");
                drop(T("b"));
                y().await;
                log("middle");
                two(&a, T("c")).await
            })
        });
        assert!(report.contains("dropped at suspension 1"), "{report}");
    }

    #[test]
    fn notices_a_leak() {
        let report = verdict(|driver| driver.future(core::mem::ManuallyDrop::new(Box::pin(model(T("a")))).as_mut()));
        assert!(report.contains("dropped before the first resume"), "{report}");
    }

    #[test]
    fn notices_a_suspension_too_many() {
        let report = verdict(|driver| {
            driver.future(async {
                let value = model(T("a")).await;
                crate::pause().await;
                value
            })
        });
        assert!(report.contains("run to the end"), "{report}");
    }

    #[test]
    fn notices_what_starts_before_it_is_resumed() {
        let report = verdict(|driver| {
            log("early");
            driver.future(model(T("a")));
        });
        assert!(report.contains("≠ early"), "{report}");
    }

    #[test]
    fn notices_what_only_a_panic_shows() {
        // The log is an operation in one and none in the other; only a panic there tells them apart.
        fn careful(driver: &Driver) {
            driver.future(async {
                let a = T("a");
                log("work");
                drop(a);
            });
        }
        fn careless(driver: &Driver) {
            driver.future(async {
                let a = core::mem::ManuallyDrop::new(T("a"));
                log("work");
                drop(core::mem::ManuallyDrop::into_inner(a));
            });
        }
        let report = compare(false, careful, careless).expect_err("the difference is noticed");
        assert!(report.contains("1 of 3 runs") || report.contains("panic at operation 1"), "{report}");
        assert!(!report.contains("run to the end\n"), "{report}");
    }

    #[test]
    fn notices_what_only_a_panicking_drop_shows() {
        fn careful(driver: &Driver) {
            driver.future(async {
                let _a = T("a");
                let _b = T("b");
            });
        }
        fn careless(driver: &Driver) {
            driver.future(async {
                let a = core::mem::ManuallyDrop::new(T("a"));
                drop(T("b"));
                drop(core::mem::ManuallyDrop::into_inner(a));
            });
        }
        assert!(compare(false, careful, careless).is_ok());
        let report = compare(true, careful, careless).expect_err("the difference is noticed");
        assert!(report.contains("panic at operation or drop 1"), "{report}");
    }

    #[test]
    fn excuses_what_the_oracle_leaks() {
        fn leaking(driver: &Driver) {
            driver.future(async {
                let _a = T("a");
                let b = core::mem::ManuallyDrop::new(T("b"));
                log("work");
                drop(core::mem::ManuallyDrop::into_inner(b));
            });
        }
        fn careful(driver: &Driver) {
            driver.future(async {
                let _a = T("a");
                let b = T("b");
                log("work");
                drop(b);
            });
        }
        assert!(compare(false, leaking, careful).is_err());
        let traces = [["~b", "work", "~a"].as_slice(), &["~b", "work", "~b", "~a"], &["~b", "work", "~b", "~b", "~a"]];
        let [expected, once, twice] = traces.map(|trace| trace.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(without_leaked(&expected, &once), expected);
        assert_ne!(without_leaked(&expected, &twice), expected);
        assert_eq!(compare_but_leaks(Panics::Operations, leaking, careful), Ok(3));
        // The other way round, ours leaks.
        assert!(compare_but_leaks(Panics::Operations, careful, leaking).is_err());
    }

    #[test]
    fn drops_a_function_that_never_ends() {
        async fn forever() -> u8 {
            let _a = T("a");
            loop {
                y().await;
            }
        }
        fn run(driver: &Driver) {
            driver.future(forever());
        }
        let (trace, _) = trace_of(run, Plan { stop: Stop::Never, panic: None });
        assert_eq!(suspensions(&trace), MOST_SUSPENSIONS);
        assert_eq!(trace.last().map(String::as_str), Some("~a"));
        assert!(compare(false, run, run).is_ok());
    }

    #[cfg(feature = "ours")]
    mod cancel {
        use segno::{Context, Coroutine, Resume};

        use super::*;
        use crate::id;

        fn oracle(driver: &Driver) {
            driver.future(id(T("a")));
        }

        /// A wrapper of the leaf that answers a cancel request in its own way.
        struct Rival<C>(C, fn(Resume<T>) -> Resume<T>);

        impl<C: Coroutine<Output = T> + Unpin> Coroutine for Rival<C> {
            type Output = T;

            fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<T> {
                let answer = Pin::new(&mut self.0).resume(cx);
                self.1(answer)
            }
        }

        #[test]
        fn notices_a_drop_after_the_answer() {
            // What a leaf holds is dropped by whoever drops the leaf: too late for a coroutine.
            let report = compare(false, oracle, |driver| driver.coroutine(id(T("a")))).expect_err("too late");
            assert!(report.contains("1 of") && report.contains("only after the answer"), "{report}");
        }

        #[test]
        fn notices_a_request_that_is_ignored() {
            let deaf: Run = |driver| {
                driver.coroutine(Rival(id(T("a")), |answer| match answer {
                    Resume::Cancelled => Resume::Pending,
                    answer => answer,
                }))
            };
            let report = compare(false, oracle, deaf).expect_err("the difference is noticed");
            assert!(report.contains("a cancel request was answered `Pending`"), "{report}");
        }

        #[test]
        fn notices_a_request_that_is_caught() {
            let catching: Run = |driver| {
                driver.coroutine(Rival(id(T("a")), |answer| match answer {
                    Resume::Cancelled => Resume::Done(T("caught")),
                    answer => answer,
                }))
            };
            let report = compare(false, oracle, catching).expect_err("the difference is noticed");
            assert!(report.contains("asked to cancel at suspension 1"), "{report}");
        }
    }
}
