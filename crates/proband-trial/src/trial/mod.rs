//! A checked trial: what a trial file means, with nothing left to look up.
//!
//! Times are days since day 1 (`t = 0` is the start of day 1, so `day 1` = `week 0` = 0.0,
//! `day -1` = -1.0, `week 24` = 168.0); durations are days. Values keep the unit that their owner
//! declares. Positions (`usize`) point into the lists of [`Trial`] or of its models.

mod accrual;
mod crossover;
mod discontinuations;
mod estimands;
mod rules;
mod safety;
mod uncertainty;

pub use accrual::{Accrual, Process, Rate, Sites, Source};
pub use crossover::{Crossover, Repeated, Sequence};
pub use discontinuations::{Discontinuation, DiscontinuationCause, DiscontinuedFrom};
pub use estimands::{EffectMeasure, Estimand, Strategy};
pub use rules::{Action, Adherence, Check, Rule};
pub use safety::{EventOrder, Limits, ReferenceRange, Safety};
pub use uncertainty::Uncertainty;

use crate::{Expression, Happening, Quantity};
use proband_cohort::Population;
use proband_lang::{Model, Unit};

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
    /// Published figures to compare with.
    pub published: Vec<Published>,
    /// What the symbols of every [`Expression`] of this trial stand for. The covariates come first, in
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
}

/// A row of Table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characteristic {
    /// A covariate of the population (position).
    Covariate(usize),
    /// The baseline of an observable (position).
    Baseline(usize),
}

/// `[simulation]`.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Root of every draw.
    pub seed: u64,
    /// Repetitions of the trial.
    pub replicates: u32,
    /// Whether the parameters that are uncertain are drawn once a repetition.
    pub uncertainty: bool,
    /// The Monte Carlo standard error that a probability is wanted with, as a share.
    pub precision: f64,
    /// Solver; none lets a pilot choose.
    pub method: Option<Method>,
    /// Relative error of the solver.
    pub tolerance: f64,
    /// Absolute error of the solver, in the unit of each state.
    pub atol: f64,
    /// Twins that give the true value of each estimand.
    pub truth_twins: u64,
    /// Whether arms share random numbers; if not, the arm enters the address of a draw.
    pub common_arms: bool,
    /// Whether scenarios share random numbers; if not, each has a seed of its own.
    pub common_scenarios: bool,
}

/// A solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Explicit, order 5.
    Tsit5,
    /// Rosenbrock, order 5, for stiff models.
    Rodas5p,
    /// Closed forms: for models that have one.
    Exact,
}

/// `[output]`.
#[derive(Clone, Debug)]
pub struct Output {
    /// How much is kept.
    pub level: OutputLevel,
    /// Grid of latent trajectories, in days; none is encounters only.
    pub truth_every: Option<f64>,
    /// Keep only these tables, by name.
    pub tables: Option<Vec<String>>,
}

/// How much is kept, each level including the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutputLevel {
    /// Characteristics over the repetitions of the trial.
    Operating,
    /// Findings and counts.
    Findings,
    /// One row a participant, adverse events and times to event.
    Participants,
    /// Every record and dose.
    Records,
    /// Latent trajectories and events.
    Truth,
}

/// `[model.ID]`.
#[derive(Clone, Debug)]
pub struct TrialModel {
    /// The id.
    pub id: String,
    /// The checked model.
    pub model: Model,
    /// Typical values that the trial replaces, in every arm: position of the parameter, value in
    /// the unit of its typical value.
    pub parameters: Vec<(usize, f64)>,
    /// Typical values that are not known: drawn once a repetition where `simulation.uncertainty` says so.
    pub uncertainty: Option<Uncertainty>,
    /// Inputs that the trial feeds, in every arm: position of the input, signal.
    pub inputs: Vec<(usize, Signal)>,
    /// Position in `population.covariates` of each covariate of the model, in its order.
    pub covariates: Vec<usize>,
    /// For each covariate, by what to multiply the population's value to get it in the model's unit.
    pub factors: Vec<f64>,
    /// For each covariate, the model's level of each level of the population's (in its order); empty
    /// for a number.
    pub levels: Vec<Vec<usize>>,
}

