use std::collections::BTreeMap;
use std::vec::Vec;

use super::{GRANULE, Memory, Pool};
use crate::random::Random;

fn pool(granules: usize) -> (Pool, Memory, Vec<u128>) {
    let mut bytes = std::vec![0u128; (granules * GRANULE).div_ceil(16)];
    let memory = Memory::new(bytes.as_mut_ptr().cast());
    let mut pool = Pool::new();
    // SAFETY: the vector is returned, and kept by the caller.
    unsafe { pool.start(memory, granules) };
    (pool, memory, bytes)
}

/// The free blocks: their granules and sizes.
fn free(pool: &Pool, memory: Memory) -> Vec<(u16, u16)> {
    let mut blocks = Vec::new();
    let mut granule = pool.first;
    while granule != 0 {
        // SAFETY: OWNED: it is a free block.
        let block = unsafe { &*memory.block(granule) };
        blocks.push((granule, block.size));
        granule = block.next;
    }
    blocks
}

#[test]
fn random_allocations_agree_with_a_model() {
    let mut random = Random::new();
    for granules in [3, 20, 200] {
        let (mut pool, memory, _bytes) = pool(granules);
        let total = free(&pool, memory)[0];
        let mut live: BTreeMap<u16, u16> = BTreeMap::new();
        for _ in 0..if cfg!(miri) { 60 } else { 5000 } {
            if random.below(2) == 0 {
                let size = 1 + random.below(6) as u16;
                let granule = pool.allocate(memory, size);
                let fits = free(&pool, memory).iter().any(|&(_, free)| free >= size);
                assert!(granule != 0 || !fits, "refused although it fits");
                if granule != 0 {
                    // All of it is usable.
                    // SAFETY: it was allocated.
                    unsafe { memory.address(granule).write_bytes(0xAA, usize::from(size) * GRANULE) };
                    assert_eq!(live.insert(granule, size), None);
                }
            } else if let Some((&granule, &size)) = live.iter().nth(random.below(live.len().max(1))) {
                live.remove(&granule);
                // SAFETY: it was allocated with this size.
                unsafe { pool.free(memory, granule, size) };
            }
            // Free and live blocks cover everything, once, and free blocks are joined.
            let free = free(&pool, memory);
            let mut blocks: Vec<(u16, u16, bool)> = free.iter().map(|&(granule, size)| (granule, size, true)).collect();
            blocks.extend(live.iter().map(|(&granule, &size)| (granule, size, false)));
            blocks.sort_unstable();
            let mut expected = total.0;
            let mut was_free = false;
            for (granule, size, is_free) in blocks {
                assert_eq!(granule, expected);
                assert!(!(is_free && was_free), "two free neighbours");
                expected += size;
                was_free = is_free;
            }
            assert_eq!(expected, total.0 + total.1);
        }
    }
}

#[test]
fn tasks_are_found_by_their_marks() {
    let (mut pool, memory, _bytes) = pool(100);
    let tasks: Vec<u16> = (0..5).map(|_| pool.allocate(memory, 3)).collect();
    for &task in &tasks {
        pool.mark_task(memory, task, true);
    }
    pool.mark_task(memory, tasks[2], false);
    let mut found = Vec::new();
    let mut task = pool.next_task(memory, 0);
    while task != 0 {
        found.push(task);
        task = pool.next_task(memory, task);
    }
    let mut expected: Vec<u16> = tasks.iter().copied().filter(|&task| task != tasks[2]).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
    for number in [0, 1, 100, 101, u16::MAX] {
        assert_eq!(pool.is_task(memory, number), expected.contains(&number));
    }
}

#[test]
fn memory_without_room_refuses() {
    let (mut empty, memory, _bytes) = pool(0);
    assert_eq!(empty.allocate(memory, 1), 0);
    assert!(!empty.is_task(memory, 0) && !empty.is_task(memory, 7));
}
