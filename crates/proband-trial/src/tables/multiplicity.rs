//! `[multiplicity]`: how the level is shared between hypotheses, which are findings that compare.

use super::analyses::Setting;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table};
use crate::values;
use crate::words::unnamed_as;
use crate::{
    Analysis, AnalysisMethod, EndpointLevel, Multiplicity, MultiplicityMethod as Method,
    Success,
};
use proband_diag::{Diagnostic, Span, code};

/// A method, and the keys that are its own.
const METHODS: [(&str, &[&str]); 7] = [
    ("bonferroni", &[]),
    ("holm", &[]),
    ("hochberg", &[]),
    ("hommel", &[]),
    ("dunnett", &[]),
    ("fixed sequence", &["order"]),
    ("graph", &["weight", "pass"]),
];

/// What hypotheses are checked against.
struct Known<'a> {
    setting: &'a Setting<'a>,
    analyses: &'a [(String, Option<Analysis>)],
    /// Names of all findings that compare, and of their analyses.
    findings: Vec<String>,
}

/// Reads how the level is shared; none without the table or with a fault in it.
pub(crate) fn read(
    file: &Node,
    setting: &Setting<'_>,
    analyses: &[(String, Option<Analysis>)],
    reading: &mut Reading,
) -> Option<Multiplicity> {
    let entry = file.get("multiplicity")?;
    let table = Table::open(&entry.node, "multiplicity", keys::MULTIPLICITY, reading)?;
    let known = Known { setting, analyses, findings: findings(file, setting, analyses) };
    let words = METHODS.map(|(word, _)| (word, word));
    let why = "how the level is shared";
    let word = table.required("method", why, reading, |n, r| values::word(&words, n, r));
    let alpha = table.or("alpha", (0.05, "0.05"), reading, values::share);
    if let Some(word) = word {
        own_keys(&table, word, reading);
        if matches!(word, "fixed sequence" | "graph") {
            let message = format!("`of` is not used by {word}, which names its own hypotheses");
            table.unused("of", &message, reading);
        }
    }
    let of = known.named(&table, "of", reading);
    let order = known.named(&table, "order", reading);
    let faults = reading.faults.len();
    let weights = known.weights(&table, reading);
    let pass = known.pass(&table, reading);
    let word = word?;
    let hypotheses = match word {
        "fixed sequence" => order,
        "graph" => in_graph(&weights, &pass),
        _ if table.has("of") => of,
        _ => known.primary(),
    };
    if hypotheses.is_empty() && reading.faults.len() == faults && known.is_sound() {
        let message = "there is no hypothesis to share the level between";
        let fault = Diagnostic::error(code::MISSING_KEY, message, entry.key_span);
        reading.fault(fault.help("name findings in `of`, or make an endpoint primary"));
    }
    let method = match word {
        "bonferroni" => Method::Bonferroni,
        "holm" => Method::Holm,
        "hochberg" => Method::Hochberg,
        "hommel" => Method::Hommel,
        "fixed sequence" => Method::FixedSequence,
        "dunnett" => {
            known.one_covariance_analysis(&hypotheses, entry.key_span, reading);
            Method::Dunnett
        }
        _ => graph(&hypotheses, &weights, &pass),
    };
    Some(Multiplicity { method, hypotheses, alpha })
}

