//! Who gets which arm: blocks within strata, simple allocation, every arm at once.

use crate::run;
use proband_tests::Tables;
use std::collections::BTreeMap;

const MODEL: &str = "
model m
time day
covariate age [year] = 50 year
covariate sex in {F, M}
param m = 10 mg ~ normal sd 3 mg
state x [mg] = m
input push [mg/day] = 0 mg/day
d x/dt = 0.5 mg/day + push
hazard fall [1/day] = 0.05 1/day
observe x ~ normal sd 1 mg
";

const PEOPLE: &str = r#"
[population.covariates]
age = { uniform = { min = 20, max = 80 }, unit = "year" }
sex = { choice = { F = 0.3, M = 0.7 } }
[epoch.screening]
duration = "7 day"
[epoch.treatment]
duration = "14 day"
[[encounter]]
at = ["day -7", "day 1", "day 8", "day 15"]
window = "2 day"
missing = "10 %"
"#;

/// Participants by stratum and arm.
fn counts(tables: &Tables) -> BTreeMap<(String, String), BTreeMap<String, usize>> {
    let mut counts = BTreeMap::<_, BTreeMap<String, usize>>::new();
    for row in tables.rows("adsl") {
        let stratum = (row.text("STRAT1R").to_owned(), row.text("STRAT2R").to_owned());
        *counts.entry(stratum).or_default().entry(row.text("ARMCD").to_owned()).or_default() +=
            1;
    }
    counts
}

#[test]
fn blocks_balance_every_stratum() {
    let rest = "design.strata = [\"sex\", \"age >= 50 year\"]\ndesign.blocks = [3, 6]\n"
        .to_owned()
        + PEOPLE
        + "[arm.a]\ncontrol = true\n[arm.b]\nratio = 2\n";
    let counts = counts(&run(997, MODEL, &rest));
    let strata: Vec<(&str, &str)> =
        counts.keys().map(|(sex, old)| (sex.as_str(), old.as_str())).collect();
    assert_eq!(strata, [("F", "N"), ("F", "Y"), ("M", "N"), ("M", "Y")]);
    for (stratum, arms) in &counts {
        // At most half of a block of 6 is open: 4 of arm b or 2 of arm a beyond whole blocks.
        let off = arms["b"].abs_diff(2 * arms["a"]);
        assert!(off <= 4, "{stratum:?}: {arms:?}");
        assert!(arms["a"] > 40, "{stratum:?}: {arms:?}");
    }
}

#[test]
fn simple_allocation_follows_the_ratio_by_chance() {
    let rest = "design.method = \"simple\"\n".to_owned()
        + PEOPLE
        + "[arm.a]\ncontrol = true\n[arm.b]\nratio = 3\n";
    let tables = run(4_000, MODEL, &rest);
    let a = tables.having("adsl", &[("ARMCD", "a")]).len();
    // Binomial(4000, 1/4): mean 1000, SD 27; blocks would be within 3, chance within 5 SD.
    assert!(a.abs_diff(1_000) < 137, "{a}");
    let first_hundred = tables.rows("adsl")[..100].iter().filter(|r| r.text("ARMCD") == "a");
    assert_ne!(first_hundred.count(), 25, "blocks of 4 would give 25 of any hundred");
}

#[test]
fn in_every_arm_a_twin_has_the_same_draws_and_the_same_past() {
    let rest = "design.assignment = \"every-arm\"\n".to_owned()
        + PEOPLE
        + "[arm.a]\ncontrol = true\n[arm.b]\n[arm.c]\ninputs = { push = \"1 mg/day\" }\n";
    let tables = run(60, MODEL, &rest);
    let of = |table, arm| {
        let rows = tables.having(table, &[("TRT01P", arm)]);
        let own = ["USUBJID", "TRT01P", "TRT01A", "ARM", "ARMCD", "FACTFL", "ITTFL"];
        rows.iter().map(|row| row.without(&own)).collect::<Vec<_>>()
    };
    for table in ["adsl", "adlb", "truth", "truth_events", "twins"] {
        let (a, b) = (of(table, "a"), of(table, "b"));
        assert!(a.len() >= 60, "{table}");
        assert_eq!(a, b, "{table}");
    }
    let (a, c) = (of("adlb", "a"), of("adlb", "c"));
    assert_eq!(a.len(), c.len(), "the same visits are missed");
    for (one, other) in a.iter().zip(&c) {
        assert_eq!(one.number("ATIME").to_bits(), other.number("ATIME").to_bits());
        let gain = other.number("AVAL") - one.number("AVAL");
        let time = one.number("ATIME").max(0.0);
        assert!((gain - time).abs() < 1e-8, "the same error, and 1 mg a day: {gain} in {time}");
        if time == 0.0 {
            assert_eq!(one, other, "before randomisation nothing differs");
        }
    }
    let factual = tables.rows("adsl").iter().filter(|row| row.flag("FACTFL")).count();
    assert_eq!(factual, 60, "randomisation named one arm of each twin");
}

#[test]
fn a_participant_is_the_same_whatever_arm_others_are_in() {
    let rest = "design.assignment = \"every-arm\"\n".to_owned()
        + PEOPLE
        + "[arm.a]\ncontrol = true\n[arm.b]\ninputs = { push = \"1 mg/day\" }\n";
    let every = run(60, MODEL, &rest);
    let randomised = run(60, MODEL, &rest.replace("every-arm", "randomised"));
    let own = ["USUBJID"];
    for row in randomised.rows("adlb") {
        let id = format!("{}-{}", row.text("USUBJID"), row.text("TRT01P"));
        let same = every.having("adlb", &[("USUBJID", &id), ("AVISIT", row.text("AVISIT"))]);
        assert_eq!(same.len(), 1);
        assert_eq!(same[0].without(&own), row.without(&own));
    }
}
