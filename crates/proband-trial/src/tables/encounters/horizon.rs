//! The calendar time by which the final look ends the trial, if its condition says. It is asked for before
//! the names of the trial are known, so that nothing else of the condition is looked at.

use crate::toml::{Node, Text, Value};
use crate::trial::at_least;
use proband_diag::{Faults, Span};
use proband_lang::{
    Argument, Binary, Checker, Expr, Kind, Meaning, Scope, SymbolId, Unit, check_expression,
};

const CALENDAR: SymbolId = SymbolId(0);
const OTHER: SymbolId = SymbolId(1);

/// Days since the first day of accrual.
pub(super) fn of(file: &Node) -> Option<f64> {
    let ends = final_looks(file);
    ends.iter().find_map(|look| bound(&condition(look.get("when")?.node.as_text()?)?))
}

/// Whether the looks, if there are any, have the one final look that could say it.
pub(super) fn can_be_told(file: &Node) -> bool {
    file.get("look").is_none() || final_looks(file).len() == 1
}

fn final_looks(file: &Node) -> Vec<&Node> {
    let is_final = |look: &&Node| {
        look.get("final").is_some_and(|flag| matches!(flag.node.value, Value::Flag(true)))
    };
    let looks = file.get("look").map_or(&[][..], |looks| looks.node.entries());
    looks.iter().map(|entry| &entry.node).filter(is_final).collect()
}

fn condition(text: &Text) -> Option<Expr> {
    // Whatever is wrong is told where the look is read.
    let checked = check_expression(text.fragment(), &mut Anything, &mut Faults::default());
    checked.map(|checked| checked.expr)
}

/// The time with which the calendar is compared, on its own or as one of several conditions joined by `or`.
fn bound(when: &Expr) -> Option<f64> {
    if let Expr::Binary(Binary::Or, left, right) = when {
        return bound(left).or_else(|| bound(right));
    }
    match at_least(when)? {
        (Expr::Symbol(CALENDAR), day) => day.constant(),
        _ => None,
    }
}

/// A scope that knows the calendar, and takes everything else for some number.
struct Anything;

impl Scope for Anything {
    fn name(&mut self, name: &str, _: Span) -> Meaning {
        let (symbol, unit) = match name {
            "calendar" => (CALENDAR, Unit::day()),
            _ => (OTHER, Unit::one()),
        };
        Meaning::Value { expr: Expr::Symbol(symbol), unit, kind: Kind::Number }
    }

    fn call(&mut self, _: &str, _: &[Argument<'_>], _: Span, _: &mut dyn Checker) -> Meaning {
        Meaning::Value { expr: Expr::Symbol(OTHER), unit: Unit::one(), kind: Kind::Number }
    }

    fn candidates(&self) -> Vec<String> {
        Vec::new()
    }

    fn time(&self) -> Option<Unit> {
        None
    }

    fn takes_time_points(&self) -> bool {
        true
    }

    fn is_continuous(&self, _: &Expr) -> bool {
        false
    }
}
