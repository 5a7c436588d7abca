//! What rustc's `async fn` accepts and `#[segno::coroutine]` refuses, one construct a file: `refused/*.rs`.
//!
//! Here rustc compiles and runs each; `ui.rs` shows what the macro says instead. A file that the macro has learnt to
//! lower fails there: its function then belongs in the differential suite.

macro_rules! refused {
    ($($name:ident)*) => {
        $(
            #[allow(unused, clippy::all)]
            mod $name {
                use segno_tests::rustc::{run, segno};

                include!(concat!("../refused/", stringify!($name), ".rs"));

                #[test]
                fn oracle() {
                    main();
                }
            }
        )*

        #[test]
        fn each_file_is_listed() {
            let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/refused"))
                .expect("the folder exists")
                .map(|entry| entry.expect("it can be listed").file_name().into_string().expect("names are UTF-8"))
                .filter_map(|name| name.strip_suffix(".rs").map(String::from))
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),*]);
        }
    };
}

refused! {
    array_pattern_with_rest
    await_in_a_message
    base_after_a_call
    base_in_a_block
    base_of_what_is_borrowed
    box_in_part
    box_of_what_is_borrowed
    closure_called_once
    copied_in_a_closure
    copied_out_of_a_destructor
    extension_method_by_value
    field_in_a_move_closure
    field_left_by_a_pattern
    field_moved_out_of_what_is_used_whole
    field_with_a_destructor_matched
    generic_coroutine_that_is_static
    left_part_kept_for_the_next_round
    left_part_kept_in_a_reference
    method_named_like_an_iterators
    own_field_beside_a_deref
    part_left_by_a_closure
    part_of_a_renewed_variable
    part_taken_after_a_borrow
    pointed_to_when_it_leaves
    receiver_copied_before_an_argument
    referred_to_when_it_leaves
    several_parts_left
    struct_update_on_one_path
}
