//! Values that the functions of several suites take apart, borrow or eat.

use crate::{T, log};

/// A structure with two values that log.
#[derive(Debug)]
pub struct Pair {
    pub a: T,
    pub b: T,
    pub n: u32,
}

impl Pair {
    /// By value.
    pub fn swapped(self) -> Pair {
        log("swapped");
        Pair { a: self.b, b: self.a, n: self.n }
    }
}

/// A structure in a structure.
#[derive(Debug)]
pub struct Nest {
    pub p: Pair,
    pub o: Option<T>,
    pub m: u32,
}

/// A guard that uses what it borrows when it is dropped.
#[derive(Debug)]
pub struct Watch<'a>(&'a T);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        log(format!("unwatch:{}", self.0.0));
    }
}

impl Watch<'_> {
    pub fn r(&self) -> u8 {
        self.0.r()
    }
}

pub fn watch(t: &T) -> Watch<'_> {
    Watch(t)
}

/// A guard that changes what it borrows when it is dropped.
#[derive(Debug)]
pub struct Lend<'a>(&'a mut T);

impl Drop for Lend<'_> {
    fn drop(&mut self) {
        self.0.rename("lent");
    }
}

impl core::ops::Deref for Lend<'_> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

pub fn lend(t: &mut T) -> Lend<'_> {
    Lend(t)
}

pub fn eat(t: T) -> u32 {
    log(format!("eat:{}", t.0));
    t.0.len() as u32
}

pub fn add(a: u32, b: u32) -> u32 {
    log("add");
    a.wrapping_add(b)
}
