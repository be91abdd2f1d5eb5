//! `[estimand.ID]`.

use super::Later;
use crate::keys;
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Entry, Node};
use crate::values;
use crate::words::did_you_mean;
use proband_diag::{Diagnostic, code};

const STRATEGIES: [(&str, ()); 5] = [
    ("treatment policy", ()),
    ("hypothetical", ()),
    ("composite", ()),
    ("while on treatment", ()),
    ("principal stratum", ()),
];

const SUMMARIES: [(&str, ()); 4] =
    [("difference", ()), ("ratio", ()), ("odds ratio", ()), ("hazard ratio", ())];

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
            let known =
                entry.key == "default" || self.setting.names.happening(&entry.key).is_some();
            if known || self.setting.names.incomplete {
                continue;
            }
            let mut ids = self.setting.names.happening_ids();
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
}
