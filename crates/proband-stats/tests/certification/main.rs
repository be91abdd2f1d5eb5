//! Every case of the reference pack (250 cases in 32 areas, computed with R), number by number.
//!
//! An area is a file of cases in `expected/` and a module here. The module certifies each case; a
//! number of the file that it neither checks nor names in its table of what is not reproduced, with
//! a reason, fails the area, and so does an entry of that table that is checked after all.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod area;
mod cases;
mod respiratory;
mod table;

// Estimates and tests of trials without time.
mod ancova;
mod binary;
mod counts;
mod descriptive;
mod gee;
mod linear;
mod logistic;
mod missing_data;
mod mixed_model;
mod mmrm;
mod prognostic_adjustment;
mod tables;
mod two_sample;

// Time to event, multiplicity and design.
mod adaptive;
mod bayes;
mod dose_finding;
mod group_sequential;
mod multiplicity;
mod operating_characteristics;
mod survival;

use std::collections::BTreeSet;

use area::Area;

/// All areas, in the order of their files.
const AREAS: [&Area; 32] = [
    &adaptive::COMBINATION,
    &ancova::AREA,
    &bayes::AREA,
    &binary::ONE_SAMPLE,
    &binary::STRATIFIED,
    &binary::TWO_SAMPLE,
    &survival::COMPETING_RISKS,
    &adaptive::CONDITIONAL_POWER,
    &counts::AREA,
    &survival::COX,
    &descriptive::AREA,
    &dose_finding::AREA,
    &gee::AREA,
    &group_sequential::AREA,
    &survival::KM,
    &survival::LANDMARK,
    &logistic::AREA,
    &survival::LOGRANK,
    &adaptive::MAMS,
    &missing_data::AREA,
    &mixed_model::AREA,
    &mmrm::AREA,
    &multiplicity::AREA,
    &operating_characteristics::AREA,
    &survival::PARAMETRIC,
    &prognostic_adjustment::AREA,
    &adaptive::RESPONSE,
    &survival::RMST,
    &operating_characteristics::SAMPLE_SIZE,
    &group_sequential::SPENDING,
    &tables::AREA,
    &two_sample::AREA,
];

#[test]
fn every_file_of_cases_has_its_area() {
    let files: BTreeSet<String> = std::fs::read_dir(cases::folder().join("expected"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let areas: BTreeSet<String> = AREAS.iter().map(|area| area.name.to_owned()).collect();
    assert_eq!(files, areas);
    assert_eq!(AREAS.iter().map(|area| cases::all(area.name).len()).sum::<usize>(), 250);
}

/// The table of this folder's page is what the areas declare; `PROBAND_BLESS=1` writes it.
#[test]
fn the_page_says_how_closely_each_area_agrees() {
    const HEAD: &str =
        "| area | cases | agrees to | not reproduced, because |\n|---|---|---|---|\n";
    let page = cases::folder().join("README.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(HEAD).unwrap();
    let after = rest.split_once("\n\n").unwrap().1;
    let rows: Vec<String> = AREAS.iter().map(|area| area.row()).collect();
    let expected = format!("{before}{HEAD}{}\n\n{after}", rows.join("\n"));
    if std::env::var_os("PROBAND_BLESS").is_some() {
        std::fs::write(&page, &expected).unwrap();
    }
    assert!(text == expected, "tests/certification/README.md: PROBAND_BLESS=1 writes it");
}
