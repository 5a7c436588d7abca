//! `subprocess` on the host, and on a machine without processes.

use segno::process::NoProcesses;
use segno::time::ExtU64;
use segno_sim::{Board, Sim};

fn run(program: fn(Board)) -> String {
    let mut sim = Sim::new(1);
    let node = sim.node("host", program);
    sim.try_run(None).unwrap();
    node.console()
}

#[test]
fn children_are_read_and_killed() {
    let console = run(|board| {
        segno_examples::subprocess::main(board.event_loop(), board.host_processes(), 500.millis());
    });
    let expected = "output: hello\nit has exited\nreturn code Some(0)\n\
                    output: one\noutput: two\nit takes too long\nit has exited\nreturn code Some(-9)\n";
    // The system tells of a child's output and of its end in two ways, and on a busy machine either comes first: as in asyncio.
    let other = expected.replacen("output: hello\nit has exited\n", "it has exited\noutput: hello\n", 1);
    assert!(console == expected || console == other, "{console}");
}

#[test]
fn a_machine_without_processes_says_so() {
    let console = run(|board| segno_examples::subprocess::main(board.event_loop(), NoProcesses, 1.secs()));
    assert_eq!(console, "error: not supported on this machine\n");
}
