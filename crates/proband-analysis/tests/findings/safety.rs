//! Safety, counted anew from the participants.

use crate::people::{Person, find, findings_of, people};
use crate::trial::trial;
use proband_analysis::{Category, Finding, Record, StatisticName as S};
use proband_stats::Level;
use proband_stats::binary::{Proportion, newcombe};
use proband_stats::contingency::{CountTable, stratified_association};
use proband_stats::counts::{EventRate, rate_difference};
use proband_trial::{Assignment, EventOrder, Happening, Limits, ReferenceRange, Safety, Trial};

const L: Level = Level::P95;
const ARMS: [&str; 3] = ["PLACEBO", "LOW", "HIGH"];

fn ranged(observable: usize, low: f64, high: f64, grades: &[f64]) -> ReferenceRange {
    let limits = Some(Limits::Fixed { low, high });
    ReferenceRange { observable, limits, grades: grades.to_vec() }
}

fn with_ranges(ranges: Vec<ReferenceRange>) -> Trial {
    let safety = Safety { ranges, ..Safety::default() };
    Trial { safety, ..trial(Assignment::Randomised) }
}

fn of<'a>(
    found: &'a [Finding],
    (analysis, method, group): (&str, &str, Option<&str>),
    arm: Option<&str>,
    statistic: S,
) -> Option<&'a Finding> {
    found.iter().find(|f| {
        (f.analysis.as_str(), f.method.as_str()) == (analysis, method)
            && (f.group.as_deref(), f.arm.as_deref()) == (group, arm)
            && f.statistic == statistic
    })
}

/// Records of an observable: the one at baseline, and those after it.
fn values(person: &Person, observable: usize) -> (Option<f64>, Vec<f64>) {
    let of = || person.records.iter().filter(move |r| r.observable == observable);
    let baseline = of().find(|r| r.encounter == 0).map(|r| r.value);
    (baseline, of().filter(|r| r.encounter > 0).map(|r| r.value).collect())
}

fn word(value: f64) -> &'static str {
    match value {
        v if v < 140.0 => "low",
        v if v > 160.0 => "high",
        _ => "normal",
    }
}

/// From where to where somebody went.
fn shift(person: &Person) -> Option<(&'static str, &'static str)> {
    let (baseline, after) = values(person, 0);
    let (low, high) = (after.iter().any(|&v| v < 140.0), after.iter().any(|&v| v > 160.0));
    let worst = match (low, high) {
        _ if after.is_empty() => return None,
        (true, true) => "low and high",
        (true, false) => "low",
        (false, true) => "high",
        (false, false) => "normal",
    };
    Some((baseline.map_or("missing", word), worst))
}

/// Some people miss the visit at baseline, and some go up and down.
fn moving() -> Vec<Person> {
    let mut all = people(300, false);
    for (place, person) in all.iter_mut().enumerate() {
        if place % 17 == 0 {
            person.records.retain(|r| r.encounter != 0);
        }
        if place % 13 == 0 {
            person
                .records
                .iter_mut()
                .filter(|r| r.encounter == 1)
                .for_each(|r| r.value += 25.0);
        }
    }
    all
}

#[test]
fn shifts_from_baseline_to_the_worst_after_it() {
    let people = moving();
    let found = findings_of(&with_ranges(vec![ranged(0, 140.0, 160.0, &[])]), &people, 64);
    let in_arm = |arm: usize| people.iter().filter(move |p| p.arm == arm);
    let mut strata = Vec::new();
    for from in ["low", "normal", "high", "missing"] {
        let mut rows = Vec::new();
        for (arm, title) in ARMS.into_iter().enumerate() {
            let there = in_arm(arm).filter_map(shift).filter(|s| s.0 == from);
            let there: Vec<&str> = there.map(|s| s.1).collect();
            let counts = ["low", "normal", "high", "low and high"].map(|to| {
                let count = there.iter().filter(|worst| **worst == to).count() as u64;
                let group = format!("{from} to {to}");
                let row = of(&found, ("sbp", "shift", Some(&group)), Some(title), S::WithEvent);
                match row {
                    Some(row) => {
                        assert_eq!(row.estimate, Some(count as f64), "{group} {title}");
                        assert_eq!(row.n, Some(there.len() as u64), "{group} {title}");
                    }
                    None => assert_eq!(count, 0, "{group} {title}"),
                }
                count
            });
            rows.push(counts);
        }
        if from != "missing" {
            let slices: Vec<&[u64]> = rows.iter().map(<[u64; 4]>::as_slice).collect();
            strata.push(CountTable::new(&slices).unwrap());
        }
    }
    let ours = of(&found, ("sbp", "shift", None), None, S::Test).unwrap();
    let test =
        stratified_association(&strata, &[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 3.0]).unwrap();
    assert_eq!(
        (ours.estimate, ours.p_value),
        (Some(test.general.statistic), Some(test.general.p))
    );
}

