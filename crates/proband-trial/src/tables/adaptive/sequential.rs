//! `[sequential.ANALYSIS]`: how the level is spent over looks.

use super::{Setting, final_look, opened, own_keys};
use crate::expression::Quantities;
use crate::keys;
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::{
    Analysis, AnalysisMethod, Combination, Endpoint, EndpointValue, Futility, Hypothesis, Look,
    Quantity, Sequential, Spending, TrialQuantity,
};
use proband_diag::{Diagnostic, code};

/// Spending functions, with their own parameter.
const SPENDING: [(&str, &[&str]); 5] = [
    ("obrien-fleming", &[]),
    ("pocock", &[]),
    ("kim-demets", &["rho"]),
    ("hwang-shih-decani", &["gamma"]),
    ("user", &["bounds"]),
];

const COMBINE: [(&str, Combination); 2] =
    [("inverse normal", Combination::InverseNormal), ("fisher", Combination::Fisher)];

impl Setting<'_> {
    pub(super) fn sequential(
        &self,
        file: &Node,
        looks: &[Look],
        quantities: &Quantities,
        reading: &mut Reading,
    ) -> Vec<Sequential> {
        let mut all = Vec::new();
        for entry in named(file, "sequential", reading) {
            let table = opened(entry, "sequential", keys::SEQUENTIAL, reading);
            several_looks(entry, file, looks, reading);
            let Some(table) = table else { continue };
            all.extend(self.one_sequential(entry, &table, looks, quantities, reading));
        }
        all
    }

    fn one_sequential(
        &self,
        entry: &Entry,
        table: &Table<'_>,
        looks: &[Look],
        quantities: &Quantities,
        reading: &mut Reading,
    ) -> Option<Sequential> {
        let position = self.analysis(&entry.key, entry.key_span, reading);
        let analysis = position.and_then(|position| self.analyses[position].1.as_ref());
        let count = looks.len();
        let efficacy = table.get("efficacy").and_then(|bound| {
            let path = table.path_of("efficacy");
            let table = Table::open(&bound.node, path, keys::SPENDING, reading)?;
            for key in ["power", "binding"] {
                table.unused(key, &format!("`{key}` is used by `futility`"), reading);
            }
            let spending = spending(&table, count, reading)?;
            within_alpha(&spending, &table, analysis, reading);
            Some(spending)
        });
        let futility = table.get("futility").and_then(|bound| {
            let path = table.path_of("futility");
            let table = Table::open(&bound.node, path, keys::SPENDING, reading)?;
            one_sided(&table, analysis, reading);
            futility(&table, count, reading)
        });
        let combine = table.read("combine", reading, |n, r| values::word(&COMBINE, n, r));
        let (position, analysis) = (position?, analysis?);
        self.tests_something(entry, analysis, reading);
        self.analysed_at_the_end(entry, position, looks, reading);
        self.counts_events(entry, analysis, looks, quantities, reading);
        Some(Sequential { analysis: position, efficacy, futility, combine })
    }

    /// A sequential design needs a test of superiority or non-inferiority.
    fn tests_something(&self, entry: &Entry, analysis: &Analysis, reading: &mut Reading) {
        let id = &entry.key;
        if analysis.comparisons.is_empty() {
            let message =
                format!("`{id}` compares no arms, so that there is nothing to stop for");
            reading.fault(Diagnostic::error(code::WRONG_METHOD, message, entry.key_span));
        }
        if matches!(analysis.hypothesis, Hypothesis::Equivalence(_)) {
            reading.later(entry.key_span, "a sequential test of equivalence");
        }
        if analysis.methods.contains(&AnalysisMethod::Paired) {
            reading.later(entry.key_span, "a sequential test of pairs");
        }
    }

    fn analysed_at_the_end(
        &self,
        entry: &Entry,
        position: usize,
        looks: &[Look],
        reading: &mut Reading,
    ) {
        let Some(last) = final_look(looks).map(|last| &looks[last]) else { return };
        if !last.analyses.contains(&position) {
            let message =
                format!("the final look `{}` does not analyse `{}`", last.id, entry.key);
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, entry.key_span));
        }
    }

    /// The final look of an endpoint that is a time says how many events are planned.
    fn counts_events(
        &self,
        entry: &Entry,
        analysis: &Analysis,
        looks: &[Look],
        quantities: &Quantities,
        reading: &mut Reading,
    ) {
        let endpoint = self.endpoints[analysis.endpoint].1.as_ref();
        let is_time = |endpoint: &&Endpoint| matches!(endpoint.value, EndpointValue::Time(_));
        let (Some(endpoint), Some(last)) = (endpoint.filter(is_time), final_look(looks)) else {
            return;
        };
        let last = &looks[last];
        let events = TrialQuantity::Events(analysis.endpoint);
        let all: Vec<Quantity> = quantities.iter().cloned().collect();
        if last.planned(&|count| *count == events, &all, f64::NAN).is_none() {
            let (id, of, analysis) = (&last.id, &endpoint.id, &entry.key);
            let message = format!(
                "`sequential.{analysis}` spends over events, and `look.{id}` names no number of them"
            );
            reading.fault(
                Diagnostic::error(code::MISSING_KEY, message, entry.key_span).help(format!(
                    "`when = \"events({of}) >= 300\"` in `look.{id}`, with `or` and a date if it must end"
                )),
            );
        }
    }
}

