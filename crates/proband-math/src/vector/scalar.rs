//! One lane: `f64` itself, on every processor.

use super::{Mask, Vector};

impl Mask for bool {
    #[inline(always)]
    fn splat(truth: bool) -> Self {
        truth
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self)
    }
}

impl Vector for f64 {
    const LANES: usize = 1;
    type Mask = bool;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        from[0]
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        to[0] = self;
    }

    #[inline(always)]
    fn lane(self, lane: usize) -> f64 {
        assert!(lane == 0, "one lane only");
        self
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }

    #[inline(always)]
    fn fms(self, b: Self, c: Self) -> Self {
        self.mul_add(b, -c)
    }

    #[inline(always)]
    fn fnma(self, b: Self, c: Self) -> Self {
        (-self).mul_add(b, c)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    #[inline(always)]
    fn greater(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    #[inline(always)]
    fn floor(self) -> Self {
        Self::floor(self)
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        Self::trunc(self)
    }

    #[inline(always)]
    fn round_ties_even(self) -> Self {
        Self::round_ties_even(self)
    }

    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn le(self, other: Self) -> bool {
        self <= other
    }

    #[inline(always)]
    fn eq(self, other: Self) -> bool {
        self == other
    }

    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    #[inline(always)]
    fn bits_and(self, other: Self) -> Self {
        Self::from_bits(self.to_bits() & other.to_bits())
    }

    #[inline(always)]
    fn bits_or(self, other: Self) -> Self {
        Self::from_bits(self.to_bits() | other.to_bits())
    }

    #[inline(always)]
    fn bits_xor(self, other: Self) -> Self {
        Self::from_bits(self.to_bits() ^ other.to_bits())
    }

    #[inline(always)]
    fn bits_add(self, k: i64) -> Self {
        Self::from_bits(self.to_bits().wrapping_add_signed(k))
    }

    #[inline(always)]
    fn bits_shl52(self) -> Self {
        Self::from_bits(self.to_bits() << 52)
    }

    #[inline(always)]
    fn top12(self) -> Self {
        (self.to_bits() >> 52) as Self
    }
}
