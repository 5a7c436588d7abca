#!/bin/sh
# The machines of `#[coroutine]` under Miri, first with Stacked Borrows, then with Tree Borrows: each case runs to the
# end, and is dropped and cancelled at every suspension (about 7 minutes; Miri stops at the first error).
# Arguments go to the test harness: `tests/miri.sh --skip some_test`. Ends with 3 if Miri is not installed.
set -eu

cd "$(dirname "$0")/.."
unset RUSTUP_TOOLCHAIN
if ! cargo +nightly miri --version >/dev/null 2>&1; then
    echo "miri.sh: Miri is missing; install it with: rustup toolchain install nightly --component miri,rust-src" >&2
    exit 3
fi

tests=""
for name in borrows temporaries dynamic_drop hard_borrows moves methods closures receivers renewed captured copied_from_slots taken_by_name leaving bases carried left_in_part boxes_in_part borrowed_references hard_traits taken_from_slots extended users_methods places freed_slots bound_references ref_beside_a_move last_on_a_way acting_indices copied_through_guards lending_closures; do
    tests="$tests --test $name"
done

for model in stacked tree; do
    flags="-Zmiri-ignore-leaks -Zmiri-permissive-provenance"
    if [ "$model" = tree ]; then
        flags="$flags -Zmiri-tree-borrows"
    fi
    echo "miri.sh: $model borrows"
    # What `pointers_into_self` does with its pointers Stacked Borrows does not allow, in rustc's `async fn` either.
    # shellcheck disable=SC2086 # lists of words
    MIRIFLAGS="$flags" cargo +nightly miri test -p segno-tests $tests -- ours --skip pointers_into_self "$@"
done
echo "miri.sh: no undefined behaviour found"
