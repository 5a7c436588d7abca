"""CPython's own loop, with a clock that counts whole ticks and jumps to the next timer. What CPython leaves undefined is done in
order: timers with equal deadlines fire as they were set, a group cancels its children as they were created.

`python3 NAME.py > NAME.out`, with CPython 3.13, makes a trace again."""
import asyncio
import asyncio.base_events
import asyncio.events
import itertools


class Timer(asyncio.events.TimerHandle):
    __slots__ = ("number",)
    numbers = itertools.count()

    def __init__(self, *args):
        super().__init__(*args)
        self.number = next(Timer.numbers)

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


asyncio.events.TimerHandle = Timer


class Ordered(dict):
    """What a task group does with its set of tasks, in the order of their creation."""

    def add(self, task):
        self[task] = None

    def discard(self, task):
        self.pop(task, None)


class Group(asyncio.TaskGroup):
    def __init__(self):
        super().__init__()
        self._tasks = Ordered()


asyncio.TaskGroup = Group


class Selector:
    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout > 0:
            self.loop.now += timeout
        return []

    def get_map(self):
        return {}


class Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.now = 0
        self.turn = 0
        self._clock_resolution = 1
        self._selector = Selector(self)

    def time(self):
        return self.now

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass

    def _run_once(self):
        self.turn += 1
        super()._run_once()


loop = Loop()


def say(*words):
    print(*words, flush=True)


def log(*words):
    print(f"t={loop.now}", *words, flush=True)


def logn(*words):
    print(f"t={loop.now} n={loop.turn}", *words, flush=True)


def run(coroutine):
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(coroutine)


def outcome(future):
    if not future.done():
        return "pending"
    if future.cancelled():
        return "cancelled"
    if future.exception() is not None:
        return f"error {future.exception()!r}"
    return f"value {future.result()!r}"
