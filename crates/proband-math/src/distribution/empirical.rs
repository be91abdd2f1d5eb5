//! The law of values that were seen, each with a weight.

use super::DistributionError;
use crate::special::{Tail, Tails};

/// Values in increasing order, each once, with the probability of being at or below it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Empirical {
    values: Box<[f64]>,
    /// The last is exactly 1.
    up_to: Box<[f64]>,
}

impl Empirical {
    /// The law of (value, weight) pairs; weights need no particular sum.
    pub(super) fn new(points: &[(f64, f64)]) -> Result<Self, DistributionError> {
        for &(value, weight) in points {
            super::finite("value", value)?;
            if super::finite("weight", weight)? < 0.0 {
                return Err(DistributionError::Negative { parameter: "weight", value: weight });
            }
        }
        let heaviest = points.iter().fold(0.0, |most: f64, point| most.max(point.1));
        if heaviest == 0.0 {
            return Err(DistributionError::NoWeight);
        }
        // Weights as parts of the heaviest, so that no sum of them overflows.
        let relative = |&(value, weight): &(f64, f64)| (value, weight / heaviest);
        Ok(Self::of(points.iter().map(relative).collect()))
    }

    /// The law of points with finite weights, of which one at least is above zero.
    fn of(mut points: Vec<(f64, f64)>) -> Self {
        points.retain(|point| point.1 > 0.0);
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut values: Vec<f64> = Vec::with_capacity(points.len());
        let mut sums: Vec<f64> = Vec::with_capacity(points.len());
        let mut sum = 0.0;
        for (value, weight) in points {
            sum += weight;
            // Minus zero is the same value as zero.
            if values.last() == Some(&value) {
                values.pop();
                sums.pop();
            }
            values.push(value);
            sums.push(sum);
        }
        let up_to = sums.into_iter().map(|part| part / sum).collect();
        Self { values: values.into(), up_to }
    }

    /// The probability of at most the values before this position.
    fn before_position(&self, position: usize) -> Tails {
        Tails::from_lower(position.checked_sub(1).map_or(0.0, |last| self.up_to[last]))
    }

    pub(super) fn tails(&self, x: f64) -> Tails {
        self.before_position(self.values.partition_point(|&value| value <= x))
    }

    /// The probabilities before `x` and from `x` on.
    pub(super) fn before(&self, x: f64) -> Tails {
        self.before_position(self.values.partition_point(|&value| value < x))
    }

    pub(super) fn quantile(&self, tail: Tail) -> f64 {
        let position = match tail {
            Tail::Lower(p) => self.up_to.partition_point(|&lower| lower < p),
            Tail::Upper(q) => self.up_to.partition_point(|&lower| 1.0 - lower > q),
        };
        self.values[position]
    }

    /// The part between two points, both included, and its probability; none if it is empty.
    pub(super) fn within(&self, low: f64, high: f64) -> Option<(Self, f64)> {
        let inside = |point: &(f64, f64)| low <= point.0 && point.0 <= high;
        let points: Vec<_> = self.points().filter(inside).collect();
        let probability = points.iter().map(|point| point.1).sum();
        (probability > 0.0).then(|| (Self::of(points), probability))
    }

    /// Each value with its probability.
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let before = std::iter::once(0.0).chain(self.up_to.iter().copied());
        let probabilities = self.up_to.iter().zip(before).map(|(up_to, before)| up_to - before);
        self.values.iter().copied().zip(probabilities)
    }

    pub(super) fn mean(&self) -> f64 {
        self.points().map(|(value, probability)| value * probability).sum()
    }

    pub(super) fn sd(&self) -> f64 {
        let mean = self.mean();
        let square =
            |(value, probability): (f64, f64)| probability * (value - mean) * (value - mean);
        self.points().map(square).sum::<f64>().sqrt()
    }
}
