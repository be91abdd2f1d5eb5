//! Rows of lanes in memory, and sweeps over the lanes at any vector width.

use crate::lines::lanes_in;
use proband_math::vector::{Body, Simd, Vector};
use std::ops::{Deref, DerefMut};

/// Doubles in a row per quantity, the first at the start of a cache line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    buffer: Vec<f64>,
    start: usize,
    len: usize,
}

/// Doubles per cache line, and in the widest vector.
pub(crate) const LINE: usize = 8;

impl Rows {
    /// Makes room for `len` doubles, all zero. Allocates only where there was less room.
    pub(crate) fn reset(&mut self, len: usize) {
        if self.buffer.len() < len + LINE {
            self.buffer = vec![0.0; len + LINE];
            let bytes = LINE * size_of::<f64>();
            self.start = self.buffer.as_ptr().align_offset(bytes).min(LINE);
        }
        self.len = len;
        self.fill(0.0);
    }
}

impl Deref for Rows {
    type Target = [f64];

    #[inline(always)]
    fn deref(&self) -> &[f64] {
        &self.buffer[self.start..self.start + self.len]
    }
}

impl DerefMut for Rows {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.buffer[self.start..self.start + self.len]
    }
}

/// How many rows of how many lanes, and how wide to work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) level: Simd,
    pub(crate) states: usize,
    pub(crate) lanes: usize,
}

impl Shape {
    /// How long the rows of all states are together.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.states * self.lanes
    }
}

/// Work on neighbouring lanes that never looks at others.
pub(crate) trait Lanewise {
    /// Does the work for `V::LANES` lanes from `lane` on. Mark it `#[inline(always)]`.
    fn at<V: Vector>(&mut self, lane: usize);
}

/// Does the work for every lane: whole vectors first, then the rest one by one.
pub(crate) fn sweep(level: Simd, lanes: usize, work: &mut impl Lanewise) {
    level.run(Sweep { lanes, work });
}

struct Sweep<'a, W> {
    lanes: usize,
    work: &'a mut W,
}

impl<W: Lanewise> Body for Sweep<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let whole = self.lanes - self.lanes % V::LANES;
        for lane in (0..whole).step_by(V::LANES) {
            self.work.at::<V>(lane);
        }
        for lane in whole..self.lanes {
            self.work.at::<f64>(lane);
        }
    }
}

/// The numbers of the lanes whose bits are set, lowest first.
#[inline]
pub fn lanes_of(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (lane < u64::BITS).then_some(lane as usize)
    })
}

/// Copies one lane of all rows.
#[inline]
pub(crate) fn copy_lane(from: &[f64], to: &mut [f64], lanes: usize, lane: usize) {
    let from = from.iter().skip(lane).step_by(lanes);
    to.iter_mut().skip(lane).step_by(lanes).zip(from).for_each(|(to, from)| *to = *from);
}

/// Copies rows in a set of lanes.
pub(crate) struct Keep<'a> {
    pub(crate) shape: Shape,
    pub(crate) set: u64,
    pub(crate) from: &'a [f64],
    pub(crate) to: &'a mut [f64],
}

impl Lanewise for Keep<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let chosen = lanes_in::<V>(self.set, lane / LINE, lane % LINE);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let kept = V::load(&self.to[at..]);
            V::select(chosen, V::load(&self.from[at..]), kept).store(&mut self.to[at..]);
        }
    }
}
