//! Several tasks at once against asyncio's traces: `wait`, `TaskGroup`, `as_completed`.
#![cfg(feature = "ours")]

use segno::combine::MayFail;
use segno::prelude::*;
use segno::task::Joinable;
use segno_tests::conformance::{Exception, conforms, conforms_everywhere, outcome, run, turn};
use segno_tests::log;

type Outcome = Result<&'static str, Exception>;

mod waiting {
    use super::*;

    #[segno::coroutine]
    async fn job(tag: &'static str, delay: u64, fail: bool) -> Outcome {
        sleep(delay.millis()).await;
        if fail { Err(Exception::Value(tag)) } else { Ok(tag) }
    }

    type Spec<const N: usize> = [(&'static str, u64, bool); N];

    fn make<const N: usize>(lp: &'static EventLoop, spec: Spec<N>) -> [Task<Outcome>; N] {
        spec.map(|(tag, delay, fail)| lp.create_task(job(tag, delay, fail)).unwrap())
    }

    #[derive(Clone, Copy)]
    enum Mode {
        All,
        FirstCompleted,
        FirstException,
        Timeout(u64),
    }

    /// Which of the members are in a set. Here they are told apart by their place, in asyncio by their names.
    fn names<'a>(
        set: impl Iterator<Item = &'a Task<Outcome>>,
        tasks: &[Task<Outcome>],
        spec: &[(&str, u64, bool)],
    ) -> String {
        let place = |member: &Task<Outcome>| tasks.iter().position(|task| std::ptr::eq(task, member)).unwrap();
        let names: Vec<String> = set.map(|member| format!("'{}'", spec[place(member)].0)).collect();
        format!("[{}]", names.join(", "))
    }

    #[segno::coroutine]
    async fn show<const N: usize>(tag: &'static str, tasks: [Task<Outcome>; N], spec: Spec<N>, mode: Mode) {
        let waiting = match mode {
            Mode::All => wait(&tasks),
            Mode::FirstCompleted => wait(&tasks).first_completed(),
            Mode::FirstException => wait(&tasks).first_exception(),
            Mode::Timeout(delay) => wait(&tasks).timeout(delay.millis()),
        };
        let sets = waiting.await;
        log!("{tag} done {} pending {}", names(sets.done(), &tasks, &spec), names(sets.pending(), &tasks, &spec));
        for task in &tasks {
            if !task.done() {
                task.cancel();
            }
        }
        let ends = gather(tasks.each_ref()).return_exceptions().await;
        assert_eq!(ends.len(), N);
    }

    #[segno::coroutine]
    async fn waits(task: std::rc::Rc<Task<Outcome>>) {
        wait(&[&*task]).await;
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let spec = [("a", 10, false), ("b", 20, true), ("c", 30, false)];
        show("ALL", make(lp, spec), spec, Mode::All).await;
        show("FIRST_COMPLETED", make(lp, spec), spec, Mode::FirstCompleted).await;
        show("FIRST_EXCEPTION", make(lp, spec), spec, Mode::FirstException).await;
        let none_fails = [("a", 10, false), ("c", 30, false)];
        show("FIRST_EXCEPTION, none fails", make(lp, none_fails), none_fails, Mode::FirstException).await;
        show("timeout=15", make(lp, spec), spec, Mode::Timeout(15)).await;
        show("timeout=0", make(lp, spec), spec, Mode::Timeout(0)).await;
        let two = [("p", 10, false), ("q", 10, false), ("r", 11, false)];
        show("two complete in one tick", make(lp, two), two, Mode::FirstCompleted).await;

        let spec = [("x", 50, false), ("y", 20, false)];
        let tasks = make(lp, spec);
        let cancelled = tasks[0].as_any();
        lp.call_later(5.millis(), move |_| assert!(cancelled.cancel())).unwrap();
        show("FIRST_EXCEPTION with a cancelled member", tasks, spec, Mode::FirstException).await;

        let member = std::rc::Rc::new(lp.create_task(job("m", 10, false)).unwrap());
        let waiter = lp.create_task(waits(member.clone())).unwrap();
        sleep(1.millis()).await;
        waiter.cancel();
        wait(&[&waiter]).await;
        log!("waiter {} member {}", outcome(&waiter), outcome(&*member));
        let result = (&*member).await.unwrap();
        log!("member finishes with {result}");
        // Waiting for nothing, or for what is no task, does not compile.
        log!("wait([]) ValueError");
        log!("wait(None) ValueError");

        let spec = [("done", 1, false)];
        let tasks = make(lp, spec);
        (&tasks[0]).await.unwrap();
        let before = turn();
        let sets = wait(&tasks).await;
        log!("all done already: {} turns {}", names(sets.done(), &tasks, &spec), turn() - before);
    }

    #[test]
    fn s17_wait() {
        conforms(include_str!("../traces/17.out"), || run(scenario));
    }

    #[test]
    fn a_member_that_was_cancelled_has_not_failed() {
        fn failed<T: MayFail>(member: &T) -> bool {
            member.has_failed()
        }

        let lp = segno_tests::conformance::new_loop();
        let [good, bad, cancelled] = make(lp, [("good", 1, false), ("bad", 1, true), ("cancelled", 1, false)]);
        cancelled.cancel();
        let all: [&dyn Joinable; 3] = [&good, &bad, &cancelled];
        assert_eq!(all.len(), 3);
        lp.run_until_complete(wait(&[&good, &bad, &cancelled])).unwrap();
        assert!(!failed(&good) && failed(&bad) && !failed(&cancelled) && cancelled.cancelled());
    }
}

#[test]
fn s22_task_group() {
    conforms_everywhere(include_str!("../traces/22.out"), segno_scenarios::s22_task_group::run);
}

/// asyncio makes sets of its arguments: what is there twice counts once.
#[test]
fn c52_what_is_there_twice() {
    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let early = lp.create_task(sleep(1.millis())).unwrap().as_any();
        let late = lp.create_task(sleep(2.millis())).unwrap().as_any();
        let members = [late.clone(), early.clone(), late.clone()];
        let sets = wait(&members).first_completed().await;
        assert_eq!((sets.done().count(), sets.pending().count()), (1, 1));
        let mut completed = pin!(as_completed(&members));
        let mut order = Vec::new();
        while let Some(Ok(task)) = completed.next().await {
            order.push(task.clone());
        }
        assert!(order == [early, late]);
    }
    run(scenario);
}
