//! Receivers that are places, where an argument awaits: what a method takes by value is copied before the arguments. So is a
//! number before the other side of a comparison.

use segno_tests::both_worlds;

#[both_worlds]
mod read_first {
    fn add(a: u32, b: u32) -> u32 {
        a + b
    }

    struct Pair {
        a: T,
        n: u32,
    }

    #[segno::coroutine]
    async fn argument_that_assigns(mut pair: Pair, mut n: u32) -> u32 {
        let a = (pair.n).wrapping_add({
            pair.n = child(2).await;
            pair.n
        });
        let b = pair.n.wrapping_add({
            pair.n += child(3).await;
            pair.n
        });
        let c = n.pow({
            n = 1;
            child(2).await
        });
        u32::from(pair.a.r()) + a + 10 * b + 100 * c
    }
    case!(argument_that_assigns(Pair { a: T("a"), n: 7 }, 5));

    #[segno::coroutine]
    async fn argument_that_borrows(mut n: u32) -> u32 {
        let a = n.wrapping_add({
            *(&mut n) = 3;
            child(2).await
        });
        let b = n.wrapping_add({
            let r = &mut n;
            *r = 4;
            child(2).await
        });
        a + 10 * b
    }
    case!(argument_that_borrows(8));

    #[derive(Clone, Copy)]
    struct Total(u32);

    impl Total {
        fn plus(self, n: u32) -> u32 {
            self.0 + n
        }
        fn plus_borrowed(&self, n: u32) -> u32 {
            self.0 + n
        }
        fn grow(&mut self, n: u32) {
            self.0 += n;
        }
    }

    struct Counter {
        count: u32,
        least: Option<u32>,
        total: Total,
        list: Vec<u32>,
    }

    impl Counter {
        #[segno::coroutine]
        async fn next(&mut self) -> u32 {
            y().await;
            self.count += 10;
            self.least = Some(self.count);
            self.total.grow(self.count);
            self.count
        }

        #[segno::coroutine]
        async fn peek(&self) -> u32 {
            y().await;
            self.count
        }

        /// Another call changes the receiver.
        #[segno::coroutine]
        async fn numbers(&mut self) -> u32 {
            self.count.wrapping_add(self.next().await)
                + 100 * self.count.max(3).min(self.next().await)
                + 10_000 * self.least.unwrap_or(self.next().await)
        }

        /// What a method borrows stays where it is.
        #[segno::coroutine]
        async fn borrowed(&mut self) -> u32 {
            self.total.grow(self.peek().await);
            self.list.push(self.peek().await);
            { self.total }.plus(self.next().await) + self.total.plus_borrowed(self.peek().await) + self.list[0]
        }
    }

    fn index(n: usize) -> usize {
        log("index");
        n
    }

    impl Counter {
        /// A number is copied before it is compared with what changes it; what is borrowed cannot be changed.
        #[segno::coroutine]
        async fn compared(&mut self, mut n: u32) -> u32 {
            let a = self.count < self.next().await;
            let b = self.count == self.next().await;
            let c = n == {
                n = 5;
                child(5).await
            };
            let d = self.list[..1] == [self.peek().await];
            let f = self.list[child(0).await as usize] == self.next().await;
            let g = self.list[T("index").name().map_or(0, |_| 0)] > self.next().await;
            let e = self.list == [self.peek().await];
            self.list.extend([1, 2, 3]);
            let h = self.list[index(1)].pow(self.peek().await % 3) > self.list[index(2)].min(self.next().await);
            let i = self.list[index(2)] < self.next().await;
            let mut rounds = 0;
            while self.count < self.next().await {
                rounds += 1;
                if rounds == 3 && self.total.0 > self.next().await {
                    break;
                }
                if rounds > 4 {
                    break;
                }
            }
            [a, b, c, d, e, f, g, h, i].into_iter().fold(rounds, |sum, is| 2 * sum + u32::from(is))
        }
    }

    #[segno::coroutine]
    async fn number_that_is_compared() -> u32 {
        let mut counter = Counter { count: 1, least: Some(2), total: Total(3), list: vec![21] };
        counter.compared(4).await
    }
    case!(number_that_is_compared());

    #[segno::coroutine]
    async fn call_that_changes() -> u32 {
        let mut counter = Counter { count: 1, least: Some(2), total: Total(3), list: Vec::new() };
        let n = counter.numbers().await;
        n.wrapping_mul(31).wrapping_add(counter.borrowed().await)
    }
    case!(call_that_changes());

    struct Row {
        n: u32,
        list: Vec<u32>,
    }

    struct Table {
        total: u32,
        rows: [Row; 2],
        list: Vec<u32>,
    }

    impl Table {
        /// An index that is calculated names an element all the same; other fields are other places, through `*` and in an
        /// element too.
        #[segno::coroutine]
        async fn elements_and_fields(&mut self, i: usize) -> u32 {
            let mut v = [1u32, 2, 3];
            let a = v[0].wrapping_add({
                v[2 * i] = 7;
                child(2).await
            });
            let b = v[i + 1].wrapping_add({
                v[1] = 9;
                child(3).await
            });
            let c = v[i + 1] < {
                v[1] = 1;
                child(3).await
            };
            self.list.push({
                (*self).total = 5;
                child(1).await
            });
            self.rows[0].list.push({
                self.rows[0].n = 6;
                child(1).await
            });
            a + 10 * b + 100 * u32::from(c) + self.total + self.rows[0].n + self.list[0]
        }
    }

