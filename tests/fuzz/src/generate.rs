//! Writes functions.

use std::fmt::Write;

use crate::Random;

/// What the functions call, besides the leaves of the harness.
pub const HELPERS: &str = r#"
    #[derive(Debug)]
    struct Pair {
        a: T,
        b: T,
        n: u32,
    }

    fn eat(t: T) -> u32 {
        log(format!("eat:{}", t.0));
        t.0.len() as u32
    }

    fn add(a: u32, b: u32) -> u32 {
        log("add");
        a.wrapping_add(b)
    }

    #[segno::coroutine]
    async fn kid_shared(t: &T, n: u32) -> u32 {
        let _k = T("k");
        if n % 2 == 0 {
            return t.a().await as u32;
        }
        y().await;
        t.r() as u32 + n
    }

    #[segno::coroutine]
    async fn kid_exclusive(t: &mut T, n: &mut u32) {
        *n = n.wrapping_add(child(3).await);
        t.renamed("kid").await;
    }

    #[segno::coroutine]
    async fn kid_owned(t: T) -> T {
        let _k = T("k2");
        y().await;
        t.r();
        t
    }
"#;

/// A function, and the calls that are compared.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its text, indented as in a module, cases included.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Token,
    Number,
    Pair,
    Tuple,
    Maybe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Moved,
    /// Moved on some paths.
    Unknown,
    Uninitialised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    Free,
    Shared,
    Exclusive,
}

#[derive(Debug, Clone)]
struct Variable {
    name: String,
    kind: Kind,
    mutable: bool,
    state: State,
    lock: Lock,
    /// How many loops are around its declaration.
    loops: usize,
}

/// A loop, or a block with a label.
struct Loop {
    block: bool,
    label: Option<String>,
    /// What `break` must carry.
    value: bool,
    /// The states at its breaks.
    exits: Vec<Vec<State>>,
}

struct Writer<'a> {
    random: &'a mut Random,
    text: String,
    indent: usize,
    variables: Vec<Variable>,
    loops: Vec<Loop>,
    tokens: usize,
    labels: usize,
    fallible: bool,
    budget: usize,
}

