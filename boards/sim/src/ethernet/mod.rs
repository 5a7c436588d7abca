//! An Ethernet in memory: the controller that a program has, the wire between nodes, and what a test does to it.
//!
//! # The problem
//! A network that never loses, repeats, delays or damages anything tests nothing of what protocols are for.
//!
//! # The design
//! Every node may have one controller ([`crate::Board::ethernet`]), and all of them are on one wire. Frames for one
//! controller go to that one, others to all. Each takes its time, and some are lost, repeated, or damaged in one bit,
//! as the seed decides ([`EthernetHandle`]); a jitter lets them overtake each other; nodes can be cut off from each
//! other. The stack above is the one that chips have.
//!
//! # Costs
//! A copy of the frame and one scheduled event for each receiver.

mod controller;
mod wire;

pub use controller::Ethernet;
pub use wire::{Counts, EthernetHandle};
pub(crate) use wire::{NicState, Wire};
