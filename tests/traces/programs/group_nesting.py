# Task groups in task groups: failures outside and inside, cancelling counts, children that spawn while they are stopped.
from loop import *

async def child(tag, delay, fail=False, cleanup=0):
    try:
        await asyncio.sleep(delay)
        logn(tag, "ends")
        if fail:
            raise ValueError(tag)
    except asyncio.CancelledError:
        logn(tag, "cancelled")
        if cleanup:
            await asyncio.sleep(cleanup)
            logn(tag, "cleaned up")
        raise

def show(errors):
    return [show(e) if isinstance(e, BaseExceptionGroup) else str(e) for e in errors.exceptions]

async def nested(outer_fails, inner_fails):
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(child("o", 3, outer_fails, 2))
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(child("i", 5, inner_fails, 1))
                    inner.create_task(child("k", 9))
                logn("inner over")
            except BaseExceptionGroup as errors:
                logn("inner errors", show(errors), asyncio.current_task().cancelling())
            logn("behind the inner one")
            await asyncio.sleep(1)
            logn("outer body ends")
    except BaseExceptionGroup as errors:
        logn("outer errors", show(errors))
    logn("cancelling", asyncio.current_task().cancelling())

async def main():
    for outer_fails, inner_fails in ((False, False), (True, False), (False, True), (True, True)):
        logn("--- outer fails", outer_fails, "inner fails", inner_fails)
        await nested(outer_fails, inner_fails)
    logn("--- two fail in the same turn")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("p", 2, True))
            group.create_task(child("q", 2, True))
    except BaseExceptionGroup as errors:
        logn("errors", show(errors))
    logn("--- cancelled from outside, nested")
    task = loop.create_task(nested(False, False))
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    logn(outcome(task), task.cancelling())
    logn("--- a child spawns while the group is being stopped")
    async def spawns(group):
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            try:
                late = child("late", 1)
                group.create_task(late)
            except RuntimeError as error:
                late.close()
                logn("RuntimeError", str(error).split("> ")[-1])
            raise
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(spawns(group))
            group.create_task(child("f", 1, True))
    except BaseExceptionGroup as errors:
        logn("errors", show(errors))
    logn("--- an error in the body, and one in the cleanup of a child")
    async def bad():
        try:
            await asyncio.sleep(9)
        finally:
            raise ValueError("cleanup")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(bad())
            await asyncio.sleep(1)
            raise ValueError("body")
    except BaseExceptionGroup as errors:
        logn("errors", show(errors))
run(main())
