//! Generic coroutines: types, constants, lifetimes, `where`, `impl Trait`.

use segno_tests::both_worlds;

#[both_worlds]
mod generics {
    use core::fmt::Debug;

    #[segno::coroutine]
    async fn by_value<X>(value: X) -> X {
        y().await;
        value
    }
    case!(by_value_number = by_value(4u32));
    case!(by_value_token = by_value(T("t")));
    case!(by_value_reference = by_value(&T("t")));

    #[segno::coroutine]
    async fn unused_value<X>(value: X, _: X) {
        y().await;
    }
    case!(unused_value(T("a"), T("b")));

    #[segno::coroutine]
    async fn bounded<X: Clone + Debug>(value: &X) -> (X, String) {
        let copy = value.clone();
        y().await;
        let text = format!("{value:?}");
        y().await;
        (copy, text)
    }
    case!(bounded(&5u8));

    #[segno::coroutine]
    async fn with_where<X, Y>(x: X, y: &Y) -> bool
    where
        X: PartialEq<Y> + Debug,
        Y: ?Sized + Debug,
    {
        segno_tests::y().await;
        log(format!("{x:?} {y:?}"));
        x == *y
    }
    case!(with_where(String::from("a"), "a"));

    #[segno::coroutine]
    async fn const_generic<const N: usize>(mut data: [u8; N]) -> [u8; N] {
        for i in 0..N {
            y().await;
            data[i] += i as u8;
        }
        data
    }
    case!(const_generic([1, 2, 3]));

    #[segno::coroutine]
    async fn const_and_type<X: Default + Copy, const N: usize>(fill: X) -> ([X; N], usize) {
        let mut all = [X::default(); N];
        y().await;
        all[N - 1] = fill;
        let length = all.len();
        y().await;
        (all, length)
    }
    case!(const_and_type = const_and_type::<u32, 3>(9));

    #[segno::coroutine]
    async fn named_lifetimes<'a, 'b>(a: &'a str, b: &'b str, first: bool) -> (&'a str, usize) {
        y().await;
        (a, if first { a.len() } else { b.len() })
    }
    case!(named_lifetimes("a", "bc", false));

    #[segno::coroutine]
    async fn bounded_lifetimes<'a, 'b: 'a>(a: &'a mut u32, b: &'b mut u32) -> &'a mut u32 {
        y().await;
        if *a > *b { a } else { b }
    }
    case!(bounded_lifetimes(&mut 1, &mut 2));

    #[segno::coroutine]
    async fn elided_in_a_type(view: core::slice::Iter<'_, u32>) -> u32 {
        let mut sum = 0;
        for n in view {
            sum += child(*n).await;
        }
        sum
    }
    case!(elided_in_a_type([1, 2].iter()));

    #[segno::coroutine]
    async fn generic_borrow<X: Debug>(x: X) -> u32 {
        let text = show(&x).await;
        y().await;
        let again = show(&x).await;
        (text.len() + again.len()) as u32
    }
    case!(generic_borrow_token = generic_borrow(T("t")));
    case!(generic_borrow_reference = generic_borrow(&mut 5u8));

    #[segno::coroutine]
    async fn show<X: Debug + ?Sized>(x: &X) -> String {
        y().await;
        format!("{x:?}")
    }

    #[segno::coroutine]
    async fn impl_trait(n: impl Into<u32>, mut f: impl FnMut(u32) -> u32, names: impl Iterator<Item = T>) -> u32 {
        let n = f(n.into());
        y().await;
        for t in names {
            t.a().await;
        }
        f(n)
    }
    case!(impl_trait(3u8, |n| n * 2, [T("a"), T("b")].into_iter()));

    #[segno::coroutine]
    async fn impl_trait_behind_a_reference(out: &mut impl core::fmt::Write, what: &(impl Debug + ?Sized)) -> usize {
        y().await;
        let text = format!("{what:?}");
        out.write_str(&text).unwrap();
        y().await;
        text.len()
    }
    case!(impl_trait_behind_a_reference(&mut String::new(), "what"));

    #[segno::coroutine]
    async fn calls_a_closure<F, R>(f: F) -> R
    where
        F: FnOnce(u32) -> R,
    {
        let _g = T("g");
        f(child(2).await)
    }
    case!(calls_a_closure(|n| T(if n == 2 { "two" } else { "other" })));

    #[segno::coroutine]
    async fn associated_types<I: IntoIterator>(items: I) -> Vec<I::Item>
    where
        I::Item: Ord + Copy,
    {
        let mut all = Vec::new();
        for item in items {
            y().await;
            all.push(item);
        }
        all.sort();
        all
    }
    case!(associated_types([3, 1, 2]));

