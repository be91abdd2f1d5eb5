//! Records against the range of normal values or the grades of their observable.

use crate::baseline::share;
use crate::document::{Document, Table};
use crate::number::p_value;
use crate::select::{distinct, of, of_group};
use proband_analysis::{Category, Finding, StatisticName as S};

pub(crate) fn add(document: &mut Document, arms: &[String], findings: &[Finding]) {
    let rows = of(findings, Category::Range);
    if rows.is_empty() {
        return;
    }
    let (outliers, shifts): (Vec<&Finding>, Vec<&Finding>) =
        rows.into_iter().partition(|f| f.method == "outliers");
    let (liver, outliers): (Vec<&Finding>, Vec<&Finding>) =
        outliers.into_iter().partition(|f| f.analysis == "hys_law");
    document.heading("Laboratory and vital signs");
    document.text(
        "From baseline to the worst after it: n (% of those who were there at baseline), and Cochran, \
         Mantel and Haenszel's test of a difference between arms.",
    );
    document.table(by_group(arms, &shifts));
    document.text("Any record outside the range after baseline: n (%).");
    document.table(by_group(arms, &outliers));
    if !liver.is_empty() {
        document.text("Highest values after baseline, in upper limits of normal (ULN): n (%).");
        document.table(by_group(arms, &liver));
    }
}

/// A line for each observable with the p-value of its test, and under it one for each group.
fn by_group(arms: &[String], rows: &[&Finding]) -> Table {
    let mut table = Table::new("", arms.iter().cloned().chain(["p".to_owned()]));
    for (analysis, method) in distinct(rows.iter().map(|f| (&f.analysis, &f.method))) {
        let of = |f: &&&Finding| (&f.analysis, &f.method) == (analysis, method);
        let rows: Vec<&Finding> = rows.iter().filter(of).copied().collect();
        let test = rows.iter().find(|f| f.statistic == S::Test).and_then(|f| f.p_value);
        let p = test.map_or_else(String::new, |p| p_value(Some(p)));
        let empty = arms.iter().map(|_| String::new());
        table.push(std::iter::once(rows[0].param.clone()).chain(empty).chain([p]).collect());
        for group in distinct(rows.iter().filter_map(|f| f.group.as_deref())) {
            let rows = of_group(&rows, Some(group));
            let cells = arms.iter().map(|arm| share(&rows, Some(arm)));
            let label = std::iter::once(format!("  {group}"));
            table.push(label.chain(cells).chain([String::new()]).collect());
        }
    }
    table.without_empty_columns()
}
