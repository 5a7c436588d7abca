# Several tasks that drain one writer: who goes on when, cancelled ones, a line that is lost or closing, an error of the reader.
from asyncio import transports
from loop import *

class Wire(transports._FlowControlMixin):
    """A line that takes as many bytes as it is told to."""
    def __init__(self):
        super().__init__({}, loop)
        self.room, self.sent, self.buffer, self.closing = 0, b"", b"", False

    def accept(self, count):
        log("the line takes", count)
        self.room += count
        self.push()
        self._maybe_resume_protocol()
        if self.closing and not self.buffer:
            self.lose(None)

    def push(self):
        self.sent += self.buffer[:self.room]
        left = self.buffer[self.room:]
        self.room -= len(self.buffer) - len(left)
        self.buffer = left

    def write(self, data):
        self.buffer += data
        self.push()
        self._maybe_pause_protocol()

    def get_write_buffer_size(self):
        return len(self.buffer)

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True
        if not self.buffer:
            self.lose(None)

    def lose(self, error):
        self.closing = True
        self.buffer = b""
        loop.call_soon(self._protocol.connection_lost, error)

def opened():
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    wire = Wire()
    wire._protocol = protocol
    protocol.connection_made(wire)
    wire.set_write_buffer_limits(high=4, low=2)
    return wire, reader, asyncio.StreamWriter(wire, protocol, reader, loop)

async def drains(tag, writer, data=b""):
    writer.write(data)
    log(tag, "wrote", len(data))
    try:
        await writer.drain()
        log(tag, "drained")
    except asyncio.CancelledError:
        log(tag, "cancelled")
        raise
    except OSError as error:
        log(tag, type(error).__name__)

def show(tasks):
    return [outcome(task) for task in tasks]

async def main():
    log("--- at most the high mark: no turn is spent")
    wire, reader, writer = opened()
    n = loop.turn
    await drains("main", writer, b"1234")
    log("turns", loop.turn - n, "buffered", wire.get_write_buffer_size())
    log("--- above it: all wait until the low mark, and go on in their order")
    tasks = [loop.create_task(drains(tag, writer, data)) for tag, data in (("a", b"5"), ("b", b"678"), ("c", b""))]
    await asyncio.sleep(1)
    for count in (5, 1):
        wire.accept(count)
        await asyncio.sleep(1)
        log(show(tasks), "buffered", wire.get_write_buffer_size())
    log("sent", wire.sent)
    log("--- who is cancelled goes alone")
    tasks = [loop.create_task(drains(tag, writer, b"xy")) for tag in "abc"]
    await asyncio.sleep(1)
    log("cancel", tasks[1].cancel())
    await asyncio.sleep(1)
    log(show(tasks))
    wire.accept(8)
    await asyncio.sleep(1)
    log(show(tasks), "sent", wire.sent)
    log("--- the first one fills it again before the second one runs, which goes on all the same")
    async def more(tag):
        await drains(tag, writer, b"12345")
        writer.write(b"......")
        log(tag, "writes more, buffered", wire.get_write_buffer_size())
    tasks = [loop.create_task(more(tag)) for tag in "ab"]
    await asyncio.sleep(1)
    wire.accept(8)
    await asyncio.sleep(1)
    log(show(tasks), "buffered", wire.get_write_buffer_size())
    log("--- a limit")
    try:
        await asyncio.wait_for(writer.drain(), 3)
    except TimeoutError:
        log("TimeoutError")
    log("--- the line is lost, with an error and without")
    tasks = [loop.create_task(drains(tag, writer)) for tag in "ab"]
    await asyncio.sleep(1)
    wire.lose(BrokenPipeError())
    await asyncio.sleep(1)
    await drains("late", writer)
    wire, reader, writer = opened()
    tasks = [loop.create_task(drains(tag, writer, b"123")) for tag in "ab"]
    await asyncio.sleep(1)
    wire.lose(None)
    await asyncio.sleep(1)
    await drains("late", writer)
    log("--- closing: one turn is spent first, in which it may be lost")
    wire, reader, writer = opened()
    writer.close()
    n = loop.turn
    await drains("main", writer)
    log("turns", loop.turn - n)
    log("--- closing with something to send: below the high mark, and above it")
    for data in (b"123", b"12345"):
        wire, reader, writer = opened()
        writer.write(data)
        writer.close()
        task = loop.create_task(drains("closing", writer))
        await asyncio.sleep(1)
        log(outcome(task), writer.is_closing())
        wire.accept(5)
        await asyncio.sleep(1)
        log(outcome(task), "sent", wire.sent)
        await drains("late", writer)
    log("--- three that write and drain again and again")
    wire, reader, writer = opened()
    async def writes(tag):
        for i in range(3):
            writer.write(f"{tag}{i}.".encode())
            log(tag, "wrote", i, "buffered", wire.get_write_buffer_size())
            await writer.drain()
        return tag
    tasks = [loop.create_task(writes(tag)) for tag in "abc"]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(1)
        wire.accept(4)
    await asyncio.sleep(1)
    wire.accept(9)
    await asyncio.sleep(1)
    log(show(tasks), "sent", wire.sent)
    log("--- what the reader was told of comes out")
    wire, reader, writer = opened()
    reader.set_exception(ConnectionResetError("gone"))
    await drains("main", writer, b"12345")
run(main())
