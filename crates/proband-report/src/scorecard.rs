//! Published figures beside ours.

use crate::document::{Align, Document, Table};
use crate::number::{as_written, decimals_of, estimate_beside, interval, terse};
use crate::select::{distinct, of, with_unit};
use proband_analysis::{Category, Finding, StatisticName as S};

pub(crate) fn add(document: &mut Document, findings: &[Finding]) {
    let rows = of(findings, Category::Published);
    if rows.is_empty() {
        return;
    }
    document.heading("Published figures");
    let heads = ["published", "within", "ours", "95 % CI"].map(str::to_owned);
    let mut table = Table::new("", heads);
    table.columns.insert(1, ("of".to_owned(), Align::Left));
    table.columns.push(("agrees".to_owned(), Align::Left));
    // Each published value is followed by ours.
    for pair in rows.chunks(2) {
        if let [theirs, ours] = pair
            && (theirs.statistic, ours.statistic) == (S::Published, S::Ours)
        {
            table.push(line(theirs, ours));
        }
    }
    document.table(table.without_empty_columns());
    let sources = distinct(rows.iter().filter_map(|f| f.source.as_ref()));
    document.list(sources.into_iter().map(|source| format!("Source: {source}")).collect());
}

fn line(theirs: &Finding, ours: &Finding) -> Vec<String> {
    let what = with_unit(&theirs.param, theirs.unit.as_ref());
    let group = theirs.group.as_ref().map(|g| format!(", {g}")).unwrap_or_default();
    let whose = theirs.arm.as_ref().or(theirs.avisit.as_ref());
    let limits = theirs.lower.zip(theirs.upper);
    let half_width = limits.map(|(lower, upper)| 0.5 * (upper - lower));
    vec![
        format!("{what}{group}, {}", theirs.method),
        whose.cloned().unwrap_or_default(),
        theirs.estimate.map(as_written).unwrap_or_default(),
        half_width.map(terse).unwrap_or_default(),
        estimate_beside(ours, half_width.and_then(decimals_of)),
        interval(ours),
        verdict(ours),
    ]
}

fn verdict(ours: &Finding) -> String {
    match (&ours.note, ours.estimate) {
        (Some(note), Some(_)) if note.starts_with("within") => "yes".to_owned(),
        (_, Some(_)) => "NO".to_owned(),
        (note, None) => note.clone().unwrap_or_default(),
    }
}
