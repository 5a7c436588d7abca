//! What values there are: their types, their parts, how a new one is written.

/// The type of a variable or an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `u32`
    Number,
    /// `Spot`, a struct that is `Copy`
    Spot,
    /// `T`, whose drop is an event
    Token,
    /// `Pair`, a struct of two tokens and a number
    Pair,
    /// `(T, T)`
    Duo,
    /// `(T, u32, T)`
    Trio,
    /// `Nest`, a struct of a pair, an option and a number
    Nest,
    /// `Case`, a struct of two enums and a token
    Case,
    /// `Option<T>`
    Maybe,
    /// `Option<Pair>`
    MaybePair,
    /// `Result<T, Failure>`
    Outcome,
    /// `Result<u32, Failure>`
    Counted,
    /// `Shape`, an enum
    Shape,
    /// `[T; 2]`
    Array,
    /// `[u32; 3]`
    Numbers,
    /// `Box<T>`
    Boxed,
    /// `Box<Result<T, Failure>>`
    BoxedOutcome,
    /// `Vec<T>`
    List,
    /// `RefCell<T>`
    Cell,
    /// A shared reference.
    Ref(&'static Kind),
    /// An exclusive reference.
    Mut(&'static Kind),
    /// `&[T]`
    Slice,
    /// `&mut [T]`
    SliceMut,
    /// A guard that borrows a token and has a destructor: `Watch<'_>`
    Watch,
    /// The same, exclusive: `Lend<'_>` or `RefMut<'_, T>`
    Lend,
    /// An iterator over references to tokens.
    Iter,
    /// An iterator over exclusive references to tokens.
    IterMut,
    /// A closure from a number to a number.
    Closure,
    /// The same, if calling it changes something.
    ClosureMut,
}

/// A step from a value into a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Field(&'static str),
    Index(&'static str),
    Deref,
}

/// Those that own tokens and can be anywhere.
pub const OWNED: &[Kind] = &[
    Kind::Token,
    Kind::Pair,
    Kind::Duo,
    Kind::Trio,
    Kind::Nest,
    Kind::Case,
    Kind::Maybe,
    Kind::MaybePair,
    Kind::Outcome,
    Kind::Counted,
    Kind::Shape,
    Kind::Array,
    Kind::Boxed,
    Kind::BoxedOutcome,
    Kind::List,
    Kind::Cell,
];

const TOKEN: Kind = Kind::Token;
const PAIR: Kind = Kind::Pair;
const NUMBER: Kind = Kind::Number;
const MAYBE: Kind = Kind::Maybe;
const NEST: Kind = Kind::Nest;
const CASE: Kind = Kind::Case;
const DUO: Kind = Kind::Duo;
const TRIO: Kind = Kind::Trio;
const MAYBE_PAIR: Kind = Kind::MaybePair;
const OUTCOME: Kind = Kind::Outcome;
const COUNTED: Kind = Kind::Counted;
const SHAPE: Kind = Kind::Shape;
const ARRAY: Kind = Kind::Array;
const NUMBERS: Kind = Kind::Numbers;
const BOXED: Kind = Kind::Boxed;
const BOXED_OUTCOME: Kind = Kind::BoxedOutcome;
const LIST: Kind = Kind::List;
const CELL: Kind = Kind::Cell;
const SPOT: Kind = Kind::Spot;

impl Kind {
    /// The kind in a place where it lives for ever; references to references are not made.
    fn lasting(self) -> Option<&'static Kind> {
        Some(match self {
            Kind::Token => &TOKEN,
            Kind::Pair => &PAIR,
            Kind::Number => &NUMBER,
            Kind::Maybe => &MAYBE,
            Kind::Nest => &NEST,
            Kind::Case => &CASE,
            Kind::Duo => &DUO,
            Kind::Trio => &TRIO,
            Kind::MaybePair => &MAYBE_PAIR,
            Kind::Outcome => &OUTCOME,
            Kind::Counted => &COUNTED,
            Kind::Shape => &SHAPE,
            Kind::Array => &ARRAY,
            Kind::Numbers => &NUMBERS,
            Kind::Boxed => &BOXED,
            Kind::BoxedOutcome => &BOXED_OUTCOME,
            Kind::List => &LIST,
            Kind::Cell => &CELL,
            Kind::Spot => &SPOT,
            _ => return None,
        })
    }

    /// A reference to it.
    pub fn referenced(self, exclusive: bool) -> Option<Kind> {
        let to = self.lasting()?;
        Some(if exclusive { Kind::Mut(to) } else { Kind::Ref(to) })
    }

    pub fn is_copy(self) -> bool {
        matches!(self, Kind::Number | Kind::Spot | Kind::Numbers | Kind::Ref(_))
    }

    /// Whether a value of it borrows something.
    pub fn borrows(self) -> bool {
        self.lasting().is_none()
    }

    /// Whether it has a destructor that uses what is borrowed, so that the borrow lasts to the end of the scope.
    pub fn is_guard(self) -> bool {
        matches!(self, Kind::Watch | Kind::Lend)
    }

    /// How the type is written. Those of iterators and closures cannot be.
    pub fn spelling(self) -> Option<String> {
        Some(match self {
            Kind::Number => "u32".into(),
            Kind::Spot => "Spot".into(),
            Kind::Token => "T".into(),
            Kind::Pair => "Pair".into(),
            Kind::Duo => "(T, T)".into(),
            Kind::Trio => "(T, u32, T)".into(),
            Kind::Nest => "Nest".into(),
            Kind::Case => "Case".into(),
            Kind::Maybe => "Option<T>".into(),
            Kind::MaybePair => "Option<Pair>".into(),
            Kind::Outcome => "Result<T, Failure>".into(),
            Kind::Counted => "Result<u32, Failure>".into(),
            Kind::Shape => "Shape".into(),
            Kind::Array => "[T; 2]".into(),
            Kind::Numbers => "[u32; 3]".into(),
            Kind::Boxed => "Box<T>".into(),
            Kind::BoxedOutcome => "Box<Result<T, Failure>>".into(),
            Kind::List => "Vec<T>".into(),
            Kind::Cell => "RefCell<T>".into(),
            Kind::Ref(to) => format!("&{}", to.spelling()?),
            Kind::Mut(to) => format!("&mut {}", to.spelling()?),
            Kind::Watch => "Watch<'_>".into(),
            _ => return None,
        })
    }

    /// Its parts.
    pub fn parts(self) -> &'static [(Step, Kind)] {
        use Step::{Deref, Field, Index};
        match self {
            Kind::Spot => &[(Field("x"), Kind::Number), (Field("y"), Kind::Number)],
            Kind::Pair => &[(Field("a"), Kind::Token), (Field("b"), Kind::Token), (Field("n"), Kind::Number)],
            Kind::Duo => &[(Field("0"), Kind::Token), (Field("1"), Kind::Token)],
            Kind::Trio => &[(Field("0"), Kind::Token), (Field("1"), Kind::Number), (Field("2"), Kind::Token)],
            Kind::Nest => &[(Field("p"), Kind::Pair), (Field("o"), Kind::Maybe), (Field("m"), Kind::Number)],
            Kind::Case => &[
                (Field("r"), Kind::Outcome),
                (Field("s"), Kind::Shape),
                (Field("t"), Kind::Token),
                (Field("k"), Kind::Counted),
            ],
            Kind::Array => &[(Index("0"), Kind::Token), (Index("1"), Kind::Token)],
            Kind::Numbers => &[(Index("0"), Kind::Number), (Index("2"), Kind::Number)],
            Kind::Slice | Kind::SliceMut => &[(Index("0"), Kind::Token)],
            Kind::Boxed => &[(Deref, Kind::Token)],
            Kind::BoxedOutcome => &[(Deref, Kind::Outcome)],
            Kind::Ref(to) | Kind::Mut(to) => match to {
                Kind::Token => &[(Deref, Kind::Token)],
                Kind::Pair => &[(Deref, Kind::Pair)],
                Kind::Number => &[(Deref, Kind::Number)],
                Kind::Maybe => &[(Deref, Kind::Maybe)],
                Kind::Nest => &[(Deref, Kind::Nest)],
                Kind::Case => &[(Deref, Kind::Case)],
                Kind::Duo => &[(Deref, Kind::Duo)],
                Kind::Trio => &[(Deref, Kind::Trio)],
                Kind::MaybePair => &[(Deref, Kind::MaybePair)],
                Kind::Outcome => &[(Deref, Kind::Outcome)],
                Kind::Counted => &[(Deref, Kind::Counted)],
                Kind::Shape => &[(Deref, Kind::Shape)],
                Kind::Array => &[(Deref, Kind::Array)],
                Kind::Numbers => &[(Deref, Kind::Numbers)],
                Kind::Boxed => &[(Deref, Kind::Boxed)],
                Kind::BoxedOutcome => &[(Deref, Kind::BoxedOutcome)],
                Kind::List => &[(Deref, Kind::List)],
                Kind::Cell => &[(Deref, Kind::Cell)],
                Kind::Spot => &[(Deref, Kind::Spot)],
                _ => &[],
            },
            _ => &[],
        }
    }
}
