//! Straight-line programs over lanes, and what runs them.
//!
//! A [`Program`] is what a back end starts from: instructions on rows of lanes, with registers
//! used again as soon as their value is no longer needed. A [`Kernel`] is a program that is ready
//! to run on a [`Backend`]: the interpreter, which defines what a program means, or machine code,
//! which is made from the same instructions and must give the same bits.

mod backend;
mod compile;
mod interpret;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod native;
#[cfg(not(target_arch = "x86_64"))]
#[path = "no_native.rs"]
mod native;
mod root;

pub use backend::{Backend, BackendRefusal};
pub(crate) use compile::compile;
pub use kernel::{Kernel, Rows};

use crate::Table;
use backend::Compiled;
use proband_lang::{Binary, Unary};
use std::sync::Arc;

/// Instructions that turn rows of inputs into rows of outputs, lane by lane. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Program {
    tape: Arc<Tape>,
    compiled: Arc<Compiled>,
}

/// The instructions of a program.
#[derive(Debug)]
pub(crate) struct Tape {
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) constants: Vec<f64>,
    pub(crate) tables: Vec<Table>,
    /// How many rows of registers, twin, signals, time, states and outputs are touched.
    pub(crate) extents: [usize; PLACES],
}

/// One operation on rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Instruction {
    pub(crate) operation: Operation,
    pub(crate) target: Place,
    pub(crate) a: Place,
    pub(crate) b: Place,
    pub(crate) c: Place,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operation {
    /// target = a.
    Copy,
    /// target = f(a).
    Unary(Unary),
    /// target = f(a, b).
    Binary(Binary),
    /// target = a * b + c, rounded once.
    Fma,
    /// target = if a then b else c.
    Select,
    /// target = a where it is finite, else 0.
    Finite,
    /// target = table(a).
    Table(u32),
    /// Begins the search between a and b; the target is the first of [`ROOT_ROWS`] registers.
    RootStart,
    /// Takes in a, the body at the unknown; goes back to this instruction while any lane still
    /// searches.
    RootStep(u32),
    /// target = what the search, whose first register is a, has found.
    RootEnd,
}

impl Operation {
    fn weight(self) -> usize {
        match self {
            Self::Unary(Unary::Neg | Unary::Not | Unary::Abs | Unary::Sqrt | Unary::Floor) => 1,
            Self::Unary(Unary::Sign | Unary::Round) => 5,
            Self::Unary(_) => 50,
            Self::Binary(Binary::Pow) => 200,
            Self::Binary(Binary::Mod) => 10,
            Self::Table(_) | Self::RootStart | Self::RootStep(_) | Self::RootEnd => 50,
            Self::Copy | Self::Binary(_) | Self::Fma | Self::Select | Self::Finite => 1,
        }
    }
}

/// A row: a kind of place and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(u32);

/// Kinds of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Register,
    Constant,
    Twin,
    Signal,
    Time,
    State,
    Output,
}

/// How many kinds of places there are.
pub(crate) const PLACES: usize = 7;

/// Registers that the search for a root takes.
pub(crate) const ROOT_ROWS: usize = 6;

/// Which of them holds the unknown.
pub(crate) const ROOT_UNKNOWN: usize = 4;

impl Place {
    const SHIFT: u32 = 29;

    pub(crate) fn new(kind: Kind, row: usize) -> Self {
        let row = u32::try_from(row).ok().filter(|row| row >> Self::SHIFT == 0);
        Self((kind as u32) << Self::SHIFT | row.expect("fewer than 2^29 rows"))
    }

    pub(crate) fn kind(self) -> usize {
        (self.0 >> Self::SHIFT) as usize
    }

    pub(crate) fn row(self) -> usize {
        (self.0 & ((1 << Self::SHIFT) - 1)) as usize
    }

    pub(crate) fn offset(self, rows: usize) -> Self {
        Self(self.0 + u32::try_from(rows).expect("few rows"))
    }
}

impl Program {
    /// How many rows of outputs it writes.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.tape.extents[Kind::Output as usize]
    }

    /// How many instructions it has: its cost per lane, counted and never timed. The loop of a
    /// root counts once.
    #[must_use]
    pub fn instructions(&self) -> usize {
        self.tape.instructions.len()
    }

    /// How many primitive instructions it has, about: functions such as the exponential count as the
    /// many that they are made of. This is how large its machine code is.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.tape.instructions.iter().map(|instruction| instruction.operation.weight()).sum()
    }

    /// How many rows of registers it uses.
    #[must_use]
    pub fn registers(&self) -> usize {
        self.tape.extents[Kind::Register as usize]
    }

    /// The program made ready to run on so many lanes at once, at least one, by the fastest back
    /// end that can be used here.
    #[must_use]
    pub fn kernel(&self, lanes: usize) -> Kernel {
        self.kernel_on(lanes, Backend::detect())
    }

    /// The same on a back end; on the interpreter where that one can't be used, or has no code for
    /// so few lanes. Machine code is made once for all clones of a program.
    #[must_use]
    pub fn kernel_on(&self, lanes: usize, backend: Backend) -> Kernel {
        Kernel::new(self.clone(), lanes, backend)
    }
}
