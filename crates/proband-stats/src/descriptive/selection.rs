//! Exact quantiles of a stream that can be read several times, in memory that does not grow with it.

use super::quantiles::{Place, QuantileRule, place};
use crate::error::{Result, StatsError};
use crate::order::{from_order_key, order_key};

/// Bits of the order key that one reading settles.
const DIGIT: u32 = 16;

/// Selection by radix: each reading counts how many values share each next digit with an order
/// statistic sought, and so settles 16 of its 64 bits (D. E. Knuth, *The Art of Computer
/// Programming*, volume 3, section 5.2.5, from the leading digit).
///
/// Push every value once a reading, [`Selection::READINGS`] times over, with
/// [`Selection::end_reading`] after each. Order within a reading does not matter. Memory is half a
/// megabyte for each quantile sought, or the values themselves where they are few: the first reading
/// then settles all.
///
/// ```
/// use proband_stats::descriptive::{QuantileRule, Selection};
///
/// let values = [3.0, 1.0, 10.0, 2.0];
/// let mut median = Selection::new(4, &[0.5], QuantileRule::Averaged)?;
/// for _ in 0..Selection::READINGS {
///     values.iter().for_each(|&value| median.push(value));
///     median.end_reading();
/// }
/// assert_eq!(median.quantiles(), [2.5]);
/// # Ok::<(), proband_stats::StatsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Selection {
    places: Vec<Place>,
    sought: Vec<Sought>,
    seen: Seen,
    /// Bits not yet settled.
    left: u32,
}

/// What is known of the values of the current reading.
#[derive(Debug, Clone)]
enum Seen {
    /// All of their keys.
    Kept(Vec<u64>),
    /// The settled digits that are counted under, increasing, with the counts of the next digit.
    Counted(Vec<(u64, Vec<u64>)>),
}

/// One order statistic.
#[derive(Debug, Clone, Copy)]
struct Sought {
    /// Its rank among the values that share the settled digits.
    rank: u64,
    /// The settled digits.
    digits: u64,
}

impl Selection {
    /// How often the stream must be read.
    pub const READINGS: u32 = u64::BITS / DIGIT;

    /// Seeks the quantiles of probabilities `ps` among `n` values (missing ones not counted).
    ///
    /// Fails without values and for a probability outside 0..=1.
    pub fn new(n: u64, ps: &[f64], rule: QuantileRule) -> Result<Self> {
        // So many keys take the room of the counts of one digit, which would be cleared to count a handful.
        Self::keeping(1 << DIGIT, n, ps, rule)
    }

    /// Keeps the values where there are at most `most`.
    fn keeping(most: u64, n: u64, ps: &[f64], rule: QuantileRule) -> Result<Self> {
        if n == 0 {
            return Err(StatsError::TooFew { needed: 1, found: 0 });
        }
        let places = ps.iter().map(|&p| place(n, p, rule)).collect::<Result<Vec<_>>>()?;
        let last = n - 1;
        let ranks = places.iter().flat_map(|p| [p.index, (p.index + 1).min(last)]);
        let sought: Vec<_> = ranks.map(|rank| Sought { rank, digits: 0 }).collect();
        let seen = if n <= most { Seen::Kept(Vec::new()) } else { counting(&sought) };
        Ok(Self { places, sought, seen, left: u64::BITS })
    }

    /// Counts a value of the current reading; NaN is missing. After the last reading values have
    /// no effect.
    pub fn push(&mut self, value: f64) {
        if value.is_nan() || self.is_settled() {
            return;
        }
        let key = order_key(value);
        match &mut self.seen {
            Seen::Kept(keys) => keys.push(key),
            Seen::Counted(counted) => count(counted, key, self.left),
        }
    }

    /// Settles the next digit of every order statistic sought, or all of them where the values are kept.
    pub fn end_reading(&mut self) {
        if self.is_settled() {
            return;
        }
        self.left = match &mut self.seen {
            Seen::Kept(keys) => {
                keys.sort_unstable();
                self.sought.iter_mut().for_each(|sought| sought.look_up(keys));
                0
            }
            Seen::Counted(counted) => {
                self.sought.iter_mut().for_each(|sought| sought.settle(counted));
                self.left - DIGIT
            }
        };
        self.seen =
            if self.is_settled() { Seen::Kept(Vec::new()) } else { counting(&self.sought) };
    }

