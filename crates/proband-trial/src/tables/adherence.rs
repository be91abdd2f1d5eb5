//! `[adherence]`: which scheduled doses are taken, and when.

use super::causes::chance;
use crate::expression::{Names, Quantities};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table};
use crate::values;
use crate::{Adherence, Expression};
use proband_lang::Unit;

/// Reads `[adherence]`, if it is there.
pub(crate) fn read(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Adherence> {
    let entry = file.get("adherence")?;
    let table = Table::open(&entry.node, "adherence", keys::ADHERENCE, reading)?;
    let taken = match table.get("taken") {
        Some(taken) => chance(&taken.node, names, quantities, reading),
        None => {
            reading.defaulted("adherence.taken", "100 %");
            Some(Expression::constant(1.0, Unit::one(), "100 %", None))
        }
    };
    let between = table.read("between", reading, values::positive);
    if !table.has("taken") {
        for key in ["between", "holiday"] {
            let message = format!("`{key}` is about doses that are missed: it needs `taken`");
            table.unused(key, &message, reading);
        }
    }
    Some(Adherence {
        taken: taken?,
        between: between.unwrap_or(0.0),
        late: table.read("late", reading, values::positive_duration),
        holiday: table.read("holiday", reading, values::positive_duration),
    })
}
