//! The lanes' way from stop to stop.

use super::matrix::{get, put};
use super::{Sample, Stop};
use crate::rows::{LINE, Rows};
use proband_math::vector::Vector;
use std::ops::Range;

/// What happens from one stop to the next, and there.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    /// When it ends.
    pub(super) t: f64,
    /// The length of time that it takes, by its number; none at the first stop.
    length: Option<usize>,
    sample: bool,
    /// Rows of states, and of what feeds them after these, and what is added to each.
    additions: Vec<(usize, f64)>,
}

/// The legs of a timetable, the lengths of time that they take, and the states that are fed.
pub(super) fn legs(stops: &[Stop], states: usize) -> (Vec<Leg>, Vec<f64>, Vec<usize>) {
    let mut fed: Vec<usize> =
        stops.iter().flat_map(|stop| &stop.flows).map(|&(state, _)| state).collect();
    fed.sort_unstable();
    fed.dedup();
    let mut lengths: Vec<f64> = Vec::new();
    let mut now = stops.first().map_or(0.0, |stop| stop.t);
    let leg = |stop: &Stop| {
        assert!(stop.t >= now, "stops go back from {now} to {}", stop.t);
        let length = (stop.t > now).then(|| number_of(&mut lengths, stop.t - now, stop.t));
        now = stop.t;
        let flow = |&(state, amount): &(usize, f64)| {
            (states + fed.partition_point(|&fed| fed < state), amount)
        };
        let flows = stop.flows.iter().map(flow);
        let additions: Vec<_> = stop.additions.iter().copied().chain(flows).collect();
        assert!(stop.additions.iter().all(|&(state, _)| state < states), "no such state");
        Leg { t: stop.t, length, sample: stop.sample, additions }
    };
    let legs = stops.iter().map(leg).collect();
    assert!(fed.iter().all(|&state| state < states), "no such state");
    (legs, lengths, fed)
}

/// The number of a length, which is a known one where only the rounding of times differs.
fn number_of(lengths: &mut Vec<f64>, length: f64, t: f64) -> usize {
    let same = |known: &f64| (known - length).abs() <= 2.0 * f64::EPSILON * t.abs();
    lengths.iter().position(same).unwrap_or_else(|| {
        lengths.push(length);
        lengths.len() - 1
    })
}

/// Numbers that are kept of samples not yet told of, about: they stay in the cache.
const ROOM: usize = 1 << 15;

/// Where the lanes are, and the samples that were taken and are not yet told of.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    states: usize,
    lanes: usize,
    /// How many states, and what feeds them, a lane has.
    columns: usize,
    /// Of as many lanes as a vector holds, the states, then of the next lanes.
    present: Rows,
    /// The states where a leg ends.
    next: Rows,
    /// Rows of states by sample.
    seen: Rows,
    /// Samples told of.
    told: usize,
}

impl Walk {
    pub(super) fn new(states: usize, columns: usize, lanes: usize) -> Self {
        let sample = states * lanes;
        let [mut present, mut next, mut seen] = <[Rows; 3]>::default();
        present.reset(columns * lanes);
        next.reset(columns * LINE);
        seen.reset(sample * (ROOM / sample).max(1));
        Self { states, lanes, columns, present, next, seen, told: 0 }
    }

    /// Begins in these states, nothing flowing yet but what is constant.
    #[inline(always)]
    pub(super) fn begin<V: Vector>(&mut self, y: &[f64], constants: bool) {
        self.told = 0;
        let Self { states, lanes, columns, .. } = *self;
        for group in 0..lanes / V::LANES {
            for row in 0..columns {
                let constant = constants && row + 1 == columns;
                let value = match y.get(row * lanes + group * V::LANES..) {
                    Some(y) if row < states => V::load(y),
                    _ => V::splat(f64::from(u8::from(constant))),
                };
                value.store(&mut self.present[(group * columns + row) * V::LANES..]);
            }
        }
    }

