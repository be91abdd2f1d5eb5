//! Linear systems with constant coefficients, by the exponential of their matrix: steps of any length,
//! without error but that of rounding.

mod propagator;

use crate::rows::{Rows, Shape};
use crate::stepper::{Attempt, Clipped, Stepper, Taken};
use crate::{Effort, Field, Method, Sparsity};
pub(crate) use propagator::MOST_STATES;
use propagator::{COLUMN, Column, Propagator};

/// The lanes' matrices and their propagators, which are kept while a matrix stays the same.
///
/// A step ends with the rows of states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exponential {
    lanes: Vec<Propagator>,
    /// (rate, state) of the entries.
    pattern: Vec<(usize, usize)>,
    entries: Rows,
    /// Rates where all states are zero.
    constants: Rows,
    zeros: Rows,
}

impl Stepper for Exponential {
    const METHOD: Method = Method::Exact;
    const CARRIES_RATES: bool = false;
    const ENDS: usize = 1;
    const ANY_LENGTH: bool = true;

    fn prepare<F: Field + ?Sized>(&mut self, field: &F, shape: Shape) {
        assert!(shape.states <= MOST_STATES, "{} states are too many", shape.states);
        let pattern = field.jacobian().expect("asked for only with a Jacobian");
        self.pattern.clear();
        self.pattern.extend(pattern.entries());
        self.entries.reset(self.pattern.len() * shape.lanes);
        self.constants.reset(shape.len());
        self.zeros.reset(shape.len());
        self.lanes.resize_with(shape.lanes.max(self.lanes.len()), Propagator::default);
        for lane in &mut self.lanes {
            lane.prepare(shape.level, shape.states);
        }
    }

    fn step<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        let (shape, t, h, y) = (attempt.shape, attempt.t(), attempt.h(), attempt.y());
        field.field.rates(t, &self.zeros, &mut self.constants);
        field.field.fill_jacobian(t, y, &mut self.entries);
        let (end, error) = attempt.end.split_at_mut(shape.len());
        for lane in 0..shape.lanes {
            let mut column = column(shape, y, lane);
            let finite = h[lane] == 0.0 || self.advance(shape, lane, h[lane], &mut column);
            write(shape, end, lane, &column);
            error[lane] = if finite { 0.0 } else { f64::NAN };
        }
    }

    fn interpolate(&self, step: &Taken<'_>, theta: &[f64], out: &mut [f64]) {
        let shape = step.shape;
        for (lane, &theta) in theta.iter().enumerate().filter(|(_, theta)| !theta.is_nan()) {
            let from = if theta < 1.0 { step.begin } else { step.end };
            let mut column = column(shape, from, lane);
            if theta < 1.0 {
                self.lanes[lane].advance(theta * step.h[lane], &mut column);
            }
            write(shape, out, lane, &column);
        }
    }

    fn error(&self, _: &Taken<'_>, _: usize, _: usize) -> f64 {
        0.0
    }

    fn effort(pattern: &Sparsity, _: Effort) -> usize {
        // Some twenty products of the matrix and a column.
        20 * (pattern.states() + 1) * (pattern.states() + 1)
    }
}

impl Exponential {
    /// Takes a lane through a step; false where it leads to no numbers.
    fn advance(&mut self, shape: Shape, lane: usize, h: f64, column: &mut Column) -> bool {
        let at = |rows: &Rows, row: usize| rows[row * shape.lanes + lane];
        let matrix = self.pattern.iter().enumerate();
        let matrix =
            matrix.map(|(place, &(row, column))| (row, column, at(&self.entries, place)));
        let constants =
            (0..shape.states).map(|row| (row, shape.states, at(&self.constants, row)));
        let propagator = &mut self.lanes[lane];
        propagator.set(matrix.chain(constants));
        let reached = propagator.reach(h);
        if reached {
            propagator.advance(h, column);
        }
        reached && column.iter().all(|value| value.is_finite())
    }
}

/// A lane's states, and a one.
fn column(shape: Shape, rows: &[f64], lane: usize) -> Column {
    let mut column = [0.0; COLUMN];
    let states = rows.iter().skip(lane).step_by(shape.lanes).take(shape.states);
    column.iter_mut().zip(states).for_each(|(place, &state)| *place = state);
    column[shape.states] = 1.0;
    column
}

fn write(shape: Shape, rows: &mut [f64], lane: usize, column: &Column) {
    let states = rows.iter_mut().skip(lane).step_by(shape.lanes).take(shape.states);
    states.zip(column).for_each(|(state, &value)| *state = value);
}
