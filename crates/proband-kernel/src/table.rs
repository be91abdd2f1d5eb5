//! Functions given by points.

use proband_lang::Between;

/// A function given by points, in the order of `x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    points: Vec<(f64, f64)>,
    between: Between,
}

impl Table {
    /// A table of at least one point, `x` increasing.
    #[must_use]
    pub fn new(points: Vec<(f64, f64)>, between: Between) -> Self {
        assert!(!points.is_empty(), "a table has points");
        assert!(points.is_sorted_by(|a, b| a.0 < b.0), "x increases");
        Self { points, between }
    }

    /// The value at `x`: at and beyond the ends that of the nearest point, exact at the points, no
    /// number at none.
    #[must_use]
    pub fn value(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let after = self.points.partition_point(|point| point.0 <= x);
        let Some(next) = self.points.get(after) else {
            return self.points[after - 1].1;
        };
        let Some(last) = after.checked_sub(1).map(|at| self.points[at]) else {
            return next.1;
        };
        match self.between {
            Between::Last => last.1,
            Between::Next if x > last.0 => next.1,
            Between::Next => last.1,
            Between::Linear => last.1 + (next.1 - last.1) * ((x - last.0) / (next.0 - last.0)),
        }
    }

    /// How the value is found between points.
    #[must_use]
    pub fn between(&self) -> Between {
        self.between
    }

    /// The slope to the right of `x`, zero beyond the ends: the derivative of a linear table.
    /// Nothing for a table of steps.
    #[must_use]
    pub fn slope(&self) -> Option<Self> {
        if self.between != Between::Linear {
            return None;
        }
        let mut points = vec![(f64::NEG_INFINITY, 0.0)];
        points.extend(
            self.points.windows(2).map(|w| (w[0].0, (w[1].1 - w[0].1) / (w[1].0 - w[0].0))),
        );
        points.push((self.points[self.points.len() - 1].0, 0.0));
        Some(Self::new(points, Between::Last))
    }

    /// The first `x` of a point beyond the argument, infinity beyond the last.
    #[must_use]
    pub fn next_point(&self) -> Self {
        let mut points = vec![(f64::NEG_INFINITY, self.points[0].0)];
        points.extend(self.points.windows(2).map(|w| (w[0].0, w[1].0)));
        points.push((self.points[self.points.len() - 1].0, f64::INFINITY));
        Self::new(points, Between::Last)
    }

    /// The last `x` of a point before the argument, minus infinity before the first.
    #[must_use]
    pub fn previous_point(&self) -> Self {
        let mut points = vec![(self.points[0].0, f64::NEG_INFINITY)];
        points.extend(self.points.windows(2).map(|w| (w[1].0, w[0].0)));
        points.push((f64::INFINITY, self.points[self.points.len() - 1].0));
        Self::new(points, Between::Next)
    }
}
