//! Events of models: conditions that hold long enough, re-arming, the clock, and what they change.

use crate::{assert_close, records, run};
use proband_engine::EnrolError;
use proband_tests::{Tables, plan, refused};

/// When an event happened, by the time its condition began to hold.
fn onsets(tables: &Tables, event: &str) -> Vec<f64> {
    tables.numbers("truth_events", &[("EVENT", event), ("KIND", "event")], "ASTTIME")
}

/// One arm without treatment, seen on some days.
fn seen(days: &str) -> String {
    format!("[arm.a]\n[[encounter]]\nat = [{days}]\n")
}

/// A wave that goes up and down between -1 and 1 in 4 days: above 0 in (0, 2), (4, 6), ...
const WAVE: &str = "
model wave
time day
state s
state c = 1
d s/dt = pi / (2 day) * c
d c/dt = -pi / (2 day) * s
observe s
";

#[test]
fn a_condition_is_noticed_each_time_it_comes_true() {
    let model = WAVE.to_owned() + "event high when s > 0.5\n";
    let tables = run(1, &model, &seen("\"day 13\""));
    // sin(pi t / 2) = 1/2 at t = 1/3.
    assert_close(&onsets(&tables, "high"), &[1.0 / 3.0, 4.0 + 1.0 / 3.0, 8.0 + 1.0 / 3.0]);
}

#[test]
fn an_event_needs_its_condition_for_as_long_as_it_says() {
    // Above 1/2 for 4/3 of a day, below -1/2 as well.
    for (hold, expected) in [("1.3 day", 3), ("1.4 day", 0)] {
        let model = WAVE.to_owned() + &format!("event high when s > 0.5 for {hold}\n");
        let tables = run(1, &model, &seen("\"day 13\""));
        assert_eq!(onsets(&tables, "high").len(), expected, "for {hold}");
    }
}

#[test]
fn an_event_waits_for_its_release() {
    let model = "
model ramp
time day
state x
d x/dt = (if t < 2 day then 1 else if t < 3 day then -1 else if t < 5 day then 1 else if t < 9 day then -1 else 1) 1/day
event high when x > 1.5, until x < 0.5
observe x
";
    // x rises to 2, falls to 1 (no release), rises to 3, falls to -1 (released at day 7.5), rises to 3 again.
    let tables = run(1, model, &seen("\"day 14\""));
    assert_close(&onsets(&tables, "high"), &[1.5, 11.5]);
    assert_close(&records(&tables, "X"), &[3.0]);
}

#[test]
fn once_is_once_and_terminal_is_the_end() {
    let model = WAVE.to_owned()
        + "event first when s > 0.5, once\nevent last when s < -0.5 for 0.5 day, terminal\n";
    let tables = run(1, &model, &seen("\"day 1\", \"day 2\", \"day 4\", \"day 13\""));
    assert_close(&onsets(&tables, "first"), &[1.0 / 3.0]);
    // Below -1/2 from 2 + 1/3 on, and half a day later it counts.
    assert_close(&onsets(&tables, "last"), &[2.0 + 1.0 / 3.0]);
    let adsl = &tables.rows("adsl")[0];
    assert_eq!(adsl.text("DCSREAS"), "last");
    assert_eq!(adsl.text("EOSSTT"), "DISCONTINUED");
    assert_close(&[adsl.number("EOSDY")], &[3.0]);
    assert_eq!(records(&tables, "S").len(), 2, "nothing after day 2.83");
    assert!(tables.rows("exclusions").is_empty(), "an end is no failure");
}

#[test]
fn the_clock_brings_events_before_the_visit_at_the_same_instant() {
    let model = "
model counter
time h
state n
state x [mg]
d n/dt = 0 1/h
d x/dt = 0 mg/h
dose oral -> x
event beat every 6 h from 6 h
on beat: n += 1
event alarm when t >= 2 day
on alarm: n += 100
event over when t >= 3 day, terminal
observe n
observe x
observe since_beat [h] = min(since(beat), 9 h)
";
    let rest = "[arm.a]\nregimen = { amount = \"1 mg\", every = \"1 day\", times = 3 }\n\
                [[encounter]]\nat = [\"hour 5\", \"hour 6\", \"hour 13\", \"hour 48\", \"hour 72\"]\n";
    let tables = run(1, model, rest);
    assert_close(&records(&tables, "N"), &[0.0, 1.0, 2.0, 108.0]);
    assert_close(&records(&tables, "X"), &[1.0, 1.0, 1.0, 2.0]);
    assert_close(
        &tables.numbers("adlb", &[("PARAMCD", "SINCE_BEAT")], "AVAL"),
        &[9.0, 0.0, 1.0, 0.0],
    );
    assert_eq!(
        tables.rows("adsl")[0].text("DCSREAS"),
        "over",
        "the visit of hour 72 is not reached"
    );
}

