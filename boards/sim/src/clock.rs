//! What the runtime sees of a node: its clock and its console.
//!
//! # The problem
//! The runtime wants `&'static dyn Clock`, and its loops are never freed; worlds come and go by the thousand.
//!
//! # The design
//! Both are leaked, but hold only a [`Link`]: when the world has ended, the clock stands still and the console is
//! silent. `idle` is where a node gives up the baton.
//!
//! A program that never idles (a task that yields for ever, or that spins until a time has come) must not stop the
//! world: every [`READINGS_PER_TICK`]th reading of the clock without an idle counts as an idle of one microsecond.

use std::sync::atomic::Ordering;

use segno::Instant;
use segno::board::{Clock, Console, Idle};

use crate::world::Link;

/// Readings of the clock that a program has for free between two idles.
const READINGS_PER_TICK: u32 = 1000;

/// Clock and console of one node.
pub(crate) struct NodeClock {
    link: Link,
}

impl NodeClock {
    pub(crate) fn leak(link: Link) -> &'static NodeClock {
        Box::leak(Box::new(NodeClock { link }))
    }

    /// Readings since the last idle, this one included.
    fn count(&self) -> u32 {
        self.link.signals.readings.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Clock for NodeClock {
    fn now(&self) -> Instant {
        let Some(world) = self.link.world.upgrade() else { return Instant::from_ticks(0) };
        if self.count() >= READINGS_PER_TICK && self.link.is_own_thread() {
            self.link.signals.readings.store(0, Ordering::Relaxed);
            world.give_up(self.link.node, Some(world.now() + 1));
        }
        Instant::from_ticks(world.now())
    }

    fn idle(&self, idle: &Idle) {
        let Some(world) = self.link.world.upgrade() else { return };
        let signals = &self.link.signals;
        signals.readings.store(0, Ordering::Relaxed);
        let deadline = idle.deadline().map(|deadline| deadline.as_ticks());
        let passed = deadline.is_some_and(|deadline| deadline <= world.now());
        if !signals.awake.swap(false, Ordering::AcqRel) && !passed && !idle.pending() {
            world.give_up(self.link.node, deadline);
            // The loop looks at everything after an idle: what woke it needs no second look.
            signals.awake.store(false, Ordering::Release);
        }
    }

    fn wake(&self) {
        self.link.signals.awake.store(true, Ordering::Release);
        if let Some(world) = self.link.world.upgrade() {
            world.inbox.poke();
        }
    }
}

impl Console for NodeClock {
    fn write_str(&self, text: &str) {
        self.link.with(|state, now| state.print(now, self.link.node, text));
    }
}
