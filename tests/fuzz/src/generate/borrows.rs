//! Borrows that last: references, guards, iterators, closures.

use super::Writer;
use super::kinds::Kind;
use super::scope::{Borrow, Use};

impl Writer<'_> {
    /// Declares something that borrows, used later or not.
    pub fn borrow_statement(&mut self) {
        let (word, mutable) = self.keyword();
        let name = self.name();
        let exclusive = self.chance(50);
        match self.random.below(10) {
            9 => {
                let usage = if exclusive { Use::Change } else { Use::Read };
                let places = self.scope.places(usage, |kind| matches!(kind, Kind::Array | Kind::List));
                let Some(place) = self.one_of(places) else { return };
                let (sign, kind) = if exclusive { ("&mut ", Kind::SliceMut) } else { ("&", Kind::Slice) };
                let range = self.random.pick(&["..", "..", "1..", "..1"]);
                self.line(&format!("{word} {name} = {sign}{}[{range}];", place.receiver()));
                self.scope.declare_borrowing(&name, kind, mutable, vec![place.borrow(exclusive)]);
            }
            0..=2 => {
                let usage = if exclusive { Use::Change } else { Use::Read };
                let places = self.scope.places(usage, |kind| kind.referenced(false).is_some());
                let Some(place) = self.one_of(places) else { return };
                let kind = place.kind.referenced(exclusive).expect("it was asked for");
                let sign = if exclusive { "&mut " } else { "&" };
                self.line(&format!("{word} {name} = {sign}{};", place.text()));
                self.scope.declare_borrowing(&name, kind, mutable, vec![place.borrow(exclusive)]);
            }
            3 => {
                // Of a temporary, whose life is extended.
                let owned = self.owned_kind();
                let Some(kind) = owned.referenced(exclusive) else { return };
                let value = self.value(owned, 1);
                if value.starts_with(['{', '\'', 'i', 'm', 'l', '(']) {
                    return;
                }
                self.line(&format!("{word} {name} = {}{value};", if exclusive { "&mut " } else { "&" }));
                self.scope.declare(&name, kind, mutable);
            }
            4 => {
                let Some(place) = self.readable(|kind| kind == Kind::Token) else { return };
                let name = if self.chance(50) { self.fresh_name("_w") } else { name };
                self.line(&format!("{word} {name} = watch(&{});", place.text()));
                self.scope.declare_borrowing(&name, Kind::Watch, mutable, vec![place.borrow(false)]);
            }
            5 => {
                let Some(place) = self.changeable(|kind| kind == Kind::Token) else { return };
                let name = if self.chance(50) { self.fresh_name("_w") } else { name };
                self.line(&format!("{word} {name} = lend(&mut {});", place.text()));
                self.scope.declare_borrowing(&name, Kind::Lend, mutable, vec![place.borrow(true)]);
            }
            6 => {
                let Some(place) = self.readable(|kind| kind == Kind::Cell) else { return };
                self.line(&format!("{word} {name} = {}.borrow_mut();", place.receiver()));
                self.scope.declare_borrowing(&name, Kind::Lend, mutable, vec![place.borrow(false)]);
            }
            7 => {
                let places = self.scope.places(Use::Read, |kind| kind == Kind::Token);
                let (Some(a), Some(b)) = (self.one_of(places.clone()), self.one_of(places)) else { return };
                if self.suspends() {
                    self.line(&format!("{word} {name} = kid_pick(&{}, &{}, c).await;", a.text(), b.text()));
                    let kind = Kind::Token.referenced(false).expect("there is one");
                    self.scope.declare_borrowing(&name, kind, mutable, vec![a.borrow(false), b.borrow(false)]);
                }
            }
            _ => {
                let Some(place) = self.changeable(|kind| kind == Kind::Pair) else { return };
                let call = if self.suspends() {
                    format!("kid_second(&mut {}).await", place.text())
                } else {
                    format!("{}.second()", place.receiver())
                };
                self.line(&format!("{word} {name} = {call};"));
                let kind = Kind::Token.referenced(true).expect("there is one");
                self.scope.declare_borrowing(&name, kind, mutable, vec![place.borrow(true)]);
            }
        }
    }

    /// Ends the use of something that borrows.
    pub fn retire(&mut self) {
        let live = |kind: Kind| kind.borrows();
        let Some(place) = self.readable(live) else { return };
        let variable = &mut self.scope.variables[place.variable];
        if variable.kind.is_guard() {
            if variable.loops == self.scope.loops && place.path.is_empty() {
                self.scope.moved(&place);
                self.line(&format!("drop({});", place.text()));
            }
        } else {
            variable.retired = true;
        }
    }

    /// A block around a borrow that is used at the end of it.
    pub fn borrowed_block(&mut self, depth: usize) -> bool {
        let exclusive = self.chance(50);
        let usage = if exclusive { Use::Change } else { Use::Read };
        let places = self.scope.places(usage, |kind| kind == Kind::Token);
        let Some(place) = self.one_of(places) else { return false };
        let borrow = self.fresh_name("r");
        self.line("{");
        self.indent += 1;
        self.line(&format!("let {borrow} = {}{};", if exclusive { "&mut " } else { "&" }, place.text()));
        let outside = self.scope.variables.len();
        let kind = Kind::Token.referenced(exclusive).expect("there is one");
        // By a name that nothing else takes.
        self.scope.declare_borrowing(&borrow, kind, false, vec![place.borrow(exclusive)]);
        let diverged = self.statements(depth + 1);
        if !diverged {
            let suspends = self.suspends();
            let to = self.token_name();
            let call = match (exclusive, suspends) {
                (true, true) => format!("renamed(\"{to}\").await"),
                (true, false) => format!("rename(\"{to}\")"),
                (false, true) => "a().await".to_string(),
                (false, false) => "r()".to_string(),
            };
            if !self.scope.variables[outside].retired {
                self.line(&format!("{borrow}.{call};"));
            }
        }
        self.indent -= 1;
        self.scope.leave(outside);
        self.line("}");
        diverged
    }

    /// A closure that lives over a suspension, perhaps, or a child that is made before it is awaited.
    pub fn closure(&mut self) {
        let name = self.fresh_name("k");
        match self.random.below(9) {
            6..=8 => self.child_for_later(&name),
            0 | 1 => {
                let Some(place) = self.readable(|kind| kind == Kind::Token) else { return };
                self.line(&format!("let {name} = |m: u32| m ^ u32::from({}.r());", place.receiver()));
                self.scope.declare_borrowing(&name, Kind::Closure, false, vec![place.borrow(false)]);
            }
            2 => {
                let Some(place) = self.movable(|kind| kind == Kind::Token) else { return };
                if !place.path.is_empty() {
                    return;
                }
                self.scope.moved(&place);
                self.line(&format!("let {name} = move |m: u32| m | u32::from({}.r());", place.receiver()));
                self.scope.declare(&name, Kind::Closure, false);
            }
            3 => {
                let Some(place) = self.changeable(|kind| kind == Kind::Number) else { return };
                let number = place.text();
                self.line(&format!("let mut {name} = |m: u32| {{ {number} ^= m; {number} }};"));
                self.scope.declare_borrowing(&name, Kind::ClosureMut, true, vec![place.borrow(true)]);
            }
            4 => {
                let Some(place) = self.changeable(|kind| kind == Kind::Token) else { return };
                let to = self.token_name();
                let token = place.receiver();
                self.line(&format!("let mut {name} = |m: u32| {{ {token}.rename(\"{to}\"); m }};"));
                self.scope.declare_borrowing(&name, Kind::ClosureMut, true, vec![place.borrow(true)]);
            }
            _ => {
                // Called once, and only in some cases.
                let closed = std::mem::replace(&mut self.closed, true);
                let value = self.value(Kind::Token, 1);
                self.closed = closed;
                let condition = self.condition();
                let pause = if self.suspends() { " y().await;" } else { "" };
                let word = self.random.pick(&["", "move "]);
                self.line(&format!("let {name} = {word}|| {value};{pause} if {condition} {{ {name}().r(); }}"));
            }
        }
        if self.suspends() && self.chance(50) {
            self.line("y().await;");
        }
    }

    /// A child, or an `async` block, that is made here and awaited later, if at all.
    fn child_for_later(&mut self, name: &str) {
        if !self.suspends() {
            return;
        }
        let Some(place) = self.readable(|kind| kind == Kind::Token) else { return };
        let token = place.text();
        let n = self.number(0);
        let form = self.random.below(5);
        let (word, value, awaited) = match form {
            0 => ("let", format!("kid_shared(&{token}, {n})"), format!("{name}.await")),
            1 => ("let", format!("std::pin::pin!(kid_shared(&{token}, {n}))"), format!("{name}.await")),
            2 => ("let mut", format!("std::pin::pin!({}.a())", place.receiver()), format!("{name}.as_mut().await")),
            3 => (
                "let",
                format!("async {{ let _i = T(\"in\"); {}.a().await }}", place.receiver()),
                format!("{name}.await"),
            ),
            _ => ("let", format!("async || {{ y().await; {}.r() }}", place.receiver()), format!("{name}().await")),
        };
        self.line(&format!("{word} {name} = {value};"));
        if self.chance(60) && self.suspends() {
            self.line("y().await;");
        }
        match self.random.below(4) {
            0 => {}
            1 => {
                let condition = self.condition();
                self.line(&format!("if {condition} {{ {awaited}; }}"));
            }
            _ => self.line(&format!("{awaited};")),
        }
    }

    /// An iterator that lives over suspensions.
    pub fn iterator(&mut self, depth: usize) {
        let exclusive = self.chance(50);
        let live = |kind: Kind| matches!(kind, Kind::Iter | Kind::IterMut);
        if self.chance(50)
            && let Some(place) = self.changeable(live)
        {
            let word = self.random.pick(&["if", "while"]);
            let name = self.fresh_name("z");
            self.line(&format!("{word} let Some({name}) = {}.next() {{", place.text()));
            let call = match (place.kind, self.suspends()) {
                (Kind::Iter, true) => "a().await",
                (Kind::Iter, false) => "r()",
                (_, true) => "renamed(\"it\").await",
                (_, false) => "rename(\"it\")",
            };
            self.line(&format!("    {name}.{call};"));
            self.line("}");
            return;
        }
        let test = |kind: Kind| matches!(kind, Kind::Array | Kind::List);
        let found = if exclusive { self.changeable(test) } else { self.readable(test) };
        let Some(place) = found else {
            return self.looping(depth);
        };
        let name = self.fresh_name("it");
        let call = if exclusive { "iter_mut()" } else { "iter()" };
        let more = self.random.pick(&["", ".skip(1)", ".rev()"]);
        self.line(&format!("let mut {name} = {}.{call}{more};", place.receiver()));
        let kind = if exclusive { Kind::IterMut } else { Kind::Iter };
        self.scope.declare_borrowing(&name, kind, true, vec![Borrow { exclusive, ..place.borrow(exclusive) }]);
    }
}
