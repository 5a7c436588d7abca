//! The attribute `#[segno::coroutine]`: the door to `segno_compiler`, which does the work.
//!
//! A crate of procedural macros can export nothing else, and the tool `cargo segno` needs the compiler too: so the
//! compiler is a library, and this crate is what rustc loads.

use proc_macro::TokenStream;

/// Makes a function a coroutine: a state machine that suspends at each `.await` and each `block!`.
///
/// ```ignore
/// use segno::prelude::*;
///
/// #[segno::coroutine]
/// async fn echo(mut uart: Uart, n: usize) -> Result<usize, Error> {
///     let mut line = Line::new();
///     let n = read_line(&mut uart, &mut line).await?; // borrows locals across the suspension
///     block!(uart.write(b'>'))?;                      // suspends instead of spinning
///     sleep(10.millis()).await;
///     Ok(n)
/// }
/// ```
///
/// Write it with its path, `#[segno::coroutine]`: rustc has an unstable attribute of its own named `coroutine`, and does
/// not let an import take a built-in attribute's name.
///
/// Both spellings work: `async fn`, and a plain `fn` with `.await` or `block!` in it. The function then returns
/// `impl Coroutine<Output = …>`, which does nothing until it is awaited or made a task. Everything that the function
/// borrows or owns is held by the coroutine, dropped when and in the order in which rustc's `async fn` would drop it.
///
/// # Options
/// - `crate = path`: where the crate `segno` is found, if not at `::segno`. For a dependency that was renamed
///   (`rt = { package = "segno", … }`): `#[rt::coroutine(crate = rt)]`; for one that another crate re-exports:
///   `#[kit::segno::coroutine(crate = kit::segno)]`.
/// - `diagram`: the function's documentation shows its states, as a table and as a drawing: what each waits for, what it
///   holds, where it leads. With `diagram = mermaid` the drawing is a block of Mermaid's language, for crates that render
///   it: put their attribute below this one. `cargo segno machine` shows the same without compiling.
/// - `allow_large`: no warning of large values. Otherwise there is one for an array of 512 bytes or more that is held while
///   the coroutine is suspended, if its size can be read off its type or value (`[0u8; 1024]`). It is one of the lint
///   `deprecated`, since an attribute cannot warn by itself.
///
/// # Compile time
/// Unless the build is told otherwise, cargo compiles macros without optimisation, and this one is then a fifth to a quarter of the
/// work of checking its coroutines. In the workspace's `Cargo.toml`, `[profile.dev.build-override]` with `opt-level = 3` takes half of
/// that away.
///
/// # Errors
/// What cannot be lowered is refused with an error that has a code (`SG0001` …), says why, and names the way out.
#[proc_macro_attribute]
pub fn coroutine(attribute: TokenStream, item: TokenStream) -> TokenStream {
    if cfg!(feature = "debug") {
        segno_compiler::expand_with_locations(attribute.into(), item.into()).into()
    } else {
        segno_compiler::expand(attribute.into(), item.into()).into()
    }
}
