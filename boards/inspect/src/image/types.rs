//! Types, read from the DWARF when they are met.

use std::rc::Rc;

use gimli::{AttributeValue, Reader};

use super::index::unit_at;
use super::{Bytes, Entry, Image, Unit};
use crate::Problem;

/// Names a type, or a function: the offset of its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TypeId(pub(super) usize);

/// A type.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) id: TypeId,
    /// Its full path with parameters.
    pub(crate) path: String,
    /// Its full path without parameters.
    pub(crate) base: String,
    pub(crate) size: u64,
    pub(crate) shape: Shape,
    /// Its type parameters.
    pub(crate) parameters: Vec<(String, TypeId)>,
}

/// What a type consists of.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A struct, a tuple, a closure, a union; with variants an `enum`.
    Struct {
        members: Vec<Member>,
        variants: Option<Variants>,
    },
    /// An `enum` without fields: the names of its values.
    Enum(Vec<(u64, String)>),
    /// A pointer or a reference.
    Pointer(Option<TypeId>),
    Array {
        element: TypeId,
        count: u64,
    },
    /// A number, or whatever has no parts.
    Base,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) ty: TypeId,
    pub(crate) offset: u64,
}

/// The variants of an `enum`.
#[derive(Debug)]
pub(crate) struct Variants {
    /// What tells them apart; `None` where there is one only.
    pub(crate) discriminant: Option<Member>,
    /// Each with its value of the discriminant, but for the one that all other values mean.
    pub(crate) list: Vec<(Option<u64>, Member)>,
}

/// A name without its parameters.
pub(crate) fn base_of(name: &str) -> &str {
    match name.char_indices().find(|&(at, letter)| letter == '<' && at > 0) {
        Some((end, _)) => &name[..end],
        None => name,
    }
}

/// A path without the parameters of its last part.
pub(super) fn base_of_path(path: &str) -> &str {
    path.split('<').next().unwrap_or(path)
}

pub(super) fn text(bytes: &Bytes) -> Result<String, Problem> {
    Ok(bytes.to_string_lossy()?.into_owned())
}

/// What an attribute refers to, in a unit that starts at `start`.
pub(super) fn reference(value: AttributeValue<Bytes>, start: usize) -> Option<usize> {
    match value {
        AttributeValue::UnitRef(offset) => Some(start + offset.0),
        AttributeValue::DebugInfoRef(offset) => Some(offset.0),
        _ => None,
    }
}

/// An entry in its unit.
struct At<'a> {
    image: &'a Image,
    unit: &'a Unit,
    start: usize,
}

impl At<'_> {
    fn name(&self, entry: &Entry) -> Result<String, Problem> {
        match entry.attr_value(gimli::DW_AT_name) {
            Some(name) => text(&self.image.dwarf.attr_string(self.unit, name)?),
            None => Ok(String::new()),
        }
    }

    fn reference(&self, entry: &Entry, attribute: gimli::DwAt) -> Option<TypeId> {
        reference(entry.attr_value(attribute)?, self.start).map(TypeId)
    }

    fn member(&self, entry: &Entry) -> Result<Option<Member>, Problem> {
        let Some(ty) = self.reference(entry, gimli::DW_AT_type) else { return Ok(None) };
        let offset = number(entry, gimli::DW_AT_data_member_location).unwrap_or(0);
        Ok(Some(Member { name: self.name(entry)?, ty, offset }))
    }
}

/// A number, also a negative one, as the bits of its lowest bytes.
fn number(entry: &Entry, attribute: gimli::DwAt) -> Option<u64> {
    let value = entry.attr_value(attribute)?;
    value.udata_value().or_else(|| value.sdata_value().map(|value| value as u64))
}

