//! Operating characteristics: hypothesis by hypothesis, a row a scenario.

use crate::document::{Document, Table};
use crate::looks;
use crate::number::{count, decimals_of, fixed, plain};
use crate::select::{distinct, with_unit};
use crate::summary::{self, Run};
use crate::words;
use proband_analysis::{Characteristic, Measure};

/// Arranges what was found over the repetitions of a trial: how often each hypothesis was rejected, what
/// its estimates were, and how many participants that took.
#[must_use]
pub fn operating(run: &Run<'_>, found: &[Characteristic]) -> Document {
    let mut document = Document::default();
    summary::head(&mut document, run);
    document.heading("Operating characteristics");
    document.text("Each share and mean with its Monte Carlo standard error in brackets.");
    let rejected: Vec<&Characteristic> =
        found.iter().filter(|of| of.measure.is_rejection()).collect();
    let mut told: Vec<&Characteristic> = Vec::new();
    for first in &rejected {
        if !told.iter().any(|before| before.is_of_same(first)) {
            told.push(first);
            hypothesis(&mut document, found, first);
        }
    }
    if rejected.is_empty() {
        document.text("No analysis tests a hypothesis.");
    }
    looks::over_repetitions(&mut document, found);
    participants(&mut document, found);
    summary::failures(&mut document, run.failures);
    summary::defaults(&mut document, run.defaults);
    document
}

fn hypothesis(document: &mut Document, found: &[Characteristic], of: &Characteristic) {
    let of_it: Vec<&Characteristic> =
        found.iter().filter(|other| other.is_of_same(of)).collect();
    document.subheading(title(of));
    let unit = of_it.iter().find_map(|of| of.unit.as_ref());
    let heads = [
        "repetitions",
        "rejected",
        "95 % interval",
        "needed",
        &with_unit("mean estimate", unit),
        "SD of estimates",
        "mean SE",
        "bias",
        "coverage",
    ];
    let mut table = Table::new("scenario", heads.map(str::to_owned));
    for rejection in of_it.iter().filter(|of| of.measure.is_rejection()) {
        let at = |measure| {
            let mut others = of_it.iter().filter(|of| of.scenario == rejection.scenario);
            others.find(|of| of.measure == measure).copied()
        };
        table.push(row(rejection, &at));
    }
    document.table(table.without_empty_columns());
    document.list(notes(&of_it));
}

/// "os, log-rank: hazard ratio (os.experimental)".
fn title(of: &Characteristic) -> String {
    let comparison = of.comparison.as_deref().unwrap_or(&of.analysis);
    let visit = of.avisit.as_ref().map(|visit| format!(", {visit}")).unwrap_or_default();
    let group = of.group.as_ref().map(|group| format!(", {group}")).unwrap_or_default();
    let statistic = words::statistic(of.statistic);
    format!("{comparison}{visit}{group}: {statistic} by {}", of.method)
}

fn row<'a>(
    rejection: &Characteristic,
    at: &dyn Fn(Measure) -> Option<&'a Characteristic>,
) -> Vec<String> {
    let shown = |measure| at(measure).map_or_else(String::new, value);
    let limits = rejection.lower.zip(rejection.upper);
    let limits = limits.map(|(l, u)| format!("{} to {}", percent(l, None), percent(u, None)));
    vec![
        rejection.scenario.clone(),
        count(rejection.n as f64),
        share(rejection),
        limits.unwrap_or_default(),
        rejection.needed.map(|needed| count(needed as f64)).unwrap_or_default(),
        mean(at(Measure::Mean)),
        shown(Measure::EmpiricalSe),
        shown(Measure::ModelSe),
        shown(Measure::Bias),
        at(Measure::Coverage).map(share).unwrap_or_default(),
    ]
}

/// A value with no digits beyond its Monte Carlo error.
pub(crate) fn value(of: &Characteristic) -> String {
    match of.standard_error.and_then(|se| Some((se, decimals_of(se)?))) {
        Some((se, decimals)) => {
            format!("{} ({})", fixed(of.estimate, decimals), fixed(se, decimals))
        }
        None => plain(of.estimate),
    }
}

/// The mean of ratios has an error on the scale of their logarithms; here it is shown on theirs.
fn mean(of: Option<&Characteristic>) -> String {
    let Some(of) = of else { return String::new() };
    let scale = if of.statistic.is_ratio() { of.estimate } else { 1.0 };
    let standard_error = of.standard_error.map(|se| se * scale);
    value(&Characteristic { standard_error, ..of.clone() })
}

/// "80.3 % (0.4 %)".
pub(crate) fn share(of: &Characteristic) -> String {
    let se = of.standard_error.filter(|se| *se > 0.0);
    let shown = percent(of.estimate, se);
    se.map_or(shown.clone(), |se| format!("{shown} ({})", percent(se, Some(se))))
}

fn percent(share: f64, se: Option<f64>) -> String {
    let decimals = se.and_then(|se| decimals_of(100.0 * se)).unwrap_or(2).max(0);
    format!("{} %", fixed(100.0 * share, decimals))
}

/// What a reader must know, once.
fn notes(of_it: &[&Characteristic]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let level = of_it.iter().filter(|of| of.measure == Measure::TypeIError);
    let null: Vec<&str> = level.map(|of| of.scenario.as_str()).collect();
    if !null.is_empty() {
        let what = "the arms are the same, so that rejected is the type I error";
        notes.push(format!("{}: {what}.", null.join(", ")));
    }
    let drawn = of_it.iter().filter(|of| of.measure == Measure::Assurance);
    let drawn: Vec<&str> = drawn.map(|of| of.scenario.as_str()).collect();
    if !drawn.is_empty() {
        let what = "parameters were drawn once a repetition, so that rejected is the assurance";
        notes.push(format!("{}: {what}.", drawn.join(", ")));
    }
    let told =
        of_it.iter().filter_map(|of| Some(format!("{}: {}.", of.scenario, of.note.as_ref()?)));
    notes.extend(distinct(told));
    notes
}

/// How many participants the scenarios took on average.
fn participants(document: &mut Document, found: &[Characteristic]) {
    let steps = ["screened", "enrolled", "model failed"];
    let of_step = |scenario: &str, step: &str| {
        let rows = found.iter().filter(|of| {
            of.scenario == scenario && of.analysis == step && of.measure == Measure::Mean
        });
        let total: f64 = rows.map(|of| of.estimate).sum();
        if total > 0.0 { plain(total) } else { String::new() }
    };
    let mut table = Table::new("scenario", steps.map(|step| format!("{step}, mean")));
    for scenario in distinct(found.iter().map(|of| of.scenario.as_str())) {
        let cells = steps.map(|step| of_step(scenario, step));
        table.push(std::iter::once(scenario.to_owned()).chain(cells).collect());
    }
    document.heading("Participants");
    document.table(table.without_empty_columns());
}
