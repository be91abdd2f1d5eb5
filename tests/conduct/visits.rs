//! Visits: windows, attendance, baseline, limits of quantification, truth beside what was seen.

use crate::{assert_close, assert_within, mean, records, run};
use proband_tests::Row;

const CLOCK: &str = "model clock\ntime day\nstate x [day] = 3 day\nd x/dt = 1\nobserve x\n";

const WINDOWS: &str = r#"
[epoch.screening]
duration = "14 day"
[epoch.treatment]
duration = "40 day"
[arm.a]
[[encounter]]
at = ["day -7", "day 1", "day 3", "week 4"]
window = "5 day"
"#;

#[test]
fn visits_are_uniform_in_their_windows_and_none_crosses_day_1() {
    let participants = 4_000;
    let tables = run(participants, CLOCK, WINDOWS);
    let days = |visit| tables.numbers("adlb", &[("AVISIT", visit)], "ATIME");
    assert!(days("Baseline").iter().all(|day| day.to_bits() == 0.0_f64.to_bits()));
    for (visit, low, high) in
        [("Day -7", -12.0, -2.0), ("Day 3", 0.0, 7.0), ("Week 4", 23.0, 33.0)]
    {
        let days = days(visit);
        assert_eq!(days.len(), participants as usize, "{visit}");
        assert!(days.iter().all(|day| (low..=high).contains(day)), "{visit}");
        // A uniform mean over a width of w has a standard error of w / sqrt(12 n); five of them.
        let error = 5.0 * (high - low) / (12.0 * f64::from(participants)).sqrt();
        assert!((mean(&days) - (low + high) / 2.0).abs() < error, "{visit}: {}", mean(&days));
        let first_tenth = days.iter().filter(|&&day| day < low + (high - low) / 10.0).count();
        // 400 expected, SD 19.
        assert!(first_tenth.abs_diff(400) < 95, "{visit}: {first_tenth}");
    }
    // What is seen is seen at the actual time: the clock began 14 days before day 1.
    for row in tables.rows("adlb") {
        assert_within(&[row.number("AVAL")], &[row.number("ATIME") + 17.0], 1e-9);
    }
}

#[test]
fn a_share_of_the_visits_is_missed_and_their_truth_is_kept() {
    let participants = 2_000;
    let rest =
        "[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 8\"]\nmissing = \"x / (40 day)\"\n";
    let tables = run(participants, CLOCK, rest);
    for (visit, share) in [("Baseline", 3.0 / 40.0), ("Day 8", 10.0 / 40.0)] {
        let seen = tables.having("adlb", &[("AVISIT", visit)]).len() as f64;
        let missed = 1.0 - seen / f64::from(participants);
        // Five standard errors of a share are at most 5 sqrt(0.25 0.75 / 2000) = 0.048.
        assert!((missed - share).abs() < 0.048, "{visit}: {missed}");
        let truths = tables.having("truth", &[("AVISIT", visit)]).len();
        assert_eq!(truths, participants as usize, "{visit}");
    }
}

#[test]
fn a_share_that_is_none_ends_the_twin() {
    let rest = "[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 8\", \"day 15\"]\nmissing = \"(x - 3 day) / (5 day)\"\n";
    let tables = run(20, CLOCK, rest);
    assert_eq!(tables.rows("exclusions").len(), 20);
    for row in tables.rows("exclusions") {
        assert_eq!(row.text("REASON"), "chance-out-of-domain");
        assert_eq!(row.text("STAGE"), "simulation");
        assert_close(&[row.number("ATIME")], &[7.0]);
    }
    assert_eq!(records(&tables, "X").len(), 20, "the visit of day 1, which nobody misses");
}

