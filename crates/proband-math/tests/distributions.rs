//! Distributions against scipy, against themselves, and against `rand_distr`'s samplers.

#![expect(clippy::float_cmp, reason = "infinities and ends are exact")]
#![expect(clippy::unwrap_used, reason = "makers of cases are test code too")]

use proband_math::distribution::{Distribution, DistributionError};
use proband_math::special::Tail;
use proband_math::stream::{Address, Purpose, Seed, Stream};
use rand_distr::Distribution as Sampler;

const REFERENCES: &str = include_str!("data/distributions.csv");

/// Relative. scipy finds some quantiles by iteration, and stops about here.
const LIMIT: f64 = 2e-11;
/// Moments within a window are integrated.
const MOMENT_LIMIT: f64 = 1e-10;

fn make(name: &str, p: &[f64]) -> Result<Distribution, DistributionError> {
    match name {
        "normal" => Distribution::normal(p[0], p[1]),
        "log_normal" => Distribution::log_normal(p[0], p[1]),
        "uniform" => Distribution::uniform(p[0], p[1]),
        "exponential" => Distribution::exponential(p[0]),
        "weibull" => Distribution::weibull(p[0], p[1]),
        "gamma" => Distribution::gamma(p[0], p[1]),
        "beta" => Distribution::beta(p[0], p[1]),
        "triangular" => Distribution::triangular(p[0], p[1], p[2]),
        "poisson" => Distribution::poisson(p[0]),
        "negative_binomial" => Distribution::negative_binomial(p[0], p[1]),
        "binomial" => Distribution::binomial(p[0] as u32, p[1]),
        "bernoulli" => Distribution::bernoulli(p[0]),
        _ => panic!("no distribution {name}"),
    }
}

/// Some of each kind, for tests of what all have in common.
fn examples() -> Vec<(&'static str, Distribution)> {
    let lines = REFERENCES.lines().filter(|line| line.contains(",mean,"));
    let mut all: Vec<_> = lines.map(|line| (line, parse(line).distribution)).collect();
    let categorical = Distribution::categorical(&[0.2, 0.0, 0.5, 0.3]).unwrap();
    all.push(("categorical", categorical));
    all
}

struct Reference {
    distribution: Distribution,
    quantity: &'static str,
    argument: f64,
    value: f64,
}

fn parse(line: &'static str) -> Reference {
    let fields: Vec<&str> = line.split(',').collect();
    let number = |i: usize| fields[i].parse().unwrap_or(f64::NAN);
    let distribution = make(fields[0], &[number(1), number(2), number(3)]).unwrap();
    let distribution = if fields[4].is_empty() {
        distribution
    } else {
        distribution.within(number(4), number(5)).unwrap()
    };
    Reference { distribution, quantity: fields[6], argument: number(7), value: number(8) }
}

#[test]
fn quantiles_tails_and_moments_agree_with_references() {
    let mut failed = 0;
    for line in REFERENCES.lines().filter(|line| !line.starts_with('#')) {
        let Reference { distribution, quantity, argument, value } = parse(line);
        let (found, limit) = match quantity {
            "quantile" => (distribution.quantile(argument), LIMIT),
            "tail" => (distribution.tails(argument).upper, LIMIT),
            "mean" => (distribution.mean(), MOMENT_LIMIT),
            _ => (distribution.sd(), MOMENT_LIMIT),
        };
        let error = (found - value).abs() / value.abs().max(1e-300);
        if error.is_nan() || error > limit {
            println!("{line}: found {found:e}, off by {error:e}");
            failed += 1;
        }
    }
    assert_eq!(failed, 0);
}

/// Every example's quantiles rise, and lead back to the probability they were asked for.
#[test]
fn quantiles_invert_the_distribution_function() {
    const STEPS: u32 = 400;
    for (name, distribution) in examples() {
        let mut before = f64::NEG_INFINITY;
        for i in 1..STEPS {
            let u = f64::from(i) / f64::from(STEPS);
            let x = distribution.quantile(u);
            assert!(x >= before, "{name} falls at {u}");
            before = x;
            let back = distribution.cdf(x);
            if distribution.is_discrete() {
                assert!(back >= u && distribution.cdf(x - 1.0) < u, "{name} at {u}: {x}");
            } else {
                // Where the density is high, neighbouring points are further apart than this.
                let step = 4.0 * f64::EPSILON * x.abs();
                let room = distribution.cdf(x + step) - distribution.cdf(x - step);
                assert!((back - u).abs() <= 1e-13 + room, "{name} at {u}: {x} gives {back}");
            }
        }
    }
}

#[test]
fn counts_come_back_from_their_own_probability() {
    for (name, distribution) in examples() {
        // A window maps probabilities, and rounds them.
        let window = name.contains(",2.0,9.0,");
        if window || !distribution.is_discrete() {
            continue;
        }
        let (low, high) = (distribution.quantile(1e-8), distribution.quantile(1.0 - 1e-8));
        let mut k = low;
        while k <= high {
            let tails = distribution.tails(k);
            let mass = tails.lower - distribution.cdf(k - 1.0);
            if mass > 1e-10 {
                let from_below = distribution.quantile_of(Tail::Lower(tails.lower));
                assert_eq!(from_below.to_bits(), k.to_bits(), "{name} from below");
                let from_above = distribution.quantile_of(Tail::Upper(tails.upper));
                assert_eq!(from_above.to_bits(), k.to_bits(), "{name} from above");
            }
            k += 1.0;
        }
    }
}

