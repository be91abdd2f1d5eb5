//! What was asked, what came out, and what it was made from.

use super::Study;
use crate::endpoints::who;
use crate::html::escaped;
use crate::number::{count, estimate, fixed, interval, p_value, plain};
use crate::select::of;
use crate::words;
use proband_analysis::{Category, Characteristic, Finding};

/// Comparisons in the answer at most.
const MOST_ANSWERS: usize = 4;

pub(crate) fn head(study: &Study<'_>) -> String {
    let title = study
        .run
        .title
        .map_or(study.run.id.to_owned(), |title| format!("{}: {title}", study.run.id));
    let question = question(study).map(|text| format!("<p>{}</p>", escaped(&text)));
    let answer =
        answer(study).map(|text| format!("<p class=\"answer\">{}</p>", escaped(&text)));
    format!(
        "<h1>{}</h1>{}{}{}<dl>{}{}</dl>{}",
        escaped(&title),
        question.unwrap_or_default(),
        answer.unwrap_or_default(),
        warnings(study),
        facts(study),
        models(study),
        defaults(study),
    )
}

/// The primary endpoint and the arms.
fn question(study: &Study<'_>) -> Option<String> {
    let first = study.endpoints.iter().find(|of| of.is_primary).or(study.endpoints.first())?;
    let better = first.better.map(|way| format!(" ({way} is better)")).unwrap_or_default();
    let arms = study.run.arms.join(", ");
    Some(format!("Primary question: {}{better}, in {arms}.", first.title))
}

/// What was found: of a trial that was repeated how often its first hypothesis is rejected, scenario by scenario,
/// of one that was run once what the primary analysis estimates, comparison by comparison.
fn answer(study: &Study<'_>) -> Option<String> {
    match study.operating {
        [] => estimated(study),
        operating => rejected(operating),
    }
}

fn rejected(operating: &[Characteristic]) -> Option<String> {
    let all: Vec<&Characteristic> =
        operating.iter().filter(|of| of.measure.is_rejection()).collect();
    let first = all.first()?;
    let percent = |share: f64| fixed(100.0 * share, 1);
    let scenario = |of: &&&Characteristic| {
        let limits = of.lower.zip(of.upper);
        let limits = limits.map(|(l, u)| format!(" ({} to {})", percent(l), percent(u)));
        format!("{} {} %{}", of.scenario, percent(of.estimate), limits.unwrap_or_default())
    };
    let of_it = all.iter().filter(|of| of.is_of_same(first));
    let answers: Vec<String> = of_it.take(MOST_ANSWERS).map(|of| scenario(&of)).collect();
    let what = first.comparison.as_deref().unwrap_or(&first.analysis);
    Some(format!(
        "{what} by {} is rejected in this share of {} repetitions, with 95 % Monte Carlo intervals: {}.",
        first.method,
        count(first.n as f64),
        answers.join("; ")
    ))
}

fn estimated(study: &Study<'_>) -> Option<String> {
    let found = of(study.findings, Category::Comparison);
    let primary = |f: &&&Finding| {
        study.endpoints.iter().any(|of| of.is_primary && of.paramcd == f.paramcd)
    };
    let is_effect =
        |f: &&Finding| f.reference.is_some() && f.group.is_none() && f.lower.is_some();
    let effects: Vec<&Finding> = found.iter().copied().filter(is_effect).collect();
    let first = effects.iter().find(primary).or(effects.first())?;
    let of_it = effects.iter().filter(|f| {
        (&f.analysis, &f.avisit, &f.method, f.statistic)
            == (&first.analysis, &first.avisit, &first.method, first.statistic)
    });
    let answers: Vec<String> = of_it.take(MOST_ANSWERS).map(|f| effect(f)).collect();
    let what = words::statistic(first.statistic);
    let param = &first.param;
    Some(format!("{param}, {what}: {}, by {}.", answers.join("; "), first.method))
}

/// "Active vs Placebo -0.86 % (95 % CI -0.98 to -0.74, p < 0.001)".
fn effect(finding: &Finding) -> String {
    let unit = finding.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let level = plain(100.0 * finding.level.unwrap_or(0.95));
    let p = match p_value(finding.p_value) {
        none if none.is_empty() => none,
        small if small.starts_with('<') => format!(", p {small}"),
        p => format!(", p = {p}"),
    };
    let (value, limits) = (estimate(finding), interval(finding));
    format!("{} {value}{unit} ({level} % CI {limits}{p})", who(finding))
}

fn warnings(study: &Study<'_>) -> String {
    let lost = study.run.failures.iter().map(|lost| {
        let arm = lost.arm.as_deref().unwrap_or("before enrolment");
        format!("The model of {} failed ({arm}): {}.", count(lost.count as f64), lost.reason)
    });
    let rejections = || study.operating.iter().filter(|of| of.measure.is_rejection());
    let needed = rejections().filter_map(|of| of.needed.filter(|needed| *needed > of.n));
    let imprecise = needed.clone().max().map(|most| {
        format!(
            "{} of {} shares of rejections are less precise than wanted, which takes up to {} repetitions.",
            needed.count(),
            rejections().count(),
            count(most as f64)
        )
    });
    let items: String =
        lost.chain(imprecise).map(|text| format!("<li>{}</li>", escaped(&text))).collect();
    if items.is_empty() {
        return items;
    }
    format!("<div class=\"warnings\"><strong>Mind:</strong><ul>{items}</ul></div>")
}

fn facts(study: &Study<'_>) -> String {
    study.run.facts.iter().map(|(name, value)| fact(name, &linked(value))).collect()
}

fn models(study: &Study<'_>) -> String {
    let model = |model: &super::Cited| {
        let title = model.title.as_ref().map(|title| format!(": {}", escaped(title)));
        let sources = model.sources.iter().map(|source| format!("<br>{}", linked(source)));
        let text =
            escaped(&model.name) + &title.unwrap_or_default() + &sources.collect::<String>();
        fact("model", &text)
    };
    study.models.iter().map(model).collect()
}

fn fact(name: &str, html: &str) -> String {
    format!("<dt>{}</dt><dd>{html}</dd>", escaped(name))
}

/// A text, whose address can be followed if it is one.
fn linked(text: &str) -> String {
    let safe = escaped(text);
    match text.starts_with("https://") && !text.contains(char::is_whitespace) {
        true => format!("<a href=\"{safe}\">{safe}</a>"),
        false => safe,
    }
}

fn defaults(study: &Study<'_>) -> String {
    let defaults = study.run.defaults;
    if defaults.is_empty() {
        return String::new();
    }
    let items = defaults.iter().map(|(path, value)| {
        format!("<li><code>{} = {}</code></li>", escaped(path), escaped(value))
    });
    format!(
        "<details><summary>{} values were taken by default</summary><ul>{}</ul></details>",
        defaults.len(),
        items.collect::<String>()
    )
}
