//! The interpreter: the meaning of programs, at any width of vectors.

use super::root::Search;
use super::{Instruction, Operation, PLACES, Place, ROOT_ROWS, Tape};
use crate::function::{Visit1, Visit2, choose, finite, with_binary, with_unary};
use proband_math::vector::{Body, Vector};

/// The widest vector.
const WIDEST: usize = 8;

/// A tape and the memory it runs on.
pub(super) struct Frame<'a> {
    tape: &'a Tape,
    bases: [*mut f64; PLACES],
    strides: [usize; PLACES],
    count: usize,
}

impl<'a> Frame<'a> {
    /// Rows of `count` lanes in each kind of place.
    ///
    /// # Safety
    /// For every place of the tape's instructions, the `count` numbers from
    /// `bases[kind] + row * strides[kind]` on must be readable, and writable where the kind is
    /// register or output, while the frame lives; nobody else may write them.
    pub(super) unsafe fn new(
        tape: &'a Tape,
        bases: [*mut f64; PLACES],
        strides: [usize; PLACES],
        count: usize,
    ) -> Self {
        Self { tape, bases, strides, count }
    }

    #[inline(always)]
    fn row(&self, place: Place) -> Row {
        let kind = place.kind();
        // SAFETY: the place lies within its bank, as `new` demands.
        Row(unsafe { self.bases[kind].add(place.row() * self.strides[kind]) })
    }

    /// Calls `each` with the first lane of every chunk and how many lanes it has.
    #[inline(always)]
    fn chunks<V: Vector>(&self, mut each: impl FnMut(usize, usize)) {
        let mut at = 0;
        while at < self.count {
            each(at, V::LANES.min(self.count - at));
            at += V::LANES;
        }
    }

    #[inline(always)]
    fn map1<V: Vector>(&self, instruction: Instruction, function: impl Fn(V) -> V) {
        let (target, a) = (self.row(instruction.target), self.row(instruction.a));
        self.chunks::<V>(
            #[inline(always)]
            |at, lanes| {
                target.put(at, lanes, function(a.get(at, lanes)));
            },
        );
    }

    #[inline(always)]
    fn map2<V: Vector>(&self, instruction: Instruction, function: impl Fn(V, V) -> V) {
        let (a, b) = (self.row(instruction.a), self.row(instruction.b));
        let target = self.row(instruction.target);
        self.chunks::<V>(
            #[inline(always)]
            |at, lanes| {
                target.put(at, lanes, function(a.get(at, lanes), b.get(at, lanes)));
            },
        );
    }

    #[inline(always)]
    fn map3<V: Vector>(&self, instruction: Instruction, function: impl Fn(V, V, V) -> V) {
        let Instruction { a, b, c, .. } = instruction;
        let (a, b, c) = (self.row(a), self.row(b), self.row(c));
        let target = self.row(instruction.target);
        self.chunks::<V>(
            #[inline(always)]
            |at, lanes| {
                let value = function(a.get(at, lanes), b.get(at, lanes), c.get(at, lanes));
                target.put(at, lanes, value);
            },
        );
    }

    /// Does an instruction that goes from lane to lane: a look-up, or a part of the search for a
    /// root. Gives the instruction to go back to, where one of the lanes still searches.
    pub(super) fn lane_by_lane(&self, at: usize) -> Option<usize> {
        let instruction = self.tape.instructions[at];
        match instruction.operation {
            Operation::Table(table) => self.table(instruction, table),
            Operation::RootStart => self.root_start(instruction),
            Operation::RootStep(start) => {
                return self.root_step(instruction).then_some(start as usize);
            }
            Operation::RootEnd => self.root_end(instruction),
            _ => unreachable!("goes from vector to vector"),
        }
        None
    }

    fn table(&self, instruction: Instruction, table: u32) {
        let (target, a) = (self.row(instruction.target), self.row(instruction.a));
        let table = &self.tape.tables[table as usize];
        for lane in 0..self.count {
            target.write(lane, table.value(a.read(lane)));
        }
    }

    fn root_start(&self, instruction: Instruction) {
        let (from, to) = (self.row(instruction.a), self.row(instruction.b));
        for lane in 0..self.count {
            self.put_search(
                instruction.target,
                lane,
                Search::start(from.read(lane), to.read(lane)),
            );
        }
    }

