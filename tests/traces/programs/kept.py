# The futures that gather and shield give, kept: turn by turn, awaited by several, waited for, in each other, with callbacks,
# cancelled by themselves, through who awaits them, and between the end of their members and their own.
from loop import *

async def job(tag, delay, fail=False, cleanup=0, swallow=False):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        if cleanup:
            await asyncio.sleep(cleanup)
            logn(tag, "cleaned up")
        if swallow:
            return tag + " all the same"
        raise
    logn(tag, "ends")
    if fail:
        raise ValueError(tag)
    return tag

def start(*args, **options):
    return loop.create_task(job(*args, **options))

def exception(future):
    try:
        error = future.exception()
        return "CancelledError" if isinstance(error, asyncio.CancelledError) else repr(error)
    except asyncio.CancelledError:
        return "raises CancelledError"
    except asyncio.InvalidStateError:
        return "InvalidStateError"

def ended(future):
    try:
        return f"value {future.result()}"
    except asyncio.CancelledError:
        return "CancelledError"
    except asyncio.InvalidStateError:
        return "InvalidStateError"
    except ValueError as error:
        return f"error {error}"

def told(tag):
    return lambda future: logn(tag, "is told", future.done(), future.cancelled(), ended(future))

async def awaits(tag, future):
    try:
        logn(tag, "got", await future)
    except asyncio.CancelledError:
        logn(tag, "CancelledError, cancelling", asyncio.current_task().cancelling())
        raise
    except ValueError as error:
        logn(tag, "error", error)

def show(tasks):
    return [outcome(task) for task in tasks]

def state(future):
    logn("done", future.done(), "cancelled", future.cancelled(), ended(future), exception(future))

async def gathers(exceptions):
    def gather(*members):
        return asyncio.gather(*members, return_exceptions=exceptions)
    say("--- gather, return_exceptions", exceptions, ": awaited by two, with a callback")
    members = [start("a", 2), start("b", 1)]
    gathered = gather(*members)
    gathered.add_done_callback(told("callback"))
    waiting = [loop.create_task(awaits(tag, gathered)) for tag in ("one", "two")]
    await asyncio.wait(waiting)
    state(gathered)
    logn("cancel", gathered.cancel())
    say("--- of what has ended")
    again = gather(*members)
    state(again)
    await awaits("main", again)
    say("--- one of them has ended")
    mixed = gather(members[0], start("c", 1))
    state(mixed)
    await awaits("main", mixed)
    say("--- awaited late, two turns after its end, and one")
    for turns in (1, 2, 3):
        late = gather(start("d", 0), start("e", 0))
        for _ in range(turns):
            await asyncio.sleep(0)
        state(late)
        await awaits("main", late)
    say("--- one fails at once, and is cancelled then")
    members = [start("f", 1, True), start("g", 5)]
    gathered = gather(*members)
    gathered.add_done_callback(told("callback"))
    waiting = loop.create_task(awaits("one", gathered))
    await asyncio.sleep(2)
    logn("cancel", gathered.cancel())
    await asyncio.wait(members)
    await asyncio.wait([waiting])
    logn(show(members), outcome(waiting))
    say("--- cancelled by its handle, as one cleans up and one swallows; by who awaits it; by the handle again")
    for way in ("handle", "task", "both", "in its turn"):
        members = [start("h", 9), start("i", 9, cleanup=3), start("j", 9, swallow=True)]
        gathered = gather(*members)
        gathered.add_done_callback(told("callback"))
        waiting = [loop.create_task(awaits(tag, gathered)) for tag in ("one", "two")]
        if way != "in its turn":
            await asyncio.sleep(1)
        if way != "handle":
            logn("task", waiting[0].cancel())
        if way != "task":
            logn("handle", gathered.cancel())
        state(gathered)
        await asyncio.wait([gathered])
        state(gathered)
        await asyncio.wait([*waiting, *members])
        logn(show(waiting), show(members), [task.cancelling() for task in waiting])
    say("--- a member is cancelled")
    members = [start("k", 9), start("l", 2)]
    gathered = gather(*members)
    waiting = loop.create_task(awaits("one", gathered))
    await asyncio.sleep(1)
    members[0].cancel()
    await asyncio.wait([gathered])
    state(gathered) if not exceptions else logn(gathered.done(), gathered.cancelled())
    await asyncio.wait([waiting, *members])
    logn(outcome(waiting) if not exceptions else waiting.done(), show(members))
    say("--- cancelled between the end of the last member and its own")
    members = [loop.create_future() for _ in range(2)]
    gathered = gather(*members)
    for member in members:
        member.set_result("set")
    logn("cancel", gathered.cancel())
    await asyncio.wait([gathered])
    state(gathered)
    if not exceptions:
        say("--- waited for with others, the first to fail")
        members = [start("m", 9), start("n", 9), start("o", 12)]
        gathered = gather(members[0], members[1])
        loop.call_later(1, lambda: logn("cancel", gathered.cancel()))
        done, pending = await asyncio.wait([gathered, members[2]], return_when=asyncio.FIRST_EXCEPTION)
        logn(gathered in done, members[2] in done)
        await asyncio.wait(members)
    say("--- a gather in a gather, in a shield, in a limit")
    members = [start("p", 9), start("q", 9), start("r", 9)]
    inner = gather(members[0], members[1])
    outer = gather(inner, members[2])
    await asyncio.sleep(1)
    try:
        await asyncio.wait_for(asyncio.shield(outer), 1)
    except TimeoutError:
        logn("TimeoutError", outer.done(), show(members))
    logn("cancel", outer.cancel())
    await asyncio.wait([outer])
    state(outer)
    state(inner)
    logn(show(members))

