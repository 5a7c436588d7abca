//! Every read of a `StreamReader` against a model: bytes that come in any pieces, at any time, and end in any way.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use segno::WakerCell;
use segno::host::VirtualClock;
use segno::prelude::*;
use segno::transport::ByteStream;
use segno_hostile::{Random, bytes, cases, one_of};

/// How the input ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Eof,
    Error,
}

/// A line from which bytes come when the test says so.
#[derive(Default)]
struct State {
    ready: VecDeque<u8>,
    end: Option<End>,
    reader: WakerCell,
    /// How many bytes were taken from it.
    taken: usize,
}

#[derive(Clone, Default)]
struct Line(Rc<RefCell<State>>);

impl ByteStream for Line {
    fn try_read(&mut self, buffer: &mut [u8]) -> nb::Result<usize, LineError> {
        let line = &mut *self.0.borrow_mut();
        assert!(!buffer.is_empty(), "0 is the end of the input");
        let count = buffer.len().min(line.ready.len());
        if count > 0 {
            buffer.iter_mut().zip(line.ready.drain(..count)).for_each(|(slot, byte)| *slot = byte);
            line.taken += count;
            return Ok(count);
        }
        match line.end {
            Some(End::Eof) => Ok(0),
            Some(End::Error) => Err(nb::Error::Other(LineError::ConnectionReset)),
            None => {
                line.reader.register_current();
                Err(nb::Error::WouldBlock)
            }
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> nb::Result<usize, LineError> {
        Ok(bytes.len())
    }

    fn try_flush(&mut self) -> nb::Result<(), LineError> {
        Ok(())
    }
}

/// Lets bytes come until all have.
#[segno::coroutine]
async fn feed(line: Line, data: Vec<u8>, end: End, mut random: Random) {
    let mut place = 0;
    while place < data.len() {
        let count = 1 + random.below(one_of(&mut random.clone(), &[1, 3, 20, 200])) as usize;
        let next = data.len().min(place + count);
        {
            let mut line = line.0.borrow_mut();
            line.ready.extend(&data[place..next]);
            line.reader.wake();
        }
        place = next;
        sleep(random.below(3).millis()).await;
    }
    let mut line = line.0.borrow_mut();
    line.end = Some(end);
    line.reader.wake();
}

const CAPACITY: usize = 64;

/// What the model knows.
struct Model {
    data: Vec<u8>,
    /// What was read.
    place: usize,
    limit: usize,
    end: End,
}

fn find(data: &[u8], separator: &[u8]) -> Option<usize> {
    data.windows(separator.len()).position(|window| window == separator)
}

impl Model {
    fn rest(&self) -> &[u8] {
        &self.data[self.place..]
    }

    fn took(&mut self, bytes: &[u8]) {
        assert_eq!(Some(bytes), self.rest().get(..bytes.len()), "at {}", self.place);
        self.place += bytes.len();
    }

    /// Reads may fail so from the moment on in which the line does.
    fn lost(&self, error: ReadError) {
        assert_eq!((error, self.end), (ReadError::Lost(LineError::ConnectionReset), End::Error));
    }

    fn incomplete(&mut self, buffer: &[u8], partial: usize) {
        self.took(&buffer[..partial]);
        assert_eq!((self.place, self.end), (self.data.len(), End::Eof));
    }

    /// A read up to a separator has failed; nothing was read.
    fn overrun(&self, separator: &[u8], consumed: usize) {
        let position = find(self.rest(), separator);
        assert!(position.is_none_or(|position| {
            consumed <= position && (position > self.limit || position + separator.len() > CAPACITY)
        }));
        assert!(consumed <= self.rest().len());
        assert!(consumed > self.limit || self.rest().len() >= CAPACITY);
    }

    fn too_small(&self, separator: &[u8], room: usize, needed: usize) {
        let whole = find(self.rest(), separator).map_or(self.rest().len(), |position| position + separator.len());
        assert_eq!(whole, needed);
        assert!(needed > room);
    }
}

/// One read, and what the model says to it. True at the end.
#[segno::coroutine]
async fn read(reader: &StreamReader, model: &mut Model, random: &mut Random) -> bool {
    let mut buffer = vec![0; random.below(CAPACITY as u64 + 20) as usize];
    let room = buffer.len();
    let patience = one_of(random, &[1, 2, 5, 1000, 1000, 1000]).millis();
    let separator: &[u8] = one_of(random, &[b"\n", b"\r\n", b"ab", b"aab", b"abab"]);
    match random.below(5) {
        0 => match wait_for(reader.read(&mut buffer), patience).await {
            Ok(Ok(0)) if room > 0 => {
                assert_eq!((model.place, model.end), (model.data.len(), End::Eof));
                return true;
            }
            Ok(Ok(count)) => model.took(&buffer[..count]),
            Ok(Err(error)) => {
                model.lost(error);
                return true;
            }
            Err(_) => {}
        },
        1 => match wait_for(reader.readexactly(&mut buffer), patience).await {
            Ok(Ok(())) => model.took(&buffer),
            Ok(Err(ReadError::Incomplete { partial, expected })) => {
                assert_eq!(expected, Some(room));
                model.incomplete(&buffer, partial);
                return true;
            }
            Ok(Err(error)) => {
                model.lost(error);
                return true;
            }
            // What was moved to the buffer of one that was too long is known to nobody.
            Err(_) if room > CAPACITY => return true,
            Err(_) => {}
        },
        2 | 3 => match wait_for(reader.readuntil(separator, &mut buffer), patience).await {
            Ok(Ok(count)) => {
                assert_eq!(find(&buffer[..count], separator), Some(count - separator.len()));
                assert!(count - separator.len() <= model.limit);
                model.took(&buffer[..count]);
            }
            Ok(Err(ReadError::Incomplete { partial, expected })) => {
                assert_eq!((expected, find(&buffer[..partial], separator)), (None, None));
                model.incomplete(&buffer, partial);
                return true;
            }
            Ok(Err(ReadError::LimitOverrun { consumed })) => {
                model.overrun(separator, consumed);
                // As asyncio's users do it: what was looked at is read.
                let mut skipped = vec![0; consumed];
                reader.readexactly(&mut skipped).await.unwrap();
                model.took(&skipped);
            }
            Ok(Err(ReadError::BufferTooSmall { needed })) => model.too_small(separator, room, needed),
            Ok(Err(error)) => {
                model.lost(error);
                return true;
            }
            Err(_) => {}
        },
        _ => match wait_for(reader.readline(&mut buffer), patience).await {
            Ok(Ok(0)) => {
                assert_eq!((model.place, model.end), (model.data.len(), End::Eof));
                return true;
            }
            Ok(Ok(count)) => {
                let end = find(&buffer[..count], b"\n");
                model.took(&buffer[..count]);
                assert!(end == Some(count - 1) || end.is_none() && model.rest().is_empty());
            }
            Ok(Err(ReadError::LineTooLong)) => {
                // The line is gone, or as much of it as there was: all that comes behind is read.
                let mut rest = vec![0; model.data.len()];
                match reader.read_to_end(&mut rest).await {
                    Ok(count) => assert!(model.rest().ends_with(&rest[..count])),
                    Err(error) => model.lost(error),
                }
                return true;
            }
            Ok(Err(ReadError::BufferTooSmall { needed })) => model.too_small(b"\n", room, needed),
            Ok(Err(error)) => {
                model.lost(error);
                return true;
            }
            Err(_) => {}
        },
    }
    false
}

#[segno::coroutine(allow_large)]
async fn run(lp: &'static EventLoop, mut random: Random) {
    let end = one_of(&mut random, &[End::Eof, End::Eof, End::Error]);
    let letters: &[u8] = one_of(&mut random, &[b"ab\r\n", b"aaaaaaaaab\n", b"abcdefghijklmnopqrstuvwxyz\r\n"]);
    let data: Vec<u8> =
        bytes(&mut random, 0, 600).iter().map(|byte| letters[usize::from(*byte) % letters.len()]).collect();
    let line = Line::default();
    let (reader, writer) = lp.open_stream::<CAPACITY, 8>(line.clone()).await.unwrap();
    let limit = one_of(&mut random, &[CAPACITY / 2, 5, 1, CAPACITY - 1]);
    reader.set_limit(limit).unwrap();
    let feeder = lp.create_task(feed(line.clone(), data.clone(), end, random.clone())).unwrap();
    let mut model = Model { data, place: 0, limit, end };
    while !read(&reader, &mut model, &mut random).await {
        // What was received waits in the buffer, and no more than fits.
        let waiting = line.0.borrow().taken - model.place;
        assert!(waiting <= CAPACITY, "{waiting} bytes wait");
        if random.below(8) == 0 {
            sleep(random.below(20).millis()).await;
        }
    }
    writer.close();
    writer.wait_closed().await.ok();
    feeder.await;
}

#[test]
fn readers_give_every_byte_once_or_say_why_not() {
    cases(2000, |random| {
        let lp = segno::new_event_loop(VirtualClock::leaked(), 16 * 1024);
        let empty = lp.all_tasks().count();
        lp.run_until_complete(run(lp, random.clone())).unwrap();
        assert_eq!(lp.all_tasks().count(), empty);
        lp.close().unwrap();
    });
}
