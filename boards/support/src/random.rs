//! Random numbers for tests: the same ones each time, or others.
//!
//! `SEED` and `CASES` in the environment choose other runs, and how many; a failure says its seed.

/// SplitMix64; says its seed when a test fails.
#[derive(Clone)]
pub struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    fn new(case: u64) -> Random {
        let seed = number("SEED").unwrap_or(0).wrapping_add(case);
        Random { seed, state: seed.wrapping_mul(0xA076_1D64_78BD_642F) }
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 32) as u32 % limit
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("reproduce: SEED={} CASES=1", self.seed);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.trim().parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

pub fn cases(count: u64, mut property: impl FnMut(Random)) {
    (0..number("CASES").unwrap_or(count)).for_each(|case| property(Random::new(case)));
}
