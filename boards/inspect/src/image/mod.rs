//! The ELF file of a program: its DWARF, its symbols, and what of its memory never changes.
//!
//! # The problem
//! A chip's memory is bytes. What they mean, only the compiler knew, and it has written it down.
//!
//! # The design
//! The tables are the ELF's own DWARF, in sections that are not loaded: they cost no flash, and need no line in a linker
//! script. One pass makes an index ([`index`]) of what is looked up by name or address; types are read when they are met
//! ([`types`]). `symbols` gives names to addresses.
//!
//! # Costs
//! Of an image with a megabyte of DWARF, some ten milliseconds.

mod build_id;
mod index;
mod types;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use gimli::{EndianReader, RunTimeEndian, SectionId};
use object::elf::SHF_WRITE;
use object::{Architecture, Object, ObjectKind, ObjectSection, SectionFlags};

use crate::{Memory, Problem};
use index::Index;
pub(crate) use index::Static;
pub(crate) use types::{Member, Shape, Type, TypeId};

/// Bytes of each section that are compared with a memory.
const SAMPLE: usize = 64;

type Bytes = EndianReader<RunTimeEndian, Rc<[u8]>>;
type Unit = gimli::Unit<Bytes>;
type Entry = gimli::DebuggingInformationEntry<Bytes>;

/// A section that is loaded and not written to.
struct Constant {
    address: u64,
    bytes: Vec<u8>,
}

/// A program's ELF file.
pub struct Image {
    dwarf: gimli::Dwarf<Bytes>,
    units: Vec<(usize, Unit)>,
    index: Index,
    types: RefCell<HashMap<TypeId, Rc<Type>>>,
    constants: Vec<Constant>,
    build_id: Option<Vec<u8>>,
    big_endian: bool,
    word: u64,
    arm: bool,
    /// Whether its addresses are counted from wherever it is put.
    movable: bool,
    /// What a running process has added to all addresses.
    bias: u64,
}

impl Image {
    /// Reads an ELF file.
    ///
    /// # Errors
    /// If it cannot be read, is no ELF file, or has no DWARF: then the words say which line of `Cargo.toml` makes some.
    pub fn open(path: &Path) -> Result<Image, Problem> {
        let bytes = fs::read(path).map_err(|error| Problem::new(format!("{}: {error}", path.display())))?;
        Image::parse(&bytes).map_err(|problem| Problem::new(format!("{}: {problem}", path.display())))
    }

    fn parse(bytes: &[u8]) -> Result<Image, Problem> {
        let file = object::File::parse(bytes).map_err(|error| Problem::new(format!("not an ELF file: {error}")))?;
        let big_endian = !file.is_little_endian();
        let endian = if big_endian { RunTimeEndian::Big } else { RunTimeEndian::Little };
        let load = |id: SectionId| -> Result<Bytes, Problem> {
            let section = file.section_by_name(id.name());
            let data = section.map(|section| section.uncompressed_data()).transpose();
            let data = data.map_err(|error| Problem::new(format!("{}: {error}", id.name())))?;
            Ok(EndianReader::new(Rc::from(data.unwrap_or_default().as_ref()), endian))
        };
        let dwarf = gimli::Dwarf::load(load)?;
        let mut units = Vec::new();
        let mut headers = dwarf.units();
        while let Some(header) = headers.next()? {
            let Some(offset) = header.debug_info_offset() else { continue };
            units.push((offset.0, dwarf.unit(header)?));
        }
        let index = Index::new(&dwarf, &units)?;
        if !index.has_types() {
            return Err(Problem::no_dwarf(units.is_empty()));
        }
        Ok(Image {
            units,
            index,
            types: RefCell::default(),
            constants: constants(&file),
            build_id: build_id::find(&file).map(<[u8]>::to_vec),
            big_endian,
            word: if file.is_64() { 8 } else { 4 },
            arm: file.architecture() == Architecture::Arm,
            movable: file.kind() == ObjectKind::Dynamic,
            bias: 0,
            dwarf,
        })
    }

    /// Says where a running process has put the file's beginning, if that is left to it.
    pub fn set_start(&mut self, start: u64) {
        self.bias = if self.movable { start } else { 0 };
    }

    /// The linker's number for this build, if it was to give one.
    pub(crate) fn build_id(&self) -> Option<&[u8]> {
        self.build_id.as_deref()
    }

    /// Bytes of a pointer.
    pub(crate) fn word(&self) -> u64 {
        self.word
    }

    /// An unsigned number.
    pub(crate) fn number(&self, bytes: &[u8]) -> u64 {
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }

    /// Reads what never changes.
    pub(crate) fn constant(&self, address: u64, buffer: &mut [u8]) -> bool {
        let found = self.constants.iter().find_map(|constant| {
            let start = address.checked_sub(self.bias)?.checked_sub(constant.address)?;
            constant.bytes.get(start as usize..)?.get(..buffer.len())
        });
        found.map(|bytes| buffer.copy_from_slice(bytes)).is_some()
    }

