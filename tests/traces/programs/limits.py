# Limits against errors, cancel requests, busy loops and each other: the rest of CPython's own tests of them, as one program.
from loop import *

def me():
    return asyncio.current_task()

def burn(ticks):
    loop.now += ticks

async def limited(delay, body):
    limit = asyncio.timeout(delay)
    try:
        async with limit:
            await body
        logn("in time", limit.expired())
    except TimeoutError:
        logn("TimeoutError", limit.expired(), me().cancelling())
    except ValueError as error:
        logn("error", error, limit.expired(), me().cancelling())
    except asyncio.CancelledError:
        logn("CancelledError", limit.expired(), me().cancelling())
        raise

async def busy(after):
    burn(10)
    await limited(after, asyncio.sleep(100))

async def busy_inside():
    burn(10)
    await asyncio.sleep(100)

async def both():
    await limited(4, busy_inside())
    logn("between")
    await asyncio.sleep(100)

async def crashes():
    try:
        await asyncio.sleep(9)
    except asyncio.CancelledError:
        raise ValueError("crash")

async def cancels_itself():
    logn("cancel", me().cancel())
    await asyncio.sleep(9)

async def cleans_up():
    try:
        await asyncio.sleep(9)
    finally:
        await limited(3, asyncio.sleep(9))

async def after_a_request(delay, body):
    me().cancel()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        logn("caught", me().cancelling())
    await limited(delay, body)
    logn("left", me().cancelling())

async def ended(coroutine):
    task = loop.create_task(coroutine)
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())

def attempt(tag, moves):
    try:
        moves()
        logn(tag, "ok")
    except RuntimeError as error:
        logn(tag, error)

async def states():
    limit = asyncio.timeout(2)
    attempt("not entered:", lambda: limit.reschedule(9))
    async with limit:
        try:
            async with limit:
                pass
        except RuntimeError as error:
            logn("inside:", error)
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            attempt("expiring:", lambda: limit.reschedule(loop.time() + 9))
    logn("swallowed", limit.expired(), me().cancelling())
    attempt("expired:", lambda: limit.reschedule(loop.time() + 9))
    limit = asyncio.timeout(5)
    try:
        async with limit:
            await asyncio.sleep(9)
    except TimeoutError:
        attempt("timed out:", lambda: limit.reschedule(loop.time() + 9))
    limit = asyncio.timeout(5)
    async with limit:
        pass
    attempt("finished:", lambda: limit.reschedule(loop.time() + 9))

async def job(tag, delay, cleanup=0):
    logn(tag, "starts")
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        if cleanup:
            await asyncio.sleep(cleanup)
            logn(tag, "cleaned up")
        raise
    logn(tag, "ends")
    return tag

async def swallows(tag, delay):
    logn(tag, "starts")
    try:
        await asyncio.sleep(delay)
        logn(tag, "ends")
    except asyncio.CancelledError:
        logn(tag, "swallows")
    return tag

async def waits(awaitable, delay):
    try:
        logn("result", await asyncio.wait_for(awaitable, delay))
    except TimeoutError:
        logn("TimeoutError", me().cancelling())
    except asyncio.CancelledError:
        logn("CancelledError", me().cancelling())
        raise

async def cancels(tag, awaitable):
    waiting = loop.create_task(waits(awaitable, 20))
    await asyncio.sleep(1)
    logn("cancel", tag, waiting.cancel())
    await asyncio.wait([waiting])
    logn(outcome(waiting))

async def waits_for():
    logn("--- wait_for without time: of a task that runs, and cleans up")
    task = loop.create_task(job("a", 9, 3))
    await asyncio.sleep(1)
    await waits(task, 0)
    logn(outcome(task))
    logn("--- of one that has not begun, of one that is shielded, of a future")
    task = loop.create_task(job("b", 9))
    await waits(task, 0)
    logn(outcome(task))
    task = loop.create_task(job("c", 9))
    await waits(asyncio.shield(task), 0)
    logn(outcome(task), await task)
    future = loop.create_future()
    await waits(future, 0)
    logn(outcome(future))
    logn("--- who waits is cancelled: with a limit, of a task, of one that swallows it")
    await cancels("d", job("d", 9))
    await cancels("e", loop.create_task(job("e", 9, 2)))
    await cancels("f", swallows("f", 9))
    await cancels("g", loop.create_task(swallows("g", 9)))
    logn("--- cancelled about when it ends")
    for turns in range(1, 6):
        waiting = loop.create_task(waits(loop.create_task(job("h", 0)), 20))
        for _ in range(turns):
            await asyncio.sleep(0)
        logn("cancel", turns, waiting.cancel())
        await asyncio.wait([waiting])
        logn(outcome(waiting))
    logn("--- what is awaited is cancelled by others")
    task = loop.create_task(job("i", 9))
    loop.call_later(1, task.cancel)
    await ended(waits(task, 20))

async def main():
    logn("--- the loop is late: the inner limit has passed, the outer one, both, one after the other")
    await limited(5, busy(50))
    await limited(50, busy(5))
    await limited(10, both())
    await limited(12, both())
    logn("--- errors, and requests by others")
    await limited(2, crashes())
    await ended(limited(20, cancels_itself()))
    logn("--- a limit in the cleanup of what is limited")
    await limited(2, cleans_up())
    logn("--- after a request that was caught: a limit that has passed, and another request")
    await ended(after_a_request(0, asyncio.sleep(9)))
    await ended(after_a_request(20, cancels_itself()))
    logn("--- what may be done when")
    await states()
    await waits_for()
run(main())
