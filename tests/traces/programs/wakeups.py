# What it costs, in turns, to wait: futures, tasks, chains of tasks, plain coroutines, sleep(0).
from loop import *

async def value(v):
    return v
async def deep(n):
    return n if n == 0 else await deep(n - 1)
async def chain(n):
    if n == 0:
        await asyncio.sleep(0)
        return 0
    return 1 + await loop.create_task(chain(n - 1))
async def waits(tag, future):
    logn(tag, "got", await future)

async def main():
    n = loop.turn
    await value(1)
    await deep(5)
    logn("plain coroutines cost", loop.turn - n)
    future = loop.create_future()
    tasks = [loop.create_task(waits(tag, future)) for tag in "abc"]
    await asyncio.sleep(0)
    n = loop.turn
    future.set_result(7)
    logn("set")
    await asyncio.gather(*tasks)
    logn("three waiters cost", loop.turn - n)
    n = loop.turn
    await future
    logn("a done future costs", loop.turn - n)
    for length in (0, 1, 2, 5):
        n = loop.turn
        await chain(length)
        logn("chain of", length, "costs", loop.turn - n)
    n = loop.turn
    for _ in range(3):
        await asyncio.sleep(0)
    logn("three sleep(0) cost", loop.turn - n)
    done = loop.create_task(value(3))
    n = loop.turn
    await done
    logn("a new task costs", loop.turn - n)
    n = loop.turn
    await done
    logn("again", loop.turn - n)
run(main())
