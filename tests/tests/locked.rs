//! Locks that are held to the end of a statement, by guards without a name.

use segno_tests::both_worlds;

#[both_worlds]
mod locked {
    use segno_tests::values::add;

    #[segno::coroutine]
    async fn while_an_argument_is_awaited() -> u32 {
        let m = std::sync::Mutex::new(Some(5));
        let n = m.lock().unwrap().unwrap_or(child(1).await);
        y().await;
        n + m.try_lock().is_ok() as u32
    }
    case!(while_an_argument_is_awaited());

    #[segno::coroutine]
    async fn while_another_operand_is_awaited() -> u32 {
        let m = std::sync::Mutex::new(5u32);
        add(m.lock().unwrap().min(8), {
            log(format!("{}", m.try_lock().is_ok()));
            child(1).await
        })
    }
    case!(while_another_operand_is_awaited());

    #[segno::coroutine]
    async fn by_a_cell() -> u32 {
        let m = std::cell::RefCell::new(5u32);
        let n = add(m.try_borrow().expect("b").min(8), {
            log(format!("{}", m.try_borrow_mut().is_ok()));
            child(1).await
        });
        y().await;
        n
    }
    case!(by_a_cell());

    #[segno::coroutine]
    async fn by_a_pointer() -> Option<u32> {
        let m = std::rc::Rc::new(Some(5u32));
        let w = std::rc::Rc::downgrade(&m);
        let n = add(w.upgrade()?.unwrap_or(3), {
            log(format!("{}", std::rc::Rc::strong_count(&m)));
            child(1).await
        });
        y().await;
        Some(n)
    }
    case!(by_a_pointer());

    /// Neither is a guard.
    #[segno::coroutine]
    async fn nothing(v: Vec<u8>) -> u32 {
        let n = v.first().unwrap().min(&3);
        let r = [1u32, 2];
        let q = r.iter().next().unwrap().min(&child(3).await).clone();
        *n as u32 + q
    }
    case!(nothing(vec![1, 2]));
}
