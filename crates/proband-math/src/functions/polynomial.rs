//! Polynomials and exact powers of two.

use crate::vector::Vector;

/// `c[0] + c[1] x + c[2] x^2 + ...` in two chains, the even powers and the odd ones, which halves
/// the wait for each fused multiply-add.
#[inline(always)]
pub(crate) fn polynomial<V: Vector, const N: usize>(x: V, c: &[f64; N]) -> V {
    let square = x * x;
    let mut last = V::splat(c[N - 1]);
    let mut before = V::splat(c[N - 2]);
    for i in 1..N / 2 {
        last = last.fma(square, V::splat(c[N - 1 - 2 * i]));
        before = before.fma(square, V::splat(c[N - 2 - 2 * i]));
    }
    let sum = last.fma(x, before);
    if N.is_multiple_of(2) { sum } else { sum.fma(x, V::splat(c[0])) }
}

/// 2^52 and the bias of exponents: a whole number added to it has its biased exponent in the
/// lowest bits of the sum.
const BIAS: f64 = 4503599627370496.0 + 1023.0;
/// 1.5 * 2^52: adding it rounds to a whole number, a half to the even one.
const ROUND: f64 = 6755399441055744.0;

/// `2^k` for whole `k` from -1022 to 1023; 1024 gives infinity.
#[inline(always)]
pub(crate) fn power_of_two<V: Vector>(k: V) -> V {
    (k + V::splat(BIAS)).bits_shl52()
}

/// `y 2^k`, rounded once also where it underflows gradually, for whole `k` within +-2040 and `y`
/// near 1.
#[inline(always)]
pub(crate) fn scale<V: Vector>(y: V, k: V) -> V {
    // Half of k, rounded by the sum itself, and what is left of k.
    let half = k.fma(V::splat(0.5), V::splat(BIAS));
    let rest = k - (half - V::splat(BIAS));
    y * half.bits_shl52() * power_of_two(rest)
}

/// The whole number nearest to `x * factor`, for products below 2^51.
#[inline(always)]
pub(crate) fn nearest<V: Vector>(x: V, factor: f64) -> V {
    x.fma(V::splat(factor), V::splat(ROUND)) - V::splat(ROUND)
}
