//! Do 95 % intervals hold the truth 95 times in 100? A few hundred rounds in every run; many by
//!
//! ```console
//! $ cargo test --release -p proband-stats --test models -- --ignored --nocapture coverage
//! ```
//!
//! whose results stand in the book, on the page about validation.

use proband_math::stream::{Address, Purpose, Seed, Stream};
use proband_stats::Level;
use proband_stats::bayes::Beta;
use proband_stats::binary::Proportion;
use proband_stats::counts::zero_inflated_poisson;
use proband_stats::gee::{CorrelatedRows, Response, WorkingCorrelation, gee};
use proband_stats::linear::ols;
use proband_stats::missing::{
    CompleteDf, ImputationFit, Incomplete, Strategy, inverse_probability_weights, jackknife,
    pool, weighted_difference,
};
use proband_stats::mixed::{
    Covariance, Inference, Likelihood, RandomEffects, RepeatedMeasures, mmrm, random_effects,
};
use proband_stats::prognostic::{ScoreEffect, adjusted};
use proband_stats::regression::{
    Counterfactuals, MarginalVariance, firth_profile_interval, logistic, marginal_risks,
};

use crate::shared::{Simulation, at_95, hold_often_enough, holds, rows_of_many_rounds};
use crate::stream;

const L: Level = Level::P95;

/// Each simulation with how much the method itself may miss 95 % by.
const SIMULATIONS: [Simulation; 13] = [
    at_95("MMRM, 24 participants, Kenward-Roger", kenward_roger, 0.01),
    at_95("MMRM, 24 participants, Satterthwaite", satterthwaite, 0.015),
    at_95("random intercept, 20 participants", random_intercept, 0.01),
    at_95("GEE, 60 participants, robust", estimating_equations, 0.02),
    at_95("marginal risk difference, 120 participants", marginal, 0.02),
    at_95("Firth, profile, 40 rows", firth, 0.015),
    at_95("zero-inflated Poisson, 300 rows", zero_inflated, 0.015),
    at_95("prognostic score, 60 participants, HC3", prognostic, 0.015),
    at_95("multiple imputation, 20 of 80 participants", imputed, 0.025),
    at_95("inverse probability weights, 300 participants", weighted, 0.02),
    at_95("difference of slopes, 24 participants", slopes, 0.015),
    at_95("jump to reference, conditional means, 40 participants", jumped, 0.02),
    at_95("beta-binomial, difference of 30 and 30", believed, 0.015),
];

#[test]
fn intervals_hold_the_truth_often_enough() {
    hold_often_enough(&SIMULATIONS);
}

#[test]
#[ignore = "minutes; its results are recorded in the book"]
fn coverage_in_many_rounds() {
    for row in rows_of_many_rounds(&SIMULATIONS) {
        println!("{row}");
    }
}

/// Three visits of `participants` in two arms, a fifth of the later ones missing; the effect is 1 at the
/// last visit.
fn repeated(round: u64, participants: usize, inference: Inference) -> Option<bool> {
    let mut random = stream(round);
    let (mut response, mut participant, mut visit) = (vec![], vec![], vec![]);
    let mut columns: [Vec<f64>; 5] = Default::default();
    for k in 0..participants {
        let arm = (k % 2) as f64;
        let own = random.normal();
        for v in 0..3 {
            let (noise, chance) = (random.normal(), random.uniform());
            if v > 0 && chance < 0.2 {
                continue;
            }
            let late = [f64::from(u8::from(v == 1)), f64::from(u8::from(v == 2))];
            response.push(own + (0.5 + 0.4 * v as f64) * noise + arm * late[1]);
            participant.push(k);
            visit.push(v);
            for (column, entry) in
                columns.iter_mut().zip([arm, late[0], late[1], arm * late[0], arm * late[1]])
            {
                column.push(entry);
            }
        }
    }
    let slices = columns.each_ref().map(Vec::as_slice);
    let data = RepeatedMeasures {
        response: &response,
        columns: &slices,
        participant: &participant,
        visit: &visit,
        visits: 3,
    };
    let fit = mmrm(&data, Covariance::Unstructured).ok()?.fit;
    let effect = fit.contrast(&[0.0, 1.0, 0.0, 0.0, 0.0, 1.0], inference, L).ok()?;
    Some(holds(&effect, 1.0))
}

