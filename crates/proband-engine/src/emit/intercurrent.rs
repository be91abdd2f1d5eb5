//! `ices`.

use super::results::id_of;
use super::{Finished, kind_of, on_day, subject};
use crate::plan::Plan;
use crate::tables::Batch;
use proband_trial::{Happening, Strategy};
use std::sync::Arc;

/// Intercurrent events, each the first time it happened from day 1 on, once for every estimand; those of
/// a trial without estimands are its discontinuations and rules.
pub(super) fn events(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let trial = plan.trial;
    let mut asked: Vec<(Happening, Option<(&str, Strategy)>)> = Vec::new();
    for estimand in &trial.estimands {
        let events = estimand.intercurrent.iter();
        asked.extend(events.map(|&(what, how)| (what, Some((estimand.id.as_str(), how)))));
    }
    if trial.estimands.is_empty() {
        let discontinuations =
            (0..trial.discontinuations.len()).map(Happening::Discontinuation);
        let all = discontinuations.chain((0..trial.rules.len()).map(Happening::Rule));
        asked.extend(all.map(|what| (what, None)));
    }
    for one in finished {
        let first = |what: Happening| {
            one.outcome.happenings.iter().find(|h| h.what == what && h.day >= 0.0)
        };
        let happened = asked.iter().filter_map(|&(what, by)| {
            Some(Row { day: first(what)?.day, id: id_of(trial, what), what, by })
        });
        let mut rows: Vec<Row<'_>> = happened.collect();
        rows.sort_by(|a, b| a.day.total_cmp(&b.day).then_with(|| a.key().cmp(&b.key())));
        rows.iter().for_each(|row| event(plan, batch, one, row));
    }
}

/// An event, and how an estimand deals with it.
struct Row<'a> {
    day: f64,
    id: String,
    what: Happening,
    by: Option<(&'a str, Strategy)>,
}

impl Row<'_> {
    fn key(&self) -> (&str, Option<&str>) {
        (&self.id, self.by.map(|(estimand, _)| estimand))
    }
}

fn event(plan: &Plan<'_>, batch: &mut Batch, one: &Finished<'_>, row: &Row<'_>) {
    let schema = Arc::clone(batch.schema());
    subject(plan, batch, one);
    batch.number(schema.at("ASTTIME"), row.day);
    on_day(plan, batch, one, "ASTDY", row.day);
    batch.text(schema.at("ICEID"), &row.id);
    batch.text(schema.at("KIND"), kind_of(row.what));
    if let Some((id, strategy)) = row.by {
        batch.text(schema.at("ESTIMAND"), id);
        batch.text(schema.at("STRATEGY"), strategy.words());
    }
    batch.end_row();
}
