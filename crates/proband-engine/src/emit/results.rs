//! `adeff`, `adtte` and `adae`.

use super::{Finished, in_period, on_day, subject, unit_text, with_unit};
use crate::outcome::participant;
use crate::periods::InPeriod;
use crate::plan::Plan;
use crate::tables::{Batch, Schema};
use proband_analysis::{Column, Ended, Happened, ParticipantColumns};
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
    for (one, row) in finished.iter().flat_map(rows) {
        for (index, endpoint) in plan.trial.endpoints.iter().enumerate() {
            for (column, encounter) in values_of(index, endpoint) {
                let value = of(column).map_or(f64::NAN, |values| values[row.at]);
                describe(plan, batch, &schema, one, (endpoint, encounter));
                in_period(plan, batch, one, row.period);
                batch.number(schema.at("AVAL"), value);
                if matches!(endpoint.value, EndpointValue::Condition(_)) && !value.is_nan() {
                    batch.text(schema.at("AVALC"), if value == 0.0 { "N" } else { "Y" });
                }
                let base = endpoint.observable.and_then(|o| of(Column::Baseline(o)));
                batch.number(schema.at("BASE"), base.map_or(f64::NAN, |base| base[row.at]));
                batch.flag(schema.at("ANL01FL"), !value.is_nan() && one.enrolled.factual);
                batch.end_row();
            }
        }
    }
}

/// The columns of an endpoint's values, each with its visit if it has one: none of times.
fn values_of(index: usize, endpoint: &Endpoint) -> Vec<(Column, Option<usize>)> {
    let visits = endpoint.visits.iter().enumerate();
    match endpoint.value {
        EndpointValue::Time(_) => Vec::new(),
        EndpointValue::Count { .. } => vec![(Column::Count(index), None)],
        _ if !endpoint.visits.is_empty() => visits
            .map(|(k, visit)| (Column::EveryVisit(index, k), Some(visit.encounter)))
            .collect(),
        _ => vec![(Column::Response(index, Missing::ObservedOnly), endpoint.encounter)],
    }
}

/// A row of the participants' columns.
struct Row<'a> {
    at: usize,
    period: usize,
    of: Option<&'a InPeriod>,
}

/// The rows of a participant: one, or one for each period of a crossover.
fn rows<'f, 'a>(one: &'f Finished<'a>) -> Vec<(&'f Finished<'a>, Row<'f>)> {
    let periods = &one.outcome.periods;
    if periods.is_empty() {
        return vec![(one, Row { at: one.row, period: 0, of: None })];
    }
    let row = |(index, of): (usize, &'f InPeriod)| {
        (one, Row { at: one.row + index, period: of.period, of: Some(of) })
    };
    periods.iter().enumerate().map(row).collect()
}

fn describe(
    plan: &Plan<'_>,
    batch: &mut Batch,
    schema: &Schema,
    one: &Finished<'_>,
    (endpoint, encounter): (&Endpoint, Option<usize>),
) {
    subject(plan, batch, one);
    batch.text(schema.at("PARAMCD"), &endpoint.paramcd);
    batch.text(schema.at("PARAM"), &with_unit(&endpoint.title, &endpoint.unit));
    batch.maybe_text(schema.at("AVALU"), unit_text(&endpoint.unit).as_deref());
    if let (Some(visit), Some(encounter)) = (schema.find("AVISIT"), encounter) {
        let encounter = &plan.trial.encounters[encounter];
        batch.text(visit, &encounter.label);
        batch.number(schema.at("AVISITN"), encounter.number);
    }
}

/// Endpoints that are times.
pub(super) fn times(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for (one, row) in finished.iter().flat_map(rows) {
        let (enrolled, outcome) = (one.enrolled, one.outcome);
        let (participant, happenings) = match row.of {
            Some(of) => (of.participant(plan, enrolled, outcome), &of.happenings),
            None => (participant(enrolled, outcome), &outcome.happenings),
        };
        for endpoint in &plan.trial.endpoints {
            let EndpointValue::Time(time) = &endpoint.value else { continue };
            let (day, ended) = participant.ended(time);
            describe(plan, batch, &schema, one, (endpoint, endpoint.encounter));
            in_period(plan, batch, one, row.period);
            batch.number(schema.at("AVAL"), day);
            let censored = match ended {
                Ended::Event => 0,
                Ended::Censored => 1,
                Ended::Competing => 2,
            };
            batch.integer(schema.at("CNSR"), censored);
            let what = what_ended(plan.trial, time, ended, day, happenings);
            let what = what.unwrap_or_else(|| {
                let ending = one.enrolled.person.ending.as_ref();
                ending.map_or("End of study", |ending| ending.why.reason(plan.trial)).to_owned()
            });
            batch.text(schema.at("EVNTDESC"), &what);
            on_day(plan, batch, one, "ADY", plan.period(row.period).0 + day);
            batch.end_row();
        }
    }
}

/// What ended a time on a day, in words; none where that was nothing that happened.
fn what_ended(
    trial: &Trial,
    time: &TimeTo,
    ended: Ended,
    day: f64,
    happenings: &[Happened],
) -> Option<String> {
    let any = match ended {
        Ended::Event => &time.events,
        Ended::Competing => &time.competing,
        Ended::Censored => &time.censored_by,
    };
    let mut happened = happenings.iter();
    let what = happened.find(|h| any.contains(&h.what) && h.day.total_cmp(&day).is_eq());
    what.map(|happened| name_of(trial, happened.what))
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

/// What kind of thing happens.
pub(crate) fn kind_of(happening: Happening) -> &'static str {
    match happening {
        Happening::Discontinuation(_) => "discontinuation",
        Happening::Rule(_) => "rule",
        Happening::AdverseEvent(_) => "adverse event",
        Happening::Model(ModelHappening::Hazard(..)) => "hazard",
        Happening::Model(ModelHappening::Event(..)) | Happening::Timed(_) => "event",
    }
}

/// Adverse events that the trial learned of.
pub(super) fn adverse_events(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    for one in finished {
        for episode in &one.outcome.reported {
            let event = &plan.trial.adverse_events[episode.adverse_event];
            subject(plan, batch, one);
            in_period(plan, batch, one, plan.period_at(episode.onset));
            batch.number(schema.at("ASTTIME"), episode.onset);
            on_day(plan, batch, one, "ASTDY", episode.onset);
            if episode.end <= one.outcome.followed {
                batch.number(schema.at("AENTIME"), episode.end);
                on_day(plan, batch, one, "AENDY", episode.end);
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
