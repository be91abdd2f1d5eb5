//! Every edge of every method gives a value or the cause, never a panic or a NaN.

#![expect(clippy::float_cmp, reason = "these edges are exact")]

use proband_stats::ancova::{AncovaColumns, AncovaLayout, AncovaSums, Margins, ancova};
use proband_stats::binary::{
    Proportion, Stratum, chi_square, clopper_pearson, cochran_mantel_haenszel, fisher_exact,
    mantel_haenszel_difference, mantel_haenszel_odds_ratio, miettinen_nurminen,
    miettinen_nurminen_odds_ratio, miettinen_nurminen_risk_ratio, newcombe, odds_ratio,
    risk_difference, risk_ratio, wilson,
};
use proband_stats::counts::{
    EventRate, exact_rate_interval, exact_rate_ratio, negative_binomial_regression,
    poisson_regression, rate_difference, rate_ratio,
};
use proband_stats::descriptive::{
    Moments, QuantileRule, geometric, mean_estimate, quantile, summary,
};
use proband_stats::linear::{CrossProducts, ols};
use proband_stats::rank::{hodges_lehmann, rank_sum};
use proband_stats::regression::logistic;
use proband_stats::survival::{
    CurveInterval, FollowUp, LogRankWeights, Ties, cox, kaplan_meier, logrank,
};
use proband_stats::{Continuity, Level, StatsError, t_tests};

const L: Level = Level::P95;

#[test]
fn levels_lie_between_0_and_1() {
    for value in [0.0, 1.0, -0.5, 2.0, f64::NAN, f64::INFINITY] {
        assert!(Level::new(value).is_err(), "{value}");
    }
    assert_eq!(Level::new(0.8).unwrap().value(), 0.8);
}

#[test]
fn descriptive_statistics_of_little_or_nothing() {
    let rule = QuantileRule::Linear;
    let nothing = Err(StatsError::TooFew { needed: 1, found: 0 });
    assert_eq!(summary(&[], rule), nothing);
    assert_eq!(summary(&[f64::NAN, f64::NAN], rule), nothing);
    let one = summary(&[f64::NAN, 3.0], rule).unwrap();
    assert_eq!((one.n, one.missing, one.mean, one.sd, one.median), (1, 1, 3.0, None, 3.0));
    assert_eq!(mean_estimate(&[3.0], L), Err(StatsError::TooFew { needed: 2, found: 1 }));
    let constant = mean_estimate(&[0.1; 7], L).unwrap();
    assert_eq!((constant.se, constant.lower), (0.0, constant.value));
    let place = Err(StatsError::NotFinite { index: 2 });
    assert_eq!(summary(&[1.0, f64::NAN, f64::INFINITY], rule), place);
    assert_eq!(summary(&[f64::MAX, f64::MAX], rule), Err(StatsError::Overflow));
    assert_eq!(geometric(&[1.0, 0.0], L), Err(StatsError::NotPositive { index: 1 }));
    assert_eq!(geometric(&[5.0], L), Err(StatsError::TooFew { needed: 2, found: 1 }));
    for p in [-0.1, 1.1, f64::NAN] {
        assert!(quantile(&mut [1.0, 2.0], p, rule).is_err());
    }
}

#[test]
fn moments_of_an_empty_stream_and_of_a_huge_mean() {
    let mut moments = Moments::new();
    assert!(moments.mean().is_err() && moments.min().is_err() && moments.sd().is_err());
    assert!(moments.push(f64::INFINITY).is_err());
    assert_eq!(moments.n(), 0);
    for value in [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0] {
        moments.push(value).unwrap();
    }
    assert_eq!(moments.variance().unwrap(), 30.0);
    moments.merge(&Moments::new());
    assert_eq!(moments.n(), 4);
}

