//! The memory of an integration, kept from one to the next.

use crate::Field;
use crate::clock::Clocks;
use crate::guards::Guards;
use crate::rodas5p::Rodas5P;
use crate::rows::{Rows, Shape};
use crate::start::FirstStep;
use crate::stepper::Bound;
use crate::tsit5::Tsit5;
use proband_math::vector::Simd;

/// The memory of an integration. Use one per thread again and again: only a larger system than
/// any before makes it grow, and nothing is allocated while lanes advance.
#[derive(Clone, Debug)]
pub struct Workspace {
    level: Simd,
    pub(crate) tsit5: Tsit5,
    pub(crate) rodas5p: Rodas5P,
    pub(crate) batch: Batch,
}

impl Workspace {
    /// Empty, and for the widest vectors of this machine.
    pub fn new() -> Self {
        Self::with_level(Simd::detect())
    }

    /// Empty, and for vectors of a given width. The results do not depend on it.
    pub fn with_level(level: Simd) -> Self {
        let (tsit5, rodas5p, batch) = Default::default();
        Self { level, tsit5, rodas5p, batch }
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
    pub(crate) y: Rows,
    /// The states after the step tried.
    pub(crate) new: Rows,
    /// A row of flags for one sweep.
    pub(crate) flags: Rows,
    /// Where within their step lanes are looked at; NaN for lanes that are not.
    pub(crate) theta: Rows,
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
    pub(crate) fn prepare<F: Field + ?Sized>(&mut self, field: &F, shape: Shape) {
        let Shape { states, lanes, .. } = shape;
        self.clocks.prepare(lanes);
        self.first.prepare(shape);
        self.guards.prepare(field, shape);
        for rows in [&mut self.y, &mut self.new, &mut self.pending.y] {
            rows.reset(states * lanes);
        }
        for row in [&mut self.flags, &mut self.theta, &mut self.pending.t] {
            row.reset(lanes);
        }
        self.pending.lanes = 0;
        self.bounds.clear();
        self.bounds.extend((0..states).filter_map(|state| bound(field, state)));
    }
}

fn bound<F: Field + ?Sized>(field: &F, state: usize) -> Option<Bound> {
    let (least, greatest) = field.bounds(state);
    let bounded = least > f64::NEG_INFINITY || greatest < f64::INFINITY;
    bounded.then_some(Bound { state, least, greatest })
}
