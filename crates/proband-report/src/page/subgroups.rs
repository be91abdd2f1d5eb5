//! Effects in subgroups: forest plots; and estimates beside the truth that they are of.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, number, word};
use super::section::Section;
use crate::endpoints::who;
use crate::number::{estimate, interval};
use crate::select::{distinct, of, with_unit};
use crate::words;
use proband_analysis::{Category, Finding, StatisticName as S};
use proband_math::{exp, ln};

/// Charts that a reader chooses from, at most.
const MOST: usize = 12;

/// Half a 95 % interval in standard errors.
const HALF_WIDTH: f64 = 1.96;

/// The forest plot of every effect that was estimated in subgroups.
pub(crate) fn forest(section: &mut Section, study: &Study<'_>) {
    let compared = of(study.findings, Category::Comparison);
    let is_effect = |f: &&Finding| {
        f.reference.is_some() && f.statistic != S::Interaction && f.lower.is_some()
    };
    let effects: Vec<&Finding> = compared.into_iter().filter(is_effect).collect();
    let in_subgroups = effects.iter().filter(|f| f.group.as_deref().is_some_and(is_level));
    let keys = distinct(
        in_subgroups.map(|f| (&f.analysis, &f.avisit, &f.comparison, &f.method, f.statistic)),
    );
    let charts = keys.into_iter().take(MOST).map(|key| {
        let of_key = |f: &&&Finding| {
            (&f.analysis, &f.avisit, &f.comparison, &f.method, f.statistic) == key
                && f.group.as_deref().is_none_or(is_level)
        };
        forest_chart(&effects.iter().filter(of_key).copied().collect::<Vec<_>>())
    });
    section.figure(Figure {
        id: "forest".to_owned(),
        title: "Effects by subgroup".to_owned(),
        caption: "Estimates with their intervals in each subgroup, each analysed by itself, below that of all \
                  participants. The tests of interaction are in the tables below."
            .to_owned(),
        charts: charts.collect(),
    });
}

/// A level of a subgroup is written `sex: F`.
fn is_level(group: &str) -> bool {
    group.contains(": ")
}

fn forest_chart(rows: &[&Finding]) -> Chart {
    let first = rows[0];
    let statistic = words::statistic(first.statistic);
    let view = format!("{}, {statistic} ({})", who(first), first.analysis);
    let mut chart = effects(&view, first);
    for finding in rows {
        let label = finding.group.as_deref().unwrap_or("all participants");
        let text = format!("{} ({})", estimate(finding), interval(finding));
        let numbers = [finding.estimate, finding.lower, finding.upper].map(maybe);
        let n = finding.n.map(|n| n as f64);
        chart.row([word(label)].into_iter().chain(numbers).chain([maybe(n), word(&text)]));
    }
    chart
}

/// A chart of estimates of one statistic.
fn effects(view: &str, first: &Finding) -> Chart {
    let label = with_unit(words::statistic(first.statistic), first.unit.as_ref());
    let ratio = first.statistic.is_ratio();
    let reference = Some(if ratio { 1.0 } else { 0.0 });
    let x = Axis { logarithmic: ratio, ..Axis::new(&label) };
    Chart::new(Kind::Intervals, view, x, Axis::default())
        .styled(Style { reference, ..Style::default() })
        .columns(&[
            ("label", "subgroup"),
            ("x", &label),
            ("lower", "lower"),
            ("upper", "upper"),
            ("n", "n"),
            ("text", "estimate"),
        ])
}

/// Estimates beside the true values of their estimands.
pub(crate) fn truth(section: &mut Section, study: &Study<'_>) {
    let known: Vec<&Finding> =
        study.findings.iter().filter(|f| f.truth.is_some() && f.estimate.is_some()).collect();
    let keys = distinct(known.iter().map(|f| (&f.param, f.statistic)));
    let charts = keys.into_iter().take(MOST).map(|key| {
        truth_chart(
            &known
                .iter()
                .filter(|f| (&f.param, f.statistic) == key)
                .copied()
                .collect::<Vec<_>>(),
        )
    });
    section.figure(Figure {
        id: "truth".to_owned(),
        title: "Estimand and estimate".to_owned(),
        caption: "What the analysis estimated with its interval, and the true value of the estimand: simulated in \
                  twins of which everything is known, with the Monte Carlo error of that simulation."
            .to_owned(),
        charts: charts.collect(),
    });
}

fn truth_chart(rows: &[&Finding]) -> Chart {
    let series = ["estimate", "true value"].map(str::to_owned);
    let mut chart = effects(&rows[0].param, rows[0]).series(&series);
    chart.columns = [
        ("label", "effect"),
        ("series", "what"),
        ("x", "value"),
        ("lower", "lower"),
        ("upper", "upper"),
    ]
    .map(|(role, name)| (role, name.to_owned()))
    .to_vec();
    for finding in rows {
        let label = word(&format!("{}, {}", who(finding), finding.method));
        let numbers = [finding.estimate, finding.lower, finding.upper].map(maybe);
        chart.row([label.clone(), word(&series[0])].into_iter().chain(numbers));
        let Some(truth) = finding.truth else { continue };
        let half = HALF_WIDTH * finding.truth_error.unwrap_or(0.0);
        let (lower, upper) = match finding.statistic.is_ratio() {
            true => (exp(ln(truth) - half), exp(ln(truth) + half)),
            false => (truth - half, truth + half),
        };
        chart.row(
            [label, word(&series[1])].into_iter().chain([truth, lower, upper].map(number)),
        );
    }
    chart
}
