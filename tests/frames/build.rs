//! Takes the coroutines out of the examples, so that both worlds compile the text that users read.

use std::path::Path;
use std::{env, fs};

const ATTRIBUTE: &str = "#[segno::coroutine]";

fn main() {
    let examples = Path::new("../../examples/src");
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut names = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(examples).expect("the examples").map(|file| file.expect("a file").path()).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).expect("an example is text");
        // What a network holds depends on the board's stack, and what processes hold on the host.
        if text.contains("impl Network") || text.contains("impl Processes") {
            continue;
        }
        let module = file.file_stem().expect("a file has a name").to_str().expect("in ASCII");
        let mut coroutines = String::new();
        // The sources are formatted: what begins at the margin ends with a brace at the margin.
        let mut inside = false;
        for line in text.lines() {
            inside |= line == ATTRIBUTE;
            if inside {
                coroutines += line;
                coroutines += "\n";
                if let Some((_, rest)) = line.split_once("fn ")
                    && !line.starts_with(' ')
                {
                    let end = rest.find(['(', '<']).expect("a function has parameters");
                    names.push(format!("{module}::{}", &rest[..end]));
                }
            }
            inside &= line != "}";
        }
        fs::write(Path::new(&out).join(format!("{module}.rs")), coroutines).expect("OUT_DIR can be written");
    }
    fs::write(Path::new(&out).join("names.rs"), format!("{names:?}")).expect("OUT_DIR can be written");
    println!("cargo:rerun-if-changed=../../examples/src");
}
