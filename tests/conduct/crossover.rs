//! Crossover trials: everybody goes through several arms, and what is left of one is still there in the next.

use crate::{assert_close, run, trial};
use proband_analysis::StatisticName as S;
use proband_engine::Cut;
use proband_stats::mixed::{CrossoverPeriods, crossover};
use proband_stats::{Effect, Level};
use proband_tests::{Tables, found, open, plan, simulated};

/// A drug that is half gone after a day, and a pressure that follows it.
const MODEL: &str = "
model m
time day
covariate sex in {F, M}
param k = 0.6931471805599453 1/day ~ lognormal cv 20%
state x [mg]
dose oral -> x
d x/dt = -k * x
hazard fall [1/day] = 0.2 1/day
observe x ~ normal sd 1e-9 mg
";

const REST: &str = r#"
design.type = "crossover"
design.blocks = [4]
[population.covariates]
sex = { choice = { F = 0.5, M = 0.5 } }
[epoch.screening]
duration = "1 day"
[epoch.treatment]
duration = "2 day"
[epoch.washout]
duration = "1 day"
[arm.placebo]
[arm.active]
regimen = { amount = "8 mg", times = 1 }
[[encounter]]
at = ["day -1", "day 1", "day 2", "day 3"]
[endpoint.peak]
value = "highest(x, day 2, day 3)"
[endpoint.fallen]
value = "time_to(fall)"
"#;

/// The same with a typical twin.
fn typical() -> String {
    MODEL.replace(" ~ lognormal cv 20%", "")
}

#[test]
fn what_is_left_of_a_period_is_there_in_the_next() {
    let tables = run(40, &typical(), REST);
    for (sequence, periods) in [
        // Seen at day -1 and at 0, 1 and 2 days of each period; the second begins three days later, and a
        // visit at the time of a dose comes before it.
        ("AB", [vec![0.0, 0.0, 0.0, 0.0], vec![0.0, 4.0, 2.0]]),
        ("BA", [vec![0.0, 0.0, 4.0, 2.0], vec![1.0, 0.5, 0.25]]),
    ] {
        let who = tables.having("adsl", &[("TRTSEQP", sequence)]);
        assert_eq!(who.len(), 20, "{sequence}");
        for row in who {
            for (period, expected) in ["Period 1", "Period 2"].iter().zip(&periods) {
                let keys = [("USUBJID", row.text("USUBJID")), ("APERIODC", period)];
                assert_close(&tables.numbers("adlb", &keys, "AVAL"), expected);
            }
        }
    }
}

