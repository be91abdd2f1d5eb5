//! The page of the tables says what the layouts are, column by column.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband_engine::tables::{
    Schema, TableId, Variable, adae, addv, adeff, adex, adlb, adpc, adsl, adtte, decisions,
    exclusions, findings, ices, operating, truth, truth_events, twins,
};
use std::collections::BTreeMap;

/// A column as the page has it: name, key, kind, unit.
type Line = (String, bool, String, Option<String>);

/// The tables of the page: headings name them, rows of five cells are their columns.
fn page() -> BTreeMap<TableId, Vec<Line>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../proband/book/tables.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut tables = BTreeMap::new();
    let mut current = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            current = heading_tables(heading);
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if line.starts_with("| ") && cells.len() == 5 && cells[0] != "column" {
            for &table in &current {
                tables.entry(table).or_insert_with(Vec::new).push(column(&cells));
            }
        }
    }
    tables
}

/// `adpc and adlb: one row a record` names two tables.
fn heading_tables(heading: &str) -> Vec<TableId> {
    let names = heading.split(':').next().unwrap_or_default();
    names.split(" and ").filter_map(TableId::from_name).collect()
}

fn column(cells: &[&str]) -> Line {
    let unit = (!cells[3].is_empty()).then(|| cells[3].to_owned());
    (cells[0].to_owned(), cells[1] == "*", cells[2].to_owned(), unit)
}

fn lines(schema: &Schema) -> Vec<Line> {
    let line = |c: &proband_engine::tables::Column| {
        (c.name.clone(), c.key, c.kind.name().to_owned(), c.unit.clone())
    };
    schema.columns.iter().map(line).collect()
}

#[test]
fn every_table_has_the_columns_of_the_page() {
    let page = page();
    let schemas = [
        adsl(&[], &[]),
        adpc(),
        adlb(),
        adeff(),
        adae(),
        adtte(),
        ices(),
        adex(),
        decisions(),
        addv(),
        twins(&[], &[]),
        truth(),
        truth_events(),
        exclusions(),
        findings(),
        operating(),
    ];
    assert_eq!(schemas.each_ref().map(|schema| schema.table), TableId::ALL);
    for schema in &schemas {
        assert_eq!(page.get(&schema.table), Some(&lines(schema)), "{}", schema.table);
    }
}

#[test]
fn findings_are_those_of_the_analysis() {
    let schema = findings();
    let columns: Vec<&str> = schema.columns.iter().skip(3).map(|c| c.name.as_str()).collect();
    assert_eq!(columns, proband_analysis::COLUMNS.map(|(name, _)| name));
}

fn variable(name: &str, unit: Option<&str>, levels: bool) -> Variable {
    Variable { name: name.into(), unit: unit.map(Into::into), label: None, levels }
}

#[test]
fn covariates_and_strata_stand_where_the_page_says() {
    let covariates = [
        variable("age", Some("year"), false),
        variable("sex", None, true),
        variable("fpg_seen", Some("mmol/L"), false),
        variable("arm", None, true),
    ];
    let schema = adsl(&covariates, &["sex".into(), "age > 65 year".into()]);
    let names: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
    let added = ["AGE", "AGEU", "SEX", "FPG_SEEN", "ARM_2", "STRAT1R", "STRAT2R"];
    assert_eq!(names[7], "TRT01A");
    assert_eq!(names[8..15], added);
    assert_eq!(names[15], "SCRNDY");
    assert_eq!(schema.columns[8].unit.as_deref(), Some("year"));
    assert_eq!(schema.columns[10].kind.name(), "level");
}

#[test]
fn parameters_keep_their_names_and_give_way_to_covariates() {
    let schema = twins(
        &[variable("bmi", None, false)],
        &["pk.cl", "BMI"].map(|p| variable(p, None, false)),
    );
    let names: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names[4..], ["TRT01P", "BMI", "pk.cl", "BMI_2"]);
}
