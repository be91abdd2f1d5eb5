//! Which dose lines of the models a regimen feeds.

use super::told::OneTold;
use crate::expression::Names;
use crate::reading::Reading;
use crate::toml::{Table, Text};
use crate::values;
use crate::words::{did_you_mean, either};
use proband_diag::{Diagnostic, code};
use proband_lang::Unit;

impl OneTold {
    /// The dose lines that the regimen feeds. None if it is not clear which.
    pub(super) fn lines(
        &self,
        table: &Table<'_>,
        names: &Names,
        reading: &mut Reading,
    ) -> Option<Vec<(usize, usize)>> {
        let text =
            |node, reading: &mut Reading| values::string(node, "a text is needed", reading);
        let drug = table.read("drug", reading, text);
        let route = table.read("route", reading, text);
        let all = all_lines(names);
        let fitting: Vec<&Line<'_>> = all
            .iter()
            .filter(|line| drug.is_none_or(|drug| line.drug == Some(drug.text.as_str())))
            .filter(|line| route.is_none_or(|route| line.route == route.text))
            .collect();
        let unknown = |route: &&Text| !all.iter().any(|line| line.route == route.text);
        if let Some(route) = route.filter(|route| !names.incomplete && unknown(route)) {
            reading.fault(unknown_route(route, &all));
            return None;
        }
        let words = |line: &Line<'_>| (line.drug.map(str::to_owned), line.route.to_owned());
        let first = fitting.first().map(|line| words(line));
        let ambiguous = fitting.iter().any(|line| Some(words(line)) != first);
        if ambiguous {
            reading.fault(ambiguous_dose(table, &fitting));
            return None;
        }
        Some(fitting.iter().map(|line| (line.model, line.index)).collect())
    }

    /// The fault of a regimen that reaches no model.
    pub(super) fn reaches_nothing(&self, names: &Names) -> Diagnostic {
        let recorded = "`record_only = true` records a drug that acts on no model";
        let lines = all_lines(names);
        let drugs = lines.iter().filter_map(|line| line.drug);
        if let Some(entry) = self.node.get("drug") {
            let drug = entry.node.as_text().map_or("", |text| text.text.as_str());
            let message = format!("no model takes `{drug}`");
            let help = match did_you_mean(drug, drugs) {
                Some(near) => format!("{near} {recorded}"),
                None => recorded.to_owned(),
            };
            return Diagnostic::error(code::UNKNOWN_DRUG, message, entry.node.span).help(help);
        }
        let message = format!("`{}` reaches no model", self.path);
        let help = format!(
            "no dose line fits, and no input reads `daily_dose({})`; {recorded}",
            self.id
        );
        Diagnostic::error(code::UNKNOWN_DRUG, message, self.node.span).help(help)
    }
}

/// A dose line of a model.
struct Line<'a> {
    model: usize,
    index: usize,
    drug: Option<&'a str>,
    route: &'a str,
}

fn all_lines(names: &Names) -> Vec<Line<'_>> {
    let mut all = Vec::new();
    for (model, _, owner) in names.sound_models() {
        for (index, line) in owner.doses.iter().enumerate() {
            let (drug, route) = (line.drug.as_deref(), line.route.as_str());
            all.push(Line { model, index, drug, route });
        }
    }
    all
}

/// The unit in which the first of some dose lines takes its dose.
pub(super) fn line_unit(lines: &[(usize, usize)], names: &Names) -> Option<Unit> {
    let &(model, line) = lines.first()?;
    Some(names.models[model].1.as_ref()?.doses[line].unit.clone())
}

fn unknown_route(route: &Text, all: &[Line<'_>]) -> Diagnostic {
    let mut routes: Vec<&str> = all.iter().map(|line| line.route).collect();
    routes.sort_unstable();
    routes.dedup();
    let message = format!("no dose line has the route `{}`", route.text);
    let help =
        did_you_mean(&route.text, routes.iter().copied()).unwrap_or_else(|| match routes[..] {
            [only] => format!("the only route is `{only}`"),
            _ => format!("the routes are {}", crate::words::listed(&routes)),
        });
    let span = route.place();
    Diagnostic::error(code::UNKNOWN_ROUTE, message, span).help(help)
}

fn ambiguous_dose(table: &Table<'_>, fitting: &[&Line<'_>]) -> Diagnostic {
    let mut words: Vec<(Option<&str>, &str)> =
        fitting.iter().map(|line| (line.drug, line.route)).collect();
    words.dedup();
    let count = match words.len() {
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        more => more.to_string(),
    };
    let mut drugs: Vec<&str> = words.iter().filter_map(|(drug, _)| *drug).collect();
    drugs.dedup();
    let (key, choice) = if drugs.len() > 1 {
        ("drug", drugs)
    } else {
        ("route", words.iter().map(|(_, route)| *route).collect())
    };
    let message = format!("{count} dose lines fit `{}`", table.path());
    Diagnostic::error(code::AMBIGUOUS_DOSE, message, table.span())
        .help(format!("say which `{key}`: {}", either(&choice)))
}
