//! `ln`, `ln_1p`, `log2`, `log10`, and the logarithm in double-double behind `pow`.

use super::polynomial::polynomial;
use crate::vector::Vector;

/// ln 2 to 32 bits, so that its product with an exponent is exact, and the rest.
const LN_2_SHORT: f64 = 0.6931471803691238;
const LN_2_SHORT_REST: f64 = 1.9082149292705877e-10;

/// `Lg1` to `Lg7` of FreeBSD's `e_log.c` (Sun Microsystems, 1993): `(ln(1 + f) - 2 s) / s` in
/// `s^2`, where `s = f / (2 + f)`; error 2^-58.45.
const LG: [f64; 7] = [
    0.6666666666666735,
    0.3999999999940942,
    0.2857142874366239,
    0.22222198432149784,
    0.1818357216161805,
    0.15313837699209373,
    0.14798198605116586,
];

/// (2 atanh s - 2 s - 2/3 s^3) / s^5 in s^2 on [0, 0.02945]; error 2^-66.1.
const ATANH: [f64; 9] = [
    0.4,
    0.28571428571428564,
    0.22222222222228444,
    0.18181818179652515,
    0.1538461576181261,
    0.13333296483973292,
    0.11766815303406082,
    0.10456278375778207,
    0.10762867423643212,
];

/// `x = significand 2^exponent` with the significand from `sqrt(1/2)` to `sqrt 2`, for positive
/// finite `x`, subnormal ones too.
#[inline(always)]
pub(super) fn split<V: Vector>(x: V) -> (V, V) {
    const ROOT_HALF: i64 = 0x3fe6_a09e_667f_3bcd;
    const TWO54: f64 = 1.8014398509481984e+16;
    let tiny = x.lt(V::splat(f64::MIN_POSITIVE));
    let x = V::select(tiny, x * V::splat(TWO54), x);
    let bias = V::select(tiny, V::splat(1024.0 + 54.0), V::splat(1024.0));
    let exponent = x.bits_add((1024 << 52) - ROOT_HALF).top12() - bias;
    let fraction = x.bits_add(-ROOT_HALF).bits_and(V::splat_bits((1 << 52) - 1));
    (fraction.bits_add(ROOT_HALF), exponent)
}

/// `ln(1 + f) + exponent ln 2 + correction`, as in FreeBSD's `s_log1p.c`, for `f` from
/// `sqrt(1/2) - 1` to `sqrt 2 - 1`.
#[inline(always)]
fn ln_reduced<V: Vector>(f: V, exponent: V, correction: V) -> V {
    let s = f / (V::splat(2.0) + f);
    let z = s * s;
    let r = z * polynomial(z, &LG);
    let half_square = V::splat(0.5) * f * f;
    let low = exponent.fma(V::splat(LN_2_SHORT_REST), correction);
    let low = s.fma(half_square + r, low);
    exponent * V::splat(LN_2_SHORT) - ((half_square - low) - f)
}

/// `r` where `x` is positive and finite, else what a logarithm is there.
#[inline(always)]
fn with_special<V: Vector>(x: V, r: V) -> V {
    let infinity = V::splat(f64::INFINITY);
    let edge = V::select(x.eq(infinity), infinity, V::splat(f64::NAN));
    let edge = V::select(x.eq(V::splat(0.0)), -infinity, edge);
    V::select(x.gt(V::splat(0.0)) & x.lt(infinity), r, edge)
}

/// The natural logarithm: minus infinity at 0, NaN below.
#[inline(always)]
pub fn ln<V: Vector>(x: V) -> V {
    let (significand, exponent) = split(x);
    with_special(x, ln_reduced(significand - V::splat(1.0), exponent, V::splat(0.0)))
}

