//! A tape as pieces: runs of instructions that become machine code, and between them those that
//! the interpreter does, look-ups in tables and searches for roots.
//!
//! Values pass from piece to piece in rows of registers, as they do between instructions in the
//! interpreter; within machine code they need no row.

use super::block::Block;
use super::tracing::{Traced, load, store, trace};
use crate::function::{Visit1, Visit2, choose, finite, with_binary, with_unary};
use crate::program::{Instruction, Kind, Operation, Place, Tape};
use proband_math::vector::Vector;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A part of a tape.
#[derive(Debug)]
pub(super) struct Piece<C> {
    /// Its first instruction.
    pub(super) first: usize,
    pub(super) how: How<C>,
}

/// How a piece is run.
#[derive(Debug)]
pub(super) enum How<C> {
    /// As code.
    Native(C),
    /// By the interpreter, which is one instruction long.
    Interpreted,
}

/// The pieces of a tape in order.
pub(super) fn pieces(tape: &Tape) -> Vec<Piece<Block>> {
    let instructions = &tape.instructions;
    let ranges = ranges(instructions);
    let read = read_from_memory(instructions, &ranges);
    let piece = |range: Range<usize>| {
        let first = range.start;
        let how = if is_interpreted(instructions[first].operation) {
            How::Interpreted
        } else {
            How::Native(block(tape, &instructions[range], &read))
        };
        Piece { first, how }
    };
    ranges.into_iter().map(piece).collect()
}

fn is_interpreted(operation: Operation) -> bool {
    match operation {
        Operation::Table(_) => true,
        Operation::RootStart | Operation::RootStep(_) | Operation::RootEnd => true,
        Operation::Copy | Operation::Unary(_) | Operation::Binary(_) => false,
        Operation::Fma | Operation::Select | Operation::Finite => false,
    }
}

/// The longest runs of instructions that become code, and each other instruction alone. A loop
/// starts after an instruction that is interpreted, hence at the start of a piece.
fn ranges(instructions: &[Instruction]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, instruction) in instructions.iter().enumerate() {
        let native = !is_interpreted(instruction.operation);
        match ranges.last_mut() {
            Some(last) if open && native => last.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
        open = native;
    }
    ranges
}

/// The registers that some piece takes from their rows: what the others leave there must stand
/// there.
fn read_from_memory(instructions: &[Instruction], ranges: &[Range<usize>]) -> BTreeSet<Place> {
    let mut read = BTreeSet::new();
    for range in ranges {
        let mut given = BTreeSet::new();
        for instruction in &instructions[range.clone()] {
            let sources = [instruction.a, instruction.b, instruction.c];
            read.extend(sources.into_iter().filter(|source| !given.contains(source)));
            given.insert(instruction.target);
        }
    }
    read.retain(|place| place.kind() == Kind::Register as usize);
    read
}

/// Records a run of instructions.
fn block(tape: &Tape, instructions: &[Instruction], read: &BTreeSet<Place>) -> Block {
    trace(|| {
        let mut values = Values { tape, now: BTreeMap::new() };
        let mut left = BTreeMap::new();
        for instruction in instructions {
            let (target, value) = (instruction.target, values.value(*instruction));
            values.now.insert(target, value);
            if target.kind() == Kind::Output as usize {
                store(target, value);
            } else if read.contains(&target) {
                left.insert(target, value);
            }
        }
        // At the end, when nothing is loaded any more from a row that is written here.
        for (place, value) in left {
            store(place, value);
        }
    })
}

/// What places hold within a block.
struct Values<'a> {
    tape: &'a Tape,
    now: BTreeMap<Place, Traced>,
}

impl Values<'_> {
    fn at(&mut self, place: Place) -> Traced {
        let constants = &self.tape.constants;
        *self.now.entry(place).or_insert_with(|| {
            if place.kind() == Kind::Constant as usize {
                Traced::splat(constants[place.row()])
            } else {
                load(place)
            }
        })
    }

    fn value(&mut self, instruction: Instruction) -> Traced {
        let Instruction { operation, a, b, c, .. } = instruction;
        let a = self.at(a);
        match operation {
            Operation::Copy => a,
            Operation::Unary(which) => with_unary(which, Of1(a)),
            Operation::Binary(which) => with_binary(which, Of2(a, self.at(b))),
            Operation::Fma => a.fma(self.at(b), self.at(c)),
            Operation::Select => choose(a, self.at(b), self.at(c)),
            Operation::Finite => finite(a),
            Operation::Table(_)
            | Operation::RootStart
            | Operation::RootStep(_)
            | Operation::RootEnd => unreachable!("is interpreted"),
        }
    }
}

struct Of1(Traced);

impl Visit1<Traced> for Of1 {
    type Output = Traced;
    fn visit(self, function: impl Fn(Traced) -> Traced) -> Traced {
        function(self.0)
    }
}

struct Of2(Traced, Traced);

impl Visit2<Traced> for Of2 {
    type Output = Traced;
    fn visit(self, function: impl Fn(Traced, Traced) -> Traced) -> Traced {
        function(self.0, self.1)
    }
}
