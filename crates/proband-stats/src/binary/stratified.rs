//! Two proportions compared within strata.

use super::Proportion;
use super::exact::{FisherTest, conditional_distribution};
use super::one_sample::wilson_at;
use super::score::{difference_interval, difference_se};
use crate::checks::at_least;
use crate::error::{Result, StatsError};
use crate::estimate::{
    ChiSquareTest, Continuity, Effect, Interval, Level, RatioEffect, Reference,
};
use crate::special::{bisect_decreasing, ln};

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

    /// Mantel and Haenszel's n1 n2 / N.
    fn weight(&self) -> f64 {
        self.active.n() * self.control.n() / self.total()
    }

    fn difference(&self) -> f64 {
        self.active.value() - self.control.value()
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

/// The Mantel-Haenszel ratio of risks, sum(a n2/N) / sum(c n1/N), with the variance of its logarithm
/// by S. Greenland & J. M. Robins (Biometrics 41, 1985, 55-68).
pub fn mantel_haenszel_risk_ratio(strata: &[Stratum], level: Level) -> Result<RatioEffect> {
    at_least(1, strata.len())?;
    let (mut r, mut s, mut spread) = (0.0, 0.0, 0.0);
    for stratum in strata {
        let (n1, n2, total) = (stratum.active.n(), stratum.control.n(), stratum.total());
        let [a, _, c, _] = stratum.cells();
        r += a * n2 / total;
        s += c * n1 / total;
        spread += (n1 * n2 * (a + c) - a * c * total) / (total * total);
    }
    if r <= 0.0 || s <= 0.0 {
        return Err(StatsError::NoEvents);
    }
    let se = (spread / (r * s)).max(0.0).sqrt();
    Ok(Effect::wald(ln(r / s), se, Reference::Normal, level)?.ratio())
}

/// The difference of [`mantel_haenszel_difference`] with the unpooled binomial variance
/// sum(w^2 (p1 q1/n1 + p2 q2/n2)) / sum(w)^2 (W. G. Cochran, Biometrics 10, 1954), for strata that
/// are large.
pub fn cochran_difference(strata: &[Stratum], level: Level) -> Result<Effect> {
    at_least(1, strata.len())?;
    let (mut weights, mut weighted, mut variance) = (0.0, 0.0, 0.0);
    for stratum in strata {
        let weight = stratum.weight();
        weights += weight;
        weighted += weight * stratum.difference();
        let unpooled = stratum.active.variance() + stratum.control.variance();
        variance += weight * weight * unpooled;
    }
    Effect::wald(weighted / weights, variance.sqrt() / weights, Reference::Normal, level)
}

/// The score interval of a common difference (Miettinen & Nurminen 1985, section 4) with
/// Mantel-Haenszel weights w = n1 n2 / N: the deltas with
/// |sum w (d - delta)| <= z sqrt(sum w^2 V(delta)), V the restricted variance of
/// [`super::miettinen_nurminen`] in each stratum.
pub fn stratified_miettinen_nurminen(strata: &[Stratum], level: Level) -> Result<Interval> {
    at_least(1, strata.len())?;
    let total: f64 = strata.iter().map(Stratum::weight).sum();
    let share = |stratum: &Stratum| stratum.weight() / total;
    let observed = strata.iter().map(|s| share(s) * s.difference()).sum();
    difference_interval(observed, level, |delta| {
        let part = |s: &Stratum| {
            let se = share(s) * difference_se(s.active, s.control, delta);
            se * se
        };
        strata.iter().map(part).sum::<f64>().sqrt()
    })
}

/// Newcombe's hybrid score interval of the difference of weighted proportions, with weights
/// w = n1 n2 / N (X. Yan & X. G. Su, Statistics in Biopharmaceutical Research 2, 2010, 329-335).
///
/// From the stratified Wilson limits l, u of each group, d - z sqrt(a1 l1(1-l1) + a2 u2(1-u2)) and
/// d + z sqrt(a1 u1(1-u1) + a2 l2(1-l2)), where a = sum(w^2/n) with weights that add to 1. One
/// stratum gives [`super::newcombe`].
pub fn stratified_newcombe(strata: &[Stratum], level: Level) -> Result<Interval> {
    at_least(1, strata.len())?;
    let z = level.z()?;
    let total: f64 = strata.iter().map(Stratum::weight).sum();
    let weights: Vec<f64> = strata.iter().map(|s| s.weight() / total).collect();
    let active = Weighted::of(&weights, strata.iter().map(|s| s.active), level)?;
    let control = Weighted::of(&weights, strata.iter().map(|s| s.control), level)?;
    let half = |a: f64, c: f64| {
        z * (active.spread * a * (1.0 - a) + control.spread * c * (1.0 - c)).sqrt()
    };
    let difference = active.value - control.value;
    Ok(Interval {
        lower: difference - half(active.limits.lower, control.limits.upper),
        upper: difference + half(active.limits.upper, control.limits.lower),
    })
}

/// A weighted proportion with its stratified Wilson limits.
struct Weighted {
    value: f64,
    limits: Interval,
    /// The sum of w^2/n.
    spread: f64,
}

impl Weighted {
    /// The weighted Wilson limits at the z that makes their width that of the weighted proportion:
    /// z sqrt(sum w^2 V) / sum(w sqrt V), V = p(1-p)/n (Yan & Su, eq. 4). Where no stratum varies, at z
    /// sqrt(sum w^2/n) / sum(w/sqrt n), its limit for strata that vary alike.
    fn of(
        weights: &[f64],
        groups: impl Iterator<Item = Proportion> + Clone,
        level: Level,
    ) -> Result<Self> {
        let pairs = || weights.iter().copied().zip(groups.clone());
        let sum =
            |f: &dyn Fn(f64, Proportion) -> f64| pairs().map(|(w, p)| f(w, p)).sum::<f64>();
        let spread = sum(&|w, p| w * w / p.n());
        let varied = sum(&|w, p| w * w * p.variance());
        let shrink = if varied > 0.0 {
            varied.sqrt() / sum(&|w, p| w * p.variance().sqrt())
        } else {
            spread.sqrt() / sum(&|w, p| w / p.n().sqrt())
        };
        let z = level.z()? * shrink;
        let value = sum(&|w, p| w * p.value());
        let lower = sum(&|w, p| w * wilson_at(p, z).lower);
        let upper = sum(&|w, p| w * wilson_at(p, z).upper);
        Ok(Self { value, limits: Interval { lower, upper }, spread })
    }
}

/// The Breslow-Day test that the odds ratio is the same in all strata, on one degree of freedom less
/// than there are strata that say something about it (N. E. Breslow & N. E. Day, *Statistical Methods
/// in Cancer Research* I, 1980, eq. 4.30), with and without the correction of R. E. Tarone
/// (Biometrika 72, 1985, 91-95), which is what makes it a chi-square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homogeneity {
    /// As Breslow and Day wrote it.
    pub breslow_day: ChiSquareTest,
    /// Less sum(a - E a)^2 / sum(Var a).
    pub tarone: ChiSquareTest,
}

