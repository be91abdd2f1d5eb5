//! People as rows of a file.

use crate::fixture::{MANY, SEED, assert_within, choice, drawn, normal, number, twins};
use proband_cohort::{
    Cohort, Columns, Covariate, DrawError, Law, PeopleDraw, PeopleError, PeopleFile,
    PeopleTable, Population, Specification,
};

fn table() -> PeopleTable {
    PeopleTable::new(vec![
        ("age_years".to_owned(), vec![20.0, 30.0, 40.0, f64::NAN]),
        ("sex".to_owned(), vec![0.0, 1.0, 1.0, 0.0]),
        ("weight".to_owned(), vec![1.0, 0.0, 2.0, 1.0]),
    ])
    .unwrap()
}

fn specification(draw: PeopleDraw) -> Specification {
    let sex = choice("sex", &[("F", 0.5), ("M", 0.5)]);
    Specification {
        covariates: vec![
            number("age", Law::Column("age_years".to_owned())),
            Covariate { law: Law::Column("sex".to_owned()), ..sex },
            drawn("noise", normal(0.0, 1.0)),
        ],
        people: Some(PeopleFile { path: "registry.csv".to_owned(), draw }),
        ..Specification::default()
    }
}

fn population(draw: PeopleDraw) -> Population {
    Population::new(specification(draw)).unwrap().with_people(&table()).unwrap()
}

#[test]
fn people_in_order_end_with_the_file() {
    let population = population(PeopleDraw::InOrder);
    let mut columns = Columns::new();
    let cohort = Cohort::new(&population, SEED, 0);
    cohort.draw(1..4, &mut columns).unwrap();
    assert_eq!(columns.covariate(0)[..2], [30.0, 40.0]);
    assert!(columns.covariate(0)[2].is_nan());
    assert_eq!(columns.covariate(1), [1.0, 1.0, 0.0]);
    let error = cohort.draw(2..6, &mut columns).unwrap_err();
    assert_eq!(error, DrawError::BeyondLastRow { twin: 4 });
    assert_eq!(columns.twins(), 0);
}

#[test]
fn a_person_is_drawn_whole_and_by_weight() {
    let weight = Some("weight".to_owned());
    let columns = twins(&population(PeopleDraw::Bootstrap { weight }), MANY);
    let mut counts = [0.0; 4];
    for (age, sex) in columns.covariate(0).iter().zip(columns.covariate(1)) {
        let row = if age.is_nan() { 3 } else { (age / 10.0) as usize - 2 };
        assert_eq!(*sex, [0.0, 1.0, 1.0, 0.0][row]);
        counts[row] += 1.0;
    }
    assert_eq!(counts[1], 0.0);
    for (row, share) in [(0, 0.25), (2, 0.5), (3, 0.25)] {
        let error = (share * (1.0 - share) / MANY as f64).sqrt();
        assert_within(counts[row] / MANY as f64, share, error, 4.0);
    }
}

#[test]
fn without_weights_all_rows_are_alike() {
    let columns = twins(&population(PeopleDraw::Bootstrap { weight: None }), MANY);
    for age in [20.0, 30.0, 40.0] {
        let count = columns.covariate(0).iter().filter(|&&x| x == age).count();
        let error = (0.1875 / MANY as f64).sqrt();
        assert_within(count as f64 / MANY as f64, 0.25, error, 4.0);
    }
}

#[test]
fn what_gives_no_people_is_told() {
    let bind = |draw, columns: Vec<(&str, Vec<f64>)>| {
        let columns = columns.into_iter().map(|(name, values)| (name.to_owned(), values));
        let table = PeopleTable::new(columns.collect())?;
        Population::new(specification(draw)).unwrap().with_people(&table).map(|_| ())
    };
    let in_order = || PeopleDraw::InOrder;
    let columns =
        |sex: f64| vec![("age_years", vec![1.0]), ("sex", vec![sex]), ("w", vec![0.0])];
    assert_eq!(bind(in_order(), columns(1.0)), Ok(()));
    let foreign = PeopleError::NotALevel { name: "sex".to_owned(), row: 0, value: 2.0 };
    assert_eq!(bind(in_order(), columns(2.0)), Err(foreign));
    assert_eq!(bind(in_order(), vec![]), Err(PeopleError::NoRows));
    let missing = PeopleError::NoColumn { name: "sex".to_owned() };
    assert_eq!(bind(in_order(), vec![("age_years", vec![1.0])]), Err(missing));
    let weighted = |name: &str| PeopleDraw::Bootstrap { weight: Some(name.to_owned()) };
    assert!(matches!(bind(weighted("w"), columns(0.0)), Err(PeopleError::Weights { .. })));
    assert!(matches!(bind(weighted("none"), columns(0.0)), Err(PeopleError::NoColumn { .. })));
    let ragged = vec![("a", vec![1.0]), ("b", vec![])];
    assert!(matches!(bind(in_order(), ragged), Err(PeopleError::Ragged { .. })));
    let twice = vec![("a", vec![1.0]), ("a", vec![1.0])];
    assert!(matches!(bind(in_order(), twice), Err(PeopleError::TwoColumns { .. })));
}

#[test]
fn a_population_whose_file_was_not_read_draws_nobody() {
    let population = Population::new(specification(PeopleDraw::InOrder)).unwrap();
    let mut columns = Columns::new();
    let drawn = Cohort::new(&population, SEED, 0).draw(0..1, &mut columns);
    assert_eq!(drawn, Err(DrawError::NoPeople));
}
