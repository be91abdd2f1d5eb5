//! `adsl` and `twins`.

use super::{Finished, on_day, subject, unit_text};
use crate::calendar::Site;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::tables::{Batch, Schema, Variable, study_day};
use proband_trial::Trial;
use std::sync::Arc;

/// The covariates of a trial as columns.
pub(super) fn covariates(trial: &Trial) -> Vec<Variable> {
    let variable = |covariate: &proband_cohort::Covariate| Variable {
        name: covariate.name.clone(),
        unit: unit_text(&covariate.unit),
        label: None,
        levels: covariate.levels.is_some(),
    };
    trial.population.covariates().iter().map(variable).collect()
}

/// The parameters of all models as columns, named by the model as well where there are several.
pub(super) fn parameters(trial: &Trial) -> Vec<Variable> {
    let several = trial.models.len() > 1;
    let of_model = |model: &proband_trial::TrialModel| {
        let variable = |parameter: &proband_lang::Parameter| {
            let symbol = &model.model.symbols[parameter.symbol.index()];
            let name = if several {
                format!("{}.{}", model.id, symbol.name)
            } else {
                symbol.name.clone()
            };
            let unit = unit_text(&symbol.unit);
            Variable { name, unit, label: symbol.text.clone(), levels: false }
        };
        model.model.parameters.iter().map(variable).collect::<Vec<_>>()
    };
    trial.models.iter().flat_map(of_model).collect()
}

pub(super) fn adsl(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    let first_covariate = schema.at("TRT01A").0 + 1;
    for one in finished {
        let (person, trial) = (&one.enrolled.person, plan.trial);
        let arm = &trial.arms[one.enrolled.arm];
        subject(plan, batch, one);
        batch.integer(schema.at("TWIN"), i32::try_from(person.twin.number).ok());
        batch.text(schema.at("ARMCD"), &arm.id);
        batch.text(schema.at("ARM"), &arm.title);
        write_covariates(plan, batch, &schema, first_covariate, &person.covariates);
        for (index, (stratum, &level)) in
            trial.design.strata.iter().zip(&one.enrolled.strata).enumerate()
        {
            batch.text(schema.at(&format!("STRAT{}R", index + 1)), &stratum.levels[level]);
        }
        on_day(plan, batch, one, "SCRNDY", plan.screening);
        arrival(plan, batch, &schema, one);
        sequence(plan, batch, &schema, one);
        batch.flag(schema.at("ITTFL"), one.enrolled.factual);
        batch.flag(schema.at("SAFFL"), one.outcome.treated);
        batch.flag(schema.at("COMPLFL"), one.outcome.trial.why.is_none());
        batch.flag(schema.at("FACTFL"), one.enrolled.factual);
        batch.flag(schema.at("IMPLFL"), !person.truth.implausible.is_empty());
        ending(plan, batch, &schema, one);
        batch.end_row();
    }
}

/// The sequence of a crossover, and the treatments that it names.
fn sequence(plan: &Plan<'_>, batch: &mut Batch, schema: &Schema, one: &Finished<'_>) {
    let Some(crossover) = &plan.trial.design.crossover else { return };
    let sequence = &crossover.sequences[one.enrolled.path];
    batch.text(schema.at("TRTSEQP"), &sequence.id);
    for (period, &arm) in sequence.arms.iter().enumerate() {
        let column = schema.at(&format!("TRT{:02}P", period + 1));
        batch.text(column, &plan.trial.arms[arm].title);
    }
}

/// When and where the participant came.
fn arrival(plan: &Plan<'_>, batch: &mut Batch, schema: &Schema, one: &Finished<'_>) {
    let arrival = one.enrolled.person.arrival;
    let Some(accrual) = &plan.trial.accrual else { return };
    // The date is that of day 1; the number counts from the first day of accrual.
    on_day(plan, batch, one, "RANDDY", 0.0);
    batch.integer(schema.at("RANDDY"), study_day(arrival.entry));
    let Some(Site { kind, number, .. }) = arrival.site else { return };
    let Some(sites) = &accrual.sources[kind].sites else { return };
    if sites.count == 1 {
        batch.text(schema.at("SITEID"), &sites.id);
    } else {
        let digits = sites.count.to_string().len();
        let id = format!("{}-{:0digits$}", sites.id, number + 1);
        batch.text(schema.at("SITEID"), &id);
    }
    batch.maybe_text(schema.at("REGION1"), sites.region.as_deref());
}

/// How treatment and study ended.
fn ending(plan: &Plan<'_>, batch: &mut Batch, schema: &Schema, one: &Finished<'_>) {
    let Outcome { treatment, trial, .. } = one.outcome;
    let columns =
        [(treatment, "EOTSTT", "EOTDY", "DCTREAS"), (trial, "EOSSTT", "EOSDY", "DCSREAS")];
    for (departure, status, day, reason) in columns {
        batch.text(schema.at(status), departure.status());
        on_day(plan, batch, one, day, departure.day);
        if let Some(why) = &departure.why {
            batch.text(schema.at(reason), why.reason(plan.trial));
        }
    }
    let mut doses = one.enrolled.person.seen.doses.iter().filter(|dose| dose.taken);
    if let Some(first) = doses.next() {
        let last = doses.next_back().unwrap_or(first);
        on_day(plan, batch, one, "TRTSDY", first.day);
        on_day(plan, batch, one, "TRTEDY", last.until.min(one.outcome.followed));
    }
}

/// Writes the covariates, whose columns stand together from the `first` on.
fn write_covariates(
    plan: &Plan<'_>,
    batch: &mut Batch,
    schema: &Schema,
    first: usize,
    values: &[f64],
) {
    let mut at = first;
    for (covariate, &value) in plan.trial.population.covariates().iter().zip(values) {
        let column = schema.nth(at);
        match &covariate.levels {
            Some(levels) => {
                if let Some(level) = levels.get(value as usize) {
                    batch.text(column, level);
                }
            }
            None => batch.number(column, value),
        }
        at += 1;
        if schema.columns.get(at).is_some_and(|column| column.name == "AGEU") {
            batch.text(schema.nth(at), "YEARS");
            at += 1;
        }
    }
}

pub(super) fn twins(plan: &Plan<'_>, batch: &mut Batch, finished: &[Finished<'_>]) {
    let schema = Arc::clone(batch.schema());
    let first = schema.at("TRT01P").0 + 1;
    for one in finished {
        let person = &one.enrolled.person;
        subject(plan, batch, one);
        batch.integer(schema.at("TWIN"), i32::try_from(person.twin.number).ok());
        write_covariates(plan, batch, &schema, first, &person.covariates);
        let parameters = schema.columns.len() - person.parameters.len();
        for (index, &value) in person.parameters.iter().enumerate() {
            batch.number(schema.nth(parameters + index), value);
        }
        batch.end_row();
    }
}
