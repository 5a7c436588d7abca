# call_later: when, cancel before, in the batch, and after; equal deadlines; a callback that cancels its neighbour.
from loop import *

def hit(tag):
    logn("run", tag)

a = loop.call_later(10, hit, "a")
b = loop.call_later(20, hit, "b")
say("when", a.when(), b.when())
b.cancel()
say("cancelled", a.cancelled(), b.cancelled(), "when", b.when())
b.cancel()
handles = []
def first():
    logn("run first, cancels second and the soon one")
    handles[0].cancel()
    handles[1].cancel()
loop.call_at(15, first)
handles.append(loop.call_at(15, hit, "second"))
def queue():
    logn("run queue")
    handles.append(loop.call_soon(hit, "soon"))
loop.call_at(14, lambda: (queue(), loop.call_at(14, hit, "at once")))
loop.call_at(15, hit, "third")
def late():
    logn("run late, a.cancel() after it ran:", a.cancelled())
    a.cancel()
    logn("cancelled", a.cancelled(), "when", a.when())
loop.call_at(30, late)
loop.call_at(31, loop.stop)
loop.run_forever()
# Many cancelled timers do not delay the others.
many = [loop.call_at(100 + i, hit, i) for i in range(200)]
for handle in many[:-1]:
    handle.cancel()
loop.call_at(300, loop.stop)
loop.run_forever()
logn("end")