#[test]
fn outliers_are_compared_with_control() {
    let people = moving();
    let found = findings_of(&with_ranges(vec![ranged(0, 140.0, 160.0, &[])]), &people, 300);
    let share = |arm: usize| {
        let seen = || people.iter().filter(|p| p.arm == arm).filter_map(shift);
        let high = seen().filter(|s| s.1.contains("high")).count() as u64;
        Proportion::new(high, seen().count() as u64).unwrap()
    };
    let high =
        |statistic| of(&found, ("sbp", "outliers", Some("high")), Some("HIGH"), statistic);
    assert_eq!(high(S::WithEvent).unwrap().estimate, Some(share(2).events() as f64));
    let difference = high(S::RiskDifference).unwrap();
    let limits = newcombe(share(2), share(0), L).unwrap();
    assert_eq!(difference.lower, Some(100.0 * limits.lower));
    assert_eq!(difference.reference.as_deref(), Some("PLACEBO"));
}

#[test]
fn grades_rise_or_fall_and_limits_belong_to_the_better_side() {
    let people = people(3, false);
    let graded = |grades: &[f64], after: f64| {
        let mut people = people.clone();
        for person in &mut people {
            person.records.retain(|r| r.encounter < 2);
            person.records.iter_mut().for_each(|r| r.value = 150.0);
            person.records.retain(|r| r.encounter == 0);
            let last = Record { encounter: 2, day: 84.0, value: after, ..person.records[0] };
            person.records.push(last);
        }
        let range = ReferenceRange { observable: 0, limits: None, grades: grades.to_vec() };
        let found = findings_of(&with_ranges(vec![range]), &people, 3);
        let rows = found.iter().filter(|f| f.method == "shift of grades");
        let groups: Vec<String> = rows.filter_map(|f| f.group.clone()).collect();
        groups[0].clone()
    };
    assert_eq!(graded(&[150.0, 170.0], 170.5), "grade 0 to grade 2");
    assert_eq!(graded(&[150.0, 170.0], 170.0), "grade 0 to grade 1");
    assert_eq!(graded(&[150.0, 130.0], 129.0), "grade 0 to grade 2");
    assert_eq!(graded(&[160.0, 130.0], 150.0), "grade 1 to grade 1");
    assert_eq!(graded(&[140.0], 130.0), "grade 1 to grade 0");
}

/// Multiples of the upper limits that participants of an arm reach after baseline, at different visits.
fn liver(enzymes: &[(f64, f64)]) -> (Trial, Vec<Person>) {
    let mut trial =
        with_ranges(vec![ranged(1, 5.0, 40.0, &[]), ranged(2, f64::NEG_INFINITY, 20.0, &[])]);
    for name in ["alt", "bili"] {
        let mut observed = trial.observables[0].clone();
        observed.name = name.into();
        trial.observables.push(observed);
    }
    let mut people = people(enzymes.len(), false);
    for (person, (alt, bilirubin)) in people.iter_mut().zip(enzymes) {
        let at = |encounter, observable, value| Record {
            encounter,
            observable,
            day: 28.0,
            value,
            stated: None,
        };
        // What was high before treatment is not counted.
        person.records.push(at(0, 1, 4000.0));
        person.records.push(at(1, 1, 40.0 * alt));
        person.records.push(at(2, 2, 20.0 * bilirubin));
    }
    (trial, people)
}

#[test]
fn hys_law_counts_both_analytes_at_any_visit() {
    // Placebo, low, high in turn.
    let reached = [
        (1.0, 3.0),
        (3.5, 1.0),
        (3.5, 2.5),
        (6.0, 2.0),
        (3.0, 2.5),
        (25.0, 2.5),
        (11.0, 0.5),
        (0.5, 0.5),
        (1.0, 1.0),
    ];
    let (trial, people) = liver(&reached);
    let found = findings_of(&trial, &people, 4);
    let both = "ALT or AST > 3 ULN, bilirubin > 2 ULN";
    for (group, expected) in [
        ("ALT or AST > 3 ULN", [2.0, 1.0, 2.0]),
        ("ALT or AST > 5 ULN", [2.0, 0.0, 1.0]),
        ("ALT or AST > 10 ULN", [1.0, 0.0, 1.0]),
        ("ALT or AST > 20 ULN", [0.0, 0.0, 1.0]),
        ("bilirubin > 2 ULN", [1.0, 1.0, 2.0]),
        (both, [0.0, 0.0, 2.0]),
    ] {
        for (arm, expected) in ARMS.into_iter().zip(expected) {
            let row = of(&found, ("hys_law", "outliers", Some(group)), Some(arm), S::WithEvent);
            assert_eq!(row.unwrap().estimate, Some(expected), "{group} {arm}");
        }
    }
    // Without limits of bilirubin nobody can say.
    let mut trial = trial;
    trial.safety.ranges.pop();
    let found = findings_of(&trial, &people, 4);
    assert!(!found.iter().any(|f| f.analysis == "hys_law"));
}

