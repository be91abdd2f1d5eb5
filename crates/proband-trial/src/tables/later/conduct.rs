//! `[adherence]` and `[rule.ID]`.

use super::Later;
use crate::keys;
use crate::reading::Reading;
use crate::tables::adverse_events::arms;
use crate::toml::{Node, Table};
use crate::values;
use crate::words::did_you_mean;
use proband_diag::{Diagnostic, code};

const CHECKS: [(&str, ()); 2] = [("encounter", ()), ("dose", ())];

/// What a rule does, with the keys that it needs and nobody else uses.
const ACTIONS: [(&str, &[&str]); 11] = [
    ("delay", &["by"]),
    ("skip", &[]),
    ("hold", &["until"]),
    ("reduce", &[]),
    ("increase", &[]),
    ("set", &["to"]),
    ("start", &["regimen"]),
    ("stop", &[]),
    ("switch", &["arm"]),
    ("see", &["in"]),
    ("withdraw", &[]),
];

impl Later<'_> {
    pub(super) fn adherence(&mut self, reading: &mut Reading) {
        self.table(
            "adherence",
            keys::ADHERENCE,
            "missed and late doses",
            reading,
            |this, table, reading| {
                table.read("taken", reading, |node, reading| this.chance(node, reading));
                table.read("between", reading, values::positive);
                table.read("late", reading, values::duration);
                table.read("holiday", reading, values::duration);
            },
        );
    }

    pub(super) fn rules(&mut self, reading: &mut Reading) {
        let what = "rules on what the trial saw";
        self.each("rule", keys::RULE, what, reading, |this, _, table, reading| {
            this.rule(table, reading);
        });
    }

    fn rule(&mut self, table: &Table<'_>, reading: &mut Reading) {
        let why = "a condition about one participant";
        table.required("when", why, reading, |node, reading| self.seen(node, reading));
        table.read("check", reading, |n, r| values::word(&CHECKS, n, r));
        let words = ACTIONS.map(|(word, _)| (word, word));
        let why = "what is done";
        let action = table.required("do", why, reading, |n, r| values::word(&words, n, r));
        table.read("then", reading, |n, r| values::word(&words, n, r));
        if let Some(action) = action {
            own_keys(table, action, reading);
        }
        for key in ["by", "in"] {
            table.read(key, reading, values::duration);
        }
        table.read("until", reading, |node, reading| self.seen(node, reading));
        table.read("to", reading, |node, reading| self.seen_value(node, reading));
        table.read("arm", reading, |node, reading| arms(node, self.setting.names, reading));
        table.read("arms", reading, |node, reading| arms(node, self.setting.names, reading));
        table.read("regimen", reading, |node, reading| self.regimen(node, reading));
        table.read("observe", reading, values::strings);
        table.read("followed", reading, values::share);
        table.read("at_most", reading, values::count);
    }

    /// An amount that a rule sets.
    fn seen_value(&mut self, node: &Node, reading: &mut Reading) -> Option<()> {
        use crate::expression::{Context, Target, check};
        let text = values::string(node, "an amount is an expression, as a text", reading)?;
        let target = Target::Any;
        check(text, Context::Seen, &target, self.setting.names, self.quantities, reading)
            .map(|_| ())
    }

    fn regimen(&mut self, node: &Node, reading: &mut Reading) -> Option<()> {
        for text in values::strings(node, reading)? {
            let known = self.regimens.iter().map(|entry| entry.key.as_str());
            let named = self.regimens.iter().any(|entry| entry.key == text.text);
            if !named && self.setting.names.regimens(&text.text).is_none() {
                let message = format!("no regimen is named `{}`", text.text);
                let help = did_you_mean(&text.text, known);
                let span = text.span(0..text.text.len());
                reading.fault(
                    Diagnostic::error(code::UNKNOWN_NAME, message, span).maybe_help(help),
                );
            }
        }
        Some(())
    }
}

/// The keys of an action are required by it, and used by no other.
fn own_keys(table: &Table<'_>, action: &str, reading: &mut Reading) {
    let own = ACTIONS.iter().find(|(word, _)| *word == action).map_or(&[][..], |(_, own)| own);
    for key in own.iter().filter(|key| !table.has(key)) {
        let message = format!("`do = \"{action}\"` needs `{key}`");
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()));
    }
    let of_others = ACTIONS.iter().flat_map(|(_, keys)| keys.iter()).chain(["observe"].iter());
    for key in of_others.filter(|key| !own.contains(key) && **key != "regimen") {
        if *key == "observe" && action == "see" {
            continue;
        }
        let message = format!("`{key}` is not used by `do = \"{action}\"`");
        table.unused(key, &message, reading);
    }
}
