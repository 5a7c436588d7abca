//! Streams and devices by the traits of `embedded-io`: a client of MQTT that has never heard of segno, on a segno stream, and
//! transports on devices that have not either.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use embedded_io_async::{Read, ReadReady, Write, WriteReady};
use rust_mqtt::Bytes;
use rust_mqtt::buffer::AllocBuffer;
use rust_mqtt::client::Client;
use rust_mqtt::client::event::Event;
use rust_mqtt::client::options::{ConnectOptions, DisconnectOptions, PublicationOptions, TopicReference};
use rust_mqtt::types::{MqttString, TopicName};
use segno::prelude::*;
use segno::println;
use segno::streams::Duplex;
use segno::transport::{FromEmbeddedIo, FromNb};
use segno_sim::{Board, Sim};
use segno_tests_bridge::new_loop;

const BROKER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 1883);

/// One packet of MQTT, shorter than 128 bytes: its first byte and what follows its length.
#[segno::coroutine]
async fn packet<'a>(reader: &StreamReader, body: &'a mut [u8; 127]) -> Result<(u8, &'a [u8]), ReadError> {
    let mut header = [0; 2];
    reader.readexactly(&mut header).await?;
    let [kind, length] = header;
    reader.readexactly(&mut body[..usize::from(length)]).await?;
    Ok((kind, &body[..usize::from(length)]))
}

/// As much of a broker as the client below needs: it agrees, and sends what is published back.
#[segno::coroutine]
async fn broker(reader: StreamReader, writer: StreamWriter) {
    let mut body = [0; 127];
    while let Ok((kind, body)) = packet(&reader, &mut body).await {
        println!("{kind:02x} {}", body.len());
        match kind {
            0x10 => writer.write_all(b"\x20\x03\x00\x00\x00").await.unwrap(),
            0x32 => {
                let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                let (topic, rest) = body.split_at(2 + topic);
                writer.write_all(&[0x40, 2, rest[0], rest[1]]).await.unwrap();
                writer.write_all(&[0x30, (body.len() - 2) as u8]).await.unwrap();
                writer.write_all(topic).await.unwrap();
                writer.write_all(&rest[2..]).await.unwrap();
            }
            _ => break,
        }
    }
    writer.close();
}

#[segno::coroutine]
async fn publish(lp: &'static EventLoop, network: impl Network) {
    let stream: Duplex = lp.open_connection::<256, 256>(network, BROKER).await.unwrap().into();
    let mut buffer = AllocBuffer;
    let mut client = Client::<'_, '_, _, _, 1, 1, 1, 1, 16, 0, 1>::new(&mut buffer);
    let name = MqttString::try_from("segno").unwrap();
    let options = ConnectOptions::new().clean_start();
    println!("connected: {}", client.connect(stream, &options, Some(name)).await.is_ok());
    let topic = TopicName::new(MqttString::try_from("room/temperature").unwrap()).unwrap();
    let options = PublicationOptions::new(TopicReference::Name(topic)).at_least_once();
    client.publish(&options, Bytes::from("21.5".as_bytes())).await.unwrap();
    let mut events = 0;
    while events < 2 {
        match client.poll().await.unwrap() {
            Event::PublishAcknowledged(_) => println!("acknowledged"),
            Event::Publish(publish) => println!("received {}", publish.message.as_bytes().escape_ascii()),
            event => panic!("{event:?}"),
        }
        events += 1;
    }
    let stream = client.disconnect(&DisconnectOptions::new()).await.unwrap();
    stream.writer.close();
    println!("{:?}", stream.writer.wait_closed().await);
}

#[test]
fn a_client_of_mqtt_publishes_through_a_stream() {
    let mut sim = Sim::new(1);
    let server = sim.node("broker", |board: Board| {
        let lp = board.event_loop();
        let server = lp.start_server::<256, 256>(board.network(), broker, BROKER).unwrap();
        lp.run_until_complete(server.serve_forever()).unwrap();
    });
    let client = sim.node("client", |board: Board| {
        let lp = board.event_loop();
        lp.run_until_complete(publish(lp, board.network())).unwrap();
    });
    sim.ethernet().latency(1.millis(), 5.millis()).lose(20);
    sim.run_for(60.secs());
    assert_eq!(client.console(), "connected: true\nacknowledged\nreceived 21.5\nOk(())\n");
    assert_eq!(server.console(), "10 23\n32 25\ne0 2\n");
}

/// Copies until the end, by nothing but the traits.
async fn copy<T: Read + Write>(stream: &mut T) -> Result<usize, T::Error> {
    let (mut buffer, mut copied) = ([0; 7], 0);
    loop {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => {
                stream.write_all(&buffer[..count]).await?;
                copied += count;
            }
        }
    }
    stream.flush().await?;
    Ok(copied)
}