/// `ln(1 + x)`, accurate also near zero.
#[inline(always)]
pub fn ln_1p<V: Vector>(x: V) -> V {
    let one = V::splat(1.0);
    let zero = V::splat(0.0);
    let u = one + x;
    let (significand, exponent) = split(u);
    // What rounding took from 1 + x, in whichever order it is exact, relative to u.
    let lost = V::select(x.lt(one), x - (u - one), one - (u - x)) / u;
    let near = exponent.eq(zero);
    let f = V::select(near, x, significand - one);
    let r = ln_reduced(f, exponent, V::select(near, zero, lost));
    V::select(x.abs().lt(V::splat(1e-17)), x, with_special(u, r))
}

/// `ln(p / (1 - p))`: infinite at 0 and 1, NaN outside.
#[inline(always)]
pub fn logit<V: Vector>(p: V) -> V {
    let one = V::splat(1.0);
    let rest = one - p;
    // Between these p the odds are near 1: take their difference from 1, which is exact above.
    let even = p.gt(V::splat(0.4143)) & p.lt(V::splat(0.5857));
    let quotient = V::select(even, p + p - one, p) / rest;
    let (significand, exponent) = split(quotient);
    let f = V::select(even, quotient, significand - one);
    let exponent = V::select(even, V::splat(0.0), exponent);
    let r = ln_reduced(f, exponent, V::splat(0.0));
    let inside = V::select(even, r, with_special(quotient, r));
    let infinite = V::select(p.eq(one), V::splat(f64::INFINITY), V::splat(f64::NAN));
    V::select(p.lt(one), inside, infinite)
}

/// `ln x` as the sum of two, to about 2^-64 of itself, for positive finite `x`.
#[inline(always)]
pub(crate) fn ln_double<V: Vector>(x: V) -> (V, V) {
    let (significand, exponent) = split(x);
    let f = significand - V::splat(1.0);
    // s = f / (2 + f), in two parts.
    let d = V::splat(2.0) + f;
    let d_low = f - (d - V::splat(2.0));
    let inverse = V::splat(1.0) / d;
    let s = f * inverse;
    let s_low = s.fnma(d_low, s.fnma(d, f)) * inverse;
    // s^2 and s^3.
    let z = s * s;
    let z_low = (s + s).fma(s_low, s.fms(s, z));
    let cube = s * z;
    let cube_low = s_low.fma(z, s.fma(z_low, s.fms(z, cube)));
    // 2/3 + 2/5 s^2 + ...
    let tail = z * polynomial(z, &ATANH);
    let two_thirds = V::splat(0.6666666666666666);
    let t = two_thirds + tail;
    let t_low = (tail - (t - two_thirds)) + V::splat(3.700743415417188e-17);
    // s^3 (2/3 + ...)
    let v = cube * t;
    let v_low = cube_low.fma(t, cube.fma(t_low, cube.fms(t, v)));
    // 2 s + s^3 (...) + exponent ln 2, each sum with what it lost.
    let twice = s + s;
    let ln = twice + v;
    let ln_low = (v - (ln - twice)) + (v_low + (s_low + s_low));
    let whole = exponent * V::splat(LN_2_SHORT);
    let sum = whole + ln;
    let sum_low = ln - (sum - whole);
    let low = exponent.fma(V::splat(LN_2_SHORT_REST), sum_low + ln_low);
    let high = sum + low;
    (high, low - (high - sum))
}

/// `ln x` times a constant in two parts.
#[inline(always)]
fn ln_times<V: Vector>(x: V, factor: f64, factor_rest: f64) -> V {
    let (high, low) = ln_double(x);
    let product = high * V::splat(factor);
    let rest = high.fms(V::splat(factor), product);
    let rest = high.fma(V::splat(factor_rest), low.fma(V::splat(factor), rest));
    with_special(x, product + rest)
}

/// The logarithm to base 2; whole for powers of 2.
#[inline(always)]
pub fn log2<V: Vector>(x: V) -> V {
    ln_times(x, std::f64::consts::LOG2_E, 2.0355273740931033e-17)
}

/// The logarithm to base 10; whole for powers of 10.
#[inline(always)]
pub fn log10<V: Vector>(x: V) -> V {
    ln_times(x, std::f64::consts::LOG10_E, 1.098319650216765e-17)
}
