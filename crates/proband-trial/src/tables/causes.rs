//! What brings something about: a hazard, a chance, a condition of what the trial saw.

use crate::Expression;
use crate::expression::{Context, Names, Quantities, Target, check, condition};
use crate::reading::Reading;
use crate::toml::{Node, Table, Text, Value};
use crate::values::{self, Written};
use crate::words::listed;
use proband_diag::{Diagnostic, code};
use proband_lang::Unit;

/// Reports a table that states none of the causes that it can have, or several.
pub(crate) fn one(table: &Table<'_>, causes: &[&str], reading: &mut Reading) {
    table.one_of(causes, "states its cause", reading);
    if !causes.iter().any(|cause| table.has(cause)) {
        let message = format!("`{}` has no cause", table.path());
        let help = format!("give one of {}", listed(causes));
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
    }
}

/// A hazard: an expression of the truth, as a rate.
pub(crate) fn hazard(
    node: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    let text = values::string(node, "a hazard is a rate, as a text", reading)?;
    check(text, Context::Truth, &Target::Rate, names, quantities, reading)
}

/// A condition of what the trial saw.
pub(crate) fn seen(
    node: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    let text = values::string(node, "a condition is needed, as a text", reading)?;
    condition(text, Context::Seen, names, quantities, reading)
}

/// A chance: a share, or an expression of the truth.
pub(crate) fn chance(
    node: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    let text = match values::expression(node, reading)? {
        Written::Number => return constant_share(node, reading),
        Written::Text(text) if is_plain(text) => return constant_share(node, reading),
        Written::Text(text) => text,
    };
    check(text, Context::Truth, &Target::Share, names, quantities, reading)
}

/// Whether a text is a number with or without unit, rather than an expression.
fn is_plain(text: &Text) -> bool {
    let number = text.text.trim_end_matches(['%', ' ']);
    number.parse::<f64>().is_ok()
}

fn constant_share(node: &Node, reading: &mut Reading) -> Option<Expression> {
    let share = values::share(node, reading)?;
    let text = match &node.value {
        Value::Text(text) => text.text.clone(),
        Value::Number(digits) => digits.written.clone(),
        _ => String::new(),
    };
    Some(Expression::constant(share, Unit::one(), text, Some(node.span)))
}
