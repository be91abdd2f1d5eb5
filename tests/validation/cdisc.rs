//! The CDISC pilot study: the findings of `trials/cdisc-pilot/plan.toml` against the published tables of its
//! clinical study report and against R; those of safety are in `cdisc/safety.rs`.
//!
//! R's numbers: R 4.2.2, `lm(CHG ~ TRTP + SITEGR1 + BASE)` with emmeans 1.8.4.1 (table 14-3.01), survival
//! 3.5.3 (figure 14-1); Fisher's test by scipy 1.17.1 (table 14-5.01, `cdisc/table_14_5_01.csv`). The
//! published texts are those of the report.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod safety;

use crate::pages;
use proband::{Category, Finding, StatisticName as S};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const PLACEBO: &str = "Placebo";
const LOW: &str = "Xanomeline Low Dose";
const HIGH: &str = "Xanomeline High Dose";

/// The same algorithms in another order of operations.
const SAME: f64 = 1e-8;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../trials/cdisc-pilot")
}

fn analyse(plan: &Path) -> Vec<Finding> {
    let data = ["adsl", "adqsadas", "adtte", "adae", "adlbc"];
    let data: Vec<PathBuf> =
        data.iter().map(|name| folder().join(format!("data/{name}.csv"))).collect();
    let analysed = proband::analyse(&data, &plan.to_string_lossy());
    analysed.unwrap_or_else(|error| panic!("{error}")).findings
}

fn findings() -> &'static [Finding] {
    static FOUND: OnceLock<Vec<Finding>> = OnceLock::new();
    FOUND.get_or_init(|| analyse(&folder().join("plan.toml")))
}

fn find<'a>(
    findings: &'a [Finding],
    (analysis, method): (&str, &str),
    (arm, reference): (&str, Option<&str>),
    statistic: S,
) -> &'a Finding {
    let fits = |f: &&Finding| {
        f.analysis == analysis
            && f.method == method
            && f.arm.as_deref() == Some(arm)
            && f.reference.as_deref() == reference
            && f.statistic == statistic
            && f.group.is_none()
    };
    let found = findings.iter().find(fits);
    found.unwrap_or_else(|| panic!("no {analysis} {method} {arm} {statistic:?}"))
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= SAME * expected.abs(), "{found} is not {expected}");
}

#[test]
fn the_primary_analysis_of_covariance() {
    let of = |arm, reference| {
        find(findings(), ("adas", "ANCOVA"), (arm, Some(reference)), S::Difference)
    };
    // Estimate, standard error, lower limit, p: emmeans.
    for (arm, reference, expected) in [
        (
            LOW,
            PLACEBO,
            [
                -0.466_782_357_500_735,
                0.818_042_222_283_683,
                -2.078_984_543_984_39,
                0.568_846_971_341_775,
            ],
        ),
        (
            HIGH,
            PLACEBO,
            [
                -1.006_013_597_731_33,
                0.840_529_356_750_351,
                -2.662_533_554_578_61,
                0.232_641_095_885_768,
            ],
        ),
        (
            HIGH,
            LOW,
            [
                -0.539_231_240_230_597,
                0.836_108_901_551_478,
                -2.187_039_339_251_05,
                0.519_644_870_828_631,
            ],
        ),
    ] {
        let ours = of(arm, reference);
        assert_eq!(ours.n, Some(234));
        near(ours.estimate, expected[0]);
        near(ours.standard_error, expected[1]);
        near(ours.lower, expected[2]);
        near(ours.p_value, expected[3]);
    }
    let means = [
        (PLACEBO, 2.473_675_597_743_61),
        (LOW, 2.006_893_240_242_87),
        (HIGH, 1.467_662_000_012_28),
    ];
    for (arm, mean) in means {
        near(find(findings(), ("adas", "ANCOVA"), (arm, None), S::LsMean).estimate, mean);
    }
}

#[test]
fn carrying_the_last_observation_forward_gives_the_rows_that_were_carried() {
    // Without the choice of rows those with DTYPE = LOCF count, because they have ANL01FL.
    let plan = fs::read_to_string(folder().join("plan.toml")).unwrap();
    let chosen = plan.lines().find(|line| line.starts_with("rows = ")).unwrap();
    let carried = "missing    = { method = \"last observation\" }\n";
    assert!(plan.contains(carried));
    let plan = plan.replace(chosen, "").replace(carried, "");
    let beside = tempfile::tempdir().unwrap();
    let path = beside.path().join("plan.toml");
    fs::write(&path, plan).unwrap();
    let in_rows = analyse(&path);
    let of = |all| find(all, ("adas", "ANCOVA"), (HIGH, Some(PLACEBO)), S::Difference).estimate;
    // The sums run over the same numbers in the same order.
    assert_eq!(of(&in_rows), of(findings()));
}

