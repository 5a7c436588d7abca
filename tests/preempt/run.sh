#!/bin/sh
# Builds the program for two boards, runs it in QEMU and compares what it says. Needs qemu-system-arm and both targets.
# SEGNO_FIRMWARE_TOOLCHAIN: the toolchain to build with, as for `cargo segno`.
set -eu
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}

# run BOARD TARGET
run() {
    # shellcheck disable=SC2086
    cargo ${SEGNO_FIRMWARE_TOOLCHAIN:+"+$SEGNO_FIRMWARE_TOOLCHAIN"} build --quiet --locked --release --features "$1" --target "$2"
    said=$(timeout 60 qemu-system-arm -machine "$1" -icount shift=6 -nographic -monitor none -serial stdio \
        -semihosting-config enable=on,target=native -kernel "$target/$2/release/segno-preempt" </dev/null | tr -d '\r')
    if [ "$said" = "$(cat expected.txt)" ]; then
        echo "$1: ok"
    else
        printf '%s says\n%s\n' "$1" "$said"
        exit 1
    fi
}

run mps2-an386 thumbv7em-none-eabi
run lm3s6965evb thumbv7m-none-eabi
