//! What a `let` borrows of values that have no place lives as long as its variables; every other temporary ends with the statement.

use segno_tests::both_worlds;

#[both_worlds]
mod extended {
    use std::cell::RefCell;
    use std::sync::Mutex;

    #[segno::coroutine]
    async fn beside_a_value() -> u8 {
        let x = (&T("e1"), T("e2").r(), y().await);
        log("m");
        x.0.r()
    }
    case!(beside_a_value());

    struct Req<'a> {
        name: &'a str,
        len: u32,
        id: u32,
    }
    #[segno::coroutine]
    async fn guard_in_a_structure(t: T, c: &Mutex<u32>) -> u32 {
        let s = String::from("n");
        let r = Req { name: &s, len: c.try_lock().unwrap().count_ones(), id: child(3).await };
        log(if c.try_lock().is_ok() { "free" } else { "locked" });
        r.len + r.id
    }
    case!(guard_in_a_structure(T("t"), &Mutex::new(3)));

    #[segno::coroutine]
    async fn guard_in_an_index(m: &Mutex<usize>) -> u8 {
        let mut v = vec![1u8, 2, 3];
        let r = &mut v[*m.lock().unwrap() + id(1usize).await];
        *r = 4;
        log(if m.try_lock().is_ok() { "free" } else { "locked" });
        v[1]
    }
    case!(guard_in_an_index(&Mutex::new(0)));

    #[segno::coroutine]
    async fn awaited_index(t: T) -> u8 {
        let a = [T("0"), T("1")];
        let j = &a[id(T("q").r() as usize).await];
        log("m");
        j.r()
    }
    case!(awaited_index(T("t")));

    #[segno::coroutine]
    async fn beside_a_variable(t: T) -> u8 {
        let (n, k) = (&t, id(T("q").r()).await);
        log("m");
        n.r()
    }
    case!(beside_a_variable(T("t")));

    struct Named<'a> {
        a: &'a T,
        n: u8,
    }
    #[segno::coroutine]
    async fn structure_twice(t: T) -> u8 {
        let s = Named { a: &t, n: T("q").a().await };
        log("m");
        let s = Named { n: id(T("q2").r()).await, a: &t };
        log("n");
        s.n
    }
    case!(structure_twice(T("t")));

    struct Numbered<'a>(&'a T, u8);
    #[segno::coroutine]
    async fn in_a_tuple_structure(t: T) -> u8 {
        let x = Numbered(&t, T("e2").r() + id(1u8).await);
        log("m");
        x.0.r()
    }
    case!(in_a_tuple_structure(T("t")));

    #[segno::coroutine]
    async fn behind_a_reference(t: T) -> u8 {
        let z = Some(&(T("s").r() + id(1u8).await));
        log("m");
        *z.unwrap()
    }
    case!(behind_a_reference(T("t")));

    #[segno::coroutine]
    async fn with_a_ref(t: T) -> u8 {
        let (a, ref b) = (&t, T("e2").r() + id(1u8).await);
        log("m");
        a.r()
    }
    case!(with_a_ref(T("t")));

    #[segno::coroutine]
    async fn with_an_else(t: T) -> u8 {
        let Some((a, b)) = Some((&t, T("e2").r() + id(1u8).await)) else { return 0 };
        log("m");
        a.r()
    }
    case!(with_an_else(T("t")));

    #[segno::coroutine]
    async fn vector(t: T) -> u8 {
        let v = &mut vec![T("q").r(), id(1u8).await];
        log("m");
        v.len() as u8
    }
    case!(vector(T("t")));

    #[segno::coroutine]
    async fn slice_of_a_value(t: T) -> u8 {
        let w = &T("idx").0[..T("end").r() as usize + id(1usize).await];
        log("m");
        w.len() as u8
    }
    case!(slice_of_a_value(T("t")));

    #[segno::coroutine]
    async fn guard_behind_a_reference(t: T) -> u8 {
        let u = &*temporary("d", T("arg").r() as u32 + child(1).await);
        log("m");
        *u as u8
    }
    case!(guard_behind_a_reference(T("t")));

    #[segno::coroutine]
    async fn cast(t: T) -> u8 {
        let u: &dyn core::fmt::Debug = &(T("d"), T("tm").r(), id(1).await) as &dyn core::fmt::Debug;
        log("m");
        1
    }
    case!(cast(T("t")));

    #[segno::coroutine]
    async fn scrutinee(t: T) -> u8 {
        let z = &match T("s").r() {
            1 => {
                y().await;
                T("m")
            }
            _ => T("n"),
        };
        log("m");
        z.r()
    }
    case!(scrutinee(T("t")));

    #[segno::coroutine]
    async fn what_a_box_holds(t: T) -> u8 {
        let v = &*Box::new((T("q"), T("e").r(), id(0).await));
        log("m");
        v.1
    }
    case!(what_a_box_holds(T("t")));

    #[segno::coroutine]
    async fn guard_of_a_cell(c: RefCell<u32>) -> u32 {
        let name = String::from("n");
        let (n, k, j) = (&name, *c.borrow_mut() + 1, child(2).await);
        *c.borrow_mut() += k;
        n.len() as u32 + j
    }
    case!(guard_of_a_cell(RefCell::new(2)));

    #[segno::coroutine]
    async fn without_a_suspension(t: T) -> u8 {
        let x = (&T("e1"), T("e2").r(), T("e3").r());
        log("m");
        y().await;
        x.0.r()
    }
    case!(without_a_suspension(T("t")));

    #[segno::coroutine]
    async fn branches(c: bool) -> u8 {
        let x = if c { &T("a") } else { &T("b") };
        y().await;
        x.r()
    }
    case!(branches(true));

    #[segno::coroutine]
    async fn branch_and_a_text(n: u32) -> usize {
        let s: &str = if n > 3 { &format!("n{n}") } else { "few" };
        y().await;
        s.len()
    }
    case!(branch_and_a_text(5));
    case!(branch_and_a_text_1 = branch_and_a_text(1));

    #[segno::coroutine]
    async fn arms(n: u32) -> usize {
        let s: &[u8] = match n {
            0 => &[],
            1 => &[1, 2],
            _ => &vec![n as u8; 3],
        };
        y().await;
        s.len()
    }
    case!(arms(0));
    case!(arms_1 = arms(1));
    case!(arms_2 = arms(5));

    #[segno::coroutine]
    async fn changed_arrays(o: Option<u32>) -> u32 {
        let buf: &mut [u32] = if o.is_some() { &mut [1, 2] } else { &mut [] };
        y().await;
        buf.len() as u32
    }
    case!(changed_arrays(None));
    case!(changed_arrays_1 = changed_arrays(Some(2)));

    #[segno::coroutine]
    async fn block() -> u32 {
        let x = { &T("blk") };
        y().await;
        x.r() as u32
    }
    case!(block());

    #[segno::coroutine]
    async fn unsafe_block() -> u32 {
        // SAFETY: nothing in it needs the word.
        let w = unsafe {
            y().await;
            &T("uns")
        };
        y().await;
        w.r() as u32
    }
    case!(unsafe_block());

    #[segno::coroutine]
    async fn block_that_suspends() -> u32 {
        let k = Some({
            let g = T("g");
            g.a().await;
            &T("some")
        });
        y().await;
        k.unwrap().r() as u32
    }
    case!(block_that_suspends());

    #[segno::coroutine]
    async fn constructor_in_a_branch(c: bool) -> u32 {
        let x = if c { Some(&T("a")) } else { None };
        y().await;
        x.map_or(0, |t| t.r() as u32)
    }
    case!(constructor_in_a_branch(true));
    case!(constructor_in_a_branch_1 = constructor_in_a_branch(false));

    #[segno::coroutine]
    async fn awaited_in_a_branch(t: T) -> u8 {
        let k = match T("s").r() {
            1 => &{
                y().await;
                3
            },
            _ => &4,
        };
        log("m");
        *k
    }
    case!(awaited_in_a_branch(T("t")));

    struct Counts {
        n: u32,
    }

    /// What is copied out of a guard that waits for a later operand.
    #[segno::coroutine]
    async fn copied_out_of_guards(counts: RefCell<Counts>, list: RefCell<Vec<u32>>) -> u32 {
        let (k, j) = (counts.borrow_mut().n + 1, child(2).await);
        counts.borrow_mut().n += k;
        let (k, j) = (list.borrow()[0] + j, child(2).await);
        list.borrow_mut().push(k);
        let n = list.borrow()[0] + child(2).await;
        list.borrow_mut().push(n);
        list.into_inner()[1] + j + counts.into_inner().n
    }
    case!(copied_out_of_guards(RefCell::new(Counts { n: 3 }), RefCell::new(vec![4])));
}
