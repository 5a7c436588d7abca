# Queues that give the smallest first, and the newest first: with room and without, to who waits, and to who is cancelled.
from loop import *

async def gets(q, tag):
    try:
        item = await q.get()
        logn(tag, "got", item, "size", q.qsize())
        return item
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        raise

async def puts(q, *items):
    for item in items:
        await q.put(item)
        logn("put", item, "size", q.qsize(), "full", q.full())

def show(tasks):
    return [outcome(task) for task in tasks]

async def main():
    logn("--- the smallest first")
    q = asyncio.PriorityQueue()
    for item in (5, 1, 4, 1, 3):
        q.put_nowait(item)
    logn(q.qsize(), [q.get_nowait() for _ in range(5)], q.empty())
    try:
        q.get_nowait()
    except asyncio.QueueEmpty:
        logn("QueueEmpty")
    logn("--- pairs: equal priorities by what is behind them")
    for item in ((2, "b"), (1, "z"), (2, "a"), (1, "y")):
        q.put_nowait(item)
    logn([q.get_nowait() for _ in range(4)])
    logn("--- the newest first")
    s = asyncio.LifoQueue()
    for item in "abc":
        s.put_nowait(item)
    logn(s.qsize(), s.get_nowait())
    s.put_nowait("d")
    logn([s.get_nowait() for _ in range(3)], s.empty())
    logn("--- three that wait, first come, first served; the items in their own order")
    for q, items in ((asyncio.PriorityQueue(), (3, 1, 2)), (asyncio.LifoQueue(), (3, 1, 2))):
        tasks = [loop.create_task(gets(q, tag)) for tag in "abc"]
        await asyncio.sleep(0)
        for item in items:
            q.put_nowait(item)
        await asyncio.wait(tasks)
        logn(show(tasks))
    logn("--- one by one, with a turn between")
    for q in (asyncio.PriorityQueue(), asyncio.LifoQueue()):
        tasks = [loop.create_task(gets(q, tag)) for tag in "ab"]
        for item in (3, 1, 2):
            await asyncio.sleep(1)
            await q.put(item)
        await asyncio.wait(tasks)
        logn("left", q.get_nowait())
    logn("--- full: who puts waits, and what it puts competes when it is in")
    for q in (asyncio.PriorityQueue(2), asyncio.LifoQueue(2)):
        task = loop.create_task(puts(q, 5, 4, 1, 3))
        await asyncio.sleep(1)
        try:
            q.put_nowait(9)
        except asyncio.QueueFull:
            logn("QueueFull", q.maxsize, q.full())
        for _ in range(4):
            await gets(q, "main")
            await asyncio.sleep(1)
        logn(outcome(task), q.empty())
    logn("--- one that was woken is cancelled: the item stays for the next one")
    for q in (asyncio.PriorityQueue(), asyncio.LifoQueue()):
        tasks = [loop.create_task(gets(q, tag)) for tag in "ab"]
        await asyncio.sleep(0)
        q.put_nowait(7)
        logn("cancel", tasks[0].cancel())
        await asyncio.wait(tasks)
        logn(show(tasks))
    logn("--- a smaller one comes before the one that was woken runs")
    q = asyncio.PriorityQueue()
    task = loop.create_task(gets(q, "a"))
    await asyncio.sleep(0)
    q.put_nowait(8)
    q.put_nowait(2)
    await task
    logn("left", q.get_nowait())
    logn("--- all are done")
    q = asyncio.PriorityQueue()
    for item in (2, 1):
        q.put_nowait(item)
    join = loop.create_task(q.join())
    for _ in range(2):
        await gets(q, "main")
        logn("join", outcome(join))
        q.task_done()
    await join
    try:
        q.task_done()
    except ValueError as error:
        logn("ValueError:", error)
    logn("--- shut down: what is in comes out in its order, then no more; at once")
    for q in (asyncio.PriorityQueue(2), asyncio.LifoQueue(2)):
        q.put_nowait(1)
        q.put_nowait(0)
        putter = loop.create_task(puts(q, 5))
        await asyncio.sleep(0)
        q.shutdown()
        await asyncio.wait([putter])
        logn("putter", type(putter.exception()).__name__)
        logn(await q.get(), await q.get())
        for attempt in (q.get_nowait, lambda: q.put_nowait(4)):
            try:
                attempt()
            except asyncio.QueueShutDown:
                logn("QueueShutDown")
        q = type(q)(2)
        q.put_nowait(1)
        q.shutdown(immediate=True)
        await q.join()
        logn("joined, size", q.qsize())
run(main())
