//! What a method of stepping offers to the loop over lanes.

use crate::number::Number;
use crate::rows::{Lanewise, Shape, sweep};
use crate::{Effort, Field, Method, Sparsity};
use proband_math::vector::Vector;

/// One way of stepping all lanes, with the memory it needs.
///
/// A step begins with the rows of the states, followed by those of their derivatives if it
/// [carries](Self::CARRIES_RATES) them. It ends with the same rows at its end, then rows that the
/// method keeps for what is looked at within the step, and the error's row last.
pub(crate) trait Stepper {
    /// Which method this is.
    const METHOD: Method;

    /// Whether a step begins with the derivative that the one before ended with, so that a lane
    /// whose states were changed needs a step of length zero to take it afresh.
    const CARRIES_RATES: bool;

    /// How many rows it ends with for each state, without the error's.
    const ENDS: usize;

    /// Whether a step may be of any length.
    const ANY_LENGTH: bool = false;

    /// Makes room, and what can be made once per field.
    fn prepare<F: Field + ?Sized>(&mut self, field: &F, shape: Shape);

    /// Tries a step of every lane, each of its own length.
    fn step<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    );

    /// Writes the states within the last step where `theta`, from 0 to 1, is a number.
    fn interpolate(&self, step: &Taken<'_>, theta: &[f64], out: &mut [f64]);

    /// The error estimated for a state in the last attempt.
    fn error(&self, attempt: &Taken<'_>, state: usize, lane: usize) -> f64;

    /// Instructions per lane and step of a system of this pattern, whose evaluations cost that.
    fn effort(pattern: &Sparsity, evaluations: Effort) -> usize;

    /// How many rows a step begins with for each state.
    fn begins() -> usize {
        if Self::CARRIES_RATES { 2 } else { 1 }
    }
}

/// A step to try.
pub(crate) struct Attempt<'a> {
    pub(crate) shape: Shape,
    pub(crate) tolerance: Tolerance<'a>,
    /// The row of present times, then that of the steps' lengths.
    pub(crate) times: &'a [f64],
    pub(crate) begin: &'a [f64],
    pub(crate) end: &'a mut [f64],
}

impl<'a> Attempt<'a> {
    pub(crate) fn t(&self) -> &'a [f64] {
        &self.times[..self.shape.lanes]
    }

    pub(crate) fn h(&self) -> &'a [f64] {
        &self.times[self.shape.lanes..]
    }

    pub(crate) fn y(&self) -> &'a [f64] {
        &self.begin[..self.shape.len()]
    }
}

/// A step that was tried.
#[derive(Clone, Copy)]
pub(crate) struct Taken<'a> {
    pub(crate) shape: Shape,
    pub(crate) h: &'a [f64],
    pub(crate) begin: &'a [f64],
    pub(crate) end: &'a [f64],
}

/// Error allowed.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance<'a> {
    pub(crate) relative: f64,
    pub(crate) absolute: &'a [f64],
}

impl Tolerance<'_> {
    /// The error allowed in a state that goes from one value to another.
    #[inline(always)]
    pub(crate) fn scale<N: Number>(&self, state: usize, from: N, to: N) -> N {
        let magnitude = from.magnitude().larger(to.magnitude());
        let absolute = from.constant(self.absolute[state]);
        from.constant(self.relative).times_plus(magnitude, absolute)
    }

    /// The square of the scaled error in a state that goes from one value to another, added to a sum.
    #[inline(always)]
    pub(crate) fn add_square<N: Number>(
        &self,
        sum: N,
        state: usize,
        error: N,
        [from, to]: [N; 2],
    ) -> N {
        let scaled = error / self.scale(state, from, to);
        scaled.times_plus(scaled, sum)
    }
}

/// The mean of so many squares.
#[inline(always)]
pub(crate) fn mean<N: Number>(sum: N, states: usize) -> N {
    sum * sum.constant(1.0 / states.max(1) as f64)
}

/// A bound of a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bound {
    pub(crate) state: usize,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

/// A field whose states stop at their bounds.
pub(crate) struct Clipped<'a, F: ?Sized> {
    pub(crate) field: &'a mut F,
    pub(crate) bounds: &'a [Bound],
    pub(crate) shape: Shape,
}