/// What feeds an input of a model.
#[derive(Clone, Debug)]
pub enum Signal {
    /// A truth expression, in the input's unit.
    Expression(Expression),
    /// Values from a file.
    Series(Series),
}

/// Values at times, for every participant alike or by participant.
#[derive(Clone, Debug)]
pub struct Series {
    /// Days since day 1, increasing.
    pub days: Vec<f64>,
    /// In the input's unit.
    pub values: Vec<f64>,
    /// Between known values.
    pub between: proband_lang::Between,
}

/// Something that can be recorded.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Name by which the trial speaks of it: plain where one model observes it, else `model.name`.
    pub name: String,
    /// Position in `Trial::models`.
    pub model: usize,
    /// Position in the model's observables.
    pub index: usize,
    /// Unit of the record.
    pub unit: Unit,
    /// The text beside it in the model.
    pub text: Option<String>,
    /// Levels, if it is not a number.
    pub levels: Option<Vec<String>>,
}

/// `[eligibility]`.
#[derive(Clone, Debug)]
pub struct Eligibility {
    /// The visit whose records decide.
    pub at: f64,
    /// All must hold.
    pub inclusion: Vec<Criterion>,
    /// None may hold.
    pub exclusion: Vec<Criterion>,
    /// Screened before the run gives up.
    pub at_most: u64,
}

/// One criterion.
#[derive(Clone, Debug)]
pub struct Criterion {
    /// The id.
    pub id: String,
    /// A condition of the seen context.
    pub condition: Expression,
}

/// `[design]`.
#[derive(Clone, Debug)]
pub struct Design {
    /// Planned enrolment, all arms.
    pub participants: u64,
    /// One arm each, or every twin in every arm.
    pub assignment: Assignment,
    /// How arms are allocated.
    pub method: Allocation,
    /// Factors of stratified blocks, or of minimisation, as screened.
    pub strata: Vec<Stratum>,
    /// The periods of a crossover: then it is its sequences that are allocated.
    pub crossover: Option<Crossover>,
    /// What a factorial design compares by default: main effects and interactions, by the names of their
    /// factors.
    pub contrasts: Vec<Contrast>,
}

/// Who takes part in which arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// One arm by randomisation.
    Randomised,
    /// One arm by randomisation; the twin also takes part in all others.
    EveryArm,
}

/// How arms are allocated.
#[derive(Clone, Debug, PartialEq)]
pub enum Allocation {
    /// Each independently, with the arms' ratio.
    Simple,
    /// Permuted blocks of these sizes, drawn at random, within strata.
    Blocks(Vec<u32>),
    /// Where it leaves the strata, as factors, least uneven.
    Minimisation {
        /// Probability of taking that arm, where it is the one of the smallest ratio.
        probability: f64,
        /// How unevenness is measured.
        imbalance: Imbalance,
    },
}

/// A measure of how unevenly a level of a factor is spread over arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imbalance {
    /// The largest count less the smallest.
    Range,
    /// The variance of the counts.
    Variance,
}

/// A factor of stratification.
#[derive(Clone, Debug)]
pub struct Stratum {
    /// As written: label of `STRATnR`.
    pub text: String,
    /// Its value: a condition (0, 1) or a level (position).
    pub value: Expression,
    /// Words of its values, in order: `["N", "Y"]` for a condition.
    pub levels: Vec<String>,
}

/// `[epoch.ID]`.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// The id.
    pub id: String,
    /// The title, or the id.
    pub title: String,
    /// The kind.
    pub kind: EpochKind,
    /// When it starts.
    pub from: f64,
    /// When it ends.
    pub to: f64,
    /// A condition of the seen context: a participant for whom it holds after a visit goes on with the
    /// next epoch.
    pub until: Option<Expression>,
    /// Regimens given to every arm in it (positions in `Trial::regimens`).
    pub regimens: Vec<usize>,
}

/// The kind of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the protocol")]
pub enum EpochKind {
    Screening,
    RunIn,
    Treatment,
    Washout,
    FollowUp,
}

