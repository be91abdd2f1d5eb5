//! What cannot be computed is absent and says why.

use crate::people::{Person, find, findings_of, people};
use crate::trial::trial;
use proband_analysis::{Finding, StatisticName as S};
use proband_trial::Assignment;

/// Every finding has an estimate, a p-value, or a reason; and nothing is NaN.
fn check(people: &[Person]) -> Vec<Finding> {
    let found = findings_of(&trial(Assignment::Randomised), people, 50);
    for f in &found {
        let numbers = [f.estimate, f.standard_error, f.lower, f.upper, f.level, f.p_value];
        assert!(numbers.iter().flatten().all(|v| !v.is_nan()), "{f:?}");
        let note = f.note.as_ref().is_some_and(|note| !note.is_empty());
        assert!(f.estimate.is_some() || f.p_value.is_some() || note, "{f:?}");
    }
    found
}

#[test]
fn an_arm_without_participants() {
    let people: Vec<Person> = people(180, false).into_iter().filter(|p| p.arm != 1).collect();
    let found = check(&people);
    for (analysis, method, statistic) in [
        ("adjusted", "ANCOVA", S::Difference),
        ("adjusted", "t-test", S::Difference),
        ("adjusted", "Wilcoxon", S::Shift),
        ("goal", "proportions", S::RiskDifference),
        ("goal", "logistic", S::OddsRatio),
        ("syncope", "Cox", S::HazardRatio),
        ("headaches", "negative binomial", S::RateRatio),
    ] {
        let empty = find(&found, (analysis, method), "LOW", statistic);
        assert_eq!(empty.note.as_deref(), Some("no participants with a value in LOW"));
        // The others are compared all the same.
        let compared = find(&found, (analysis, method), "HIGH", statistic);
        assert!(compared.estimate.is_some(), "{compared:?}");
    }
}

#[test]
fn all_values_missing() {
    let mut people = people(60, false);
    people.iter_mut().for_each(|p| p.records.clear());
    let found = check(&people);
    assert!(find(&found, ("adjusted", "summary"), "LOW", S::Mean).estimate.is_none());
    // The failure treatment makes every participant one who did not meet the condition.
    let percent = find(&found, ("goal", "summary"), "LOW", S::Percent);
    assert_eq!((percent.estimate, percent.n), (Some(0.0), Some(20)));
}

#[test]
fn a_baseline_that_everybody_shares_is_left_out() {
    let mut varied = people(180, false);
    let found = check(&varied);
    let note = &find(&found, ("adjusted", "ANCOVA"), "LOW", S::Difference).note;
    assert!(note.is_none(), "{note:?}");
    for person in &mut varied {
        person.records.iter_mut().filter(|r| r.day == 0.0).for_each(|r| r.value = 0.0);
    }
    let found = check(&varied);
    for (arm, statistic) in [("LOW", S::Difference), ("HIGH", S::LsMean)] {
        let adjusted = find(&found, ("adjusted", "ANCOVA"), arm, statistic);
        assert!(adjusted.estimate.is_some() && adjusted.standard_error.is_some());
        let note = adjusted.note.as_deref().unwrap();
        assert_eq!(note, "not adjusted for the baseline, which is the same for everybody");
    }
}

#[test]
fn no_events() {
    let mut people = people(60, false);
    people.iter_mut().for_each(|p| p.happenings.clear());
    let found = check(&people);
    let ratio = find(&found, ("syncope", "Cox"), "LOW", S::HazardRatio);
    assert_eq!(ratio.note.as_deref(), Some("no events"));
    let rate = find(&found, ("rash", "incidence"), "LOW", S::Rate);
    assert_eq!(rate.estimate, Some(0.0));
    assert!(rate.upper.unwrap() > 0.0);
}

#[test]
fn one_participant_and_none() {
    check(&people(1, false));
    check(&people(2, false));
    check(&[]);
}

#[test]
fn nobody_followed() {
    let mut people = people(30, false);
    people.iter_mut().for_each(|p| {
        p.happenings.clear();
        p.followed = 0.0;
    });
    let found = check(&people);
    let rate = find(&found, ("headaches", "summary"), "LOW", S::Rate);
    assert_eq!(rate.note.as_deref(), Some("nobody was followed"));
}
