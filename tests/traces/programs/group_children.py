# Groups whose members wait for one another: bodies that await children, children that await siblings, cancel them, or their parent.
from loop import *

def me():
    return asyncio.current_task()

async def job(tag, delay, fail=False, cleanup=0):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        logn(tag, "cancelled", me().cancelling())
        if cleanup:
            await asyncio.sleep(cleanup)
            logn(tag, "cleaned up")
        raise
    if fail:
        raise ValueError(tag)
    logn(tag, "ends")
    return tag

async def awaits(tag, task):
    try:
        logn(tag, "got", await task)
    except ValueError as error:
        logn(tag, "sees", error)
        raise
    except asyncio.CancelledError:
        logn(tag, "CancelledError", me().cancelling())
        raise

async def caught(coroutine):
    try:
        await coroutine
        logn("ends", me().cancelling())
    except BaseExceptionGroup as errors:
        logn("errors", [str(error) for error in errors.exceptions], me().cancelling())
    except asyncio.CancelledError:
        logn("CancelledError", me().cancelling())
        raise

async def ended(coroutine):
    task = loop.create_task(caught(coroutine))
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())

async def body_awaits(delay, fail, cancel=False):
    async with asyncio.TaskGroup() as group:
        group.create_task(job("other", 9))
        child = group.create_task(job("child", delay, fail))
        if cancel:
            loop.call_later(1, child.cancel)
        await awaits("body", child)
        logn("body goes on")

async def sibling_awaits(fail, cancel=False):
    async with asyncio.TaskGroup() as group:
        child = group.create_task(job("child", 2, fail))
        group.create_task(awaits("sibling", child))
        group.create_task(awaits("second", child))
        if cancel:
            loop.call_later(1, child.cancel)
        await asyncio.sleep(4)
        logn("body ends")

async def cancels_parent(swallows):
    parent = me()
    async def child():
        await asyncio.sleep(1)
        logn("cancel", parent.cancel())
        await job("child", 9, False, 2)
    async with asyncio.TaskGroup() as group:
        group.create_task(job("other", 9))
        group.create_task(child())
        try:
            await asyncio.sleep(5)
            logn("body goes on")
        except asyncio.CancelledError:
            logn("body cancelled", me().cancelling())
            if not swallows:
                raise
            await asyncio.sleep(1)
            logn("body goes on", me().cancelling())
    logn("behind", me().cancelling())

async def swallows(fails, again):
    parent = me()
    async with asyncio.TaskGroup() as group:
        group.create_task(job("a", 2, fails))
        group.create_task(job("b", 9, False, 3))
        if again:
            loop.call_later(4, parent.cancel)
        for _ in range(2):
            try:
                await asyncio.sleep(4)
                logn("body slept")
            except asyncio.CancelledError:
                logn("body swallows", me().cancelling())
        try:
            late = job("late", 1)
            group.create_task(late)
        except RuntimeError as error:
            late.close()
            logn("refused", str(error).split("> ")[1])
    logn("behind", me().cancelling())

async def late_children():
    async with asyncio.TaskGroup() as group:
        async def spawns(depth):
            await asyncio.sleep(1)
            if depth:
                group.create_task(spawns(depth - 1))
            logn("spawned", depth)
        group.create_task(spawns(3))
        logn("body ends")
    logn("behind")

async def cancelled_at_exit(times):
    parent = me()
    for time in times:
        loop.call_later(time, lambda: logn("cancel", parent.cancel()))
    async with asyncio.TaskGroup() as group:
        group.create_task(job("a", 9, False, 4))
        group.create_task(job("b", 9))
    logn("never")

async def body_fails_with(delay):
    async with asyncio.TaskGroup() as group:
        group.create_task(job("a", 2, True))
        group.create_task(job("b", 9))
        await job("body", delay, True)

async def at_a_limit(when):
    async def group():
        async with asyncio.TaskGroup() as group:
            group.create_task(job("a", when, True))
            group.create_task(job("b", 9, False, 1))
    scope = asyncio.timeout(3)
    try:
        async with scope:
            await group()
    except TimeoutError:
        logn("TimeoutError", me().cancelling())
    finally:
        logn("expired", scope.expired())

async def main():
    logn("--- the body awaits a child that ends, fails, is cancelled")
    await ended(body_awaits(2, False))
    await ended(body_awaits(2, True))
    await ended(body_awaits(2, False, True))
    logn("--- one that has failed, or ended, before it is awaited")
    await ended(body_awaits(0, True))
    await ended(body_awaits(0, False))
    logn("--- siblings await a child that ends, fails, is cancelled")
    await ended(sibling_awaits(False))
    await ended(sibling_awaits(True))
    await ended(sibling_awaits(False, True))
    logn("--- a child cancels the parent, whose body raises or swallows that")
    for swallow in (False, True):
        await ended(cancels_parent(swallow))
    logn("--- the body swallows what comes when a child fails, and a request")
    await ended(swallows(True, False))
    await ended(swallows(False, True))
    await ended(swallows(True, True))
    logn("--- children of children, when the body has ended")
    await ended(late_children())
    logn("--- cancelled when the body has ended: once, twice, while a child cleans up")
    await ended(cancelled_at_exit([1]))
    await ended(cancelled_at_exit([1, 1]))
    await ended(cancelled_at_exit([1, 3]))
    logn("--- the body fails before, in the turn of, and after the failure of a child")
    for delay in (1, 2, 3):
        await ended(body_fails_with(delay))
    logn("--- a child fails at the tick of a limit, before and after it")
    for when in (2, 3, 4):
        await ended(at_a_limit(when))
    logn("--- in a shield, of which the outside is cancelled")
    inner = loop.create_task(caught(body_fails_with(3)))
    outer = loop.create_task(caught(asyncio.shield(inner)))
    await asyncio.sleep(1)
    outer.cancel()
    await asyncio.wait([inner, outer])
    logn(outcome(inner), outcome(outer))
run(main())