/// Iterations that end elsewhere: the likelihood is flat to the square root of a double's precision.
const ITERATED: f64 = 1e-7;

#[test]
fn the_mixed_model_for_repeated_measures() {
    // mmrm 0.3.18, CHG ~ TRT * VIS + SITEGR1 + BASE * VIS + us(VIS | USUBJID), Kenward-Roger-Linear: estimate,
    // standard error, lower limit, p at week 24. SAS prints 0.5600 and 0.4403.
    let close = |found: Option<f64>, expected: f64| {
        let found = found.unwrap();
        assert!(
            (found - expected).abs() <= ITERATED * expected.abs(),
            "{found} is not {expected}"
        );
    };
    for (arm, expected) in [
        (
            LOW,
            [
                -0.593_894_464_780_793,
                1.016_793_257_341_48,
                -2.601_395_375_173_84,
                0.559_954_805_059_125,
            ],
        ),
        (
            HIGH,
            [
                -0.828_201_085_826_408,
                1.070_700_669_627_8,
                -2.942_013_205_857_73,
                0.440_309_364_646_645,
            ],
        ),
    ] {
        let ours =
            find(findings(), ("adas_observed", "MMRM"), (arm, Some(PLACEBO)), S::Difference);
        close(ours.estimate, expected[0]);
        close(ours.standard_error, expected[1]);
        close(ours.lower, expected[2]);
        close(ours.p_value, expected[3]);
    }
    for (arm, mean) in [
        (PLACEBO, 2.329_120_888_854_18),
        (LOW, 1.735_226_424_073_39),
        (HIGH, 1.500_919_803_027_77),
    ] {
        close(
            find(findings(), ("adas_observed", "MMRM"), (arm, None), S::LsMean).estimate,
            mean,
        );
    }
}

#[test]
fn time_to_the_first_dermatologic_event() {
    // survdiff: sqrt of V, U = observed - expected of the active arm; coxph with Efron's ties.
    for (arm, u, v, hr, upper, p) in [
        (
            LOW,
            28.882_198_829_586_3,
            19.794_953_696_373_8,
            4.077_027_424_756_52,
            6.420_495_170_579_18,
            1.316_103_426_718_3e-9,
        ),
        (
            HIGH,
            31.001_711_370_670_6,
            18.367_306_208_665_4,
            4.920_218_241_594_59,
            7.849_800_203_522_75,
            2.305_350_297_793_17e-11,
        ),
    ] {
        let test = find(findings(), ("log_rank", "log-rank"), (arm, Some(PLACEBO)), S::LogRank);
        near(test.estimate, u);
        near(test.standard_error, f64::sqrt(v));
        let ratio = find(findings(), ("cox", "Cox"), (arm, Some(PLACEBO)), S::HazardRatio);
        near(ratio.estimate, hr);
        near(ratio.upper, upper);
        near(ratio.p_value, p);
    }
    let late =
        find(findings(), ("late", "Fleming-Harrington"), (HIGH, Some(PLACEBO)), S::LogRank);
    near(late.estimate, 9.000_402_554_698_4);
    near(late.p_value, 2.697_647_484_937_32e-13);
    // survfit, conf.type = "log-log".
    let median = |arm| find(findings(), ("log_rank", "summary"), (arm, None), S::Median);
    let limits = |f: &Finding| (f.estimate, f.lower, f.upper);
    assert_eq!(limits(median(LOW)), (Some(33.0), Some(27.0), Some(48.0)));
    assert_eq!(limits(median(HIGH)), (Some(36.0), Some(23.0), Some(46.0)));
    assert_eq!(median(PLACEBO).estimate, None, "fewer than half had the event");
    let quartile = find(findings(), ("log_rank", "summary"), (PLACEBO, None), S::LowerQuartile);
    assert_eq!(quartile.estimate, Some(70.0));
}

#[test]
fn several_weights_and_restricted_means_of_the_same_times() {
    // survRM2 1.0.4, tau = 150: restricted mean and its standard error; difference, lower limit, p.
    let mean = |arm| {
        find(findings(), ("mean_time", "restricted mean"), (arm, None), S::RestrictedMean)
    };
    near(mean(PLACEBO).estimate, 112.492_007_477_759);
    near(mean(PLACEBO).standard_error, 6.007_613_853_830_54);
    for (arm, difference, lower, p) in [
        (LOW, -57.767_326_014_793, -73.916_373_006_838, 2.365_254_396_900_37e-12),
        (HIGH, -67.453_313_016_304_5, -83.033_055_270_989_4, 2.143_002_908_813_47e-17),
    ] {
        let ours = find(
            findings(),
            ("mean_time", "restricted mean"),
            (arm, Some(PLACEBO)),
            S::Difference,
        );
        near(ours.estimate, difference);
        near(ours.lower, lower);
        near(ours.p_value, p);
    }
    // The largest of the four statistics, from survdiff and the weights' definition; the joint tail of R's
    // mvtnorm is good to 1e-5 only, and both are as good as 0.
    let test = find(findings(), ("several", "MaxCombo"), (HIGH, Some(PLACEBO)), S::Test);
    near(test.estimate, 7.327_438_968_035_45);
    assert!(test.p_value.unwrap() < 1e-5);
}

