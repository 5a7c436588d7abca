//! In debug mode a step that takes too long is reported with the place where it began, and the place where it stopped.

#![cfg(all(feature = "std", feature = "debug"))]

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Mutex;

use segno::host::VirtualClock;
use segno::prelude::*;
use segno::{ErrorContext, Location, gather, select};

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static CLOCK: Cell<Option<&'static VirtualClock>> = const { Cell::new(None) };
}

/// Computes for so long.
fn compute(duration: Duration) {
    CLOCK.get().unwrap().advance(duration);
}

/// `outer S2_sleep: sleep(1.millis()).await;`: the coroutine, the state without its line, and the source's line.
fn describe(location: &Location) -> String {
    let Location { coroutine, state, file, line, .. } = *location;
    assert_eq!(file, file!());
    let source = include_str!("slow_steps.rs").lines().nth(line as usize - 1).unwrap().trim();
    let without_line = state.replacen(&format!("_line{line}"), "", 1);
    assert_eq!(without_line == state, state == "Start", "{state} is in line {line}");
    format!("{coroutine} {without_line}: {source}")
}

fn tell(_: &'static EventLoop, context: &ErrorContext) {
    assert_eq!(context.message, "Executing took too long");
    assert_eq!(context.task.is_some(), context.handle.is_none());
    let place = |location: &Option<Location>| location.as_ref().map_or("nowhere".into(), describe);
    let told = [place(&context.began), place(&context.stopped)];
    TOLD.with_borrow_mut(|list| list.extend(told));
}

fn new_loop() -> &'static EventLoop {
    let clock = VirtualClock::leaked();
    CLOCK.set(Some(clock));
    let lp = segno::new_event_loop(clock, 8192);
    lp.set_exception_handler(Some(tell));
    lp.set_slow_callback_duration(20.millis());
    lp.set_debug(true);
    lp
}

/// What is told of the steps of a coroutine: where each slow one began and stopped.
fn told_of<C: IntoCoroutine>(coroutine: C) -> Vec<String> {
    let lp = new_loop();
    lp.run_until_complete(coroutine).unwrap();
    TOLD.take()
}

/// What is reported, and what is not, though a coroutine may end and another begin in the same step.
const SLOW: Duration = Duration::from_ticks(30_000);
const QUICK: Duration = Duration::from_ticks(9_000);

#[segno::coroutine]
async fn steps(slow: u32) {
    compute(if slow == 0 { SLOW } else { QUICK });
    sleep(1.millis()).await;
    compute(if slow == 1 { SLOW } else { QUICK });
    sleep(2.millis()).await;
    compute(if slow == 2 { SLOW } else { QUICK });
}

#[test]
fn the_first_a_later_and_the_last_step() {
    let start = "steps Start: async fn steps(slow: u32) {";
    let [first, second] = ["steps S1_sleep: sleep(1.millis()).await;", "steps S2_sleep: sleep(2.millis()).await;"];
    assert_eq!(told_of(steps(0)), [start, first]);
    assert_eq!(told_of(steps(1)), [first, second]);
    assert_eq!(told_of(steps(2)), [second, "nowhere"]);
    assert!(told_of(steps(3)).is_empty());
}

#[test]
fn a_task_is_told_of_as_a_guest_is() {
    let lp = new_loop();
    let tasks = [lp.create_task(steps(1)).unwrap(), lp.create_task_named("radio", steps(2)).unwrap()];
    lp.run_until_complete(gather(tasks)).unwrap();
    let [first, second] = ["steps S1_sleep: sleep(1.millis()).await;", "steps S2_sleep: sleep(2.millis()).await;"];
    assert_eq!(TOLD.take(), [first, second, second, "nowhere"]);
}

#[segno::coroutine]
async fn outer(slow: u32) {
    middle(slow).await;
    sleep(5.millis()).await;
}

#[segno::coroutine]
async fn middle(slow: u32) {
    sleep(3.millis()).await;
    steps(slow).await;
    sleep(4.millis()).await;
}

#[test]
fn the_innermost_coroutine_is_named() {
    let [first, second] = ["steps S1_sleep: sleep(1.millis()).await;", "steps S2_sleep: sleep(2.millis()).await;"];
    // The step goes on from where the child was not yet.
    assert_eq!(told_of(outer(0)), ["middle S1_sleep: sleep(3.millis()).await;", first]);
    assert_eq!(told_of(outer(1)), [first, second]);
    // The child ends, and who awaits it goes on to the next suspension.
    assert_eq!(told_of(outer(2)), [second, "middle S3_sleep: sleep(4.millis()).await;"]);
}

#[segno::coroutine]
async fn guarded(slow: u32, timeout_of: &segno::Timeout) {
    let _ = wait_for(steps(slow), 1.secs()).await;
    let _ = timeout(1.secs(), steps(slow)).await;
    let _ = timeout_of.scope(steps(slow)).unwrap().await;
    let _ = steps(slow).catch_cancel().await;
    let mut pinned = std::pin::pin!(steps(slow));
    pinned.as_mut().await;
    let mut boxed: Pin<Box<dyn Coroutine<Output = ()>>> = Box::pin(steps(slow));
    (&mut boxed).await;
}

