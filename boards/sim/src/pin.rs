//! Output pins: every edge with its exact time.

use std::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin, StatefulOutputPin};
use segno::Instant;

use crate::node::Node;
use crate::world::{Link, State};

/// A change of a pin's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// When, in the world's time.
    pub time: Instant,
    /// The level after it.
    pub level: bool,
}

#[derive(Debug, Default)]
pub(crate) struct PinState {
    level: bool,
    edges: Vec<Edge>,
}

impl State {
    fn set_pin(&mut self, now: u64, node: usize, name: &str, level: bool) {
        let recording = self.trace.recording;
        let pin = self.pin(node, name);
        if pin.level == level {
            return;
        }
        pin.level = level;
        if recording {
            pin.edges.push(Edge { time: Instant::from_ticks(now), level });
        }
        self.record(now, node, format_args!("pin {name} = {}", u8::from(level)));
        if let Some(view) = &mut self.view {
            view.edge(name, level, now);
        }
    }
}

/// An output pin as a program has it: `embedded_hal`'s `OutputPin` and `StatefulOutputPin`, which never fail.
pub struct Pin {
    link: Link,
    name: String,
}

impl Pin {
    pub(crate) fn new(link: Link, name: &str) -> Pin {
        Pin { link, name: name.into() }
    }

    fn set(&mut self, level: bool) {
        self.link.with(|state, now| state.set_pin(now, self.link.node, &self.name, level));
    }

    fn level(&self) -> bool {
        self.link.with(|state, _| state.pin(self.link.node, &self.name).level).unwrap_or(false)
    }
}

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

impl StatefulOutputPin for Pin {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.level())
    }

    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.level())
    }
}

/// A pin as a test sees it.
pub struct PinHandle {
    node: Node,
    name: String,
}

impl PinHandle {
    pub(crate) fn new(node: Node, name: &str) -> PinHandle {
        PinHandle { node, name: name.into() }
    }

    /// The level now: true is high.
    pub fn level(&self) -> bool {
        self.node.world.lock().pin(self.node.index, &self.name).level
    }

    /// All edges so far, in order.
    pub fn edges(&self) -> Vec<Edge> {
        self.node.world.lock().pin(self.node.index, &self.name).edges.clone()
    }
}
