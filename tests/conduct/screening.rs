//! Who is screened, who is enrolled, who is counted as what.

use crate::{RISING, assert_close, run, trial};
use proband_engine::EnrolError;
use proband_tests::{enrolled, on, open, plan, refused};

const REST: &str = r#"
[population.covariates]
age = { uniform = { min = 20, max = 80 }, unit = "year" }
[population.limits]
young = "age >= 25 year"
[eligibility]
at = "day -7"
inclusion.adult = "age < 70 year"
inclusion.low = "x < 12 mg"
exclusion.lowest = "x < 9 mg"
[epoch.screening]
duration = "14 day"
[epoch.treatment]
duration = "7 day"
[arm.a]
[arm.b]
[[encounter]]
at = ["day -14", "day -7", "day 1", "day 8"]
"#;

#[test]
fn eligibility_is_decided_on_what_screening_saw() {
    let tables = run(300, RISING, REST);
    assert_eq!(tables.rows("adsl").len(), 300);
    for row in tables.rows("adsl") {
        let age = row.number("AGE");
        assert!((25.0..70.0).contains(&age), "{age}");
        let seen = &[("USUBJID", row.text("USUBJID")), ("AVISIT", "Day -7")];
        let x = tables.numbers("adlb", seen, "AVAL")[0];
        assert!((9.0..12.0).contains(&x), "{x}");
        assert_close(&[row.number("SCRNDY")], &[-7.0]);
    }
    // The truth may lie elsewhere: some of the enrolled are above 12 in truth.
    let truth = tables.numbers("truth", &[("AVISIT", "Day -7")], "AVAL");
    assert!(truth.iter().any(|&x| x > 12.0));
}

#[test]
fn every_failed_criterion_is_counted_and_listed() {
    let trial = open(&trial(300, REST), &[("m.model", RISING)]);
    let plan = plan(&trial);
    let enrolment = enrolled(&plan);
    let counts = enrolment.screening.clone();
    let tables = proband_tests::simulated(&plan);
    let listed = |reason| tables.having("exclusions", &[("REASON", reason)]).len() as u64;
    assert_eq!(counts.passed_over, [("young".to_owned(), listed("young"))]);
    for (criterion, count) in &counts.criteria {
        assert_eq!(*count, listed(criterion), "{criterion}");
        assert!(*count > 10, "{criterion}: {count}");
    }
    let mut failures: Vec<u64> = tables
        .having("exclusions", &[("STAGE", "screening")])
        .iter()
        .map(|row| row.number("TWIN") as u64)
        .collect();
    let reasons = failures.len() as u64;
    failures.dedup();
    assert_eq!(failures.len() as u64, counts.failed);
    assert!(reasons > counts.failed, "some fail two criteria");
    assert_eq!(counts.screened, counts.failed + 300);
    assert_eq!(counts.drawn, counts.screened + listed("young"));
    // A twelfth is below 25 years: 5 standard errors.
    let share = listed("young") as f64 / counts.drawn as f64;
    let error = (share * (1.0 - share) / counts.drawn as f64).sqrt();
    assert!((share - 1.0 / 12.0).abs() < 5.0 * error, "{share}");
}

#[test]
fn a_missing_record_is_not_eligible() {
    let rest = REST.replace(
        "at = [\"day -14\", \"day -7\", \"day 1\", \"day 8\"]",
        "at = [\"day -7\", \"day 8\"]\nmissing = \"50 %\"",
    );
    let trial = open(&trial(100, &rest), &[("m.model", RISING)]);
    let plan = plan(&trial);
    let tables = proband_tests::simulated(&plan);
    let counts = enrolled(&plan).screening;
    // Whoever misses the visit fails both criteria that read its record, whichever their kind.
    let both = counts.criteria.iter().map(|(_, count)| *count).collect::<Vec<_>>();
    assert!(both[1] > counts.screened / 3 && both[2] > counts.screened / 3, "{both:?}");
    assert_eq!(tables.having("adlb", &[("AVISIT", "Day -7")]).len(), 100);
}

