//! A machine as a diagram for Graphviz: `dot -Tsvg`.

use super::states::{Machine, Next};

/// One `digraph`.
pub fn dot(machine: &Machine) -> String {
    let mut text = format!("digraph \"{}\" {{\n", escaped(&machine.title()));
    text.push_str("    node [shape=box, style=rounded, fontname=monospace];\n    edge [fontname=monospace];\n");
    for state in &machine.states {
        let (wait, held) = (escaped(&state.wait.to_string()), escaped(&state.held()));
        text.push_str(&format!(
            "    s{number} [label=\"{number} · line {line}\\n{wait}\\nholds {held}\"];\n",
            number = state.number,
            line = state.line,
        ));
    }
    text.push_str("    end [shape=oval];\n");
    for state in &machine.states {
        for next in &state.next {
            let edge = match next {
                Next::State(to) => format!("s{to}"),
                Next::Return => "end".into(),
                Next::Early => "end [style=dashed, label=\"? or return\"]".into(),
            };
            text.push_str(&format!("    s{} -> {edge};\n", state.number));
        }
    }
    text.push_str("}\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
