//! Programs that were run differently once, against what CPython 3.13 was recorded to do with them.

use segno_programs::{Program, lines, run};

fn check(text: &str, recorded: &str) {
    let program = Program::parse(text).unwrap_or_else(|line| panic!("not of a program: {line}"));
    assert_eq!(program.text(), text, "the text that is written is the one that was read");
    let theirs: Vec<String> = recorded.lines().skip(1).map(String::from).collect();
    assert_eq!(lines(&program, &run(&program)).join("\n"), lines(&program, &theirs).join("\n"));
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
    a_failed_future_decides_before_a_cancelled_task
    a_future_that_was_cancelled_before_decides_nothing
    a_member_ends_by_cancellation_last
    a_member_ends_while_a_timeout_is_due
    a_member_that_has_ended_before_decides_nothing
    a_sleeper_is_cancelled_in_the_turn_of_its_timer
    a_timeout_is_due_where_its_future_was_cancelled
    a_timer_comes_after_the_last_member
    a_timer_decides_and_members_end
    a_wait_is_cancelled_in_the_turn_of_its_timer
    a_wait_that_is_decided_ignores_later_ends
    a_wait_that_is_over_is_cancelled
    an_error_is_lost_to_a_cancel_request
    cancelled_where_a_callback_stands
    cancels_itself_and_waits_with_a_timeout
    members_end_after_the_cancel_request
    set_after_the_cancel_request
    the_first_of_two_cancel_requests_counts
    the_last_member_decides
    the_last_member_decides_if_none_fails
    the_last_member_of_a_gather_decides
    two_timeouts_on_one_future
    who_is_decided_stays_in_front
}
