//! The memory of an integration, kept from one to the next.

use crate::clock::Clocks;
use crate::exponential::Exponential;
use crate::guards::Guards;
use crate::lines::Row;
use crate::rodas5p::Rodas5P;
use crate::rows::{Rows, Shape};
use crate::start::FirstStep;
use crate::stepper::{Bound, Stepper};
use crate::tsit5::Tsit5;
use crate::{Field, LaneState};
use proband_math::vector::Simd;

/// The memory of an integration. Use one per thread again and again: only a larger system than
/// any before makes it grow, and nothing is allocated while lanes advance.
#[derive(Clone, Debug)]
pub struct Workspace {
    level: Simd,
    pub(crate) tsit5: Tsit5,
    pub(crate) rodas5p: Rodas5P,
    pub(crate) exponential: Exponential,
    pub(crate) batch: Batch,
}

impl Workspace {
    /// Empty, and for the widest vectors of this machine.
    pub fn new() -> Self {
        Self::with_level(Simd::detect())
    }

    /// Empty, and for vectors of a given width. The results do not depend on it.
    pub fn with_level(level: Simd) -> Self {
        let (tsit5, rodas5p, exponential, batch) = Default::default();
        Self { level, tsit5, rodas5p, exponential, batch }
    }

    pub(crate) fn shape<F: Field + ?Sized>(&self, field: &F, lanes: usize) -> Shape {
        Shape { level: self.level, states: field.states(), lanes }
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

/// What all methods need.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) clocks: Clocks,
    /// What a step begins with: the states first.
    pub(crate) begin: Rows,
    /// What the step tried ends with: the states first, the mean square error last.
    pub(crate) end: Rows,
    /// Where within their step lanes are looked at; NaN for lanes that are not.
    pub(crate) theta: Row,
    pub(crate) bounds: Vec<Bound>,
    pub(crate) first: FirstStep,
    pub(crate) guards: Guards,
    pub(crate) pending: Pending,
}

/// Samples taken but not yet handed over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    pub(crate) lanes: u64,
    pub(crate) t: Rows,
    pub(crate) y: Rows,
}

impl Batch {
    /// Where a lane stands.
    pub(crate) fn lane_state(&mut self, shape: Shape, lane: usize) -> LaneState<'_> {
        LaneState::new(&mut self.begin[..shape.len()], shape.lanes, lane)
    }

    pub(crate) fn prepare<F: Field + ?Sized, S: Stepper>(&mut self, field: &F, shape: Shape) {
        let Shape { states, lanes, .. } = shape;
        self.clocks.prepare(lanes);
        self.first.prepare(shape);
        self.guards.prepare(field, shape);
        self.begin.reset(S::begins() * states * lanes);
        self.end.reset((S::ENDS * states + 1) * lanes);
        self.pending.y.reset(states * lanes);
        self.pending.t.reset(lanes);
        self.pending.lanes = 0;
        self.bounds.clear();
        self.bounds
            .extend((0..states).filter_map(|state| Bound::of(state, field.bounds(state))));
    }
}
