# Readers that are fed, ended, broken and cancelled in one step, or limited at the tick at which something comes; and what is left.
from loop import *

def call(r, how):
    return {
        "line": r.readline,
        "exactly": lambda: r.readexactly(4),
        "until": lambda: r.readuntil(b";"),
        "some": lambda: r.read(3),
        "all": r.read,
    }[how]()

async def reads(r, how, limit=None):
    try:
        data = await asyncio.wait_for(call(r, how), limit)
        logn(how, data.decode().strip(), r.at_eof())
    except TimeoutError:
        logn(how, "TimeoutError")
    except asyncio.IncompleteReadError as error:
        logn(how, "incomplete", error.partial.decode(), error.expected)
    except asyncio.LimitOverrunError as error:
        logn(how, "overrun", error.consumed)
    except OSError:
        logn(how, "OSError")
    except ValueError:
        logn(how, "ValueError")
    except asyncio.CancelledError:
        logn(how, "cancelled")
        raise

def fed(data=b"", limit=16):
    r = asyncio.StreamReader(limit=limit, loop=loop)
    if data:
        r.feed_data(data)
    return r

def act(r, word, task=None):
    if word == "cancel":
        logn("cancel", task.cancel())
    elif word == "eof":
        r.feed_eof()
    elif word == "error":
        r.set_exception(OSError())
    else:
        r.feed_data(word.encode() + (b"\n" if word.endswith(";") else b""))

async def rest(r):
    if r.exception() is not None:
        logn("broken")
        return
    r.feed_eof()
    while not r.at_eof():
        await reads(r, "some")

async def one_step(how, words):
    r = fed(b"ab" if how != "some" and how != "all" else b"")
    task = loop.create_task(reads(r, how))
    await asyncio.sleep(1)
    for word in words.split():
        act(r, word, task)
    await asyncio.sleep(1)
    logn(words, outcome(task))
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
    await rest(r)

async def at_the_limit(how, word, early):
    r = fed()
    when = loop.time() + 3
    if early:
        loop.call_at(when, act, r, word)
    task = loop.create_task(reads(r, how, 3))
    await asyncio.sleep(0)
    if not early:
        loop.call_at(when, act, r, word)
    await asyncio.wait([task])
    await rest(r)

async def main():
    for how in ("line", "exactly", "until", "some", "all"):
        logn("---", how)
        for words in ("cd; cancel", "cancel cd;", "c cancel", "c d;", "cd; eof", "c eof", "eof cancel", "cancel eof", "cd; error", "error cd;", "error cancel", "cancel error", "cd; ef;"):
            await one_step(how, words)
        for word in ("abc;", "eof", "error"):
            for early in (True, False):
                await at_the_limit(how, word, early)
    logn("--- one after another, while more comes")
    r = fed()
    async def all_of_them():
        for how in ("line", "exactly", "until", "some", "all"):
            await reads(r, how)
    task = loop.create_task(all_of_them())
    for word in ("on", "e;", "fo", "ur", "fi", "ve;x", "six", "se", "ven", "eof"):
        await asyncio.sleep(1)
        act(r, word)
    await asyncio.wait([task])
    logn("--- two at a time")
    r = fed()
    tasks = [loop.create_task(reads(r, "some"))]
    await asyncio.sleep(0)
    for how in ("some", "line", "exactly", "until", "all"):
        try:
            await call(r, how)
        except RuntimeError:
            logn(how, "RuntimeError")
    tasks[0].cancel()
    await asyncio.wait(tasks)
    act(r, "free;")
    await reads(r, "line")
    logn("--- broken before it is read; ended before")
    for word in ("error", "eof"):
        for how in ("line", "exactly", "until", "some", "all"):
            r = fed(b"ab")
            act(r, word)
            await reads(r, how)
            await reads(r, how)
run(main())
