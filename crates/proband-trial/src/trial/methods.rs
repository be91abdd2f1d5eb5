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

/// What is believed before the data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum Prior {
    /// Of the share of each arm.
    Beta { alpha: f64, beta: f64 },
    /// Of the difference of two arms, in the unit of the endpoint.
    Normal { mean: f64, sd: f64 },
}
