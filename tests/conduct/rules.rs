//! Rules on what the trial saw: paths worked out by hand.

use crate::{assert_close, mean, records, run};
use proband_tests::Tables;

/// A response of the dose of the day, and what time alone decides. Every state is known in closed form.
const RESPONSE: &str = "
model response
time h
input today [mg] = 0 mg
param slope = 0.5 1/mg
state x [mg]
dose oral -> x
d x/dt = 0 mg/h
let y = slope * today
let count = if t >= 20 day and t < 30 day then 1 else 2
observe x
observe y
observe count
";

fn daily(rules: &str) -> Tables {
    let rest = "
model.m.inputs = { today = \"daily_dose(a)\" }
[arm.a]
regimen = { amount = \"2 mg\", every = \"1 day\" }
[epoch.treatment]
duration = \"28 day\"
[[encounter]]
every = \"7 day\"
";
    run(1, RESPONSE, &format!("{rest}{rules}"))
}

fn amounts(tables: &Tables) -> Vec<f64> {
    tables.numbers("adex", &[], "EXDOSE")
}

fn weeks(doses: &[f64]) -> Vec<f64> {
    doses.iter().flat_map(|&dose| [dose; 7]).collect()
}

#[test]
fn a_dose_is_titrated_until_its_target() {
    let tables =
        daily("[rule.up]\nwhen = \"y < 2 and t > 0 day\"\ndo = \"set\"\nto = \"1.5 * dose\"\n");
    // A response of 1, 1.5 and 2.25 at weeks 1, 2 and 3.
    assert_close(&amounts(&tables), &weeks(&[2.0, 3.0, 4.5, 4.5]));
    assert_close(&tables.numbers("decisions", &[("RULE", "up")], "ATIME"), &[7.0, 14.0]);
    let first = &tables.rows("decisions")[0];
    let texts = ["ACTION", "EXTRT", "SEEN"].map(|column| first.text(column));
    assert_eq!(texts, ["set", "a", "y 1, dose 2"]);
    assert_eq!(tables.having("adex", &[("EXADJ", "up")]).len(), 2);
    assert!(tables.rows("addv").is_empty());
}

#[test]
fn the_first_rule_that_acts_on_a_regimen_wins() {
    let tables = daily(
        "[rule.never]\nwhen = \"y > 100\"\ndo = \"set\"\nto = \"9 mg\"\n
[rule.first]\nwhen = \"y < 2\"\ndo = \"set\"\nto = \"5 mg\"\n
[rule.second]\nwhen = \"y < 2\"\ndo = \"set\"\nto = \"7 mg\"\n",
    );
    assert_close(&amounts(&tables), &weeks(&[2.0, 5.0, 5.0, 5.0]));
    assert!(tables.having("decisions", &[("RULE", "second")]).is_empty());
}

#[test]
fn a_hold_lasts_until_its_condition() {
    let tables = daily("[rule.hold]\nwhen = \"y >= 1\"\ndo = \"hold\"\nuntil = \"y < 0.5\"\n");
    // Held from week 1, seen to be gone at week 2, held again from week 3.
    assert_close(&amounts(&tables), &weeks(&[2.0, 0.0, 2.0, 0.0]));
    let given: Vec<bool> =
        tables.rows("adex").iter().step_by(7).map(|row| row.flag("DOSEFL")).collect();
    assert_eq!(given, [true, false, true, false]);
    assert_close(&records(&tables, "X"), &[0.0, 14.0, 14.0, 28.0, 28.0]);
}

#[test]
fn a_dose_is_skipped() {
    let tables = daily("[rule.skip]\nwhen = \"y >= 1\"\ndo = \"skip\"\nat_most = 2\n");
    let skipped = tables.having("adex", &[("EXADJ", "skip")]);
    let days: Vec<f64> = skipped.iter().map(|row| row.number("ASTTIME")).collect();
    assert_close(&days, &[7.0, 14.0]);
    assert_eq!(amounts(&tables).iter().filter(|&&amount| amount == 2.0).count(), 26);
}

/// Three-weekly doses, and rules asked before each.
fn cycles(rules: &str) -> Tables {
    let rest = "
[arm.a]
regimen = { amount = \"1 mg\", every = \"3 week\", times = 3 }
[epoch.treatment]
duration = \"12 week\"
[[encounter]]
every = \"7 day\"
[endpoint.intensity]
value = \"dose_intensity(a, day 1, week 12)\"
";
    run(1, RESPONSE, &format!("{rest}{rules}"))
}

#[test]
fn a_delay_moves_the_rest_of_the_schedule() {
    let delay = "[rule.wait]\ncheck = \"dose\"\nwhen = \"count < 1.5\"\ndo = \"delay\"\nby = \"1 week\"\nat_most = 3\nthen = \"stop\"\n";
    let tables = cycles(delay);
    // Due on day 21, where the count is low, as it is on day 28.
    assert_close(&tables.numbers("adex", &[], "ASTTIME"), &[0.0, 35.0, 56.0]);
    assert_close(&tables.numbers("adex", &[("EXADJ", "wait")], "ASTTIME"), &[35.0]);
    assert_close(&tables.numbers("decisions", &[], "ATIME"), &[21.0, 28.0]);
    let intensity = tables.numbers("adeff", &[("PARAMCD", "INTENSIT")], "AVAL");
    assert_close(&intensity, &[1.0]);
    let adsl = &tables.rows("adsl")[0];
    assert_eq!(adsl.text("EOTSTT"), "COMPLETED");
}

#[test]
fn after_so_many_delays_comes_something_else() {
    let stop = "[rule.wait]\ncheck = \"dose\"\nwhen = \"count < 1.5\"\ndo = \"delay\"\nby = \"1 week\"\nat_most = 1\nthen = \"stop\"\n";
    let tables = cycles(stop);
    assert_close(&tables.numbers("adex", &[], "ASTTIME"), &[0.0]);
    let actions: Vec<&str> =
        tables.rows("decisions").iter().map(|row| row.text("ACTION")).collect();
    assert_eq!(actions, ["delay", "stop"]);
    let adsl = &tables.rows("adsl")[0];
    assert_eq!((adsl.text("EOTSTT"), adsl.text("DCTREAS")), ("DISCONTINUED", "wait"));
    assert_eq!((adsl.number("EOTDY"), adsl.text("EOSSTT")), (29.0, "COMPLETED"));
    let intensity = tables.numbers("adeff", &[("PARAMCD", "INTENSIT")], "AVAL");
    assert_close(&intensity, &[1.0 / 3.0]);
}

/// A ladder that is climbed each week.
fn climbing(rules: &str) -> Tables {
    let rest = "
[arm.a]
regimen = { amount = [\"1 mg\", \"2 mg\", \"4 mg\", \"8 mg\"], every = \"7 day\", step = \"7 day\" }
[epoch.treatment]
duration = \"42 day\"
[[encounter]]
every = \"7 day\"
";
    run(1, RESPONSE, &format!("{rest}{rules}"))
}

#[test]
fn a_rule_moves_a_rung_and_the_step_counts_from_there() {
    assert_close(&amounts(&climbing("")), &[1.0, 2.0, 4.0, 8.0, 8.0, 8.0]);
    let tables = climbing("[rule.down]\nwhen = \"x > 2 mg\"\ndo = \"reduce\"\nat_most = 1\n");
    // Seen at day 14, where 3 mg have been given: from rung 3 to rung 2, and a rung up each week.
    assert_close(&amounts(&tables), &[1.0, 2.0, 2.0, 4.0, 8.0, 8.0]);
    let up = climbing("[rule.up]\nwhen = \"rung == 2\"\ndo = \"increase\"\n");
    assert_close(&amounts(&up), &[1.0, 4.0, 8.0, 8.0, 8.0, 8.0]);
}

#[test]
fn with_no_rung_left_then_comes() {
    let tables = climbing(
        "[rule.down]\nwhen = \"t >= 7 day\"\ncheck = \"dose\"\ndo = \"reduce\"\nthen = \"stop\"\n",
    );
    // On day 7 rung 2 becomes 1, a week on 2 becomes 1 again.
    assert_close(&amounts(&tables), &[1.0; 6]);
    let tables = climbing(
        "[rule.down]\nwhen = \"t >= 1 day\"\ncheck = \"dose\"\ndo = \"reduce\"\nthen = \"stop\"\nat_most = 2\n",
    );
    assert_close(&amounts(&tables), &[1.0; 3]);
}

#[test]
fn a_rule_starts_a_regimen_and_asks_for_a_visit() {
    let tables = run(
        1,
        RESPONSE,
        r#"
[regimen.metformin]
amount = "10 mg"
every = "2 day"
times = 3
[arm.a]
regimen = { amount = "1 mg", every = "7 day" }
[epoch.treatment]
duration = "35 day"
[[encounter]]
every = "7 day"
[rule.rescue]
when = "count < 1.5"
do = "start"
regimen = "metformin"
[rule.again]
when = "count < 1.5 and not happened(again)"
do = "see"
in = "2 day"
observe = ["x"]
"#,
    );
    let rescue = tables.numbers("adex", &[("EXTRT", "metformin")], "ASTTIME");
    assert_close(&rescue, &[21.0, 23.0, 25.0]);
    let seen = tables.having("adlb", &[("AVISIT", "Unscheduled")]);
    assert_eq!(seen.len(), 1);
    // Four doses of 1 mg and one of 10: that of the same instant comes after the visit.
    assert_close(&[seen[0].number("ATIME"), seen[0].number("AVAL")], &[23.0, 14.0]);
}

#[test]
fn a_participant_switches_to_the_regimens_of_another_arm() {
    let tables = run(
        2,
        RESPONSE,
        r#"
design.blocks = [2]
[arm.a]
regimen = { amount = "1 mg", every = "7 day" }
[arm.b]
regimen = { amount = "3 mg", every = "7 day" }
[epoch.treatment]
duration = "35 day"
[[encounter]]
every = "7 day"
[rule.switch]
when = "count < 1.5"
arms = ["a"]
do = "switch"
arm = "b"
"#,
    );
    let of = |arm| tables.numbers("adex", &[("TRT01P", arm)], "EXDOSE");
    assert_close(&of("a"), &[1.0, 1.0, 1.0, 3.0, 3.0]);
    assert_close(&of("b"), &[3.0; 5]);
}

#[test]
fn a_participant_is_withdrawn() {
    let tables = daily("[rule.out]\nwhen = \"count < 1.5\"\ndo = \"withdraw\"\n");
    let adsl = &tables.rows("adsl")[0];
    assert_eq!((adsl.text("EOSSTT"), adsl.text("DCSREAS")), ("DISCONTINUED", "out"));
    assert_eq!(adsl.number("EOSDY"), 22.0);
    assert_eq!(amounts(&tables).len(), 21);
}

#[test]
fn a_regimen_and_an_epoch_end_by_what_is_seen() {
    let rest = |until: &str| {
        format!(
            "
[arm.a]
regimen = {{ amount = \"1 mg\", every = \"7 day\"{until} }}
[[encounter]]
every = \"7 day\"
until = \"week 8\"
[[encounter]]
at = [\"week 0\", \"week 1\"]
epoch = \"follow_up\"
[epoch.follow_up]
duration = \"14 day\"
"
        )
    };
    let epochs = "[epoch.treatment]\nduration = \"56 day\"\n";
    let until = ", until = \"count < 1.5\"";
    let tables = run(1, RESPONSE, &format!("{epochs}{}", rest(until)));
    assert_close(&tables.numbers("adex", &[], "ASTTIME"), &[0.0, 7.0, 14.0]);
    assert_eq!(tables.rows("adsl")[0].number("EOSDY"), 71.0);

    let epochs = "[epoch.treatment]\nduration = \"56 day\"\nuntil = \"count < 1.5\"\n";
    let tables = run(1, RESPONSE, &format!("{epochs}{}", rest("")));
    // The treatment ends on day 21; of the follow-up, the visit of its first day is the present one.
    assert_close(&tables.numbers("adex", &[], "ASTTIME"), &[0.0, 7.0, 14.0]);
    let adsl = &tables.rows("adsl")[0];
    assert_eq!((adsl.text("EOTSTT"), adsl.number("EOTDY")), ("COMPLETED", 22.0));
    assert_eq!(adsl.number("EOSDY"), 36.0);
    let visits = tables.numbers("adlb", &[("PARAMCD", "COUNT")], "ATIME");
    assert_eq!(visits.last(), Some(&28.0), "{visits:?}");
}

#[test]
fn a_rule_is_obeyed_as_often_as_it_says() {
    let rest = "
[arm.a]
regimen = { amount = \"1 mg\", every = \"7 day\" }
[epoch.treatment]
duration = \"7 day\"
[[encounter]]
at = [\"day 1\"]
[rule.more]
check = \"dose\"
when = \"y < 1\"
do = \"set\"
to = \"2 mg\"
followed = \"30 %\"
";
    let tables = run(2_000, RESPONSE, rest);
    let obeyed: Vec<f64> = tables
        .rows("decisions")
        .iter()
        .map(|row| f64::from(u8::from(row.flag("DONEFL"))))
        .collect();
    assert_eq!(obeyed.len(), 2_000);
    // A share of 0.3 of 2000 has a standard error of 0.0102.
    assert!((mean(&obeyed) - 0.3).abs() < 3.0 * 0.0102, "{}", mean(&obeyed));
    let not = obeyed.iter().filter(|&&done| done == 0.0).count();
    assert_eq!(tables.having("addv", &[("DVSPID", "more")]).len(), not);
    assert_eq!(amounts(&tables).iter().filter(|&&amount| amount == 1.0).count(), not);
}

/// Elimination that differs between twins, observed without error.
const DECAY: &str = "
model decay
time day
param ke = 0.2 1/day ~ lognormal sd 0.5
state x [mg]
dose oral -> x
d x/dt = -ke * x
observe x ERROR
";

const TROUGH: &str = r#"
[arm.a]
regimen = { amount = ["2 mg", "4 mg", "8 mg", "16 mg"], start = 3, every = "7 day" }
[epoch.treatment]
duration = "84 day"
[[encounter]]
every = "7 day"
[rule.down]
check = "dose"
when = "x > 3 mg"
do = "reduce"
[rule.up]
check = "dose"
when = "x < 0.8 mg and t > 0 day"
do = "increase"
"#;

/// The doses that the rules of `TROUGH` give somebody, asked of true values in closed form.
fn by_truth(ke: f64) -> Vec<f64> {
    let (rungs, mut rung, mut x) = ([2.0, 4.0, 8.0, 16.0], 2, 0.0);
    let mut given = Vec::new();
    for cycle in 0..12 {
        if x > 3.0 {
            rung = if rung > 0 { rung - 1 } else { rung };
        } else if x < 0.8 && cycle > 0 {
            rung = (rung + 1).min(3);
        }
        given.push(rungs[rung]);
        x = (x + rungs[rung]) * proband_math::exp(-7.0 * ke);
    }
    given
}

#[test]
fn without_noise_a_rule_is_applied_to_the_truth() {
    let tables = run(200, &DECAY.replace("ERROR", ""), TROUGH);
    let mut moved = 0;
    for twin in tables.rows("twins") {
        let subject = [("USUBJID", twin.text("USUBJID"))];
        let given = tables.numbers("adex", &subject, "EXDOSE");
        assert_eq!(given, by_truth(twin.number("ke")), "{twin:?}");
        moved += usize::from(given.iter().any(|&dose| dose != 8.0));
    }
    assert!(moved > 100, "{moved} of 200 leave the dose they begin with");
}

#[test]
fn with_noise_a_rule_sees_records() {
    let model = DECAY.replace("ERROR", "~ lognormal sd 0.8");
    let tables = run(200, &model, TROUGH);
    let differs = tables.rows("twins").iter().filter(|twin| {
        let subject = [("USUBJID", twin.text("USUBJID"))];
        tables.numbers("adex", &subject, "EXDOSE") != by_truth(twin.number("ke"))
    });
    let differs = differs.count();
    assert!(differs > 50, "{differs} of 200 are treated otherwise than by the truth");
}

#[test]
fn a_rule_that_never_acts_changes_nothing() {
    let model = DECAY.replace("ERROR", "~ lognormal sd 0.8");
    let before = run(50, &model, TROUGH);
    let idle = "[rule.idle]\nwhen = \"x > 1e9 mg\"\ndo = \"stop\"\n[rule.rare]\nwhen = \"x > 1e9 mg\"\ndo = \"see\"\nin = \"1 day\"\nfollowed = \"50 %\"\n";
    let after = run(50, &model, &TROUGH.replace("[rule.up]", &format!("{idle}[rule.up]")));
    for (table, rows) in before.all() {
        assert_eq!(rows, after.rows(table), "{table}");
    }
}

#[test]
fn since_the_last_dose_is_after_it() {
    // Grade 2 is seen on day 21 and 28, and the doses are on days 0, 21, 42 and 63.
    let tables = cycles(
        "[adverse_event.low]\ngrades = [\"count < 1.8\", \"count < 1.5\"]\n
[rule.less]\ncheck = \"dose\"\nwhen = \"worst_grade(low, last_dose, now) >= 2\"\ndo = \"set\"\nto = \"0.5 mg\"\n",
    );
    // Before the dose of day 21 the grade of that day is since the dose of day 0.
    assert_close(&amounts(&tables), &[1.0, 0.5, 0.5]);
    assert_close(&tables.numbers("decisions", &[], "ATIME"), &[21.0]);
}