#[test]
fn t_tests_without_spread_or_rows() {
    let few = |r: Result<_, StatsError>| matches!(r, Err(StatsError::TooFew { .. }));
    assert!(few(t_tests::welch(&[1.0], &[1.0, 2.0], L)));
    assert!(few(t_tests::welch(&[], &[1.0, 2.0], L)));
    assert!(few(t_tests::pooled(&[1.0], &[2.0], L)));
    assert!(few(t_tests::one_sample(&[1.0], 0.0, L)));
    assert!(t_tests::pooled(&[1.0], &[2.0, 4.0], L).is_ok());
    let constant = t_tests::welch(&[0.1; 5], &[0.3; 4], L);
    assert_eq!(constant, Err(StatsError::ZeroVariance));
    assert_eq!(t_tests::paired(&[1.0, 2.0], &[0.5, 1.5], L), Err(StatsError::ZeroVariance));
    let shape = Err(StatsError::Shape { expected: 2, found: 1 });
    assert_eq!(t_tests::paired(&[1.0, 2.0], &[1.0], L), shape);
    let missing = t_tests::welch(&[1.0, f64::NAN], &[1.0, 2.0], L);
    assert_eq!(missing, Err(StatsError::NotFinite { index: 1 }));
    let huge = t_tests::welch(&[1e300, -1e300], &[1.0, 2.0], L);
    assert_eq!(huge, Err(StatsError::Overflow));
}

#[test]
fn designs_that_name_the_redundant_column() {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0, 7.0], [2.0, 4.0, 6.0, 8.0, 14.0]);
    let y = [1.0, 3.0, 2.0, 5.0, 4.0];
    let second = StatsError::Singular { column: 1 };
    assert_eq!(ols(&[&a, &b], &y).unwrap_err(), second);
    assert_eq!(ols(&[&a, &[0.1; 5]], &y).unwrap_err(), second);
    assert_eq!(ols(&[&[0.1; 5]], &y).unwrap_err(), StatsError::Singular { column: 0 });
    assert!(matches!(ols(&[&a, &y], &y[..4]), Err(StatsError::Shape { .. })));
    let few = ols(&[&a[..3], &[1.0, 0.0, 2.0]], &y[..3]).unwrap_err();
    assert_eq!(few, StatsError::TooFew { needed: 4, found: 3 });
    let mut sums = CrossProducts::new(2);
    for k in 0..5 {
        sums.push(&[a[k], b[k]], y[k]).unwrap();
    }
    assert_eq!(sums.fit().unwrap_err(), second);
    assert!(sums.fit_on(&[0]).is_ok());
    assert!(sums.push(&[1.0], 2.0).is_err() && sums.push(&[1.0, f64::NAN], 2.0).is_err());
    assert_eq!(sums.n(), 5);
    let huge = [1e300, -1e300, 1e299, 0.0, 5e299];
    assert_eq!(ols(&[&huge], &y).unwrap_err(), StatsError::Overflow);
}

#[test]
fn exact_and_constant_fits_keep_their_coefficients() {
    let x = [1.0, 2.0, 4.0, 8.0];
    let fit = ols(&[&x], &x.map(|v| 3.0 + 0.5 * v)).unwrap();
    assert!((fit.coefficients().values()[1] - 0.5).abs() < 1e-14);
    assert_eq!(fit.effect(1, L), Err(StatsError::ZeroVariance));
    let flat = ols(&[&x], &[2.0; 4]).unwrap();
    assert_eq!(flat.r_squared(), Err(StatsError::ZeroVariance));
    assert_eq!(flat.effect(1, L), Err(StatsError::ZeroVariance));
    assert!(matches!(flat.effect(2, L), Err(StatsError::NoSuchIndex { .. })));
}

