//! Do 95 % intervals hold the truth, and tests at 5 % the null hypothesis, 95 times in 100? A few hundred rounds in every
//! run; many by
//!
//! ```console
//! $ cargo test --release -p proband-stats --test events -- --ignored --nocapture coverage
//! ```
//!
//! whose results stand in the book, on the page about validation.

use std::sync::OnceLock;

use proband_math::stream::Stream;
use proband_stats::Level;
use proband_stats::competing::{Outcomes, cumulative_incidence, fine_gray, gray_test};
use proband_stats::lifetimes::{Lifetime, lifetime_regression};
use proband_stats::recurrent::{Histories, lwyy, mean_cumulative_function};
use proband_stats::regression::Regressor;
use proband_stats::sequential::{
    Efficacy, Futility, GroupSequentialDesign, GroupSequentialPlan, Sides,
};
use proband_stats::survival::{
    CoxModel, CurveInterval, FollowUp, LogRankWeights, Ties, TimeScale, cox, kaplan_meier,
    max_combo,
};
use proband_stats::win_ratio::{Outcome, win_ratio};

use crate::shared::{Simulation, at_95, hold_often_enough, holds, rows_of_many_rounds};
use crate::{exponential, stream};

const L: Level = Level::P95;

/// Each simulation with how much the method itself may miss 95 % by.
const SIMULATIONS: [Simulation; 16] = [
    at_95("Kaplan-Meier at the median, log-log, 50 participants", survival_at, 0.01),
    at_95("median survival, log-log, 60 participants", median, 0.025),
    at_95("restricted mean, difference, 80 participants", restricted_mean, 0.015),
    at_95("Cox, Efron, 60 participants", hazard_ratio, 0.01),
    at_95("Cox, robust, a covariate left out, 100 participants", robust_hazard, 0.02),
    at_95("MaxCombo of four, level, 80 participants", combined_level, 0.01),
    at_95("test of proportional hazards, level, 100 participants", proportional_level, 0.01),
    at_95("cumulative incidence, log, 80 participants", incidence, 0.02),
    at_95("Gray's test, level, 100 participants", gray_level, 0.01),
    at_95("Fine-Gray, 200 participants", subdistribution, 0.01),
    at_95("Weibull regression, 60 participants", weibull, 0.015),
    at_95("mean cumulative function, 60 participants", mean_function, 0.02),
    at_95("LWYY with frailty, 100 participants", recurrent, 0.015),
    at_95("net benefit, 60 participants", net_benefit, 0.015),
    at_95("stagewise interval after 3 looks, known variance", stagewise, 0.0),
    Simulation { aim: 0.5, ..at_95("its median unbiased estimate, half above", unbiased, 0.0) },
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

/// Times, events and arms: exponential with these hazards (control, active), censored uniformly up to `end`.
struct Trial {
    time: Vec<f64>,
    event: Vec<bool>,
    active: Vec<bool>,
    group: Vec<f64>,
}

impl Trial {
    fn new(random: &mut Stream, n: usize, hazards: [f64; 2], end: f64) -> Self {
        let active: Vec<bool> = (0..n).map(|k| k % 2 == 1).collect();
        let mut trial =
            Self { time: vec![], event: vec![], group: vec![], active: active.clone() };
        for own in active {
            let (time, censored) =
                (exponential(random, hazards[usize::from(own)]), end * random.uniform());
            trial.time.push(time.min(censored));
            trial.event.push(time <= censored);
            trial.group.push(f64::from(u8::from(own)));
        }
        trial
    }

    fn follow_up(&self) -> FollowUp<'_> {
        FollowUp::new(&self.time, &self.event).unwrap()
    }
}

fn survival_at(round: u64) -> Option<bool> {
    let trial = Trial::new(&mut stream(round), 50, [1.0, 1.0], 4.0);
    let time = std::f64::consts::LN_2;
    let at = kaplan_meier(&trial.follow_up()).at(time, CurveInterval::LogLog, L).ok()?;
    at.interval.map(|interval| interval.contains(0.5))
}

fn median(round: u64) -> Option<bool> {
    let trial = Trial::new(&mut stream(round), 60, [1.0, 1.0], 4.0);
    let ours = kaplan_meier(&trial.follow_up()).median(CurveInterval::LogLog, L).ok()?;
    let upper = ours.upper.unwrap_or(f64::INFINITY);
    Some(ours.lower? <= std::f64::consts::LN_2 && std::f64::consts::LN_2 <= upper)
}

