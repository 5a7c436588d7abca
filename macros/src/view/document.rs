//! The option `diagram`: the states in the function's documentation.
//!
//! A table for everyone, and a drawing. `rustdoc` renders no Mermaid by itself, so `diagram` adds an SVG, and that only
//! when documentation is made: an editor that shows a function's comment gets the table alone. Who uses a crate that
//! does render Mermaid (`aquamarine`), or wants the text of the diagram, says `diagram = mermaid`.

use syn::parse_quote;

use super::states::Machine;
use super::{mermaid, svg, text};
use crate::Compiled;
use crate::options::{Diagram, Options};

/// Adds what the option asks for.
pub(crate) fn add(compiled: &mut Compiled, options: &Options) {
    let Some((diagram, _)) = options.diagram else { return };
    let machine = Machine::new(compiled);
    let table = format!("\n# States\n{}", text::markdown(&machine));
    let drawing = match diagram {
        // A block element, which Markdown takes as it is up to the next empty line.
        Diagram::Svg => format!("<div>\n{}\n</div>", svg::svg(&machine)),
        Diagram::Mermaid => format!("\n```mermaid\n{}```\n", mermaid::mermaid(&machine)),
    };
    let attributes = &mut compiled.function.attributes;
    attributes.push(parse_quote!(#[doc = #table]));
    attributes.push(match diagram {
        Diagram::Svg => parse_quote!(#[cfg_attr(doc, doc = #drawing)]),
        Diagram::Mermaid => parse_quote!(#[doc = #drawing]),
    });
}
