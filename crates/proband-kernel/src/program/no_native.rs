//! No machine code is made for this processor.

use super::backend::InstructionSet;
use super::{Backend, PLACES, Tape};
use std::io;

/// Scratch that nothing needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line;

impl Line {
    pub(super) const ZERO: Self = Self;
}

/// Machine code, of which there is none.
#[derive(Debug)]
pub(super) enum Native {}

impl Native {
    pub(super) fn probe() -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn new(_: &Tape, _: usize, _: InstructionSet) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn scratch(&self) -> usize {
        match *self {}
    }

    pub(super) fn backend(&self) -> Backend {
        match *self {}
    }

    pub(super) fn code_bytes(&self) -> usize {
        match *self {}
    }

    /// Can't be called.
    ///
    /// # Safety
    /// There is no such code.
    pub(super) unsafe fn run(&self, _: &Tape, _: [*mut f64; PLACES], _: &mut [Line]) {
        match *self {}
    }
}
