//! Data that leave little or nothing to compute, through every method: a value, or a reason, and never a panic. What
//! participants are called and in which order they stand changes nothing, and a unit only the scale.

use crate::reference::{Csv, analyse, find};
use proband::{Finding, StatisticName as S};

/// What is known of one participant.
#[derive(Clone, Copy)]
struct Person {
    arm: &'static str,
    age: f64,
    base: f64,
    values: [f64; 2],
    time: f64,
    dead: bool,
    seizures: usize,
}

/// People of whom everything differs.
fn usual(count: usize) -> Vec<Person> {
    let person = |k: usize| Person {
        arm: ["P", "A"][k % 2],
        age: 40.0 + ((7 * k) % 31) as f64,
        base: 10.0 + ((5 * k) % 13) as f64 / 3.0,
        values: [11.0 + ((11 * k) % 17) as f64 / 5.0, 9.0 + ((13 * k) % 19) as f64 / 4.0],
        time: 3.0 + ((17 * k) % 29) as f64,
        dead: !k.is_multiple_of(3),
        seizures: (k * k) % 5,
    };
    (0..count).map(person).collect()
}

/// The tables of some people, in their order and by their numbers or those that `name` gives.
fn tables(people: &[Person], name: impl Fn(usize) -> usize) -> [Csv; 4] {
    let mut adsl = Csv::new("USUBJID,TRT01P,AGE,TRTDUR");
    let mut adlb = Csv::new("USUBJID,PARAMCD,AVISIT,AVAL");
    let mut adtte = Csv::new("USUBJID,PARAMCD,AVAL,CNSR");
    let mut adae = Csv::new("USUBJID,AEDECOD,ASTDY");
    // One event of somebody else, so that the data know of it.
    adsl.row(&[&"other", &"Z", &50, &10]);
    adae.row(&[&"other", &"SEIZURE", &1]);
    for (k, of) in people.iter().enumerate() {
        let id = name(k);
        adsl.row(&[&id, &of.arm, &of.age, &40]);
        let records =
            [("Baseline", of.base), ("Week 1", of.values[0]), ("Week 2", of.values[1])];
        for (visit, value) in records.iter().filter(|(_, value)| value.is_finite()) {
            adlb.row(&[&id, &"Y", visit, value]);
        }
        if of.time.is_finite() {
            adtte.row(&[&id, &"DEATH", &of.time, &u8::from(!of.dead)]);
        }
        (0..of.seizures).for_each(|_| adae.row(&[&id, &"SEIZURE", &2]));
    }
    [adsl, adlb, adtte, adae]
}

fn found(people: &[Person], plan: &str, name: impl Fn(usize) -> usize) -> Vec<Finding> {
    let [adsl, adlb, adtte, adae] = tables(people, name);
    analyse(&[("adsl", &adsl), ("adlb", &adlb), ("adtte", &adtte), ("adae", &adae)], plan)
}

const ENDPOINTS: &str = r#"
[arm.p]
control = true
[arm.a]

[endpoint.y]
value  = "change(y, week 2)"
better = "higher"
[endpoint.high]
value  = "at(y, week 2) > 11"
better = "higher"
[endpoint.death]
value  = "time_to(death)"
better = "higher"
[endpoint.seizures]
value  = "count(seizure)"
better = "lower"
"#;

