//! The true values of estimands, from twins that take part in every arm.
//!
//! The twins are drawn as the trial's are, screened and enrolled like them, but are others. They miss no
//! visit and stay for all of them; what an estimand says would hypothetically not have happened does not
//! happen; whoever leaves the trial stops treatment, and is looked at all the same.

use crate::enrolment::{EnrolError, Enrolment, enrol};
use crate::plan::{Cut, Plan, PlanError};
use crate::shard::simulate_side_by_side;
use crate::watch::Watch;
use crate::worked::Worked;
use proband_analysis::{TrueEffect, true_effects as effects_of};
use proband_cohort::DrawError;
use proband_lang::{Expr, Kind, Unit};
use proband_trial::{
    Accrual, Adaptive, Analysis, Assignment, Cause, DiscontinuationCause, Expression,
    Happening, Missing, OutputLevel, Strategy, Trial,
};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};
use thiserror::Error;

/// Why there are no true values.
#[derive(Debug, Error)]
pub enum TruthError {
    /// The trial with every twin in every arm cannot be run.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Plan(Vec<PlanError>),
    /// Twins could not be enrolled.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// Twins could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// The true effect of every comparison that estimates an estimand; none without estimands, or if the
/// trial asks for no twins.
///
/// # Errors
/// When the twins cannot be simulated, or `watch` asks to stop.
pub fn true_effects(
    trial: &Trial,
    cut: Cut,
    watch: &dyn Watch,
) -> Result<Vec<TrueEffect>, TruthError> {
    let mut found = Vec::new();
    let asked = asked(trial);
    let twins = trial.simulation.truth_twins;
    let progress = Progress { watch, of: twins * asked.len() as u64, done: AtomicU64::new(0) };
    for switched_off in asked.iter().filter(|_| twins > 0) {
        let every_arm = in_every_arm(trial, switched_off);
        let plan = Plan::new(&every_arm).map_err(TruthError::Plan)?.cut(cut);
        let enrolment = enrol(&plan, &progress)?;
        found.extend(effects_of(&plan.layout, &columns(&plan, &enrolment, &progress)?));
    }
    Ok(found)
}

/// How many participants give the true values of a trial: twins in every arm, once for each set of events that
/// estimands suppose not to happen.
#[must_use]
pub fn truth_participants(trial: &Trial) -> u64 {
    trial.simulation.truth_twins * trial.arms.len() as u64 * asked(trial).len() as u64
}

/// The sets of events that estimands suppose not to happen.
fn asked(trial: &Trial) -> Vec<Vec<Happening>> {
    let mut asked: Vec<Vec<Happening>> = trial.estimands.iter().map(off).collect();
    asked.sort();
    asked.dedup();
    asked
}

/// Watches the twins of all true values together.
struct Progress<'w> {
    watch: &'w dyn Watch,
    of: u64,
    done: AtomicU64,
}

impl Watch for Progress<'_> {
    fn shard_done(&self, twins: u64) {
        let done = self.done.fetch_add(twins, Ordering::Relaxed) + twins;
        self.watch.truth_known(done, self.of);
    }

    fn stop(&self) -> bool {
        self.watch.stop()
    }
}

/// What an estimand supposes not to happen, in order.
fn off(estimand: &proband_trial::Estimand) -> Vec<Happening> {
    let mut events: Vec<Happening> = estimand.treated_by(Strategy::Hypothetical).collect();
    events.sort();
    events
}

/// The columns of all twins.
fn columns(
    plan: &Plan<'_>,
    enrolment: &Enrolment,
    watch: &Progress<'_>,
) -> Result<Vec<Vec<f64>>, TruthError> {
    let shards: Vec<Vec<Vec<f64>>> = enrolment
        .shards
        .par_iter()
        .map(|range| {
            if watch.stop() {
                return Err(TruthError::Interrupted);
            }
            let (mut shards, _) = simulate_side_by_side(plan, &[range])?;
            let mut shard = shards.pop().expect("one shard was simulated");
            // All arms are real to a twin whose every arm is wanted.
            shard.participants.iter_mut().for_each(|enrolled| enrolled.factual = true);
            let columns = Worked::of(plan, shard).columns.into_columns();
            watch.shard_done(range.enrolled);
            Ok(columns)
        })
        .collect::<Result<_, TruthError>>()?;
    let mut all = vec![Vec::new(); plan.layout.columns().len()];
    for shard in shards {
        for (all, column) in all.iter_mut().zip(shard) {
            all.extend(column);
        }
    }
    Ok(all)
}

/// The trial with every twin in every arm, in which some events do not happen and nothing is missed.
fn in_every_arm(trial: &Trial, switched_off: &[Happening]) -> Trial {
    let mut every = trial.clone();
    let twins = trial.simulation.truth_twins;
    // Other twins than the trial's, or its estimates would lean on them.
    every.simulation.seed = !trial.simulation.seed;
    every.simulation.replicates = 1;
    every.simulation.uncertainty = false;
    every.design.participants = twins;
    every.design.assignment = Assignment::EveryArm;
    every.eligibility.at_most = trial.eligibility.at_most.max(twins.saturating_mul(100));
    every.accrual = trial.accrual.as_ref().map(|of| sooner(of, twins, trial));
    every.adaptive = Adaptive::default();
    every.output.level = OutputLevel::Findings;
    every.output.truth_every = None;
    every.published.clear();
    every.multiplicity = None;
    every.encounters.iter_mut().for_each(|encounter| encounter.missing = None);
    for (index, of) in every.discontinuations.iter_mut().enumerate() {
        of.retained = 1.0;
        if switched_off.contains(&Happening::Discontinuation(index)) {
            of.cause = DiscontinuationCause::Hazard(never());
        }
    }
    for (index, rule) in every.rules.iter_mut().enumerate() {
        if switched_off.contains(&Happening::Rule(index)) {
            rule.followed = 0.0;
        }
    }
    for (index, event) in every.adverse_events.iter_mut().enumerate() {
        if switched_off.contains(&Happening::AdverseEvent(index)) {
            event.cause = Cause::Hazard(never());
        }
    }
    let estimates = |analysis: &Analysis| {
        let estimand = analysis.estimand.map(|index| &trial.estimands[index]);
        let is_whole = analysis.subgroup.is_none() && analysis.at_looks_of.is_none();
        is_whole && estimand.is_some_and(|of| off(of) == switched_off)
    };
    every.analyses.retain(estimates);
    every.analyses.iter_mut().for_each(leave_measure_alone);
    every
}

/// So many come in the time in which the trial's come.
fn sooner(accrual: &Accrual, twins: u64, trial: &Trial) -> Accrual {
    let factor = twins as f64 / trial.design.participants as f64;
    let mut sooner = accrual.clone();
    let rates = sooner.sources.iter_mut().flat_map(|source| &mut source.rates);
    rates.for_each(|rate| rate.per_day *= factor);
    sooner
}

/// Takes from an analysis what only its estimate needs.
fn leave_measure_alone(analysis: &mut Analysis) {
    analysis.methods.clear();
    analysis.baseline = false;
    analysis.strata = false;
    analysis.stratified_by.clear();
    analysis.covariates.clear();
    analysis.interactions.clear();
    analysis.imputation = None;
    analysis.contrasts.clear();
    analysis.repeats.clear();
    analysis.missing = Missing::ObservedOnly;
}

/// A rate of nothing.
fn never() -> Expression {
    let (unit, text) = (Unit::one().per(&Unit::day()), "0 1/day".to_owned());
    Expression { expr: Expr::Number(0.0), unit, kind: Kind::Number, text, span: None }
}
