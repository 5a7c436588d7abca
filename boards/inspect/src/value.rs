//! A place in a program's memory, with its type.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::image::{Image, Shape, Type, TypeId};
use crate::{Memory, Problem};

/// A program: what its ELF file says, and its memory.
pub(crate) struct Program<'a> {
    pub(crate) image: &'a Image,
    /// Bytes that are read at a time.
    block: u64,
    memory: RefCell<&'a mut dyn Memory>,
    /// What has been read, so that a slow line is asked once.
    blocks: RefCell<HashMap<u64, Option<Vec<u8>>>>,
}

/// A place with a type.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) ty: Rc<Type>,
    pub(crate) address: u64,
}

impl<'a> Program<'a> {
    pub(crate) fn new(image: &'a Image, memory: &'a mut dyn Memory) -> Program<'a> {
        Program { image, block: memory.block(), memory: RefCell::new(memory), blocks: RefCell::default() }
    }

    /// The bytes at an address. What the memory does not have may be in the ELF file, if it never changes.
    pub(crate) fn bytes(&self, address: u64, count: u64) -> Result<Vec<u8>, Problem> {
        if address.checked_add(count.max(self.block)).is_none() {
            return Err(Problem::new(format!("{address:#x} is no address: was the memory read while it changed?")));
        }
        let mut bytes = vec![0; count as usize];
        let block = address - address % self.block;
        if address + count <= block + self.block && self.take_block(block, address - block, &mut bytes) {
            return Ok(bytes);
        }
        match self.memory.borrow_mut().read(address, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(_) if self.image.constant(address, &mut bytes) => Ok(bytes),
            Err(problem) => Err(problem),
        }
    }

    fn take_block(&self, block: u64, at: u64, bytes: &mut [u8]) -> bool {
        let mut blocks = self.blocks.borrow_mut();
        let known = blocks.entry(block).or_insert_with(|| {
            let mut bytes = vec![0; self.block as usize];
            self.memory.borrow_mut().read(block, &mut bytes).ok().map(|()| bytes)
        });
        let Some(known) = known else { return false };
        bytes.copy_from_slice(&known[at as usize..at as usize + bytes.len()]);
        true
    }

    pub(crate) fn number_at(&self, address: u64, size: u64) -> Result<u64, Problem> {
        Ok(self.image.number(&self.bytes(address, size)?))
    }

    pub(crate) fn value(&self, ty: TypeId, address: u64) -> Result<Value, Problem> {
        Ok(Value { ty: self.image.type_of(ty)?, address })
    }

    /// Without what is only a wrapper: what has one part that is not empty.
    pub(crate) fn unwrapped(&self, value: &Value) -> Result<Value, Problem> {
        let mut value = value.clone();
        while let Shape::Struct { members, variants: None } = &value.ty.shape {
            let mut parts = Vec::new();
            for member in members {
                if self.image.type_of(member.ty)?.size > 0 {
                    parts.push(member);
                }
            }
            let [only] = parts[..] else { break };
            value = self.value(only.ty, value.address.wrapping_add(only.offset))?;
        }
        Ok(value)
    }

    /// A member, also of what is wrapped.
    pub(crate) fn field(&self, value: &Value, name: &str) -> Result<Value, Problem> {
        let mut value = value.clone();
        while let Shape::Struct { members, variants: None } = &value.ty.shape {
            if let Some(member) = members.iter().find(|member| member.name == name) {
                return self.value(member.ty, value.address.wrapping_add(member.offset));
            }
            let mut parts = Vec::new();
            for member in members {
                if self.image.type_of(member.ty)?.size > 0 {
                    parts.push(member);
                }
            }
            let [only] = parts[..] else { break };
            value = self.value(only.ty, value.address.wrapping_add(only.offset))?;
        }
        Err(Problem::new(format!("`{}` has no `{name}`: is it another version of segno?", value.ty.base)))
    }

    /// A member of a member of …
    pub(crate) fn path(&self, value: &Value, names: &[&str]) -> Result<Value, Problem> {
        names.iter().try_fold(value.clone(), |value, name| self.field(&value, name))
    }

    /// An unsigned number, also a wrapped one, or a pointer.
    pub(crate) fn number(&self, value: &Value) -> Result<u64, Problem> {
        let value = self.unwrapped(value)?;
        match value.ty.size {
            size @ 1..=8 => self.number_at(value.address, size),
            _ => Err(Problem::new(format!("`{}` is no number", value.ty.path))),
        }
    }

    pub(crate) fn number_of(&self, value: &Value, names: &[&str]) -> Result<u64, Problem> {
        self.number(&self.path(value, names)?)
    }

    /// What a pointer or a reference points to; `None` if it is null or its target has no type.
    pub(crate) fn target(&self, value: &Value) -> Result<Option<Value>, Problem> {
        let value = self.unwrapped(value)?;
        let Shape::Pointer(Some(target)) = value.ty.shape else { return Ok(None) };
        match self.number_at(value.address, value.ty.size)? {
            0 => Ok(None),
            address => Ok(Some(self.value(target, address)?)),
        }
    }

    /// The active variant of an `enum`, with its fields.
    pub(crate) fn variant(&self, value: &Value) -> Result<Option<(String, Value)>, Problem> {
        let Shape::Struct { variants: Some(variants), .. } = &value.ty.shape else { return Ok(None) };
        let found = match &variants.discriminant {
            None => variants.list.first(),
            Some(member) => {
                let size = self.image.type_of(member.ty)?.size;
                let tag = self.number_at(value.address.wrapping_add(member.offset), size.min(8))?;
                let mask = if size < 8 { (1 << (8 * size)) - 1 } else { !0 };
                let is = |known: &Option<u64>| known.is_some_and(|known| known & mask == tag);
                let named = variants.list.iter().find(|(known, _)| is(known));
                named.or_else(|| variants.list.iter().find(|(known, _)| known.is_none()))
            }
        };
        let Some((_, member)) = found else {
            return Err(Problem::new(format!(
                "`{}` has a value that it cannot have: was it moved meanwhile?",
                value.ty.base
            )));
        };
        Ok(Some((member.name.clone(), self.value(member.ty, value.address.wrapping_add(member.offset))?)))
    }

    /// The name of the value of an `enum` without fields.
    pub(crate) fn enumerator(&self, value: &Value) -> Result<String, Problem> {
        let Shape::Enum(names) = &value.ty.shape else { return Ok(String::new()) };
        let number = self.number_at(value.address, value.ty.size)?;
        let found = names.iter().find(|(known, _)| *known == number).map(|(_, name)| name.clone());
        found.ok_or_else(|| Problem::new(format!("`{}` has the value {number}, which it cannot have", value.ty.base)))
    }
}
