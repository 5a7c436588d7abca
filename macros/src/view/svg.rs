//! A machine as a drawing that needs no script and no program: for `rustdoc`.
//!
//! The states stand one below the other in source order, and the end below them. An edge to the next of them is an arrow
//! between the two; one that skips some is an arc on the right, one that goes back an arc on the left. The further an arc
//! goes, the further out it runs.

use super::states::{Machine, Next, State};

/// A box, in pixels, and the room between two.
const WIDTH: usize = 430;
const HEIGHT: usize = 56;
const GAP: usize = 22;
/// How much further out an arc runs for each state that it spans.
const STEP: usize = 11;
const MARGIN: usize = 24;

/// One `<svg>` element, without an empty line, so that it may stand in Markdown.
pub fn svg(machine: &Machine) -> String {
    let end = machine.states.len();
    let longest = machine.states.iter().flat_map(|state| state.next.iter().map(move |&next| span(state, next, end)));
    let side = MARGIN + STEP * longest.max().unwrap_or(0);
    let drawing = Drawing { left: side, end };
    let (width, height) = (WIDTH + 2 * side, drawing.top(end) + HEIGHT + 1);
    let mut lines = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\">"
        ),
        format!("<title>The states of {}</title>", escaped(&machine.title())),
        "<g fill=\"none\" stroke=\"currentColor\">".into(),
    ];
    for state in &machine.states {
        lines.push(drawing.frame(state.number));
        lines.extend(state.next.iter().map(|&next| drawing.edge(state, next)));
    }
    lines.push(drawing.frame(end));
    lines.push("</g>".into());
    lines.push("<g fill=\"currentColor\" font-family=\"monospace\" font-size=\"12\">".into());
    for state in &machine.states {
        let wait = state.wait.to_string();
        let head = format!("{} · line {}", state.number, state.line);
        for (row, text) in [head, wait, format!("holds {}", state.held())].into_iter().enumerate() {
            lines.push(drawing.text(state.number, row, &text));
        }
    }
    lines.push(drawing.text(end, 1, "end"));
    lines.push("</g>".into());
    lines.push("</svg>".into());
    lines.join("\n")
}

struct Drawing {
    /// Where the boxes begin.
    left: usize,
    /// The number under which the end is drawn.
    end: usize,
}

/// How many boxes an edge spans.
fn span(state: &State, next: Next, end: usize) -> usize {
    number(next, end).abs_diff(state.number).max(1)
}

fn number(next: Next, end: usize) -> usize {
    match next {
        Next::State(number) => number,
        Next::Return | Next::Early => end,
    }
}

impl Drawing {
    fn top(&self, number: usize) -> usize {
        number * (HEIGHT + GAP) + 1
    }

    fn frame(&self, number: usize) -> String {
        let rounding = if number == self.end { HEIGHT / 2 } else { 6 };
        let (left, top) = (self.left, self.top(number));
        format!("<rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{rounding}\"/>")
    }

    fn text(&self, number: usize, row: usize, text: &str) -> String {
        // As many letters as fit; the table has them all.
        let fits = (WIDTH - 20) / 8;
        let cut = text.chars().count() > fits;
        let mut shown: String = text.chars().take(if cut { fits - 1 } else { fits }).collect();
        shown.push_str(if cut { "…" } else { "" });
        let (left, base) = (self.left + 12, self.top(number) + 17 + 15 * row);
        format!("<text x=\"{left}\" y=\"{base}\">{}</text>", escaped(&shown))
    }

    fn edge(&self, state: &State, next: Next) -> String {
        let (from, to) = (state.number, number(next, self.end));
        let dashes = if next == Next::Early { " stroke-dasharray=\"4 3\"" } else { "" };
        if to == from + 1 && next != Next::Early {
            let (x, start) = (self.left + WIDTH / 2, self.top(from) + HEIGHT);
            return arrow(&format!("M{x} {start}v{GAP}"), (x, start + GAP), (0, -1), dashes);
        }
        let bend = MARGIN / 2 + STEP * span(state, next, self.end);
        // Forwards from the lower half of the right side to the upper half; backwards from the left side.
        if to > from {
            let (x, start, stop) = (self.left + WIDTH, self.top(from) + HEIGHT * 3 / 4, self.top(to) + HEIGHT / 4);
            let out = x + bend;
            arrow(&format!("M{x} {start}C{out} {start} {out} {stop} {x} {stop}"), (x, stop), (1, 0), dashes)
        } else {
            let (x, start, stop) = (self.left, self.top(from) + HEIGHT * 3 / 4, self.top(to) + HEIGHT / 4);
            let out = x - bend.min(x);
            arrow(&format!("M{x} {start}C{out} {start} {out} {stop} {x} {stop}"), (x, stop), (-1, 0), dashes)
        }
    }
}

/// A line with a head that points from the direction `from` to `tip`.
fn arrow(line: &str, tip: (usize, usize), from: (isize, isize), dashes: &str) -> String {
    let wing = |side: isize| {
        let x = tip.0.saturating_add_signed(from.0 * 7 + from.1 * side * 4);
        let y = tip.1.saturating_add_signed(from.1 * 7 + from.0 * side * 4);
        format!("{x} {y}")
    };
    let (one, other) = (wing(1), wing(-1));
    format!("<path d=\"{line}\"{dashes}/><path d=\"M{} {}L{one}L{other}Z\" fill=\"currentColor\"/>", tip.0, tip.1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
