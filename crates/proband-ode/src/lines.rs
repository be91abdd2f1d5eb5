//! A number per lane in lines of eight, and sweeps over them: for what each lane has one of.

use crate::rows::{LINE, Shape};
use proband_math::vector::{Body, Vector};
use std::ops::{Index, IndexMut};

/// Lines in a row: room for as many lanes as there are bits.
const LINES: usize = 8;

/// A number for each lane that there may be; those beyond the lanes that are there mean nothing.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(crate) struct Row([[f64; LINE]; LINES]);

impl Row {
    pub(crate) fn lanes(&self) -> &[f64] {
        self.0.as_flattened()
    }

    pub(crate) fn lanes_mut(&mut self) -> &mut [f64] {
        self.0.as_flattened_mut()
    }

    #[inline(always)]
    pub(crate) fn load<V: Vector>(&self, line: usize, part: usize) -> V {
        V::load(&self.0[line][part..part + V::LANES])
    }

    #[inline(always)]
    pub(crate) fn store<V: Vector>(&mut self, line: usize, part: usize, value: V) {
        value.store(&mut self.0[line][part..part + V::LANES]);
    }
}

impl Index<usize> for Row {
    type Output = f64;

    fn index(&self, lane: usize) -> &f64 {
        &self.0[lane / LINE][lane % LINE]
    }
}

impl IndexMut<usize> for Row {
    fn index_mut(&mut self, lane: usize) -> &mut f64 {
        &mut self.0[lane / LINE][lane % LINE]
    }
}

/// The lanes of a set, from `part` of a line on.
#[inline(always)]
pub(crate) fn lanes_in<V: Vector>(set: u64, line: usize, part: usize) -> V::Mask {
    /// Bits that make normal numbers, one for each lane of a line.
    const BITS: [f64; LINE] = {
        let mut bits = [0.0; LINE];
        let mut lane = 0;
        while lane < LINE {
            bits[lane] = f64::from_bits(1 << (52 + lane));
            lane += 1;
        }
        bits
    };
    let here = V::splat_bits((set >> (line * LINE)) << 56 >> 4);
    !here.bits_and(V::load(&BITS[part..part + V::LANES])).eq(V::splat(0.0))
}

/// Work on neighbouring lanes of rows that never looks at others.
pub(crate) trait Linewise {
    /// Does the work for `V::LANES` lanes from `part` of a line on. Mark it `#[inline(always)]`.
    fn at<V: Vector>(&mut self, line: usize, part: usize);
}

/// Does the work for every line with a lane.
pub(crate) fn sweep_lines(shape: Shape, work: &mut impl Linewise) {
    shape.level.run(Sweep { lines: shape.lanes.div_ceil(LINE), work });
}

struct Sweep<'a, W> {
    lines: usize,
    work: &'a mut W,
}

impl<W: Linewise> Body for Sweep<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        for line in 0..self.lines.min(LINES) {
            for part in (0..LINE).step_by(V::LANES) {
                self.work.at::<V>(line, part);
            }
        }
    }
}
