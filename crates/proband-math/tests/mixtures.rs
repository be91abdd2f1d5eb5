//! Mixtures, laws of values that were seen, and many values at once.
#![expect(clippy::float_cmp, reason = "what is promised exactly is compared exactly")]
#![expect(clippy::unwrap_used, reason = "makers of cases are test code too")]

use proband_math::distribution::{Distribution, DistributionError};
use proband_math::special::Tail;
use proband_math::{normal_cdf, normal_quantile};

/// Bimodal, with tails of different weight.
fn two_normals() -> Distribution {
    let (left, right) =
        (Distribution::normal(-2.0, 0.5).unwrap(), Distribution::normal(3.0, 1.5).unwrap());
    Distribution::mixture([(0.3, left), (0.7, right)]).unwrap()
}

/// A third of zeros beside a log-normal law.
fn with_zeros() -> Distribution {
    let zeros = Distribution::empirical(&[(0.0, 1.0)]).unwrap();
    let rest = Distribution::log_normal(0.0, 1.0).unwrap();
    Distribution::mixture([(0.3, zeros), (0.7, rest)]).unwrap()
}

#[test]
fn the_quantile_of_a_mixture_inverts_its_distribution_function() {
    let law = two_normals();
    for i in 1..1000 {
        let u = f64::from(i) / 1000.0;
        let x = law.quantile(u);
        // The density is at least 1e-5 here, so that one rounding of x moves the probability
        // by less than this.
        assert!((law.cdf(x) - u).abs() < 1e-14, "{u}: {x}");
    }
    // By mpmath 1.3, 40 digits: bisection of 0.3 ncdf(x, -2, 0.5) + 0.7 ncdf(x, 3, 1.5) = u.
    let references = [
        (0.001, -3.3578351312230064),
        (0.1, -2.216176054927976),
        (0.3, -0.8654166694164148),
        (0.305, -0.5981394220749268),
        (0.5, 2.1510767671007054),
        (0.9, 4.601355785817213),
        (0.999, 7.474055813232871),
    ];
    for (u, x) in references {
        assert!((law.quantile(u) - x).abs() < 1e-13 * x.abs().max(1.0), "{u}");
    }
    let far = law.quantile_of(Tail::Upper(1e-100));
    assert!((law.tails(far).upper / 1e-100 - 1.0).abs() < 1e-11);
}

#[test]
fn a_mixture_has_the_moments_of_its_parts() {
    let law = two_normals();
    // 0.3 (-2) + 0.7 3; 0.3 (0.25 + 3.5^2) + 0.7 (2.25 + 1.5^2)
    assert!((law.mean() - 1.5).abs() < 1e-15);
    assert!((law.sd() - 6.9_f64.sqrt()).abs() < 1e-14);
}

#[test]
fn a_value_with_a_probability_of_its_own_is_met_exactly() {
    let law = with_zeros();
    for u in [1e-12, 0.1, 0.29999999] {
        assert_eq!(law.quantile(u).to_bits(), 0.0_f64.to_bits(), "{u}");
    }
    assert!(law.quantile(0.300001) > 0.0);
    let median = law.quantile(0.65);
    assert!((median - 1.0).abs() < 1e-14, "{median}");

    let (low, high) =
        (Distribution::uniform(0.0, 1.0).unwrap(), Distribution::uniform(2.0, 3.0).unwrap());
    let spike = Distribution::empirical(&[(1.7, 1.0)]).unwrap();
    let law = Distribution::mixture([(0.4, low), (0.2, spike), (0.4, high)]).unwrap();
    assert_eq!(law.quantile(0.5), 1.7);
    assert_eq!(law.quantile(0.59), 1.7);
    assert!((law.quantile(0.2) - 0.5).abs() < 1e-15);
    assert!((law.quantile(0.8) - 2.5).abs() < 1e-14);
}

#[test]
fn a_window_of_a_mixture_is_the_mixture_of_windows() {
    let law = two_normals();
    let window = law.clone().within(-1.0, 2.0).unwrap();
    let (below, inside) = (law.cdf(-1.0), law.cdf(2.0) - law.cdf(-1.0));
    for i in 0..=100 {
        let u = f64::from(i) / 100.0;
        let expected = law.quantile(below + u * inside);
        assert!((window.quantile(u) - expected).abs() < 1e-12, "{u}");
    }
    let zeros = with_zeros().within(0.0, 1.0).unwrap();
    assert_eq!(zeros.quantile(0.3 / 0.65 - 1e-9), 0.0);
    assert_eq!(zeros.quantile(1.0), 1.0);
    assert_eq!(with_zeros().within(0.0, 0.0).unwrap().quantile(0.7), 0.0);
}