#[test]
fn what_has_one_child_passes_the_question_on() {
    let [first, second] = ["steps S1_sleep: sleep(1.millis()).await;", "steps S2_sleep: sleep(2.millis()).await;"];
    let told = told_of(guarded(1, &segno::Timeout::after(1.secs())));
    assert_eq!(told, [[first, second]; 6].concat());
}

#[segno::coroutine]
async fn side_by_side(slow: u32) {
    gather!(steps(slow), sleep(1.millis())).await;
    let _ = select!(steps(slow), sleep(1.secs())).await;
}

/// While two children run, either may have been slow; when one is left, it was that.
#[test]
fn of_several_children_the_only_running_one_is_named() {
    let gathered = "side_by_side S1: gather!(steps(slow), sleep(1.millis())).await;";
    let selected = "side_by_side S2: let _ = select!(steps(slow), sleep(1.secs())).await;";
    let second = "steps S2_sleep: sleep(2.millis()).await;";
    assert_eq!(told_of(side_by_side(1)), [gathered, second, selected, selected]);
    assert_eq!(told_of(side_by_side(2)), [second, selected, selected, "nowhere"]);
}

#[segno::coroutine]
async fn member() -> Result<(), u8> {
    steps(1).await;
    Ok(())
}

#[segno::coroutine]
async fn grouped(lp: &'static EventLoop) -> Result<(), u8> {
    let group = TaskGroup::<u8>::new(lp).unwrap();
    let outcome = group
        .scope(async {
            group.create_task(member()).unwrap();
            steps(2).await;
            Ok::<(), u8>(())
        })
        .await;
    assert!(outcome.is_ok());
    Ok(())
}

#[test]
fn a_group_and_its_tasks_pass_the_question_on() {
    let lp = new_loop();
    assert_eq!(lp.run_until_complete(grouped(lp)), Ok(Ok(())));
    let [first, second] = ["steps S1_sleep: sleep(1.millis()).await;", "steps S2_sleep: sleep(2.millis()).await;"];
    assert_eq!(TOLD.take(), [first, second, second, "grouped S1_scope: .await;"]);
}

struct Sensor {
    samples: Vec<u8>,
}

impl Sensor {
    #[segno::coroutine]
    async fn sample(&mut self, count: usize) -> usize {
        for _ in 0..count {
            sleep(1.millis()).await; // between samples
            compute(SLOW);
            self.samples.push(7);
        }
        self.samples.len()
    }
}

#[segno::coroutine]
async fn generic<T: Clone, M: FnMut(T) -> usize>(value: T, mut map: M) -> usize {
    let first = map(value.clone());
    sleep(6.millis()).await;
    compute(SLOW);
    first + map(value)
}

#[test]
fn a_method_and_a_generic_coroutine() {
    let mut sensor = Sensor { samples: Vec::new() };
    let between = "sample S1_sleep: sleep(1.millis()).await; // between samples";
    assert_eq!(told_of(sensor.sample(2)), [between, between, between, "nowhere"]);
    assert_eq!(sensor.samples, [7, 7]);
    let told = told_of(generic(String::from("four"), |text| text.len()));
    assert_eq!(told, ["generic S1_sleep: sleep(6.millis()).await;", "nowhere"]);
}

/// A slot that lives as long as the machine, slots in regions of the state, and children that borrow both.
#[segno::coroutine]
async fn borrowing(rounds: usize) -> String {
    let mut whole = vec![0_u8; 2];
    push(&mut whole, 1).await;
    for round in 0..rounds {
        let mut inner = vec![String::from("a")];
        let first = &mut inner;
        sleep(7.millis()).await;
        compute(SLOW);
        first.push(format!("{round}"));
        {
            let mut deepest = [first.len(); 3];
            let borrowed = &mut deepest;
            add(borrowed, first.len()).await;
            borrowed[0] += 1;
            whole.push(borrowed[0] as u8);
        }
        sleep(8.millis()).await;
    }
    push(&mut whole, 2).await;
    format!("{whole:?}")
}

#[segno::coroutine]
async fn push(list: &mut Vec<u8>, value: u8) {
    let last = list.last_mut();
    sleep(9.millis()).await;
    compute(SLOW);
    if let Some(last) = last {
        *last = value;
    }
    list.push(value);
}

#[segno::coroutine]
async fn add(to: &mut [usize; 3], value: usize) {
    let own = [value; 2];
    let borrowed = &own;
    sleep(10.millis()).await;
    compute(SLOW);
    to[0] += borrowed[1];
}

#[test]
fn what_is_borrowed_across_suspensions_stays_as_it_is() {
    let lp = new_loop();
    let task = lp.create_task(borrowing(2)).unwrap();
    assert_eq!(lp.run_until_complete(task).unwrap(), "[0, 1, 1, 5, 5, 2]".replace("5, 5, 2", "5, 2, 2"));
    let seven = "borrowing S2_sleep: sleep(7.millis()).await;";
    let eight = "borrowing S4_sleep: sleep(8.millis()).await;";
    let [nine, ten] = ["push S1_sleep: sleep(9.millis()).await;", "add S1_sleep: sleep(10.millis()).await;"];
    let expected = [nine, seven, seven, ten, ten, eight, seven, ten, ten, eight, nine, "nowhere"];
    assert_eq!(TOLD.take(), expected);
}

