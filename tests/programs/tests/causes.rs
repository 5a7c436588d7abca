//! Programs that were run differently once, against what CPython 3.13 was recorded to do with them.

use segno_programs::{Program, lines, run, run_started};

fn check(text: &str, recorded: &str) {
    let program = Program::parse(text).unwrap_or_else(|line| panic!("not of a program: {line}"));
    assert_eq!(program.text(), text, "the text that is written is the one that was read");
    let theirs: Vec<String> = recorded.lines().skip(1).map(String::from).collect();
    let [ours, started, theirs] =
        [run(&program), run_started(&program), theirs].map(|trace| lines(&program, &trace).join("\n"));
    assert_eq!(ours, theirs);
    assert_eq!(started, theirs, "with gathers and shields that are started");
}

macro_rules! causes {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                check(
                    include_str!(concat!("../causes/", stringify!($name), ".txt")),
                    include_str!(concat!("../causes/", stringify!($name), ".out")),
                );
            }
        )+

        /// None is forgotten.
        #[test]
        fn all_causes_are_tests() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/causes");
            let files = std::fs::read_dir(folder).expect("the folder is there");
            assert_eq!(files.count(), 2 * [$(stringify!($name)),+].len());
        }
    };
}

causes! {
    a_child_cancels_itself_and_fails
    a_child_ends_before_the_end_of_another_is_seen
    a_child_ends_behind_one_that_has_failed
    a_failed_future_decides_before_a_cancelled_task
    a_future_that_was_cancelled_before_decides_nothing
    a_group_has_its_place_before_who_waits_for_a_child
    a_member_ends_by_cancellation_last
    a_member_ends_while_a_timeout_is_due
    a_member_is_complete_when_its_callback_has_run
    a_member_that_completes_is_told_once
    a_member_that_has_ended_before_decides_nothing
    a_request_to_a_gather_that_is_complete_is_taken_back
    a_shield_is_cancelled_where_its_timeout_stands
    a_sleeper_is_cancelled_in_the_turn_of_its_timer
    a_time_that_is_over_is_over_for_all_questions
    a_task_gets_more_than_seven_cancel_requests
    a_timeout_cancels_a_member_behind_the_end_of_another
    a_timeout_is_due_where_its_future_was_cancelled
    a_timer_comes_after_the_last_member
    a_timer_comes_before_the_end_of_a_member
    a_timer_comes_before_the_end_of_a_member_that_others_see
    a_timer_decides_and_members_end
    a_wait_is_cancelled_behind_its_timer_and_two_ends
    a_wait_is_cancelled_in_the_turn_of_its_timer
    a_wait_that_is_decided_ignores_later_ends
    a_wait_that_is_over_is_cancelled
    an_error_is_lost_to_a_cancel_request
    cancelled_where_a_callback_stands
    cancels_itself_and_waits_with_a_timeout
    members_end_after_the_cancel_request
    of_children_that_end_in_one_turn_the_first_failure_decides
    of_children_that_end_in_one_turn_the_last_decides_if_none_fails
    of_members_that_ended_before_those_of_others_come_in_order
    one_of_two_timeouts_that_pass_is_moved
    set_after_the_cancel_request
    the_first_of_two_cancel_requests_counts
    the_last_member_decides
    the_last_member_decides_if_none_fails
    the_last_member_of_a_gather_decides
    the_place_of_a_child_that_ends_before_another_is_seen
    the_timer_of_as_completed_is_set_once
    two_timeouts_on_one_future
    two_timeouts_pass_where_the_last_task_waits
    uncancel_leaves_what_is_under_way
    uncancel_withdraws_what_came_behind_the_end
    who_asks_second_has_a_place_of_its_own
    who_completes_asks_once_before_others
    who_is_decided_stays_in_front
}
