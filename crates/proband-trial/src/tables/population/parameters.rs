//! Distributions that have parameters of their own: `normal = { mean = 55, sd = 11 }`.

use crate::keys::DISTRIBUTION_PARAMETERS;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};
use crate::values;
use proband_diag::{Diagnostic, Span, code};
use proband_math::distribution::{Distribution, DistributionError};

/// A distribution that has parameters of its own.
pub(super) fn plain(entry: &Entry, path: &str, reading: &mut Reading) -> Option<Distribution> {
    let (_, keys) = DISTRIBUTION_PARAMETERS.iter().find(|(name, _)| *name == entry.key)?;
    let table = Table::open(&entry.node, path, keys, reading)?;
    let law = match entry.key.as_str() {
        "normal" => normal(&table, reading)?,
        "lognormal" => lognormal(&table, reading)?,
        "uniform" => {
            let [low, high] = needed(&table, ["min", "max"], reading)?;
            Distribution::uniform(low, high)
        }
        "beta" => {
            let [alpha, beta] = needed(&table, ["alpha", "beta"], reading)?;
            Distribution::beta(alpha, beta)
        }
        "gamma" => {
            let [shape, scale] = needed(&table, ["shape", "scale"], reading)?;
            Distribution::gamma(shape, scale)
        }
        "exponential" => {
            let [mean] = needed(&table, ["mean"], reading)?;
            Distribution::exponential(mean)
        }
        "weibull" => {
            let [shape, scale] = needed(&table, ["shape", "scale"], reading)?;
            Distribution::weibull(shape, scale)
        }
        _ => {
            let [low, mode, high] = needed(&table, ["min", "mode", "max"], reading)?;
            Distribution::triangular(low, mode, high)
        }
    };
    made(law, entry.node.span, reading)
}

/// What a maker of distributions gives.
type Made = Result<Distribution, DistributionError>;

fn normal(table: &Table<'_>, reading: &mut Reading) -> Option<Made> {
    table.one_of(&["sd", "cv"], "gives its spread", reading);
    let [mean] = needed(table, ["mean"], reading)?;
    if let Some(cv) = table.read("cv", reading, ratio) {
        return Some(Distribution::normal(mean, cv * mean.abs()));
    }
    let [sd] = needed(table, ["sd"], reading)?;
    Some(Distribution::normal(mean, sd))
}

/// `mean, sd`, `mean, cv`, `median, cv`, or `log_mean, log_sd`.
fn lognormal(table: &Table<'_>, reading: &mut Reading) -> Option<Made> {
    table.one_of(&["mean", "median", "log_mean"], "gives its centre", reading);
    table.one_of(&["sd", "cv", "log_sd"], "gives its spread", reading);
    if table.has("log_mean") || table.has("log_sd") {
        let [mean, sd] = needed(table, ["log_mean", "log_sd"], reading)?;
        return Some(Distribution::log_normal(mean, sd));
    }
    if table.has("median") {
        let [median] = needed(table, ["median"], reading)?;
        let why = "the spread of a median is its coefficient of variation";
        let cv = table.required("cv", why, reading, ratio)?;
        return Some(Distribution::log_normal_median_cv(median, cv));
    }
    let [mean] = needed(table, ["mean"], reading)?;
    if let Some(cv) = table.read("cv", reading, ratio) {
        return Some(Distribution::log_normal_mean_cv(mean, cv));
    }
    let [sd] = needed(table, ["sd"], reading)?;
    Some(Distribution::log_normal_mean_sd(mean, sd))
}

/// A coefficient of variation: `0.2` or `"20 %"`.
fn ratio(node: &Node, reading: &mut Reading) -> Option<f64> {
    values::quantity(node, "cv", &proband_lang::Unit::one(), reading)
}

/// Parameters that must be there.
fn needed<const N: usize>(
    table: &Table<'_>,
    keys: [&str; N],
    reading: &mut Reading,
) -> Option<[f64; N]> {
    let mut values = [0.0; N];
    let mut complete = true;
    for (value, key) in values.iter_mut().zip(keys) {
        let why = "a number, in the covariate's unit";
        match table.required(key, why, reading, values::number) {
            Some(read) => *value = read,
            None => complete = false,
        }
    }
    complete.then_some(values)
}

/// The law, if its parameters make one; reports what makes none.
pub(super) fn made<L>(
    law: Result<L, DistributionError>,
    span: Span,
    reading: &mut Reading,
) -> Option<L> {
    let refuse = |error: DistributionError| {
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, error.to_string(), span));
    };
    law.map_err(refuse).ok()
}
