//! What an analysis chooses beside its method: whom, subgroups, contrasts, a margin.

use super::methods::{takes_contrasts, takes_margin, takes_margin_of_ratio};
use super::{Setting, words};
use crate::expression::{Context, Quantities, Target, above_0, check, condition};
use crate::reading::Reading;
use crate::toml::{Node, Table, Text};
use crate::values;
use crate::{
    Analysis, AnalysisMethod, Contrast, Endpoint, Expression, Hypothesis, Quantity, Subgroup,
};
use proband_diag::{Diagnostic, code};
use proband_lang::{Kind, Unit};

/// A hypothesis of a margin.
type OfMargin = fn(f64) -> Hypothesis;

const HYPOTHESES: [(&str, OfMargin); 5] = [
    ("superiority", |_| Hypothesis::Superiority),
    ("non-inferiority", Hypothesis::NonInferiority),
    ("equivalence", Hypothesis::Equivalence),
    ("greater", Hypothesis::Greater),
    ("less", Hypothesis::Less),
];

/// Words of `set` that stand for sets of the protocol; all are randomised.
const SETS: [(&str, Option<Quantity>); 3] = [
    ("randomised", None),
    ("treated", Some(Quantity::Treated)),
    ("completed", Some(Quantity::Completed)),
];

/// A number in the unit of the endpoint: a quantity, or a plain number.
pub(super) fn in_unit_of(
    endpoint: Option<&Endpoint>,
    key: &str,
    node: &Node,
    reading: &mut Reading,
) -> Option<f64> {
    match node.as_text() {
        Some(_) => values::quantity(node, key, &endpoint?.unit, reading),
        None => values::number(node, reading),
    }
}

/// The margin, which is above 0.
fn margin(
    table: &Table<'_>,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading,
) -> Option<f64> {
    table.read("margin", reading, |node, reading| {
        let value = in_unit_of(endpoint, "margin", node, reading)?;
        if value > 0.0 {
            return Some(value);
        }
        let message = format!("a margin is above 0, and this is {value}");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
        None
    })
}

