//! `history`: what earlier trials say of the reference arm.

use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table};
use crate::values;
use crate::{AnalysisMethod, History};
use proband_diag::{Diagnostic, code};

/// Reads `history`, which the Bayesian methods borrow from.
pub(super) fn read(
    table: &Table<'_>,
    methods: &[AnalysisMethod],
    reading: &mut Reading,
) -> Option<History> {
    let entry = table.get("history")?;
    let path = table.path_of("history");
    let of_counts = methods == [AnalysisMethod::BetaBinomial];
    if !of_counts && methods != [AnalysisMethod::NormalNormal] {
        return None;
    }
    let keys = if of_counts { keys::HISTORY_OF_COUNTS } else { keys::HISTORY_OF_MEANS };
    let history = Table::open(&entry.node, path, keys, reading)?;
    let before = reading.faults.len();
    let read = if of_counts { counts(&history, reading) } else { means(&history, reading) };
    read.filter(|_| reading.faults.len() == before)
}

fn counts(table: &Table<'_>, reading: &mut Reading) -> Option<History> {
    let why = "what was seen of the control arms of earlier trials, one number each";
    let wholes = |n: &Node, r: &mut Reading| values::list(n, r, values::whole);
    let events = table.required("events", why, reading, wholes)?;
    let total = table.required("total", why, reading, wholes)?;
    let fits = |(events, total): (&u64, &u64)| events <= total;
    if events.len() != total.len() || !events.iter().zip(&total).all(fits) {
        let message = "each number of events has a total that is as large";
        let span = table.place("total");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    let weight = table.required(
        "weight",
        "how much the past counts, from 0 to 1 (as much as this trial)",
        reading,
        values::part,
    )?;
    Some(History::Counts { events: events.iter().sum(), total: total.iter().sum(), weight })
}

fn means(table: &Table<'_>, reading: &mut Reading) -> Option<History> {
    let why = "the means of the control arms of earlier trials, in the unit of the endpoint";
    let numbers = |n: &Node, r: &mut Reading| values::list(n, r, values::number);
    let above_0 = |n: &Node, r: &mut Reading| values::list(n, r, values::positive);
    let estimates = table.required("means", why, reading, numbers)?;
    let errors = table.required("errors", "their standard errors", reading, above_0)?;
    if estimates.len() != errors.len() {
        let message = "each mean has a standard error";
        let span = table.place("errors");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    let between = table.required(
        "between",
        "the scale of the half-normal belief about how much trials differ",
        reading,
        values::positive,
    )?;
    let robust = table.read("robust", reading, values::share);
    let vague = table.read("vague", reading, values::positive);
    let robust = match (robust, vague) {
        (Some(weight), Some(sd)) => Some((weight, sd)),
        (None, None) => None,
        _ => {
            let message =
                "`robust` is the weight of a vague belief, and `vague` its standard deviation";
            let span = table.place(if robust.is_some() { "robust" } else { "vague" });
            let fault = Diagnostic::error(code::MISSING_KEY, message, span);
            reading.fault(fault.help("both, or neither"));
            None
        }
    };
    Some(History::Means { estimates, errors, between, robust })
}
