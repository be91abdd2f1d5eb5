//! The one place where a factor enters: a value in one unit becomes one in another.

use super::{Checker, Names};
use crate::check::typed::Typed;
use crate::{Binary, Expr as Value, Unit};

impl Checker<'_> {
    /// The value in another unit of the same dimension.
    pub(crate) fn convert(&mut self, value: Typed, to: &Unit) -> Value {
        if value.any_unit {
            return value.expr;
        }
        let Some(conversion) = value.unit.conversion_to(to) else { return value.expr };
        let mut expr = scaled(value.expr, conversion.factor, &value.unit, to);
        for power in conversion.powers {
            let mut exponent: Option<Value> = None;
            for symbol in &power.symbols {
                let next = self.exponent(symbol);
                exponent = Some(match exponent {
                    None => next,
                    Some(before) => Value::binary(Binary::Mul, before, next),
                });
            }
            let Some(exponent) = exponent else { continue };
            let factor = Value::binary(Binary::Pow, Value::Number(power.ratio), exponent);
            expr = Value::binary(Binary::Mul, expr, factor);
        }
        expr
    }

    fn exponent(&self, symbol: &str) -> Value {
        match &self.names {
            Names::Model(world) => {
                let id = world.model.symbol(symbol);
                Value::Symbol(id.expect("exponents are named after symbols"))
            }
            Names::Outside(_) => Value::Number(f64::NAN),
        }
    }

    /// The value as a plain number: `mL/L` and `%` become fractions of one.
    pub(crate) fn plain(&mut self, value: Typed) -> Typed {
        let (any_unit, bare, level) = (value.any_unit, value.bare, value.level);
        let expr = self.convert(value, &Unit::one());
        Typed { any_unit, bare, ..Typed::number(expr, Unit::one(), level) }
    }
}

/// A factor of 1 leaves no trace; a number is converted now, by a division where that is exact.
#[expect(clippy::float_cmp, reason = "the factor of equal units is exactly 1")]
fn scaled(expr: Value, factor: f64, from: &Unit, to: &Unit) -> Value {
    if factor == 1.0 {
        return expr;
    }
    match expr {
        Value::Number(value) => Value::Number(scaled_number(value, factor, from, to)),
        expr => Value::binary(Binary::Mul, expr, Value::Number(factor)),
    }
}

/// A number as its author would have written it in the other unit: `39.9 %` is 0.399 to the last bit,
/// which neither a product nor a quotient of doubles gives.
#[expect(clippy::float_cmp, reason = "powers of ten and whole numbers are exact")]
fn scaled_number(value: f64, factor: f64, from: &Unit, to: &Unit) -> f64 {
    let decimal = |power: &i32| format!("1e{power}").parse() == Ok(factor);
    if let Some(power) = (-18..=18).find(decimal) {
        return format!("{value}e{power}").parse().unwrap_or(value * factor);
    }
    match to.factor_to(from).filter(|inverse| inverse.floor() == *inverse) {
        Some(inverse) => value / inverse,
        None => value * factor,
    }
}
