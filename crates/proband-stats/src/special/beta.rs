//! The regularised incomplete beta function and its inverse.

use super::{Tails, gamma::away_from_zero, root::invert_upper_tail, saddle};
use crate::error::{Result, StatsError};

/// The fraction needs about the square root of the larger parameter times a small number.
const MAX_TERMS: usize = 1_000_000;

/// I_x(a, b) and its complement, given both x and y = 1 - x so that neither loses digits.
///
/// Continued fraction of Press et al., *Numerical Recipes*, eq. 6.4.5 by Lentz's method; the
/// prefactor x^a y^b / B(a, b) is a b / (a + b) times Loader's binomial density.
pub(super) fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> Result<Tails> {
    if x <= 0.0 {
        return Ok(Tails { lower: 0.0, upper: 1.0 });
    }
    if y <= 0.0 {
        return Ok(Tails { lower: 1.0, upper: 0.0 });
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return Ok(beta_tails_below_mean(b, a, y, x)?.swapped());
    }
    beta_tails_below_mean(a, b, x, y)
}

fn beta_tails_below_mean(a: f64, b: f64, x: f64, y: f64) -> Result<Tails> {
    let prefactor = b / (a + b) * saddle::binomial_density_of_parts(a, b, x, y);
    Ok(Tails::from_lower((prefactor * fraction(a, b, x)?).min(1.0)))
}

fn fraction(a: f64, b: f64, x: f64) -> Result<f64> {
    const TINY: f64 = 1e-300;
    let (qab, qap, qam) = (a + b, a + 1.0, a - 1.0);
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - qab * x / qap, TINY);
    let mut h = d;
    let mut m = 0.0;
    for _ in 0..MAX_TERMS {
        m += 1.0;
        let even = m * (b - m) * x / ((qam + 2.0 * m) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d, TINY);
        c = away_from_zero(1.0 + even / c, TINY);
        h *= d * c;
        let odd = -(a + m) * (qab + m) * x / ((a + 2.0 * m) * (qap + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + odd * d, TINY);
        c = away_from_zero(1.0 + odd / c, TINY);
        let factor = d * c;
        h *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            return Ok(h);
        }
    }
    Err(StatsError::DidNotConverge { iterations: MAX_TERMS })
}

/// P(X > x) for X of Beta(a, b).
pub(crate) fn beta_upper(a: f64, b: f64, x: f64) -> Result<f64> {
    Ok(beta_tails(a, b, x, 1.0 - x)?.upper)
}

/// The density of Beta(a, b) at x.
pub(crate) fn density(a: f64, b: f64, x: f64) -> f64 {
    let y = 1.0 - x;
    a * b / (a + b) * saddle::binomial_density_of_parts(a, b, x, y) / (x * y)
}

/// The x with P(X > x) = `tail` for X of Beta(a, b).
pub(crate) fn beta_quantile_upper(tail: f64, a: f64, b: f64) -> Result<f64> {
    let upper_tail = |x: f64| Ok(beta_tails(a, b, x, 1.0 - x)?.upper);
    invert_upper_tail(tail, (0.0, 1.0), a / (a + b), upper_tail, |x| density(a, b, x))
}

/// The x with P(X < x) = `tail` for X of Beta(a, b), found in -x so that small x keep digits.
pub(crate) fn beta_quantile_lower(tail: f64, a: f64, b: f64) -> Result<f64> {
    let lower_tail = |y: f64| Ok(beta_tails(a, b, -y, 1.0 + y)?.lower);
    let x =
        invert_upper_tail(tail, (-1.0, 0.0), -a / (a + b), lower_tail, |y| density(a, b, -y))?;
    Ok(-x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_invert_tails_in_both_directions() {
        for (a, b) in [(0.5, 0.5), (1.0, 1.0), (1.0, 29.0), (1e3, 3.0), (5e5, 5e5), (2.0, 1e6)]
        {
            for tail in [1e-10, 0.005, 0.025, 0.4] {
                let low = beta_quantile_lower(tail, a, b).unwrap();
                let back = beta_tails(a, b, low, 1.0 - low).unwrap().lower;
                assert!((back / tail - 1.0).abs() < 1e-9, "{a} {b} {tail}: {back}");
                let high = beta_quantile_upper(tail, b, a).unwrap();
                assert!((high - (1.0 - low)).abs() < 1e-14, "{a} {b} {tail}: {high} {low}");
            }
        }
    }

    /// Values by mpmath 1.3 at 34 digits.
    #[test]
    fn quantiles_match_arbitrary_precision() {
        for (a, b, tail, x) in [
            (1.0, 20.0, 0.025, 0.001_265_089_497_949_803_7),
            (2.0, 19.0, 0.025, 0.012_348_527_170_294_802),
            (0.5, 0.5, 1e-10, 2.467_401_100_272_34e-20),
            (500.0, 501.0, 0.025, 0.468_549_172_971_791_94),
        ] {
            let ours = beta_quantile_lower(tail, a, b).unwrap();
            assert!((ours / x - 1.0).abs() < 1e-13, "{a} {b}: {ours}");
        }
    }

    /// Values by mpmath 1.3 at 50 digits: far into the tails, where libraries that iterate on a density lose
    /// their way.
    #[test]
    fn quantiles_hold_in_extreme_tails() {
        for (a, b, tail, x) in [
            (0.5, 1e6, 1e-12, 7.853_983_597_470_137e-31),
            (0.5, 20.5, 1e-15, 3.878_213_999_574_302_4e-32),
            (1.0, 1e6, 1e-300, 1e-306),
            (3.0, 1e6, 1e-200, 3.914_863_726_306_442e-73),
            (1000.0, 3.0, 1e-12, 0.966_553_658_517_360_9),
            (20.0, 30.0, 1e-100, 2.125_343_852_174_940_8e-6),
            (250.0, 250.0, 1e-30, 0.259_511_557_331_880_3),
            (0.5, 3.0, 0.4999, 0.078_997_417_946_948_55),
        ] {
            let ours = beta_quantile_lower(tail, a, b).unwrap();
            assert!((ours / x - 1.0).abs() < 1e-11, "{a} {b} {tail}: {ours}");
        }
    }

    /// I_x(1, b) = 1 - (1-x)^b and I_x(a, 1) = x^a are known in closed form.
    #[test]
    fn closed_forms_hold_into_the_tails() {
        for x in [1e-12, 1e-3, 0.3, 0.9] {
            for n in [1.0, 7.0, 1e5] {
                let upper = beta_tails(1.0, n, x, 1.0 - x).unwrap().upper;
                let exact = super::super::exp(n * super::super::ln_1p(-x));
                assert!((upper - exact).abs() <= 1e-11 * exact, "{x} {n}: {upper} {exact}");
            }
        }
    }
}
