//! Tables 14-5.02, serious adverse events, and 14-6.05, shifts of laboratory values (of which the data here
//! have two analytes). Categories are those that the data state: the report counts a value as high above
//! 1.5 times its upper limit. The p-value of 14-6.05 is that of the report.

use super::*;

fn serious<'a>(code: &str, label: &str, arm: &str, statistic: S) -> &'a Finding {
    of_events((code, label), Some("serious"), arm, statistic)
        .unwrap_or_else(|| panic!("{label} {arm} {statistic:?}"))
}

const SERIOUS: [(&str, &str, [&str; 3], [&str; 2]); 4] = [
    ("AEANY", "Any adverse event", ["0", "1 ( 1.2%) [1]", "2 ( 2.4%) [2]"], ["0.494", "0.243"]),
    (
        "AEBODSYS",
        "NERVOUS SYSTEM DISORDERS",
        ["0", "1 ( 1.2%) [1]", "2 ( 2.4%) [2]"],
        ["0.494", "0.243"],
    ),
    (
        "AEDECOD",
        "PARTIAL SEIZURES WITH SECONDARY GENERALISATION",
        ["0", "0", "1 ( 1.2%) [1]"],
        ["", "0.494"],
    ),
    ("AEDECOD", "SYNCOPE", ["0", "1 ( 1.2%) [1]", "1 ( 1.2%) [1]"], ["0.494", "0.494"]),
];

/// As the report prints it.
fn cell(code: &str, label: &str, arm: &str) -> String {
    let of = |statistic| serious(code, label, arm, statistic).estimate;
    match of(S::WithEvent) {
        Some(0.0) => "0".to_owned(),
        n => {
            let percent = of(S::Percent).unwrap();
            format!("{} ({percent:4.1}%) [{}]", shown(n, 0), shown(of(S::Events), 0))
        }
    }
}

pub(super) fn lines() -> Vec<(String, &'static str, String)> {
    let mut lines = Vec::new();
    for (code, label, cells, p) in SERIOUS {
        for (arm, published) in [PLACEBO, LOW, HIGH].into_iter().zip(cells) {
            let what = format!("14-5.02: serious, {}, {arm}", label.to_lowercase());
            lines.push((what, published, cell(code, label, arm)));
        }
        for (arm, published) in [LOW, HIGH].into_iter().zip(p) {
            // Where nobody had one there is no test in the report.
            if !published.is_empty() {
                let ours = serious(code, label, arm, S::RiskDifference).p_value;
                let what = format!("14-5.02: serious, {}, p, {arm}", label.to_lowercase());
                lines.push((what, published, shown(ours, 3)));
            }
        }
    }
    lines.extend(shifts());
    lines
}

fn shifted<'a>(
    analyte: &str,
    group: Option<&str>,
    arm: Option<&str>,
    statistic: S,
) -> Option<&'a Finding> {
    findings().iter().find(|f| {
        (f.category, f.method.as_str(), f.analysis.as_str())
            == (Category::Range, "shift", analyte)
            && (f.group.as_deref(), f.arm.as_deref()) == (group, arm)
            && f.statistic == statistic
    })
}

/// "n (%)" of a shift; one that nobody made has no row.
fn shift(analyte: &str, group: &str, arm: &str) -> String {
    let of = |statistic| {
        shifted(analyte, Some(group), Some(arm), statistic).and_then(|f| f.estimate)
    };
    match of(S::WithEvent) {
        None | Some(0.0) => "0".to_owned(),
        n => format!("{}({:3.0}%)", shown(n, 0), of(S::Percent).unwrap()),
    }
}

fn shifts() -> Vec<(String, &'static str, String)> {
    let mut lines = Vec::new();
    for (analyte, group, cells) in [
        ("alt", "normal to normal", ["80( 98%)", "78( 99%)", "78( 98%)"]),
        ("alt", "normal to high", ["2(  2%)", "1(  1%)", "2(  2%)"]),
        ("alt", "high to normal", ["0", "0", "0"]),
        ("alt", "high to high", ["2(100%)", "1(100%)", "0"]),
        ("creat", "normal to normal", ["84(100%)", "80(100%)", "80(100%)"]),
    ] {
        for (arm, published) in [PLACEBO, LOW, HIGH].into_iter().zip(cells) {
            let what = format!("14-6.05: {analyte}, {group}, {arm}");
            lines.push((what, published, shift(analyte, group, arm)));
        }
    }
    let p = shifted("alt", None, None, S::Test).and_then(|f| f.p_value);
    lines.push(("14-6.05: alt, p of any association".to_owned(), "0.828", shown(p, 3)));
    lines
}

#[test]
fn where_nothing_varies_the_note_says_so() {
    let test = shifted("creat", None, None, S::Test).unwrap();
    assert!(test.p_value.is_none() && test.note.is_some(), "{test:?}");
}

/// ALT above its limit itself, whatever the report counts as high.
#[test]
fn limits_of_a_plan_stand_before_those_of_the_data() {
    let plan = fs::read_to_string(folder().join("plan.toml")).unwrap();
    let beside = tempfile::tempdir().unwrap();
    let path = beside.path().join("plan.toml");
    let safety = "[safety]\norder = \"risk difference\"\nrange.alt = { high = 34, grades = [34, 102, 170, 680] }\n";
    fs::write(&path, plan + safety).unwrap();
    let found = analyse(&path);
    let of = |method: &str, group: &str| {
        let is = |f: &&Finding| {
            (f.analysis.as_str(), f.method.as_str()) == ("alt", method)
                && (f.group.as_deref(), f.arm.as_deref()) == (Some(group), Some(HIGH))
                && f.statistic == S::WithEvent
        };
        found.iter().find(is).and_then(|f| f.estimate)
    };
    // Counted from `adlbc.csv`: analysed records after baseline and before the end of treatment.
    assert_eq!(of("outliers", "high"), Some(12.0));
    assert_eq!(of("outliers", "low"), Some(0.0));
    assert_eq!(of("shift of grades", "grade 0 to grade 1"), Some(5.0));
    // The body system with the largest difference to placebo stands first.
    let systems = found.iter().filter(|f| f.paramcd == "AEBODSYS");
    let first = systems.map(|f| f.param.as_str()).next();
    assert_eq!(first, Some("GENERAL DISORDERS AND ADMINISTRATION SITE CONDITIONS"));
}