/// Every method of an endpoint, with its own keys and with the covariate where it takes one.
const METHODS: [(&str, &[&str]); 4] = [
    (
        "y",
        &[
            "\"ancova\"\ncovariates = [\"baseline\", \"age\"]",
            "\"t-test\"",
            "\"t-test\"\nvariance = \"pooled\"",
            "\"t-test\"\nmissing = { method = \"inverse probability weighting\" }\ncovariates = [\"age\"]",
            "\"wilcoxon\"",
            "\"mmrm\"\ncovariates = [\"baseline\", \"age\"]",
            "\"mmrm\"\ncovariance = \"ar(1)\"",
            "\"linear mixed\"\ncovariates = [\"age\"]",
            "\"gee\"\ncovariates = [\"age\"]",
            "\"normal-normal\"\nprior = { normal = { mean = 0, sd = 2 } }",
            "\"ancova\"\nmissing = { method = \"multiple imputation\", imputations = 3 }",
            "\"ancova\"\nmissing = { method = \"conditional mean\", strategy = \"jump to reference\" }",
            "\"ancova\"\ncovariates = [\"age\", \"arm:age\"]",
        ],
    ),
    (
        "high",
        &[
            "\"proportions\"",
            "\"chi-square\"",
            "\"logistic\"\ncovariates = [\"age\"]",
            "\"cmh\"\nstrata = [\"age > 50\"]",
            "\"cmh\"\ninterval = \"miettinen-nurminen\"",
            "\"cmh\"\ninterval = \"newcombe\"",
            "\"fisher\"",
            "\"cochran-armitage\"",
            "\"exact binomial\"\nnull = 0.4",
            "\"beta-binomial\"\nprior = { beta = { alpha = 1, beta = 1 } }",
            "\"gee\"\ncovariates = [\"age\"]",
        ],
    ),
    (
        "death",
        &[
            "\"log-rank\"",
            "\"fleming-harrington\"\nrho = 1",
            "\"maxcombo\"",
            "\"rmst\"",
            "\"kaplan-meier\"\ntau = \"5 day\"\ncompare = [[\"a\", \"p\"]]",
            "\"cox\"\ncovariates = [\"age\"]\nerrors = \"robust\"",
            "\"parametric\"\ncovariates = [\"age\"]",
            "\"parametric\"\ndistribution = \"gompertz\"",
            "\"parametric\"\ndistribution = \"log-logistic\"",
            "\"win ratio\"\nthen = [\"y\"]",
        ],
    ),
    (
        "seizures",
        &[
            "\"negative binomial\"\ncovariates = [\"age\"]",
            "\"poisson\"\ncovariates = [\"age\"]",
            "\"zero-inflated poisson\"",
            "\"zero-inflated negative binomial\"",
        ],
    ),
];

/// One plan with every method.
fn every_method() -> String {
    let mut plan = ENDPOINTS.to_owned();
    for (endpoint, methods) in METHODS {
        for (k, method) in methods.iter().enumerate() {
            plan += &format!(
                "\n[analysis.{endpoint}_{k}]\nendpoint = \"{endpoint}\"\nmethod = {method}\n"
            );
        }
    }
    plan
}

/// Every finding has a value that is a number, or says why it has none.
fn told(name: &str, found: &[Finding]) {
    for (endpoint, methods) in METHODS {
        for k in 0..methods.len() {
            let id = format!("{endpoint}_{k}");
            assert!(found.iter().any(|f| f.analysis == id), "{name}: nothing of {id}");
        }
    }
    for finding in found {
        let has_p = finding.p_value.is_some() && finding.method == "Fisher";
        let values = [finding.estimate, finding.standard_error, finding.p_value];
        assert!(values.iter().flatten().all(|value| !value.is_nan()), "{name}: {finding:?}");
        let says = finding.estimate.is_some() || finding.note.is_some() || has_p;
        assert!(says, "{name}: {finding:?}");
        assert!(
            finding.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)),
            "{name}: {finding:?}"
        );
    }
}

