//! Distributions of covariates: `{ normal = { mean = 55, sd = 11 }, within = [18, 85], unit = "year" }`.

use super::parameters::{made, plain};
use crate::expression::Names;
use crate::keys::{BESIDE_DISTRIBUTION, DISTRIBUTIONS};
use crate::reading::Reading;
use crate::toml::{Entry, Node, Value, wrong_type};
use crate::values;
use crate::words::{did_you_mean, unnamed};
use proband_cohort::Marginal;
use proband_diag::{Diagnostic, Span, code};
use proband_lang::Kind;
use proband_math::distribution::{Distribution, DistributionError};

/// What is needed to read the distributions of one covariate.
pub(super) struct Laws<'a> {
    /// The name of the covariate.
    pub(super) covariate: &'a str,
    /// Its levels, if it is not a number.
    pub(super) levels: Option<&'a [String]>,
    /// For strata.
    pub(super) names: &'a Names,
}

/// The entry that says which distribution. Reports keys that are none.
pub(super) fn chosen<'a>(
    node: &'a Node,
    beside: &[&str],
    path: &str,
    reading: &mut Reading,
) -> Option<&'a Entry> {
    let Value::Table(entries) = &node.value else {
        reading.fault(wrong_type(node, &format!("`{path}` is a table with a distribution")));
        return None;
    };
    let mut found: Option<&Entry> = None;
    for entry in entries {
        let key = entry.key.as_str();
        if !DISTRIBUTIONS.contains(&key) && !beside.contains(&key) {
            reading.fault(not_a_distribution(entry, beside));
        } else if let (true, Some(first)) = (DISTRIBUTIONS.contains(&key), found) {
            let message =
                format!("`{path}` has two distributions, `{}` and `{key}`", first.key);
            reading.fault(
                Diagnostic::error(code::CONFLICTING_KEYS, message, entry.key_span)
                    .help("keep one"),
            );
        } else if DISTRIBUTIONS.contains(&key) {
            found = Some(entry);
        }
    }
    let misspelt = entries.iter().any(|entry| {
        let key = entry.key.as_str();
        !DISTRIBUTIONS.contains(&key) && !beside.contains(&key)
    });
    if found.is_none() && !misspelt {
        let message = format!("`{path}` needs a distribution");
        let help = "write `normal = { mean = ..., sd = ... }`, or another of the list";
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, node.span).help(help));
    }
    found
}

fn not_a_distribution(entry: &Entry, beside: &[&str]) -> Diagnostic {
    let message = format!("`{}` is not a distribution or a key of one", entry.key);
    let known = DISTRIBUTIONS.iter().chain(beside).copied();
    Diagnostic::error(code::UNKNOWN_KEY, message, entry.key_span)
        .maybe_help(did_you_mean(&entry.key, known))
}

/// The levels that choices in a distribution name, in order of appearance; none if there is no
/// choice, or if all its levels are whole numbers and `numeric` takes them as such.
pub(super) fn levels(node: &Node, category: bool) -> Option<Vec<String>> {
    let mut found = Vec::new();
    collect_levels(node, 0, &mut found);
    let numbers = !category && found.iter().all(|level| level.parse::<u16>().is_ok());
    (!found.is_empty() && !numbers).then_some(found)
}

/// Distributions nest no deeper than a reader could follow.
const DEEPEST: usize = 8;

fn collect_levels(node: &Node, depth: usize, found: &mut Vec<String>) {
    if depth > DEEPEST {
        return;
    }
    for entry in node.entries() {
        match (entry.key.as_str(), &entry.node.value) {
            ("choice", Value::Table(levels)) => {
                for level in levels {
                    if !found.contains(&level.key) {
                        found.push(level.key.clone());
                    }
                }
            }
            ("by", Value::Table(covariates)) => {
                for level in covariates.iter().flat_map(|covariate| covariate.node.entries()) {
                    collect_levels(&level.node, depth + 1, found);
                }
            }
            ("mixture", Value::List(parts)) => {
                parts.iter().for_each(|part| collect_levels(part, depth + 1, found));
            }
            _ => {}
        }
    }
}