#[test]
fn a_window_holds_all_its_values() {
    let whole = Distribution::normal(0.0, 1.0).unwrap();
    for (low, high) in [(-1.0, 2.0), (8.0, 9.0), (30.0, 31.0), (-35.0, -34.0)] {
        let window = whole.clone().within(low, high).unwrap();
        for i in 0..=1000 {
            let x = window.quantile(f64::from(i) / 1000.0);
            assert!((low..=high).contains(&x), "{x} outside [{low}, {high}]");
        }
        assert!(window.mean() > low && window.mean() < high);
    }
    let counts = Distribution::poisson(3.0).unwrap().within(2.0, 4.0).unwrap();
    let values: Vec<f64> = (0..=10).map(|i| counts.quantile(f64::from(i) / 10.0)).collect();
    assert_eq!(values[0].to_bits(), 2.0_f64.to_bits());
    assert_eq!(values[10].to_bits(), 4.0_f64.to_bits());
}

#[test]
fn impossible_parameters_are_refused() {
    let refused = [
        Distribution::normal(f64::NAN, 1.0),
        Distribution::normal(0.0, 0.0),
        Distribution::log_normal_median_cv(-1.0, 0.3),
        Distribution::uniform(2.0, 2.0),
        Distribution::triangular(0.0, 3.0, 2.0),
        Distribution::bernoulli(1.5),
        Distribution::categorical(&[]),
        Distribution::categorical(&[0.5, 0.4]),
        Distribution::normal(0.0, 1.0).unwrap().within(3.0, 2.0),
        Distribution::normal(0.0, 1.0).unwrap().within(50.0, 60.0),
        Distribution::poisson(4.0).unwrap().within(2.2, 2.8),
    ];
    for (i, result) in refused.into_iter().enumerate() {
        let error = result.expect_err(&format!("case {i}"));
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn probabilities_outside_give_nan_and_ends_give_ends() {
    let normal = Distribution::normal(0.0, 1.0).unwrap();
    assert!(normal.quantile(-0.1).is_nan() && normal.quantile(1.1).is_nan());
    assert!(normal.quantile(f64::NAN).is_nan() && normal.cdf(f64::NAN).is_nan());
    assert_eq!(normal.quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal.quantile(1.0), f64::INFINITY);
    assert_eq!(Distribution::poisson(2.0).unwrap().quantile(1.0), f64::INFINITY);
    assert_eq!(Distribution::gamma(0.5, 1.0).unwrap().quantile(0.0).to_bits(), 0);
    let certain = Distribution::bernoulli(1.0).unwrap();
    assert_eq!(certain.quantile(f64::EPSILON).to_bits(), 1.0_f64.to_bits());
}

const SIZE: usize = 20_000;

fn draws(distribution: &Distribution) -> Vec<f64> {
    let purpose = Purpose::new("test/by quantile");
    let address = Address::new(Seed(11), purpose);
    let draw = |index| distribution.quantile(Address { index, ..address }.uniform());
    (0..SIZE as u64).map(draw).collect()
}

fn samples(sampler: impl Sampler<f64>) -> Vec<f64> {
    let mut stream = Stream::new(Address::new(Seed(12), Purpose::new("test/sampler")));
    (0..SIZE).map(|_| sampler.sample(&mut stream)).collect()
}

/// The largest difference of two empirical distribution functions, ties taken together.
fn kolmogorov_smirnov(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let share = |sorted: &[f64], x: f64| sorted.partition_point(|&y| y <= x) as f64;
    let difference = |x: f64| (share(&a, x) - share(&b, x)).abs() / SIZE as f64;
    a.iter().chain(&b).map(|&x| difference(x)).fold(0.0, f64::max)
}

#[test]
fn draws_are_distributed_as_rand_distrs() {
    // The level that two equal samples exceed once in a thousand: 1.95 sqrt(2 / n).
    let limit = 1.95 * (2.0 / SIZE as f64).sqrt();
    let compare = |name: &str, ours: Result<Distribution, _>, theirs: Vec<f64>| {
        let ours: Distribution = ours.unwrap();
        let distance = kolmogorov_smirnov(draws(&ours), theirs);
        assert!(distance < limit, "{name}: distance {distance} beyond {limit}");
    };
    let theirs = samples(rand_distr::Normal::new(1.0, 2.0).unwrap());
    compare("normal", Distribution::normal(1.0, 2.0), theirs);
    let theirs = samples(rand_distr::LogNormal::new(0.3, 0.9).unwrap());
    compare("log-normal", Distribution::log_normal(0.3, 0.9), theirs);
    let theirs = samples(rand_distr::Exp::new(0.5).unwrap());
    compare("exponential", Distribution::exponential(2.0), theirs);
    let theirs = samples(rand_distr::Weibull::new(3.0, 1.5).unwrap());
    compare("Weibull", Distribution::weibull(1.5, 3.0), theirs);
    let theirs = samples(rand_distr::Gamma::new(0.4, 2.0).unwrap());
    compare("gamma", Distribution::gamma(0.4, 2.0), theirs);
    let theirs = samples(rand_distr::Beta::new(2.0, 0.7).unwrap());
    compare("beta", Distribution::beta(2.0, 0.7), theirs);
    let theirs = samples(rand_distr::Triangular::new(0.0, 4.0, 1.0).unwrap());
    compare("triangular", Distribution::triangular(0.0, 1.0, 4.0), theirs);
    let theirs = samples(rand_distr::Poisson::new(6.5).unwrap());
    compare("Poisson", Distribution::poisson(6.5), theirs);
    let theirs = samples(rand_distr::Binomial::new(40, 0.3).unwrap().map(|k| k as f64));
    compare("binomial", Distribution::binomial(40, 0.3), theirs);
}
