# Coroutines side by side, each with limits, groups, locks and cleanups of its own: what ends one is no affair of the others.
from loop import *

async def limited(tag, delay, body):
    try:
        async with asyncio.timeout(delay):
            result = await body
        log(tag, "in time", result)
        return tag
    except TimeoutError:
        log(tag, "TimeoutError")
        return tag + " late"
    except asyncio.CancelledError:
        log(tag, "cancelled")
        raise

async def job(tag, delay, cleanup=0, limit=0, swallow=False, fail=False):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        log(tag, "stops")
        if cleanup:
            await asyncio.sleep(cleanup)
            log(tag, "cleaned up")
        if limit:
            await limited(tag + " cleanup", limit, asyncio.sleep(9))
        if swallow:
            return tag + " all the same"
        raise
    if fail:
        raise ValueError(tag)
    return tag

async def group(tag, *children, body=0):
    try:
        async with asyncio.TaskGroup() as g:
            for child in children:
                g.create_task(child)
            if body:
                log(await job(tag + " body", body))
        log(tag, "over")
        return tag
    except BaseExceptionGroup as errors:
        log(tag, [str(error) for error in errors.exceptions])
    except asyncio.CancelledError:
        log(tag, "cancelled")
        raise
    return tag + " failed"

async def both(*branches):
    try:
        log(await asyncio.gather(*branches, return_exceptions=True))
        return "both"
    except asyncio.CancelledError:
        log("all cancelled")
        raise

async def ended(tag, *branches, cancel=None):
    log("---", tag)
    task = loop.create_task(both(*branches))
    if cancel:
        loop.call_later(cancel, task.cancel)
    await asyncio.wait([task])
    log(outcome(task))

async def moved(tag, limit, moves, delay):
    start = loop.time()
    scope = asyncio.timeout(limit)
    for at, to in moves:
        loop.call_at(start + at, lambda to=to: scope.reschedule(None if to is None else start + to))
    try:
        async with scope:
            await asyncio.sleep(delay)
        log(tag, "in time", scope.expired())
    except TimeoutError:
        log(tag, "TimeoutError", scope.expired())
    return tag

async def locked(tag, lock, delay, limit):
    async def holds():
        async with lock:
            log(tag, "has it")
            await asyncio.sleep(delay)
        return tag
    return await limited(tag, limit, holds())

async def waits_for(tag, awaitable, delay):
    try:
        log(tag, await asyncio.wait_for(awaitable, delay))
    except TimeoutError:
        log(tag, "TimeoutError")
    return tag

async def main():
    await ended("limits", limited("a", 2, job("a", 5)), limited("b", 9, job("b", 3)), limited("c", None, job("c", 4)))
    await ended("limits in limits", limited("o", 4, limited("i", 2, job("a", 9))), limited("p", 3, limited("j", 5, job("b", 9))))
    await ended("cleanups", limited("a", 2, job("a", 9, cleanup=3)), limited("b", 3, job("b", 9, swallow=True)), limited("c", 4, job("c", 9, limit=2)))
    await ended("cancelled", limited("a", 9, job("a", 9)), job("b", 9, cleanup=2), limited("c", 9, job("c", 9, limit=3)), cancel=1)
    await ended("cancelled as one cleans up for its limit", limited("a", 2, job("a", 9, cleanup=4)), job("b", 9), cancel=3)
    await ended("cancelled, and one swallows that", job("a", 9, swallow=True), job("b", 9, cleanup=2), cancel=1)
    await ended("a group that fails", group("g", job("x", 2, fail=True), job("y", 9, cleanup=1), body=8), limited("b", 9, job("b", 5)))
    await ended("two groups that fail", group("g", job("x", 2, fail=True), body=8), group("h", job("y", 3, fail=True), job("z", 9)))
    await ended("groups that are cancelled", group("g", job("x", 9), body=8), group("h", job("y", 9, cleanup=2)), job("b", 9), cancel=1)
    await ended("a group with a limit", limited("l", 3, group("g", job("x", 9, cleanup=1), body=8)), job("b", 5))
    await ended("a limit in a group in a limit", limited("l", 6, group("g", limited("x", 2, job("x", 9)), limited("y", 9, job("y", 8)))), job("b", 5))
    await ended("limits that are moved", moved("a", 2, [(1, 4)], 9), moved("b", 9, [(3, 1)], 8), moved("c", 5, [(1, None)], 6), moved("d", 5, [(2, 7)], 6))
    lock = asyncio.Lock()
    await ended("a lock", locked("a", lock, 5, 9), locked("b", lock, 2, 3), locked("c", lock, 2, 9), locked("d", lock, 2, 6))
    log(lock.locked())
    await ended("a lock, cancelled", locked("a", lock, 5, 9), locked("b", lock, 2, 9), cancel=2)
    log(lock.locked())
    tasks = [loop.create_task(job(tag, 9, cleanup=2)) for tag in "tu"]
    await ended("wait_for", waits_for("a", tasks[0], 2), waits_for("b", asyncio.shield(tasks[1]), 3), waits_for("c", job("c", 1), 9))
    log([outcome(task) for task in tasks])
    await asyncio.wait(tasks)
    await ended("in each other", both(job("a", 2), both(job("b", 1), limited("c", 3, job("c", 9)))), limited("l", 2, both(job("d", 9), job("e", 9, cleanup=2))))
run(main())