#[test]
fn the_baseline_is_the_last_record_up_to_day_1() {
    let rest = r#"
[epoch.screening]
duration = "14 day"
[epoch.treatment]
duration = "10 day"
[arm.a]
[[encounter]]
at = ["day -14", "day -7", "day 8"]
[endpoint.change]
value = "change(x, day 8)"
"#;
    let tables = run(1, CLOCK, rest);
    let rows = tables.rows("adlb");
    assert_close(&[rows[0].number("AVAL"), rows[1].number("AVAL")], &[3.0, 10.0]);
    let baseline = |row: &Row| row.0.contains_key("ABLFL");
    assert!(!baseline(&rows[0]) && rows[1].flag("ABLFL") && !baseline(&rows[2]));
    assert_close(&[rows[2].number("BASE"), rows[2].number("CHG")], &[10.0, 14.0]);
    assert_close(&[rows[2].number("PCHG")], &[140.0]);
    assert!(rows[1].number("CHG").is_nan(), "the baseline has no change");
    let endpoint = &tables.rows("adeff")[0];
    assert_close(&[endpoint.number("AVAL"), endpoint.number("BASE")], &[14.0, 10.0]);
}

#[test]
fn beyond_a_limit_of_quantification_the_limit_is_recorded() {
    let model = CLOCK.to_owned()
        + "observe low [day] = x ~ normal sd 0 day, lloq 5 day\nobserve high [h] = x ~ normal sd 0 day, uloq 5 day\n";
    let rest = "[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 2\", \"day 8\"]\n";
    let tables = run(1, &model, rest);
    assert_close(&records(&tables, "LOW"), &[5.0, 5.0, 10.0]);
    assert_close(&records(&tables, "HIGH"), &[72.0, 96.0, 120.0]);
    let marks = |paramcd| {
        let rows = tables.having("adlb", &[("PARAMCD", paramcd)]);
        rows.iter().map(|row| row.text("AVALC").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(marks("LOW"), ["<5", "<5", ""]);
    assert_eq!(marks("HIGH"), ["", "", ">120"]);
    let truth = tables.numbers("truth", &[("PARAMCD", "LOW")], "AVAL");
    assert_close(&truth, &[3.0, 4.0, 10.0]);
}

#[test]
fn a_record_differs_from_the_truth_by_its_error() {
    let model = "
model m
time day
param m = 10 mg ~ normal sd 3 mg
observe x [mg] = m ~ normal cv 10%, sd 0.5 mg
";
    let participants = 5_000;
    let rest = "[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 2\"]\n";
    let tables = run(participants, model, rest);
    let truth = tables.numbers("truth", &[], "AVAL");
    let scaled: Vec<f64> = records(&tables, "X")
        .iter()
        .zip(&truth)
        .map(|(seen, truth)| (seen - truth) / (0.01 * truth * truth + 0.25).sqrt())
        .collect();
    assert_eq!(scaled.len(), 10_000);
    // Standard errors of mean and variance over 10000 normal numbers: 0.01 and 0.0142; five of each.
    let spread = mean(&scaled.iter().map(|z| z * z).collect::<Vec<_>>());
    assert!(mean(&scaled).abs() < 0.05 && (spread - 1.0).abs() < 0.071, "{spread}");
    let pairs = scaled.chunks(2).map(|two| two[0] * two[1]).collect::<Vec<_>>();
    assert!(mean(&pairs).abs() < 0.071, "errors of two visits are independent");
}

#[test]
fn levels_and_counts_are_drawn_from_their_laws() {
    let model = "
model m
time day
let l1 = logit(0.6)
let l2 = logit(0.25)
observe grade in {none, mild, severe} ~ ordinal l1, l2
observe hit = 0.3 ~ bernoulli
observe count = 2.5 ~ poisson
";
    let participants = 8_000;
    let tables = run(participants, model, "[arm.a]\n[[encounter]]\nat = [\"day 2\"]\n");
    let share = |level| {
        tables.having("adlb", &[("PARAMCD", "GRADE"), ("AVALC", level)]).len() as f64 / 8_000.0
    };
    // Five standard errors of a share are at most 0.028; of the mean count 5 sqrt(2.5 / 8000) = 0.088.
    for (level, expected) in [("none", 0.4), ("mild", 0.35), ("severe", 0.25)] {
        assert!((share(level) - expected).abs() < 0.028, "{level}: {}", share(level));
    }
    assert!((mean(&records(&tables, "HIT")) - 0.3).abs() < 0.026);
    assert!((mean(&records(&tables, "COUNT")) - 2.5).abs() < 0.088);
}
