//! `[escalation]`: how the doses of a single arm are climbed.

use super::{Setting, own_keys};
use crate::keys;
use crate::reading::Reading;
use crate::tables::endpoints::position as endpoint;
use crate::toml::{Node, Table};
use crate::values;
use crate::{EndpointValue, Escalation, EscalationMethod};
use proband_diag::{Diagnostic, code};

/// The methods, with the keys each uses beside `method` and `endpoint`.
const METHODS: [(&str, &[&str]); 5] = [
    ("3+3", &["start", "regimen"]),
    ("boin", &["target", "cohort", "start", "stop_at", "low", "high", "eliminate", "regimen"]),
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
    ("mtpi-2", &["target", "cohort", "start", "stop_at", "eliminate", "regimen"]),
    ("i3+3", &["target", "cohort", "start", "stop_at", "eliminate", "regimen"]),
];

impl Setting<'_> {
    pub(super) fn escalation(&self, file: &Node, reading: &mut Reading) -> Option<Escalation> {
        let entry = file.get("escalation")?;
        let table = Table::open(&entry.node, "escalation", keys::ESCALATION, reading)?;
        let words = METHODS.map(|(word, _)| (word, word));
        let why = "how the next dose is found";
        let word = table.required("method", why, reading, |n, r| values::word(&words, n, r));
        let why = "a condition endpoint: dose-limiting toxicity";
        let endpoint = table.required("endpoint", why, reading, |n, r| self.toxicity(n, r));
        if let Some(word) = word {
            own_keys(&table, word, word, &METHODS, reading);
        }
        let regimen = self.ladder(&table, reading);
        let method = word.and_then(|word| self.method(word, &table, regimen, reading));
        let three = word == Some("3+3");
        let cohort = match three {
            true => 3,
            false => table.or("cohort", (3, "3"), reading, values::count),
        };
        let start = table.or("start", (1, "1"), reading, values::count);
        let stop_at = table.read("stop_at", reading, values::count);
        let no_skip = table.or("no_skip", (true, "true"), reading, values::flag);
        let regimen = regimen?;
        let rungs = self.regimens[regimen].amounts.len();
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        if start > rungs {
            let span = table.place("start");
            let message = format!("the first rung is {start}, and there are {rungs}");
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
            return None;
        }
        Some(Escalation {
            method: method?,
            endpoint: endpoint?,
            cohort,
            start: start - 1,
            stop_at,
            no_skip,
            regimen,
        })
    }

    fn toxicity(&self, node: &Node, reading: &mut Reading) -> Option<usize> {
        let found = endpoint(self.endpoints, node, reading)?;
        let endpoint = self.endpoints[found].1.as_ref()?;
        if !matches!(endpoint.value, EndpointValue::Condition(_)) {
            let kind = crate::tables::endpoints::kind(&endpoint.value);
            let message = format!("toxicity is a condition, and `{}` is {kind}", endpoint.id);
            reading.fault(Diagnostic::error(code::KIND_MISMATCH, message, node.span));
            return None;
        }
        Some(found)
    }

    /// The regimen whose rungs are climbed: the one named, or the only one that has several.
    fn ladder(&self, table: &Table<'_>, reading: &mut Reading) -> Option<usize> {
        if self.names.arms.len() > 1 {
            let message = "doses are climbed in a single arm, and there are several";
            reading.fault(Diagnostic::error(code::WRONG_DESIGN, message, table.span()));
            return None;
        }
        let named = table.read("regimen", reading, values::text);
        let fits = |regimen: &crate::Regimen| match &named {
            Some(id) => regimen.names.contains(id),
            None => regimen.amounts.len() > 1,
        };
        let found = self.regimens.iter().position(fits);
        let climbs = found.is_some_and(|found| self.regimens[found].amounts.len() > 1);
        if !climbs && !self.regimens.is_empty() {
            let message = "there is no ladder of doses to climb";
            let span = table.place("regimen");
            reading.fault(
                Diagnostic::error(code::NO_LADDER, message, span)
                    .help("`amount` is a list of doses, from the lowest"),
            );
            return None;
        }
        found
    }

    fn method(
        &self,
        word: &str,
        table: &Table<'_>,
        regimen: Option<usize>,
        reading: &mut Reading,
    ) -> Option<EscalationMethod> {
        if word == "3+3" {
            return Some(EscalationMethod::ThreePlusThree);
        }
        let why = "the toxicity aimed at";
        let target = table.required("target", why, reading, values::share);
        let eliminate = table.or("eliminate", (0.95, "0.95"), reading, values::share);
        let target = target?;
        match word {
            "boin" => {
                let low =
                    table.or("low", (0.6 * target, "0.6 x target"), reading, values::share);
                let high =
                    table.or("high", (1.4 * target, "1.4 x target"), reading, values::share);
                if !(0.0 < low && low < target && target < high && high < 1.0) {
                    let span = table.place("target");
                    let message =
                        format!("the target lies between `low`, {low}, and `high`, {high}");
                    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
                }
                Some(EscalationMethod::Boin { target, low, high, eliminate })
            }
            "crm" => {
                let skeleton = self.skeleton(table, regimen, reading);
                let default = (1.34_f64.sqrt(), "sqrt(1.34)");
                let prior_sd = table.or("prior_sd", default, reading, values::positive);
                let skeleton = skeleton?;
                Some(EscalationMethod::Crm { target, eliminate, skeleton, prior_sd })
            }
            "mtpi-2" => Some(EscalationMethod::MtpiTwo { target, eliminate }),
            _ => Some(EscalationMethod::IThreePlusThree { target, eliminate }),
        }
    }

    /// One guess a rung, rising, within 0 and 1.
    fn skeleton(
        &self,
        table: &Table<'_>,
        regimen: Option<usize>,
        reading: &mut Reading,
    ) -> Option<Vec<f64>> {
        let why = "the toxicity guessed for each rung, rising";
        let guessed = table.required("skeleton", why, reading, |node, reading| {
            values::list(node, reading, values::part)
        })?;
        let rungs = regimen.map_or(guessed.len(), |at| self.regimens[at].amounts.len());
        let rises = guessed.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = guessed.iter().all(|&guess| guess > 0.0 && guess < 1.0);
        if rises && inside && guessed.len() == rungs {
            return Some(guessed);
        }
        let message = format!("a skeleton has {rungs} guesses that rise between 0 and 1");
        let span = table.place("skeleton");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        None
    }
}
