# Tasks that begin at once: what ends and what waits in its first step, in a group, cancelled, with callbacks, and who runs meanwhile.
from loop import *

def me():
    return asyncio.current_task()

async def job(tag, turns, fail=False):
    logn(tag, "starts", len(asyncio.all_tasks()))
    for _ in range(turns):
        await asyncio.sleep(0)
    if fail:
        raise ValueError(tag)
    logn(tag, "ends")
    return tag

def eager(coroutine):
    return asyncio.Task(coroutine, loop=loop, eager_start=True)

async def caught(coroutine):
    try:
        await coroutine
        logn("ends", me().cancelling())
    except BaseExceptionGroup as errors:
        logn("errors", [str(error) for error in errors.exceptions], me().cancelling())
    except asyncio.CancelledError:
        logn("CancelledError", me().cancelling())
        raise

async def itself(turns):
    me().cancel()
    logn("cancelling", me().cancelling())
    for _ in range(turns):
        await asyncio.sleep(0)
    return "over"

async def nested(depth):
    it = me()
    logn("depth", depth)
    if depth:
        task = eager(nested(depth - 1))
        logn("back", me() is it, outcome(task))
    else:
        await asyncio.sleep(0)
    logn("leaves", depth, me() is it)

async def waits_for(task):
    return await task

async def group(*children):
    async with asyncio.TaskGroup() as g:
        for tag, turns, fail in children:
            try:
                child = job(tag, turns, fail)
                logn(tag, outcome(g.create_task(child)), me().cancelling())
            except RuntimeError as error:
                child.close()
                logn("refused", str(error).split("> ")[1])
        logn("body waits")
        await asyncio.sleep(0)
        logn("body ends")

async def main():
    it = me()
    logn("--- one that ends in its first step, one that fails, one that waits")
    tasks = [eager(job("a", 0)), eager(job("b", 0, True)), eager(job("c", 1))]
    logn([outcome(task) for task in tasks])
    logn("await", await tasks[0])
    await asyncio.wait(tasks)
    logn([outcome(task) for task in tasks])
    logn("--- cancelled: when it has ended, when it waits, by itself")
    tasks = [eager(job("a", 0)), eager(job("b", 2))]
    logn([task.cancel() for task in tasks])
    tasks += [eager(itself(0)), eager(itself(1))]
    logn([outcome(task) for task in tasks])
    await asyncio.wait(tasks)
    logn([(outcome(task), task.cancelling()) for task in tasks])
    logn("--- in each other")
    task = eager(nested(2))
    logn("back", me() is it, outcome(task))
    await asyncio.sleep(1)
    logn("--- callbacks: of one that has ended, of one that waits")
    tasks = [eager(job("a", 0)), eager(job("b", 1))]
    for task in tasks:
        task.add_done_callback(lambda task: logn("callback", outcome(task)))
    logn("added")
    await asyncio.sleep(1)
    logn("--- one that awaits what is there, what comes, what fails")
    future = loop.create_future()
    future.set_result("there")
    done, comes = eager(waits_for(future)), loop.create_future()
    waiting = eager(waits_for(comes))
    logn(outcome(done), outcome(waiting))
    comes.set_exception(ValueError("late"))
    logn(outcome(waiting))
    await asyncio.wait([waiting])
    logn(outcome(waiting))
    logn("--- gather, wait and as_completed of those that have ended")
    tasks = [eager(job("a", 0)), eager(job("b", 0))]
    logn(await asyncio.gather(*tasks))
    done, pending = await asyncio.wait(tasks)
    logn(len(done), len(pending))
    logn(await asyncio.gather(*tasks, eager(job("c", 1))))
    logn("--- in a group, all of whose tasks begin at once")
    loop.set_task_factory(asyncio.eager_task_factory)
    await caught(group(("a", 0, False), ("b", 1, False), ("c", 0, False)))
    await caught(group(("a", 0, False), ("b", 0, True), ("c", 0, False)))
    await caught(group(("a", 2, False), ("b", 0, True), ("c", 0, False)))
    await caught(group(("a", 2, False), ("b", 1, True)))
run(main())
