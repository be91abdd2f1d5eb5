//! The right sides of declarations: in the declared unit, or of the declared category.

use super::expression::{Checker, Names};
use super::typed::{Levels, Typed, kind_name};
use super::world::Type;
use crate::syntax::{Binding, Expr, ExprKind, Head, UnitText};
use crate::{Expr as Value, Kind, Level, Unit};
use proband_diag::{Diagnostic, Span, code};

impl Checker<'_> {
    /// A value with the unit that its declaration gives, if it gives one.
    pub(crate) fn defined(
        &mut self,
        value: &Expr,
        unit: Option<&UnitText>,
        name: &str,
        span: Span,
    ) -> Option<Typed> {
        let Some(text) = unit else { return self.check(value) };
        let unit = self.unit(text);
        let checked = self.a_number(value, &format!("`{name}`"));
        self.in_declared(checked?, &unit?, value, name, span)
    }

    /// The value in a declared unit.
    pub(crate) fn in_declared(
        &mut self,
        value: Typed,
        unit: &Unit,
        e: &Expr,
        name: &str,
        span: Span,
    ) -> Option<Typed> {
        if value.any_unit || value.unit.same_dimension(unit) {
            if unit.is_percent() && value.bare && !value.any_unit {
                let number = super::constant::constant(&value.expr).unwrap_or(f64::NAN);
                self.report(super::expression::percent_number(number, span));
                return None;
            }
            let value = self.in_unit(value, unit);
            return Some(Typed { any_unit: false, bare: false, ..value });
        }
        let has = has_unit(&value.unit);
        let message = format!("`{name}` is declared in {unit}, but its expression has {has}");
        let help = if value.unit.is_dimensionless() {
            bare_number(e)
                .map(|number| format!("write the unit after the number: `{number} {unit}`"))
        } else {
            value.unit.difference(unit)
        };
        let fault = Diagnostic::error(code::UNIT_MISMATCH, message, span)
            .label(e.span, format!("{:#}", value.unit))
            .maybe_help(help);
        self.report(fault)
    }

    /// The default of a covariate or input, or the like: of a declared type.
    pub(crate) fn declared(
        &mut self,
        e: &Expr,
        known: &Type,
        name: &str,
        span: Span,
    ) -> Option<Typed> {
        match &known.kind {
            Kind::Level(levels) => self.level_of(e, levels),
            _ => {
                let value = self.a_number(e, &format!("`{name}`"))?;
                self.in_declared(value, &known.unit, e, name, span)
            }
        }
    }

    pub(super) fn bound(
        &mut self,
        binding: &Binding,
        known: &Type,
        file: &str,
    ) -> Option<Typed> {
        let name = &binding.name;
        if let Kind::Level(levels) = &known.kind {
            return self.level_of(&binding.value, levels);
        }
        let value = self.a_number(&binding.value, &format!("`{}`", name.text))?;
        self.bound_number(value, &known.unit, binding, file)
    }

    /// A replacement in the unit of what it replaces.
    pub(crate) fn bound_number(
        &mut self,
        value: Typed,
        unit: &Unit,
        binding: &Binding,
        file: &str,
    ) -> Option<Typed> {
        if value.any_unit || value.unit.same_dimension(unit) {
            let value = self.in_unit(value, unit);
            return Some(Typed { any_unit: false, bare: false, ..value });
        }
        let name = &binding.name;
        let message = format!(
            "`{}` of `{file}` is in {unit}, but the expression has {}",
            name.text,
            has_unit(&value.unit)
        );
        let fault = Diagnostic::error(code::UNIT_MISMATCH, message, name.span)
            .maybe_help(value.unit.difference(unit));
        self.report(fault)
    }

    /// An observable of a category; without a value it is drawn alone, and its truth is missing.
    pub(super) fn of_category(
        &mut self,
        value: Option<&Expr>,
        text: &crate::syntax::SetText,
        head: &Head,
    ) -> Option<Typed> {
        let levels: Levels = match &self.names {
            Names::Model(world) => {
                match world.try_set(self.frame.space, text, &head.name.text) {
                    Ok(set) => set.levels(),
                    Err(fault) => {
                        super::sets::push_some(&mut self.faults, fault);
                        return None;
                    }
                }
            }
            Names::Outside(_) => return None,
        };
        match value {
            Some(value) => self.level_of(value, &levels),
            None => {
                let missing = Value::Number(f64::NAN);
                Some(Typed::of_category(missing, levels, Level::Constant))
            }
        }
    }

    pub(super) fn rate_of_hazard(
        &mut self,
        rate: &Expr,
        unit: Option<&UnitText>,
        name: &str,
        span: Span,
    ) -> Option<Typed> {
        let value = self.defined(rate, unit, name, span)?;
        let per_time = Unit::one().per(&Unit::hour());
        if !value.is_number() || !value.unit.same_dimension(&per_time) {
            let has = match value.is_number() {
                true => has_unit(&value.unit),
                false => format!("the value of {}", kind_name(&value.kind)),
            };
            let message = format!("a hazard is a rate (1/time), but `{name}` has {has}");
            return self.report(Diagnostic::error(code::UNIT_MISMATCH, message, span));
        }
        Some(value)
    }
}

/// `no unit`, `unit mg/L`.
pub(crate) fn has_unit(unit: &Unit) -> String {
    let shown = format!("{unit:#}");
    if shown == "no unit" { shown } else { format!("unit {shown}") }
}

/// The number with which an expression begins, if it has no unit.
fn bare_number(e: &Expr) -> Option<f64> {
    match &e.kind {
        ExprKind::Number(value, None) => Some(*value),
        ExprKind::Fold(first, _) => bare_number(first),
        ExprKind::Negated(inner) => bare_number(inner).map(|value| -value),
        _ => None,
    }
}
