# Cancelling a gather: before, while, and after its children end; with and without return_exceptions; slow cleanup.
from loop import *

async def child(tag, delay, cleanup=0, end=None):
    try:
        await asyncio.sleep(delay)
        logn(tag, "ends")
        if end:
            raise ValueError(tag)
        return tag
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        if cleanup:
            await asyncio.sleep(cleanup)
            logn(tag, "cleaned up")
        raise

async def gathers(tag, children, exceptions):
    try:
        result = await asyncio.gather(*children, return_exceptions=exceptions)
        logn(tag, "result", [repr(r) if not isinstance(r, BaseException) else type(r).__name__ for r in result])
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        raise
    except ValueError as error:
        logn(tag, "error", error)

async def main():
    for exceptions in (False, True):
        logn("--- return_exceptions", exceptions)
        children = [loop.create_task(child("a", 10)), loop.create_task(child("b", 10, 5)), loop.create_task(child("c", 1))]
        task = loop.create_task(gathers("g", children, exceptions))
        await asyncio.sleep(3)
        logn("cancel", task.cancel())
        await asyncio.wait([task])
        logn("gather", outcome(task), [outcome(c) for c in children])
        await asyncio.wait(children)
        logn([outcome(c) for c in children])
        logn("--- children done in the turn of the cancel")
        children = [loop.create_task(child("d", 2)), loop.create_task(child("e", 2))]
        task = loop.create_task(gathers("h", children, exceptions))
        loop.call_at(loop.time() + 2, lambda: logn("cancel", task.cancel()))
        await asyncio.wait([task])
        logn(outcome(task), [outcome(c) for c in children])
        logn("--- cancel after a child has failed")
        children = [loop.create_task(child("f", 1, end=1)), loop.create_task(child("i", 5))]
        task = loop.create_task(gathers("j", children, exceptions))
        await asyncio.sleep(2)
        logn("cancel", task.cancel(), [outcome(c) for c in children])
        await asyncio.wait([task])
        logn(outcome(task))
        await asyncio.wait(children)
        logn([outcome(c) for c in children])
run(main())
