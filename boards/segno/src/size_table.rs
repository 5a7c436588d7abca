//! `boards/sizes.txt`: the flash and the RAM of every program on every board, under version control.
//!
//! # The problem
//! A change that makes all firmware larger is noticed when a chip is full.
//!
//! # The design
//! The figures are a file that is reviewed with the change. `cargo segno size --all --check` builds the firmware and compares:
//! a figure that has grown, or a program without a row, is a failure, with the difference in words. A figure that has become
//! smaller is worth a word, and no failure. With the pinned compiler the figures are the same on every machine, so what is
//! tolerated ([`tolerated`]) is for changes that are not about size.
//!
//! # Costs
//! Whoever makes firmware larger writes the table anew: `cargo segno size --all --write`.

use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

use crate::boards::BOARDS;

const FILE: &str = "boards/sizes.txt";
const UPDATE: &str = "update the table: cargo segno size --all --write";

/// How much a figure may differ from its row: one part in a hundred, or 32 bytes.
fn tolerated(bytes: u64) -> u64 {
    (bytes / 100).max(32)
}

/// Bytes in flash and in RAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) flash: u64,
    pub(crate) ram: u64,
}

/// A line of three columns.
pub(crate) fn line(name: &str, flash: impl Display, ram: impl Display) -> String {
    format!("{name:<24} {flash:>9} {ram:>9}\n")
}

/// A program on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) board: String,
    pub(crate) program: String,
    pub(crate) size: Size,
}

/// All of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

/// What a comparison has found: lines for the reader.
pub(crate) struct Verdict {
    pub(crate) failed: bool,
    pub(crate) text: String,
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line("board and program", "flash", "RAM"))?;
        for Row { board, program, size } in &self.rows {
            f.write_str(&line(&format!("{board} {program}"), size.flash, size.ram))?;
        }
        Ok(())
    }
}

impl Table {
    fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE)
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> Result<(), String> {
        fs::write(Self::path(), self.to_string()).map_err(|error| format!("{FILE}: {error}"))
    }

    /// Reads the file.
    pub(crate) fn read() -> Result<Table, String> {
        let text = fs::read_to_string(Self::path()).map_err(|error| format!("{FILE}: {error}\n help: {UPDATE}"))?;
        Self::parse(&text)
            .map_err(|number| format!("{FILE}:{number}: not a board, a program and two numbers\n help: {UPDATE}"))
    }

    /// The number of the first wrong line, if there is one.
    fn parse(text: &str) -> Result<Table, usize> {
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate().skip(1) {
            let [board, program, flash, ram] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(index + 1);
            };
            let (Ok(flash), Ok(ram)) = (flash.parse(), ram.parse()) else { return Err(index + 1) };
            rows.push(Row { board: board.into(), program: program.into(), size: Size { flash, ram } });
        }
        Ok(Table { rows })
    }

    fn row(&self, board: &str, program: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.board == board && row.program == program)
    }

    /// Compares what was `built` with this table, and the table with the boards: also a program that was not built now has
    /// a row, and each row is a program's.
    pub(crate) fn compare(&self, built: &Table) -> Verdict {
        let mut failures = Vec::new();
        let mut notes = Vec::new();
        for board in BOARDS {
            for program in board.firmware() {
                if self.row(board.name, program).is_none() {
                    failures.push(format!("{} {program} is not in the table", board.name));
                }
            }
        }
        for Row { board, program, .. } in &self.rows {
            let known = BOARDS.iter().find(|known| known.name == board).is_some_and(|known| known.has(program));
            if !known {
                failures.push(format!("{board} {program} is in the table, and there is no such program"));
            }
        }
        for Row { board, program, size } in &built.rows {
            let Some(row) = self.row(board, program) else { continue };
            for (what, was, is) in [("flash", row.size.flash, size.flash), ("RAM", row.size.ram, size.ram)] {
                let difference = format!("{board} {program}: {what} {was} -> {is} ({:+})", is as i64 - was as i64);
                if is > was + tolerated(was) {
                    failures.push(format!("{difference}, by more than {}", tolerated(was)));
                } else if was > is + tolerated(was) {
                    notes.push(format!("{difference}, smaller"));
                }
            }
        }
        let mut text = String::new();
        if !failures.is_empty() || !notes.is_empty() {
            text.push_str(&format!("\nnot as in {FILE}:\n"));
        }
        for line in notes.iter().chain(&failures) {
            text.push_str(&format!("  {line}\n"));
        }
        match (failures.len(), notes.len()) {
            (0, 0) => text.push_str(&format!("\nas in {FILE}: {} figures compared\n", 2 * built.rows.len())),
            (0, _) => text.push_str(&format!("smaller is welcome: {UPDATE}\n")),
            _ => text.push_str(&format!("if that is intended, {UPDATE}\n")),
        }
        Verdict { failed: !failures.is_empty(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table in which everything has this size, but for one program.
    fn table(echo: Option<Size>) -> Table {
        let mut rows = Vec::new();
        for board in BOARDS {
            for program in board.firmware() {
                let is_echo = board.name == "microbit" && program == "echo";
                let size = if is_echo { echo } else { Some(Size { flash: 10_000, ram: 5_000 }) };
                rows.extend(size.map(|size| Row { board: board.name.into(), program: program.into(), size }));
            }
        }
        Table { rows }
    }

    fn usual() -> Table {
        table(Some(Size { flash: 10_000, ram: 5_000 }))
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        assert_eq!(Table::parse("head\nmicrobit echo 1 2\nmicrobit echo 1\n"), Err(3));
        assert_eq!(Table::parse("head\nmicrobit echo 1 many\n"), Err(2));
    }

    #[test]
    fn what_grows_by_more_than_is_tolerated_fails() {
        let grown = |flash| usual().compare(&table(Some(Size { flash, ram: 5_000 })));
        assert!(!grown(10_100).failed);
        let verdict = grown(10_101);
        assert!(verdict.failed);
        assert!(verdict.text.contains("microbit echo: flash 10000 -> 10101 (+101)"), "{}", verdict.text);
        assert!(verdict.text.contains(UPDATE), "{}", verdict.text);
    }

    #[test]
    fn what_shrinks_is_told_and_is_no_failure() {
        let verdict = usual().compare(&table(Some(Size { flash: 10_000, ram: 4_000 })));
        assert!(!verdict.failed);
        assert!(verdict.text.contains("microbit echo: RAM 5000 -> 4000 (-1000), smaller"), "{}", verdict.text);
        assert!(verdict.text.contains(UPDATE), "{}", verdict.text);
    }

    #[test]
    fn what_is_missing_or_no_program_fails() {
        let verdict = table(None).compare(&usual());
        assert!(verdict.failed && verdict.text.contains("microbit echo is not in the table"), "{}", verdict.text);
        let other = Row { board: "microbit".into(), program: "nothing".into(), size: Size { flash: 1, ram: 1 } };
        let verdict = Table { rows: [usual().rows, vec![other]].concat() }.compare(&Table { rows: Vec::new() });
        assert!(verdict.failed && verdict.text.contains("no such program"), "{}", verdict.text);
    }
}
