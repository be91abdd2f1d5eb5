//! `adlb`, `adpc` and `adex`.

use super::{Finished, in_period, on_day, subject, unit_text, with_unit};
use crate::conduct::{Beyond, Person};
use crate::plan::Plan;
use crate::tables::{Batch, Code, Schema, TableId, records_table};
use proband_analysis::Record;
use std::sync::Arc;

/// The texts of an observable, by their codes in a batch.
struct Words {
    paramcd: Code,
    param: Code,
    unit: Option<Code>,
}

/// The records that belong in the batch's table.
pub(super) fn records(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    let words = words(plan, batch, &schema);
    for one in finished {
        let person = &one.enrolled.person;
        let of_period = |period| {
            let of = |observable| baseline(plan, person, observable, period);
            (0..words.len()).map(of).collect()
        };
        let baselines: Vec<Vec<Option<usize>>> =
            (0..plan.periods.len()).map(of_period).collect();
        for (index, record) in person.seen.records.iter().enumerate() {
            if let Some(words) = &words[record.observable] {
                let period =
                    plan.period_of(&plan.trial.encounters[record.encounter], record.day);
                subject(plan, batch, one);
                in_period(plan, batch, one, period);
                batch.code(schema.at("PARAMCD"), words.paramcd);
                batch.code(schema.at("PARAM"), words.param);
                batch.code(schema.at("AVALU"), words.unit);
                value(plan, batch, &schema, one, index);
                change(
                    plan,
                    batch,
                    &schema,
                    person,
                    index,
                    baselines[period][record.observable],
                );
                batch.end_row();
            }
        }
    }
}

/// Texts of the observables whose records belong in the table; none for the others.
fn words(plan: &Plan<'_>, batch: &mut Batch, schema: &Schema) -> Vec<Option<Words>> {
    let mut all = Vec::new();
    for observed in &plan.trial.observables {
        let model = &plan.trial.models[observed.model].model;
        let here = records_table(model, &model.observables[observed.index]) == batch.table();
        all.push(here.then(|| Words {
            paramcd: batch.level(schema.at("PARAMCD"), &observed.name.to_uppercase()),
            param: batch.level(schema.at("PARAM"), &param(observed)),
            unit: unit_text(&observed.unit).map(|unit| batch.level(schema.at("AVALU"), &unit)),
        }));
    }
    all
}

/// What an observable is called: its text in the model, or its name, with its unit.
pub(super) fn param(observed: &proband_trial::Observed) -> String {
    with_unit(observed.text.as_deref().unwrap_or(&observed.name), &observed.unit)
}

/// The baseline record of a period: the last one planned at or before its first dose, or before day 1.
fn baseline(
    plan: &Plan<'_>,
    person: &Person,
    observable: usize,
    period: usize,
) -> Option<usize> {
    let of = |record: &Record| {
        let encounter = &plan.trial.encounters[record.encounter];
        let day = plan.day_of_period(encounter, record.day);
        let before = plan.period_of(encounter, record.day) == period && day <= 0.0;
        record.observable == observable && (before || encounter.day < 0.0)
    };
    person.seen.records.iter().rposition(of)
}

fn value(
    plan: &Plan<'_>,
    batch: &mut Batch,
    schema: &Schema,
    one: &Finished<'_>,
    index: usize,
) {
    let person = &one.enrolled.person;
    let record = &person.seen.records[index];
    let encounter = &plan.trial.encounters[record.encounter];
    batch.text(schema.at("AVISIT"), &encounter.label);
    // A further visit has no planned time: its number is when it took place.
    let number = if encounter.number.is_nan() { record.day / 7.0 } else { encounter.number };
    batch.number(schema.at("AVISITN"), number);
    on_day(plan, batch, one, "ADY", record.day);
    batch.number(schema.at("ATIME"), record.day);
    batch.number(schema.at("AVAL"), record.value);
    let observed = &plan.trial.observables[record.observable];
    let beyond = person.seen.limited.iter().find(|(of, _)| *of == index);
    if let Some((_, beyond)) = beyond {
        let sign = match beyond {
            Beyond::Lower => '<',
            Beyond::Upper => '>',
        };
        batch.text(schema.at("AVALC"), &format!("{sign}{}", record.value));
    } else if let Some(levels) = &observed.levels
        && let Some(level) = levels.get(record.value as usize)
    {
        batch.text(schema.at("AVALC"), level);
    }
    batch.flag(schema.at("ANL01FL"), true);
}

fn change(
    plan: &Plan<'_>,
    batch: &mut Batch,
    schema: &Schema,
    person: &Person,
    index: usize,
    baseline: Option<usize>,
) {
    let record = &person.seen.records[index];
    let Some(baseline) = baseline else { return };
    let base = person.seen.records[baseline].value;
    batch.number(schema.at("BASE"), base);
    if index == baseline {
        batch.flag(schema.at("ABLFL"), true);
    }
    let encounter = &plan.trial.encounters[record.encounter];
    if plan.day_of_period(encounter, record.day) > 0.0 {
        batch.number(schema.at("CHG"), record.value - base);
        if base != 0.0 {
            batch.number(schema.at("PCHG"), 100.0 * (record.value - base) / base);
        }
    }
}

pub(super) fn doses(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    debug_assert_eq!(batch.table(), TableId::Adex);
    let schema = Arc::clone(batch.schema());
    for one in finished {
        for dose in &one.enrolled.person.seen.doses {
            let regimen = &plan.trial.regimens[dose.regimen];
            let until = dose.until.min(one.outcome.followed).max(dose.day);
            subject(plan, batch, one);
            in_period(plan, batch, one, plan.period_at(dose.day));
            batch.number(schema.at("ASTTIME"), dose.day);
            batch.number(schema.at("AENTIME"), until);
            batch.text(schema.at("EXTRT"), &regimen.treatment);
            batch.number(schema.at("EXDOSE"), dose.amount);
            batch.maybe_text(schema.at("EXDOSU"), unit_text(&regimen.unit).as_deref());
            if let Some(route) = &regimen.route {
                batch.text(schema.at("EXROUTE"), route);
            }
            batch.flag(schema.at("DOSEFL"), dose.taken);
            let rule = dose.rule.map(|rule| plan.trial.rules[rule].id.as_str());
            batch.maybe_text(schema.at("EXADJ"), rule);
            on_day(plan, batch, one, "EXSTDY", dose.day);
            on_day(plan, batch, one, "EXENDY", until);
            batch.end_row();
        }
    }
}
