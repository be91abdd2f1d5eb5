//! One measure of one statistic over the repetitions.

use crate::finding::{Cell, Finding, StatisticName};

/// What is told of a statistic over the repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Share of repetitions in which the hypothesis is rejected.
    Power,
    /// The same where it is known that there is no effect.
    TypeIError,
    /// The same where the parameters of models are drawn once a repetition.
    Assurance,
    /// Share of repetitions in which it comes about.
    Probability,
    /// Mean of the estimates; of ratios the geometric one.
    Mean,
    /// Standard deviation of the estimates; of ratios that of their logarithms.
    EmpiricalSe,
    /// Root of the mean square of the standard errors that the analysis gives.
    ModelSe,
    /// Mean of the estimates less the truth; of ratios that of the logarithms.
    Bias,
    /// Mean square of the estimates less the truth; of ratios that of the logarithms.
    MeanSquaredError,
    /// Share of repetitions whose interval holds the truth.
    Coverage,
}

impl Measure {
    /// Every measure, in the order of the code list.
    pub const ALL: [Self; 10] = [
        Self::Power,
        Self::TypeIError,
        Self::Assurance,
        Self::Probability,
        Self::Mean,
        Self::EmpiricalSe,
        Self::ModelSe,
        Self::Bias,
        Self::MeanSquaredError,
        Self::Coverage,
    ];

    /// The word in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Power => "POWER",
            Self::TypeIError => "TYPE_I_ERROR",
            Self::Assurance => "ASSURANCE",
            Self::Probability => "PROBABILITY",
            Self::Mean => "MEAN",
            Self::EmpiricalSe => "EMPIRICAL_SE",
            Self::ModelSe => "MODEL_SE",
            Self::Bias => "BIAS",
            Self::MeanSquaredError => "MSE",
            Self::Coverage => "COVERAGE",
        }
    }

    /// The measure of a word in the table.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == word)
    }

    /// Whether it is a share of the repetitions.
    #[must_use]
    pub fn is_share(self) -> bool {
        self.is_rejection() || matches!(self, Self::Probability | Self::Coverage)
    }

    /// Whether it is how often a hypothesis is rejected.
    #[must_use]
    pub fn is_rejection(self) -> bool {
        matches!(self, Self::Power | Self::TypeIError | Self::Assurance)
    }
}

/// A row of the table of operating characteristics.
#[derive(Clone, Debug, PartialEq)]
pub struct Characteristic {
    /// SCENARIO: its id; `base` without one.
    pub scenario: String,
    /// ANALYSIS.
    pub analysis: String,
    /// PARAMCD.
    pub paramcd: String,
    /// PARAM.
    pub param: String,
    /// AVISIT.
    pub avisit: Option<String>,
    /// METHOD.
    pub method: String,
    /// COMPARISON.
    pub comparison: Option<String>,
    /// TRT01A: the arm's title.
    pub arm: Option<String>,
    /// REFERENCE: the title of the reference arm.
    pub reference: Option<String>,
    /// GROUP.
    pub group: Option<String>,
    /// LOOK.
    pub look: Option<String>,
    /// STATISTIC: what is characterised.
    pub statistic: StatisticName,
    /// MEASURE.
    pub measure: Measure,
    /// ESTIMATE; a share is a number from 0 to 1.
    pub estimate: f64,
    /// STDERR: its Monte Carlo standard error; none for one repetition.
    pub standard_error: Option<f64>,
    /// LOWER: of the 95 % Monte Carlo interval.
    pub lower: Option<f64>,
    /// UPPER.
    pub upper: Option<f64>,
    /// N: repetitions it rests on.
    pub n: u64,
    /// NEEDED: repetitions that the wanted precision needs.
    pub needed: Option<u64>,
    /// UNIT; none for a number without a unit.
    pub unit: Option<String>,
    /// NOTE.
    pub note: Option<String>,
}

impl Characteristic {
    /// The columns of the table after STUDYID, in the order of [`Characteristic::cells`].
    pub const COLUMNS: [&'static str; 21] = [
        "SCENARIO",
        "ANALYSIS",
        "PARAMCD",
        "PARAM",
        "AVISIT",
        "METHOD",
        "COMPARISON",
        "TRT01A",
        "REFERENCE",
        "GROUP",
        "LOOK",
        "STATISTIC",
        "MEASURE",
        "ESTIMATE",
        "STDERR",
        "LOWER",
        "UPPER",
        "N",
        "NEEDED",
        "UNIT",
        "NOTE",
    ];

    /// A measure of a statistic, without its numbers.
    pub(super) fn of(scenario: &str, finding: &Finding, measure: Measure) -> Self {
        Self {
            scenario: scenario.to_owned(),
            analysis: finding.analysis.clone(),
            paramcd: finding.paramcd.clone(),
            param: finding.param.clone(),
            avisit: finding.avisit.clone(),
            method: finding.method.clone(),
            comparison: finding.comparison.clone(),
            arm: finding.arm.clone(),
            reference: finding.reference.clone(),
            group: finding.group.clone(),
            look: finding.look.as_ref().map(|look| look.name.clone()),
            statistic: finding.statistic,
            measure,
            estimate: f64::NAN,
            standard_error: None,
            lower: None,
            upper: None,
            n: 0,
            needed: None,
            unit: finding.unit.clone().filter(|_| !measure.is_share()),
            note: None,
        }
    }

    /// Whether two are of one statistic of the trial, whatever the scenario and the measure.
    #[must_use]
    pub fn is_of_same(&self, other: &Self) -> bool {
        self.statistic == other.statistic
            && self.analysis == other.analysis
            && self.method == other.method
            && self.comparison == other.comparison
            && self.avisit == other.avisit
            && self.group == other.group
            && self.look == other.look
    }

    /// The row, in the order of [`Characteristic::COLUMNS`].
    #[must_use]
    pub fn cells(&self) -> [Cell<'_>; 21] {
        use Cell::{Number, Text, Whole};
        let told = |text| Text(Some(text).filter(|text: &&str| !text.is_empty()));
        [
            told(&self.scenario),
            told(&self.analysis),
            told(&self.paramcd),
            told(&self.param),
            Text(self.avisit.as_deref()),
            told(&self.method),
            Text(self.comparison.as_deref()),
            Text(self.arm.as_deref()),
            Text(self.reference.as_deref()),
            Text(self.group.as_deref()),
            Text(self.look.as_deref()),
            told(self.statistic.name()),
            told(self.measure.name()),
            Number(Some(self.estimate)),
            Number(self.standard_error),
            Number(self.lower),
            Number(self.upper),
            Whole(Some(self.n)),
            Whole(self.needed),
            Text(self.unit.as_deref()),
            Text(self.note.as_deref()),
        ]
    }
}
