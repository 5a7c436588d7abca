# Semaphores: whose turn it is, who comes too late, who is cancelled before and after a permit was given, and the bound.
from loop import *

async def worker(sem, tag, delay):
    logn(tag, "asks, locked", sem.locked())
    async with sem:
        logn(tag, "works, locked", sem.locked())
        await asyncio.sleep(delay)
    logn(tag, "is done, locked", sem.locked())

async def takes(sem, tag):
    try:
        logn(tag, "takes", await sem.acquire())
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        raise
    return tag

def show(tasks):
    return [outcome(task) for task in tasks]

async def main():
    logn("--- two at a time, first come, first served")
    sem = asyncio.Semaphore(2)
    tasks = [loop.create_task(worker(sem, tag, delay)) for tag, delay in (("a", 3), ("b", 1), ("c", 2), ("d", 1), ("e", 1))]
    await asyncio.wait(tasks)
    logn("locked", sem.locked())
    logn("--- free: no turn is spent; without a permit to begin with")
    n = loop.turn
    await sem.acquire()
    await sem.acquire()
    logn("turns", loop.turn - n, "locked", sem.locked())
    sem = asyncio.Semaphore(0)
    sem.release()
    sem.release()
    await sem.acquire()
    logn("locked", sem.locked())
    await sem.acquire()
    logn("locked", sem.locked())
    logn("--- a permit is given to who waits: who comes between does not get it")
    sem = asyncio.Semaphore(1)
    await sem.acquire()
    tasks = [loop.create_task(takes(sem, "first"))]
    await asyncio.sleep(0)
    sem.release()
    logn("released, locked", sem.locked())
    tasks.append(loop.create_task(takes(sem, "late")))
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    sem.release()
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    sem.release()
    logn("locked", sem.locked())
    logn("--- released as often as some wait, and once more")
    sem = asyncio.Semaphore(0)
    tasks = [loop.create_task(takes(sem, tag)) for tag in "abc"]
    await asyncio.sleep(0)
    for _ in range(4):
        sem.release()
        logn("locked", sem.locked())
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    logn("--- cancelled while it waits: the next one gets it")
    sem = asyncio.Semaphore(0)
    tasks = [loop.create_task(takes(sem, tag)) for tag in "abc"]
    await asyncio.sleep(0)
    logn("cancel", tasks[0].cancel())
    sem.release()
    await asyncio.sleep(1)
    logn(show(tasks))
    sem.release()
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    logn("--- cancelled after it was given one: it is passed on")
    sem = asyncio.Semaphore(0)
    tasks = [loop.create_task(takes(sem, tag)) for tag in "abc"]
    await asyncio.sleep(0)
    sem.release()
    logn("cancel", tasks[0].cancel())
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    sem.release()
    sem.release()
    logn("cancel", tasks[2].cancel())
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    logn("--- the only one is cancelled: the permit is free again")
    sem = asyncio.Semaphore(0)
    task = loop.create_task(takes(sem, "only"))
    await asyncio.sleep(0)
    sem.release()
    logn("locked", sem.locked())
    task.cancel()
    await asyncio.sleep(1)
    logn(outcome(task), "locked", sem.locked())
    logn("--- cancelled while it works: async with gives it back")
    sem = asyncio.Semaphore(1)
    tasks = [loop.create_task(worker(sem, tag, 9)) for tag in "ab"]
    await asyncio.sleep(1)
    tasks[0].cancel()
    await asyncio.sleep(1)
    logn(show(tasks), "locked", sem.locked())
    await asyncio.wait(tasks)
    logn("--- limited waits: in time and too late")
    sem = asyncio.Semaphore(1)
    await sem.acquire()
    loop.call_later(3, sem.release)
    logn(await asyncio.wait_for(sem.acquire(), 5))
    try:
        await asyncio.wait_for(sem.acquire(), 5)
    except TimeoutError:
        logn("TimeoutError, locked", sem.locked())
    loop.call_later(5, sem.release)
    try:
        await asyncio.wait_for(sem.acquire(), 5)
        logn("in time, locked", sem.locked())
    except TimeoutError:
        logn("TimeoutError, locked", sem.locked())
    logn("--- a bound")
    bounded = asyncio.BoundedSemaphore(2)
    await bounded.acquire()
    bounded.release()
    try:
        bounded.release()
    except ValueError as error:
        logn("ValueError:", error)
    await bounded.acquire()
    await bounded.acquire()
    logn("locked", bounded.locked())
    tasks = [loop.create_task(takes(bounded, tag)) for tag in "ab"]
    await asyncio.sleep(0)
    bounded.release()
    tasks[0].cancel()
    await asyncio.sleep(1)
    logn(show(tasks), "locked", bounded.locked())
    bounded.release()
    bounded.release()
    try:
        bounded.release()
    except ValueError as error:
        logn("ValueError:", error, "locked", bounded.locked())
run(main())