/// A line of table 14-5.01: body system, label, participants and events by arm, Fisher's p of low and high.
struct Term {
    soc: String,
    label: String,
    numbers: Vec<f64>,
}

fn published_terms() -> Vec<Term> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("validation/cdisc/table_14_5_01.csv");
    let text = fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        // Labels hold commas, numbers do not: eight of them end the line.
        let fields: Vec<&str> = line.rsplitn(9, ',').collect();
        let numbers = fields[..8].iter().rev().map(|text| text.parse().unwrap()).collect();
        let text = fields[8].replace('"', "");
        let middle = text.len() / 2;
        let (soc, label) = match text.strip_prefix(',') {
            Some(label) => ("", label),
            // A body system stands as its own label.
            None if text[..middle] == text[middle + 1..] => text.split_at(middle),
            None => SYSTEMS_WITH_COMMAS
                .iter()
                .find_map(|soc| Some((*soc, text.strip_prefix(soc)?.strip_prefix(',')?)))
                .or_else(|| text.split_once(','))
                .unwrap(),
        };
        let label = label.trim_start_matches(',').to_owned();
        Term { soc: soc.to_owned(), label, numbers }
    };
    text.lines().skip(1).map(line).collect()
}

const SYSTEMS_WITH_COMMAS: [&str; 4] = [
    "CONGENITAL, FAMILIAL AND GENETIC DISORDERS",
    "INJURY, POISONING AND PROCEDURAL COMPLICATIONS",
    "NEOPLASMS BENIGN, MALIGNANT AND UNSPECIFIED (INCL CYSTS AND POLYPS)",
    "RESPIRATORY, THORACIC AND MEDIASTINAL DISORDERS",
];

/// The findings of one line: `AEANY`, a body system or a term.
fn of_term<'a>(term: &Term, arm: &str, statistic: S) -> Option<&'a Finding> {
    let (code, label) = match (term.soc.as_str(), term.label.as_str()) {
        ("", _) => ("AEANY", "Any adverse event"),
        (soc, label) if soc == label => ("AEBODSYS", soc),
        (_, label) => ("AEDECOD", label),
    };
    of_events((code, label), None, arm, statistic)
}

/// The finding of adverse events by code and label, all of them or a group.
fn of_events<'a>(
    events: (&str, &str),
    group: Option<&str>,
    arm: &str,
    statistic: S,
) -> Option<&'a Finding> {
    findings().iter().find(|f| {
        f.category == Category::AdverseEvent
            && (f.paramcd.as_str(), f.param.as_str()) == events
            && (f.group.as_deref(), f.arm.as_deref()) == (group, Some(arm))
            && f.statistic == statistic
    })
}

#[test]
fn every_line_of_the_table_of_adverse_events() {
    let terms = published_terms();
    assert_eq!(terms.len(), 254);
    for term in &terms {
        for (place, arm) in [PLACEBO, LOW, HIGH].into_iter().enumerate() {
            let with =
                of_term(term, arm, S::WithEvent).unwrap_or_else(|| panic!("{}", term.label));
            assert_eq!(with.estimate, Some(term.numbers[place]), "{} {arm}", term.label);
            let events = of_term(term, arm, S::Events).unwrap();
            assert_eq!(events.estimate, Some(term.numbers[3 + place]), "{} {arm}", term.label);
        }
        for (place, arm) in [(6, LOW), (7, HIGH)] {
            let difference = of_term(term, arm, S::RiskDifference).unwrap();
            near(difference.p_value, term.numbers[place]);
        }
    }
}

#[test]
fn the_plan_on_the_page_analyses_these_data() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/proband/book/plans.md");
    let page = fs::read_to_string(page).unwrap();
    let block =
        page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let beside = tempfile::tempdir().unwrap();
    let path = beside.path().join("plan.toml");
    fs::write(&path, block).unwrap();
    let found = analyse(&path);
    // An arm that the plan does not have is left out.
    assert!(!found.iter().any(|f| f.arm.as_deref() == Some(LOW)));
    find(&found, ("adas", "ANCOVA"), (HIGH, Some(PLACEBO)), S::Difference);
    find(&found, ("skin", "Cox"), (HIGH, Some(PLACEBO)), S::HazardRatio);
}

