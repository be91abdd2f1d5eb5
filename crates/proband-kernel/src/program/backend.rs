//! What runs programs.

use super::Tape;
use super::native::Native;
use proband_math::vector::Simd;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What runs programs. All give the same bits; one gives them sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    /// The interpreter, on every processor.
    Interpreter,
    /// Machine code for x86-64 with AVX2 and FMA.
    Avx2,
    /// Machine code for x86-64 with AVX-512 F and DQ.
    Avx512,
}

/// Sets of instructions that machine code is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum InstructionSet {
    /// Four lanes; a mask is a vector.
    Avx2,
    /// Eight lanes; masks have registers of their own.
    Avx512,
}

impl InstructionSet {
    /// Numbers in a vector.
    pub(super) const fn lanes(self) -> usize {
        match self {
            Self::Avx2 => 4,
            Self::Avx512 => 8,
        }
    }
}

/// Why a back end can't be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendRefusal {
    /// The processor lacks the instructions.
    #[error("this processor has no {0}")]
    Processor(&'static str),
    /// The system lets no program run what it has written to memory.
    #[error("this system runs no code made at run time: {0}")]
    System(String),
}

impl Backend {
    /// All back ends, the slowest first.
    pub const ALL: [Self; 3] = [Self::Interpreter, Self::Avx2, Self::Avx512];

    /// Those that can be used here, the slowest first.
    pub fn usable() -> impl DoubleEndedIterator<Item = Self> {
        Self::ALL.into_iter().filter(|backend| backend.check().is_ok())
    }

    /// The fastest that can be used here.
    #[must_use]
    pub fn detect() -> Self {
        Self::usable().next_back().unwrap_or(Self::Interpreter)
    }

    /// Whether it can be used here. The system is asked once.
    pub fn check(self) -> Result<(), BackendRefusal> {
        let (level, lacking) = match self {
            Self::Interpreter => return Ok(()),
            Self::Avx2 => (Simd::Avx2, "AVX2 and FMA"),
            Self::Avx512 => (Simd::Avx512, "AVX-512 F and DQ"),
        };
        if !level.available() {
            return Err(BackendRefusal::Processor(lacking));
        }
        static SYSTEM: OnceLock<Result<(), String>> = OnceLock::new();
        let system = SYSTEM.get_or_init(|| Native::probe().map_err(|error| error.to_string()));
        system.clone().map_err(BackendRefusal::System)
    }

    /// The name on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The instructions for so many lanes: half as wide where they would not fill a vector, none
    /// where they would not even fill half of one or the back end can't be used.
    fn instructions(self, lanes: usize) -> Option<InstructionSet> {
        let (wide, half) = (InstructionSet::Avx512, InstructionSet::Avx2);
        self.check().ok()?;
        match self {
            Self::Interpreter => None,
            Self::Avx512 if lanes >= wide.lanes() => Some(wide),
            Self::Avx2 | Self::Avx512 => (lanes >= half.lanes()).then_some(half),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The machine code of a program, made when it is first asked for, by instructions and
/// lanes.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    known: Mutex<BTreeMap<(InstructionSet, usize), Made>>,
}

/// Machine code, unless it could not be made.
type Made = Option<Arc<Native>>;

impl Compiled {
    /// The code of a tape, if the back end has any for so many lanes.
    pub(super) fn code(&self, tape: &Tape, lanes: usize, backend: Backend) -> Made {
        let set = backend.instructions(lanes)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let code = known.entry((set, lanes));
        code.or_insert_with(|| Native::new(tape, lanes, set).ok().map(Arc::new)).clone()
    }
}
