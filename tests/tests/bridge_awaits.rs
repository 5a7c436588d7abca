//! `.await` on futures of `core`: however the future is known, a coroutine awaits it as `async fn` does.

pub use std::boxed::Box;
pub use std::future::{Future, IntoFuture, Ready, ready};
pub use std::pin::Pin;
pub use std::task::{Context, Poll};

use segno_tests::both_worlds;

pub use futures_of_this_file::*;

/// Futures that leave a trace.
mod futures_of_this_file {
    use super::*;
    use segno_tests::{T, log};

    /// Suspends as often as is said, then gives its value.
    pub struct Steps {
        pub left: u32,
        pub value: T,
    }

    impl Future for Steps {
        type Output = &'static str;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
            log("poll");
            if self.left == 0 {
                return Poll::Ready(self.value.0);
            }
            self.left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }

    pub fn steps(left: u32, name: &'static str) -> Steps {
        log("made");
        Steps { left, value: T(name) }
    }

    /// Becomes a future when it is awaited.
    pub struct Builder(pub &'static str);

    impl IntoFuture for Builder {
        type Output = &'static str;
        type IntoFuture = Steps;

        fn into_future(self) -> Steps {
            log("into_future");
            steps(1, self.0)
        }
    }

    /// Borrows something until it ends.
    pub struct Reads<'a>(pub &'a T, pub u32);

    impl Future for Reads<'_> {
        type Output = &'static str;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
            log("poll");
            if self.1 == 0 {
                return Poll::Ready(self.0.0);
            }
            self.1 -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }

    impl Drop for Reads<'_> {
        fn drop(&mut self) {
            log("reads is dropped");
        }
    }

    pub fn boxed(left: u32, name: &'static str) -> Pin<Box<dyn Future<Output = &'static str>>> {
        Box::pin(steps(left, name))
    }

    pub trait Device {
        fn read(&mut self, n: u32) -> impl Future<Output = Result<u32, &'static str>>;
    }

    pub struct Sensor(pub T);

    impl Device for Sensor {
        async fn read(&mut self, n: u32) -> Result<u32, &'static str> {
            let _guard = T("reading");
            steps(n, "bus").await;
            if n == 2 { Err("two") } else { Ok(n) }
        }
    }
}

#[both_worlds]
mod awaits {
    use crate::*;