impl Laws<'_> {
    /// The law of the covariate, truncated where it says so.
    pub(super) fn read(&self, node: &Node, reading: &mut Reading) -> Option<Marginal> {
        let path = format!("population.covariates.{}", self.covariate);
        let chosen = chosen(node, BESIDE_DISTRIBUTION, &path, reading)?;
        let law = self.law(chosen, &path, 0, reading);
        truncated(node, law, Marginal::within, reading)
    }

    fn law(
        &self,
        entry: &Entry,
        path: &str,
        depth: usize,
        reading: &mut Reading,
    ) -> Option<Marginal> {
        if depth > DEEPEST {
            reading.later(entry.key_span, "distributions within distributions this deep");
            return None;
        }
        let path = format!("{path}.{}", entry.key);
        match entry.key.as_str() {
            "by" => self.by(entry, &path, depth, reading),
            "mixture" => self.mixture(entry, &path, depth, reading).map(Marginal::Distribution),
            "choice" => self.choice(entry, &path, reading).map(Marginal::Distribution),
            _ => plain(entry, &path, reading).map(Marginal::Distribution),
        }
    }

    /// `by.COVARIATE.LEVEL`: a distribution for each level of another covariate.
    fn by(
        &self,
        entry: &Entry,
        path: &str,
        depth: usize,
        reading: &mut Reading,
    ) -> Option<Marginal> {
        let [stratum] = entry.node.entries() else {
            let message =
                format!("`{path}` names one covariate, and a distribution for each level");
            reading.fault(Diagnostic::error(code::WRONG_TYPE, message, entry.node.span));
            return None;
        };
        let (covariate, levels) = self.stratum(stratum, reading)?;
        for level in stratum.node.entries() {
            if !levels.contains(&level.key) {
                reading.fault(not_a_level(&level.key, &levels, level.key_span));
            }
        }
        let path = format!("{path}.{}", stratum.key);
        let mut laws = Vec::new();
        for level in levels.iter() {
            laws.push(self.stratum_law(stratum, level, &path, depth, reading));
        }
        let laws = laws.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Marginal::ByStratum { covariate, laws })
    }

    fn stratum(
        &self,
        entry: &Entry,
        reading: &mut Reading,
    ) -> Option<(usize, std::sync::Arc<[String]>)> {
        let Some(covariate) = self.names.covariate(&entry.key) else {
            let known = self.names.covariates.iter().map(|covariate| covariate.name.as_str());
            reading.fault(unnamed("covariate", &entry.key, entry.key_span, known));
            return None;
        };
        match &self.names.covariates[covariate].value {
            Some((_, Kind::Level(levels))) => Some((covariate, levels.clone())),
            Some(_) => {
                let message =
                    format!("a stratum needs levels, and `{}` is a number", entry.key);
                reading.fault(Diagnostic::error(code::KIND_MISMATCH, message, entry.key_span));
                None
            }
            None => None,
        }
    }

    fn stratum_law(
        &self,
        stratum: &Entry,
        level: &str,
        path: &str,
        depth: usize,
        reading: &mut Reading,
    ) -> Option<Marginal> {
        let Some(entry) = stratum.node.get(level) else {
            let message = format!("`{path}` has no distribution for `{level}`");
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, stratum.key_span));
            return None;
        };
        let path = format!("{path}.{level}");
        let chosen = chosen(&entry.node, &[], &path, reading)?;
        self.law(chosen, &path, depth + 1, reading)
    }

    fn mixture(
        &self,
        entry: &Entry,
        path: &str,
        depth: usize,
        reading: &mut Reading,
    ) -> Option<Distribution> {
        let Value::List(parts) = &entry.node.value else {
            reading.fault(wrong_type(&entry.node, &format!("`{path}` is a list of tables")));
            return None;
        };
        let mut read = Vec::new();
        for part in parts {
            read.push(self.part(part, path, depth, reading));
        }
        let parts: Vec<(f64, Distribution)> = read.into_iter().collect::<Option<_>>()?;
        values::sum_to_one(parts.iter().map(|(share, _)| *share), entry.node.span, reading)?;
        made(Distribution::mixture(parts), entry.node.span, reading)
    }

    fn part(
        &self,
        node: &Node,
        path: &str,
        depth: usize,
        reading: &mut Reading,
    ) -> Option<(f64, Distribution)> {
        let chosen = chosen(node, &["share"], path, reading)?;
        let Some(share) = node.get("share") else {
            let message = format!("each part of `{path}` needs `share`");
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, node.span));
            return None;
        };
        let share = values::part(&share.node, reading)?;
        match self.law(chosen, path, depth + 1, reading)? {
            Marginal::Distribution(law) => Some((share, law)),
            Marginal::ByStratum { .. } => {
                reading
                    .later(chosen.key_span, "a mixture of strata (write strata of mixtures)");
                None
            }
        }
    }

    /// `choice = { level = share }`.
    fn choice(&self, entry: &Entry, path: &str, reading: &mut Reading) -> Option<Distribution> {
        let Value::Table(entries) = &entry.node.value else {
            reading.fault(wrong_type(&entry.node, &format!("`{path}` is a table of shares")));
            return None;
        };
        let mut read = Vec::new();
        for level in entries {
            read.push(
                values::part(&level.node, reading).map(|share| (level.key.clone(), share)),
            );
        }
        let given: Vec<(String, f64)> = read.into_iter().collect::<Option<_>>()?;
        values::sum_to_one(given.iter().map(|(_, share)| *share), entry.node.span, reading)?;
        let law = match self.levels {
            Some(levels) => {
                let share = |level: &String| {
                    given
                        .iter()
                        .find(|(name, _)| name == level)
                        .map_or(0.0, |(_, share)| *share)
                };
                Distribution::categorical(&levels.iter().map(share).collect::<Vec<f64>>())
            }
            None => {
                let point = |(level, share): &(String, f64)| {
                    (level.parse::<f64>().unwrap_or(f64::NAN), *share)
                };
                Distribution::empirical(&given.iter().map(point).collect::<Vec<_>>())
            }
        };
        made(law, entry.node.span, reading)
    }
}

