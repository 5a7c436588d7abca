//! Closures that are borrowed across a suspension learn what they are handed from what the reference to them is to become; and
//! closures that take what they mention stand in a call as any others do.

use segno_tests::both_worlds;

#[both_worlds]
mod expected_closures {
    fn eat(t: T) -> u32 {
        t.r() as u32
    }

    struct Shelf {
        t: T,
    }

    impl Shelf {
        fn new(t: T) -> Shelf {
            Shelf { t }
        }
        fn look(&self, f: &dyn Fn(&T) -> u8) -> u8 {
            f(&self.t)
        }
        #[segno::coroutine]
        async fn each(&self, n: u32, f: &mut dyn FnMut(&T) -> u8) -> u8 {
            y().await;
            f(&self.t) + n as u8
        }
        #[segno::coroutine]
        async fn lock<R>(&self, f: impl FnOnce(&T) -> R) -> R {
            y().await;
            f(&self.t)
        }
        #[segno::coroutine]
        async fn take(&self, o: Option<T>, f: impl FnOnce(&T) -> u8) -> u8 {
            y().await;
            drop(o);
            f(&self.t)
        }
    }

    #[segno::coroutine]
    async fn look(t: &T, f: &dyn Fn(&T) -> u8) -> u8 {
        y().await;
        f(t)
    }

    #[segno::coroutine]
    async fn change(t: &T, f: &mut dyn FnMut(&T, u8) -> u8) -> u8 {
        y().await;
        f(t, 2)
    }

    #[segno::coroutine]
    async fn if_any(f: Option<&dyn Fn(&T) -> u8>, t: &T) -> u8 {
        y().await;
        f.map_or(0, |f| f(t))
    }

    #[segno::coroutine]
    async fn of_any<A>(a: A, f: &dyn Fn(&A) -> u8) -> u8 {
        y().await;
        f(&a)
    }

    #[segno::coroutine]
    async fn gives<R>(t: &T, f: &dyn Fn(&T) -> R) -> R {
        y().await;
        f(t)
    }

    #[segno::coroutine]
    async fn arguments(t: T) -> u8 {
        let mut k = 0;
        let a = look(&t, &|t| t.r()).await;
        let b = change(&t, &mut |t, n| {
            k += n;
            t.r()
        })
        .await;
        let c = change(&t, &mut |t, n| t.r() + n).await + change(&t, &mut |t, _| t.r()).await;
        let d = if_any(Some(&|t| t.r()), &t).await;
        let e = gives(&t, &|t| t.r()).await;
        a + b + c + d + e + k
    }
    case!(arguments(T("t")));

    // What other operands are tells what a closure is handed; and a closure that moves something has it until the call ends.
    #[segno::coroutine]
    async fn generic(t: T, o: T) -> u8 {
        let a = if_any(Some(&move |t| t.r() + o.r()), &t).await;
        let n = of_any(T("b"), &|t| t.r()).await + of_any(t.r(), &|n| *n + 1).await;
        a + n + of_any(Shelf::new(T("c")).look(&|t| t.r()), &|n| *n).await + of_any(t, &|t| t.r()).await
    }
    case!(generic(T("t"), T("o")));

    #[segno::coroutine]
    async fn methods(t: T) -> u8 {
        let shelf = Shelf::new(t);
        let mut k = 0;
        let a = shelf
            .each(2, &mut |t| {
                k += t.r();
                k
            })
            .await;
        let b = Shelf::new(T("b")).each(child(1).await, &mut |t| t.r()).await;
        let c = Shelf::new(T("c")).each(1, &mut |t| t.r()).await;
        a + b + c + k
    }
    case!(methods(T("t")));

