# Barriers that are reset, aborted or left while some wait, some go and some come again.
from loop import *

async def party(bar, tag, rounds):
    for _ in range(rounds):
        try:
            logn(tag, "passes", await bar.wait(), bar.n_waiting, bar.broken)
        except asyncio.BrokenBarrierError as error:
            logn(tag, error)
        except asyncio.CancelledError:
            logn(tag, "cancelled")
            raise

def start(bar, tags, rounds):
    return [loop.create_task(party(bar, tag, rounds)) for tag in tags]

async def changes(bar, tag, change):
    await change()
    logn(tag, bar.n_waiting, bar.broken)

# The one that passes first makes the others, which have not gone yet, fail.
async def breaks(bar, change):
    logn("breaks passes", await bar.wait())
    await change()
    logn("broken", bar.n_waiting, bar.broken)

async def main():
    logn("--- reset of nobody")
    bar = asyncio.Barrier(3)
    await changes(bar, "reset", bar.reset)
    logn("--- reset while some wait, who come again")
    tasks = start(bar, "ab", 2)
    await asyncio.sleep(0)
    await changes(bar, "reset", bar.reset)
    await asyncio.sleep(1)
    logn(bar.n_waiting)
    tasks += start(bar, "c", 1)
    await asyncio.wait(tasks)
    logn(bar.n_waiting, bar.broken)
    for name in ("reset", "abort"):
        logn("---", name, "while some go, and some come again")
        bar = asyncio.Barrier(3)
        change = getattr(bar, name)
        tasks = start(bar, "ab", 2) + [loop.create_task(breaks(bar, change))] + start(bar, "d", 1)
        await asyncio.sleep(1)
        logn([outcome(task) for task in tasks], bar.n_waiting, bar.broken)
        logn("---", name, "afterwards")
        await changes(bar, "reset", bar.reset)
        await asyncio.sleep(1)
        tasks += start(bar, "efg", 1)
        await asyncio.sleep(1)
        logn([outcome(task) for task in tasks], bar.n_waiting, bar.broken)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        logn(bar.n_waiting)
    logn("--- one is cancelled when it waits, when it goes, and when it waits outside")
    bar = asyncio.Barrier(2)
    tasks = start(bar, "ab", 1)
    tasks[0].cancel()
    await asyncio.sleep(0)
    tasks += start(bar, "c", 1)
    await asyncio.sleep(1)
    logn([outcome(task) for task in tasks], bar.n_waiting)
    tasks = start(bar, "de", 1) + start(bar, "fg", 1)
    await asyncio.sleep(0)
    logn("cancel", tasks[0].cancel())
    await asyncio.sleep(0)
    logn("cancel", tasks[2].cancel())
    await asyncio.sleep(1)
    logn([outcome(task) for task in tasks], bar.n_waiting)
    await changes(bar, "abort", bar.abort)
    await asyncio.sleep(1)
    logn([outcome(task) for task in tasks], bar.n_waiting)
run(main())
