# A cancel request that meets something that is ready already.
from loop import *

async def waits(tag, awaited):
    try:
        logn(tag, "got", await awaited)
        return tag
    except asyncio.CancelledError:
        logn(tag, "cancelled, cancelling", asyncio.current_task().cancelling())
        raise
    except ValueError as error:
        logn(tag, "error", error)

async def pair(future):
    tasks = [loop.create_task(waits(tag, future)) for tag in ("x", "y")]
    await asyncio.sleep(0)
    return tasks

async def main():
    logn("--- result ready, then cancel: the result is lost")
    future = loop.create_future()
    task = loop.create_task(waits("r", future))
    await asyncio.sleep(0)
    future.set_result(1)
    logn(task.cancel())
    await asyncio.wait([task])
    logn(outcome(task), outcome(future))
    logn("--- error ready, then cancel: the error is lost")
    future = loop.create_future()
    task = loop.create_task(waits("e", future))
    await asyncio.sleep(0)
    future.set_exception(ValueError("lost"))
    logn(task.cancel())
    await asyncio.wait([task])
    logn(outcome(task))
    future.exception()
    logn("--- cancel, then result: refused")
    future = loop.create_future()
    task = loop.create_task(waits("c", future))
    await asyncio.sleep(0)
    logn(task.cancel(), "future", outcome(future))
    try:
        future.set_result(2)
    except asyncio.InvalidStateError:
        logn("InvalidStateError")
    await asyncio.wait([task])
    logn("--- one waiting task cancelled: all who wait for the future are")
    x, y = await pair(loop.create_future())
    x.cancel()
    await asyncio.wait([x, y])
    logn(outcome(x), outcome(y), x.cancelling(), y.cancelling())
    logn("--- timer and cancel at the same tick, both ways")
    task = loop.create_task(waits("s", asyncio.sleep(5)))
    loop.call_at(loop.time() + 5, lambda: logn("cancel", task.cancel()))
    await asyncio.wait([task])
    logn(outcome(task))
    when = loop.time() + 5
    loop.call_at(when, lambda: logn("cancel", task.cancel()))
    task = loop.create_task(waits("t", asyncio.sleep(5)))
    await asyncio.wait([task])
    logn(outcome(task))
    logn("--- two tasks cancel each other")
    tasks = []
    async def other(i):
        try:
            await asyncio.sleep(1)
            logn("other", i, "cancels:", tasks[1 - i].cancel())
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            logn("other", i, "is cancelled")
            raise
    tasks += [loop.create_task(other(i)) for i in range(2)]
    await asyncio.wait(tasks)
    logn([outcome(t) for t in tasks])
run(main())
