//! The laws of counts: tails, quantiles by search, and moments.

use super::continuous::normal_score;
use crate::special::{Tail, Tails, beta_tails, gamma_tails};

/// A law of whole numbers with parameters that have been checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Discrete {
    Poisson {
        mean: f64,
    },
    /// The variance is `mean + dispersion mean^2`.
    NegativeBinomial {
        mean: f64,
        dispersion: f64,
    },
    Binomial {
        trials: f64,
        probability: f64,
    },
    /// The probability of being at or below each level; the last is exactly 1.
    Categorical {
        up_to: Box<[f64]>,
    },
}

impl Discrete {
    /// The probabilities at or below `x`, and above.
    pub(super) fn tails(&self, x: f64) -> Tails {
        let k = x.floor();
        if k < 0.0 {
            return Tails::from_lower(0.0);
        }
        if k >= self.largest() {
            return Tails::from_upper(0.0);
        }
        match *self {
            Self::Poisson { mean } => gamma_tails(k + 1.0, mean).swap(),
            Self::NegativeBinomial { mean, dispersion } => {
                let odds = dispersion * mean;
                beta_tails(1.0 / dispersion, k + 1.0, 1.0 / (1.0 + odds), odds / (1.0 + odds))
            }
            Self::Binomial { trials, probability } => {
                beta_tails(k + 1.0, trials - k, probability, 1.0 - probability).swap()
            }
            Self::Categorical { ref up_to } => Tails::from_lower(up_to[k as usize]),
        }
    }

    /// The largest number with any probability.
    fn largest(&self) -> f64 {
        match self {
            Self::Poisson { .. } | Self::NegativeBinomial { .. } => f64::INFINITY,
            Self::Binomial { trials, .. } => *trials,
            Self::Categorical { up_to } => {
                up_to.iter().take_while(|&&p| p < 1.0).count() as f64
            }
        }
    }

    /// The smallest number whose lower tail is at least, or whose upper tail is at most, the one
    /// asked for.
    ///
    /// The comparison is made on the side that was named, so that the quantile of `tails(k)`
    /// is `k` again.
    pub(super) fn quantile(&self, tail: Tail) -> f64 {
        if let Self::Categorical { up_to } = self {
            return level(up_to, tail);
        }
        if matches!(tail, Tail::Lower(1.0) | Tail::Upper(0.0)) {
            return self.largest();
        }
        let enough = |k: f64| match tail {
            Tail::Lower(p) => self.tails(k).lower >= p,
            Tail::Upper(q) => self.tails(k).upper <= q,
        };
        smallest(self.first_guess(tail), enough)
    }

    /// The normal approximation with its skewness (Cornish and Fisher).
    fn first_guess(&self, tail: Tail) -> f64 {
        let z = normal_score(tail.smaller()).clamp(-40.0, 40.0);
        let guess = self.mean() + self.sd() * (z + self.skewness() * (z * z - 1.0) / 6.0);
        if guess.is_finite() { guess.floor().clamp(0.0, self.largest()) } else { 0.0 }
    }

    pub(super) fn mean(&self) -> f64 {
        match self {
            Self::Poisson { mean } | Self::NegativeBinomial { mean, .. } => *mean,
            Self::Binomial { trials, probability } => trials * probability,
            Self::Categorical { up_to } => weighted(up_to, |level| level),
        }
    }

    pub(super) fn sd(&self) -> f64 {
        match self {
            Self::Poisson { mean } => mean.sqrt(),
            Self::NegativeBinomial { mean, dispersion } => {
                (mean + dispersion * mean * mean).sqrt()
            }
            Self::Binomial { trials, probability } => {
                (trials * probability * (1.0 - probability)).sqrt()
            }
            Self::Categorical { up_to } => {
                let mean = self.mean();
                weighted(up_to, |level| (level - mean) * (level - mean)).sqrt()
            }
        }
    }

    /// Roughly: it only starts a search.
    fn skewness(&self) -> f64 {
        match self {
            Self::Poisson { mean } => 1.0 / mean.sqrt(),
            Self::NegativeBinomial { mean, dispersion } => {
                (1.0 + 2.0 * dispersion * mean) / (mean + dispersion * mean * mean).sqrt()
            }
            Self::Binomial { probability, .. } if self.sd() > 0.0 => {
                (1.0 - 2.0 * probability) / self.sd()
            }
            Self::Binomial { .. } | Self::Categorical { .. } => 0.0,
        }
    }
}

/// The first level with this tail.
fn level(up_to: &[f64], tail: Tail) -> f64 {
    let short = match tail {
        Tail::Lower(p) => up_to.iter().take_while(|&&lower| lower < p).count(),
        Tail::Upper(q) => up_to.iter().take_while(|&&lower| 1.0 - lower > q).count(),
    };
    short as f64
}

/// The sum of a function of the levels, each by its share.
fn weighted(up_to: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut before = 0.0;
    let mut sum = 0.0;
    for (level, &p) in up_to.iter().enumerate() {
        sum += (p - before) * f(level as f64);
        before = p;
    }
    sum
}

/// The smallest whole number from 0 that is enough, where all beyond it are: outwards from a
/// guess in doubling steps, then by halving.
fn smallest(guess: f64, enough: impl Fn(f64) -> bool) -> f64 {
    let mut step = 1.0;
    let (mut short, mut found) = (guess, guess);
    if enough(guess) {
        loop {
            short = found - step;
            if short < 0.0 || !enough(short) {
                break;
            }
            found = short;
            step *= 2.0;
        }
        short = short.max(-1.0);
    } else {
        loop {
            found = short + step;
            if found.is_infinite() || enough(found) {
                break;
            }
            short = found;
            step *= 2.0;
        }
    }
    while found - short > 1.0 {
        let middle = (short + 0.5 * (found - short)).floor();
        if middle <= short || middle.is_infinite() {
            break;
        }
        if enough(middle) {
            found = middle;
        } else {
            short = middle;
        }
    }
    found
}
