//! Inference from the likelihood itself rather than from its curvature at the maximum.

use super::logistic::{Bernoulli, both_outcomes};
use super::{Local, Regressor, Standardised, counted_without_intercept, evaluate, maximise};
use crate::checks::index_below;
use crate::error::{Result, StatsError};
use crate::estimate::{ChiSquareTest, Interval, Level};
use crate::linear::matrix::Square;
use crate::special::bisect_decreasing;

/// Twice the log-likelihood that `reduced` loses against `full`, on `df` degrees of freedom: the number
/// of coefficients it lacks.
pub fn likelihood_ratio(full: f64, reduced: f64, df: usize) -> Result<ChiSquareTest> {
    if df == 0 {
        return Err(StatsError::TooFew { needed: 1, found: 0 });
    }
    ChiSquareTest::new((2.0 * (full - reduced)).max(0.0), df as f64)
}

/// The profile likelihood interval of coefficient `index` (0 is the intercept) of
/// [`super::logistic`]: the values that a likelihood ratio test does not reject (D. J. Venzon & S. H.
/// Moolgavkar, Applied Statistics 37, 1988).
///
/// Fails where the regression does. An end may be infinite.
pub fn profile_interval(
    columns: &[&[f64]],
    events: &[bool],
    index: usize,
    level: Level,
) -> Result<Interval> {
    profile_of_likelihood(columns, events, index, level, |design, beta| {
        evaluate(design, events.len(), &Bernoulli { events }, beta)
    })
}

/// The profile interval of coefficient `index` by a likelihood of the standardised columns.
pub(super) fn profile_of_likelihood(
    columns: &[&[f64]],
    events: &[bool],
    index: usize,
    level: Level,
    at: impl Fn(&Standardised, &[f64]) -> Local,
) -> Result<Interval> {
    index_below(columns.len() + 1, index)?;
    both_outcomes(columns.len(), events)?;
    let design = Standardised::of(&Regressor::numbers(columns), events.len())?;
    let start = vec![0.0; columns.len() + 1];
    profile(start, &design.weights_of(index), level, |beta| at(&design, beta))
}

/// The likelihood ratio test that coefficient `index` is zero.
pub(super) fn test_of_likelihood(
    columns: &[&[f64]],
    events: &[bool],
    index: usize,
    at: impl Fn(&Standardised, &[f64]) -> Local,
) -> Result<ChiSquareTest> {
    index_below(columns.len() + 1, index)?;
    both_outcomes(columns.len(), events)?;
    let design = Standardised::of(&Regressor::numbers(columns), events.len())?;
    let at = |beta: &[f64]| at(&design, beta);
    let top = maximise(vec![0.0; columns.len() + 1], at).map_err(counted_without_intercept)?;
    let weights = design.weights_of(index);
    let held = Held::new(&weights);
    let bounded = maximise(held.free(&top.at), |free| held.local(free, 0.0, at))?;
    likelihood_ratio(top.value, bounded.value, 1)
}

/// The interval of w'b, by constrained maxima on both sides of the free one.
fn profile(
    start: Vec<f64>,
    weights: &[f64],
    level: Level,
    at: impl Fn(&[f64]) -> Local,
) -> Result<Interval> {
    /// An end this many standard errors away is taken for infinite.
    const FAR: f64 = 200.0;
    let top = maximise(start, &at).map_err(counted_without_intercept)?;
    let value: f64 = weights.iter().zip(&top.at).map(|(w, b)| w * b).sum();
    let se = top.covariance.quadratic(weights).sqrt();
    let z = level.z()?;
    let held = Held::new(weights);
    let rest = held.free(&top.at);
    // Positive within the interval; where no constrained maximum is found, the value is far outside.
    let inside = |candidate: f64| {
        let bounded = maximise(rest.clone(), |free| held.local(free, candidate, &at));
        bounded.map_or(-1.0, |maximum| z * z - 2.0 * (top.value - maximum.value))
    };
    let far = FAR * se;
    let upper = bisect_decreasing(value, value + far, inside);
    let lower = -bisect_decreasing(-value, -value + far, |mirrored| inside(-mirrored));
    Ok(Interval {
        lower: if lower <= value - far { f64::NEG_INFINITY } else { lower },
        upper: if upper >= value + far { f64::INFINITY } else { upper },
    })
}

/// Coefficients of which one combination w'b is held: the one with the largest weight follows from
/// the others.
struct Held<'a> {
    weights: &'a [f64],
    pivot: usize,
}

impl<'a> Held<'a> {
    fn new(weights: &'a [f64]) -> Self {
        let larger = |a: &usize, b: &usize| weights[*a].abs().total_cmp(&weights[*b].abs());
        let pivot = (0..weights.len()).max_by(larger).unwrap_or(0);
        Self { weights, pivot }
    }

    /// All coefficients but the one that follows.
    fn free(&self, all: &[f64]) -> Vec<f64> {
        (0..all.len()).filter(|&k| k != self.pivot).map(|k| all[k]).collect()
    }

    /// What the coefficient that follows does per unit of each free one.
    fn slopes(&self) -> Vec<f64> {
        self.free(self.weights).iter().map(|w| -w / self.weights[self.pivot]).collect()
    }

    /// The likelihood as a function of the free coefficients, with w'b = `value`.
    fn local(&self, free: &[f64], value: f64, at: impl Fn(&[f64]) -> Local) -> Local {
        let slopes = self.slopes();
        let pulled: f64 = slopes.iter().zip(free).map(|(s, b)| s * b).sum();
        let mut all = free.to_vec();
        all.insert(self.pivot, value / self.weights[self.pivot] + pulled);
        let full = at(&all);
        let places: Vec<usize> = (0..all.len()).filter(|&k| k != self.pivot).collect();
        let information = |i: usize, j: usize| full.information.at(i.max(j), i.min(j));
        let reduced = Square::from_fn(places.len(), |i, j| {
            let (a, b) = (places[i], places[j]);
            information(a, b)
                + slopes[i] * information(self.pivot, b)
                + information(a, self.pivot) * slopes[j]
                + slopes[i] * slopes[j] * information(self.pivot, self.pivot)
        });
        let score = places
            .iter()
            .zip(&slopes)
            .map(|(&k, s)| full.score[k] + s * full.score[self.pivot])
            .collect();
        Local { value: full.value, score, information: reduced }
    }
}
