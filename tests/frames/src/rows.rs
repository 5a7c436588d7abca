//! Small functions that show one thing each. `B` is 64 bytes, `D` is 64 bytes with a destructor, `y()` is one byte.

use crate::worlds::both;

/// What is alive at the worst suspension, and one byte for each coroutine to tell its states apart.
pub const BOUNDS: &[(&str, usize)] = &[
    ("f(b: B) { y().await; use_(&b) }", 66),
    ("f(b: B) { use_(&b); y().await }", 64),
    ("f() { let b = mk(); use_(&b); y().await }", 2),
    ("takes(d: D) { y().await; drop(d) }", 66),
    ("f() { let d = mkd(); takes(d).await }", 67),
    ("f(d: D) { takes(d).await }", 67),
    ("three sequential buffers without scopes", 66),
    ("rename chain a -> b -> c", 66),
    ("two scoped buffers, 2 awaits each", 66),
    ("for i in 0..n { let a = mk(); use_(&a); y().await }", 10),
    ("if let Some(d) = o { y().await; drop(d) }", 66),
    ("f(r: Result<D, u32>) { let d = r?; y().await; drop(d) }", 66),
    ("leaf(mk()).await twice", 67),
    ("f(b: B) -> u8 { let s: u32 = sum; y().await; s }", 65),
    ("local buffer, child(&buf), then y()", 75),
    ("s.len() kept, s.into_bytes()", 34),
    ("if b() && let D(b) = &mkd() { use_(b) } else { y().await }", 2),
    ("loop { let d = mkd(); use_(&d.0); takes(d).await }", 67),
    ("for _ in 0..n { let d = mkd(); if b() { takes(d).await } }", 72),
    ("let b = mk(); leaf_ref(&b).await; leaf(b).await", 75),
    ("f(&mut self) { leaf_mut(&mut self.b).await }", 10),
    ("if let Some(b) = &mut self.o { leaf_mut(b).await }", 10),
    ("match &self.o { Some(b) => leaf_ref(b).await, None => 0 }", 10),
    ("let Some(b) = &self.o else ..; leaf_ref(b).await twice", 18),
    ("4 empty wrappers", 5),
    ("u64 passed through 4 layers", 13),
    ("20 empty wrappers", 21),
    ("u64 passed through 20 layers", 29),
];

