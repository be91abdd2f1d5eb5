//! Memory that holds machine code, and the calls into it: all that the compiler cannot check.

use memmap2::{Mmap, MmapMut};
use std::io;

/// Machine code of several functions. The memory is writable while it is filled, executable
/// afterwards, never both.
#[derive(Debug)]
pub(super) struct Code {
    bytes: Mmap,
}

/// What a function gets: the first bytes of the banks, constants, scratch, and the bytes before
/// the first lane and before the last lane at which a vector starts.
type Function = unsafe extern "sysv64" fn(*const *mut f64, *const u64, *mut Line, usize, usize);

/// Scratch, in pieces that no vector straddles.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(in crate::program) struct Line {
    _numbers: [f64; 8],
}

impl Line {
    pub(in crate::program) const ZERO: Self = Self { _numbers: [0.0; 8] };
    pub(super) const BYTES: usize = size_of::<Self>();
}

impl Code {
    /// Puts code where it can run; the system may refuse.
    pub(super) fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut memory = MmapMut::map_anon(bytes.len())?;
        memory.copy_from_slice(bytes);
        Ok(Self { bytes: memory.make_exec()? })
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Calls the function at a position.
    ///
    /// # Safety
    /// A function that keeps to [`Function`] starts there, made of instructions that this
    /// processor has. It finds all that it reads and may write all that it writes.
    pub(super) unsafe fn call(
        &self,
        position: usize,
        banks: &[*mut f64; 5],
        constants: &[u64],
        scratch: *mut Line,
        lanes: (usize, usize),
    ) {
        let start = self.bytes[position..].as_ptr();
        // SAFETY: a function of this kind starts there, as the caller promises, in memory that is
        // executable while `self` lives.
        let function: Function = unsafe { std::mem::transmute(start) };
        let (first, last) = (8 * lanes.0, 8 * lanes.1);
        // SAFETY: the caller promises what is read and written.
        unsafe {
            function(banks.as_ptr(), constants.as_ptr(), scratch, first, last);
        }
    }
}
