//! Reference data as tables of a plan, and R's results.

use proband::{Finding, StatisticName};
use proband_store::{UserTable, UserValues, read_table};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn certification() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/proband-stats/tests/certification")
}

/// The values of a case.
pub(crate) fn expected(area: &str, case: &str) -> serde_json::Value {
    let path = certification().join(format!("expected/{area}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut cases = file["cases"].as_array().unwrap().iter();
    cases.find(|known| known["id"] == case).unwrap()["values"].clone()
}

/// A data set of the certification.
pub(crate) struct Data(UserTable);

impl Data {
    pub(crate) fn read(name: &str) -> Self {
        Self(read_table(&certification().join(format!("data/{name}.csv"))).unwrap())
    }

    pub(crate) fn rows(&self) -> usize {
        self.0.rows
    }

    /// A field as it stands in the file; empty where it is missing.
    pub(crate) fn text(&self, column: &str, row: usize) -> String {
        match &self.0.columns.iter().find(|c| c.name == column).unwrap().values {
            UserValues::Numbers(numbers) if numbers[row].is_nan() => String::new(),
            UserValues::Numbers(numbers) => numbers[row].to_string(),
            UserValues::Texts(texts) => texts[row].clone().unwrap_or_default(),
            UserValues::Unusable(_) => panic!("{column}"),
        }
    }
}

/// A table of a plan, as a file.
pub(crate) struct Csv(String);

impl Csv {
    pub(crate) fn new(columns: &str) -> Self {
        Self(format!("{columns}\n"))
    }

    pub(crate) fn row(&mut self, fields: &[&dyn std::fmt::Display]) {
        let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
        writeln!(self.0, "{}", fields.join(",")).unwrap();
    }
}

/// The findings of a plan over tables by name, or the faults.
pub(crate) fn try_analyse(tables: &[(&str, &Csv)], plan: &str) -> Result<Vec<Finding>, String> {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let data: Vec<PathBuf> =
        tables.iter().map(|(name, csv)| write(&format!("{name}.csv"), &csv.0)).collect();
    let plan = write("plan.toml", plan);
    match proband::analyse(&data, plan.to_str().unwrap()) {
        Ok(analysed) => Ok(analysed.findings),
        Err(error) => Err(error.to_string()),
    }
}

/// The findings of a plan over tables by name.
pub(crate) fn analyse(tables: &[(&str, &Csv)], plan: &str) -> Vec<Finding> {
    try_analyse(tables, plan).unwrap_or_else(|error| panic!("{error}"))
}

/// The one finding of an analysis, method and statistic, of an arm where one is named.
pub(crate) fn find<'a>(
    found: &'a [Finding],
    (analysis, method): (&str, &str),
    arm: Option<&str>,
    statistic: StatisticName,
) -> &'a Finding {
    let fits = |f: &&Finding| {
        (f.analysis.as_str(), f.method.as_str()) == (analysis, method)
            && f.statistic == statistic
            && (arm.is_none() || f.arm.as_deref() == arm)
    };
    let all: Vec<&Finding> = found.iter().filter(fits).collect();
    assert_eq!(all.len(), 1, "{analysis} {method} {arm:?} {statistic:?}");
    all[0]
}

/// Relative agreement, absolute near zero.
pub(crate) fn near(found: Option<f64>, expected: &serde_json::Value, tolerance: f64) {
    let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
    let gap = (found - expected).abs();
    assert!(gap <= tolerance * expected.abs() + 1e-10, "{found} is not {expected}");
}

/// A percentage as a share.
pub(crate) fn share(percent: Option<f64>) -> Option<f64> {
    percent.map(|percent| percent / 100.0)
}

/// A finding without a number says why.
pub(crate) fn reason(finding: &Finding) -> &str {
    assert_eq!(finding.estimate, None, "{finding:?}");
    finding.note.as_deref().unwrap()
}