/// A schedule of doses.
#[derive(Clone, Debug)]
pub struct Regimen {
    /// The id of its table, or of the arm it stands in.
    pub id: String,
    /// Ids by which expressions may name it: its own and those it takes its keys from by `use`.
    pub names: Vec<String>,
    /// EXTRT.
    pub treatment: String,
    /// EXROUTE.
    pub route: Option<String>,
    /// The dose lines it feeds: model, and position in the model's doses. Empty where it acts through
    /// `daily_dose` alone, or is recorded only.
    pub lines: Vec<(usize, usize)>,
    /// Unit of the dose.
    pub unit: Unit,
    /// The rungs: expressions of the seen context, each in `unit`.
    pub amounts: Vec<Expression>,
    /// Rung of the first dose, from 0.
    pub start: usize,
    /// Climb one rung every so many days.
    pub step: Option<f64>,
    /// Length of the cycle in days; none is a single cycle.
    pub every: Option<f64>,
    /// Times in the cycle, days from its start; `[0.0]` unless told.
    pub on: Vec<f64>,
    /// Number of doses.
    pub times: Option<u64>,
    /// Infusion.
    pub infusion: Option<Infusion>,
    /// First possible dose.
    pub from: f64,
    /// No dose at or after this.
    pub until: f64,
    /// A condition of the seen context: no dose once it has held after a visit or before a dose.
    pub until_seen: Option<Expression>,
}

/// How a dose is spread over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Infusion {
    /// Over so many days.
    Over(f64),
    /// At this rate, in the regimen's unit per day.
    Rate(f64),
}

/// `[arm.ID]`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The id.
    pub id: String,
    /// TRT01P.
    pub title: String,
    /// Share of allocation, in whole numbers without a common divisor.
    pub ratio: u32,
    /// Reference of comparisons.
    pub control: bool,
    /// Positions in `Trial::regimens`, in order.
    pub regimens: Vec<usize>,
    /// Typical values in this arm: model, position of the parameter, value in the unit of its typical
    /// value.
    pub parameters: Vec<(usize, usize, f64)>,
    /// Inputs in this arm: model, position of the input, signal.
    pub inputs: Vec<(usize, usize, Signal)>,
}

/// A planned visit.
#[derive(Clone, Debug)]
pub struct Encounter {
    /// Planned time; NaN of a further visit that a rule asks for.
    pub day: f64,
    /// AVISIT: "Week 24", "Baseline", "Day -7", "Follow-up Week 1".
    pub label: String,
    /// AVISITN: the planned time in weeks (24 for `Week 24`, 1 for `Day 8`).
    pub number: f64,
    /// Position in `Trial::epochs`.
    pub epoch: usize,
    /// Positions in `Trial::observables`, increasing.
    pub observe: Vec<usize>,
    /// The actual time is uniform between planned + low and planned + high.
    pub window: Option<(f64, f64)>,
    /// Chance that the visit is not attended (truth context), a share from 0 to 1.
    pub missing: Option<Expression>,
    /// In a later period of a crossover: the visit of the first period that it repeats.
    pub repeats: Option<Repeated>,
}

impl Encounter {
    /// The planned time of a visit that took place on a day: a further visit is planned for when it takes
    /// place.
    #[must_use]
    pub fn planned(&self, day: f64) -> f64 {
        if self.day.is_nan() { day } else { self.day }
    }
}

/// `[adverse_event.ID]`.
#[derive(Clone, Debug)]
pub struct AdverseEvent {
    /// The id.
    pub id: String,
    /// AEDECOD.
    pub term: String,
    /// AEBODSYS.
    pub body_system: String,
    /// What brings it about.
    pub cause: Cause,
    /// Shares of grade 1, 2, ...; empty with `Cause::Grades`.
    pub severity: Vec<f64>,
    /// Mean of the exponential duration in days; none lasts to the end.
    pub lasts: Option<f64>,
    /// Whether it can happen again once it has ended.
    pub recurs: bool,
    /// Share that is serious.
    pub serious: f64,
    /// Share that the trial learns of.
    pub reported: f64,
    /// Learned of at the next attended encounter rather than at once.
    pub found_at_encounter: bool,
    /// Arms in which it happens (positions); all where empty.
    pub arms: Vec<usize>,
}

