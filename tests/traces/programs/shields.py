# Gathers that are cancelled as their members begin and end, and shields, also around a gather.
from loop import *

def me():
    return asyncio.current_task()

async def job(tag, delay, fail=False):
    logn(tag, "starts")
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        raise
    if fail:
        raise ValueError(tag)
    logn(tag, "ends")
    return tag

async def gathers(tasks):
    try:
        logn("gathered", await asyncio.gather(*tasks))
    except asyncio.CancelledError:
        logn("gather cancelled", me().cancelling())
        raise
    except ValueError as error:
        logn("gather failed", error)
    return "over"

async def shields(task):
    try:
        result = await asyncio.shield(task)
    except asyncio.CancelledError:
        logn("shield cancelled", me().cancelling())
        raise
    except ValueError as error:
        logn("shield failed", error)
        return "failed"
    logn("shield ends", result)
    return result

def show(tasks):
    return [outcome(task) for task in tasks]

async def cancelled(outer, tasks):
    logn("cancel", outer.cancel(), show(tasks))
    await asyncio.wait([outer])
    logn(outcome(outer), show(tasks))
    await asyncio.wait(tasks)
    logn(show(tasks))

async def main():
    for turns in range(0, 6):
        logn("--- gather cancelled after so many turns:", turns)
        tasks = [loop.create_task(job("a", 0)), loop.create_task(job("b", 0))]
        outer = loop.create_task(gathers(tasks))
        for _ in range(turns):
            await asyncio.sleep(0)
        await cancelled(outer, tasks)
    logn("--- two members fail in the same turn")
    tasks = [loop.create_task(job("a", 0, True)), loop.create_task(job("b", 0, True))]
    logn(await gathers(tasks), show(tasks))
    logn("--- who waits at a shield is cancelled: before it has begun, while it waits, as the work ends")
    for turns in range(0, 5):
        task = loop.create_task(job("a", 0))
        outer = loop.create_task(shields(task))
        for _ in range(turns):
            await asyncio.sleep(0)
        await cancelled(outer, [task])
    logn("--- the work is cancelled, the work fails")
    task = loop.create_task(job("a", 9))
    outer = loop.create_task(shields(task))
    await asyncio.sleep(1)
    logn("cancel", task.cancel())
    await asyncio.wait([outer])
    logn(outcome(outer), outer.cancelling())
    logn(await shields(loop.create_task(job("a", 1, True))))
    logn("--- a gather at a shield: its members go on")
    tasks = [loop.create_task(job("a", 5)), loop.create_task(job("b", 5))]
    inner = loop.create_task(gathers(tasks))
    outer = loop.create_task(shields(inner))
    await asyncio.sleep(1)
    await cancelled(outer, tasks + [inner])
run(main())
