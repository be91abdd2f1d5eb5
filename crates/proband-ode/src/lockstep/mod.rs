//! Twins of a linear system who share a timetable, all of whose lanes go from stop to stop together:
//! exactly, by a matrix for each length of time between stops.
//!
//! What flows in at a constant rate is a state more, which nothing changes between stops (C. F. Van
//! Loan, Computing integrals involving the matrix exponential, IEEE Trans. Automatic Control 23 (1978)
//! 395-404).

mod matrix;
mod small;
mod walk;

use crate::exponential::MOST_STATES;
use crate::rows::Rows;
use crate::{Compiled, Field};
use matrix::Exponential;
use proband_kernel::System;
use proband_math::vector::{Body, Simd, Vector};
use walk::{Leg, Walk};

/// What happens at a time, in this order: the look, the additions, the flows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stop {
    /// When.
    pub t: f64,
    /// Whether states are looked at.
    pub sample: bool,
    /// States, and what is added to each.
    pub additions: Vec<(usize, f64)>,
    /// States, and how much faster each is fed from then on.
    pub flows: Vec<(usize, f64)>,
}

/// A sample of all lanes.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Which one, from 0.
    pub number: usize,
    /// When.
    pub t: f64,
    /// Rows of states, as a [`Field`] takes them.
    pub y: &'a [f64],
}

/// A timetable made ready for the lanes of a system. Use it again and again: for each batch of twins
/// [`run`](Self::run) takes all of them from its first stop to its last.
///
/// The values have the same bits in any lane, in any company and at any width, and differ from those
/// of [`Method::Exact`](crate::Method::Exact) by rounding alone.
#[derive(Clone, Debug)]
pub struct Lockstep {
    level: Simd,
    lanes: usize,
    states: usize,
    legs: Vec<Leg>,
    exponential: Exponential,
    /// Of as many lanes as a vector holds, the matrix of each length of time; then of the next lanes.
    matrices: Rows,
    /// Rows of the Jacobian's entries, and of rates where all states are zero.
    entries: Vec<f64>,
    constants: Vec<f64>,
    zeros: Vec<f64>,
    walk: Walk,
}

impl Lockstep {
    /// None where a path is more than a matrix: rates that are not linear with coefficients that
    /// stand still, guards, bounds, switches, no states or more than 64.
    ///
    /// Panics where lanes are no multiple of 8, stops go back in time, or their states are none of
    /// the system's.
    #[must_use]
    pub fn of(system: &System, stops: &[Stop], lanes: usize) -> Option<Self> {
        Self::with_level(system, stops, lanes, Simd::detect())
    }

    /// The same at a given width. The results do not depend on it.
    #[must_use]
    pub fn with_level(
        system: &System,
        stops: &[Stop],
        lanes: usize,
        level: Simd,
    ) -> Option<Self> {
        assert!(lanes > 0 && lanes.is_multiple_of(8), "lanes in eights");
        let states = system.rates.outputs();
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let constants = system.linear.as_ref()?;
        let known = system.guard_program.outputs() == 0
            && system.switches.is_empty()
            && system.bounds.iter().all(|&bounds| bounds == free);
        if !known || !(1..=MOST_STATES).contains(&states) {
            return None;
        }
        let (legs, lengths, fed) = walk::legs(stops, states);
        let pattern = &system.jacobian.entries;
        let exponential = Exponential::new(states, pattern, constants, &fed, lengths);
        let mut matrices = Rows::default();
        matrices.reset(exponential.size() * lanes);
        Some(Self {
            level,
            lanes,
            states,
            legs,
            matrices,
            entries: vec![0.0; pattern.len() * lanes],
            constants: vec![0.0; states * lanes],
            zeros: vec![0.0; states * lanes],
            walk: Walk::new(states, exponential.columns(), lanes),
            exponential,
        })
    }

    /// Takes all lanes of the field from these states, of which it is the twin rows and signals that
    /// count, through the timetable; ends with the states after the last stop.
    ///
    /// A lane whose rates are no numbers, or that is a million million times faster than its stops
    /// follow each other, ends up in states that are no numbers.
    pub fn run(
        &mut self,
        field: &mut Compiled,
        y: &mut [f64],
        see: &mut dyn FnMut(&Compiled, Sample<'_>),
    ) {
        assert!(field.lanes() == self.lanes && field.states() == self.states);
        // Linear rates depend on no time, and their Jacobian on no state.
        let (t, zeros) = (&self.zeros[..self.lanes], &self.zeros[..]);
        field.rates(t, zeros, &mut self.constants);
        field.fill_jacobian(t, zeros, &mut self.entries);
        self.level.run(Begin { lockstep: self, y });
        let mut done = 0;
        while done < self.legs.len() {
            let legs = self.walk.reach(&self.legs[done..]);
            let (matrices, size) = (&*self.matrices, self.exponential.size());
            self.level.run(Go { walk: &mut self.walk, legs, matrices, size });
            self.walk.tell(legs, |sample| see(field, sample));
            done += legs.len();
        }
        self.level.run(End { walk: &self.walk, y });
    }
}

struct Begin<'a> {
    lockstep: &'a mut Lockstep,
    y: &'a [f64],
}

impl Body for Begin<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Lockstep { lanes, exponential, matrices, entries, constants, walk, .. } =
            self.lockstep;
        let size = exponential.size() * V::LANES;
        for lane in (0..*lanes).step_by(V::LANES) {
            let matrices = &mut matrices[lane / V::LANES * size..][..size];
            exponential.fill::<V>(*lanes, lane, [entries, constants], matrices);
        }
        walk.begin::<V>(self.y, exponential.has_constants());
    }
}

struct Go<'a> {
    walk: &'a mut Walk,
    legs: &'a [Leg],
    matrices: &'a [f64],
    size: usize,
}

impl Body for Go<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        self.walk.go::<V>(self.legs, self.matrices, self.size);
    }
}

struct End<'a> {
    walk: &'a Walk,
    y: &'a mut [f64],
}

impl Body for End<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        self.walk.end::<V>(self.y);
    }
}
