# Barriers with limits, requests and groups around: the last one comes, or it is broken, at the tick of a limit or in the step of a request.
from loop import *

async def party(bar, tag, limit=None):
    try:
        logn(tag, "passes", await asyncio.wait_for(bar.wait(), limit), bar.n_waiting)
    except asyncio.BrokenBarrierError as error:
        logn(tag, error)
    except TimeoutError:
        logn(tag, "TimeoutError", bar.n_waiting, bar.broken)
    except asyncio.CancelledError:
        logn(tag, "cancelled", bar.n_waiting, bar.broken)
        raise

def start(bar, tags, limit=None):
    return [loop.create_task(party(bar, tag, limit)) for tag in tags]

async def over(bar, tasks):
    await asyncio.wait(tasks)
    logn([outcome(task) for task in tasks], bar.n_waiting, bar.broken)

async def main():
    logn("--- too late for one, who is not counted any more")
    bar = asyncio.Barrier(3)
    tasks = start(bar, "a", 2) + start(bar, "b")
    await asyncio.sleep(3)
    tasks += start(bar, "c")
    await asyncio.sleep(1)
    logn(bar.n_waiting)
    tasks += start(bar, "d")
    await over(bar, tasks)
    logn("--- the last one comes at the tick of the limit, before and after")
    for early in (True, False):
        bar = asyncio.Barrier(2)
        tasks = []
        when = loop.time() + 3
        def comes():
            tasks.extend(start(bar, "z"))
        if early:
            loop.call_at(when, comes)
        tasks += start(bar, "a", 3)
        await asyncio.sleep(0)
        if not early:
            loop.call_at(when, comes)
        await asyncio.sleep(5)
        logn([outcome(task) for task in tasks], bar.n_waiting)
        tasks += start(bar, "y")
        await asyncio.sleep(1)
        if bar.n_waiting:
            tasks += start(bar, "x")
        await over(bar, tasks)
    logn("--- it is broken at the tick of the limit, and a little before")
    for change in ("abort", "reset"):
        for ticks in (3, 2):
            bar = asyncio.Barrier(3)
            tasks = start(bar, "ab", 3)
            await asyncio.sleep(ticks)
            await getattr(bar, change)()
            logn(change, bar.n_waiting, bar.broken)
            await over(bar, tasks)
    logn("--- one is cancelled in the step in which the last one comes, before and after; then another round")
    for early in (True, False):
        bar = asyncio.Barrier(2)
        tasks = start(bar, "a")
        await asyncio.sleep(1)
        if early:
            tasks[0].cancel()
        tasks += start(bar, "b")
        await asyncio.sleep(0)
        if not early:
            tasks[0].cancel()
        await asyncio.sleep(1)
        logn([outcome(task) for task in tasks], bar.n_waiting)
        tasks += start(bar, "c")
        await asyncio.sleep(1)
        logn([outcome(task) for task in tasks], bar.n_waiting)
        if bar.n_waiting:
            await over(bar, start(bar, "d"))
    logn("--- one that goes is cancelled, while others wait outside")
    bar = asyncio.Barrier(3)
    tasks = start(bar, "abc") + start(bar, "de")
    await asyncio.sleep(0)
    logn("cancel", tasks[0].cancel(), bar.n_waiting)
    await asyncio.sleep(1)
    logn([outcome(task) for task in tasks], bar.n_waiting)
    tasks += start(bar, "f")
    await over(bar, tasks)
    logn("--- reset and a request in one step, both ways; it is as new afterwards")
    for first in ("cancel", "reset"):
        bar = asyncio.Barrier(3)
        tasks = start(bar, "ab")
        await asyncio.sleep(1)
        if first == "cancel":
            tasks[0].cancel()
        await bar.reset()
        if first != "cancel":
            tasks[0].cancel()
        logn(bar.n_waiting, bar.broken)
        await over(bar, tasks)
        await over(bar, start(bar, "cde"))
    logn("--- abort twice, reset while some come, reset twice")
    bar = asyncio.Barrier(2)
    tasks = start(bar, "a")
    await asyncio.sleep(0)
    await bar.abort()
    await bar.abort()
    tasks += start(bar, "b")
    await bar.reset()
    tasks += start(bar, "c")
    await bar.reset()
    await asyncio.sleep(1)
    logn([outcome(task) for task in tasks], bar.n_waiting, bar.broken)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    logn("--- who resets is cancelled, as it must wait for the lock")
    bar = asyncio.Barrier(2)
    tasks = start(bar, "ab")
    await asyncio.sleep(0)
    resets = loop.create_task(bar.reset())
    await asyncio.sleep(0)
    logn("cancel", resets.cancel())
    await over(bar, tasks + [resets])
    logn("--- in a group of which another fails")
    bar = asyncio.Barrier(3)
    async def fails():
        await asyncio.sleep(2)
        raise ValueError("x")
    try:
        async with asyncio.TaskGroup() as group:
            for tag in "ab":
                group.create_task(party(bar, tag))
            group.create_task(fails())
    except* ValueError as errors:
        logn("errors", len(errors.exceptions), bar.n_waiting, bar.broken)
    await over(bar, start(bar, "cde"))
run(main())
