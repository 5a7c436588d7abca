# wait_for: its limit, its end and a cancel request, in the same tick and about it.
from loop import *

def me():
    return asyncio.current_task()

async def waits(tag, awaitable, limit):
    try:
        logn(tag, "result", await asyncio.wait_for(awaitable, limit))
        return "result"
    except TimeoutError:
        logn(tag, "TimeoutError, cancelling", me().cancelling())
        return "late"
    except asyncio.CancelledError:
        logn(tag, "CancelledError, cancelling", me().cancelling())
        raise
    except ValueError as error:
        logn(tag, "error", error, "cancelling", me().cancelling())
        return "failed"

async def job(tag, delay, cleanup=0, swallow=False, fail=None):
    try:
        await asyncio.sleep(delay)
        return tag
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        if cleanup:
            await asyncio.sleep(cleanup)
        if fail:
            raise ValueError(fail)
        if swallow:
            return tag + " all the same"
        raise

def at(when, *calls):
    for call in calls:
        loop.call_at(when, call)

async def ended(task):
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())

async def main():
    logn("--- a future is set and who waits is cancelled, in the same step, both ways")
    for first in ("set", "cancel"):
        future = loop.create_future()
        task = loop.create_task(waits("w", future, 9))
        await asyncio.sleep(1)
        if first == "set":
            future.set_result("one")
        logn("cancel", task.cancel(), outcome(future))
        if first != "set":
            try:
                future.set_result("one")
            except asyncio.InvalidStateError:
                logn("InvalidStateError")
        await ended(task)
    logn("--- a future is set at the tick of the limit, before it and after it")
    for before in (True, False):
        future = loop.create_future()
        when = loop.time() + 5
        def sets():
            if future.done():
                logn("too late", outcome(future))
            else:
                future.set_result("two")
                logn("set")
        if before:
            at(when, sets)
        task = loop.create_task(waits("w", future, 5))
        await asyncio.sleep(0)
        if not before:
            at(when, sets)
        await ended(task)
        logn(outcome(future))
    logn("--- a task that ends at the tick of the limit")
    await ended(loop.create_task(waits("w", loop.create_task(job("a", 5)), 5)))
    inner = loop.create_task(job("b", 5))
    await asyncio.sleep(0)
    await ended(loop.create_task(waits("w", inner, 5)))
    await ended(loop.create_task(waits("w", job("c", 5), 5)))
    logn("--- cancelled at the tick of the limit, before it and after it")
    for before in (True, False):
        when = loop.time() + 5
        box = []
        def cancels():
            logn("cancel", box[0].cancel())
        if before:
            at(when, cancels)
        box.append(loop.create_task(waits("w", job("d", 9), 5)))
        await asyncio.sleep(0)
        if not before:
            at(when, cancels)
        await ended(box[0])
    logn("--- cancelled while what is too late cleans up")
    task = loop.create_task(waits("w", job("e", 9, cleanup=5), 2))
    await asyncio.sleep(4)
    logn("cancel", task.cancel())
    await ended(task)
    inner = loop.create_task(job("f", 9, cleanup=5))
    task = loop.create_task(waits("w", inner, 2))
    await asyncio.sleep(4)
    logn("cancel", task.cancel())
    await ended(task)
    logn(outcome(inner))
    logn("--- too late: what it waits for swallows that, fails, takes long")
    for options in ({"swallow": True}, {"fail": "x"}, {"cleanup": 4}, {"cleanup": 4, "swallow": True}):
        await ended(loop.create_task(waits("w", job("g", 9, **options), 2)))
        await ended(loop.create_task(waits("w", loop.create_task(job("h", 9, **options)), 2)))
    logn("--- cancelled: what it waits for swallows that, fails")
    for options in ({"swallow": True}, {"fail": "x"}):
        task = loop.create_task(waits("w", loop.create_task(job("i", 9, **options)), 20))
        await asyncio.sleep(1)
        task.cancel()
        await ended(task)
    logn("--- a shield: the work goes on")
    inner = loop.create_task(job("j", 5))
    await ended(loop.create_task(waits("w", asyncio.shield(inner), 2)))
    logn(outcome(inner), await inner)
    logn("--- without a limit")
    await ended(loop.create_task(waits("w", job("k", 5), None)))
    task = loop.create_task(waits("w", job("l", 5), None))
    await asyncio.sleep(1)
    task.cancel()
    await ended(task)
    logn("--- one in another: the inner one is too late, the outer one, both")
    for inner, outer in ((2, 5), (5, 2), (3, 3)):
        await ended(loop.create_task(waits("outer", waits("inner", job("m", 9), inner), outer)))
run(main())