fn several_looks(entry: &Entry, file: &Node, looks: &[Look], reading: &mut Reading) {
    let count = super::entries(file, "look").len();
    let place = entry.key_span;
    if count < 2 {
        let there = if count == 1 { "there is one" } else { "there is none" };
        let message =
            format!("`sequential.{}` spends alpha over looks, and {there}", entry.key);
        let fault = Diagnostic::error(code::MISSING_KEY, message, place);
        reading.fault(fault.help("add `[look.ID]`"));
    } else if looks.len() == count && final_look(looks).is_none() {
        let message = format!("`sequential.{}` has no final look", entry.key);
        let fault = Diagnostic::error(code::MISSING_KEY, message, place);
        reading.fault(fault.help("`final = true` in the look that ends the trial"));
    }
}

fn spending(table: &Table<'_>, looks: usize, reading: &mut Reading) -> Option<Spending> {
    let words = SPENDING.map(|(word, _)| (word, word));
    let why = "the function by which it is spent";
    let word = table.required("spending", why, reading, |n, r| values::word(&words, n, r))?;
    own_keys(table, word, word, &SPENDING, reading);
    match word {
        "obrien-fleming" => Some(Spending::OBrienFleming),
        "pocock" => Some(Spending::Pocock),
        "kim-demets" => {
            let why = "the power of the information";
            let rho = table.required("rho", why, reading, values::positive)?;
            Some(Spending::KimDeMets { rho })
        }
        "hwang-shih-decani" => {
            let why = "negative spends late, positive early";
            let gamma = table.required("gamma", why, reading, values::number)?;
            Some(Spending::HwangShihDeCani { gamma })
        }
        _ => {
            let why = "one bound for each look";
            let bounds = table.required("bounds", why, reading, |node, reading| {
                values::list(node, reading, values::number)
            })?;
            if bounds.len() != looks && bounds.len() + 1 != looks {
                let message = format!("{} bounds are given for {looks} looks", bounds.len());
                let span = table.place("bounds");
                reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
                return None;
            }
            Some(Spending::User(bounds))
        }
    }
}

/// Levels of the user rise from look to look up to the whole, and no further.
fn within_alpha(
    spending: &Spending,
    table: &Table<'_>,
    analysis: Option<&Analysis>,
    reading: &mut Reading,
) {
    let (Spending::User(spent), Some(analysis)) = (spending, analysis) else { return };
    let alpha = analysis.alpha;
    let span = table.place("bounds");
    let rises = spent.is_sorted() && spent.first().is_none_or(|first| *first >= 0.0);
    let last = spent.last().copied().unwrap_or(0.0);
    let message = if !rises {
        "levels are cumulative: each is the level spent up to its look".to_owned()
    } else if spent.iter().any(|&level| level > alpha * (1.0 + 1e-12)) {
        format!("this spends {last} of a level of {alpha}")
    } else if (last - alpha).abs() > 1e-12 {
        format!("the last look spends what is left, {alpha}, and this ends at {last}")
    } else {
        return;
    };
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
}

fn one_sided(table: &Table<'_>, analysis: Option<&Analysis>, reading: &mut Reading) {
    if let Some(analysis) = analysis.filter(|analysis| analysis.sided != 1) {
        let id = &analysis.id;
        let message = format!("futility needs one side, and `analysis.{id}` tests two");
        reading.fault(
            Diagnostic::error(code::WRONG_DESIGN, message, table.span())
                .help(format!("`sided = 1` and half the `alpha` in `analysis.{id}`")),
        );
    }
}

fn futility(table: &Table<'_>, looks: usize, reading: &mut Reading) -> Option<Futility> {
    let spending = spending(table, looks, reading)?;
    let binding = table.or("binding", (false, "false"), reading, values::flag);
    if let Spending::User(bounds) = &spending {
        table.unused("power", "bounds of the user spend no error", reading);
        let last = looks.saturating_sub(1);
        let bounds = bounds.iter().copied().take(last).collect();
        return Some(Futility { spending: Spending::User(bounds), power: None, binding });
    }
    let why = "the power planned, which futility spends 1 less of";
    let power = table.required("power", why, reading, values::share)?;
    Some(Futility { spending, power: Some(power), binding })
}
