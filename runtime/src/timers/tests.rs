use std::boxed::Box;
use std::vec::Vec;

use super::{TimerNode, Timers};
use crate::random::Random;
use crate::time::Instant;

/// A node with a deadline, and the number of its insertion.
fn node(timers: &Timers, deadline: u64, target: u16) -> Box<TimerNode> {
    let node = Box::new(TimerNode::new(deadline));
    node.set_target(target);
    // SAFETY: ARMED: it is boxed, and the test disarms it. The heap outlives it.
    unsafe { timers.insert(&raw const *node) };
    node
}

#[test]
fn random_operations_agree_with_a_sorted_list() {
    let mut random = Random::new();
    for _ in 0..if cfg!(miri) { 1 } else { 50 } {
        let timers = Box::new(Timers::new());
        // In the order of insertion.
        let mut model: Vec<(u64, Box<TimerNode>)> = Vec::new();
        let spread = 1 + random.below(40);
        for count in 0..if cfg!(miri) { 200 } else { 1000 } {
            match random.below(5) {
                0..=2 => {
                    let deadline = random.below(spread) as u64;
                    model.push((deadline, node(&timers, deadline, count)));
                }
                3 if !model.is_empty() => {
                    let (_, node) = model.remove(random.below(model.len()));
                    node.disarm();
                    assert!(!node.is_armed());
                    node.disarm();
                }
                _ => {
                    let now = random.below(spread) as u64;
                    let popped = timers.first();
                    // SAFETY: it is the first one.
                    let due = !popped.is_null() && unsafe { timers.pop_due(popped, Instant::from_ticks(now)) };
                    // `min_by_key` gives the first of equal ones.
                    let first = model.iter().enumerate().min_by_key(|(_, (deadline, _))| *deadline);
                    match first {
                        Some((index, (deadline, node))) if *deadline <= now => {
                            assert!(due && core::ptr::eq(popped, &raw const **node));
                            assert!(!node.is_armed());
                            model.remove(index);
                        }
                        _ => assert!(!due),
                    }
                }
            }
            let next = model.iter().map(|(deadline, _)| *deadline).min();
            assert_eq!(timers.next_deadline(), next.map(Instant::from_ticks));
            assert_eq!(timers.first().is_null(), model.is_empty());
        }
        model.sort_by_key(|(deadline, _)| *deadline);
        for (_, node) in &model {
            assert!(core::ptr::eq(timers.first(), &raw const **node));
            node.disarm();
        }
        assert!(timers.first().is_null());
    }
}

#[test]
fn a_node_is_six_words_on_a_chip() {
    let words = 3 * size_of::<usize>();
    assert_eq!(size_of::<TimerNode>(), (words + 12).next_multiple_of(align_of::<usize>()));
}