impl Setting<'_> {
    /// Whom the analysis or estimand is about, by the key that says so; none is everybody in the arms.
    pub(crate) fn set(
        &self,
        table: &Table<'_>,
        key: &str,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Expression> {
        let needed = "a set is a word such as `randomised`, or a condition, as a text";
        let text = table.read(key, reading, |n, r| values::string(n, needed, r))?;
        let Some((word, quantity)) = SETS.iter().find(|(word, _)| text.text == *word) else {
            return condition(text, Context::Endpoint, self.names, quantities, reading);
        };
        let span = text.place();
        if self.names.untold.contains(word) {
            let message = format!("the data do not say who is `{word}`");
            let fault = Diagnostic::error(code::UNKNOWN_NAME, message, span);
            reading.fault(fault.help("the columns are SAFFL and EOSSTT of the participants"));
        }
        let member = quantities.symbol(quantity.clone()?);
        Some(Expression {
            expr: above_0(member),
            unit: Unit::one(),
            kind: Kind::Condition,
            text: text.text.clone(),
            span: Some(span),
        })
    }

    /// Conditions or levels that cut the participants: of `subgroups` and of `strata`.
    pub(super) fn cuts(
        &self,
        texts: &[&Text],
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Vec<Expression> {
        let mut cuts = Vec::new();
        for text in texts {
            let (names, target) = (self.names, Target::Any);
            let checked = check(text, Context::Endpoint, &target, names, quantities, reading);
            let Some(checked) = checked else { continue };
            if checked.kind != Kind::Number {
                cuts.push(checked);
                continue;
            }
            let message =
                format!("this needs a condition or levels, and `{}` is a number", text.text);
            let span = text.place();
            let fault = Diagnostic::error(code::KIND_MISMATCH, message, span);
            reading.fault(fault.help("cut it, such as `age >= 65 year`"));
        }
        cuts
    }

    /// The analyses of the levels of all subgroups.
    pub(super) fn in_subgroups(
        &self,
        table: &Table<'_>,
        analysis: &Analysis,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Vec<Analysis> {
        let texts = table.read("subgroups", reading, values::strings).unwrap_or_default();
        if table.has("subgroups") && analysis.methods.contains(&AnalysisMethod::Paired) {
            table.later("subgroups", "subgroups of `paired`", reading);
        }
        let mut analyses = Vec::new();
        for value in self.cuts(&texts, quantities, reading) {
            let levels = match &value.kind {
                Kind::Level(levels) => levels.to_vec(),
                _ => vec!["N".to_owned(), "Y".to_owned()],
            };
            for (level, word) in levels.into_iter().enumerate() {
                let text = value.text.clone();
                let subgroup = Subgroup { value: value.clone(), level, text, word };
                analyses.push(Analysis { subgroup: Some(subgroup), ..analysis.clone() });
            }
        }
        analyses
    }

    /// Weighted sums of arms.
    pub(super) fn contrasts(
        &self,
        id: &str,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        reading: &mut Reading,
    ) -> Vec<Contrast> {
        let Some(entry) = table.get("contrasts") else {
            let told = table.has("compare");
            return if told { Vec::new() } else { self.contrasts_of_design(id, methods) };
        };
        if !methods.is_empty() && !takes_contrasts(methods) {
            reading.later(entry.key_span, &format!("contrasts of {}", words(methods)));
            return Vec::new();
        }
        let contrast = |entry: &crate::toml::Entry, reading: &mut Reading| {
            let name = format!("{id}.{}", entry.key);
            Contrast { name, weights: self.by_arm(&entry.node, reading) }
        };
        entry.node.entries().iter().map(|entry| contrast(entry, reading)).collect()
    }

    /// What the design compares by default, for methods that take contrasts.
    pub(super) fn contrasts_of_design(
        &self,
        id: &str,
        methods: &[AnalysisMethod],
    ) -> Vec<Contrast> {
        let of_design = self.contrasts.iter().filter(|_| takes_contrasts(methods));
        let named = |of: &Contrast| {
            let (name, weights) = (format!("{id}.{}", of.name), of.weights.clone());
            Contrast { name, weights }
        };
        of_design.map(named).collect()
    }

    /// Numbers by arm; 0 for arms that are not named.
    pub(super) fn by_arm(&self, node: &Node, reading: &mut Reading) -> Vec<f64> {
        let mut numbers = vec![0.0; self.names.arms.len()];
        for entry in node.entries() {
            let arm = self.names.arms.iter().position(|arm| *arm == entry.key);
            if let (Some(arm), Some(number)) = (arm, values::number(&entry.node, reading)) {
                numbers[arm] = number;
            }
        }
        numbers
    }

    /// What is to be shown, and its margin.
    pub(super) fn hypothesis(
        &self,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        endpoint: Option<&Endpoint>,
        reading: &mut Reading,
    ) -> Hypothesis {
        let word = table.read("hypothesis", reading, |n, r| values::word(&HYPOTHESES, n, r));
        let margin = margin(table, endpoint, reading);
        let span = table.place("hypothesis");
        let Some(hypothesis) = word else {
            let message = "`margin` is used by other hypotheses than superiority";
            table.unused("margin", message, reading);
            return Hypothesis::Superiority;
        };
        let directed = matches!(hypothesis(1.0), Hypothesis::Greater(_) | Hypothesis::Less(_));
        if hypothesis(1.0) == Hypothesis::Superiority {
            table.unused("margin", "`margin` is not used by superiority", reading);
            return Hypothesis::Superiority;
        }
        let has_none = |method: &&AnalysisMethod| !takes_margin(**method);
        if let Some(method) = methods.iter().find(has_none)
            && (!directed || table.has("margin"))
        {
            reading.later(span, &format!("a margin of {}", words(&[*method])));
        }
        let of_ratio = methods.iter().any(|method| takes_margin_of_ratio(*method));
        if !directed {
            self.margin_needed(table, endpoint, reading);
        } else if !table.has("margin") {
            return hypothesis(if of_ratio { 1.0 } else { 0.0 });
        }
        if let Some(margin) = margin.filter(|margin| *margin <= 1.0 && of_ratio) {
            let message = format!("the margin of a ratio is above 1, not {margin}");
            let span = table.get("margin").map_or(span, |entry| entry.node.span);
            let fault = Diagnostic::error(code::OUT_OF_RANGE, message, span);
            reading.fault(fault.help("such as 1.3: at most 30 % worse"));
        }
        hypothesis(margin.unwrap_or(1.0))
    }

    /// Non-inferiority and equivalence have a margin, and a side that is worse.
    fn margin_needed(
        &self,
        table: &Table<'_>,
        endpoint: Option<&Endpoint>,
        reading: &mut Reading,
    ) {
        let span = table.place("hypothesis");
        if !table.has("margin") {
            let message = format!("`{}` needs `margin`", table.path());
            let fault = Diagnostic::error(code::MISSING_KEY, message, span);
            reading.fault(fault.help("the smallest difference that would matter"));
        }
        if endpoint.is_some_and(|endpoint| endpoint.better.is_none()) {
            let message = "a margin needs to know which way is better";
            let fault = Diagnostic::error(code::MISSING_KEY, message, span);
            reading.fault(fault.help("`better` in the endpoint"));
        }
    }
}
