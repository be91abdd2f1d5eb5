//! Adverse events: four causes, grades, durations, and what the trial learns of them.

use crate::{assert_close, mean, run};
use proband_tests::Tables;

/// A quantity that rises by 1 a day.
const RAMP: &str = "
model ramp
time day
state x = 0
d x/dt = 1 1/day
event third when x > 3
hazard attack [1/day] = 0.2 1/day
observe x
";

const VISITS: &str = "
[arm.a]
control = true
[arm.b]
[epoch.treatment]
duration = \"20 day\"
[[encounter]]
at = [\"day 1\", \"day 6\", \"day 11\", \"day 16\", \"day 21\"]
";

fn with(participants: u32, adverse_event: &str) -> Tables {
    run(participants, RAMP, &format!("{VISITS}\n[adverse_event.ae]\n{adverse_event}\n"))
}

fn onsets(tables: &Tables) -> Vec<f64> {
    tables.numbers("adae", &[("AESPID", "ae")], "ASTTIME")
}

#[test]
fn an_event_of_the_model_becomes_an_adverse_event() {
    let tables =
        with(4, "event = \"third\"\nterm = \"Third\"\nsoc = \"Thirds\"\nlasts = \"1 day\"");
    assert_close(&onsets(&tables), &[3.0; 4]);
    let row = &tables.rows("adae")[0];
    assert_eq!((row.text("AEDECOD"), row.text("AEBODSYS")), ("Third", "Thirds"));
    assert_eq!(row.text("AETOXGR"), "1");
    assert!(row.flag("TRTEMFL") && !row.flag("AESER"));
    assert_close(&[row.number("ASTDY")], &[4.0]);
}

#[test]
fn a_hazard_of_the_model_recurs_only_if_it_is_said_to() {
    let once = with(300, "event = \"attack\"\nlasts = \"1 h\"");
    let first: usize = onsets(&once).len();
    // 1 - exp(-4) of 300: 294.5, SD 2.3.
    assert!(first.abs_diff(294) <= 12, "{first}");
    let often = with(300, "event = \"attack\"\nlasts = \"1 min\"\nrecurs = true");
    // Poisson(4) for each: 1200, SD 35.
    assert!(onsets(&often).len().abs_diff(1_200) < 175, "{}", onsets(&often).len());
}

#[test]
fn while_an_episode_lasts_there_is_no_other() {
    let tables = with(300, "event = \"attack\"\nlasts = \"5 day\"\nrecurs = true");
    let mut ends = std::collections::BTreeMap::<String, f64>::new();
    let mut rows = tables.rows("adae").to_vec();
    rows.sort_by(|a, b| a.number("ASTTIME").total_cmp(&b.number("ASTTIME")));
    for row in &rows {
        let subject = row.text("USUBJID").to_owned();
        let before = ends.get(&subject).copied().unwrap_or(f64::NEG_INFINITY);
        assert!(row.number("ASTTIME") >= before, "{subject}");
        let end = row.number("AENTIME");
        ends.insert(subject, if end.is_nan() { f64::INFINITY } else { end });
    }
    // Wait 5 days, ail 5 days: about 2 episodes in 20 days.
    assert!((300..900).contains(&rows.len()), "{}", rows.len());
}

#[test]
fn without_a_duration_what_recurs_lasts_until_it_happens_again() {
    let tables = with(300, "event = \"attack\"\nrecurs = true");
    // Poisson(4) for each: 1200, SD 35.
    assert!(onsets(&tables).len().abs_diff(1_200) < 175, "{}", onsets(&tables).len());
    for pair in tables.rows("adae").windows(2) {
        if pair[0].text("USUBJID") == pair[1].text("USUBJID") {
            assert_close(&[pair[0].number("AENTIME")], &[pair[1].number("ASTTIME")]);
        }
    }
}

#[test]
fn a_hazard_of_the_trial_reads_the_truth_and_the_arm() {
    let tables = with(
        2_000,
        "hazard = \"(if arm == b then 0.02 else 0.01) * x * 1 1/day\"\narms = [\"a\", \"b\"]",
    );
    for (arm, rate) in [("a", 0.01), ("b", 0.02)] {
        let rows = tables.having("adae", &[("TRT01P", arm)]).len() as f64;
        let of = tables.having("adsl", &[("ARMCD", arm)]).len() as f64;
        // H(20) = rate 200; 5 standard errors of a share are at most 0.08.
        let expected = 1.0 - proband_math::exp(-rate * 200.0);
        assert!((rows / of - expected).abs() < 0.08, "{arm}: {}", rows / of);
    }
}

#[test]
fn an_adverse_event_may_be_confined_to_an_arm() {
    for cause in [
        "hazard = \"1 1/day\"",
        "probability = 1.0",
        "probability = \"x / 20\"",
        "event = \"third\"",
    ] {
        let cause = cause.replace("= 1.0", "= \"100 %\"");
        let tables = with(40, &format!("{cause}\narms = [\"b\"]"));
        assert!(tables.having("adae", &[("TRT01P", "a")]).is_empty(), "{cause}");
        assert!(tables.having("adae", &[("TRT01P", "b")]).len() >= 15, "{cause}");
    }
}

#[test]
fn a_chance_is_taken_at_each_visit_that_is_attended() {
    let tables = with(
        2_000,
        "probability = \"if x < 4 then 0 else 0.25\"\nrecurs = true\nlasts = \"1 h\"",
    );
    for day in [5.0, 10.0, 15.0, 20.0] {
        let at = onsets(&tables).iter().filter(|&&onset| onset == day).count();
        // Binomial(2000, 1/4): 500, SD 19.
        assert!(at.abs_diff(500) < 97, "day {day}: {at}");
    }
    assert!(onsets(&tables).iter().all(|&onset| onset >= 5.0));
}

#[test]
fn grades_durations_seriousness_and_reports_follow_their_shares() {
    let tables = with(
        4_000,
        "hazard = \"1 1/day\"\nseverity = [0.5, 0.3, 0.2]\nlasts = \"2 day\"\nserious = \"10 %\"\nreported = \"80 %\"",
    );
    let reported = tables.rows("adae");
    // Nearly all 4000 have it; binomial 5 SD of a share of n is 2.5 / sqrt(n) at most.
    let happened = tables.having("truth_events", &[("EVENT", "ae")]);
    assert_eq!(happened.len(), 4_000);
    assert!((reported.len() as f64 / 4_000.0 - 0.8).abs() < 0.032);
    let seen = happened.iter().filter(|row| row.flag("SEENFL")).count();
    assert_eq!(seen, reported.len());
    let n = reported.len() as f64;
    for (grade, share) in [("1", 0.5), ("2", 0.3), ("3", 0.2)] {
        let found = tables.having("adae", &[("AETOXGR", grade)]).len() as f64 / n;
        assert!((found - share).abs() < 0.044, "grade {grade}: {found}");
    }
    let serious = reported.iter().filter(|row| row.flag("AESER")).count() as f64 / n;
    assert!((serious - 0.1).abs() < 0.027, "{serious}");
    let lengths: Vec<f64> = reported
        .iter()
        .filter(|row| row.number("ASTTIME") < 4.0)
        .map(|row| row.number("AENTIME") - row.number("ASTTIME"))
        .filter(|length| length.is_finite())
        .collect();
    // Exponential with mean 2 (cut off at 16 or more: less than 0.0004): 5 SE = 10 / sqrt(3100).
    assert!((mean(&lengths) - 2.0).abs() < 0.18, "{}", mean(&lengths));
}

#[test]
fn what_is_found_at_encounters_is_learned_only_if_one_follows() {
    let model = RAMP.replace("event third when x > 3", "event late when x > 17");
    let visits = VISITS.replace(", \"day 21\"", "");
    for (found, rows) in [("encounter", 0), ("at once", 6)] {
        let ae = format!("[adverse_event.ae]\nevent = \"late\"\nfound = \"{found}\"\n");
        let tables = run(6, &model, &format!("{visits}\n{ae}"));
        assert_eq!(tables.rows("adae").len(), rows, "{found}");
        let truth = tables.having("truth_events", &[("EVENT", "ae")]);
        assert_eq!(truth.iter().filter(|row| row.flag("SEENFL")).count(), rows);
        assert_eq!(truth.len(), 6);
    }
}

#[test]
fn what_begins_before_day_1_is_not_treatment_emergent() {
    let model = RAMP.replace("x > 3", "x > 2");
    let rest = "
[arm.a]
[epoch.run_in]
duration = \"5 day\"
[epoch.treatment]
duration = \"5 day\"
[[encounter]]
at = [\"day -5\", \"day 6\"]
[adverse_event.ae]
event = \"third\"
";
    let tables = run(1, &model, rest);
    assert_close(&onsets(&tables), &[-3.0]);
    assert!(!tables.rows("adae")[0].flag("TRTEMFL"));
    assert_close(&[tables.rows("adae")[0].number("ASTDY")], &[-3.0]);
}

/// Falls by 1 a day from 10 to 0 and rises again.
const NADIR: &str = "
model nadir
time day
state x [mg] = 10 mg
d x/dt = if t < 10 day then -1 mg/day else 1 mg/day
observe x
";

fn graded(rest: &str) -> Tables {
    let ae = "
[adverse_event.low]
grades = [\"x < 6.5 mg\", \"x < 4.5 mg\", \"x < 1.5 mg\"]
";
    run(1, NADIR, &format!("{rest}\n{ae}"))
}

/// Onset, end and grade of each row.
fn episodes(tables: &Tables, table: &str, grade: &str) -> Vec<f64> {
    let rows = tables.rows(table).iter();
    let three = |row: &proband_tests::Row| {
        [row.number("ASTTIME"), row.number("AENTIME"), row.number(grade)]
    };
    let found: Vec<f64> = rows.flat_map(three).collect();
    found.into_iter().map(|x| if x.is_nan() { -1.0 } else { x }).collect()
}

#[test]
fn grades_are_asked_of_the_truth_and_of_the_records() {
    let tables =
        graded("[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 8\", \"day 15\", \"day 22\"]\n");
    // In truth the nadir of day 10 is grade 3; each worsening is an episode of its own.
    let truth = [3.5, 5.5, 1.0, 5.5, 8.5, 2.0, 8.5, 16.5, 3.0];
    assert_close(&episodes(&tables, "truth_events", "GRADEN"), &truth);
    // Records of 10, 3, 4 and 11: grade 2 on day 8, still on day 15, over on day 22.
    assert_close(&episodes(&tables, "adae", "AETOXGRN"), &[7.0, 21.0, 2.0]);
    // Grade 1 was over before anybody looked.
    let seen: Vec<bool> =
        tables.rows("truth_events").iter().map(|r| r.flag("SEENFL")).collect();
    assert_eq!(seen, [false, true, true]);
}

#[test]
fn a_grade_that_holds_across_day_1_is_one_episode() {
    let rest = "
[arm.a]
[epoch.screening]
duration = \"9 day\"
[epoch.treatment]
duration = \"10 day\"
[eligibility]
at = \"day -4\"
[[encounter]]
at = [\"day -9\", \"day -4\", \"day 1\", \"day 11\"]
";
    // The path starts 9 days before day 1: below 1.5 from -0.5 on, and rising again.
    let model = NADIR.replace("t < 10 day", "t < 1 day");
    let ae = "[adverse_event.low]\ngrades = [\"x < 6.5 mg\", \"x < 4.5 mg\", \"x < 1.5 mg\"]\n";
    let tables = run(1, &model, &format!("{rest}\n{ae}"));
    let truth = [-5.5, -3.5, 1.0, -3.5, -0.5, 2.0, -0.5, 7.5, 3.0];
    assert_close(&episodes(&tables, "truth_events", "GRADEN"), &truth);
}

#[test]
fn a_jump_over_several_grades_is_one_episode() {
    let model = "model m\ntime day\nstate x [mg]\ndose iv -> x\nd x/dt = 0 mg/day\nobserve x\n";
    let rest = "
[arm.a]
regimen = { amount = \"5 mg\", on = [\"day 3\"] }
[[encounter]]
at = [\"day 1\", \"day 8\"]
[adverse_event.high]
grades = [\"x > 1 mg\", \"x > 2 mg\", \"x > 3 mg\"]
";
    let tables = run(1, model, rest);
    assert_close(&episodes(&tables, "truth_events", "GRADEN"), &[2.0, -1.0, 3.0]);
    assert_close(&episodes(&tables, "adae", "AETOXGRN"), &[7.0, -1.0, 3.0]);
}

#[test]
fn a_grade_may_depend_on_the_day() {
    let ae = "[adverse_event.late]\ngrades = [\"x > 2 and t > 8 day\"]\n";
    let tables = run(1, RAMP, &format!("{VISITS}\n{ae}"));
    assert_close(&episodes(&tables, "adae", "AETOXGRN"), &[10.0, -1.0, 1.0]);
    let truth = tables.having("truth_events", &[("EVENT", "late")]);
    assert_close(&[truth[0].number("ASTTIME")], &[8.0]);
}

#[test]
fn grades_may_be_confined_to_an_arm_and_in_part_reported() {
    let ae = "[adverse_event.high]\ngrades = [\"x > 4\"]\narms = [\"b\"]\nreported = \"70 %\"\nserious = \"20 %\"\n";
    let tables = run(2_000, RAMP, &format!("{VISITS}\n{ae}"));
    for table in ["adae", "truth_events"] {
        let in_a = tables.having(table, &[("TRT01P", "a")]);
        assert!(
            in_a.iter().all(|row| row.text("EVENT") != "high" && table != "adae"),
            "{table}"
        );
    }
    assert_eq!(tables.having("truth_events", &[("EVENT", "high")]).len(), 1_000);
    // Binomial(1000, 0.7) and, of those, 0.2: five standard errors are 72 and 54.
    let rows = tables.rows("adae");
    let serious = rows.iter().filter(|row| row.flag("AESER")).count();
    assert!(
        rows.len().abs_diff(700) < 72 && serious.abs_diff(140) < 54,
        "{} {serious}",
        rows.len()
    );
    let seen = tables.having("truth_events", &[("EVENT", "high")]);
    assert_eq!(seen.iter().filter(|row| row.flag("SEENFL")).count(), rows.len());
}
