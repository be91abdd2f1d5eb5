//! Derived covariates and limits.

use crate::fixture::{choice, drawn, normal, number, population, twins};
use crate::oracle::evaluate;
use proband_cohort::{Law, Limit, Population, Specification};
use proband_lang::{Binary, Expr, SymbolId};
use proband_math::distribution::Distribution;

fn symbol(index: u32) -> Expr {
    Expr::Symbol(SymbolId(index))
}

fn of(function: Binary, a: Expr, b: Expr) -> Expr {
    Expr::binary(function, a, b)
}

fn times(a: Expr, b: Expr) -> Expr {
    of(Binary::Mul, a, b)
}

fn power(a: Expr, b: Expr) -> Expr {
    of(Binary::Pow, a, b)
}

/// CKD-EPI 2021 of creatinine [mg/dL] (covariate 0), age [year] (1) and sex (2; F is 0, M 1), in
/// mL/min/1.73m^2:
/// `142 min(scr / k, 1)^a max(scr / k, 1)^-1.2 0.9938^age (1.012 if F)`, k 0.7 or 0.9, a -0.241 or
/// -0.302 (Inker et al., N Engl J Med 385:1737, 2021).
fn egfr() -> Expr {
    let by_sex = |women: f64, men: f64| {
        let female = of(Binary::Equal, symbol(2), Expr::Number(0.0));
        Expr::If(Box::new(female), Box::new(Expr::Number(women)), Box::new(Expr::Number(men)))
    };
    let ratio = || of(Binary::Div, symbol(0), by_sex(0.7, 0.9));
    let low = power(of(Binary::Min, ratio(), Expr::Number(1.0)), by_sex(-0.241, -0.302));
    let high = power(of(Binary::Max, ratio(), Expr::Number(1.0)), Expr::Number(-1.2));
    let aged = power(Expr::Number(0.9938), symbol(1));
    times(times(times(times(Expr::Number(142.0), low), high), aged), by_sex(1.012, 1.0))
}

#[test]
fn egfr_reproduces_ckd_epi_2021() {
    // The calculator of the National Kidney Foundation gives 71 for the first (whole numbers). All by
    // mpmath 1.3 from the equation as published, 17 digits.
    let cases = [
        (1.2, 55.0, 1.0, 71.41779592192101),
        (1.0, 50.0, 0.0, 68.63349665880081),
        (1.5, 60.0, 1.0, 52.96748952995516),
        (0.8, 40.0, 1.0, 114.73504823126254),
        (0.5, 25.0, 0.0, 133.40144188341023),
        (4.0, 80.0, 1.0, 14.415402029350822),
    ];
    for (creatinine, age, sex, expected) in cases {
        let covariates = vec![
            number("scr", Law::Constant(creatinine)),
            number("age", Law::Constant(age)),
            number("sex", Law::Constant(sex)),
            number("egfr", Law::Derived(egfr())),
        ];
        let found = twins(&population(covariates, &[]), 1).covariate(3)[0];
        // The three powers are good to about 1e-15 each.
        assert!((found / expected - 1.0).abs() < 1e-14, "{creatinine} {age} {sex}: {found}");
    }
}

#[test]
fn derived_covariates_are_what_the_oracle_says() {
    let covariates = vec![
        drawn("scr", Distribution::log_normal_mean_cv(1.0, 0.3).unwrap()),
        drawn("age", normal(55.0, 11.0)),
        choice("sex", &[("F", 0.4), ("M", 0.6)]),
        number("twice", Law::Derived(times(Expr::Number(2.0), symbol(4)))),
        number("egfr", Law::Derived(egfr())),
    ];
    // A number of twins that fills no whole vector.
    let columns = twins(&population(covariates, &[]), 331);
    for twin in 0..331 {
        let values: Vec<f64> = columns.covariates().iter().map(|column| column[twin]).collect();
        assert_eq!(values[4], evaluate(&egfr(), &values));
        assert_eq!(values[3], 2.0 * values[4]);
    }
}

#[test]
fn limits_are_kept_apart_from_values() {
    let limit = |id: &str, condition| Limit { id: id.to_owned(), condition };
    let specification = Specification {
        covariates: vec![
            drawn("age", normal(55.0, 11.0)),
            number(
                "missing",
                Law::Derived(of(Binary::Div, Expr::Number(0.0), Expr::Number(0.0))),
            ),
        ],
        limits: vec![
            limit("old", of(Binary::LessEqual, symbol(0), Expr::Number(60.0))),
            limit("young", of(Binary::GreaterEqual, symbol(0), Expr::Number(50.0))),
            limit("unknown", of(Binary::Greater, symbol(1), Expr::Number(0.0))),
        ],
        ..Specification::default()
    };
    let population = Population::new(specification).unwrap();
    let columns = twins(&population, 500);
    for (twin, &age) in columns.covariate(0).iter().enumerate() {
        assert_eq!(columns.limit(0)[twin] == 1.0, age <= 60.0);
        assert_eq!(columns.limit(1)[twin] == 1.0, age >= 50.0);
        // What is missing makes a condition false.
        assert_eq!(columns.limit(2)[twin], 0.0);
        let first = if age > 60.0 {
            0
        } else if age < 50.0 {
            1
        } else {
            2
        };
        assert_eq!(columns.implausible(twin), Some(first));
    }
}
