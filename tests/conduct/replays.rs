//! A participant simulated again: the same bits as in the run, and its true values over time.

use crate::{assert_close, trial};
use proband_engine::{ReplayError, TwinKey, replay};
use proband_tests::{open, plan, simulated};

const MODEL: &str = "
model m
time h
param k = 0.02 1/h ~ lognormal sd 0.3, sd 0.1 per occasion
param m = 10 mg ~ normal sd 3 mg
state x [mg] = m
state y [mg]
dose iv -> x, lag 2 h
d x/dt = -k * x
d y/dt = k * x
event low when x < 5 mg
on low: x += 1 mg
hazard fall [1/day] = 0.05 1/day
observe x ~ normal sd 1 mg
";

const REST: &str = r#"
simulation.method = "tsit5"
[eligibility]
inclusion.high = "x > 8 mg"
[epoch.screening]
duration = "7 day"
[epoch.treatment]
duration = "14 day"
[arm.a]
control = true
[arm.b]
regimen = { amount = "4 mg", every = "1 day" }
[[encounter]]
at = ["day -7", "day 1", "day 8", "day 15"]
window = "2 day"
[adverse_event.fall]
event = "fall"
recurs = true
lasts = "1 day"
"#;

#[test]
fn a_replay_is_the_same_to_the_bit() {
    let trial = open(&trial(40, REST), &[("m.model", MODEL)]);
    let plan = plan(&trial);
    let tables = simulated(&plan);
    for adsl in tables.rows("adsl") {
        let subject = [("USUBJID", adsl.text("USUBJID"))];
        let arm = usize::from(adsl.text("ARMCD") == "b");
        let again =
            replay(&plan, TwinKey::first(adsl.number("TWIN") as u64), arm, 0.25).unwrap();
        let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let of = |table, column| bits(&tables.numbers(table, &subject, column));
        let ours = |values: Vec<f64>| bits(&values);
        assert_eq!(ours(again.records.iter().map(|r| r.value).collect()), of("adlb", "AVAL"));
        assert_eq!(ours(again.records.iter().map(|r| r.day).collect()), of("adlb", "ATIME"));
        assert_eq!(ours(again.doses.iter().map(|d| d.day).collect()), of("adex", "ASTTIME"));
        let mut events = tables.numbers("truth_events", &subject, "ASTTIME");
        events.sort_by(f64::total_cmp);
        assert_eq!(ours(again.events.iter().map(|e| e.day).collect()), bits(&events));
        assert_eq!(again.ending, None);
        let names: Vec<&str> = again.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["x", "y"]);
        assert_eq!(again.columns[0].unit.as_deref(), Some("mg"));
    }
}

#[test]
fn a_replay_shows_the_truth_from_the_start_to_the_end() {
    let trial = open(&trial(40, REST), &[("m.model", MODEL)]);
    let plan = plan(&trial);
    let twin = simulated(&plan).rows("adsl")[3].number("TWIN") as u64;
    let coarse = replay(&plan, TwinKey::first(twin), 1, 1.0).unwrap();
    let fine = replay(&plan, TwinKey::first(twin), 1, 0.25).unwrap();
    // The last visit may be later than the epoch ends.
    let end = coarse.followed.floor();
    assert!((14.0..=16.0).contains(&end), "{end}");
    assert_close(&[coarse.days[0], *coarse.days.last().unwrap()], &[-7.0, end]);
    assert_eq!(coarse.days.len() as f64, end + 8.0);
    for (index, &day) in coarse.days.iter().enumerate() {
        let same = fine.days.iter().position(|&other| other == day).unwrap();
        for (a, b) in coarse.columns.iter().zip(&fine.columns) {
            assert_eq!(a.values[index].to_bits(), b.values[same].to_bits(), "{} {day}", a.name);
        }
    }
    // Of what was there, or was added (a dose of 4 mg by day, 1 mg by event), nothing is lost.
    let total = |at: usize| coarse.columns[0].values[at] + coarse.columns[1].values[at];
    let low = coarse.events.iter().filter(|event| event.name == "low" && event.day < end);
    let events = low.count() as f64;
    assert_close(&[total(coarse.days.len() - 1) - total(0)], &[4.0 * 14.0 + events]);
}

#[test]
fn who_was_not_enrolled_cannot_be_replayed() {
    let trial = open(&trial(40, REST), &[("m.model", MODEL)]);
    let plan = plan(&trial);
    let tables = simulated(&plan);
    let refused = tables.rows("exclusions")[0].number("TWIN") as u64;
    match replay(&plan, TwinKey::first(refused), 0, 1.0) {
        Err(ReplayError::NotEnrolled { twin, reasons }) => {
            assert_eq!((twin, reasons), (refused, vec!["high".to_owned()]));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(replay(&plan, TwinKey::first(0), 0, 0.0), Err(ReplayError::Interval(_))));
}