/// Tests the homogeneity of odds ratios around [`mantel_haenszel_odds_ratio`].
///
/// Fails where that does, and below two strata with both groups' margins neither empty nor full.
pub fn breslow_day(strata: &[Stratum]) -> Result<Homogeneity> {
    let common = mantel_haenszel_odds_ratio(strata, Level::P95)?.value;
    let (mut statistic, mut gaps, mut variances, mut informative) = (0.0, 0.0, 0.0, 0);
    for stratum in strata {
        let [a, _, c, _] = stratum.cells();
        let events = a + c;
        if events <= 0.0 || events >= stratum.total() {
            continue;
        }
        let fitted = fitted_events(stratum, common);
        let (n1, n2) = (stratum.active.n(), stratum.control.n());
        let cells = [fitted, n1 - fitted, events - fitted, n2 - events + fitted];
        let variance = 1.0 / cells.iter().map(|cell| 1.0 / cell).sum::<f64>();
        statistic += (a - fitted) * (a - fitted) / variance;
        gaps += a - fitted;
        variances += variance;
        informative += 1;
    }
    at_least(2, informative)?;
    let df = informative as f64 - 1.0;
    Ok(Homogeneity {
        breslow_day: ChiSquareTest::new(statistic, df)?,
        tarone: ChiSquareTest::new((statistic - gaps * gaps / variances).max(0.0), df)?,
    })
}

/// The events of the active group that give the odds ratio `common` with the margins of the stratum:
/// the count at which its cross-products agree, between the ends that the margins allow.
fn fitted_events(stratum: &Stratum, common: f64) -> f64 {
    let (n1, n2) = (stratum.active.n(), stratum.control.n());
    let events = stratum.active.x() + stratum.control.x();
    bisect_decreasing((events - n2).max(0.0), events.min(n1), |a| {
        common * (n1 - a) * (events - a) - a * (n2 - events + a)
    })
}

/// The exact test that every stratum's odds ratio is 1, given all margins: the distribution of the
/// active events summed over strata (C. R. Mehta, N. R. Patel & R. Gray, JASA 80, 1985); two-sided
/// as in [`super::fisher_exact`].
///
/// Time grows with the number of tables of each stratum times their sum; always defined.
pub fn exact_stratified_test(strata: &[Stratum]) -> Result<FisherTest> {
    at_least(1, strata.len())?;
    let (mut first, mut observed, mut distribution) = (0, 0, vec![1.0]);
    for stratum in strata {
        let (low, own) = conditional_distribution(stratum.active, stratum.control);
        first += low;
        observed += stratum.active.events();
        distribution = convolved(&distribution, &own);
    }
    Ok(FisherTest::of(&distribution, (observed - first) as usize))
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut both = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            both[i + j] += x * y;
        }
    }
    both
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