    #[segno::coroutine]
    async fn elements_and_other_fields() -> u32 {
        let row = || Row { n: 1, list: Vec::new() };
        Table { total: 1, rows: [row(), row()], list: Vec::new() }.elements_and_fields(0).await
    }
    case!(elements_and_other_fields());

    /// An index and a function are read before the arguments, which give their variables other values.
    #[segno::coroutine]
    async fn indices_and_functions(n: u32) -> u32 {
        fn sum(a: u32, b: u32) -> u32 {
            a + b
        }
        fn product(a: u32, b: u32) -> u32 {
            a * b
        }
        let rows = [[n, n + 1], [n + 10, n + 11]];
        let (mut i, mut f) = (0, sum as fn(u32, u32) -> u32);
        let greatest = rows[i][i + 1].max({
            i += 1;
            child(1).await
        });
        let called = f(
            {
                f = product;
                child(3).await
            },
            4,
        );
        let less = rows[i][0] < {
            i -= 1;
            child(n + 5).await
        };
        greatest + 100 * called + 10_000 * u32::from(less) + i as u32
    }
    case!(indices_and_functions(2));
    case!(indices_and_functions_otherwise = indices_and_functions(20));

    #[segno::coroutine]
    async fn advance(i: &mut usize) -> u32 {
        y().await;
        *i += 1;
        1
    }

    /// So is an index behind a reference that an argument is given.
    #[segno::coroutine]
    async fn index_behind_a_reference(n: u32) -> u32 {
        let (row, mut at) = ([n, n + 10, n + 20], 0);
        let i = &mut at;
        row[*i].max(advance(i).await)
    }
    case!(index_behind_a_reference(5));

    /// So it is where the later operand is a temporary that is borrowed.
    #[segno::coroutine]
    async fn operands_that_a_borrowed_one_changes() -> u32 {
        fn inc(n: &mut u32) -> u32 {
            *n += 1;
            *n
        }
        fn both(a: u32, b: &u32) -> u32 {
            a * 100 + *b
        }
        let mut n = 1;
        let a = id(both(n, &inc(&mut n))).await;
        log(format!("{a}"));
        let b = id(n.wrapping_sub(*temporary("t", inc(&mut n) * 2))).await;
        log(format!("{b}"));
        let c = id(n == *temporary("t", inc(&mut n))).await;
        log(format!("{c}"));
        n
    }
    case!(operands_that_a_borrowed_one_changes());

    #[segno::coroutine]
    async fn index_that_a_borrowed_operand_changes() -> u32 {
        fn inc(n: &mut usize) -> usize {
            *n += 1;
            *n
        }
        fn both(a: &T, b: &usize) -> u32 {
            a.r() as u32 * 100 + *b as u32
        }
        let v = [T("a"), T("b"), T("c")];
        let mut n = 0;
        id(both(&v[n], &inc(&mut n))).await
    }
    case!(index_that_a_borrowed_operand_changes());

    #[segno::coroutine]
    async fn closure_and_cast_that_a_borrowed_operand_changes() -> u32 {
        fn inc(n: &mut u32) -> u32 {
            *n += 1;
            *n
        }
        fn both(a: impl FnOnce() -> u32, b: &u32) -> u32 {
            a() * 100 + *b
        }
        fn sum(a: u64, b: &u32) -> u64 {
            a * 100 + *b as u64
        }
        let mut n = 1;
        let a = id(both(move || n, &inc(&mut n))).await;
        let b = id(sum(n as u64, &inc(&mut n))).await;
        log(format!("{a} {b}"));
        n
    }
    case!(closure_and_cast_that_a_borrowed_operand_changes());

    #[segno::coroutine]
    async fn static_that_changes() -> u32 {
        static mut X: u32 = 1;
        static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _lock = LOCK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // SAFETY: one at a time comes here.
        unsafe {
            X = 1;
        }
        // SAFETY: the same.
        unsafe {
            add(X, {
                X = 5;
                child(1).await
            })
        }
    }
    case!(static_that_changes());

    /// What a static points to is read before, too.
    #[segno::coroutine]
    async fn behind_a_static() -> u32 {
        struct S;
        impl core::ops::Deref for S {
            type Target = u32;
            fn deref(&self) -> &u32 {
                log("deref");
                &5
            }
        }
        static LAZY: S = S;
        add(*LAZY, child(1).await)
    }
    case!(behind_a_static());

    #[segno::coroutine]
    async fn operator_of_a_constant() -> u32 {
        struct S(u32);
        impl core::ops::Neg for S {
            type Output = u32;
            fn neg(self) -> u32 {
                log("neg");
                5
            }
        }
        const X: S = S(1);
        add(-X, child(1).await)
    }
    case!(operator_of_a_constant());
}
