# Requests to cancel that are counted, withdrawn before and after they come, and what limits and groups make of the count.
from loop import *

def me():
    return asyncio.current_task()

async def main():
    logn("--- a task that has not begun: withdrawn")
    async def runs(tag):
        logn(tag, "runs", me().cancelling())
        await asyncio.sleep(1)
        return tag
    task = loop.create_task(runs("a"))
    logn(task.cancel(), task.cancel(), task.cancelling())
    logn(task.uncancel(), task.uncancel(), task.uncancel())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- one of two withdrawn: it comes all the same")
    task = loop.create_task(runs("b"))
    logn(task.cancel(), task.cancel(), task.uncancel())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- one that waits: too late, what it waits for is cancelled")
    task = loop.create_task(runs("c"))
    await asyncio.sleep(0)
    logn(task.cancel(), task.uncancel())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- one whose future is ready: withdrawn, the result comes")
    future = loop.create_future()
    async def gets(tag):
        try:
            logn(tag, "got", await future)
        except asyncio.CancelledError:
            logn(tag, "cancelled", me().cancelling())
            raise
    task = loop.create_task(gets("d"))
    await asyncio.sleep(0)
    future.set_result(4)
    logn(task.cancel(), task.uncancel(), task.cancelling())
    await asyncio.wait([task])
    logn(outcome(task))
    logn("--- by itself, before it waits")
    async def itself(withdraw):
        me().cancel()
        logn("cancelling", me().cancelling())
        if withdraw:
            logn("uncancel", me().uncancel())
        try:
            await asyncio.sleep(1)
            logn("slept")
        except asyncio.CancelledError:
            logn("caught, cancelling", me().cancelling())
    for withdraw in (True, False):
        task = loop.create_task(itself(withdraw))
        await asyncio.wait([task])
        logn(outcome(task), task.cancelling())
    logn("--- below zero, and when it has ended")
    logn(task.uncancel(), task.uncancel(), task.cancelling(), task.cancel(), task.cancelling())
    logn("--- caught and not withdrawn: a limit inside is one of several; withdrawn, it is the only one")
    async def limited(withdraw):
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            logn("caught, cancelling", me().cancelling())
            if withdraw:
                me().uncancel()
        try:
            async with asyncio.timeout(2):
                await asyncio.sleep(9)
        except TimeoutError:
            logn("TimeoutError, cancelling", me().cancelling())
    for withdraw in (True, False):
        task = loop.create_task(limited(withdraw))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        logn(outcome(task), task.cancelling())
    logn("--- a limit that has passed, and a request that comes while it cleans up: withdrawn, it was the limit alone")
    async def cleans(withdraw):
        try:
            async with asyncio.timeout(2):
                try:
                    await asyncio.sleep(9)
                except asyncio.CancelledError:
                    try:
                        await asyncio.sleep(4)
                    except asyncio.CancelledError:
                        logn("in the cleanup, cancelling", me().cancelling())
                        if withdraw:
                            logn("uncancel", me().uncancel())
                    raise
        except TimeoutError:
            logn("TimeoutError, cancelling", me().cancelling())
        except asyncio.CancelledError:
            logn("CancelledError, cancelling", me().cancelling())
            raise
    for withdraw in (True, False):
        task = loop.create_task(cleans(withdraw))
        await asyncio.sleep(3)
        task.cancel()
        await asyncio.wait([task])
        logn(outcome(task), task.cancelling())
    logn("--- a group whose child fails: the count is as before")
    async def fails():
        await asyncio.sleep(1)
        raise ValueError("child")
    async def groups():
        me().cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            logn("caught, cancelling", me().cancelling())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails())
                await asyncio.sleep(9)
        except* ValueError as errors:
            logn("errors", len(errors.exceptions), "cancelling", me().cancelling())
    task = loop.create_task(groups())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- more than a few: before it has begun, withdrawn, and one by one")
    task = loop.create_task(runs("e"))
    for _ in range(9):
        task.cancel()
    logn(task.cancelling(), [task.uncancel() for _ in range(10)])
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    async def stubborn(requests):
        for _ in range(requests):
            me().cancel()
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                pass
        logn("caught, cancelling", me().cancelling())
        try:
            async with asyncio.timeout(2):
                await asyncio.sleep(9)
        except TimeoutError:
            logn("TimeoutError, cancelling", me().cancelling())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails())
                await asyncio.sleep(9)
        except* ValueError as errors:
            logn("errors", len(errors.exceptions), "cancelling", me().cancelling())
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            logn("again, cancelling", me().cancelling())
        async with asyncio.timeout(2):
            await asyncio.sleep(9)
    for requests in (6, 7, 20):
        task = loop.create_task(stubborn(requests))
        loop.call_later(4, lambda: logn("cancel", task.cancel(), task.cancelling()))
        await asyncio.wait([task])
        logn(outcome(task), task.cancelling())
    logn("--- through a task that is waited for")
    inner = loop.create_task(stubborn(6))
    async def awaits():
        await inner
    task = loop.create_task(awaits())
    await asyncio.sleep(1)
    for _ in range(9):
        task.cancel()
    logn(task.cancelling(), inner.cancelling())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling(), outcome(inner), inner.cancelling())
run(main())
