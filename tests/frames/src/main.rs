//! Prints how many bytes the frames of coroutines have: segno's, those of rustc's `async fn` for the same source, and
//! the bound: what is alive at the worst suspension and one byte for each coroutine to tell the states apart, not
//! rounded up to its alignment.
//!
//! `expected.txt` is what this printed last; the test fails when a frame has grown since. To record anew:
//! `cargo run -q -p segno-frames > tests/frames/expected.txt`.

mod examples;
mod rows;
mod worlds;

use std::fmt::Write;

use worlds::Frame;

type Frames = Vec<(&'static str, Frame)>;

/// A line of the table.
struct Row {
    name: &'static str,
    segno: Frame,
    rustc: usize,
    bound: usize,
}

impl Row {
    fn remark(&self) -> &'static str {
        if self.segno.size > self.rustc {
            "  larger than rustc's"
        } else if self.segno.size > self.bound.next_multiple_of(self.segno.align) + 4 {
            "  above the bound + 4"
        } else {
            ""
        }
    }
}

/// Puts the frames of the two worlds, and the bounds, beside each other.
fn rows(segno: Frames, rustc: Frames, bounds: &[(&str, usize)]) -> Vec<Row> {
    assert_eq!(segno.len(), bounds.len(), "each frame has a bound");
    let frames = segno.into_iter().zip(rustc).zip(bounds);
    frames
        .map(|(((name, segno), (_, rustc)), &(bounded, bound))| {
            assert_eq!(name, bounded, "bounds are in the order of the frames");
            Row { name, segno, rustc: rustc.size, bound }
        })
        .collect()
}

fn table() -> String {
    let mut text = format!("{:<62} {:>6} {:>6} {:>6}\n", "frame bytes", "segno", "rustc", "bound");
    let mut all = rows(rows::ours::frames(), rows::rustc::frames(), rows::BOUNDS);
    all.extend(rows(examples::ours::frames(), examples::rustc::frames(), &examples::bounds()));
    for row in all {
        let (size, remark) = (row.segno.size, row.remark());
        writeln!(text, "{:<62} {size:>6} {:>6} {:>6}{remark}", row.name, row.rustc, row.bound)
            .expect("there is memory");
    }
    text
}

fn main() {
    print!("{}", table());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    /// Name and size of each frame in a table.
    fn parse(table: &str) -> BTreeMap<&str, usize> {
        table
            .lines()
            .skip(1)
            .map(|line| {
                let (name, numbers) = line.split_at(62);
                let size = numbers.split_whitespace().next().expect("there is a size");
                (name.trim_end(), size.parse().expect("a size is a number"))
            })
            .collect()
    }

    #[test]
    fn no_frame_has_grown() {
        if size_of::<usize>() != 8 {
            return; // what is recorded is for 64 bits
        }
        let now = crate::table();
        let (expected, now) = (parse(include_str!("../expected.txt")), parse(&now));
        assert!(expected.keys().eq(now.keys()), "other rows than in expected.txt: record anew");
        let grown: Vec<_> = expected.iter().filter(|(name, size)| now[**name] > **size).collect();
        assert!(grown.is_empty(), "these frames have grown from: {grown:?}");
    }

    #[test]
    fn no_frame_is_larger_than_rustcs_or_above_the_bound() {
        let table = crate::table();
        let large: Vec<_> = table.lines().filter(|line| line.contains("larger") || line.contains("above")).collect();
        assert!(large.is_empty(), "{large:#?}");
    }

    #[test]
    fn every_example_is_measured() {
        let names: &[&str] = &include!(concat!(env!("OUT_DIR"), "/names.rs"));
        let mut measured: Vec<_> = crate::examples::ours::frames().into_iter().map(|(name, _)| name).collect();
        measured.sort_unstable();
        let mut names = names.to_vec();
        names.sort_unstable();
        assert_eq!(measured, names);
    }
}