#[test]
fn an_update_sees_the_values_before_it() {
    let model = "
model swap
time day
state a = 1
state b = 2
d a/dt = 0 1/day
d b/dt = 0 1/day
event swap every 1 day from 1 day
on swap:
  a = b
  b = a
observe a
observe b
";
    let tables = run(1, model, &seen("\"hour 12\", \"hour 36\", \"hour 60\""));
    assert_close(&records(&tables, "A"), &[1.0, 2.0, 1.0]);
    assert_close(&records(&tables, "B"), &[2.0, 1.0, 2.0]);
}

#[test]
fn a_dose_may_bring_an_event_about_at_once() {
    let model = "
model full
time day
state x [mg]
state n
dose iv -> x
d x/dt = 0 mg/day
d n/dt = 0 1/day
event full when x >= 3 mg
on full:
  x = 0 mg
  n += 1
observe x
observe n
";
    let rest = "[arm.a]\nregimen = { amount = \"1 mg\", every = \"1 day\", times = 7 }\n\
                [[encounter]]\nat = [\"hour 36\", \"hour 60\", \"hour 84\", \"hour 160\"]\n";
    let tables = run(1, model, rest);
    assert_close(&records(&tables, "X"), &[2.0, 0.0, 1.0, 1.0]);
    assert_close(&onsets(&tables, "full"), &[2.0, 5.0]);
}

#[test]
fn events_that_bring_each_other_about_without_end_end_the_twin() {
    let model = "
model loop
time day
state x = 0
d x/dt = 1 1/day
event up when x > 1
on up: x = -1
event down when x < 0
on down: x = 2
observe x
";
    let tables = run(1, model, &seen("\"day 1\", \"day 5\""));
    let row = &tables.rows("exclusions")[0];
    assert_eq!(row.text("REASON"), "event-out-of-domain");
    assert!(row.text("DETAIL").contains("without end"), "{}", row.text("DETAIL"));
    assert_close(&[row.number("ATIME")], &[1.0]);
    assert_eq!(records(&tables, "X").len(), 1);
}

#[test]
fn an_interval_of_no_length_ends_the_twin() {
    let model = "
model still
time day
covariate gap [day] = 1 day
state n
d n/dt = 0 1/day
event beat every gap
on beat: n += 1
observe n
";
    let rest = "[population.covariates]\ngap = \"0 day\"\n".to_owned() + &seen("\"day 2\"");
    let trial = proband_tests::open(&crate::trial(1, &rest), &[("m.model", model)]);
    let EnrolError::CannotEnrol { enrolled, screening, .. } = refused(&plan(&trial)) else {
        panic!("nobody can be enrolled")
    };
    assert_eq!(enrolled, 0);
    // A hundred twins are drawn for each participant before the trial gives up.
    assert_eq!(screening.passed_over, [("event-out-of-domain".to_owned(), 100)]);
}

#[test]
fn a_condition_on_time_alone_is_landed_on() {
    let model = "
model switch
time day
state x
d x/dt = if t >= 2.7 day then 1 1/day else 0 1/day
observe x
observe on = if t >= 2.7 day then 1 else 0
";
    let tables = run(1, model, &seen("\"day 3\", \"hour 64\", \"hour 65\", \"day 5\""));
    let t = [2.0, 64.0 / 24.0, 65.0 / 24.0, 4.0].map(|t: f64| (t - 2.7).max(0.0));
    for (found, expected) in records(&tables, "X").iter().zip(t) {
        // A step that missed the switch would be off by its square, not by rounding.
        assert!((found - expected).abs() < 1e-14, "{found} for {expected}");
    }
    assert_close(&records(&tables, "ON"), &[0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn what_holds_across_day_1_is_one_event() {
    let model = "
model crossing
time day
state x
d x/dt = 1 1/day
event high when x > 0.5 for 2 day
event edge when t >= 0 day
observe x
";
    let rest = "[epoch.run_in]\nduration = \"1 day\"\n[epoch.treatment]\nduration = \"5 day\"\n\
                [arm.a]\n[[encounter]]\nat = [\"day -1\", \"day 1\", \"day 6\"]\n";
    let tables = run(1, model, rest);
    assert_close(&onsets(&tables, "high"), &[-0.5]);
    assert_close(&onsets(&tables, "edge"), &[0.0]);
}
