//! What the functions of the language compute: the one definition that folding of constants and
//! every back end follow.
//!
//! A value that is no number (NaN) stands for what is missing or out of domain, and makes whatever
//! depends on it no number, comparisons included. It is harmless only where it does not count: in
//! the arm of an `if` that was not chosen, beside a false part of `and`, beside a true part of
//! `or`. (`x^0` and `1^y` are 1 even then, as in C99.)

use proband_lang::{Binary, Unary};
use proband_math::functions;
use proband_math::vector::Vector;

/// Work that wants a function of one value, once it is known which.
pub(crate) trait Visit1<V> {
    /// What the work gives.
    type Output;
    /// Does the work.
    fn visit(self, function: impl Fn(V) -> V) -> Self::Output;
}

/// Work that wants a function of two values, once it is known which.
pub(crate) trait Visit2<V> {
    /// What the work gives.
    type Output;
    /// Does the work.
    fn visit(self, function: impl Fn(V, V) -> V) -> Self::Output;
}

/// Hands the function of one value to the work.
#[inline(always)]
pub(crate) fn with_unary<V: Vector, W: Visit1<V>>(which: Unary, work: W) -> W::Output {
    match which {
        Unary::Neg => work.visit(V::neg),
        Unary::Not => work.visit(not::<V>),
        Unary::Abs => work.visit(V::abs),
        Unary::Sign => work.visit(sign::<V>),
        Unary::Floor => work.visit(V::floor),
        Unary::Round => work.visit(round::<V>),
        Unary::Sqrt => work.visit(V::sqrt),
        Unary::Exp => work.visit(functions::exp::<V>),
        Unary::Ln => work.visit(functions::ln::<V>),
        Unary::Log10 => work.visit(functions::log10::<V>),
        Unary::Log2 => work.visit(functions::log2::<V>),
        Unary::Sin => work.visit(functions::sin::<V>),
        Unary::Cos => work.visit(functions::cos::<V>),
        Unary::Tan => work.visit(functions::tan::<V>),
        Unary::Atan => work.visit(functions::atan::<V>),
        Unary::Sinh => work.visit(functions::sinh::<V>),
        Unary::Cosh => work.visit(functions::cosh::<V>),
        Unary::Tanh => work.visit(functions::tanh::<V>),
        Unary::Expit => work.visit(functions::expit::<V>),
        Unary::Logit => work.visit(functions::logit::<V>),
        Unary::Erf => work.visit(functions::erf::<V>),
        Unary::NormalCdf => work.visit(functions::normal_cdf::<V>),
        Unary::GammaLn => work.visit(functions::gamma_ln::<V>),
    }
}

/// Hands the function of two values to the work.
#[inline(always)]
pub(crate) fn with_binary<V: Vector, W: Visit2<V>>(which: Binary, work: W) -> W::Output {
    match which {
        Binary::Add => work.visit(V::add),
        Binary::Sub => work.visit(V::sub),
        Binary::Mul => work.visit(V::mul),
        Binary::Div => work.visit(V::div),
        Binary::Pow => work.visit(functions::pow::<V>),
        Binary::Min => work.visit(min::<V>),
        Binary::Max => work.visit(max::<V>),
        Binary::Mod => work.visit(modulo::<V>),
        Binary::Less => work.visit(less::<V>),
        Binary::LessEqual => work.visit(less_equal::<V>),
        Binary::Greater => work.visit(greater::<V>),
        Binary::GreaterEqual => work.visit(greater_equal::<V>),
        Binary::Equal => work.visit(equal::<V>),
        Binary::NotEqual => work.visit(not_equal::<V>),
        Binary::And => work.visit(and::<V>),
        Binary::Or => work.visit(or::<V>),
    }
}

/// The value of a function of one value.
#[must_use]
pub fn unary(which: Unary, x: f64) -> f64 {
    struct At(f64);
    impl Visit1<f64> for At {
        type Output = f64;
        fn visit(self, function: impl Fn(f64) -> f64) -> f64 {
            function(self.0)
        }
    }
    with_unary(which, At(x))
}