#[test]
fn adjusted_comparison_with_empty_arms_and_levels() {
    let layout = AncovaLayout { arms: 2, factor_levels: vec![3], covariates: 0 };
    // Level 0 of the factor, its nominal reference, never occurs.
    let site = [1, 2, 1, 2, 1, 2];
    let response = [1.0, 2.0, 4.0, 3.5, 2.0, 6.0];
    let arm = [0, 0, 1, 1, 0, 1];
    let columns =
        AncovaColumns { response: &response, arm: &arm, factors: &[&site], covariates: &[] };
    let fit = ancova(&layout, &columns).unwrap();
    assert_eq!(fit.empty_levels(), &[(0, 0)]);
    assert!(fit.ls_mean(1, Margins::Equal, L).is_ok());
    assert_eq!(fit.difference(1, 1, L), Err(StatsError::ZeroVariance));
    assert!(matches!(fit.difference(2, 0, L), Err(StatsError::NoSuchIndex { .. })));
    let one_arm = AncovaColumns { arm: &[0; 6], ..columns };
    let alone = ancova(&layout, &one_arm).unwrap();
    assert!(alone.ls_mean(0, Margins::Equal, L).is_ok());
    assert_eq!(alone.ls_mean(1, Margins::Equal, L), Err(StatsError::EmptyArm { arm: 1 }));
    assert_eq!(alone.difference(1, 0, L), Err(StatsError::EmptyArm { arm: 1 }));
    let mut sums = AncovaSums::new(layout);
    assert!(matches!(sums.fit(), Err(StatsError::TooFew { .. })));
    assert!(sums.push(2, &[1], &[], 1.0).is_err() && sums.push(0, &[3], &[], 1.0).is_err());
    sums.push(0, &[1], &[], 1.0).unwrap();
    assert!(matches!(sums.fit(), Err(StatsError::TooFew { .. })));
}

#[test]
fn an_empty_arm_leaves_the_others_as_if_it_had_not_been_planned() {
    let (site, response) = ([0, 1, 0, 1, 0, 1], [1.0, 2.0, 4.0, 3.5, 2.0, 6.0]);
    let fit = |arms, arm: &[usize]| {
        let layout = AncovaLayout { arms, factor_levels: vec![2], covariates: 0 };
        let (arm, factors) = (arm, [site.as_slice()]);
        let columns =
            AncovaColumns { response: &response, arm, factors: &factors, covariates: &[] };
        ancova(&layout, &columns).unwrap()
    };
    let planned = fit(2, &[0, 0, 1, 1, 0, 1]).difference(1, 0, L).unwrap();
    let with_empty = fit(3, &[1, 1, 2, 2, 1, 2]).difference(2, 1, L).unwrap();
    assert_eq!(planned, with_empty);
}

#[test]
fn every_small_table_has_limits_or_a_cause() {
    for (n1, n2) in [(1, 1), (1, 4), (3, 2), (5, 5)] {
        for x1 in 0..=n1 {
            for x2 in 0..=n2 {
                let a = Proportion::new(x1, n1).unwrap();
                let c = Proportion::new(x2, n2).unwrap();
                let d = a.value() - c.value();
                for ends in [newcombe(a, c, L), miettinen_nurminen(a, c, L)] {
                    let ends = ends.unwrap();
                    assert!(-1.0 <= ends.lower && ends.upper <= 1.0, "{a:?} {c:?} {ends:?}");
                    assert!(ends.lower <= d + 1e-12 && d - 1e-12 <= ends.upper);
                }
                for ends in [clopper_pearson(a, L), wilson(a, L)] {
                    assert!(ends.unwrap().contains(a.value()));
                }
                for ends in [
                    miettinen_nurminen_odds_ratio(a, c, L),
                    miettinen_nurminen_risk_ratio(a, c, L),
                ] {
                    let ends = ends.unwrap();
                    assert!(
                        0.0 <= ends.lower && ends.lower <= ends.upper,
                        "{a:?} {c:?} {ends:?}"
                    );
                }
                let fisher = fisher_exact(a, c);
                assert!(fisher.p > 0.0 && fisher.p <= 1.0);
                for result in [risk_ratio(a, c, L), odds_ratio(a, c, L)] {
                    assert!(
                        result.map_or(true, |r| r.value.is_finite() && r.log.p.is_finite())
                    );
                }
                let wald = risk_difference(a, c, L);
                assert!(wald.map_or_else(|e| e == StatsError::ZeroVariance, |w| w.p <= 1.0));
                let chi = chi_square(a, c, Continuity::Corrected);
                assert_eq!(chi.is_err(), x1 + x2 == 0 || x1 + x2 == n1 + n2);
            }
        }
    }
}

#[test]
fn proportions_that_cannot_be() {
    assert!(matches!(Proportion::new(0, 0), Err(StatsError::TooFew { .. })));
    assert!(matches!(Proportion::new(3, 2), Err(StatsError::MoreEventsThanObserved { .. })));
    assert!(matches!(Proportion::new(1, u64::MAX), Err(StatsError::OutOfRange { .. })));
    assert_eq!(Proportion::count(&[true, false, true]).unwrap().events(), 2);
}

