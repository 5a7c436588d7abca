//! Random numbers for unit tests.

/// xorshift64*; prints its seed, so that a failure can be repeated by writing that seed here.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Random {
        let seed = match option_env!("SEGNO_SEED") {
            Some(seed) => seed.parse().expect("SEGNO_SEED is a number"),
            None if cfg!(miri) => 1, // no clock
            None => std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(1, |time| time.as_nanos() as u64) | 1,
        };
        std::println!("SEGNO_SEED={seed}");
        Random(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }
}
