//! What is looked up in the DWARF by name or by address: found in one pass over all of it.

use std::collections::hash_map::Entry::Vacant;
use std::collections::{BTreeSet, HashMap, HashSet};

use gimli::{AttributeValue, Operation};

use super::types::{TypeId, base_of};
use super::{Bytes, Entry, Unit};
use crate::Problem;

/// Functions that make a task of a coroutine.
const SPAWNING: [&str; 4] = ["create_task", "create_eager_task", "create_task_named", "create_waiting_task"];

/// A static variable.
pub(crate) struct Static {
    /// Its path, without what the compiler has made up.
    pub(crate) path: String,
    pub(crate) ty: TypeId,
    /// Where the linker has put it.
    pub(super) address: u64,
}

/// A namespace, a type or a function that contains others.
struct Scope {
    parent: usize,
    name: String,
    /// Whether it is the runtime's, or in a crate that belongs to it.
    ours: bool,
}

/// What was found.
#[derive(Default)]
pub(super) struct Index {
    scopes: Vec<Scope>,
    /// The scope that a type or a function is; by offset.
    scope_of: HashMap<usize, usize>,
    pub(super) statics: Vec<Static>,
    /// The types of the runtime and of what belongs to it, by their paths without parameters.
    pub(super) by_path: HashMap<String, Vec<TypeId>>,
    /// Code that resumes nodes: where its entry is, by its address.
    pub(super) functions: HashMap<u64, TypeId>,
    /// The files that functions are in, by the paths of the functions.
    pub(super) files: HashMap<String, String>,
    /// Types of coroutines that were made tasks.
    pub(super) spawned: BTreeSet<TypeId>,
    /// Paths of functions of the runtime of which there is code, on its own or inlined.
    pub(super) code: HashSet<String>,
}

/// What the pass remembers until all names are known.
#[derive(Default)]
struct Later {
    functions: Vec<(u64, usize, usize)>,
    inlined: HashSet<usize>,
    /// The scopes of machines.
    machines: Vec<usize>,
    /// Of scopes with closures, the unit and the number of the file that they are in.
    closures: HashMap<usize, (usize, u64)>,
}

impl Index {
    pub(super) fn new(dwarf: &gimli::Dwarf<Bytes>, units: &[(usize, Unit)]) -> Result<Index, Problem> {
        let mut index = Index::default();
        index.scopes.push(Scope { parent: 0, name: String::new(), ours: false });
        let mut later = Later::default();
        for (number, &(start, ref unit)) in units.iter().enumerate() {
            Pass { dwarf, unit, start, number }.run(&mut index, &mut later)?;
        }
        index.finish(&later);
        index.find_files(dwarf, units, &later)?;
        Ok(index)
    }

    /// Whether types are described: line tables alone are not enough.
    pub(super) fn has_types(&self) -> bool {
        !self.scope_of.is_empty()
    }

    fn finish(&mut self, later: &Later) {
        for &(address, entry, named) in &later.functions {
            let Some(&scope) = self.scope_of.get(&named) else { continue };
            if base_of(&self.scopes[scope].name) == "run" {
                self.functions.insert(address, TypeId(entry));
            }
            if self.scopes[scope].ours {
                self.code.insert(self.path(scope));
            }
        }
        let inlined = later.inlined.iter().filter_map(|entry| self.scope_of.get(entry));
        let ours = inlined.filter(|&&scope| self.scopes[scope].ours);
        let inlined: Vec<String> = ours.map(|&scope| self.path(scope)).collect();
        self.code.extend(inlined);
    }

    /// The files of machines: a machine's type has no place, but the closure that resumes it has.
    fn find_files(
        &mut self,
        dwarf: &gimli::Dwarf<Bytes>,
        units: &[(usize, Unit)],
        later: &Later,
    ) -> Result<(), Problem> {
        let machines: HashSet<String> = later.machines.iter().map(|&scope| self.path(scope)).collect();
        let last = |scope: usize| base_of(&self.scopes[scope].name);
        let names: HashSet<&str> = later.machines.iter().map(|&scope| last(scope)).collect();
        let mut files = HashMap::new();
        for (&scope, &(unit, number)) in later.closures.iter().filter(|(scope, _)| names.contains(last(**scope))) {
            let path = self.path(scope);
            if machines.contains(&path)
                && let Vacant(place) = files.entry(path)
            {
                place.insert(file(dwarf, &units[unit].1, number)?);
            }
        }
        self.files = files;
        Ok(())
    }

    /// The path of a scope, without parameters.
    fn path(&self, scope: usize) -> String {
        let mut names = Vec::new();
        let mut next = scope;
        while next != 0 {
            names.push(base_of(&self.scopes[next].name));
            next = self.scopes[next].parent;
        }
        names.reverse();
        names.join("::")
    }

    /// The path of what a type or a function is in.
    pub(super) fn path_around(&self, entry: TypeId) -> String {
        self.scope_of.get(&entry.0).map(|&scope| self.path(self.scopes[scope].parent)).unwrap_or_default()
    }
}

/// The pass over one unit.
struct Pass<'a> {
    dwarf: &'a gimli::Dwarf<Bytes>,
    unit: &'a Unit,
    start: usize,
    number: usize,
}

