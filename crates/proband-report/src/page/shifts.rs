//! Laboratory values and vital signs: from where at baseline to where at worst.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, number, word};
use super::section::Section;
use crate::document::Document;
use crate::ranges;
use crate::select::{distinct, of};
use proband_analysis::{Category, Finding, StatisticName as S};

/// Observables that a reader chooses from.
const MOST: usize = 16;

pub(crate) fn add(section: &mut Section, study: &Study<'_>) {
    let mut document = Document::default();
    ranges::add(&mut document, study.run.arms, study.findings);
    if document.blocks.is_empty() {
        section.missing(
            "No observable has a range of normal values or grades, so that there are no shifts; \
             `[[safety.range]]` gives one.",
        );
        return;
    }
    let found = of(study.findings, Category::Range);
    let shifts: Vec<&Finding> = found
        .into_iter()
        .filter(|f| f.method.starts_with("shift") && f.statistic == S::WithEvent)
        .collect();
    let keys = distinct(shifts.iter().map(|f| (&f.analysis, &f.method)));
    let charts = keys.into_iter().take(MOST).map(|key| {
        chart(
            &shifts
                .iter()
                .filter(|f| (&f.analysis, &f.method) == key)
                .copied()
                .collect::<Vec<_>>(),
        )
    });
    section.figure(Figure {
        id: "shifts".to_owned(),
        title: "Shifts from baseline".to_owned(),
        caption:
            "Participants by where they were at baseline and by their worst record after it."
                .to_owned(),
        charts: charts.collect(),
    });
    section.document(&document);
}

/// `normal to high` as a cell of a matrix for each arm.
fn chart(rows: &[&Finding]) -> Chart {
    let view = rows.first().map_or("", |f| f.param.as_str());
    let mut chart =
        Chart::new(Kind::Cells, view, Axis::new("worst after baseline"), Axis::new("baseline"))
            .styled(Style::default())
            .columns(&[
                ("panel", "arm"),
                ("y", "baseline"),
                ("x", "worst"),
                ("value", "participants"),
            ]);
    for finding in rows {
        let shift = finding.group.as_deref().and_then(|group| group.split_once(" to "));
        let (Some((from, to)), Some(n)) = (shift, finding.estimate) else { continue };
        let arm = finding.arm.as_deref().unwrap_or_default();
        chart.row([word(arm), word(from), word(to), number(n)]);
    }
    chart
}
