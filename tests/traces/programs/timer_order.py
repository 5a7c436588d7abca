# Timer handles are compared by when; equal are only those of the same callback.
from loop import *

# The loop's own timers have another order.
earlier = Timer.__mro__[1].__lt__

def never():
    say("never")

def other():
    say("never")

def compare(names, a, b):
    say(names, "<", earlier(a, b), "<=", a <= b, "==", a == b, "!=", a != b, ">", a > b, ">=", a >= b)

def both(names, a, b):
    compare(names, a, b)
    compare(names[::-1], b, a)

a, b, c = loop.call_later(10, never), loop.call_at(20, other), loop.call_at(10, other)
both("aa", a, a)
both("ab", a, b)
both("ac", a, c)
say("min", min(b, a, key=lambda handle: handle.when()) is a, "max", max(b, a) is b)
a.cancel()
both("aa", a, a)
both("ab", a, b)
both("ac", a, c)
for handle in b, c:
    handle.cancel()
both("bc", b, c)
