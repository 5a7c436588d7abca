//! Virtual time: exact edges, jumps, busy programs, real time.

mod support;

use std::time::Instant as WallClock;

use segno_sim::{Duration, Instant, Outcome, Sim};
use support::{blink, blinker};

const HALF: Duration = Duration::from_millis(500);

#[test]
fn every_edge_has_its_exact_time() {
    let mut sim = Sim::new(1);
    let node = sim.node("lamp", blinker(HALF));
    sim.run_for(Duration::from_secs(3));
    let edges = node.pin("led").edges();
    let found: Vec<_> = edges.iter().map(|edge| (edge.time.as_ticks(), edge.level)).collect();
    let expected: Vec<_> = (1..=6).map(|n| (n * 500_000, n % 2 == 1)).collect();
    assert_eq!(found, expected);
    assert!(!node.pin("led").level());
    assert_eq!(sim.now(), Instant::from_ticks(3_000_000));
}

#[test]
fn virtual_time_is_a_thousand_times_faster_than_the_wall_clock() {
    let start = WallClock::now();
    let mut sim = Sim::new(1);
    let node = sim.node("lamp", blinker(HALF));
    sim.run_for(Duration::from_secs(3600));
    assert_eq!(node.pin("led").edges().len(), 7200);
    assert!(start.elapsed().as_secs_f64() < 3.6, "{:?}", start.elapsed());
}

#[test]
fn runs_add_up() {
    let mut sim = Sim::new(1);
    let node = sim.node("lamp", blinker(HALF));
    for _ in 0..30 {
        sim.run_for(Duration::from_millis(100));
    }
    assert_eq!(node.pin("led").edges().len(), 6);
}

#[test]
fn nodes_have_one_time_and_run_in_the_order_of_their_making() {
    let mut sim = Sim::new(1);
    let slow = sim.node("slow", blinker(Duration::from_millis(300)));
    let fast = sim.node("fast", blinker(Duration::from_millis(100)));
    sim.run_for(Duration::from_millis(300));
    assert_eq!((slow.pin("led").edges().len(), fast.pin("led").edges().len()), (1, 3));
    let trace = sim.trace();
    let last: Vec<_> = trace.lines().filter(|line| line.starts_with("0.300000") && line.contains("pin")).collect();
    assert_eq!(last, ["0.300000 slow: pin led = 1", "0.300000 fast: pin led = 1"], "{trace}");
}

#[test]
fn a_program_that_returns_has_finished() {
    let mut sim = Sim::new(1);
    let node = sim.node("brief", |board| {
        let lp = board.event_loop();
        lp.call_later(HALF, |lp| lp.stop()).ok().unwrap();
        lp.run_forever().unwrap();
    });
    assert!(!node.finished());
    assert_eq!(sim.try_run(None), Ok(Outcome::Finished));
    assert!(node.finished());
    assert_eq!(sim.now(), Instant::from_ticks(500_000));
}

#[test]
fn a_world_is_idle_when_nothing_is_scheduled() {
    let mut sim = Sim::new(1);
    let node = sim.node("waits for ever", |board| {
        let lp = board.event_loop();
        lp.call_later(HALF, |_| ()).ok().unwrap();
        lp.run_forever().unwrap();
    });
    sim.run_until_idle();
    assert_eq!(sim.now(), Instant::from_ticks(500_000));
    assert!(!node.finished());
}

#[test]
#[should_panic(expected = "still busy after a day")]
fn a_world_that_never_idles_is_given_up() {
    let mut sim = Sim::new(1);
    sim.node("lamp", blinker(Duration::from_secs(60)));
    sim.run_until_idle();
}

#[test]
fn a_node_that_never_idles_does_not_stop_the_world() {
    fn again(lp: &'static segno::EventLoop) {
        lp.call_soon(again).ok().unwrap();
    }
    let mut sim = Sim::new(1);
    let busy = sim.node("busy", |board| {
        let lp = board.event_loop();
        blink(lp, board.pin("led"), Duration::from_micros(100));
        again(lp);
        lp.run_forever().unwrap();
    });
    let lamp = sim.node("lamp", blinker(Duration::from_micros(100)));
    let spinning = sim.node("spinning", |board| {
        let lp = board.event_loop();
        let end = lp.time() + Duration::from_micros(200);
        while lp.time() < end {}
    });
    sim.run_for(Duration::from_micros(300));
    assert_eq!(busy.pin("led").edges().len(), 3);
    assert_eq!(lamp.pin("led").edges().len(), 3);
    assert!(spinning.finished());
}

#[test]
fn real_time_takes_its_time() {
    let start = WallClock::now();
    let mut sim = Sim::new(1);
    sim.realtime();
    let node = sim.node("lamp", blinker(Duration::from_millis(20)));
    sim.run_for(Duration::from_millis(100));
    assert!(start.elapsed().as_millis() >= 100);
    let times: Vec<_> = node.pin("led").edges().iter().map(|edge| edge.time.as_ticks()).collect();
    assert_eq!(times, [20_000, 40_000, 60_000, 80_000, 100_000]);
}