#[test]
fn a_trial_that_nobody_is_eligible_for_says_so_at_the_same_twin_on_any_machine() {
    let rest = REST.replace("at = \"day -7\"", "at = \"day -7\"\nat_most = 777");
    let rest = rest.replace("x < 12 mg", "x < 1 mg");
    let trial = open(&trial(20, &rest), &[("m.model", RISING)]);
    for threads in [1, 3] {
        let error = on(threads, || refused(&plan(&trial)));
        let EnrolError::CannotEnrol { enrolled, needed, screening } = error else {
            panic!("nobody can be enrolled")
        };
        assert_eq!((enrolled, needed, screening.drawn), (0, 20, 777));
        let passed_over: u64 = screening.passed_over.iter().map(|(_, count)| count).sum();
        assert_eq!(screening.screened + passed_over, 777);
        assert!(screening.criteria[1].1 > screening.screened * 9 / 10);
    }
}

#[test]
fn who_is_enrolled_does_not_depend_on_how_many_are() {
    let few = run(50, RISING, REST);
    let many = run(500, RISING, REST);
    let twins = |tables: &proband_tests::Tables| tables.numbers("adsl", &[], "TWIN");
    assert_eq!(twins(&few), twins(&many)[..50]);
}

/// A fortnight between the visit that decides and day 1, in which a tenth die.
const MORTAL: &str = "
model m
time day
param g = 0.1 1/day ~ lognormal cv 20%
state x [mg] = 1 mg
d x/dt = g * x
observe x
hazard death [1/day] = if -14 day <= t < 0 day then 0.0075 1/day else 0.002 1/day, terminal
";

const WAITING: &str = r#"
[epoch.screening]
duration = "21 day"
[epoch.treatment]
duration = "28 day"
[eligibility]
at = "day -14"
inclusion.any = "x > 0 mg"
[arm.a]
control = true
[arm.b]
[[encounter]]
at = ["day -21", "day -14", "day 1", "day 29"]
[endpoint.survival]
value = "time_to(death)"
"#;

#[test]
fn who_dies_before_day_1_is_not_randomised() {
    let trial = open(&trial(400, WAITING), &[("m.model", MORTAL)]);
    let plan = plan(&trial);
    let counts = enrolled(&plan).screening;
    let tables = proband_tests::simulated(&plan);
    assert_eq!(tables.rows("adsl").len(), 400);
    // Nobody of the randomised ends before day 1.
    assert!(tables.numbers("adtte", &[], "AVAL").iter().all(|&days| days > 0.0));
    assert!(tables.numbers("adsl", &[], "EOSDY").iter().all(|&day| day >= 1.0));
    let dead = |stage| tables.having("exclusions", &[("REASON", "death"), ("STAGE", stage)]);
    let (waiting, before) = (dead("screening"), dead("population"));
    let lost = waiting.len() as u64;
    assert_eq!(counts.ended, [("death".to_owned(), lost)]);
    assert_eq!(counts.passed_over, [("death".to_owned(), before.len() as u64)]);
    assert_eq!((counts.failed, counts.screened), (lost, 400 + lost));
    assert!(waiting.iter().all(|row| (-14.0..0.0).contains(&row.number("ATIME"))));
    // 1 - exp(-14 * 0.0075) = 0.0997 of those screened: 5 standard errors.
    let share = counts.failed as f64 / counts.screened as f64;
    let error = (0.0997_f64 * 0.9003 / counts.screened as f64).sqrt();
    assert!((share - 0.0997).abs() < 5.0 * error, "{share}");
}

