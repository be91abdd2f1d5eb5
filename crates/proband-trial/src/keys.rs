//! The keys of every table: the format at a glance.
//!
//! A reader opens its table with its list, and the reference page of the format is tested against
//! [`format_tables`].

/// Keys of a table.
pub(crate) type Keys = &'static [&'static str];

/// The tables of the file itself.
pub(crate) const FILE: Keys = &[
    "trial",
    "simulation",
    "output",
    "model",
    "population",
    "eligibility",
    "design",
    "epoch",
    "regimen",
    "arm",
    "encounter",
    "accrual",
    "adherence",
    "discontinuation",
    "rule",
    "adverse_event",
    "safety",
    "endpoint",
    "estimand",
    "analysis",
    "multiplicity",
    "look",
    "sequential",
    "adaptation",
    "escalation",
    "scenario",
    "grid",
    "published",
];

/// Tables whose entries have ids of the author's.
pub(crate) const NAMED: Keys = &[
    "model",
    "epoch",
    "regimen",
    "arm",
    "discontinuation",
    "rule",
    "adverse_event",
    "endpoint",
    "estimand",
    "analysis",
    "look",
    "sequential",
    "adaptation",
    "scenario",
];

pub(crate) const TRIAL: Keys = &["id", "title", "phase", "indication", "registry", "source"];

pub(crate) const SIMULATION: Keys = &[
    "seed",
    "replicates",
    "precision",
    "uncertainty",
    "common",
    "truth_twins",
    "method",
    "tolerance",
    "atol",
];

pub(crate) const OUTPUT: Keys = &["level", "truth_every", "tables", "report"];

pub(crate) const MODEL: Keys = &["file", "text", "parameters", "inputs", "uncertainty"];

pub(crate) const INPUT: Keys = &["file", "time", "column", "participant", "unit", "between"];

pub(crate) const INPUT_TIME: Keys = &["column", "unit", "origin"];

pub(crate) const UNCERTAINTY: Keys = &["parameters", "correlations", "file"];

pub(crate) const POPULATION: Keys = &["covariates", "correlations", "file", "limits"];

pub(crate) const POPULATION_FILE: Keys = &["path", "draw", "weight"];

/// A covariate that is a column of `population.file`.
pub(crate) const COLUMN: Keys = &["column", "unit"];

/// The distributions.
pub(crate) const DISTRIBUTIONS: Keys = &[
    "normal",
    "lognormal",
    "uniform",
    "beta",
    "gamma",
    "exponential",
    "weibull",
    "triangular",
    "choice",
    "by",
    "mixture",
];

/// What may stand beside a distribution.
pub(crate) const BESIDE_DISTRIBUTION: Keys = &["within", "unit"];

/// Parameters of each distribution that has fixed ones.
pub(crate) const DISTRIBUTION_PARAMETERS: &[(&str, Keys)] = &[
    ("normal", &["mean", "sd", "cv"]),
    ("lognormal", &["mean", "sd", "cv", "median", "log_mean", "log_sd"]),
    ("uniform", &["min", "max"]),
    ("beta", &["alpha", "beta"]),
    ("gamma", &["shape", "scale"]),
    ("exponential", &["mean"]),
    ("weibull", &["shape", "scale"]),
    ("triangular", &["min", "mode", "max"]),
];

pub(crate) const ELIGIBILITY: Keys = &["at", "inclusion", "exclusion", "at_most"];

pub(crate) const DESIGN: Keys = &[
    "participants",
    "type",
    "assignment",
    "method",
    "blocks",
    "strata",
    "probability",
    "imbalance",
    "sequences",
];

pub(crate) const EPOCH: Keys = &["kind", "duration", "until", "continues", "regimen", "title"];

pub(crate) const REGIMEN: Keys = &[
    "use",
    "drug",
    "route",
    "amount",
    "start",
    "step",
    "every",
    "on",
    "times",
    "over",
    "rate",
    "from",
    "until",
    "epoch",
    "record_only",
];

pub(crate) const ARM: Keys = &[
    "title",
    "ratio",
    "control",
    "regimen",
    "parameters",
    "inputs",
    "participants",
    "opens",
    "closes",
];

pub(crate) const ENCOUNTER: Keys =
    &["at", "every", "from", "until", "epoch", "observe", "window", "missing", "when"];

pub(crate) const ACCRUAL: Keys = &["rate", "process", "ramp", "start", "sites"];

pub(crate) const ACCRUAL_RATE: Keys = &["from", "rate"];

pub(crate) const SITE: Keys = &["count", "share", "rate", "region", "opens", "closes"];

pub(crate) const ADHERENCE: Keys = &["taken", "between", "late", "holiday"];

pub(crate) const DISCONTINUATION: Keys =
    &["from", "hazard", "probability", "when", "share", "by", "retained", "arms", "reason"];

pub(crate) const RULE: Keys = &[
    "when", "check", "do", "by", "until", "to", "arm", "in", "observe", "regimen", "arms",
    "followed", "at_most", "then",
];

pub(crate) const ADVERSE_EVENT: Keys = &[
    "event",
    "hazard",
    "probability",
    "grades",
    "term",
    "soc",
    "severity",
    "lasts",
    "recurs",
    "serious",
    "reported",
    "found",
    "arms",
];

pub(crate) const SAFETY: Keys = &["order", "range"];

pub(crate) const RANGE: Keys = &["low", "high", "grades"];

