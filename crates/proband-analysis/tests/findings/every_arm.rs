//! A design in which every twin takes part in every arm.

use crate::people::{columns, find, findings_of, people};
use crate::trial::{CHANGE, trial};
use proband_analysis::{Column, Layout, StatisticName as S};
use proband_stats::descriptive::{QuantileRule, summary};
use proband_stats::{Level, t_tests};
use proband_trial::{Assignment, Missing};

#[test]
fn every_twin_against_itself() {
    let trial = trial(Assignment::EveryArm);
    let people = people(90, true);
    let layout = Layout::of(&trial).unwrap();
    let shard = columns(&layout, &people);
    let place = layout.position(Column::Response(CHANGE, Missing::ObservedOnly)).unwrap();
    let effects: Vec<f64> = shard.columns()[place]
        .chunks(3)
        .map(|arms| arms[2] - arms[0])
        .filter(|effect| !effect.is_nan())
        .collect();
    let found = findings_of(&trial, &people, 30);
    let direct = t_tests::one_sample(&effects, 0.0, Level::P95).unwrap();
    let mean = find(&found, ("individual", "paired"), "HIGH", S::MeanEffect);
    assert!((mean.estimate.unwrap() - direct.estimate.value).abs() < 1e-10);
    assert!((mean.lower.unwrap() - direct.estimate.lower).abs() < 1e-10);
    assert_eq!(mean.n, Some(effects.len() as u64));
    let median = find(&found, ("individual", "paired"), "HIGH", S::Median).estimate;
    assert_eq!(median, Some(summary(&effects, QuantileRule::Averaged).unwrap().median));
}

#[test]
fn other_analyses_use_the_arm_of_randomisation_only() {
    let trial = trial(Assignment::EveryArm);
    let people = people(90, true);
    let factual: Vec<_> = people.iter().filter(|p| p.factual).cloned().collect();
    let found = findings_of(&trial, &people, 90);
    let randomised = crate::trial::trial(Assignment::Randomised);
    let expected = findings_of(&randomised, &factual, 30);
    let others = |f: &&proband_analysis::Finding| f.method != "paired";
    let pick = |f: &proband_analysis::Finding| (f.statistic, f.arm.clone(), f.n);
    let (found, expected): (Vec<_>, Vec<_>) = (
        found.iter().filter(others).map(pick).collect(),
        expected.iter().filter(others).map(pick).collect(),
    );
    assert_eq!(found, expected);
}
