//! How fast bodies run: each is compiled twice from the same source, by rustc as an `async fn` and by segno, and driven in the
//! same way; what is counted are the instructions from the first resume to the end.

#![no_std]
#![no_main]

use core::future::Future;
use core::hint::black_box;
use core::pin::{Pin, pin};
use core::task::{Poll, Waker};

use panic_halt as _;
use segno::{Context, Coroutine, Resume};
use segno_footprint::{exit, marks};

marks!(m_ours 1 m_theirs 2 m_end 3);

/// Suspends so many times, then answers.
struct Suspend(u8);

impl Suspend {
    #[inline(always)]
    fn step(&mut self) -> bool {
        let ready = self.0 == 0;
        self.0 = self.0.wrapping_sub(1);
        ready
    }
}

impl Future for Suspend {
    type Output = u32;
    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut core::task::Context<'_>) -> Poll<u32> {
        if self.step() { Poll::Ready(1) } else { Poll::Pending }
    }
}

/// The same as a coroutine.
struct Ours(Suspend);

impl Coroutine for Ours {
    type Output = u32;
    #[inline]
    fn resume(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Resume<u32> {
        if cx.take_cancel() {
            return Resume::Cancelled;
        }
        if self.0.step() { Resume::Done(1) } else { Resume::Pending }
    }
}

/// Would block once, then has a byte.
struct Port(u32);

impl Port {
    fn read(&mut self) -> nb::Result<u8, ()> {
        self.0 += 1;
        if self.0.is_multiple_of(2) { Ok(self.0 as u8) } else { Err(nb::Error::WouldBlock) }
    }
}

enum Kind {
    Add(u32),
    Wait,
    Stop,
}

/// The bodies, once for each compiler.
macro_rules! bodies {
    ($module:ident, $($attribute:meta)?, $suspend:expr, $run:path, $mark:path) => {
        mod $module {
            use super::*;

            $(#[$attribute])?
            async fn counter(rounds: u32) -> u32 {
                let mut sum = 0;
                for round in 0..rounds {
                    sum += round ^ $suspend.await;
                }
                sum
            }

            $(#[$attribute])?
            async fn buffer(seed: u8) -> u32 {
                let mut bytes = [seed; 64];
                for at in 0..16 {
                    bytes[at] = bytes[at + 1].wrapping_add($suspend.await as u8);
                }
                bytes.iter().map(|&byte| u32::from(byte)).sum()
            }

            $(#[$attribute])?
            async fn passed_on(bytes: [u8; 64]) -> u32 {
                $suspend.await;
                let moved = bytes;
                $suspend.await;
                moved.iter().map(|&byte| u32::from(byte)).sum()
            }

            $(#[$attribute])?
            async fn choice(kinds: &[Kind]) -> u32 {
                let mut sum = 0;
                for kind in kinds {
                    match kind {
                        Kind::Add(value) => sum += value,
                        Kind::Wait => sum += $suspend.await,
                        Kind::Stop => break,
                    }
                }
                sum
            }

            $(#[$attribute])?
            async fn inner(value: u32) -> u32 {
                value + $suspend.await
            }

            $(#[$attribute])?
            async fn middle(value: u32) -> u32 {
                inner(value).await + inner(value + 1).await
            }

            $(#[$attribute])?
            async fn nested(rounds: u32) -> u32 {
                let mut sum = 0;
                for round in 0..rounds {
                    sum += middle(round).await;
                }
                sum
            }

            $(#[$attribute])?
            async fn checked(value: u32) -> Result<u32, u8> {
                let value = value + $suspend.await;
                if value > 1000 { Err(7) } else { Ok(value) }
            }

            $(#[$attribute])?
            async fn question(rounds: u32) -> Result<u32, u8> {
                let mut value = 0;
                for _ in 0..rounds {
                    value = checked(value).await?;
                }
                Ok(value)
            }

            $(#[$attribute])?
            async fn lend(bytes: &mut [u8; 16]) -> u32 {
                bytes[0] += 1;
                $suspend.await + u32::from(bytes[0])
            }

            $(#[$attribute])?
            async fn borrow(rounds: u32) -> u32 {
                let mut bytes = [0; 16];
                let mut sum = 0;
                for _ in 0..rounds {
                    sum += lend(&mut bytes).await;
                }
                sum
            }

            pub fn all() {
                macro_rules! one {
                    ($body:expr) => {{
                        let body = $body;
                        $mark();
                        let _ = black_box($run(body));
                        m_end();
                    }};
                }
                one!(counter(black_box(16)));
                one!(buffer(black_box(3)));
                one!(passed_on(black_box([1; 64])));
                one!(choice(black_box(&[Kind::Add(1), Kind::Wait, Kind::Wait, Kind::Add(2), Kind::Wait, Kind::Stop])));
                one!(nested(black_box(4)));
                one!(question(black_box(8)));
                one!(borrow(black_box(8)));
            }
        }
    };
}

bodies!(ours, segno::coroutine, Ours(Suspend(1)), run_ours, m_ours);
bodies!(theirs, , Suspend(1), run_theirs, m_theirs);

/// Where a coroutine has `block!`, an `async fn` polls a closure.
#[segno::coroutine]
async fn blocks_ours(mut port: Port, rounds: u32) -> u32 {
    let mut sum = 0;
    for _ in 0..rounds {
        sum += u32::from(block!(port.read()).unwrap_or(0));
    }
    sum
}

async fn blocks_theirs(mut port: Port, rounds: u32) -> u32 {
    let mut sum = 0;
    for _ in 0..rounds {
        let answer = core::future::poll_fn(|_| match port.read() {
            Ok(byte) => Poll::Ready(Ok(byte)),
            Err(nb::Error::WouldBlock) => Poll::Pending,
            Err(nb::Error::Other(error)) => Poll::Ready(Err(error)),
        });
        sum += u32::from(answer.await.unwrap_or(0));
    }
    sum
}

/// As an executor calls it: through a pointer, so that nothing is known of the body from one step to the next.
#[inline(never)]
fn run_ours<C: Coroutine>(body: C) -> C::Output {
    let step: fn(Pin<&mut C>, &mut Context<'_>) -> Resume<C::Output> = C::resume;
    let mut body = pin!(body);
    loop {
        match black_box(step)(body.as_mut(), &mut Context::detached()) {
            Resume::Done(output) => return output,
            Resume::Pending => {}
            Resume::Cancelled => exit(),
        }
    }
}

#[inline(never)]
fn run_theirs<F: Future>(body: F) -> F::Output {
    let step: fn(Pin<&mut F>, &mut core::task::Context<'_>) -> Poll<F::Output> = F::poll;
    let mut body = pin!(body);
    let mut cx = core::task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = black_box(step)(body.as_mut(), &mut cx) {
            return output;
        }
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    ours::all();
    m_ours();
    black_box(run_ours(blocks_ours(Port(0), black_box(8))));
    m_end();
    theirs::all();
    m_theirs();
    black_box(run_theirs(blocks_theirs(Port(0), black_box(8))));
    m_end();
    exit()
}
