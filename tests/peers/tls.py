"""Speaks TLS as a client of an echo server, or is one.

usage: tls.py client PORT AUTHORITY [CLIENTS [BYTES]]
       tls.py server CHAIN KEY [PORT]  prints its port, serves until its input ends
       tls.py starttls PORT AUTHORITY  a client that begins in the clear
"""
import asyncio
import random
import ssl
import sys


async def exchange(port, context, n, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    data = random.Random(n).randbytes(count)

    async def send():
        for place in range(0, len(data), 10_000):
            writer.write(data[place:place + 10_000])
            await writer.drain()

    sending = asyncio.create_task(send())
    assert await asyncio.wait_for(reader.readexactly(count), 60) == data
    await sending
    writer.close()
    await writer.wait_closed()


async def client(port, authority, clients=4, count=1_000_000):
    context = ssl.create_default_context(cafile=authority)
    await asyncio.gather(*[exchange(int(port), context, n, int(count)) for n in range(int(clients))])
    old = ssl.create_default_context(cafile=authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    await exchange(int(port), old, 0, 1000)
    # One that trusts nobody.
    try:
        await asyncio.open_connection("127.0.0.1", int(port), ssl=ssl.create_default_context())
        raise AssertionError("it was trusted")
    except ssl.SSLCertVerificationError:
        pass
    print(f"{clients} clients")


async def server(chain, key, port=0):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)

    async def echo(reader, writer):
        while data := await reader.read(5000):
            writer.write(data)
            await writer.drain()
        print("the client's end", flush=True)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(echo, "127.0.0.1", int(port), ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def starttls(port, authority):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(b"STARTTLS\n")
    assert await reader.readline() == b"go ahead\n"
    await writer.start_tls(ssl.create_default_context(cafile=authority), server_hostname="localhost")
    writer.write(b"secret\n")
    assert await reader.readline() == b"secret\n"
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    print("upgraded")


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    asyncio.run({"client": client, "server": server, "starttls": starttls}[role](*arguments))
