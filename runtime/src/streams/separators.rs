//! What `readuntil` looks for.
//!
//! # The problem
//! asyncio's `readuntil` takes bytes, or a tuple of several such.
//!
//! # The design
//! One trait for both, which answers where the first match is. Of several matches it is the one that ends first; of those that
//! end together the shortest, as there.
//!
//! # Costs
//! A search for each separator. Who has one separator pays for one.

/// What [`StreamReader::readuntil`](super::StreamReader::readuntil) reads up to: bytes, or several such as a tuple of up to four, as in
/// asyncio, or as a slice of slices. What is read ends with the separator that ends first; of two that end together, as `\r\n` and
/// `\n` do, it is the shorter one that counts for the limit.
///
/// ```
/// # use segno::prelude::*;
/// # let lp = segno::new_event_loop(segno::host::VirtualClock::leaked(), 4096);
/// let reader = StreamReader::new::<64>(lp).unwrap();
/// reader.feed_data(b"OK\r\n+CMGS:\r\n> ").unwrap();
/// let mut answer = [0; 32];
/// let mut count = |ends: &[&[u8]]| lp.run_until_complete(reader.readuntil(ends, &mut answer)).unwrap().unwrap();
/// assert_eq!(count(&[b"\r\n", b"> "]), 4);
/// assert_eq!(count(&[b"> "]), 10);
/// ```
pub trait Separators {
    /// Where the first match begins and ends.
    #[doc(hidden)]
    fn find(&self, data: &[u8]) -> Option<(usize, usize)>;

    /// How long the shortest and the longest one is; 0 if there is none.
    #[doc(hidden)]
    fn lengths(&self) -> (usize, usize);
}

impl Separators for &[u8] {
    fn find(&self, data: &[u8]) -> Option<(usize, usize)> {
        let start = data.windows(self.len()).position(|window| window == *self)?;
        Some((start, start + self.len()))
    }

    fn lengths(&self) -> (usize, usize) {
        (self.len(), self.len())
    }
}

impl<const N: usize> Separators for &[u8; N] {
    fn find(&self, data: &[u8]) -> Option<(usize, usize)> {
        self.as_slice().find(data)
    }

    fn lengths(&self) -> (usize, usize) {
        (N, N)
    }
}

/// The match of these two that ends first, or else begins last.
fn first(found: Option<(usize, usize)>, other: Option<(usize, usize)>) -> Option<(usize, usize)> {
    match (found, other) {
        (Some((start, end)), Some((other_start, other_end))) => {
            let other_first = other_end < end || other_end == end && other_start > start;
            if other_first { other } else { found }
        }
        _ => found.or(other),
    }
}

impl Separators for &[&[u8]] {
    fn find(&self, data: &[u8]) -> Option<(usize, usize)> {
        self.iter().fold(None, |found, separator| first(found, separator.find(data)))
    }

    fn lengths(&self) -> (usize, usize) {
        let lengths = || self.iter().map(|separator| separator.len());
        (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0))
    }
}

impl<const N: usize> Separators for &[&[u8]; N] {
    fn find(&self, data: &[u8]) -> Option<(usize, usize)> {
        self.as_slice().find(data)
    }

    fn lengths(&self) -> (usize, usize) {
        self.as_slice().lengths()
    }
}

macro_rules! tuples {
    ($(($($separator:ident),+))+) => {$(
        impl<$($separator: AsRef<[u8]>),+> Separators for ($($separator,)+) {
            fn find(&self, data: &[u8]) -> Option<(usize, usize)> {
                #[expect(non_snake_case, reason = "named as their types")]
                let ($($separator,)+) = self;
                let found = None;
                $(let found = first(found, $separator.as_ref().find(data));)+
                found
            }

            fn lengths(&self) -> (usize, usize) {
                #[expect(non_snake_case, reason = "named as their types")]
                let ($($separator,)+) = self;
                [$($separator.as_ref()),+].as_slice().lengths()
            }
        }
    )+};
}

tuples! { (A) (A, B) (A, B, C) (A, B, C, D) }
