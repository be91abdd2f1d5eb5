//! Do 95 % intervals hold the truth 95 times in 100? Exactly, by adding up probabilities, where the
//! sample space is small; by simulation with a fixed seed elsewhere.

use proband_stats::ancova::{AncovaColumns, AncovaLayout, ancova};
use proband_stats::binary::{
    Proportion, clopper_pearson, miettinen_nurminen, newcombe, wilson,
};
use proband_stats::counts::{
    EventRate, exact_rate_interval, negative_binomial_regression, poisson_regression,
};
use proband_stats::survival::{
    CurveInterval, FollowUp, LogRankWeights, Ties, cox, kaplan_meier, logrank,
};
use proband_stats::{Interval, Level, t_tests};

const L: Level = Level::P95;

/// Simulated coverage may miss by this many standard errors: with the seed fixed the outcome is
/// too, so that this is a bound on luck when a seed is chosen, not a rate of failures.
const LUCK: f64 = 4.0;

/// Knuth's MMIX generator: enough for coverage, and no dependency.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Marsaglia's polar method.
    fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.next() - 1.0, 2.0 * self.next() - 1.0);
            let s = u * u + v * v;
            if s < 1.0 && s > 0.0 {
                return u * (-2.0 * libm::log(s) / s).sqrt();
            }
        }
    }

    fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log(self.next()) / rate
    }

    /// Events of a unit-rate process in time `mean`.
    fn poisson(&mut self, mean: f64) -> u64 {
        let (mut count, mut time) = (0, self.exponential(1.0));
        while time < mean {
            count += 1;
            time += self.exponential(1.0);
        }
        count
    }
}

/// The share of `rounds` in which `covers` holds, within luck of `nominal`.
fn simulate(
    nominal: f64,
    slack: f64,
    rounds: u32,
    mut covers: impl FnMut(&mut Uniform) -> bool,
) {
    let mut random = Uniform(20_240_607);
    let hits = (0..rounds).filter(|_| covers(&mut random)).count() as f64;
    let share = hits / f64::from(rounds);
    let se = (nominal * (1.0 - nominal) / f64::from(rounds)).sqrt();
    assert!((share - nominal).abs() < LUCK * se + slack, "covered {share} of {nominal}");
}

fn covers(lower: f64, upper: f64, truth: f64) -> bool {
    Interval { lower, upper }.contains(truth)
}

#[test]
fn t_intervals_of_small_samples() {
    simulate(0.95, 0.0, 4000, |random| {
        let x: Vec<f64> = (0..6).map(|_| 3.0 + random.normal()).collect();
        let ours = t_tests::one_sample(&x, 0.0, L).unwrap().estimate;
        covers(ours.lower, ours.upper, 3.0)
    });
    simulate(0.95, 0.005, 4000, |random| {
        let x: Vec<f64> = (0..8).map(|_| 1.0 + random.normal()).collect();
        let y: Vec<f64> = (0..15).map(|_| 3.0 * random.normal()).collect();
        let ours = t_tests::welch(&x, &y, L).unwrap().estimate;
        covers(ours.lower, ours.upper, 1.0)
    });
}

#[test]
fn adjusted_difference_with_imbalance() {
    let layout = AncovaLayout { arms: 2, factor_levels: vec![3], covariates: 1 };
    simulate(0.95, 0.0, 2000, |random| {
        let arm: Vec<usize> = (0..30).map(|k| usize::from(k % 3 == 0)).collect();
        let site: Vec<usize> = (0..30).map(|k| (k / 4) % 3).collect();
        let base: Vec<f64> = (0..30).map(|k| random.normal() + 0.1 * f64::from(k)).collect();
        let response: Vec<f64> = (0..30)
            .map(|k| 2.0 * arm[k] as f64 + site[k] as f64 - 0.7 * base[k] + random.normal())
            .collect();
        let columns = AncovaColumns {
            response: &response,
            arm: &arm,
            factors: &[&site],
            covariates: &[&base],
        };
        let fit = ancova(&layout, &columns).unwrap();
        let ours = fit.difference(1, 0, L).unwrap().estimate;
        covers(ours.lower, ours.upper, 2.0)
    });
}

/// P(X = x), by a product that needs no special function.
fn binomial(x: u64, n: u64, p: f64) -> f64 {
    let ways = (0..x).fold(1.0, |c, k| c * (n - k) as f64 / (k + 1) as f64);
    ways * p.powi(x as i32) * (1.0 - p).powi((n - x) as i32)
}

#[test]
fn exact_interval_never_covers_less_than_it_says() {
    for n in [1, 5, 20, 60] {
        let intervals: Vec<Interval> = (0..=n)
            .map(|x| clopper_pearson(Proportion::new(x, n).unwrap(), L).unwrap())
            .collect();
        for k in 1..200 {
            let p = f64::from(k) / 200.0;
            let coverage: f64 = (0..=n)
                .filter(|&x| intervals[x as usize].contains(p))
                .map(|x| binomial(x, n, p))
                .sum();
            assert!(coverage > 0.95 - 1e-12, "n {n}, p {p}: {coverage}");
        }
    }
}

#[test]
fn score_interval_covers_on_average() {
    let n = 40;
    let intervals: Vec<Interval> =
        (0..=n).map(|x| wilson(Proportion::new(x, n).unwrap(), L).unwrap()).collect();
    let coverage = |p: f64| -> f64 {
        let inside = (0..=n).filter(|&x| intervals[x as usize].contains(p));
        inside.map(|x| binomial(x, n, p)).sum()
    };
    let mean = (1..200).map(|k| coverage(f64::from(k) / 200.0)).sum::<f64>() / 199.0;
    assert!((mean - 0.95).abs() < 0.005, "{mean}");
}

