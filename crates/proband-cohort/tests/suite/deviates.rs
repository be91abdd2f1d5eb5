//! Deviates of parameters: their sizes, correlations, bounds and addresses.

use crate::fixture::{MANY, SEED, assert_within, mean, normal, pearson, sd as deviation};
use crate::sketch::{Line, Sketch, sd};
use proband_cohort::{DeviateColumns, Deviates, TwinKey};
use proband_kernel::Rows;
use proband_kernel::system::{
    ModelOptions, ModelSpread, SystemBuilder, TwinRow, Typical, compile_spread,
};
use proband_lang::{Model, Spread, Unit};
use proband_math::distribution::Distribution;
use proband_math::stream::{Address, Purpose};
use proband_math::{exp, expit, logit, normal_cdf, normal_pdf, normal_quantile};
use std::ops::Range;

const ERRORS: f64 = 4.0;

fn spread(model: &Model) -> ModelSpread {
    compile_spread(model, ModelOptions::default()).unwrap()
}

/// The deviates of a model without covariates.
fn draw(model: &Model, twins: Range<u64>) -> (Deviates, DeviateColumns) {
    draw_given(model, twins, &[])
}

/// The keys of the first repetition's twins.
fn keys(numbers: impl IntoIterator<Item = u64>) -> Vec<TwinKey> {
    numbers.into_iter().map(TwinKey::first).collect()
}

fn draw_given(
    model: &Model,
    twins: Range<u64>,
    given: &[&[f64]],
) -> (Deviates, DeviateColumns) {
    let deviates = Deviates::new("pk", model, &spread(model));
    let mut columns = DeviateColumns::new();
    deviates.draw(SEED, &keys(twins), given, &mut columns);
    (deviates, columns)
}

#[test]
fn deviates_have_the_size_the_model_says() {
    let model = Sketch::of(vec![
        Line::new("cl", 5.0, Spread::LogNormal(sd(0.3))),
        Line::new("base", 150.0, Spread::Normal(sd(12.0))),
        Line::new("kout", 0.1, Spread::Proportional(sd(0.2))),
        Line::new("f", 0.8, Spread::LogitNormal(sd(0.5))),
    ]);
    let (deviates, columns) = draw(&model, 0..MANY);
    assert_eq!(deviates.between_twins().collect::<Vec<_>>(), [0, 1, 2, 3]);
    for (parameter, size) in [0.3, 12.0, 0.2, 0.5].into_iter().enumerate() {
        let eta = columns.between_twins(parameter);
        assert_within(mean(eta), 0.0, size / (MANY as f64).sqrt(), ERRORS);
        assert_within(deviation(eta), size, size / (2.0 * MANY as f64).sqrt(), ERRORS);
    }
}

#[test]
fn blocks_have_the_covariance_the_model_says() {
    let mut model = Sketch::of(vec![
        Line::new("cl", 5.0, Spread::LogNormal(sd(f64::NAN))),
        Line::new("ka", 1.0, Spread::LogNormal(sd(0.4))),
        Line::new("v", 50.0, Spread::LogNormal(sd(f64::NAN))),
        Line::new("base", 10.0, Spread::Normal(sd(f64::NAN))),
    ]);
    // Of cl, v and base, told in another order than that of the model.
    let covariance = [4.0, 0.3, -0.1, 0.3, 0.09, 0.02, -0.1, 0.02, 0.04];
    Sketch::block(&mut model, &[3, 0, 2], &covariance);
    let (_, columns) = draw(&model, 0..MANY);
    let members = [3, 0, 2];
    for (i, &a) in members.iter().enumerate() {
        for (j, &b) in members.iter().enumerate() {
            let (x, y) = (columns.between_twins(a), columns.between_twins(b));
            let products: f64 = x.iter().zip(y).map(|(x, y)| x * y).sum();
            let (c, n) = (covariance[i * 3 + j], MANY as f64);
            // var(x y) of a bivariate normal pair: s^2 t^2 + c^2.
            let error = (covariance[i * 4] * covariance[j * 4] + c * c).sqrt() / n.sqrt();
            assert_within(products / n, c, error, ERRORS);
        }
        let apart = pearson(columns.between_twins(a), columns.between_twins(1));
        assert_within(apart, 0.0, 1.0 / (MANY as f64).sqrt(), ERRORS);
    }
}

