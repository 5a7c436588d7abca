//! Combinators against asyncio's traces: `gather`, `wait_for`, `timeout`, `shield`, and cancellation through tasks.
#![cfg(feature = "ours")]

use segno::prelude::*;
use segno_tests::conformance::{
    Exception, Raised, Repr, Reraise, catching, conforms, conforms_everywhere, outcome, run, turn,
};
use segno_tests::log;

type Outcome = Result<&'static str, Exception>;

#[test]
fn s14_a_cancellation_goes_through_tasks() {
    conforms_everywhere(include_str!("../traces/14.out"), segno_scenarios::s14_cancel_nested::run);
}

#[test]
fn s15_gather() {
    conforms_everywhere(include_str!("../traces/15.out"), segno_scenarios::s15_gather::run);
}

#[test]
fn s18_wait_for() {
    conforms_everywhere(include_str!("../traces/18.out"), segno_scenarios::s18_wait_for::run);
}

#[test]
fn s19_timeout() {
    conforms_everywhere(include_str!("../traces/19.out"), segno_scenarios::s19_timeout::run);
}

mod shielding {
    use super::*;

    #[segno::coroutine]
    async fn job(delay: u64, fail: bool) -> Outcome {
        if sleep(delay.millis()).catch_cancel().await.is_err() {
            log!("inner cancelled");
            Reraise.await;
        }
        if fail {
            return Err(Exception::Value("inner failed"));
        }
        log!("inner ends");
        Ok("inner value")
    }

    #[segno::coroutine]
    async fn user(task: std::rc::Rc<Task<Outcome>>) -> Outcome {
        match catching(shield(&*task)).await {
            Ok(outcome) => outcome,
            Err(Cancelled) => {
                log!("user sees CancelledError; inner {}", outcome(&*task));
                Reraise.await;
                Ok("unreachable")
            }
        }
    }

    #[segno::coroutine]
    async fn patient(task: Task<Outcome>) -> Outcome {
        match catching(shield(&task)).await {
            Ok(outcome) => outcome,
            Err(Cancelled) => {
                log!("patient: finishing the critical part first");
                task.await.unwrap();
                Reraise.await;
                Ok("unreachable")
            }
        }
    }

    #[segno::coroutine]
    async fn scenario(lp: &'static EventLoop) {
        let task = std::rc::Rc::new(lp.create_task(job(20, false)).unwrap());
        let waiting = lp.create_task(user(task.clone())).unwrap();
        sleep(5.millis()).await;
        waiting.cancel();
        wait(&[&waiting]).await;
        log!("user {} inner {}", outcome(&waiting), outcome(&*task));
        let result = (&*task).await.unwrap();
        log!("inner result {result}");

        log!("--- inner cancelled");
        let task = std::rc::Rc::new(lp.create_task(job(20, false)).unwrap());
        let waiting = lp.create_task(user(task.clone())).unwrap();
        sleep(5.millis()).await;
        task.cancel();
        wait(&[&waiting]).await;
        log!("user {} its cancelling() {}", outcome(&waiting), waiting.cancelling());

        log!("--- inner raises");
        let task = lp.create_task(job(3, true)).unwrap();
        if let Err(error) = shield(&task).await {
            log!("shield raised {}", error.raised());
        }

        log!("--- shield of a done task is that task");
        let task = lp.create_task(job(1, false)).unwrap();
        (&task).await.unwrap();
        let before = turn();
        shield(&task).await.unwrap();
        // asyncio hands the task itself back; here it costs no turn either.
        log!("{}", (turn() == before).repr());

        log!("--- wait for the shielded work to end after the cancel, then give up");
        let task = lp.create_task(job(10, false)).unwrap();
        let waiting = lp.create_task(patient(task)).unwrap();
        sleep(2.millis()).await;
        waiting.cancel();
        wait(&[&waiting]).await;
        log!("patient {}", outcome(&waiting));
    }

    #[test]
    fn s21_shield() {
        conforms(include_str!("../traces/21.out"), || run(scenario));
    }
}
