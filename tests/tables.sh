#!/usr/bin/env bash
# What `cargo segno ps` reads of a program costs no byte of flash: firmware built with debug information and without is the same.
#
# A profile with `debug = 0` would not show that: cargo makes another hash of another profile, the hash is in the names of all
# symbols, and their order decides what is aligned behind what. So cargo builds the same profile twice, and the second time rustc
# is called without the option. tables.sh [BOARD [PROGRAM...]]
set -euo pipefail
cd "$(dirname "$0")/.."

board=${1:-lm3s6965evb}
programs=("${@:2}")
[ ${#programs[@]} -gt 0 ] || programs=(echo tasks trouble)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(sed -n 's/^target = "\(.*\)"/\1/p' "boards/$board/.cargo/config.toml")
sysroot=$(rustc --print sysroot)
host=$(rustc -vV | sed -n 's/^host: //p')

cat > "$work/rustc" <<'END'
#!/usr/bin/env bash
kept=()
while [ $# -gt 0 ]; do
    if [ "$1" = -C ] && [[ ${2:-} == debuginfo=* ]]; then shift 2; else kept+=("$1"); shift; fi
done
exec "${kept[@]}"
END
chmod +x "$work/rustc"

# Cargo does not know that a wrapper changes anything: another folder for everything.
build() {
    local to=$1 program
    shift
    for program in "${programs[@]}"; do
        (cd "boards/$board" && env "$@" CARGO_TARGET_DIR="$work/$to" CARGO_BUILD_BUILD_DIR="$work/$to" \
            cargo build --quiet --release --locked --bin "$program")
    done
}

# image ELF TO: what is written into the flash.
image() {
    LD_LIBRARY_PATH=$sysroot/lib "$sysroot/lib/rustlib/$host/bin/rust-objcopy" -O binary "$1" "$2"
}

build with
build without RUSTC_WRAPPER="$work/rustc"
for program in "${programs[@]}"; do
    image "$work/with/$target/release/$program" "$work/with.bin"
    image "$work/without/$target/release/$program" "$work/without.bin"
    cmp "$work/with.bin" "$work/without.bin"
    larger=$(stat -c %s "$work/with/$target/release/$program")
    smaller=$(stat -c %s "$work/without/$target/release/$program")
    [ "$smaller" -lt "$larger" ] || { echo "$program has debug information in both" >&2; exit 1; }
    echo "$board $program: the same $(stat -c %s "$work/with.bin") bytes; the ELF file has $larger with debug information, $smaller without"
done