#[test]
fn members_of_a_block_may_spread_as_a_covariate_says() {
    let mut sketch = Sketch::new();
    let weight = sketch.covariate("weight");
    sketch.add(Line::new("a", 1.0, Spread::Normal(weight)), None);
    sketch.add(Line::new("b", 1.0, Spread::Normal(sd(2.0))), None);
    Sketch::correlate(&mut sketch.model, &[0, 1], &[1.0, 0.6, 0.6, 1.0]);
    let weights: Vec<f64> =
        (0..MANY).map(|twin| if twin % 2 == 0 { 0.5 } else { 3.0 }).collect();
    let (_, columns) = draw_given(&sketch.model, 0..MANY, &[&weights]);
    let a = columns.between_twins(0).iter().zip(&weights);
    let scores: Vec<f64> = a.map(|(eta, weight)| eta / weight).collect();
    // SE of a correlation: (1 - r^2) / sqrt(n); of a standard deviation: 1 / sqrt(2 n).
    let error = (1.0 - 0.6 * 0.6) / (MANY as f64).sqrt();
    assert_within(pearson(&scores, columns.between_twins(1)), 0.6, error, ERRORS);
    assert_within(deviation(&scores), 1.0, 1.0 / (2.0 * MANY as f64).sqrt(), ERRORS);
}

#[test]
fn a_block_that_is_almost_one_deviate_is_one() {
    let mut model = Sketch::of(vec![
        Line::new("a", 1.0, Spread::Normal(sd(1.0))),
        Line::new("b", 1.0, Spread::Normal(sd(2.0))),
    ]);
    // A correlation of 1 - 1e-13, which the language lets pass.
    let covariance = 2.0 * (1.0 - 1e-13);
    Sketch::block(&mut model, &[0, 1], &[1.0, covariance, covariance, 4.0]);
    let (_, columns) = draw(&model, 0..100);
    for (a, b) in columns.between_twins(0).iter().zip(columns.between_twins(1)) {
        // sqrt(1 - r^2) is 4.5e-7.
        assert!((2.0 * a - b).abs() < 1e-5);
    }
}

#[test]
fn a_bounded_value_has_the_moments_of_the_closed_form() {
    // As in Hovorka's model, where the spread is as large as the value. With the bound at 0:
    // a = -mean / sd, mean + sd f(a) / F(-a); see the truncated normal of the covariates.
    let model = Sketch::of(vec![
        Line::new("ka1", 0.006, Spread::Normal(sd(0.0056))).within(Some(0.0), None),
    ]);
    let (_, columns) = draw(&model, 0..MANY);
    let values: Vec<f64> = columns.between_twins(0).iter().map(|eta| 0.006 + eta).collect();
    assert!(values.iter().all(|&value| value > 0.0));
    let a: f64 = -0.006 / 0.0056;
    let d = normal_pdf(a) / normal_cdf(-a);
    let size = 0.0056 * (1.0 + a * d - d * d).sqrt();
    assert_within(mean(&values), 0.006 + 0.0056 * d, size / (MANY as f64).sqrt(), ERRORS);
    assert_within(deviation(&values), size, size / (MANY as f64).sqrt(), ERRORS);
}

/// The value that a deviate of this spread makes of a centre, as [`proband_lang::Parameter`] says.
fn moved(spread: &Spread, centre: f64, eta: f64) -> f64 {
    match spread {
        Spread::LogNormal(_) => centre * exp(eta),
        Spread::Normal(_) => centre + eta,
        Spread::Proportional(_) => centre * (1.0 + eta),
        Spread::LogitNormal(_) => expit(logit(centre) + eta),
        Spread::Uniform(..) | Spread::Bernoulli => eta,
    }
}

