//! Analyses: of whom, of what, adjusted for what, compared how.

use crate::{AnalysisMethod, Expression, Imputation, MethodOptions, Missing};

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
    /// Endpoints that follow in importance (positions), of a win ratio.
    pub then: Vec<usize>,
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
    /// Made for looks, which ask how another analysis (position) stands in the set of this one; it has no findings
    /// of its own.
    pub at_looks_of: Option<usize>,
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

/// What an analysis is to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hypothesis {
    /// A difference.
    Superiority,
    /// Not worse by this margin, above 0: in the unit of a difference, or as a ratio above 1.
    NonInferiority(f64),
    /// Neither worse nor better by it.
    Equivalence(f64),
    /// Higher in the arm under test by more than this, 0 or above (as a ratio 1 or above), whichever way is better.
    Greater(f64),
    /// Lower in it by more than this.
    Less(f64),
}