fn kenward_roger(round: u64) -> Option<bool> {
    repeated(round, 24, Inference::KenwardRogerLinear)
}

fn satterthwaite(round: u64) -> Option<bool> {
    repeated(round, 24, Inference::Satterthwaite)
}

fn random_intercept(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let (mut y, mut arm, mut participant) = (vec![], vec![], vec![]);
    for k in 0..20 {
        let own = random.normal();
        for _ in 0..2 + k % 3 {
            y.push(own + random.normal() + 0.5 * (k % 2) as f64);
            arm.push((k % 2) as f64);
            participant.push(k);
        }
    }
    let effects = RandomEffects::Intercept;
    let fit =
        random_effects(&y, &[&arm], &participant, effects, Likelihood::Restricted).ok()?;
    Some(holds(&fit.fit.effect(1, Inference::Satterthwaite, L).ok()?, 0.5))
}

fn estimating_equations(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let (mut y, mut arm, mut participant, mut visit) = (vec![], vec![], vec![], vec![]);
    for k in 0..60 {
        let own = random.normal();
        for v in 0..4 {
            y.push(own + random.normal() + 0.5 * (k % 2) as f64);
            arm.push((k % 2) as f64);
            participant.push(k);
            visit.push(v);
        }
    }
    let rows = CorrelatedRows {
        response: &y,
        columns: &[&arm],
        participant: &participant,
        visit: &visit,
    };
    let fit = gee(&rows, Response::Number, WorkingCorrelation::AutoRegressive).ok()?;
    Some(holds(&fit.robust.effect(1, L).ok()?, 0.5))
}

fn chance(eta: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-eta))
}

/// The truth is the average difference over the covariate's distribution, here by adding up.
fn marginal(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let n = 120;
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let arm: Vec<f64> = (0..n).map(|k| (k % 2) as f64).collect();
    let events: Vec<bool> =
        (0..n).map(|k| random.uniform() < chance(-0.5 + arm[k] + x[k])).collect();
    let fit = logistic(&[&arm, &x], &events).ok()?;
    let active: Vec<bool> = arm.iter().map(|&a| a > 0.5).collect();
    let control: Vec<bool> = active.iter().map(|a| !a).collect();
    let (ones, zeros) = (vec![1.0; n], vec![0.0; n]);
    let rows = Counterfactuals {
        active: &active,
        control: &control,
        events: &events,
        under_active: &[&ones, &x],
        under_control: &[&zeros, &x],
    };
    let ours = marginal_risks(&fit, &rows, MarginalVariance::Unconditional, L).ok()?;
    let (mut truth, mut total) = (0.0, 0.0);
    for k in -80..=80 {
        let z = f64::from(k) * 0.1;
        let density = libm::exp(-0.5 * z * z);
        total += density;
        truth += density * (chance(0.5 + z) - chance(-0.5 + z));
    }
    Some(holds(&ours.difference, truth / total))
}

fn firth(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let x: Vec<f64> = (0..40).map(|k| f64::from(k % 2)).collect();
    let events: Vec<bool> =
        x.iter().map(|x| random.uniform() < chance(-2.0 + 1.5 * x)).collect();
    let ends = firth_profile_interval(&[&x], &events, 1, L).ok()?;
    Some(ends.lower <= 1.5 && 1.5 <= ends.upper)
}

