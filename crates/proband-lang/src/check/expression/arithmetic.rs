//! Sums, products and powers.

use super::{Checker, Names};
use crate::check::constant::constant;
use crate::check::typed::Typed;
use crate::syntax::{Expr, ExprKind, Link, Operator};
use crate::{Binary, Expr as Value, Level, Unary, Unit};
use proband_diag::{Diagnostic, Span, code};

/// Two expressions that must be of one unit.
pub(crate) struct Meeting<'a> {
    /// What is done with them: `add`, `compare`.
    pub(crate) verb: &'static str,
    pub(crate) span: Span,
    pub(crate) left: &'a Expr,
    pub(crate) right: &'a Expr,
}

impl Checker<'_> {
    pub(super) fn negated(&mut self, inner: &Expr, span: Span) -> Option<Typed> {
        if let Some((leading, symbol)) = self.leading
            && leading == span
        {
            let mut value = self.a_number(inner, "`-`")?;
            value.expr = Value::Symbol(symbol);
            value.level = Level::Twin;
            return Some(value);
        }
        let mut value = self.a_number(inner, "`-`")?;
        value.expr = match value.expr {
            Value::Number(number) => Value::Number(-number),
            expr => Value::unary(Unary::Neg, expr),
        };
        Some(value)
    }

    pub(super) fn sum(&mut self, first: &Expr, rest: &[Link]) -> Option<Typed> {
        let mut value = self.a_number(first, "a sum");
        let mut before = first;
        for link in rest {
            let right = self.a_number(&link.right, "a sum");
            value = match (value, right) {
                (Some(a), Some(b)) => self.added(a, b, link, before),
                // A faulty term agrees with everything, but the sum has no value.
                _ => None,
            };
            before = &link.right;
        }
        value
    }

    fn added(&mut self, a: Typed, b: Typed, link: &Link, before: &Expr) -> Option<Typed> {
        let function = if link.operator == Operator::Add { Binary::Add } else { Binary::Sub };
        let verb = if link.operator == Operator::Add { "add" } else { "subtract" };
        let meeting = Meeting { verb, span: link.span, left: before, right: &link.right };
        let (a, b) = self.of_one_unit(a, b, &meeting)?;
        Some(Typed {
            expr: Value::binary(function, a.expr, b.expr),
            unit: a.unit,
            level: a.level.max(b.level),
            any_unit: a.any_unit && b.any_unit,
            bare: a.bare && b.bare,
            kind: a.kind,
        })
    }

    /// Both in one unit; a fault if they measure different things.
    pub(super) fn of_one_unit(
        &mut self,
        a: Typed,
        b: Typed,
        meeting: &Meeting<'_>,
    ) -> Option<(Typed, Typed)> {
        self.percent_rule(&a, &b, meeting)?;
        let unit = match common_unit(&a, &b) {
            Some(unit) => unit,
            None => {
                self.mismatch(&a.unit, &b.unit, meeting);
                return None;
            }
        };
        Some((self.in_unit(a, &unit), self.in_unit(b, &unit)))
    }

    /// The value in another unit of its dimension, with all else kept.
    pub(crate) fn in_unit(&mut self, value: Typed, unit: &Unit) -> Typed {
        let kept = Typed { expr: Value::Time, ..value.clone() };
        let expr = self.convert(value, unit);
        Typed { expr, unit: unit.clone(), ..kept }
    }

    /// A quantity in % meets a bare number only in `1 + x` and `1 - x`.
    fn percent_rule(&mut self, a: &Typed, b: &Typed, meeting: &Meeting<'_>) -> Option<()> {
        let bare = match (a.unit.is_percent(), b.unit.is_percent()) {
            (true, false) if b.bare && !b.any_unit => b,
            (false, true) if a.bare && !a.any_unit => a,
            _ => return Some(()),
        };
        let number = constant(&bare.expr).unwrap_or(f64::NAN);
        let sum = matches!(meeting.verb, "add" | "subtract");
        if sum && (number - 1.0).abs() < f64::EPSILON {
            return Some(());
        }
        self.faults.push(percent_number(number, meeting.span));
        None
    }

    pub(super) fn product(&mut self, first: &Expr, rest: &[Link]) -> Option<Typed> {
        let mut value = self.a_number(first, "a product");
        for link in rest {
            let right = self.a_number(&link.right, "a product");
            value = value.zip(right).map(|(a, b)| multiplied(a, b, link.operator));
        }
        value
    }

    pub(super) fn power(&mut self, base: &Expr, exponent: &Expr, sign: Span) -> Option<Typed> {
        let base = self.a_number(base, "a power");
        let exponent_value = self.plain_number(exponent, "an exponent");
        let (base, exponent_value) = (base?, exponent_value?);
        let level = base.level.max(exponent_value.level);
        if base.unit.is_dimensionless() {
            let bare = base.bare && exponent_value.bare;
            let base = self.plain(base).expr;
            let expr = Value::binary(Binary::Pow, base, exponent_value.expr);
            return Some(Typed { bare, ..Typed::number(expr, Unit::one(), level) });
        }
        match self.powered_unit(&base.unit, exponent, &exponent_value) {
            Some(unit) => {
                let expr = Value::binary(Binary::Pow, base.expr, exponent_value.expr);
                Some(Typed::number(expr, unit, level))
            }
            None => {
                let message = format!(
                    "a quantity in {} is raised to a power that is not a number or a parameter",
                    base.unit
                );
                let fault = Diagnostic::error(code::UNIT_POWER, message, sign)
                    .help("divide the base by a reference value");
                self.report(fault)
            }
        }
    }

    fn powered_unit(&self, unit: &Unit, exponent: &Expr, value: &Typed) -> Option<Unit> {
        if let Some(number) = constant(&value.expr) {
            return unit.decimal_power(number).or_else(|| root_of(unit, number));
        }
        let Names::Model(world) = &self.names else { return None };
        let Value::Symbol(symbol) = value.expr else { return None };
        let named = matches!(exponent.kind, ExprKind::Path(_)) && value.level <= Level::Twin;
        named.then(|| unit.powered_by(&world.model.symbols[symbol.index()].name))
    }

    /// A plain number: a fault if the value has a unit.
    pub(crate) fn plain_number(&mut self, e: &Expr, user: &str) -> Option<Typed> {
        self.plain_number_at(e, user, e.span)
    }

    /// The same, with the place to report.
    pub(crate) fn plain_number_at(
        &mut self,
        e: &Expr,
        user: &str,
        span: Span,
    ) -> Option<Typed> {
        let value = self.a_number(e, user)?;
        if value.unit.is_dimensionless() {
            return Some(self.plain(value));
        }
        let message = format!("{user} must have no unit, but has {}", value.unit);
        let fault = Diagnostic::error(code::NOT_DIMENSIONLESS, message, span)
            .help(format!("divide by a reference value, or write `(... in {})`", value.unit));
        self.report(fault)
    }
}

