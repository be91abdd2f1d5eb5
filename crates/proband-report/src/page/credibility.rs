//! Why the numbers may be believed, in the shape of ASME V&V 40 (2018) and FDA's guidance on the credibility of
//! computational modelling (2023): question, context, verification, validation, uncertainty, applicability.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, number, word};
use super::repeated;
use super::section::Section;
use crate::document::{Align, Document, Table};
use crate::number::count;
use crate::scorecard;
use crate::select::of;
use proband_analysis::{Category, Finding, StatisticName as S};

pub(crate) fn add(section: &mut Section, study: &Study<'_>) {
    let pairs = pairs(study);
    let mut document = Document::default();
    document.text(
        "What software can tell stands here; how much rests on the model, and whether the evidence fits the decision, \
         is for whoever decides. The rows are those of ASME V&V 40 (2018) and of FDA's guidance on the credibility of \
         computational modelling and simulation (2023).",
    );
    document.table(factors(study, &pairs));
    section.document(&document);
    section.figure(agreement(&pairs));
    let mut document = Document::default();
    scorecard::add(&mut document, study.findings);
    section.document(&document);
    split(section, study);
}

/// Published values and ours.
type Pairs<'a> = Vec<(&'a Finding, &'a Finding)>;

fn pairs<'a>(study: &Study<'a>) -> Pairs<'a> {
    let rows = of(study.findings, Category::Published);
    let pair = |pair: &[&'a Finding]| match pair {
        [theirs, ours] if ours.statistic == S::Ours => Some((*theirs, *ours)),
        _ => None,
    };
    rows.chunks(2).filter_map(pair).collect()
}

fn factors(study: &Study<'_>, pairs: &Pairs<'_>) -> Table {
    let mut table = Table::new("factor", []);
    table.columns.push(("evidence in this run".to_owned(), Align::Left));
    let mut row =
        |factor: &str, evidence: String| table.push(vec![factor.to_owned(), evidence]);
    let title = study.run.title.unwrap_or(study.run.id);
    row(
        "Question of interest",
        study.endpoints.first().map_or(title, |of| &of.title).to_owned(),
    );
    row("Context of use", format!("{title}, simulated with {}", models(study)));
    row("Verification of the code", code(study));
    row("Verification of the calculation", calculation(study));
    row("Validation", validation(pairs));
    row("Uncertainty", uncertain(study));
    row("Model risk and applicability", "not for software to say".to_owned());
    table
}

fn models(study: &Study<'_>) -> String {
    let sourced = study.models.iter().filter(|model| !model.sources.is_empty()).count();
    match study.models.len() {
        0 => "models whose texts this version cannot read".to_owned(),
        1 => format!("{} ({sourced} of 1 model cites its source)", study.models[0].name),
        all => format!("{all} models, of which {sourced} cite their source"),
    }
}

fn code(study: &Study<'_>) -> String {
    format!(
        "proband {}; run {} is a hash of all inputs, seed and version, which give the same bytes on any number of \
         threads and any machine",
        study.version, study.id
    )
}

fn calculation(study: &Study<'_>) -> String {
    let said = |path: &str| {
        let default = study.run.defaults.iter().find(|(of, _)| of == path);
        default.map_or("as the trial says", |(_, value)| value)
    };
    let failed: u64 = study.run.failures.iter().map(|lost| lost.count).sum();
    let solver = study.run.facts.iter().find(|(name, _)| name == "solver");
    format!(
        "solver {}; relative tolerance {}, absolute {}; the model of {} participants failed",
        solver.map_or("unknown", |(_, solver)| solver),
        said("simulation.tolerance"),
        said("simulation.atol"),
        count(failed as f64)
    )
}

fn validation(pairs: &Pairs<'_>) -> String {
    let agree = pairs.iter().filter(|(_, ours)| agrees(ours)).count();
    match pairs.len() {
        0 => "none: the trial file states no published figures (`[[published]]`)".to_owned(),
        all => format!(
            "{agree} of {all} published figures lie within the range that the trial file states"
        ),
    }
}

fn uncertain(study: &Study<'_>) -> String {
    if study.operating.is_empty() {
        return "between twins alone, by the intervals of the analyses; the trial was run once, with its typical \
                parameters"
            .to_owned();
    }
    "between twins, of parameters where they were drawn, and Monte Carlo: below".to_owned()
}

fn agrees(ours: &Finding) -> bool {
    ours.estimate.is_some()
        && ours.note.as_deref().is_some_and(|note| note.starts_with("within"))
}

/// Ours less the published, in half-widths of what counts as agreement.
fn agreement(pairs: &Pairs<'_>) -> Figure {
    let series = ["within", "outside"].map(str::to_owned);
    let mut chart = Chart::new(
        Kind::Intervals,
        "",
        Axis::new("(ours - published) / within"),
        Axis::default(),
    )
    .series(&series)
    .styled(Style { reference: Some(0.0), ..Style::default() })
    .columns(&[
        ("label", "figure"),
        ("series", "verdict"),
        ("x", "difference"),
        ("lower", "lower 95 %"),
        ("upper", "upper 95 %"),
    ]);
    for (theirs, ours) in pairs {
        let limits = theirs.lower.zip(theirs.upper).map(|(lower, upper)| (upper - lower) / 2.0);
        let (Some(published), Some(half), Some(estimate)) =
            (theirs.estimate, limits, ours.estimate)
        else {
            continue;
        };
        let scaled = |value: f64| number((value - published) / half);
        let whose = theirs.arm.as_ref().or(theirs.avisit.as_ref()).cloned().unwrap_or_default();
        let label = word(&format!("{}, {}: {whose}", theirs.param, theirs.method));
        let verdict = word(&series[usize::from(!agrees(ours))]);
        let limit = |of: Option<f64>| of.map_or(serde_json::Value::Null, scaled);
        chart.row([label, verdict, scaled(estimate), limit(ours.lower), limit(ours.upper)]);
    }
    Figure {
        id: "published".to_owned(),
        title: "Published figures".to_owned(),
        caption: "How far our values with their 95 % intervals are from the published ones; from -1 to 1 counts as \
                  agreement."
            .to_owned(),
        charts: vec![chart],
    }
}

/// Standard errors by where they come from.
fn split(section: &mut Section, study: &Study<'_>) {
    let rows = repeated::uncertainty(study);
    if rows.is_empty() {
        return;
    }
    let heads = ["total", "between twins", "of parameters", "Monte Carlo, of the mean"];
    let mut table = Table::new("effect, scenario", heads.map(str::to_owned));
    table.columns.insert(1, ("statistic".to_owned(), Align::Left));
    table.rows = rows;
    let mut document = Document::default();
    document.heading("Where the uncertainty comes from");
    document.text(
        "Standard errors; of ratios those of logarithms. Total: standard deviation of the estimates over the repetitions. \
         Between twins: root mean square of the standard errors of the analyses. Of parameters: the root of what is left \
         of the variance, where parameters were drawn. Monte Carlo: of the mean over the repetitions.",
    );
    document.table(table);
    section.document(&document);
}
