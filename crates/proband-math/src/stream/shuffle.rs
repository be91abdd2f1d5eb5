//! Whole numbers below a bound, and shuffles.

use super::Stream;

/// A whole number from 0 up to but not including `bound`, all equally likely; 0 where `bound` is 0.
///
/// Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), algorithm 5.
#[inline]
pub fn below(bound: u64, stream: &mut Stream) -> u64 {
    let mut product = u128::from(stream.bits()) * u128::from(bound);
    if (product as u64) < bound {
        // 2^64 mod bound of the low halves would be one too many.
        let excess = bound.wrapping_neg() % bound;
        while (product as u64) < excess {
            product = u128::from(stream.bits()) * u128::from(bound);
        }
    }
    (product >> 64) as u64
}

/// Puts the items in random order, all orders equally likely (Fisher and Yates, from the back).
pub fn shuffle<T>(items: &mut [T], stream: &mut Stream) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u64 + 1, stream) as usize);
    }
}