#[test]
fn hard_data_give_a_value_or_a_reason() {
    let changed = |change: fn(usize, &mut Person)| {
        let mut people = usual(24);
        people.iter_mut().enumerate().for_each(|(k, of)| change(k, of));
        people
    };
    let cases: [(&str, Vec<Person>); 14] = [
        ("the usual", usual(24)),
        ("one participant in each arm", usual(2)),
        ("one participant against many", {
            let mut people = usual(24);
            people.iter_mut().skip(1).for_each(|of| of.arm = "A");
            people
        }),
        ("no value in an arm", {
            let mut people = usual(24);
            for of in people.iter_mut().filter(|of| of.arm == "A") {
                (of.values, of.time) = ([f64::NAN; 2], f64::NAN);
            }
            people
        }),
        (
            "one value",
            changed(|k, of| {
                if k > 0 {
                    of.values = [f64::NAN; 2];
                }
            }),
        ),
        ("no events", changed(|_, of| (of.dead, of.seizures, of.values[1]) = (false, 0, 5.0))),
        ("all events", changed(|_, of| (of.dead, of.seizures, of.values[1]) = (true, 3, 15.0))),
        (
            "separation by arm",
            changed(|_, of| {
                let active = of.arm == "A";
                (of.dead, of.seizures) = (active, usize::from(active));
                of.values[1] = if active { 15.0 } else { 5.0 };
            }),
        ),
        (
            "separation by a covariate",
            changed(|_, of| {
                of.dead = of.age > 55.0;
                of.values[1] = if of.age > 55.0 { 15.0 } else { 5.0 };
            }),
        ),
        ("a constant covariate", changed(|_, of| (of.age, of.base) = (50.0, 10.0))),
        ("a redundant covariate", changed(|_, of| of.base = 2.0 * of.age)),
        ("ties", changed(|k, of| (of.time, of.values) = (5.0, [11.0, (10 + k % 2) as f64]))),
        ("zero variance", changed(|_, of| (of.base, of.values) = (10.0, [12.0; 2]))),
        (
            "large numbers",
            changed(|_, of| {
                (of.base, of.values) = (1e150 * of.base, of.values.map(|value| 1e150 * value));
            }),
        ),
    ];
    let plan = every_method();
    for (name, people) in cases {
        told(name, &found(&people, &plan, |k| k));
    }
}

#[test]
fn order_and_names_of_participants_change_nothing() {
    let people = usual(24);
    let plan = every_method();
    let once = found(&people, &plan, |k| k);
    let mut backwards = people;
    backwards.reverse();
    let again = found(&backwards, &plan, |k| 1000 - 7 * k);
    assert_eq!(once.len(), again.len());
    for (a, b) in once.iter().zip(&again) {
        // Draws of imputation belong to the places of participants.
        if a.note.as_ref().is_some_and(|note| note.contains("imputed data sets")) {
            continue;
        }
        assert_eq!(
            (&a.analysis, &a.comparison, a.statistic),
            (&b.analysis, &b.comparison, b.statistic)
        );
        for (x, y) in [(a.estimate, b.estimate), (a.standard_error, b.standard_error)] {
            let (Some(x), Some(y)) = (x, y) else {
                assert_eq!(x, y, "{a:?}");
                continue;
            };
            // Iterations end within their tolerance, sums round by their order.
            assert!(
                (x - y).abs() <= 1e-6 * x.abs().max(1e-3) || x.total_cmp(&y).is_eq(),
                "{a:?}\n{b:?}"
            );
        }
    }
}

#[test]
fn a_unit_changes_the_scale_alone() {
    let people = usual(24);
    let scaled: Vec<Person> = people
        .iter()
        .map(|of| Person {
            base: 1000.0 * of.base,
            values: of.values.map(|value| 1000.0 * value),
            ..*of
        })
        .collect();
    let methods =
        [("ancova", "ANCOVA"), ("t-test", "t-test"), ("mmrm", "MMRM"), ("gee", "GEE")];
    for (method, name) in methods {
        let plan =
            format!("{ENDPOINTS}\n[analysis.a]\nendpoint = \"y\"\nmethod = \"{method}\"");
        let of = |people: &[Person]| {
            find(&found(people, &plan, |k| k), ("a", name), None, S::Difference).clone()
        };
        let (small, large) = (of(&people), of(&scaled));
        for (x, y, factor) in [
            (small.estimate, large.estimate, 1000.0),
            (small.standard_error, large.standard_error, 1000.0),
            (small.p_value, large.p_value, 1.0),
        ] {
            let (x, y) = (factor * x.unwrap(), y.unwrap());
            assert!((x - y).abs() <= 1e-6 * x.abs(), "{method}: {x} and {y}");
        }
    }
}
