//! Beliefs about a proportion.

use super::mixture::Belief;
use crate::binary::Proportion;
use crate::checks::{positive, probability, share};
use crate::error::{Result, StatsError};
use crate::estimate::{Interval, Level};
use crate::special::{
    beta_density, beta_quantile_lower, beta_quantile_upper, beta_upper, exp, integrate,
    ln_gamma, root,
};

/// The Beta distribution with density x^(a-1) (1-x)^(b-1) / B(a, b).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
}

/// Probabilities this small are left out at each end of an integral.
const NOTHING: f64 = 1e-17;

/// Differences of proportions beyond this do not occur.
const ALL: f64 = 1.0 - 1e-12;

impl Beta {
    /// Both parameters positive.
    pub fn new(a: f64, b: f64) -> Result<Self> {
        Ok(Self { a: positive(a)?, b: positive(b)? })
    }

    /// a and b.
    pub fn parameters(self) -> (f64, f64) {
        (self.a, self.b)
    }

    /// After these events among these units.
    pub fn after(self, seen: Proportion) -> Self {
        let events = seen.events() as f64;
        Self { a: self.a + events, b: self.b + seen.total() as f64 - events }
    }

    /// a / (a + b).
    pub fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// The equal-tailed credible interval.
    pub fn interval(self, level: Level) -> Result<Interval> {
        Ok(Interval {
            lower: beta_quantile_lower(level.tail(), self.a, self.b)?,
            upper: beta_quantile_upper(level.tail(), self.a, self.b)?,
        })
    }

    /// P(p > `value`).
    pub fn above(self, value: f64) -> Result<f64> {
        beta_upper(self.a, self.b, share(value)?)
    }

    /// P(this proportion > `other` + `margin`), both independent, by quadrature over `other` in the angle whose squared
    /// sine it is, in which densities with parameters of 1/2 are smooth.
    pub fn exceeds(self, other: Self, margin: f64) -> Result<f64> {
        if !(margin > -1.0 && margin < 1.0) {
            return Err(StatsError::OutOfRange { value: margin });
        }
        let angle = |p: f64| libm::asin(p.sqrt());
        let from = angle(beta_quantile_lower(NOTHING, other.a, other.b)?);
        let to = angle(beta_quantile_upper(NOTHING, other.a, other.b)?);
        // Where the tail is kinked by the margin.
        let kink = angle((1.0 - margin.max(0.0)).clamp(0.0, 1.0)).min(to).max(from);
        let integrand = |t: f64| {
            let (sine, cosine) = (libm::sin(t), libm::cos(t));
            let x = sine * sine;
            let tail = beta_upper(self.a, self.b, (x + margin).clamp(0.0, 1.0));
            beta_density(other.a, other.b, x) * 2.0 * sine * cosine * tail.unwrap_or(f64::NAN)
        };
        let total =
            integrate(from, kink, 1e-13, integrand) + integrate(kink, to, 1e-13, integrand);
        crate::checks::not_overflown(total.min(1.0))
    }

    /// The equal-tailed credible interval of this proportion less `other`, both independent.
    pub fn difference_interval(self, other: Self, level: Level) -> Result<Interval> {
        let tail = level.tail();
        let limit =
            |above: f64| root(-ALL, ALL, |margin| Ok(self.exceeds(other, margin)? - above));
        Ok(Interval { lower: limit(1.0 - tail)?, upper: limit(tail)? })
    }

    /// The variance.
    pub fn variance(self) -> f64 {
        let total = self.a + self.b;
        self.a * self.b / (total * total * (total + 1.0))
    }

    /// The probability of `events` among `total` to come: beta-binomial.
    pub fn predicts(self, events: u64, total: u64) -> Result<f64> {
        Proportion::new(events, total.max(1))?;
        let (x, n) = (events as f64, total as f64);
        let ways = ln_gamma(n + 1.0) - ln_gamma(x + 1.0) - ln_gamma(n - x + 1.0);
        Ok(exp(ways + ln_beta(self.a + x, self.b + n - x) - ln_beta(self.a, self.b)))
    }
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

impl Belief for Beta {
    type Data = Proportion;

