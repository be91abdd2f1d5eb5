//! What may be wrong where two units do not fit: the number or name that probably lacks one.

use super::arithmetic::Meeting;
use super::{Checker, Names};
use crate::Unit;
use crate::check::world::{Entry, Item, Known, Role, World};
use crate::syntax::{Expr, ExprKind, Operator, StatementKind};
use proband_diag::{Diagnostic, code};

impl Checker<'_> {
    /// Reports that two units differ.
    pub(super) fn mismatch(&mut self, a: &Unit, b: &Unit, meeting: &Meeting<'_>) {
        let message = format!("cannot {}: {a:#} and {b:#}", meeting.verb);
        let help = bare_factor(meeting.right)
            .map(|number| may_need(number, &a.per(b)))
            .or_else(|| bare_factor(meeting.left).map(|number| may_need(number, &b.per(a))))
            .or_else(|| self.suspect(meeting.right))
            .or_else(|| self.suspect(meeting.left))
            .or_else(|| named_per_area((a, meeting.left), (b, meeting.right)))
            .or_else(|| named_per_area((b, meeting.right), (a, meeting.left)))
            .or_else(|| a.difference(b));
        let fault = Diagnostic::error(code::UNIT_MISMATCH, message, meeting.span)
            .label(meeting.left.span, format!("{a:#}"))
            .label(meeting.right.span, format!("{b:#}"))
            .maybe_help(help);
        self.faults.push(fault);
    }

    /// A name in an expression whose definition probably lacks a unit.
    fn suspect(&self, e: &Expr) -> Option<String> {
        let Names::Model(world) = self.names else { return None };
        let mut names = Vec::new();
        names_in(e, &mut names);
        let items: Vec<&Item> =
            names.iter().filter_map(|name| item_named(world, self.frame.space, name)).collect();
        items
            .iter()
            .find(|item| has_forgotten_unit(item))
            .map(|item| {
                let line = world.line(item.span);
                format!("`{}` (line {line}) has no unit", item.name)
            })
            .or_else(|| {
                items
                    .iter()
                    .find_map(|item| bare_reference(world, item))
                    .map(|number| format!("the reference value `{number}` has no unit"))
            })
    }
}

/// A number that lacks `per area`, beside a quantity that has it: `egfr < 50 mL/min`.
fn named_per_area(quantity: (&Unit, &Expr), number: (&Unit, &Expr)) -> Option<String> {
    let ExprKind::Path(path) = &quantity.1.kind else { return None };
    let ExprKind::Number(value, Some(_)) = &number.1.kind else { return None };
    let name = &path.single()?.text;
    let per_area = quantity.0.is_per_area_of(number.0);
    per_area.then(|| format!("`{name}` is per area: write `{value} {}`", quantity.0))
}

fn may_need(number: f64, unit: &Unit) -> String {
    format!("the number `{number}` may need the unit {unit:#}")
}

/// A number without unit that multiplies a term, unless it is a small count.
fn bare_factor(e: &Expr) -> Option<f64> {
    let ExprKind::Fold(first, rest) = &e.kind else { return None };
    if rest[0].operator != Operator::Multiply && rest[0].operator != Operator::Divide {
        return None;
    }
    let factors = rest.iter().filter(|link| link.operator == Operator::Multiply);
    let mut parts = std::iter::once(&**first).chain(factors.map(|link| &link.right));
    parts.find_map(|part| match &part.kind {
        ExprKind::Number(value, None) if value.fract().abs() > 0.0 || value.abs() > 10.0 => {
            Some(*value)
        }
        _ => None,
    })
}

/// The single names in an expression, in order.
fn names_in<'a>(e: &'a Expr, names: &mut Vec<&'a str>) {
    match &e.kind {
        ExprKind::Path(path) => names.extend(path.single().map(|name| name.text.as_str())),
        ExprKind::Negated(inner) | ExprKind::Given(inner, _) => names_in(inner, names),
        ExprKind::Power(base, ..) => names_in(base, names),
        ExprKind::Fold(first, rest) => {
            names_in(first, names);
            for link in rest {
                names_in(&link.right, names);
            }
        }
        _ => {}
    }
}

fn item_named<'a>(world: &'a World, space: usize, name: &str) -> Option<&'a Item> {
    let Entry::Quantity(quantity) = world.spaces[space].names.get(name)?.entry else {
        return None;
    };
    let item = world.quantities[quantity].members.values().next()?;
    Some(&world.items[*item])
}

fn definition(item: &Item) -> Option<&Expr> {
    match &item.statement.kind {
        StatementKind::Param { value, .. } | StatementKind::Let { value, .. } => Some(value),
        _ => None,
    }
}

fn has_forgotten_unit(item: &Item) -> bool {
    let bare = definition(item).is_some_and(|e| match &leftmost(e).kind {
        ExprKind::Number(_, unit) => unit.is_none(),
        _ => false,
    });
    let plain = matches!(&item.known, Known::Type(known) if known.unit == Unit::one());
    item.role == Role::Parameter && bare && plain
}

fn leftmost(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Fold(first, _) => leftmost(first),
        _ => e,
    }
}

/// The 70 of `(wt / 70)^0.75`.
fn bare_reference(world: &World, item: &Item) -> Option<f64> {
    divided_by_bare(world, item.frame.space, definition(item)?)
}

fn divided_by_bare(world: &World, space: usize, e: &Expr) -> Option<f64> {
    match &e.kind {
        ExprKind::Negated(inner) | ExprKind::Given(inner, _) => {
            divided_by_bare(world, space, inner)
        }
        ExprKind::Power(base, ..) => divided_by_bare(world, space, base),
        ExprKind::Fold(first, rest) => {
            if let (Some(number), true) = (divisor(rest), has_unit(world, space, first)) {
                return Some(number);
            }
            divided_by_bare(world, space, first).or_else(|| {
                rest.iter().find_map(|link| divided_by_bare(world, space, &link.right))
            })
        }
        _ => None,
    }
}

fn divisor(rest: &[crate::syntax::Link]) -> Option<f64> {
    match (rest[0].operator, &rest[0].right.kind) {
        (Operator::Divide, ExprKind::Number(value, None)) => Some(*value),
        _ => None,
    }
}

fn has_unit(world: &World, space: usize, e: &Expr) -> bool {
    let ExprKind::Path(path) = &e.kind else { return false };
    let item = path.single().and_then(|name| item_named(world, space, &name.text));
    matches!(item.map(|item| &item.known),
        Some(Known::Type(known)) if !known.unit.is_dimensionless())
}
