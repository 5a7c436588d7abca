//! The memory of a loop: tasks, callbacks and futures in one array, at their exact sizes.
//!
//! # The problem
//! A chip has no heap, and tasks of one program differ in size by a factor of a hundred; equal slots would waste most
//! of the memory. A wake-up may name a task that has ended long ago, and must not touch what has taken its place.
//!
//! # The design
//! The memory is divided into granules of two words, counted from 1, so that two bytes name a place and 0 names none.
//! Free memory is a list of blocks in address order; a block's first granule holds its size and its successor.
//! Allocation is first fit from the block's end, freeing joins neighbours. A bitmap near the beginning of the memory marks
//! the granules at which a live task starts: that is how a stale [`Waker`](crate::Waker) is recognised, and how all
//! tasks are found.
//!
//! # Invariants
//! - **OWNED**: a granule is in exactly one free block, or in one allocation, or in the bitmap. Only the pool touches
//!   free blocks and the bitmap; only the holder of an allocation touches that.
//! - **BASE**: all pointers into the memory are derived from the one base pointer in [`Memory`], never from references.
//! - **MASKED**: the methods of [`Pool`] are called inside a critical section.
//!
//! # Costs
//! No bytes for each allocation (the owner knows its size); a word, and 1 bit for each granule, 1.6 % of the memory on a
//! 32-bit chip. Allocating and freeing walk the free blocks, with interrupts masked: one block until memory is fragmented.

use core::ptr;

/// Bytes of a granule, and the largest alignment that an allocation has: 8 on a 32-bit chip.
pub const GRANULE: usize = 2 * size_of::<usize>();

const WORD: usize = size_of::<usize>();

/// The number of the last granule that a `u16` names, 0 and [`u16::MAX`] being taken.
pub const LAST_GRANULE: usize = u16::MAX as usize - 1;

/// Where granules are: the base pointer.
#[derive(Clone, Copy)]
pub struct Memory {
    /// The address of granule 0, which does not exist: one granule before the memory.
    zero: *mut u8,
}

impl Memory {
    /// The memory of a loop that has not been started.
    pub const NONE: Memory = Memory { zero: ptr::null_mut() };

    /// Granule 1 starts at `first`.
    pub fn new(first: *mut u8) -> Memory {
        Memory { zero: first.wrapping_sub(GRANULE) }
    }

    /// Where a granule starts.
    #[inline(always)]
    pub fn address(self, granule: u16) -> *mut u8 {
        self.zero.wrapping_add(granule as usize * GRANULE)
    }

    fn block(self, granule: u16) -> *mut Block {
        self.address(granule).cast()
    }

    /// The byte and the bit of the bitmap that belong to a granule.
    #[inline(always)]
    fn mark(self, granule: u16) -> (*mut u8, u8) {
        (self.address(1).wrapping_add(WORD + granule as usize / 8), 1 << (granule % 8))
    }

    /// A word in front of the bitmap, null at the start, that the pool does not touch: the bridge's.
    pub fn word(self) -> *mut *const () {
        self.address(1).cast()
    }
}

/// The first granule of a free block.
#[repr(C)]
struct Block {
    /// The free block behind it; 0 for none.
    next: u16,
    /// Its granules.
    size: u16,
}

/// The free list and the bitmap of live tasks.
pub struct Pool {
    first: u16,
    /// The last granule. Does not change after the start.
    pub last: u16,
}

impl Pool {
    /// A pool that has no memory yet, all zeros so that a static loop costs no flash.
    pub const fn new() -> Pool {
        Pool { first: 0, last: 0 }
    }

    /// Takes over `granules` granules of memory.
    ///
    /// # Safety
    /// `memory` is valid for that many granules, aligned to a granule, and used by nobody else.
    pub unsafe fn start(&mut self, memory: Memory, granules: usize) {
        let granules = granules.min(LAST_GRANULE);
        let bitmap = WORD + granules / 8 + 1;
        let taken = bitmap.div_ceil(GRANULE);
        if taken < granules {
            // SAFETY: OWNED: the bitmap's bytes are the first of the memory that the caller gives. If it did not fit,
            // nothing would be written and the pool stay empty.
            unsafe {
                memory.address(1).write_bytes(0, bitmap);
                self.first = taken as u16 + 1;
                memory.block(self.first).write(Block { next: 0, size: (granules - taken) as u16 });
            }
            self.last = granules as u16;
        }
    }

