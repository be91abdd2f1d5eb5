//! A vector that computes nothing and records what would be computed: functions written once over
//! [`Vector`] become steps of a block.

use super::block::{Block, Fused, Predicate, Rounding, Row, Value, What};
use proband_math::vector::{Mask, Vector};
use std::cell::RefCell;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Sub};

thread_local! {
    /// Where operations go. A vector is made from nothing but a number, so that there is no other
    /// place to keep it.
    static BLOCK: RefCell<Block> = RefCell::default();
}

/// The steps that the work records.
pub(super) fn trace(work: impl FnOnce()) -> Block {
    BLOCK.take();
    work();
    BLOCK.take()
}

/// Stands for a vector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traced(Value);

/// Stands for a mask.
#[derive(Clone, Copy, Debug)]
pub(super) struct TracedMask(Value);

fn record(what: What, operands: &[Value]) -> Value {
    BLOCK.with_borrow_mut(|block| block.push(what, operands))
}

/// These bits in every lane.
fn constant(bits: u64) -> Traced {
    Traced(BLOCK.with_borrow_mut(|block| block.constant(bits)))
}

/// The lanes of a row.
pub(super) fn load(place: crate::program::Place) -> Traced {
    Traced(record(What::Load(Row { place, vector: 0 }), &[]))
}

/// Writes the lanes of a row.
pub(super) fn store(place: crate::program::Place, x: Traced) {
    record(What::Store(Row { place, vector: 0 }), &[x.0]);
}

macro_rules! operators {
    ($($ty:ident: $trait:ident, $method:ident, $what:ident;)+) => {$(
        impl $trait for $ty {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                Self(record(What::$what, &[self.0, other.0]))
            }
        }
    )+};
}

operators! {
    Traced: Add, add, Add;
    Traced: Sub, sub, Subtract;
    Traced: Mul, mul, Multiply;
    Traced: Div, div, Divide;
    TracedMask: BitAnd, bitand, MaskAnd;
    TracedMask: BitOr, bitor, MaskOr;
    TracedMask: BitXor, bitxor, MaskXor;
}

impl Neg for Traced {
    type Output = Self;

    fn neg(self) -> Self {
        self.bits_xor(Self::splat(-0.0))
    }
}

impl Not for TracedMask {
    type Output = Self;

    fn not(self) -> Self {
        Self(BLOCK.with_borrow_mut(|block| block.not(self.0)))
    }
}

impl Mask for TracedMask {
    fn splat(truth: bool) -> Self {
        let zero = Traced::splat(0.0);
        let everywhere = zero.eq(zero);
        if truth { everywhere } else { !everywhere }
    }

    fn bits(self) -> u64 {
        unreachable!("no function branches on what its lanes hold")
    }
}

impl Traced {
    fn with(self, what: What, others: &[Self]) -> Self {
        let mut operands = [self.0; 3];
        for (operand, other) in operands[1..].iter_mut().zip(others) {
            *operand = other.0;
        }
        Self(record(what, &operands[..=others.len()]))
    }

    fn compare(self, predicate: Predicate, other: Self) -> TracedMask {
        TracedMask(record(What::Compare(predicate), &[self.0, other.0]))
    }
}

impl Vector for Traced {
    const LANES: usize = 1;
    type Mask = TracedMask;

    fn splat(x: f64) -> Self {
        constant(x.to_bits())
    }

    fn load(_: &[f64]) -> Self {
        unreachable!("functions get their values as vectors")
    }

    fn store(self, _: &mut [f64]) {
        unreachable!("functions give their values as vectors")
    }

    fn lane(self, _: usize) -> f64 {
        unreachable!("no function looks at one lane")
    }

    fn fma(self, b: Self, c: Self) -> Self {
        self.with(What::Fused(Fused::Add), &[b, c])
    }

    fn fms(self, b: Self, c: Self) -> Self {
        self.with(What::Fused(Fused::Subtract), &[b, c])
    }

    fn fnma(self, b: Self, c: Self) -> Self {
        self.with(What::Fused(Fused::NegativeAdd), &[b, c])
    }

    fn sqrt(self) -> Self {
        self.with(What::SquareRoot, &[])
    }

    fn abs(self) -> Self {
        self.bits_and(Self::splat_bits(i64::MAX as u64))
    }

    fn lesser(self, other: Self) -> Self {
        self.with(What::Lesser, &[other])
    }

    fn greater(self, other: Self) -> Self {
        self.with(What::Greater, &[other])
    }

    fn floor(self) -> Self {
        self.with(What::Round(Rounding::Down), &[])
    }

    fn trunc(self) -> Self {
        self.with(What::Round(Rounding::TowardsZero), &[])
    }

    fn round_ties_even(self) -> Self {
        self.with(What::Round(Rounding::NearestEven), &[])
    }

    fn lt(self, other: Self) -> TracedMask {
        self.compare(Predicate::Less, other)
    }

    fn le(self, other: Self) -> TracedMask {
        self.compare(Predicate::LessEqual, other)
    }

    fn eq(self, other: Self) -> TracedMask {
        self.compare(Predicate::Equal, other)
    }

    fn select(mask: TracedMask, yes: Self, no: Self) -> Self {
        Self(record(What::Select, &[mask.0, yes.0, no.0]))
    }

    fn bits_and(self, other: Self) -> Self {
        self.with(What::And, &[other])
    }

    fn bits_or(self, other: Self) -> Self {
        self.with(What::Or, &[other])
    }

    fn bits_xor(self, other: Self) -> Self {
        self.with(What::Xor, &[other])
    }

    fn bits_add(self, k: i64) -> Self {
        self.with(What::AddBits, &[constant(k as u64)])
    }

    fn bits_shl52(self) -> Self {
        self.with(What::ShiftUp52, &[])
    }

    fn top12(self) -> Self {
        // AVX2 converts no 64-bit integers: these low bits go into the mantissa of 2^52.
        const TWO52: f64 = 4503599627370496.0;
        let top = self.with(What::ShiftDown52, &[]);
        top.bits_or(Self::splat(TWO52)) - Self::splat(TWO52)
    }

    fn splat_bits(bits: u64) -> Self {
        constant(bits)
    }
}
