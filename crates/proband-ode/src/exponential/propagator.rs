//! `y' = A y + b` over any time: short times by the series of the exponential, long ones by
//! propagators over a unit of time, twice that, four times that, and so on.
//!
//! C. Moler, C. Van Loan, Nineteen dubious ways to compute the exponential of a matrix, twenty-five years
//! later, SIAM Review 45 (2003) 3-49, method 3, whose squarings are kept. Nothing is decomposed, so that
//! equal and complex eigenvalues are as good as others.

use crate::rows::LINE;
use proband_math::vector::{Body, Simd, Vector};

/// States that there may be: their matrices, dense, still fit the cache.
pub(crate) const MOST_STATES: usize = 64;

/// Numbers in a column at most: the states and a one, filled up to whole vectors.
pub(crate) const COLUMN: usize = MOST_STATES + LINE;

/// The states, then a one, then zeros.
pub(crate) type Column = [f64; COLUMN];

/// Terms of a series that make less than this of what they are added to are left out.
const NEGLIGIBLE: f64 = 1e-17;

/// One lane's matrix and propagators, column by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Propagator {
    level: Option<Simd>,
    states: usize,
    /// `A`, then `b` as the last column; the last row is zero.
    matrix: Vec<f64>,
    /// The greatest sum of magnitudes in a row of `A`.
    norm: f64,
    /// A unit of time: a power of two.
    unit: f64,
    /// Propagators over `unit`, twice, four times, ...; the first so many are those of the matrix.
    powers: Vec<Vec<f64>>,
    known: usize,
}

impl Propagator {
    /// Makes room, and forgets the matrix before.
    pub(crate) fn prepare(&mut self, level: Simd, states: usize) {
        if self.states != states {
            self.powers.clear();
        }
        (self.level, self.states, self.known) = (Some(level), states, 0);
        self.matrix.clear();
        self.matrix.resize((states + 1) * height(states), 0.0);
    }

    /// Sets entries of the matrix: (row, column, value), the column after the last state being `b`.
    pub(crate) fn set(&mut self, entries: impl Iterator<Item = (usize, usize, f64)>) {
        let height = height(self.states);
        let mut same = true;
        for (row, column, value) in entries {
            let place = &mut self.matrix[column * height + row];
            same &= place.to_bits() == value.to_bits();
            *place = value;
        }
        if !same || self.known == 0 {
            self.known = 0;
            self.norm = self.greatest_row();
            self.unit = power_of_two_below(0.5 / self.norm);
        }
    }

    fn greatest_row(&self) -> f64 {
        let height = height(self.states);
        let row = |row: usize| -> f64 {
            (0..self.states).map(|column| self.matrix[column * height + row].abs()).sum()
        };
        (0..self.states).map(row).fold(0.0, f64::max)
    }

    /// Makes the propagators that times up to this one need. False where they would be too many, as for
    /// a matrix that is not finite.
    pub(crate) fn reach(&mut self, time: f64) -> bool {
        let units = time / self.unit;
        if !(units < MOST_UNITS && self.norm.is_finite()) {
            return false;
        }
        let needed = (u64::BITS - (units.round_ties_even() as u64).leading_zeros()) as usize;
        while self.known < needed {
            let mut power = match self.known < self.powers.len() {
                true => std::mem::take(&mut self.powers[self.known]),
                false => {
                    self.powers.push(Vec::new());
                    vec![0.0; self.matrix.len()]
                }
            };
            self.fill(&mut power);
            self.powers[self.known] = power;
            self.known += 1;
        }
        true
    }

    /// Writes the next propagator.
    fn fill(&self, power: &mut [f64]) {
        let height = height(self.states);
        for (column, values) in power.chunks_exact_mut(height).enumerate() {
            let mut value = [0.0; COLUMN];
            if self.known == 0 {
                value[column] = 1.0;
                self.short(self.unit, &mut value);
            } else {
                let half = &self.powers[self.known - 1];
                let mut start = [0.0; COLUMN];
                start[..height].copy_from_slice(&half[column * height..][..height]);
                self.times(half, &start, &mut value);
            }
            values.copy_from_slice(&value[..height]);
        }
    }

    /// Moves a column on by a time that is within reach.
    pub(crate) fn advance(&self, time: f64, column: &mut Column) {
        let units = (time / self.unit).round_ties_even();
        self.short((-units).mul_add(self.unit, time), column);
        let mut units = units as u64;
        while units != 0 {
            let power = units.trailing_zeros() as usize;
            units &= units - 1;
            let mut moved = [0.0; COLUMN];
            self.times(&self.powers[power], column, &mut moved);
            *column = moved;
        }
    }

    /// Moves a column on, or back, by a unit at most: the series of the exponential.
    fn short(&self, time: f64, column: &mut Column) {
        let size = time.abs() * self.norm;
        let (mut term, mut bound, mut degree) = (*column, 1.0, 1.0);
        while time != 0.0 && (bound > NEGLIGIBLE || degree < 3.0) {
            let mut next = [0.0; COLUMN];
            self.times(&self.matrix, &term, &mut next);
            let factor = time / degree;
            for (sum, next) in column.iter_mut().zip(&mut next).take(self.states) {
                *next *= factor;
                *sum += *next;
            }
            term = next;
            bound *= size / degree;
            degree += 1.0;
        }
    }

    fn times(&self, matrix: &[f64], column: &Column, out: &mut Column) {
        let level = self.level.expect("prepared before it is used");
        level.run(Times { matrix, states: self.states, column, out });
    }
}

/// Beyond so many units of time a sum of powers of two would no longer be exact.
const MOST_UNITS: f64 = 4503599627370496.0;

/// Rows of a matrix, filled up to whole vectors.
fn height(states: usize) -> usize {
    (states + 1).next_multiple_of(LINE)
}

/// The greatest power of two up to a positive number, within the range of times.
fn power_of_two_below(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    f64::from_bits(x.clamp(1e-200, 1e200).to_bits() & EXPONENT)
}

/// A matrix times a column.
struct Times<'a> {
    matrix: &'a [f64],
    states: usize,
    column: &'a Column,
    out: &'a mut Column,
}

impl Body for Times<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let height = height(self.states);
        for row in (0..height).step_by(V::LANES) {
            let mut sum = V::splat(0.0);
            for column in 0..=self.states {
                let entries = V::load(&self.matrix[column * height + row..]);
                sum = entries.fma(V::splat(self.column[column]), sum);
            }
            sum.store(&mut self.out[row..]);
        }
    }
}
