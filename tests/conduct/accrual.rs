//! The calendar: when participants come, where, and when nobody comes any more.

use crate::{RISING, run, trial};
use proband_engine::{Cut, EnrolError};
use proband_tests::{Row, Tables, enrolled, open, plan, refused, simulated};
use std::collections::BTreeMap;

const PEOPLE: &str = r#"
[population.covariates]
age = { uniform = { min = 20, max = 80 }, unit = "year" }
[arm.a]
[arm.b]
[[encounter]]
at = ["day 1", "day 8"]
"#;

/// A trial with keys of accrual.
fn accrual(keys: &str) -> String {
    format!("{PEOPLE}[accrual]\n{keys}")
}

fn days(tables: &Tables) -> Vec<f64> {
    tables.numbers("adsl", &[], "RANDDY")
}

#[test]
fn even_arrivals_stand_in_the_middle_of_their_intervals() {
    let tables = run(7, RISING, &accrual("rate = \"0.5 1/day\"\nprocess = \"uniform\"\n"));
    // The k-th comes on day 2 k + 1, which is the calendar's day 2 k + 2.
    assert_eq!(days(&tables), [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]);
    assert!(tables.rows("adsl").iter().all(|row| row.text("SITEID").is_empty()));
}

#[test]
fn who_is_screened_before_day_1_is_randomised_so_much_later() {
    let screening = "[epoch.screening]\nduration = \"14 day\"\n[epoch.treatment]\nduration = \"8 day\"\n\
                     [eligibility]\nat = \"day -7\"\ninclusion.old = \"age >= 50 year\"\n";
    let rest = accrual("rate = \"1 1/day\"\nprocess = \"uniform\"\n") + screening;
    let tables = run(200, RISING, &rest);
    for row in tables.rows("adsl") {
        // A screen failure has come all the same: the twin's number is its place in line.
        assert_eq!(row.number("RANDDY"), row.number("TWIN") + 1.0 + 14.0);
    }
}

#[test]
fn dates_count_from_the_first_day_of_accrual() {
    let keys = "rate = \"0.5 1/day\"\nprocess = \"uniform\"\nstart = 2019-12-01\n";
    let tables = run(7, RISING, &accrual(keys));
    for row in tables.rows("adsl") {
        // 2019-12-01 is day 18231 since 1970-01-01, and day 1 of the trial's calendar.
        assert_eq!(f64::from(row.date("RANDDT")), 18_231.0 + row.number("RANDDY") - 1.0);
        assert_eq!(
            [row.date("SCRNDT"), row.date("EOSDT")],
            [0, 7].map(|d| row.date("RANDDT") + d)
        );
    }
    let first: BTreeMap<&str, i32> = tables
        .rows("adsl")
        .iter()
        .map(|row| (row.text("USUBJID"), row.date("RANDDT")))
        .collect();
    let ending_in = |row: &Row| row.0.keys().filter(|name| name.ends_with("DT")).count();
    for table in ["adlb", "truth"] {
        for row in tables.rows(table) {
            let after = row.date("ADT") - first[row.text("USUBJID")];
            assert_eq!(f64::from(after), row.number("ADY") - 1.0, "{table}");
            assert_eq!(ending_in(row), 1);
        }
    }
    let undated = run(7, RISING, &accrual("rate = \"0.5 1/day\"\nprocess = \"uniform\"\n"));
    assert!(undated.rows("adsl").iter().all(|row| ending_in(row) == 0));
}

#[test]
fn the_day_before_day_1_is_the_date_before() {
    let screening = "[epoch.screening]\nduration = \"14 day\"\n[epoch.treatment]\nduration = \"8 day\"\n\
                     [eligibility]\nat = \"day -7\"\n[[encounter]]\nat = \"day -7\"\n";
    let keys = "rate = \"1 1/day\"\nprocess = \"uniform\"\nstart = 2020-02-20\n";
    let tables = run(3, RISING, &(accrual(keys) + screening));
    for row in tables.rows("adsl") {
        assert_eq!(row.date("SCRNDT"), row.date("RANDDT") - 7);
    }
}

#[test]
fn without_accrual_there_is_no_calendar() {
    let tables = run(5, RISING, PEOPLE);
    assert!(tables.rows("adsl").iter().all(|row| row.number("RANDDY").is_nan()));
}

