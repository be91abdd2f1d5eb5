//! Eight lanes with AVX-512.

use super::{Mask, Vector};
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

/// Eight doubles in a 512-bit register.
///
/// Exists only inside [`Simd::run`](super::Simd::run), after AVX-512 F and DQ were found: every
/// `unsafe` block of this file rests on that.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct F64x8(__m512d);

/// Bit `i` is lane `i`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Mask8(__mmask8);

macro_rules! operator {
    ($ty:ident, $trait:ident, $method:ident, $intrinsic:ident) => {
        impl $trait for $ty {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: the type exists only where AVX-512 F and DQ were found.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    };
}

operator!(F64x8, Add, add, _mm512_add_pd);
operator!(F64x8, Sub, sub, _mm512_sub_pd);
operator!(F64x8, Mul, mul, _mm512_mul_pd);
operator!(F64x8, Div, div, _mm512_div_pd);

macro_rules! mask_operator {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait for Mask8 {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0 $op other.0)
            }
        }
    };
}

mask_operator!(BitAnd, bitand, &);
mask_operator!(BitOr, bitor, |);
mask_operator!(BitXor, bitxor, ^);

impl Neg for F64x8 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.bits_xor(Self::splat(-0.0))
    }
}

impl Not for Mask8 {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl Mask for Mask8 {
    #[inline(always)]
    fn splat(truth: bool) -> Self {
        Self(if truth { !0 } else { 0 })
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self.0)
    }
}

impl F64x8 {
    #[inline(always)]
    fn integers(self) -> __m512i {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        unsafe { _mm512_castpd_si512(self.0) }
    }

    #[inline(always)]
    fn from_integers(bits: __m512i) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_castsi512_pd(bits) })
    }
}

impl Vector for F64x8 {
    const LANES: usize = 8;
    type Mask = Mask8;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_set1_pd(x) })
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..Self::LANES];
        // SAFETY: eight doubles lie at the pointer, by the line above; AVX-512 was found.
        Self(unsafe { _mm512_loadu_pd(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..Self::LANES];
        // SAFETY: eight doubles lie at the pointer, by the line above; AVX-512 was found.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), self.0) };
    }

    #[inline(always)]
    fn lane(self, lane: usize) -> f64 {
        let mut lanes = [0.0; Self::LANES];
        self.store(&mut lanes);
        lanes[lane]
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_fmadd_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn fms(self, b: Self, c: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_fmsub_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn fnma(self, b: Self, c: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_fnmadd_pd(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_sqrt_pd(self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.bits_and(Self::splat_bits(i64::MAX as u64))
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_min_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn greater(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_max_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn floor(self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe {
            _mm512_roundscale_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0)
        })
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe {
            _mm512_roundscale_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)
        })
    }

    #[inline(always)]
    fn round_ties_even(self) -> Self {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_roundscale_pd::<NEAREST>(self.0) })
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Mask8 {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Mask8(unsafe { _mm512_cmp_pd_mask::<_CMP_LT_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn le(self, other: Self) -> Mask8 {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Mask8(unsafe { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Mask8 {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Mask8(unsafe { _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn select(mask: Mask8, yes: Self, no: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_mask_blend_pd(mask.0, no.0, yes.0) })
    }

    #[inline(always)]
    fn bits_and(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_and_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn bits_or(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_or_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn bits_xor(self, other: Self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_xor_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn bits_add(self, k: i64) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self::from_integers(unsafe { _mm512_add_epi64(self.integers(), _mm512_set1_epi64(k)) })
    }

    #[inline(always)]
    fn bits_shl52(self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self::from_integers(unsafe { _mm512_slli_epi64::<52>(self.integers()) })
    }

    #[inline(always)]
    fn top12(self) -> Self {
        // SAFETY: the type exists only where AVX-512 F and DQ were found.
        Self(unsafe { _mm512_cvtepi64_pd(_mm512_srli_epi64::<52>(self.integers())) })
    }
}
