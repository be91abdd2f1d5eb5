//! Many values of one law at once: whole vectors of normal and log-normal ones, with or without a
//! window, and the bits that each number alone would give.

use super::continuous::Continuous;
use super::window::Window;
use super::{Distribution, Law};
use crate::special::Tail;
use crate::vector::{Simd, Vector, apply};
use crate::{dispatch, functions, normal_cdf};

/// A normal law, or that of its exponential, perhaps within a window.
#[derive(Clone, Copy)]
struct NormalKin {
    mean: f64,
    sd: f64,
    exponential: bool,
    window: Option<Bounds>,
}

/// A window's ends, and the probabilities below, above and within it.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) below: f64,
    pub(super) above: f64,
    pub(super) within: f64,
}

impl NormalKin {
    fn of(law: &Law) -> Option<Self> {
        match law {
            Law::Continuous(Continuous::Normal { mean, sd }) => {
                Some(Self { mean: *mean, sd: *sd, exponential: false, window: None })
            }
            Law::Continuous(Continuous::LogNormal { log_mean, log_sd }) => {
                Some(Self { mean: *log_mean, sd: *log_sd, exponential: true, window: None })
            }
            Law::Window(window) => Self::within(window),
            _ => None,
        }
    }

    fn within(window: &Window) -> Option<Self> {
        let inner = Self::of(window.law())?;
        inner.window.is_none().then(|| Self { window: Some(window.bounds()), ..inner })
    }

    /// The value at a score, which is that of the whole law.
    #[inline(always)]
    fn value<V: Vector>(&self, score: V) -> V {
        let value = V::splat(self.mean) + V::splat(self.sd) * score;
        if self.exponential { functions::exp(value) } else { value }
    }

    /// The value with these tails, which are those within the window.
    #[inline(always)]
    fn windowed<V: Vector>(&self, bounds: Bounds, lower: V, upper: V) -> V {
        let within = V::splat(bounds.within);
        let p = V::splat(bounds.below) + lower * within;
        let q = V::splat(bounds.above) + upper * within;
        let is_lower = p.le(q);
        let score = functions::normal_quantile(V::select(is_lower, p, q));
        let value = self.value(V::select(is_lower, score, -score));
        V::splat(bounds.high).lesser(V::splat(bounds.low).greater(value))
    }

    #[inline(always)]
    fn at_uniform<V: Vector>(&self, u: V) -> V {
        let one = V::splat(1.0);
        let value = match self.window {
            None => self.value(functions::normal_quantile(u)),
            Some(bounds) => self.windowed(bounds, u, one - u),
        };
        let is_probability = V::splat(0.0).le(u) & u.le(one);
        V::select(is_probability, value, V::splat(f64::NAN))
    }

    #[inline(always)]
    fn at_score<V: Vector>(&self, z: V) -> V {
        let Some(bounds) = self.window else {
            return self.value(z);
        };
        let tail = functions::normal_cdf(-z.abs());
        let rest = V::splat(1.0) - tail;
        let is_lower = z.le(V::splat(0.0));
        let lower = V::select(is_lower, tail, rest);
        let upper = V::select(is_lower, rest, tail);
        self.windowed(bounds, lower, upper)
    }
}

#[inline(always)]
fn at_uniforms_body<V: Vector>(law: NormalKin, uniforms: &[f64], out: &mut [f64]) {
    apply::<V>(
        uniforms,
        out,
        #[inline(always)]
        |u: V| law.at_uniform(u),
        #[inline(always)]
        |u: f64| law.at_uniform(u),
    );
}

#[inline(always)]
fn at_scores_body<V: Vector>(law: NormalKin, scores: &[f64], out: &mut [f64]) {
    apply::<V>(
        scores,
        out,
        #[inline(always)]
        |z: V| law.at_score(z),
        #[inline(always)]
        |z: f64| law.at_score(z),
    );
}

dispatch! {
    fn at_uniforms<'a>(law: NormalKin, uniforms: &'a [f64], out: &'a mut [f64]) = at_uniforms_body;
    fn at_scores<'a>(law: NormalKin, scores: &'a [f64], out: &'a mut [f64]) = at_scores_body;
}

/// Many values at once.
impl Distribution {
    /// The [`quantile`](Self::quantile) of each number, bit for bit, and faster.
    ///
    /// Panics where `out` is shorter than `uniforms`.
    pub fn quantiles(&self, uniforms: &[f64], out: &mut [f64]) {
        match NormalKin::of(&self.0) {
            Some(law) => at_uniforms(Simd::detect(), law, uniforms, out),
            None => fill(uniforms, out, |u| self.quantile(u)),
        }
    }

    /// The value that has the rank of a standard normal number: `quantile(normal_cdf(score))`
    /// without the digits that this would lose in the upper tail.
    pub fn at_score(&self, score: f64) -> f64 {
        match NormalKin::of(&self.0) {
            Some(law) => law.at_score(score),
            None if score <= 0.0 => self.quantile_of(Tail::Lower(normal_cdf(score))),
            None => self.quantile_of(Tail::Upper(normal_cdf(-score))),
        }
    }

    /// The value [`at_score`](Self::at_score) of each number, bit for bit, and faster.
    ///
    /// Panics where `out` is shorter than `scores`.
    pub fn at_scores(&self, scores: &[f64], out: &mut [f64]) {
        match NormalKin::of(&self.0) {
            Some(law) => at_scores(Simd::detect(), law, scores, out),
            None => fill(scores, out, |score| self.at_score(score)),
        }
    }
}

fn fill(from: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) {
    let out = &mut out[..from.len()];
    from.iter().zip(out).for_each(|(x, y)| *y = f(*x));
}