#[test]
fn every_kind_of_spread_keeps_to_its_bounds_and_its_law() {
    let cases = [
        (Spread::LogNormal(sd(0.5)), 5.0, 4.0, 9.0),
        (Spread::LogNormal(sd(0.5)), -5.0, -9.0, -4.0),
        (Spread::LogNormal(sd(0.5)), 5.0, -1.0, 6.0),
        (Spread::Normal(sd(3.0)), 5.0, 12.0, 15.0),
        (Spread::Proportional(sd(0.3)), 5.0, 0.0, 6.0),
        (Spread::Proportional(sd(0.3)), -5.0, -6.0, 0.0),
        (Spread::LogitNormal(sd(1.0)), 0.8, 0.7, 0.9),
        (Spread::LogitNormal(sd(1.0)), 0.8, -1.0, 0.9),
        (Spread::Uniform(sd(0.7), sd(1.2)), 0.8, 0.9, 5.0),
    ];
    for (spread, centre, lower, upper) in cases {
        let line = |bounds: [Option<f64>; 2]| {
            vec![Line::new("x", centre, spread.clone()).within(bounds[0], bounds[1])]
        };
        let (_, bounded) = draw(&Sketch::of(line([Some(lower), Some(upper)])), 0..20_000);
        let (_, free) = draw(&Sketch::of(line([None, None])), 0..20_000);
        let values = |columns: &DeviateColumns| -> Vec<f64> {
            let eta = columns.between_twins(0).iter();
            eta.map(|&eta| moved(&spread, centre, eta)).collect()
        };
        let (bounded, free) = (values(&bounded), values(&free));
        let slack = 1e-14 * centre.abs();
        let inside = |value: f64| lower - slack <= value && value <= upper + slack;
        assert!(bounded.iter().all(|&value| inside(value)), "{spread:?} {centre}");
        // Those of the free that are inside have the law of the bounded: two samples, whose
        // Kolmogorov distance exceeds 1.95 sqrt(1 / n + 1 / m) with probability 1e-3.
        let mut kept: Vec<f64> = free.into_iter().filter(|&value| inside(value)).collect();
        let mut all = bounded.clone();
        kept.sort_by(f64::total_cmp);
        all.sort_by(f64::total_cmp);
        let share =
            |x: f64, of: &[f64]| of.partition_point(|&y| y <= x) as f64 / of.len() as f64;
        let apart = kept.iter().map(|&x| (share(x, &kept) - share(x, &all)).abs());
        let limit = 1.95 * (1.0 / kept.len() as f64 + 1.0 / all.len() as f64).sqrt();
        let largest = apart.fold(0.0, f64::max);
        assert!(largest < limit, "{spread:?} {centre}: {largest} {limit}");
    }
}

#[test]
fn a_bounded_member_of_a_block_keeps_its_law_and_its_correlation() {
    let mut model = Sketch::of(vec![
        Line::new("a", 0.0, Spread::Normal(sd(1.0))),
        Line::new("b", 1.0, Spread::Normal(sd(2.0))).within(Some(0.0), Some(4.0)),
    ]);
    Sketch::block(&mut model, &[0, 1], &[1.0, 1.2, 1.2, 4.0]);
    let (_, columns) = draw(&model, 0..MANY);
    let law = normal(1.0, 2.0).within(0.0, 4.0).unwrap();
    let scores: Vec<f64> = columns
        .between_twins(1)
        .iter()
        .map(|eta| normal_quantile(law.cdf(1.0 + eta)))
        .collect();
    assert_within(mean(&scores), 0.0, 1.0 / (MANY as f64).sqrt(), ERRORS);
    assert_within(deviation(&scores), 1.0, 1.0 / (2.0 * MANY as f64).sqrt(), ERRORS);
    let error = (1.0 - 0.36) / (MANY as f64).sqrt();
    assert_within(pearson(columns.between_twins(0), &scores), 0.6, error, ERRORS);
}