/// Participants of an arm with an event of a kind, and how many events.
fn happened(people: &[Person], arm: usize, event: usize, serious: bool) -> (u64, u64) {
    let of = |p: &&Person| p.arm == arm;
    let count = |p: &Person| {
        let is = |h: &&proband_analysis::Happened| {
            h.what == Happening::AdverseEvent(event) && (h.serious || !serious)
        };
        p.happenings.iter().filter(is).count() as u64
    };
    let counts: Vec<u64> = people.iter().filter(of).map(count).collect();
    (counts.iter().filter(|&&n| n > 0).count() as u64, counts.iter().sum())
}

#[test]
fn serious_events_and_rates_are_told_by_term() {
    let mut people = people(300, false);
    // One headache ends the treatment of one person.
    let headache = Happening::AdverseEvent(0);
    let of_high = people.iter_mut().filter(|p| p.arm == 2).flat_map(|p| &mut p.happenings);
    of_high.filter(|h| h.what == headache).take(1).for_each(|h| h.discontinuing = true);
    let found = findings_of(&trial(Assignment::Randomised), &people, 77);
    let row = |analysis, group, arm, statistic| {
        of(&found, (analysis, "incidence", group), Some(arm), statistic)
    };
    let (with, events) = happened(&people, 2, 0, true);
    assert!(with > 0 && events > with);
    let serious = |statistic| row("headache", Some("serious"), "HIGH", statistic).unwrap();
    assert_eq!(serious(S::WithEvent).estimate, Some(with as f64));
    assert_eq!(serious(S::Events).estimate, Some(events as f64));
    assert!(serious(S::RiskDifference).p_value.is_some());
    let ended =
        |arm| row("any", Some("leading to discontinuation"), arm, S::WithEvent).unwrap();
    assert_eq!((ended("HIGH").estimate, ended("LOW").estimate), (Some(1.0), Some(0.0)));
    assert!(row("rash", Some("leading to discontinuation"), "HIGH", S::WithEvent).is_none());

    let rate = |arm: &str| {
        let of = |statistic| find(&found, ("Nervous system", "incidence"), arm, statistic);
        let with = of(S::WithEvent).estimate.unwrap() as u64;
        EventRate::new(with, of(S::Exposure).estimate.unwrap()).unwrap()
    };
    let expected = rate_difference(rate("LOW"), rate("PLACEBO"), L).unwrap();
    let ours = find(&found, ("Nervous system", "incidence"), "LOW", S::RateDifference);
    assert_eq!(ours.estimate, Some(expected.estimate.value));
    assert_eq!((ours.lower, ours.p_value), (Some(expected.estimate.lower), Some(expected.p)));
}

#[test]
fn the_order_of_adverse_events_is_a_choice() {
    let people = people(300, false);
    let order = |order| {
        let mut trial = trial(Assignment::Randomised);
        trial.safety.order = order;
        trial.adverse_events[2].body_system = "Abdomen".into();
        let found = findings_of(&trial, &people, 300);
        let rows = found.iter().filter(|f| {
            f.category == Category::AdverseEvent
                && f.paramcd == "AEDECOD"
                && f.statistic == S::RiskDifference
                && f.group.is_none()
        });
        let mut terms: Vec<(String, f64)> = Vec::new();
        for row in rows {
            let estimate = row.estimate.unwrap();
            match terms.last_mut().filter(|(term, _)| *term == row.analysis) {
                Some((_, greatest)) => *greatest = greatest.max(estimate),
                None => terms.push((row.analysis.clone(), estimate)),
            }
        }
        terms
    };
    let names = |terms: &[(String, f64)]| terms.iter().map(|t| t.0.clone()).collect::<Vec<_>>();
    let with = |event| (0..3).map(|arm| happened(&people, arm, event, false).0).sum::<u64>();
    let mut frequent = [(with(0), "headache"), (with(1), "rash"), (with(2), "syncope")];
    frequent.sort_by(|a, b| b.cmp(a));
    assert_eq!(names(&order(EventOrder::Frequency)), frequent.map(|(_, name)| name));
    // The body systems are Abdomen (syncope), Nervous system (headache) and Skin (rash).
    assert_eq!(names(&order(EventOrder::Alphabet)), ["syncope", "headache", "rash"]);
    let by_difference = order(EventOrder::RiskDifference);
    assert!(by_difference.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{by_difference:?}");
}
