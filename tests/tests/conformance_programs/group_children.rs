//! Groups whose members wait for one another: bodies that await children, children that await siblings, cancel them, or their
//! parent.

use std::rc::Rc;

use segno::combine::GroupRefused;
use segno::prelude::*;
use segno::{ErrorGroup, Timeout, shield};
use segno_tests::conformance::{Exception, Repr, Reraise, catching, conforms, outcome, run};
use segno_tests::logn;

use super::{list, me};

type Group = TaskGroup<Exception>;
type Value = Result<&'static str, Exception>;
type Ends = Result<(), Exception>;
type Grouped = Result<(), ErrorGroup<Exception>>;

fn text(error: &Exception) -> &'static str {
    match error {
        Exception::Value(text) => text,
        _ => "?",
    }
}

#[segno::coroutine]
async fn job(tag: &'static str, delay: u64, fail: bool, cleanup: u64) -> Value {
    if catching(sleep(delay.millis())).await.is_err() {
        logn!("{tag} cancelled {}", me().cancelling());
        if cleanup > 0 {
            sleep(cleanup.millis()).await;
            logn!("{tag} cleaned up");
        }
        Reraise.await;
    }
    if fail {
        return Err(Exception::Value(tag));
    }
    logn!("{tag} ends");
    Ok(tag)
}

#[segno::coroutine]
async fn awaits(tag: &'static str, task: Rc<Task<Value>>) -> Ends {
    match catching(&*task).await {
        Ok(Ok(value)) => logn!("{tag} got {value}"),
        Ok(Err(error)) => {
            logn!("{tag} sees {}", text(&error));
            return Err(error);
        }
        Err(Cancelled) => {
            logn!("{tag} CancelledError {}", me().cancelling());
            Reraise.await;
        }
    }
    Ok(())
}

#[segno::coroutine]
async fn caught<C: Coroutine<Output = Grouped>>(coroutine: C) {
    match catching(coroutine).await {
        Ok(Ok(())) => logn!("ends {}", me().cancelling()),
        Ok(Err(errors)) => {
            let texts = list(errors.iter().map(|error| text(error).into()));
            logn!("errors {texts} {}", me().cancelling());
        }
        Err(Cancelled) => {
            logn!("CancelledError {}", me().cancelling());
            Reraise.await;
        }
    }
}

#[segno::coroutine]
async fn ended<C: Coroutine<Output = Grouped> + 'static>(lp: &'static EventLoop, coroutine: C) {
    let task = lp.create_task(caught(coroutine)).unwrap();
    wait(&[&task]).await;
    logn!("{} {}", outcome(&task), task.cancelling());
}

fn cancel_later(lp: &'static EventLoop, task: AnyTask) {
    lp.call_later(1.millis(), move |_| _ = task.cancel()).unwrap();
}

#[segno::coroutine]
async fn body_awaits(lp: &'static EventLoop, delay: u64, fail: bool, cancel: bool) -> Grouped {
    let group = Group::new(lp).unwrap();
    let body = async {
        group.create_task(job("other", 9, false, 0)).unwrap();
        let child = Rc::new(group.create_task(job("child", delay, fail, 0)).unwrap());
        if cancel {
            cancel_later(lp, child.as_any());
        }
        awaits("body", child).await?;
        logn!("body goes on");
        Ok(())
    };
    group.scope(body).await
}

#[segno::coroutine]
async fn sibling_awaits(lp: &'static EventLoop, fail: bool, cancel: bool) -> Grouped {
    let group = Group::new(lp).unwrap();
    let body = async {
        let child = Rc::new(group.create_task(job("child", 2, fail, 0)).unwrap());
        group.create_task(awaits("sibling", child.clone())).unwrap();
        group.create_task(awaits("second", child.clone())).unwrap();
        if cancel {
            cancel_later(lp, child.as_any());
        }
        sleep(4.millis()).await;
        logn!("body ends");
        Ok(())
    };
    group.scope(body).await
}

#[segno::coroutine]
async fn cancels(parent: AnyTask) -> Value {
    sleep(1.millis()).await;
    logn!("cancel {}", parent.cancel().repr());
    job("child", 9, false, 2).await
}

#[segno::coroutine]
async fn cancels_parent(lp: &'static EventLoop, swallows: bool) -> Grouped {
    let parent = me();
    let group = Group::new(lp).unwrap();
    let body = async {
        group.create_task(job("other", 9, false, 0)).unwrap();
        group.create_task(cancels(parent)).unwrap();
        if catching(sleep(5.millis())).await.is_err() {
            logn!("body cancelled {}", me().cancelling());
            if !swallows {
                Reraise.await;
            }
            sleep(1.millis()).await;
            logn!("body goes on {}", me().cancelling());
        } else {
            logn!("body goes on");
        }
        Ok(())
    };
    group.scope(body).await?;
    logn!("behind {}", me().cancelling());
    Ok(())
}

#[segno::coroutine]
async fn swallows(lp: &'static EventLoop, fails: bool, again: bool) -> Grouped {
    let parent = me();
    let group = Group::new(lp).unwrap();
    let body = async {
        group.create_task(job("a", 2, fails, 0)).unwrap();
        group.create_task(job("b", 9, false, 3)).unwrap();
        if again {
            lp.call_later(4.millis(), move |_| _ = parent.cancel()).unwrap();
        }
        for _ in 0..2 {
            match catching(sleep(4.millis())).await {
                Ok(()) => logn!("body slept"),
                Err(Cancelled) => logn!("body swallows {}", me().cancelling()),
            }
        }
        match group.create_task(job("late", 1, false, 0)) {
            Ok(_) => {}
            Err(GroupRefused::ShuttingDown(_)) => logn!("refused is shutting down"),
            Err(_) => logn!("refused"),
        }
        Ok(())
    };
    group.scope(body).await?;
    logn!("behind {}", me().cancelling());
    Ok(())
}