/// What brings an adverse event about.
#[derive(Clone, Debug)]
pub enum Cause {
    /// An event of a model: model, and position in its events; or a hazard of a model.
    ModelEvent(ModelHappening),
    /// A rate per day (truth context).
    Hazard(Expression),
    /// A share per attended encounter (truth context).
    Probability(Expression),
    /// Conditions for grade 1, 2, ...: of the truth (for `truth_events`) and of the records (for
    /// `adae`). The grade is that of the highest condition that holds.
    Grades {
        /// Over true values.
        truth: Vec<Expression>,
        /// Over records.
        seen: Vec<Expression>,
    },
}

/// An event or hazard of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelHappening {
    /// Model, position in its events.
    Event(usize, usize),
    /// Model, position in its hazards.
    Hazard(usize, usize),
}

/// `[endpoint.ID]`.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The id.
    pub id: String,
    /// The title, or the id.
    pub title: String,
    /// PARAMCD, at most 8 characters.
    pub paramcd: String,
    /// Primary, secondary, ...
    pub level: EndpointLevel,
    /// One value a participant.
    pub value: EndpointValue,
    /// Unit of the value (days for times).
    pub unit: Unit,
    /// The observable whose baseline adjusts it, where it is about one.
    pub observable: Option<usize>,
    /// AVISIT, where the value belongs to one encounter (position).
    pub encounter: Option<usize>,
    /// Which way is better.
    pub better: Option<Better>,
}

impl Endpoint {
    /// Whether it is a time to an event that others preclude.
    #[must_use]
    pub fn has_competing(&self) -> bool {
        matches!(&self.value, EndpointValue::Time(time) if !time.competing.is_empty())
    }
}

/// The rank of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the protocol")]
pub enum EndpointLevel {
    Primary,
    Secondary,
    Exploratory,
    Safety,
}

/// What an endpoint measures.
#[derive(Clone, Debug)]
pub enum EndpointValue {
    /// A number; NaN where a record is missing.
    Number(Expression),
    /// A condition; missing where a record is missing.
    Condition(Expression),
    /// Days from day 1 to an event; censored at the end of follow-up.
    Time(TimeTo),
    /// A count of these in a period, with the time followed in it.
    Count {
        /// What is counted.
        happening: Happening,
        /// From this day.
        from: f64,
        /// To this day.
        to: f64,
    },
}

/// What a time to an event ends with, whichever comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeTo {
    /// Any of these is the event.
    pub events: Vec<Happening>,
    /// Any of these precludes it.
    pub competing: Vec<Happening>,
    /// Any of these ends observation.
    pub censored_by: Vec<Happening>,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Better {
    Higher,
    Lower,
}

/// `[analysis.ID]`.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The id; for a default analysis that of the endpoint.
    pub id: String,
    /// Position in `Trial::endpoints`.
    pub endpoint: usize,
    /// Position in `Trial::estimands`, if it estimates one.
    pub estimand: Option<usize>,
    /// Methods, in order (a time has log-rank and Cox by default).
    pub methods: Vec<AnalysisMethod>,
    /// Comparisons; empty with one arm and for `Summary`.
    pub comparisons: Vec<Comparison>,
    /// Adjust for the baseline of the endpoint's observable.
    pub baseline: bool,
    /// Adjust for (or stratify by) the strata of the randomisation.
    pub strata: bool,
    /// Strata of its own, instead of those of the randomisation: conditions or levels of the endpoint
    /// context.
    pub stratified_by: Vec<Expression>,
    /// Further covariates: expressions of the endpoint context, one value a participant.
    pub covariates: Vec<Expression>,
    /// Products of covariates.
    pub interactions: Vec<Interaction>,
    /// Whom it analyses, a condition of the endpoint context; none is everybody.
    pub set: Option<Expression>,
    /// The level of a subgroup that it is restricted to. An analysis with subgroups is followed by one for
    /// each level of each.
    pub subgroup: Option<Subgroup>,
    /// The endpoint at another visit than its own: an analysis with `visits` is one for each of them.
    pub at: Option<Repeat>,
    /// What all comparisons of the id claim together.
    pub success: Success,
    /// Weighted sums of the arms.
    pub contrasts: Vec<Contrast>,
    /// What is to be shown.
    pub hypothesis: Hypothesis,
    /// The endpoint at each visit of its observable after baseline, up to its own: of mixed models and of
    /// imputation.
    pub repeats: Vec<Repeat>,
    /// Keys of one method.
    pub options: MethodOptions,
    /// How missing values are treated.
    pub missing: Missing,
    /// How missing values of the repeats are modelled, where they are.
    pub imputation: Option<Imputation>,
    /// Two-sided level: intervals have 1 - alpha.
    pub alpha: f64,
    /// 1 or 2 sides.
    pub sided: u8,
    /// Made because the endpoint had none.
    pub by_default: bool,
}

