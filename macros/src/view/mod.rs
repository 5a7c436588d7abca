//! Shows a machine: its states, what each holds, where each leads.
//!
//! # The problem
//! Where a coroutine can be suspended and what it holds meanwhile decides how large it is and how it can be cancelled; of
//! an `async fn`, rustc tells neither.
//!
//! # The design
//! [`states`] makes a [`Machine`](states::Machine) from what the compiler has found out, in the user's words, and each of
//! the others writes it down: [`text`] as a table, [`mermaid`] and [`dot`] as diagrams for other tools, [`svg`] as one
//! that needs none. [`document`] puts a table and a diagram into the function's documentation.

pub mod document;
pub mod dot;
pub mod mermaid;
mod spell;
pub mod states;
pub mod svg;
pub mod text;
