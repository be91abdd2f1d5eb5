//! Programs as machine code for x86-64: AVX-512, or AVX2 with FMA.
//!
//! ```text
//! Tape -> pieces: blocks of primitive steps   (the functions of one value and of two are recorded
//!   |              |                            from the source that the interpreter runs)
//!   |     registers, instructions, executable memory
//!   |              |
//! look-ups and searches for roots, by the interpreter, between blocks
//! ```
//!
//! The code goes down the lanes two vectors at a time, or one, through the whole program for each.
//! Where the lanes are no multiple of the vector, the last vector overlaps the one before.

mod assembler;
mod block;
mod constants;
mod generator;
mod memory;
mod pieces;
mod tracing;
mod uses;

pub(super) use memory::Line;

use super::backend::InstructionSet;
use super::interpret::Frame;
use super::{Backend, Kind, PLACES, Tape};
use assembler::Assembler;
use block::Block;
use constants::Constants;
use generator::{Layout, generate};
use memory::Code;
use pieces::{How, Piece, pieces};
use std::io;

/// A program as machine code for rows of a number of lanes.
#[derive(Debug)]
pub(super) struct Native {
    layout: Layout,
    /// Where the function of each piece starts.
    pieces: Vec<Piece<usize>>,
    code: Code,
    constants: Vec<u64>,
    scratch: usize,
}

impl Native {
    /// Whether the system lets code run that was made at run time.
    pub(super) fn probe() -> io::Result<()> {
        const RETURN: u8 = 0xc3;
        Code::new(&[RETURN]).map(drop)
    }

    /// Compiles a tape for rows of at least as many lanes as a vector has.
    pub(super) fn new(tape: &Tape, lanes: usize, set: InstructionSet) -> io::Result<Self> {
        let mut blocks = pieces(tape);
        let mut constants = Constants::new(set);
        for piece in &blocks {
            if let How::Native(block) = &piece.how {
                constants.add(block);
            }
        }
        let registers =
            if blocks.len() > 1 { tape.extents[Kind::Register as usize] } else { 0 };
        let vectors = pair(&mut blocks, lanes, set);
        let layout = Layout { set, lanes, vectors, registers };
        let mut assembler = Assembler::new(set);
        let mut slots = 0;
        let mut compile = |piece: Piece<Block>| {
            let how = match piece.how {
                How::Native(block) => {
                    let (start, used) = generate(&block, layout, &constants, &mut assembler);
                    slots = slots.max(used);
                    How::Native(start)
                }
                How::Interpreted => How::Interpreted,
            };
            Piece { first: piece.first, how }
        };
        let pieces = blocks.into_iter().map(&mut compile).collect();
        let code = Code::new(&assembler.finish().map_err(io::Error::other)?)?;
        let scratch = ((registers + slots) * set.bytes()).div_ceil(Line::BYTES);
        Ok(Self { layout, pieces, code, constants: constants.into_numbers(), scratch })
    }

    /// How much scratch it runs in.
    pub(super) fn scratch(&self) -> usize {
        self.scratch
    }

    /// The back end whose code it is.
    pub(super) fn backend(&self) -> Backend {
        match self.layout.set {
            InstructionSet::Avx2 => Backend::Avx2,
            InstructionSet::Avx512 => Backend::Avx512,
        }
    }

    /// The bytes of its instructions.
    pub(super) fn code_bytes(&self) -> usize {
        self.code.len()
    }

    /// Runs the program.
    ///
    /// # Safety
    /// `tape` and the number of lanes are those that it was compiled for, and the processor has
    /// its instructions. Banks and strides are as [`Frame::new`] demands for all lanes, but for
    /// registers, and nobody else reads or writes them; strides are the lanes.
    pub(super) unsafe fn run(
        &self,
        tape: &Tape,
        bases: [*mut f64; PLACES],
        scratch: &mut [Line],
    ) {
        assert!(scratch.len() >= self.scratch, "scratch as compiled");
        let (lanes, width) = (self.layout.lanes, self.layout.set.lanes());
        let scratch = scratch.as_mut_ptr();
        if let [Piece { how: How::Native(start), .. }] = self.pieces[..] {
            // SAFETY: as promised; vectors that are computed at once start at lanes from the first to
            // the last that has as many from it on.
            unsafe {
                self.call(start, &bases, scratch, (0, lanes - self.layout.vectors * width));
            };
            return;
        }
        let mut first = 0;
        while first < lanes {
            // SAFETY: as promised; from this lane on there are as many as a vector has.
            unsafe { self.run_vector(tape, bases, scratch, first.min(lanes - width)) };
            first += width;
        }
    }

    /// Runs all pieces for the lanes of one vector.
    ///
    /// # Safety
    /// As for [`run`](Self::run), in as much scratch as it takes, with a vector of lanes from the
    /// `first` on.
    unsafe fn run_vector(
        &self,
        tape: &Tape,
        bases: [*mut f64; PLACES],
        scratch: *mut Line,
        first: usize,
    ) {
        let (lanes, width) = (self.layout.lanes, self.layout.set.lanes());
        let [_, constants, ..] = bases;
        // An empty bank may point anywhere.
        let mut from = bases.map(|base| base.wrapping_add(first));
        let mut strides = [lanes; PLACES];
        (from[Kind::Register as usize], strides[Kind::Register as usize]) =
            (scratch.cast(), width);
        from[Kind::Constant as usize] = constants;
        // SAFETY: the rows of registers are in scratch, a vector each; the others as promised.
        let frame = unsafe { Frame::new(tape, from, strides, width) };
        let mut next = 0;
        while let Some(piece) = self.pieces.get(next) {
            next += 1;
            match piece.how {
                // SAFETY: as promised.
                How::Native(start) => unsafe {
                    self.call(start, &bases, scratch, (first, first));
                },
                How::Interpreted => {
                    if let Some(back) = frame.lane_by_lane(piece.first) {
                        next = self.pieces.partition_point(|piece| piece.first < back);
                    }
                }
            }
        }
    }

    /// Calls the function of a piece, with vectors from the first to the last of `lanes` on.
    ///
    /// # Safety
    /// As for [`run`](Self::run), in as much scratch as it takes.
    unsafe fn call(
        &self,
        start: usize,
        [_, _, banks @ ..]: &[*mut f64; PLACES],
        scratch: *mut Line,
        lanes: (usize, usize),
    ) {
        // SAFETY: the code was generated for these banks, constants and scratch.
        unsafe { self.code.call(start, banks, &self.constants, scratch, lanes) };
    }
}

/// Steps of one vector before the next has its turn, where several are computed at once: few enough
/// for the processor to see both, and enough for each to find its values in registers.
const TURN: usize = 24;

/// Has two vectors computed at once, if the program is one piece and lanes go evenly into them; gives
/// how many are.
fn pair(pieces: &mut [Piece<Block>], lanes: usize, set: InstructionSet) -> usize {
    match pieces {
        [Piece { how: How::Native(block), .. }] if lanes.is_multiple_of(2 * set.lanes()) => {
            *block = block.abreast(2, TURN);
            2
        }
        _ => 1,
    }
}
