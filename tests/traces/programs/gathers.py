# The future that gather gives: asked, cancelled by itself and through who awaits it, before, while and after its members end.
from loop import *

async def job(tag, delay, fail=False, cleanup=0, swallow=False):
    log(tag, "starts")
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        log(tag, "cancelled")
        if cleanup:
            await asyncio.sleep(cleanup)
            log(tag, "cleaned up")
        if swallow:
            return tag + " all the same"
        raise
    if fail:
        raise ValueError(tag)
    return tag

def start(*args, **options):
    return loop.create_task(job(*args, **options))

def ended(future):
    try:
        return f"value {future.result()}"
    except asyncio.CancelledError:
        return "CancelledError"
    except asyncio.InvalidStateError:
        return "InvalidStateError"
    except ValueError as error:
        return f"error {error}"

async def awaits(future):
    try:
        log("gathered", await future)
    except asyncio.CancelledError:
        log("CancelledError, cancelling", asyncio.current_task().cancelling())
        raise
    except ValueError as error:
        log("error", error)

def show(tasks):
    return [outcome(task) for task in tasks]

async def main():
    for exceptions in (False, True):
        log("--- return_exceptions", exceptions, ": it ends by itself")
        members = [start("a", 2), start("b", 1)]
        gathered = asyncio.gather(*members, return_exceptions=exceptions)
        log("done", gathered.done(), ended(gathered))
        await asyncio.wait([gathered])
        log("done", gathered.done(), "cancelled", gathered.cancelled(), ended(gathered))
        log("cancel", gathered.cancel())
        log("--- cancelled by itself, in the turn in which it was made")
        members = [start("a", 2), start("b", 1)]
        gathered = asyncio.gather(*members, return_exceptions=exceptions)
        log("cancel", gathered.cancel(), "done", gathered.done())
        await asyncio.wait([gathered])
        log("cancelled", gathered.cancelled(), ended(gathered), show(members))
        log("--- cancelled by itself, as they run; one cleans up, one has ended, one swallows")
        members = [start("a", 9), start("b", 9, cleanup=3), start("c", 1), start("d", 9, swallow=True)]
        gathered = asyncio.gather(*members, return_exceptions=exceptions)
        await asyncio.sleep(2)
        log("cancel", gathered.cancel(), "done", gathered.done())
        await asyncio.wait([gathered])
        log("cancelled", gathered.cancelled(), ended(gathered), show(members))
        await asyncio.wait(members)
        log(show(members), "again", gathered.cancel())
        log("--- two tasks wait for it, one of them is cancelled")
        members = [start("a", 9), start("b", 9)]
        gathered = asyncio.gather(*members, return_exceptions=exceptions)
        waiting = [loop.create_task(awaits(gathered)) for _ in range(2)]
        await asyncio.sleep(1)
        log("cancel", waiting[0].cancel())
        await asyncio.wait(waiting)
        log(show(waiting), show(members), [task.cancelling() for task in waiting])
        log("--- a member fails, one goes on; then it is cancelled")
        members = [start("a", 1, True), start("b", 5)]
        gathered = asyncio.gather(*members, return_exceptions=exceptions)
        await asyncio.sleep(2)
        log("done", gathered.done(), "cancel", gathered.cancel())
        await asyncio.wait([gathered])
        log("cancelled", gathered.cancelled(), "CancelledError" if exceptions else ended(gathered))
        await asyncio.wait(members)
        log(show(members))
    log("--- all swallow the request: it comes out all the same")
    members = [start("a", 9, swallow=True), start("b", 9, swallow=True)]
    gathered = asyncio.gather(*members)
    await asyncio.sleep(1)
    gathered.cancel()
    await asyncio.wait([gathered])
    log("cancelled", gathered.cancelled(), ended(gathered), show(members))
    log("--- a gather in a gather, of which the outer one is cancelled")
    members = [start("a", 9), start("b", 9), start("c", 9)]
    inner = asyncio.gather(*members[:2])
    outer = asyncio.gather(inner, members[2])
    await asyncio.sleep(1)
    log("cancel", outer.cancel())
    await asyncio.wait([outer])
    log(ended(outer), ended(inner), show(members))
    log("--- a limit")
    members = [start("a", 2), start("b", 9)]
    try:
        await asyncio.wait_for(asyncio.gather(*members), 5)
    except TimeoutError:
        log("TimeoutError", show(members))
run(main())
