//! The flow of participants (CONSORT 2010) as boxes of HTML.

use super::Study;
use crate::html::escaped;
use crate::number::count;
use crate::select::of;
use proband_analysis::{Category, Finding, StatisticName as S};

/// Steps at which people go, with their reasons, and what is left.
pub(crate) fn diagram(study: &Study<'_>) -> String {
    let steps = of(study.findings, Category::Disposition);
    if steps.is_empty() {
        return "<p class=\"missing\">No findings of the disposition were kept; `[output] level = \"findings\"` \
                keeps them.</p>"
            .to_owned();
    }
    let screened =
        all(&steps, "screened").map_or_else(String::new, |f| main(f) + &refused(&steps));
    let enrolled = all(&steps, "enrolled").map_or_else(String::new, main);
    let arms = study.run.arms.iter().map(|arm| of_arm(study, &steps, arm)).collect::<String>();
    format!(
        "<div class=\"flow\">{screened}{enrolled}{DOWN}<div class=\"arms\">{arms}</div></div>\n"
    )
}

const DOWN: &str = "<div class=\"down\"></div>";

/// The step of all arms together.
fn all<'a>(steps: &[&'a Finding], analysis: &str) -> Option<&'a Finding> {
    steps.iter().find(|f| f.analysis == analysis && f.arm.is_none()).copied()
}

fn main(step: &Finding) -> String {
    format!("<div class=\"main\">{}</div>", step_box(&step.param, step.estimate, &[]))
}

/// Who was not enrolled, to the side of the line down.
fn refused(steps: &[&Finding]) -> String {
    let Some(failures) = all(steps, "screen failure") else { return DOWN.to_owned() };
    let reasons =
        steps.iter().filter(|f| ["criterion", "ended"].contains(&f.analysis.as_str()));
    let box_of =
        step_box(&failures.param, failures.estimate, &reasons.copied().collect::<Vec<_>>());
    format!("<div class=\"aside\"><div class=\"stem\"></div>{box_of}</div>")
}

fn of_arm(study: &Study<'_>, steps: &[&Finding], arm: &str) -> String {
    let of_arm: Vec<&Finding> =
        steps.iter().filter(|f| f.arm.as_deref() == Some(arm)).copied().collect();
    let whole = |analysis: &str| {
        of_arm.iter().find(|f| f.analysis == analysis && f.group.is_none()).copied()
    };
    let left = |analysis: &str| {
        let reasons = of_arm.iter().filter(|f| f.analysis == analysis && f.group.is_some());
        whole(analysis)
            .map(|f| step_box(&f.param, f.estimate, &reasons.copied().collect::<Vec<_>>()))
    };
    let randomised = whole("randomised").and_then(|f| f.estimate);
    let completed = randomised.zip(whole("trial left").and_then(|f| f.estimate));
    let failed = whole("model failed").filter(|f| f.estimate.is_some_and(|n| n > 0.0));
    let boxes = [
        Some(step_box(arm, randomised, &[])),
        failed.map(|f| step_box(&f.param, f.estimate, &[])),
        left("treatment stopped"),
        left("trial left"),
        completed.map(|(all, left)| step_box("Completed the study", Some(all - left), &[])),
        analysed(study, arm),
    ];
    format!("<div>{}</div>", boxes.into_iter().flatten().collect::<String>())
}

/// Those in the first analysis of the trial.
fn analysed(study: &Study<'_>, arm: &str) -> Option<String> {
    let found = of(study.findings, Category::Endpoint);
    let first = found.first()?;
    let counted = found.iter().find(|f| {
        f.analysis == first.analysis
            && f.arm.as_deref() == Some(arm)
            && f.group.is_none()
            && f.statistic == S::Count
    });
    Some(step_box(&format!("Analysed ({})", first.analysis), counted?.estimate, &[]))
}

/// A box with a number and the reasons that make it up.
fn step_box(label: &str, n: Option<f64>, reasons: &[&Finding]) -> String {
    let reason = |f: &&Finding| {
        let name = f.group.as_deref().unwrap_or_default();
        let n = f.estimate.filter(|n| *n > 0.0)?;
        Some(format!("<li>{}: <b>{}</b></li>", escaped(name), count(n)))
    };
    let reasons: String = reasons.iter().filter_map(reason).collect();
    let reasons = if reasons.is_empty() { reasons } else { format!("<ul>{reasons}</ul>") };
    let n = n.map(count).unwrap_or_default();
    format!("<div class=\"step\">{} <b>{n}</b>{reasons}</div>", escaped(label))
}