async def shields():
    say("--- shield: it ends between the call and the await, in so many turns")
    for turns in (1, 2, 3):
        shielded = asyncio.shield(start("a", 0))
        for _ in range(turns):
            await asyncio.sleep(0)
        state(shielded)
        await awaits("main", shielded)
    say("--- of what has ended")
    ended_task = start("b", 0)
    await asyncio.wait([ended_task])
    shielded = asyncio.shield(ended_task)
    logn(shielded.done(), ended(shielded))
    await awaits("main", shielded)
    say("--- cancelled before it is awaited; its task ends all the same")
    task = start("c", 2)
    shielded = asyncio.shield(task)
    shielded.add_done_callback(told("callback"))
    logn("cancel", shielded.cancel(), shielded.cancel())
    state(shielded)
    waiting = loop.create_task(awaits("one", shielded))
    await asyncio.wait([waiting])
    logn(outcome(waiting), outcome(task))
    await asyncio.wait([task])
    logn(outcome(task), shielded.cancelled())
    say("--- its task is cancelled before it is awaited")
    task = start("d", 9)
    shielded = asyncio.shield(task)
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.sleep(0)
    state(shielded)
    waiting = loop.create_task(awaits("one", shielded))
    await asyncio.wait([waiting])
    state(shielded)
    logn(outcome(waiting), outcome(task), waiting.cancelling())
    say("--- its task fails, with two that await it, of which one is cancelled before")
    for cancelled in (False, True):
        task = start("e", 2, True)
        shielded = asyncio.shield(task)
        waiting = [loop.create_task(awaits(tag, shielded)) for tag in ("one", "two")]
        await asyncio.sleep(1)
        if cancelled:
            waiting[0].cancel()
        await asyncio.wait(waiting)
        logn(show(waiting), outcome(shielded), outcome(task))
        await asyncio.wait([task])
        task.exception()
    say("--- cancelled in the turn in which its task ends, before and after")
    for first in (True, False):
        future = loop.create_future()
        shielded = asyncio.shield(future)
        waiting = loop.create_task(awaits("one", shielded))
        await asyncio.sleep(0)
        if first:
            logn("cancel", shielded.cancel())
        future.set_result("set")
        if not first:
            logn("cancel", shielded.cancel())
        await asyncio.wait([waiting])
        logn(outcome(waiting), outcome(shielded), outcome(future))
    say("--- its waiter is cancelled in the turn in which its task ends, and in the next one")
    for turns in (0, 1, 2):
        future = loop.create_future()
        shielded = asyncio.shield(future)
        waiting = loop.create_task(awaits("one", shielded))
        await asyncio.sleep(0)
        future.set_result("set")
        for _ in range(turns):
            await asyncio.sleep(0)
        logn("cancel", waiting.cancel())
        await asyncio.wait([waiting])
        logn(outcome(waiting), outcome(shielded))
    say("--- shields among the members of a gather")
    tasks = [start("f", 1), start("g", 3)]
    gathered = asyncio.gather(*(asyncio.shield(task) for task in tasks))
    waiting = loop.create_task(awaits("one", gathered))
    await asyncio.wait([waiting])
    tasks = [start("h", 1), start("i", 3)]
    gathered = asyncio.gather(*(asyncio.shield(task) for task in tasks))
    waiting = loop.create_task(awaits("one", gathered))
    await asyncio.sleep(2)
    logn("cancel", gathered.cancel())
    await asyncio.wait([waiting])
    await asyncio.wait(tasks)
    logn(show(tasks), outcome(waiting))
    say("--- a shield of a shield, and of a gather")
    task = start("j", 2)
    shielded = asyncio.shield(asyncio.shield(task))
    await awaits("main", shielded)
    tasks = [start("k", 1), start("l", 2)]
    gathered = asyncio.gather(*tasks)
    shielded = asyncio.shield(gathered)
    logn("cancel", shielded.cancel())
    await asyncio.sleep(1)
    logn("cancel", gathered.cancel())
    state(gathered)
    await asyncio.wait([gathered])
    state(gathered)

async def main():
    await gathers(False)
    await gathers(True)
    await shields()

run(main())
