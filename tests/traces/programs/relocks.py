# Conditions whose waiters need the lock again: cancelled twice and limited meanwhile, notified by one that goes on with the lock.
from loop import *

def me():
    return asyncio.current_task()

async def waits(cond, tag, limit=None):
    async with cond:
        try:
            async with asyncio.timeout(limit):
                logn(tag, "woke", await cond.wait())
        except TimeoutError:
            logn(tag, "TimeoutError, locked", cond.locked(), me().cancelling())
        except asyncio.CancelledError:
            logn(tag, "cancelled, locked", cond.locked(), me().cancelling())
            raise
        await asyncio.sleep(1)
    return tag

def start(cond, tags, limit=None):
    return [loop.create_task(waits(cond, tag, limit)) for tag in tags]

def show(tasks):
    return [(outcome(task), task.cancelling()) for task in tasks]

async def main():
    cond = asyncio.Condition()
    logn("--- cancelled twice and thrice while it waits for the lock")
    for count in (2, 3):
        tasks = start(cond, "ab")
        await asyncio.sleep(0)
        async with cond:
            cond.notify()
            for _ in range(count):
                await asyncio.sleep(1)
                logn("cancel", tasks[0].cancel())
        await asyncio.sleep(3)
        logn(show(tasks), cond.locked())
        async with cond:
            cond.notify_all()
        await asyncio.wait(tasks)
    logn("--- cancelled before it was notified, and again while it waits for the lock")
    tasks = start(cond, "abc")
    await asyncio.sleep(0)
    async with cond:
        logn("cancel", tasks[0].cancel())
        await asyncio.sleep(1)
        cond.notify()
        logn("cancel", tasks[0].cancel())
        await asyncio.sleep(1)
    await asyncio.sleep(3)
    logn(show(tasks), cond.locked())
    async with cond:
        cond.notify_all()
    await asyncio.wait(tasks)
    logn("--- a limit passes while it waits for the lock; and then it is cancelled")
    for cancels in (False, True):
        tasks = start(cond, "ab", 2)
        await asyncio.sleep(0)
        async with cond:
            cond.notify()
            await asyncio.sleep(3)
            if cancels:
                logn("cancel", tasks[0].cancel())
            await asyncio.sleep(1)
        await asyncio.wait(tasks)
        logn(show(tasks), cond.locked())
    logn("--- a limit passes in the turn of the notification, before and after")
    for early in (True, False):
        when = loop.time() + 2
        async def notifies():
            async with cond:
                cond.notify()
                logn("notified")
        def soon():
            loop.create_task(notifies())
        if early:
            loop.call_at(when, soon)
        tasks = start(cond, "ab", 2)
        await asyncio.sleep(0)
        if not early:
            loop.call_at(when, soon)
        await asyncio.wait(tasks)
        logn(show(tasks), cond.locked())
    logn("--- who has notified takes the lock again at once: the others were first")
    tasks = start(cond, "ab")
    await asyncio.sleep(0)
    async with cond:
        cond.notify_all()
    async with cond:
        logn("again", show(tasks))
    await asyncio.wait(tasks)
    logn("--- without the lock")
    for call in (cond.notify, cond.notify_all):
        try:
            call()
        except RuntimeError as error:
            logn("RuntimeError:", error)
    logn("--- the lock is released by others while it waits for it, and taken by one more")
    tasks = start(cond, "ab")
    await asyncio.sleep(0)
    await cond.acquire()
    cond.notify(2)
    await asyncio.sleep(1)
    more = start(cond, "c")
    await asyncio.sleep(1)
    cond.release()
    await asyncio.sleep(5)
    logn(show(tasks + more), cond.locked())
    async with cond:
        cond.notify()
    await asyncio.wait(more)
    logn(show(more))
run(main())