#[test]
fn a_piecewise_rate_and_a_ramp_bring_as_many_as_they_say() {
    let rate = "rate = [{ from = \"day 11\", rate = \"10 1/day\" }, { from = \"day 31\", rate = \"20 1/day\" }]\n\
                ramp = \"40 day\"\nprocess = \"uniform\"\n";
    let days = days(&run(800, RISING, &accrual(rate)));
    // Expected up to day t of the calendar: the integral of rate times t / 40, and of the rate afterwards.
    let expected = |t: f64| {
        let part = |from: f64, to: f64| {
            let (from, to) = (from.min(t), to.min(t));
            (to * to - from * from) / 80.0
        };
        10.0 * part(10.0, 30.0) + 20.0 * part(30.0, 40.0) + 20.0 * (t - 40.0).max(0.0)
    };
    for t in [10.0, 20.0, 30.0, 35.0, 40.0, 50.0, 60.0] {
        let come = days.iter().filter(|&&day| day <= t).count() as f64;
        let exact = expected(t).min(800.0);
        assert!((come - exact).abs() <= 0.5 + 1e-9, "{come} for {exact} by day {t}");
    }
}

#[test]
fn sites_bring_their_shares_once_they_are_open() {
    let rate = "rate = \"100 1/day\"\n\
                [accrual.sites.large]\ncount = 20\nshare = 0.6\nregion = \"Americas\"\n\
                [accrual.sites.small]\ncount = 5\nshare = 0.4\nopens = \"day 21\"\n";
    let tables = run(8_000, RISING, &accrual(rate));
    let rows = tables.rows("adsl");
    let small = |row: &proband_tests::Row| row.text("SITEID").starts_with("small-");
    let before = rows.iter().filter(|row| row.number("RANDDY") <= 20.0).count() as f64;
    let early = rows.iter().filter(|row| row.number("RANDDY") <= 20.0).any(small);
    assert!(!early, "a site takes nobody before it opens");
    // Poisson with mean 60 * 20 = 1200: within four SD (35).
    assert!((before - 1_200.0).abs() < 139.0, "{before}");
    let late = rows.len() as f64 - before;
    let share = rows.iter().filter(|row| small(row)).count() as f64 / late;
    // Four standard errors of 0.4 among 6800: 0.024.
    assert!((share - 0.4).abs() < 0.024, "{share}");
    let of = |id: &str| rows.iter().filter(|row| row.text("SITEID") == id).count() as f64;
    for site in ["large-01", "large-20"] {
        // (1200 + 0.6 * 6800) / 20 = 264, SD 16.
        assert!((of(site) - 264.0).abs() < 65.0, "{site}: {}", of(site));
    }
    assert!(rows.iter().all(|row| (row.text("REGION1") == "Americas") != small(row)));
}

#[test]
fn when_all_sites_have_closed_the_trial_goes_on_with_whom_it_has() {
    let rate = "process = \"uniform\"\n[accrual.sites.only]\nrate = \"2 1/day\"\ncloses = \"day 51\"\n";
    let rest = accrual(rate) + "[eligibility]\ninclusion.old = \"age >= 50 year\"\n";
    let trial = open(&trial(300, &rest), &[("m.model", RISING)]);
    let plan = plan(&trial);
    let enrolment = enrolled(&plan);
    assert_eq!(enrolment.screening.drawn, 100);
    let tables = simulated(&plan);
    let (enrolled, refused) = (tables.rows("adsl").len(), tables.rows("exclusions").len());
    assert_eq!(enrolled + refused, 100, "nobody is lost");
    assert!(enrolled as u64 == enrolment.enrolled && (30..70).contains(&enrolled));
    assert!(tables.rows("adsl").iter().all(|row| row.text("SITEID") == "only"));
}

#[test]
fn a_trial_that_nobody_reaches_in_time_says_so() {
    let rate = "[accrual.sites.only]\nrate = \"2 1/day\"\ncloses = \"day 51\"\n";
    let rest = accrual(rate) + "[eligibility]\ninclusion.old = \"age >= 90 year\"\n";
    let trial = open(&trial(300, &rest), &[("m.model", RISING)]);
    let EnrolError::CannotEnrol { enrolled: 0, .. } = refused(&plan(&trial)) else {
        panic!("somebody was enrolled");
    };
}

#[test]
fn a_site_that_is_added_changes_nobody_but_where_they_come_from() {
    let kind = |id: &str, share: &str| format!("[accrual.sites.{id}]\nshare = {share}\n");
    let rate = "rate = \"3 1/day\"\n";
    let one = run(300, RISING, &accrual(&format!("{rate}{}", kind("first", "1"))));
    let two = [kind("first", "0.5"), kind("second", "0.5")].concat();
    let two = run(300, RISING, &accrual(&format!("{rate}{two}")));
    for table in ["adsl", "adlb", "adex", "truth"] {
        let strip = |tables: &Tables| {
            tables.rows(table).iter().map(|row| row.without(&["SITEID"])).collect::<Vec<_>>()
        };
        assert_eq!(strip(&one), strip(&two), "{table}");
    }
    let cut = Cut { shard: Some(7), ..Cut::default() };
    let trial = open(&trial(300, &accrual(rate)), &[("m.model", RISING)]);
    assert_eq!(simulated(&plan(&trial)), simulated(&plan(&trial).cut(cut)), "shards of 7");
}
