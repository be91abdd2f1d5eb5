//! The regularised incomplete gamma function and its inverse.

use super::root::increasing_root;
use super::terms::{deviance, exp_minus, gamma_term};
use super::{Tail, Tails};
use crate::functions;
use crate::scalar::fused;
use crate::{erfc, exp, exp_m1, gamma_ln, ln, ln_1p, normal_quantile, pow};

fused! {
    fn erfc_scaled(x: f64) -> f64 = functions::erfc_scaled;
    fn gamma_ln_beside_two(d: f64) -> f64 = functions::gamma_ln_beside_two;
}

/// Terms below this share of the sum no longer change it.
const NEGLIGIBLE: f64 = 1e-17;
/// Far more than the `6 sqrt(a)` terms that `a` up to `LARGE` needs.
const MOST_TERMS: u32 = 100_000;
/// Below this a point is told from the first term of the series alone.
const SMALLEST: f64 = 1e-300;
/// Replaces a zero denominator in Lentz's method.
const TINY: f64 = 1e-300;
/// From here up, near the middle, the uniform expansion replaces sums of very many terms.
const LARGE: f64 = 1e5;
/// How near the middle: beyond it the tail is below 1e-308 at `LARGE`.
const MIDDLE: f64 = 0.15;

/// The tails of the gamma distribution with this shape and scale 1 at `x`: lower is `P(a, x)`,
/// upper `Q(a, x)` (DLMF 8.2.4). NaN where the shape is not positive.
pub fn gamma_tails(shape: f64, x: f64) -> Tails {
    if shape.is_nan() || x.is_nan() || shape <= 0.0 {
        return Tails { lower: f64::NAN, upper: f64::NAN };
    }
    if x <= 0.0 {
        return Tails::from_lower(0.0);
    }
    if x == f64::INFINITY {
        return Tails::from_upper(0.0);
    }
    if shape >= LARGE && (x / shape - 1.0).abs() < MIDDLE {
        uniform_expansion(shape, x)
    } else if shape < 1.0 && x < 1.1 {
        small_shape(shape, x)
    } else if x < shape + 1.0 {
        Tails::from_lower(lower_series(shape, x))
    } else {
        Tails::from_upper(upper_fraction(shape, x))
    }
}

/// DLMF 8.11.4.
fn lower_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..MOST_TERMS {
        term *= x / (a + f64::from(n));
        sum += term;
        if term < sum * NEGLIGIBLE {
            break;
        }
    }
    sum * gamma_term(a, x)
}

/// DLMF 8.9.2 in its even part, by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..MOST_TERMS {
        let n = f64::from(n);
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / not_zero(b + numerator * d);
        c = not_zero(b + numerator / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < 3e-16 {
            break;
        }
    }
    fraction * a * gamma_term(a, x)
}

fn not_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// `ln Gamma(1 + a)` for `0 < a < 1`, with all its digits for the smallest `a` too.
fn gamma_ln_beside_one(a: f64) -> f64 {
    if a < 0.5 { gamma_ln_beside_two(a) - ln_1p(a) } else { gamma_ln(1.0 + a) }
}

/// Shapes below one near zero, where both tails come from `x^a / Gamma(a + 1)` times
/// `1 + a sum (-x)^n / ((a + n) n!)` (DLMF 8.7.1), the upper without cancellation.
fn small_shape(a: f64, x: f64) -> Tails {
    let mut power = 1.0;
    let mut sum = 0.0;
    for n in 1..40 {
        let n = f64::from(n);
        power *= -x / n;
        let term = power / (a + n);
        sum += term;
        if term.abs() < sum.abs() * NEGLIGIBLE {
            break;
        }
    }
    let log = a * ln(x) - gamma_ln_beside_one(a);
    let scale = exp(log);
    let upper = -exp_m1(log) - scale * a * sum;
    let lower = scale * (1.0 + a * sum);
    if lower < 0.5 { Tails::from_lower(lower) } else { Tails::from_upper(upper) }
}

