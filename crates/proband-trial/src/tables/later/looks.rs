//! `[look.ID]`, `[sequential.ANALYSIS]`, `[adaptation.ID]` and `[escalation]`.

use super::Later;
use crate::keys;
use crate::reading::Reading;
use crate::tables::arms;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::{unnamed, unnamed_as};
use proband_diag::{Diagnostic, code};

/// Spending functions, with their own parameter.
const SPENDING: [(&str, &[&str]); 5] = [
    ("obrien-fleming", &[]),
    ("pocock", &[]),
    ("kim-demets", &["rho"]),
    ("hwang-shih-decani", &["gamma"]),
    ("user", &["bounds"]),
];

const COMBINE: [(&str, ()); 2] = [("inverse normal", ()), ("fisher", ())];

/// What an adaptation does, with its own keys.
const ADAPTATIONS: [(&str, &[&str]); 8] = [
    ("stop", &[]),
    ("resize", &["power", "participants", "assume"]),
    ("drop", &["keep"]),
    ("graduate", &[]),
    ("add", &["arm"]),
    ("allocate", &["ratio"]),
    ("enrich", &["eligibility"]),
    ("set", &["to"]),
];

/// Dose escalation, with the keys each method uses beside `method` and `endpoint`.
const ESCALATIONS: [(&str, &[&str]); 5] = [
    ("3+3", &["start", "no_skip", "regimen"]),
    (
        "boin",
        &[
            "target",
            "cohort",
            "start",
            "stop_at",
            "low",
            "high",
            "eliminate",
            "no_skip",
            "regimen",
        ],
    ),
    (
        "crm",
        &[
            "target",
            "cohort",
            "start",
            "stop_at",
            "eliminate",
            "skeleton",
            "prior_sd",
            "no_skip",
            "regimen",
        ],
    ),
    ("mtpi-2", &["target", "cohort", "start", "stop_at", "eliminate", "no_skip", "regimen"]),
    ("i3+3", &["target", "cohort", "start", "stop_at", "eliminate", "no_skip", "regimen"]),
];

