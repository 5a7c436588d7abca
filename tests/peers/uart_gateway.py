"""Talks to a gateway between two serial ports, which are terminals here, and UDP: bytes in both directions on both ports.

usage: uart_gateway.py HOST PORT TERMINAL1 TERMINAL2 [BYTES]
"""
import asyncio
import os
import random
import sys


class Peer(asyncio.DatagramProtocol):
    def __init__(self):
        self.received = {b"1": bytearray(), b"2": bytearray(), b"!": bytearray()}
        self.news = asyncio.Event()

    def datagram_received(self, data, addr):
        self.received[data[:1]] += data[1:]
        assert len(data) <= 256, len(data)
        self.news.set()

    async def has(self, name, data):
        while bytes(self.received[name]) != data:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 10)


class Serial:
    """A terminal: what it receives, and an end to write to."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.received = bytearray()
        self.news = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.file, self.read)

    def read(self):
        self.received += os.read(self.file, 4096)
        self.news.set()

    async def write(self, data):
        while data:
            try:
                data = data[os.write(self.file, data):]
            except BlockingIOError:
                await asyncio.sleep(0.002)

    async def has(self, data):
        while bytes(self.received) != data:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 10)


def parts(generator, count, longest):
    while count:
        part = generator.randbytes(min(generator.randint(1, longest), count))
        count -= len(part)
        yield part


async def to_serial(transport, name, serial, count):
    sent = b""
    for part in parts(random.Random(int(name)), count, 700):
        sent += part
        transport.sendto(name + part)
        await serial.has(sent)


async def to_network(peer, name, serial, count):
    """Terminals are faster than serial lines: the next part waits for the one before, or datagrams would be lost here."""
    sent = b""
    for part in parts(random.Random(-int(name)), count, 5000):
        sent += part
        await serial.write(part)
        await peer.has(name, sent)


async def main(host, port, one, two, count=20000):
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(Peer, remote_addr=(host, port))
    ports = {b"1": Serial(one), b"2": Serial(two)}
    # Whoever emulates the ports may notice only after a second that they were opened.
    transport.sendto(b"1")
    for name, serial in ports.items():
        await serial.write(b"hello")
        await peer.has(name, b"hello")
        peer.received[name].clear()
    both_ways = [to_serial(transport, name, serial, count) for name, serial in ports.items()]
    both_ways += [to_network(peer, name, serial, count) for name, serial in ports.items()]
    await asyncio.gather(*both_ways)
    transport.sendto(b"3hello")
    await peer.has(b"!", b"3 no such port")
    print(f"{count} bytes each way on both ports")


if __name__ == "__main__":
    host, port, one, two, *rest = sys.argv[1:]
    asyncio.run(main(host, int(port), one, two, *map(int, rest)))
