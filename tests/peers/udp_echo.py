"""Sends datagrams of 1 (or MIN) to 1471 bytes to an echo service, and checks that all come back, each once and unchanged.

usage: udp_echo.py HOST PORT [COUNT [WINDOW [MIN]]]
"""
import asyncio
import random
import sys


class Client(asyncio.DatagramProtocol):
    def __init__(self):
        self.waiting = {}
        self.unexpected = 0

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        future = self.waiting.pop(data, None)
        if future is None:
            self.unexpected += 1
        else:
            future.set_result(None)

    def error_received(self, exc):
        print("error", exc)


async def one(client, data):
    future = client.waiting[data] = asyncio.get_running_loop().create_future()
    client.transport.sendto(data)
    try:
        await asyncio.wait_for(future, 5)
        return True
    except asyncio.TimeoutError:
        client.waiting.pop(data, None)
        return False


async def main(host, port, count=200, window=8, least=1):
    loop = asyncio.get_running_loop()
    _, client = await loop.create_datagram_endpoint(Client, remote_addr=(host, port))
    generator = random.Random(1)
    limit = asyncio.Semaphore(window)

    async def limited(n):
        size = least + n * (1471 - least) // max(count - 1, 1)
        # Distinct, as far as the size allows it; short ones go alone.
        data = generator.randbytes(size)
        async with limit:
            while data in client.waiting:
                await asyncio.sleep(0.001)
            return await one(client, data)

    answers = await asyncio.gather(*[limited(n) for n in range(count)])
    print(f"{sum(answers)} of {count}, {client.unexpected} unexpected")
    return sum(answers) == count and client.unexpected == 0


if __name__ == "__main__":
    host, port, *rest = sys.argv[1:]
    sys.exit(0 if asyncio.run(main(host, int(port), *map(int, rest))) else 1)
