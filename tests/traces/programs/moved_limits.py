# Limits that others move: later, away and into the past, at the tick at which they pass or the body ends, with a request, nested.
from loop import *

def me():
    return asyncio.current_task()

async def limited(tag, scope, body):
    try:
        async with scope:
            await body
        log(tag, "in time", scope.expired(), scope.when())
    except TimeoutError:
        log(tag, "TimeoutError", scope.expired(), scope.when(), me().cancelling())
    except asyncio.CancelledError:
        log(tag, "CancelledError", scope.expired(), scope.when(), me().cancelling())
        raise

def move(scope, when):
    try:
        scope.reschedule(when)
        log("moved", scope.when(), scope.expired())
    except RuntimeError as error:
        log("refused:", error)

async def ended(task):
    await asyncio.wait([task])
    log(outcome(task), task.cancelling())

def plan(start, scope, moves):
    for at, to in moves:
        loop.call_at(start + at, move, scope, None if to is None else start + to)

# Who moves it comes first in its tick, or last.
async def moved(limit, body, *moves, first=False):
    start = loop.time()
    scope = asyncio.timeout_at(None if limit is None else start + limit)
    if first:
        plan(start, scope, moves)
    task = loop.create_task(limited("task", scope, body))
    await asyncio.sleep(0)
    if not first:
        plan(start, scope, moves)
    await ended(task)

async def itself():
    scope = asyncio.timeout(5)
    async def body():
        move(scope, loop.time() - 1)
        done = loop.create_future()
        done.set_result(1)
        await done
        log("still here")
        move(scope, loop.time() + 9)
        await asyncio.sleep(0)
        log("moved in time")
        move(scope, loop.time())
        move(scope, loop.time() - 2)
        try:
            await asyncio.sleep(9)
        finally:
            move(scope, loop.time() + 9)
    await limited("task", scope, body())

async def nested(*moves):
    start = loop.time()
    inner, outer = asyncio.timeout(9), asyncio.timeout(9)
    async def body():
        await limited("inner", inner, asyncio.sleep(20))
        log("between")
        await asyncio.sleep(1)
    task = loop.create_task(limited("outer", outer, body()))
    await asyncio.sleep(0)
    for name, at, to in moves:
        loop.call_at(start + at, move, outer if name == "outer" else inner, start + to)
    await ended(task)

async def main():
    log("--- later, away, sooner, into the past, to now")
    await asyncio.sleep(10)
    await moved(3, asyncio.sleep(5), (1, 9))
    await moved(3, asyncio.sleep(5), (1, None))
    await moved(None, asyncio.sleep(5), (1, 3))
    await moved(None, asyncio.sleep(9), (2, -3))
    await moved(7, asyncio.sleep(9), (2, 2))
    log("--- into the past, and then away, or later, or again")
    for to in (None, 7, 0):
        await moved(5, asyncio.sleep(9), (2, 1), (2, to))
    log("--- at the tick at which it passes, before and after")
    for first in (True, False):
        await moved(3, asyncio.sleep(9), (3, 6), first=first)
    log("--- into the past at the tick at which the body ends, before and after")
    for first in (True, False):
        await moved(None, asyncio.sleep(3), (3, 1), first=first)
    log("--- in the step in which its future is set, before and after, and with a request")
    for order in ("set move", "move set", "cancel move", "move cancel", "move away", "move move set"):
        start = loop.time()
        future = loop.create_future()
        scope = asyncio.timeout(9)
        task = loop.create_task(limited(order, scope, future))
        await asyncio.sleep(1)
        for word in order.split():
            if word == "set":
                future.set_result(1)
            elif word == "cancel":
                log("cancel", task.cancel())
            else:
                move(scope, None if word == "away" else start)
        loop.call_later(4, lambda future=future: future.done() or future.set_result(2))
        await ended(task)
    log("--- the same of a task")
    async def job():
        await asyncio.sleep(2)
        return 7
    for to in (0, 2, 4):
        await moved(None, loop.create_task(job()), (2, to))
    log("--- by the body")
    await itself()
    log("--- nested: the inner one, the outer one, both, both ways")
    await nested(("inner", 1, 0))
    await nested(("outer", 1, 0))
    await nested(("inner", 1, 0), ("outer", 1, 0))
    await nested(("outer", 1, 0), ("inner", 1, 0))
    await nested(("inner", 1, 3), ("outer", 1, 3))
    await nested(("outer", 1, 3), ("inner", 1, 3))
run(main())
