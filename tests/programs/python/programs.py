"""Runs programs on CPython's asyncio and prints their traces.

Reads programs from standard input, in the form that segno-programs writes, one after the other. The loop is CPython's own,
with an integer clock that jumps to the next timer; timers with equal deadlines fire in the order in which they were set,
and a task group cancels its children in the order in which they were created, both of which CPython leaves undefined.
"""

import asyncio
import asyncio.base_events
import asyncio.events
import gc
import itertools
import logging
import sys

logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)

QueueShutDown = getattr(asyncio, "QueueShutDown", ())  # since 3.13
END = 60  # every program is stopped at this tick


class Timer(asyncio.events.TimerHandle):
    """Ordered by the deadline, then by the number."""

    __slots__ = ("number",)
    numbers = itertools.count()

    def __init__(self, *args):
        super().__init__(*args)
        self.number = next(Timer.numbers)

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


asyncio.events.TimerHandle = Timer


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


class Ordered(dict):
    """What a task group does with its set of tasks."""

    def add(self, task):
        self[task] = None

    def discard(self, task):
        self.pop(task, None)

    remove = discard


class AsCompleted:
    """asyncio's iterator, which asks its members in the order of the arguments."""

    def __new__(cls, targets, timeout):
        completed = asyncio.as_completed(())
        todo = Ordered.fromkeys(targets)
        for future in todo:
            future.add_done_callback(completed._handle_completion)
        if timeout is not None:
            completed._timeout_handle = asyncio.get_running_loop().call_later(timeout, completed._handle_timeout)
        completed._todo = todo
        completed._todo_left = len(todo)
        return completed


class Fail(Exception):
    pass


def parse(lines):
    """A list of operations, up to the closing brace; an operation is a list of words, then of blocks."""
    ops = []
    for line in lines:
        words = line.split()
        if words[0] == "}":
            return ops
        if words[0] in ("catch", "timeout", "limit", "group", "lock", "permit"):
            words.append(parse(lines))
        elif words[0] == "finally":
            words.append(parse(lines))
            words.append(parse(lines))
        ops.append(words)
    raise ValueError("a block without an end")


RETURN = object()


