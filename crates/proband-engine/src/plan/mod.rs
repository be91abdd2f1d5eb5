//! A trial made ready to run: compiled systems, schedules of doses and visits, the size of a shard.
//!
//! Every participant passes through three stages: up to the visit that decides on eligibility, on to
//! day 1, and from day 1 to the end. The first two know no arm, so that what is seen before
//! randomisation is the same whatever comes after it; each arm has a system of its own for the third,
//! so that another arm changes nothing in it. All systems of a trial have the same rows of states.

mod amounts;
mod causes;
mod clock;
mod draft;
mod in_arm;
mod phase;
mod rows;
mod rules;
mod series;
mod settings;
mod sources;
mod visits;

pub(crate) use amounts::Amounts;
pub(crate) use causes::{GuardRole, HazardCause, adverse_events_of};
pub(crate) use clock::Clock;
pub(crate) use phase::Phase;
pub(crate) use rows::RowSource;
pub(crate) use series::{SeriesPlan, SeriesRows};
pub(crate) use settings::integration;
pub use settings::{ChosenMethod, Cut};
pub(crate) use sources::Standing;
pub(crate) use visits::{Continues, Criteria, Groups, SeenGrades, Strata};

use crate::calendar::Arrivals;
use crate::looks;
use crate::seen::SeenExpressions;
use proband_analysis::{ExpressionError, Layout};
use proband_interim::Boundaries;
use proband_kernel::{Backend, BuildError};
use proband_trial::{
    Adaptation, AdaptationAction, Allocation, Assignment, Encounter, Observed, Trial,
};
use thiserror::Error;

/// A trial made ready to run.
#[derive(Debug)]
pub struct Plan<'t> {
    /// The trial.
    pub trial: &'t Trial,
    /// What the analyses keep of a participant.
    pub layout: Layout<'t>,
    pub(crate) clock: Clock,
    pub(crate) arrivals: Arrivals<'t>,
    /// Start of the simulated time, in days; at or before day 1.
    pub(crate) start: f64,
    /// The visit that decides on eligibility, in days; at or before day 1.
    pub(crate) screening: f64,
    /// End of follow-up, in days.
    pub(crate) end: f64,
    /// Where the periods begin, in days: day 1 alone, but in a crossover.
    pub(crate) periods: Vec<f64>,
    /// What is allocated: the arms of a sequence, by period; in other designs one arm.
    pub(crate) paths: Vec<Vec<usize>>,
    /// Before randomisation.
    pub(crate) before: Phase,
    /// By arm, from day 1 on.
    pub(crate) arms: Vec<Phase>,
    pub(crate) criteria: Criteria,
    pub(crate) strata: Strata,
    /// To whom adaptations narrow enrolment.
    pub(crate) groups: Groups,
    pub(crate) seen_grades: Vec<SeenGrades>,
    /// By epoch: the condition at which it ends for a participant.
    pub(crate) untils: Vec<Option<SeenExpressions>>,
    /// Who goes on from the epochs before day 1.
    pub(crate) continues: Vec<Continues>,
    /// By discontinuation: the condition at which it comes about.
    pub(crate) whens: Vec<Option<SeenExpressions>>,
    /// By observable: the factor from the unit of its quantity to that of its records.
    pub(crate) record_factors: Vec<f64>,
    /// Whether an occasion begins with each visit.
    pub(crate) has_occasions: bool,
    /// By analysis, of a trial with looks.
    pub(crate) boundaries: Vec<Boundaries>,
    pub(crate) cut: Cut,
}

