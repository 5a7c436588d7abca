# What it costs, in turns, to wait at each of the things that can be waited for: free, and until another task lets go on.
from loop import *

async def nothing():
    return 1

async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)
    return count

async def cost(tag, awaitable):
    n = loop.turn
    await awaitable
    logn(tag, loop.turn - n)

async def waits(tag, awaitable):
    await awaitable
    logn(tag, "goes on")

async def main():
    logn("--- free")
    await cost("lock", asyncio.Lock().acquire())
    await cost("semaphore", asyncio.Semaphore(1).acquire())
    event = asyncio.Event()
    event.set()
    await cost("event", event.wait())
    queue = asyncio.Queue(2)
    await cost("put", queue.put(1))
    await cost("get", queue.get())
    queue.task_done()
    await cost("join", queue.join())
    logn("--- somebody lets go on")
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = [loop.create_task(waits("lock", lock.acquire()))]
    semaphore = asyncio.Semaphore(0)
    tasks.append(loop.create_task(waits("semaphore", semaphore.acquire())))
    event = asyncio.Event()
    tasks.append(loop.create_task(waits("event", event.wait())))
    tasks.append(loop.create_task(waits("get", queue.get())))
    await asyncio.sleep(0)
    logn("now")
    lock.release()
    semaphore.release()
    event.set()
    queue.put_nowait(2)
    tasks.append(loop.create_task(waits("join", queue.join())))
    await asyncio.wait(tasks[:4])
    logn("all but join")
    queue.task_done()
    await tasks[4]
    logn("join too")
    logn("--- tasks that end at once, and after two turns")
    for count in (0, 2):
        start = lambda: loop.create_task(turns(count))
        await cost("task", start())
        await cost("shield", asyncio.shield(start()))
        await cost("wait_for", asyncio.wait_for(start(), 9))
        await cost("wait", asyncio.wait([start(), start()]))
        await cost("wait, first", asyncio.wait([start(), start()], return_when=asyncio.FIRST_COMPLETED))
        await cost("gather", asyncio.gather(start(), start()))
        await cost("gather, exceptions", asyncio.gather(start(), start(), return_exceptions=True))
    logn("--- tasks that have ended")
    task = start()
    await task
    await cost("task", task)
    await cost("shield", asyncio.shield(task))
    await cost("wait_for", asyncio.wait_for(task, 9))
    await cost("wait_for 0", asyncio.wait_for(task, 0))
    await cost("wait", asyncio.wait([task]))
    await cost("gather", asyncio.gather(task))
    logn("--- coroutines, in place")
    await cost("coroutine", nothing())
    await cost("wait_for", asyncio.wait_for(nothing(), 9))
    await cost("wait_for, two turns", asyncio.wait_for(turns(2), 9))
    n = loop.turn
    async with asyncio.timeout(5):
        await turns(2)
    logn("timeout", loop.turn - n)
    logn("--- groups")
    for children in (0, 1, 3):
        n = loop.turn
        async with asyncio.TaskGroup() as group:
            for _ in range(children):
                group.create_task(nothing())
        logn("group of", children, loop.turn - n)
    n = loop.turn
    async with asyncio.TaskGroup() as group:
        group.create_task(turns(2))
        await turns(5)
    logn("group with a long body", loop.turn - n)
    logn("--- in order of completion")
    n = loop.turn
    tasks = [loop.create_task(turns(count)) for count in (3, 1, 2, 1)]
    async for task in asyncio.as_completed(tasks):
        logn("completed", tasks.index(task), loop.turn - n)
    logn("--- a future that a callback sets, and one that a callback of that one sets")
    first, second = loop.create_future(), loop.create_future()
    first.add_done_callback(lambda f: second.set_result(2))
    loop.call_soon(first.set_result, 1)
    await cost("first", first)
    await cost("second", second)
    first, second = loop.create_future(), loop.create_future()
    first.add_done_callback(lambda f: second.set_result(2))
    loop.call_soon(first.set_result, 1)
    await cost("second at once", second)
run(main())
