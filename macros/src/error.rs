//! Every refusal of the macro: a code, what is wrong, why, and the way out.

use proc_macro2::{Span, TokenStream};

/// One row of the error table.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub code: &'static str,
    pub why: &'static str,
    pub help: &'static str,
}

macro_rules! table {
    ($($name:ident $code:literal, why: $why:literal, help: $help:literal;)*) => {
        $(pub const $name: Kind = Kind { code: $code, why: $why, help: $help };)*
    };
}

table! {
    NOT_A_FUNCTION "SG0001",
        why: "only a function has a body that can be suspended",
        help: "put `#[segno::coroutine]` on a `fn` or an `async fn`";
    QUALIFIER "SG0002",
        why: "a coroutine is a value made by an ordinary Rust call",
        help: "remove the qualifier, or call the coroutine from a plain function that has it";
    OPTION "SG0003",
        why: "the attribute's options are `crate = path`, where the crate `segno` is found, `diagram` or `diagram = mermaid`, which documents the states, and `allow_large`",
        help: "correct or remove it: `#[segno::coroutine]`, `#[segno::coroutine(crate = path, diagram)]`";
    AWAIT_IN_MACRO "SG0012",
        why: "the macro's own expansion decides where the value goes, and it is not known to this attribute",
        help: "bind the awaited value first: `let value = fetch().await; my_macro!(value)`";
    AWAIT_IN_CLOSURE "SG0013",
        why: "a closure is called by other code, which does not know how to be suspended",
        help: "await outside of the closure, or make the closure's body a `#[segno::coroutine]` function";
    AWAIT_IN_GUARD "SG0015",
        why: "a guard is evaluated while the pattern's bindings are only borrowed",
        help: "move the condition into the arm, or await before the `match`";
    AWAIT_IN_LET_CHAIN "SG0016",
        why: "an `.await` behind `&&` next to a `let` condition is not lowered yet",
        help: "nest the `if`s: `if let … { if ….await { … } }`";
    AWAIT_IN_CONSTANT "SG0017",
        why: "a constant is computed while the program is compiled",
        help: "await outside of it: what depends on the awaited value cannot be a constant";
    AWAIT_HERE "SG0018",
        why: "this construct is not taken apart yet",
        help: "bind the awaited value with `let` before it";
    ITEM_TWICE "SG0026",
        why: "the items of all its blocks are moved to the coroutine's beginning, where each needs a name of its own, but this name is seen outside: by a derive, a linker, or a macro",
        help: "give the item another name, or move it out of the function";
    TWO_CONTEXTS "SG0031",
        why: "a macro made one of them: rustc keeps them apart, this attribute sees only their spelling",
        help: "give one of the two another name";
    CFG "SG0032",
        why: "the attribute sees the body before `cfg` has been decided, and does not know this part of one",
        help: "put the `#[cfg]` on a statement, a match arm or a field, or write `if cfg!(…) { … }`";
    MAYBE_MOVED "SG0021",
        why: "whether this variable was moved is not known where the function may be suspended, and it is assigned again later",
        help: "assign to a fresh variable, or keep the value in an `Option` and `take()` it";
    MOVE_CLOSURE "SG0022",
        why: "the variable is borrowed across a suspension, so it lives in the coroutine's frame and cannot be moved into a closure",
        help: "bind the value to a variable of its own before the closure: `let copy = value; move || … copy …`";
    MACRO_ANCHORED "SG0023",
        why: "the variable is borrowed across a suspension, so it lives in the coroutine's frame, and how this macro uses it is not known",
        help: "bind what the macro needs with `let` first: `let value = …; my_macro!(value)`";
    HIDDEN_LABEL "SG0024",
        why: "there is no such loop or block around it",
        help: "put it into a loop, or name an enclosing loop or block";
    OTHER_EDITION "SG0037",
        why: "it keeps temporaries of an `if let` or of a block's last expression, and how long they live depends on the edition",
        help: "bind what makes the temporaries with `let`, or write the function where the macro is used";
    HIDDEN_JUMP "SG0042",
        why: "this macro jumps, and the function and its loops are taken apart before the macro is expanded",
        help: "jump outside of the macro, on what it tells: `if my_macro!(…) { break }`";
    HIDDEN_VARIABLE "SG0043",
        why: "a macro declares this variable, which only rustc sees, and the function is suspended before it is used",
        help: "write the `let` outside of the macro: `let value = my_macro!(…);`";
    SHOWN "SG0044",
        why: "the macro shows the words that it is given, and in the machine this variable has another name",
        help: "give the variable a name of its own, and `self` one with `let`";
    FORMATTED "SG0045",
        why: "what `format_args!` gives refers to temporaries that only rustc can name, and they would have to live while the child is suspended",
        help: "write the text into a buffer first, as into a `heapless::String` with `write!`, and hand that on";
    LET_IN_GUARD "SG0046",
        why: "the arm is suspended while rustc alone has what this `let` borrows or leaves of its value, or the `match` takes a variable apart that is borrowed across a suspension",
        help: "write the condition as an `if let` in the arm, or bind its value before the `match`";
    SHADOWED_IN_MACRO "SG0025",
        why: "the variable's name was declared before in this function, and how this macro uses the name is not known",
        help: "give the variable a name of its own";
}

/// Refusals after which rustc cannot check the body: it would say the same again, less well.
const UNCHECKED: [Kind; 5] = [AWAIT_IN_MACRO, AWAIT_IN_CONSTANT, HIDDEN_LABEL, ITEM_TWICE, CFG];

/// The errors of one function; all of them are reported at once.
#[derive(Default)]
pub struct Errors {
    all: Vec<syn::Error>,
    unchecked: bool,
}

impl Errors {
    /// Reports `what` at `span`, with its row of the table.
    pub fn report(&mut self, kind: Kind, span: Span, what: impl std::fmt::Display) {
        let Kind { code, why, help } = kind;
        self.unchecked |= UNCHECKED.iter().any(|other| other.code == code);
        self.all.push(syn::Error::new(span, format!("[{code}] {what}\n  = why: {why}\n  = help: {help}")));
    }

    /// Reports what syn found.
    pub fn parse(&mut self, error: syn::Error) {
        self.unchecked = true;
        self.all.push(error);
    }

    /// Reports all that others have reported.
    pub fn append(&mut self, others: Errors) {
        self.unchecked |= others.unchecked;
        self.all.extend(others.all);
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether rustc can check the body of the function all the same.
    pub fn body_is_checked(&self) -> bool {
        !self.unchecked
    }

    /// All of them, in the order in which they were found.
    pub fn into_list(self) -> Vec<syn::Error> {
        self.all
    }

    pub fn into_tokens(self) -> TokenStream {
        self.all.iter().map(syn::Error::to_compile_error).collect()
    }
}
