//! The futures that gather and shield give, kept: turn by turn, awaited by several, waited for, in each other, with callbacks,
//! cancelled by themselves, through who awaits them, and between the end of their members and their own.

use segno::combine::{GatheringFuture, MayFail, Shield};
use segno::prelude::*;
use segno::task::{CloneOutput, Joinable, ResultError};
use segno::{gather, shield, try_gather};
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::{logn, say};

use super::{me, next_turn, show};

type Value = Result<String, Exception>;

#[derive(Clone, Copy, Default)]
struct Options {
    fail: bool,
    cleanup: u64,
    swallow: bool,
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, options: Options) -> Value {
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled");
        if options.cleanup > 0 {
            sleep(options.cleanup.millis()).await;
            logn!("{tag} cleaned up");
        }
        if options.swallow {
            return Ok(format!("{tag} all the same"));
        }
        Reraise.await;
    }
    logn!("{tag} ends");
    if options.fail { Err(Exception::Value(tag)) } else { Ok(tag.into()) }
}

/// What a future has: as Python prints it, or its error.
pub trait Results: Clone + 'static {
    fn text(&self) -> Result<String, Exception>;
}

impl Results for Value {
    fn text(&self) -> Result<String, Exception> {
        self.clone()
    }
}

impl<const N: usize> Results for Result<[String; N], Exception> {
    fn text(&self) -> Result<String, Exception> {
        self.clone().map(super::list)
    }
}

impl<const N: usize> Results for [Result<Value, Cancelled>; N] {
    fn text(&self) -> Result<String, Exception> {
        let texts = self.each_ref().map(|end| match end {
            Ok(Ok(value)) => value.repr(),
            Ok(Err(error)) => error.to_string(),
            Err(Cancelled) => "CancelledError('')".into(),
        });
        Ok(format!("[{}]", texts.join(", ")))
    }
}

/// Of a gather in a gather.
impl<A: Results, B: Results> Results for Result<(A, B), Exception> {
    fn text(&self) -> Result<String, Exception> {
        self.clone().map(|_| "both".into())
    }
}

impl<A: Results, B: Results> Results for (Result<A, Cancelled>, Result<B, Cancelled>) {
    fn text(&self) -> Result<String, Exception> {
        Ok("both".into())
    }
}

impl Results for [String; 2] {
    fn text(&self) -> Result<String, Exception> {
        Ok(super::list(self.clone()))
    }
}

impl Results for String {
    fn text(&self) -> Result<String, Exception> {
        Ok(self.clone())
    }
}

/// A future of asyncio's.
pub trait Kept: Joinable + Clone + 'static {
    type Results: Results;
    fn join(&self) -> CloneOutput<Self::Results>;
    fn shielded(&self) -> Shield<CloneOutput<Self::Results>>;
    fn result(&self) -> Result<Self::Results, ResultError>;
    fn is_done(&self) -> bool;
    fn is_cancelled(&self) -> bool;
    fn give_up(&self) -> bool;
    /// Adds a callback that says what it is told.
    fn tell(&self);
    /// What Python's `exception` says of a cancellation.
    const CANCELLED: &str;
}

macro_rules! kept {
    ($kept:ident, $cancelled:literal) => {
        impl<T: Results> Kept for $kept<T> {
            type Results = T;

            fn join(&self) -> CloneOutput<T> {
                self.into_coroutine()
            }

            fn shielded(&self) -> Shield<CloneOutput<T>> {
                shield(self)
            }

            fn result(&self) -> Result<T, ResultError> {
                $kept::result(self)
            }

            fn is_done(&self) -> bool {
                self.done()
            }

            fn is_cancelled(&self) -> bool {
                self.cancelled()
            }

            fn give_up(&self) -> bool {
                self.cancel()
            }

            fn tell(&self) {
                let told = |future: &$kept<T>, _| {
                    let (done, cancelled) = (future.done().repr(), future.cancelled().repr());
                    logn!("callback is told {done} {cancelled} {}", ended(future));
                };
                self.add_done_callback(told, 0).unwrap();
            }

            const CANCELLED: &str = $cancelled;
        }
    };
}

