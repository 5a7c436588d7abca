# Groups whose children fail, are cancelled or multiply, alone and in each other: the rest of CPython's own tests of them.
from loop import *

def me():
    return asyncio.current_task()

def show(errors):
    return [show(e) if isinstance(e, BaseExceptionGroup) else str(e) for e in errors.exceptions]

async def sleeps(tag, delay, fail=None, cleanup=None):
    logn(tag, "starts")
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        if cleanup:
            raise ValueError(cleanup)
        raise
    if fail:
        raise ValueError(fail)
    logn(tag, "ends")

async def caught(coroutine):
    try:
        await coroutine
        logn("ends", me().cancelling())
    except asyncio.CancelledError:
        logn("CancelledError", me().cancelling())
        raise
    except BaseExceptionGroup as errors:
        logn("errors", show(errors), me().cancelling())

async def cancelled_at(delay, coroutine):
    task = loop.create_task(caught(coroutine))
    await asyncio.sleep(delay)
    logn("cancel", task.cancel())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())

async def group(*children, body=None):
    async with asyncio.TaskGroup() as g:
        for child in children:
            g.create_task(child)
        if body:
            await body

async def raises_at_once(*children):
    async with asyncio.TaskGroup() as g:
        for child in children:
            g.create_task(child)
        raise ValueError("at once")

async def nested(outer, inner):
    async with asyncio.TaskGroup() as g:
        for child in outer:
            g.create_task(child)
        async with asyncio.TaskGroup() as h:
            for child in inner:
                h.create_task(child)
            await sleeps("body", 9)

async def lingers():
    try:
        await asyncio.sleep(9)
    except asyncio.CancelledError:
        await asyncio.sleep(5)
        logn("body cleaned up")
        raise

async def awaits(coroutine):
    await loop.create_task(coroutine)

async def hydra(g, heads, refused):
    heads.append(1)
    try:
        await asyncio.sleep(2)
    except asyncio.CancelledError:
        try:
            g.create_task(hydra(g, heads, refused))
        except RuntimeError:
            refused.append(1)
        raise
    for _ in range(2):
        g.create_task(hydra(g, heads, refused))

async def hercules(heads):
    while len(heads) < 10:
        await asyncio.sleep(3)
    raise ValueError("dead")

async def fight():
    heads, refused = [], []
    try:
        async with asyncio.TaskGroup() as g:
            g.create_task(hydra(g, heads, refused))
            g.create_task(hercules(heads))
    finally:
        logn("heads", len(heads), "refused", len(refused))

async def both_cancelled():
    try:
        async with asyncio.TaskGroup() as outer:
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(sleeps("i", 0, "inner"))
                    outer.create_task(sleeps("o", 0, "outer"))
            except BaseExceptionGroup as errors:
                logn("inner", show(errors), me().cancelling())
            logn("between", me().cancelling())
    except BaseExceptionGroup as errors:
        logn("outer", show(errors), me().cancelling())

async def error_and_cancel():
    try:
        await group(sleeps("e", 1, "error"), body=sleeps("body", 9))
    except BaseExceptionGroup as errors:
        logn("errors", show(errors), me().cancelling())
    logn("behind", me().cancelling())
    await asyncio.sleep(9)
    logn("never")

async def twice():
    g = asyncio.TaskGroup()
    async with g:
        pass
    try:
        async with g:
            logn("never")
    except RuntimeError as error:
        logn(str(error).split("> ")[1])

async def main():
    logn("--- cancelled from outside: body and children, all without a word")
    await cancelled_at(1, group(sleeps("a", 9), sleeps("b", 9), body=sleeps("body", 9)))
    logn("--- no children")
    await cancelled_at(1, group(body=sleeps("body", 9)))
    logn("--- the body ends with an error of its own")
    await cancelled_at(1, group(body=sleeps("body", 9, None, "own")))
    logn("--- no body")
    await cancelled_at(1, group(sleeps("a", 9), sleeps("b", 9)))
    logn("--- errors while being cancelled, in a group in a group")
    await cancelled_at(1, nested([], [sleeps("i", 9, None, "i"), sleeps("k", 9, None, "k")]))
    await cancelled_at(1, nested([sleeps("o", 9)], [sleeps("i", 9, None, "i"), sleeps("k", 9)]))
    logn("--- a child fails while the body, cancelled from outside, cleans up")
    await cancelled_at(1, group(sleeps("a", 3, "a"), body=lingers()))
    await cancelled_at(1, awaits(group(sleeps("a", 3, "a"), body=lingers())))
    logn("--- the body fails before the children have begun")
    await caught(raises_at_once(sleeps("a", 9), sleeps("b", 9)))
    logn("--- a child fails, and so does the body when it is cancelled")
    await caught(group(sleeps("a", 1, "a"), body=sleeps("body", 9, None, "body")))
    logn("--- children that make children")
    await caught(fight())
    logn("--- a child of each of two groups fails in the same turn")
    await both_cancelled()
    logn("--- an error and a request at the same time, with the request first")
    task = loop.create_task(error_and_cancel())
    await asyncio.sleep(1)
    await asyncio.sleep(0)
    logn("cancel", task.cancel(), task.cancelling())
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- a second time")
    await twice()
run(main())
