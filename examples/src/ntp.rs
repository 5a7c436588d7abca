//! A client of time servers (SNTP, RFC 4330): asks over UDP what time it is, again and again if there is no answer, and gives
//! up after a while.

use core::fmt;
use core::net::SocketAddr;

use segno::prelude::*;
use segno::protocol::ProtocolHandle;
use segno::transport::DatagramHandle;

/// The port at which the example's programs ask, on the machine that runs them: there, 123 is not for everybody.
pub const PORT: u16 = 12_300;

/// The length of a request, and of an answer without extensions.
const LENGTH: usize = 48;

/// How long the first answer may take, in milliseconds; the next ones twice as long each.
const PATIENCE: u64 = 500;

/// Requests that are sent.
const REQUESTS: u32 = 4;

/// Seconds from 1900, when NTP's time begins, to 1970.
const UNIX: u64 = 2_208_988_800;

/// What a server has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Microseconds since 1970, when it was received.
    pub time: u64,
    /// How long request and answer were under way, in microseconds.
    pub delay: u64,
    /// How far the server is from a clock: 1 has one.
    pub stratum: u8,
    /// Requests that were sent.
    pub requests: u32,
}

/// Why there is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There was no answer to any request.
    NoAnswer,
    /// The server does not want to be asked; it says why in four letters.
    Refused([u8; 4]),
    /// The network's.
    Network(LineError),
}

impl From<LineError> for Failure {
    fn from(error: LineError) -> Failure {
        Failure::Network(error)
    }
}

impl<T> From<Refused<T>> for Failure {
    fn from(refused: Refused<T>) -> Failure {
        Failure::Network(refused.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoAnswer => write!(f, "no answer to {REQUESTS} requests"),
            Failure::Refused(code) => write!(f, "the server refuses: {}", code.escape_ascii()),
            Failure::Network(error) => error.fmt(f),
        }
    }
}

/// A point in time as NTP has it, 2^-32 seconds since 1900, as microseconds since 1970; those before 1968 are after 2036.
fn micros(bytes: &[u8; 8]) -> u64 {
    let timestamp = u64::from_be_bytes(*bytes);
    let era = if timestamp >> 63 == 0 { 1 << 32 } else { 0 };
    let seconds = (era + (timestamp >> 32)).saturating_sub(UNIX);
    seconds * 1_000_000 + (((timestamp & 0xFFFF_FFFF) * 1_000_000) >> 32)
}

type Outcome = Result<Answer, Failure>;

/// One question.
struct Client {
    outcome: Future<Outcome>,
    requests: u32,
    sent: Instant,
    retry: Option<TimerHandle>,
}

impl Client {
    /// Sends a request, and again later.
    fn ask(&mut self, transport: &mut dyn DatagramTransport) {
        if self.requests == REQUESTS {
            return self.end(Err(Failure::NoAnswer));
        }
        let lp = transport.event_loop();
        let patience = PATIENCE << self.requests;
        self.requests += 1;
        self.sent = lp.time();
        let mut request = [0; LENGTH];
        request[0] = 4 << 3 | 3; // version 4, a client
        // The server sends it back, whatever it is: so an answer belongs to the last request.
        request[40..].copy_from_slice(&self.sent.as_ticks().to_be_bytes());
        // What cannot be sent now is lost, as much else may be.
        transport.sendto(&request, None).ok();
        let (mut handle, protocol) = (transport.handle(), transport.get_protocol());
        let again = move |_: &EventLoop| ask_again(&mut handle, protocol.as_ref());
        match lp.call_later(patience.millis(), again) {
            Ok(timer) => self.retry = Some(timer),
            Err(refused) => self.end(Err(refused.into())),
        }
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(timer) = self.retry.take() {
            timer.cancel();
        }
        // Who asked may have lost interest.
        self.outcome.set_result(outcome).ok();
    }
}

fn ask_again(transport: &mut DatagramHandle, protocol: Option<&ProtocolHandle<dyn DatagramProtocol>>) {
    if let Some(protocol) = protocol {
        protocol.with(|client: &mut Client| client.ask(transport));
    }
}

impl DatagramProtocol for Client {
    fn connection_made(&mut self, transport: &mut dyn DatagramTransport) {
        self.ask(transport);
    }

    fn datagram_received(&mut self, transport: &mut dyn DatagramTransport, data: &[u8], _: SocketAddr) {
        let now = transport.event_loop().time();
        let Some((answer, _)) = data.split_first_chunk::<LENGTH>() else { return };
        let [first, stratum, ..] = *answer;
        let field = |at: usize| answer[at..].first_chunk().unwrap_or(&[0; 8]);
        let (received, transmitted) = (micros(field(32)), micros(field(40)));
        // From a server whose clock is right, and to the last request: the others may be late, or not from the server at all.
        if first & 7 != 4 || first >> 6 == 3 || *field(24) != self.sent.as_ticks().to_be_bytes() {
            return;
        }
        if stratum == 0 {
            let code = answer[12..].first_chunk().copied().unwrap_or_default();
            return self.end(Err(Failure::Refused(code)));
        }
        let delay = (now - self.sent).as_ticks().saturating_sub(transmitted.saturating_sub(received));
        self.end(Ok(Answer { time: transmitted + delay / 2, delay, stratum, requests: self.requests }));
    }

    /// Nobody listens there: perhaps there will be somebody the next time.
    fn error_received(&mut self, _: &mut dyn DatagramTransport, error: LineError) {
        println!("ntp: {error}");
    }

    fn connection_lost(&mut self, cause: Option<LineError>) {
        self.end(Err(Failure::Network(cause.unwrap_or(LineError::Closed))));
    }
}

/// Asks a server at this address.
#[segno::coroutine]
pub async fn query(lp: &'static EventLoop, network: impl Network, server: SocketAddr) -> Result<Answer, Failure> {
    let outcome = lp.create_future()?;
    let client = Client { outcome: outcome.clone(), requests: 0, sent: lp.time(), retry: None };
    let (mut endpoint, _) = lp.create_datagram_endpoint::<128, 128>(network, client, None, Some(server)).await?;
    let answer = outcome.await;
    endpoint.close();
    answer
}

/// A time of the calendar: year, month, day.
fn date(days: u64) -> (u64, u64, u64) {
    // Years that begin in March, so that the day that not all of them have is their last: 400 of them have 146,097 days.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let year = 400 * era + year + u64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day - (153 * month + 2) / 5 + 1)
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time / 1_000_000;
        let (year, month, day) = date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let millis = self.time / 1000 % 1000;
        write!(f, "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millis:03} UTC")?;
        let Answer { delay, stratum, requests, .. } = self;
        write!(f, ", {delay} us away, stratum {stratum}, requests: {requests}")
    }
}

#[segno::coroutine]
async fn ask(
    lp: &'static EventLoop,
    network: impl Network + Names,
    server: &'static str,
    port: u16,
) -> Result<Answer, Failure> {
    let addresses = lp.getaddrinfo(&network, server, port).await?;
    query(lp, network, addresses.first()).await
}

/// Asks the server with this name once, and says the time.
pub fn main(lp: &'static EventLoop, network: impl Network + Names, server: &'static str, port: u16) {
    match lp.run_until_complete(ask(lp, network, server, port)) {
        Ok(Ok(answer)) => println!("{answer}"),
        Ok(Err(failure)) => println!("error: {failure}"),
        Err(error) => println!("error: {error}"),
    }
    lp.close().ok();
}
