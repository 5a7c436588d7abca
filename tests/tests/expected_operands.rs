//! What an operand is to become is known where it is made before something that suspends: the parameter of a function or a method,
//! the field of a structure, an element.

use segno_tests::both_worlds;

#[both_worlds]
mod expected_operands {
    use std::fmt::Debug;

    #[segno::coroutine]
    async fn arguments(n: u32, t: T) -> u32 {
        fn send(a: Option<&[u8]>, k: u32) -> u32 {
            a.map_or(0, |a| a.len() as u32) + k
        }
        unsafe fn raw(a: Option<&[u8]>, k: u32) -> u32 {
            send(a, k)
        }
        async fn later(a: Option<&[u8]>, k: u32) -> u32 {
            y().await;
            send(a, k)
        }
        fn show(a: Option<&dyn Debug>, b: impl Debug, k: u32) -> usize {
            format!("{a:?} {b:?} {k}").len()
        }
        fn in_tuple(a: (&dyn Fn(u32) -> u32, u8), k: u32) -> u32 {
            (a.0)(k)
        }
        fn pointer(a: fn(&str) -> usize, k: u32) -> usize {
            a("abc") + k as usize
        }
        let data = [1, 2, 3];
        let a = send(Some(&data), child(n).await);
        // SAFETY: it asks for nothing.
        let b = unsafe { raw(Some(&data), child(n).await) };
        let c = later(Some(&data), child(n).await).await;
        let d = show(Some(&t), Some(&data), child(n).await) as u32;
        let e = in_tuple((&|x| x + n, 1), child(n).await);
        let f = pointer(|s| s.len(), child(n).await) as u32;
        a + b + c + d + e + f
    }
    case!(arguments(2, T("t")));