#[segno::coroutine]
async fn blocks() {
    let mut count = 0;
    async {
        sleep(11.millis()).await;
        compute(SLOW);
        count += 1;
    }
    .await;
    assert_eq!(count, 1);
}

#[test]
fn a_block_is_named_after_its_function() {
    assert_eq!(told_of(blocks()), ["blocks::{async} S1_sleep: sleep(11.millis()).await;", "nowhere"]);
}

macro_rules! made {
    ($name:ident, $delay:expr) => {
        #[segno::coroutine]
        async fn $name() {
            sleep($delay).await; // in a macro
            compute(SLOW);
        }
    };
}

made!(made, 12.millis());

#[test]
fn what_a_macro_makes_is_in_the_macros_line() {
    assert_eq!(told_of(made()), ["made S1_sleep: sleep($delay).await; // in a macro", "nowhere"]);
}

#[segno::coroutine]
async fn cancelled() {
    if sleep(1.secs()).catch_cancel().await.is_err() {
        compute(SLOW);
        sleep(13.millis()).await;
    }
}

#[test]
fn a_cancel_request_may_be_what_takes_long() {
    let lp = new_loop();
    let task = lp.create_task(cancelled()).unwrap();
    let handle = task.as_any();
    lp.call_later(1.millis(), move |_| assert!(handle.cancel())).unwrap();
    lp.run_until_complete(task).unwrap();
    let caught = "cancelled S1_catch_cancel: if sleep(1.secs()).catch_cancel().await.is_err() {";
    assert_eq!(TOLD.take(), [caught, "cancelled S2_sleep: sleep(13.millis()).await;"]);
}

/// A coroutine by hand, which does not know the question and must not take it for a resume.
struct ByHand {
    steps: u32,
}

impl Coroutine for ByHand {
    type Output = ();

    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<()> {
        self.steps += 1;
        compute(SLOW);
        if self.steps == 3 {
            return Resume::Done(());
        }
        cx.event_loop().unwrap().wake(cx.waker());
        Resume::Pending
    }
}

#[segno::coroutine]
async fn around() {
    ByHand { steps: 0 }.await;
}

#[test]
fn a_coroutine_by_hand_is_not_asked() {
    assert_eq!(told_of(ByHand { steps: 0 }), ["nowhere"; 6]);
    let place = "around S1: ByHand { steps: 0 }.await;";
    let start = "around Start: async fn around() {";
    assert_eq!(told_of(around()), [start, place, place, place, place, "nowhere"]);
}

#[test]
fn without_debug_mode_nobody_is_told() {
    let lp = new_loop();
    lp.set_debug(false);
    lp.run_until_complete(outer(1)).unwrap();
    assert!(TOLD.take().is_empty());
}

#[test]
fn a_report_is_a_line_of_text() {
    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }
    let lp = new_loop();
    lp.set_exception_handler(Some(|_, context| LINES.with_borrow_mut(|lines| lines.push(context.to_string()))));
    lp.call_soon(|_| compute(1234567.micros())).unwrap();
    lp.create_task_named("radio", steps(1)).unwrap();
    lp.create_task_named("clock", steps(2)).unwrap();
    lp.call_later(10.secs(), EventLoop::stop).unwrap();
    lp.run_forever().unwrap();
    let line = include_str!("slow_steps.rs").lines().position(|line| line == "    sleep(1.millis()).await;").unwrap();
    let [first, second] = [line + 1, line + 3];
    let file = file!();
    let expected = [
        String::from("Executing took too long: a callback, 1.234 s"),
        format!(
            "Executing took too long: task radio, 0.030 s, from steps (S1_line{first}_sleep) at {file}:{first} to steps \
             (S2_line{second}_sleep) at {file}:{second}"
        ),
        format!(
            "Executing took too long: task clock, 0.030 s, from steps (S2_line{second}_sleep) at {file}:{second} to its end"
        ),
    ];
    assert_eq!(LINES.take(), expected);
}

struct Log(Mutex<String>);

impl Console for Log {
    fn write_str(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }
}

#[test]
fn without_a_handler_the_line_is_on_the_console() {
    static LOG: Log = Log(Mutex::new(String::new()));
    let lp = new_loop();
    lp.set_exception_handler(None);
    lp.set_console(&LOG);
    lp.run_until_complete(straight()).unwrap();
    let log = LOG.0.lock().unwrap();
    assert!(log.starts_with("Executing took too long: task Task-"), "{log}");
    assert!(log.contains(", 0.030 s, from straight (Start) at "), "{log}");
    assert!(log.ends_with(" to its end\n"), "{log}");
}

#[segno::coroutine]
async fn straight() {
    compute(SLOW);
    ready().await;
}

#[segno::coroutine]
async fn ready() {}
