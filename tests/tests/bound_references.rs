//! Variables that are references, for what they are matched against is written with a `&`, and places behind `&mut`s that are not used
//! again.

use segno_tests::both_worlds;

#[both_worlds]
mod bound_references {
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    fn pair() -> Pair {
        Pair { a: T("a"), b: T("b"), n: 3 }
    }

    #[segno::coroutine]
    async fn in_conditions(o: Option<T>, mut p: Option<T>) -> u32 {
        if let Some(t) = &o {
            t.a().await;
        }
        if let Some(t) = &mut p {
            t.renamed("q").await;
            t.r();
            t.a().await;
        }
        while let Some(t) = &p {
            t.a().await;
            break;
        }
        5
    }
    case!(in_conditions(Some(T("o")), Some(T("p"))));
    case!(in_no_condition = in_conditions(None, None));

    #[segno::coroutine]
    async fn in_arms(o: Result<T, u32>, c: bool) -> u32 {
        match &o {
            Ok(t) if c => t.a().await as u32,
            Ok(t) => {
                t.r();
                y().await;
                t.r() as u32
            }
            Err(n) => {
                y().await;
                *n
            }
        }
    }
    case!(first_arm = in_arms(Ok(T("t")), true));
    case!(second_arm = in_arms(Ok(T("t")), false));
    case!(third_arm = in_arms(Err(3), false));

    /// With a `&` of its own a pattern binds copies.
    #[segno::coroutine]
    async fn copies(o: Option<(u32, T)>) -> u32 {
        let number = Some(4u32);
        let &Some(n) = &number else { return 0 };
        y().await;
        match (&number, &o) {
            (&Some(m), Some((k, t))) => {
                t.a().await;
                n + m + *k
            }
            _ => n,
        }
    }
    case!(copies(Some((1, T("t")))));

    #[segno::coroutine]
    async fn of_a_reference(o: &Option<&T>, p: &mut Option<T>) -> u32 {
        if let Some(t) = &o {
            t.a().await;
        }
        if let Some(t) = &mut *p {
            t.a().await;
        }
        if let Some(t) = p {
            t.renamed("r").await;
        }
        let kept = &mut *p;
        y().await;
        kept.is_some() as u32
    }
    case!(of_a_reference(&Some(&T("o")), &mut Some(T("p"))));

    #[segno::coroutine]
    async fn gets_another(list: [T; 2]) -> u8 {
        let mut t = &list[0];
        t.a().await;
        t = &list[1];
        t.a().await;
        let n = t.r();
        n + t.a().await
    }
    case!(gets_another([T("s"), T("t")]));

    #[segno::coroutine]
    async fn structures(mut p: Pair) -> u32 {
        let Pair { a, b, n } = &mut p;
        a.renamed("x").await;
        *n += 1;
        b.renamed("y").await;
        std::mem::swap(a, b);
        y().await;
        let Pair { a, n, .. } = &p;
        a.a().await;
        *n
    }
    case!(structures(pair()));

    impl Pair {
        #[segno::coroutine]
        async fn first(&mut self) -> u8 {
            self.a.renamed("first").await;
            self.b.r();
            self.b.a().await
        }

        #[segno::coroutine]
        async fn last(&mut self) -> u8 {
            self.n += 1;
            self.b.a().await
        }

        /// The place to the left is used behind the suspension.
        #[segno::coroutine]
        async fn added(&mut self) -> u32 {
            self.n += self.last().await as u32;
            self.n
        }

        #[segno::coroutine]
        async fn assigned(&mut self) {
            self.n = self.last().await as u32;
        }

        #[segno::coroutine]
        async fn compared(&mut self) -> bool {
            self.n == self.last().await as u32
        }

        #[segno::coroutine]
        async fn returned(&mut self) -> &mut T {
            y().await;
            &mut self.a
        }

        #[segno::coroutine]
        async fn handed_on(&mut self) -> &T {
            let t = self.returned().await;
            y().await;
            t
        }

        #[segno::coroutine]
        async fn two_at_once(&mut self) -> u32 {
            let (a, b) = (&mut self.a, &mut self.b);
            a.renamed("c").await;
            b.renamed("d").await;
            std::mem::swap(a, b);
            y().await;
            7
        }

        #[segno::coroutine]
        async fn again_and_again(&mut self) -> u32 {
            for n in 0..2 {
                if n == 1 {
                    self.a.a().await;
                } else {
                    self.b.renamed("e").await;
                }
            }
            self.n
        }
    }

    #[segno::coroutine]
    async fn all(mut p: Pair) -> u32 {
        p.first().await;
        p.last().await;
        p.added().await;
        p.assigned().await;
        p.compared().await;
        p.handed_on().await.r();
        p.two_at_once().await;
        p.again_and_again().await
    }
    case!(all(pair()));

    #[segno::coroutine]
    async fn index(list: &mut [u32; 3]) -> u32 {
        list[0] += child(3).await;
        list[1] = child(list[0]).await;
        list[child(1).await as usize] + list[2]
    }
    case!(index(&mut [0, 1, 2]));
}
