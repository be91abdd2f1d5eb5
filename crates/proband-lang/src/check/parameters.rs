//! Parameters: the number that is their typical value, what spreads them, the limits of truncation.

use super::expression::Checker;
use super::spreads::Spreads;
use super::typed::Typed;
use super::world::{Bound, ItemId, Type, World};
use crate::syntax::{DrawText, Expr, ExprKind, Operator, Statement, StatementKind, UnitText};
use crate::{Expr as Value, Kind, Level, SymbolId, SymbolKind, Unit};
use proband_diag::{Diagnostic, Span, code};
use std::rc::Rc;

/// What the checker finds of a parameter.
struct Found {
    value: Typed,
    typical_unit: Unit,
    spreads: Spreads,
}

impl World {
    pub(crate) fn define_parameter(
        &mut self,
        id: ItemId,
        statement: &Rc<Statement>,
        bound: Option<&Bound>,
    ) -> Vec<ItemId> {
        let StatementKind::Param { value, unit, draw, .. } = &statement.kind else {
            return self.defined(id);
        };
        let (Some(symbol), frame) = (self.items[id].symbol, self.items[id].frame.clone())
        else {
            return self.defined(id);
        };
        let SymbolKind::Parameter(position) = self.model.symbols[symbol.index()].kind else {
            return self.defined(id);
        };
        let typical = self.model.parameters[position].typical;
        let item = &self.items[id];
        let (found, findings) = match bound.and_then(|b| Some((b, b.binding()?))) {
            None => self.attempt(&frame, |checker| {
                checker.parameter(
                    value,
                    unit.as_ref(),
                    draw.as_ref(),
                    typical,
                    &item.name,
                    item.span,
                )
            }),
            Some((bound, binding)) => {
                // The unit of the parameter is that of its own definition, which is replaced.
                let (own, own_findings) = self.attempt(&frame, |checker| {
                    checker.defined(value, unit.as_ref(), &item.name, item.span)
                });
                if !own_findings.missing.is_empty() {
                    return own_findings.missing;
                }
                self.attempt(&bound.frame, |checker| {
                    checker.replaced_parameter(binding, own.as_ref(), typical, &bound.file_name)
                })
            }
        };
        if !findings.missing.is_empty() {
            return findings.missing;
        }
        let place = bound.and_then(Bound::binding).map_or(statement.span, |b| b.name.span);
        self.keep(findings, place);
        let value = bound.and_then(Bound::binding).map_or(value, |binding| &binding.value);
        match found {
            Some(found) => self.finish_parameter(id, position, found, value, place),
            None => self.defined(id),
        }
    }

    fn finish_parameter(
        &mut self,
        id: ItemId,
        position: usize,
        found: Found,
        e: &Expr,
        place: Span,
    ) -> Vec<ItemId> {
        let Found { value, typical_unit, spreads } = found;
        if value.level > Level::Twin {
            self.not_per_twin(id, &value.expr, place);
            return self.defined(id);
        }
        let typical = self.model.parameters[position].typical;
        self.model.symbols[typical.index()].unit = typical_unit;
        self.set_type(id, Type { unit: value.unit, kind: Kind::Number, level: Level::Twin });
        let parameter = &mut self.model.parameters[position];
        parameter.expression = value.expr;
        parameter.typical_value = leading_number(e).map(|(_, value, _)| value);
        parameter.between_twins = spreads.between_twins;
        parameter.between_occasions = spreads.between_occasions;
        parameter.lower = spreads.lower;
        parameter.upper = spreads.upper;
        if let Some(waiting) = spreads.waiting {
            self.waiting.insert(position, waiting);
        }
        self.in_order(id)
    }

    fn not_per_twin(&mut self, id: ItemId, value: &Value, place: Span) {
        let item = &self.items[id];
        let cause = self.cause(value).unwrap_or_else(|| "time".to_owned());
        let message =
            format!("a parameter belongs to a twin, but `{}` depends on {cause}", item.name);
        let fault = Diagnostic::error(code::NOT_PER_TWIN, message, item.span)
            .help("write `let`, or make the cause a covariate");
        self.keep_fault(fault, place);
    }
}

/// The number with which an expression begins and which is its typical value: the first factor of
/// the first term, with its sign. The place, the value, and the unit as written.
pub(crate) fn leading_number(e: &Expr) -> Option<(Span, f64, Option<&UnitText>)> {
    match &e.kind {
        ExprKind::Fold(first, rest) => {
            let sum = matches!(rest[0].operator, Operator::Add | Operator::Subtract);
            let inner_sum = matches!(&first.kind, ExprKind::Fold(_, links)
                if matches!(links[0].operator, Operator::Add | Operator::Subtract));
            if inner_sum && !sum { None } else { leading_number(first) }
        }
        ExprKind::Number(value, unit) => Some((e.span, *value, unit.as_ref())),
        ExprKind::Negated(inner) => match &inner.kind {
            ExprKind::Number(value, unit) => Some((e.span, -*value, unit.as_ref())),
            _ => None,
        },
        _ => None,
    }
}

impl Checker<'_> {
    fn parameter(
        &mut self,
        e: &Expr,
        unit: Option<&UnitText>,
        draw: Option<&DrawText>,
        typical: SymbolId,
        name: &str,
        span: Span,
    ) -> Option<Found> {
        let leading = leading_number(e);
        self.leading = leading.map(|(place, ..)| (place, typical));
        let value = self.defined(e, unit, name, span);
        self.leading = None;
        self.with_spread(value?, e, draw, name, span)
    }

    fn replaced_parameter(
        &mut self,
        binding: &crate::syntax::Binding,
        own: Option<&Typed>,
        typical: SymbolId,
        file: &str,
    ) -> Option<Found> {
        let e = &binding.value;
        self.leading = leading_number(e).map(|(place, ..)| (place, typical));
        let value = self.a_number(e, &format!("`{}`", binding.name.text));
        self.leading = None;
        let value = self.bound_number(value?, &own?.unit, binding, file)?;
        let name = &binding.name;
        self.with_spread(value, e, binding.draw.as_ref(), &name.text, name.span)
    }

    fn with_spread(
        &mut self,
        value: Typed,
        e: &Expr,
        draw: Option<&DrawText>,
        name: &str,
        span: Span,
    ) -> Option<Found> {
        if !value.is_number() {
            let message = format!(
                "`{name}` needs a number, not {}",
                super::typed::kind_name(&value.kind)
            );
            self.report(Diagnostic::error(code::KIND_MISMATCH, message, span));
            return None;
        }
        let mut value = Typed { any_unit: false, bare: false, ..value };
        let mut spreads = Spreads::default();
        if let Some(draw) = draw {
            if ["bernoulli", "logitnormal"].contains(&draw.distribution.text.as_str())
                && value.unit.is_dimensionless()
            {
                value = self.plain(value);
                value.bare = false;
            }
            self.spreads_per_twin = true;
            spreads = self.spreads(draw, &value.unit, name)?;
        }
        let typical_unit = match leading_number(e) {
            Some((_, _, Some(text))) => self.unit(text)?,
            Some((_, number, None)) if number.abs() > 0.0 => Unit::one(),
            _ => value.unit.clone(),
        };
        Some(Found { value, typical_unit, spreads })
    }
}
