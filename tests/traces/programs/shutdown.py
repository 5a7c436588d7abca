# What a runner does with the tasks that main leaves: they clean up, take the request back, swallow it, fail, wait for one another.
# It cancels them in any order, so no two of them say something in the same tick.
from loop import *

def me():
    return asyncio.current_task()

async def cleans(tag, *delays, withdraw=False, fail=False, swallow=False):
    try:
        await asyncio.sleep(99)
    except asyncio.CancelledError:
        if withdraw:
            log(tag, "uncancel", me().uncancel())
        for delay in delays:
            await asyncio.sleep(delay)
            log(tag, "cleans")
        if fail:
            raise ValueError(tag)
        if swallow:
            return tag
        raise

async def limited(tag):
    try:
        await asyncio.sleep(99)
    except asyncio.CancelledError:
        log(tag, "uncancel", me().uncancel())
        try:
            async with asyncio.timeout(2):
                await asyncio.sleep(9)
        except TimeoutError:
            log(tag, "TimeoutError")
        await asyncio.sleep(3)
        log(tag, "cleaned up")

async def waits(tag, task):
    try:
        log(tag, "got", await task)
    except asyncio.CancelledError:
        log(tag, "cancelled", me().cancelling())
        raise

async def grouped(tag):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(cleans(tag + " child", 2))
            await cleans(tag, 1)
    except asyncio.CancelledError:
        log(tag, "over", me().cancelling())
        raise

def close(tasks):
    log("--- close")
    asyncio.runners._cancel_all_tasks(loop)
    log([outcome(task) for task in tasks])

async def main(*coroutines):
    tasks = [loop.create_task(coroutine) for coroutine in coroutines]
    await asyncio.sleep(1)
    return tasks

def handler(loop, context):
    log("HANDLER", context["message"], repr(context["exception"]))

loop.set_exception_handler(handler)
close(run(main()))
close(run(main(cleans("a"), cleans("b", 3, 2), cleans("c", 1, swallow=True))))
close(run(main(cleans("a", 4), cleans("b", 2, 5, withdraw=True), cleans("c", 1))))
close(run(main(cleans("a", 1, 5, withdraw=True, swallow=True))))
close(run(main(limited("a"), cleans("b", 1))))
close(run(main(cleans("a", 2, fail=True), cleans("c", 1))))
async def chain():
    inner = loop.create_task(cleans("inner", 2))
    swallows = loop.create_task(cleans("swallows", 1, swallow=True))
    return [inner, swallows] + await main(waits("a", inner), waits("b", swallows))
close(run(chain()))
close(run(main(grouped("a"), cleans("b", 4))))
