//! Two proportions compared within strata.

use super::Proportion;
use crate::checks::at_least;
use crate::error::{Result, StatsError};
use crate::estimate::{ChiSquareTest, Continuity, Effect, Level, RatioEffect, Reference};
use crate::special::ln;

/// The two groups of one stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// The active group.
    pub active: Proportion,
    /// The control group.
    pub control: Proportion,
}

impl Stratum {
    fn total(&self) -> f64 {
        self.active.n() + self.control.n()
    }

    /// Cells a, b (active with and without the event), c, d (control).
    fn cells(&self) -> [f64; 4] {
        let (a, c) = (self.active, self.control);
        [a.x(), a.without() as f64, c.x(), c.without() as f64]
    }
}

/// The Mantel-Haenszel difference of risks, sum(w (p1 - p2)) / sum(w) with w = n1 n2 / N, and the
/// variance of T. Sato (Biometrics 45, 1989, 1323-1324), valid for few large and many small strata.
pub fn mantel_haenszel_difference(strata: &[Stratum], level: Level) -> Result<Effect> {
    at_least(1, strata.len())?;
    let (mut weights, mut weighted, mut p_sum, mut q_sum) = (0.0, 0.0, 0.0, 0.0);
    for stratum in strata {
        let (n1, n2, total) = (stratum.active.n(), stratum.control.n(), stratum.total());
        let [a, b, c, d] = stratum.cells();
        weights += n1 * n2 / total;
        weighted += (a * n2 - c * n1) / total;
        p_sum += (n1 * n1 * c - n2 * n2 * a + 0.5 * n1 * n2 * (n2 - n1)) / (total * total);
        q_sum += 0.5 * (a * d + b * c) / total;
    }
    let difference = weighted / weights;
    let variance = (difference * p_sum + q_sum) / (weights * weights);
    Effect::wald(difference, variance.max(0.0).sqrt(), Reference::Normal, level)
}

/// The Mantel-Haenszel odds ratio, sum(ad/N) / sum(bc/N), with the variance of its logarithm by
/// J. Robins, N. Breslow & S. Greenland (Biometrics 42, 1986, 311-323).
pub fn mantel_haenszel_odds_ratio(strata: &[Stratum], level: Level) -> Result<RatioEffect> {
    at_least(1, strata.len())?;
    let (mut r, mut s, mut pr, mut mixed, mut qs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for stratum in strata {
        let total = stratum.total();
        let [a, b, c, d] = stratum.cells();
        let (rk, sk) = (a * d / total, b * c / total);
        let (pk, qk) = ((a + d) / total, (b + c) / total);
        r += rk;
        s += sk;
        pr += pk * rk;
        mixed += pk * sk + qk * rk;
        qs += qk * sk;
    }
    if r <= 0.0 || s <= 0.0 {
        return Err(StatsError::Separated);
    }
    let variance = 0.5 * (pr / (r * r) + mixed / (r * s) + qs / (s * s));
    Ok(Effect::wald(ln(r / s), variance.sqrt(), Reference::Normal, level)?.ratio())
}

/// The Cochran-Mantel-Haenszel test of no association in any stratum, on one degree of freedom
/// (N. Mantel & W. Haenszel, JNCI 22, 1959). Fails where no stratum has both outcomes.
pub fn cochran_mantel_haenszel(
    strata: &[Stratum],
    continuity: Continuity,
) -> Result<ChiSquareTest> {
    at_least(1, strata.len())?;
    let (mut excess, mut variance) = (0.0, 0.0);
    for stratum in strata {
        let (n1, n2, total) = (stratum.active.n(), stratum.control.n(), stratum.total());
        let [a, _, c, _] = stratum.cells();
        let events = a + c;
        excess += a - n1 * events / total;
        variance += n1 * n2 * events * (total - events) / (total * total * (total - 1.0));
    }
    if variance <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    let step = match continuity {
        Continuity::Corrected if excess.abs() >= 0.5 => 0.5,
        Continuity::Corrected | Continuity::Uncorrected => 0.0,
    };
    let gap = excess.abs() - step;
    ChiSquareTest::new(gap * gap / variance, 1.0)
}
