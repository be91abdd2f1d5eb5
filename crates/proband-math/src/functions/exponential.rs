//! `exp`, `exp2` and `exp_m1`.

use super::polynomial::{nearest, polynomial, power_of_two, scale};
use crate::vector::Vector;

pub(crate) const LN_2: f64 = std::f64::consts::LN_2;
/// What `LN_2` lacks of ln 2.
pub(crate) const LN_2_REST: f64 = 2.3190468138462996e-17;

/// (e^r - 1 - r) / r^2 on +-0.3467; error 2^-59.3.
const EXP: [f64; 11] = [
    0.5,
    0.1666666666666667,
    0.04166666666666667,
    0.00833333333332612,
    0.0013888888888883737,
    0.00019841269874873975,
    2.480158732558584e-05,
    2.755725533255441e-06,
    2.7557273594799413e-07,
    2.510524515390137e-08,
    2.0914707069612355e-09,
];

/// `e^x = 2^k (1 + high + low)` with `|high| < 0.35` and `low` its correction and higher powers.
#[derive(Clone, Copy)]
pub(crate) struct Exponential<V> {
    pub(crate) k: V,
    pub(crate) high: V,
    pub(crate) low: V,
}

impl<V: Vector> Exponential<V> {
    /// `e^(x + tail)` for `|x| < 1500` and a tail of at most a few ulp of `x`.
    #[inline(always)]
    pub(crate) fn of(x: V, tail: V) -> Self {
        let k = nearest(x, std::f64::consts::LOG2_E);
        // Exact: `k ln 2` and `x` are multiples of 2^-54, and their difference is below 1/2.
        let first = k.fnma(V::splat(LN_2), x);
        Self::reduced(k, first, k.fnma(V::splat(LN_2_REST), tail))
    }

    /// `2^k e^(first + rest)`.
    #[inline(always)]
    fn reduced(k: V, first: V, rest: V) -> Self {
        let high = first + rest;
        let left = rest - (high - first);
        let low = (high * high).fma(polynomial(high, &EXP), left.fma(high, left));
        Self { k, high, low }
    }

    /// The significand, `1 + high + low`, from 0.7 to 1.42.
    #[inline(always)]
    pub(crate) fn significand(self) -> V {
        V::splat(1.0) + (self.high + self.low)
    }

    /// `e^x`.
    #[inline(always)]
    pub(crate) fn value(self) -> V {
        scale(self.significand(), self.k)
    }

    /// `(e^x - 1) / 2`, for `k` from -60 to 1025: half, so that the next function has room.
    #[inline(always)]
    pub(crate) fn half_minus_one(self) -> V {
        let quarter = power_of_two(self.k - V::splat(2.0));
        let first = quarter.fma(self.high, quarter - V::splat(0.25));
        let sum = quarter.fma(self.low, first);
        // Without scaling nothing cancels, and a tiny x keeps all its bits.
        let unscaled = V::splat(0.5) * (self.high + self.low);
        V::select(self.k.eq(V::splat(0.0)), unscaled, sum + sum)
    }
}

/// `x` moved into `[low, high]`; NaN stays.
#[inline(always)]
pub(crate) fn clamp<V: Vector>(x: V, low: f64, high: f64) -> V {
    V::splat(low).greater(V::splat(high).lesser(x))
}

/// `e^x`.
///
/// From 709.79 up it is infinite, below -745.14 zero, and gradual in between.
#[inline(always)]
pub fn exp<V: Vector>(x: V) -> V {
    Exponential::of(clamp(x, -746.0, 710.0), V::splat(0.0)).value()
}

/// `2^x`; exact for whole `x`.
#[inline(always)]
pub fn exp2<V: Vector>(x: V) -> V {
    let x = clamp(x, -1076.0, 1025.0);
    let k = x.round_ties_even();
    let part = x - k;
    let first = part * V::splat(LN_2);
    let rest = part.fms(V::splat(LN_2), first) + part * V::splat(LN_2_REST);
    Exponential::reduced(k, first, rest).value()
}

/// `e^x - 1`, accurate also near zero.
#[inline(always)]
pub fn exp_m1<V: Vector>(x: V) -> V {
    let half = Exponential::of(clamp(x, -40.0, 710.0), V::splat(0.0)).half_minus_one();
    V::select(x.abs().lt(V::splat(1e-17)), x, half + half)
}
