//! What a step computes with: lanes side by side, or nodes of a graph that become a program. The
//! formulas of the methods are written once over both, so that both give the same bits.

use crate::stepper::Bound;
use proband_kernel::{Graph, NodeId};
use proband_lang::{Binary, Unary};
use proband_math::vector::Vector;
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number, or several side by side, or one that will be.
///
/// The names differ from those of [`Vector`], which has every one of these by another.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A constant, of the kind that this number is.
    fn constant(self, x: f64) -> Self;

    /// `self * b + c`, rounded once.
    fn times_plus(self, b: Self, c: Self) -> Self;

    /// `c - self * b`, rounded once.
    fn subtracted(self, b: Self, c: Self) -> Self;

    /// The magnitude.
    fn magnitude(self) -> Self;

    /// The larger of the two; where either is no number, not necessarily that.
    fn larger(self, other: Self) -> Self;

    /// The smaller of the two; where either is no number, not necessarily that.
    fn smaller(self, other: Self) -> Self;

    /// Zero where `rate` leads out of the bound that the state `y` is at, else `self`.
    fn halted(self, bound: Bound, y: Self, rate: Self) -> Self;
}

impl<V: Vector> Number for V {
    #[inline(always)]
    fn constant(self, x: f64) -> Self {
        V::splat(x)
    }

    #[inline(always)]
    fn times_plus(self, b: Self, c: Self) -> Self {
        self.fma(b, c)
    }

    #[inline(always)]
    fn subtracted(self, b: Self, c: Self) -> Self {
        self.fnma(b, c)
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        self.abs()
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        self.greater(other)
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        self.lesser(other)
    }

    #[inline(always)]
    fn halted(self, bound: Bound, y: Self, rate: Self) -> Self {
        let zero = V::splat(0.0);
        let falls = y.le(V::splat(bound.least)) & rate.lt(zero);
        let rises = y.ge(V::splat(bound.greatest)) & rate.gt(zero);
        V::select(falls | rises, zero, self)
    }
}

/// A node of a graph in the making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced<'g> {
    graph: &'g RefCell<Graph>,
    pub(crate) node: NodeId,
}

impl<'g> Traced<'g> {
    pub(crate) fn new(graph: &'g RefCell<Graph>, node: NodeId) -> Self {
        Self { graph, node }
    }

    fn with(self, work: impl FnOnce(&mut Graph) -> NodeId) -> Self {
        Self { node: work(&mut self.graph.borrow_mut()), ..self }
    }

    fn unary(self, which: Unary) -> Self {
        self.with(|graph| graph.unary(which, self.node))
    }

    fn binary(self, which: Binary, other: Self) -> Self {
        self.with(|graph| graph.binary(which, self.node, other.node))
    }
}

macro_rules! operators {
    ($($trait:ident, $method:ident;)+) => {$(
        impl $trait for Traced<'_> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.binary(Binary::$trait, other)
            }
        }
    )+};
}

operators! {
    Add, add;
    Sub, sub;
    Mul, mul;
    Div, div;
}

impl Neg for Traced<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        self.unary(Unary::Neg)
    }
}

impl Number for Traced<'_> {
    fn constant(self, x: f64) -> Self {
        self.with(|graph| graph.constant(x))
    }

    fn times_plus(self, b: Self, c: Self) -> Self {
        self.with(|graph| graph.fma(self.node, b.node, c.node))
    }

    fn subtracted(self, b: Self, c: Self) -> Self {
        (-self).times_plus(b, c)
    }

    fn magnitude(self) -> Self {
        self.unary(Unary::Abs)
    }

    fn larger(self, other: Self) -> Self {
        self.binary(Binary::Max, other)
    }

    fn smaller(self, other: Self) -> Self {
        self.binary(Binary::Min, other)
    }

    fn halted(self, bound: Bound, y: Self, rate: Self) -> Self {
        let zero = self.constant(0.0);
        let below = y.binary(Binary::LessEqual, y.constant(bound.least));
        let falls = below.binary(Binary::And, rate.binary(Binary::Less, zero));
        let above = y.binary(Binary::GreaterEqual, y.constant(bound.greatest));
        let rises = above.binary(Binary::And, rate.binary(Binary::Greater, zero));
        let halts = falls.binary(Binary::Or, rises);
        self.with(|graph| graph.select(halts.node, zero.node, self.node))
    }
}
