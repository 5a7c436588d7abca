// What random functions call, besides the leaves of the tests' harness.

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    x: u32,
    y: u32,
}

#[derive(Debug)]
pub struct Pair {
    a: T,
    b: T,
    n: u32,
}

#[derive(Debug)]
pub struct Nest {
    p: Pair,
    o: Option<T>,
    m: u32,
}

#[derive(Debug)]
pub struct Case {
    r: Result<T, Failure>,
    s: Shape,
    t: T,
    k: Result<u32, Failure>,
}

#[derive(Debug)]
pub enum Shape {
    One(T),
    Two { a: T, b: T },
    Zero,
}

/// A guard that uses what it borrows when it is dropped.
#[derive(Debug)]
pub struct Watch<'a>(&'a T);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        log(format!("unwatch:{}", self.0.0));
    }
}

impl Watch<'_> {
    fn r(&self) -> u8 {
        self.0.r()
    }

    fn a(&self) -> Leaf<impl FnOnce() -> u8 + '_> {
        self.0.a()
    }
}

/// The same, exclusive.
#[derive(Debug)]
pub struct Lend<'a>(&'a mut T);

impl Drop for Lend<'_> {
    fn drop(&mut self) {
        self.0.rename("lent");
    }
}

impl core::ops::Deref for Lend<'_> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl core::ops::DerefMut for Lend<'_> {
    fn deref_mut(&mut self) -> &mut T {
        self.0
    }
}

fn watch(t: &T) -> Watch<'_> {
    log("watch");
    Watch(t)
}

fn lend(t: &mut T) -> Lend<'_> {
    log("lend");
    Lend(t)
}

fn eat(t: T) -> u32 {
    log(format!("eat:{}", t.0));
    t.0.len() as u32
}

fn same<X>(x: X) -> X {
    log("same");
    x
}

fn add(a: u32, b: u32) -> u32 {
    log("add");
    a.wrapping_add(b)
}

/// A temporary that is alive while its value is used.
fn temporary(name: &'static str, n: u32) -> impl core::ops::Deref<Target = u32> {
    struct Temporary(T, u32);
    impl core::ops::Deref for Temporary {
        type Target = u32;
        fn deref(&self) -> &u32 {
            &self.1
        }
    }
    Temporary(T(name), n)
}

fn names(list: &[T]) -> u32 {
    list.iter().map(|t| t.0.len() as u32).sum()
}

impl Pair {
    fn first(&self) -> &T {
        &self.a
    }

    fn second(&mut self) -> &mut T {
        &mut self.b
    }

    fn swapped(self) -> Pair {
        log("swapped");
        Pair { a: self.b, b: self.a, n: self.n }
    }

    fn split(self) -> (T, T) {
        log("split");
        (self.a, self.b)
    }
}

impl Nest {
    #[segno::coroutine]
    async fn poke(&mut self, n: u32) -> u32 {
        let pair = &mut self.p;
        pair.a.renamed("poked").await;
        pair.n = pair.n.wrapping_add(n);
        pair.n
    }
}

#[segno::coroutine]
async fn kid_shared(t: &T, n: u32) -> u32 {
    let _k = T("k");
    if n % 2 == 0 {
        return t.a().await as u32;
    }
    y().await;
    t.r() as u32 + n % 9
}

#[segno::coroutine]
async fn kid_exclusive(t: &mut T, n: &mut u32) {
    *n = n.wrapping_add(child(3).await);
    t.renamed("kid").await;
}

#[segno::coroutine]
async fn kid_owned(t: T) -> T {
    let _k = T("k2");
    y().await;
    t.r();
    t
}

#[segno::coroutine]
async fn kid_slice(list: &mut [T]) -> u32 {
    let mut n = 0;
    for t in list.iter_mut() {
        // What bears one name cannot be told apart in a trace.
        t.renamed(["s0", "s1", "s2", "s3"][n as usize % 4]).await;
        n += 1;
    }
    n
}

#[segno::coroutine]
async fn kid_pick<'a>(a: &'a T, b: &'a T, first: bool) -> &'a T {
    let _k = T("k3");
    y().await;
    if first { a } else { b }
}

#[segno::coroutine]
async fn kid_second(pair: &mut Pair) -> &mut T {
    pair.a.a().await;
    &mut pair.b
}

#[segno::coroutine]
async fn pass<X>(x: X) -> X {
    let _k = T("k4");
    y().await;
    x
}

#[segno::coroutine]
async fn kid_fails(fails: bool, t: T) -> Result<T, Failure> {
    let kept = fail(fails, t).await?;
    kept.a().await;
    Ok(kept)
}

#[segno::coroutine]
async fn kid_maybe(some: bool, t: T) -> Option<T> {
    y().await;
    some.then_some(t)
}