/// Newcombe (1998) finds coverage of his method 10 and of Miettinen and Nurminen's near nominal on
/// average, with minima above 0.9 for sizes such as these.
#[test]
fn intervals_of_a_difference_cover() {
    let (n1, n2) = (20, 30);
    for method in [newcombe, miettinen_nurminen] {
        let table: Vec<Vec<Interval>> = (0..=n1)
            .map(|x1| {
                let a = Proportion::new(x1, n1).unwrap();
                let row = (0..=n2).map(|x2| method(a, Proportion::new(x2, n2).unwrap(), L));
                row.map(Result::unwrap).collect()
            })
            .collect();
        let mut all = Vec::new();
        for (p1, p2) in
            [(0.1, 0.1), (0.3, 0.1), (0.5, 0.5), (0.8, 0.35), (0.95, 0.6), (0.6, 0.6)]
        {
            let mut coverage = 0.0;
            for x1 in 0..=n1 {
                for x2 in 0..=n2 {
                    let ends = table[x1 as usize][x2 as usize];
                    if ends.lower - 1e-12 <= p1 - p2 && p1 - p2 <= ends.upper + 1e-12 {
                        coverage += binomial(x1, n1, p1) * binomial(x2, n2, p2);
                    }
                }
            }
            assert!(coverage > 0.92 && coverage < 0.99, "{p1} {p2}: {coverage}");
            all.push(coverage);
        }
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        assert!((mean - 0.955).abs() < 0.015, "{mean}");
    }
}

#[test]
fn exact_rate_interval_never_covers_less_than_it_says() {
    let intervals: Vec<Interval> = (0..80)
        .map(|x| exact_rate_interval(EventRate::new(x, 1.0).unwrap(), L).unwrap())
        .collect();
    for k in 1..100 {
        let mean = 0.3 * f64::from(k);
        let (mut p, mut coverage) = (libm::exp(-mean), 0.0);
        for (x, ends) in intervals.iter().enumerate() {
            coverage += if ends.contains(mean) { p } else { 0.0 };
            p *= mean / (x + 1) as f64;
        }
        assert!(coverage > 0.95 - 1e-9, "{mean}: {coverage}");
    }
}

#[test]
fn rate_ratios_of_counts() {
    let truth = libm::log(0.6);
    let group: Vec<f64> = (0..120).map(|k| f64::from(k % 2)).collect();
    let exposure: Vec<f64> = (0..120).map(|k| 0.5 + f64::from(k % 5) / 4.0).collect();
    simulate(0.95, 0.01, 1000, |random| {
        let mean = |k: usize| 3.0 * exposure[k] * libm::exp(truth * group[k]);
        let counts: Vec<u64> = (0..120).map(|k| random.poisson(mean(k))).collect();
        let ours = poisson_regression(&[&group], &counts, &exposure).unwrap();
        let ours = ours.rate_ratio(1, L).unwrap();
        covers(ours.lower, ours.upper, 0.6)
    });
    // A gamma frailty with shape 2, the sum of two exponentials: dispersion 1/2. The dispersion is
    // taken as known in the standard error, which costs a little coverage.
    simulate(0.95, 0.015, 400, |random| {
        let counts: Vec<u64> = (0..120)
            .map(|k| {
                let frailty = 0.5 * (random.exponential(1.0) + random.exponential(1.0));
                random.poisson(frailty * 3.0 * exposure[k] * libm::exp(truth * group[k]))
            })
            .collect();
        let ours = negative_binomial_regression(&[&group], &counts, &exposure).unwrap();
        let ours = ours.rate_ratio(1, L).unwrap();
        covers(ours.lower, ours.upper, 0.6)
    });
}

/// Exponential times with uniform censoring.
fn trial(random: &mut Uniform, n: u32, log_ratio: f64) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
    let (mut time, mut event, mut group) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..n {
        let active = f64::from(k % 2);
        let death = random.exponential(libm::exp(log_ratio * active));
        let end = 3.0 * random.next();
        time.push(death.min(end));
        event.push(death <= end);
        group.push(active);
    }
    (time, event, group)
}

#[test]
fn hazard_ratio_and_survival() {
    simulate(0.95, 0.01, 1000, |random| {
        let (time, event, group) = trial(random, 150, -0.5);
        let follow_up = FollowUp::new(&time, &event).unwrap();
        let fit = cox(&follow_up, &[&group], Ties::Efron).unwrap();
        let ours = fit.hazard_ratio(0, L).unwrap();
        covers(ours.lower, ours.upper, libm::exp(-0.5))
    });
    simulate(0.95, 0.015, 1000, |random| {
        let (time, event, _) = trial(random, 80, 0.0);
        let curve = kaplan_meier(&FollowUp::new(&time, &event).unwrap());
        let ours = curve.at(0.7, CurveInterval::LogLog, L).unwrap();
        ours.interval.unwrap().contains(libm::exp(-0.7))
    });
}

#[test]
fn logrank_test_keeps_its_level() {
    simulate(0.95, 0.01, 1000, |random| {
        let (time, event, group) = trial(random, 100, 0.0);
        let active: Vec<bool> = group.iter().map(|g| *g > 0.5).collect();
        let follow_up = FollowUp::new(&time, &event).unwrap();
        logrank(&follow_up, &active, LogRankWeights::Equal).unwrap().p > 0.05
    });
}
