//! How doses arrive: at once, over time, late, in part, by several lines.

use crate::{assert_close, records, run};
use proband_math::exp;

/// An amount that decays by half a day, seen as it is.
const BODY: &str = "
model body
time day
param ke = 0.5 1/day
state x [mg]
dose iv -> x
d x/dt = -ke * x
observe x
";

/// An amount that stays, so that what has arrived can be counted.
fn stay(dose: &str) -> String {
    format!(
        "model stay\ntime day\nstate x [mg]\nstate z [mg]\n{dose}\nd x/dt = 0 mg/day\nd z/dt = 0 mg/day\nobserve x\nobserve z\n"
    )
}

fn days(days: &[u32]) -> String {
    let words: Vec<String> = days.iter().map(|day| format!("\"day {}\"", day + 1)).collect();
    format!("[[encounter]]\nat = [{}]\n", words.join(", "))
}

fn hours(hours: &[u32]) -> String {
    let words: Vec<String> = hours.iter().map(|hour| format!("\"hour {hour}\"")).collect();
    format!("[[encounter]]\nat = [{}]\n", words.join(", "))
}

#[test]
fn a_bolus_decays() {
    let rest =
        "[arm.a]\nregimen = { amount = \"10 mg\", times = 1 }\n".to_owned() + &days(&[1, 2, 4]);
    let tables = run(1, BODY, &rest);
    let expected = [1.0, 2.0, 4.0].map(|t| 10.0 * exp(-0.5 * t));
    assert_close(&records(&tables, "X"), &expected);
}

#[test]
fn a_sample_at_the_time_of_a_dose_is_a_trough() {
    let rest = "[arm.a]\nregimen = { amount = \"10 mg\", every = \"1 day\", times = 3 }\n"
        .to_owned()
        + &days(&[0, 1, 2]);
    let tables = run(1, BODY, &rest);
    let left = exp(-0.5);
    assert_close(&records(&tables, "X"), &[0.0, 10.0 * left, 10.0 * (left + left * left)]);
}

#[test]
fn an_infusion_arrives_evenly_and_stops() {
    for infusion in ["over = \"12 h\"", "rate = \"20 mg/day\""] {
        let rest =
            format!("[arm.a]\nregimen = {{ amount = \"10 mg\", times = 1, {infusion} }}\n")
                + &hours(&[0, 3, 12, 18, 36]);
        let tables = run(1, &stay("dose iv -> x"), &rest);
        assert_close(&records(&tables, "X"), &[0.0, 2.5, 10.0, 10.0, 10.0]);
        let row = &tables.rows("adex")[0];
        assert_close(&[row.number("ASTTIME"), row.number("AENTIME")], &[0.0, 0.5]);
    }
}

#[test]
fn an_infusion_into_a_body_that_eliminates_follows_its_formula() {
    let rest = "[arm.a]\nregimen = { amount = \"10 mg\", times = 1, over = \"1 day\" }\n"
        .to_owned()
        + &hours(&[6, 24, 48]);
    let tables = run(1, BODY, &rest);
    let during = |t: f64| 20.0 * (1.0 - exp(-0.5 * t));
    assert_close(&records(&tables, "X"), &[during(0.25), during(1.0), during(1.0) * exp(-0.5)]);
}

#[test]
fn infusions_that_overlap_add_up() {
    let rest = "[arm.a]\nregimen = { amount = \"12 mg\", every = \"6 h\", times = 2, over = \"12 h\" }\n"
        .to_owned()
        + &hours(&[3, 6, 9, 12, 15, 18, 24]);
    let tables = run(1, &stay("dose iv -> x"), &rest);
    assert_close(&records(&tables, "X"), &[3.0, 6.0, 12.0, 18.0, 21.0, 24.0, 24.0]);
}

#[test]
fn an_infusion_back_to_back_never_pauses() {
    let rest = "[arm.a]\nregimen = { amount = \"24 mg\", every = \"1 day\", times = 3, over = \"1 day\" }\n"
        .to_owned()
        + &hours(&[12, 24, 36, 48, 60, 72, 96]);
    let tables = run(1, &stay("dose iv -> x"), &rest);
    assert_close(&records(&tables, "X"), &[12.0, 24.0, 36.0, 48.0, 60.0, 72.0, 72.0]);
}

#[test]
fn a_modelled_duration_overrules_the_regimens() {
    let rest = "[arm.a]\nregimen = { amount = \"10 mg\", times = 1 }\n".to_owned()
        + &hours(&[6, 24, 30]);
    let tables = run(1, &stay("dose iv -> x, over 1 day"), &rest);
    assert_close(&records(&tables, "X"), &[2.5, 10.0, 10.0]);
}

