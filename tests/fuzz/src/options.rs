//! The command line.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::program::Edition;
use crate::workshop::Guard;

pub const USAGE: &str = "
usage: segno-fuzz [OPTIONS]
  --seed S       the seed of the functions, a number or `clock` (1)
  --count N      how many functions (100)
  --from I       the number of the first one (0)
  --only I       the I-th function alone
  --batch N      how many functions are compiled together (50)
  --jobs N       how many batches at the same time (1)
  --edition E    2021 or 2024 for all; otherwise each fifth batch is of 2021
  --limits FILE  what does not compile fails too, unless its class is a line of FILE
  --sanitize     under AddressSanitizer and LeakSanitizer of nightly
  --miri MODEL   under nightly's Miri, by `stacked` or `tree` borrows, without panics; some seconds for a function
  --keep FOLDER  writes every function that fails into FOLDER/CLASS/
  --reduce       makes every function that is kept as small as it can be, if it fails in the same way still
  --frames       lists the functions whose frame is larger than rustc's
  --quiet        no line for each batch
  --again FILE   a function that was kept, or written by hand in the same form, instead of random ones
  --print        prints the functions and does not run them";

#[derive(Debug, Clone)]
pub struct Options {
    pub seed: u64,
    pub from: u64,
    pub count: u64,
    pub batch: u64,
    pub jobs: usize,
    pub edition: Option<Edition>,
    pub limits: Option<PathBuf>,
    pub guard: Guard,
    pub keep: Option<PathBuf>,
    pub again: Option<PathBuf>,
    pub reduce: bool,
    pub frames: bool,
    pub quiet: bool,
    pub print: bool,
}

fn clock() -> Result<u64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(now.map_err(|_| "the clock is before 1970")?.as_secs())
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options {
            seed: 1,
            from: 0,
            count: 100,
            batch: 50,
            jobs: 1,
            edition: None,
            limits: None,
            guard: Guard::Nobody,
            keep: None,
            again: None,
            reduce: false,
            frames: false,
            quiet: false,
            print: false,
        };
        while let Some(word) = words.next() {
            let mut text = || words.next().ok_or(format!("`{word}` wants a value"));
            let number = |text: String| text.parse::<u64>().map_err(|_| format!("`{text}` is not a number"));
            match word.as_str() {
                "--seed" => {
                    options.seed = match text()?.as_str() {
                        "clock" => clock()?,
                        other => number(other.to_string())?,
                    };
                }
                "--count" => options.count = number(text()?)?,
                "--from" => options.from = number(text()?)?,
                "--only" => (options.from, options.count) = (number(text()?)?, 1),
                "--batch" => options.batch = number(text()?)?.max(1),
                "--jobs" => options.jobs = usize::try_from(number(text()?)?).unwrap_or(1).max(1),
                "--edition" => {
                    options.edition = Some(match text()?.as_str() {
                        "2021" => Edition::Edition2021,
                        "2024" => Edition::Edition2024,
                        other => return Err(format!("edition {other} is not known")),
                    });
                }
                "--limits" => options.limits = Some(text()?.into()),
                "--sanitize" => options.guard = Guard::Sanitizer,
                "--miri" => {
                    options.guard = match text()?.as_str() {
                        "stacked" => Guard::Stacked,
                        "tree" => Guard::Tree,
                        other => return Err(format!("model {other} is not known")),
                    };
                }
                "--keep" => options.keep = Some(text()?.into()),
                "--again" => (options.again, options.count) = (Some(text()?.into()), 1),
                "--reduce" => options.reduce = true,
                "--frames" => options.frames = true,
                "--quiet" => options.quiet = true,
                "--print" => options.print = true,
                "--help" => return Err(String::new()),
                _ => return Err(format!("`{word}` is not known")),
            }
        }
        Ok(options)
    }

    /// The edition of the batch that begins with this function.
    pub fn edition_of(&self, first: u64) -> Edition {
        let by_turns = if first / self.batch % 5 == 4 { Edition::Edition2021 } else { Edition::Edition2024 };
        self.edition.unwrap_or(by_turns)
    }
}
