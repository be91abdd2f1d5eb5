//! What an analysis found: one row a statistic.
//!
//! Columns follow CDISC's Analysis Results Standard: an analysis of a parameter by a method gives
//! statistics of an arm or of a comparison. A value that cannot be computed is absent, and the note
//! says why.

/// The columns of the findings table, in order: name, and what it holds.
pub const COLUMNS: [(&str, &str); 29] = [
    ("CATEGORY", "Part of the summary the row belongs to"),
    ("ANALYSIS", "Id of the analysis, adverse event, covariate or step of the disposition"),
    ("PARAMCD", "Code of the parameter that is analysed"),
    ("PARAM", "Parameter that is analysed"),
    ("AVISIT", "Planned visit the parameter belongs to"),
    ("METHOD", "Method of analysis"),
    ("COMPARISON", "Name of the comparison; empty for a statistic of one arm"),
    ("TRT01A", "Arm the statistic is of, or the arm under test; empty for all arms together"),
    ("REFERENCE", "Arm that a comparison refers to"),
    ("GROUP", "Level, grade, choice of events or shift within the analysis"),
    ("STATISTIC", "What the estimate is"),
    ("ESTIMATE", "Value of the statistic, in UNIT"),
    (
        "STDERR",
        "Standard error of the estimate; of its logarithm where the estimate is a ratio",
    ),
    ("LOWER", "Lower confidence limit, in UNIT"),
    ("UPPER", "Upper confidence limit, in UNIT"),
    ("LEVEL", "Confidence level of the limits"),
    ("TRUTH", "True value of the estimand that the estimate is of, in UNIT"),
    (
        "TRUTHSE",
        "Standard error of the true value; of its logarithm where the estimate is a ratio",
    ),
    ("PVALUE", "p-value of no difference"),
    ("ADJP", "p-value adjusted for several hypotheses; empty for others"),
    ("REJECT", "Y if the hypothesis is rejected at the familywise level; empty for others"),
    ("N", "Participants the estimate rests on"),
    ("UNIT", "Unit of estimate and limits"),
    ("LOOK", "Look at which it was found, of a trial that is looked at while it is under way"),
    ("Z", "Normal deviate of the test at a look, above 0 where it goes the better way"),
    ("BOUND", "Bound of Z from which on the look shows efficacy"),
    ("FUTILITY", "Bound of Z below which the look gives the comparison up"),
    ("SOURCE", "Where a published value comes from"),
    ("NOTE", "What a reader must know, such as why there is no estimate"),
];

/// One statistic of one arm, or of one comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// CATEGORY.
    pub category: Category,
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
    /// STATISTIC.
    pub statistic: StatisticName,
    /// ESTIMATE.
    pub estimate: Option<f64>,
    /// STDERR.
    pub standard_error: Option<f64>,
    /// LOWER; minus infinity where the data set no limit.
    pub lower: Option<f64>,
    /// UPPER; infinite where the data set no limit.
    pub upper: Option<f64>,
    /// LEVEL, such as 0.95.
    pub level: Option<f64>,
    /// TRUTH.
    pub truth: Option<f64>,
    /// TRUTHSE.
    pub truth_error: Option<f64>,
    /// PVALUE.
    pub p_value: Option<f64>,
    /// ADJP.
    pub adjusted_p: Option<f64>,
    /// REJECT.
    pub rejected: Option<bool>,
    /// N.
    pub n: Option<u64>,
    /// UNIT; none for a number without a unit.
    pub unit: Option<String>,
    /// LOOK, Z, BOUND, FUTILITY.
    pub look: Option<AtLook>,
    /// SOURCE.
    pub source: Option<String>,
    /// NOTE.
    pub note: Option<String>,
}

/// How a finding stands at a look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AtLook {
    /// LOOK.
    pub name: String,
    /// Z.
    pub z: Option<f64>,
    /// BOUND.
    pub efficacy: Option<f64>,
    /// FUTILITY.
    pub futility: Option<f64>,
}

/// One value of a row of the findings table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A word or sentence.
    Text(Option<&'a str>),
    /// A number.
    Number(Option<f64>),
    /// A whole number.
    Whole(Option<u64>),
}

impl Finding {
    /// A row of a look that is about nothing else: no analysis, arm or comparison.
    #[must_use]
    pub fn of_look(look: &str, statistic: StatisticName, estimate: Option<f64>) -> Self {
        let look = Some(AtLook { name: look.to_owned(), ..AtLook::default() });
        Self { look, ..Self::of_course(statistic, estimate) }
    }

    /// A row of the course of the trial that is about no look.
    #[must_use]
    pub fn of_course(statistic: StatisticName, estimate: Option<f64>) -> Self {
        Self { statistic, estimate, ..Self::blank(Category::Look) }
    }

