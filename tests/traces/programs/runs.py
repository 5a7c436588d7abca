# Runs: the turn after the end, what waits for the next run, errors, a stop in the midst, callbacks that stop.
from loop import *

def says(tag):
    logn("callback", tag)
    loop.call_soon(logn, "queued by", tag)

async def ticks(tag, count):
    for i in range(count):
        logn(tag, i)
        await asyncio.sleep(0)
    return tag

async def fails(delay):
    await asyncio.sleep(delay)
    raise ValueError("main")

def attempt(main):
    try:
        logn("returns", loop.run_until_complete(main))
    except (RuntimeError, ValueError) as error:
        logn(type(error).__name__, error)
    except asyncio.CancelledError:
        logn("CancelledError")

logn("--- another task goes on by one turn, then waits for the next run")
other = loop.create_task(ticks("other", 9))
attempt(ticks("main", 2))
logn(outcome(other))
attempt(ticks("main", 0))
logn("--- callbacks of the task that ends, before and after the run's own; a timer that is due")
task = loop.create_task(ticks("task", 1))
task.add_done_callback(lambda task: says("first"))
loop.call_later(0, logn, "timer")
attempt(task)
task.add_done_callback(lambda task: says("late"))
attempt(task)
logn("--- it fails, it is cancelled, it is a future")
attempt(fails(1))
task = loop.create_task(fails(9))
loop.call_later(1, task.cancel)
attempt(task)
future = loop.create_future()
loop.call_later(1, future.set_result, "set")
attempt(future)
attempt(future)
async def adds():
    asyncio.current_task().add_done_callback(lambda task: logn("called, done", task.done()))
    await asyncio.sleep(0)
    return "adds"
attempt(adds())
logn("--- stopped in the midst, and run to its end")
task = loop.create_task(ticks("task", 4))
loop.call_soon(loop.stop)
attempt(task)
logn(outcome(task))
attempt(task)
logn("--- stopped before: one turn")
loop.stop()
attempt(ticks("main", 2))
loop.call_soon(logn, "soon")
loop.stop()
loop.stop()
loop.run_forever()
logn("ran")
logn("--- stopped by a callback of what ends")
task = loop.create_task(ticks("task", 1))
task.add_done_callback(lambda task: loop.stop())
attempt(task)
attempt(ticks("main", 0))
logn("--- stop in a batch: all of it runs, what it adds does not")
for tag in "abc":
    loop.call_soon(says, tag)
loop.call_soon(loop.stop)
loop.call_soon(says, "d")
loop.run_forever()
logn("stopped")
attempt(ticks("main", 0))
logn("--- a run in a run")
async def nested():
    coroutine = ticks("never", 1)
    try:
        loop.run_until_complete(coroutine)
    except RuntimeError as error:
        logn("RuntimeError", error)
        coroutine.close()
    return "outer"
attempt(nested())
