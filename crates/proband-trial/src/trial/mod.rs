//! A checked trial: what a trial file means, with nothing left to look up.
//!
//! Times are days since day 1 (`t = 0` is the start of day 1, so `day 1` = `week 0` = 0.0,
//! `day -1` = -1.0, `week 24` = 168.0); durations are days. Values keep the unit that their owner
//! declares. Positions (`usize`) point into the lists of [`Trial`] or of its models.

mod accrual;
mod adaptive;
mod adverse_events;
mod analyses;
mod arms;
mod crossover;
mod design;
mod discontinuations;
mod endpoints;
mod estimands;
mod methods;
mod missing;
mod models;
mod multiplicity;
mod published;
mod rules;
mod safety;
mod schedule;
mod simulation;

pub(crate) use accrual::distinct;
pub use accrual::{Accrual, Process, Rate, Sites, Source};
pub(crate) use adaptive::at_least;
pub use adaptive::{
    Adaptation, AdaptationAction, Adaptive, Combination, Escalation, EscalationMethod,
    Futility, Look, Sequential, Spending, TrialQuantity,
};
pub use adverse_events::{AdverseEvent, Cause, ModelHappening};
pub use analyses::{
    Analysis, Comparison, Contrast, Hypothesis, Interaction, Part, Repeat, Subgroup, Success,
};
pub use arms::{Arm, Infusion, Regimen};
pub use crossover::{Crossover, Repeated, Sequence};
pub use design::{Allocation, Assignment, Criterion, Design, Eligibility, Imbalance, Stratum};
pub use discontinuations::{Discontinuation, DiscontinuationCause, DiscontinuedFrom};
pub use endpoints::{Better, Endpoint, EndpointLevel, EndpointValue, TimeTo};
pub use estimands::{EffectMeasure, Estimand, Strategy};
pub use methods::{
    AnalysisMethod, CurveScale, DegreesOfFreedom, DifferenceInterval, History,
    LifetimeDistribution, MethodOptions, Prior, RandomEffects, StratifiedInterval, Ties,
    VisitCovariance, WorkingCorrelation,
};
pub use missing::{Imputation, ImputationStrategy, Missing};
pub use models::{Observed, Series, Signal, TrialModel, Uncertainty};
pub use multiplicity::{Multiplicity, MultiplicityMethod};
pub use published::{Published, PublishedKey, PublishedOf, Statistic};
pub use rules::{Action, Adherence, Check, Rule};
pub use safety::{EventOrder, Limits, ReferenceRange, Safety};
pub use schedule::{Encounter, Epoch, EpochKind};
pub use simulation::{Method, Output, OutputLevel, Simulation};

use crate::Quantity;
use proband_cohort::Population;

/// A checked trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// `trial.id`: STUDYID.
    pub id: String,
    /// Id of the scenario that it is, SCENARIO; `base` for the trial as written.
    pub scenario: String,
    /// What its scenarios and its grid make of it, in the order of the file.
    pub scenarios: Vec<Self>,
    /// Printed in the summary.
    pub title: Option<String>,
    /// Printed.
    pub phase: Option<String>,
    /// Printed.
    pub indication: Option<String>,
    /// Printed.
    pub registry: Option<String>,
    /// Printed.
    pub source: Option<String>,
    /// Seed, solver, tolerances.
    pub simulation: Simulation,
    /// What is kept.
    pub output: Output,
    /// The models, in the order of the file.
    pub models: Vec<TrialModel>,
    /// Everything that can be recorded, over all models.
    pub observables: Vec<Observed>,
    /// Who is drawn.
    pub population: Population,
    /// What is so of a plausible twin at every visit (conditions of the truth), beside the limits of the
    /// population, which read covariates alone. Who goes beyond one before day 1 is passed over.
    pub limits: Vec<Criterion>,
    /// What describes the participants, in the order of Table 1.
    pub characteristics: Vec<Characteristic>,
    /// Who is enrolled.
    pub eligibility: Eligibility,
    /// How many, and how they are allocated.
    pub design: Design,
    /// When people come to be screened; none where all start together.
    pub accrual: Option<Accrual>,
    /// Stages, in the order of time; never empty, exactly one of kind treatment, or one for each period of a
    /// crossover.
    pub epochs: Vec<Epoch>,
    /// Every regimen that an arm or an epoch gives.
    pub regimens: Vec<Regimen>,
    /// The arms, in the order of the file; never empty.
    pub arms: Vec<Arm>,
    /// The schedule, by planned time; entries at one time are one encounter. The later periods of a crossover
    /// come after all others. After them what further visits observe that rules ask for, which have no
    /// planned time.
    pub encounters: Vec<Encounter>,
    /// Adverse events, in the order of the file.
    pub adverse_events: Vec<AdverseEvent>,
    /// What ends treatment or participation early, in the order of the file.
    pub discontinuations: Vec<Discontinuation>,
    /// What is done when the trial sees something, in the order of the file.
    pub rules: Vec<Rule>,
    /// Which scheduled doses are taken; none takes all.
    pub adherence: Option<Adherence>,
    /// How safety is told.
    pub safety: Safety,
    /// Endpoints, in the order of the file.
    pub endpoints: Vec<Endpoint>,
    /// Estimands, in the order of the file.
    pub estimands: Vec<Estimand>,
    /// Analyses: the declared ones, then the defaults of endpoints that have none.
    pub analyses: Vec<Analysis>,
    /// How the level is shared between hypotheses; none tests each at its own.
    pub multiplicity: Option<Multiplicity>,
    /// Looks while it is under way, and what may change after them.
    pub adaptive: Adaptive,
    /// Published figures to compare with.
    pub published: Vec<Published>,
    /// What the symbols of every [`crate::Expression`] of this trial stand for. The covariates come first, in
    /// their order: the symbol of a covariate is its position.
    pub quantities: Vec<Quantity>,
    /// Every default that was used, as `path = value` in the file's own words.
    pub defaults: Vec<(String, String)>,
    /// The files that were read (path as written, text), for the hash of the inputs.
    pub inputs: Vec<(String, String)>,
}

impl Trial {
    /// When treatment ends as planned: with the last epoch of treatment, in days.
    #[must_use]
    pub fn end_of_treatment(&self) -> f64 {
        let treated = self.epochs.iter().filter(|epoch| epoch.kind == EpochKind::Treatment);
        treated.map(|epoch| epoch.to).fold(0.0, f64::max)
    }

    /// The level that p-values of an analysis are compared with; 0.05 where no analysis has the id.
    #[must_use]
    pub fn level_of(&self, analysis: &str) -> f64 {
        let analysis = self.analyses.iter().find(|of| of.id == analysis);
        analysis.map_or(0.05, |analysis| analysis.alpha)
    }
}

/// A row of Table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characteristic {
    /// A covariate of the population (position).
    Covariate(usize),
    /// The baseline of an observable (position).
    Baseline(usize),
}
