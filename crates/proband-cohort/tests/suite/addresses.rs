//! What stays the same: any split, any order, any other covariate.

use crate::fixture::{
    SEED, bits, choice, correlation, drawn, normal, number, population, twins,
};
use proband_cohort::{Cohort, Columns, Covariate, Law, Marginal, Population};
use proband_lang::{Binary, Expr, SymbolId};
use proband_math::distribution::Distribution;
use proband_math::stream::{Address, Purpose, Seed};

fn covariates() -> Vec<Covariate> {
    let laws = vec![
        Marginal::Distribution(normal(163.0, 7.0)),
        Marginal::Distribution(normal(177.0, 7.0)),
    ];
    let product =
        Expr::binary(Binary::Mul, Expr::Symbol(SymbolId(0)), Expr::Symbol(SymbolId(3)));
    vec![
        drawn("age", normal(55.0, 11.0).within(18.0, 85.0).unwrap()),
        choice("sex", &[("F", 0.4), ("M", 0.6)]),
        drawn("bmi", Distribution::log_normal_mean_sd(28.4, 5.5).unwrap()),
        number("height", Law::Drawn(Marginal::ByStratum { covariate: 1, laws })),
        number("product", Law::Derived(product)),
        drawn("egfr", Distribution::gamma(20.0, 4.0).unwrap()),
    ]
}

fn people() -> Population {
    population(covariates(), &[correlation(0, 5, -0.45), correlation(2, 3, 0.2)])
}

#[test]
fn twins_do_not_depend_on_how_they_are_asked_for() {
    let population = people();
    let whole = bits(&twins(&population, 1000));
    let cohort = Cohort::new(&population, SEED, 0);
    let mut columns = Columns::new();
    for chunk in [1_u64, 7, 64, 999] {
        // The last first: order does not matter either.
        for start in (0..1000_usize).step_by(chunk as usize).rev() {
            let start = start as u64;
            let end = (start + chunk).min(1000);
            cohort.draw(start..end, &mut columns).unwrap();
            let part = bits(&columns);
            for (part, whole) in part.iter().zip(&whole) {
                assert_eq!(part, &whole[start as usize..end as usize], "{start}..{end}");
            }
        }
    }
}

#[test]
fn any_twins_can_be_asked_for() {
    let population = people();
    let whole = bits(&twins(&population, 1000));
    let numbers = [999, 3, 3, 500];
    let mut columns = Columns::new();
    Cohort::new(&population, SEED, 0).draw(&numbers[..], &mut columns).unwrap();
    for (part, whole) in bits(&columns).iter().zip(&whole) {
        assert_eq!(part, &numbers.map(|twin| whole[twin as usize]));
    }
}

#[test]
fn no_twins_and_the_last_twins_are_columns_too() {
    let population = people();
    let cohort = Cohort::new(&population, SEED, 0);
    let mut columns = Columns::new();
    cohort.draw(5..5, &mut columns).unwrap();
    assert_eq!((columns.twins(), columns.covariate(0).len()), (0, 0));
    #[expect(clippy::reversed_empty_ranges, reason = "what a caller may get wrong")]
    cohort.draw(9..5, &mut columns).unwrap();
    assert_eq!(columns.twins(), 0);
    cohort.draw(u64::MAX - 1..u64::MAX, &mut columns).unwrap();
    assert_eq!(columns.twins(), 1);
    assert!((18.0..=85.0).contains(&columns.covariate(0)[0]));
}

#[test]
fn columns_can_go_from_one_population_to_another() {
    let mut columns = Columns::new();
    let (large, small) = (people(), population(vec![drawn("age", normal(1.0, 2.0))], &[]));
    Cohort::new(&large, SEED, 0).draw(0..100, &mut columns).unwrap();
    Cohort::new(&small, SEED, 0).draw(0..10, &mut columns).unwrap();
    assert_eq!(bits(&columns), bits(&twins(&small, 10)));
    Cohort::new(&large, SEED, 0).draw(0..100, &mut columns).unwrap();
    assert_eq!(bits(&columns), bits(&twins(&large, 100)));
}

/// The bits of the covariates of these names.
fn named(population: &Population, names: &[&str]) -> Vec<Vec<u64>> {
    let all = bits(&twins(population, 200));
    names.iter().map(|name| all[population.covariate(name).unwrap()].clone()).collect()
}

#[test]
fn a_covariate_more_shifts_no_other() {
    let names = ["age", "sex", "bmi", "height", "egfr"];
    let before = named(&people(), &names);
    let mut more = covariates();
    more.push(drawn("ldh", normal(160.0, 20.0)));
    more.push(choice("race", &[("A", 0.5), ("B", 0.5)]));
    let told = [correlation(0, 5, -0.45), correlation(2, 3, 0.2), correlation(6, 7, 0.4)];
    assert_eq!(named(&population(more, &told), &names), before);
}

#[test]
fn a_correlation_more_shifts_only_what_comes_later_in_its_group() {
    let before = named(&people(), &["age", "sex", "bmi", "height", "egfr"]);
    let told = [correlation(0, 5, -0.45)];
    let after =
        named(&population(covariates(), &told), &["age", "sex", "bmi", "height", "egfr"]);
    // Without the correlation of bmi and height, bmi, the first of the two, is what it was.
    assert_eq!(after[..3], before[..3]);
    assert_ne!(after[3], before[3]);
    assert_eq!(after[4], before[4]);
}

#[test]
fn order_shifts_nothing_that_is_not_correlated() {
    let mut turned = covariates();
    turned.truncate(3);
    let before = named(&population(turned.clone(), &[]), &["age", "sex", "bmi"]);
    turned.reverse();
    assert_eq!(named(&population(turned, &[]), &["age", "sex", "bmi"]), before);
}

#[test]
fn seed_replicate_and_name_each_make_other_twins() {
    let population =
        population(vec![drawn("age", normal(0.0, 1.0)), drawn("bmi", normal(0.0, 1.0))], &[]);
    let draw = |seed, replicate| {
        let mut columns = Columns::new();
        Cohort::new(&population, Seed(seed), replicate).draw(0..50, &mut columns).unwrap();
        bits(&columns)
    };
    let first = draw(1, 0);
    assert_ne!(draw(2, 0), first);
    assert_ne!(draw(1, 1), first);
    assert_ne!(first[0], first[1]);
    assert_eq!(draw(1, 0), first);
}

#[test]
fn a_draw_is_found_at_the_address_that_is_documented() {
    let population = population(vec![drawn("age", normal(55.0, 11.0))], &[]);
    let mut columns = Columns::new();
    Cohort::new(&population, Seed(7), 3).draw(40..41, &mut columns).unwrap();
    let purpose = Purpose::new("covariate/age");
    let address = Address { replicate: 3, twin: 40, ..Address::new(Seed(7), purpose) };
    assert_eq!(columns.covariate(0)[0], normal(55.0, 11.0).quantile(address.uniform()));
}