#[segno::coroutine]
async fn spawns(group: Group, depth: u32) -> Ends {
    sleep(1.millis()).await;
    if depth > 0 {
        group.create_task(spawns(group.clone(), depth - 1)).unwrap();
    }
    logn!("spawned {depth}");
    Ok(())
}

#[segno::coroutine]
async fn late_children(lp: &'static EventLoop) -> Grouped {
    let group = Group::new(lp).unwrap();
    let body = async {
        group.create_task(spawns(group.clone(), 3)).unwrap();
        logn!("body ends");
        Ok(())
    };
    group.scope(body).await?;
    logn!("behind");
    Ok(())
}

#[segno::coroutine]
async fn cancelled_at_exit(lp: &'static EventLoop, times: &'static [u64]) -> Grouped {
    let group = Group::new(lp).unwrap();
    for time in times {
        let parent = me();
        lp.call_later(time.millis(), move |_| logn!("cancel {}", parent.cancel().repr())).unwrap();
    }
    let body = async {
        group.create_task(job("a", 9, false, 4)).unwrap();
        group.create_task(job("b", 9, false, 0)).unwrap();
        Ok(())
    };
    group.scope(body).await?;
    logn!("never");
    Ok(())
}

#[segno::coroutine]
async fn body_fails_with(lp: &'static EventLoop, delay: u64) -> Grouped {
    let group = Group::new(lp).unwrap();
    let body = async {
        group.create_task(job("a", 2, true, 0)).unwrap();
        group.create_task(job("b", 9, false, 0)).unwrap();
        job("body", delay, true, 0).await.map(drop)
    };
    group.scope(body).await
}

#[segno::coroutine]
async fn fails_and_cleans(lp: &'static EventLoop, when: u64) -> Grouped {
    let group = Group::new(lp).unwrap();
    let body = async {
        group.create_task(job("a", when, true, 0)).unwrap();
        group.create_task(job("b", 9, false, 1)).unwrap();
        Ok(())
    };
    group.scope(body).await
}

#[segno::coroutine]
async fn at_a_limit(lp: &'static EventLoop, when: u64) -> Grouped {
    let scope = Timeout::after(3.millis());
    let ends = scope.scope(fails_and_cleans(lp, when)).unwrap().await;
    if ends.is_err() {
        logn!("TimeoutError {}", me().cancelling());
    }
    logn!("expired {}", scope.expired().repr());
    ends.unwrap_or(Ok(()))
}

#[segno::coroutine]
async fn shielded(inner: Rc<Task<()>>) -> Grouped {
    shield(&*inner).await;
    Ok(())
}

#[segno::coroutine]
async fn main(lp: &'static EventLoop) {
    logn!("--- the body awaits a child that ends, fails, is cancelled");
    ended(lp, body_awaits(lp, 2, false, false)).await;
    ended(lp, body_awaits(lp, 2, true, false)).await;
    ended(lp, body_awaits(lp, 2, false, true)).await;
    logn!("--- one that has failed, or ended, before it is awaited");
    ended(lp, body_awaits(lp, 0, true, false)).await;
    ended(lp, body_awaits(lp, 0, false, false)).await;
    logn!("--- siblings await a child that ends, fails, is cancelled");
    ended(lp, sibling_awaits(lp, false, false)).await;
    ended(lp, sibling_awaits(lp, true, false)).await;
    ended(lp, sibling_awaits(lp, false, true)).await;
    logn!("--- a child cancels the parent, whose body raises or swallows that");
    for swallow in [false, true] {
        ended(lp, cancels_parent(lp, swallow)).await;
    }
    logn!("--- the body swallows what comes when a child fails, and a request");
    ended(lp, swallows(lp, true, false)).await;
    ended(lp, swallows(lp, false, true)).await;
    ended(lp, swallows(lp, true, true)).await;
    logn!("--- children of children, when the body has ended");
    ended(lp, late_children(lp)).await;
    logn!("--- cancelled when the body has ended: once, twice, while a child cleans up");
    ended(lp, cancelled_at_exit(lp, &[1])).await;
    ended(lp, cancelled_at_exit(lp, &[1, 1])).await;
    ended(lp, cancelled_at_exit(lp, &[1, 3])).await;
    logn!("--- the body fails before, in the turn of, and after the failure of a child");
    for delay in [1, 2, 3] {
        ended(lp, body_fails_with(lp, delay)).await;
    }
    logn!("--- a child fails at the tick of a limit, before and after it");
    for when in [2, 3, 4] {
        ended(lp, at_a_limit(lp, when)).await;
    }
    logn!("--- in a shield, of which the outside is cancelled");
    let inner = Rc::new(lp.create_task(caught(body_fails_with(lp, 3))).unwrap());
    let outer = lp.create_task(caught(shielded(inner.clone()))).unwrap();
    sleep(1.millis()).await;
    outer.cancel();
    wait(&[&*inner, &outer]).await;
    logn!("{} {}", outcome(&*inner), outcome(&outer));
}

#[test]
fn groups_whose_members_wait_for_one_another() {
    conforms(include_str!("../../traces/programs/group_children.out"), || run(main));
}
