//! The first step of a twin.
//!
//! E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed.,
//! Springer 1993, section II.4, algorithm on page 169.

use crate::Field;
use crate::rows::{Lanewise, Rows, Shape, sweep};
use crate::stepper::{Clipped, Tolerance};
use proband_math::functions::step_factor_power;
use proband_math::vector::{Mask, Vector};

/// Room to find first steps in.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstStep {
    /// Derivatives at the start.
    pub(crate) rates: Rows,
    /// The step found.
    pub(crate) h: Rows,
    trial: Rows,
    trial_rates: Rows,
    end: Rows,
    speed: Rows,
}

impl FirstStep {
    pub(crate) fn prepare(&mut self, shape: Shape) {
        for rows in [&mut self.rates, &mut self.trial, &mut self.trial_rates] {
            rows.reset(shape.states * shape.lanes);
        }
        for row in [&mut self.h, &mut self.end, &mut self.speed] {
            row.reset(shape.lanes);
        }
    }

    /// Finds derivatives and first steps of all lanes; gives the lanes whose derivatives are
    /// finite.
    pub(crate) fn find<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        tolerance: Tolerance<'_>,
        t: &[f64],
        y: &[f64],
    ) -> u64 {
        let shape = field.shape;
        let Self { rates, h, trial, trial_rates, end, speed } = self;
        field.rates(t, y, rates);
        let mut try_step =
            TryStep { shape, tolerance, t, y, rates, h, trial, end, speed, finite: 0 };
        sweep(shape.level, shape.lanes, &mut try_step);
        let finite = try_step.finite;
        field.rates(end, trial, trial_rates);
        let mut bend = Bend { shape, tolerance, y, rates, trial_rates, speed, h };
        sweep(shape.level, shape.lanes, &mut bend);
        finite
    }
}

/// An explicit Euler step whose length the states and derivatives suggest.
struct TryStep<'a> {
    shape: Shape,
    tolerance: Tolerance<'a>,
    t: &'a [f64],
    y: &'a [f64],
    rates: &'a [f64],
    h: &'a mut [f64],
    trial: &'a mut [f64],
    end: &'a mut [f64],
    speed: &'a mut [f64],
    finite: u64,
}

impl Lanewise for TryStep<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (mut size, mut speed) = (V::splat(0.0), V::splat(0.0));
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let (y, rate) = (V::load(&self.y[at..]), V::load(&self.rates[at..]));
            let scale = self.tolerance.scale(state, y, y);
            let (y, rate) = (y / scale, rate / scale);
            (size, speed) = (y.fma(y, size), rate.fma(rate, speed));
        }
        let (size, speed) = (root_mean::<V>(size, self.shape), root_mean(speed, self.shape));
        self.finite |= speed.lt(V::splat(f64::INFINITY)).bits() << lane;
        speed.store(&mut self.speed[lane..]);
        let small = size.lt(V::splat(1e-5)) | speed.lt(V::splat(1e-5));
        let h = V::select(small, V::splat(1e-6), V::splat(0.01) * size / speed);
        h.store(&mut self.h[lane..]);
        (V::load(&self.t[lane..]) + h).store(&mut self.end[lane..]);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let (y, rate) = (V::load(&self.y[at..]), V::load(&self.rates[at..]));
            h.fma(rate, y).store(&mut self.trial[at..]);
        }
    }
}

/// The step whose error a second derivative foretells.
struct Bend<'a> {
    shape: Shape,
    tolerance: Tolerance<'a>,
    y: &'a [f64],
    rates: &'a [f64],
    trial_rates: &'a [f64],
    speed: &'a [f64],
    h: &'a mut [f64],
}

impl Lanewise for Bend<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let mut bend = V::splat(0.0);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let y = V::load(&self.y[at..]);
            let change = V::load(&self.trial_rates[at..]) - V::load(&self.rates[at..]);
            let change = change / self.tolerance.scale(state, y, y);
            bend = change.fma(change, bend);
        }
        let (speed, tried) = (V::load(&self.speed[lane..]), V::load(&self.h[lane..]));
        let bend = root_mean(bend, self.shape) / tried;
        let steepest = speed.greater(bend);
        let cautious = tried * V::splat(1e-3);
        let flat = V::splat(1e-6).greater(cautious);
        let found = step_factor_power(V::splat(0.01) / steepest, V::splat(0.2));
        let found = V::select(steepest.le(V::splat(1e-15)), flat, found);
        let h = (V::splat(100.0) * tried).lesser(found);
        V::select(bend.nan(), cautious, h).store(&mut self.h[lane..]);
    }
}

#[inline(always)]
fn root_mean<V: Vector>(sum_of_squares: V, shape: Shape) -> V {
    (sum_of_squares / V::splat(shape.states.max(1) as f64)).sqrt()
}
