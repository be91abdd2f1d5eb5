//! `[regimen.ID]` and the regimens of arms and epochs: what is given, when, and into which model.

mod lines;
mod schedule;
mod told;

pub(crate) use told::{Giver, Told, tables, unused};

use crate::expression::{Context, Names, Quantities, Target, check};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Table, Value};
use crate::values;
use crate::{Expression, Infusion, Quantity, Regimen};
use lines::line_unit;
use proband_diag::{Diagnostic, code};
use proband_lang::Unit;
use told::OneTold;

impl Told {
    /// Checks every regimen, and puts the units of their doses into `names`.
    pub(crate) fn read(
        &self,
        names: &mut Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Vec<Regimen>> {
        let mut read = Vec::new();
        for (index, told) in self.list.iter().enumerate() {
            let regimen = told.read(names, quantities, reading);
            names.regimens[index].unit = regimen.as_ref().map(|regimen| regimen.unit.clone());
            read.push(regimen);
        }
        read.into_iter().collect()
    }

    /// Reports regimens that reach no model: neither by a dose line, nor by an input that reads
    /// `daily_dose`, nor declared as recorded only.
    pub(crate) fn unreached(
        &self,
        regimens: &[Regimen],
        quantities: &Quantities,
        names: &Names,
        reading: &mut Reading,
    ) {
        let daily = quantities.daily_doses();
        for (index, regimen) in regimens.iter().enumerate() {
            let told = &self.list[index];
            let recorded = told.flag("record_only");
            let read = daily.contains(&index);
            if regimen.lines.is_empty() && !recorded && !read && !names.incomplete {
                reading.fault(told.reaches_nothing(names));
            }
            if let Some(entry) = told.node.get("record_only").filter(|_| recorded && read) {
                let message = format!(
                    "`record_only` says that it acts on no model, and an input reads \
                     `daily_dose({})`",
                    told.id
                );
                let fault = Diagnostic::error(code::CONFLICTING_KEYS, message, entry.key_span);
                reading.fault(fault.help("keep one"));
            }
        }
    }
}

impl Quantities {
    /// The regimens that some `daily_dose` reads.
    fn daily_doses(&self) -> Vec<usize> {
        let mut found = Vec::new();
        for quantity in self.iter() {
            if let Quantity::DailyDose { regimens, .. } = quantity {
                found.extend(regimens);
            }
        }
        found
    }
}

impl OneTold {
    fn flag(&self, key: &str) -> bool {
        matches!(self.node.get(key).map(|entry| &entry.node.value), Some(Value::Flag(true)))
    }

    fn read(
        &self,
        names: &Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Regimen> {
        let table = Table::open(&self.node, self.path.clone(), keys::REGIMEN, reading)?;
        table.one_of(&["over", "rate"], "says how fast", reading);
        let recorded = table.or("record_only", (false, "false"), reading, values::flag);
        let lines =
            if recorded { Some(Vec::new()) } else { self.lines(&table, names, reading) };
        let unit = lines.as_ref().and_then(|lines| line_unit(lines, names));
        let amounts = self.amounts(&table, unit.as_ref(), names, quantities, reading);
        let held = amounts.as_ref().and_then(|amounts| amounts.first()).map(|a| a.unit.clone());
        let unit = unit.or(held);
        let infusion = unit.as_ref().and_then(|unit| infusion(&table, unit, reading));
        let schedule = self.schedule(&table, names, quantities, reading);
        let (start, step) = ladder(&table, amounts.as_ref().map(Vec::len), reading);
        let drug = table.read("drug", reading, values::text);
        let (schedule, amounts) = (schedule?, amounts?);
        Some(Regimen {
            id: self.id.clone(),
            names: self.names.clone(),
            treatment: drug.unwrap_or_else(|| self.names[self.names.len() - 1].clone()),
            route: table.read("route", reading, values::text).or_else(|| {
                let (model, line) = *lines.as_ref()?.first()?;
                Some(names.models[model].1.as_ref()?.doses[line].route.clone())
            }),
            lines: lines?,
            unit: unit?,
            amounts,
            start,
            step,
            every: schedule.every,
            on: schedule.on,
            times: schedule.times,
            infusion,
            from: schedule.from,
            until: schedule.until,
            until_seen: schedule.until_seen,
        })
    }

    fn amounts(
        &self,
        table: &Table<'_>,
        unit: Option<&Unit>,
        names: &Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Vec<Expression>> {
        let why = "the dose, such as `amount = \"10 mg\"`, or a list of rungs";
        let items = table.required("amount", why, reading, |node, reading| {
            values::list(node, reading, |item, reading| {
                values::string(item, "an amount is a quantity or an expression", reading)
            })
        })?;
        if items.is_empty() {
            let message = format!("`{}` has no amount", self.path);
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, table.span()));
            return None;
        }
        let what = if unit.is_some() { "the dose line takes" } else { "the first rung is in" };
        let mut wanted = unit.cloned();
        let mut amounts = Vec::new();
        for text in items {
            let target = Target::Amount { unit: wanted.as_ref(), what };
            let amount = check(text, Context::Dosing, &target, names, quantities, reading);
            if wanted.is_none() {
                wanted = amount.as_ref().map(|amount| amount.unit.clone());
            }
            amounts.push(amount);
        }
        amounts.into_iter().collect()
    }
}

/// `start` and `step` of a ladder.
fn ladder(
    table: &Table<'_>,
    rungs: Option<usize>,
    reading: &mut Reading,
) -> (usize, Option<f64>) {
    let start = table.read("start", reading, values::count);
    let step = table.read("step", reading, values::positive_duration);
    let Some(rungs) = rungs else {
        return (0, step);
    };
    if rungs == 1 {
        for key in ["start", "step"] {
            if let Some(entry) = table.get(key) {
                let message = format!("`{key}` moves on a ladder, and `amount` has one rung");
                reading.fault(
                    Diagnostic::error(code::NO_LADDER, message, entry.key_span)
                        .help("give `amount` a list: its entries are the rungs"),
                );
            }
        }
        return (0, None);
    }
    let start = match start {
        Some(start) => start,
        None => {
            reading.defaulted(table.path_of("start"), "1");
            1
        }
    };
    let position = usize::try_from(start - 1).unwrap_or(usize::MAX);
    if position >= rungs {
        let message = format!("there are {rungs} rungs, and this starts on rung {start}");
        let span = table.place("start");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    (position, step)
}

fn infusion(table: &Table<'_>, unit: &Unit, reading: &mut Reading) -> Option<Infusion> {
    if table.has("rate") {
        let per_day = unit.per(&Unit::day());
        let rate = table.read("rate", reading, |node, reading| {
            values::quantity(node, "rate", &per_day, reading)
        })?;
        if rate > 0.0 {
            return Some(Infusion::Rate(rate));
        }
        let span = table.place("rate");
        let message = "the rate of an infusion is above 0";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        return None;
    }
    table.read("over", reading, values::positive_duration).map(Infusion::Over)
}
