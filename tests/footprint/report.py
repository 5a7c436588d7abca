"""Prints the figures of the programs in a folder, which run.sh has made there, as a table; after `sizes`, that of a program."""

import csv
import re
import struct
import sys

LINE = re.compile(r"Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/[0-9a-f]+/.*\] ?(.*)")


def sections(path):
    """The sizes of the sections of a 32-bit ELF file, by name."""
    with open(path, "rb") as file:
        elf = file.read()
    (table,) = struct.unpack_from("<I", elf, 0x20)
    size, count, names = struct.unpack_from("<HHH", elf, 0x2E)
    headers = [struct.unpack_from("<10I", elf, table + size * index) for index in range(count)]
    start = headers[names][4]
    sizes = {}
    for header in headers:
        name = elf[start + header[0] : elf.index(b"\0", start + header[0])].decode()
        sizes[name] = header[5]
    return sizes


def symbols(path, prefix):
    """The sizes of the symbols of a 32-bit ELF file that begin with a prefix, by the rest of their names."""
    with open(path, "rb") as file:
        elf = file.read()
    (table,) = struct.unpack_from("<I", elf, 0x20)
    size, count, _ = struct.unpack_from("<HHH", elf, 0x2E)
    headers = [struct.unpack_from("<10I", elf, table + size * index) for index in range(count)]
    found = {}
    for header in headers:
        if header[1] != 2:  # SHT_SYMTAB
            continue
        strings = headers[header[6]][4]
        for at in range(header[4], header[4] + header[5], 16):
            name, _, length = struct.unpack_from("<3I", elf, at)
            text = elf[strings + name : elf.index(b"\0", strings + name)].decode()
            if text.startswith(prefix):
                found[text[len(prefix) :]] = length
    return dict(sorted(found.items()))


def contents(path, wanted):
    """The bytes of a symbol of a 32-bit ELF file."""
    with open(path, "rb") as file:
        elf = file.read()
    (table,) = struct.unpack_from("<I", elf, 0x20)
    size, count, _ = struct.unpack_from("<HHH", elf, 0x2E)
    headers = [struct.unpack_from("<10I", elf, table + size * index) for index in range(count)]
    for header in headers:
        if header[1] != 2:  # SHT_SYMTAB
            continue
        strings = headers[header[6]][4]
        for at in range(header[4], header[4] + header[5], 16):
            name, address, length, _, _, section = struct.unpack_from("<3IBBH", elf, at)
            if elf[strings + name : elf.index(b"\0", strings + name)].decode() == wanted:
                start = headers[section][4] + address - headers[section][3]
                return elf[start : start + length]
    raise SystemExit(f"{path} has no {wanted}")


def print_sizes(path):
    """The table of sizes.rs, as Markdown."""
    names = contents(path, "SIZES_NAMES").decode().splitlines()
    sizes = struct.iter_unpack("<2I", contents(path, "SIZES_BYTES"))
    print("| segno | bytes | Embassy | bytes |\n|---|---|---|---|")
    for line, pair in zip(names, sizes, strict=True):
        ours, theirs = line.split("|")
        bytes_of = ["" if size == 0xFFFF_FFFF else size for size in pair]
        print(f"| {ours} | {bytes_of[0]} | {theirs} | {bytes_of[1]} |")


def flash(path):
    return sections(path)[".text"]


def ram(path):
    sizes = sections(path)
    return sum(sizes.get(name, 0) for name in (".data", ".bss", ".uninit"))


def distances(path):
    """Instructions from one marker (a function named m_...) to the next one, by pair, in the order of the run."""
    found, before = [], ""
    with open(path, encoding="utf-8", errors="replace") as log:
        number = 0
        for line in log:
            match = LINE.match(line)
            if not match:
                continue
            symbol = match.group(1)
            if symbol.startswith("m_") and symbol != before:
                found.append((number, symbol))
            before = symbol
            number += 1
    pairs = {}
    for (n, a), (m, b) in zip(found, found[1:]):
        pairs.setdefault((a[2:], b[2:]), []).append(m - n)
    return pairs


def counts(found):
    """All that were counted, if they differ: usually the first one does."""
    last = found[-1]
    return str(last) if found.count(last) == len(found) else f"{last} ({max(found)} once)"


def figures(folder):
    one, two = f"{folder}/blink", f"{folder}/blink2"
    yield "flash", flash(one)
    yield "ram", ram(one)
    yield "flash of one more task", flash(two) - flash(one)
    yield "ram of one more task", ram(two) - ram(one)
    latency = distances(f"{folder}/latency.log")
    yield "interrupt to resume", counts(latency["irq", "resume"][1:])
    yield "resume to idle", counts(latency["resume", "idle"][1:])
    yield "interrupt to resume - three deep", counts(latency["irq", "deep"][1:])
    yield "resume to idle - three deep", counts(latency["deep", "idle"][1:])
    yield "interrupt to resume - block!", counts(latency["irq", "block"][1:])
    yield "resume to idle - block!", counts(latency["block", "idle"][1:])
    primitives = distances(f"{folder}/primitives.log")
    names = {"flag": "ThreadSafeFlag", "event": "Event", "shared": "InterruptQueue", "queue": "Queue", "lock": "Lock"}
    for mark, name in names.items():
        yield f"interrupt to resume - {name}", counts(primitives["irq", mark][1:])
        yield f"resume to idle - {name}", counts(primitives[mark, "idle"][1:])
    for name, size in symbols(f"{folder}/primitives", "bytes_").items():
        yield f"bytes of {name}", size
    for sleepers in ("0", "16", "64", "1000"):
        timers = distances(f"{folder}/timers{sleepers}.log")
        of = f" - {sleepers} sleepers" if sleepers != "0" else ""
        yield "alarm to resume" + of, counts(timers["alarm", "resume"])
        yield "resume to idle" + (of or " - timer"), counts(timers["resume", "idle"])


# In the order in which bodies.rs runs them.
BODIES = "counter buffer passed_on choice nested question borrow blocks".split()


def bodies(folder):
    """Instructions of the same bodies as coroutines and as rustc's `async fn`s."""
    found = distances(f"{folder}/bodies.log")
    pairs = list(zip(found["ours", "end"], found["theirs", "end"], strict=True))
    for name, (ours, theirs) in zip(BODIES, pairs, strict=True):
        yield name, ours, theirs
    yield "all", sum(ours for ours, _ in pairs), sum(theirs for _, theirs in pairs)


def main():
    if sys.argv[1] == "sizes":
        return print_sizes(sys.argv[2])
    with open("rivals.csv", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        others = {row["figure"]: row for row in rows}
    print(f"{'bytes, then instructions':36} {'segno':>18} {'target':>10} {'embassy':>8} {'lilos':>12} {'floor':>6}")
    for name, value in figures(sys.argv[1]):
        other = others.get(name, {})
        cells = [other.get(key) or "-" for key in ("target", "embassy", "lilos", "floor")]
        print(f"{name:36} {value:>18} {cells[0]:>10} {cells[1]:>8} {cells[2]:>12} {cells[3]:>6}")
    print(f"\n{'instructions of a body':36} {'segno':>18} {'rustc':>10} {'ratio':>8}")
    for name, ours, theirs in bodies(sys.argv[1]):
        print(f"{name:36} {ours:>18} {theirs:>10} {ours / theirs:>8.2f}")


main()
