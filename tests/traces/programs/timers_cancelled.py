# Callbacks that are cancelled: before their turn, in the batch, by themselves, afterwards; and turns in which nothing is left to run.
from loop import *

def hit(tag):
    logn("run", tag)

def stop_in(delay):
    loop.call_later(delay, loop.stop)
    loop.run_forever()
    logn("stopped")

logn("--- the only callback is cancelled, and a timer waits")
handle = loop.call_soon(hit, "never")
handle.cancel()
logn("cancelled", handle.cancelled())
stop_in(5)
logn("--- the head of the timers is cancelled: the clock goes on to the next one")
head = loop.call_later(3, hit, "head")
loop.call_later(7, hit, "next")
head.cancel()
stop_in(9)
logn("--- callbacks and timers of one turn cancel each other")
handles = {}
def cancels(tag, *others):
    logn(tag, "cancels", *others)
    for other in others:
        handles[other].cancel()
def soon(tag, *others):
    handles[tag] = loop.call_soon(cancels, tag, *others)
def later(delay, tag, *others):
    handles[tag] = loop.call_later(delay, cancels, tag, *others)
later(0, "due")
soon("a", "due", "c")
soon("b")
soon("c")
later(4, "d", "e", "late")
later(4, "e")
later(6, "late")
later(4, "f", "e", "d")
stop_in(8)
logn({tag: handle.cancelled() for tag, handle in handles.items()})
logn("--- one cancels itself as it runs, and is asked afterwards")
def itself():
    logn("itself", own.cancelled())
    own.cancel()
    logn("itself", own.cancelled(), own.when() - begin)
begin = loop.time()
own = loop.call_later(2, itself)
stop_in(3)
logn(own.cancelled(), own.when() - begin)
ran = loop.call_soon(hit, "soon")
stop_in(1)
logn("ran", ran.cancelled())
ran.cancel()
ran.cancel()
logn("ran", ran.cancelled())
logn("--- moments that have passed: in their order, behind what is ready")
now = loop.time()
for back in (1, 3, 2):
    loop.call_at(now - back, hit, f"{back} ago")
loop.call_soon(hit, "ready")
loop.call_at(now, hit, "now")
stop_in(0)
stop_in(1)
logn("--- set again and again: the last one counts")
pending = []
def debounce(tag):
    if pending:
        pending.pop().cancel()
    pending.append(loop.call_later(5, hit, tag))
    logn("set", tag, pending[0].when() - begin)
for delay, tag in ((0, "one"), (3, "two"), (7, "three"), (13, "four")):
    loop.call_later(delay, debounce, tag)
stop_in(20)
logn("--- most of many are cancelled")
many = [loop.call_later(10 + i % 7, hit, i) for i in range(150)]
for i, handle in enumerate(many):
    if i % 50:
        handle.cancel()
stop_in(30)