    #[segno::coroutine]
    async fn plain(a: T) -> &'static str {
        let _g = T("g");
        let value = steps(2, "future").await;
        log(value);
        drop(a);
        ready("ready").await
    }
    case!(plain(T("a")));

    #[segno::coroutine]
    async fn into_future() -> &'static str {
        Builder("built").await
    }
    case!(into_future());

    #[segno::coroutine]
    async fn mixed(a: T) {
        y().await;
        log(steps(1, "first").await);
        y().await;
        log(Builder("second").await);
        drop(a);
        y().await;
    }
    case!(mixed(T("a")));

    #[segno::coroutine]
    async fn generic<F: Future<Output = &'static str>>(future: F) -> &'static str {
        let _g = T("g");
        future.await
    }
    case!(generic_future = generic(steps(2, "generic")));

    #[segno::coroutine]
    async fn generic_into<F>(future: F) -> F::Output
    where
        F: IntoFuture<Output = &'static str>,
    {
        let _g = T("g");
        future.await
    }
    case!(generic_into_future = generic_into(Builder("generic")));

    #[segno::coroutine]
    async fn argument(future: impl Future<Output = &'static str>, other: impl IntoFuture<Output = &'static str>) {
        log(future.await);
        log(other.await);
    }
    case!(arguments = argument(steps(1, "one"), Builder("other")));

    #[segno::coroutine]
    async fn pinned(future: Pin<&mut Steps>) -> &'static str {
        future.await
    }
    #[segno::coroutine]
    async fn pins() {
        let mut future = steps(1, "pinned");
        log(pinned(Pin::new(&mut future)).await);
        let mut held = Box::pin(steps(2, "boxed"));
        log(pinned(held.as_mut()).await);
        log("end");
    }
    case!(pins());

    #[segno::coroutine]
    async fn borrowed<F: Future<Output = &'static str> + Unpin>(future: &mut F) -> &'static str {
        let _g = T("g");
        future.await
    }
    #[segno::coroutine]
    async fn borrows() {
        let mut future = boxed(2, "unpin");
        log(borrowed(&mut future).await);
        let mut other = steps(1, "by reference");
        log((&mut other).await);
        log("end");
    }
    case!(borrows());

    #[segno::coroutine]
    async fn boxes(first: Pin<Box<dyn Future<Output = &'static str>>>, again: Box<Steps>) {
        log(first.await);
        log(again.await);
    }
    case!(boxes(boxed(1, "dyn"), Box::new(steps(1, "box"))));

    #[segno::coroutine]
    async fn reads(a: T) {
        let g = T("g");
        log(Reads(&a, 1).await);
        log(Reads(&g, 2).await);
        log(Reads(&T("temporary"), 1).await);
        log("end");
    }
    case!(reads(T("a")));

    #[segno::coroutine]
    async fn in_expressions(a: T) -> u32 {
        let n = two(&T(steps(1, "left").await), T(steps(2, "right").await)).await;
        drop(a);
        if steps(1, "condition").await == "condition" {
            log("yes")
        }
        match Builder("scrutinee").await {
            "scrutinee" => log(steps(1, "arm").await),
            _ => log("no"),
        }
        let Ok(m) = ready(Ok::<u32, T>(3)).await else { return 0 };
        for _ in 0..2 {
            log(steps(1, "loop").await);
        }
        let _ = n;
        m
    }
    case!(in_expressions(T("a")));

    #[segno::coroutine]
    async fn device<D: Device>(device: &mut D) -> Result<u32, &'static str> {
        let _g = T("g");
        let sum = device.read(0).await? + device.read(1).await?;
        log("sum");
        device.read(sum + 1).await
    }
    #[segno::coroutine]
    async fn devices() {
        let mut sensor = Sensor(T("sensor"));
        match device(&mut sensor).await {
            Ok(_) => log("ok"),
            Err(error) => log(error),
        }
        log(sensor.0.0);
    }
    case!(devices());

    #[segno::coroutine]
    async fn ambiguous() -> Result<(), T> {
        // What the block's error is, only what is awaited after it says.
        let none = ready(None::<Result<Ready<u8>, T>>).await;
        if let Some(Err(error)) = none {
            return Err(error);
        }
        Ok(())
    }
    case!(ambiguous());

    #[segno::coroutine]
    async fn panics(a: T) {
        let _g = T("g");
        Reads(&a, 1).await;
        steps(1, "last").await;
    }
    dynamic_drop!(panics(T("a")));

    // `async` closures that are handed references: rustc's futures, with a machine in them.

    struct Bus(u32);

    #[segno::coroutine]
    async fn lent<R>(mut f: impl AsyncFnMut(&mut Bus) -> R) -> R {
        let mut bus = Bus(1);
        f(&mut bus).await
    }

    #[segno::coroutine]
    async fn lent_twice<F>(n: u32, mut f: F) -> u32
    where
        F: AsyncFnMut(&mut Bus) -> u32,
    {
        let _g = T("g");
        let mut bus = Bus(n);
        y().await;
        let first = f(&mut bus);
        let sum = first.await;
        sum * 10 + f(&mut bus).await
    }

    #[segno::coroutine]
    async fn lent_once(f: impl AsyncFnOnce(&Bus) -> u32) -> u32 {
        y().await;
        let n = f(&Bus(4)).await;
        y().await;
        n
    }

    #[segno::coroutine]
    async fn lent_to_a_reference(f: &mut impl AsyncFnMut(&mut Bus)) {
        let mut bus = Bus(7);
        f(&mut bus).await;
        log(format!("{}", bus.0));
        y().await;
    }

    #[segno::coroutine]
    async fn a_closure_that_is_lent_something() -> u32 {
        let t = T("t");
        let mut total = 0;
        let n = lent(async |bus: &mut Bus| {
            let _h = T("h");
            bus.0 += 1;
            steps(1, "inside").await;
            total += bus.0;
            log(t.0);
            bus.0
        })
        .await;
        n + total
    }
    case!(a_closure_that_is_lent_something());

    /// Nothing is written of what it is handed.
    #[segno::coroutine]
    async fn a_closure_without_types() -> u32 {
        let mut total = 0;
        let n = lent_twice(2, async |bus| {
            steps(1, "inside").await;
            bus.0 += 1;
            total += bus.0;
            bus.0
        })
        .await;
        n + total
    }
    case!(a_closure_without_types());

    #[segno::coroutine]
    async fn a_moving_closure_that_is_lent_something(t: T) -> u32 {
        lent_once(async move |bus| {
            steps(1, "inside").await;
            drop(t);
            bus.0
        })
        .await
    }
    case!(a_moving_closure_that_is_lent_something(T("t")));

    #[segno::coroutine]
    async fn a_kept_closure_that_is_lent_something() -> u32 {
        let f = async |bus: &Bus| {
            steps(1, "inside").await;
            bus.0
        };
        let bus = Bus(3);
        let n = f(&bus).await;
        y().await;
        let mut m = 1;
        lent_to_a_reference(&mut async |bus: &mut Bus| {
            bus.0 += 1;
            steps(1, "inside").await;
            m += bus.0;
        })
        .await;
        n + f(&bus).await + m
    }
    case!(a_kept_closure_that_is_lent_something());

    impl Bus {
        #[segno::coroutine]
        async fn read(&mut self, n: u32, other: &mut Bus) -> Result<u32, u32> {
            steps(1, "read").await;
            self.0 += n;
            other.0 += self.0;
            if other.0 > 9 { Err(other.0) } else { Ok(other.0) }
        }

        #[segno::coroutine]
        async fn read_all(&mut self, mut n: u32, data: &mut [u8]) -> Result<u32, u32> {
            loop {
                let len = data.len().min(2) as u32;
                self.read(1, &mut Bus(1)).await?;
                lent(async |bus| self.read(n & 3, bus).await).await?;
                n += len;
                if n > 9 {
                    return Ok(n);
                }
            }
        }
    }

    #[segno::coroutine]
    async fn a_closure_that_borrows_self(n: u32) -> Result<u32, u32> {
        Bus(n).read_all(5, &mut [0; 4]).await
    }
    case!(short = a_closure_that_borrows_self(0));
    case!(long = a_closure_that_borrows_self(4));
}