/// Writes the function `name`.
pub fn function(random: &mut Random, name: &str) -> Function {
    let fallible = random.chance(40);
    let budget = 8 + random.below(26);
    let mut writer = Writer {
        random,
        text: String::new(),
        indent: 2,
        variables: Vec::new(),
        loops: Vec::new(),
        tokens: 0,
        labels: 0,
        fallible,
        budget,
    };
    let mutable = writer.random.chance(50);
    let word = if mutable { "mut " } else { "" };
    let output = if fallible { "Result<u32, Failure>" } else { "u32" };
    let head = format!(
        "    #[segno::coroutine]\n    async fn {name}(c: bool, d: bool, {word}n: u32, {word}p: T, {word}q: T) -> {output} {{\n"
    );
    for (name, kind) in [("n", Kind::Number), ("p", Kind::Token), ("q", Kind::Token)] {
        writer.declare(name, kind, mutable);
    }
    let diverged = writer.statements(0);
    if !diverged {
        let value = writer.number(2);
        let value = if fallible { format!("Ok({value})") } else { value };
        writer.line(&value);
    }
    let mut text = head + &writer.text + "    }\n";
    for (suffix, arguments) in [("x", "true, false, 3"), ("y", "false, true, 2"), ("z", "false, false, 0")] {
        let _ = writeln!(text, "    case!({name}_{suffix} = {name}({arguments}, T(\"p\"), T(\"q\")));");
    }
    Function { name: name.to_string(), text }
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        let indent = self.indent * 4;
        let _ = writeln!(self.text, "{:indent$}{text}", "");
    }

    fn declare(&mut self, name: &str, kind: Kind, mutable: bool) {
        self.variables.push(Variable {
            name: name.to_string(),
            kind,
            mutable,
            state: State::Whole,
            lock: Lock::Free,
            loops: self.loops.len(),
        });
    }

    /// Those that a name still means.
    fn visible(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.variables.len()).filter(|&i| {
            let name = &self.variables[i].name;
            self.variables[i + 1..].iter().all(|later| later.name != *name)
        })
    }

    fn one(&mut self, test: impl Fn(&Variable) -> bool) -> Option<usize> {
        let all: Vec<usize> = self.visible().filter(|&i| test(&self.variables[i])).collect();
        if all.is_empty() { None } else { Some(all[self.random.below(all.len())]) }
    }

    fn readable(&mut self, kind: Kind) -> Option<usize> {
        self.one(|v| v.kind == kind && v.state == State::Whole && v.lock != Lock::Exclusive)
    }

    fn changeable(&mut self, kind: Kind) -> Option<usize> {
        self.one(|v| v.kind == kind && v.state == State::Whole && v.lock == Lock::Free && v.mutable)
    }

    fn assignable(&mut self, kind: Kind) -> Option<usize> {
        self.one(|v| v.kind == kind && v.lock == Lock::Free && v.mutable && v.state != State::Uninitialised)
    }

    fn movable(&mut self, kind: Kind) -> Option<usize> {
        let loops = self.loops.len();
        self.one(|v| v.kind == kind && v.state == State::Whole && v.lock == Lock::Free && v.loops == loops)
    }

    /// Takes a variable by value: its name.
    fn moved(&mut self, kind: Kind) -> Option<String> {
        let i = self.movable(kind)?;
        self.variables[i].state = State::Moved;
        Some(self.variables[i].name.clone())
    }

    fn name_of(&self, i: usize) -> String {
        self.variables[i].name.clone()
    }

    fn token_name(&mut self) -> String {
        self.tokens += 1;
        format!("t{}", self.tokens)
    }

    fn fresh_token(&mut self) -> String {
        format!("T(\"{}\")", self.token_name())
    }

    /// A name, often one that is in use.
    fn name(&mut self) -> String {
        self.random.pick(&["a", "b", "e", "f", "g", "h", "p", "s", "u", "v"]).to_string()
    }

    fn keyword(&mut self) -> (&'static str, bool) {
        if self.random.chance(50) { ("let mut", true) } else { ("let", false) }
    }

    /// A number. `effort`: how deep.
    fn number(&mut self, effort: usize) -> String {
        let choice = self.random.below(if effort == 0 { 5 } else { 15 });
        match choice {
            0 => format!("{}", self.random.below(5)),
            1 | 2 => match self.readable(Kind::Number) {
                Some(i) => self.name_of(i),
                None => "1".to_string(),
            },
            3 => format!("child({}).await", self.random.below(4)),
            4 => match self.readable(Kind::Token) {
                Some(i) => format!("u32::from({}.r())", self.name_of(i)),
                None => "2".to_string(),
            },
            5 => {
                let (a, b) = (self.number(effort - 1), self.number(effort - 1));
                format!("add({a}, {b})")
            }
            6 => {
                let (a, b) = (self.number(effort - 1), self.number(effort - 1));
                format!("({a}).wrapping_add({b})")
            }
            7 => match self.readable(Kind::Token) {
                Some(i) => format!("u32::from({}.a().await)", self.name_of(i)),
                None => "3".to_string(),
            },
            8 => match self.readable(Kind::Token) {
                Some(i) => {
                    let (name, token, n) = (self.name_of(i), self.fresh_token(), self.number(effort - 1));
                    format!("u32::from(two(&{name}, {token}).await) + {n} % 5")
                }
                None => "4".to_string(),
            },
            9 => match self.readable(Kind::Token) {
                Some(i) => {
                    let (name, n) = (self.name_of(i), self.number(effort - 1));
                    format!("kid_shared(&{name}, {n}).await")
                }
                None => "5".to_string(),
            },
            10 => match self.moved(Kind::Token) {
                Some(name) => format!("eat({name})"),
                None => format!("eat({})", self.fresh_token()),
            },
            11 => match self.moved(Kind::Token) {
                Some(name) => format!("u32::from({name}.taken().await)"),
                None => format!("u32::from({}.taken().await)", self.fresh_token()),
            },
            12 => match self.readable(Kind::Pair) {
                Some(i) => format!("{}.n", self.name_of(i)),
                None => format!("u32::from({}.a().await)", self.fresh_token()),
            },
            13 => {
                let condition = self.condition();
                let before = self.states();
                let a = self.number(effort - 1);
                let one = self.states();
                self.restore(&before);
                let b = self.number(effort - 1);
                self.join(&one);
                format!("(if {condition} {{ {a} }} else {{ {b} }})")
            }
            _ => match self.readable(Kind::Number) {
                Some(i) => format!("get(&{}).await", self.name_of(i)),
                None => "6".to_string(),
            },
        }
    }

    fn condition(&mut self) -> String {
        match self.random.below(9) {
            0 | 1 => "c".to_string(),
            2 | 3 => "d".to_string(),
            4 => format!("{} % 2 == 0", self.number(0)),
            5 => format!("child({}).await > 1", self.random.below(4)),
            6 => format!("{}.o().is_some()", self.fresh_token()),
            7 => format!("c && child({}).await < 2", self.random.below(4)),
            _ => format!("{}.a().await == 1 || d", self.fresh_token()),
        }
    }

    /// A token by value.
    fn token(&mut self) -> String {
        match self.random.below(10) {
            0..=3 => self.fresh_token(),
            4 | 5 => format!("id({}).await", self.fresh_token()),
            6 => self.moved(Kind::Token).unwrap_or_else(|| self.fresh_token()),
            7 => match self.moved(Kind::Token) {
                Some(name) => format!("kid_owned({name}).await"),
                None => format!("kid_owned({}).await", self.fresh_token()),
            },
            8 if self.fallible => {
                let fails = self.random.pick(&["c", "d", "c && d"]);
                let token = self.fresh_token();
                format!("fail({fails}, {token}).await?")
            }
            _ => {
                let condition = self.condition();
                let (a, b) = (self.fresh_token(), self.fresh_token());
                format!("if {condition} {{ {a} }} else {{ id({b}).await }}")
            }
        }
    }

    fn value(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Token => self.token(),
            Kind::Number => self.number(2),
            Kind::Pair => {
                let (a, b, n) = (self.token(), self.token(), self.number(1));
                if self.random.chance(50) {
                    format!("Pair {{ a: {a}, b: {b}, n: {n} }}")
                } else {
                    format!("Pair {{ b: {a}, n: {n}, a: {b} }}")
                }
            }
            Kind::Tuple => {
                let (a, b) = (self.token(), self.token());
                format!("({a}, {b})")
            }
            Kind::Maybe => match self.random.below(3) {
                0 => "None::<T>".to_string(),
                1 => format!("Some({})", self.token()),
                _ => {
                    let condition = self.condition();
                    let token = self.fresh_token();
                    format!("if {condition} {{ Some({token}) }} else {{ None }}")
                }
            },
        }
    }

    fn states(&self) -> Vec<State> {
        self.variables.iter().map(|variable| variable.state).collect()
    }

    fn restore(&mut self, states: &[State]) {
        self.variables.truncate(states.len());
        for (variable, &state) in self.variables.iter_mut().zip(states) {
            variable.state = state;
        }
    }

    /// Joins with the states at the end of another path.
    fn join(&mut self, other: &[State]) {
        for (variable, &state) in self.variables.iter_mut().zip(other) {
            if variable.state != state {
                variable.state = State::Unknown;
            }
        }
    }

    /// Some statements; whether their end is not reached. Variables of theirs are gone afterwards.
    fn block(&mut self, depth: usize) -> bool {
        let outside = self.variables.len();
        self.indent += 1;
        let diverged = self.statements(depth);
        self.indent -= 1;
        self.variables.truncate(outside);
        diverged
    }

    fn statements(&mut self, depth: usize) -> bool {
        let most = if depth == 0 { 12 } else { 4 };
        for _ in 0..1 + self.random.below(most) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            if self.statement(depth) {
                return true;
            }
        }
        false
    }

    /// One statement; whether its end is not reached.
    fn statement(&mut self, depth: usize) -> bool {
        let choice = self.random.below(if depth < 4 { 112 } else { 58 });
        match choice {
            0..=6 => self.line("y().await;"),
            7 => {
                let n = self.random.below(3);
                self.line(&format!("ys({n}).await;"));
            }
            8..=10 => {
                let name = self.token_name();
                self.line(&format!("log(\"{name}\");"));
            }
            11..=24 => self.declaration(),
            25..=28 => {
                let token = self.fresh_token();
                self.line(&format!("let _g = {token};"));
            }
            29..=37 => self.usage(),
            38..=43 => self.assignment(),
            44..=47 => self.whole_move(),
            48..=50 => self.taking_apart(),
            51..=53 => self.late_initialisation(),
            54 => {
                let token = self.token();
                self.line(&format!("{token};"));
            }
            55..=57 => return self.leaving(),
            58..=70 => return self.branches(depth),
            71..=78 => return self.matching(depth),
            79..=89 => self.looping(depth),
            90..=95 => return self.borrowing(depth),
            96..=97 => {
                self.line("{");
                let diverged = self.block(depth + 1);
                self.line("}");
                return diverged;
            }
            98..=101 => return self.value_block(depth),
            102..=104 => return self.labelled_block(depth),
            105..=106 => self.draining(depth),
            107..=109 => self.closure(),
            _ => self.let_else(),
        }
        false
    }

    fn declaration(&mut self) {
        let kinds = [Kind::Token, Kind::Token, Kind::Token, Kind::Number, Kind::Pair, Kind::Tuple, Kind::Maybe];
        let kind = kinds[self.random.below(kinds.len())];
        let (word, mutable) = self.keyword();
        let value = self.value(kind);
        let name = self.name();
        self.line(&format!("{word} {name} = {value};"));
        self.declare(&name, kind, mutable);
    }

    fn usage(&mut self) {
        let text = match self.random.below(9) {
            0..=1 => self.readable(Kind::Token).map(|i| format!("{}.r();", self.name_of(i))),
            2 => self.readable(Kind::Token).map(|i| format!("{}.a().await;", self.name_of(i))),
            3 => self.changeable(Kind::Token).map(|i| {
                let name = self.token_name();
                format!("{}.renamed(\"{name}\").await;", self.name_of(i))
            }),
            4 => self.changeable(Kind::Token).map(|i| {
                let name = self.token_name();
                format!("{}.rename(\"{name}\");", self.name_of(i))
            }),
            5 => {
                let (token, number) = (self.changeable(Kind::Token), self.changeable(Kind::Number));
                match (token, number) {
                    (Some(t), Some(n)) => {
                        Some(format!("kid_exclusive(&mut {}, &mut {}).await;", self.name_of(t), self.name_of(n)))
                    }
                    _ => None,
                }
            }
            6 => self.readable(Kind::Pair).map(|i| {
                let field = self.random.pick(&["a.r()", "b.a().await", "n"]);
                format!("let _ = {}.{field};", self.name_of(i))
            }),
            7 => self.readable(Kind::Tuple).map(|i| {
                let field = self.random.pick(&["0.r()", "1.a().await"]);
                format!("{}.{field};", self.name_of(i))
            }),
            _ => {
                self.readable(Kind::Maybe).map(|i| format!("if let Some(z) = &{} {{ z.a().await; }}", self.name_of(i)))
            }
        };
        let text = text.unwrap_or_else(|| "y().await;".to_string());
        self.line(&text);
    }

    fn assignment(&mut self) {
        let kind = [Kind::Token, Kind::Token, Kind::Number, Kind::Maybe, Kind::Pair][self.random.below(5)];
        if kind == Kind::Number && self.random.chance(50) {
            if let Some(i) = self.changeable(Kind::Number) {
                let value = self.number(1);
                let name = self.name_of(i);
                self.line(&format!("{name} = {name}.wrapping_add({value});"));
            }
            return;
        }
        if kind == Kind::Pair {
            if let Some(i) = self.changeable(Kind::Pair) {
                let (value, field) = (self.token(), self.random.pick(&["a", "b"]));
                if self.variables[i].state == State::Whole {
                    self.line(&format!("{}.{field} = {value};", self.name_of(i)));
                }
            }
            return;
        }
        let Some(i) = self.assignable(kind) else { return };
        // The value may move the variable itself.
        let value = self.value(kind);
        self.line(&format!("{} = {value};", self.name_of(i)));
        self.variables[i].state = State::Whole;
    }

    fn whole_move(&mut self) {
        let kind = [Kind::Token, Kind::Token, Kind::Pair, Kind::Tuple, Kind::Maybe][self.random.below(5)];
        if let Some(name) = self.moved(kind) {
            let text = match self.random.below(3) {
                0 => format!("drop({name});"),
                1 => format!("let _m = {name};"),
                _ => format!("id({name}).await;"),
            };
            self.line(&text);
        }
    }

    fn taking_apart(&mut self) {
        let (x, z) = (self.name(), self.name());
        if x == z {
            return;
        }
        if self.random.chance(50) {
            if let Some(name) = self.moved(Kind::Tuple) {
                self.line(&format!("let ({x}, {z}) = {name};"));
                self.declare(&x, Kind::Token, false);
                self.declare(&z, Kind::Token, false);
            }
        } else if let Some(name) = self.moved(Kind::Pair) {
            self.line(&format!("let Pair {{ a: {x}, b: mut {z}, n: _ }} = {name};"));
            self.declare(&x, Kind::Token, false);
            self.declare(&z, Kind::Token, true);
        }
    }

    fn late_initialisation(&mut self) {
        let (name, condition) = (self.name(), self.condition());
        self.line(&format!("let {name};"));
        let before = self.states();
        let a = self.token();
        let one = self.states();
        self.restore(&before);
        let b = self.token();
        self.join(&one);
        self.line(&format!("if {condition} {{ {name} = {a}; y().await; }} else {{ {name} = {b}; }}"));
        self.declare(&name, Kind::Token, false);
    }

    /// `return`, `break`, `continue`, a panic: mostly behind a condition.
    fn leaving(&mut self) -> bool {
        let condition = if self.random.chance(85) { Some(self.condition()) } else { None };
        let before = self.states();
        let jump = self.random.below(5);
        let mut text = String::new();
        if jump != 0 && self.random.chance(30) {
            // Variables from outside of a loop as well: this path does not come back to them. (What jumps 1 and 2 make
            // of it outside of loops is a return.)
            if let Some(i) = self.one(|v| v.kind == Kind::Token && v.state == State::Whole && v.lock == Lock::Free) {
                self.variables[i].state = State::Moved;
                let _ = write!(text, "drop({}); ", self.variables[i].name);
            }
        }
        if jump < 3 && !self.loops.is_empty() {
            let at = if self.random.chance(70) { self.loops.len() - 1 } else { self.random.below(self.loops.len()) };
            // What a `break` without a label leaves.
            let innermost = !self.loops[at].block && self.loops[at + 1..].iter().all(|inner| inner.block);
            if let (false, None) = (innermost, &self.loops[at].label) {
                self.restore(&before);
                return false;
            }
            let label = match &self.loops[at].label {
                Some(label) if !innermost || self.random.chance(50) => format!(" {label}"),
                _ => String::new(),
            };
            if jump == 0 && !self.loops[at].block {
                let _ = write!(text, "continue{label};");
            } else {
                let value = if self.loops[at].value { format!(" {}", self.number(1)) } else { String::new() };
                let _ = write!(text, "break{label}{value};");
                let states = self.states();
                self.loops[at].exits.push(states);
            }
        } else if jump == 4 && self.random.chance(30) {
            text.push_str("panic!(\"planned\");");
        } else {
            let value = self.number(1);
            let _ = match (self.fallible, self.random.chance(40)) {
                (true, true) => {
                    let token = self.fresh_token();
                    write!(text, "return Err(Failure({token}));")
                }
                (true, false) => write!(text, "return Ok({value});"),
                (false, _) => write!(text, "return {value};"),
            };
        }
        match condition {
            Some(condition) => {
                self.restore(&before);
                self.line(&format!("if {condition} {{ {text} }}"));
                false
            }
            None => {
                // Nothing may follow in this block: some statements after it would be refused for their types.
                self.line(&text);
                true
            }
        }
    }

    fn branches(&mut self, depth: usize) -> bool {
        let mut head = self.condition();
        let mut binding = false;
        if self.random.chance(25) {
            if self.random.chance(50) {
                if let Some(name) = self.moved(Kind::Maybe) {
                    head = format!("let Some(z) = {name}");
                    binding = true;
                }
            } else {
                let value = self.value(Kind::Maybe);
                if !value.starts_with("if ") && !value.starts_with("None") {
                    head = format!("let Some(z) = {value}");
                    binding = true;
                }
            }
        }
        self.line(&format!("if {head} {{"));
        let before = self.states();
        if binding {
            self.declare("z", Kind::Token, false);
        }
        let one_diverged = self.block(depth + 1);
        self.variables.truncate(before.len());
        let one = self.states();
        self.restore(&before);
        let otherwise = self.random.chance(60);
        let mut other_diverged = false;
        if otherwise {
            self.line("} else {");
            other_diverged = self.block(depth + 1);
        }
        self.line("}");
        if other_diverged && !one_diverged {
            self.restore(&one);
        } else if !one_diverged {
            self.join(&one);
        }
        one_diverged && other_diverged
    }

    fn matching(&mut self, depth: usize) -> bool {
        let by_option = self.random.chance(40).then(|| self.movable(Kind::Maybe)).flatten();
        let arms: Vec<(String, bool)> = match by_option {
            Some(i) => {
                let name = self.name_of(i);
                if self.random.chance(60) {
                    self.variables[i].state = State::Moved;
                    self.line(&format!("match {name} {{"));
                    let guard = if self.random.chance(30) { " if c" } else { "" };
                    let mut arms = vec![(format!("Some(z){guard}"), true)];
                    arms.push(("_".to_string(), false));
                    if !guard.is_empty() {
                        // What the guard refuses is left in the variable, which is then gone on some paths only.
                        self.variables[i].state = State::Unknown;
                    }
                    arms
                } else {
                    self.variables[i].lock = Lock::Exclusive;
                    self.line(&format!("match &{name} {{"));
                    vec![("Some(_)".to_string(), false), ("None".to_string(), false)]
                }
            }
            None => {
                let scrutinee = self.number(1);
                self.line(&format!("match ({scrutinee}) % 4 {{"));
                let guard = self.random.pick(&["1 | 2", "z if z < 2", "z if { log(\"guard\"); d || z > 2 }"]);
                vec![("0".to_string(), false), (guard.to_string(), false), ("_".to_string(), false)]
            }
        };
        let before = self.states();
        let mut joined: Option<Vec<State>> = None;
        self.indent += 1;
        for (pattern, binds) in arms {
            self.restore(&before);
            self.line(&format!("{pattern} => {{"));
            if binds {
                self.declare("z", Kind::Token, false);
            }
            let diverged = self.block(depth + 1);
            self.variables.truncate(before.len());
            self.line("}");
            if !diverged {
                match &joined {
                    Some(states) => {
                        let states = states.clone();
                        self.join(&states);
                        joined = Some(self.states());
                    }
                    None => joined = Some(self.states()),
                }
            }
        }
        self.indent -= 1;
        self.line("}");
        if let Some(i) = by_option {
            self.variables[i].lock = Lock::Free;
        }
        match joined {
            Some(states) => {
                self.restore(&states);
                false
            }
            None => {
                self.restore(&before);
                true
            }
        }
    }

    fn looping(&mut self, depth: usize) {
        let label = self.random.chance(50).then(|| {
            self.labels += 1;
            format!("'l{}", self.labels)
        });
        let prefix = label.as_ref().map_or(String::new(), |label| format!("{label}: "));
        let outside = self.variables.len();
        let before = self.states();
        let form = self.random.below(5);
        let name = format!("i{}", self.variables.len());
        let rounds = 1 + self.random.below(3);
        let (head, tail, value) = match form {
            0 => (format!("{prefix}for {name} in 0..{rounds}u32 {{"), "}".to_string(), false),
            1 => {
                let (a, b) = (self.fresh_token(), self.fresh_token());
                (format!("{prefix}for {name} in [{a}, {b}] {{"), "}".to_string(), false)
            }
            2 => {
                self.line(&format!("let mut {name} = 0u32;"));
                (
                    format!("{prefix}while {name} < {rounds} {{\n{:1$}{name} += 1;", "", self.indent * 4 + 4),
                    "}".to_string(),
                    false,
                )
            }
            3 => {
                self.line(&format!("let mut {name} = 0u32;"));
                let condition = format!("child({name}).await < {rounds}");
                (
                    format!("{prefix}while {condition} {{\n{:1$}{name} += 1;", "", self.indent * 4 + 4),
                    "}".to_string(),
                    false,
                )
            }
            _ => {
                self.line(&format!("let mut {name} = 0u32;"));
                let result = self.random.chance(40);
                let start = if result { format!("let w = {prefix}loop {{") } else { format!("{prefix}loop {{") };
                let exit = if result { format!("break {name};") } else { "break;".to_string() };
                (
                    format!(
                        "{start}\n{0:1$}{name} += 1;\n{0:1$}if {name} > {rounds} {{ {exit} }}",
                        "",
                        self.indent * 4 + 4
                    ),
                    if result { "};".to_string() } else { "}".to_string() },
                    result,
                )
            }
        };
        self.line(&head);
        self.loops.push(Loop { block: false, label, value, exits: vec![before.clone()] });
        match form {
            0 => self.declare(&name, Kind::Number, false),
            1 => self.declare(&name, Kind::Token, false),
            _ => {}
        }
        self.block(depth + 1);
        self.variables.truncate(outside);
        self.line(&tail);
        let ended = self.loops.pop().expect("it was pushed");
        self.restore(&before);
        for states in ended.exits {
            self.join(&states[..states.len().min(outside)]);
        }
        if value {
            self.declare("w", Kind::Number, false);
        }
    }

    /// A borrow that is used again after some statements.
    fn borrowing(&mut self, depth: usize) -> bool {
        let exclusive = self.random.chance(50);
        let found = if exclusive { self.changeable(Kind::Token) } else { self.readable(Kind::Token) };
        let Some(i) = found else { return false };
        let (name, lock) = (self.name_of(i), self.variables[i].lock);
        self.variables[i].lock = if exclusive { Lock::Exclusive } else { Lock::Shared };
        self.labels += 1;
        let borrow = format!("r{}", self.labels);
        self.line("{");
        self.indent += 1;
        self.line(&format!("let {borrow} = {}{name};", if exclusive { "&mut " } else { "&" }));
        let outside = self.variables.len();
        let diverged = self.statements(depth + 1);
        self.variables.truncate(outside);
        if !diverged {
            if exclusive {
                let to = self.token_name();
                let call = if self.random.chance(50) {
                    format!("rename(\"{to}\")")
                } else {
                    format!("renamed(\"{to}\").await")
                };
                self.line(&format!("{borrow}.{call};"));
            } else {
                let call = self.random.pick(&["r()", "a().await"]);
                self.line(&format!("{borrow}.{call};"));
            }
        }
        self.indent -= 1;
        self.line("}");
        self.variables[i].lock = lock;
        diverged
    }

    /// `let w = { … };`, with a label sometimes.
    fn value_block(&mut self, depth: usize) -> bool {
        self.line("let w = {");
        let outside = self.variables.len();
        self.indent += 1;
        let diverged = self.statements(depth + 1);
        if !diverged {
            let value = self.number(2);
            self.line(&value);
        }
        self.indent -= 1;
        self.variables.truncate(outside);
        self.line("};");
        self.declare("w", Kind::Number, false);
        diverged
    }

    /// `let w = 'l: { … };`
    fn labelled_block(&mut self, depth: usize) -> bool {
        self.labels += 1;
        let label = format!("'l{}", self.labels);
        self.line(&format!("let w = {label}: {{"));
        let outside = self.variables.len();
        self.loops.push(Loop { block: true, label: Some(label), value: true, exits: Vec::new() });
        self.indent += 1;
        let diverged = self.statements(depth + 1);
        if !diverged {
            let value = self.number(2);
            self.line(&value);
        }
        self.indent -= 1;
        self.variables.truncate(outside);
        self.line("};");
        let ended = self.loops.pop().expect("it was pushed");
        let left = !ended.exits.is_empty();
        for (i, states) in ended.exits.iter().enumerate() {
            let states = &states[..states.len().min(outside)];
            if diverged && i == 0 { self.restore(states) } else { self.join(states) }
        }
        self.declare("w", Kind::Number, false);
        diverged && !left
    }

    /// `while let` until an option is empty.
    fn draining(&mut self, depth: usize) {
        let Some(i) = self.changeable(Kind::Maybe) else { return };
        let name = self.name_of(i);
        let before = self.states();
        self.line(&format!("while let Some(z) = {name}.take() {{"));
        let lock = std::mem::replace(&mut self.variables[i].lock, Lock::Shared);
        self.loops.push(Loop { block: false, label: None, value: false, exits: vec![before.clone()] });
        self.declare("z", Kind::Token, false);
        self.block(depth + 1);
        self.variables.truncate(before.len());
        self.line("}");
        let ended = self.loops.pop().expect("it was pushed");
        self.restore(&before);
        for states in ended.exits {
            self.join(&states[..states.len().min(before.len())]);
        }
        self.variables[i].lock = lock;
    }

    /// A closure that lives over a suspension.
    fn closure(&mut self) {
        let moves = self.random.chance(40);
        let number = self.number(0);
        if number.contains("await") {
            return;
        }
        let token = if moves { self.moved(Kind::Token) } else { self.readable(Kind::Token).map(|i| self.name_of(i)) };
        let Some(token) = token else { return };
        let word = if moves { "move " } else { "" };
        self.line("{");
        self.line(&format!("    let k = {word}|m: u32| m.wrapping_add(u32::from({token}.r()));"));
        self.line("    y().await;");
        self.line("    k(1);");
        if self.random.chance(50) {
            self.line(&format!("    k(child({}).await);", self.labels % 3));
        }
        self.line("}");
    }

    fn let_else(&mut self) {
        let value = match self.moved(Kind::Maybe) {
            Some(name) => name,
            None => format!("id(Some({})).await", self.fresh_token()),
        };
        let result = if self.fallible { "Err(Failure(T(\"else\")))" } else { "7" };
        let name = self.name();
        self.line(&format!("let Some({name}) = {value} else {{"));
        self.line(&format!("    return {result};"));
        self.line("};");
        self.declare(&name, Kind::Token, false);
    }
}
