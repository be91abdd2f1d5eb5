//! `decisions` and `addv`.

use super::{Finished, name_of, on_day, study, subject};
use crate::conduct::Decision;
use crate::plan::Plan;
use crate::tables::Batch;
use proband_trial::{Quantity, Summary};
use std::sync::Arc;

pub(super) fn decisions(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for one in finished {
        for decision in &one.enrolled.person.seen.decisions {
            subject(plan, batch, one);
            batch.text(schema.at("RULE"), &plan.trial.rules[decision.rule].id);
            on_day(plan, batch, one, "ADY", decision.day);
            batch.number(schema.at("ATIME"), decision.day);
            batch.text(schema.at("ACTION"), decision.action);
            batch.maybe_text(schema.at("EXTRT"), treatment(plan, decision));
            batch.text(schema.at("SEEN"), &seen(plan, one.enrolled.arm, decision));
            batch.flag(schema.at("DONEFL"), decision.obeyed);
            batch.end_row();
        }
    }
}

/// What looks have decided about the trial as a whole.
pub(super) fn about_the_trial(
    plan: &Plan<'_>,
    batch: &mut Batch,
    replicate: u32,
    decided: &[proband_interim::Decision],
) {
    let schema = Arc::clone(batch.schema());
    for decision in decided {
        study(plan.trial, batch, replicate);
        batch.text(schema.at("RULE"), &decision.rule);
        batch.maybe_text(
            schema.at("TRT01P"),
            decision.arm.map(|arm| plan.trial.arms[arm].title.as_str()),
        );
        batch.text(schema.at("ACTION"), decision.action);
        batch.text(schema.at("SEEN"), &decision.seen);
        batch.text(schema.at("LOOK"), &decision.look);
        batch.number(schema.at("CALDY"), decision.day);
        batch.end_row();
    }
}

/// Rules that were not obeyed.
pub(super) fn deviations(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for one in finished {
        let all = one.enrolled.person.seen.decisions.iter();
        for decision in all.filter(|decision| !decision.obeyed) {
            subject(plan, batch, one);
            batch.text(schema.at("DVSPID"), &plan.trial.rules[decision.rule].id);
            batch.text(schema.at("DVTERM"), &format!("{} was not done", decision.action));
            batch.maybe_text(schema.at("EXTRT"), treatment(plan, decision));
            on_day(plan, batch, one, "ASTDY", decision.day);
            batch.number(schema.at("ATIME"), decision.day);
            batch.end_row();
        }
    }
}

fn treatment<'a>(plan: &'a Plan<'_>, decision: &Decision) -> Option<&'a str> {
    decision.regimen.map(|regimen| plan.trial.regimens[regimen].treatment.as_str())
}

/// What a rule has read: `anc 1.2, worst_grade(neutropenia) 4`.
fn seen(plan: &Plan<'_>, arm: usize, decision: &Decision) -> String {
    let rule = plan.arms[arm].rules.iter().find(|of| of.rule == decision.rule);
    let quantities = rule.map_or(&[][..], |rule| rule.seen.quantities());
    let read = quantities.iter().zip(&decision.seen);
    let read = read.filter(|(quantity, _)| **quantity != Quantity::Arm);
    let words: Vec<String> =
        read.map(|(quantity, value)| format!("{} {value}", name(plan, quantity))).collect();
    words.join(", ")
}

fn name(plan: &Plan<'_>, quantity: &Quantity) -> String {
    let trial = plan.trial;
    let observable = |of: usize| trial.observables[of].name.as_str();
    match quantity {
        Quantity::Record(of) => observable(*of).to_owned(),
        Quantity::Previous(of) => format!("previous({})", observable(*of)),
        Quantity::Baseline(of) => format!("baseline({})", observable(*of)),
        Quantity::At(of, encounter) => {
            format!("at({}, {})", observable(*of), trial.encounters[*encounter].label)
        }
        Quantity::Period { summary, observable: of, .. } => {
            format!("{}({})", summary_name(summary), observable(*of))
        }
        Quantity::Count { happening, .. } => format!("count({})", name_of(trial, *happening)),
        Quantity::WorstGrade { adverse_event, .. } => {
            format!("worst_grade({})", trial.adverse_events[*adverse_event].id)
        }
        Quantity::Grade(adverse_event) => {
            format!("grade({})", trial.adverse_events[*adverse_event].id)
        }
        Quantity::SinceLastDose(of) => name(plan, of),
        Quantity::Dose(_) => "dose".to_owned(),
        Quantity::DailyDose { .. } => "daily_dose".to_owned(),
        Quantity::Rung => "rung".to_owned(),
        Quantity::Cycle => "cycle".to_owned(),
        Quantity::Taken => "taken".to_owned(),
        Quantity::OnTreatment => "on_treatment".to_owned(),
        Quantity::LastDose => "last_dose".to_owned(),
        _ => String::new(),
    }
}

fn summary_name(summary: &Summary) -> &'static str {
    match summary {
        Summary::Average => "average",
        Summary::Highest => "highest",
        Summary::Lowest => "lowest",
        Summary::AreaUnderCurve => "auc",
        Summary::TimeIn { .. } => "time_in",
    }
}
