//! Picking findings.

use proband_analysis::{Category, Finding, StatisticName};

/// Findings of one category.
pub(crate) fn of(findings: &[Finding], category: Category) -> Vec<&Finding> {
    findings.iter().filter(|f| f.category == category).collect()
}

/// Values in the order in which they first occur.
pub(crate) fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// The statistic of an arm (or of all together, by none), among findings of one thing.
pub(crate) fn at<'a>(
    findings: &[&'a Finding],
    arm: Option<&str>,
    statistic: StatisticName,
) -> Option<&'a Finding> {
    findings.iter().find(|f| f.arm.as_deref() == arm && f.statistic == statistic).copied()
}

/// `name [unit]`.
pub(crate) fn with_unit(name: &str, unit: Option<&String>) -> String {
    unit.map_or_else(|| name.to_owned(), |unit| format!("{name} [{unit}]"))
}

/// Those of one group, such as a level or a grade.
pub(crate) fn of_group<'a>(findings: &[&'a Finding], group: Option<&str>) -> Vec<&'a Finding> {
    findings.iter().filter(|f| f.group.as_deref() == group).copied().collect()
}

/// Those of one analysis.
pub(crate) fn of_analysis<'a>(findings: &[&'a Finding], analysis: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|f| f.analysis == analysis).copied().collect()
}
