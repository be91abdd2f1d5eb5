//! Methods of analysis and the keys of their own.

/// A method of analysis that this version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum AnalysisMethod {
    Ancova,
    TTest,
    Wilcoxon,
    Mmrm,
    Paired,
    Crossover,
    EstimatingEquations,
    LinearMixed,
    NormalNormal,
    Proportions,
    ChiSquare,
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
    Lifetimes,
    WinRatio,
    NegativeBinomial,
    Poisson,
    RecurrentEvents,
    ZeroInflatedNegativeBinomial,
    ZeroInflatedPoisson,
    Summary,
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
    /// Interval of a difference of proportions within strata.
    pub stratified_interval: StratifiedInterval,
    /// Scale of the intervals of survival curves.
    pub curve: CurveScale,
    /// Whether a t-test takes the variances of the arms to be the same.
    pub pooled: bool,
    /// How a model of hazards treats events at the same time.
    pub ties: Ties,
    /// Whether a model of hazards has standard errors that hold where it is not true.
    pub robust: bool,
    /// The distribution of times.
    pub distribution: LifetimeDistribution,
    /// Covariance of the visits of one participant.
    pub covariance: VisitCovariance,
    /// Correlation that estimating equations work with.
    pub working: WorkingCorrelation,
    /// Degrees of freedom of a mixed model.
    pub df: DegreesOfFreedom,
    /// Of a Bayesian method.
    pub prior: Option<Prior>,
    /// What earlier trials say of the reference arm, of a Bayesian method.
    pub history: Option<History>,
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

/// The correlation of a participant's visits that estimating equations work with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum WorkingCorrelation {
    #[default]
    Exchangeable,
    Independence,
    AutoRegressive,
    Unstructured,
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

/// An interval of a difference of proportions within strata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StratifiedInterval {
    /// Mantel and Haenszel's difference with Sato's variance.
    #[default]
    Sato,
    /// Yan and Su's hybrid of stratified Wilson intervals.
    Newcombe,
    /// Miettinen and Nurminen's score interval of a common difference.
    MiettinenNurminen,
}

/// The scale on which an interval of a survival curve is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum CurveScale {
    #[default]
    LogLog,
    Log,
    Plain,
}

/// How events at the same time share those at risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum Ties {
    #[default]
    Efron,
    Breslow,
}

/// A distribution of times to an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum LifetimeDistribution {
    #[default]
    Weibull,
    Exponential,
    Gompertz,
    LogNormal,
    LogLogistic,
}

/// What was seen of the control arms of earlier trials.
#[derive(Clone, Debug, PartialEq)]
pub enum History {
    /// Participants with the event, among so many, which count by a weight from 0 to 1: the power prior.
    Counts {
        /// Those with the event.
        events: u64,
        /// All.
        total: u64,
        /// How much each counts.
        weight: f64,
    },
    /// Means with standard errors, from which the mean of the next trial is predicted: the meta-analytic predictive prior.
    Means {
        /// In the unit of the endpoint.
        estimates: Vec<f64>,
        /// Their standard errors.
        errors: Vec<f64>,
        /// Scale of the half-normal belief about the standard deviation between trials.
        between: f64,
        /// Weight and standard deviation of a vague component, around the mean of the others.
        robust: Option<(f64, f64)>,
    },
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
