//! A first-in, first-out buffer of fixed size.
//!
//! The queue between a UART's interrupt and the program. It knows nothing of interrupts: whoever shares one puts it
//! into a critical section. Every operation takes constant time.

/// Up to `N` values of `T`.
#[derive(Debug)]
pub struct Ring<T, const N: usize> {
    slots: [T; N],
    /// Where the oldest value is; less than `N`.
    head: usize,
    /// How many values there are; at most `N`.
    length: usize,
}

impl<T: Copy, const N: usize> Ring<T, N> {
    /// An empty ring; `filler` is what the unused slots hold.
    pub const fn new(filler: T) -> Ring<T, N> {
        Ring { slots: [filler; N], head: 0, length: 0 }
    }

    /// How many values there are.
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many more values there is room for.
    pub const fn room(&self) -> usize {
        N - self.length
    }

    /// Appends a value, or hands it back when there is no room.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), T> {
        if self.length == N {
            return Err(value);
        }
        self.slots[(self.head + self.length) % N] = value;
        self.length += 1;
        Ok(())
    }

    /// The oldest value, left in place.
    #[inline]
    pub fn peek(&self) -> Option<T> {
        (self.length > 0).then(|| self.slots[self.head % N])
    }

    /// Takes the oldest value.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let value = self.peek()?;
        self.head = (self.head + 1) % N;
        self.length -= 1;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn behaves_like_a_bounded_queue() {
        let mut ring: Ring<u32, 8> = Ring::new(0);
        let mut model = VecDeque::new();
        let mut seed = 1u32;
        for n in 0..10_000 {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            // Leans to pushing, then to popping, so that both ends are met.
            if (seed >> 16) % 100 < if n / 50 % 2 == 0 { 60 } else { 40 } {
                let pushed = ring.push(n);
                assert_eq!(pushed, if model.len() < 8 { Ok(()) } else { Err(n) });
                if pushed.is_ok() {
                    model.push_back(n);
                }
            } else {
                assert_eq!(ring.peek(), model.front().copied());
                assert_eq!(ring.pop(), model.pop_front());
            }
            assert_eq!((ring.len(), ring.room(), ring.is_empty()), (model.len(), 8 - model.len(), model.is_empty()));
        }
    }
}