    /// A row that says nothing but where it belongs.
    pub(crate) fn blank(category: Category) -> Self {
        Self {
            category,
            analysis: String::new(),
            paramcd: String::new(),
            param: String::new(),
            avisit: None,
            method: String::new(),
            comparison: None,
            arm: None,
            reference: None,
            group: None,
            statistic: StatisticName::Count,
            estimate: None,
            standard_error: None,
            lower: None,
            upper: None,
            level: None,
            truth: None,
            truth_error: None,
            p_value: None,
            adjusted_p: None,
            rejected: None,
            n: None,
            unit: None,
            look: None,
            source: None,
            note: None,
        }
    }

    /// The row, in the order of [`COLUMNS`].
    #[must_use]
    pub fn cells(&self) -> [Cell<'_>; COLUMNS.len()] {
        use Cell::{Number, Text, Whole};
        let word = |text: &'static str| Text(Some(text));
        let told = |text| Text(Some(text).filter(|text: &&str| !text.is_empty()));
        [
            word(self.category.name()),
            told(&self.analysis),
            told(&self.paramcd),
            told(&self.param),
            Text(self.avisit.as_deref()),
            told(&self.method),
            Text(self.comparison.as_deref()),
            Text(self.arm.as_deref()),
            Text(self.reference.as_deref()),
            Text(self.group.as_deref()),
            word(self.statistic.name()),
            Number(self.estimate),
            Number(self.standard_error),
            Number(self.lower),
            Number(self.upper),
            Number(self.level),
            Number(self.truth),
            Number(self.truth_error),
            Number(self.p_value),
            Number(self.adjusted_p),
            Text(self.rejected.map(|rejected| if rejected { "Y" } else { "N" })),
            Whole(self.n),
            Text(self.unit.as_deref()),
            Text(self.look.as_ref().map(|look| look.name.as_str())),
            Number(self.look.as_ref().and_then(|look| look.z)),
            Number(self.look.as_ref().and_then(|look| look.efficacy)),
            Number(self.look.as_ref().and_then(|look| look.futility)),
            Text(self.source.as_deref()),
            Text(self.note.as_deref()),
        ]
    }
}

/// The part of the summary a finding belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Who was screened, enrolled and allocated.
    Disposition,
    /// Who they are: Table 1.
    Baseline,
    /// An endpoint by arm.
    Endpoint,
    /// A comparison of arms.
    Comparison,
    /// Adverse events.
    AdverseEvent,
    /// Records against the range of normal values or the grades of their observable.
    Range,
    /// What looks saw and decided.
    Look,
    /// Published figures beside ours.
    Published,
}

impl Category {
    /// Every category, in the order of a summary.
    pub const ALL: [Self; 8] = [
        Self::Disposition,
        Self::Baseline,
        Self::Endpoint,
        Self::Comparison,
        Self::AdverseEvent,
        Self::Range,
        Self::Look,
        Self::Published,
    ];

    /// The category of a word in the table.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == word)
    }

    /// The word in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Disposition => "disposition",
            Self::Baseline => "baseline",
            Self::Endpoint => "endpoint",
            Self::Comparison => "comparison",
            Self::AdverseEvent => "adverse event",
            Self::Range => "range",
            Self::Look => "look",
            Self::Published => "published",
        }
    }
}

impl StatisticName {
    /// Whether it compares two arms by a ratio, whose standard error is that of its logarithm.
    #[must_use]
    pub fn is_ratio(self) -> bool {
        matches!(
            self,
            Self::RiskRatio
                | Self::OddsRatio
                | Self::HazardRatio
                | Self::RateRatio
                | Self::TimeRatio
                | Self::WinRatio
        )
    }

    /// Whether it is about the course of a trial: when looks fall, what they decide, when the trial ends.
    #[must_use]
    pub fn is_of_course(self) -> bool {
        let always = matches!(self, Self::Participants | Self::Toxicities | Self::Duration);
        always || self.may_come()
    }

    /// Whether it tells of something that happens in some repetitions, and in others not.
    pub(crate) fn may_come(self) -> bool {
        matches!(self, Self::LookDay | Self::Decision | Self::TrialEnd | Self::Selected)
    }
}

