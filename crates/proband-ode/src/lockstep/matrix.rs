//! The exponentials of the lanes' matrices, as many lanes side by side as a vector holds.
//!
//! N. J. Higham, The scaling and squaring method for the matrix exponential revisited, SIAM J. Matrix
//! Anal. Appl. 26 (2005) 1179-1193, with the series in place of a quotient: its products are with the
//! sparse matrix itself, and nothing is solved for.

use super::small::{self, TERMS, most};
use crate::rows::{LINE, Rows};
use proband_math::functions::exp2;
use proband_math::vector::Vector;

/// Beyond so many squarings a lane is given up.
const MOST_SQUARINGS: f64 = 40.0;

/// An entry of the matrix, and where its value is from.
#[derive(Clone, Copy, Debug)]
struct Entry {
    row: usize,
    column: usize,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    /// A row of the Jacobian's entries.
    Jacobian(usize),
    /// A row of the rates where all states are zero.
    Constant(usize),
    /// What flows in as fast as the state that feeds says.
    One,
}

/// Makes the matrices that take states, and what feeds them, over lengths of time. They are square,
/// row by row, a vector for each place; the last rows, of what feeds, are those of the identity.
#[derive(Clone, Debug)]
pub(super) struct Exponential {
    states: usize,
    columns: usize,
    has_constants: bool,
    /// By row.
    entries: Vec<Entry>,
    /// Where the entries of each row begin, and where the last one's end.
    starts: Vec<usize>,
    lengths: Vec<f64>,
    /// The entries' values, as given and scaled.
    given: Rows,
    scaled: Rows,
    /// A power, or sum of terms, and the next.
    known: Rows,
    next: Rows,
}