#[test]
fn rows_say_the_period_and_its_treatment() {
    let tables = run(40, &typical(), REST);
    for row in tables.having("adsl", &[("TRTSEQP", "BA")]) {
        assert_eq!([row.text("TRT01P"), row.text("TRT02P")], ["active", "placebo"]);
        let of_period = |table: &str, period: &str, name: &str| {
            let keys = [("USUBJID", row.text("USUBJID")), ("APERIODC", period)];
            let rows = tables.having(table, &keys);
            rows.iter().map(|row| row.text(name).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of_period("adlb", "Period 2", "AVISIT"), ["Baseline", "Day 2", "Day 3"]);
        assert_eq!(of_period("adlb", "Period 2", "TRTP"), ["placebo"; 3]);
        assert_eq!(of_period("adlb", "Period 2", "APERIODC"), ["Period 2"; 3]);
        assert_eq!(of_period("adex", "Period 1", "TRTP"), ["active"]);
        assert!(of_period("adex", "Period 2", "TRTP").is_empty());
        let keys = [("USUBJID", row.text("USUBJID")), ("APERIODC", "Period 2")];
        // The calendar of the participant goes on; base and change are those of the period.
        assert_close(&tables.numbers("adlb", &keys, "ATIME"), &[3.0, 4.0, 5.0]);
        assert_close(&tables.numbers("adlb", &keys, "BASE"), &[1.0; 3]);
        assert_close(&tables.numbers("adlb", &keys, "CHG")[1..], &[-0.5, -0.75]);
        // Endpoints are those of the period.
        let peak = |period| {
            let keys =
                [("USUBJID", row.text("USUBJID")), ("APERIODC", period), ("PARAMCD", "PEAK")];
            tables.numbers("adeff", &keys, "AVAL")
        };
        assert_close(&peak("Period 1"), &[4.0]);
        assert_close(&peak("Period 2"), &[0.5]);
    }
}

#[test]
fn times_to_events_are_counted_from_the_first_dose_of_the_period() {
    let tables = run(400, MODEL, REST);
    let rows = tables.rows("adtte");
    assert_eq!(rows.len(), 800);
    for row in rows {
        let longest = if row.number("APERIOD") < 2.0 { 3.0 } else { 2.0 };
        assert!((0.0..=longest).contains(&row.number("AVAL")));
    }
    let events = |period: &str| {
        let rows = tables.having("adtte", &[("APERIODC", period)]);
        rows.iter().filter(|row| row.number("CNSR") < 0.5).count() as f64 / 400.0
    };
    // The trial learns of an event at the next visit: of those in screening at the first of period 1, of
    // those in the washout at the first of period 2. So each period tells of three days:
    // 1 - exp(-0.6) = 0.451; four standard errors are 0.1.
    assert!((events("Period 1") - 0.451).abs() < 0.1, "{}", events("Period 1"));
    assert!((events("Period 2") - 0.451).abs() < 0.1, "{}", events("Period 2"));
}

#[test]
fn a_crossover_depends_on_nothing_but_its_inputs() {
    let toml = trial(60, REST);
    let trial = open(&toml, &[("m.model", MODEL)]);
    let once = simulated(&plan(&trial));
    for cut in [
        Cut { lanes: Some(1), ..Cut::default() },
        Cut { lanes: Some(64), ..Cut::default() },
        Cut { shard: Some(7), ..Cut::default() },
    ] {
        assert_eq!(once, simulated(&plan(&trial).cut(cut)), "{cut:?}");
    }
}

/// A washout that is longer changes the second period alone, and in the first nothing at all.
#[test]
fn the_length_of_the_washout_leaves_the_first_period_alone() {
    let short = run(30, MODEL, REST);
    let long = run(
        30,
        MODEL,
        &REST.replace("duration = \"1 day\"\n[arm", "duration = \"9 day\"\n[arm"),
    );
    let first = |tables: &Tables| {
        let keys = [("APERIODC", "Period 1")];
        [tables.numbers("adlb", &keys, "AVAL"), tables.numbers("adex", &keys, "ASTTIME")]
            .concat()
    };
    // To the solver's tolerance, for its steps end where the period ends.
    assert_close(&first(&short), &first(&long));
    let left = |tables: &Tables| {
        let keys = [("APERIODC", "Period 2"), ("AVISIT", "Baseline"), ("TRTP", "placebo")];
        tables.numbers("adlb", &keys, "AVAL").iter().fold(0.0, |most: f64, x| most.max(*x))
    };
    assert!(left(&short) > 0.5 && left(&long) < 0.05);
}

/// `method = "crossover"`: where nobody misses a period its difference of the arms, with its degrees of freedom, is that of
/// half the differences of periods (Hills & Armitage), and its tests are theirs, from the rows of the same run.
#[test]
fn the_crossover_compares_everybody_with_themselves() {
    let rest = format!("{REST}[analysis.peak]\nendpoint = \"peak\"\nmethod = \"crossover\"\n");
    let tables = run(40, MODEL, &rest);
    let values = |sequence: &str, period: &str| -> Vec<f64> {
        let of = |row: &&proband_tests::Row| {
            let keys =
                [("USUBJID", row.text("USUBJID")), ("APERIODC", period), ("PARAMCD", "PEAK")];
            tables.numbers("adeff", &keys, "AVAL")[0]
        };
        tables.having("adsl", &[("TRTSEQP", sequence)]).iter().map(of).collect()
    };
    let periods = ["Period 1", "Period 2"];
    let [ab, ba] = ["AB", "BA"].map(|sequence| periods.map(|period| values(sequence, period)));
    // The active treatment is B.
    let test_first = CrossoverPeriods { first: &ba[0], second: &ba[1] };
    let reference_first = CrossoverPeriods { first: &ab[0], second: &ab[1] };
    let by_hand = crossover(test_first, reference_first, Level::P95).unwrap();
    let findings = found(&plan(&open(&trial(40, &rest), &[("m.model", MODEL)])));
    let of = |statistic: S, group: Option<&str>| {
        let fits = |f: &&proband_analysis::Finding| {
            (f.method.as_str(), f.statistic, f.group.as_deref())
                == ("crossover", statistic, group)
        };
        findings.iter().find(fits).unwrap()
    };
    let near = |found: Option<f64>, expected: f64| {
        let found = found.unwrap();
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} is not {expected}");
    };
    let difference = of(S::Difference, None);
    let Effect { estimate, p, .. } = by_hand.treatment;
    near(difference.estimate, estimate.value);
    near(difference.standard_error, estimate.se);
    near(difference.lower, estimate.lower);
    near(difference.p_value, p);
    assert_eq!(difference.comparison.as_deref(), Some("peak.active"));
    near(of(S::Test, Some("period")).p_value, by_hand.period.p);
    near(of(S::Test, Some("sequence")).p_value, by_hand.carry_over.p);
    // What a dose of 8 mg adds to the day after it, and what the washout leaves of it.
    assert!((2.0..4.0).contains(&estimate.value), "{}", estimate.value);
}