    /// `size` granules that follow each other; 0 if no free block is large enough.
    pub fn allocate(&mut self, memory: Memory, size: u16) -> u16 {
        let mut previous = 0;
        let mut granule = self.first;
        while granule != 0 {
            let block = memory.block(granule);
            // SAFETY: OWNED and MASKED: `granule` and `previous` are free blocks of the list.
            unsafe {
                if (*block).size > size {
                    (*block).size -= size;
                    return granule + (*block).size;
                }
                if (*block).size == size {
                    self.set_next(memory, previous, (*block).next);
                    return granule;
                }
                previous = granule;
                granule = (*block).next;
            }
        }
        0
    }

    /// Gives granules back.
    ///
    /// # Safety
    /// They were allocated together, and nobody uses them any more.
    pub unsafe fn free(&mut self, memory: Memory, granule: u16, mut size: u16) {
        let mut previous = 0;
        let mut next = self.first;
        // SAFETY: OWNED and MASKED: `previous` and `next` are neighbours in the list of free blocks (or 0), and
        // `granule` has just become free.
        unsafe {
            while next != 0 && next < granule {
                previous = next;
                next = (*memory.block(next)).next;
            }
            if next == granule + size {
                size += (*memory.block(next)).size;
                next = (*memory.block(next)).next;
            }
            if previous != 0 && previous + (*memory.block(previous)).size == granule {
                (*memory.block(previous)).size += size;
                (*memory.block(previous)).next = next;
            } else {
                memory.block(granule).write(Block { next, size });
                self.set_next(memory, previous, granule);
            }
        }
    }

    /// # Safety
    /// `previous` is a free block of the list, or 0.
    unsafe fn set_next(&mut self, memory: Memory, previous: u16, next: u16) {
        if previous == 0 {
            self.first = next;
        } else {
            // SAFETY: OWNED: the caller's promise.
            unsafe { (*memory.block(previous)).next = next };
        }
    }

    /// Whether there is a granule of this number.
    #[inline]
    pub fn contains(&self, granule: u16) -> bool {
        granule.wrapping_sub(1) < self.last
    }

    /// The granule at an address, which may be any.
    pub fn number_of(&self, memory: Memory, address: usize) -> Option<u16> {
        let number = address.wrapping_sub(memory.address(0).addr()) / GRANULE;
        (number <= usize::from(self.last) && number != 0).then_some(number as u16)
    }

    /// Whether a live task starts at this granule. Any number may be asked for.
    #[inline]
    pub fn is_task(&self, memory: Memory, granule: u16) -> bool {
        // SAFETY: MASKED.
        unsafe { Pool::is_task_of(memory, self.last, granule) }
    }

    /// As `is_task`, of a pool with this last granule.
    ///
    /// # Safety
    /// Either MASKED, or in the loop's own context, which alone writes the bitmap.
    #[inline]
    pub unsafe fn is_task_of(memory: Memory, last: u16, granule: u16) -> bool {
        // SAFETY: the number is from 1 to the last; the caller's promise.
        granule.wrapping_sub(1) < last && unsafe { Pool::is_marked(memory, granule) }
    }

    /// As `is_task`, for a number that is known to be in the memory.
    ///
    /// # Safety
    /// As said; and either MASKED, or in the loop's own context, which alone writes the bitmap.
    #[inline]
    pub unsafe fn is_marked(memory: Memory, granule: u16) -> bool {
        let (byte, bit) = memory.mark(granule);
        // SAFETY: OWNED: each number from 1 to the last has a bit in the bitmap.
        unsafe { *byte & bit != 0 }
    }

    /// Remembers whether a live task starts at `granule`, which the caller has allocated.
    pub fn mark_task(&mut self, memory: Memory, granule: u16, live: bool) {
        let (byte, bit) = memory.mark(granule);
        // SAFETY: OWNED and MASKED: an allocated granule has a bit in the bitmap.
        unsafe { if live { *byte |= bit } else { *byte &= !bit } }
    }

    /// The first live task behind granule `after`; 0 if there is none.
    pub fn next_task(&self, memory: Memory, after: u16) -> u16 {
        (after..self.last).map(|before| before + 1).find(|&granule| self.is_task(memory, granule)).unwrap_or(0)
    }
}

#[cfg(all(test, feature = "std"))]
mod tests;