impl Exponential {
    /// For a matrix of this pattern, constants in these rows, and inflows into these.
    pub(super) fn new(
        states: usize,
        pattern: &[(usize, usize)],
        constants: &[usize],
        fed: &[usize],
        lengths: Vec<f64>,
    ) -> Self {
        let entry = |row, column, source| Entry { row, column, source };
        let jacobian = pattern.iter().enumerate();
        let jacobian =
            jacobian.map(|(at, &(row, column))| entry(row, column, Source::Jacobian(at)));
        let flows =
            fed.iter().enumerate().map(|(at, &row)| entry(row, states + at, Source::One));
        let last = states + fed.len();
        let constant = constants.iter().map(|&row| entry(row, last, Source::Constant(row)));
        let mut entries: Vec<Entry> = jacobian.chain(flows).chain(constant).collect();
        entries.sort_by_key(|entry| (entry.row, entry.column));
        let starts = (0..=states).map(|row| entries.partition_point(|entry| entry.row < row));
        let mut exponential = Self {
            states,
            columns: last + usize::from(!constants.is_empty()),
            has_constants: !constants.is_empty(),
            starts: starts.collect(),
            entries,
            lengths,
            given: Rows::default(),
            scaled: Rows::default(),
            known: Rows::default(),
            next: Rows::default(),
        };
        exponential.given.reset(exponential.entries.len() * LINE);
        exponential.scaled.reset(exponential.entries.len() * LINE);
        let size = exponential.columns * exponential.columns * LINE;
        exponential.known.reset(size);
        exponential.next.reset(size);
        exponential
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Whether a state that is always one stands for constants.
    pub(super) fn has_constants(&self) -> bool {
        self.has_constants
    }

    /// How many numbers the matrices of a lane are.
    pub(super) fn size(&self) -> usize {
        self.lengths.len() * self.columns * self.columns
    }

    /// Makes the matrices of the lanes from `lane` on, of rows of the Jacobian's entries and of
    /// constants.
    #[inline(always)]
    pub(super) fn fill<V: Vector>(
        &mut self,
        lanes: usize,
        lane: usize,
        [jacobian, constants]: [&[f64]; 2],
        matrices: &mut [f64],
    ) {
        for (at, entry) in self.entries.iter().enumerate() {
            let given = match entry.source {
                Source::Jacobian(row) => V::load(&jacobian[row * lanes + lane..]),
                Source::Constant(row) => V::load(&constants[row * lanes + lane..]),
                Source::One => V::splat(1.0),
            };
            put(&mut self.given, at, given);
        }
        let size = self.columns * self.columns * V::LANES;
        for at in 0..self.lengths.len() {
            let matrix = &mut matrices[at * size..(at + 1) * size];
            let scaling = self.scaling::<V>(self.lengths[at]);
            match self.columns {
                1 => self.small::<V, 1>(scaling, matrix),
                2 => self.small::<V, 2>(scaling, matrix),
                3 => self.small::<V, 3>(scaling, matrix),
                4 => self.small::<V, 4>(scaling, matrix),
                _ => self.large::<V>(scaling, matrix),
            }
        }
    }

    /// What makes the states' matrix at most one, in the lesser of the norms of rows and columns: a
    /// length over a power of two, and that power. The former is no number where the latter would be
    /// too large.
    #[inline(always)]
    fn scaling<V: Vector>(&mut self, length: f64) -> (V, V) {
        let zero = V::splat(0.0);
        self.next[..(self.states + 1) * V::LANES].fill(0.0);
        let (mut rows, mut row, mut sum) = (zero, 0, zero);
        for (at, entry) in self.entries.iter().enumerate() {
            if entry.column >= self.states {
                continue;
            }
            if entry.row != row {
                (rows, row, sum) = (larger(rows, sum), entry.row, zero);
            }
            let magnitude = get::<V>(&self.given, at).abs();
            sum = sum + magnitude;
            let column = magnitude + get(&self.next, entry.column);
            put(&mut self.next, entry.column, column);
        }
        rows = larger(rows, sum);
        let mut columns = zero;
        for column in 0..self.states {
            columns = larger(columns, get(&self.next, column));
        }
        // The exponent of a number from 2^(k - 1) on, below 2^k, is 1022 + k, of no number the largest.
        let size = V::splat(length) * rows.lesser(columns);
        let squarings = (size.top12() - V::splat(1022.0)).greater(zero);
        let known = squarings.le(V::splat(MOST_SQUARINGS));
        let scale = V::splat(length) * exp2(-squarings);
        (V::select(known, scale, V::splat(f64::NAN)), V::select(known, squarings, zero))
    }

    /// The exponential where it fits the registers.
    #[inline(always)]
    fn small<V: Vector, const N: usize>(&self, (scale, squarings): (V, V), matrix: &mut [f64]) {
        let mut a = [[V::splat(0.0); N]; N];
        for (at, entry) in self.entries.iter().enumerate() {
            a[entry.row][entry.column] = scale * get::<V>(&self.given, at);
        }
        for (at, &value) in small::exponential(&a, squarings).as_flattened().iter().enumerate()
        {
            put(matrix, at, value);
        }
    }

    /// The exponential by way of memory.
    #[inline(always)]
    fn large<V: Vector>(&mut self, (scale, squarings): (V, V), matrix: &mut [f64]) {
        for at in 0..self.entries.len() {
            put(&mut self.scaled, at, scale * get::<V>(&self.given, at));
        }
        for row in 0..self.columns {
            for column in 0..self.columns {
                let (place, one) =
                    (row * self.columns + column, f64::from(u8::from(row == column)));
                put(&mut self.known, place, V::splat(one));
                put(&mut self.next, place, V::splat(one));
            }
        }
        for term in (1..=TERMS).rev() {
            self.add_term::<V>(1.0 / term as f64);
            std::mem::swap(&mut self.known, &mut self.next);
        }
        for done in 0..most(squarings) {
            self.square::<V>(V::splat(done as f64).lt(squarings));
            std::mem::swap(&mut self.known, &mut self.next);
        }
        for place in 0..self.columns * self.columns {
            put(matrix, place, get::<V>(&self.known, place));
        }
    }

    /// Of a sum of terms `x`, writes `1 + factor A x`.
    #[inline(always)]
    fn add_term<V: Vector>(&mut self, factor: f64) {
        let Self { states, columns, ref entries, ref starts, .. } = *self;
        let (scaled, known, next) = (&*self.scaled, &*self.known, &mut *self.next);
        for row in 0..states {
            let range = starts[row]..starts[row + 1];
            let entries = &entries[range.clone()];
            let values = &scaled[range.start * V::LANES..range.end * V::LANES];
            let mut column = 0;
            while column < columns {
                let next = &mut next[(row * columns + column) * V::LANES..];
                let place = Place { row, column, columns };
                column += match columns - column {
                    9.. => term::<V, 9>(factor, place, entries, [values, known], next),
                    6.. => term::<V, 6>(factor, place, entries, [values, known], next),
                    3.. => term::<V, 3>(factor, place, entries, [values, known], next),
                    _ => term::<V, 1>(factor, place, entries, [values, known], next),
                };
            }
        }
    }

    /// Writes the squares of the matrices of some lanes.
    #[inline(always)]
    fn square<V: Vector>(&mut self, wanted: V::Mask) {
        let Self { states, columns, .. } = *self;
        let (known, next) = (&*self.known, &mut *self.next);
        let mut row = 0;
        while row < states {
            let two = row + 1 < states;
            let mut column = 0;
            while column < columns {
                let place = Place { row, column, columns };
                column += match (two, columns - column) {
                    (true, 6..) => block::<V, 2, 6>(wanted, place, known, next),
                    (true, 3..) => block::<V, 2, 3>(wanted, place, known, next),
                    (true, _) => block::<V, 2, 1>(wanted, place, known, next),
                    (false, 6..) => block::<V, 1, 6>(wanted, place, known, next),
                    (false, _) => block::<V, 1, 1>(wanted, place, known, next),
                };
            }
            row += 1 + usize::from(two);
        }
    }
}

/// A place in a matrix of so many columns.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    column: usize,
    columns: usize,
}