macro_rules! statistics {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What an estimate is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum StatisticName {
            $($(#[$doc])* $variant,)*
        }

        impl StatisticName {
            /// Every statistic, in the order of the code list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The statistic of a word in the table.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|statistic| statistic.name() == word)
            }

            /// The word in the table.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

statistics! {
    /// Participants with a value (of a step of the disposition: participants in it).
    Count "N",
    /// Participants without a value.
    Missing "N_MISSING",
    /// Arithmetic mean, with its standard error and t interval.
    Mean "MEAN",
    /// Standard deviation.
    Sd "SD",
    /// Smallest value.
    Minimum "MIN",
    /// Lower quartile (SAS definition 5).
    LowerQuartile "Q1",
    /// Median: of values, or of the Kaplan-Meier curve with its interval.
    Median "MEDIAN",
    /// Upper quartile (SAS definition 5).
    UpperQuartile "Q3",
    /// Largest value.
    Maximum "MAX",
    /// Geometric mean with its t interval.
    GeometricMean "GEOMETRIC_MEAN",
    /// Geometric coefficient of variation, in percent.
    GeometricCv "GEOMETRIC_CV",
    /// Participants with the characteristic or event.
    WithEvent "N_EVENT",
    /// Participants with the characteristic or event, in percent, with the exact interval.
    Percent "PERCENT",
    /// Participants whom a competing event ended.
    Competing "N_COMPETING",
    /// Number of events, repeated ones included.
    Events "EVENTS",
    /// Time at risk.
    Exposure "EXPOSURE",
    /// Mean number of events of a participant up to a day that the note says.
    MeanEvents "MEAN_EVENTS",
    /// Events per time at risk, with the exact interval.
    Rate "RATE",
    /// Least-squares mean.
    LsMean "LS_MEAN",
    /// Participants who are without the event at a time that the note says, in percent.
    Survival "SURVIVAL",
    /// Nelson and Aalen's cumulative hazard at that time.
    CumulativeHazard "CUMULATIVE_HAZARD",
    /// Mean time up to a horizon, which the note says.
    RestrictedMean "RESTRICTED_MEAN",
    /// Cumulative incidence beside competing events, in percent, up to a day that the note says.
    Incidence "INCIDENCE",
    /// Mean of what is believed after the data; its standard deviation as standard error, and limits between
    /// which it is believed to lie.
    PosteriorMean "POSTERIOR_MEAN",
    /// Probability, in percent, that the arm under test is better, or where nothing says what is better, higher.
    Posterior "POSTERIOR",
    /// First of the values added to what is imputed, in the order of the file, that takes the conclusion away.
    TippingPoint "TIPPING_POINT",
    /// Change a year, of the lines of a linear mixed model.
    Slope "SLOPE",
    /// Difference of slopes.
    SlopeDifference "SLOPE_DIFFERENCE",
    /// What all comparisons of an analysis claim together: the p-value that all hold, or that one does.
    Joint "JOINT",
    /// Difference of means.
    Difference "DIFFERENCE",
    /// Weighted sum of least-squares means, as a contrast says.
    Contrast "CONTRAST",
    /// Hodges and Lehmann's shift.
    Shift "SHIFT",
    /// Probability that a value under test is above one of the reference, ties halved.
    Superiority "SUPERIORITY",
    /// Mean of the individual effects.
    MeanEffect "MEAN_EFFECT",
    /// Difference of risks, in percentage points.
    RiskDifference "RISK_DIFFERENCE",
    /// Ratio of risks.
    RiskRatio "RISK_RATIO",
    /// How many are treated for one more participant with the event (below 0: with one fewer).
    NumberNeeded "NUMBER_NEEDED",
    /// Ratio of odds.
    OddsRatio "ODDS_RATIO",
    /// Ratio of hazards.
    HazardRatio "HAZARD_RATIO",
    /// Pairs that the arm under test wins over pairs that it loses.
    WinRatio "WIN_RATIO",
    /// Share of pairs that it wins less the share that it loses, in percentage points.
    NetBenefit "NET_BENEFIT",
    /// By what times to an event are multiplied.
    TimeRatio "TIME_RATIO",
    /// Ratio of rates.
    RateRatio "RATE_RATIO",
    /// Difference of rates.
    RateDifference "RATE_DIFFERENCE",
    /// Observed less expected events of the arm under test, with the log-rank p-value.
    LogRank "LOG_RANK",
    /// Cochran's Q of an effect over the levels of a subgroup, with the p-value of no interaction; `GROUP`
    /// is the subgroup.
    Interaction "INTERACTION",
    /// A test without an estimate; the estimate is its statistic.
    Test "TEST",
    /// Dispersion of a negative binomial model.
    Dispersion "DISPERSION",
    /// Day of a look's data cut, since the first day of accrual; N have entered.
    LookDay "LOOK_DAY",
    /// Participants who have entered by a look, or by the end.
    Participants "PARTICIPANTS",
    /// What was decided at a look, by a test or an adaptation: Z, or what is set (participants, the ratio of an
    /// arm). GROUP says what follows.
    Decision "DECISION",
    /// The rung that an escalation chooses, from 1; GROUP says which.
    Selected "SELECTED",
    /// Participants with the toxicity of an escalation at a rung (GROUP).
    Toxicities "TOXICITIES",
    /// Day on which the trial ended, since the first day of accrual, and by which look; GROUP says why.
    TrialEnd "TRIAL_END",
    /// The same, however it ended.
    Duration "DURATION",
    /// Shape of a distribution of times.
    Shape "SHAPE",
    /// A published value.
    Published "PUBLISHED",
    /// Our value beside a published one.
    Ours "OURS",
}