kept!(GatheringFuture, "CancelledError");
kept!(Future, "raises CancelledError");

pub fn error_text(error: Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

pub fn ended(future: &impl Kept) -> String {
    match future.result().map(|results| results.text()) {
        Ok(Ok(text)) => format!("value {text}"),
        Ok(Err(error)) => format!("error {}", error_text(error)),
        Err(ResultError::Pending) => "InvalidStateError".into(),
        Err(_) => "CancelledError".into(),
    }
}

fn exception<K: Kept>(future: &K) -> String {
    match future.result().map(|results| results.text()) {
        Ok(Ok(_)) => "None".into(),
        Ok(Err(error)) => format!("ValueError({})", error_text(error).repr()),
        Err(ResultError::Pending) => "InvalidStateError".into(),
        Err(_) => K::CANCELLED.into(),
    }
}

fn state(future: &impl Kept) {
    let (done, cancelled) = (future.is_done().repr(), future.is_cancelled().repr());
    logn!("done {done} cancelled {cancelled} {} {}", ended(future), exception(future));
}

#[segno::coroutine]
async fn awaits<K: Kept>(tag: &'static str, future: K) {
    match catching(future.join()).await.map(|results| results.text()) {
        Ok(Ok(text)) => logn!("{tag} got {text}"),
        Ok(Err(error)) => logn!("{tag} error {}", error_text(error)),
        Err(Cancelled) => {
            logn!("{tag} CancelledError, cancelling {}", me().cancelling());
            Reraise.await;
        }
    }
}

/// `return_exceptions`, or not.
pub trait Mode {
    const EXCEPTIONS: bool;
    type Gathered<const N: usize>: Kept;
    type Nested: Kept;
    fn gather<const N: usize>(lp: &'static EventLoop, members: [&Task<Value>; N]) -> Self::Gathered<N>;
    fn of_futures(lp: &'static EventLoop, members: [&Future<Value>; 2]) -> Self::Gathered<2>;
    fn nested(lp: &'static EventLoop, inner: &Self::Gathered<2>, member: &Task<Value>) -> Self::Nested;
}

pub struct First;
pub struct All;

impl Mode for First {
    const EXCEPTIONS: bool = false;
    type Gathered<const N: usize> = GatheringFuture<Result<[String; N], Exception>>;
    type Nested = GatheringFuture<Result<([String; 2], String), Exception>>;

    fn gather<const N: usize>(lp: &'static EventLoop, members: [&Task<Value>; N]) -> Self::Gathered<N> {
        try_gather(members).start(lp).unwrap()
    }

    fn of_futures(lp: &'static EventLoop, members: [&Future<Value>; 2]) -> Self::Gathered<2> {
        try_gather(members).start(lp).unwrap()
    }

    fn nested(lp: &'static EventLoop, inner: &Self::Gathered<2>, member: &Task<Value>) -> Self::Nested {
        try_gather((inner, member)).start(lp).unwrap()
    }
}

impl Mode for All {
    const EXCEPTIONS: bool = true;
    type Gathered<const N: usize> = GatheringFuture<[Result<Value, Cancelled>; N]>;
    type Nested = GatheringFuture<(Result<[Result<Value, Cancelled>; 2], Cancelled>, Result<Value, Cancelled>)>;

    fn gather<const N: usize>(lp: &'static EventLoop, members: [&Task<Value>; N]) -> Self::Gathered<N> {
        gather(members).return_exceptions().start(lp).unwrap()
    }

    fn of_futures(lp: &'static EventLoop, members: [&Future<Value>; 2]) -> Self::Gathered<2> {
        gather(members).return_exceptions().start(lp).unwrap()
    }

    fn nested(lp: &'static EventLoop, inner: &Self::Gathered<2>, member: &Task<Value>) -> Self::Nested {
        gather((inner, member)).return_exceptions().start(lp).unwrap()
    }
}

const NONE: Options = Options { fail: false, cleanup: 0, swallow: false };
const FAIL: Options = Options { fail: true, ..NONE };

fn start(lp: &'static EventLoop, tag: &'static str, delay: u64, options: Options) -> Task<Value> {
    lp.create_task(job(tag, delay, options)).unwrap()
}

#[segno::coroutine]
async fn turns(count: u32) {
    for _ in 0..count {
        next_turn().await;
    }
}

/// A task that waits for it.
fn one<K: Kept>(lp: &'static EventLoop, tag: &'static str, future: &K) -> Task<()> {
    lp.create_task(awaits(tag, future.clone())).unwrap()
}

fn two<K: Kept>(lp: &'static EventLoop, future: &K) -> [Task<()>; 2] {
    ["one", "two"].map(|tag| one(lp, tag, future))
}

#[segno::coroutine]
async fn by_itself<M: Mode + 'static>(lp: &'static EventLoop) {
    say!("--- gather, return_exceptions {} : awaited by two, with a callback", M::EXCEPTIONS.repr());
    let members = [start(lp, "a", 2, NONE), start(lp, "b", 1, NONE)];
    let gathered = M::gather(lp, members.each_ref());
    gathered.tell();
    let waiting = two(lp, &gathered);
    wait(&waiting).await;
    state(&gathered);
    logn!("cancel {}", gathered.give_up().repr());
    say!("--- of what has ended");
    let again = M::gather(lp, members.each_ref());
    state(&again);
    awaits("main", again).await;
    say!("--- one of them has ended");
    let mixed = M::gather(lp, [&members[0], &start(lp, "c", 1, NONE)]);
    state(&mixed);
    awaits("main", mixed).await;
    say!("--- awaited late, two turns after its end, and one");
    for count in [1, 2, 3] {
        let late = M::gather(lp, [&start(lp, "d", 0, NONE), &start(lp, "e", 0, NONE)]);
        turns(count).await;
        state(&late);
        awaits("main", late).await;
    }
    say!("--- one fails at once, and is cancelled then");
    let members = [start(lp, "f", 1, FAIL), start(lp, "g", 5, NONE)];
    let gathered = M::gather(lp, members.each_ref());
    gathered.tell();
    let waiting = one(lp, "one", &gathered);
    sleep(2.millis()).await;
    logn!("cancel {}", gathered.give_up().repr());
    wait(&members).await;
    wait(&[&waiting]).await;
    logn!("{} {}", show(&members), outcome(&waiting));
}

#[segno::coroutine]
async fn by_request<M: Mode + 'static>(lp: &'static EventLoop) {
    say!("--- cancelled by its handle, as one cleans up and one swallows; by who awaits it; by the handle again");
    for way in ["handle", "task", "both", "in its turn"] {
        let members = [
            start(lp, "h", 9, NONE),
            start(lp, "i", 9, Options { cleanup: 3, ..NONE }),
            start(lp, "j", 9, Options { swallow: true, ..NONE }),
        ];
        let gathered = M::gather(lp, members.each_ref());
        gathered.tell();
        let waiting = two(lp, &gathered);
        if way != "in its turn" {
            sleep(1.millis()).await;
        }
        if way != "handle" {
            logn!("task {}", waiting[0].cancel().repr());
        }
        if way != "task" {
            logn!("handle {}", gathered.give_up().repr());
        }
        state(&gathered);
        wait(&[&gathered]).await;
        state(&gathered);
        let [a, b] = waiting.each_ref();
        let [c, d, e] = members.each_ref();
        let everybody: [&dyn Joinable; 5] = [a, b, c, d, e];
        wait(&everybody).await;
        let counts = waiting.each_ref().map(Task::cancelling);
        logn!("{} {} {counts:?}", show(&waiting), show(&members));
    }
}

#[segno::coroutine]
async fn first_to_fail(lp: &'static EventLoop) {
    say!("--- waited for with others, the first to fail");
    let members = [start(lp, "m", 9, NONE), start(lp, "n", 9, NONE), start(lp, "o", 12, NONE)];
    let gathered = First::gather(lp, [&members[0], &members[1]]);
    let cancelled = gathered.clone();
    lp.call_later(1.millis(), move |_| logn!("cancel {}", cancelled.give_up().repr())).unwrap();
    let both: [&dyn MayFail; 2] = [&gathered, &members[2]];
    wait(&both).first_exception().await;
    logn!("{} {}", gathered.is_done().repr(), members[2].done().repr());
    wait(&members).await;
}

#[segno::coroutine]
async fn by_members<M: Mode + 'static>(lp: &'static EventLoop) {
    say!("--- a member is cancelled");
    let members = [start(lp, "k", 9, NONE), start(lp, "l", 2, NONE)];
    let gathered = M::gather(lp, members.each_ref());
    let waiting = one(lp, "one", &gathered);
    sleep(1.millis()).await;
    members[0].cancel();
    wait(&[&gathered]).await;
    if M::EXCEPTIONS {
        logn!("{} {}", gathered.is_done().repr(), gathered.is_cancelled().repr());
    } else {
        state(&gathered);
    }
    let everybody: [&dyn Joinable; 3] = [&waiting, &members[0], &members[1]];
    wait(&everybody).await;
    let end = if M::EXCEPTIONS { waiting.done().repr() } else { outcome(&waiting) };
    logn!("{end} {}", show(&members));
    say!("--- cancelled between the end of the last member and its own");
    let futures = [(); 2].map(|()| lp.create_future::<Value>().unwrap());
    let gathered = M::of_futures(lp, futures.each_ref());
    for future in &futures {
        future.set_result(Ok("set".into())).unwrap();
    }
    logn!("cancel {}", gathered.give_up().repr());
    wait(&[&gathered]).await;
    state(&gathered);
    if !M::EXCEPTIONS {
        first_to_fail(lp).await;
    }
    say!("--- a gather in a gather, in a shield, in a limit");
    let members = [start(lp, "p", 9, NONE), start(lp, "q", 9, NONE), start(lp, "r", 9, NONE)];
    let inner = M::gather(lp, [&members[0], &members[1]]);
    let outer = M::nested(lp, &inner, &members[2]);
    sleep(1.millis()).await;
    if wait_for(outer.shielded(), 1.millis()).await.is_err() {
        logn!("TimeoutError {} {}", outer.is_done().repr(), show(&members));
    }
    logn!("cancel {}", outer.give_up().repr());
    wait(&[&outer]).await;
    state(&outer);
    state(&inner);
    logn!("{}", show(&members));
}

#[segno::coroutine]
async fn late_shields(lp: &'static EventLoop) {
    say!("--- shield: it ends between the call and the await, in so many turns");
    for count in [1, 2, 3] {
        let shielded = shield(&start(lp, "a", 0, NONE)).start(lp).unwrap();
        turns(count).await;
        state(&shielded);
        awaits("main", shielded).await;
    }
    say!("--- of what has ended");
    let task = start(lp, "b", 0, NONE);
    wait(&[&task]).await;
    let shielded = shield(&task).start(lp).unwrap();
    logn!("{} {}", shielded.done().repr(), ended(&shielded));
    awaits("main", shielded).await;
    say!("--- cancelled before it is awaited; its task ends all the same");
    let task = start(lp, "c", 2, NONE);
    let shielded = shield(&task).start(lp).unwrap();
    shielded.tell();
    logn!("cancel {} {}", shielded.cancel().repr(), shielded.cancel().repr());
    state(&shielded);
    let waiting = one(lp, "one", &shielded);
    wait(&[&waiting]).await;
    logn!("{} {}", outcome(&waiting), outcome(&task));
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), shielded.cancelled().repr());
    say!("--- its task is cancelled before it is awaited");
    let task = start(lp, "d", 9, NONE);
    let shielded = shield(&task).start(lp).unwrap();
    sleep(1.millis()).await;
    task.cancel();
    next_turn().await;
    state(&shielded);
    let waiting = one(lp, "one", &shielded);
    wait(&[&waiting]).await;
    state(&shielded);
    logn!("{} {} {}", outcome(&waiting), outcome(&task), waiting.cancelling());
    say!("--- its task fails, with two that await it, of which one is cancelled before");
    for cancelled in [false, true] {
        let task = start(lp, "e", 2, FAIL);
        let shielded = shield(&task).start(lp).unwrap();
        let waiting = two(lp, &shielded);
        sleep(1.millis()).await;
        if cancelled {
            waiting[0].cancel();
        }
        wait(&waiting).await;
        logn!("{} {} {}", show(&waiting), outcome(&shielded), outcome(&task));
        wait(&[&task]).await;
        task.exception().unwrap();
    }
}

