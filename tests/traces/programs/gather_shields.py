# Shields as members of a gather: in which turn it ends, beside tasks and coroutines, and when it is cancelled.
from loop import *

def me():
    return asyncio.current_task()

async def job(tag, delay, fail=False):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        raise
    if fail:
        logn(tag, "fails")
        raise ValueError(tag)
    logn(tag, "ends")
    return tag

def jobs(*delays, fails=()):
    return [loop.create_task(job("abc"[i], delay, i in fails)) for i, delay in enumerate(delays)]

async def gathers(*members):
    try:
        logn("gathered", await asyncio.gather(*members))
    except asyncio.CancelledError:
        logn("gather cancelled", me().cancelling())
        raise
    except ValueError as error:
        logn("gather failed", error)
    return "over"

async def awaits(tag, task):
    logn(tag, "awaited", await task)

def show(tasks):
    return [outcome(task) for task in tasks]

async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)

async def main():
    shield = asyncio.shield
    logn("--- two shields, whose tasks end in one turn, and one behind the other")
    for delays in (0, 0), (1, 2), (2, 1):
        a, b = jobs(*delays)
        early = loop.create_task(awaits("before", b))
        gather = loop.create_task(gathers(shield(a), shield(b)))
        late = loop.create_task(awaits("behind", b))
        await asyncio.wait([gather, early, late])
    logn("--- a shield and a task")
    for delays in (0, 0), (1, 2), (2, 1):
        a, b = jobs(*delays)
        gather = loop.create_task(gathers(shield(a), b))
        late = loop.create_task(awaits("behind", a))
        await asyncio.wait([gather, late])
    logn("--- tasks that have ended: all, one, and an ended task beside a shield")
    a, b = jobs(0, 0)
    await asyncio.wait([a, b])
    await gathers(shield(a), shield(b))
    (b,) = jobs(1)
    await gathers(shield(a), shield(b))
    (b,) = jobs(1)
    await gathers(a, shield(b))
    logn("--- the first fails, the second, both in one turn")
    for delays, fails in ((1, 2), {0}), ((1, 2), {1}), ((0, 0), {0, 1}):
        a, b = jobs(*delays, fails=fails)
        await gathers(shield(a), shield(b))
        await asyncio.wait([a, b])
        logn(show([a, b]))
    logn("--- one of the tasks is cancelled")
    for index in 0, 1:
        tasks = jobs(3, 3)
        gather = loop.create_task(gathers(*map(shield, tasks)))
        await asyncio.sleep(1)
        logn("cancel", tasks[index].cancel())
        await asyncio.wait([gather])
        logn(outcome(gather), show(tasks))
        await asyncio.wait(tasks)
        logn(show(tasks))
    logn("--- who gathers is cancelled after so many turns")
    for count in range(7):
        logn("---", count)
        tasks = jobs(0, 0)
        gather = loop.create_task(gathers(*map(shield, tasks)))
        await turns(count)
        logn("cancel", gather.cancel(), show(tasks))
        await asyncio.wait([gather])
        logn(outcome(gather), show(tasks))
        await asyncio.wait(tasks)
    logn("--- the same, of a shield and a task")
    for count in range(7):
        logn("---", count)
        a, b = jobs(0, 0)
        gather = loop.create_task(gathers(shield(a), b))
        await turns(count)
        logn("cancel", gather.cancel(), show([a, b]))
        await asyncio.wait([gather])
        logn(outcome(gather), show([a, b]))
        await asyncio.wait([a, b])
        logn(show([a, b]))
    logn("--- who gathers is cancelled while the tasks sleep")
    tasks = jobs(5, 6)
    gather = loop.create_task(gathers(*map(shield, tasks)))
    await asyncio.sleep(1)
    logn("cancel", gather.cancel())
    await asyncio.wait([gather])
    logn(outcome(gather), show(tasks))
    await asyncio.wait(tasks)
    logn("--- with a limit")
    tasks = jobs(5, 6)
    try:
        await asyncio.wait_for(asyncio.gather(*map(shield, tasks)), 2)
    except TimeoutError:
        logn("too late", show(tasks))
    await asyncio.wait(tasks)
    logn(show(tasks))
run(main())
