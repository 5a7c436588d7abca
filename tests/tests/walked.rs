//! Spellings that are found in firmware: attributes inside, `-> !` where a value is expected, types with binders.

// (Predicates whose answers are known.)
#![allow(clippy::non_minimal_cfg)]

use segno_tests::both_worlds;

#[both_worlds]
mod attributes {
    /// They are the function's.
    #[segno::coroutine]
    async fn inner_attributes(t: T) -> u32 {
        #![allow(unused_variables)]
        //! Documented from within.
        let unused = 1;
        child(2).await + t.r() as u32
    }
    case!(inner_attributes(T("t")));

    #[segno::coroutine]
    async fn parameters_with_cfg(#[cfg(any())] a: T, #[cfg(not(any()))] b: T, mut n: u8, #[cfg(any())] c: u8) -> u8 {
        #[cfg(any())]
        a.r();
        #[cfg(not(any()))]
        y().await;
        n += b.r();
        n
    }
    case!(parameters_with_cfg(T("b"), 2));

    #[segno::coroutine]
    async fn generics_with_cfg<#[cfg(any())] X, #[cfg(all())] Y: Clone>(#[cfg(all())] (a, ref b): (T, T), c: Y) -> u8 {
        let _d = c.clone();
        y().await;
        a.r() + b.r()
    }
    case!(generics_with_cfg((T("a"), T("b")), 3));

    struct Part(T);

    impl Part {
        #[segno::coroutine]
        async fn on_a_receiver(#[cfg(all())] &self, #[cfg(any())] n: u8) -> u8 {
            self.0.a().await
        }
    }

    #[segno::coroutine]
    async fn receiver_with_cfg() -> u8 {
        Part(T("part")).on_a_receiver().await
    }
    case!(receiver_with_cfg());
}

#[both_worlds]
mod never {
    #[segno::coroutine]
    async fn fails(t: &T) -> ! {
        loop {
            t.a().await;
            y().await;
        }
    }

    trait Run {
        #[segno::coroutine]
        async fn run(&mut self) -> !;

        #[segno::coroutine]
        async fn run_instead(&mut self) -> u8 {
            self.run().await
        }
    }

    impl Run for T {
        #[segno::coroutine]
        async fn run(&mut self) -> ! {
            fails(self).await
        }
    }

    #[segno::coroutine]
    async fn never_as_a_value(t: T) -> u32 {
        let x: u32 = if t.r() == 1 { fails(&t).await } else { 3 };
        x
    }
    case!(never_as_a_value(T("t")));

    #[segno::coroutine]
    async fn never_at_the_end(t: T) -> u32 {
        fails(&t).await
    }
    case!(never_at_the_end(T("t")));

    #[segno::coroutine]
    async fn never_as_the_last_statement(t: T) -> u32 {
        fails(&t).await;
    }
    case!(never_as_the_last_statement(T("t")));

    #[segno::coroutine]
    async fn never_in_an_arm(o: Option<u32>, t: T) -> u32 {
        let n = match o {
            Some(n) => n,
            None => fails(&t).await,
        };
        y().await;
        n
    }
    case!(never_in_an_arm(None, T("t")));
    case!(never_in_no_arm = never_in_an_arm(Some(3), T("t")));

    #[segno::coroutine]
    async fn never_in_let_else(o: Option<u8>, t: T) -> u8 {
        let p = T("p");
        loop {
            let Some(n) = o else {
                fails(&t).await;
            };
            p.a().await;
            if n > 1 {
                break n;
            } else {
                fails(&p).await
            }
        }
    }
    case!(never_in_let_else(None, T("t")));
    case!(never_in_let_else_behind = never_in_let_else(Some(1), T("t")));
    case!(never_in_let_else_not = never_in_let_else(Some(2), T("t")));

    #[segno::coroutine]
    async fn never_beside_values(mut t: T) -> (u8, String) {
        let x;
        if t.r() > 90 {
            x = 3;
        } else {
            x = t.run_instead().await;
        }
        y().await;
        (x, t.run().await)
    }
    case!(never_beside_values(T("t")));

