# readuntil with several separators: which of them ends first, in one piece and in two, within the limit and beyond.
from itertools import product
from loop import *

LIMIT = 3
SEPARATORS = [(b"b",), (b"ab", b"b"), (b"b", b"ab"), (b"aab", b"ba"), (b"aa", b"aba", b"bb"), (b"bbb", b"ab"), (b"aaab", b"b"), (b"a", b""), ()]

async def reads(pieces, separators):
    reader = asyncio.StreamReader(limit=LIMIT)
    for delay, piece in enumerate(pieces):
        loop.call_later(delay, reader.feed_data, piece)
    loop.call_later(len(pieces), reader.feed_eof)
    ends = []
    while True:
        try:
            ends.append((await reader.readuntil(separators)).decode())
        except asyncio.IncompleteReadError as error:
            return [*ends, "incomplete " + error.partial.decode()]
        except asyncio.LimitOverrunError as error:
            return [*ends, f"overrun {error.consumed}"]
        except ValueError:
            return [*ends, "ValueError"]

async def main():
    for separators in SEPARATORS:
        say("---", *(separator.decode() or "''" for separator in separators))
        for length in range(6):
            for data in product(b"ab", repeat=length):
                for cut in range(length + 1 if length < 4 else 1):
                    pieces = [bytes(data[:cut]), bytes(data[cut:])]
                    say("|".join(piece.decode() for piece in pieces), *(f"({end})" for end in await reads(pieces, separators)))
    reader = asyncio.StreamReader(limit=8)
    reader.feed_data(b"one\r\ntwo\nthree;four")
    for _ in range(3):
        say(await reader.readuntil((b"\r\n", b"\n", b";")))
    try:
        await asyncio.wait_for(reader.readuntil((b"\r\n", b"\n")), 5)
    except TimeoutError:
        logn("cancelled:", await reader.read(10))

run(main())
