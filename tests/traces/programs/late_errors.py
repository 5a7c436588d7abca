# Errors that come when nobody asks any more: which of them the exception handler is told.
from loop import *
import gc

told = []

def log(*words):
    say(f"t={loop.now}", *words)

def handler(loop, context):
    told.append(f"{context['message']}: {context['exception']}")

async def fail(tag, delay, deaf=False):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        if not deaf:
            raise
        await asyncio.sleep(3)
    log(tag, "fails")
    raise ValueError(tag)

def fails(*delays, deaf=()):
    return [loop.create_task(fail("abc"[i], delay, i in deaf)) for i, delay in enumerate(delays)]

async def gathers(tasks):
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        log("gather cancelled")
        raise
    except ValueError as error:
        log("gather failed", error)

async def shields(task):
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        log("shield cancelled")

async def after(what):
    await asyncio.sleep(20)
    gc.collect()
    log(f"--- {what}:", *told)
    told.clear()

async def gather():
    await gathers(fails(1, 2, 3))
    await after("of a gather, the second and the third")
    await gathers(fails(1, 1))
    await after("of a gather, in one turn with the first")
    tasks = fails(5, 5, deaf={1})
    outer = loop.create_task(gathers(tasks))
    await asyncio.sleep(1)
    outer.cancel()
    await asyncio.wait([outer])
    tasks = outer = None
    await after("of a gather that was cancelled, of a task that was deaf to that")
    tasks = fails(5, 5, deaf={0})
    outer = loop.create_task(gathers(tasks))
    await asyncio.sleep(1)
    tasks[1].cancel()
    await asyncio.wait([outer])
    tasks = outer = None
    await after("of a gather of which a task was cancelled, of the other one")
    tasks = fails(5, 6)
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks = None
    await after("of a gather that returns errors")
    a, b, c = fails(1, 3, 4)
    await asyncio.wait([loop.create_task(gathers([a, b])), loop.create_task(gathers([a, b]))])
    a = b = None
    await gathers([c])
    c = None
    await after("of two gathers of the same tasks")

async def others():
    (a,) = fails(2)
    outer = loop.create_task(shields(a))
    a = None
    await asyncio.sleep(1)
    outer.cancel()
    await asyncio.wait([outer])
    outer = None
    await after("of a task whose shield was cancelled")
    a, b = fails(2, 3)
    await gathers([asyncio.shield(a), asyncio.shield(b)])
    a = b = None
    await after("of a gather of shields, the second")
    await asyncio.wait(fails(2, 3), return_when=asyncio.FIRST_EXCEPTION)
    await after("of a wait for the first error, both")
    for first in asyncio.as_completed(fails(2, 3)):
        try:
            await first
        except ValueError as error:
            log("first", error)
        break
    first = None
    await after("of as_completed, the second")
    fails(1)
    await after("of a task for which nobody waits")

async def main():
    loop.set_exception_handler(handler)
    await gather()
    await others()
run(main())
