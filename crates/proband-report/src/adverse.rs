//! Adverse events: incidence by body system and term, rates, worst grades.

use crate::baseline::share;
use crate::document::{Document, Table};
use crate::number::{count, estimate, interval};
use crate::select::{at, distinct, of, of_group};
use proband_analysis::{Category, Finding, StatisticName as S};

/// PARAMCD of a term.
pub(crate) const TERM: &str = "AEDECOD";

/// One line of a table: a term, a body system, or all together.
struct Entry<'a> {
    code: &'a str,
    analysis: &'a str,
    label: String,
    rows: Vec<&'a Finding>,
}

/// Choices of events that have a table of their own, by their GROUP.
const CHOICES: [(&str, &str); 2] = [
    ("serious", "serious"),
    ("leading to discontinuation", "leading to discontinuation of treatment"),
];

pub(crate) fn add(document: &mut Document, arms: &[String], findings: &[Finding]) {
    let rows = of(findings, Category::AdverseEvent);
    if rows.is_empty() {
        return;
    }
    let entries = entries(&rows);
    document.heading("Adverse events");
    document.text(
        "Participants with at least one: n (%) [events]; differences to control in percentage points \
         with Newcombe's 95 % intervals.",
    );
    document.table(incidence(arms, &entries, None));
    for (group, words) in CHOICES {
        let table = incidence(arms, &entries, Some(group));
        if !table.rows.is_empty() {
            document.text(format!("Events {words}: n (%) [events]."));
            document.table(table);
        }
    }
    document.text(
        "First events per 100 years at risk of one, with exact 95 % intervals; differences to control \
         with normal ones.",
    );
    document.table(rates(arms, &entries));
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

/// A line an entry: every arm, then the difference of every arm to control.
fn by_arm(
    arms: &[String],
    entries: &[Entry<'_>],
    group: Option<&str>,
    cell: impl Fn(&[&Finding], &str) -> String,
    difference: impl Fn(&[&Finding], &str) -> String,
) -> Table {
    let differences = arms.iter().map(|arm| format!("{arm}: difference"));
    let mut table = Table::new("", arms.iter().cloned().chain(differences));
    for entry in entries {
        let rows = of_group(&entry.rows, group);
        if rows.is_empty() {
            continue;
        }
        let cells = arms.iter().map(|arm| cell(&rows, arm));
        let differences = arms.iter().map(|arm| difference(&rows, arm));
        table.push(
            std::iter::once(entry.label.clone()).chain(cells).chain(differences).collect(),
        );
    }
    table.without_empty_columns()
}

/// Incidence of everything, as the page shows it.
pub(crate) fn incidence_table(arms: &[String], rows: &[&Finding]) -> Table {
    incidence(arms, &entries(rows), None)
}

fn incidence(arms: &[String], entries: &[Entry<'_>], group: Option<&str>) -> Table {
    let cell = |rows: &[&Finding], arm: &str| {
        let events = at(rows, Some(arm), S::Events).and_then(|f| f.estimate);
        let events = events.map(|events| format!(" [{}]", count(events)));
        share(rows, Some(arm)) + &events.unwrap_or_default()
    };
    by_arm(arms, entries, group, cell, |rows, arm| {
        within(at(rows, Some(arm), S::RiskDifference))
    })
}

fn rates(arms: &[String], entries: &[Entry<'_>]) -> Table {
    let per_hundred = |rows: &[&Finding], arm: &str, statistic| {
        within(at(rows, Some(arm), statistic).map(per_hundred).as_ref())
    };
    let rate = |rows: &[&Finding], arm: &str| per_hundred(rows, arm, S::Rate);
    by_arm(arms, entries, None, rate, |rows, arm| per_hundred(rows, arm, S::RateDifference))
}

/// "estimate (lower to upper)".
fn within(finding: Option<&Finding>) -> String {
    finding.map_or_else(String::new, |finding| match interval(finding) {
        limits if limits.is_empty() => estimate(finding),
        limits => format!("{} ({limits})", estimate(finding)),
    })
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
        let groups = distinct(entry.rows.iter().filter_map(|f| f.group.as_deref()));
        for grade in groups.into_iter().filter(|group| group.starts_with("grade ")) {
            let rows = of_group(&entry.rows, Some(grade));
            let label = format!("{}, {grade}", entry.label.trim_start());
            let cells = arms.iter().map(|arm| share(&rows, Some(arm)));
            table.push(std::iter::once(label).chain(cells).collect());
        }
    }
    table
}
