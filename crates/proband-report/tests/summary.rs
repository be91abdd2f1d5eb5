//! What a small summary looks like.

use proband_analysis::{Category, Finding, StatisticName as S};
use proband_report::{Failure, Run, summary};

fn blank(category: Category, analysis: &str, param: &str) -> Finding {
    Finding {
        category,
        analysis: analysis.into(),
        paramcd: String::new(),
        param: param.into(),
        avisit: None,
        method: "summary".into(),
        comparison: None,
        arm: None,
        reference: None,
        group: None,
        statistic: S::Count,
        estimate: None,
        standard_error: None,
        lower: None,
        upper: None,
        level: None,
        truth: None,
        truth_error: None,
        p_value: None,
        adjusted_p: None,
        rejected: None,
        n: None,
        unit: None,
        look: None,
        source: None,
        note: None,
    }
}

fn value(of: &Finding, statistic: S, estimate: f64) -> Finding {
    Finding { statistic, estimate: Some(estimate), ..of.clone() }
}

fn within(of: &Finding, lower: f64, upper: f64) -> Finding {
    Finding { lower: Some(lower), upper: Some(upper), level: Some(0.95), ..of.clone() }
}

fn small() -> Vec<Finding> {
    let step =
        |analysis, param, n| value(&blank(Category::Disposition, analysis, param), S::Count, n);
    let failed = Finding { n: Some(1450), ..step("screen failure", "Screen failures", 250.0) };
    let randomised =
        |arm: &str, n| Finding { arm: Some(arm.into()), ..step("randomised", "Randomised", n) };
    let change = Finding {
        unit: Some("%".into()),
        avisit: Some("Week 24".into()),
        ..blank(Category::Endpoint, "hba1c", "Change in HbA1c")
    };
    let mut all = vec![
        step("screened", "Screened", 1450.0),
        failed,
        step("enrolled", "Enrolled", 1200.0),
        randomised("Placebo", 600.0),
        randomised("Active", 600.0),
    ];
    for (arm, mean) in [("Placebo", -0.0801), ("Active", -0.7912)] {
        let of = Finding { arm: Some(arm.into()), ..change.clone() };
        all.push(value(&of, S::Count, 588.0));
        all.push(value(&of, S::Missing, 12.0));
        let se = Some(0.034_11);
        all.push(Finding { standard_error: se, ..value(&of, S::Mean, mean) });
        all.push(value(&of, S::Sd, 0.827_14));
    }
    let difference = Finding {
        category: Category::Comparison,
        method: "ANCOVA".into(),
        arm: Some("Active".into()),
        reference: Some("Placebo".into()),
        standard_error: Some(0.041_2),
        p_value: Some(1e-9),
        ..value(&change, S::Difference, -0.711_1)
    };
    all.push(within(&difference, -0.791_9, -0.630_3));
    let theirs = Finding {
        category: Category::Published,
        method: "estimate".into(),
        source: Some("A paper".into()),
        arm: Some("Active".into()),
        ..value(&change, S::Published, -0.85)
    };
    let ours =
        Finding { note: Some("within the range".into()), source: None, ..theirs.clone() };
    all.push(within(&theirs, -1.05, -0.65));
    all.push(within(&value(&ours, S::Ours, -0.711_1), -0.791_9, -0.630_3));
    all
}

fn run<T>(tell: impl FnOnce(&Run<'_>) -> T) -> T {
    let text = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
    let pairs = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
    tell(&Run {
        id: "EMPA",
        title: Some("A small trial"),
        facts: &pairs("seed", "1"),
        arms: &text(&["Placebo", "Active"]),
        defaults: &pairs("design.method", "blocks"),
        failures: &[Failure {
            arm: Some("Active".into()),
            reason: "too many steps".into(),
            count: 2,
        }],
    })
}

const TEXT: &str = "\
EMPA: A small trial
===================
- seed: 1

Disposition
-----------
                     n     %
---------------  -----  ----
Screened         1,450
Screen failures    250  17.2
Enrolled         1,200

            Placebo  Active
----------  -------  ------
Randomised      600     600

Endpoints
---------
Change in HbA1c, Week 24 (analysis hba1c)
           n  missing   mean (SE) [%]     SD
-------  ---  -------  --------------  -----
Placebo  588       12  -0.080 (0.034)  0.827
Active   588       12  -0.791 (0.034)  0.827

                   method  statistic       estimate     SE           95 % CI       p
-----------------  ------  --------------  --------  -----  ----------------  ------
Active vs Placebo  ANCOVA  difference [%]    -0.711  0.041  -0.792 to -0.630  <0.001

- ANCOVA: linear model of all arms with the analysis's covariates and strata; t intervals.

Published figures
-----------------
                               of      published  within    ours           95 % CI  agrees
-----------------------------  ------  ---------  ------  ------  ----------------  ------
Change in HbA1c [%], estimate  Active      -0.85     0.2  -0.711  -0.792 to -0.630  yes

- Source: A paper

Failed twins
------------
- 2 in Active: too many steps

Taken by default
----------------
- design.method = blocks
";

#[test]
fn for_a_terminal() {
    assert_eq!(run(|run| summary(run, &small()).to_text()), TEXT);
}

const PAGE: &str = "\
# EMPA: A small trial

- seed: 1

## Disposition

|  | n | % |
| --- | ---: | ---: |
| Screened | 1,450 |  |
| Screen failures | 250 | 17.2 |
| Enrolled | 1,200 |  |
";

#[test]
fn for_a_page() {
    let page = run(|run| summary(run, &small()).to_markdown());
    assert!(page.starts_with(PAGE), "{page}");
    assert!(page.contains("### Change in HbA1c, Week 24 (analysis hba1c)"));
    assert!(page.contains("| Active vs Placebo | ANCOVA | difference [%] | -0.711 | 0.041 |"));
}

#[test]
fn what_an_author_wrote_is_no_markup() {
    let mut findings = small();
    findings[0].param = "a|b *c*".into();
    let page = run(|run| summary(run, &findings).to_markdown());
    assert!(page.contains(r"| a\|b \*c\* | 1,450 |"), "{page}");
}

#[test]
fn what_could_not_be_computed_says_why() {
    let mut findings = small();
    let difference = findings.iter_mut().find(|f| f.statistic == S::Difference).unwrap();
    *difference = Finding {
        estimate: None,
        standard_error: None,
        lower: None,
        upper: None,
        p_value: None,
        adjusted_p: None,
        rejected: None,
        note: Some("no variation".into()),
        ..difference.clone()
    };
    let text = run(|run| summary(run, &findings).to_text());
    assert!(text.contains("- No difference of Active vs Placebo: no variation."), "{text}");
}