    /// Whether any lane still searches.
    fn root_step(&self, instruction: Instruction) -> bool {
        let value = self.row(instruction.a);
        let mut open = false;
        for lane in 0..self.count {
            let mut search = self.search(instruction.target, lane);
            search.step(value.read(lane));
            self.put_search(instruction.target, lane, search);
            open |= search.open();
        }
        open
    }

    fn root_end(&self, instruction: Instruction) {
        let target = self.row(instruction.target);
        for lane in 0..self.count {
            target.write(lane, self.search(instruction.a, lane).result());
        }
    }

    fn search(&self, first: Place, lane: usize) -> Search {
        let rows: [usize; ROOT_ROWS] = std::array::from_fn(|row| row);
        Search::from_rows(rows.map(|row| self.row(first.offset(row)).read(lane)))
    }

    fn put_search(&self, first: Place, lane: usize, search: Search) {
        for (row, value) in search.to_rows().into_iter().enumerate() {
            self.row(first.offset(row)).write(lane, value);
        }
    }
}

impl Body for Frame<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let mut next = 0;
        while let Some(&instruction) = self.tape.instructions.get(next) {
            next += 1;
            match instruction.operation {
                Operation::Copy => self.map1::<V>(
                    instruction,
                    #[inline(always)]
                    |x| x,
                ),
                Operation::Unary(which) => {
                    with_unary::<V, _>(which, Rowwise(&self, instruction));
                }
                Operation::Binary(which) => {
                    with_binary::<V, _>(which, Rowwise(&self, instruction));
                }
                Operation::Fma => self.map3::<V>(instruction, V::fma),
                Operation::Select => self.map3::<V>(instruction, choose::<V>),
                Operation::Finite => self.map1::<V>(instruction, finite::<V>),
                Operation::Table(_)
                | Operation::RootStart
                | Operation::RootStep(_)
                | Operation::RootEnd => next = self.lane_by_lane(next - 1).unwrap_or(next),
            }
        }
    }
}

/// Runs a function over the rows of an instruction.
struct Rowwise<'a, 'b>(&'a Frame<'b>, Instruction);

impl<V: Vector> Visit1<V> for Rowwise<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn visit(self, function: impl Fn(V) -> V) {
        self.0.map1(self.1, function);
    }
}

impl<V: Vector> Visit2<V> for Rowwise<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn visit(self, function: impl Fn(V, V) -> V) {
        self.0.map2(self.1, function);
    }
}

/// The first number of a row of lanes.
#[derive(Clone, Copy)]
struct Row(*mut f64);

impl Row {
    /// The lanes from `at` on; lanes beyond the last are 1.
    #[inline(always)]
    fn get<V: Vector>(self, at: usize, lanes: usize) -> V {
        if lanes == V::LANES {
            // SAFETY: a row has `count` lanes, of which these are; the borrow ends here.
            return V::load(unsafe { std::slice::from_raw_parts(self.0.add(at), V::LANES) });
        }
        let mut padded = [1.0; WIDEST];
        for (lane, x) in padded.iter_mut().enumerate().take(lanes) {
            *x = self.read(at + lane);
        }
        V::load(&padded)
    }

    #[inline(always)]
    fn put<V: Vector>(self, at: usize, lanes: usize, value: V) {
        if lanes == V::LANES {
            // SAFETY: the target has `count` lanes, of which these are; the borrow ends here.
            value.store(unsafe { std::slice::from_raw_parts_mut(self.0.add(at), V::LANES) });
            return;
        }
        let mut padded = [0.0; WIDEST];
        value.store(&mut padded);
        for (lane, &x) in padded.iter().enumerate().take(lanes) {
            self.write(at + lane, x);
        }
    }

    #[inline(always)]
    fn read(self, lane: usize) -> f64 {
        // SAFETY: the lane is below the frame's count, up to which rows are readable.
        unsafe { *self.0.add(lane) }
    }

    #[inline(always)]
    fn write(self, lane: usize, value: f64) {
        // SAFETY: the lane is below the frame's count, up to which targets are writable.
        unsafe { *self.0.add(lane) = value }
    }
}