pub(crate) const ENDPOINT: Keys =
    &["value", "title", "level", "paramcd", "better", "censor", "competing"];

pub(crate) const ESTIMAND: Keys =
    &["endpoint", "population", "compare", "intercurrent", "summary"];

pub(crate) const ANALYSIS: Keys = &[
    "endpoint",
    "estimand",
    "method",
    "compare",
    "contrasts",
    "covariates",
    "strata",
    "subgroups",
    "set",
    "missing",
    "alpha",
    "sided",
    "hypothesis",
    "margin",
    "visits",
    "success",
    "controls",
    "scores",
    "rho",
    "gamma",
    "tau",
    "covariance",
    "df",
    "null",
    "prior",
    "prognosis_error",
    "interval",
    "variance",
    "ties",
    "errors",
    "distribution",
    "then",
    "history",
];

pub(crate) const MISSING: Keys = &["method", "strategy", "imputations", "delta"];

pub(crate) const HISTORY_OF_COUNTS: Keys = &["events", "total", "weight"];

pub(crate) const HISTORY_OF_MEANS: Keys = &["means", "errors", "between", "robust", "vague"];

pub(crate) const MULTIPLICITY: Keys = &["method", "of", "alpha", "order", "weight", "pass"];

pub(crate) const LOOK: Keys = &["when", "every", "final", "analyses", "lag"];

pub(crate) const SEQUENTIAL: Keys = &["efficacy", "futility", "combine"];

pub(crate) const SPENDING: Keys = &["spending", "rho", "gamma", "bounds", "power", "binding"];

pub(crate) const ADAPTATION: Keys = &[
    "look",
    "each",
    "when",
    "do",
    "power",
    "participants",
    "assume",
    "keep",
    "arm",
    "ratio",
    "within",
    "eligibility",
    "to",
];

pub(crate) const ESCALATION: Keys = &[
    "method",
    "endpoint",
    "target",
    "cohort",
    "start",
    "stop_at",
    "low",
    "high",
    "eliminate",
    "skeleton",
    "prior_sd",
    "no_skip",
    "regimen",
];

/// Keys of a scenario beside the tables of the file.
pub(crate) const SCENARIO: Keys = &["title"];

pub(crate) const PUBLISHED: Keys =
    &["of", "statistic", "values", "unit", "grade", "within", "source"];

/// The tables of a plan, which analyses data instead of simulating them.
pub(crate) const PLAN: Keys = &[
    "trial",
    "data",
    "table",
    "visit",
    "arm",
    "safety",
    "endpoint",
    "estimand",
    "analysis",
    "multiplicity",
    "published",
];

pub(crate) const PLAN_DATA: Keys =
    &["participant", "treatment", "followed", "levels", "describe"];

pub(crate) const PLAN_TABLE: Keys = &["rows", "holds", "unit", "visits"];

pub(crate) const PLAN_ARM: Keys = &["title", "control", "treatment"];

/// Every table of the format with its keys, as the reference page must list them.
#[must_use]
pub fn format_tables() -> Vec<(&'static str, &'static [&'static str])> {
    let mut tables: Vec<(&'static str, Keys)> = vec![
        ("", FILE),
        ("trial", TRIAL),
        ("simulation", SIMULATION),
        ("output", OUTPUT),
        ("model.ID", MODEL),
        ("model.ID.inputs.NAME", INPUT),
        ("model.ID.inputs.NAME.time", INPUT_TIME),
        ("model.ID.uncertainty", UNCERTAINTY),
        ("population", POPULATION),
        ("population.file", POPULATION_FILE),
        ("population.covariates.NAME", COLUMN),
        ("population.covariates.NAME", DISTRIBUTIONS),
        ("population.covariates.NAME", BESIDE_DISTRIBUTION),
        ("eligibility", ELIGIBILITY),
        ("design", DESIGN),
        ("epoch.ID", EPOCH),
        ("regimen.ID", REGIMEN),
        ("arm.ID", ARM),
        ("encounter", ENCOUNTER),
        ("accrual", ACCRUAL),
        ("accrual.rate", ACCRUAL_RATE),
        ("accrual.sites.ID", SITE),
        ("adherence", ADHERENCE),
        ("discontinuation.ID", DISCONTINUATION),
        ("rule.ID", RULE),
        ("adverse_event.ID", ADVERSE_EVENT),
        ("safety", SAFETY),
        ("safety.range.NAME", RANGE),
        ("endpoint.ID", ENDPOINT),
        ("estimand.ID", ESTIMAND),
        ("analysis.ID", ANALYSIS),
        ("analysis.ID.missing", MISSING),
        ("analysis.ID.history", HISTORY_OF_COUNTS),
        ("analysis.ID.history", HISTORY_OF_MEANS),
        ("multiplicity", MULTIPLICITY),
        ("look.ID", LOOK),
        ("sequential.ANALYSIS", SEQUENTIAL),
        ("sequential.ANALYSIS.efficacy", SPENDING),
        ("adaptation.ID", ADAPTATION),
        ("escalation", ESCALATION),
        ("scenario.ID", SCENARIO),
        ("published", PUBLISHED),
    ];
    tables.extend(DISTRIBUTION_PARAMETERS);
    tables
}

/// Whether a table of [`format_tables`] holds the parameters of a distribution.
#[must_use]
pub fn is_distribution(table: &str) -> bool {
    DISTRIBUTIONS.contains(&table)
}