fn zero_inflated(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let x: Vec<f64> = (0..300).map(|k| f64::from(k % 2)).collect();
    let counts: Vec<u64> = x
        .iter()
        .map(|x| {
            if random.uniform() < 0.3 {
                return 0;
            }
            let (mean, mut time, mut count) = (2.0 * libm::exp(-0.4 * x), 0.0, 0);
            loop {
                time -= libm::log(random.uniform());
                if time > mean {
                    return count;
                }
                count += 1;
            }
        })
        .collect();
    let fit = zero_inflated_poisson(&[&x], &[], &counts, &[1.0; 300]).ok()?;
    Some(holds(&fit.counts.effect(1, L).ok()?, -0.4))
}

fn prognostic(round: u64) -> Option<bool> {
    use proband_stats::linear::Heteroscedastic;
    let mut random = stream(round);
    let score: Vec<f64> = (0..60).map(|_| random.normal()).collect();
    let active: Vec<bool> = (0..60).map(|k| k % 2 == 0).collect();
    let y: Vec<f64> = (0..60)
        .map(|k| {
            let arm = f64::from(u8::from(active[k]));
            score[k] + arm * 0.5 + (0.5 + arm) * random.normal()
        })
        .collect();
    let fit = adjusted(&y, &active, &score, ScoreEffect::ByArm).ok()?;
    Some(holds(&fit.robust_difference(Heteroscedastic::Hc3, L).ok()?, 0.5))
}

/// The last of two visits is missing more often where the first was high.
fn imputed(round: u64) -> Option<bool> {
    const IMPUTATIONS: u64 = 10;
    let mut random = stream(round);
    let participants = 80;
    let mut response = Vec::new();
    for k in 0..participants {
        let first = random.normal();
        let second = 0.8 * first + 0.6 * random.normal() + (k % 2) as f64;
        let gone = random.uniform() < chance(-1.2 + 1.2 * first);
        response.extend([first, if gone { f64::NAN } else { second }]);
    }
    let cells = 0..2 * participants;
    let arm: Vec<f64> = cells.clone().map(|c| (c / 2 % 2) as f64).collect();
    let late: Vec<f64> = cells.clone().map(|c| (c % 2) as f64).collect();
    let both: Vec<f64> = cells.map(|c| arm[c] * late[c]).collect();
    let zeros = vec![0.0; arm.len()];
    let strata: Vec<usize> = (0..participants).map(|k| k % 2).collect();
    let data = Incomplete {
        response: &response,
        visits: 2,
        columns: &[&arm, &late, &both],
        under_reference: &[&zeros, &late, &zeros],
        from: &vec![None; participants],
        structure: Covariance::Unstructured,
    };
    let whole = data.fit().ok()?;
    let address = Address::new(Seed(round), Purpose::new("imputation"));
    let (mut estimates, mut variances) = (vec![], vec![]);
    for index in 0..IMPUTATIONS {
        let at = Address { index, ..address };
        let resampled = Address { purpose: Purpose::new("bootstrap"), ..at };
        let fit = data.fit_bootstrapped(&strata, resampled, &whole).ok()?;
        let all = fit.drawn(&data, Strategy::MissingAtRandom, at).ok()?;
        let first: Vec<f64> = all.iter().step_by(2).copied().collect();
        let second: Vec<f64> = all.iter().skip(1).step_by(2).copied().collect();
        let own: Vec<f64> = strata.iter().map(|&s| s as f64).collect();
        let effect = ols(&[&own, &first], &second).ok()?.effect(1, L).ok()?;
        estimates.push(effect.estimate.value);
        variances.push(effect.estimate.se * effect.estimate.se);
    }
    let pooled = pool(&estimates, &variances, CompleteDf::Known(77.0), L).ok()?;
    Some(holds(&pooled.effect, 1.0))
}