/// The value of a function of two values.
#[must_use]
pub fn binary(which: Binary, a: f64, b: f64) -> f64 {
    struct At(f64, f64);
    impl Visit2<f64> for At {
        type Output = f64;
        fn visit(self, function: impl Fn(f64, f64) -> f64) -> f64 {
            function(self.0, self.1)
        }
    }
    with_binary(which, At(a, b))
}

/// `yes` where the condition is true, `no` where it is false, no number where it is neither.
#[inline(always)]
pub fn choose<V: Vector>(condition: V, yes: V, no: V) -> V {
    let yes = V::select(condition.nan(), condition, yes);
    V::select(condition.eq(V::splat(0.0)), no, yes)
}

/// The value where it is finite, zero elsewhere.
#[inline(always)]
pub fn finite<V: Vector>(x: V) -> V {
    V::select(x.abs().lt(V::splat(f64::INFINITY)), x, V::splat(0.0))
}

/// True and false change places.
#[inline(always)]
fn not<V: Vector>(x: V) -> V {
    V::splat(1.0) - x
}

/// -1, 0 or 1.
#[inline(always)]
fn sign<V: Vector>(x: V) -> V {
    V::select(x.eq(V::splat(0.0)) | x.nan(), x, V::splat(1.0).with_sign(x))
}

/// The nearest whole number, a half going away from zero.
#[inline(always)]
fn round<V: Vector>(x: V) -> V {
    let whole = x.trunc();
    // Exact, since the two are within one of each other.
    let up = (x - whole).abs().ge(V::splat(0.5));
    V::select(up, whole + V::splat(1.0).with_sign(x), whole)
}

#[inline(always)]
fn min<V: Vector>(a: V, b: V) -> V {
    V::select(a.nan(), a, a.lesser(b))
}

#[inline(always)]
fn max<V: Vector>(a: V, b: V) -> V {
    V::select(a.nan(), a, a.greater(b))
}

/// What is left of `a` beyond a whole number of `b`, of the sign of `b`: for a phase, which must
/// not jump where time passes zero.
#[inline(always)]
fn modulo<V: Vector>(a: V, b: V) -> V {
    let rest = (a / b).floor().fnma(b, a);
    // The quotient may have been rounded across a whole number.
    let rest = V::select((rest * b).lt(V::splat(0.0)), rest + b, rest);
    V::select(rest.abs().ge(b.abs()), rest - b, rest)
}

/// 1 or 0, or no number where either side is none.
#[inline(always)]
fn truth<V: Vector>(mask: V::Mask, a: V, b: V) -> V {
    let value = V::select(mask, V::splat(1.0), V::splat(0.0));
    V::select(a.nan() | b.nan(), V::splat(f64::NAN), value)
}

#[inline(always)]
fn less<V: Vector>(a: V, b: V) -> V {
    truth(a.lt(b), a, b)
}

#[inline(always)]
fn less_equal<V: Vector>(a: V, b: V) -> V {
    truth(a.le(b), a, b)
}

#[inline(always)]
fn greater<V: Vector>(a: V, b: V) -> V {
    truth(a.gt(b), a, b)
}

#[inline(always)]
fn greater_equal<V: Vector>(a: V, b: V) -> V {
    truth(a.ge(b), a, b)
}

#[inline(always)]
fn equal<V: Vector>(a: V, b: V) -> V {
    truth(a.eq(b), a, b)
}

#[inline(always)]
fn not_equal<V: Vector>(a: V, b: V) -> V {
    truth(!a.eq(b), a, b)
}

/// False where either is false; else no number where either is none (Kleene's logic).
#[inline(always)]
fn and<V: Vector>(a: V, b: V) -> V {
    let zero = V::splat(0.0);
    V::select(a.eq(zero) | b.eq(zero), zero, a * b)
}

/// True where either is true; else no number where either is none.
#[inline(always)]
fn or<V: Vector>(a: V, b: V) -> V {
    let one = V::splat(1.0);
    V::select(a.eq(one) | b.eq(one), one, a + b)
}
