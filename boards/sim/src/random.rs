//! Randomness from the world's seed.
//!
//! # The problem
//! Whatever is random in a simulated run must come from the seed, or the run cannot be repeated. Hash maps, addresses
//! and the operating system's entropy are the usual leaks.
//!
//! # The design
//! SplitMix64: one `u64` of state, and any seed is a good seed. Each node and each line has a generator of its own, made
//! from the world's seed and a number, so that one more draw on one of them changes nothing on the others.
//!
//! # Costs
//! 8 bytes, about five instructions a number. Not for secrets.

/// A generator of random numbers that the world's seed decides.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator for one purpose: the same `seed` and `stream` always give the same numbers.
    pub fn new(seed: u64, stream: u64) -> Random {
        let mut mixer = Random { state: seed ^ stream.wrapping_mul(0xA076_1D64_78BD_642F) };
        Random { state: mixer.next_u64() }
    }

    /// The next number, each of the 2^64 equally likely.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit - 1`; 0 when `limit` is 0. The bias is below `limit / 2^64`.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(limit)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_and_stream_give_the_same_numbers() {
        let draw = |seed, stream| {
            let mut random = Random::new(seed, stream);
            [random.next_u64(), random.next_u64(), random.below(10)]
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }

    #[test]
    fn below_stays_below() {
        let mut random = Random::new(7, 0);
        assert!((0..1000).all(|_| random.below(3) < 3));
        assert_eq!(random.below(0), 0);
    }
}