impl<F: Field + ?Sized> Clipped<'_, F> {
    pub(crate) fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        self.field.rates(t, y, dy);
        self.halt(y, dy);
    }

    /// Writes the derivatives, the entries of the Jacobian, and the derivatives with respect to
    /// time where there are any: all zero for states that are halted at a bound.
    pub(crate) fn linearise(
        &mut self,
        t: &[f64],
        y: &[f64],
        dy: &mut [f64],
        entries: &mut [f64],
        dt: &mut [f64],
    ) {
        self.field.rates(t, y, dy);
        self.field.fill_jacobian(t, y, entries);
        if self.field.depends_on_time() {
            self.field.time_derivative(t, y, dt);
        }
        for &bound in self.bounds {
            self.halt_row(bound, y, dy, entries, dt);
        }
        self.halt(y, dy);
    }

    /// Zeroes what the linearised system says of a state, in lanes where its derivative leads
    /// out of bounds.
    fn halt_row(
        &self,
        bound: Bound,
        y: &[f64],
        dy: &[f64],
        entries: &mut [f64],
        dt: &mut [f64],
    ) {
        let lanes = self.shape.lanes;
        let row = bound.state * lanes..(bound.state + 1) * lanes;
        let (y, dy) = (&y[row.clone()], &dy[row.clone()]);
        let zero = |values: &mut [f64]| {
            sweep(self.shape.level, lanes, &mut Halt { bound, y, dy, values });
        };
        zero(&mut dt[row]);
        let pattern = self.field.jacobian().map_or(&[][..], Sparsity::entries);
        for (entry, values) in pattern.iter().zip(entries.chunks_exact_mut(lanes)) {
            if entry.0 == bound.state {
                zero(values);
            }
        }
    }

    /// How many entries the Jacobian has.
    pub(crate) fn entries(&self) -> usize {
        self.field.jacobian().map_or(0, |pattern| pattern.entries().len())
    }

    /// Zeroes the derivatives that lead out of bounds.
    fn halt(&self, y: &[f64], dy: &mut [f64]) {
        let lanes = self.shape.lanes;
        for &bound in self.bounds {
            let row = bound.state * lanes..(bound.state + 1) * lanes;
            let (y, values) = (&y[row.clone()], &mut dy[row]);
            sweep(self.shape.level, lanes, &mut HaltRate { bound, y, values });
        }
    }

    /// Moves states to their bounds where they have stepped over.
    pub(crate) fn clip(&self, y: &mut [f64]) {
        clip(self.shape, self.bounds, y);
    }
}

/// Moves states to their bounds where they have stepped over.
pub(crate) fn clip(shape: Shape, bounds: &[Bound], y: &mut [f64]) {
    let lanes = shape.lanes;
    for &bound in bounds {
        let y = &mut y[bound.state * lanes..(bound.state + 1) * lanes];
        sweep(shape.level, lanes, &mut Clip { bound, y });
    }
}

/// Zeroes values where a state's derivative leads out of bounds.
struct Halt<'a> {
    bound: Bound,
    y: &'a [f64],
    dy: &'a [f64],
    values: &'a mut [f64],
}

impl Lanewise for Halt<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (y, dy) = (V::load(&self.y[lane..]), V::load(&self.dy[lane..]));
        let value = V::load(&self.values[lane..]);
        value.halted(self.bound, y, dy).store(&mut self.values[lane..]);
    }
}

/// Zeroes a derivative itself where it leads out of bounds.
struct HaltRate<'a> {
    bound: Bound,
    y: &'a [f64],
    values: &'a mut [f64],
}

impl Lanewise for HaltRate<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (y, dy) = (V::load(&self.y[lane..]), V::load(&self.values[lane..]));
        dy.halted(self.bound, y, dy).store(&mut self.values[lane..]);
    }
}

impl Bound {
    /// A state's bound, if it has any.
    pub(crate) fn of(state: usize, (least, greatest): (f64, f64)) -> Option<Self> {
        let bounded = least > f64::NEG_INFINITY || greatest < f64::INFINITY;
        bounded.then_some(Self { state, least, greatest })
    }

    /// The value, or the bound where it is beyond.
    #[inline(always)]
    pub(crate) fn clip<N: Number>(self, y: N) -> N {
        // The order of operands keeps a NaN.
        y.constant(self.greatest).smaller(y.constant(self.least).larger(y))
    }
}

struct Clip<'a> {
    bound: Bound,
    y: &'a mut [f64],
}

impl Lanewise for Clip<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        self.bound.clip(V::load(&self.y[lane..])).store(&mut self.y[lane..]);
    }
}
