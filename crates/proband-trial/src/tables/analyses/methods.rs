//! The methods of analysis: which kind of endpoint each takes, and which keys are its own.

use crate::{AnalysisMethod, EndpointValue};

/// A kind of endpoint, for methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Numbers,
    Conditions,
    Times,
    Counts,
    /// Numbers, and conditions, at visits.
    Visits,
    All,
}

/// A method of the format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    pub(super) word: &'static str,
    pub(super) takes: Takes,
    /// None of a method that is not built yet.
    pub(super) built: Option<AnalysisMethod>,
    /// Keys that only this method (and others that list them) uses.
    pub(super) own: &'static [&'static str],
}

const fn method(
    word: &'static str,
    takes: Takes,
    built: Option<AnalysisMethod>,
    own: &'static [&'static str],
) -> Method {
    Method { word, takes, built, own }
}

/// Every method, in the order in which the format lists them.
pub(super) const METHODS: [Method; 32] = [
    method("ancova", Takes::Numbers, Some(AnalysisMethod::Ancova), &[]),
    method("t-test", Takes::Numbers, Some(AnalysisMethod::TTest), &["variance"]),
    method("wilcoxon", Takes::Numbers, Some(AnalysisMethod::Wilcoxon), &[]),
    method("mmrm", Takes::Numbers, Some(AnalysisMethod::Mmrm), &["covariance", "df"]),
    method("paired", Takes::Numbers, Some(AnalysisMethod::Paired), &[]),
    method("crossover", Takes::Numbers, Some(AnalysisMethod::Crossover), &["df"]),
    method(
        "linear mixed",
        Takes::Numbers,
        Some(AnalysisMethod::LinearMixed),
        &["covariance", "df"],
    ),
    method("gee", Takes::Visits, Some(AnalysisMethod::EstimatingEquations), &["covariance"]),
    method(
        "normal-normal",
        Takes::Numbers,
        Some(AnalysisMethod::NormalNormal),
        &["prior", "history"],
    ),
    method("proportions", Takes::Conditions, Some(AnalysisMethod::Proportions), &["interval"]),
    method("chi-square", Takes::Conditions, Some(AnalysisMethod::ChiSquare), &[]),
    method("logistic", Takes::Conditions, Some(AnalysisMethod::Logistic), &[]),
    method(
        "cmh",
        Takes::Conditions,
        Some(AnalysisMethod::CochranMantelHaenszel),
        &["interval"],
    ),
    method("fisher", Takes::Conditions, Some(AnalysisMethod::Fisher), &[]),
    method(
        "cochran-armitage",
        Takes::Conditions,
        Some(AnalysisMethod::CochranArmitage),
        &["scores"],
    ),
    method("exact binomial", Takes::Conditions, Some(AnalysisMethod::ExactBinomial), &["null"]),
    method(
        "beta-binomial",
        Takes::Conditions,
        Some(AnalysisMethod::BetaBinomial),
        &["prior", "history"],
    ),
    method("log-rank", Takes::Times, Some(AnalysisMethod::LogRank), &[]),
    method("cox", Takes::Times, Some(AnalysisMethod::Cox), &["ties", "errors"]),
    method(
        "fleming-harrington",
        Takes::Times,
        Some(AnalysisMethod::FlemingHarrington),
        &["rho", "gamma"],
    ),
    method("maxcombo", Takes::Times, Some(AnalysisMethod::MaxCombo), &[]),
    method("rmst", Takes::Times, Some(AnalysisMethod::RestrictedMean), &["tau"]),
    method(
        "kaplan-meier",
        Takes::Times,
        Some(AnalysisMethod::KaplanMeier),
        &["interval", "tau"],
    ),
    method("gray", Takes::Times, Some(AnalysisMethod::Gray), &["tau"]),
    method("parametric", Takes::Times, Some(AnalysisMethod::Lifetimes), &["distribution"]),
    method("win ratio", Takes::Times, Some(AnalysisMethod::WinRatio), &["then"]),
    method("negative binomial", Takes::Counts, Some(AnalysisMethod::NegativeBinomial), &[]),
    method("poisson", Takes::Counts, Some(AnalysisMethod::Poisson), &[]),
    method(
        "zero-inflated negative binomial",
        Takes::Counts,
        Some(AnalysisMethod::ZeroInflatedNegativeBinomial),
        &[],
    ),
    method(
        "zero-inflated poisson",
        Takes::Counts,
        Some(AnalysisMethod::ZeroInflatedPoisson),
        &[],
    ),
    method("recurrent events", Takes::Counts, Some(AnalysisMethod::RecurrentEvents), &["tau"]),
    method("summary", Takes::All, Some(AnalysisMethod::Summary), &[]),
];

impl Takes {
    /// The kind of an endpoint's value.
    pub(super) fn of(value: &EndpointValue) -> Self {
        match value {
            EndpointValue::Number(_) => Self::Numbers,
            EndpointValue::Condition(_) => Self::Conditions,
            EndpointValue::Time(_) => Self::Times,
            EndpointValue::Count { .. } => Self::Counts,
        }
    }