impl Image {
    fn at(&self, entry: TypeId) -> Result<At<'_>, Problem> {
        match unit_at(&self.units, entry) {
            Some(&(start, ref unit)) => Ok(At { image: self, unit, start }),
            None => Err(Problem::new("the DWARF refers to what it does not have".into())),
        }
    }

    /// A type.
    pub(crate) fn type_of(&self, id: TypeId) -> Result<Rc<Type>, Problem> {
        if let Some(known) = self.types.borrow().get(&id) {
            return Ok(known.clone());
        }
        let found = Rc::new(self.read_type(id)?);
        self.types.borrow_mut().insert(id, found.clone());
        Ok(found)
    }

    fn read_type(&self, id: TypeId) -> Result<Type, Problem> {
        let at = self.at(id)?;
        let mut tree = at.unit.entries_tree(Some(gimli::UnitOffset(id.0 - at.start)))?;
        let root = tree.root()?;
        let entry = root.entry();
        let tag = entry.tag();
        let name = at.name(entry)?;
        let target = at.reference(entry, gimli::DW_AT_type);
        let size = number(entry, gimli::DW_AT_byte_size);
        let mut parameters = Vec::new();
        let mut members = Vec::new();
        let mut variants = None;
        let mut names = Vec::new();
        let mut count = 0;
        let mut children = root.children();
        while let Some(child) = children.next()? {
            let entry = child.entry();
            match entry.tag() {
                gimli::DW_TAG_member => members.extend(at.member(entry)?),
                gimli::DW_TAG_template_type_parameter => {
                    let ty = at.reference(entry, gimli::DW_AT_type);
                    let name = at.name(entry)?;
                    parameters.extend(ty.map(|ty| (name, ty)));
                }
                gimli::DW_TAG_enumerator => {
                    names.push((number(entry, gimli::DW_AT_const_value).unwrap_or(0), at.name(entry)?));
                }
                gimli::DW_TAG_subrange_type => {
                    let upper = number(entry, gimli::DW_AT_upper_bound).map(|last| last.wrapping_add(1));
                    count = number(entry, gimli::DW_AT_count).or(upper).unwrap_or(0);
                }
                gimli::DW_TAG_variant_part => variants = Some(read_variants(&at, child)?),
                _ => {}
            }
        }
        let shape = match (tag, target) {
            (gimli::DW_TAG_structure_type | gimli::DW_TAG_union_type, _) => Shape::Struct { members, variants },
            (gimli::DW_TAG_enumeration_type, _) => Shape::Enum(names),
            (gimli::DW_TAG_pointer_type, _) => Shape::Pointer(target),
            (gimli::DW_TAG_array_type, Some(element)) => Shape::Array { element, count },
            _ => Shape::Base,
        };
        let size = match (&shape, size) {
            (_, Some(size)) => size,
            (Shape::Pointer(_), None) => self.word,
            (Shape::Array { element, count }, None) => self.type_of(*element)?.size * count,
            _ => 0,
        };
        let around = self.index.path_around(id);
        let path = if around.is_empty() { name } else { format!("{around}::{name}") };
        let base = if around.is_empty() {
            base_of(&path).into()
        } else {
            format!("{around}::{}", base_of(&path[around.len() + 2..]))
        };
        Ok(Type { id, path, base, size, shape, parameters })
    }

    /// The type parameters of a function, and of the type whose method it is.
    pub(super) fn parameters_of(&self, function: TypeId) -> Result<Vec<(String, TypeId)>, Problem> {
        let at = self.at(function)?;
        let entry = at.unit.entry(gimli::UnitOffset(function.0 - at.start))?;
        let named = at
            .reference(&entry, gimli::DW_AT_specification)
            .or_else(|| at.reference(&entry, gimli::DW_AT_abstract_origin));
        match named {
            Some(named) => self.parameters_of(named),
            None => Ok(self.type_of(function)?.parameters.clone()),
        }
    }
}

fn read_variants(at: &At<'_>, part: gimli::EntriesTreeNode<'_, '_, Bytes>) -> Result<Variants, Problem> {
    let told_by = at.reference(part.entry(), gimli::DW_AT_discr);
    let mut discriminant = None;
    let mut list = Vec::new();
    let mut children = part.children();
    while let Some(child) = children.next()? {
        let entry = child.entry();
        if told_by == Some(TypeId(at.start + entry.offset().0)) {
            discriminant = at.member(entry)?;
        } else if entry.tag() == gimli::DW_TAG_variant {
            let value = number(entry, gimli::DW_AT_discr_value);
            let mut fields = child.children();
            while let Some(field) = fields.next()? {
                list.extend(at.member(field.entry())?.map(|member| (value, member)));
            }
        }
    }
    Ok(Variants { discriminant, list })
}
