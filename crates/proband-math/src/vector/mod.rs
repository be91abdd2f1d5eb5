//! Vectors of doubles whose every operation gives the same bits in every width.
//!
//! [`Vector`] offers only what IEEE 754 pins down: + - * / and square root, fused multiply-add,
//! comparisons, selection and integer operations on the bits. A function written once over
//! `V: Vector` therefore gives one answer per lane, whatever the width and the processor.
//! Lanes never meet: there is no sum across lanes, and no shuffle.
//!
//! The widths are one lane (`f64`, everywhere), four (AVX2 with FMA) and eight (AVX-512). The two
//! wide types have no public name: code reaches them through [`Simd::run`] alone, which is what
//! makes them safe on a processor without them.
//!
//! # Writing a kernel
//!
//! Write the body once, generic and `#[inline(always)]`, and let [`dispatch!`](crate::dispatch)
//! make the entry point:
//!
//! ```
//! use proband_math::vector::{Simd, Vector, apply};
//! use proband_math::{dispatch, functions};
//!
//! #[inline(always)]
//! fn decay_body<V: Vector>(rate: f64, times: &[f64], out: &mut [f64]) {
//!     apply::<V>(times, out, #[inline(always)] |t: V| functions::exp(V::splat(-rate) * t),
//!                            #[inline(always)] |t: f64| functions::exp(-rate * t));
//! }
//!
//! dispatch! {
//!     /// `exp(-rate t)` for every time.
//!     fn decay<'a>(rate: f64, times: &'a [f64], out: &'a mut [f64]) = decay_body;
//! }
//!
//! let mut out = [0.0; 11];
//! decay(Simd::detect(), 0.3, &[2.0; 11], &mut out);
//! assert_eq!(out, [proband_math::exp(-0.3 * 2.0); 11]);
//! ```
//!
//! A body that is generic over more than the vector, or that owns workspaces, implements [`Body`]
//! by hand; the macro writes no more than that.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod dispatch;
mod scalar;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::F64x4;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::F64x8;
pub use dispatch::{Body, Simd};

use std::fmt::Debug;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// One truth value per lane.
pub trait Mask:
    Copy
    + Debug
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
{
    /// The same truth in every lane.
    fn splat(truth: bool) -> Self;

    /// Lane `i` as bit `i`; bits beyond the last lane are zero.
    fn bits(self) -> u64;

    /// Whether any lane is true.
    #[inline(always)]
    fn any(self) -> bool {
        self.bits() != 0
    }

    /// Whether every lane is true.
    #[inline(always)]
    fn all(self) -> bool {
        (!self).bits() == 0
    }
}

/// Doubles side by side, each in its lane.
///
/// Every operation is IEEE 754 in round-to-nearest, lane by lane. NaN is one value: which of
/// its many bit patterns an operation leaves is not promised. Everything else is, to the bit.
pub trait Vector:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// How many doubles it holds.
    const LANES: usize;

    /// What comparisons give.
    type Mask: Mask;

    /// The same number in every lane.
    fn splat(x: f64) -> Self;

    /// The first [`LANES`](Self::LANES) numbers of `from`; panics where there are fewer.
    fn load(from: &[f64]) -> Self;

    /// Writes the lanes to the front of `to`; panics where it is shorter.
    fn store(self, to: &mut [f64]);

    /// The number in one lane; panics beyond the last.
    fn lane(self, lane: usize) -> f64;

    /// `self * b + c`, rounded once.
    fn fma(self, b: Self, c: Self) -> Self;

    /// `self * b - c`, rounded once.
    fn fms(self, b: Self, c: Self) -> Self;

    /// `c - self * b`, rounded once.
    fn fnma(self, b: Self, c: Self) -> Self;

    /// The square root; NaN below zero.
    fn sqrt(self) -> Self;

    /// The magnitude.
    fn abs(self) -> Self;

    /// `if self < other { self } else { other }`, so a NaN on either side gives `other`.
    ///
    /// Not called `min`, which on an `f64` would be the standard library's, with another rule.
    fn lesser(self, other: Self) -> Self;

    /// `if self > other { self } else { other }`, so a NaN on either side gives `other`.
    fn greater(self, other: Self) -> Self;

    /// The largest whole number not above.
    fn floor(self) -> Self;

    /// The whole number towards zero.
    fn trunc(self) -> Self;

    /// The nearest whole number, a half going to the even one.
    fn round_ties_even(self) -> Self;

    /// Where `self < other`; false for NaN.
    fn lt(self, other: Self) -> Self::Mask;

    /// Where `self <= other`; false for NaN.
    fn le(self, other: Self) -> Self::Mask;

    /// Where `self == other`; false for NaN.
    fn eq(self, other: Self) -> Self::Mask;

    /// `yes` where the mask is true, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// The bits that both have.
    fn bits_and(self, other: Self) -> Self;

    /// The bits that either has.
    fn bits_or(self, other: Self) -> Self;

    /// The bits that one of the two has.
    fn bits_xor(self, other: Self) -> Self;

    /// The bits as an integer, plus `k`, wrapping.
    fn bits_add(self, k: i64) -> Self;

    /// The bits moved up by 52, so that a small integer in the lowest bits becomes an exponent.
    fn bits_shl52(self) -> Self;

    /// The top twelve bits (sign and biased exponent) as a number from 0 to 4095.
    fn top12(self) -> Self;

    /// The vector of these bits in every lane.
    #[inline(always)]
    fn splat_bits(bits: u64) -> Self {
        Self::splat(f64::from_bits(bits))
    }

    /// Where `self > other`; false for NaN.
    #[inline(always)]
    fn gt(self, other: Self) -> Self::Mask {
        other.lt(self)
    }

    /// Where `self >= other`; false for NaN.
    #[inline(always)]
    fn ge(self, other: Self) -> Self::Mask {
        other.le(self)
    }

    /// Where the lane holds NaN.
    #[inline(always)]
    fn nan(self) -> Self::Mask {
        !self.eq(self)
    }

    /// The magnitude of `self` with the sign of `sign`.
    #[inline(always)]
    fn with_sign(self, sign: Self) -> Self {
        self.abs().bits_or(sign.bits_and(Self::splat(-0.0)))
    }
}

/// `out[i] = f(from[i])`: whole vectors first, then the rest one by one.
///
/// `wide` and `single` are the same function at two widths (closures cannot be generic). Mark
/// both closures `#[inline(always)]`, or they are compiled without the entry point's features.
/// Panics where `out` is shorter than `from`.
#[inline(always)]
pub fn apply<V: Vector>(
    from: &[f64],
    out: &mut [f64],
    wide: impl Fn(V) -> V,
    single: impl Fn(f64) -> f64,
) {
    let out = &mut out[..from.len()];
    let whole = from.len() - from.len() % V::LANES;
    for (x, y) in from[..whole].chunks_exact(V::LANES).zip(out.chunks_exact_mut(V::LANES)) {
        wide(V::load(x)).store(y);
    }
    for (x, y) in from[whole..].iter().zip(&mut out[whole..]) {
        *y = single(*x);
    }
}
