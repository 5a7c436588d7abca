//! Patterns that copy all that a guard guards: it is still held.

use segno_tests::both_worlds;

#[both_worlds]
mod copied_through_guards {
    use std::cell::RefCell;
    use std::ops::Deref;
    use std::sync::Mutex;

    struct Inner {
        n: u32,
        m: u32,
    }

    struct Guard {
        inner: Inner,
        _t: T,
    }

    impl Deref for Guard {
        type Target = Inner;

        fn deref(&self) -> &Inner {
            &self.inner
        }
    }

    #[segno::coroutine]
    async fn of_a_cell(k: u32) -> u32 {
        let cell = RefCell::new(Inner { n: k, m: 2 });
        let guard = cell.borrow_mut();
        let Inner { n, m } = *guard;
        y().await;
        log(format!("{}", cell.try_borrow().is_err()));
        n + m
    }
    case!(of_a_cell(3));

    #[segno::coroutine]
    async fn of_a_mutex(k: u32) -> u32 {
        let mutex = Mutex::new(Inner { n: k, m: 2 });
        let guard = mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let sum = match *guard {
            Inner { n, m } => n + m,
        };
        y().await;
        log(format!("{}", mutex.try_lock().is_err()));
        sum
    }
    case!(of_a_mutex(3));

    #[segno::coroutine]
    async fn of_a_user(k: u32) -> u32 {
        let guard = Guard { inner: Inner { n: k, m: 2 }, _t: T("guard") };
        let Inner { n, m } = *guard;
        y().await;
        log("end");
        n + m
    }
    case!(of_a_user(3));
}