#[test]
fn strata_without_contrast() {
    let stratum = |x1, x2| Stratum {
        active: Proportion::new(x1, 1).unwrap(),
        control: Proportion::new(x2, 1).unwrap(),
    };
    assert!(mantel_haenszel_difference(&[], L).is_err());
    let flat = [stratum(0, 0), stratum(1, 1)];
    let none = Err(StatsError::ZeroVariance);
    assert_eq!(cochran_mantel_haenszel(&flat, Continuity::Uncorrected), none);
    assert!(mantel_haenszel_odds_ratio(&flat, L).is_err());
    assert!(mantel_haenszel_difference(&[stratum(1, 0), stratum(0, 1)], L).is_ok());
}

#[test]
fn rates_without_events_or_exposure() {
    assert!(EventRate::new(3, 0.0).is_err() && EventRate::new(3, f64::NAN).is_err());
    let (none, some) = (EventRate::new(0, 2.0).unwrap(), EventRate::new(4, 3.0).unwrap());
    assert_eq!(exact_rate_interval(none, L).unwrap().lower, 0.0);
    assert_eq!(rate_ratio(some, none, L), Err(StatsError::NoEvents));
    assert_eq!(rate_difference(none, none, L), Err(StatsError::NoEvents));
    assert_eq!(exact_rate_ratio(none, none, L), Err(StatsError::NoEvents));
    let infinite = exact_rate_ratio(some, none, L).unwrap();
    assert!(infinite.value.is_infinite() && infinite.interval.upper.is_infinite());
    assert!(infinite.interval.lower > 0.0);
    assert_eq!(exact_rate_ratio(none, some, L).unwrap().interval.lower, 0.0);
}

