//! The logarithm of the gamma function.

use super::logarithm::ln;
use super::polynomial::polynomial;
use crate::vector::Vector;

/// ln Gamma(2 + d) / d on +-0.5; error 2^-60.5.
const GAMMA: [f64; 19] = [
    0.42278433509846713,
    0.32246703342411326,
    -0.0673523010531981,
    0.02058080842778038,
    -0.0073855510286719986,
    0.002890510331034267,
    -0.0011927539118428156,
    0.0005096695154115458,
    -0.00022315475400520507,
    9.945767355819498e-05,
    -4.49263133791557e-05,
    2.0505590755833454e-05,
    -9.438715099211532e-06,
    4.38470440459836e-06,
    -2.0439048107029907e-06,
    9.200527894968101e-07,
    -4.3252393445604814e-07,
    2.78740805211359e-07,
    -1.3219945666117874e-07,
];

/// x (ln Gamma x - Stirling) in 1/x^2 for x >= 8; error 2^-66.1.
const STIRLING: [f64; 8] = [
    0.08333333333333333,
    -0.0027777777777776747,
    0.0007936507935117282,
    -0.0005952380234291254,
    0.0008417325268022405,
    -0.001914965912162907,
    0.0062081367662297935,
    -0.020855820837463117,
];

/// From here up Stirling's series serves.
const LARGE: f64 = 8.0;
/// `ln sqrt(2 pi) - 1/2`.
const LN_ROOT_TWO_PI_LESS_HALF: f64 = 0.4189385332046727;

/// `ln Gamma(2 + d)` for `|d| <= 1/2`; zero at zero, and accurate beside it.
#[inline(always)]
pub(crate) fn gamma_ln_beside_two<V: Vector>(d: V) -> V {
    d * polynomial(d, &GAMMA)
}

/// What Stirling's formula lacks of `ln Gamma x`, for `x >= 8`.
#[inline(always)]
pub(crate) fn stirling_error<V: Vector>(x: V) -> V {
    let inverse = V::splat(1.0) / x;
    inverse * polynomial(inverse * inverse, &STIRLING)
}

/// `ln Gamma(x)` for `x >= 0`, infinite at 0; NaN below.
///
/// Accurate relative to itself also beside its zeros at 1 and 2.
#[inline(always)]
pub fn gamma_ln<V: Vector>(x: V) -> V {
    let one = V::splat(1.0);
    let half = V::splat(0.5);
    let large = x.ge(V::splat(LARGE));
    // Walk to 2 + d: downwards from above by Gamma(y) = (y - 1) Gamma(y - 1), upwards from below.
    let mut factors = one;
    let mut y = x;
    for _ in 0..6 {
        let above = y.gt(V::splat(2.5));
        let less = y - one;
        factors = V::select(above, factors * less, factors);
        y = V::select(above, less, y);
    }
    let near_zero = x.lt(half);
    let near_one = x.lt(V::splat(1.5)) & !near_zero;
    factors = V::select(near_zero, x.fma(x, x), factors);
    factors = V::select(near_one, x, factors);
    let d = V::select(near_zero, x, V::select(near_one, x - one, y - V::splat(2.0)));
    let log = ln(V::select(large, x, factors));
    let from_below = near_zero | near_one;
    let beside = gamma_ln_beside_two(d) + V::select(from_below, -log, log);
    // (x - 1/2) (ln x - 1) + ln sqrt(2 pi) - 1/2 + error
    let rest = stirling_error(x) + V::splat(LN_ROOT_TWO_PI_LESS_HALF);
    let stirling = (x - half).fma(log - one, rest);
    let stirling = V::select(x.eq(V::splat(f64::INFINITY)), x, stirling);
    V::select(large, stirling, V::select(x.ge(V::splat(0.0)), beside, V::splat(f64::NAN)))
}
