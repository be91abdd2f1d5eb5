//! Several runs side by side: what differs between them, and what each of them found.

use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, word};
use super::section::Section;
use crate::document::{Align, Table};
use crate::endpoints::who;
use crate::html::{escaped, table};
use crate::number::{estimate, interval};
use crate::select::{distinct, of, with_unit};
use crate::summary::Run;
use crate::words;
use proband_analysis::{Category, Characteristic, Finding, StatisticName as S};

/// Statistics that a reader chooses from.
const MOST: usize = 16;

/// One of the runs.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// What stands in its head.
    pub run: Run<'a>,
    /// The id of the run.
    pub id: &'a str,
    /// Its findings; nothing of a trial that was repeated.
    pub findings: &'a [Finding],
    /// Its characteristics over repetitions.
    pub operating: &'a [Characteristic],
}

/// The page that compares runs. The same runs, in the same order, give the same bytes.
#[must_use]
pub fn comparison(runs: &[Compared<'_>]) -> String {
    let names = names(runs);
    let head = format!(
        "<h1>{} runs side by side</h1><p>{}</p>",
        runs.len(),
        escaped(&names.join(", "))
    );
    let sections = [
        differences(runs, &names),
        found(runs, &names),
        adverse_events(runs, &names),
        repeated(runs, &names),
    ];
    super::html("Runs side by side", &head, &sections)
}

/// What a run is called on the page: its trial, and its id where that does not tell it from the others.
fn names(runs: &[Compared<'_>]) -> Vec<String> {
    let alone =
        |run: &Compared<'_>| runs.iter().filter(|of| of.run.id == run.run.id).count() == 1;
    let name = |run: &Compared<'_>| match alone(run) {
        true => run.run.id.to_owned(),
        false => format!("{} {}", run.run.id, run.id.get(..6).unwrap_or(run.id)),
    };
    runs.iter().map(name).collect()
}

/// Facts and defaults that are not the same in all runs.
fn differences(runs: &[Compared<'_>], names: &[String]) -> Section {
    let mut section = Section::new("differences", "What differs");
    section.text("What is the same in all runs is left out.");
    let facts = |of: &Compared<'_>| {
        let title = of.run.title.unwrap_or_default().to_owned();
        let own =
            [("trial", of.run.id.to_owned()), ("title", title), ("run", of.id.to_owned())];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(of.run.facts.iter().filter(|(name, _)| name != "run").cloned()).collect()
    };
    section.html(&table(&unlike(&runs.iter().map(facts).collect::<Vec<_>>(), names), ""));
    let defaults: Vec<_> = runs.iter().map(|of| of.run.defaults.to_vec()).collect();
    let defaults = unlike(&defaults, names);
    if !defaults.rows.is_empty() {
        let table = table(&defaults, "");
        section.html(&format!(
            "<details><summary>Values taken by default</summary>{table}</details>\n"
        ));
    }
    section
}

/// A line for each name whose values differ.
fn unlike(runs: &[Vec<(String, String)>], names: &[String]) -> Table {
    let mut table = Table::new("", []);
    table.columns.extend(names.iter().map(|name| (name.clone(), Align::Left)));
    for name in distinct(runs.iter().flatten().map(|(name, _)| name)) {
        let of_run = |pairs: &Vec<(String, String)>| {
            let values =
                pairs.iter().filter(|(of, _)| of == name).map(|(_, value)| value.as_str());
            values.collect::<Vec<_>>().join("; ")
        };
        let values: Vec<String> = runs.iter().map(of_run).collect();
        if values.iter().any(|value| *value != values[0]) {
            table.push(std::iter::once(name.clone()).chain(values).collect());
        }
    }
    table
}

/// Estimates of the comparisons of arms, run beside run.
fn found(runs: &[Compared<'_>], names: &[String]) -> Section {
    let mut section = Section::new("effects", "Effects");
    let of_run = |run: &Compared<'_>| {
        let compared = of(run.findings, Category::Comparison).into_iter();
        let is_effect =
            |f: &&Finding| f.reference.is_some() && f.group.is_none() && f.lower.is_some();
        compared.filter(is_effect).cloned().collect::<Vec<_>>()
    };
    let effects: Vec<Vec<Finding>> = runs.iter().map(of_run).collect();
    let all = effects.iter().flatten();
    let keys = distinct(
        all.map(|f| (f.param.clone(), f.avisit.clone(), f.statistic, f.method.clone())),
    );
    let charts = keys.iter().take(MOST).map(|key| {
        let is_it = |f: &&Finding| {
            (&f.param, &f.avisit, f.statistic, &f.method) == (&key.0, &key.1, key.2, &key.3)
        };
        side_by_side(
            names,
            &effects,
            &format!("{}, {} by {}", key.0, words::statistic(key.2), key.3),
            is_it,
            who,
        )
    });
    section.figure(Figure {
        id: "effects-by-run".to_owned(),
        title: "Effects, run beside run".to_owned(),
        caption: "Estimates with their intervals within a run.".to_owned(),
        charts: charts.collect(),
    });
    if effects.iter().all(Vec::is_empty) {
        section.missing("No run compares arms, or the runs were repeated: see below.");
    }
    section
}

/// Percentages of participants with each adverse event.
fn adverse_events(runs: &[Compared<'_>], names: &[String]) -> Section {
    let mut section = Section::new("adverse", "Adverse events");
    let of_run = |run: &Compared<'_>| {
        let events = of(run.findings, Category::AdverseEvent).into_iter();
        let is_share = |f: &&Finding| {
            f.paramcd == crate::adverse::TERM && f.statistic == S::Percent && f.group.is_none()
        };
        events.filter(is_share).cloned().collect::<Vec<_>>()
    };
    let events: Vec<Vec<Finding>> = runs.iter().map(of_run).collect();
    let terms = distinct(events.iter().flatten().map(|f| f.param.clone()));
    let charts = terms
        .iter()
        .take(MOST)
        .map(|term| side_by_side(names, &events, term, |f| f.param == *term, who));
    section.figure(Figure {
        id: "adverse-by-run".to_owned(),
        title: "Adverse events, run beside run".to_owned(),
        caption: "Percent of participants with at least one, with exact 95 % intervals."
            .to_owned(),
        charts: charts.collect(),
    });
    if terms.is_empty() {
        section.missing("No run has adverse events among its findings.");
    }
    section
}

fn side_by_side(
    names: &[String],
    findings: &[Vec<Finding>],
    view: &str,
    is_it: impl Fn(&&Finding) -> bool,
    label: fn(&Finding) -> String,
) -> Chart {
    let first = findings.iter().flatten().find(|f| is_it(f));
    let statistic = first.map_or(S::Mean, |f| f.statistic);
    let axis = with_unit(words::statistic(statistic), first.and_then(|f| f.unit.as_ref()));
    let ratio = statistic.is_ratio();
    let reference = match statistic {
        S::Percent => None,
        _ => Some(if ratio { 1.0 } else { 0.0 }),
    };
    let x = Axis { logarithmic: ratio, ..Axis::new(&axis) };
    let mut chart = Chart::new(Kind::Intervals, view, x, Axis::default())
        .series(names)
        .styled(Style { reference, ..Style::default() })
        .columns(&[
            ("label", "effect"),
            ("series", "run"),
            ("x", &axis),
            ("lower", "lower"),
            ("upper", "upper"),
            ("text", "estimate"),
        ]);
    for (name, findings) in names.iter().zip(findings) {
        for f in findings.iter().filter(&is_it) {
            let text = word(&format!("{} ({})", estimate(f), interval(f)));
            let numbers = [f.estimate, f.lower, f.upper].map(maybe);
            chart.row([word(&label(f)), word(name)].into_iter().chain(numbers).chain([text]));
        }
    }
    chart
}

/// How often hypotheses are rejected, run beside run.
fn repeated(runs: &[Compared<'_>], names: &[String]) -> Section {
    let mut section = Section::new("operating", "Operating characteristics");
    let label = "% of repetitions";
    let mut chart = Chart::new(Kind::Intervals, "", Axis::new(label), Axis::default())
        .series(names)
        .columns(&[
            ("label", "hypothesis, scenario"),
            ("series", "run"),
            ("x", label),
            ("lower", "lower 95 %"),
            ("upper", "upper 95 %"),
        ]);
    for (name, run) in names.iter().zip(runs) {
        for of in run.operating.iter().filter(|of| of.measure.is_rejection()) {
            let comparison = of.comparison.as_deref().unwrap_or(&of.analysis);
            let label = word(&format!("{comparison}, {}, {}", of.method, of.scenario));
            let shares = [Some(of.estimate), of.lower, of.upper];
            let shares = shares.map(|share| maybe(share.map(|share| 100.0 * share)));
            chart.row([label, word(name)].into_iter().chain(shares));
        }
    }
    if chart.rows.is_empty() {
        section.missing("No run repeats its trial.");
    }
    section.figure(Figure {
        id: "rejections-by-run".to_owned(),
        title: "How often hypotheses are rejected, run beside run".to_owned(),
        caption: "With exact 95 % Monte Carlo intervals.".to_owned(),
        charts: vec![chart],
    });
    section
}