#[test]
fn the_first_visit_is_uniform_in_the_part_of_its_window_that_is_observed() {
    let rest = REST.replace(
        "[[encounter]]\nat = [\"day -14\", \"day -7\", \"day 1\", \"day 8\"]",
        "[[encounter]]\nat = \"day -14\"\nwindow = \"3 day\"\n\
         [[encounter]]\nat = [\"day -7\", \"day 1\", \"day 8\"]",
    );
    let days = run(300, RISING, &rest).numbers("adlb", &[("AVISIT", "Day -14")], "ATIME");
    assert_eq!(days.len(), 300);
    assert!(days.iter().all(|day| (-14.0..=-11.0).contains(day)));
    // Thirds of [-14, -11], and no heap at its beginning: 5 standard errors of a share of a third.
    for third in 0..3 {
        let from = -14.0 + f64::from(third);
        let inside = days.iter().filter(|&&day| (from..from + 1.0).contains(&day)).count();
        let off = inside as f64 / 300.0 - 1.0 / 3.0;
        assert!(off.abs() < 5.0 * (2.0_f64 / 9.0 / 300.0).sqrt(), "{third}: {off}");
    }
    assert!(days.iter().filter(|&&day| day <= -14.0).count() <= 1);
}

/// `x` rises by 0.5 a day from a number that is normal with mean 10 and SD 3.
const WITH_LIMITS: &str = r#"
[population.covariates]
age = "50 year"
[population.limits]
small = "m.x < 14 mg"
steep = "m.x <= baseline(m.x) + 5 mg"
[eligibility]
at = "day -7"
[epoch.screening]
duration = "7 day"
[epoch.treatment]
duration = "21 day"
[arm.a]
[arm.b]
[[encounter]]
at = ["day -7", "day 1", "day 8", "day 15", "day 22"]
missing = "if t > day 8 then 100 % else 0 %"
"#;

#[test]
fn limits_pass_over_until_day_1_and_flag_afterwards() {
    let trial = open(&trial(400, WITH_LIMITS), &[("m.model", RISING)]);
    let plan = plan(&trial);
    let counts = enrolled(&plan).screening;
    let tables = proband_tests::simulated(&plan);
    // On day -7 the value is that of the draw, and on day 1 3.5 mg more: beyond 10.5 mg at the draw there is
    // nobody left. Nobody is refused at day -7 by a criterion, and all are counted as passed over.
    let refused = tables.having("exclusions", &[("STAGE", "population"), ("REASON", "small")]);
    assert_eq!(counts.passed_over, [("small".to_owned(), refused.len() as u64)]);
    assert_eq!((counts.failed, counts.screened), (0, 400));
    let share = refused.len() as f64 / counts.drawn as f64;
    // 1 - Phi(0.5 / 3) = 0.4338, with four binomial errors.
    assert!((share - 0.4338).abs() < 4.0 * (0.4338_f64 * 0.5662 / counts.drawn as f64).sqrt());
    let days: Vec<f64> = refused.iter().map(|row| row.number("ATIME")).collect();
    assert!(days.iter().all(|day| [-7.0, 0.0].contains(day)) && days.contains(&-7.0));
    let mut by_arm = [0.0; 2];
    for row in tables.rows("adsl") {
        // Visits are missed from day 15 on, and find out all the same: by then it has risen by 10.5 mg.
        let subject = &[("USUBJID", row.text("USUBJID")), ("AVISIT", "Day 22")];
        assert!(tables.numbers("adlb", subject, "AVAL").is_empty());
        assert!(row.flag("IMPLFL"), "everybody has risen by 10.5 mg");
        by_arm[usize::from(row.text("ARMCD") == "b")] += 1.0;
    }
    let of = |group: Option<&str>| -> Vec<f64> {
        let found = proband_tests::found(&plan);
        let steps =
            found.iter().filter(|f| f.analysis == "implausible" && f.group.as_deref() == group);
        steps.map(|f| f.estimate.expect("a count")).collect()
    };
    assert_eq!(of(None), by_arm);
    assert_eq!(of(Some("steep")), by_arm);
    // Above 14 mg at the end are those who began above 3.5 mg at the draw.
    let truth = tables.numbers("truth", &[("AVISIT", "Day 22")], "AVAL");
    let large = truth.iter().filter(|&&x| x >= 14.0).count() as f64;
    assert_eq!(of(Some("small")).iter().sum::<f64>(), large);
}
