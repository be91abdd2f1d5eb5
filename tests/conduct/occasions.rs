//! Variability between occasions: constant from one visit to the next, then another.

use crate::{mean, run};

const MODEL: &str = "
model m
time day
param k = 1 ~ lognormal sd 0.4, sd 0.2 per occasion
param c = 1 ~ lognormal sd 0.4
state area [day]
d area/dt = k
observe k
observe c
observe area
";

fn tables(participants: u32) -> proband_tests::Tables {
    let rest = "output.truth_every = \"1 day\"\n[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 8\", \"day 15\"]\n";
    run(participants, MODEL, rest)
}

#[test]
fn a_value_stays_from_a_visit_to_the_next_and_then_is_another() {
    let tables = tables(20);
    for subject in tables.rows("adsl").iter().map(|row| row.text("USUBJID")) {
        let of = |what| tables.having("truth", &[("USUBJID", subject), ("PARAMCD", what)]);
        let mut points: Vec<(f64, f64)> =
            of("K").iter().map(|row| (row.number("ATIME"), row.number("AVAL"))).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup();
        let at = |day: f64| points.iter().find(|point| point.0 == day).unwrap().1;
        // An occasion begins with its visit: what the visit sees is the value of the one before.
        for day in 1..=7 {
            assert_eq!(at(f64::from(day)).to_bits(), at(1.0).to_bits(), "{subject} {day}");
            assert_eq!(at(f64::from(day + 7)).to_bits(), at(8.0).to_bits(), "{subject} {day}");
        }
        assert!(at(0.0) != at(1.0) && at(1.0) != at(8.0), "{subject}");
        let constant = of("C");
        let first = constant[0].number("AVAL").to_bits();
        assert!(constant.iter().all(|row| row.number("AVAL").to_bits() == first));
        let area = of("AREA");
        let last = area.iter().find(|row| row.number("ATIME") == 14.0).unwrap();
        assert!((last.number("AVAL") - 7.0 * (at(1.0) + at(8.0))).abs() < 1e-7, "{subject}");
    }
}

#[test]
fn the_spread_within_twins_is_that_of_occasions() {
    let tables = tables(3_000);
    let logs = |visit| -> Vec<f64> {
        let values = tables.numbers("truth", &[("PARAMCD", "K"), ("AVISIT", visit)], "AVAL");
        values.into_iter().map(proband_math::ln).collect()
    };
    let (first, second) = (logs("Day 8"), logs("Day 15"));
    assert_eq!(first.len(), 3_000);
    let variance = |numbers: &[f64]| mean(&numbers.iter().map(|x| x * x).collect::<Vec<_>>());
    let difference: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    // Variances of 3000 normal numbers are off by sqrt(2 / 3000) = 2.6 % of themselves; five of it.
    assert!((variance(&first) / (0.16 + 0.04) - 1.0).abs() < 0.13);
    assert!((variance(&difference) / 0.08 - 1.0).abs() < 0.13);
}
