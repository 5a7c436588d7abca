#!/bin/sh
# Builds the programs of this folder and prints what they cost, beside the targets and beside what was measured of
# others. Needs the target thumbv7em-none-eabi, qemu-system-arm and python3. `run.sh sizes` prints the bytes of each primitive
# beside Embassy's, and needs no QEMU: docs/footprint.md has what it printed; `run.sh check` compares.
set -eu
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT

# build NAME PROGRAM [FEATURE]
build() {
    cargo build --quiet --locked --release --bin "$2" ${3:+--features "$3"}
    cp "$target/thumbv7em-none-eabi/release/$2" "$programs/$1"
}

case ${1:-} in
    sizes | check)
        build sizes sizes embassy
        python3 report.py sizes "$programs/sizes" >"$programs/table"
        if [ "$1" = sizes ]; then
            cat "$programs/table"
        else
            sed -n '/^| segno /,/^$/s/^|/|/p' ../../docs/footprint.md | diff - "$programs/table"
        fi
        exit
        ;;
esac

if qemu-system-arm -help | grep -q -- '^-singlestep'; then
    single='-singlestep'
else
    single='-accel tcg,one-insn-per-tb=on'
fi

# trace NAME: runs it one instruction at a time. The program ends by itself.
trace() {
    # shellcheck disable=SC2086
    timeout 120 qemu-system-arm -machine mps2-an386 -nographic -monitor none -serial none \
        -semihosting-config enable=on,target=native $single -d exec,nochain -D "$programs/$1.log" -kernel "$programs/$1"
}

build blink blink
build blink2 blink two
build latency latency
trace latency
build bodies bodies
trace bodies
build primitives primitives
trace primitives
for sleepers in 0 16 64 1000; do
    if [ "$sleepers" = 0 ]; then build timers0 timers; else build "timers$sleepers" timers "n$sleepers"; fi
    trace "timers$sleepers"
done
python3 report.py "$programs"