fn weighted(round: u64) -> Option<bool> {
    let mut random: Stream = stream(round);
    let n = 300;
    let x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
    let active: Vec<bool> = (0..n).map(|k| k % 2 == 0).collect();
    let y: Vec<f64> = (0..n)
        .map(|k| x[k] + f64::from(u8::from(active[k])) * (0.5 + 0.5 * x[k]) + random.normal())
        .collect();
    let observed: Vec<bool> =
        x.iter().map(|x| random.uniform() < chance(1.0 + 0.7 * x)).collect();
    let weights = inverse_probability_weights(&[&x], &observed).ok()?;
    Some(holds(&weighted_difference(&y, &active, &weights, L).ok()?, 0.5))
}

/// Four visits of participants with levels and slopes of their own; slopes differ by 1 between arms.
fn slopes(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let (mut y, mut participant) = (vec![], vec![]);
    let mut columns: [Vec<f64>; 3] = Default::default();
    for k in 0..24 {
        let (arm, level, slope) = ((k % 2) as f64, random.normal(), 0.7 * random.normal());
        for visit in 0..4 {
            let time = f64::from(visit);
            y.push(level + (slope + arm) * time + 0.8 * random.normal());
            participant.push(k);
            for (column, entry) in columns.iter_mut().zip([arm, time, arm * time]) {
                column.push(entry);
            }
        }
    }
    let slices = columns.each_ref().map(Vec::as_slice);
    let effects = RandomEffects::InterceptAndSlope(&columns[1]);
    let fit =
        random_effects(&y, &slices, &participant, effects, Likelihood::Restricted).ok()?;
    Some(holds(&fit.fit.effect(3, Inference::KenwardRogerLinear, L).ok()?, 1.0))
}

/// A quarter leaves by chance and loses the whole effect: three quarters of it are left.
fn jumped(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let participants = 40;
    let (mut response, mut from) = (Vec::new(), Vec::new());
    for k in 0..participants {
        let first = random.normal();
        let second = 0.8 * first + 0.6 * random.normal() + (k % 2) as f64;
        let gone = random.uniform() < 0.25;
        response.extend([first, if gone { f64::NAN } else { second }]);
        from.push(gone.then_some(1));
    }
    let cells = 0..2 * participants;
    let arm: Vec<f64> = cells.clone().map(|c| (c / 2 % 2) as f64).collect();
    let late: Vec<f64> = cells.clone().map(|c| (c % 2) as f64).collect();
    let both: Vec<f64> = cells.map(|c| arm[c] * late[c]).collect();
    let zeros = vec![0.0; arm.len()];
    let data = Incomplete {
        response: &response,
        visits: 2,
        columns: &[&arm, &late, &both],
        under_reference: &[&zeros, &late, &zeros],
        from: &from,
        structure: Covariance::Unstructured,
    };
    let difference = |fit: &ImputationFit, without: Option<usize>| {
        let all = fit.conditional_means(&data, Strategy::JumpToReference).ok()?;
        let kept: Vec<usize> = (0..participants).filter(|&k| Some(k) != without).collect();
        let own: Vec<f64> = kept.iter().map(|k| (k % 2) as f64).collect();
        let second: Vec<f64> = kept.iter().map(|k| all[2 * k + 1]).collect();
        Some(ols(&[&own], &second).ok()?.effect(1, L).ok()?.estimate.value)
    };
    let whole = data.fit().ok()?;
    let without = |k| difference(&data.fit_without(k, &whole).ok()?, Some(k));
    let each: Vec<f64> = (0..participants).map(without).collect::<Option<_>>()?;
    Some(holds(&jackknife(difference(&whole, None)?, &each, L).ok()?, 0.75))
}

/// Shares drawn from the prior, so that what is believed is right on average.
fn believed(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let shares = [random.uniform(), random.uniform()];
    let prior = Beta::new(1.0, 1.0).ok()?;
    let [test, reference] = shares.map(|share| {
        let events = (0..30).filter(|_| random.uniform() < share).count() as u64;
        Some(prior.after(Proportion::new(events, 30).ok()?))
    });
    let limits = test?.difference_interval(reference?, L).ok()?;
    Some(limits.contains(shares[0] - shares[1]))
}