/// The hypotheses that have a share of the level, and those that are handed one.
fn in_graph(weights: &[(String, f64)], pass: &[(String, String, f64)]) -> Vec<String> {
    let mut names: Vec<String> = weights.iter().map(|(name, _)| name.clone()).collect();
    for name in pass.iter().flat_map(|(from, to, _)| [from, to]) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn graph(
    hypotheses: &[String],
    weights: &[(String, f64)],
    pass: &[(String, String, f64)],
) -> Method {
    let handed = |from: &String, to: &String| {
        let edge = pass.iter().find(|(a, b, _)| a == from && b == to);
        edge.map_or(0.0, |(.., share)| *share)
    };
    let row = |from: &String| hypotheses.iter().map(|to| handed(from, to)).collect();
    let weight = |name: &String| {
        weights.iter().find(|(known, _)| known == name).map_or(0.0, |(_, weight)| *weight)
    };
    Method::Graph {
        weights: hypotheses.iter().map(weight).collect(),
        pass: hypotheses.iter().map(row).collect(),
    }
}

impl Known<'_> {
    /// The findings that a list names: by their own names, or all of an analysis.
    fn named(&self, table: &Table<'_>, key: &str, reading: &mut Reading) -> Vec<String> {
        let mut names = Vec::new();
        for text in table.read(key, reading, values::strings).unwrap_or_default() {
            let span = text.place();
            if self.hypothesis(&text.text, span, reading) {
                names.extend(self.meant_by(&text.text));
            }
        }
        names
    }

    /// The comparisons and contrasts of an analysis, or the one of that name.
    fn meant_by(&self, name: &str) -> Vec<String> {
        let whole = self.sound().filter(|analysis| analysis.id == name);
        let all = distinct(whole.flat_map(of_analysis));
        if all.is_empty() { vec![name.to_owned()] } else { all }
    }

    fn primary(&self) -> Vec<String> {
        let primary = |analysis: &&Analysis| {
            let (_, endpoint) = &self.setting.endpoints[analysis.endpoint];
            endpoint.as_ref().is_some_and(|endpoint| endpoint.level == EndpointLevel::Primary)
        };
        distinct(self.sound().filter(primary).flat_map(of_analysis))
    }

    /// Analyses of everybody, without those of the levels of subgroups.
    fn sound(&self) -> impl Iterator<Item = &Analysis> {
        let sound = self.analyses.iter().filter_map(|(_, analysis)| analysis.as_ref());
        sound.filter(|analysis| analysis.subgroup.is_none())
    }

    fn is_sound(&self) -> bool {
        self.analyses.iter().all(|(_, analysis)| analysis.is_some())
    }

    fn weights(&self, table: &Table<'_>, reading: &mut Reading) -> Vec<(String, f64)> {
        let entries = table.get("weight").map_or(&[][..], |entry| entry.node.entries());
        let mut weights = Vec::new();
        for entry in entries {
            self.hypothesis(&entry.key, entry.key_span, reading);
            let weight = values::part(&entry.node, reading).unwrap_or(0.0);
            weights.push((entry.key.clone(), weight));
        }
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        at_most_one(total, table, "weight", reading);
        weights
    }

    fn pass(&self, table: &Table<'_>, reading: &mut Reading) -> Vec<(String, String, f64)> {
        let entries = table.get("pass").map_or(&[][..], |entry| entry.node.entries());
        let mut pass = Vec::new();
        for entry in entries {
            self.hypothesis(&entry.key, entry.key_span, reading);
            let mut total = 0.0;
            for inner in entry.node.entries() {
                self.hypothesis(&inner.key, inner.key_span, reading);
                let share = values::part(&inner.node, reading).unwrap_or(0.0);
                if inner.key == entry.key {
                    let message = "a hypothesis does not hand its share to itself";
                    let span = inner.key_span;
                    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
                }
                total += share;
                pass.push((entry.key.clone(), inner.key.clone(), share));
            }
            at_most_one(total, table, "pass", reading);
        }
        pass
    }

    /// Dunnett's test is of the arms of one analysis of covariance against one control.
    fn one_covariance_analysis(&self, names: &[String], span: Span, reading: &mut Reading) {
        let analysis = self.sound().find(|analysis| {
            names.iter().all(|name| analysis.comparisons.iter().any(|c| c.name == *name))
        });
        let fits = analysis.is_some_and(|analysis| {
            let first = analysis.comparisons.first().map(|c| c.reference);
            analysis.methods.contains(&AnalysisMethod::Ancova)
                && analysis.imputation.is_none()
                && analysis.comparisons.iter().all(|c| Some(c.reference) == first)
        });
        if !fits && self.is_sound() {
            let message = "dunnett compares the arms of one `ancova` with one control";
            reading.fault(Diagnostic::error(code::WRONG_METHOD, message, span));
        }
    }

    /// Whether there is such a finding; reports it if not.
    fn hypothesis(&self, name: &str, span: Span, reading: &mut Reading) -> bool {
        if self.findings.iter().any(|finding| finding == name) {
            return true;
        }
        let known = self.findings.iter().map(String::as_str);
        reading.fault(unnamed_as(code::UNKNOWN_HYPOTHESIS, "finding", name, span, known));
        false
    }
}

/// Names of all findings that compare, and of their analyses.
fn findings(
    file: &Node,
    setting: &Setting<'_>,
    analyses: &[(String, Option<Analysis>)],
) -> Vec<String> {
    let mut names = Vec::new();
    for (id, analysis) in analyses {
        names.push(id.clone());
        let of_file = file.get("analysis").and_then(|a| a.node.get(id));
        let contrasts = of_file.and_then(|entry| entry.node.get("contrasts"));
        for contrast in contrasts.map_or(&[][..], |entry| entry.node.entries()) {
            names.push(format!("{id}.{}", contrast.key));
        }
        match analysis {
            Some(analysis) => {
                names.extend(analysis.comparisons.iter().map(|c| c.name.clone()));
            }
            None => {
                let arms = setting.names.arms.iter();
                names.extend(arms.map(|arm| format!("{id}.{arm}")));
            }
        }
    }
    names
}

/// Each name once.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The hypotheses of an analysis; the claim that all of its comparisons hold is one.
fn of_analysis(analysis: &Analysis) -> Vec<String> {
    if analysis.success == Success::All {
        return vec![analysis.id.clone()];
    }
    let comparisons = analysis.comparisons.iter().map(|comparison| comparison.name.clone());
    comparisons.chain(analysis.contrasts.iter().map(|contrast| contrast.name.clone())).collect()
}

fn at_most_one(total: f64, table: &Table<'_>, key: &str, reading: &mut Reading) {
    if total > 1.0 + 1e-9 {
        let span = table.place(key);
        let message = format!("the shares of `{key}` add up to {total}, more than 1");
        reading.fault(Diagnostic::error(code::SHARES_DO_NOT_SUM, message, span));
    }
}

/// Keys of one method are required by it, and used by no other.
fn own_keys(table: &Table<'_>, method: &str, reading: &mut Reading) {
    for (word, keys) in METHODS {
        for key in keys {
            if word == method && !table.has(key) && *key != "pass" {
                let message = format!("`method = \"{method}\"` needs `{key}`");
                reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()));
            } else if word != method {
                table.unused(key, &format!("`{key}` is not used by {method}"), reading);
            }
        }
    }
}
