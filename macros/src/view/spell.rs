//! Tokens as the user wrote them, on one line.

use proc_macro2::{Delimiter, LineColumn, Span, TokenStream, TokenTree};

/// Longer expressions are cut in tables and diagrams.
const WIDTH: usize = 44;

/// The text of some tokens: with a space where the source has one or more.
pub fn spell(tokens: TokenStream) -> String {
    let mut text = Text { text: String::new(), end: None };
    text.stream(tokens);
    text.text
}

/// As [`spell`], for an expression that may be too long: then without a call's arguments, and at last cut.
pub fn short(expr: &syn::Expr) -> String {
    let whole = spell(quote::quote!(#expr));
    if whole.chars().count() <= WIDTH {
        return whole;
    }
    let mut bare = expr.clone();
    let text = match &mut bare {
        syn::Expr::Call(call) => {
            let function = &call.func;
            format!("{}(…)", spell(quote::quote!(#function)))
        }
        syn::Expr::MethodCall(call) => {
            let (receiver, method) = (&call.receiver, &call.method);
            format!("{}.{method}(…)", spell(quote::quote!(#receiver)))
        }
        _ => whole,
    };
    if text.chars().count() <= WIDTH {
        return text;
    }
    let cut: String = text.chars().take(WIDTH - 1).collect();
    format!("{cut}…")
}

struct Text {
    text: String,
    /// Where the last token ended.
    end: Option<LineColumn>,
}

impl Text {
    fn add(&mut self, text: &str, start: LineColumn, end: LineColumn) {
        // What the compiler added stands nowhere.
        let place = (start != end).then_some((start, end));
        if let (Some(before), Some((start, _))) = (self.end, place)
            && before != start
        {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.end = place.map(|(_, end)| end);
    }

    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            let span = token.span();
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => {
                            self.stream(group.stream());
                            continue;
                        }
                    };
                    self.add(open, group.span_open().start(), group.span_open().end());
                    self.stream(group.stream());
                    self.add(close, group.span_close().start(), group.span_close().end());
                }
                TokenTree::Punct(punct) => self.one(&punct.to_string(), span),
                TokenTree::Ident(name) => self.one(&name.to_string(), span),
                // A text may run over several lines.
                TokenTree::Literal(literal) => self.one(&literal.to_string().replace('\n', "⏎"), span),
            }
        }
    }

    fn one(&mut self, text: &str, span: Span) {
        self.add(text, span.start(), span.end());
    }
}

#[cfg(test)]
mod tests {
    use super::{short, spell};

    #[test]
    fn spaces_are_the_users() {
        for text in ["uart.read(&mut line[..n])", "a + b*c", "f::<T>(x, |y| -y)", "[1; 4]"] {
            assert_eq!(spell(text.parse().unwrap()), text);
        }
        assert_eq!(spell("f(\n    a,\n    b,\n)".parse().unwrap()), "f( a, b, )");
    }

    #[test]
    fn what_is_long_loses_its_arguments() {
        let expr = syn::parse_str("self.bus.write_read(ADDRESS, &[REGISTER, 0x80 | OFFSET], &mut buffer)").unwrap();
        assert_eq!(short(&expr), "self.bus.write_read(…)");
        let expr = syn::parse_str("an_endless.chain_of_fields.with_long_names.and_more.of_them").unwrap();
        assert_eq!(short(&expr), "an_endless.chain_of_fields.with_long_names.…");
    }
}