    /// Whether all readings are done: after the first where the values are few.
    pub fn is_settled(&self) -> bool {
        self.left == 0
    }

    /// The quantiles, in the order asked for, once all readings are done.
    pub fn quantiles(&self) -> Vec<f64> {
        let value = |s: &Sought| from_order_key(s.digits);
        let quantile = |(place, pair): (&Place, &[Sought])| {
            let (low, high) = (value(&pair[0]), value(&pair[1]));
            if place.fraction > 0.0 { low + place.fraction * (high - low) } else { low }
        };
        self.places.iter().zip(self.sought.chunks(2)).map(quantile).collect()
    }
}

/// Counts that are still zero, under the settled digits of what is sought.
fn counting(sought: &[Sought]) -> Seen {
    let mut digits: Vec<u64> = sought.iter().map(|s| s.digits).collect();
    digits.sort_unstable();
    digits.dedup();
    Seen::Counted(digits.into_iter().map(|d| (d, vec![0; 1 << DIGIT])).collect())
}

/// Counts the next digit of a key of which `left` bits are not settled, if anything is sought under those that are.
fn count(counted: &mut [(u64, Vec<u64>)], key: u64, left: u32) {
    let digits = key.checked_shr(left).unwrap_or(0);
    if let Ok(found) = counted.binary_search_by_key(&digits, |c| c.0) {
        let digit = key >> (left - DIGIT) & ((1 << DIGIT) - 1);
        counted[found].1[digit as usize] += 1;
    }
}

impl Sought {
    /// Finds its key among all of them, increasing.
    fn look_up(&mut self, keys: &[u64]) {
        self.digits = keys.get(self.rank as usize).copied().unwrap_or(self.digits);
    }

    /// Settles the next digit by what was counted under those that are settled.
    fn settle(&mut self, counted: &[(u64, Vec<u64>)]) {
        let Ok(found) = counted.binary_search_by_key(&self.digits, |c| c.0) else { return };
        for (digit, &count) in counted[found].1.iter().enumerate() {
            if self.rank < count {
                self.digits = self.digits << DIGIT | digit as u64;
                return;
            }
            self.rank -= count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::quantiles;
    use super::*;
    use proptest::prelude::*;

    const PS: [f64; 6] = [0.0, 0.1, 0.25, 0.5, 0.75, 1.0];

    fn select(values: &[f64], rule: QuantileRule, most: u64) -> Vec<f64> {
        let n = values.iter().filter(|v| !v.is_nan()).count() as u64;
        let mut selection = Selection::keeping(most, n, &PS, rule).unwrap();
        for _ in 0..Selection::READINGS {
            values.iter().for_each(|&v| selection.push(v));
            selection.end_reading();
        }
        selection.quantiles()
    }

    fn in_memory(values: &[f64], rule: QuantileRule) -> Vec<f64> {
        let mut present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        quantiles(&mut present, &PS, rule).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn selection_and_sorting_agree_to_the_bit(
            values in prop::collection::vec(
                prop_oneof![Just(f64::NAN), -1e300..1e300, -3.0..3.0, Just(0.5)],
                0..200,
            ),
            first in -1e9..1e9,
        ) {
            let values = [vec![first], values].concat();
            for rule in [QuantileRule::Linear, QuantileRule::Averaged] {
                let bits = |v: Vec<f64>| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                let sorted = bits(in_memory(&values, rule));
                // Counted, and kept.
                for most in [0, 1 << DIGIT] {
                    prop_assert_eq!(&bits(select(&values, rule, most)), &sorted);
                }
            }
        }
    }

    #[test]
    fn few_values_are_settled_by_one_reading() {
        let settled = |most: u64| {
            let mut selection = Selection::keeping(most, 1, &PS, QuantileRule::Linear).unwrap();
            selection.push(3.0);
            selection.end_reading();
            selection.is_settled()
        };
        assert!(settled(1) && !settled(0));
    }

    #[test]
    fn nothing_to_select_from() {
        let none = Selection::new(0, &PS, QuantileRule::Linear);
        assert_eq!(none.unwrap_err(), StatsError::TooFew { needed: 1, found: 0 });
    }
}
