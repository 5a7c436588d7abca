//! Methods, comparisons and indices of a part of a temporary, before something that is suspended.

use segno_tests::both_worlds;

#[both_worlds]
mod parts_of_temporaries {
    /// What a method changes is the part, not a copy of it.
    #[segno::coroutine]
    async fn changed_in_part(c: &core::cell::RefCell<(Vec<u32>, [u32; 3])>) -> u32 {
        c.borrow_mut().1.swap(0, child(2).await as usize);
        c.borrow().1[0]
    }
    case!(changed_in_part(&core::cell::RefCell::new((vec![1], [1, 2, 3]))));

    #[segno::coroutine]
    async fn pushed_to_a_part(c: &core::cell::RefCell<(Vec<u32>, [u32; 3])>) -> usize {
        c.borrow_mut().0.push(child(2).await);
        c.borrow().0.len()
    }
    case!(pushed_to_a_part(&core::cell::RefCell::new((vec![1], [1, 2, 3]))));

    #[segno::coroutine]
    async fn swapped_in_a_part() -> u32 {
        struct S {
            slots: [u32; 3],
        }
        let c = core::cell::RefCell::new(S { slots: [1, 2, 3] });
        c.borrow_mut().slots.swap(0, child(2).await as usize);
        let n = c.borrow().slots[0];
        n
    }
    case!(swapped_in_a_part());

    #[segno::coroutine]
    async fn pushed_to_a_part_of_a_variable() -> usize {
        struct S {
            list: Vec<u32>,
        }
        let c = core::cell::RefCell::new(S { list: vec![1, 2, 3] });
        c.borrow_mut().list.push(child(2).await);
        let n = c.borrow().list.len();
        n
    }
    case!(pushed_to_a_part_of_a_variable());

    #[segno::coroutine]
    async fn compared_in_part() -> bool {
        struct S {
            name: String,
        }
        let c = core::cell::RefCell::new(S { name: String::from("x") });
        let n = c.borrow().name == id(String::from("x")).await;
        n
    }
    case!(compared_in_part());

    /// Nothing is moved out of what has a destructor.
    #[segno::coroutine]
    async fn looked_at_in_part() -> bool {
        struct Two {
            a: Vec<u32>,
            b: T,
        }
        impl Drop for Two {
            fn drop(&mut self) {
                log("~two");
            }
        }
        let n = Two { a: vec![1], b: T("b") }.a.contains(&child(0).await);
        n
    }
    case!(looked_at_in_part());

    #[segno::coroutine]
    async fn looked_at_in_an_element() -> bool {
        struct Two {
            a: Vec<u32>,
            b: T,
        }
        let n = Two { a: vec![1], b: T("b") }.a.contains(&child(0).await);
        n
    }
    case!(looked_at_in_an_element());

    /// The array is there before the index is.
    #[segno::coroutine]
    async fn indexed_temporary() -> u8 {
        let x = [T("a"), T("b")][child(1).await as usize % 2].r();
        x + 1
    }
    case!(indexed_temporary());

    #[segno::coroutine]
    async fn changed_element_of_a_temporary() -> u32 {
        [T("a"), T("b")][child(1).await as usize].rename("c");
        let n = [T("d"), T("e")][{
            y().await;
            1
        }]
        .a()
        .await;
        n as u32
    }
    case!(changed_element_of_a_temporary());

    /// What a receiver borrows has a slot.
    #[segno::coroutine]
    async fn borrowed_by_a_receiver() -> u32 {
        let c = std::cell::RefCell::new(vec![1u32]);
        c.borrow_mut().push(child(2).await);
        let v = vec![T("a")];
        let n = v.iter().map(|t| t.r() as u32).sum::<u32>() + child(1).await;
        let w = (v.iter(), child(1).await).0.count();
        let n = v.first().unwrap().r() as u32 + child(1).await;
        let x = c.borrow().len();
        x as u32 + n
    }
    case!(borrowed_by_a_receiver());

    #[segno::coroutine]
    async fn borrowed_by_what_is_compared() -> bool {
        let c = std::cell::RefCell::new((vec![1u32], 2));
        let b = c.borrow().1 == child(2).await;
        let d = *c.borrow_mut() == (vec![1u32], child(2).await);
        let e = c.borrow().0[0] == child(2).await;
        b
    }
    case!(borrowed_by_what_is_compared());
}
