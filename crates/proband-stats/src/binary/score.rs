//! Score intervals of two proportions by O. Miettinen & M. Nurminen, "Comparative analysis of two
//! rates", Statistics in Medicine 4 (1985), 213-226: the values that a score test, with variance at
//! the restricted maximum likelihood times N/(N-1), does not reject.

use super::{Proportion, both_outcomes};
use crate::error::{Result, StatsError};
use crate::estimate::{Interval, Level, ZTest};
use crate::special::{bisect_decreasing, exp};

/// Logarithms of ratios beyond this are 0 or infinity for any table of whole numbers; squares of
/// such ratios still fit in a double.
const FAR: f64 = 300.0;

/// What data without events say about a ratio.
const NO_LIMITS: Interval = Interval { lower: 0.0, upper: f64::INFINITY };

/// The score interval of p_active - p_control (eq. 6-9). Defined for every table, empty cells
/// included; both ends lie in -1..=1.
pub fn miettinen_nurminen(a: Proportion, c: Proportion, level: Level) -> Result<Interval> {
    difference_interval(a.value() - c.value(), level, |delta| difference_se(a, c, delta))
}

/// [`miettinen_nurminen`] without the factor N/(N-1) of the variance (R. Mee, Biometrics 40, 1984,
/// 1175-1176).
pub fn mee(a: Proportion, c: Proportion, level: Level) -> Result<Interval> {
    let unbias = 1.0 / bias(a, c).sqrt();
    difference_interval(a.value() - c.value(), level, |delta| {
        difference_se(a, c, delta) * unbias
    })
}

/// Where `observed` is z standard errors from delta, the standard error being that under delta.
pub(super) fn difference_interval(
    observed: f64,
    level: Level,
    se: impl Fn(f64) -> f64,
) -> Result<Interval> {
    let z = level.z()?;
    // Signs, not quotients, so that a variance of zero does no harm.
    let lower = bisect_decreasing(-1.0, observed, |delta| observed - delta - z * se(delta));
    let upper = bisect_decreasing(observed, 1.0, |delta| observed - delta + z * se(delta));
    Ok(Interval {
        lower: if observed <= -1.0 { -1.0 } else { lower },
        upper: if observed >= 1.0 { 1.0 } else { upper },
    })
}

/// The score test of p_active - p_control = `null` (eq. 6): z is positive where the observed
/// difference is above `null`. Fails where the restricted variance is zero.
pub fn miettinen_nurminen_test(a: Proportion, c: Proportion, null: f64) -> Result<ZTest> {
    // The range is written so that NaN falls outside it.
    if !(null > -1.0 && null < 1.0) {
        return Err(StatsError::OutOfRange { value: null });
    }
    let se = difference_se(a, c, null);
    if se <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    Ok(ZTest::new((a.value() - c.value() - null) / se))
}

/// The score interval of p_active / p_control (eq. 10-12); the upper end is infinite where the
/// control group has too few events to set one, and without any event there are no limits at all.
pub fn miettinen_nurminen_risk_ratio(
    a: Proportion,
    c: Proportion,
    level: Level,
) -> Result<Interval> {
    if a.events() + c.events() == 0 {
        return Ok(NO_LIMITS);
    }
    let score = |log: f64| {
        let ratio = exp(log);
        let (pa, pc) = restricted_by_ratio(a, c, ratio);
        let variance = pa * (1.0 - pa) / a.n() + ratio * ratio * pc * (1.0 - pc) / c.n();
        (a.value() - ratio * c.value(), (variance.max(0.0) * bias(a, c)).sqrt())
    };
    ratio_interval(level, score)
}