#[test]
fn regressions_without_a_maximum() {
    let x = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let split = [false, false, false, true, true, true];
    assert_eq!(logistic(&[&x], &split), Err(StatsError::Separated));
    let quasi = [false, false, false, true, false, true];
    assert_eq!(logistic(&[&x], &quasi), Err(StatsError::Separated));
    assert_eq!(logistic(&[&x], &[false; 6]), Err(StatsError::NoEvents));
    assert_eq!(logistic(&[&x], &[true; 6]), Err(StatsError::OnlyEvents));
    let singular = Err(StatsError::Singular { column: 1 });
    assert_eq!(logistic(&[&x, &x.map(|v| 2.0 - v)], &quasi), singular);
    let counts = [3, 1, 2, 0, 0, 0];
    let exposure = [1.0; 6];
    let separated = StatsError::Separated;
    assert_eq!(poisson_regression(&[&x], &counts, &exposure).unwrap_err(), separated);
    assert_eq!(negative_binomial_regression(&[&x], &counts, &exposure).unwrap_err(), separated);
    let vast = [u64::MAX, 1, 2, 3, 4, 5];
    let vast = negative_binomial_regression(&[&x], &vast, &exposure).unwrap_err();
    assert!(matches!(vast, StatsError::OutOfRange { .. }));
    let none = poisson_regression(&[&x], &[0; 6], &exposure).unwrap_err();
    assert_eq!(none, StatsError::NoEvents);
    let exposed = poisson_regression(&[&x], &counts, &[1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    assert_eq!(exposed.unwrap_err(), StatsError::NotPositive { index: 2 });
}

#[test]
fn counts_with_less_spread_than_poisson_have_no_dispersion() {
    let x = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let (counts, exposure) = ([4, 5, 4, 9, 8, 9], [1.0; 6]);
    let negative = negative_binomial_regression(&[&x], &counts, &exposure).unwrap();
    let poisson = poisson_regression(&[&x], &counts, &exposure).unwrap();
    assert_eq!((negative.dispersion, negative.dispersion_se), (0.0, None));
    assert!((negative.log_likelihood - poisson.log_likelihood).abs() < 1e-12);
    assert_eq!(negative.coefficients, poisson.coefficients);
}

#[test]
fn survival_of_nobody_of_one_and_without_events() {
    assert!(matches!(FollowUp::new(&[], &[]), Err(StatsError::TooFew { .. })));
    assert!(matches!(FollowUp::new(&[-1.0], &[true]), Err(StatsError::Negative { .. })));
    assert!(matches!(FollowUp::new(&[f64::NAN], &[true]), Err(StatsError::NotFinite { .. })));
    assert!(matches!(FollowUp::new(&[1.0], &[]), Err(StatsError::Shape { .. })));
    let one = kaplan_meier(&FollowUp::new(&[2.0], &[true]).unwrap());
    let dead = one.at(3.0, CurveInterval::Log, L).unwrap();
    assert_eq!((dead.survival, dead.se, dead.interval), (0.0, None, None));
    assert_eq!(one.median(CurveInterval::Log, L).unwrap().value, Some(2.0));
    let censored = kaplan_meier(&FollowUp::new(&[2.0, 3.0], &[false; 2]).unwrap());
    let beyond = StatsError::BeyondFollowUp { time: 4.0, last: 3.0 };
    assert_eq!(censored.at(4.0, CurveInterval::Log, L).unwrap_err(), beyond);
    assert_eq!(censored.at(2.5, CurveInterval::Plain, L).unwrap().survival, 1.0);
    assert_eq!(censored.median(CurveInterval::LogLog, L).unwrap().value, None);
    assert!(censored.at(f64::NAN, CurveInterval::Log, L).is_err());
    assert!(censored.quantile(1.0, CurveInterval::Log, L).is_err());
}

#[test]
fn hazards_that_cannot_be_compared() {
    let (time, event) = ([1.0, 2.0, 3.0, 4.0], [true, true, false, false]);
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let w = LogRankWeights::Equal;
    let all_active = logrank(&follow_up, &[true; 4], w).unwrap_err();
    assert_eq!(all_active, StatsError::EmptyArm { arm: 0 });
    // Controls are censored before anything happens.
    let late = FollowUp::new(&[1.0, 1.0, 2.0, 3.0], &[false, false, true, true]).unwrap();
    let apart = logrank(&late, &[false, false, true, true], w).unwrap_err();
    assert_eq!(apart, StatsError::ZeroVariance);
    let none = FollowUp::new(&time, &[false; 4]).unwrap();
    assert_eq!(
        logrank(&none, &[true, false, true, false], w).unwrap_err(),
        StatsError::NoEvents
    );
    assert_eq!(cox(&none, &[&time], Ties::Efron).unwrap_err(), StatsError::NoEvents);
    assert!(cox(&follow_up, &[], Ties::Efron).is_err());
    let early = [1.0, 1.0, 0.0, 0.0];
    assert_eq!(cox(&follow_up, &[&early], Ties::Efron).unwrap_err(), StatsError::Separated);
    let flat = cox(&follow_up, &[&[0.3; 4]], Ties::Breslow).unwrap_err();
    assert_eq!(flat, StatsError::Singular { column: 0 });
    let apart = cox(&late, &[&[0.0, 0.0, 1.0, 1.0]], Ties::Efron).unwrap_err();
    assert_eq!(apart, StatsError::Singular { column: 0 });
}

#[test]
fn zero_and_minus_zero_are_one_time() {
    let follow_up = FollowUp::new(&[0.0, -0.0, 1.0], &[true, true, false]).unwrap();
    let curve = kaplan_meier(&follow_up);
    assert_eq!(curve.steps().len(), 2);
    assert_eq!(curve.steps()[0].events, 2);
}

#[test]
fn ranks_of_equal_and_of_huge_values() {
    let equal = rank_sum(&[1.0, 1.0], &[1.0], Continuity::Corrected);
    assert_eq!(equal, Err(StatsError::ZeroVariance));
    assert!(rank_sum(&[], &[1.0], Continuity::Corrected).is_err());
    assert_eq!(hodges_lehmann(&[2.0], &[0.5], L).unwrap().value, 1.5);
    let huge = hodges_lehmann(&[f64::MAX], &[f64::MIN], L);
    assert_eq!(huge, Err(StatsError::Overflow));
}
