//! `sinh`, `cosh`, `tanh` and the logistic function.

use super::exponential::{Exponential, clamp};
use super::polynomial::scale;
use crate::vector::Vector;

/// Beyond 710.4758 sinh and cosh are infinite; a little beyond the parts still are not.
const OVERFLOW: f64 = 710.6;

/// The hyperbolic sine.
#[inline(always)]
pub fn sinh<V: Vector>(x: V) -> V {
    let a = V::splat(OVERFLOW).lesser(x.abs());
    let t = Exponential::of(a, V::splat(0.0)).half_minus_one();
    // With e^a = 2 t + 1: (e^a - e^-a) / 2 = t + t / (2 t + 1).
    let sum = t + t / (t + t + V::splat(1.0));
    V::select(a.gt(V::splat(40.0)), t, sum).with_sign(x)
}

/// The hyperbolic cosine.
#[inline(always)]
pub fn cosh<V: Vector>(x: V) -> V {
    let a = V::splat(OVERFLOW).lesser(x.abs());
    let parts = Exponential::of(a, V::splat(0.0));
    let y = parts.significand();
    let one = V::splat(1.0);
    scale(y, parts.k - one) + scale(one / y, -(parts.k + one))
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh<V: Vector>(x: V) -> V {
    // From 20 up the nearest double is 1.
    let a = V::splat(20.0).lesser(x.abs());
    let t = Exponential::of(a + a, V::splat(0.0)).half_minus_one();
    (t / (t + V::splat(1.0))).with_sign(x)
}

/// The logistic function `1 / (1 + e^-x)`, the inverse of [`logit`](super::logit); accurate
/// also where it is small.
#[inline(always)]
pub fn expit<V: Vector>(x: V) -> V {
    let e = Exponential::of(clamp(-x.abs(), -746.0, 0.0), V::splat(0.0)).value();
    let one = V::splat(1.0);
    V::select(x.lt(V::splat(0.0)), e, one) / (one + e)
}
