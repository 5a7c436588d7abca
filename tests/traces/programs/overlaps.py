# Groups, limits and requests that overlap: CPython's own tests of it, as one program.
from loop import *

def show(errors):
    return [str(e) for e in errors.exceptions]

async def sleeps(delay, fail=None, cleanup=None):
    try:
        await asyncio.sleep(delay)
        if fail:
            raise ValueError(fail)
    except asyncio.CancelledError:
        if cleanup:
            raise ValueError(cleanup)
        raise

async def main():
    logn("--- errors of children that are being cancelled from outside win")
    async def group(fail=None, cleanup=None, body=9):
        async with asyncio.TaskGroup() as g:
            g.create_task(sleeps(5, fail, cleanup))
            await asyncio.sleep(body)
    async def caught(awaitable):
        try:
            await awaitable
            logn("ends")
        except asyncio.CancelledError:
            logn("CancelledError", asyncio.current_task().cancelling())
            raise
        except TimeoutError:
            logn("TimeoutError", asyncio.current_task().cancelling())
        except BaseExceptionGroup as errors:
            logn("errors", show(errors), asyncio.current_task().cancelling())
        except ValueError as error:
            logn("error", error, asyncio.current_task().cancelling())
    task = loop.create_task(caught(group(cleanup="cleanup")))
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    logn(outcome(task))
    logn("--- cancelled from outside in the turn in which a child fails, before and after")
    for early in (True, False):
        when = loop.time() + 5
        if early:
            loop.call_at(when, lambda: logn("cancel", task.cancel()))
        task = loop.create_task(caught(group(fail="child")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if not early:
            loop.call_at(when, lambda: logn("cancel", task.cancel()))
        await asyncio.wait([task])
        logn(outcome(task), task.cancelling())
    logn("--- the body makes an error of its cancellation")
    async def converts():
        async with asyncio.TaskGroup() as g:
            g.create_task(sleeps(1, "child"))
            try:
                await asyncio.sleep(9)
            except asyncio.CancelledError:
                raise ValueError("body")
    await caught(converts())
    logn("--- a limit around a group whose child fails in its cleanup")
    await caught(asyncio.wait_for(group(cleanup="late"), 2))
    async def limited():
        async with asyncio.timeout(2):
            await group(cleanup="late")
    await caught(limited())
    logn("--- a limit that passes after an earlier request was caught")
    async def caught_before():
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            logn("caught", asyncio.current_task().cancelling())
        await caught(asyncio.wait_for(asyncio.sleep(9), 2))
        logn("left", asyncio.current_task().cancelling())
    task = loop.create_task(caught_before())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- wait_for: what is cancelled fails instead")
    await caught(asyncio.wait_for(sleeps(9, None, "instead"), 2))
    logn("--- wait_for: cancelled in the turn in which the future is done")
    future = loop.create_future()
    task = loop.create_task(caught(asyncio.wait_for(future, 50)))
    await asyncio.sleep(1)
    future.set_result(1)
    logn("cancel", task.cancel())
    await asyncio.wait([task])
    logn(outcome(task))
    logn("--- wait: what is done is seen when the waiter runs")
    async def ends_another(other):
        await asyncio.sleep(2)
        other.set_result(1)
    other = loop.create_future()
    first = loop.create_task(ends_another(other))
    done, pending = await asyncio.wait([first, other], return_when=asyncio.FIRST_COMPLETED)
    logn("done", len(done), "pending", len(pending))
    logn("--- callbacks that add and remove callbacks")
    future = loop.create_future()
    def third(f):
        logn("third")
    def first(f):
        logn("first, removes", f.remove_done_callback(third))
        f.add_done_callback(fourth)
    def fourth(f):
        logn("fourth")
    for callback in (first, third, third):
        future.add_done_callback(callback)
    future.set_result(1)
    logn("removed", future.remove_done_callback(third))
    await asyncio.sleep(1)
run(main())