both! {
    use crate::worlds::{Frame, frame0, frame1, y};
    use core::hint::black_box;

    type B = [u8; 64];
    struct D(B);
    impl Drop for D {
        fn drop(&mut self) {
            black_box(&self.0);
        }
    }
    fn use_(b: &B) {
        black_box(b);
    }
    fn mk() -> B {
        [1; 64]
    }
    fn mkd() -> D {
        D(mk())
    }

    #[segno::coroutine]
    async fn leaf(b: B) -> u8 {
        y().await;
        b[0]
    }
    #[segno::coroutine]
    async fn leaf_ref(b: &B) -> u8 {
        y().await;
        b[0]
    }
    #[segno::coroutine]
    async fn used_after(b: B) {
        y().await;
        use_(&b);
    }
    #[segno::coroutine]
    async fn used_before(b: B) {
        use_(&b);
        y().await;
    }
    #[segno::coroutine]
    async fn made_and_used_before() {
        let b = mk();
        use_(&b);
        y().await;
    }
    #[segno::coroutine]
    async fn takes(d: D) {
        y().await;
        drop(d);
    }
    #[segno::coroutine]
    async fn made_for_child() {
        let d = mkd();
        takes(d).await;
    }
    #[segno::coroutine]
    async fn handed_to_child(d: D) {
        takes(d).await;
    }
    #[segno::coroutine]
    async fn sequential() {
        let a = mk();
        y().await;
        use_(&a);
        let b = mk();
        y().await;
        use_(&b);
        let c = mk();
        y().await;
        use_(&c);
    }
    #[segno::coroutine]
    async fn renamed() {
        let a = mk();
        y().await;
        let b = a;
        y().await;
        let c = b;
        y().await;
        use_(&c);
    }
    #[segno::coroutine]
    async fn scoped() {
        {
            let a = mk();
            y().await;
            y().await;
            use_(&a);
        }
        {
            let b = mk();
            y().await;
            y().await;
            use_(&b);
        }
    }
    #[segno::coroutine]
    async fn in_a_loop(n: u32) {
        for i in 0..n {
            let a = mk();
            use_(&a);
            y().await;
        }
    }
    #[segno::coroutine]
    async fn if_let() {
        let x = y().await;
        let o = Some(mkd());
        if let Some(d) = o {
            y().await;
            drop(d);
        }
    }
    #[segno::coroutine]
    async fn question(r: Result<D, u32>) -> Result<(), u32> {
        let d = r?;
        y().await;
        drop(d);
        Ok(())
    }
    #[segno::coroutine]
    async fn two_children() {
        leaf(mk()).await;
        leaf(mk()).await;
    }
    #[segno::coroutine]
    async fn summed(b: B) -> u8 {
        let s: u32 = b.iter().map(|&x| u32::from(x)).sum();
        y().await;
        s as u8
    }
    #[segno::coroutine]
    async fn lent() {
        let b = mk();
        leaf_ref(&b).await;
        y().await;
    }
    #[segno::coroutine]
    async fn kept_in_part() {
        let s = String::from("abc");
        let n = s.len();
        let t = s.into_bytes();
        y().await;
        black_box((n, t));
    }
    #[segno::coroutine]
    async fn brief() {
        y().await;
        if black_box(true)
            && let D(b) = &mkd()
            && black_box(true)
        {
            use_(b);
        } else {
            y().await;
        }
    }
    #[segno::coroutine]
    async fn handed_on_in_a_loop() {
        loop {
            let d = mkd();
            use_(&d.0);
            takes(d).await;
        }
    }
    #[segno::coroutine]
    async fn handed_on_if_ready(n: u32) {
        for _ in 0..n {
            let d = mkd();
            if black_box(true) {
                takes(d).await;
            }
        }
    }
    #[segno::coroutine]
    async fn lent_then_handed_on() {
        let b = mk();
        leaf_ref(&b).await;
        leaf(b).await;
    }
    #[segno::coroutine]
    async fn leaf_mut(b: &mut B) -> u8 {
        y().await;
        b[0] += 1;
        b[0]
    }
    pub struct Driver {
        b: B,
        o: Option<B>,
    }
    impl Driver {
        #[segno::coroutine]
        async fn field(&mut self) -> u8 {
            leaf_mut(&mut self.b).await
        }
        #[segno::coroutine]
        async fn if_there(&mut self) {
            if let Some(b) = &mut self.o {
                leaf_mut(b).await;
            }
        }
        #[segno::coroutine]
        async fn by_an_arm(&self) -> u8 {
            match &self.o {
                Some(b) => leaf_ref(b).await,
                None => 0,
            }
        }
        #[segno::coroutine]
        async fn by_a_let(&self) -> u8 {
            let Some(b) = &self.o else { return 0 };
            leaf_ref(b).await;
            leaf_ref(b).await
        }
    }

    /// Functions that await the one before.
    macro_rules! wrappers {
        ($inner:ident / $value:ident:) => {};
        ($inner:ident / $value:ident: $empty:ident / $passing:ident $($rest:tt)*) => {
            #[segno::coroutine]
            async fn $empty() {
                $inner().await
            }
            #[segno::coroutine]
            async fn $passing(x: u64) -> u64 {
                $value(x).await
            }
            wrappers! { $empty / $passing: $($rest)* }
        };
    }
    #[segno::coroutine]
    async fn w1() {
        y().await
    }
    #[segno::coroutine]
    async fn p1(x: u64) -> u64 {
        y().await;
        x
    }
    wrappers! {
        w1 / p1: w2 / p2 w3 / p3 w4 / p4 w5 / p5 w6 / p6 w7 / p7 w8 / p8 w9 / p9 w10 / p10 w11 / p11 w12 / p12 w13 / p13
        w14 / p14 w15 / p15 w16 / p16 w17 / p17 w18 / p18 w19 / p19 w20 / p20
    }

    pub fn frames() -> Vec<(&'static str, Frame)> {
        let frames = [
            frame1(used_after),
            frame1(used_before),
            frame0(made_and_used_before),
            frame1(takes),
            frame0(made_for_child),
            frame1(handed_to_child),
            frame0(sequential),
            frame0(renamed),
            frame0(scoped),
            frame1(in_a_loop),
            frame0(if_let),
            frame1(question),
            frame0(two_children),
            frame1(summed),
            frame0(lent),
            frame0(kept_in_part),
            frame0(brief),
            frame0(handed_on_in_a_loop),
            frame1(handed_on_if_ready),
            frame0(lent_then_handed_on),
            frame1(Driver::field),
            frame1(Driver::if_there),
            frame1(Driver::by_an_arm),
            frame1(Driver::by_a_let),
            frame0(w4),
            frame1(p4),
            frame0(w20),
            frame1(p20),
        ];
        super::BOUNDS.iter().map(|&(name, _)| name).zip(frames).collect()
    }
}