    #[segno::coroutine]
    async fn variables(t: T) -> u8 {
        let mut n = 0;
        let f: &dyn Fn(&T) -> u8 = &|t| t.r();
        let g: &mut dyn FnMut(&T) -> u8 = &mut |t| {
            n += 1;
            t.r()
        };
        let both: &[&dyn Fn(&T) -> u8] = &[&|t| t.r(), &|t| t.r() + 1];
        let maybe: Option<&dyn Fn(&T) -> u8> = Some(&|t| t.r());
        y().await;
        let mut sum = f(&t) + g(&t) + maybe.map_or(0, |f| f(&t));
        for f in both {
            sum += f(&t);
            y().await;
        }
        sum + n
    }
    case!(variables(T("t")));

    struct Hooks<'a> {
        hook: &'a mut dyn FnMut(&T) -> u8,
        n: u32,
    }

    #[segno::coroutine]
    async fn before_others(t: T) -> u32 {
        fn each(f: &mut dyn FnMut(&T) -> u8, n: u32, t: &T) -> u32 {
            f(t) as u32 + n
        }
        let mut k = 0;
        let a = each(
            &mut |t| {
                k += 1;
                t.r()
            },
            child(2).await,
            &t,
        );
        let hooks = Hooks { hook: &mut |t| t.r(), n: child(1).await };
        let (f, n): (&dyn Fn(&T) -> u8, u32) = (&|t| t.r(), child(1).await);
        a + (hooks.hook)(&t) as u32 + hooks.n + f(&t) as u32 + n + k
    }
    case!(before_others(T("t")));

    #[segno::coroutine]
    async fn early(t: T) -> Result<u8, u8> {
        #[segno::coroutine]
        async fn tries(t: &T, f: &dyn Fn(&T) -> Result<u8, u8>) -> Result<u8, u8> {
            y().await;
            f(t)
        }
        let a = tries(&t, &|t| Ok(t.r())).await?;
        tries(&t, &|_| Err(a)).await?;
        Ok(a)
    }
    case!(early(T("t")));

    // The last use of the receiver, by a closure that takes a variable.
    #[segno::coroutine]
    async fn taken(t: T, o: T) -> u32 {
        let shelf = Shelf::new(t);
        shelf
            .lock(|v| {
                v.r();
                eat(o)
            })
            .await
    }
    case!(taken(T("t"), T("o")));

    #[segno::coroutine]
    async fn taken_after(t: T, o: T) -> u32 {
        o.a().await;
        Shelf::new(t).lock(|_| eat(o)).await
    }
    case!(taken_after(T("t"), T("o")));

    #[segno::coroutine]
    async fn taken_apart(t: T, o: Option<T>) -> u8 {
        let shelf = Shelf::new(t);
        shelf
            .lock(|v| {
                if let Some(_o) = o {
                    v.r();
                }
            })
            .await;
        1
    }
    case!(taken_apart(T("t"), Some(T("o"))));

    #[segno::coroutine]
    async fn taken_beside(t: T) -> u8 {
        let shelf = Shelf::new(t);
        let o = Some(T("o"));
        shelf
            .take(None, |_| {
                drop(o);
                1
            })
            .await
    }
    case!(taken_beside(T("t")));

    // A box of a function that can be called once is gone when it has been called.
    #[segno::coroutine]
    async fn boxed(
        f: Box<dyn FnOnce(&mut u32) -> u8 + Send>,
        g: Option<Box<dyn FnOnce() -> u8>>,
        t: T,
        mut n: u32,
    ) -> u32 {
        y().await;
        let k = f(&mut n);
        t.a().await;
        let h: Box<dyn FnOnce() -> u8> = match g {
            Some(g) => g,
            None => Box::new(move || t.r()),
        };
        if n > 1 {
            n += h() as u32;
            y().await;
        }
        y().await;
        n + k as u32
    }
    case!(boxed(
        Box::new(|n| {
            *n += 1;
            3
        }),
        None,
        T("t"),
        1
    ));
    case!(boxed_not_called = boxed(Box::new(|_| 3), None, T("t"), 1));
}
