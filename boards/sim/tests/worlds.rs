//! Worlds as values: they end cleanly, they do not disturb each other, and they say how to repeat a failure.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use segno_sim::{Duration, Outcome, Sim, check_determinism};
use support::blinker;

/// Threads of this process with the given name: the operating system's view.
fn threads_named(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name_of = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.unwrap().path().join("comm"));
    tasks.filter_map(|task| name_of(task).ok()).filter(|found| found.trim() == name).count()
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn dropping_a_world_ends_its_nodes_and_drops_their_locals() {
    let drops = Arc::new(AtomicUsize::new(0));
    let mut sim = Sim::new(1);
    for run in [true, false] {
        for _ in 0..3 {
            let counted = Counted(Arc::clone(&drops));
            sim.node("dropped", move |board| {
                let _counted = counted;
                blinker(Duration::from_millis(1))(board);
            });
        }
        if run {
            sim.run_for(Duration::from_millis(10));
        }
    }
    // A thread has its name only when it has begun to run: the three that ran have theirs.
    #[cfg(target_os = "linux")]
    assert!(threads_named("dropped") >= 3);
    drop(sim);
    assert_eq!(drops.load(Ordering::SeqCst), 6, "three that had run and three that had not");
    // The kernel may list a thread that has been joined for a moment.
    #[cfg(target_os = "linux")]
    assert!((0..1000).any(|_| {
        thread::sleep(std::time::Duration::from_millis(1));
        threads_named("dropped") == 0
    }));
}

#[test]
fn a_destructor_may_use_the_world_while_it_ends() {
    struct Farewell(segno_sim::Pin, &'static segno::EventLoop);
    impl Drop for Farewell {
        fn drop(&mut self) {
            use embedded_hal::digital::OutputPin;
            self.0.set_high().unwrap();
            for _ in 0..5000 {
                self.1.time();
            }
        }
    }
    let mut sim = Sim::new(1);
    let node = sim.node("polite", |board| {
        let _farewell = Farewell(board.pin("farewell"), board.event_loop());
        blinker(Duration::from_millis(1))(board);
    });
    sim.run_for(Duration::from_millis(2));
    drop(sim);
    assert!(node.pin("farewell").level());
}

#[test]
fn worlds_in_parallel_do_not_disturb_each_other() {
    let world = |seed: u64| {
        let mut sim = Sim::new(seed);
        let node = sim.node("lamp", blinker(Duration::from_millis(seed)));
        sim.run_for(Duration::from_secs(1));
        node.pin("led").edges().len() as u64
    };
    let threads: Vec<_> = (1..=8).map(|seed| thread::spawn(move || world(seed))).collect();
    let edges: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(edges, (1..=8).map(|seed| 1000 / seed).collect::<Vec<_>>());
}

#[test]
#[should_panic(expected = "node `fragile` panicked at 0.500000 s: out of paper\nreproduce: SEED=4711")]
fn a_panic_of_a_node_is_the_tests_panic_and_names_the_seed() {
    let mut sim = Sim::new(4711);
    sim.node("bystander", blinker(Duration::from_millis(1)));
    sim.node("fragile", |board| {
        let lp = board.event_loop();
        lp.call_later(Duration::from_millis(500), |_| panic!("out of {}", "paper")).ok().unwrap();
        lp.run_forever().unwrap();
    });
    sim.run_for(Duration::from_secs(1));
}

#[test]
fn a_world_with_a_panicked_node_can_be_looked_at_and_dropped() {
    let mut sim = Sim::new(5);
    let lamp = sim.node("lamp", blinker(Duration::from_millis(1)));
    sim.node("fragile", |board| {
        let lp = board.event_loop();
        lp.call_later(Duration::from_millis(2), |_| panic!("on purpose")).ok().unwrap();
        lp.run_forever().unwrap();
    });
    let panic = sim.try_run(None).unwrap_err();
    assert_eq!((panic.node.as_str(), panic.message.as_str()), ("fragile", "on purpose"));
    assert_eq!(panic.time().as_ticks(), 2000);
    assert_eq!(lamp.pin("led").edges().len(), 2);
    assert!(sim.trace().ends_with("0.002000 fragile: panics: on purpose\n"));
    assert_eq!(sim.try_run(None).unwrap_err(), panic);
}

#[test]
fn a_failing_test_does_not_hang() {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut sim = Sim::new(6);
        sim.node("lamp", blinker(Duration::from_millis(1)));
        sim.run_for(Duration::from_millis(1));
        panic!("the test's own");
    }));
    assert!(result.is_err());
}

#[test]
fn the_same_seed_is_the_same_run() {
    let trace = check_determinism(3, |sim| {
        for index in 0..3 {
            sim.node(&format!("node {index}"), move |board| {
                let mut random = board.random();
                let period = Duration::from_micros(1 + random.below(5000));
                blinker(period)(board);
            });
        }
        sim.run_for(Duration::from_millis(100));
    });
    assert!(trace.lines().count() > 50, "{trace}");
}

#[test]
fn another_seed_is_another_run() {
    let run = |seed| {
        let mut sim = Sim::new(seed);
        sim.node("lamp", |board| {
            let period = Duration::from_micros(1 + board.random().below(5000));
            blinker(period)(board);
        });
        sim.run_for(Duration::from_millis(100));
        sim.trace()
    };
    assert_ne!(run(1), run(2));
}

#[test]
#[should_panic(expected = "two runs differ from line 2 of their traces on")]
fn a_leak_of_determinism_is_found() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    check_determinism(1, |sim| {
        let run = RUNS.fetch_add(1, Ordering::SeqCst) as u64;
        sim.node("leaky", blinker(Duration::from_micros(100 + run)));
        sim.run_for(Duration::from_millis(1));
    });
}

#[test]
fn an_empty_world_has_finished() {
    let mut sim = Sim::new(0);
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    sim.run_for(Duration::from_secs(1));
    assert_eq!(sim.now().as_ticks(), 1_000_000);
}

#[test]
fn what_is_taken_twice_is_a_panic() {
    for (index, message) in ["UART 0 is taken already", "pin `led` is taken already"].into_iter().enumerate() {
        let mut sim = Sim::new(0);
        sim.node("greedy", move |board| match index {
            0 => drop((board.uart(0), board.uart(0))),
            _ => drop((board.pin("led"), board.pin("led"))),
        });
        assert_eq!(sim.try_run(None).unwrap_err().message, message);
    }
}