    // What the parameters of a generic function are may follow from its other operands, or from its result.
    #[segno::coroutine]
    async fn generic(n: u32, t: T) -> usize {
        fn pair<A: Debug, B: Debug>(a: Option<A>, b: B) -> String {
            format!("{a:?} {b:?}")
        }
        fn parsed<R: std::str::FromStr>(text: Option<&str>, times: u32) -> Option<R> {
            text?.repeat(times as usize).parse().ok()
        }
        fn or<'a, A>(a: Option<&'a A>, b: &'a A) -> &'a A {
            a.unwrap_or(b)
        }
        fn add(a: Option<&mut u32>, k: u32) -> u32 {
            a.map_or(0, |a| {
                *a += k;
                *a
            })
        }
        struct Named<'a, X> {
            name: Option<&'a str>,
            x: X,
        }
        let name = String::from("12");
        let mut x = n;
        let first = pair(Some(&t), child(n).await);
        let second = pair(Some(&t), &child(n).await);
        let number: u32 = parsed(Some(&name), child(2).await).unwrap();
        let largest = std::cmp::max(Some(&n), Some(&id(1).await)).copied();
        let either = *or(Some(&n), &child(1).await);
        let sum = add(Some(&mut x), child(2).await) + add(Some(&mut x), child(2).await);
        let named = Named { name: Some(&name), x: id(T("x")).await };
        y().await;
        log(format!("{first} {second} {number} {largest:?} {either} {sum} {:?} {:?}", named.name, named.x));
        first.len()
    }
    case!(generic(2, T("t")));

    #[segno::coroutine]
    async fn methods(n: u32) -> u32 {
        struct Bus {
            log: Vec<Box<dyn Debug>>,
            sent: u32,
        }
        impl Bus {
            fn send(&mut self, a: Option<&[u8]>, k: u32) -> &mut Bus {
                self.sent += a.map_or(0, |a| a.len() as u32) + k;
                self
            }
            fn with(mut self, a: Option<Box<dyn Debug>>, k: u32) -> Bus {
                self.log.extend(a);
                self.sent += k;
                self
            }
            async fn put(&mut self, a: Option<&str>, k: u32) {
                y().await;
                self.sent += k + a.map_or(0, |a| a.len() as u32);
            }
        }
        let name = String::from("12");
        let data = [1, 2];
        let mut bus = Bus { log: vec![], sent: n };
        bus.send(Some(&data), child(1).await).send(None, 2);
        bus.put(Some(&name), child(n).await).await;
        let mut bus = bus.with(Some(Box::new(T("in"))), child(2).await);
        bus.log.push(if n > 1 {
            y().await;
            Box::new(T("a"))
        } else {
            Box::new("b")
        });
        let lent = &mut bus;
        lent.send(Some(&data), child(1).await);
        lent.send(Some(&data), child(1).await);
        log(format!("{:?}", bus.log));
        bus.sent
    }
    case!(methods(2));
    case!(methods_other_branch = methods(1));

    #[segno::coroutine]
    async fn structures(n: u32) -> usize {
        struct Frame<'a> {
            name: Option<&'a str>,
            pins: [Option<&'a [u8]>; 2],
            act: Option<Box<dyn Fn(u32) -> u32>>,
            n: u32,
        }
        struct Named<'a>(Option<&'a str>, u32);
        impl<'a> Named<'a> {
            fn new(name: Option<&'a str>, k: u32) -> Self {
                Self(name, k)
            }
        }
        let name = String::from("name");
        let pins = vec![1, 2];
        let frame =
            Frame { name: Some(&name), pins: [Some(&pins), None], act: Some(Box::new(|x| x + 1)), n: child(n).await };
        let tuple = Named(Some(&name), child(n).await);
        let made = &Named::new(Some(&name), child(n).await);
        y().await;
        log(format!("{:?} {:?} {:?} {:?}", frame.name, frame.pins, tuple.0, made.0));
        frame.act.map_or(0, |act| act(frame.n) + tuple.1 + made.1) as usize
    }
    case!(structures(2));

    #[segno::coroutine]
    async fn a_loop_among_them(n: u32) -> u32 {
        let t = T("t");
        let triple = (
            Some(&t),
            child(n).await,
            loop {
                if n > 1 {
                    break T("more");
                }
                y().await;
                break T("less");
            },
        );
        triple.1
    }
    case!(a_loop_among_them(2));
    case!(a_loop_among_them_that_suspends = a_loop_among_them(1));

    #[segno::coroutine]
    async fn elements(n: u32) -> u32 {
        let name = String::from("name");
        let data = [1, 2];
        let pair: (Option<&[u8]>, _) = (Some(&data), child(n).await);
        let list: [Option<&str>; 2] = [Some(&name), {
            y().await;
            None
        }];
        let boxes: (Option<Box<dyn Debug>>, T) =
            if n > 1 { (Some(Box::new(T("boxed"))), id(T("beside")).await) } else { (None, T("none")) };
        y().await;
        log(format!("{pair:?} {list:?} {boxes:?}"));
        pair.1
    }
    case!(elements(2));

    #[segno::coroutine]
    async fn places(n: u32) -> usize {
        struct Held {
            one: Option<Box<dyn Debug>>,
            pair: (Option<Box<dyn Debug>>, u32),
        }
        fn wrapped<A>(a: A) -> Option<A> {
            Some(a)
        }
        fn nothing() -> Option<Box<dyn Debug>> {
            None
        }
        let mut held = Held { one: nothing(), pair: (None, 0) };
        held.one = Some(if n > 1 {
            y().await;
            Box::new(T("one"))
        } else {
            Box::new(T("other"))
        });
        held.pair = (Some(Box::new(n)), child(n).await);
        log(format!("{:?} {:?}", held.one, held.pair));
        held.one = wrapped(if n > 1 {
            y().await;
            Box::new(T("last"))
        } else {
            Box::new('c')
        });
        format!("{:?}", held.one).len()
    }
    case!(places(2));
    case!(places_other_branch = places(1));

    // Its own states must not contain what it gives, boxed as that is.
    #[segno::coroutine]
    async fn again(a: Option<&'static str>, n: u32) -> usize {
        if n == 0 {
            return a.map_or(0, str::len);
        }
        let inner: std::pin::Pin<Box<dyn Future<Output = usize>>> =
            Box::pin(again(Some(&"text"[..2]), child(n - 1).await));
        inner.await + 1
    }
    case!(again(Some("ab"), 0));

    #[segno::coroutine]
    async fn results(n: u32) -> Result<(Option<Box<dyn Debug>>, u32), Box<dyn std::error::Error>> {
        if n == 3 {
            return Ok((Some(Box::new(T("returned"))), child(n).await));
        }
        Ok((Some(Box::new(T("last"))), child(n).await))
    }

    #[segno::coroutine]
    async fn shown(n: u32) -> String {
        format!("{:?}", results(n).await)
    }
    case!(shown_returned = shown(3));
    case!(shown_last = shown(2));
}
