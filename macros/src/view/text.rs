//! A machine as a table, for terminals and for Markdown.

use super::states::{EARLY, Held, Machine, Next, Purpose};

const HEADS: [&str; 5] = ["state", "line", "waits for", "holds", "goes on to"];

/// A table in columns, and what its words mean.
pub fn text(machine: &Machine) -> String {
    let mut rows = vec![HEADS.map(String::from)];
    for state in &machine.states {
        let (number, line) = (state.number.to_string(), state.line.to_string());
        rows.push([number, line, state.wait.to_string(), state.held(), state.leads()]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
    let mut text = format!("{}\n", machine.title());
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
    }
    for note in notes(machine) {
        text.push_str(&format!("  {note}\n"));
    }
    text
}

/// A table in Markdown, and what its words mean.
pub fn markdown(machine: &Machine) -> String {
    let mut text = format!("| {} |\n|{}\n", HEADS.join(" | "), "---|".repeat(HEADS.len()));
    for state in &machine.states {
        let wait = code(&state.wait.to_string());
        let held = if state.holds.is_empty() { state.held() } else { code(&state.held()) };
        text.push_str(&format!("| {} | {} | {wait} | {held} | {} |\n", state.number, state.line, state.leads()));
    }
    for note in notes(machine) {
        text.push_str(&format!("\n{note}\n"));
    }
    text
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// The words that occur in a machine's table and do not explain themselves.
fn notes(machine: &Machine) -> Vec<String> {
    let held = |is: fn(&Held) -> bool| machine.states.iter().flat_map(|state| &state.holds).any(is);
    let early = machine.states.iter().any(|state| state.next.contains(&Next::Early));
    let notes = [
        (held(|held| held.slot), "slot: borrowed across a suspension, so it stays at its place in the frame."),
        (held(|held| held.purpose == Purpose::Destructor), "drop: held for its destructor only, if its type has one."),
        (held(|held| held.purpose == Purpose::MaybeDestructor), "drop?: the same, unless it was moved on the way."),
        (held(|held| held.name.contains('#')), "x#2: the second variable of the name x."),
    ];
    let mut found: Vec<String> =
        notes.into_iter().filter(|&(occurs, _)| occurs).map(|(_, note)| note.to_string()).collect();
    if early {
        found.push(format!("{EARLY}: in the middle of the code that runs then."));
    }
    found
}
