//! The published tables of the CDISC pilot.

use std::collections::{BTreeMap, BTreeSet};

use proband_stats::Level;
use proband_stats::binary::{Proportion, fisher_exact};
use proband_stats::contingency::{CountTable, pearson_chi_square, stratified_association};
use proband_stats::descriptive::{QuantileRule, summary};
use proband_stats::mixed::Inference;
use proband_stats::survival::{CurveInterval, FollowUp, kaplan_meier, logrank_groups};
use proband_stats::t_tests::one_way;

use crate::area::Area;
use crate::binary::{check_chi_square, impressions};
use crate::cases::Case;
use crate::mmrm::week_24_of_the_pilot;
use crate::table::{self, Table};

pub(crate) const AREA: Area = Area {
    name: "tables",
    agrees_to: 1e-11,
    certify: print,
    not_reproduced: &[
        ("table_14-2.01/cells_compared", "the printed cells are not in the pack"),
        ("table_14-2.01/cells_mismatching", "the printed cells are not in the pack"),
    ],
};

const ARMS: [&str; 3] = ["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"];

/// SAS printed four places.
const PRINTED: f64 = 5.1e-5;

#[test]
fn tables_certified() {
    AREA.certify();
}

fn print(case: &Case) {
    match case.id() {
        "table_14-5.01" => adverse_events(case, &[]),
        "table_14-5.02" => adverse_events(case, &[("AESER", "Y")]),
        "table_14-2.01" => demographics(case),
        "table_14-3.01" => change_of_adas_cog(case),
        "table_14-3.13" => impressions_of_change(case),
        "table_14-3.11" => repeated_measures(case),
        _ => first_dermatologic_event(case),
    }
}

/// Subjects and events of each arm for one row of the table.
#[derive(Default)]
struct Count {
    subjects: [BTreeSet<String>; 3],
    events: [u64; 3],
}

fn adverse_events(case: &Case, conditions: &[(&str, &str)]) {
    let subjects = table::read("adsl.csv").levels("TRT01A", &ARMS);
    let sizes = [0, 1, 2].map(|arm| subjects.iter().filter(|&&a| a == arm).count() as u64);
    let counts = counted(conditions);
    let rows = case.length("/rows");
    let mut mismatching = 0;
    for row in 0..rows {
        let at = format!("/rows/{row}");
        let body = case.expected(&format!("{at}/soc")).as_str();
        let label = case.text(&format!("{at}/label"));
        let term = if body.is_none() || body == Some(label) { "" } else { label };
        let body = body.unwrap_or("");
        if body.is_empty() {
            case.check_optional(&format!("{at}/soc"), None);
        }
        let own = &counts[&(body.to_owned(), term.to_owned())];
        mismatching += usize::from(!check_row(case, &at, own, sizes));
    }
    case.check("/rows_compared", rows as f64);
    case.check("/rows_mismatching", mismatching as f64);
}

/// By body system and preferred term, an empty one standing for all.
fn counted(conditions: &[(&str, &str)]) -> BTreeMap<(String, String), Count> {
    let events = table::read("adae.csv").with(&[("TRTEMFL", "Y")]).with(conditions);
    let (arm, subject) = (events.levels("TRTA", &ARMS), events.text("USUBJID"));
    let (body, term) = (events.text("AEBODSYS"), events.text("AEDECOD"));
    let mut counts: BTreeMap<(String, String), Count> = BTreeMap::new();
    for row in 0..arm.len() {
        for (system, preferred) in [("", ""), (body[row], ""), (body[row], term[row])] {
            let key = (system.to_owned(), preferred.to_owned());
            let count = counts.entry(key).or_default();
            count.subjects[arm[row]].insert(subject[row].to_owned());
            count.events[arm[row]] += 1;
        }
    }
    counts
}

/// Whether the row prints as it was published.
fn check_row(case: &Case, at: &str, own: &Count, sizes: [u64; 3]) -> bool {
    let share =
        |arm: usize| Proportion::new(own.subjects[arm].len() as u64, sizes[arm]).unwrap();
    let mut printed = Vec::new();
    for arm in 0..3 {
        let (n, percent) = (share(arm).events(), 100.0 * share(arm).value());
        case.check(&format!("{at}/n/{arm}"), n as f64);
        case.check(&format!("{at}/pct/{arm}"), percent);
        case.check(&format!("{at}/events/{arm}"), own.events[arm] as f64);
        let (cell, events) = if n == 0 {
            ("0".to_owned(), String::new())
        } else {
            (format!("{n} ({percent:4.1}%)"), format!("[{}]", own.events[arm]))
        };
        printed.extend([cell, events]);
    }
    for (arm, key) in [(1, "fisher_p_low"), (2, "fisher_p_high")] {
        let p = fisher_exact(share(arm), share(0)).p;
        case.check(&format!("{at}/{key}"), p);
        // Where neither arm had an event nothing was printed.
        let none = share(arm).events() + share(0).events() == 0;
        printed.push(if none { String::new() } else { printed_p(p) });
    }
    (0..8).all(|k| case.text(&format!("{at}/published/{k}")) == printed[k])
}

fn printed_p(p: f64) -> String {
    let star = if p < 0.15 { "*" } else { "" };
    if p > 0.99 { ">.99".to_owned() } else { format!("{p:.3}{star}") }
}

fn demographics(case: &Case) {
    let table = table::read("adsl.csv");
    for k in 0..case.length("/variables") {
        let at = format!("/variables/{k}");
        let variable = case.text(&format!("{at}/variable"));
        if case.has(&format!("{at}/p_anova")) {
            continuous(case, &at, &table, variable);
        } else {
            categories(case, &at, &table, variable);
        }
    }
}