#[segno::coroutine]
async fn cancelled_shields(lp: &'static EventLoop) {
    say!("--- cancelled in the turn in which its task ends, before and after");
    for first in [true, false] {
        let future = lp.create_future::<Value>().unwrap();
        let shielded = shield(&future).start(lp).unwrap();
        let waiting = one(lp, "one", &shielded);
        next_turn().await;
        if first {
            logn!("cancel {}", shielded.cancel().repr());
        }
        future.set_result(Ok("set".into())).unwrap();
        if !first {
            logn!("cancel {}", shielded.cancel().repr());
        }
        wait(&[&waiting]).await;
        logn!("{} {} {}", outcome(&waiting), outcome(&shielded), outcome(&future));
    }
    say!("--- its waiter is cancelled in the turn in which its task ends, and in the next one");
    for count in [0, 1, 2] {
        let future = lp.create_future::<Value>().unwrap();
        let shielded = shield(&future).start(lp).unwrap();
        let waiting = one(lp, "one", &shielded);
        next_turn().await;
        future.set_result(Ok("set".into())).unwrap();
        turns(count).await;
        logn!("cancel {}", waiting.cancel().repr());
        wait(&[&waiting]).await;
        logn!("{} {}", outcome(&waiting), outcome(&shielded));
    }
}

