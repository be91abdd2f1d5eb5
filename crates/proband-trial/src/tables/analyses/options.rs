//! Options of an analysis: the keys of its method, those of others, level and sides.

use super::Setting;
use super::methods::{METHODS, Method};
use crate::reading::Reading;
use crate::toml::{Node, Table};
use crate::values;
use crate::{
    AnalysisMethod, CurveScale, DegreesOfFreedom, DifferenceInterval, Endpoint,
    LifetimeDistribution, MethodOptions, RandomEffects, StratifiedInterval, Ties,
    VisitCovariance, WorkingCorrelation,
};
use proband_diag::{Diagnostic, code};

const INTERVALS: [(&str, DifferenceInterval); 4] = [
    ("newcombe", DifferenceInterval::Newcombe),
    ("miettinen-nurminen", DifferenceInterval::MiettinenNurminen),
    ("agresti-caffo", DifferenceInterval::AgrestiCaffo),
    ("wald", DifferenceInterval::Wald),
];

const STRATIFIED_INTERVALS: [(&str, StratifiedInterval); 3] = [
    ("sato", StratifiedInterval::Sato),
    ("newcombe", StratifiedInterval::Newcombe),
    ("miettinen-nurminen", StratifiedInterval::MiettinenNurminen),
];

const CURVES: [(&str, CurveScale); 3] =
    [("log-log", CurveScale::LogLog), ("log", CurveScale::Log), ("plain", CurveScale::Plain)];

/// Whether the variances of the arms are taken to be the same.
const VARIANCES: [(&str, bool); 2] = [("unequal", false), ("pooled", true)];

const TIES: [(&str, Ties); 2] = [("efron", Ties::Efron), ("breslow", Ties::Breslow)];

/// Whether standard errors hold where the model is not true.
const ERRORS: [(&str, bool); 2] = [("model", false), ("robust", true)];

const DISTRIBUTIONS: [(&str, LifetimeDistribution); 5] = [
    ("weibull", LifetimeDistribution::Weibull),
    ("exponential", LifetimeDistribution::Exponential),
    ("gompertz", LifetimeDistribution::Gompertz),
    ("log-normal", LifetimeDistribution::LogNormal),
    ("log-logistic", LifetimeDistribution::LogLogistic),
];

const COVARIANCES: [(&str, VisitCovariance); 7] = [
    ("unstructured", VisitCovariance::Unstructured),
    ("toeplitz", VisitCovariance::Toeplitz),
    ("heterogeneous toeplitz", VisitCovariance::HeterogeneousToeplitz),
    ("ar(1)", VisitCovariance::AutoRegressive),
    ("heterogeneous ar(1)", VisitCovariance::HeterogeneousAutoRegressive),
    ("compound symmetry", VisitCovariance::CompoundSymmetry),
    ("heterogeneous compound symmetry", VisitCovariance::HeterogeneousCompoundSymmetry),
];

const DEGREES: [(&str, DegreesOfFreedom); 3] = [
    ("kenward-roger", DegreesOfFreedom::KenwardRoger),
    ("kenward-roger 1997", DegreesOfFreedom::KenwardRoger1997),
    ("satterthwaite", DegreesOfFreedom::Satterthwaite),
];

const WORKING: [(&str, WorkingCorrelation); 4] = [
    ("exchangeable", WorkingCorrelation::Exchangeable),
    ("independence", WorkingCorrelation::Independence),
    ("ar(1)", WorkingCorrelation::AutoRegressive),
    ("unstructured", WorkingCorrelation::Unstructured),
];

const RANDOM_EFFECTS: [(&str, RandomEffects); 2] = [
    ("random intercept and slope", RandomEffects::InterceptAndSlope),
    ("random intercept", RandomEffects::Intercept),
];

/// Reports keys that wait for a later version, and those that another method uses.
pub(super) fn later_keys(table: &Table<'_>, method: Option<&Method>, reading: &mut Reading) {
    table.later("controls", "controls of a platform", reading);
    let chosen = match method {
        Some(method) => Some((method.word, method.own)),
        None => (!table.has("method")).then_some(("the default method", &[][..])),
    };
    if let Some((by, own)) = chosen {
        let keys = METHODS.iter().flat_map(|method| method.own.iter().copied());
        table.unused_by(by, keys, |key| own.contains(&key), reading);
    }
    let covariates = table.read("covariates", &mut Reading::quiet(), values::strings);
    let told = covariates.unwrap_or_default();
    if !told.iter().any(|text| text.text.starts_with("prognosis(")) {
        let message = "`prognosis_error` is used by the covariate `prognosis`";
        table.unused("prognosis_error", message, reading);
    }
}

