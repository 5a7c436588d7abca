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
}
