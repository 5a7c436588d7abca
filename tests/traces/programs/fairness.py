# A callback that always calls itself again, an overdue batch, periodic timers, and what runs after the end of a run.
from loop import *

def burn(ticks):
    loop.now += ticks

logn("--- call_soon for ever does not starve timers")
spins = [0]
def spin():
    spins[0] += 1
    burn(1)
    if spins[0] < 12:
        loop.call_soon(spin)
loop.call_soon(spin)
for delay in (3, 5, 5):
    loop.call_later(delay, lambda delay=delay: logn("timer", delay, "spins", spins[0]))
loop.call_later(8, loop.stop)
loop.run_forever()
logn("spins", spins[0])

logn("--- an overdue batch runs once, in the order of the deadlines, in one turn")
def late():
    burn(50)
    logn("late")
for when in (30, 10, 20):
    loop.call_later(when, logn, "due", when)
loop.call_soon(late)
loop.call_later(60, loop.stop)
loop.run_forever()

logn("--- periodic: call_later drifts, call_at does not")
begin = loop.time()
def drifts(left):
    logn("later", loop.time() - begin)
    burn(3)
    if left:
        loop.call_later(10, drifts, left - 1)
def keeps(left, when):
    logn("at", loop.time() - begin)
    burn(2)
    if left:
        loop.call_at(when + 10, keeps, left - 1, when + 10)
loop.call_later(10, drifts, 3)
loop.call_at(begin + 10, keeps, 3, begin + 10)
loop.call_later(70, loop.stop)
loop.run_forever()

logn("--- one more whole turn after the end of a run")
async def ends():
    loop.call_soon(logn, "soon, queued before the end")
    loop.call_later(0, logn, "due at once")
    loop.create_task(other())
    return 1
async def other():
    logn("other begins")
    await asyncio.sleep(0)
    logn("other goes on")
def called(task):
    logn("callback")
    loop.call_soon(logn, "queued by the callback")
task = loop.create_task(ends())
task.add_done_callback(called)
logn("returns", loop.run_until_complete(task))
run(asyncio.sleep(0))
logn("end")

logn("--- uncancel")
async def uncancels():
    me = asyncio.current_task()
    me.cancel()
    me.cancel()
    logn("cancelling", me.cancelling(), "uncancel", me.uncancel(), me.uncancel(), me.uncancel())
    await asyncio.sleep(1)
    logn("not cancelled")
    me.cancel()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        logn("caught", me.cancelling(), me.uncancel())
    await asyncio.sleep(1)
    return "ends"
logn(run(uncancels()))

logn("--- as_completed with a limit")
async def after(delay):
    await asyncio.sleep(delay)
    return delay
async def completes():
    tasks = [loop.create_task(after(d)) for d in (3, 1, 9, 1)]
    try:
        async for task in asyncio.as_completed(tasks, timeout=5):
            logn("completed", tasks.index(task), await task)
    except TimeoutError:
        logn("TimeoutError", [outcome(t) for t in tasks])
run(completes())
