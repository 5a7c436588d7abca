# Limits by the clock: passed, now, moved into the past, met by a request, and limits in each other that pass together.
from loop import *

def me():
    return asyncio.current_task()

async def limited(tag, when, body):
    try:
        async with asyncio.timeout_at(when) as scope:
            await body
        logn(tag, "in time", scope.expired(), scope.when())
    except TimeoutError:
        logn(tag, "TimeoutError", scope.expired(), scope.when(), me().cancelling())
    except asyncio.CancelledError:
        logn(tag, "CancelledError", scope.expired(), me().cancelling())
        raise

async def nothing():
    pass

async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)

async def ended(coroutine, *calls):
    task = loop.create_task(coroutine)
    for when, call in calls:
        loop.call_at(when, getattr(task, call))
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())

async def main():
    logn("--- passed, now, never: of what does not wait, of what waits a turn, of more")
    await asyncio.sleep(10)
    for when in (loop.time() - 3, loop.time(), None):
        await limited("nothing", when, nothing())
        await limited("a turn", when, turns(1))
        await limited("two turns", when, turns(2))
    logn("--- a sleep until the same moment")
    await limited("sleep", loop.time() + 4, asyncio.sleep(4))
    await limited("sleep", loop.time() + 4, asyncio.sleep(3))
    await limited("sleep", loop.time() + 4, asyncio.sleep(5))
    logn("--- a request at the same tick, before and after")
    when = loop.time() + 3
    await ended(limited("request", when, asyncio.sleep(9)), (when, "cancel"))
    when = loop.time() + 3
    await ended(limited("request", when, asyncio.sleep(9)), (when - 1, "cancel"))
    when = loop.time() + 3
    await ended(limited("request", when, asyncio.sleep(9)), (when, "cancel"), (when, "cancel"))
    logn("--- moved: later, into the past, to now, away")
    async def moved(*whens):
        async with asyncio.timeout(9) as scope:
            for when in whens:
                scope.reschedule(when)
                logn("moved", scope.when())
                await asyncio.sleep(2)
        logn("expired", scope.expired())
    for whens in ((loop.time() + 20, None), (loop.time() - 1,), (loop.time() + 3, loop.time() + 4)):
        try:
            await moved(*whens)
        except TimeoutError:
            logn("TimeoutError")
    logn("--- three in each other, of which two pass together")
    now = loop.time()
    try:
        async with asyncio.timeout_at(now + 5) as a:
            try:
                async with asyncio.timeout_at(now + 3) as b:
                    try:
                        async with asyncio.timeout_at(now + 3) as c:
                            await asyncio.sleep(9)
                    except TimeoutError:
                        logn("c")
            except TimeoutError:
                logn("b")
                await asyncio.sleep(9)
    except TimeoutError:
        logn("a")
    logn(a.expired(), b.expired(), c.expired(), me().cancelling())
    logn("--- an error of the body, and one in the cleanup")
    async def fails(in_time):
        try:
            await asyncio.sleep(1 if in_time else 9)
        finally:
            raise ValueError("body")
    for in_time in (True, False):
        try:
            await limited("fails", loop.time() + 2, fails(in_time))
        except ValueError as error:
            logn("error", error, me().cancelling())
    logn("--- a limit in a task group, and around one")
    async def child(tag, delay):
        try:
            await asyncio.sleep(delay)
            logn(tag, "ends")
        except asyncio.CancelledError:
            logn(tag, "cancelled")
            raise
    async def group():
        async with asyncio.TaskGroup() as g:
            g.create_task(child("a", 2))
            g.create_task(child("b", 9))
            await asyncio.sleep(1)
            logn("body ends")
    await limited("group", loop.time() + 4, group())
run(main())
