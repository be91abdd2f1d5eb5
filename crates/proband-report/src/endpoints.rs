//! Endpoints by arm, and the comparisons of arms.

use crate::document::{Align, Document, Table};
use crate::number::{
    count, decimals, estimate, estimate_beside, fixed, interval, p_value, plain, standard_error,
};
use crate::select::{at, distinct, of, of_analysis, with_unit};
use crate::{forest, words};
use proband_analysis::{Category, Finding, StatisticName as S};

pub(crate) fn add(document: &mut Document, arms: &[String], findings: &[Finding]) {
    let whole = |f: &&Finding| f.group.is_none();
    let by_arm: Vec<&Finding> =
        of(findings, Category::Endpoint).into_iter().filter(whole).collect();
    if by_arm.is_empty() {
        return;
    }
    let compared = of(findings, Category::Comparison);
    let (compared, in_subgroups): (Vec<&Finding>, Vec<&Finding>) =
        compared.into_iter().partition(whole);
    document.heading("Endpoints");
    let mut shown_before: Vec<(&String, Table)> = Vec::new();
    for (analysis, visit) in distinct(by_arm.iter().map(|f| (&f.analysis, &f.avisit))) {
        let of_all = of_analysis(&by_arm, analysis);
        // What is claimed of all visits together stands with the last of them.
        let last = of_all.last().is_some_and(|f| f.avisit == *visit);
        let here = |f: &&Finding| f.avisit == *visit || last && f.avisit.is_none();
        let rows: Vec<&Finding> = of_all.into_iter().filter(here).collect();
        let tests: Vec<&Finding> =
            of_analysis(&compared, analysis).into_iter().filter(here).collect();
        document.subheading(title(analysis, rows[0]));
        let table = describe(arms, &rows);
        match shown_before.iter().find(|(_, before)| *before == table) {
            Some((before, _)) => document.text(format!("By arm as in analysis {before}.")),
            None => document.table(table.clone()),
        }
        shown_before.push((analysis, table));
        document.table(compare(&tests));
        document.list(notes(&rows, &tests));
        let in_subgroups = of_analysis(&in_subgroups, analysis).into_iter().filter(here);
        forest::add(document, &in_subgroups.collect::<Vec<_>>());
    }
}

/// "Change in HbA1c, Week 24 (analysis hba1c)", without the visit where the title names it.
fn title(analysis: &str, finding: &Finding) -> String {
    let named =
        |visit: &&String| finding.param.to_lowercase().contains(visit.to_lowercase().as_str());
    let visit = finding.avisit.as_ref().filter(|visit| !named(visit));
    let visit = visit.map(|visit| format!(", {visit}")).unwrap_or_default();
    format!("{}{visit} (analysis {analysis})", finding.param)
}

/// The cells of an arm.
type Cells = fn(&[&Finding], &str) -> Vec<String>;

/// One line an arm; which columns depends on what the endpoint is.
fn describe(arms: &[String], rows: &[&Finding]) -> Table {
    let has = |statistic| rows.iter().any(|f| f.statistic == statistic);
    let unit = rows.iter().find(|f| f.statistic == S::Mean || f.statistic == S::Median);
    let unit = unit.and_then(|f| f.unit.as_ref());
    let (heads, cells): (Vec<String>, Cells) = if has(S::Mean) {
        let mean = with_unit("mean (SE)", unit);
        (
            heads(&["n", "missing", &mean, "SD", "median [Q1, Q3]", "geometric mean (CV %)"]),
            numbers,
        )
    } else if has(S::Rate) {
        (heads(&["events", "years", "rate per year", "95 % CI"]), counts)
    } else if has(S::Percent) {
        (heads(&["n", "missing", "met", "%", "95 % CI"]), outcomes)
    } else {
        let median = with_unit("median", unit);
        (heads(&["n", "events", &median, "95 % CI", "Q1"]), times)
    };
    let heads = heads.into_iter().map(|head| head.replace("95 %", &level(rows)));
    let mut table = Table::new("", heads);
    for arm in arms {
        table.push(std::iter::once(arm.clone()).chain(cells(rows, arm)).collect());
    }
    table.without_empty_columns()
}