fn restricted_mean(round: u64) -> Option<bool> {
    let (horizon, hazards) = (1.5, [1.0, 0.6]);
    let trial = Trial::new(&mut stream(round), 80, hazards, 6.0);
    let mean = |own: bool| {
        let keep = |k: &usize| trial.active[*k] == own;
        let time: Vec<f64> = (0..80).filter(keep).map(|k| trial.time[k]).collect();
        let event: Vec<bool> = (0..80).filter(keep).map(|k| trial.event[k]).collect();
        kaplan_meier(&FollowUp::new(&time, &event).unwrap()).restricted_mean(horizon).ok()
    };
    let truth = |hazard: f64| (1.0 - libm::exp(-hazard * horizon)) / hazard;
    let ours = mean(true)?.against(&mean(false)?, L).ok()?.difference;
    Some(holds(&ours, truth(hazards[1]) - truth(hazards[0])))
}

fn hazard_ratio(round: u64) -> Option<bool> {
    let trial = Trial::new(&mut stream(round), 60, [1.0, 0.5], 4.0);
    let fit = cox(&trial.follow_up(), &[&trial.group], Ties::Efron).ok()?;
    Some(holds(&fit.coefficients.effect(0, L).ok()?, libm::log(0.5)))
}

/// A strong covariate is left out of the model, under no effect: the model is wrong and the effect still zero.
fn robust_hazard(round: u64) -> Option<bool> {
    let mut random = stream(round);
    let (mut time, mut event) = (vec![], vec![]);
    let group: Vec<f64> = (0..100).map(|k| f64::from(k % 2)).collect();
    for _ in 0..100 {
        let hazard = libm::exp(1.5 * random.normal());
        let (own, end) = (exponential(&mut random, hazard), 3.0 * random.uniform());
        time.push(own.min(end));
        event.push(own <= end);
    }
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let columns = [Regressor::Numbers(&group)];
    let model = CoxModel::new(&follow_up, &columns, &[0; 100], Ties::Efron).ok()?;
    let robust = model.robust(&model.fit().ok()?, &(0..100).collect::<Vec<_>>()).ok()?;
    Some(holds(&robust.effect(0, L).ok()?, 0.0))
}

fn combined_level(round: u64) -> Option<bool> {
    let trial = Trial::new(&mut stream(round), 80, [1.0, 1.0], 4.0);
    let weights = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
        .map(|(rho, gamma)| LogRankWeights::FlemingHarrington { rho, gamma });
    let ours = max_combo(&trial.follow_up(), &trial.active, &[0; 80], &weights).ok()?;
    Some(ours.p_two_sided > 0.05)
}

fn proportional_level(round: u64) -> Option<bool> {
    let trial = Trial::new(&mut stream(round), 100, [1.0, 0.6], 4.0);
    let follow_up = trial.follow_up();
    let columns = [Regressor::Numbers(&trial.group)];
    let model = CoxModel::new(&follow_up, &columns, &[0; 100], Ties::Efron).ok()?;
    let test = model.proportionality(&model.fit().ok()?, TimeScale::KaplanMeier).ok()?;
    Some(test.global.p > 0.05)
}

/// Two causes with constant hazards 1 and 1/2.
fn two_causes(random: &mut Stream, n: usize) -> (Vec<f64>, Vec<u8>) {
    (0..n)
        .map(|_| {
            let (one, two, end) =
                (exponential(random, 1.0), exponential(random, 0.5), 4.0 * random.uniform());
            let time = one.min(two).min(end);
            let cause = if time >= end { 0 } else { 1 + u8::from(two < one) };
            (time, cause)
        })
        .unzip()
}

fn incidence(round: u64) -> Option<bool> {
    let (time, cause) = two_causes(&mut stream(round), 80);
    let curve = cumulative_incidence(&Outcomes::new(&time, &cause).unwrap(), 1).ok()?;
    let truth = (1.0 - libm::exp(-1.5 * 0.6)) / 1.5;
    Some(curve.estimate(0.6, L).ok()?.2?.contains(truth))
}

fn gray_level(round: u64) -> Option<bool> {
    let (time, cause) = two_causes(&mut stream(round), 100);
    let group: Vec<usize> = (0..100).map(|k| k % 2).collect();
    let outcomes = Outcomes::new(&time, &cause).unwrap();
    Some(gray_test(&outcomes, 1, &group, 2, 0.0).ok()?.p > 0.05)
}

/// `F_1(t) = 1 - (1 - p (1 - e^-t))^exp(b x)`, as in Fine and Gray's own simulations.
fn subdistribution(round: u64) -> Option<bool> {
    let (p, effect, mut random) = (0.6, 0.5, stream(round));
    let (mut time, mut cause) = (vec![], vec![]);
    let group: Vec<f64> = (0..200).map(|k| f64::from(k % 2)).collect();
    for x in &group {
        let power = libm::exp(effect * x);
        let (u, end) = (random.uniform(), 3.0 * random.uniform());
        let ever = 1.0 - libm::pow(1.0 - p, power);
        let (own, which) = if u < ever {
            let inner = 1.0 - libm::pow(1.0 - u, 1.0 / power);
            (-libm::log(1.0 - inner / p), 1)
        } else {
            (exponential(&mut random, power), 2)
        };
        time.push(own.min(end));
        cause.push(if own <= end { which } else { 0 });
    }
    let outcomes = Outcomes::new(&time, &cause).unwrap();
    let fit = fine_gray(&outcomes, 1, &[Regressor::Numbers(&group)]).ok()?;
    Some(holds(&fit.coefficients.effect(0, L).ok()?, effect))
}

