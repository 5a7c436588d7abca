//! What the names of a body mean, in the three namespaces.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use syn::ItemEnum;

use super::rules::Rules;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Space {
    Type,
    Value,
    Macro,
}

impl Space {
    /// What an import may declare.
    pub const ALL: [Space; 3] = [Space::Type, Space::Value, Space::Macro];
}

#[derive(Clone)]
pub(super) enum Meaning {
    /// An item, or a parameter of an item.
    Kept,
    /// An item that has a name of its own at the function's beginning.
    Renamed(Ident),
    /// A variable, by its number.
    Variable(usize),
    /// A `macro_rules!`.
    Rules(Rc<Rules>),
}

#[derive(Default)]
struct Scope {
    names: HashMap<(Space, String), Meaning>,
    /// The variants of enums.
    enums: HashMap<String, Vec<Ident>>,
    /// Names that are no bindings in patterns: those of constants, of structures and variants without fields.
    constants: HashSet<String>,
    /// The imports of names: whether they are values is not known.
    imports: HashMap<String, TokenStream>,
}

#[derive(Default)]
pub(super) struct Scopes {
    list: Vec<Scope>,
    variables: usize,
}

impl Scopes {
    pub fn push(&mut self) {
        self.list.push(Scope::default());
    }

    pub fn pop(&mut self) {
        self.list.pop();
    }

    /// Whether we are in a block inside of the body: around that is the scope of the parameters.
    pub fn is_inner(&self) -> bool {
        self.list.len() > 2
    }

    /// How many blocks are open.
    pub fn depth(&self) -> usize {
        self.list.len()
    }

    fn innermost(&mut self) -> &mut Scope {
        self.list.last_mut().expect("there is a scope from the beginning")
    }

    pub fn insert(&mut self, space: Space, name: &Ident, meaning: Meaning) {
        self.innermost().names.insert((space, name.to_string()), meaning);
    }

    /// Declares a variable.
    pub fn variable(&mut self, name: String) {
        self.variables += 1;
        let number = self.variables;
        self.innermost().names.insert((Space::Value, name), Meaning::Variable(number));
    }

    pub fn add_enum(&mut self, item: &ItemEnum) {
        let variants = item.variants.iter().map(|variant| variant.ident.clone()).collect();
        self.innermost().enums.insert(item.ident.to_string(), variants);
    }

    /// The variants of an enum of this function.
    pub fn variants(&self, name: &Ident) -> Option<Vec<Ident>> {
        self.list.iter().rev().find_map(|scope| scope.enums.get(&name.to_string())).cloned()
    }

    /// Remembers that a name of the innermost scope is no binding in patterns.
    pub fn add_constant(&mut self, name: &Ident) {
        self.innermost().constants.insert(name.to_string());
    }

    pub fn is_constant(&self, name: &Ident) -> bool {
        let key = (Space::Value, name.to_string());
        let scope = self.list.iter().rev().find(|scope| scope.names.contains_key(&key));
        scope.is_some_and(|scope| scope.constants.contains(&key.1))
    }

    /// Remembers that a name of the innermost scope was imported.
    pub fn add_import(&mut self, name: &Ident, import: TokenStream) {
        self.innermost().imports.insert(name.to_string(), import);
    }

    /// The import of a name that is one of a variable, too.
    pub fn import_beside_variable(&self, name: &Ident) -> Option<TokenStream> {
        let key = (Space::Value, name.to_string());
        let mut scopes = self.list.iter().rev().filter(|scope| scope.names.contains_key(&key));
        let import = scopes.next()?.imports.get(&key.1)?;
        let around = scopes.find(|scope| !scope.imports.contains_key(&key.1))?;
        matches!(around.names.get(&key), Some(Meaning::Variable(_))).then(|| import.clone())
    }

    /// What the innermost scope says of a name.
    pub fn declared_here(&self, space: Space, name: &Ident) -> Option<Meaning> {
        self.list.last()?.names.get(&(space, name.to_string())).cloned()
    }

    pub fn meaning(&self, space: Space, name: &str) -> Option<&Meaning> {
        let key = (space, name.to_string());
        self.list.iter().rev().find_map(|scope| scope.names.get(&key))
    }

    /// The same, and how many blocks were open where that was declared.
    pub fn meaning_at(&self, spaces: &[Space], name: &str) -> Option<(&Meaning, usize)> {
        let here = |(index, scope): (usize, &'_ Scope)| {
            let space = spaces.iter().find(|&&space| scope.names.contains_key(&(space, name.to_string())))?;
            Some((*space, index))
        };
        let (space, index) = self.list.iter().enumerate().rev().find_map(here)?;
        self.list[index].names.get(&(space, name.to_string())).map(|meaning| (meaning, index + 1))
    }

    /// The number of the variable that a name means.
    pub fn number(&self, name: &str) -> Option<usize> {
        match self.meaning(Space::Value, name) {
            Some(Meaning::Variable(number)) => Some(*number),
            _ => None,
        }
    }

    /// The other name of an item.
    pub fn renamed(&self, space: Space, name: &Ident) -> Option<Ident> {
        match self.meaning(space, &name.to_string())? {
            Meaning::Renamed(unique) => {
                let mut unique = unique.clone();
                unique.set_span(name.span());
                Some(unique)
            }
            _ => None,
        }
    }
}
