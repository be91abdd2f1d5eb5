//! Quantities of small records, worked out by hand.

#![expect(clippy::float_cmp, reason = "small whole numbers, exact")]

use super::*;

const OBSERVED: Missing = Missing::ObservedOnly;

fn encounters() -> Vec<Encounter> {
    [-14.0, 0.0, 28.0, 56.0, 84.0].map(encounter).to_vec()
}

fn encounter(day: f64) -> Encounter {
    Encounter {
        day,
        label: format!("Day {day}"),
        number: day,
        epoch: 0,
        observe: vec![0],
        window: None,
        missing: None,
        repeats: None,
    }
}

fn record(encounter: usize, day: f64, value: f64) -> Record {
    Record { encounter, observable: 0, day, value, stated: None }
}

fn event(day: f64, grade: u8) -> Happened {
    Happened {
        what: Happening::AdverseEvent(0),
        day,
        grade,
        serious: false,
        discontinuing: false,
    }
}

const NOBODY: Participant<'static> = Participant {
    arm: 1,
    factual: true,
    period: 0,
    sequence: 0,
    strata: &[],
    covariates: &[40.0],
    records: &[],
    happenings: &[],
    doses: &[],
    truths: &[],
    predicted: &[],
    times: &[],
    treated: true,
    completed: true,
    stopped: f64::INFINITY,
    followed: 84.0,
    treatment: Exit::AsPlanned,
    trial: Exit::AsPlanned,
    came: Came { entry: 0.0, site: None, region: None },
    failed: false,
    implausible: &[],
};

fn value(records: &[Record], quantity: &Quantity, missing: Missing) -> f64 {
    Participant { records, ..NOBODY }.value(quantity, missing, &encounters())
}

#[test]
fn baseline_is_the_last_record_at_or_before_day_one() {
    let both = [record(0, -14.0, 8.0), record(1, 0.0, 8.4), record(2, 30.0, 7.0)];
    assert_eq!(value(&both, &Quantity::Baseline(0), OBSERVED), 8.4);
    let screening_only = [both[0], both[2]];
    assert_eq!(value(&screening_only, &Quantity::Baseline(0), OBSERVED), 8.0);
    assert!(value(&both[2..], &Quantity::Baseline(0), OBSERVED).is_nan());
}

#[test]
fn a_record_belongs_to_its_planned_encounter_whatever_the_day() {
    let late = [record(2, 33.0, 7.0)];
    assert_eq!(value(&late, &Quantity::At(0, 2), OBSERVED), 7.0);
    assert!(value(&late, &Quantity::At(0, 3), OBSERVED).is_nan());
}

#[test]
fn what_stands_in_for_a_missing_record() {
    let records = [record(1, 0.0, 8.4), record(2, 28.0, 7.0)];
    let at = Quantity::At(0, 4);
    assert_eq!(value(&records, &at, Missing::LastObservation), 7.0);
    assert_eq!(value(&records, &at, Missing::BaselineObservation), 8.4);
    assert!(value(&records, &at, Missing::Failure).is_nan());
    // The baseline record is no observation after baseline.
    assert!(value(&records[..1], &at, Missing::LastObservation).is_nan());
}

#[test]
fn summaries_of_a_period() {
    let records = [record(2, 28.0, 1.0), record(3, 56.0, 3.0), record(4, 84.0, 2.0)];
    let period = |summary| Quantity::Period { summary, observable: 0, from: 1.0, to: 84.0 };
    let of = |summary| value(&records, &period(summary), OBSERVED);
    assert_eq!(of(Summary::Average), 2.0);
    assert_eq!(of(Summary::Highest), 3.0);
    assert_eq!(of(Summary::Lowest), 1.0);
    assert_eq!(of(Summary::AreaUnderCurve), 28.0 * 2.0 + 28.0 * 2.5);
    // From 1 to 3 the line is above 2 for half of the time; from 3 to 2 always.
    assert_eq!(of(Summary::TimeIn { low: 2.0, high: 9.0 }), 75.0);
    let one = value(&records[..1], &period(Summary::AreaUnderCurve), OBSERVED);
    assert!(one.is_nan());
    assert!(value(&[], &period(Summary::Highest), OBSERVED).is_nan());
}

#[test]
fn level_lines_within_and_outside_limits() {
    assert_eq!(share_within(2.0, 2.0, 2.0, 3.0), 1.0);
    assert_eq!(share_within(1.0, 1.0, 2.0, 3.0), 0.0);
    assert_eq!(share_within(1.0, 5.0, 2.0, 3.0), 0.25);
}

#[test]
fn happenings_count_from_day_one() {
    let happenings = [event(-3.0, 4), event(10.0, 1), event(40.0, 3)];
    let person = Participant { happenings: &happenings, followed: 60.0, ..NOBODY };
    let of = |quantity| person.value(&quantity, OBSERVED, &[]);
    let happening = Happening::AdverseEvent(0);
    assert_eq!(of(Quantity::TimeTo(happening)), 10.0);
    assert_eq!(of(Quantity::TimeTo(Happening::AdverseEvent(1))), f64::INFINITY);
    assert_eq!(of(Quantity::Count { happening, from: 0.0, to: 40.0 }), 2.0);
    assert_eq!(of(Quantity::WorstGrade { adverse_event: 0, from: 0.0, to: 84.0 }), 3.0);
    assert_eq!(of(Quantity::WorstGrade { adverse_event: 1, from: 0.0, to: 84.0 }), 0.0);
    assert_eq!(of(Quantity::Followed { from: 7.0, to: 84.0 }), 53.0);
    assert_eq!(of(Quantity::Followed { from: 70.0, to: 84.0 }), 0.0);
}

#[test]
fn dose_intensity_is_taken_over_planned() {
    let dose = |day, taken| Dose { regimen: 0, day, taken, planned: 10.0 };
    let doses = [dose(0.0, 10.0), dose(1.0, 0.0), dose(9.0, 10.0)];
    let person = Participant { doses: &doses, ..NOBODY };
    let of = |regimens: Vec<usize>| {
        let quantity = Quantity::DoseIntensity { regimens, from: 0.0, to: 5.0 };
        person.value(&quantity, OBSERVED, &[])
    };
    assert_eq!(of(vec![0]), 0.5);
    assert!(of(vec![1]).is_nan());
}
