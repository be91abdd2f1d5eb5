//! Table 1, with how far the arms are from the first of them.

use super::Study;
use super::section::Section;
use crate::baseline;
use crate::document::{Align, Block, Document};
use crate::number::fixed;
use crate::select::{at, distinct, of};
use proband_analysis::{Category, Finding, StatisticName as S};

pub(crate) fn add(section: &mut Section, study: &Study<'_>) {
    let mut document = Document::default();
    baseline::add(&mut document, study.run.arms, study.findings);
    if document.blocks.is_empty() {
        section.missing(
            "No baseline characteristics were kept; `[output] level = \"findings\"` keeps them.",
        );
        return;
    }
    with_differences(&mut document, study);
    section.document(&document);
}

/// Puts a column of standardised differences to the first arm behind those of every other.
fn with_differences(document: &mut Document, study: &Study<'_>) {
    let [reference, others @ ..] = study.run.arms else { return };
    let rows = of(study.findings, Category::Baseline);
    let table = document.blocks.iter_mut().find_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    let Some(table) = table.filter(|_| !others.is_empty()) else { return };
    let lines = lines(&rows);
    for arm in others {
        table.columns.push((format!("difference of {arm}"), Align::Right));
        for (row, line) in table.rows.iter_mut().zip(&lines) {
            let difference = standardised_difference(line, reference, arm);
            row.push(difference.map(|d| fixed(d, 2)).unwrap_or_default());
        }
    }
    document.text(format!(
        "Differences are standardised: to {reference}, in standard deviations (square root of the mean variance \
         of both arms; of a level p (1 - p)). Austin, Statistics in Medicine 28 (2009), takes 0.1 for balanced; \
         a randomised arm of n is off by about the root of 2 / n by chance."
    ));
}

/// The findings of each line of the table, in its order: a characteristic, then its levels.
fn lines<'a>(rows: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut lines = Vec::new();
    let mut last = "";
    for (param, group) in distinct(rows.iter().map(|f| (f.param.as_str(), f.group.as_deref())))
    {
        if group.is_some() && param != last {
            lines.push(Vec::new());
        }
        last = param;
        let of_line = |f: &&&Finding| f.param == param && f.group.as_deref() == group;
        lines.push(rows.iter().filter(of_line).copied().collect());
    }
    lines
}

/// (m1 - m2) / sqrt((v1 + v2) / 2), with p and p (1 - p) for shares (Austin 2009, section 3).
fn standardised_difference(line: &[&Finding], reference: &str, arm: &str) -> Option<f64> {
    let of_arm = |arm: &str| {
        let value = |statistic| at(line, Some(arm), statistic).and_then(|f| f.estimate);
        match value(S::Percent) {
            Some(percent) => {
                let share = percent / 100.0;
                Some((share, share * (1.0 - share)))
            }
            None => value(S::Mean).zip(value(S::Sd)).map(|(mean, sd)| (mean, sd * sd)),
        }
    };
    let ((theirs, their_variance), (ours, our_variance)) = (of_arm(reference)?, of_arm(arm)?);
    let sd = ((their_variance + our_variance) / 2.0).sqrt();
    (sd > 0.0).then(|| (ours - theirs) / sd)
}

#[cfg(test)]
mod tests {
    use super::standardised_difference;
    use crate::blank;
    use proband_analysis::{Category, Finding, StatisticName as S};

    #[test]
    fn differences_are_in_standard_deviations() {
        let of = |arm: &str, statistic, estimate| Finding {
            arm: Some(arm.to_owned()),
            statistic,
            estimate: Some(estimate),
            ..blank(Category::Baseline)
        };
        let age = [
            of("a", S::Mean, 50.0),
            of("a", S::Sd, 3.0),
            of("b", S::Mean, 55.0),
            of("b", S::Sd, 5.0),
        ];
        // 5 / sqrt((9 + 25) / 2)
        let difference = standardised_difference(&age.each_ref(), "a", "b").unwrap();
        assert!((difference - 1.212_678_125_181_665_1).abs() < 1e-12);
        let sex = [of("a", S::Percent, 50.0), of("b", S::Percent, 60.0)];
        // 0.1 / sqrt((0.25 + 0.24) / 2)
        let difference = standardised_difference(&sex.each_ref(), "a", "b").unwrap();
        assert!((difference - 0.202_030_508_910_442).abs() < 1e-12);
    }
}