#[segno::coroutine]
async fn nested_shields(lp: &'static EventLoop) {
    let shields = |tasks: &[Task<Value>; 2]| tasks.each_ref().map(|task| shield(task).start(lp).unwrap());
    say!("--- shields among the members of a gather");
    let tasks = [start(lp, "f", 1, NONE), start(lp, "g", 3, NONE)];
    let gathered = try_gather(shields(&tasks)).start(lp).unwrap();
    let waiting = one(lp, "one", &gathered);
    wait(&[&waiting]).await;
    let tasks = [start(lp, "h", 1, NONE), start(lp, "i", 3, NONE)];
    let gathered = try_gather(shields(&tasks)).start(lp).unwrap();
    let waiting = one(lp, "one", &gathered);
    sleep(2.millis()).await;
    logn!("cancel {}", gathered.cancel().repr());
    wait(&[&waiting]).await;
    wait(&tasks).await;
    logn!("{} {}", show(&tasks), outcome(&waiting));
    say!("--- a shield of a shield, and of a gather");
    let task = start(lp, "j", 2, NONE);
    let shielded = shield(shield(&task).start(lp).unwrap()).start(lp).unwrap();
    awaits("main", shielded).await;
    let tasks = [start(lp, "k", 1, NONE), start(lp, "l", 2, NONE)];
    let gathered = try_gather(tasks.each_ref()).start(lp).unwrap();
    let shielded = shield(&gathered).start(lp).unwrap();
    logn!("cancel {}", shielded.cancel().repr());
    sleep(1.millis()).await;
    logn!("cancel {}", gathered.cancel().repr());
    state(&gathered);
    wait(&[&gathered]).await;
    state(&gathered);
}

#[segno::coroutine]
async fn gathers<M: Mode + 'static>(lp: &'static EventLoop) {
    by_itself::<M>(lp).await;
    by_request::<M>(lp).await;
    by_members::<M>(lp).await;
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    gathers::<First>(lp).await;
    gathers::<All>(lp).await;
    late_shields(lp).await;
    cancelled_shields(lp).await;
    nested_shields(lp).await;
}

#[test]
fn gathers_and_shields_that_are_kept() {
    conforms(include_str!("../../traces/programs/kept.out"), || run(main));
}