class World:
    def __init__(self, futures, routines):
        self.loop = Loop()
        self.routines = routines
        self.tasks = {}
        self.kept = {}
        self.limits = []
        self.futures = [self.loop.create_future() for _ in range(futures)]
        self.trace = []
        self.lock = asyncio.Lock()
        self.semaphore = asyncio.Semaphore(2)
        self.event = asyncio.Event()
        self.condition = asyncio.Condition()
        self.barrier = asyncio.Barrier(2)
        self.queue = asyncio.Queue(1)

    def log(self, who, *words):
        self.trace.append(f"t={self.loop.now} n={self.loop.turn} {who} " + " ".join(map(str, words)))

    def target(self, name):
        number = int(name[1:])
        return self.futures[number] if name[0] == "F" else self.tasks.get(number)

    def outcome(self, future):
        if not future.done():
            return "pending"
        if future.cancelled():
            return "cancelled"
        if future.exception() is not None:
            return f"error {future.exception()}"
        return f"value {future.result()}"

    def cancel(self, who, name):
        target = self.target(name)
        self.log(who, "cancel", name, "none" if target is None else int(target.cancel()))

    def set(self, who, name, value):
        future = self.target(name)
        try:
            future.set_result(int(value))
            self.log(who, "set", name, "ok")
        except asyncio.InvalidStateError:
            self.log(who, "set", name, "invalid")

    def reschedule(self, who, number, to):
        what = f"reschedule {number} {to}"
        if number >= len(self.limits):
            self.log(who, what, "none")
            return
        limit = self.limits[-1 - number]
        try:
            limit.reschedule(None if to == "-" else self.loop.now + int(to))
            self.log(who, what, limit.when(), int(limit.expired()))
        except RuntimeError as error:
            self.log(who, what, error)

    def cancel_kept(self, who, number):
        kept = self.kept.get(number)
        self.log(who, "cancel_kept", number, "none" if kept is None else int(kept.cancel()))

    def state(self, future):
        if not future.done():
            return "pending"
        try:
            result = future.result()
        except asyncio.CancelledError:
            return f"cancelled {int(future.cancelled())}"
        except Fail as error:
            return f"error {error}"
        return "value " + (self.ends(result) if isinstance(result, list) else str(result))

    def act(self, words):
        if words[0] == "reschedule":
            self.reschedule("-", int(words[1]), words[2])
        elif words[0] == "cancel_kept":
            self.cancel_kept("-", int(words[1]))
        elif words[0] == "say":
            self.log("-", "say", words[1])
        elif words[0] == "cancel":
            self.cancel("-", words[1])
        else:
            self.set("-", words[1], words[2])

    async def waiting(self, me, what, awaitable, show=str):
        """Awaits, writes down what comes of it, and swallows errors."""
        try:
            result = await awaitable
            self.log(me, what, "value", show(result))
        except asyncio.CancelledError:
            self.log(me, what, "cancelled")
            raise
        except asyncio.TimeoutError:
            self.log(me, what, "timeout")
        except Fail as error:
            self.log(me, what, "error", error)

    def ends(self, results):
        def show(end):
            if isinstance(end, asyncio.CancelledError):
                return "cancelled"
            return f"error {end}" if isinstance(end, Fail) else f"value {end}"

        return ", ".join(map(show, results))

    async def routine(self, number):
        self.log(number, "starts")
        value = await self.block(number, self.routines[number], None)
        self.log(number, "ends")
        return 0 if value is None else value[1]

    async def block(self, me, ops, group):
        """None, or (RETURN, value)."""
        for op in ops:
            done = await self.op(me, op, group)
            if done is not None:
                return done
        return None

    def spawn(self, me, what, number, create):
        if number in self.tasks:
            self.log(me, what, number, "again")
            return
        coroutine = self.routine(number)
        try:
            self.tasks[number] = create(coroutine)
            self.log(me, what, number, "ok")
        except RuntimeError as error:
            coroutine.close()
            self.log(me, what, number, str(error).split("> ")[-1])

    async def op(self, me, op, group):
        name = op[0]
        if name == "sleep":
            try:
                await asyncio.sleep(int(op[1]))
                self.log(me, "slept")
            except asyncio.CancelledError:
                self.log(me, "sleep cancelled")
                raise
        elif name == "spawn":
            self.spawn(me, "spawn", int(op[1]), self.loop.create_task)
        elif name == "group_spawn":
            self.spawn(me, "group_spawn", int(op[1]), group.create_task)
        elif name == "cancel":
            self.cancel(me, op[1])
        elif name == "uncancel" and len(op) == 1:
            self.log(me, "uncancel", asyncio.current_task().uncancel())
        elif name in ("uncancel", "uncancel_spare"):
            target = self.target(op[1])
            if target is None:
                answer = "none"
            elif name == "uncancel_spare" and target.cancelling() < 2:
                answer = "few"
            else:
                answer = target.uncancel()
            self.log(me, "uncancel", op[1], answer)
        elif name == "cancelling":
            self.log(me, "cancelling", asyncio.current_task().cancelling())
        elif name == "set":
            self.set(me, op[1], op[2])
        elif name == "set_exception":
            try:
                self.target(op[1]).set_exception(Fail(int(op[2])))
                self.log(me, "set_exception", op[1], "ok")
            except asyncio.InvalidStateError:
                self.log(me, "set_exception", op[1], "invalid")
        elif name == "callback":
            target = self.target(op[1])
            if target is None:
                self.log(me, "callback none")
            else:
                target.add_done_callback(lambda f: self.log("-", "callback", op[2], self.outcome(f)))
        elif name == "soon":
            self.loop.call_soon(self.act, op[1:])
        elif name == "later":
            self.loop.call_later(int(op[1]), self.act, op[2:])
        elif name == "catch":
            try:
                return await self.block(me, op[1], group)
            except asyncio.CancelledError:
                self.log(me, "caught")
        elif name == "finally":
            done = None
            cancelled = failed = None
            try:
                done = await self.block(me, op[1], group)
            except asyncio.CancelledError as error:
                cancelled = error
            except Fail as error:
                failed = error
            self.log(me, "finally")
            last = await self.block(me, op[2], group)
            if last is not None:
                return last
            if cancelled or failed:
                raise cancelled or failed
            return done
        elif name == "reschedule":
            self.reschedule(me, int(op[1]), op[2])
        elif name == "cancel_kept":
            self.cancel_kept(me, int(op[1]))
        elif name == "state_kept":
            kept = self.kept.get(int(op[1]))
            self.log(me, "state_kept", op[1], "none" if kept is None else self.state(kept))
        elif name in ("keep_gather", "keep_shield"):
            names = op[2:] if name == "keep_gather" else op[1:]
            targets = [self.target(name) for name in names]
            if any(target is None for target in targets):
                self.log(me, " ".join(op), "none")
            elif name == "keep_gather":
                self.kept[me] = asyncio.gather(*targets, return_exceptions=op[1] == "1")
            else:
                self.kept[me] = asyncio.shield(targets[0])
        elif name == "await_kept":
            kept = self.kept.get(int(op[1]))
            if kept is None:
                self.log(me, " ".join(op), "none")
            else:
                show = lambda result: self.ends(result) if isinstance(result, list) else str(result)
                await self.waiting(me, " ".join(op), kept, show)
        elif name in ("timeout", "limit"):
            cm = asyncio.timeout(int(op[1]))
            if name == "limit":
                self.limits.append(cm)
            try:
                async with cm:
                    done = await self.block(me, op[2], group)
                self.log(me, "timeout over", int(cm.expired()))
                return done
            except TimeoutError:
                self.log(me, "timeout expired")
            except asyncio.CancelledError:
                self.log(me, "timeout cancelled", int(cm.expired()))
                raise
        elif name == "group":
            try:
                async with asyncio.TaskGroup() as inner:
                    inner._tasks = Ordered()
                    done = await self.block(me, op[1], inner)
                self.log(me, "group over")
                return done
            except BaseExceptionGroup as errors:
                self.log(me, "group errors", ", ".join(map(str, errors.exceptions)))
            except asyncio.CancelledError:
                self.log(me, "group cancelled")
                raise
        elif name in ("lock", "permit"):
            primitive = self.lock if name == "lock" else self.semaphore
            try:
                await primitive.acquire()
                self.log(me, name, "acquired")
            except asyncio.CancelledError:
                self.log(me, name, "cancelled")
                raise
            try:
                return await self.block(me, op[1], group)
            finally:
                primitive.release()
        elif name in SYNC:
            what = " ".join(op)
            try:
                self.log(me, what, await SYNC[name](self, *map(int, op[1:])))
            except asyncio.CancelledError:
                self.log(me, what, "cancelled")
                raise
        elif name == "return":
            return (RETURN, int(op[1]))
        elif name == "fail":
            raise Fail(int(op[1]))
        else:
            await self.wait_op(me, op)
        return None

    async def wait_op(self, me, op):
        name = op[0]
        first = {"await": 1, "shield": 1, "wait_for": 2, "wait_for_shield": 2, "gather": 2, "wait": 3, "as_completed": 2, "as_completed_one": 2}[name]
        one = name == "as_completed_one"
        if one:
            name = "as_completed"
        names = op[first:]
        targets = [self.target(name) for name in names]
        what = f"{name} " + " ".join(names)
        if any(target is None for target in targets):
            self.log(me, what, "none")
        elif name == "await":
            await self.waiting(me, what, targets[0])
        elif name == "shield":
            await self.waiting(me, what, asyncio.shield(targets[0]))
        elif name == "wait_for":
            await self.waiting(me, what, asyncio.wait_for(targets[0], int(op[1])))
        elif name == "wait_for_shield":
            await self.waiting(me, what, asyncio.wait_for(asyncio.shield(targets[0]), int(op[1])))
        elif name == "gather":
            exceptions = op[1] == "1"
            await self.waiting(me, what, asyncio.gather(*targets, return_exceptions=exceptions), self.ends)
        elif name == "as_completed":
            timeout = None if op[1] == "-" else int(op[1])
            await self.waiting(me, what, self.as_completed(me, what, dict(zip(targets, names)), timeout, one))
        else:
            mode = {"All": "ALL_COMPLETED", "First": "FIRST_COMPLETED", "Exception": "FIRST_EXCEPTION"}[op[1]]
            timeout = None if op[2] == "-" else int(op[2])
            waiting = asyncio.wait(targets, timeout=timeout, return_when=mode)
            await self.waiting(me, what, waiting, lambda sets: sum(target in sets[0] for target in targets))

    async def as_completed(self, me, what, names, timeout, one):
        async for done in AsCompleted(names, timeout):
            self.log(me, what, "gives", names[done], self.outcome(done))
            if one:
                return "one"
        return "over"

    async def event_set(self):
        self.event.set()
        return "ok"

    async def event_clear(self):
        self.event.clear()
        return "ok"

    async def event_wait(self):
        await self.event.wait()
        return "ok"

    async def notified(self):
        async with self.condition:
            await self.condition.wait()
        return "ok"

    async def notify(self, count):
        async with self.condition:
            self.condition.notify(count)
        return "ok"

    async def barrier_wait(self):
        try:
            return await self.barrier.wait()
        except asyncio.BrokenBarrierError as error:
            return error

    async def barrier_reset(self):
        await self.barrier.reset()
        return "ok"

    async def barrier_abort(self):
        await self.barrier.abort()
        return "ok"

    async def barrier_state(self):
        return f"{self.barrier.n_waiting} {int(self.barrier.broken)}"

    async def queue_operation(self, operation, *arguments):
        try:
            result = operation(*arguments)
            if asyncio.iscoroutine(result):
                result = await result
            return "ok" if result is None else result
        except asyncio.QueueFull:
            return "full"
        except asyncio.QueueEmpty:
            return "empty"
        except QueueShutDown:
            return "shut down"
        except ValueError:
            return "too often"

    async def put(self, value):
        return await self.queue_operation(self.queue.put, value)

    async def get(self):
        return await self.queue_operation(self.queue.get)

    async def put_nowait(self, value):
        return await self.queue_operation(self.queue.put_nowait, value)

    async def get_nowait(self):
        return await self.queue_operation(self.queue.get_nowait)

    async def join(self):
        return await self.queue_operation(self.queue.join)

    async def task_done(self):
        return await self.queue_operation(self.queue.task_done)

    async def shutdown(self, at_once):
        return await self.queue_operation(self.queue.shutdown, at_once == 1)

    def run(self):
        self.loop.set_exception_handler(lambda loop, context: None)
        self.loop.call_at(END, self.loop.stop)
        self.tasks[0] = self.loop.create_task(self.routine(0))
        try:
            self.loop.run_until_complete(self.tasks[0])
        except (RuntimeError, asyncio.CancelledError, Fail):
            pass
        # The others go on until nothing more happens.
        if self.loop.now < END:
            self.loop.run_forever()
        for number, task in sorted(self.tasks.items()):
            self.trace.append(f"T{number} {self.outcome(task)} cancelling {task.cancelling()}")
        for number, future in enumerate(self.futures):
            self.trace.append(f"F{number} {self.outcome(future)}")
        self.loop.close()


SYNC = {
    "event_set": World.event_set,
    "event_clear": World.event_clear,
    "event_wait": World.event_wait,
    "notified": World.notified,
    "notify": World.notify,
    "barrier": World.barrier_wait,
    "put": World.put,
    "get": World.get,
    "put_nowait": World.put_nowait,
    "get_nowait": World.get_nowait,
    "barrier_reset": World.barrier_reset,
    "barrier_abort": World.barrier_abort,
    "barrier_state": World.barrier_state,
    "join": World.join,
    "task_done": World.task_done,
    "shutdown": World.shutdown,
}


def main():
    lines = iter(sys.stdin)
    gc.disable()
    for count, line in enumerate(lines):
        _, seed, futures = line.split()
        routines = []
        for line in lines:
            if line == "end\n":
                break
            routines.append(parse(lines))
        world = World(int(futures), routines)
        world.run()
        print(f"program {seed}")
        for entry in world.trace:
            print(entry)
        if count % 500 == 0:
            gc.collect()


# Tasks that are pending at the end would print warnings when they are destroyed.
sys.unraisablehook = lambda *_: None
asyncio.base_events.BaseEventLoop.__del__ = lambda self: None
main()