/// Why a checked trial cannot be run.
#[derive(Clone, Debug, Error)]
pub enum PlanError {
    /// Models and trial cannot be compiled into a system.
    #[error("{0}")]
    Build(#[from] BuildError),
    /// An expression of an endpoint or analysis cannot be compiled.
    #[error("{0}")]
    Analysis(#[from] ExpressionError),
    /// Only exact states are wanted, and some are not.
    #[error("`simulation.method = \"exact\"`, but no exact solution is known for {0}")]
    NotExact(String),
    /// What the trial says is part of the format, but not built.
    #[error("not supported yet: {0}")]
    NotSupportedYet(String),
}

/// Twins that are drawn and screened together.
pub(crate) const CHUNK: u64 = 2048;

impl<'t> Plan<'t> {
    /// Compiles a trial.
    ///
    /// # Errors
    /// All that stand in the way of running it.
    pub fn new(trial: &'t Trial) -> Result<Self, Vec<PlanError>> {
        let clock = Clock::of(trial);
        let one = |error: BuildError| vec![PlanError::from(error)];
        let phase = |arm| Phase::new(trial, clock, arm);
        let arms = (0..trial.arms.len()).map(|arm| phase(Some(arm)));
        let factors = trial.observables.iter().map(|of| record_factor(trial, of));
        let start = visits::start(trial);
        let mut plan = Self {
            trial,
            layout: Layout::of(trial).map_err(|error| vec![error.into()])?,
            clock,
            arrivals: Arrivals::new(trial, start),
            start,
            screening: trial.eligibility.at.min(0.0),
            end: visits::end(trial),
            periods: visits::periods(trial, Some(0)),
            paths: visits::paths(trial),
            before: phase(None)?,
            arms: arms.collect::<Result<_, _>>()?,
            criteria: Criteria::new(trial).map_err(one)?,
            strata: Strata::new(trial).map_err(one)?,
            groups: Groups::new(trial).map_err(one)?,
            seen_grades: SeenGrades::all(trial).map_err(one)?,
            untils: visits::untils(trial).map_err(one)?,
            continues: Continues::all(trial).map_err(one)?,
            whens: visits::whens(trial).map_err(one)?,
            record_factors: factors.collect(),
            has_occasions: visits::has_occasions(trial),
            boundaries: looks::boundaries(trial),
            cut: Cut::default(),
        };
        if let Some(what) = not_yet(&plan) {
            return Err(vec![PlanError::NotSupportedYet(what.to_owned())]);
        }
        settings::choose_methods(&mut plan);
        settings::make_steps(&mut plan);
        Ok(plan)
    }

    /// The same plan, with the work cut in another way; no number of a run depends on it.
    #[must_use]
    pub fn cut(mut self, cut: Cut) -> Self {
        self.cut = cut;
        self
    }

    /// What runs the programs.
    pub(crate) fn backend(&self) -> Backend {
        self.cut.backend.unwrap_or_else(Backend::detect)
    }

    /// Participants of a shard: a pure function of the trial. Large enough that lanes are full, small
    /// enough that a shard is little work to lose and that a few threads share even a small trial.
    #[must_use]
    pub fn shard_size(&self) -> u64 {
        if let Some(size) = self.cut.shard {
            return size.max(1);
        }
        const LEAST: u64 = 128;
        const MOST: u64 = 2048;
        const SHARDS: u64 = 64;
        let participants = self.trial.design.participants;
        let even = participants.div_ceil(SHARDS).next_multiple_of(LEAST);
        even.clamp(LEAST, MOST) / self.rows_per_twin().min(8)
    }

    /// How many shards the participants make.
    #[must_use]
    pub fn shards(&self) -> u32 {
        let shards = self.trial.design.participants.div_ceil(self.shard_size());
        u32::try_from(shards).expect("participants that fit in memory make fewer shards")
    }

    /// Rows of the participants' columns that one twin makes: one for each arm or period it goes through.
    #[must_use]
    pub fn rows_per_twin(&self) -> u64 {
        match self.trial.design.assignment {
            Assignment::Randomised => self.periods.len() as u64,
            Assignment::EveryArm => self.arms.len() as u64,
        }
    }

    /// The solver of each arm, by id, and how it was chosen; none where no model has a state that moves
    /// by an equation, so that there is nothing to integrate.
    #[must_use]
    pub fn methods(&self) -> Vec<(String, Option<ChosenMethod>)> {
        let of_arm = |(arm, phase): (&proband_trial::Arm, &Phase)| {
            let moves = !phase.system.states.is_empty();
            (arm.id.clone(), moves.then_some(phase.method))
        };
        self.trial.arms.iter().zip(&self.arms).map(of_arm).collect()
    }

    /// When a period begins and ends; the last has no end.
    pub(crate) fn period(&self, period: usize) -> (f64, f64) {
        let ends = self.periods.get(period + 1).copied().unwrap_or(f64::INFINITY);
        (self.periods[period], ends)
    }

    /// The period that an instant belongs to.
    pub(crate) fn period_at(&self, day: f64) -> usize {
        self.periods.partition_point(|&begins| begins <= day).saturating_sub(1)
    }

    /// The period of a visit that took place on a day; what follows a crossover belongs to the last.
    pub(crate) fn period_of(&self, encounter: &Encounter, day: f64) -> usize {
        match encounter.repeats {
            Some(repeated) => repeated.period,
            None if encounter.day.is_nan() => self.period_at(day),
            None if self.periods.get(1).is_some_and(|&second| encounter.day > second) => {
                self.periods.len() - 1
            }
            None => 0,
        }
    }

    /// The day for which a visit that took place on a day was planned, counted from the first dose of its
    /// period.
    pub(crate) fn day_of_period(&self, encounter: &Encounter, day: f64) -> f64 {
        encounter.planned(day) - self.periods[self.period_of(encounter, day)]
    }

    pub(crate) fn phase(&self, arm: Option<usize>) -> &Phase {
        arm.map_or(&self.before, |arm| &self.arms[arm])
    }
}

/// What is part of the format and not built.
fn not_yet(plan: &Plan<'_>) -> Option<&'static str> {
    let adaptive = &plan.trial.adaptive;
    if let Some(escalation) = &adaptive.escalation
        && looks::response(plan, escalation).is_none()
    {
        return Some("an escalation on an endpoint that only estimands analyse");
    }
    let moves_arms = |adaptation: &Adaptation| {
        use AdaptationAction::{Enrich, Resize, Stop};
        !matches!(adaptation.action, Stop | Resize { .. } | Enrich(_))
    };
    let minimises = matches!(plan.trial.design.method, Allocation::Minimisation { .. });
    (minimises && adaptive.adaptations.iter().any(moves_arms))
        .then_some("arms that close, open or are weighed anew under minimisation")
}

fn record_factor(trial: &Trial, observed: &Observed) -> f64 {
    let model = &trial.models[observed.model].model;
    let quantity = model.observables[observed.index].symbol;
    let held = &model.symbols[quantity.index()].unit;
    held.factor_to(&observed.unit).unwrap_or(f64::NAN)
}