    /// Whether a memory has what never changes in this program; what it has not got at all says nothing.
    ///
    /// # Errors
    /// If there is something else.
    pub(crate) fn check(&self, memory: &mut dyn Memory) -> Result<(), Problem> {
        for constant in &self.constants {
            let at = constant.bytes.len() / 2;
            let expected = &constant.bytes[at..constant.bytes.len().min(at + SAMPLE)];
            let mut found = vec![0; expected.len()];
            let address = constant.address.wrapping_add(self.bias).wrapping_add(at as u64);
            if memory.read(address, &mut found).is_ok() && found != expected {
                return Err(Problem::new(format!(
                    "at {address:#010x} the program that runs has something else than the ELF file\n help: is it another \
                     program, or has this one been built again since? Start it anew"
                )));
            }
        }
        Ok(())
    }

    /// All statics, with where they are.
    pub(crate) fn statics(&self) -> impl Iterator<Item = (&Static, u64)> {
        self.index.statics.iter().map(|found| (found, found.address.wrapping_add(self.bias)))
    }

    /// The static that an address is in.
    pub(crate) fn static_at(&self, address: u64) -> Option<(&Static, u64)> {
        self.statics()
            .filter(|&(_, start)| start <= address)
            .max_by_key(|&(_, start)| start)
            .filter(|&(found, start)| self.type_of(found.ty).is_ok_and(|ty| address - start < ty.size.max(1)))
    }

    /// The type that a vtable is of: of `dyn Trait` it is the only trace.
    pub(crate) fn type_of_vtable(&self, address: u64) -> Option<Rc<Type>> {
        let (vtable, _) = self.statics().find(|&(_, start)| start == address)?;
        let (path, _) = vtable.path.strip_prefix('<')?.split_once(" as ")?;
        let ids = self.index.by_path.get(types::base_of_path(path))?;
        ids.iter().filter_map(|&id| self.type_of(id).ok()).find(|ty| ty.path == path)
    }

    /// The types of the runtime with this path, which has no parameters.
    pub(crate) fn runtime_type(&self, path: &str) -> Result<Rc<Type>, Problem> {
        match self.index.by_path.get(path).and_then(|ids| ids.first()) {
            Some(&id) => self.type_of(id),
            None => Err(Problem::new(format!("the ELF file describes no `{path}`: is it another version of segno?"))),
        }
    }

    /// The type in the runtime with this path and these parameters.
    pub(crate) fn runtime_type_with(&self, path: &str, parameters: &str) -> Option<Rc<Type>> {
        let name = format!("{path}<{parameters}>");
        self.index.by_path.get(path)?.iter().filter_map(|&id| self.type_of(id).ok()).find(|ty| ty.path == name)
    }

    /// The type parameters of the function that a pointer points to.
    pub(crate) fn function_parameters(&self, pointer: u64) -> Result<Vec<(String, TypeId)>, Problem> {
        // Of a pointer to Thumb code, the lowest bit is set.
        let address = pointer.wrapping_sub(self.bias) & if self.arm { !1 } else { !0 };
        let Some(&entry) = self.index.functions.get(&address) else { return Ok(Vec::new()) };
        self.parameters_of(entry)
    }

    /// The coroutines that are made tasks, but that no code of their own resumes: another one's code is the same, and does.
    pub(crate) fn tasks_without_code(&self) -> Result<Vec<Rc<Type>>, Problem> {
        let mut resumed = HashSet::new();
        for &function in self.index.functions.values() {
            for (_, ty) in self.parameters_of(function)? {
                resumed.insert(self.type_of(ty)?.path.clone());
            }
        }
        let spawned: Vec<_> = self.index.spawned.iter().map(|&id| self.type_of(id)).collect::<Result<_, _>>()?;
        Ok(spawned.into_iter().filter(|ty| !resumed.contains(&ty.path)).collect())
    }

    /// The file in which a function is.
    pub(crate) fn file_of(&self, function: &str) -> Option<&str> {
        self.index.files.get(function).map(String::as_str)
    }

    /// Whether there is code with this path, inlined or not.
    pub(crate) fn has_code(&self, path: &str) -> bool {
        self.index.code.contains(path)
    }
}

fn constants(file: &object::File<'_>) -> Vec<Constant> {
    let read_only = |section: &object::Section<'_, '_>| match section.flags() {
        SectionFlags::Elf { sh_flags, .. } => !sh_flags.contains(SHF_WRITE) && section.address() != 0,
        _ => false,
    };
    file.sections()
        .filter(|section| read_only(section) && section.size() > 0)
        .filter_map(|section| Some(Constant { address: section.address(), bytes: section.data().ok()?.to_vec() }))
        .collect()
}
