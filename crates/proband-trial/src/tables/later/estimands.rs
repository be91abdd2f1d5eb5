//! `[estimand.ID]` and `[multiplicity]`.

use super::Later;
use crate::keys;
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::did_you_mean;
use proband_diag::{Diagnostic, Span, code};

const STRATEGIES: [(&str, ()); 5] = [
    ("treatment policy", ()),
    ("hypothetical", ()),
    ("composite", ()),
    ("while on treatment", ()),
    ("principal stratum", ()),
];

const SUMMARIES: [(&str, ()); 4] =
    [("difference", ()), ("ratio", ()), ("odds ratio", ()), ("hazard ratio", ())];

const METHODS: [(&str, &[&str]); 6] = [
    ("bonferroni", &[]),
    ("holm", &[]),
    ("hochberg", &[]),
    ("dunnett", &[]),
    ("fixed sequence", &["order"]),
    ("graph", &["weight", "pass"]),
];

impl Later<'_> {
    pub(super) fn estimands(&mut self, reading: &mut Reading) {
        let what = "estimands";
        self.each("estimand", keys::ESTIMAND, what, reading, |this, entry, table, reading| {
            let why = "the id of an endpoint";
            table.required("endpoint", why, reading, |n, r| this.setting.endpoint(n, r));
            table.read("population", reading, values::text);
            table.read("summary", reading, |n, r| values::word(&SUMMARIES, n, r));
            if let Some(events) = table.get("intercurrent") {
                this.intercurrent(&events.node, reading);
            }
            this.estimated(entry, reading);
        });
    }

    fn intercurrent(&mut self, node: &Node, reading: &mut Reading) {
        for entry in node.entries() {
            values::word(&STRATEGIES, &entry.node, reading);
            let known = entry.key == "default"
                || self.names.conduct.contains(&entry.key)
                || self.names.happening(&entry.key).is_some();
            if known || self.names.incomplete {
                continue;
            }
            let mut ids = self.names.conduct.clone();
            ids.extend(self.names.happening_ids());
            ids.push("default".to_owned());
            let message = format!(
                "`{}` is no rule, discontinuation, adverse event or model event",
                entry.key
            );
            let help = did_you_mean(&entry.key, ids.iter().map(String::as_str));
            reading.fault(
                Diagnostic::error(code::UNKNOWN_INTERCURRENT_EVENT, message, entry.key_span)
                    .maybe_help(help),
            );
        }
    }

    /// Reports an estimand that no analysis estimates.
    fn estimated(&mut self, entry: &Entry, reading: &mut Reading) {
        let used = named(self.file, "analysis", reading).iter().any(|analysis| {
            analysis
                .node
                .get("estimand")
                .and_then(|named| named.node.as_text())
                .is_some_and(|text| text.text == entry.key)
        });
        if !used {
            let message = format!("no analysis estimates `{}`", entry.key);
            let help = format!("give an analysis `estimand = \"{}\"`, or remove it", entry.key);
            reading.fault(
                Diagnostic::error(code::UNUSED_TABLE, message, entry.key_span).help(help),
            );
        }
    }

    pub(super) fn multiplicity(&mut self, reading: &mut Reading) {
        let what = "adjustment for several tests";
        self.table(
            "multiplicity",
            keys::MULTIPLICITY,
            what,
            reading,
            |this, table, reading| {
                let words = METHODS.map(|(word, _)| (word, word));
                let why = "how the level is shared";
                let method =
                    table.required("method", why, reading, |n, r| values::word(&words, n, r));
                table.read("alpha", reading, values::share);
                if let Some(method) = method {
                    own_keys(table, method, reading);
                }
                let findings = this.findings();
                for key in ["of", "order"] {
                    for text in table.read(key, reading, values::strings).unwrap_or_default() {
                        let span = text.span(0..text.text.len());
                        this.hypothesis(&text.text, span, &findings, reading);
                    }
                }
                for key in ["weight", "pass"] {
                    let entries = table.get(key).map_or(&[][..], |entry| entry.node.entries());
                    for entry in entries {
                        this.hypothesis(&entry.key, entry.key_span, &findings, reading);
                        for inner in entry.node.entries() {
                            this.hypothesis(&inner.key, inner.key_span, &findings, reading);
                        }
                    }
                }
            },
        );
    }

    /// Names of all findings that compare, and of their analyses.
    fn findings(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (id, analysis) in self.analyses {
            names.push(id.clone());
            let of_analysis = self.file.get("analysis").and_then(|a| a.node.get(id));
            let contrasts = of_analysis.and_then(|entry| entry.node.get("contrasts"));
            for contrast in contrasts.map_or(&[][..], |entry| entry.node.entries()) {
                names.push(format!("{id}.{}", contrast.key));
            }
            match analysis {
                Some(analysis) => {
                    names.extend(analysis.comparisons.iter().map(|c| c.name.clone()));
                }
                None => names.extend(self.names.arms.iter().map(|arm| format!("{id}.{arm}"))),
            }
        }
        names
    }

    fn hypothesis(&self, name: &str, span: Span, findings: &[String], reading: &mut Reading) {
        if findings.iter().any(|finding| finding == name) {
            return;
        }
        let message = format!("no finding is named `{name}`");
        let help = did_you_mean(name, findings.iter().map(String::as_str));
        let fault = Diagnostic::error(code::UNKNOWN_HYPOTHESIS, message, span);
        reading.fault(fault.maybe_help(help));
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