fn shown(value: Option<f64>, decimals: usize) -> String {
    value.map_or("not reached".to_owned(), |value| format!("{value:.decimals$}"))
}

/// `mean (SD)`, as the report prints them.
fn mean_sd(arm: &str) -> String {
    let of = |statistic| find(findings(), ("adas", "summary"), (arm, None), statistic).estimate;
    format!("{} ({})", shown(of(S::Mean), 1), shown(of(S::Sd), 2))
}

fn difference(arm: &str, reference: &str) -> [String; 3] {
    let f = find(findings(), ("adas", "ANCOVA"), (arm, Some(reference)), S::Difference);
    [
        format!("{} ({})", shown(f.estimate, 1), shown(f.standard_error, 2)),
        format!("({};{})", shown(f.lower, 1), shown(f.upper, 1)),
        shown(f.p_value, 3),
    ]
}

/// What, as published, as found.
fn lines() -> Vec<(String, &'static str, String)> {
    let mut lines = Vec::new();
    let mut add = |what: &str, published, ours| lines.push((what.to_owned(), published, ours));
    for (arm, published) in [(PLACEBO, "2.5 (5.80)"), (LOW, "2.0 (5.55)"), (HIGH, "1.5 (4.26)")]
    {
        add(
            &format!("14-3.01: change of ADAS-Cog at week 24, mean (SD), {arm}"),
            published,
            mean_sd(arm),
        );
    }
    for (arm, reference, published) in [
        (LOW, PLACEBO, ["-0.5 (0.82)", "(-2.1;1.1)", "0.569"]),
        (HIGH, PLACEBO, ["-1.0 (0.84)", "(-2.7;0.7)", "0.233"]),
        (HIGH, LOW, ["-0.5 (0.84)", "(-2.2;1.1)", "0.520"]),
    ] {
        let ours = difference(arm, reference);
        let what = ["difference of LS means (SE)", "95 % CI", "p"];
        for ((what, published), ours) in what.into_iter().zip(published).zip(ours) {
            add(&format!("14-3.01: {what}, {arm} - {reference}"), published, ours);
        }
    }
    for (arm, published) in [(LOW, "0.5600"), (HIGH, "0.4403")] {
        let f =
            find(findings(), ("adas_observed", "MMRM"), (arm, Some(PLACEBO)), S::Difference);
        let what = format!("14-3.11: MMRM, p at week 24 (SAS), {arm} - {PLACEBO}");
        add(&what, published, shown(f.p_value, 4));
    }
    for (arm, published) in [(PLACEBO, "not reached"), (LOW, "33"), (HIGH, "36")] {
        let median = find(findings(), ("log_rank", "summary"), (arm, None), S::Median).estimate;
        add(
            &format!("figure 14-1: median days to the first dermatologic event, {arm}"),
            published,
            shown(median, 0),
        );
    }
    let systems: [(&str, [&str; 3]); 3] = [
        ("", ["65 (75.6%) [281]", "77 (91.7%) [412]", "76 (90.5%) [433]"]),
        ("CARDIAC DISORDERS", ["12 (14.0%) [26]", "13 (15.5%) [30]", "15 (17.9%) [30]"]),
        (
            "GENERAL DISORDERS AND ADMINISTRATION SITE CONDITIONS",
            ["21 (24.4%) [46]", "47 (56.0%) [118]", "40 (47.6%) [124]"],
        ),
    ];
    for (soc, published) in systems {
        let term = Term { soc: soc.to_owned(), label: soc.to_owned(), numbers: Vec::new() };
        for (arm, published) in [PLACEBO, LOW, HIGH].into_iter().zip(published) {
            let of = |statistic| of_term(&term, arm, statistic).and_then(|f| f.estimate);
            let (n, percent) = (shown(of(S::WithEvent), 0), shown(of(S::Percent), 1));
            let ours = format!("{n} ({percent}%) [{}]", shown(of(S::Events), 0));
            let what = if soc.is_empty() {
                "any adverse event".to_owned()
            } else {
                soc.to_lowercase()
            };
            add(&format!("14-5.01: {what}, n (%) [events], {arm}"), published, ours);
        }
    }
    lines.extend(safety::lines());
    lines
}

#[test]
fn what_is_printed_is_what_was_published() {
    let mut table = "\n| `cdisc-pilot` | published | ours |\n|---|---:|---:|\n".to_owned();
    let mut wrong = Vec::new();
    for (what, published, ours) in lines() {
        if published != ours {
            wrong.push(format!("{what}: published {published}, ours {ours}"));
        }
        table += &format!("| {what} | {published} | {ours} |\n");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    pages::check("crates/proband/book/validation.md", "cdisc", &(table + "\n"));
}
