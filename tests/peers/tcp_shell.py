"""Talks to tcp_shell as several clients at once: dialogues, long answers that are read slowly, and clients that misbehave.

usage: tcp_shell.py HOST PORT [CLIENTS [LINES [STAGGER]]]

With STAGGER, clients come so many seconds after each other, and none of them hogs the line: QEMU's user network keeps one
connection waiting, and lets others wait for the kernel's next attempt, which may be half a minute later.
"""
import asyncio
import socket
import struct
import sys


async def expect(reader, text):
    got = await asyncio.wait_for(reader.readexactly(len(text)), 60)
    assert got == text, (got[:80], text[:80])


async def dialogue(host, port, n, lines, stagger):
    await asyncio.sleep(n * stagger)
    reader, writer = await asyncio.open_connection(host, port, limit=1024)
    await expect(reader, b"> ")
    for i in range(20):
        text = f"client {n} says {i}:".encode() + b"x" * (i * 4)
        # In two pieces.
        writer.write(b"echo " + text[:7])
        await asyncio.sleep(0.001)
        writer.write(text[7:] + b"\r\n")
        await expect(reader, text + b"\n> ")
    writer.write(b"count %d\necho after\n" % lines)
    for i in range(1, lines + 1):
        if i % 1000 == 0:
            # A slow reader.
            await asyncio.sleep(0.01)
        line = await asyncio.wait_for(reader.readline(), 60)
        assert line == b"%d\n" % i, (line, i)
    await expect(reader, b"> after\n> ")
    writer.write(b"\xff\xfe\n" + b"y" * 300 + b"\nnonsense\nquit\n")
    rest = await asyncio.wait_for(reader.read(), 60)
    # What of a line that is too long comes later is a line of its own, as with asyncio's readline.
    what = b"error: what? try `help`\n> "
    assert rest.startswith(b"error: not UTF-8\n> error: the line is too long\n> "), rest
    assert rest.endswith(what) and rest.count(what) <= 3, rest
    writer.close()
    await writer.wait_closed()


def reset(host, port, data):
    """A client that resets the connection."""
    client = socket.create_connection((host, port))
    client.sendall(data)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


async def main(host, port, clients=8, lines=20000, stagger=0):
    for data in (b"", b"echo hal", b"count 100000\n", b"\xff" * 1000):
        await asyncio.to_thread(reset, host, port, data)
    # One that never reads and never closes, for as long as the others are served.
    lazy = socket.create_connection((host, port))
    lazy.sendall(b"count 1000000\n" if stagger == 0 else b"echo never read\n")
    await asyncio.gather(*[dialogue(host, port, n, lines, stagger) for n in range(clients)])
    lazy.close()
    # One that ends its side of the stream: the rest is answered.
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"echo half closed\nquit\n")
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 60) == b"> half closed\n> "
    writer.close()
    print(f"{clients} clients")


if __name__ == "__main__":
    host, port, *rest = sys.argv[1:]
    asyncio.run(main(host, int(port), *map(int, rest[:2]), *map(float, rest[2:])))
