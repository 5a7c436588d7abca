//! A machine as a diagram in Mermaid's language, which code hosts and the crate `aquamarine` render.

use super::states::{Machine, Next};

/// One `flowchart`.
pub fn mermaid(machine: &Machine) -> String {
    let mut text = String::from("flowchart TD\n");
    for state in &machine.states {
        let (wait, held) = (escaped(&state.wait.to_string()), escaped(&state.held()));
        text.push_str(&format!(
            "    s{number}[\"{number} · line {line}<br>{wait}<br>holds {held}\"]\n",
            number = state.number,
            line = state.line,
        ));
    }
    text.push_str("    done([end])\n");
    for state in &machine.states {
        for next in &state.next {
            let edge = match next {
                Next::State(to) => format!("--> s{to}"),
                Next::Return => "--> done".into(),
                Next::Early => "-.->|\"? or return\"| done".into(),
            };
            text.push_str(&format!("    s{} {edge}\n", state.number));
        }
    }
    text
}

/// Mermaid writes a character that means something to it as its number between `#` and `;`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '#' | '<' | '>' | '&' | '`' | ';' | '\\' => escaped.push_str(&format!("#{};", u32::from(character))),
            other => escaped.push(other),
        }
    }
    escaped
}
