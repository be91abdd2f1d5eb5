//! `[estimand.ID]`: what a trial wants to know (ICH E9(R1)).

use crate::{EndpointValue, Expression, Happening};

/// A treatment effect to be estimated.
#[derive(Clone, Debug)]
pub struct Estimand {
    /// The id.
    pub id: String,
    /// Position in `Trial::endpoints`.
    pub endpoint: usize,
    /// Whom it is about; none is everybody randomised.
    pub population: Option<Expression>,
    /// Pairs of test and reference arms; none leaves them to the analysis.
    pub compare: Option<Vec<(usize, usize)>>,
    /// Intercurrent events: those that it names, and all discontinuations and rules.
    pub intercurrent: Vec<(Happening, Strategy)>,
    /// How the arms are compared.
    pub summary: EffectMeasure,
    /// The endpoint's value where composite events are part of it, or end its time; none where it is as
    /// the endpoint says.
    pub value: Option<EndpointValue>,
    /// A condition that participants outside a principal stratum do not meet, as far as it can be seen in
    /// their own arm.
    pub stratum: Option<Expression>,
}

impl Estimand {
    /// The events that it treats in one way.
    pub fn treated_by(&self, strategy: Strategy) -> impl Iterator<Item = Happening> {
        let events = self.intercurrent.iter().filter(move |(_, other)| *other == strategy);
        events.map(|&(event, _)| event)
    }

    /// Whether records after an event do not count.
    #[must_use]
    pub fn cuts_records(&self) -> bool {
        let cut = [Strategy::Hypothetical, Strategy::WhileOnTreatment];
        self.intercurrent.iter().any(|(_, strategy)| cut.contains(strategy))
    }
}

/// How an intercurrent event is dealt with (ICH E9(R1), A.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Values count whether it happened or not.
    TreatmentPolicy,
    /// The value there would have been without it.
    Hypothetical,
    /// It is part of the endpoint.
    Composite,
    /// The value before it.
    WhileOnTreatment,
    /// Those to whom it would happen in neither arm.
    PrincipalStratum,
}

impl Strategy {
    /// The words of the trial file.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::TreatmentPolicy => "treatment policy",
            Self::Hypothetical => "hypothetical",
            Self::Composite => "composite",
            Self::WhileOnTreatment => "while on treatment",
            Self::PrincipalStratum => "principal stratum",
        }
    }
}

/// How two arms are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum EffectMeasure {
    Difference,
    Ratio,
    OddsRatio,
    HazardRatio,
}