#[test]
fn sizes_and_bounds_follow_covariates() {
    let mut sketch = Sketch::new();
    let weight = sketch.covariate("weight");
    let line = Line::new("base", 2.0, Spread::Normal(weight.clone()));
    sketch.add(line.within(Some(0.0), None), Some(weight));
    // 130 twins: two whole blocks of lanes, and a part of a third.
    let weights: Vec<f64> = (0..130).map(|twin| 1.0 + f64::from(twin)).collect();
    let (_, columns) = draw_given(&sketch.model, 0..130, &[&weights]);
    let purpose = Purpose::new("parameter/pk/base");
    for (twin, &weight) in weights.iter().enumerate() {
        let address = Address { twin: twin as u64, ..Address::new(SEED, purpose) };
        let law = normal(2.0 * weight, weight).within(0.0, f64::INFINITY).unwrap();
        let expected = law.quantile(address.uniform()) - 2.0 * weight;
        let found = columns.between_twins(0)[twin];
        // Two roundings of probabilities apart, next to a tail of 2 %.
        assert!((found - expected).abs() < 1e-12 * weight, "{twin}: {found} {expected}");
    }
}

#[test]
fn draws_that_are_values_are_in_the_units_of_the_parameter() {
    let model = Sketch::of(vec![
        Line::new("ag", 0.8, Spread::Uniform(sd(0.7), sd(1.2))),
        Line::new("cured", 0.1, Spread::Bernoulli),
    ]);
    let (_, columns) = draw(&model, 0..MANY);
    let width = 0.5 / 12.0_f64.sqrt();
    assert_within(mean(columns.between_twins(0)), 0.95, width / (MANY as f64).sqrt(), ERRORS);
    assert!(columns.between_twins(0).iter().all(|ag| (0.7..=1.2).contains(ag)));
    assert!(columns.between_twins(1).iter().all(|&cured| cured == 0.0 || cured == 1.0));
    assert_within(mean(columns.between_twins(1)), 0.1, 0.3 / (MANY as f64).sqrt(), ERRORS);
}

#[test]
fn occasions_differ_and_keep_the_sum_within_bounds() {
    let model = Sketch::of(vec![
        Line::new("ka", 1.0, Spread::LogNormal(sd(0.4)))
            .per_occasion(Spread::LogNormal(sd(0.25)))
            .within(Some(0.5), Some(1.5)),
        Line::new("cl", 5.0, Spread::LogNormal(sd(0.3)))
            .per_occasion(Spread::LogNormal(sd(0.1))),
        Line::new("v", 5.0, Spread::LogNormal(sd(0.3))),
        Line::new("f", 0.5, Spread::Uniform(sd(0.4), sd(0.6)))
            .per_occasion(Spread::Proportional(sd(0.2)))
            .within(None, Some(0.6)),
    ]);
    let (deviates, mut columns) = draw(&model, 0..MANY);
    assert_eq!(deviates.between_occasions().collect::<Vec<_>>(), [0, 1, 3]);
    deviates.draw_occasion(24, &mut columns);
    let first = columns.between_occasions(1).to_vec();
    deviates.draw_occasion(48, &mut columns);
    let second = columns.between_occasions(1).to_vec();
    for (a, b) in [(&first, &second), (&first, &columns.between_twins(1).to_vec())] {
        assert_within(pearson(a, b), 0.0, 1.0 / (MANY as f64).sqrt(), ERRORS);
    }
    assert_within(deviation(&first), 0.1, 0.1 / (2.0 * MANY as f64).sqrt(), ERRORS);
    let both = |parameter: usize| {
        let own = columns.between_twins(parameter).iter();
        own.zip(columns.between_occasions(parameter))
    };
    let inside =
        |value: f64, low: f64, high: f64| low - 1e-14 <= value && value <= high + 1e-14;
    assert!(both(0).all(|(own, now)| inside(exp(own + now), 0.5, 1.5)));
    assert!(both(3).all(|(own, now)| inside(own * (1.0 + now), -1.0, 0.6)));
    assert!(columns.between_occasions(2).is_empty());
    deviates.draw_occasion(24, &mut columns);
    assert_eq!(columns.between_occasions(1), first);
}

