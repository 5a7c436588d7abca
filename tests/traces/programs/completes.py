# as_completed: in which order, twice the same, errors, a limit, left early, and what is done with those that have not ended.
from loop import *

async def job(tag, delay, fail=False):
    await asyncio.sleep(delay)
    if fail:
        raise ValueError(tag)
    return tag

def start(*args):
    return loop.create_task(job(*args))

def show(tasks):
    return [outcome(task) for task in tasks]

async def tells(tasks, timeout=None):
    try:
        async for task in asyncio.as_completed(tasks, timeout=timeout):
            try:
                logn("completed", tasks.index(task), await task)
            except ValueError as error:
                logn("failed", tasks.index(task), error)
            except asyncio.CancelledError:
                logn("cancelled", tasks.index(task))
        logn("all")
    except TimeoutError:
        logn("TimeoutError", show(tasks))

async def main():
    logn("--- as they end; two in the same tick; one that fails; one that has ended before; one that is cancelled")
    tasks = [start("a", 5), start("b", 2), start("c", 2), start("d", 4, True), start("e", 0), start("f", 9)]
    await asyncio.sleep(1)
    loop.call_later(7, tasks[5].cancel)
    await tells(tasks)
    logn("--- one that is there twice")
    tasks = [start("a", 2), start("b", 1)]
    await tells([tasks[0], tasks[1], tasks[0]])
    logn("--- of nothing")
    await tells([])
    logn("--- a limit: those that have not ended go on")
    tasks = [start("a", 1), start("b", 9), start("c", 3)]
    await tells(tasks, 3)
    await asyncio.wait(tasks)
    logn(show(tasks))
    logn("--- the last one ends at the tick of the limit")
    await tells([start("a", 1), start("b", 3)], 3)
    logn("--- no time at all: what has ended, and what has not")
    tasks = [start("a", 0), start("b", 9)]
    await asyncio.sleep(1)
    await tells(tasks, 0)
    tasks[1].cancel()
    logn("--- left early: the others go on")
    tasks = [start("a", 2), start("b", 1), start("c", 3)]
    async for task in asyncio.as_completed(tasks):
        logn("first", tasks.index(task), await task)
        break
    await asyncio.wait(tasks)
    logn(show(tasks))
    logn("--- the one that asks is busy: they are told in the order in which they ended")
    tasks = [start("a", 3), start("b", 1), start("c", 2)]
    async for task in asyncio.as_completed(tasks):
        logn("completed", tasks.index(task))
        await asyncio.sleep(5)
    logn("--- cancelled while it waits: they go on")
    tasks = [start("a", 3), start("b", 9)]
    asks = loop.create_task(tells(tasks))
    await asyncio.sleep(5)
    asks.cancel()
    await asyncio.wait([asks])
    logn(outcome(asks), show(tasks))
    await asyncio.wait(tasks)
    logn("--- futures")
    futures = [loop.create_future() for _ in range(3)]
    asks = loop.create_task(tells(futures))
    await asyncio.sleep(1)
    futures[2].set_result("third")
    futures[0].set_result("first")
    await asyncio.sleep(1)
    futures[1].cancel()
    await asks
run(main())
