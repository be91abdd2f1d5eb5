//! Four lanes with AVX2 and FMA.

use super::{Mask, Vector};
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// Four doubles in a 256-bit register.
///
/// Exists only inside [`Simd::run`](super::Simd::run), after AVX2 and FMA were found: every
/// `unsafe` block of this file rests on that.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct F64x4(__m256d);

/// All bits set in the lanes that are true, none in the others.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Mask4(__m256d);

macro_rules! operator {
    ($ty:ident, $trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for $ty {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: the type exists only where AVX2 and FMA were found.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}

operator!(F64x4, Add, add, _mm256_add_pd);
operator!(F64x4, Sub, sub, _mm256_sub_pd);
operator!(F64x4, Mul, mul, _mm256_mul_pd);
operator!(F64x4, Div, div, _mm256_div_pd);
operator!(Mask4, BitAnd, bitand, _mm256_and_pd);
operator!(Mask4, BitOr, bitor, _mm256_or_pd);
operator!(Mask4, BitXor, bitxor, _mm256_xor_pd);

impl Neg for F64x4 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.bits_xor(Self::splat(-0.0))
    }
}

impl Not for Mask4 {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        self ^ Self::splat(true)
    }
}

impl Mask for Mask4 {
    #[inline(always)]
    fn splat(truth: bool) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_castsi256_pd(_mm256_set1_epi64x(-i64::from(truth))) })
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        unsafe { _mm256_movemask_pd(self.0) as u64 }
    }
}

impl F64x4 {
    #[inline(always)]
    fn integers(self) -> __m256i {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        unsafe { _mm256_castpd_si256(self.0) }
    }

    #[inline(always)]
    fn from_integers(bits: __m256i) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_castsi256_pd(bits) })
    }
}

impl Vector for F64x4 {
    const LANES: usize = 4;
    type Mask = Mask4;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_set1_pd(x) })
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..Self::LANES];
        // SAFETY: four doubles lie at the pointer, by the line above; AVX2 was found.
        Self(unsafe { _mm256_loadu_pd(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..Self::LANES];
        // SAFETY: four doubles lie at the pointer, by the line above; AVX2 was found.
        unsafe { _mm256_storeu_pd(to.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn lane(self, lane: usize) -> f64 {
        let mut lanes = [0.0; Self::LANES];
        self.store(&mut lanes);
        lanes[lane]
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_fmadd_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn fms(self, b: Self, c: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_fmsub_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn fnma(self, b: Self, c: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_fnmadd_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_sqrt_pd(self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.bits_and(Self::splat_bits(i64::MAX as u64))
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_min_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn greater(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_max_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn floor(self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe {
            _mm256_round_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)
        })
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_round_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0) })
    }

    #[inline(always)]
    fn round_ties_even(self) -> Self {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_round_pd::<NEAREST>(self.0) })
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Mask4 {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Mask4(unsafe { _mm256_cmp_pd::<_CMP_LT_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn le(self, other: Self) -> Mask4 {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Mask4(unsafe { _mm256_cmp_pd::<_CMP_LE_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Mask4 {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Mask4(unsafe { _mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn select(mask: Mask4, yes: Self, no: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_blendv_pd(no.0, yes.0, mask.0) })
    }

    #[inline(always)]
    fn bits_and(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_and_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn bits_or(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_or_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn bits_xor(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self(unsafe { _mm256_xor_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn bits_add(self, k: i64) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self::from_integers(unsafe { _mm256_add_epi64(self.integers(), _mm256_set1_epi64x(k)) })
    }

    #[inline(always)]
    fn bits_shl52(self) -> Self {
        // SAFETY: the type exists only where AVX2 and FMA were found.
        Self::from_integers(unsafe { _mm256_slli_epi64::<52>(self.integers()) })
    }

    #[inline(always)]
    fn top12(self) -> Self {
        // AVX2 converts no 64-bit integers: put these low bits into the mantissa of 2^52.
        const TWO52: f64 = 4503599627370496.0;
        // SAFETY: the type exists only where AVX2 and FMA were found.
        let top = Self::from_integers(unsafe { _mm256_srli_epi64::<52>(self.integers()) });
        top.bits_or(Self::splat(TWO52)) - Self::splat(TWO52)
    }
}
