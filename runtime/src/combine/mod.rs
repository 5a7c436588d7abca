//! What waits, and what combines coroutines; one file each.
//!
//! | asyncio | here |
//! |---|---|
//! | `sleep`; none | [`sleep()`], [`sleep_until`] |
//! | `gather` | [`gather()`], [`try_gather`], [`Gather::return_exceptions`], [`Gather::start`] |
//! | `wait` and its modes | [`wait()`], [`Wait::first_completed`], [`Wait::first_exception`] |
//! | `wait_for` | [`wait_for()`] |
//! | `timeout`, `timeout_at`, `Timeout` | [`timeout()`], [`timeout_at`], [`Timeout`] |
//! | `shield` | [`shield()`], [`Shield::start`] |
//! | `as_completed` | [`as_completed()`] |
//! | `TaskGroup` | [`TaskGroup`] |
//! | none | [`select()`] |

mod as_completed;
mod children;
mod gather;
mod gathering;
mod movable;
mod select;
mod shield;
mod sleep;
mod task_group;
mod timeout;
mod wait;
mod wait_for;

pub use as_completed::{AsCompleted, NextCompleted, as_completed};
pub use children::{Children, Either, Either3, Either4, Either5, Either6, Either7, Either8};
pub(crate) use children::{SelectSlots, Slots};
pub use gather::{Gather, GatherEnds, TryGather, gather, try_gather};
pub use gathering::GatheringFuture;
pub use movable::{Timeout, TimeoutScope, TimeoutStateError};
pub use select::{Select, select};
pub use shield::{Shield, shield};
pub use sleep::{Sleep, sleep, sleep_until};
pub use task_group::{ErrorGroup, GroupRefused, GroupScope, TaskGroup};
pub use timeout::{TimedOut, WithTimeout, timeout, timeout_at};
pub use wait::{MayFail, Wait, WaitSets, wait};
pub use wait_for::{WaitFor, wait_for};