/// A serial port of another making: what comes in, what went out, and how much it takes at a time.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<Ends>>);

/// What is to be read, what was written, and how much that may still be.
type Ends = (VecDeque<u8>, Vec<u8>, usize);

impl Wire {
    fn with(incoming: &[u8], room: usize) -> Wire {
        Wire(Rc::new(RefCell::new((incoming.iter().copied().collect(), Vec::new(), room))))
    }
}

struct Port(Wire);

impl embedded_io::ErrorType for Port {
    type Error = Infallible;
}

impl embedded_io::ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}

impl embedded_io::Read for Port {
    /// The end is behind what comes in.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let incoming = &mut self.0.0.borrow_mut().0;
        let count = buffer.len().min(incoming.len());
        buffer.iter_mut().zip(incoming.drain(..count)).for_each(|(place, byte)| *place = byte);
        Ok(count)
    }
}

impl embedded_io::WriteReady for Port {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.0.borrow().2 > 0)
    }
}

impl embedded_io::Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let (_, sent, room) = &mut *self.0.0.borrow_mut();
        let count = bytes.len().min(*room);
        assert!(count > 0, "it would block");
        sent.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[derive(Debug)]
struct Noise;

impl embedded_hal_nb::serial::Error for Noise {
    fn kind(&self) -> embedded_hal_nb::serial::ErrorKind {
        embedded_hal_nb::serial::ErrorKind::FrameFormat
    }
}

/// One byte at a time, and noise in the place of `!`.
struct NbPort(Wire);

impl embedded_hal_nb::serial::ErrorType for NbPort {
    type Error = Noise;
}

impl embedded_hal_nb::serial::Read<u8> for NbPort {
    fn read(&mut self) -> nb::Result<u8, Noise> {
        match self.0.0.borrow_mut().0.pop_front() {
            None => Err(nb::Error::WouldBlock),
            Some(b'!') => Err(nb::Error::Other(Noise)),
            Some(byte) => Ok(byte),
        }
    }
}

impl embedded_hal_nb::serial::Write<u8> for NbPort {
    fn write(&mut self, byte: u8) -> nb::Result<(), Noise> {
        self.0.0.borrow_mut().1.push(byte);
        Ok(())
    }

    fn flush(&mut self) -> nb::Result<(), Noise> {
        Ok(())
    }
}

#[segno::coroutine]
async fn copies(lp: &'static EventLoop, wire: Wire) {
    let port = FromEmbeddedIo(Port(wire));
    let (mut reader, mut writer) = lp.open_stream::<64, 8>(port).await.unwrap();
    assert_eq!((reader.read_ready(), writer.write_ready()), (Ok(false), Ok(true)));
    let mut stream = Duplex::from((reader, writer));
    assert_eq!(copy(&mut stream).await, Ok(3000));
    // The end can be read again.
    let mut buffer = [0; 4];
    let count = stream.read(&mut buffer).await;
    assert_eq!((stream.read_ready(), count), (Ok(true), Ok(0)));
    stream.writer.close();
    stream.writer.wait_closed().await.unwrap();
}

#[test]
fn a_stream_on_a_device_of_embedded_io_is_copied_by_the_traits() {
    let lp = new_loop();
    let bytes: Vec<u8> = (0..3000).map(|n: u32| (n * n) as u8).collect();
    let wire = Wire::with(&bytes, 3);
    lp.run_until_complete(copies(lp, wire.clone())).unwrap();
    assert_eq!(wire.0.borrow().1, bytes);
}

/// What a protocol on the port of `embedded-hal-nb` hears; it answers in capitals.
struct Loud(Rc<RefCell<String>>);

impl Protocol for Loud {
    fn data_received(&mut self, transport: &mut dyn Transport, data: &[u8]) {
        self.0.borrow_mut().push_str(std::str::from_utf8(data).unwrap());
        transport.write(&data.to_ascii_uppercase()).unwrap();
        if data == b"." {
            transport.close();
        }
    }

    fn line_error(&mut self, _: &mut dyn Transport, error: LineError) {
        self.0.borrow_mut().push_str(&format!("[{error}]"));
    }
}

#[test]
fn a_protocol_on_a_port_of_embedded_hal_nb() {
    let lp = new_loop();
    let (wire, heard) = (Wire::with(b"ab!c.", usize::MAX), Rc::default());
    let connect = lp.connect_uart::<16, 16>(FromNb(NbPort(wire.clone())), Loud(Rc::clone(&heard)));
    let (transport, _) = lp.run_until_complete(connect).unwrap().unwrap();
    lp.run_until_complete(transport.wait_closed()).unwrap();
    assert_eq!(*heard.borrow(), "ab[framing error]c.");
    assert_eq!(wire.0.borrow().1, b"ABC.");
}
