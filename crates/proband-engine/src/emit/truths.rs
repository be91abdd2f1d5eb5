//! `truth` and `truth_events`.

use super::records::param;
use super::{Finished, kind_of, name_of, on_day, subject, unit_text};
use crate::plan::Plan;
use crate::tables::{Batch, Schema};
use proband_trial::{Happening, OutputLevel};
use std::sync::Arc;

/// Points of latent trajectories.
pub(super) fn points(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    debug_assert!(plan.trial.output.level >= OutputLevel::Truth);
    let schema = Arc::clone(batch.schema());
    let observables = &plan.trial.observables;
    for one in finished {
        let truth = &one.enrolled.person.truth;
        let rows = truth.values.chunks(observables.len().max(1));
        for (point, values) in truth.points.iter().zip(rows) {
            for (index, (observed, &value)) in observables.iter().zip(values).enumerate() {
                subject(plan, batch, one);
                batch.text(schema.at("PARAMCD"), &observed.name.to_uppercase());
                batch.text(schema.at("PARAM"), &param(observed));
                batch.maybe_text(schema.at("AVALU"), unit_text(&observed.unit).as_deref());
                batch.number(schema.at("ATIME"), point.day);
                on_day(plan, batch, one, "ADY", point.day);
                if let Some(encounter) = point.encounter {
                    let encounter = &plan.trial.encounters[encounter];
                    batch.text(schema.at("AVISIT"), &encounter.label);
                    batch.number(schema.at("AVISITN"), encounter.number);
                }
                batch.number(schema.at("AVAL"), value * plan.record_factors[index]);
                let level = observed.levels.as_ref().and_then(|l| l.get(value as usize));
                if let Some(level) = level {
                    batch.text(schema.at("AVALC"), level);
                }
                batch.end_row();
            }
        }
    }
}

/// Events of models, and adverse events as they happened.
pub(super) fn events(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for one in finished {
        let events = one.enrolled.person.truth.events.iter();
        for (event, &learned) in events.zip(&one.outcome.learned) {
            let happening = Happening::Model(event.what);
            let name = name_of(plan.trial, happening);
            let whole = (event.onset, f64::INFINITY);
            happened(plan, batch, &schema, one, whole, (&name, kind_of(happening)));
            batch.flag(schema.at("SEENFL"), learned);
            batch.end_row();
        }
        for (episode, learned) in &one.outcome.happened {
            let id = &plan.trial.adverse_events[episode.adverse_event].id;
            let kind = kind_of(Happening::AdverseEvent(episode.adverse_event));
            let whole = (episode.onset, episode.end);
            happened(plan, batch, &schema, one, whole, (id, kind));
            batch.integer(schema.at("GRADEN"), i32::from(episode.grade));
            batch.flag(schema.at("SEENFL"), *learned);
            batch.end_row();
        }
    }
}

fn happened(
    plan: &Plan<'_>,
    batch: &mut Batch,
    schema: &Schema,
    one: &Finished<'_>,
    (from, to): (f64, f64),
    (name, kind): (&str, &str),
) {
    subject(plan, batch, one);
    batch.number(schema.at("ASTTIME"), from);
    on_day(plan, batch, one, "ASTDY", from);
    if to <= one.outcome.followed {
        batch.number(schema.at("AENTIME"), to);
        on_day(plan, batch, one, "AENDY", to);
    }
    batch.text(schema.at("EVENT"), name);
    batch.text(schema.at("KIND"), kind);
}