    #[segno::coroutine]
    async fn never_in_a_block(n: u8, t: T) -> u8 {
        let block = async {
            if n == 2 {
                fails(&t).await
            }
            n
        };
        block.await
    }
    case!(never_in_a_block(2, T("t")));
    case!(never_in_a_block_not = never_in_a_block(3, T("t")));
}

#[both_worlds]
mod binders {
    trait Port<'x> {
        fn put(&self, t: &'x T) -> u8;
    }

    impl<'x> Port<'x> for u8 {
        fn put(&self, t: &'x T) -> u8 {
            t.r() + *self
        }
    }

    struct Wire<'a> {
        t: &'a T,
    }

    impl<'a> Wire<'a> {
        #[segno::coroutine]
        async fn of_the_type(&self, p: &dyn Port<'a>, q: &mut dyn Port<'_>, n: u8) -> u8 {
            let k = &n;
            y().await;
            let _ = q;
            p.put(self.t) + *k
        }

        #[segno::coroutine]
        async fn boxed<X: Clone>(&self, p: Box<dyn Port<'a> + 'a>, x: X) -> u8 {
            let k = &x;
            y().await;
            let _ = k.clone();
            p.put(self.t)
        }

        #[segno::coroutine]
        async fn of_two_references(&self, p: &&dyn Port<'a>, x: &&str) -> u8 {
            let k = &x;
            y().await;
            p.put(self.t) + k.len() as u8
        }
    }

    #[segno::coroutine]
    async fn of_objects(
        a: &(dyn for<'x> Fn(&'x T) -> u8 + '_),
        b: &impl for<'x> Fn(&'x T) -> u8,
        c: Box<dyn Fn(&T) -> u8 + '_>,
        d: for<'x> fn(&'x T, &T) -> u8,
        e: Option<&dyn for<'x> Port<'x>>,
        t: &T,
    ) -> u8 {
        let k = &t;
        y().await;
        a(t) + b(t) + c(k) + d(t, k) + e.map_or(0, |e| e.put(t))
    }

    #[segno::coroutine]
    async fn types_with_binders(t: T) -> u8 {
        let wire = Wire { t: &t };
        let a = wire.of_the_type(&2u8, &mut 3u8, 4).await;
        let b = wire.boxed(Box::new(2u8), "x").await;
        let c = wire.of_two_references(&(&4u8 as &dyn Port), &"ab").await;
        let k = |t: &T| t.r();
        a + b + c + of_objects(&k, &k, Box::new(k), |a, _| a.r(), Some(&1u8), &t).await
    }
    case!(types_with_binders(T("t")));
}

#[both_worlds]
mod references_to_copies {
    #[segno::coroutine]
    async fn ref_to_a_number(n: u32) -> u32 {
        let ref m = n;
        y().await;
        n + *m
    }
    case!(ref_to_a_number(2));

    #[segno::coroutine]
    async fn ref_mut_to_a_number(mut n: u32) -> u32 {
        {
            let ref mut m = n;
            *m += 1;
            y().await;
            *m += 1;
        }
        n
    }
    case!(ref_mut_to_a_number(2));

    #[segno::coroutine]
    async fn ref_with_a_type(n: u32) -> u32 {
        let ref m: u32 = n;
        let l = m;
        y().await;
        n + *l
    }
    case!(ref_with_a_type(2));

    #[segno::coroutine]
    async fn ref_beside_a_copy(n: (u32, &str)) -> u32 {
        let (k, ref m) = n;
        y().await;
        k + m.len() as u32
    }
    case!(ref_beside_a_copy((1, "ab")));

    #[segno::coroutine]
    async fn ref_to_an_element(n: [u32; 2]) -> u32 {
        let [k, ref m] = n;
        y().await;
        k + *m
    }
    case!(ref_to_an_element([1, 2]));

    #[segno::coroutine]
    async fn ref_beside_a_copy_in_an_arm(n: (u32, u32)) -> u32 {
        match n {
            (k, ref m @ 1..=9) => {
                y().await;
                k + *m
            }
            _ => 0,
        }
    }
    case!(ref_beside_a_copy_in_an_arm((1, 3)));
}