/// Writes so many columns of a row of `1 + factor A x`, of the row's entries and their values, and `x`.
#[inline(always)]
fn term<V: Vector, const WIDTH: usize>(
    factor: f64,
    place: Place,
    entries: &[Entry],
    [values, known]: [&[f64]; 2],
    next: &mut [f64],
) -> usize {
    let mut sums = [V::splat(0.0); WIDTH];
    for (at, entry) in entries.iter().enumerate() {
        let known = row_from::<V, WIDTH>(known, entry.column * place.columns + place.column);
        add_product(&mut sums, get::<V>(values, at), known);
    }
    let next = &mut next[..WIDTH * V::LANES];
    for (at, &sum) in sums.iter().enumerate() {
        let one = if place.row == place.column + at { 1.0 } else { 0.0 };
        put(next, at, sum.fma(V::splat(factor), V::splat(one)));
    }
    WIDTH
}

/// Writes a block of a square that fits the registers.
#[inline(always)]
fn block<V: Vector, const HEIGHT: usize, const WIDTH: usize>(
    wanted: V::Mask,
    Place { row, column, columns }: Place,
    known: &[f64],
    next: &mut [f64],
) -> usize {
    let mut sums = [[V::splat(0.0); WIDTH]; HEIGHT];
    for inner in 0..columns {
        let right = row_from::<V, WIDTH>(known, inner * columns + column);
        for (at, sums) in sums.iter_mut().enumerate() {
            add_product(sums, get::<V>(known, (row + at) * columns + inner), right);
        }
    }
    for (at, sums) in sums.iter().enumerate() {
        let here = (row + at) * columns + column;
        for (at, &sum) in sums.iter().enumerate() {
            put(next, here + at, V::select(wanted, sum, get(known, here + at)));
        }
    }
    WIDTH
}

/// The larger, or what is no number.
#[inline(always)]
fn larger<V: Vector>(known: V, new: V) -> V {
    V::select(new.le(known), known, new)
}

/// A vector by its place.
#[inline(always)]
pub(super) fn get<V: Vector>(from: &[f64], place: usize) -> V {
    V::load(&from[place * V::LANES..(place + 1) * V::LANES])
}

#[inline(always)]
pub(super) fn put<V: Vector>(to: &mut [f64], place: usize, value: V) {
    value.store(&mut to[place * V::LANES..(place + 1) * V::LANES]);
}

/// So many vectors from a place on.
#[inline(always)]
fn row_from<V: Vector, const WIDTH: usize>(from: &[f64], place: usize) -> &[f64] {
    &from[place * V::LANES..(place + WIDTH) * V::LANES]
}

/// Adds the products of a number and a row.
#[inline(always)]
fn add_product<V: Vector, const WIDTH: usize>(sums: &mut [V; WIDTH], left: V, row: &[f64]) {
    for (at, sum) in sums.iter_mut().enumerate() {
        *sum = left.fma(get(row, at), *sum);
    }
}
