//! Echo on an emulated chip, by segno, Embassy, and smoltcp alone: the same machine, driver, buffers and client for all of them.
//!
//! What is measured: instructions that the chip executes for each datagram, round trip or kilobyte, which are the same in each run
//! but for what timers add; the round with the fewest counts. Then how many there are in a second of QEMU's, which is worth
//! what the host's quiet is worth: the best of rounds that take turns. And what the programs take of flash and RAM.
//!
//! An answer that does not come, or is not what was sent, ends the run.

mod client;
mod firmware;
mod machine;

use std::process::Command;

use client::Peer;
use firmware::Firmware;
use machine::Machine;

/// Who is compared. The firmware's programs have these names.
const PROGRAMS: [&str; 3] = ["bare", "embassy", "segno"];

/// Times that each of them is measured.
const ROUNDS: usize = 3;

/// What is exchanged.
struct Measure {
    name: &'static str,
    /// What there is so many of.
    unit: &'static str,
    /// Answers how many units were exchanged.
    run: fn(&mut Peer, usize) -> usize,
    /// How many times, while instructions are counted and while time is measured.
    times: [usize; 2],
}

const UDP: [Measure; 5] = [
    Measure { name: "UDP, 1 byte", unit: "datagram", run: |peer, n| peer.datagrams(1..=1, n), times: [200, 1000] },
    Measure { name: "UDP, 64 bytes", unit: "datagram", run: |peer, n| peer.datagrams(64..=64, n), times: [200, 1000] },
    Measure {
        name: "UDP, 1,471 bytes",
        unit: "datagram",
        run: |peer, n| peer.datagrams(1471..=1471, n),
        times: [200, 1000],
    },
    Measure {
        name: "UDP, 1 to 1,471 bytes",
        unit: "datagram",
        run: |peer, n| peer.datagrams(1..=1471, n),
        times: [1471, 1471],
    },
    Measure {
        name: "UDP, 1,000 bytes, 4 under way",
        unit: "datagram",
        run: |peer, n| peer.window(1000, 4, n),
        times: [400, 2000],
    },
];

const TCP: [Measure; 2] = [
    Measure {
        name: "TCP round trip, 64 bytes",
        unit: "round trip",
        run: |peer, n| peer.round_trips(64, n),
        times: [200, 1000],
    },
    Measure { name: "TCP stream", unit: "kB", run: |peer, n| peer.stream(n), times: [200, 1000] },
];

/// A row of numbers, and what segno's is of the others'.
fn row(name: &str, of: &str, numbers: [f64; PROGRAMS.len()]) {
    let [bare, embassy, segno] = numbers;
    let (of_bare, of_embassy) = (segno / bare, segno / embassy);
    println!(
        "{name:30} {bare:10.0} {embassy:10.0} {segno:10.0}   {of_bare:5.2} x bare, {of_embassy:.2} x embassy  {of}"
    );
}

/// The best numbers of all rounds, for each measure and program. A measure's number for one machine is what `measure` answers.
fn best(
    programs: &[Firmware; PROGRAMS.len()],
    measures: &[Measure],
    counting: bool,
    measure: fn(&Measure, &mut Machine) -> f64,
    better: fn(f64, f64) -> f64,
) -> Vec<[f64; PROGRAMS.len()]> {
    let mut machines = programs.each_ref().map(|program| Machine::start(program, counting));
    let mut best = vec![[f64::NAN; PROGRAMS.len()]; measures.len()];
    for _ in 0..ROUNDS {
        for (measured, best) in measures.iter().zip(&mut best) {
            for (machine, best) in machines.iter_mut().zip(best) {
                *best = better(*best, measure(measured, machine));
            }
        }
    }
    best
}

fn instructions(measure: &Measure, machine: &mut Machine) -> f64 {
    let before = machine.instructions();
    let units = (measure.run)(&mut machine.peer, measure.times[0]);
    (machine.instructions() - before) as f64 / units as f64
}

fn rate(measure: &Measure, machine: &mut Machine) -> f64 {
    let start = std::time::Instant::now();
    let units = (measure.run)(&mut machine.peer, measure.times[1]);
    units as f64 / start.elapsed().as_secs_f64()
}

fn compare_kind(kind: &'static str, measures: &[Measure]) {
    let programs = PROGRAMS.map(|program| Firmware::build(program, kind));
    let sizes = programs.each_ref().map(Firmware::size);
    row(&format!("flash, {}", kind.to_uppercase()), "bytes", sizes.each_ref().map(|size| size.flash as f64));
    row(
        &format!("RAM without the stack, {}", kind.to_uppercase()),
        "bytes",
        sizes.each_ref().map(|size| size.ram as f64),
    );
    for (measure, numbers) in measures.iter().zip(best(&programs, measures, true, instructions, f64::min)) {
        row(measure.name, &format!("instructions a {}", measure.unit), numbers);
    }
    for (measure, numbers) in measures.iter().zip(best(&programs, measures, false, rate, f64::max)) {
        row(measure.name, &format!("{}s a second", measure.unit), numbers);
    }
}

/// Builds, measures and prints all.
pub fn compare() {
    let version = Command::new(machine::QEMU).arg("--version").output().expect("qemu-system-arm is installed");
    println!("{}", String::from_utf8_lossy(&version.stdout).lines().next().unwrap_or_default());
    println!("{}\n", firmware::versions());
    println!("{:30} {:>10} {:>10} {:>10}   segno is", "", PROGRAMS[0], PROGRAMS[1], PROGRAMS[2]);
    compare_kind("udp", &UDP);
    compare_kind("tcp", &TCP);
}
