# Limits that another task moves into the past, turn by turn, as what is waited for ends in the same turn.
from loop import *

async def limited(tag, scope, body):
    try:
        async with scope:
            logn(tag, "got", await body)
        logn(tag, "in time", scope.expired())
    except TimeoutError:
        logn(tag, "TimeoutError", scope.expired(), asyncio.current_task().cancelling())

def bystander(tag, *then):
    logn(tag)
    if then:
        loop.call_soon(bystander, *then)

# Moves it and then ends what is waited for, or the other way round, with others in front, between and behind.
async def moved(tag, make, end):
    for order in ("move end", "end move", "move", "move away end", "end move away"):
        say("---", tag, order)
        scope = asyncio.timeout(90)
        task = loop.create_task(limited(order, scope, make()))
        await asyncio.sleep(1)
        loop.call_soon(bystander, "first", "first again")
        for word in order.split():
            if word == "end":
                end()
            else:
                scope.reschedule(loop.time() + 20 if word == "away" else loop.time())
            loop.call_soon(bystander, "after " + word, "again after " + word)
        await asyncio.wait([task])
        logn(outcome(task), scope.expired())
        if "end" not in order:
            end()

async def main():
    future = None
    def make_future():
        nonlocal future
        future = loop.create_future()
        return future
    await moved("future", make_future, lambda: future.done() or future.set_result(1))
    def make_shield():
        return asyncio.shield(make_future())
    await moved("shield", make_shield, lambda: future.done() or future.set_result(1))
    event = None
    def make_event():
        nonlocal event
        event = asyncio.Event()
        return event.wait()
    await moved("event", make_event, lambda: event.set())
    queue = None
    def make_queue():
        nonlocal queue
        queue = asyncio.Queue()
        return queue.get()
    await moved("queue", make_queue, lambda: queue.put_nowait(1))
    async def job():
        return await make_future()
    await moved("task", lambda: loop.create_task(job()), lambda: future.done() or future.set_result(1))
    async def both():
        a = make_future()
        return await asyncio.gather(a, a)
    await moved("gather", both, lambda: future.done() or future.set_result(1))
    async def waits():
        done, pending = await asyncio.wait([make_future()])
        return len(done)
    await moved("wait", waits, lambda: future.done() or future.set_result(1))

run(main())
