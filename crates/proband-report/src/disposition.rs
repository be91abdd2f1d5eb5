//! Who was screened, enrolled and allocated.

use crate::document::{Document, Table};
use crate::number::{count, plain};
use crate::select::of;
use proband_analysis::{Category, Finding, StatisticName};

pub(crate) fn add(document: &mut Document, arms: &[String], findings: &[Finding]) {
    let steps = of(findings, Category::Disposition);
    if steps.is_empty() {
        return;
    }
    document.heading("Disposition");
    let mut table = Table::new("", ["n".to_owned(), "%".to_owned()]);
    for step in steps.iter().filter(|f| f.arm.is_none() && is_told(f)) {
        table.push(vec![label(step), number(step), percent(step)]);
    }
    document.table(table.without_empty_columns());
    let mut table = Table::new("", arms.iter().cloned());
    for analysis in ["randomised", "model failed", "implausible", "followed"] {
        let of_arm = |arm: &String| {
            steps.iter().find(|f| f.analysis == analysis && f.arm.as_ref() == Some(arm))
        };
        let row: Vec<&&Finding> = arms.iter().filter_map(of_arm).collect();
        let anybody = row.iter().any(|f| is_told(f));
        if let Some(first) = row.first().filter(|_| anybody || analysis == "randomised") {
            let cells = row.iter().map(|f| number(f));
            table.push(std::iter::once(first.param.clone()).chain(cells).collect());
        }
    }
    document.table(table);
}

/// Steps that nobody took are not worth a line, but for enrolment.
fn is_told(finding: &Finding) -> bool {
    let always = ["screened", "screen failure", "criterion", "enrolled"];
    finding.estimate.is_some_and(|n| n > 0.0) || always.contains(&finding.analysis.as_str())
}

/// A reason stands under what it is a reason of.
fn label(finding: &Finding) -> String {
    match &finding.group {
        Some(reason) if finding.analysis == "criterion" => format!("  {reason}"),
        Some(reason) if finding.analysis == "ended" => format!("  {reason} before day 1"),
        Some(reason) => format!("{}: {reason}", finding.param),
        None => finding.param.clone(),
    }
}

fn number(finding: &Finding) -> String {
    let show = if finding.statistic == StatisticName::Exposure { plain } else { count };
    finding.estimate.map(show).unwrap_or_default()
}

fn percent(finding: &Finding) -> String {
    match (finding.estimate, finding.n) {
        (Some(n), Some(of)) if of > 0 => format!("{:.1}", 100.0 * n / of as f64),
        _ => String::new(),
    }
}
