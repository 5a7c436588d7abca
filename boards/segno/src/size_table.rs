//! `boards/sizes.txt`: the flash and the RAM of every program on every board, under version control.
//!
//! # The problem
//! A change that makes all firmware larger is noticed when a chip is full.
//!
//! # The design
//! The figures are a file that is reviewed with the change. `cargo segno size --all --check` builds the firmware and compares: a
//! figure that differs by more than what is [`tolerated`], in either direction, or a program without a row, is a failure that
//! names the rows and the command that writes them anew. With the pinned compiler the figures are nearly the same on every
//! machine: where the repository is, is in the hashes of symbols, and these decide what is aligned behind what. What is
//! tolerated is for that, and for changes that are not about size.
//!
//! # Costs
//! Whoever changes the size of firmware writes its rows anew: `cargo segno size BOARD --all --write`.

use std::fmt::{self, Display};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::boards::{BOARDS, Board};

const FILE: &str = "boards/sizes.txt";

/// How much a figure may differ from its row: one part in a hundred, or 64 bytes.
fn tolerated(bytes: u64) -> u64 {
    (bytes / 100).max(64)
}

/// How many boards are written one by one. More are quicker written all.
const FEW: usize = 4;

/// The commands that write the rows of these boards.
fn update<'a>(boards: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = boards.collect();
    names.sort_unstable();
    names.dedup();
    let known = |name: &&str| BOARDS.iter().any(|board| board.name == *name);
    if names.len() > FEW || !names.iter().all(known) {
        return " help: cargo segno size --all --write\n".into();
    }
    names.iter().map(|name| format!(" help: cargo segno size {name} --all --write\n")).collect()
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
        let text = fs::read_to_string(Self::path())
            .map_err(|error| format!("{FILE}: {error}\n help: cargo segno size --all --write"))?;
        Self::parse(&text).map_err(|number| format!("{FILE}:{number}: not a board, a program and two numbers"))
    }

    /// The same, to be written anew; without a file it has no rows.
    pub(crate) fn read_or_empty() -> Result<Table, String> {
        match fs::metadata(Self::path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Table { rows: Vec::new() }),
            _ => Self::read(),
        }
    }

    /// The rows of `built`, and of the other programs that there are those that are here.
    pub(crate) fn with(&self, built: &Table) -> Table {
        let row = |board: &Board, program: &str| built.row(board.name, program).or(self.row(board.name, program));
        let programs = BOARDS.iter().flat_map(|board| board.bins().into_iter().map(move |bin| (board, bin)));
        Table { rows: programs.filter_map(|(board, bin)| row(board, &bin.name).cloned()).collect() }
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
        for board in BOARDS {
            for program in board.bins().iter().map(|bin| &bin.name) {
                if self.row(board.name, program).is_none() {
                    failures.push((board.name, format!("{} {program} is not in the table", board.name)));
                }
            }
        }
        for Row { board, program, .. } in &self.rows {
            let known = BOARDS.iter().find(|known| known.name == board).is_some_and(|known| known.has(program));
            if !known {
                failures.push((board, format!("{board} {program} is in the table, and there is no such program")));
            }
        }
        for Row { board, program, size } in &built.rows {
            let Some(row) = self.row(board, program) else { continue };
            for (what, was, is) in [("flash", row.size.flash, size.flash), ("RAM", row.size.ram, size.ram)] {
                if is.abs_diff(was) > tolerated(was) {
                    let difference = is as i64 - was as i64;
                    let most = tolerated(was);
                    let words =
                        format!("{board} {program}: {what} {was} -> {is} ({difference:+}), by more than {most}");
                    failures.push((board, words));
                }
            }
        }
        if failures.is_empty() {
            return Verdict {
                failed: false,
                text: format!("\nas in {FILE}: {} figures compared\n", 2 * built.rows.len()),
            };
        }
        let lines: String = failures.iter().map(|(_, line)| format!("  {line}\n")).collect();
        let help = update(failures.iter().map(|(board, _)| *board));
        Verdict {
            failed: true,
            text: format!("\nnot as in {FILE}:\n{lines}if that is intended, write it anew:\n{help}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table in which everything has this size, but for one program.
    fn table(echo: Option<Size>) -> Table {
        let mut rows = Vec::new();
        for board in BOARDS {
            for program in board.bins().into_iter().map(|bin| bin.name) {
                let is_echo = board.name == "microbit" && program == "echo";
                let size = if is_echo { echo } else { Some(Size { flash: 10_000, ram: 5_000 }) };
                rows.extend(size.map(|size| Row { board: board.name.into(), program, size }));
            }
        }
        Table { rows }
    }

    fn usual() -> Table {
        table(Some(Size { flash: 10_000, ram: 5_000 }))
    }

    #[test]
    fn every_program_of_every_board_has_a_row_in_the_file_and_no_other_has() {
        let text = fs::read_to_string(Table::path()).unwrap();
        let written = Table::parse(&text).unwrap();
        assert_eq!(written.to_string(), text);
        let verdict = written.compare(&Table { rows: Vec::new() });
        assert!(!verdict.failed, "{}", verdict.text);
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        assert_eq!(Table::parse("head\nmicrobit echo 1 2\nmicrobit echo 1\n"), Err(3));
        assert_eq!(Table::parse("head\nmicrobit echo 1 many\n"), Err(2));
    }

    #[test]
    fn what_differs_by_more_than_is_tolerated_fails() {
        let becomes = |flash, ram| usual().compare(&table(Some(Size { flash, ram })));
        assert!(!becomes(10_100, 4_936).failed);
        for (flash, ram, words) in [
            (10_101, 5_000, "microbit echo: flash 10000 -> 10101 (+101), by more than 100"),
            (9_899, 5_000, "microbit echo: flash 10000 -> 9899 (-101), by more than 100"),
            (10_000, 4_000, "microbit echo: RAM 5000 -> 4000 (-1000), by more than 64"),
        ] {
            let verdict = becomes(flash, ram);
            assert!(verdict.failed && verdict.text.contains(words), "{}", verdict.text);
            assert!(verdict.text.ends_with("\n help: cargo segno size microbit --all --write\n"), "{}", verdict.text);
        }
    }

    #[test]
    fn when_many_boards_differ_all_are_written() {
        let mut grown = usual();
        grown.rows.iter_mut().for_each(|row| row.size.flash += 101);
        let text = usual().compare(&grown).text;
        assert!(text.ends_with("\n help: cargo segno size --all --write\n"), "{text}");
    }

    #[test]
    fn what_is_missing_or_no_program_fails() {
        let verdict = table(None).compare(&usual());
        assert!(verdict.failed && verdict.text.contains("microbit echo is not in the table"), "{}", verdict.text);
        let other = Row { board: "microbit".into(), program: "nothing".into(), size: Size { flash: 1, ram: 1 } };
        let verdict = Table { rows: [usual().rows, vec![other]].concat() }.compare(&Table { rows: Vec::new() });
        assert!(verdict.failed && verdict.text.contains("no such program"), "{}", verdict.text);
    }

    /// What was not built stays; what has no program any more goes.
    #[test]
    fn rows_are_written_in_the_place_of_those_that_are_there() {
        let row = |board: &str, program: &str, flash| Row {
            board: board.into(),
            program: program.into(),
            size: Size { flash, ram: 1 },
        };
        let old =
            Table { rows: vec![row("pico", "echo", 1), row("microbit", "echo", 2), row("microbit", "nothing", 3)] };
        let built = Table { rows: vec![row("pico", "echo", 4), row("pico", "lines", 5)] };
        let written = old.with(&built);
        assert_eq!(written.rows, [row("microbit", "echo", 2), row("pico", "echo", 4), row("pico", "lines", 5)]);
    }
}
