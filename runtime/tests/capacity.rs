//! What has a capacity that is neither the loop's memory nor a queue's: one less, as many, and one more.

mod common;

use common::new_loop;
use segno::prelude::*;

#[segno::coroutine]
async fn fails(number: u32) -> Result<(), u32> {
    sleep(1.millis()).await;
    Err(number)
}

#[segno::coroutine]
async fn body<const M: usize>(group: &TaskGroup<u32, M>, failures: u32) -> Result<(), u32> {
    for number in 0..failures {
        group.create_task(fails(number)).unwrap();
    }
    Ok(())
}

#[segno::coroutine]
async fn grouped<const M: usize>(lp: &'static EventLoop, failures: u32) {
    let group = TaskGroup::<u32, M>::new(lp).unwrap();
    let errors = group.scope(body(&group, failures)).await.unwrap_err();
    let kept = M.min(failures as usize);
    assert_eq!(errors.iter().copied().collect::<Vec<_>>(), (0..kept as u32).collect::<Vec<_>>());
    assert_eq!(errors.dropped(), failures as usize - kept, "the others are counted");
}

fn errors_of_a_group<const M: usize>() {
    let lp = new_loop();
    for failures in [M - 1, M, M + 1, 2 * M + 1] {
        if failures > 0 {
            lp.run_until_complete(grouped::<M>(lp, failures as u32)).unwrap();
            assert_eq!(lp.all_tasks().count(), 0);
        }
    }
    lp.close().unwrap();
}

#[test]
fn a_group_keeps_as_many_errors_as_it_has_room_for_and_counts_the_rest() {
    errors_of_a_group::<1>();
    errors_of_a_group::<2>();
    errors_of_a_group::<4>();
}
