//! Covariates that are expressions of others, checked in an order in which each needs only those
//! before it.

use crate::expression::{Context, Names, Quantities, TrialScope};
use crate::reading::Reading;
use crate::toml::{Entry, Text};
use proband_cohort::Law;
use proband_diag::{Diagnostic, Faults, code};
use proband_lang::{Checked, check_expression};

/// The laws of those covariates that are expressions; their units and kinds go into `names`.
pub(super) fn check(
    entries: &[Entry],
    names: &mut Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Vec<Option<Law>> {
    let mut laws: Vec<Option<Law>> = vec![None; entries.len()];
    let mut open: Vec<(usize, &Text)> = entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| entry.node.as_text().map(|text| (index, text)))
        .collect();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|(index, text)| {
            let tried = attempt(text, names, quantities, reading);
            if let Tried::Sound(checked) = &tried {
                names.covariates[*index].value =
                    Some((checked.unit.clone(), checked.kind.clone()));
                laws[*index] = Some(law(checked));
            }
            names.covariates[*index].faulty |= matches!(tried, Tried::Faulty);
            matches!(tried, Tried::Blocked)
        });
        if open.len() == before {
            circular(&open, entries, names, reading);
            break;
        }
    }
    laws
}

enum Tried {
    Sound(Box<Checked>),
    Faulty,
    Blocked,
}

fn attempt(
    text: &Text,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Tried {
    let mut faults = Faults::default();
    let mut scope = TrialScope::new(names, quantities, Context::Draw);
    let checked = check_expression(text.fragment(), &mut scope, &mut faults);
    if scope.blocked {
        return Tried::Blocked;
    }
    let later = scope.later;
    let sound = later.is_empty();
    for (span, what) in later {
        reading.later(span, &what);
    }
    reading.faults.extend(faults);
    match checked {
        Some(checked) if sound => Tried::Sound(Box::new(checked)),
        _ => Tried::Faulty,
    }
}

fn law(checked: &Checked) -> Law {
    match checked.expr.as_number() {
        Some(value) => Law::Constant(value),
        None => Law::Derived(checked.expr.clone()),
    }
}

/// Reports the first of the expressions that wait for each other.
fn circular(
    open: &[(usize, &Text)],
    entries: &[Entry],
    names: &mut Names,
    reading: &mut Reading,
) {
    let ids: Vec<&str> = open.iter().map(|(index, _)| entries[*index].key.as_str()).collect();
    for (index, _) in open {
        names.covariates[*index].faulty = true;
    }
    if let Some((index, text)) = open.first() {
        let message = format!("`{}` is defined by itself", entries[*index].key);
        let help = format!("through {}", ids.join(", "));
        let span = text.place();
        reading.fault(Diagnostic::error(code::CIRCULAR_DEFINITION, message, span).help(help));
    }
}