#[test]
fn seen_values_come_with_their_weights() {
    let law =
        Distribution::empirical(&[(5.0, 1.0), (2.0, 2.0), (5.0, 1.0), (9.0, 0.0)]).unwrap();
    let values = [0.0, 0.5, 0.5000001, 1.0].map(|u| law.quantile(u));
    assert_eq!(values, [2.0, 2.0, 5.0, 5.0]);
    assert_eq!((law.mean(), law.sd()), (3.5, 1.5));
    assert_eq!(law.within(3.0, 6.0).unwrap().quantile(0.1), 5.0);
}

#[test]
fn a_level_without_a_share_is_never_drawn() {
    let law = Distribution::categorical(&[0.3, 0.7 - 5e-10, 0.0]).unwrap();
    assert_eq!(law.quantile(1.0 - 2_f64.powi(-53)), 1.0);
    assert_eq!(law.quantile(1.0), 1.0);
}

#[test]
fn what_makes_no_law_is_refused() {
    use DistributionError as Error;
    let normal = || Distribution::normal(0.0, 1.0).unwrap();
    assert_eq!(Distribution::mixture([]), Err(Error::Shares { sum: 0.0 }));
    assert_eq!(Distribution::mixture([(0.5, normal())]), Err(Error::Shares { sum: 0.5 }));
    assert_eq!(Distribution::empirical(&[]), Err(Error::NoWeight));
    assert_eq!(Distribution::empirical(&[(1.0, 0.0)]), Err(Error::NoWeight));
    let negative = Error::Negative { parameter: "weight", value: -1.0 };
    assert_eq!(Distribution::empirical(&[(1.0, -1.0)]), Err(negative));
    assert!(Distribution::empirical(&[(f64::NAN, 1.0)]).is_err());
    let seen = Distribution::empirical(&[(1.0, 1.0)]).unwrap();
    assert_eq!(seen.clone().within(2.0, 3.0), Err(Error::EmptyWindow { low: 2.0, high: 3.0 }));
    assert_eq!(seen.within(1.0, 1.0).unwrap().quantile(0.4), 1.0);
    assert_eq!(normal().within(1.0, 1.0), Err(Error::Order { low: 1.0, high: 1.0 }));
    assert!(Distribution::normal_mean_cv(0.0, 0.1).is_err());
}

#[test]
fn many_values_at_once_are_each_value_alone() {
    let laws = [
        Distribution::normal(3.0, 2.0).unwrap(),
        Distribution::normal(3.0, 2.0).unwrap().within(0.0, 4.0).unwrap(),
        Distribution::log_normal(1.0, 0.4).unwrap(),
        Distribution::log_normal(1.0, 0.4).unwrap().within(9.0, 20.0).unwrap(),
        Distribution::gamma(2.0, 3.0).unwrap(),
        two_normals(),
    ];
    let mut uniforms: Vec<f64> = (1..1003).map(|i| f64::from(i) / 1003.0).collect();
    uniforms.extend([0.0, 1.0, 1e-300, 1.0 - 2_f64.powi(-53), -0.5, 1.5, f64::NAN]);
    let scores: Vec<f64> = uniforms.iter().map(|&u| normal_quantile(u)).collect();
    let mut out = vec![0.0; uniforms.len()];
    for law in &laws {
        law.quantiles(&uniforms, &mut out);
        for (&u, &x) in uniforms.iter().zip(&out) {
            let alone = law.quantile(u);
            assert!(
                x.to_bits() == alone.to_bits() || x.is_nan() && alone.is_nan(),
                "{law:?} {u}"
            );
        }
        law.at_scores(&scores, &mut out);
        for (&z, &x) in scores.iter().zip(&out) {
            let alone = law.at_score(z);
            assert!(
                x.to_bits() == alone.to_bits() || x.is_nan() && alone.is_nan(),
                "{law:?} {z}"
            );
        }
    }
}

#[test]
fn a_score_has_the_value_of_its_rank() {
    let laws = [
        Distribution::normal(3.0, 2.0).unwrap().within(2.0, 9.0).unwrap(),
        Distribution::beta(2.0, 3.0).unwrap(),
        Distribution::log_normal(1.0, 0.4).unwrap(),
    ];
    for law in &laws {
        for i in -40..=40 {
            let z = f64::from(i) / 10.0;
            let (x, by_rank) = (law.at_score(z), law.quantile(normal_cdf(z)));
            // Above the median the rank has lost digits: 1e-16 of the upper tail, which is 3e-5
            // at z = 4.
            assert!((x / by_rank - 1.0).abs() < 1e-11, "{law:?} {z}: {x} {by_rank}");
        }
    }
}
