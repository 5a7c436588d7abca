# `wait` for the same task twice: it waits for sets.
from loop import *

async def job(tag, delay, fail=False):
    await asyncio.sleep(delay)
    if fail:
        logn(tag, "fails")
        raise ValueError(tag)
    logn(tag, "ends")
    return tag

def jobs(*delays, fails=()):
    return [loop.create_task(job("abc"[i], delay, i in fails)) for i, delay in enumerate(delays)]

async def waits(tag, members, **options):
    done, pending = await asyncio.wait(members, **options)
    logn(tag, len(done), "done", len(pending), "pending")

async def main():
    logn("--- all, behind each other and in one turn")
    for delays in (1, 2), (2, 1), (0, 0):
        a, b = jobs(*delays)
        await waits("waited", [a, a, b])
    logn("--- the first")
    a, b = jobs(1, 2)
    await waits("waited", [b, a, a, b], return_when=asyncio.FIRST_COMPLETED)
    await waits("waited", [b, a, a, b], return_when=asyncio.FIRST_COMPLETED)
    await waits("waited", [b, a, a, b])
    logn("--- the first that fails")
    for fails in {0}, {1}, set():
        a, b = jobs(1, 2, fails=fails)
        await waits("waited", [a, b, a], return_when=asyncio.FIRST_EXCEPTION)
        await waits("waited", [a, b, a])
        a.exception(), b.exception()
    logn("--- not for long")
    a, b = jobs(1, 5)
    await waits("waited", [a, a, b, b], timeout=3)
    await waits("waited", [b, b], timeout=1)
    await waits("waited", [b, b])
    logn("--- beside others, who began before and later")
    a, b = jobs(1, 2)
    waiting = [loop.create_task(waits(*args)) for args in (
        ("one", [a]), ("twice", [a, a]), ("one later", [a]), ("both", [b, a, b, a]), ("b", [b]))]
    await asyncio.wait(waiting)
    logn("--- and is cancelled")
    for turns in range(5):
        a, b = jobs(0, 0)
        waiting = loop.create_task(waits("waited", [a, a, b]))
        for _ in range(turns):
            await asyncio.sleep(0)
        logn("cancel", waiting.cancel(), outcome(a))
        await asyncio.wait([waiting, waiting])
        logn(outcome(waiting), outcome(a))
        await asyncio.wait([a, b])
run(main())
