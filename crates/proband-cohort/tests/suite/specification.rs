//! Faults of specifications: all at once, each at its place.

use crate::fixture::{choice, correlation, drawn, normal, number};
use proband_cohort::{
    Correlation, Covariate, Fault, Law, Limit, Marginal, Place, Population, Specification,
    order,
};
use proband_lang::{Binary, Expr, SymbolId};
use proband_math::distribution::Distribution;

fn faults(specification: Specification) -> Vec<(Place, String)> {
    let errors = Population::new(specification).unwrap_err();
    errors.into_iter().map(|error| (error.place, error.fault.to_string())).collect()
}

fn symbol(index: u32) -> Expr {
    Expr::Symbol(SymbolId(index))
}

fn by(covariate: usize, count: usize) -> Law {
    let law = Marginal::Distribution(normal(0.0, 1.0));
    Law::Drawn(Marginal::ByStratum { covariate, laws: vec![law; count] })
}

#[test]
fn all_faults_are_told_at_once() {
    let covariates = vec![
        drawn("age", normal(0.0, 1.0)),
        drawn("age", normal(0.0, 1.0)),
        number("constant", Law::Constant(f64::NAN)),
        number("height", by(0, 2)),
        choice("sex", &[("F", 0.5), ("M", 0.5)]),
        number("weight", by(4, 3)),
        number("column", Law::Column("x".to_owned())),
        number("foreign", Law::Derived(symbol(99))),
    ];
    let correlations = vec![
        correlation(0, 2, 0.5),
        correlation(0, 0, 0.5),
        correlation(0, 3, 1.0),
        correlation(0, 3, f64::NAN),
        correlation(4, 5, 0.1),
        correlation(5, 4, 0.1),
        correlation(0, 77, 0.1),
    ];
    let limits = vec![Limit { id: "late".to_owned(), condition: Expr::Time }];
    let specification = Specification { covariates, correlations, limits, people: None };
    let expected = [
        (Place::Covariate(1), "`age` is declared twice"),
        (Place::Covariate(2), "NaN is not a finite number"),
        (Place::Covariate(3), "a stratum needs levels, and `age` is a number"),
        (Place::Covariate(5), "`sex` has 2 levels, and 3 of them have a distribution"),
        (Place::Covariate(6), "`column` is a column, and the population has no file of people"),
        (Place::Covariate(7), "only covariates of the population can be used here"),
        (
            Place::Correlation(0),
            "`constant` is not drawn, so nothing can be correlated with it",
        ),
        (Place::Correlation(1), "`age` has correlation 1 with itself"),
        (Place::Correlation(2), "a correlation lies between -1 and 1, not at 1"),
        (Place::Correlation(3), "the correlation of `age` and `height` is given twice"),
        (Place::Correlation(5), "the correlation of `weight` and `sex` is given twice"),
        (Place::Correlation(6), "only covariates of the population can be used here"),
        (Place::Limit(0), "only covariates of the population can be used here"),
    ];
    let expected = expected.map(|(place, fault)| (place, fault.to_owned()));
    assert_eq!(faults(specification), expected);
}

#[test]
fn values_beyond_the_levels_are_told() {
    let sex = choice("sex", &[("F", 0.5), ("M", 0.5)]);
    let three = Distribution::categorical(&[0.5, 0.2, 0.3]).unwrap();
    let wrong = [
        Law::Constant(2.0),
        Law::Constant(0.5),
        Law::Constant(-1.0),
        Law::Drawn(Marginal::Distribution(three)),
        Law::Drawn(Marginal::Distribution(normal(0.5, 0.1))),
        Law::Drawn(Marginal::Distribution(Distribution::poisson(0.1).unwrap())),
    ];
    for law in wrong {
        let covariates = vec![Covariate { law, ..sex.clone() }];
        let errors = Population::new(Specification { covariates, ..Specification::default() });
        let fault = &errors.unwrap_err()[0].fault;
        assert!(matches!(fault, Fault::NotALevel { levels: 2, .. }), "{fault:?}");
    }
}

#[test]
fn covariates_come_after_those_they_need() {
    let sum = |a, b| Law::Derived(Expr::binary(Binary::Add, symbol(a), symbol(b)));
    let covariates = [
        number("a", sum(1, 2)),
        number("b", sum(2, 3)),
        number("c", by(3, 2)),
        choice("d", &[("x", 0.5), ("y", 0.5)]),
    ];
    assert_eq!(order(&covariates), Ok(vec![3, 2, 1, 0]));
}

#[test]
fn a_circle_is_told_by_its_members() {
    let needs = |name, index| number(name, Law::Derived(symbol(index)));
    let covariates =
        vec![needs("outside", 1), needs("a", 2), needs("b", 3), needs("c", 1), needs("own", 4)];
    assert_eq!(order(&covariates), Err(vec![1, 2, 3]));
    let specification = Specification { covariates, ..Specification::default() };
    let expected = (Place::Covariate(1), "`a` is defined by itself".to_owned());
    let found = faults(specification);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, expected.0);
}

#[test]
fn an_empty_population_is_one() {
    let population = Population::new(Specification::default()).unwrap();
    assert_eq!(crate::fixture::twins(&population, 3).twins(), 3);
}

#[test]
fn a_window_is_one_in_every_stratum() {
    let laws = [normal(0.0, 1.0), normal(100.0, 1.0)].map(Marginal::Distribution).to_vec();
    let law = Marginal::ByStratum { covariate: 0, laws };
    assert!(law.clone().within(-5.0, 105.0).is_ok());
    assert!(law.clone().within(f64::NAN, 1.0).is_err());
    assert!(law.within(500.0, 600.0).is_err());
}

#[test]
fn a_correlation_of_almost_one_is_one() {
    let covariates = vec![drawn("a", normal(0.0, 1.0)), drawn("b", normal(0.0, 1.0))];
    let almost = Correlation { first: 0, second: 1, coefficient: 1.0 - 1e-9 };
    let population = crate::fixture::population(covariates, &[almost]);
    let columns = crate::fixture::twins(&population, 100);
    for (a, b) in columns.covariate(0).iter().zip(columns.covariate(1)) {
        // sqrt(1 - r^2) is 4.5e-5.
        assert!((a - b).abs() < 5e-4);
    }
}
