# Queues that are shut down: who waits, who was woken before, who is cancelled in the same step, joins, limits, twice.
from loop import *

async def gets(q, tag):
    try:
        logn(tag, "got", await q.get(), "size", q.qsize())
    except asyncio.QueueShutDown:
        logn(tag, "QueueShutDown, size", q.qsize())
    except asyncio.CancelledError:
        logn(tag, "cancelled, size", q.qsize())
        raise

async def puts(q, tag, *items):
    try:
        for item in items:
            await q.put(item)
            logn(tag, "put", item, "size", q.qsize())
    except asyncio.QueueShutDown:
        logn(tag, "QueueShutDown, size", q.qsize())
    except asyncio.CancelledError:
        logn(tag, "cancelled, size", q.qsize())
        raise

async def joins(q, tag):
    await q.join()
    logn(tag, "joined")

async def limited(q, limit):
    try:
        logn("got", await asyncio.wait_for(q.get(), limit))
    except asyncio.QueueShutDown:
        logn("QueueShutDown")
    except TimeoutError:
        logn("TimeoutError")

def queue(size, *items):
    q = asyncio.Queue(size)
    for item in items:
        q.put_nowait(item)
    return q

def getters(q, tags):
    return [loop.create_task(gets(q, tag)) for tag in tags]

def done(q):
    try:
        q.task_done()
        logn("done")
    except ValueError as error:
        logn("ValueError:", error)

async def over(q, tasks):
    await asyncio.wait(tasks)
    logn([outcome(task) for task in tasks], q.qsize(), q.empty(), q.full())

async def rounds(at_once):
    logn("--- at once", at_once, ": three wait, one was woken in the same step")
    q = queue(4)
    tasks = getters(q, "abc")
    await asyncio.sleep(0)
    q.put_nowait(1)
    q.shutdown(at_once)
    await over(q, tasks)
    logn("--- one was woken, and another has got its item")
    q = queue(4)
    tasks = getters(q, "ab")
    await asyncio.sleep(0)
    q.put_nowait(1)
    logn(q.get_nowait())
    q.shutdown(at_once)
    await over(q, tasks)
    logn("--- full, two wait, one was woken in the same step")
    q = queue(2, 1, 2)
    tasks = [loop.create_task(puts(q, "a", 3, 4)), loop.create_task(puts(q, "b", 5))]
    join = loop.create_task(joins(q, "j"))
    await asyncio.sleep(0)
    logn(q.get_nowait())
    q.shutdown(at_once)
    logn("size", q.qsize())
    await over(q, tasks)
    await over(q, getters(q, "cde"))
    for _ in range(4):
        logn(outcome(join))
        done(q)
        await asyncio.sleep(1)
    join.cancel()
    logn("--- one that waits is cancelled in the same step, both ways")
    for first in ("cancel", "shutdown"):
        q = queue(1)
        tasks = getters(q, "ab")
        await asyncio.sleep(0)
        if first == "cancel":
            tasks[0].cancel()
        q.shutdown(at_once)
        if first != "cancel":
            tasks[0].cancel()
        await over(q, tasks)
        q = queue(1, 1)
        tasks = [loop.create_task(puts(q, tag, 2)) for tag in "ab"]
        await asyncio.sleep(0)
        if first == "cancel":
            tasks[0].cancel()
        q.shutdown(at_once)
        if first != "cancel":
            tasks[0].cancel()
        await over(q, tasks)
    logn("--- woken, cancelled and shut down")
    q = queue(4)
    tasks = getters(q, "abc")
    await asyncio.sleep(0)
    q.put_nowait(1)
    tasks[0].cancel()
    q.shutdown(at_once)
    await over(q, tasks)
    q = queue(1, 1)
    tasks = [loop.create_task(puts(q, tag, 2)) for tag in "abc"]
    await asyncio.sleep(0)
    q.get_nowait()
    tasks[0].cancel()
    q.shutdown(at_once)
    await over(q, tasks)
    logn("--- at the tick of a limit, before and after")
    for early in (True, False):
        q = queue(1)
        when = loop.time() + 3
        if early:
            loop.call_at(when, q.shutdown, at_once)
        task = loop.create_task(limited(q, 3))
        await asyncio.sleep(0)
        if not early:
            loop.call_at(when, q.shutdown, at_once)
        await over(q, [task])
    logn("--- joins: of nothing, of what is in it, of what was taken")
    q = queue(4)
    tasks = [loop.create_task(joins(q, "a"))]
    q.shutdown(at_once)
    await over(q, tasks)
    q = queue(4, 1, 2, 3)
    tasks = [loop.create_task(joins(q, tag)) for tag in "ab"]
    await asyncio.sleep(0)
    logn(await q.get())
    q.shutdown(at_once)
    await asyncio.sleep(1)
    for _ in range(3):
        logn([outcome(task) for task in tasks])
        done(q)
        await asyncio.sleep(1)
    await over(q, tasks)
    logn("--- twice")
    for again in (False, True):
        q = queue(4, 1, 2)
        tasks = [loop.create_task(joins(q, "a"))]
        await asyncio.sleep(0)
        q.shutdown(at_once)
        q.shutdown(again)
        await over(q, getters(q, "bcd"))
        logn([outcome(task) for task in tasks])
        tasks[0].cancel()
    logn("--- refused")
    for call in (q.get_nowait, lambda: q.put_nowait(1)):
        try:
            call()
        except asyncio.QueueShutDown:
            logn("QueueShutDown")

async def main():
    for at_once in (False, True):
        await rounds(at_once)
run(main())