/// `x^(1/3)`: the unit for an exponent that is no short decimal but a fraction of small numbers.
fn root_of(unit: &Unit, exponent: f64) -> Option<Unit> {
    (2..=12_i64).find_map(|denominator| {
        let numerator = exponent * denominator as f64;
        let whole = numerator.round();
        let near = (numerator - whole).abs() < 1e-12 && whole.abs() < 1000.0;
        near.then(|| unit.power(whole as i64, denominator))
    })
}

/// Where two units meet, numbers known now are converted rather than what is computed later.
pub(crate) fn common_unit(a: &Typed, b: &Typed) -> Option<Unit> {
    if a.any_unit {
        return Some(b.unit.clone());
    }
    if b.any_unit {
        return Some(a.unit.clone());
    }
    if !a.unit.same_dimension(&b.unit) {
        return None;
    }
    let to_right = a.is_constant() && !b.is_constant() && !b.unit.is_percent();
    Some(if to_right || a.bare { plain_first(a, b) } else { a.unit.clone() })
}

/// Beside a bare number everything is counted in ones.
fn plain_first(a: &Typed, b: &Typed) -> Unit {
    if a.bare { a.unit.clone() } else { b.unit.clone() }
}

pub(crate) fn percent_number(number: f64, span: Span) -> Diagnostic {
    let message = format!("a quantity in % meets the bare number {number}");
    Diagnostic::error(code::PERCENT_NUMBER, message, span).help(format!(
        "write `{number} %` for percent, or `{} %` for the fraction",
        number * 100.0
    ))
}

pub(super) fn multiplied(a: Typed, b: Typed, operator: Operator) -> Typed {
    let (function, unit) = match operator {
        Operator::Divide => (Binary::Div, a.unit.per(&b.unit)),
        _ => (Binary::Mul, a.unit.times(&b.unit)),
    };
    let expr = Value::binary(function, a.expr, b.expr);
    Typed { bare: a.bare && b.bare, ..Typed::number(expr, unit, a.level.max(b.level)) }
}