fn continuous(case: &Case, at: &str, table: &Table, variable: &str) {
    let (values, arm) = (table.numbers(variable), table.levels("TRT01A", &ARMS));
    let own = |which: usize| -> Vec<f64> {
        values
            .iter()
            .zip(&arm)
            .filter(|(v, a)| **a == which && !v.is_nan())
            .map(|(v, _)| *v)
            .collect()
    };
    let groups = [own(0), own(1), own(2)];
    for (name, group) in ARMS.iter().zip(&groups) {
        check_summary(case, &format!("{at}/{name}"), group);
    }
    check_summary(case, &format!("{at}/Total"), &values);
    let slices = groups.each_ref().map(Vec::as_slice);
    case.check(&format!("{at}/p_anova"), one_way(&slices).unwrap().p);
}

fn check_summary(case: &Case, at: &str, values: &[f64]) {
    let ours = summary(values, QuantileRule::Averaged).unwrap();
    for (key, value) in [
        ("n", ours.n as f64),
        ("mean", ours.mean),
        ("sd", ours.sd.unwrap()),
        ("median", ours.median),
        ("min", ours.min),
        ("max", ours.max),
    ] {
        case.check(&format!("{at}/{key}"), value);
    }
}

fn categories(case: &Case, at: &str, table: &Table, variable: &str) {
    let arm = table.levels("TRT01A", &ARMS);
    let names = case.keys(&format!("{at}/counts"));
    let mut rows = vec![vec![0_u64; names.len()]; 3];
    for (level, name) in names.iter().enumerate() {
        for (is, own) in table.is(variable, name).into_iter().zip(&arm) {
            rows[*own][level] += u64::from(is);
        }
        for (own, counts) in rows.iter().enumerate() {
            case.check(&format!("{at}/counts/{name}/{own}"), counts[level] as f64);
        }
    }
    let slices: Vec<&[u64]> = rows.iter().map(Vec::as_slice).collect();
    let test = pearson_chi_square(&CountTable::new(&slices).unwrap()).unwrap();
    case.check(&format!("{at}/p_chisq"), test.p);
}

fn change_of_adas_cog(case: &Case) {
    let week = table::read("adqsadas_actot.csv").with(&[
        ("EFFFL", "Y"),
        ("ITTFL", "Y"),
        ("AVISITN", "24"),
        ("ANL01FL", "Y"),
    ]);
    let arm = week.levels("TRTP", &ARMS);
    for (key, column) in [("baseline", "BASE"), ("week24", "AVAL"), ("change", "CHG")] {
        let values = week.numbers(column);
        for (which, name) in ARMS.iter().enumerate() {
            let own: Vec<f64> = values
                .iter()
                .zip(&arm)
                .filter(|(_, a)| **a == which)
                .map(|(v, _)| *v)
                .collect();
            check_summary(case, &format!("/{key}/{name}"), &own);
        }
    }
}

fn impressions_of_change(case: &Case) {
    let scores: Vec<f64> = (0..8).map(f64::from).collect();
    let mut match_all = true;
    for (k, visit) in ["8", "16", "24"].into_iter().enumerate() {
        let ours = stratified_association(&impressions(visit), &[0.0, 1.0, 2.0], &scores);
        let p = ours.unwrap().mean_scores.p;
        case.check(&format!("/p/{k}"), p);
        match_all &= case.text(&format!("/published/{k}")) == format!("{p:.4}");
    }
    case.check_flag("/match", match_all);
}

fn repeated_measures(case: &Case) {
    let (means, differences) = week_24_of_the_pilot(Inference::KenwardRogerLinear);
    for (arm, mean) in means.iter().enumerate() {
        case.check_places(&format!("/sas_week24/lsmeans/{arm}"), mean.estimate.value, PRINTED);
    }
    case.check_places("/sas_week24/p_low", differences[0].p, PRINTED);
    case.check_places("/sas_week24/p_high", differences[1].p, PRINTED);
}

fn first_dermatologic_event(case: &Case) {
    let table = table::read("adtte.csv");
    let (time, event) = (table.numbers("AVAL"), table.is("CNSR", "0"));
    let arm = table.levels("TRTA", &ARMS);
    for (which, name) in ARMS.iter().enumerate() {
        let own = |k: &usize| arm[*k] == which;
        let time: Vec<f64> = (0..arm.len()).filter(own).map(|k| time[k]).collect();
        let event: Vec<bool> = (0..arm.len()).filter(own).map(|k| event[k]).collect();
        let curve = kaplan_meier(&FollowUp::new(&time, &event).unwrap());
        let at = |key: &str| format!("/{name}/{key}");
        case.check(&at("n"), curve.n() as f64);
        case.check(&at("events"), curve.events() as f64);
        case.check(&at("censored"), (curve.n() - curve.events()) as f64);
        let quantile = |p: f64| curve.quantile(p, CurveInterval::LogLog, Level::P95).unwrap();
        case.check_optional(&at("q25"), quantile(0.25).value);
        case.check_optional(&at("median"), quantile(0.5).value);
        case.check_optional(&at("q75"), quantile(0.75).value);
        case.check_optional(&at("median_ci/0"), quantile(0.5).lower);
        case.check_optional(&at("median_ci/1"), quantile(0.5).upper);
    }
    let test = logrank_groups(&FollowUp::new(&time, &event).unwrap(), &arm, 3).unwrap();
    check_chi_square(case, "/logrank_chisq", "/p", Ok(test));
    case.check("/df", test.df);
}
