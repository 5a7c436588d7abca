//! What `async` blocks take, and when they drop it.

use segno_tests::both_worlds;

#[both_worlds]
mod captured {
    use core::cell::RefCell;
    use core::ops::{Deref, DerefMut};
    use std::rc::Rc;

    fn see(t: &T) {
        log(format!("{t:?}"));
    }

    #[segno::coroutine]
    async fn in_the_order_of_mention() -> u32 {
        let block = {
            let x = T("x");
            let z = T("z");
            async move {
                see(&x);
                see(&z);
                y().await;
                let _local = T("local");
                y().await;
                1
            }
        };
        y().await;
        block.await
    }
    case!(in_the_order_of_mention());

    #[segno::coroutine]
    async fn not_in_that_of_declaration(first: bool) -> u32 {
        let x = T("x");
        let z = T("z");
        let w = T("w");
        let block = async move {
            let _ = x;
            see(&w);
            see(&z);
            y().await;
            drop(z);
            see(&x);
            y().await;
            3
        };
        if first {
            y().await;
            return 2;
        }
        block.await
    }
    case!(never_run = not_in_that_of_declaration(true));
    case!(run = not_in_that_of_declaration(false));

    #[segno::coroutine]
    async fn borrowed_in_the_block(rounds: u32) -> u32 {
        let x = T("x");
        let z = T("z");
        let q = T("q");
        let block = async move {
            for round in 0..rounds {
                let borrowed = (&z, &x);
                y().await;
                see(borrowed.0);
                if round == 1 {
                    drop(q);
                    return 7;
                }
            }
            see(&q);
            rounds
        };
        y().await;
        block.await
    }
    case!(borrowed_once = borrowed_in_the_block(1));
    case!(borrowed_twice = borrowed_in_the_block(2));

    #[segno::coroutine]
    async fn assigned_to() {
        let mut x = T("x");
        let z = T("z");
        let w = T("w");
        let block = async move {
            x = z;
            y().await;
            see(&x);
            see(&w);
            y().await;
        };
        block.await
    }
    case!(assigned_to());

    #[segno::coroutine]
    async fn without_move() {
        let x = T("x");
        let z = T("z");
        let block = async {
            see(&z);
            y().await;
            drop(x);
            let _kept = z;
            y().await;
        };
        y().await;
        block.await
    }
    case!(without_move());

    #[segno::coroutine]
    async fn by_a_block_in_a_block() {
        let x = T("x");
        let z = T("z");
        let w = T("w");
        let block = async move {
            let inner = async {
                see(&z);
                see(&x);
                y().await;
                see(&w);
            };
            see(&w);
            inner.await
        };
        block.await
    }
    case!(by_a_block_in_a_block());

    #[segno::coroutine]
    async fn from_a_closure() -> u32 {
        let make = |a: T, b: T| async move {
            see(&b);
            y().await;
            see(&a);
            3
        };
        let block = make(T("a"), T("b"));
        y().await;
        block.await
    }
    case!(from_a_closure());

    #[segno::coroutine]
    async fn with_what_a_closure_is_handed() -> u32 {
        let x = T("x");
        let z = T("z");
        let make = async move |b: T, a: T| {
            let _kept = z;
            see(&x);
            see(&a);
            y().await;
            see(&b);
            1
        };
        let block = make(T("b"), T("a"));
        y().await;
        block.await
    }
    case!(with_what_a_closure_is_handed());

    #[segno::coroutine]
    async fn with_what_it_does_not_use() {
        let x = T("x");
        let z = T("z");
        let make = async |_b: T, _: T| {
            let _kept = z;
            y().await;
            let _last = x;
            y().await;
        };
        let block = make(T("b"), T("a"));
        y().await;
        block.await
    }
    case!(with_what_it_does_not_use());

    struct Spot {
        x: u32,
        y: u32,
    }