/// `alpha` and `sided`.
pub(super) fn level(
    table: &Table<'_>,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading,
) -> (f64, u8) {
    let alpha = table.or("alpha", (0.05, "0.05"), reading, values::share);
    if alpha <= 0.0 {
        let span = table.place("alpha");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, "a level is above 0", span));
    }
    let sided = table.or("sided", (2, "2"), reading, values::whole);
    let span = table.place("sided");
    if !matches!(sided, 1 | 2) {
        let message = format!("a test has 1 side or 2, not {sided}");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    let direction = endpoint.is_none_or(|endpoint| endpoint.better.is_some());
    if let (1, false, Some(endpoint)) = (sided, direction, endpoint) {
        let id = &endpoint.id;
        let message = format!("a one-sided test of `{id}` needs to know which way is better");
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, span)
                .help(format!("`better = \"higher\"` in `endpoint.{id}`")),
        );
    }
    (alpha, if sided == 1 { 1 } else { 2 })
}

/// The word of a key where the method is one that it is for.
fn told<T: Copy + Default>(
    table: &Table<'_>,
    key: &str,
    words: &[(&str, T)],
    used: bool,
    reading: &mut Reading,
) -> T {
    let read = |reading| table.read(key, reading, |n, r| values::word(words, n, r));
    if used { read(reading).unwrap_or_default() } else { T::default() }
}

impl Setting<'_> {
    /// The keys of one method.
    pub(super) fn options(
        &self,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        reading: &mut Reading,
    ) -> MethodOptions {
        let not_below_0 = |node: &Node, reading: &mut Reading| {
            let value = values::number(node, reading)?;
            if value >= 0.0 {
                return Some(value);
            }
            let message = format!("a number from 0 is needed, not {value}");
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
            None
        };
        let only = |method| methods == [method];
        let mixed = only(AnalysisMethod::LinearMixed);
        let equations = only(AnalysisMethod::EstimatingEquations);
        let (in_strata, of_curves) =
            (only(AnalysisMethod::CochranMantelHaenszel), only(AnalysisMethod::KaplanMeier));
        let null = if methods == [AnalysisMethod::ExactBinomial] {
            let why = "the share that is tested, such as `null = \"20 %\"`";
            table.required("null", why, reading, values::share)
        } else {
            table.read("null", reading, values::share)
        };
        let scores = match table.get("scores") {
            Some(entry) => self.by_arm(&entry.node, reading),
            None => (0..self.names.arms.len()).map(|arm| arm as f64).collect(),
        };
        MethodOptions {
            rho: table.read("rho", reading, not_below_0).unwrap_or(0.0),
            gamma: table.read("gamma", reading, not_below_0).unwrap_or(0.0),
            tau: table.read("tau", reading, values::positive_duration),
            null,
            scores,
            interval: told(table, "interval", &INTERVALS, !in_strata && !of_curves, reading),
            stratified_interval: told(
                table,
                "interval",
                &STRATIFIED_INTERVALS,
                in_strata,
                reading,
            ),
            curve: told(table, "interval", &CURVES, of_curves, reading),
            pooled: told(table, "variance", &VARIANCES, true, reading),
            ties: told(table, "ties", &TIES, true, reading),
            robust: told(table, "errors", &ERRORS, true, reading),
            distribution: told(table, "distribution", &DISTRIBUTIONS, true, reading),
            covariance: told(table, "covariance", &COVARIANCES, !mixed && !equations, reading),
            working: told(table, "covariance", &WORKING, equations, reading),
            random: told(table, "covariance", &RANDOM_EFFECTS, mixed, reading),
            prior: super::prior::read(table, methods, reading),
            history: super::history::read(table, methods, reading),
            df: table
                .read("df", reading, |n, r| values::word(&DEGREES, n, r))
                .unwrap_or_default(),
        }
    }
}