/// The score interval of the odds ratio (eq. 13-14); an end is zero or infinite where a cell sets no
/// limit.
pub fn miettinen_nurminen_odds_ratio(
    a: Proportion,
    c: Proportion,
    level: Level,
) -> Result<Interval> {
    if both_outcomes(a, c).is_err() {
        return Ok(NO_LIMITS);
    }
    let score = |log: f64| {
        let (pa, spread_a, spread_c) = restricted_by_odds_ratio(a, c, log);
        let information = 1.0 / (a.n() * spread_a) + 1.0 / (c.n() * spread_c);
        // (x1 - n1 p1) sqrt(information) / sqrt(bias) against z, times what keeps it finite.
        (a.x() - a.n() * pa, (bias(a, c) / information).sqrt())
    };
    ratio_interval(level, score)
}

fn ratio_interval(level: Level, score: impl Fn(f64) -> (f64, f64)) -> Result<Interval> {
    let z = level.z()?;
    let end = |sign: f64| {
        let log = bisect_decreasing(-FAR, FAR, |log| {
            let (gap, se) = score(log);
            gap + sign * z * se
        });
        match log {
            log if log <= -FAR => 0.0,
            log if log >= FAR => f64::INFINITY,
            log => exp(log),
        }
    };
    Ok(Interval { lower: end(-1.0), upper: end(1.0) })
}

/// N/(N-1).
fn bias(a: Proportion, c: Proportion) -> f64 {
    let total = a.n() + c.n();
    total / (total - 1.0)
}

/// The standard error of the difference under p_active = p_control + delta.
pub(super) fn difference_se(a: Proportion, c: Proportion, delta: f64) -> f64 {
    let (pa, pc) = restricted_by_difference(a, c, delta);
    let variance = pa * (1.0 - pa) / a.n() + pc * (1.0 - pc) / c.n();
    (variance.max(0.0) * bias(a, c)).sqrt()
}

/// The maximum likelihood of (p_active, p_control) under p_active = p_control + delta: the root of
/// the score, which falls with p_control. Solved by bisection, because the closed form of the
/// cubic (their appendix I) loses digits near the ends.
fn restricted_by_difference(a: Proportion, c: Proportion, delta: f64) -> (f64, f64) {
    let pc = bisect_decreasing((-delta).max(0.0), (1.0 - delta).min(1.0), |pc| {
        let pa = pc + delta;
        (a.x() - a.n() * pa) * pc * (1.0 - pc) + (c.x() - c.n() * pc) * pa * (1.0 - pa)
    });
    ((pc + delta).clamp(0.0, 1.0), pc.clamp(0.0, 1.0))
}

/// The same under p_active = ratio p_control: a quadratic (their eq. 12).
fn restricted_by_ratio(a: Proportion, c: Proportion, ratio: f64) -> (f64, f64) {
    let events = a.x() + c.x();
    let quadratic = (a.n() + c.n()) * ratio;
    let linear = ratio * (a.n() + c.x()) + a.x() + c.n();
    let root = (linear * linear - 4.0 * quadratic * events).max(0.0).sqrt();
    // The smaller root, written without cancellation.
    let pc = (2.0 * events / (linear + root)).clamp(0.0, 1.0);
    ((ratio * pc).clamp(0.0, 1.0), pc)
}

/// The products p(1-p) and the active risk under odds_active = exp(log) odds_control. At the maximum
/// the expected total of events equals the observed one, which fixes the control group's log odds;
/// found by bisection, because the quadratic (their eq. 14) has a double root at extreme ratios.
fn restricted_by_odds_ratio(a: Proportion, c: Proportion, log: f64) -> (f64, f64, f64) {
    let events = a.x() + c.x();
    let odds = bisect_decreasing(-2.0 * FAR, 2.0 * FAR, |odds| {
        events - a.n() * logistic(odds + log).0 - c.n() * logistic(odds).0
    });
    let (pa, spread_a) = logistic(odds + log);
    (pa, spread_a, logistic(odds).1)
}

/// p and p(1-p) at given log odds, without cancellation in either tail.
fn logistic(odds: f64) -> (f64, f64) {
    let small = exp(-odds.abs());
    let p = if odds >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    (p, small / ((1.0 + small) * (1.0 + small)))
}