impl Pass<'_> {
    fn run(self, index: &mut Index, later: &mut Later) -> Result<(), Problem> {
        // The scopes around the entry, with their depths.
        let mut around: Vec<(isize, usize)> = Vec::new();
        let mut entries = self.unit.entries();
        while let Some(entry) = entries.next_dfs()? {
            while around.last().is_some_and(|&(depth, _)| depth >= entry.depth()) {
                around.pop();
            }
            let parent = around.last().map_or(0, |&(_, scope)| scope);
            let at = self.start + entry.offset().0;
            match entry.tag() {
                gimli::DW_TAG_namespace
                | gimli::DW_TAG_structure_type
                | gimli::DW_TAG_union_type
                | gimli::DW_TAG_enumeration_type
                | gimli::DW_TAG_subprogram => {
                    let name = self.name(entry)?.unwrap_or_default();
                    let scope = index.scopes.len();
                    let ours = if parent == 0 { name.starts_with("segno") } else { index.scopes[parent].ours };
                    index.scopes.push(Scope { parent, name, ours });
                    index.scope_of.insert(at, scope);
                    around.push((entry.depth(), scope));
                    if entry.tag() == gimli::DW_TAG_subprogram {
                        self.function(entry, at, scope, index, later)?;
                    } else if entry.tag() != gimli::DW_TAG_namespace {
                        self.ty(at, scope, index, later);
                    }
                }
                gimli::DW_TAG_inlined_subroutine => {
                    later.inlined.extend(self.reference(entry, gimli::DW_AT_abstract_origin));
                }
                gimli::DW_TAG_variable => self.variable(entry, parent, index)?,
                gimli::DW_TAG_template_type_parameter => {
                    let name = base_of(&index.scopes[parent].name);
                    if (name == "TaskNode" || SPAWNING.contains(&name))
                        && let Some(ty) = self.reference(entry, gimli::DW_AT_type)
                    {
                        index.spawned.insert(TypeId(ty));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn ty(&self, at: usize, scope: usize, index: &mut Index, later: &mut Later) {
        let Scope { parent, ref name, ours } = index.scopes[scope];
        if base_of(name) == "__State" {
            later.machines.push(parent);
        }
        if ours {
            index.by_path.entry(index.path(scope)).or_default().push(TypeId(at));
        }
    }

    fn function(
        &self,
        entry: &Entry,
        at: usize,
        scope: usize,
        index: &mut Index,
        later: &mut Later,
    ) -> Result<(), Problem> {
        let named = self
            .reference(entry, gimli::DW_AT_specification)
            .or_else(|| self.reference(entry, gimli::DW_AT_abstract_origin));
        let low = entry.attr_value(gimli::DW_AT_low_pc);
        if let Some(address) = low.map(|low| self.dwarf.attr_address(self.unit, low)).transpose()?.flatten()
            // What the linker has left out is at no address.
            && address != 0
        {
            later.functions.push((address, at, named.unwrap_or(at)));
        }
        let parent = index.scopes[scope].parent;
        if index.scopes[scope].name.starts_with("{closure#")
            && let Some(AttributeValue::FileIndex(file)) = entry.attr_value(gimli::DW_AT_decl_file)
        {
            later.closures.entry(parent).or_insert((self.number, file));
        }
        Ok(())
    }

    fn variable(&self, entry: &Entry, parent: usize, index: &mut Index) -> Result<(), Problem> {
        let Some(ty) = self.reference(entry, gimli::DW_AT_type) else { return Ok(()) };
        let location = entry.attr_value(gimli::DW_AT_location).and_then(|location| location.exprloc_value());
        let Some(location) = location else { return Ok(()) };
        let mut operations = location.operations(self.unit.encoding());
        let address = match operations.next()? {
            Some(Operation::Address { address }) => address,
            Some(Operation::AddressIndex { index }) => self.dwarf.address(self.unit, index)?,
            _ => return Ok(()),
        };
        // Some statics are parts of a larger one.
        let address = match operations.next()? {
            None => address,
            Some(Operation::PlusConstant { value }) if operations.next()?.is_none() => address + value,
            Some(_) => return Ok(()),
        };
        if address == 0 {
            return Ok(());
        }
        let Some(name) = self.name(entry)? else { return Ok(()) };
        let path = if parent == 0 { name } else { format!("{}::{name}", index.path(parent)) };
        index.statics.push(Static { path, ty: TypeId(ty), address });
        Ok(())
    }

    fn name(&self, entry: &Entry) -> Result<Option<String>, Problem> {
        let Some(name) = entry.attr_value(gimli::DW_AT_name) else { return Ok(None) };
        Ok(Some(super::types::text(&self.dwarf.attr_string(self.unit, name)?)?))
    }

    fn reference(&self, entry: &Entry, attribute: gimli::DwAt) -> Option<usize> {
        super::types::reference(entry.attr_value(attribute)?, self.start)
    }
}

/// The path of a file of a unit.
fn file(dwarf: &gimli::Dwarf<Bytes>, unit: &Unit, number: u64) -> Result<String, Problem> {
    let mut path = String::new();
    if let Some(program) = &unit.line_program
        && let Some(file) = program.header().file(number)
    {
        if let Some(directory) = file.directory(program.header()) {
            path = super::types::text(&dwarf.attr_string(unit, directory)?)? + "/";
        }
        path += &super::types::text(&dwarf.attr_string(unit, file.path_name())?)?;
        if let Some(folder) = unit.comp_dir.as_ref().filter(|_| !path.starts_with('/')) {
            let folder = super::types::text(folder)?;
            // In DWARF 5 the first directory is that of the compilation.
            if !path.starts_with(&folder) {
                path = folder + "/" + &path;
            }
        }
    }
    Ok(path)
}

/// The unit that an entry is in.
pub(super) fn unit_at(units: &[(usize, Unit)], entry: TypeId) -> Option<&(usize, Unit)> {
    units[..units.partition_point(|&(start, _)| start <= entry.0)].last()
}
