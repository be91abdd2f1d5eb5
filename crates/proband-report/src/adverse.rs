//! Adverse events: incidence by body system and term, rates and differences, worst grades.

use crate::baseline::share;
use crate::document::{Document, Table};
use crate::number::{count, estimate, interval};
use crate::select::{at, distinct, of};
use proband_analysis::{Category, Finding, StatisticName as S};

const TERM: &str = "AEDECOD";

/// One line of a table: a term, a body system, or all together.
struct Entry<'a> {
    code: &'a str,
    analysis: &'a str,
    label: String,
    rows: Vec<&'a Finding>,
}

pub(crate) fn add(document: &mut Document, arms: &[String], findings: &[Finding]) {
    let rows = of(findings, Category::AdverseEvent);
    if rows.is_empty() {
        return;
    }
    let entries = entries(&rows);
    document.heading("Adverse events");
    document.text("Participants with at least one: n (%).");
    document.table(incidence(arms, &entries));
    document.text(
        "Percentages with exact intervals; rates of first events per 100 years at risk with exact \
         intervals; differences to control in percentage points with Newcombe's.",
    );
    document.table(details(arms, &entries));
    document.text("Participants by worst grade: n (%).");
    document.table(grades(arms, &entries));
}

/// The entries in the order of the findings; terms stand under their body system.
fn entries<'a>(rows: &[&'a Finding]) -> Vec<Entry<'a>> {
    let keys = distinct(rows.iter().map(|f| (f.paramcd.as_str(), f.analysis.as_str())));
    let entry = |(code, analysis): (&'a str, &'a str)| {
        let of = |f: &&&Finding| f.paramcd == code && f.analysis == analysis;
        let rows: Vec<&Finding> = rows.iter().filter(of).copied().collect();
        let indent = if code == TERM { "  " } else { "" };
        Entry { code, analysis, label: format!("{indent}{}", rows[0].param), rows }
    };
    keys.into_iter().map(entry).collect()
}

impl<'a> Entry<'a> {
    fn of_group(&self, group: Option<&str>) -> Vec<&'a Finding> {
        self.rows.iter().filter(|f| f.group.as_deref() == group).copied().collect()
    }
}

fn incidence(arms: &[String], entries: &[Entry<'_>]) -> Table {
    let mut table = Table::new("", arms.iter().cloned());
    for entry in entries {
        let rows = entry.of_group(None);
        let cells = arms.iter().map(|arm| share(&rows, Some(arm)));
        table.push(std::iter::once(entry.label.clone()).chain(cells).collect());
    }
    table
}

fn details(arms: &[String], entries: &[Entry<'_>]) -> Table {
    let heads = ["events", "%", "95 % CI", "rate", "95 % CI", "difference", "95 % CI"];
    let mut table = Table::new("", heads.map(str::to_owned));
    for entry in entries.iter().filter(|entry| entry.code == TERM) {
        let rows = entry.of_group(None);
        for arm in arms {
            let label = format!("{}: {arm}", entry.label.trim_start());
            table.push(std::iter::once(label).chain(detail(&rows, arm)).collect());
        }
    }
    table.without_empty_columns()
}

fn detail(rows: &[&Finding], arm: &str) -> Vec<String> {
    let of = |statistic| at(rows, Some(arm), statistic);
    let rate = of(S::Rate).map(per_hundred);
    let shown = |finding: Option<&Finding>| finding.map_or_else(String::new, estimate);
    let limits = |finding: Option<&Finding>| finding.map_or_else(String::new, interval);
    let events = of(S::Events).and_then(|f| f.estimate);
    vec![
        events.map(count).unwrap_or_default(),
        shown(of(S::Percent)),
        limits(of(S::Percent)),
        shown(rate.as_ref()),
        limits(rate.as_ref()),
        shown(of(S::RiskDifference)),
        limits(of(S::RiskDifference)),
    ]
}

/// A rate per year as one per 100 years.
fn per_hundred(finding: &Finding) -> Finding {
    let times = |value: Option<f64>| value.map(|v| 100.0 * v);
    Finding {
        estimate: times(finding.estimate),
        lower: times(finding.lower),
        upper: times(finding.upper),
        ..finding.clone()
    }
}

fn grades(arms: &[String], entries: &[Entry<'_>]) -> Table {
    let mut table = Table::new("", arms.iter().cloned());
    for entry in entries.iter().filter(|e| e.code == TERM || e.analysis == "any") {
        for grade in distinct(entry.rows.iter().filter_map(|f| f.group.as_deref())) {
            let rows = entry.of_group(Some(grade));
            let label = format!("{}, {grade}", entry.label.trim_start());
            let cells = arms.iter().map(|arm| share(&rows, Some(arm)));
            table.push(std::iter::once(label).chain(cells).collect());
        }
    }
    table
}