    #[segno::coroutine]
    async fn generic_over_a_reference<'a, X: Debug + 'a>(x: &'a [X], index: usize) -> Option<&'a X> {
        let first = x.get(index)?;
        y().await;
        log(format!("{first:?}"));
        Some(first)
    }
    case!(generic_over_a_reference(&[1, 2], 1));

    #[segno::coroutine]
    async fn dynamic(what: &dyn Debug, owned: Box<dyn Debug>) -> usize {
        let a = format!("{what:?}").len();
        y().await;
        a + format!("{owned:?}").len()
    }
    case!(dynamic(&T("t"), Box::new(T("boxed"))));

    struct Host<'s, K>(&'s K);

    impl<K> Host<'_, K> {
        #[segno::coroutine]
        pub async fn command<C: Clone>(&self, command: C) -> C {
            look(&command).await;
            command
        }
        #[segno::coroutine]
        pub async fn each(&self, mut f: impl FnMut(u32)) {
            f(child(1).await);
            y().await;
            f(2);
        }
    }

    #[segno::coroutine]
    async fn look<C>(_: &C) {
        y().await;
    }

    struct Stack<'s, K>(Host<'s, K>);

    impl<K> Stack<'_, K> {
        /// The child has what lives as long as the parameter, which nobody has said to live as long as `self`.
        #[segno::coroutine]
        pub async fn command<C: Clone>(&self, command: C) -> C {
            self.0.command(command).await
        }
        #[segno::coroutine]
        pub async fn each(&self, f: impl FnMut(u32)) {
            self.0.each(f).await;
        }
    }

    #[segno::coroutine]
    async fn handed_on_with_self() -> u32 {
        let k = 1;
        let stack = Stack(Host(&k));
        let t = T("t");
        let n = stack.command(&t).await.0.len() as u32;
        let mut sum = *stack.0.0;
        stack.each(|m| sum += m).await;
        sum + n
    }
    case!(handed_on_with_self());

    // Lifetimes without names in `impl Trait`.

    #[segno::coroutine]
    async fn outlives_an_anonymous_lifetime(n: &u32, mut items: impl Iterator<Item = u32> + '_) -> u32 {
        let _g = T("g");
        y().await;
        let first = items.next().unwrap_or(1);
        look(&mut items).await;
        first + items.next().unwrap_or(2) + n
    }
    case!(outlives_an_anonymous_lifetime(&3, [4, 5].into_iter()));

    #[segno::coroutine]
    async fn elided_in_an_item(mut items: impl Iterator<Item = &u32>, f: impl Fn(&u32) -> u32) -> u32 {
        let mut sum = 0;
        y().await;
        while let Some(n) = items.next() {
            sum += f(n);
            y().await;
        }
        sum
    }
    case!(elided_in_an_item([4, 5].iter(), |n| n + 1));

    trait Sums {
        #[segno::coroutine]
        async fn sums(&self, items: impl Iterator<Item = &u32> + '_) -> u32;
    }

    impl Sums for u32 {
        #[segno::coroutine]
        async fn sums(&self, mut items: impl Iterator<Item = &u32> + '_) -> u32 {
            y().await;
            let first = *items.next().unwrap_or(self);
            y().await;
            first + items.sum::<u32>()
        }
    }

    #[segno::coroutine]
    async fn anonymous_in_a_trait() -> u32 {
        7.sums([1, 2].iter()).await
    }
    case!(anonymous_in_a_trait());

    trait Made {
        fn made() -> Self;
    }

    impl Made for u32 {
        fn made() -> u32 {
            8
        }
    }

    struct Files<F> {
        flash: F,
    }

    #[segno::coroutine]
    async fn read<F, H: Made>(flash: &mut F) -> H {
        y().await;
        H::made()
    }

    #[segno::coroutine]
    async fn see<F, H: Made>(flash: &F) -> H {
        y().await;
        H::made()
    }

    /// What is awaited holds what `self` borrows, and a type of which nobody says that it lives as long.
    impl<F> Files<F> {
        #[segno::coroutine]
        async fn read<H: Made>(&mut self) -> H {
            read(&mut self.flash).await
        }

        #[segno::coroutine]
        async fn see<H: Made>(&self) -> H {
            see(&self.flash).await
        }

        #[segno::coroutine]
        async fn see_and_forget<H: Made>(&self, n: u32) -> u32 {
            see::<F, H>(&self.flash).await;
            n
        }
    }

    #[segno::coroutine]
    async fn results_of_any_type() -> u32 {
        let mut files = Files { flash: T("t") };
        let n: u32 = files.read().await;
        n + files.see::<u32>().await + files.see_and_forget::<u32>(1).await
    }
    case!(results_of_any_type());
}
