//! What is compared of a trace, and kept of CPython's.

use crate::program::Program;

/// A line for a program's trace: the same for traces that count as the same.
pub fn record(program: &Program, trace: &[String]) -> String {
    let lines = lines(program, trace);
    format!("{} {:016x}\n", program.seed, lines.iter().fold(BASIS, |hash, line| hash_line(hash, line)))
}

/// What is compared of a program's trace. Where CPython may have turns in which nothing happens that a program can see, turns
/// are counted anew, those without a line left out.
pub fn lines(program: &Program, trace: &[String]) -> Vec<String> {
    if program.has_silent_callbacks() { dense(trace) } else { trace.to_vec() }
}

/// FNV-1a, 64 bits.
const BASIS: u64 = 0xCBF2_9CE4_8422_2325;

fn hash_line(hash: u64, line: &str) -> u64 {
    line.bytes().chain([b'\n']).fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3))
}

fn dense(trace: &[String]) -> Vec<String> {
    let (mut turn, mut turns) = (String::new(), 0);
    let renumber = |line: &String| {
        let Some((time, rest)) = line.split_once(" n=") else { return line.clone() };
        let (of, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        if of != turn {
            turn = of.to_string();
            turns += 1;
        }
        format!("{time} n={turns} {rest}")
    };
    trace.iter().map(renumber).collect()
}
