//! Table 1.

use crate::document::{Document, Table};
use crate::number::{MISSING, count, decimals_of, fixed, plain};
use crate::select::{at, distinct, of, of_group, with_unit};
use proband_analysis::{Category, Finding, StatisticName as S};

pub(crate) fn add(document: &mut Document, arms: &[String], findings: &[Finding]) {
    let rows = of(findings, Category::Baseline);
    if rows.is_empty() {
        return;
    }
    document.heading("Participants at baseline");
    document.text("Numbers: mean (SD). Levels: n (%).");
    let mut table = Table::new("", arms.iter().cloned().chain(["All".to_owned()]));
    let columns: Vec<Option<&str>> =
        arms.iter().map(|arm| Some(arm.as_str())).chain([None]).collect();
    for param in distinct(rows.iter().map(|f| &f.param)) {
        let of_param: Vec<&Finding> =
            rows.iter().filter(|f| f.param == *param).copied().collect();
        if of_param.iter().any(|f| f.group.is_some()) {
            add_levels(&mut table, param, &of_param, &columns);
        } else {
            let unit = of_param.iter().find_map(|f| f.unit.as_ref());
            let cells = columns.iter().map(|arm| mean(&of_param, *arm));
            table.push(std::iter::once(with_unit(param, unit)).chain(cells).collect());
        }
    }
    document.table(table);
}

/// The mean to the digits of its standard error, and the SD with the same.
fn mean(rows: &[&Finding], arm: Option<&str>) -> String {
    let value = |statistic| at(rows, arm, statistic).and_then(|f| f.estimate);
    let Some(mean) = value(S::Mean) else { return MISSING.to_owned() };
    let Some(sd) = value(S::Sd) else { return plain(mean) };
    let n = value(S::Count).unwrap_or(1.0);
    match decimals_of(sd / n.sqrt()) {
        Some(decimals) => format!("{} ({})", fixed(mean, decimals), fixed(sd, decimals)),
        None => format!("{} ({})", plain(mean), plain(sd)),
    }
}

fn add_levels(table: &mut Table, param: &str, rows: &[&Finding], columns: &[Option<&str>]) {
    let empty = columns.iter().map(|_| String::new());
    table.push(std::iter::once(param.to_owned()).chain(empty).collect());
    for level in distinct(rows.iter().filter_map(|f| f.group.as_deref())) {
        let of_level = of_group(rows, Some(level));
        let cells = columns.iter().map(|arm| share(&of_level, *arm));
        table.push(std::iter::once(format!("  {level}")).chain(cells).collect());
    }
}

/// n (%).
pub(crate) fn share(rows: &[&Finding], arm: Option<&str>) -> String {
    let value = |statistic| at(rows, arm, statistic).and_then(|f| f.estimate);
    match (value(S::WithEvent), value(S::Percent)) {
        (Some(n), Some(percent)) => format!("{} ({percent:.1})", count(n)),
        (Some(n), None) => count(n),
        _ => MISSING.to_owned(),
    }
}