fn heads(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The confidence level in percent.
fn level(rows: &[&Finding]) -> String {
    let level = rows.iter().find_map(|f| f.level).unwrap_or(0.95);
    format!("{} %", plain(100.0 * level))
}

fn whole(rows: &[&Finding], arm: &str, statistic: S) -> String {
    let finding = at(rows, Some(arm), statistic);
    finding.and_then(|f| f.estimate).map(count).unwrap_or_default()
}

fn shown(rows: &[&Finding], arm: &str, statistic: S) -> String {
    at(rows, Some(arm), statistic).map_or_else(String::new, estimate)
}

fn limits(rows: &[&Finding], arm: &str, statistic: S) -> String {
    at(rows, Some(arm), statistic).map_or_else(String::new, interval)
}

fn numbers(rows: &[&Finding], arm: &str) -> Vec<String> {
    let mean = at(rows, Some(arm), S::Mean);
    // What describes the same values deserves the same digits.
    let digits = mean.and_then(decimals);
    let value = |statistic| {
        let value = at(rows, Some(arm), statistic).and_then(|f| f.estimate);
        value.map(|v| digits.map_or_else(|| plain(v), |d| fixed(v, d)))
    };
    let mean = mean.map_or_else(String::new, |f| match f.standard_error {
        Some(_) => format!("{} ({})", estimate(f), standard_error(f)),
        None => estimate(f),
    });
    let quartiles = match (value(S::Median), value(S::LowerQuartile), value(S::UpperQuartile)) {
        (Some(median), Some(q1), Some(q3)) => format!("{median} [{q1}, {q3}]"),
        _ => String::new(),
    };
    let geometric = at(rows, Some(arm), S::GeometricMean).map(|f| {
        let cv = at(rows, Some(arm), S::GeometricCv).and_then(|f| f.estimate);
        format!("{} ({})", estimate(f), cv.map_or_else(String::new, |cv| fixed(cv, 0)))
    });
    let missing = whole(rows, arm, S::Missing);
    vec![
        whole(rows, arm, S::Count),
        if missing == "0" { String::new() } else { missing },
        mean,
        value(S::Sd).unwrap_or_default(),
        quartiles,
        geometric.unwrap_or_default(),
    ]
}

fn outcomes(rows: &[&Finding], arm: &str) -> Vec<String> {
    let missing = whole(rows, arm, S::Missing);
    vec![
        whole(rows, arm, S::Count),
        if missing == "0" { String::new() } else { missing },
        whole(rows, arm, S::WithEvent),
        shown(rows, arm, S::Percent),
        limits(rows, arm, S::Percent),
    ]
}

fn times(rows: &[&Finding], arm: &str) -> Vec<String> {
    let reached = |statistic| {
        let finding = at(rows, Some(arm), statistic);
        finding.map_or_else(String::new, |f| match f.estimate {
            Some(_) => estimate(f),
            None => "not reached".to_owned(),
        })
    };
    vec![
        whole(rows, arm, S::Count),
        whole(rows, arm, S::WithEvent),
        reached(S::Median),
        limits(rows, arm, S::Median),
        reached(S::LowerQuartile),
    ]
}

fn counts(rows: &[&Finding], arm: &str) -> Vec<String> {
    vec![
        whole(rows, arm, S::Events),
        shown(rows, arm, S::Exposure),
        shown(rows, arm, S::Rate),
        limits(rows, arm, S::Rate),
    ]
}

/// One line a comparison and statistic.
fn compare(rows: &[&Finding]) -> Table {
    let interval_head = format!("{} CI", level(rows));
    let names = ["estimate", "SE", &interval_head, "p", "adjusted p"].map(str::to_owned);
    let mut table = Table::new("", names);
    table.columns.insert(1, ("method".to_owned(), Align::Left));
    table.columns.insert(2, ("statistic".to_owned(), Align::Left));
    for finding in rows {
        let statistic = words::statistic(finding.statistic);
        // The spread of individual effects stands beside their mean.
        let mean = rows
            .iter()
            .find(|f| f.statistic == S::MeanEffect && f.comparison == finding.comparison);
        table.push(vec![
            who(finding),
            finding.method.clone(),
            with_unit(statistic, finding.unit.as_ref()),
            estimate_beside(finding, mean.and_then(|f| decimals(f))),
            standard_error(finding),
            interval(finding),
            p_value(finding.p_value),
            adjusted(finding),
        ]);
    }
    table.without_empty_columns()
}

/// The adjusted p-value, starred where its hypothesis is rejected.
fn adjusted(finding: &Finding) -> String {
    let star = if finding.rejected == Some(true) { "*" } else { "" };
    let shown = finding.adjusted_p.map_or_else(String::new, |p| p_value(Some(p)));
    shown + star
}

/// "Active vs Placebo" of a comparison, the name of a contrast, the arm of a mean.
pub(crate) fn who(finding: &Finding) -> String {
    match (&finding.arm, &finding.reference) {
        (Some(test), Some(reference)) => format!("{test} vs {reference}"),
        (Some(arm), None) => arm.clone(),
        (None, _) => finding.comparison.clone().unwrap_or_else(|| "all arms".to_owned()),
    }
}

/// How it was computed, what stood in for missing values, and what could not be computed.
fn notes(rows: &[&Finding], tests: &[&Finding]) -> Vec<String> {
    let methods = distinct(tests.iter().map(|f| f.method.as_str())).into_iter();
    let mut lines: Vec<String> = methods.filter_map(words::method).map(str::to_owned).collect();
    let stand_in =
        rows.iter().filter(|f| f.statistic == S::Missing).find_map(|f| f.note.as_ref());
    lines.extend(stand_in.map(|note| format!("Missing values: {note}.")));
    let computed = tests.iter().filter(|f| f.estimate.is_some());
    let told = computed.filter_map(|f| Some(format!("{}: {}.", f.method, f.note.as_ref()?)));
    lines.extend(distinct(told));
    let failed =
        rows.iter().chain(tests).filter(|f| f.estimate.is_none() && f.p_value.is_none());
    let failed = failed.filter(|f| !is_not_reached(f));
    let reasons = failed.filter_map(|f| {
        let statistic = words::statistic(f.statistic);
        f.note.as_ref().map(|note| format!("No {statistic} of {}: {note}.", who(f)))
    });
    lines.extend(reasons);
    lines
}

/// The table says "not reached".
fn is_not_reached(finding: &Finding) -> bool {
    finding.note.as_ref().is_some_and(|note| note.starts_with("fewer than"))
}