fn weibull(round: u64) -> Option<bool> {
    let mut trial = Trial::new(&mut stream(round), 60, [1.0, 0.5], 4.0);
    // A power of an exponential time is Weibull; the hazard ratio stays 1/2.
    for time in &mut trial.time {
        *time = libm::pow(*time, 0.7);
    }
    let columns = [Regressor::Numbers(&trial.group)];
    let fit = lifetime_regression(&trial.follow_up(), &columns, Lifetime::Weibull).ok()?;
    Some(holds(&fit.hazard_ratio(0, L).ok()?.log, libm::log(0.5)))
}

/// Events at rate 1.2 times a frailty with mean 1 and variance 1/2, times `ratio` in every second participant, until 1 to
/// 3.
fn histories(random: &mut Stream, n: usize, ratio: f64) -> (Vec<f64>, Vec<usize>, Vec<f64>) {
    let (mut ends, mut who, mut when) = (vec![], vec![], vec![]);
    for k in 0..n {
        // Gamma with shape 2 is a sum of two exponentials.
        let frailty = exponential(random, 2.0) + exponential(random, 2.0);
        let rate = 1.2 * frailty * if k % 2 == 1 { ratio } else { 1.0 };
        let end = 1.0 + 2.0 * random.uniform();
        let mut time = exponential(random, rate);
        while time < end {
            who.push(k);
            when.push(time);
            time += exponential(random, rate);
        }
        ends.push(end);
    }
    (ends, who, when)
}

fn mean_function(round: u64) -> Option<bool> {
    let (ends, who, when) = histories(&mut stream(round), 60, 1.0);
    let curve = mean_cumulative_function(&Histories::new(&ends, &who, &when).unwrap());
    let ours = curve.at(2.0, L).ok()?;
    Some(ours.lower <= 2.4 && 2.4 <= ours.upper)
}

fn recurrent(round: u64) -> Option<bool> {
    let (ends, who, when) = histories(&mut stream(round), 100, 0.7);
    let group: Vec<f64> = (0..100).map(|k| f64::from(k % 2)).collect();
    let fit =
        lwyy(&Histories::new(&ends, &who, &when).unwrap(), &[&group], Ties::Efron).ok()?;
    Some(holds(&fit.robust.effect(0, L).ok()?, libm::log(0.7)))
}

/// Uncensored times: the active participant of a pair lives longer with probability h0 / (h0 + h1).
fn net_benefit(round: u64) -> Option<bool> {
    let mut trial = Trial::new(&mut stream(round), 60, [1.0, 0.5], f64::MAX);
    trial.event.fill(true);
    let outcome = [Outcome::Time { time: &trial.time, event: &trial.event }];
    let ours = win_ratio(&outcome, &trial.active, L).ok()?;
    Some(holds(&ours.net_benefit, 2.0 / 3.0 - 1.0 / 3.0))
}

fn design() -> &'static GroupSequentialDesign {
    static DESIGN: OnceLock<GroupSequentialDesign> = OnceLock::new();
    DESIGN.get_or_init(|| plan().solve().unwrap())
}

fn plan() -> GroupSequentialPlan {
    GroupSequentialPlan {
        fractions: vec![0.4, 0.7, 1.0],
        alpha: 0.025,
        sides: Sides::One,
        efficacy: Efficacy::O_BRIEN_FLEMING,
        futility: Futility::None,
        binding: false,
    }
}

/// A trial with drift 2.5 at its last look: the look and Z.
fn stopped(design: &GroupSequentialDesign, round: u64) -> (usize, f64) {
    let mut random = stream(round);
    let (mut sum, mut before) = (0.0, 0.0);
    for (look, &t) in design.fractions().iter().enumerate() {
        sum += 2.5 * (t - before) + f64::sqrt(t - before) * random.normal();
        before = t;
        let z = sum / t.sqrt();
        if z >= design.upper[look] || look + 1 == design.looks() {
            return (look, z);
        }
    }
    unreachable!("the last look stops every trial")
}

fn stagewise(round: u64) -> Option<bool> {
    let design = design();
    let (look, z) = stopped(design, round);
    Some(design.adjusted(look, z, L).ok()?.interval.contains(2.5))
}

fn unbiased(round: u64) -> Option<bool> {
    let design = design();
    let (look, z) = stopped(design, round);
    Some(design.adjusted(look, z, L).ok()?.median_unbiased > 2.5)
}