/// The distribution of a number that is no covariate: what a parameter or a prior may be.
pub(crate) fn of_number(
    node: &Node,
    path: &str,
    reading: &mut Reading,
) -> Option<Distribution> {
    let chosen = chosen(node, BESIDE_DISTRIBUTION, path, reading)?;
    let law = plain(chosen, &format!("{path}.{}", chosen.key), reading);
    truncated(node, law, Distribution::within, reading)
}

/// A law restricted to its `within`, where it has one.
fn truncated<L>(
    node: &Node,
    law: Option<L>,
    within: impl FnOnce(L, f64, f64) -> Result<L, DistributionError>,
    reading: &mut Reading,
) -> Option<L> {
    let Some(entry) = node.get("within") else { return law };
    let (low, high) = window(&entry.node, reading)?;
    made(within(law?, low, high), entry.node.span, reading)
}

/// The fault of a level that a covariate does not have.
pub(super) fn not_a_level(level: &str, levels: &[String], span: Span) -> Diagnostic {
    let mut known: Vec<&str> = levels.iter().map(String::as_str).collect();
    known.sort_unstable();
    let message = format!("`{level}` is not one of {}", known.join(", "));
    Diagnostic::error(code::NOT_A_MEMBER, message, span).maybe_help(did_you_mean(level, known))
}

fn window(node: &Node, reading: &mut Reading) -> Option<(f64, f64)> {
    let Value::List(ends) = &node.value else {
        reading.fault(wrong_type(node, "`within` is a list of two numbers"));
        return None;
    };
    let [low, high] = ends.as_slice() else {
        let message = "`within` is two numbers, the lowest and the highest";
        reading.fault(Diagnostic::error(code::WRONG_TYPE, message, node.span));
        return None;
    };
    Some((values::number(low, reading)?, values::number(high, reading)?))
}