    fn after(&self, data: &Proportion) -> Self {
        (*self).after(*data)
    }

    fn ln_evidence(&self, data: &Proportion) -> f64 {
        let after = (*self).after(*data);
        ln_beta(after.a, after.b) - ln_beta(self.a, self.b)
    }

    fn mean(&self) -> f64 {
        (*self).mean()
    }

    fn variance(&self) -> f64 {
        (*self).variance()
    }

    fn above(&self, value: f64) -> Result<f64> {
        (*self).above(value)
    }
}

/// A rule at the end of a one-armed trial: success if P(p > `null`) exceeds `threshold` after all `largest` participants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictiveRule {
    /// Participants at the end.
    pub largest: u64,
    /// The proportion to be exceeded.
    pub null: f64,
    /// How certain that must be.
    pub threshold: f64,
}

impl PredictiveRule {
    /// The predictive probability of success given what was seen so far (J. Lee & D. Liu, Clinical Trials 5, 2008): the sum
    /// over what may come of its beta-binomial probability where the rule would be met.
    pub fn success(&self, prior: Beta, seen: Proportion) -> Result<f64> {
        probability(self.null)?;
        probability(self.threshold)?;
        let Some(left) = self.largest.checked_sub(seen.total()) else {
            return Err(StatsError::OutOfRange { value: seen.total() as f64 });
        };
        let now = prior.after(seen);
        let mut total = 0.0;
        for events in 0..=left {
            let (x, n) = (events as f64, left as f64);
            let end = Beta { a: now.a + x, b: now.b + n - x };
            if end.above(self.null)? > self.threshold {
                total += now.predicts(events, left)?;
            }
        }
        Ok(total.min(1.0))
    }
}

/// The share of participants that goes to an arm which is better with probability `better`: better^c / (better^c + (1 -
/// better)^c) (P. Thall & J. Wathen, European Journal of Cancer 43, 2007). c 0 is equal allocation, 1 is W. Thompson's.
pub fn thompson_share(better: f64, c: f64) -> Result<f64> {
    share(better)?;
    crate::checks::none_negative(&[c])?;
    let (own, other) = (crate::special::pow(better, c), crate::special::pow(1.0 - better, c));
    Ok(own / (own + other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_add_up_to_one() {
        let belief = Beta::new(0.6, 0.4).unwrap();
        let total: f64 = (0..=30).map(|x| belief.predicts(x, 30).unwrap()).sum();
        assert!((total - 1.0).abs() < 1e-12, "{total}");
    }

    /// Half of what is believed of a difference of equals lies on either side; what its limits leave outside is
    /// what they say.
    #[test]
    fn limits_of_a_difference() {
        let (p, q) = (Beta::new(9.0, 3.0).unwrap(), Beta::new(4.0, 8.0).unwrap());
        let limits = p.difference_interval(q, Level::P95).unwrap();
        assert!((p.exceeds(q, limits.upper).unwrap() - 0.025).abs() < 1e-10);
        assert!((p.exceeds(q, limits.lower).unwrap() - 0.975).abs() < 1e-10);
        let same = p.difference_interval(p, Level::P95).unwrap();
        assert!((same.lower + same.upper).abs() < 1e-9, "{same:?}");
    }

    /// P(p > q) + P(q > p) = 1, and 1/2 for equal beliefs.
    #[test]
    fn one_of_two_is_larger() {
        for (a, b) in
            [((0.5, 0.5), (1.0, 3.0)), ((40.0, 2.0), (300.0, 20.0)), ((1.0, 1.0), (1.0, 1.0))]
        {
            let (p, q) = (Beta::new(a.0, a.1).unwrap(), Beta::new(b.0, b.1).unwrap());
            let both = p.exceeds(q, 0.0).unwrap() + q.exceeds(p, 0.0).unwrap();
            assert!((both - 1.0).abs() < 1e-11, "{both}");
        }
    }
}