#[test]
fn deviates_do_not_depend_on_how_they_are_asked_for() {
    let lines = || {
        vec![
            Line::new("a", 0.5, Spread::Normal(sd(1.0))).within(Some(0.0), None),
            Line::new("b", 1.0, Spread::LogNormal(sd(0.3)))
                .per_occasion(Spread::Normal(sd(1.0))),
            Line::new("c", 1.0, Spread::LogNormal(sd(0.3))),
        ]
    };
    let mut model = Sketch::of(lines());
    Sketch::block(&mut model, &[1, 2], &[0.09, 0.05, 0.05, 0.09]);
    let (deviates, mut whole) = draw(&model, 0..500);
    deviates.draw_occasion(7, &mut whole);
    let mut part = DeviateColumns::new();
    for start in (0..500).step_by(77) {
        let end = (start + 77).min(500);
        deviates.draw(SEED, &keys(start..end), &[], &mut part);
        deviates.draw_occasion(7, &mut part);
        let range = start as usize..end as usize;
        for parameter in 0..3 {
            assert_eq!(
                part.between_twins(parameter),
                &whole.between_twins(parameter)[range.clone()]
            );
        }
        assert_eq!(part.between_occasions(1), &whole.between_occasions(1)[range]);
    }
    let other = TwinKey { replicate: 1, number: 400 };
    let several = [keys([400]), vec![other], keys([2])].concat();
    deviates.draw(SEED, &several, &[], &mut part);
    let one = whole.between_twins(0);
    let [first, elsewhere, last] = part.between_twins(0) else { panic!("three twins") };
    assert_eq!([*first, *last], [one[400], one[2]]);
    assert_ne!(elsewhere, first, "another repetition has other twins");

    // Another parameter before them, and no block: a and b stay, c, the later member, does not.
    let mut more = vec![Line::new("z", 1.0, Spread::Bernoulli)];
    more.extend(lines());
    let (_, after) = draw(&Sketch::of(more), 0..500);
    assert_eq!(after.between_twins(1), whole.between_twins(0));
    assert_eq!(after.between_twins(2), whole.between_twins(1));
    assert_ne!(after.between_twins(3), whole.between_twins(2));
}

#[test]
fn what_leaves_no_value_is_no_number() {
    let model = Sketch::of(vec![
        Line::new("empty", 1.0, Spread::Normal(sd(1.0))).within(Some(2.0), Some(1.0)),
        Line::new("beyond", 1.0, Spread::LogNormal(sd(1.0))).within(None, Some(0.0)),
        Line::new("negative", 1.0, Spread::Normal(sd(-1.0))),
        Line::new("unknown", 1.0, Spread::Normal(sd(f64::NAN))).within(Some(0.0), None),
        Line::new("chance", 1.5, Spread::Bernoulli),
        Line::new("turned", 1.0, Spread::Uniform(sd(2.0), sd(1.0))),
        Line::new("far", 0.0, Spread::Normal(sd(1.0))).within(Some(50.0), Some(60.0)),
        Line::new("fixed", 1.0, Spread::Normal(sd(0.0))).within(Some(1.5), None),
    ]);
    let (_, columns) = draw(&model, 0..10);
    for parameter in 0..model.parameters.len() {
        assert!(columns.between_twins(parameter).iter().all(|x| x.is_nan()), "{parameter}");
    }
    let sound = Sketch::of(vec![
        Line::new("fixed", 1.0, Spread::Normal(sd(0.0))).within(Some(0.5), None),
        Line::new("zero", 0.0, Spread::LogNormal(sd(1.0))).within(Some(-1.0), None),
        Line::new("tail", 0.0, Spread::Normal(sd(1.0))).within(Some(30.0), None),
    ]);
    let (_, columns) = draw(&sound, 0..10);
    assert!(columns.between_twins(0).iter().all(|&eta| eta == 0.0));
    assert!(columns.between_twins(1).iter().all(|eta| eta.is_finite()));
    assert!(columns.between_twins(2).iter().all(|eta| (30.0..31.0).contains(eta)));
    let (_, none) = draw(&sound, 5..5);
    assert_eq!((none.twins(), none.between_twins(0).len()), (0, 0));
}