    /// The legs that come next, as many as there is room for samples of.
    pub(super) fn reach<'a>(&self, legs: &'a [Leg]) -> &'a [Leg] {
        let mut room = self.seen.len() / (self.states * self.lanes);
        let fits = |leg: &&Leg| {
            let fits = !leg.sample || room > 0;
            room -= usize::from(leg.sample && fits);
            fits
        };
        &legs[..legs.iter().take_while(fits).count()]
    }

    /// Takes all lanes along some legs, by matrices of which each lane has so many numbers.
    #[inline(always)]
    pub(super) fn go<V: Vector>(&mut self, legs: &[Leg], matrices: &[f64], size: usize) {
        let groups = self.lanes / V::LANES;
        // Lanes in turn hide how long each waits for its own last leg.
        let abreast = (NEAR / (size * V::LANES).max(1)).clamp(1, groups);
        for first in (0..groups).step_by(abreast) {
            let some = first..groups.min(first + abreast);
            let mut sample = 0;
            for leg in legs {
                if let Some(length) = leg.length {
                    let place = length * self.columns * self.columns;
                    self.advance::<V>(some.clone(), &matrices[place * V::LANES..], size);
                }
                if leg.sample {
                    self.keep::<V>(some.clone(), sample);
                    sample += 1;
                }
                for &addition in &leg.additions {
                    self.add::<V>(some.clone(), addition);
                }
            }
        }
    }

    #[inline(always)]
    fn advance<V: Vector>(&mut self, groups: Range<usize>, matrices: &[f64], size: usize) {
        match self.columns {
            1 => self.advance_few::<V, 1>(groups, matrices, size),
            2 => self.advance_few::<V, 2>(groups, matrices, size),
            3 => self.advance_few::<V, 3>(groups, matrices, size),
            4 => self.advance_few::<V, 4>(groups, matrices, size),
            _ => self.advance_many::<V>(groups, matrices, size),
        }
    }

    /// Moves states that fit the registers.
    #[inline(always)]
    fn advance_few<V: Vector, const N: usize>(
        &mut self,
        groups: Range<usize>,
        matrices: &[f64],
        size: usize,
    ) {
        for group in groups {
            let matrix = &matrices[group * size * V::LANES..][..N * N * V::LANES];
            let present = &mut self.present[group * N * V::LANES..][..N * V::LANES];
            let mut known = [V::splat(0.0); N];
            for (at, known) in known.iter_mut().enumerate() {
                *known = get(present, at);
            }
            for row in 0..N {
                let mut sum = get::<V>(matrix, row * N) * known[0];
                for (at, &known) in known.iter().enumerate().skip(1) {
                    sum = get::<V>(matrix, row * N + at).fma(known, sum);
                }
                put(present, row, sum);
            }
        }
    }

    #[inline(always)]
    fn advance_many<V: Vector>(&mut self, groups: Range<usize>, matrices: &[f64], size: usize) {
        let Self { states, columns, .. } = *self;
        let next = &mut self.next[..states * V::LANES];
        for group in groups {
            let matrix = &matrices[group * size * V::LANES..];
            let present = &mut self.present[group * columns * V::LANES..];
            multiply::<V>(matrix, &present[..columns * V::LANES], next);
            for row in 0..states {
                put(present, row, get::<V>(next, row));
            }
        }
    }

    /// Keeps a sample at its place.
    #[inline(always)]
    fn keep<V: Vector>(&mut self, groups: Range<usize>, sample: usize) {
        let Self { states, lanes, columns, .. } = *self;
        let seen = &mut self.seen[sample * states * lanes..][..states * lanes];
        for group in groups {
            for row in 0..states {
                let value = get::<V>(&self.present, group * columns + row);
                value.store(&mut seen[row * lanes + group * V::LANES..]);
            }
        }
    }

    #[inline(always)]
    fn add<V: Vector>(&mut self, groups: Range<usize>, (row, amount): (usize, f64)) {
        for group in groups {
            let place = group * self.columns + row;
            let sum = get::<V>(&self.present, place) + V::splat(amount);
            put(&mut self.present, place, sum);
        }
    }

    /// Tells of the samples of these legs.
    pub(super) fn tell(&mut self, legs: &[Leg], mut see: impl FnMut(Sample<'_>)) {
        let rows = self.states * self.lanes;
        for (place, leg) in legs.iter().filter(|leg| leg.sample).enumerate() {
            let y = &self.seen[place * rows..][..rows];
            see(Sample { number: self.told, t: leg.t, y });
            self.told += 1;
        }
    }

    /// Writes the states.
    #[inline(always)]
    pub(super) fn end<V: Vector>(&self, y: &mut [f64]) {
        let groups = self.present.chunks_exact(self.columns * V::LANES);
        for (group, present) in groups.enumerate() {
            for row in 0..self.states {
                get::<V>(present, row).store(&mut y[row * self.lanes + group * V::LANES..]);
            }
        }
    }
}

/// Numbers of matrices that are near, while lanes take turns.
const NEAR: usize = 3072;

/// Writes as many rows of a matrix times a column as there is room for.
#[inline(always)]
fn multiply<V: Vector>(matrix: &[f64], column: &[f64], out: &mut [f64]) {
    let mut done = 0;
    while done < out.len() {
        let (matrix, out) = (&matrix[done / V::LANES * column.len()..], &mut out[done..]);
        done += V::LANES
            * match out.len() / V::LANES {
                6.. => multiply_rows::<V, 6>(matrix, column, out),
                3.. => multiply_rows::<V, 3>(matrix, column, out),
                _ => multiply_rows::<V, 1>(matrix, column, out),
            };
    }
}

#[inline(always)]
fn multiply_rows<V: Vector, const HEIGHT: usize>(
    matrix: &[f64],
    column: &[f64],
    out: &mut [f64],
) -> usize {
    let matrix = &matrix[..HEIGHT * column.len()];
    let mut sums = [V::splat(0.0); HEIGHT];
    for at in 0..column.len() / V::LANES {
        let value = get::<V>(column, at);
        for (row, sum) in sums.iter_mut().enumerate() {
            *sum = get::<V>(&matrix[row * column.len()..], at).fma(value, *sum);
        }
    }
    for (row, &sum) in sums.iter().enumerate() {
        put(out, row, sum);
    }
    HEIGHT
}
