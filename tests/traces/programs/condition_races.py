# Conditions: who was notified and is cancelled, who is notified in vain, how often, and what is done with the lock.
from loop import *

async def waits(cond, tag):
    async with cond:
        try:
            logn(tag, "woke", await cond.wait())
        except asyncio.CancelledError:
            logn(tag, "cancelled, locked", cond.locked())
            raise
    return tag

def start(cond, tags):
    return [loop.create_task(waits(cond, tag)) for tag in tags]

def show(tasks):
    return [outcome(task) for task in tasks]

async def notify(cond, *counts):
    async with cond:
        for count in counts:
            cond.notify(count)
        logn("notified", *counts)

async def main():
    logn("--- one by one, two at once, more than there are, nobody")
    cond = asyncio.Condition()
    tasks = start(cond, "abcdef")
    await asyncio.sleep(0)
    for counts in ((1,), (1, 1), (9,), (1,)):
        await notify(cond, *counts)
        await asyncio.sleep(1)
        logn(show(tasks))
    late = start(cond, "g")
    await asyncio.sleep(1)
    logn("nothing is remembered", show(late))
    late[0].cancel()
    await asyncio.wait(late)
    logn("--- notified and cancelled, in the same step, both ways: the next one is told")
    for first in ("notify", "cancel"):
        tasks = start(cond, "abc")
        await asyncio.sleep(0)
        async with cond:
            if first == "notify":
                cond.notify()
            logn("cancel", tasks[0].cancel())
            if first != "notify":
                cond.notify()
        await asyncio.sleep(1)
        logn(show(tasks), "locked", cond.locked())
        async with cond:
            cond.notify_all()
        await asyncio.wait(tasks)
        logn(show(tasks))
    logn("--- notified, and cancelled while it waits for the lock")
    tasks = start(cond, "abc")
    await asyncio.sleep(0)
    async with cond:
        cond.notify()
        await asyncio.sleep(1)
        logn("cancel", tasks[0].cancel())
        await asyncio.sleep(1)
        logn("still without the lock", show(tasks))
    await asyncio.sleep(1)
    logn(show(tasks), "locked", cond.locked())
    await notify(cond, 5)
    await asyncio.wait(tasks)
    logn("--- the only one is cancelled after it was notified: nobody is told")
    tasks = start(cond, "a")
    await asyncio.sleep(0)
    async with cond:
        cond.notify()
        tasks[0].cancel()
    await asyncio.sleep(1)
    logn(show(tasks), "locked", cond.locked())
    logn("--- all are notified, one of them is cancelled")
    tasks = start(cond, "abc")
    await asyncio.sleep(0)
    async with cond:
        cond.notify_all()
        tasks[1].cancel()
    await asyncio.wait(tasks)
    logn(show(tasks), "locked", cond.locked())
    logn("--- cancelled while it waits to begin with")
    await cond.acquire()
    tasks = start(cond, "ab")
    await asyncio.sleep(1)
    tasks[0].cancel()
    cond.release()
    await asyncio.sleep(1)
    logn(show(tasks), "locked", cond.locked())
    await notify(cond, 1)
    await asyncio.wait(tasks)
    logn("--- a limit: the lock is there again when it comes out")
    async with cond:
        try:
            await asyncio.wait_for(cond.wait(), 3)
        except TimeoutError:
            logn("TimeoutError, locked", cond.locked())
    logn("locked", cond.locked())
    logn("--- until something is so: told too early, told in time, cancelled, too late")
    level = 0
    async def until(tag, least):
        async with cond:
            try:
                logn(tag, await cond.wait_for(lambda: level >= least))
            except asyncio.CancelledError:
                logn(tag, "cancelled, locked", cond.locked())
                raise
    tasks = [loop.create_task(until(tag, least)) for tag, least in (("three", 3), ("one", 1), ("nine", 9), ("zero", 0))]
    for _ in range(3):
        await asyncio.sleep(1)
        async with cond:
            level += 1
            cond.notify_all()
        await asyncio.sleep(1)
        logn(level, show(tasks))
    tasks[2].cancel()
    await asyncio.wait(tasks)
    try:
        await asyncio.wait_for(until("late", 9), 2)
    except TimeoutError:
        logn("TimeoutError, locked", cond.locked())
    logn("--- two conditions of one lock")
    lock = asyncio.Lock()
    full, empty = asyncio.Condition(lock), asyncio.Condition(lock)
    tasks = start(full, "f") + start(empty, "e")
    await asyncio.sleep(0)
    async with lock:
        empty.notify()
    await asyncio.sleep(1)
    logn(show(tasks))
    async with full:
        full.notify()
        logn("locked", empty.locked(), lock.locked())
    await asyncio.wait(tasks)
    logn(show(tasks))
run(main())