    /// `numbers`, as in "ancova analyses numbers".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Conditions => "conditions",
            Self::Times => "times",
            Self::Counts => "counts",
            Self::Visits => "numbers and conditions",
            Self::All => "all kinds",
        }
    }

    /// Words of the methods that take it and can be used.
    pub(super) fn methods(self) -> Vec<&'static str> {
        let fitting = |method: &&Method| {
            let all = method.takes == Self::All;
            !all && method.takes.covers(self) && method.built.is_some()
        };
        METHODS.iter().filter(fitting).map(|method| method.word).collect()
    }

    /// The methods of an analysis that names none, with two arms or more.
    pub(super) fn default_methods(self) -> &'static [AnalysisMethod] {
        match self {
            Self::Numbers => &[AnalysisMethod::Ancova],
            Self::Conditions => &[AnalysisMethod::Proportions],
            Self::Times => &[AnalysisMethod::LogRank, AnalysisMethod::Cox],
            Self::Counts => &[AnalysisMethod::NegativeBinomial],
            Self::Visits | Self::All => &[AnalysisMethod::Summary],
        }
    }

    /// Whether a method that takes this takes endpoints of a kind.
    pub(super) fn covers(self, kind: Self) -> bool {
        match self {
            Self::All => true,
            Self::Visits => matches!(kind, Self::Numbers | Self::Conditions),
            own => own == kind,
        }
    }
}

/// Whether the methods adjust for the baseline of the endpoint's observable unless told otherwise.
pub(super) fn takes_baseline(methods: &[AnalysisMethod]) -> bool {
    methods.iter().any(|m| {
        matches!(
            m,
            AnalysisMethod::Ancova
                | AnalysisMethod::Mmrm
                | AnalysisMethod::LinearMixed
                | AnalysisMethod::EstimatingEquations
                | AnalysisMethod::Logistic
                | AnalysisMethod::NormalNormal
        )
    })
}

/// Whether the methods take covariates.
pub(super) fn takes_covariates(methods: &[AnalysisMethod]) -> bool {
    methods.iter().any(|method| {
        matches!(
            method,
            AnalysisMethod::Ancova
                | AnalysisMethod::Mmrm
                | AnalysisMethod::LinearMixed
                | AnalysisMethod::Crossover
                | AnalysisMethod::EstimatingEquations
                | AnalysisMethod::Logistic
                | AnalysisMethod::Cox
                | AnalysisMethod::Gray
                | AnalysisMethod::Lifetimes
                | AnalysisMethod::NormalNormal
                | AnalysisMethod::NegativeBinomial
                | AnalysisMethod::Poisson
                | AnalysisMethod::RecurrentEvents
                | AnalysisMethod::ZeroInflatedNegativeBinomial
                | AnalysisMethod::ZeroInflatedPoisson
        )
    })
}

/// Whether the methods take strata: those that take covariates, and those that add up over strata.
pub(super) fn takes_strata(methods: &[AnalysisMethod]) -> bool {
    takes_covariates(methods)
        || methods.iter().any(|method| {
            matches!(
                method,
                AnalysisMethod::CochranMantelHaenszel
                    | AnalysisMethod::LogRank
                    | AnalysisMethod::FlemingHarrington
                    | AnalysisMethod::MaxCombo
            )
        })
}

/// Whether visits are a factor of a method's model.
pub(super) fn has_visits(method: AnalysisMethod) -> bool {
    matches!(method, AnalysisMethod::Mmrm | AnalysisMethod::EstimatingEquations)
}

/// Whether a method takes contrasts of arms.
pub(super) fn takes_contrasts(methods: &[AnalysisMethod]) -> bool {
    methods.iter().any(|m| matches!(m, AnalysisMethod::Ancova | AnalysisMethod::Mmrm))
}

/// Whether a method can show non-inferiority or equivalence: it has an interval on a scale of effects.
pub(super) fn takes_margin(method: AnalysisMethod) -> bool {
    matches!(
        method,
        AnalysisMethod::Ancova
            | AnalysisMethod::Mmrm
            | AnalysisMethod::TTest
            | AnalysisMethod::Crossover
    ) || takes_margin_of_ratio(method)
}

/// Whether the margin of a method is a ratio.
pub(super) fn takes_margin_of_ratio(method: AnalysisMethod) -> bool {
    matches!(
        method,
        AnalysisMethod::Cox
            | AnalysisMethod::NegativeBinomial
            | AnalysisMethod::Poisson
            | AnalysisMethod::RecurrentEvents
            | AnalysisMethod::ZeroInflatedNegativeBinomial
            | AnalysisMethod::ZeroInflatedPoisson
    )
}

/// Whether a method compares arms.
pub(super) fn compares(method: AnalysisMethod) -> bool {
    !matches!(
        method,
        AnalysisMethod::Summary
            | AnalysisMethod::KaplanMeier
            | AnalysisMethod::ExactBinomial
            | AnalysisMethod::CochranArmitage
    )
}
