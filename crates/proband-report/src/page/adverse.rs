//! Adverse events: the table that can be sorted, and the dots beside it.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, word};
use super::section::Section;
use crate::adverse;
use crate::number::{estimate, interval};
use crate::select::of;
use proband_analysis::{Category, Finding, StatisticName as S};

/// Terms in the figure: more are in the table.
const MOST_TERMS: usize = 30;

pub(crate) fn add(section: &mut Section, study: &Study<'_>) {
    let rows = of(study.findings, Category::AdverseEvent);
    if rows.is_empty() {
        section.missing(
            "The trial declares no adverse events, or the findings of them were not kept.",
        );
        return;
    }
    section.heading("Adverse events");
    section.text(
        "Participants with at least one: n (%) [events]; differences to control in percentage points with \
         Newcombe's 95 % intervals. A column is sorted by its head.",
    );
    section.sortable(&adverse::incidence_table(study.run.arms, &rows));
    section.figure(differences(study, &rows));
}

/// Percentages by arm, and risk differences with their intervals.
fn differences(study: &Study<'_>, rows: &[&Finding]) -> Figure {
    let terms: Vec<&&Finding> =
        rows.iter().filter(|f| f.paramcd == adverse::TERM && f.group.is_none()).collect();
    let mut names: Vec<&str> = Vec::new();
    for term in &terms {
        if !names.contains(&term.param.as_str()) && names.len() < MOST_TERMS {
            names.push(&term.param);
        }
    }
    let chart = |view: &str, label: &str, statistic, reference| {
        let style = Style { reference, ..Style::default() };
        let mut chart = Chart::new(Kind::Intervals, view, Axis::new(label), Axis::default())
            .series(study.run.arms)
            .styled(style)
            .columns(&[
                ("label", "term"),
                ("series", "arm"),
                ("x", label),
                ("lower", "lower 95 %"),
                ("upper", "upper 95 %"),
                ("text", "estimate"),
            ]);
        for name in &names {
            let of_term = terms.iter().filter(|f| f.param == *name && f.statistic == statistic);
            for finding in of_term.filter(|f| f.estimate.is_some()) {
                let arm = finding.arm.as_deref().unwrap_or_default();
                let text = format!("{} ({})", estimate(finding), interval(finding));
                let numbers = [finding.estimate, finding.lower, finding.upper].map(maybe);
                chart.row(
                    [word(name), word(arm)].into_iter().chain(numbers).chain([word(&text)]),
                );
            }
        }
        chart
    };
    Figure {
        id: "adverse-events".to_owned(),
        title: "Adverse events by term".to_owned(),
        caption: format!(
            "Risk differences to control with Newcombe's 95 % intervals; percentages with exact ones. The \
             {} terms that come first in the table.",
            names.len()
        ),
        charts: vec![
            chart("Difference to control", "percentage points", S::RiskDifference, Some(0.0)),
            chart("Percentage", "% of participants", S::Percent, None),
        ],
    }
}
