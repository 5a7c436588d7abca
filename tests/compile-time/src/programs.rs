//! The crates that are compiled, as text.

use std::fmt::Write;

/// Who makes the machines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum World {
    Segno,
    Rustc,
}

impl World {
    pub fn name(self) -> &'static str {
        match self {
            World::Segno => "segno",
            World::Rustc => "rustc",
        }
    }

    /// A leaf that suspends once, and what makes rustc generate the code of a machine.
    fn head(self) -> &'static str {
        match self {
            World::Segno => {
                "#![allow(warnings)]
use std::pin::{Pin, pin};
use segno::{Context, Coroutine, Resume};
pub struct Leaf(bool);
impl Coroutine for Leaf {
    type Output = u32;
    fn resume(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Resume<u32> {
        if std::mem::replace(&mut self.0, true) { Resume::Done(1) } else { Resume::Pending }
    }
}
fn step<C: Coroutine>(machine: Pin<&mut C>, cx: &mut Context<'_>) -> bool {
    matches!(machine.resume(cx), Resume::Pending)
}
fn made<C: Coroutine>(_: C) -> usize { step::<C> as fn(Pin<&mut C>, &mut Context<'_>) -> bool as usize }
"
            }
            World::Rustc => {
                "#![allow(warnings)]
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
pub struct Leaf(bool);
impl Future for Leaf {
    type Output = u32;
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(1) } else { Poll::Pending }
    }
}
fn step<C: Future>(machine: Pin<&mut C>, cx: &mut Context<'_>) -> bool { machine.poll(cx).is_pending() }
fn made<C: Future>(_: C) -> usize { step::<C> as fn(Pin<&mut C>, &mut Context<'_>) -> bool as usize }
"
            }
        }
    }
}

/// A crate that can be compiled in both worlds.
pub struct Program {
    pub name: String,
    /// With segno's attribute.
    functions: String,
    /// Calls that make rustc generate code.
    calls: String,
}

const ATTRIBUTE: &str = "#[segno::coroutine]\n";

impl Program {
    /// No coroutine at all.
    pub fn empty() -> Program {
        Program { name: "nothing".into(), functions: String::new(), calls: String::new() }
    }

    pub fn source(&self, world: World) -> String {
        let functions = match world {
            World::Segno => self.functions.clone(),
            World::Rustc => self.functions.replace(ATTRIBUTE, ""),
        };
        format!("{}{functions}pub fn all() {{\n{}}}\n", world.head(), self.calls)
    }
}

/// Functions that await the one before.
fn chain(length: usize, copies: usize) -> Program {
    let mut functions = String::new();
    for copy in 0..copies {
        let _ = writeln!(functions, "{ATTRIBUTE}async fn f{copy}_0(n: u32) -> u32 {{ Leaf(false).await + n }}");
        for i in 1..length {
            let before = i - 1;
            let _ = writeln!(
                functions,
                "{ATTRIBUTE}async fn f{copy}_{i}(n: u32) -> u32 {{ f{copy}_{before}(n).await + 1 }}"
            );
        }
    }
    let last = length - 1;
    let calls: String = (0..copies).map(|copy| format!("    made(f{copy}_{last}(1));\n")).collect();
    Program { name: format!("{length} functions, each awaits the one before"), functions, calls }
}

/// Functions with so many suspensions.
fn long(suspensions: usize, copies: usize) -> Program {
    let mut functions = String::new();
    for copy in 0..copies {
        let _ = writeln!(functions, "{ATTRIBUTE}async fn f{copy}(n: u32) -> u32 {{\n    let mut sum = n;");
        functions += &"    sum += Leaf(false).await;\n".repeat(suspensions);
        functions += "    sum\n}\n";
    }
    let calls: String = (0..copies).map(|copy| format!("    made(f{copy}(1));\n")).collect();
    Program { name: format!("one function with {suspensions} suspensions"), functions, calls }
}

/// What firmware is made of: loops, buffers, errors, guards, borrowed children.
fn ordinary(copies: usize) -> Program {
    let mut functions = String::new();
    for i in 0..copies {
        let _ = writeln!(
            functions,
            "{ATTRIBUTE}async fn fill{i}(buffer: &mut [u8], from: u8) -> Result<usize, u8> {{
    for (i, byte) in buffer.iter_mut().enumerate() {{
        if Leaf(false).await > 7 {{ return Err(from); }}
        *byte = from.wrapping_add(i as u8);
    }}
    Ok(buffer.len())
}}
{ATTRIBUTE}async fn serve{i}(rounds: u32) -> Result<u32, u8> {{
    let mut buffer = [0u8; 16];
    let mut total = 0;
    let name = String::from(\"served\");
    for round in 0..rounds {{
        let length = fill{i}(&mut buffer, round as u8).await?;
        match buffer[length - 1] {{
            0 => continue,
            1 => total += Leaf(false).await,
            other if other > 100 => break,
            other => {{
                total += u32::from(other);
                Leaf(false).await;
            }}
        }}
    }}
    while total > 1000 {{
        total /= 2;
        Leaf(false).await;
    }}
    Ok(total + name.len() as u32)
}}"
        );
    }
    let calls: String = (0..copies).map(|copy| format!("    made(serve{copy}(1));\n")).collect();
    Program { name: "two ordinary functions".into(), functions, calls }
}

/// A driver: its methods borrow it, and a buffer of a type of which the attribute knows nothing.
fn methods(count: usize, copies: usize) -> Program {
    let mut functions = String::new();
    for copy in 0..copies {
        let _ = writeln!(
            functions,
            "pub struct Buffer{copy}(u8);\npub struct Driver{copy}<T>(T);\nimpl<T> Driver{copy}<T> {{"
        );
        for i in 0..count {
            let _ = writeln!(
                functions,
                "    /// Reads register {i}, once the device has answered.
{ATTRIBUTE}    async fn read{i}(&mut self, buffer: &mut Buffer{copy}) -> u32 {{
        let answer = Leaf(false).await;
        buffer.0 = {i};
        answer
    }}"
            );
        }
        functions += "}\n";
    }
    let call = |copy| format!("    made(Driver{copy}(1).read0(&mut Buffer{copy}(1)));\n");
    let calls: String = (0..copies).map(call).collect();
    Program { name: format!("a driver's {count} methods"), functions, calls }
}

/// A host of a protocol: generic over a controller with some bounds, awaits what is generic over it too, and borrows.
fn host(suspensions: usize, copies: usize) -> Program {
    const BOUNDS: &str = "C: Controller + Command<1> + Command<2> + Command<3> + Command<4> + for<'b> Borrows<'b>";
    let mut functions = String::new();
    for copy in 0..copies {
        let _ = writeln!(
            functions,
            "pub mod host{copy} {{
use super::*;
pub trait Controller {{ type Error; }}
pub trait Command<const N: u8> {{}}
pub trait Borrows<'b> {{}}
pub enum Error<E> {{ Controller(E), Busy }}
pub struct Host<'h, C>(pub &'h C);
pub struct Runner<'h, C> {{ pub host: &'h Host<'h, C> }}
pub struct Chip;
impl Controller for Chip {{ type Error = u8; }}
impl<const N: u8> Command<N> for Chip {{}}
impl<'b> Borrows<'b> for Chip {{}}
{ATTRIBUTE}pub async fn command<'h, 'a, C>(host: &'a Host<'h, C>, n: u32) -> Result<u32, Error<C::Error>>
where {BOUNDS} {{
    Leaf(false).await;
    let _ = host;
    if n > 7 {{ Err(Error::Busy) }} else {{ Ok(n) }}
}}
impl<'h, C: Controller> Runner<'h, C> {{
{ATTRIBUTE}    pub async fn run(&mut self) -> Result<u32, Error<C::Error>>
    where {BOUNDS} {{
        let host = self.host;
        let mut sum = 0;"
        );
        for n in 0..suspensions {
            let _ = writeln!(functions, "        sum += command(host, {n}).await?;");
        }
        functions += "        Ok(sum)\n    }\n}\n}\n";
    }
    let call = |copy| format!("    made(host{copy}::Runner {{ host: &host{copy}::Host(&host{copy}::Chip) }}.run());\n");
    let calls: String = (0..copies).map(call).collect();
    Program { name: format!("one generic method with {suspensions} suspensions"), functions, calls }
}

/// All that are measured, with so many copies of each function.
pub fn all(copies: usize) -> Vec<Program> {
    let chains = [5, 20].map(|length| chain(length, copies));
    let longs = [5, 10, 20, 40].map(|suspensions| long(suspensions, copies));
    let hosts = [5, 15].map(|suspensions| host(suspensions, copies));
    [ordinary(copies), methods(20, copies)].into_iter().chain(chains).chain(longs).chain(hosts).collect()
}