impl Later<'_> {
    pub(super) fn looks(&mut self, reading: &mut Reading) {
        self.each("look", keys::LOOK, "interim looks", reading, |this, _, table, reading| {
            let why = "the condition at which the look is taken";
            table.required("when", why, reading, values::text);
            table.read("every", reading, values::positive_duration);
            table.read("final", reading, values::flag);
            table.read("lag", reading, values::duration);
            table.read("analyses", reading, |node, reading| this.analyses_of(node, reading));
        });
    }

    fn analyses_of(&mut self, node: &Node, reading: &mut Reading) -> Option<()> {
        for text in values::strings(node, reading)? {
            let span = text.place();
            self.analysis(&text.text, span, reading);
        }
        Some(())
    }

    fn analysis(&self, id: &str, span: proband_diag::Span, reading: &mut Reading) {
        if self.analyses.iter().any(|(known, _)| known == id) {
            return;
        }
        let known = self.analyses.iter().map(|(id, _)| id.as_str());
        reading.fault(unnamed_as(code::UNKNOWN_ANALYSIS, "analysis", id, span, known));
    }

    pub(super) fn sequential(&mut self, reading: &mut Reading) {
        let what = "group sequential designs";
        self.each(
            "sequential",
            keys::SEQUENTIAL,
            what,
            reading,
            |this, entry, table, reading| {
                this.analysis(&entry.key, entry.key_span, reading);
                for key in ["efficacy", "futility"] {
                    if let Some(bound) = table.get(key) {
                        spending(&bound.node, &table.path_of(key), key == "futility", reading);
                    }
                }
                table.read("combine", reading, |n, r| values::word(&COMBINE, n, r));
                this.several_looks(entry, reading);
            },
        );
    }

    fn several_looks(&mut self, entry: &Entry, reading: &mut Reading) {
        let count = named(self.file, "look", reading).len();
        if count > 1 {
            return;
        }
        let there = if count == 1 { "there is one" } else { "there is none" };
        let message =
            format!("`sequential.{}` spends alpha over looks, and {there}", entry.key);
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, entry.key_span)
                .help("add `[look.ID]`"),
        );
    }

    pub(super) fn adaptations(&mut self, reading: &mut Reading) {
        let what = "adaptations";
        self.each("adaptation", keys::ADAPTATION, what, reading, |this, _, table, reading| {
            let words = ADAPTATIONS.map(|(word, _)| (word, word));
            let action = table
                .required("do", "what is done", reading, |n, r| values::word(&words, n, r));
            table.read("look", reading, |node, reading| this.looks_of(node, reading));
            table.read("each", reading, |n, r| values::word(&[("arm", ())], n, r));
            table.read("when", reading, values::text);
            table.read("power", reading, values::share);
            table.read("arm", reading, |node, reading| {
                arms::positions(node, this.setting.names, reading)
            });
            let Some(action) = action else { return };
            own_keys(table, action, &ADAPTATIONS, "do", &[], reading);
            this.combination(action, table, reading);
        });
    }

    fn looks_of(&mut self, node: &Node, reading: &mut Reading) -> Option<()> {
        let looks = named(self.file, "look", reading);
        for text in values::strings(node, reading)? {
            if !looks.iter().any(|look| look.key == text.text) {
                let known = looks.iter().map(|look| look.key.as_str());
                let span = text.place();
                reading.fault(unnamed("look", &text.text, span, known));
            }
        }
        Some(())
    }

    /// Changing the size after an unblinded look needs a combination test.
    fn combination(&mut self, action: &str, table: &Table<'_>, reading: &mut Reading) {
        if action != "resize" {
            return;
        }
        for entry in named(self.file, "sequential", reading) {
            if entry.node.get("combine").is_none() {
                let message = "resizing after an unblinded look inflates the type I error";
                let help = format!("`sequential.{}.combine = \"inverse normal\"`", entry.key);
                reading.fault(
                    Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help),
                );
            }
        }
    }

    pub(super) fn escalation(&mut self, reading: &mut Reading) {
        let what = "dose escalation";
        self.table("escalation", keys::ESCALATION, what, reading, |this, table, reading| {
            let words = ESCALATIONS.map(|(word, _)| (word, word));
            let why = "how the next dose is found";
            let method =
                table.required("method", why, reading, |n, r| values::word(&words, n, r));
            let why = "a condition endpoint: dose-limiting toxicity";
            table.required("endpoint", why, reading, |n, r| this.setting.endpoint(n, r));
            for key in ["target", "low", "high", "eliminate", "prior_sd"] {
                table.read(key, reading, values::positive);
            }
            for key in ["cohort", "start", "stop_at"] {
                table.read(key, reading, values::count);
            }
            table.read("no_skip", reading, values::flag);
            table.read("skeleton", reading, |n, r| values::list(n, r, values::part));
            if let Some(method) = method {
                let common = ["method", "endpoint"];
                own_keys(table, method, &ESCALATIONS, "", &common, reading);
            }
        });
    }
}

fn spending(node: &Node, path: &str, futility: bool, reading: &mut Reading) {
    let Some(table) = Table::open(node, path, keys::SPENDING, reading) else { return };
    let words = SPENDING.map(|(word, _)| (word, word));
    let why = "the function by which alpha is spent";
    let word = table.required("spending", why, reading, |n, r| values::word(&words, n, r));
    for key in ["rho", "gamma"] {
        table.read(key, reading, values::number);
    }
    table.read("power", reading, values::share);
    table.read("binding", reading, values::flag);
    if !futility {
        for key in ["power", "binding"] {
            table.unused(key, &format!("`{key}` is used by `futility`"), reading);
        }
    }
    if let Some(word) = word {
        own_keys(&table, word, &SPENDING, "", &["spending", "power", "binding"], reading);
    }
}

/// Reports keys that the chosen word does not use, though another would.
fn own_keys(
    table: &Table<'_>,
    chosen: &str,
    words: &[(&str, &'static [&'static str])],
    key_of_word: &str,
    common: &[&str],
    reading: &mut Reading,
) {
    let own = words.iter().find(|(word, _)| *word == chosen).map_or(&[][..], |(_, own)| own);
    let by = match key_of_word {
        "" => chosen.to_owned(),
        key_of_word => format!("`{key_of_word} = \"{chosen}\"`"),
    };
    let keys = words.iter().flat_map(|(_, keys)| keys.iter().copied());
    table.unused_by(&by, keys, |key| own.contains(&key) || common.contains(&key), reading);
}
