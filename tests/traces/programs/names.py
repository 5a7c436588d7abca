# Names of tasks that have ended: for the exception handler, renamed before and after, and when the result was read.
import gc
from loop import *

async def works(delay):
    await asyncio.sleep(delay)
    return delay

async def fails(delay):
    await asyncio.sleep(delay)
    raise ValueError("lost")

def told(_, context):
    logn(context["future"].get_name() + ":", context["message"])
    context["future"].set_name("late")

async def main():
    loop.set_exception_handler(told)
    for name in ["one", "two", "three"]:
        loop.create_task(fails(2 + len(name)), name=name)
    renamed = loop.create_task(fails(1), name="before")
    renamed.set_name("after")
    del renamed
    await asyncio.sleep(8)
    gc.collect()
    task = loop.create_task(works(1), name="works")
    cancelled = loop.create_task(works(5), name="cancelled")
    logn(task.get_name(), cancelled.get_name())
    cancelled.cancel()
    await asyncio.sleep(2)
    logn(task.get_name(), task.done(), cancelled.get_name(), cancelled.cancelled())
    task.set_name("has worked")
    logn(task.get_name(), task.result(), task.get_name())
    logn(await task, task.get_name())

run(main())
