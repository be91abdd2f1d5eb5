//! `adeff`, `adtte` and `adae`.

use super::{Finished, subject, unit_text, with_unit};
use crate::outcome::participant;
use crate::plan::Plan;
use crate::tables::{Batch, Schema, study_day};
use proband_analysis::{Column, Ended, ParticipantColumns};
use proband_trial::{
    Endpoint, EndpointValue, Happening, Missing, ModelHappening, TimeTo, Trial,
};
use std::sync::Arc;

/// Endpoints that are numbers, conditions or counts.
pub(super) fn endpoints(
    plan: &Plan<'_>,
    batch: &mut Batch,
    finished: &[Finished<'_>],
    columns: &ParticipantColumns,
) {
    let schema = Arc::clone(batch.schema());
    let of = |column: Column| plan.layout.position(column).map(|at| &columns.columns()[at]);
    for one in finished {
        for (index, endpoint) in plan.trial.endpoints.iter().enumerate() {
            let values = match endpoint.value {
                EndpointValue::Time(_) => continue,
                EndpointValue::Count { .. } => of(Column::Count(index)),
                _ => of(Column::Response(index, Missing::ObservedOnly)),
            };
            let value = values.map_or(f64::NAN, |values| values[one.row]);
            describe(plan, batch, &schema, one, endpoint);
            batch.number(schema.at("AVAL"), value);
            if matches!(endpoint.value, EndpointValue::Condition(_)) && !value.is_nan() {
                batch.text(schema.at("AVALC"), if value == 0.0 { "N" } else { "Y" });
            }
            let base = endpoint.observable.and_then(|o| of(Column::Baseline(o)));
            batch.number(schema.at("BASE"), base.map_or(f64::NAN, |base| base[one.row]));
            batch.flag(schema.at("ANL01FL"), !value.is_nan() && one.enrolled.factual);
            batch.end_row();
        }
    }
}

fn describe(
    plan: &Plan<'_>,
    batch: &mut Batch,
    schema: &Schema,
    one: &Finished<'_>,
    endpoint: &Endpoint,
) {
    subject(plan, batch, one);
    batch.text(schema.at("PARAMCD"), &endpoint.paramcd);
    batch.text(schema.at("PARAM"), &with_unit(&endpoint.title, &endpoint.unit));
    batch.maybe_text(schema.at("AVALU"), unit_text(&endpoint.unit).as_deref());
    if let (Some(visit), Some(encounter)) = (schema.find("AVISIT"), endpoint.encounter) {
        let encounter = &plan.trial.encounters[encounter];
        batch.text(visit, &encounter.label);
        batch.number(schema.at("AVISITN"), encounter.number);
    }
}

/// Endpoints that are times.
pub(super) fn times(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for one in finished {
        for endpoint in &plan.trial.endpoints {
            let EndpointValue::Time(time) = &endpoint.value else { continue };
            let (day, ended) = participant(one.enrolled, one.outcome).ended(time);
            describe(plan, batch, &schema, one, endpoint);
            batch.number(schema.at("AVAL"), day);
            let censored = match ended {
                Ended::Event => 0,
                Ended::Censored => 1,
                Ended::Competing => 2,
            };
            batch.integer(schema.at("CNSR"), censored);
            batch.text(schema.at("EVNTDESC"), &what_ended(plan.trial, time, ended, day, one));
            batch.integer(schema.at("ADY"), study_day(day));
            batch.end_row();
        }
    }
}

/// What ended a time on a day, in words.
fn what_ended(
    trial: &Trial,
    time: &TimeTo,
    ended: Ended,
    day: f64,
    one: &Finished<'_>,
) -> String {
    let any = match ended {
        Ended::Event => &time.events,
        Ended::Competing => &time.competing,
        Ended::Censored => &time.censored_by,
    };
    let mut happened = one.outcome.happenings.iter();
    let what = happened.find(|h| any.contains(&h.what) && h.day.total_cmp(&day).is_eq());
    let of_study = || {
        let ending = one.enrolled.person.ending.as_ref();
        ending.map_or("End of study", |ending| ending.why.reason(trial)).to_owned()
    };
    what.map_or_else(of_study, |happened| name_of(trial, happened.what))
}

/// The id of something that happens, or its name in its model.
pub(super) fn id_of(trial: &Trial, happening: Happening) -> String {
    match happening {
        Happening::AdverseEvent(event) => trial.adverse_events[event].id.clone(),
        other => name_of(trial, other),
    }
}

/// What something that happens is called.
pub(crate) fn name_of(trial: &Trial, happening: Happening) -> String {
    match happening {
        Happening::AdverseEvent(event) => trial.adverse_events[event].term.clone(),
        Happening::Model(ModelHappening::Event(model, at)) => {
            trial.models[model].model.events[at].name.clone()
        }
        Happening::Model(ModelHappening::Hazard(model, at)) => {
            trial.models[model].model.hazards[at].name.clone()
        }
        Happening::Discontinuation(index) => trial.discontinuations[index].id.clone(),
        Happening::Rule(index) => trial.rules[index].id.clone(),
        // Only data sets state times, and nothing of theirs is simulated.
        Happening::Timed(index) => format!("time {}", index + 1),
    }
}

/// Adverse events that the trial learned of.
pub(super) fn adverse_events(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for one in finished {
        for episode in &one.outcome.reported {
            let event = &plan.trial.adverse_events[episode.adverse_event];
            subject(plan, batch, one);
            batch.number(schema.at("ASTTIME"), episode.onset);
            batch.integer(schema.at("ASTDY"), study_day(episode.onset));
            if episode.end <= one.outcome.followed {
                batch.number(schema.at("AENTIME"), episode.end);
                batch.integer(schema.at("AENDY"), study_day(episode.end));
            }
            batch.text(schema.at("AESPID"), &event.id);
            batch.text(schema.at("AEDECOD"), &event.term);
            batch.text(schema.at("AEBODSYS"), &event.body_system);
            batch.text(schema.at("AETOXGR"), &episode.grade.to_string());
            batch.integer(schema.at("AETOXGRN"), i32::from(episode.grade));
            batch.flag(schema.at("AESER"), episode.serious);
            batch.flag(schema.at("TRTEMFL"), episode.onset >= 0.0);
            batch.end_row();
        }
    }
}
