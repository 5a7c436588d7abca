//! The printed expansions compile, so they hold nothing that only a macro can write. `expand.rs` makes them.

#![cfg(feature = "ours")]
#![allow(warnings, clippy::all, clippy::undocumented_unsafe_blocks)]

macro_rules! expansions {
    ($($name:ident)*) => {
        $(
            mod $name {
                include!(concat!("../expand/", stringify!($name), ".expanded.rs"));
            }
        )*

        #[test]
        fn each_file_is_listed() {
            let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/expand"))
                .unwrap()
                .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".expanded.rs")?.to_string()))
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),*]);
        }
    };
}

expansions! {
    block
    borrow
    conditions
    documented
    generic
    guard
    loops
    macros
    matches
    method
    moved
    never
    operands
    parted
    question
    straight
}
