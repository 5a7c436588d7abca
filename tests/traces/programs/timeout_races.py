# Timeouts against cancel requests, against each other, and against what they guard.
from loop import *

async def guarded(tag, limit, delay):
    scope = asyncio.timeout(limit)
    try:
        async with scope:
            await asyncio.sleep(delay)
            logn(tag, "slept")
    except TimeoutError:
        logn(tag, "TimeoutError", scope.expired(), asyncio.current_task().cancelling())
    except asyncio.CancelledError:
        logn(tag, "CancelledError", scope.expired(), asyncio.current_task().cancelling())
        raise

async def main():
    logn("--- the sleep is due with its limit")
    await guarded("a", 5, 5)
    logn("--- cancel from outside at the tick of the limit, before it and after it")
    for early in (True, False):
        when = loop.time() + 5
        if early:
            loop.call_at(when, lambda: logn("cancel", task.cancel()))
        task = loop.create_task(guarded("b", 5, 10))
        await asyncio.sleep(0)
        if not early:
            loop.call_at(when, lambda: logn("cancel", task.cancel()))
        await asyncio.wait([task])
        logn(outcome(task), task.cancelling())
    logn("--- nested, the inner one first, the outer one first, both at once")
    for outer, inner in ((9, 4), (4, 9), (4, 4)):
        try:
            async with asyncio.timeout(outer) as o:
                try:
                    async with asyncio.timeout(inner) as i:
                        await asyncio.sleep(20)
                except TimeoutError:
                    logn("inner TimeoutError")
                    await asyncio.sleep(1)
                logn("between")
        except TimeoutError:
            logn("outer TimeoutError")
        logn("expired", o.expired(), i.expired(), "cancelling", asyncio.current_task().cancelling())
    logn("--- the body swallows the cancellation")
    async with asyncio.timeout(2) as scope:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            logn("swallowed")
        await asyncio.sleep(1)
        logn("goes on")
    logn("expired", scope.expired(), asyncio.current_task().cancelling())
    logn("--- cleanup takes longer than the limit of another timeout around it")
    try:
        async with asyncio.timeout(4):
            try:
                async with asyncio.timeout(2):
                    try:
                        await asyncio.sleep(9)
                    finally:
                        await asyncio.sleep(5)
                        logn("cleaned up")
            except TimeoutError:
                logn("inner")
    except TimeoutError:
        logn("outer")
    logn("--- moved while it runs")
    async with asyncio.timeout(2) as scope:
        await asyncio.sleep(1)
        scope.reschedule(loop.time() + 5)
        await asyncio.sleep(3)
        scope.reschedule(None)
        await asyncio.sleep(10)
    logn("expired", scope.expired(), scope.when())
run(main())
