//! The regularised incomplete beta function and its inverse.

use super::root::increasing_root;
use super::terms::beta_term;
use super::{Tail, Tails};
use crate::{exp, expit, gamma_ln, ln, normal_quantile, pow};

/// The continued fraction needs about `sqrt(max(a, b))` pairs of terms.
const MOST_TERMS: u32 = 100_000;
const TINY: f64 = 1e-300;
/// Below this a point is told from the first term of the series alone.
const SMALLEST: f64 = 1e-300;
/// A point nearer to 1 than this is 1.
const BESIDE_ONE: f64 = 1e-17;

/// The tails of the beta distribution at `x`: lower is `I_x(a, b)` (DLMF 8.17.2).
///
/// `y` is `1 - x`, apart so that a point beside 1 keeps its digits. NaN where a shape is not
/// positive.
pub fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> Tails {
    if a.is_nan() || b.is_nan() || x.is_nan() || y.is_nan() || a <= 0.0 || b <= 0.0 {
        return Tails { lower: f64::NAN, upper: f64::NAN };
    }
    if x <= 0.0 {
        return Tails::from_lower(0.0);
    }
    if y <= 0.0 {
        return Tails::from_upper(0.0);
    }
    let term = beta_term(a, b, x, y);
    if x <= (a + 1.0) / (a + b + 2.0) {
        Tails::from_lower((term / fraction(a, b, x, y)).min(1.0))
    } else {
        Tails::from_upper((term / fraction(b, a, y, x)).min(1.0))
    }
}

fn not_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// What `x^a y^b / B(a, b)` is divided by to give `I_x(a, b)`: the even part of the continued
/// fraction of DLMF 8.17.22 (Didonato and Morris, ACM TOMS 18, 1992, equation 9), by Lentz's
/// method. Where `x` is below the mean all its terms are positive, and `x` and `y` enter apart.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let difference = a * y - b * x;
    let mut value = not_zero(a * (difference + 1.0) / (a + 1.0));
    let mut c = value;
    let mut d = 0.0;
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let step = a + 2.0 * m - 1.0;
        let over = m * (b - m) * x / step;
        let numerator = (a + m - 1.0) * (a + b + m - 1.0) / step * x * over;
        let last = (a + m) * (difference + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0);
        let denominator = m + over + last;
        d = 1.0 / not_zero(denominator + numerator * d);
        c = not_zero(denominator + numerator / c);
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 3e-16 {
            break;
        }
    }
    value
}

/// The point where the beta distribution has this tail.
pub fn beta_inverse(a: f64, b: f64, tail: Tail) -> f64 {
    if !tail.is_probability() || a.is_nan() || b.is_nan() || a <= 0.0 || b <= 0.0 {
        return f64::NAN;
    }
    let tail = tail.smaller();
    match tail {
        Tail::Lower(0.0) => return 0.0,
        Tail::Upper(0.0) => return 1.0,
        _ => {}
    }
    let lowest = first_term_inverse(a, b, tail.lower());
    if lowest < SMALLEST {
        return lowest;
    }
    let highest = first_term_inverse(b, a, tail.upper());
    if highest < BESIDE_ONE {
        return 1.0;
    }
    let start = first_guess(a, b, tail, lowest, highest);
    expit(increasing_root(start, -745.0, 40.0, |u| logarithmic_residual(a, b, u, tail)))
}

/// Where `x^a / (a B(a, b))` is `p`.
fn first_term_inverse(a: f64, b: f64, p: f64) -> f64 {
    let ln_beta = gamma_ln(a) + gamma_ln(b) - gamma_ln(a + b);
    pow(p * a, 1.0 / a) * exp(ln_beta / a)
}

/// On the logit scale: the normal approximation, or the first term at an end.
fn first_guess(a: f64, b: f64, tail: Tail, lowest: f64, highest: f64) -> f64 {
    if a < 1.0 && lowest < 0.3 {
        return ln(lowest);
    }
    if b < 1.0 && highest < 0.3 {
        return -ln(highest);
    }
    let z = match tail {
        Tail::Lower(p) => normal_quantile(p),
        Tail::Upper(q) => -normal_quantile(q),
    };
    ln(a / b) + z * (1.0 / a + 1.0 / b).sqrt()
}

/// The logarithm of the tail at `expit(u)` over the tail wanted, and its slope in `u`.
fn logarithmic_residual(a: f64, b: f64, u: f64, wanted: Tail) -> (f64, f64) {
    let (x, y) = (expit(u), expit(-u));
    let tails = beta_tails(a, b, x, y);
    let density = beta_term(a, b, x, y);
    match wanted {
        Tail::Lower(p) => (ln(tails.lower / p), density / tails.lower),
        Tail::Upper(q) => (-ln(tails.upper / q), density / tails.upper),
    }
}
