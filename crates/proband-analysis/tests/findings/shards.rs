//! How participants are cut into shards does not matter.

use crate::people::{columns, findings_of, people};
use crate::trial::trial;
use proband_analysis::{Accumulator, Finding, InMemory, Layout, Screening, findings};
use proband_trial::Assignment;

/// Sums of other pieces round differently.
const ROUNDING: f64 = 1e-10;

#[test]
fn one_shard_or_seven() {
    let trial = trial(Assignment::Randomised);
    let people = people(200, false);
    let (whole, cut) = (findings_of(&trial, &people, 200), findings_of(&trial, &people, 31));
    assert_eq!(whole.len(), cut.len());
    for (a, b) in whole.iter().zip(&cut) {
        assert_eq!(
            (&a.analysis, &a.arm, a.statistic, a.n),
            (&b.analysis, &b.arm, b.statistic, b.n)
        );
        for (x, y) in numbers(a).into_iter().zip(numbers(b)) {
            assert_eq!(x.is_some(), y.is_some());
            let (x, y) = (x.unwrap_or(0.0), y.unwrap_or(0.0));
            let same = x.to_bits() == y.to_bits();
            assert!(same || (x - y).abs() <= ROUNDING * (1.0 + y.abs()), "{a:?}\n{b:?}");
        }
        // Counts are counts.
        if a.estimate.is_some_and(|v| v.fract().to_bits() == 0) {
            assert_eq!(a.estimate.map(f64::to_bits), b.estimate.map(f64::to_bits), "{a:?}");
        }
    }
}

fn numbers(f: &Finding) -> [Option<f64>; 5] {
    [f.estimate, f.standard_error, f.lower, f.upper, f.p_value]
}

#[test]
fn sums_made_in_any_order_and_merged_in_theirs_are_the_same_bits() {
    let trial = trial(Assignment::Randomised);
    let (people, layout) = (people(100, false), Layout::of(&trial).unwrap());
    let shards: Vec<_> = people.chunks(17).map(|part| columns(&layout, part)).collect();
    let mut backwards: Vec<Accumulator> =
        shards.iter().rev().map(|shard| Accumulator::of(&layout, shard)).collect();
    backwards.reverse();
    let (mut sums, mut source) = (Accumulator::new(&layout), InMemory::new());
    backwards.iter().for_each(|part| sums.merge(part));
    shards.into_iter().for_each(|shard| source.push(shard.into_columns()));
    let found = findings(&layout, &sums, Some(&Screening::default()), &source, 0).unwrap();
    assert_eq!(found, findings_of(&trial, &people, 17));
}
