//! Groups in groups, on CPython and here: `tests/traces/programs`.
#![cfg(feature = "ours")]

use segno::prelude::*;
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::logn;

fn current(lp: &'static EventLoop) -> AnyTask {
    lp.current_task().expect("a task runs")
}

mod group_nesting {
    use super::*;

    type Group = TaskGroup<Exception>;

    #[segno::coroutine]
    async fn child(tag: &'static str, delay: u64, fail: bool, cleanup: u64) -> Result<(), Exception> {
        if catching(sleep(delay.millis())).await.is_err() {
            logn!("{tag} cancelled");
            if cleanup > 0 {
                sleep(cleanup.millis()).await;
                logn!("{tag} cleaned up");
            }
            Reraise.await;
        }
        logn!("{tag} ends");
        if fail { Err(Exception::Value(tag)) } else { Ok(()) }
    }

    fn show(errors: &segno::ErrorGroup<Exception>) -> String {
        let text = |error: &Exception| match error {
            Exception::Value(text) => format!("'{text}'"),
            _ => "?".into(),
        };
        format!("[{}]", errors.iter().map(text).collect::<Vec<_>>().join(", "))
    }

    #[segno::coroutine]
    async fn inner_body(group: &Group, fails: bool) -> Result<(), Exception> {
        group.create_task(child("i", 5, fails, 1)).unwrap();
        group.create_task(child("k", 9, false, 0)).unwrap();
        Ok(())
    }

    #[segno::coroutine]
    async fn outer_body(
        lp: &'static EventLoop,
        group: &Group,
        outer_fails: bool,
        inner_fails: bool,
    ) -> Result<(), Exception> {
        group.create_task(child("o", 3, outer_fails, 2)).unwrap();
        let inner = Group::new(lp).unwrap();
        match inner.scope(inner_body(&inner, inner_fails)).await {
            Ok(()) => logn!("inner over"),
            Err(errors) => logn!("inner errors {} {}", show(&errors), current(lp).cancelling()),
        }
        logn!("behind the inner one");
        sleep(1.millis()).await;
        logn!("outer body ends");
        Ok(())
    }

    #[segno::coroutine]
    async fn nested(lp: &'static EventLoop, outer_fails: bool, inner_fails: bool) {
        let outer = Group::new(lp).unwrap();
        if let Err(errors) = outer.scope(outer_body(lp, &outer, outer_fails, inner_fails)).await {
            logn!("outer errors {}", show(&errors));
        }
        logn!("cancelling {}", current(lp).cancelling());
    }

    #[segno::coroutine]
    async fn two(group: &Group) -> Result<(), Exception> {
        group.create_task(child("p", 2, true, 0)).unwrap();
        group.create_task(child("q", 2, true, 0)).unwrap();
        Ok(())
    }

    #[segno::coroutine]
    async fn spawns(group: Group) -> Result<(), Exception> {
        if catching(sleep(9.millis())).await.is_err() {
            if let Err(refused) = group.create_task(child("late", 1, false, 0)) {
                let text = refused.to_string();
                logn!("RuntimeError {}", text.trim_start_matches("TaskGroup "));
            }
            Reraise.await;
        }
        Ok(())
    }

    #[segno::coroutine]
    async fn stopped(group: &Group) -> Result<(), Exception> {
        group.create_task(spawns(group.clone())).unwrap();
        group.create_task(child("f", 1, true, 0)).unwrap();
        Ok(())
    }

    #[segno::coroutine]
    async fn bad() -> Result<(), Exception> {
        catching(sleep(9.millis())).await.ok();
        Err(Exception::Value("cleanup"))
    }

    #[segno::coroutine]
    async fn fails(group: &Group) -> Result<(), Exception> {
        group.create_task(bad()).unwrap();
        sleep(1.millis()).await;
        Err(Exception::Value("body"))
    }

    #[segno::coroutine]
    async fn main(lp: &'static EventLoop) {
        for (outer, inner) in [(false, false), (true, false), (false, true), (true, true)] {
            logn!("--- outer fails {} inner fails {}", outer.repr(), inner.repr());
            nested(lp, outer, inner).await;
        }
        logn!("--- two fail in the same turn");
        let group = Group::new(lp).unwrap();
        let errors = group.scope(two(&group)).await.unwrap_err();
        logn!("errors {}", show(&errors));
        logn!("--- cancelled from outside, nested");
        let task = lp.create_task(nested(lp, false, false)).unwrap();
        sleep(1.millis()).await;
        task.cancel();
        wait(&[&task]).await;
        logn!("{} {}", outcome(&task), task.cancelling());
        logn!("--- a child spawns while the group is being stopped");
        let group = Group::new(lp).unwrap();
        let errors = group.scope(stopped(&group)).await.unwrap_err();
        logn!("errors {}", show(&errors));
        logn!("--- an error in the body, and one in the cleanup of a child");
        let group = Group::new(lp).unwrap();
        let errors = group.scope(fails(&group)).await.unwrap_err();
        logn!("errors {}", show(&errors));
    }

    #[test]
    fn groups_in_groups() {
        conforms(include_str!("../traces/programs/group_nesting.out"), || run(main));
    }
}
