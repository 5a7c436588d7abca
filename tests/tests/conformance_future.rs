//! Futures against asyncio's traces: states and done callbacks.
#![cfg(feature = "ours")]

use segno::prelude::*;
use segno_tests::conformance::{Exception, Raised, Repr, conforms, conforms_everywhere, new_loop};
use segno_tests::say;

/// Says what an attempt answers.
fn attempt<T: Repr, E: Raised>(tag: &str, result: Result<T, E>) {
    match result {
        Ok(value) => say!("{tag} -> {}", value.repr()),
        Err(error) => say!("{tag} raises {}", error.raised()),
    }
}

/// asyncio's `result()` raises the exception; here it is the `Err` inside.
fn attempt_result(tag: &str, future: &Future<Result<i32, Exception>>) {
    match future.result() {
        Ok(result) => attempt(tag, result),
        Err(error) => attempt(tag, Err::<(), _>(error)),
    }
}

fn say_state(future: &Future<Result<i32, Exception>>) {
    say!("done {} cancelled {}", future.done().repr(), future.cancelled().repr());
}

fn say_refused<E>(what: &str, result: Result<(), E>) {
    if result.is_err() {
        say!("{what} raises InvalidStateError");
    }
}

#[test]
fn s07_a_future_is_set_once() {
    conforms(include_str!("../traces/07.out"), || {
        let lp = new_loop();
        let name = |exception: Result<Option<Exception>, _>| -> Result<String, segno::ResultError> {
            exception.map(|exception| exception.expect("an exception").raised())
        };

        let f: Future<Result<i32, Exception>> = lp.create_future().unwrap();
        say_state(&f);
        attempt_result("result pending", &f);
        attempt("exception pending", f.exception().map(|_| ()));
        attempt("set_result", f.set_result(Ok(7)));
        say_state(&f);
        attempt_result("result", &f);
        attempt("exception", f.exception().map(|exception| assert_eq!(exception, None)));
        say_refused("second set_result", f.set_result(Ok(8)));
        say_refused("set_exception after result", f.set_exception(Exception::Value("x")));
        attempt("cancel after result", Ok::<_, Cancelled>(f.cancel()));

        let g: Future<Result<i32, Exception>> = lp.create_future().unwrap();
        attempt("set_exception", g.set_exception(Exception::Key("k")));
        attempt_result("result raises the exception", &g);
        attempt("exception returns it", name(g.exception()).as_deref().map_err(Clone::clone));
        attempt("cancel after exception", Ok::<_, Cancelled>(g.cancel()));

        let h: Future<Result<i32, Exception>> = lp.create_future().unwrap();
        attempt("cancel pending", Ok::<_, Cancelled>(h.cancel()));
        attempt("cancel again", Ok::<_, Cancelled>(h.cancel()));
        say_state(&h);
        attempt_result("result of cancelled", &h);
        attempt("exception of cancelled", h.exception().map(|_| ()));
        say_refused("set_result on cancelled", h.set_result(Ok(1)));

        let i: Future<Result<i32, Exception>> = lp.create_future().unwrap();
        i.set_exception(Exception::EmptyValue).unwrap();
        attempt("class instantiated", name(i.exception()).as_deref().map_err(Clone::clone));
        lp.close().unwrap();
    });
}

#[test]
fn s08_done_callbacks_run_in_the_next_turn() {
    conforms_everywhere(include_str!("../traces/08.out"), segno_scenarios::s08_done_callbacks::run);
}
