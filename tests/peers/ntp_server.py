"""A time server (SNTP) that does not answer the first requests of each client.

usage: ntp_server.py PORT [LOSE]
"""
import asyncio
import struct
import sys
import time


def now():
    return int((time.time() + 2_208_988_800) * 2**32)


class Server(asyncio.DatagramProtocol):
    def __init__(self, lose):
        self.lose = lose
        self.asked = {}

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        received = now()
        if len(data) < 48 or data[0] & 7 != 3:
            return
        self.asked[addr] = self.asked.get(addr, 0) + 1
        if self.asked[addr] > self.lose:
            # No leap second, version 4, server; stratum 1; the origin is what the client has sent.
            header = struct.pack("!BBBb8x4s", 0o44, 1, 0, -20, b"TEST")
            answer = header + struct.pack("!Q8sQQ", received, data[40:48], received, now())
            self.transport.sendto(answer, addr)


async def main(port, lose=0):
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Server(lose), local_addr=("127.0.0.1", port))
    print("ready", flush=True)
    await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