#[test]
fn the_system_makes_values_within_bounds_of_the_deviates() {
    let mut sketch = Sketch::new();
    let weight = sketch.covariate("weight");
    let line = Line::new("ka1", 0.006, Spread::Normal(sd(0.0056)));
    sketch.add(line.within(Some(0.0), None), Some(weight));
    let line = Line::new("f", 0.8, Spread::LogitNormal(sd(1.0)));
    sketch.add(line.within(Some(0.5), Some(0.9)), None);
    let model = sketch.model;
    let weights: Vec<f64> = (0..640).map(|twin| 0.5 + f64::from(twin) / 640.0).collect();
    let (_, columns) = draw_given(&model, 0..640, &[&weights]);

    let mut builder = SystemBuilder::new(Unit::hour());
    let id = builder.add_model(&model, ModelOptions::default());
    let values = [0, 1].map(|parameter| {
        let symbol = model.parameters[parameter].symbol;
        builder.add_symbol(id, symbol)
    });
    builder.add_program(&values);
    let system = builder.build().unwrap();
    let lanes = 640;
    let mut bank = vec![0.0; system.twin_rows() * lanes];
    for (row, kind) in system.twin.iter().enumerate() {
        let from = match kind {
            TwinRow::Covariate(..) => &weights,
            TwinRow::Deviate(_, parameter) => columns.between_twins(*parameter),
            other => panic!("{other:?}"),
        };
        bank[row * lanes..][..lanes].copy_from_slice(from);
    }
    let mut derived = vec![0.0; system.derived * lanes];
    let rows = Rows { lanes, twin: &bank, signals: &[], t: &[], states: &[] };
    system.prelude.kernel(lanes).run(&rows, &mut derived);
    bank[system.twin.len() * lanes..].copy_from_slice(&derived);
    let individual = |parameter| &bank[system.individual(id, parameter) * lanes..][..lanes];
    assert!(individual(0).iter().all(|&ka1| ka1 > 0.0));
    assert!(individual(1).iter().all(|f| (0.5 - 1e-15..=0.9 + 1e-15).contains(f)));
}

#[test]
fn typical_values_of_the_trial_move_the_bounds() {
    let line = Line::new("base", 1.0, Spread::Normal(sd(1.0))).within(Some(0.0), None);
    let model = Sketch::of(vec![line]);
    let replaced = [(0, Typical::Value(100.0))].into_iter().collect();
    let options = ModelOptions { typical: replaced, ..ModelOptions::default() };
    let deviates = Deviates::new("pk", &model, &compile_spread(&model, options).unwrap());
    let mut columns = DeviateColumns::new();
    deviates.draw(SEED, &keys(0..1000), &[], &mut columns);
    // A hundred standard deviations from the bound there is none.
    let free = Distribution::normal(0.0, 1.0).unwrap();
    let purpose = Purpose::new("parameter/pk/base");
    for (twin, eta) in columns.between_twins(0).iter().enumerate() {
        let address = Address { twin: twin as u64, ..Address::new(SEED, purpose) };
        assert!((eta - free.quantile(address.uniform())).abs() < 1e-14);
    }
}