#[test]
fn an_infusion_over_no_time_is_a_bolus() {
    let rest =
        "[arm.a]\nregimen = { amount = \"10 mg\", times = 1 }\n".to_owned() + &hours(&[0, 1]);
    let tables = run(1, &stay("dose iv -> x, over 0 h"), &rest);
    assert_close(&records(&tables, "X"), &[0.0, 10.0]);
}

#[test]
fn a_fraction_of_a_dose_arrives() {
    let rest =
        "[arm.a]\nregimen = { amount = \"10 mg\", times = 1 }\n".to_owned() + &hours(&[1]);
    let tables = run(1, &stay("dose oral -> x, fraction 0.3"), &rest);
    assert_close(&records(&tables, "X"), &[3.0]);
    assert_close(&tables.numbers("adex", &[], "EXDOSE"), &[10.0]);
}

#[test]
fn a_dose_arrives_after_its_lag_even_beyond_the_next_dose() {
    let rest = "[arm.a]\nregimen = { amount = \"1 mg\", every = \"12 h\", times = 3 }\n"
        .to_owned()
        + &hours(&[29, 31, 41, 43, 55]);
    let tables = run(1, &stay("dose oral -> x, lag 30 h"), &rest);
    assert_close(&records(&tables, "X"), &[0.0, 1.0, 1.0, 2.0, 3.0]);
}

#[test]
fn a_dose_after_the_end_is_not_given() {
    let rest = "[arm.a]\nregimen = { amount = \"1 mg\", every = \"1 day\", times = 5 }\n"
        .to_owned()
        + &hours(&[0, 36]);
    let tables = run(1, &stay("dose iv -> x"), &rest);
    assert_close(&records(&tables, "X"), &[0.0, 2.0]);
    assert_eq!(tables.rows("adex").len(), 2);
}

#[test]
fn an_infusion_with_a_lag_begins_late() {
    let rest = "[arm.a]\nregimen = { amount = \"10 mg\", times = 1, over = \"10 h\" }\n"
        .to_owned()
        + &hours(&[6, 11, 16, 20]);
    let tables = run(1, &stay("dose oral -> x, lag 6 h"), &rest);
    assert_close(&records(&tables, "X"), &[0.0, 5.0, 10.0, 10.0]);
}

#[test]
fn two_lines_of_one_route_split_a_dose() {
    let lines = "dose oral -> x, fraction 0.7\ndose oral -> z, fraction 0.3, lag 2 h";
    let rest =
        "[arm.a]\nregimen = { amount = \"10 mg\", times = 1 }\n".to_owned() + &hours(&[1, 3]);
    let tables = run(1, &stay(lines), &rest);
    assert_close(&records(&tables, "X"), &[7.0, 7.0]);
    assert_close(&records(&tables, "Z"), &[0.0, 3.0]);
    assert_eq!(tables.rows("adex").len(), 1, "it is one dose");
}

#[test]
fn several_drugs_go_their_own_ways() {
    let lines = "dose alpha oral -> x\ndose beta oral -> z, fraction 0.5";
    let rest = "
[arm.a]
regimen = [
  { drug = \"alpha\", amount = \"3 mg\", every = \"1 day\", times = 2 },
  { drug = \"beta\", amount = \"4000 ug\", every = \"1 day\", times = 3 },
]
"
    .to_owned()
        + &days(&[1, 3]);
    let tables = run(1, &stay(lines), &rest);
    assert_close(&records(&tables, "X"), &[3.0, 6.0]);
    assert_close(&records(&tables, "Z"), &[2.0, 6.0]);
}

#[test]
fn what_a_dose_brings_about_knows_its_amount_and_its_time() {
    let model = "
model meal
time day
state x [mg]
state count
dose oral -> x
d x/dt = 0 mg/day
on oral:
  count += 1
  x += 2 * amount
observe x
observe count
observe since_dose [day] = since(oral)
";
    let rest = "[arm.a]\nregimen = { amount = \"5 mg\", every = \"1 day\", times = 2 }\n"
        .to_owned()
        + &hours(&[12, 30]);
    let tables = run(1, model, &rest);
    assert_close(&records(&tables, "X"), &[15.0, 30.0]);
    assert_close(&records(&tables, "COUNT"), &[1.0, 2.0]);
    assert_close(&records(&tables, "SINCE_DOSE"), &[0.5, 0.25]);
}
