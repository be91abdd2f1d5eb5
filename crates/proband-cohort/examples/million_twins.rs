//! How long a million twins take: `cargo run --release -p proband-cohort --example million_twins`.
#![expect(clippy::print_stdout, reason = "an example speaks to its reader")]
#![expect(clippy::disallowed_methods, reason = "a clock is what this example is about")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the population is known to be sound"
)]

use proband_cohort::{
    Cohort, Columns, Correlation, Covariate, Law, Marginal, Population, Specification,
};
use proband_lang::{Binary, Expr, SymbolId, Unit};
use proband_math::distribution::Distribution;
use proband_math::stream::Seed;
use std::time::Instant;

const TWINS: u64 = 1_000_000;
const CHUNK: u64 = 4096;

fn number(name: &str, law: Law) -> Covariate {
    Covariate { name: name.to_owned(), unit: Unit::one(), levels: None, law }
}

fn drawn(name: &str, law: Distribution) -> Covariate {
    number(name, Law::Drawn(Marginal::Distribution(law)))
}

fn levels(name: &str, shares: &[f64]) -> Covariate {
    let levels: Vec<String> = (0..shares.len()).map(|level| format!("l{level}")).collect();
    let law = Distribution::categorical(shares).unwrap();
    Covariate { levels: Some(levels.into()), ..drawn(name, law) }
}

fn correlation(first: usize, second: usize, coefficient: f64) -> Correlation {
    Correlation { first, second, coefficient }
}

/// Ten covariates as a diabetes trial has them.
fn population() -> Population {
    let normal = |mean, sd| Distribution::normal(mean, sd).unwrap();
    let heights = [normal(163.0, 7.0), normal(177.0, 7.0)].map(Marginal::Distribution);
    let by_sex = Law::Drawn(Marginal::ByStratum { covariate: 1, laws: heights.to_vec() });
    let square = |x: Expr| Expr::binary(Binary::Mul, x.clone(), x);
    let weight =
        Expr::binary(Binary::Mul, Expr::Symbol(SymbolId(3)), square(Expr::Symbol(SymbolId(4))));
    let log_normal = |mean, cv| Distribution::log_normal_mean_cv(mean, cv).unwrap();
    let covariates = vec![
        drawn("age", normal(55.0, 11.0).within(18.0, 85.0).unwrap()),
        levels("sex", &[0.39, 0.61]),
        levels("race", &[0.64, 0.34, 0.02]),
        drawn("bmi", log_normal(28.4, 0.2).within(18.0, 45.0).unwrap()),
        number("height", by_sex),
        number("weight", Law::Derived(weight)),
        drawn("egfr", normal(88.0, 18.0).within(30.0, 150.0).unwrap()),
        drawn("fpg", log_normal(8.5, 0.2).within(5.0, 16.0).unwrap()),
        drawn("duration", Distribution::log_normal_median_cv(2.0, 0.8).unwrap()),
        levels("smoking", &[0.6, 0.2, 0.2]),
    ];
    let correlations = vec![correlation(0, 6, -0.45), correlation(3, 7, 0.15)];
    Population::new(Specification { covariates, correlations, ..Specification::default() })
        .expect("a sound population")
}

fn main() {
    let population = population();
    let cohort = Cohort::new(&population, Seed(1), 0);
    let mut columns = Columns::new();
    let mut oldest: f64 = 0.0;
    let start = Instant::now();
    for first in (0..TWINS).step_by(CHUNK as usize) {
        cohort
            .draw(first..(first + CHUNK).min(TWINS), &mut columns)
            .expect("no rows are needed");
        oldest = columns.covariate(0).iter().fold(oldest, |oldest, &age| oldest.max(age));
    }
    let seconds = start.elapsed().as_secs_f64();
    let each = seconds * 1e9 / TWINS as f64;
    println!("{TWINS} twins of ten covariates in {seconds:.3} s: {each:.0} ns a twin");
    println!("the oldest is {oldest:.1}");
}
