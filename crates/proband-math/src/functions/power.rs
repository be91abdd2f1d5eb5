//! `pow`, and a rough power for step sizes.

use super::exponential::{Exponential, clamp};
use super::logarithm::ln_double;
use crate::vector::Vector;

/// `x^y` by the rules of C99: `x^0` and `1^y` are 1 whatever the other is, even NaN; zero and
/// infinity behave as limits; a negative `x` needs a whole `y`, whose parity gives the sign, and
/// is NaN otherwise.
#[inline(always)]
pub fn pow<V: Vector>(x: V, y: V) -> V {
    let one = V::splat(1.0);
    let zero = V::splat(0.0);
    let infinity = V::splat(f64::INFINITY);
    let base = x.abs();
    let r = positive_power(base, y);
    // Zero to a positive power and infinity to a negative one are zero, the others infinite.
    let edge = base.eq(zero) | base.eq(infinity);
    let to_zero = base.eq(zero) ^ y.lt(zero);
    let limit = V::select(to_zero, zero, infinity);
    let r = V::select(edge, limit, r);
    let r = V::select(x.eq(x) & y.eq(y), r, V::splat(f64::NAN));
    let r = V::select(base.eq(one) & y.eq(y), one, r);
    let whole = y.floor().eq(y);
    let half = y * V::splat(0.5);
    let odd = whole & !half.floor().eq(half);
    let sign = V::select(odd, x.bits_and(V::splat(-0.0)), zero);
    let no_root = x.lt(zero) & !whole & base.lt(infinity);
    let r = V::select(no_root, V::splat(f64::NAN), r.bits_or(sign));
    V::select(y.eq(zero) | x.eq(one), one, r)
}

/// `e^(y ln x)` with the logarithm and the product in double-double, for positive finite `x`.
#[inline(always)]
fn positive_power<V: Vector>(x: V, y: V) -> V {
    let (high, low) = ln_double(x);
    let product = y * high;
    let rest = y.fma(low, y.fms(high, product));
    // Beyond the range of exp the rest would be infinite or NaN.
    let rest = V::select(product.abs().lt(V::splat(760.0)), rest, V::splat(0.0));
    Exponential::of(clamp(product, -760.0, 760.0), rest).value()
}

/// `x^y` to half a percent, for the factor of a step size: `|y| <= 1/4` and `x >= 0`.
///
/// Costs six operations. Zero counts as 2^-1023 and infinity as 2^1024, so that both give finite
/// factors; NaN stays NaN.
#[inline(always)]
pub fn step_factor_power<V: Vector>(x: V, y: V) -> V {
    let one = V::splat(1.0);
    // log2(1 + f) and 2^f - 1 are both nearly f: a parabola each takes up the rest.
    let f = x.bits_and(V::splat_bits((1 << 52) - 1)).bits_or(one) - one;
    let log = f.fma((one - f) * V::splat(0.3438), f) + (x.top12() - V::splat(1023.0));
    let product = log * y;
    let whole = product.floor();
    let part = product - whole;
    let significand = part.fnma((one - part) * V::splat(0.3371), part) + one;
    V::select(x.nan(), x, significand * super::polynomial::power_of_two(whole))
}