/// A product of covariates, such as `arm:sex`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// As written.
    pub text: String,
    /// What is multiplied.
    pub parts: Vec<Part>,
}

/// One part of a product of covariates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The arm.
    Arm,
    /// The baseline of the endpoint's observable.
    Baseline,
    /// A further covariate of the analysis (position).
    Covariate(usize),
}

/// What the comparisons of an analysis, at all its visits, claim together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Success {
    /// Nothing: each is its own claim.
    #[default]
    Each,
    /// That all of them hold.
    All,
    /// That one of them holds.
    Any,
}

/// One level of a subgroup.
#[derive(Clone, Debug)]
pub struct Subgroup {
    /// The level or condition of each participant.
    pub value: Expression,
    /// The level that belongs to it (position; of a condition 0 or 1).
    pub level: usize,
    /// As written, such as `sex`.
    pub text: String,
    /// The word of the level, such as `F`; of a condition `Y` or `N`.
    pub word: String,
}

/// An endpoint at one of its observable's visits.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// Position in `Trial::encounters`.
    pub encounter: usize,
    /// The value there.
    pub value: Expression,
}

/// A weighted sum of arms.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// `ID.NAME`.
    pub name: String,
    /// By arm; they sum to 0.
    pub weights: Vec<f64>,
}

/// What an analysis is to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hypothesis {
    /// A difference.
    Superiority,
    /// Not worse by this margin, above 0: in the unit of a difference, or as a ratio above 1.
    NonInferiority(f64),
    /// Neither worse nor better by it.
    Equivalence(f64),
}

/// Keys that belong to one method.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodOptions {
    /// Weight on early events of a Fleming-Harrington test.
    pub rho: f64,
    /// Weight on late events.
    pub gamma: f64,
    /// End of the restricted mean, in days; none takes the last time that all arms reach.
    pub tau: Option<f64>,
    /// Share of an exact binomial test.
    pub null: Option<f64>,
    /// Doses or other scores by arm, of a test for trend.
    pub scores: Vec<f64>,
    /// Interval of a difference of proportions.
    pub interval: DifferenceInterval,
    /// Covariance of the visits of one participant.
    pub covariance: VisitCovariance,
    /// Degrees of freedom of a mixed model.
    pub df: DegreesOfFreedom,
    /// Of a Bayesian method.
    pub prior: Option<Prior>,
    /// What differs between participants in a linear mixed model.
    pub random: RandomEffects,
}

/// A structure of the covariance between a participant's visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum VisitCovariance {
    #[default]
    Unstructured,
    Toeplitz,
    HeterogeneousToeplitz,
    AutoRegressive,
    HeterogeneousAutoRegressive,
    CompoundSymmetry,
    HeterogeneousCompoundSymmetry,
}

/// What differs between participants in a linear mixed model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RandomEffects {
    /// A level and a slope of their own, correlated.
    #[default]
    InterceptAndSlope,
    /// A level of their own.
    Intercept,
}

/// How the covariance's own uncertainty enters tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DegreesOfFreedom {
    /// Kenward and Roger's by first derivatives: what SAS prints.
    #[default]
    KenwardRoger,
    /// Kenward and Roger's of 1997, with second derivatives.
    KenwardRoger1997,
    /// Satterthwaite's.
    Satterthwaite,
}

/// An interval of a difference of proportions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DifferenceInterval {
    /// Newcombe's hybrid of Wilson's intervals.
    #[default]
    Newcombe,
    /// Miettinen and Nurminen's score interval.
    MiettinenNurminen,
    /// Agresti and Caffo's.
    AgrestiCaffo,
    /// Wald's.
    Wald,
}

/// `[multiplicity]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiplicity {
    /// How the level is shared.
    pub method: MultiplicityMethod,
    /// Names of the comparisons and contrasts, in order.
    pub hypotheses: Vec<String>,
    /// The familywise level.
    pub alpha: f64,
}