    struct Lent<'a>(&'a mut Spot);

    impl Deref for Lent<'_> {
        type Target = Spot;
        fn deref(&self) -> &Spot {
            self.0
        }
    }

    impl DerefMut for Lent<'_> {
        fn deref_mut(&mut self) -> &mut Spot {
            self.0
        }
    }

    impl Drop for Lent<'_> {
        fn drop(&mut self) {
            log("given back");
        }
    }

    #[segno::coroutine]
    async fn through_a_guard(spot: &mut Spot) -> u32 {
        let mut guard = Lent(spot);
        let block = async move {
            guard.x += 10;
            y().await;
            guard.y += guard.x;
        };
        y().await;
        block.await;
        log("behind");
        spot.x + spot.y
    }
    case!(through_a_guard(&mut Spot { x: 1, y: 2 }));

    #[segno::coroutine]
    async fn through_a_cell(spot: &RefCell<Spot>) -> u32 {
        let mut guard = spot.borrow_mut();
        guard.x = 5;
        let block = async move {
            guard.x += 10;
            y().await;
            guard.y += guard.x;
            guard.y
        };
        y().await;
        let sum = block.await;
        sum + spot.try_borrow().map_or(7, |spot| spot.x)
    }
    case!(through_a_cell(&RefCell::new(Spot { x: 1, y: 2 })));

    struct Named {
        name: T,
        number: u32,
    }

    #[segno::coroutine]
    async fn through_an_rc(named: Rc<Named>) -> u32 {
        let block = async move {
            y().await;
            named.number
        };
        let number = block.await;
        log("behind");
        number
    }
    case!(through_an_rc(Rc::new(Named { name: T("name"), number: 3 })));

    #[segno::coroutine]
    async fn through_a_box() -> u32 {
        let mut named = Box::new(Named { name: T("name"), number: 3 });
        let block = async move {
            named.number += 1;
            y().await;
            named.number
        };
        y().await;
        let number = block.await;
        log("behind");
        number
    }
    case!(through_a_box());

    #[segno::coroutine]
    async fn copies_of_fields() -> u32 {
        let mut named = Named { name: T("name"), number: 3 };
        let block = async move {
            named.number += 1;
            y().await;
            named.number
        };
        let number = block.await;
        log("behind");
        number
    }
    case!(copies_of_fields());

    #[segno::coroutine]
    async fn of_a_tuple() -> u32 {
        let mut three = (1u32, T("kept"), 3u32);
        let block = async move {
            three.2 += 10;
            y().await;
            three.0 + three.2
        };
        y().await;
        let sum = block.await;
        log("behind");
        sum
    }
    case!(of_a_tuple());

    #[derive(Clone, Copy, Debug)]
    struct Count(u32);

    impl Count {
        fn bump(&mut self) -> u32 {
            self.0 += 1;
            self.0
        }
    }

    impl core::fmt::Write for Count {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            self.0 += text.len() as u32;
            Ok(())
        }
    }

    #[segno::coroutine]
    async fn changed_in_a_format_macro() -> u32 {
        let mut count = Count(1);
        let inside = async {
            log(format!("{}", count.bump()));
            y().await;
            count
        }
        .await;
        inside.0 * 100 + count.0
    }
    case!(changed_in_a_format_macro());

    #[segno::coroutine]
    async fn changed_in_other_macros() -> u32 {
        use core::fmt::Write;
        macro_rules! bump {
            ($e:expr) => {
                $e += 1
            };
        }
        let (mut a, mut b, mut c, mut w) = (1u32, 1u32, 1u32, Count(0));
        let inside = async {
            assert!({
                a += 1;
                a > 1
            });
            vec![&mut b].into_iter().for_each(|b| *b += 1);
            bump!(c);
            write!(w, "abc").unwrap();
            y().await;
            [a, b, c, w.0]
        }
        .await;
        log(format!("{inside:?}"));
        a * 1000 + b * 100 + c * 10 + w.0
    }
    case!(changed_in_other_macros());

    #[segno::coroutine]
    async fn changed_through_patterns() -> u32 {
        let (mut number, mut pair, mut some, mut array) = (1u32, (1u32, 2u32), Some(1u32), [1u32, 2]);
        let inside = async {
            let ref mut n = number;
            *n += 1;
            let (ref mut first, _) = pair;
            *first += 1;
            if let Some(ref mut value) = some {
                *value += 1;
            }
            match array {
                [ref mut first, ..] => *first += 1,
            }
            y().await;
            (number, pair, some, array)
        }
        .await;
        log(format!("{inside:?}"));
        number * 1000 + pair.0 * 100 + some.unwrap() * 10 + array[0]
    }
    case!(changed_through_patterns());

    #[segno::coroutine]
    async fn changed_through_a_pointer() -> u32 {
        let mut array = [1u32, 2];
        let inside = async {
            let first = &raw mut array[0];
            // SAFETY: it points to a variable of this block.
            unsafe { *first = 5 };
            y().await;
            array
        }
        .await;
        array[0] * 10 + inside[0]
    }
    case!(changed_through_a_pointer());

    #[segno::coroutine]
    async fn changed_by_a_closure_that_is_a_copy(n: u32) -> u32 {
        let mut k = n;
        let mut next = move || {
            k += 1;
            k
        };
        let inside = async {
            let a = next();
            y().await;
            let mut copy = next;
            a + copy()
        }
        .await;
        inside * 10 + next()
    }
    case!(changed_by_a_closure_that_is_a_copy(3));

    #[segno::coroutine]
    async fn changed_by_each_call_of_a_closure() -> u32 {
        let mut n = 1u32;
        let mut next = async || {
            n += 1;
            y().await;
            n
        };
        let first = next().await;
        let second = next().await;
        first * 10 + second
    }
    case!(changed_by_each_call_of_a_closure());

    #[segno::coroutine]
    async fn changed_and_taken_by_a_closure() -> u32 {
        let mut t = T("a");
        let once = async || {
            t.rename("b");
            y().await;
            drop(t);
            3u32
        };
        once().await
    }
    case!(changed_and_taken_by_a_closure());

    #[segno::coroutine]
    async fn patterns_that_name_nothing() -> u32 {
        let (w, x, z) = (T("w"), T("x"), T("z"));
        let p = (T("p"), 3u32);
        let block = async move {
            let _ = x;
            _ = w;
            let (_, _) = p;
            match z {
                _ => y().await,
            }
            3u32
        };
        y().await;
        let n = block.await;
        log("behind");
        n
    }
    case!(patterns_that_name_nothing());

    #[segno::coroutine]
    async fn patterns_that_leave_something() -> u32 {
        let p = (T("a"), 3u32);
        let q = Named { name: T("name"), number: 4 };
        let block = async move {
            let (_, n) = p;
            let Named { number, .. } = q;
            y().await;
            n + number
        };
        y().await;
        let n = block.await;
        log("behind");
        n
    }
    case!(patterns_that_leave_something());

    #[segno::coroutine]
    async fn patterns_that_borrow_something() -> u32 {
        let p = (T("a"), 5u32);
        let block = async {
            let (ref a, n) = p;
            y().await;
            a.r() as u32 + n
        };
        y().await;
        let n = block.await;
        log("behind");
        n + p.0.r() as u32
    }
    case!(patterns_that_borrow_something());

    #[segno::coroutine]
    async fn patterns_of_references() -> u32 {
        let t = T("t");
        let p = id((&t, 3u32)).await;
        let q = &(4u32, 5u32);
        let block = async move {
            let (t, _) = p;
            let (_, n) = q;
            y().await;
            t.r() as u32 + n
        };
        y().await;
        block.await
    }
    case!(patterns_of_references());

    #[segno::coroutine]
    async fn patterns_of_an_enum(n: u32) -> u32 {
        let o = if n > 1 { Some((T("a"), T("b"))) } else { None };
        let block = async move {
            let Some((a, _)) = o else { return 7 };
            y().await;
            a.r() as u32
        };
        y().await;
        let n = block.await;
        log("behind");
        n
    }
    case!(no_variant = patterns_of_an_enum(1));
    case!(one_variant = patterns_of_an_enum(2));

    #[segno::coroutine]
    async fn assigned_anew_behind_the_block() -> u32 {
        let mut named = Named { name: T("name"), number: 1 };
        let block = async {
            named.number += 1;
            y().await;
            let taken = named;
            taken.number
        };
        let number = block.await;
        named = Named { name: T("new"), number: 9 };
        log("behind");
        number + named.number
    }
    case!(assigned_anew_behind_the_block());

    #[segno::coroutine]
    async fn assigned_anew_in_a_loop(n: u32) -> u32 {
        let (mut t, mut count) = (T("a"), 0u32);
        let mut sum = 0;
        for i in 0..2u32 {
            let block = async {
                if i == n {
                    t.rename("c");
                }
                count += 1;
                y().await;
                let taken = t;
                taken.r() as u32 + count
            };
            sum += block.await;
            t = T("b");
            if i == n {
                continue;
            }
            count = 7;
        }
        sum + t.r() as u32 + count * 100
    }
    case!(assigned_anew_first = assigned_anew_in_a_loop(0));
    case!(assigned_anew_second = assigned_anew_in_a_loop(1));
}
