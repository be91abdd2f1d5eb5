//! Which twins are asked for.

use proband_math::stream::{Address, Purpose, Seed};
use std::ops::Range;

/// The random key of a twin, beside the seed: all that its draws depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TwinKey {
    /// The repetition of the trial, from 0.
    pub replicate: u32,
    /// The number of the twin in its repetition, from 0.
    pub number: u64,
}

impl TwinKey {
    /// A twin of the first repetition.
    #[must_use]
    pub const fn first(number: u64) -> Self {
        Self { replicate: 0, number }
    }
}

/// Numbers of twins: those of a range, or any in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Twins<'a> {
    /// From the first up to but not including the last.
    Range(Range<u64>),
    /// These.
    Each(&'a [u64]),
}

impl From<Range<u64>> for Twins<'_> {
    fn from(range: Range<u64>) -> Self {
        Self::Range(range)
    }
}

impl<'a> From<&'a [u64]> for Twins<'a> {
    fn from(numbers: &'a [u64]) -> Self {
        Self::Each(numbers)
    }
}

impl Twins<'_> {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Range(range) => range.end.saturating_sub(range.start) as usize,
            Self::Each(numbers) => numbers.len(),
        }
    }

    /// The number of the twin at this place.
    #[inline]
    pub(crate) fn number(&self, place: usize) -> u64 {
        match self {
            Self::Range(range) => range.start + place as u64,
            Self::Each(numbers) => numbers[place],
        }
    }

    /// The uniform number of each twin at an address that is otherwise the same.
    pub(crate) fn uniforms(&self, address: Address, uniforms: &mut [f64]) {
        for (place, uniform) in uniforms.iter_mut().enumerate() {
            *uniform = Address { twin: self.number(place), ..address }.uniform();
        }
    }
}

/// The address of twin 0's draws for a purpose.
pub(crate) fn address(seed: Seed, replicate: u32, purpose: Purpose) -> Address {
    Address { replicate, ..Address::new(seed, purpose) }
}