/// How a level is shared between hypotheses.
#[derive(Clone, Debug, PartialEq)]
pub enum MultiplicityMethod {
    /// In equal parts.
    Bonferroni,
    /// Bonferroni's, step by step from the smallest p-value.
    Holm,
    /// Simes', step by step from the largest.
    Hochberg,
    /// By the joint distribution of comparisons with one control.
    Dunnett,
    /// In the order given, each only after the one before.
    FixedSequence,
    /// By weights that are handed on (F. Bretz et al., Statistics in Medicine 28, 2009).
    Graph {
        /// Share of the level of each hypothesis.
        weights: Vec<f64>,
        /// What each hands to each of the others once it is rejected.
        pass: Vec<Vec<f64>>,
    },
}

/// A method of analysis that this version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum AnalysisMethod {
    Ancova,
    TTest,
    Wilcoxon,
    Mmrm,
    Paired,
    LinearMixed,
    NormalNormal,
    Proportions,
    Logistic,
    CochranMantelHaenszel,
    Fisher,
    CochranArmitage,
    ExactBinomial,
    BetaBinomial,
    LogRank,
    FlemingHarrington,
    MaxCombo,
    RestrictedMean,
    Cox,
    KaplanMeier,
    Gray,
    NegativeBinomial,
    Poisson,
    Summary,
}

/// A comparison of two arms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// `ID.ARM` or `ID.TEST_vs_REFERENCE`.
    pub name: String,
    /// Position of the arm under test.
    pub test: usize,
    /// Position of the reference arm.
    pub reference: usize,
}

/// How missing values are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Participants without a value are left out.
    ObservedOnly,
    /// The last record after baseline stands in.
    LastObservation,
    /// The baseline record stands in.
    BaselineObservation,
    /// A condition without records is not met.
    Failure,
}

/// How missing values are modelled, from the visits there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Imputation {
    /// What is assumed of values after a participant's last one.
    pub strategy: ImputationStrategy,
    /// How many data sets are completed by draws; none completes one by conditional means.
    pub sets: Option<u64>,
    /// What is added to the values imputed in arms under test, in the unit of the endpoint: an analysis
    /// each, beside the one that adds nothing.
    pub deltas: Vec<f64>,
}

/// What is assumed of values after a participant's last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImputationStrategy {
    /// As those of others in the arm with the same values before.
    MissingAtRandom,
    /// At once as in the reference arm.
    JumpToReference,
    /// As if the participant had been in the reference arm from the start.
    CopyReference,
    /// From the last mean of the arm on with the increments of the reference arm.
    CopyIncrements,
    /// Staying at the last mean of the arm.
    LastMean,
    /// As those of others in the arm who stopped treatment and were seen.
    RetrievedDropout,
}

/// What is believed before the data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum Prior {
    /// Of the share of each arm.
    Beta { alpha: f64, beta: f64 },
    /// Of the difference of two arms, in the unit of the endpoint.
    Normal { mean: f64, sd: f64 },
}

/// `[[published]]`.
#[derive(Clone, Debug)]
pub struct Published {
    /// What it is a figure of.
    pub of: PublishedOf,
    /// Which statistic.
    pub statistic: Statistic,
    /// By arm (position) or time point.
    pub values: Vec<(PublishedKey, f64)>,
    /// Unit of the values, if they have one.
    pub unit: Option<Unit>,
    /// Grade at least.
    pub grade: Option<u8>,
    /// Half-width that counts as agreement, in the values' unit.
    pub within: f64,
    /// Where it is published.
    pub source: String,
}

/// What a published figure is of, with its position in the list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum PublishedOf {
    Analysis(usize),
    Endpoint(usize),
    AdverseEvent(usize),
    Observable(usize),
}

/// What a published value belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PublishedKey {
    /// An arm.
    Arm(usize),
    /// A planned time.
    Day(f64),
}

/// A statistic of a published figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The estimate of a comparison with the reference arm.
    Estimate,
    /// A mean by arm.
    Mean,
    /// A percentage by arm.
    Percent,
    /// A median by arm.
    Median,
    /// The true value of an observable at planned times (one participant, or the mean over all).
    Truth,
}