/// Taylor series in eta of `c_0` to `c_3` of Temme's expansion (DLMF 8.12.9 to 8.12.12).
const TEMME_0: [f64; 12] = [
    -0.3333333333333333,
    0.08333333333333333,
    -0.014814814814814815,
    0.0011574074074074073,
    0.0003527336860670194,
    -0.0001787551440329218,
    3.919263178522438e-05,
    -2.185448510679992e-06,
    -1.85406221071516e-06,
    8.296711340953087e-07,
    -1.7665952736826078e-07,
    6.707853543401498e-09,
];
const TEMME_1: [f64; 8] = [
    -0.001851851851851852,
    -0.003472222222222222,
    0.0026455026455026454,
    -0.0009902263374485596,
    0.00020576131687242798,
    -4.018775720164609e-07,
    -1.8098550334489977e-05,
    7.64916091608111e-06,
];
const TEMME_2: [f64; 5] = [
    0.004133597883597883,
    -0.0026813271604938273,
    0.0007716049382716049,
    2.0093878600823047e-06,
    -0.0001073665322636516,
];
const TEMME_3: [f64; 2] = [0.0006494341563786008, 0.00022947209362139917];

fn series(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, &c| sum * x + c)
}

/// Temme's uniform expansion for large shapes (DLMF 8.12.3 and 8.12.4).
fn uniform_expansion(a: f64, x: f64) -> Tails {
    let deviance = deviance(a, x);
    let z = deviance.high.max(0.0).sqrt();
    let side = if x < a { -1.0 } else { 1.0 };
    let eta = side * z * (2.0 / a).sqrt();
    let s = series(eta, &TEMME_2) + series(eta, &TEMME_3) / a;
    let s = series(eta, &TEMME_0) + (series(eta, &TEMME_1) + s / a) / a;
    let density = exp_minus(deviance);
    let correction = side * density * s / (2.0 * std::f64::consts::PI * a).sqrt();
    // e^-deviance is e^(-z^2), and known better than z is.
    let main = if z < 0.5 { 0.5 * erfc(z) } else { 0.5 * erfc_scaled(z.min(28.0)) * density };
    let tail = main + correction;
    if x < a { Tails::from_lower(tail) } else { Tails::from_upper(tail) }
}

/// The point where the gamma distribution with this shape and scale 1 has this tail.
pub fn gamma_inverse(shape: f64, tail: Tail) -> f64 {
    if !tail.is_probability() || shape.is_nan() || shape <= 0.0 {
        return f64::NAN;
    }
    let tail = tail.smaller();
    match tail {
        Tail::Lower(0.0) => return 0.0,
        Tail::Upper(0.0) => return f64::INFINITY,
        _ => {}
    }
    let lowest = pow(tail.lower(), 1.0 / shape) * exp(gamma_ln(shape + 1.0) / shape);
    if lowest < SMALLEST {
        return lowest;
    }
    let start = ln(first_guess(shape, tail, lowest));
    exp(increasing_root(start, -745.0, 709.0, |u| logarithmic_residual(shape, u, tail)))
}

/// Wilson and Hilferty's cube, or what the ends of the distribution look like for small shapes.
fn first_guess(shape: f64, tail: Tail, lowest: f64) -> f64 {
    let z = match tail {
        Tail::Lower(p) => normal_quantile(p),
        Tail::Upper(q) => -normal_quantile(q),
    };
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    if shape > 1.0 && root > 0.2 {
        return shape * root * root * root;
    }
    if lowest < 0.5 || shape > 1.0 {
        return lowest.min(shape);
    }
    (-ln(tail.upper()) - gamma_ln(shape)).max(0.5)
}

/// The logarithm of the tail at `e^u` over the tail wanted, and its slope in `u`.
fn logarithmic_residual(shape: f64, u: f64, wanted: Tail) -> (f64, f64) {
    let x = exp(u);
    let tails = gamma_tails(shape, x);
    let density = shape * gamma_term(shape, x);
    match wanted {
        Tail::Lower(p) => (ln(tails.lower / p), density / tails.lower),
        Tail::Upper(q) => (-ln(tails.upper / q), density / tails.upper),
    }
}
