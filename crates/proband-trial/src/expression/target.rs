//! Checking an expression for its place: its kind, its unit, and what cannot be done yet.

use super::scope::TrialScope;
use super::{Context, LookNames, LookScope, Names, Quantities};
use crate::Expression;
use crate::reading::Reading;
use crate::toml::Text;
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Binary, Checked, Expr, Kind, Unit, check_expression};

/// What a place takes.
pub(crate) enum Target<'a> {
    /// A condition.
    Condition,
    /// Anything.
    Any,
    /// A number in this unit; `what` begins the message of another: "an input is in".
    In { unit: &'a Unit, what: &'a str },
    /// An amount, in this unit if one is known; `what` begins the message of another: "the dose line
    /// takes".
    Amount { unit: Option<&'a Unit>, what: &'a str },
    /// A rate per day.
    Rate,
    /// A chance from 0 to 1, as a plain number.
    Share,
}

/// Checks an expression; none if it has a fault.
pub(crate) fn check(
    text: &Text,
    context: Context,
    target: &Target<'_>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    ask(text, target, names, quantities, reading, |quantities, reading| {
        let mut scope = TrialScope::new(names, quantities, context);
        let checked = check_expression(text.fragment(), &mut scope, &mut reading.faults);
        (checked, scope.later)
    })
}

/// Checks an expression about the trial as a whole: of a look, or with findings of an adaptation.
pub(crate) fn check_at_look(
    text: &Text,
    with_findings: bool,
    target: &Target<'_>,
    (names, looks): (&Names, &LookNames),
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    ask(text, target, names, quantities, reading, |quantities, reading| {
        let participant = TrialScope::new(names, quantities, Context::Endpoint);
        let mut scope = LookScope::new(participant, looks, with_findings);
        let checked = check_expression(text.fragment(), &mut scope, &mut reading.faults);
        let later = std::mem::take(&mut scope.participant.later);
        for fault in scope.faults() {
            reading.fault(fault);
        }
        (checked, later)
    })
}

/// Fits what a scope makes of an expression to its place.
fn ask(
    text: &Text,
    target: &Target<'_>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
    scope: impl FnOnce(&mut Quantities, &mut Reading) -> (Option<Checked>, Vec<(Span, String)>),
) -> Option<Expression> {
    let (before, faults) = (quantities.count(), reading.faults.len());
    let (checked, later) = scope(quantities, reading);
    let fitted = checked.and_then(|checked| fit(checked, target, names, reading));
    let fitted = fitted.filter(|(expr, .., span)| in_domain(expr, target, *span, reading));
    let sound = reading.faults.len() == faults;
    let mut fitted = fitted.filter(|_| later.is_empty());
    // Beside a fault, what cannot be done yet may be a consequence: of a function whose name is misspelt,
    // for one, nobody knows what it does with its arguments.
    for (span, what) in later.into_iter().filter(|_| sound) {
        reading.later(span, &what);
    }
    quantities.keep(before, fitted.as_mut().map(|(expr, ..)| expr));
    let (expr, unit, kind, span) = fitted?;
    Some(Expression { expr, unit, kind, text: text.text.clone(), span: Some(span) })
}

/// Checks a condition.
pub(crate) fn condition(
    text: &Text,
    context: Context,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    check(text, context, &Target::Condition, names, quantities, reading)
}

type Fitted = (Expr, Unit, Kind, Span);

fn fit(
    checked: Checked,
    target: &Target<'_>,
    names: &Names,
    reading: &mut Reading,
) -> Option<Fitted> {
    let Checked { expr, unit, kind, span } = checked;
    match target {
        Target::Any => Some((expr, unit, kind, span)),
        Target::Condition if kind == Kind::Condition => Some((expr, unit, kind, span)),
        Target::Condition => {
            let message = "a condition is needed, and this is a number or a level";
            let fault = Diagnostic::error(code::KIND_MISMATCH, message, span);
            reading.fault(fault.help("compare it with something"));
            None
        }
        _ if kind != Kind::Number => {
            let message = "a number is needed, and this is a condition or a level";
            reading.fault(Diagnostic::error(code::KIND_MISMATCH, message, span));
            None
        }
        Target::Amount { unit: None, .. } => Some((expr, unit, kind, span)),
        Target::In { unit: wanted, what } | Target::Amount { unit: Some(wanted), what } => {
            convert(expr, &unit, wanted, span).or_else(|| {
                reading.fault(wrong_unit(&unit, wanted, what, span, names));
                None
            })
        }
        Target::Rate => {
            convert(expr, &unit, &Unit::one().per(&Unit::day()), span).or_else(|| {
                let message = format!("a rate is in 1/time, but this {}", in_unit(&unit));
                let help = "write a unit such as `1/day` after the number";
                reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, span).help(help));
                None
            })
        }
        Target::Share => convert(expr, &unit, &Unit::one(), span).or_else(|| {
            let message = format!("a chance has no unit, but this {}", in_unit(&unit));
            reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, span));
            None
        }),
    }
}

/// Whether an expression that is made of numbers has a value that its place can use; reports it if not.
fn in_domain(expr: &Expr, target: &Target<'_>, span: Span, reading: &mut Reading) -> bool {
    let Some(value) = expr.constant() else { return true };
    let message = match target {
        _ if value.is_nan() => "this is not a number".to_owned(),
        Target::Rate if value < 0.0 => {
            format!("a rate is not below 0, and this is {value} 1/day")
        }
        Target::Share if !(0.0..=1.0).contains(&value) => {
            format!("a chance is from 0 to 1, and this is {value}")
        }
        Target::Amount { unit: Some(unit), .. } if value < 0.0 => {
            format!("an amount is not below 0, and this is {value} {unit}")
        }
        Target::Amount { .. } if value < 0.0 => {
            format!("an amount is not below 0, and this is {value}")
        }
        _ => return true,
    };
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    false
}

/// `is in mg`, or `has no unit`.
pub(crate) fn in_unit(unit: &Unit) -> String {
    if *unit == Unit::one() { "has no unit".to_owned() } else { format!("is in {unit}") }
}

/// The expression in another unit; none if the dimensions differ. Zero has any unit.
fn convert(expr: Expr, from: &Unit, to: &Unit, span: Span) -> Option<Fitted> {
    let factor = match (from.factor_to(to), expr.as_number()) {
        (Some(factor), _) => factor,
        (None, Some(0.0)) => 1.0,
        (None, _) => return None,
    };
    Some((scaled(expr, factor), to.clone(), Kind::Number, span))
}

fn scaled(expr: Expr, factor: f64) -> Expr {
    match expr.as_number() {
        Some(value) => Expr::Number(value * factor),
        None if factor.to_bits() == 1f64.to_bits() => expr,
        None => Expr::binary(Binary::Mul, expr, Expr::Number(factor)),
    }
}

/// `the dose line takes mg, the amount is in mg/m^2`, and what to multiply by.
fn wrong_unit(unit: &Unit, wanted: &Unit, what: &str, span: Span, names: &Names) -> Diagnostic {
    let message = format!("{what} {wanted}, {} {}", subject(what), in_unit(unit));
    let factor = wanted.per(unit);
    let doses = what.contains("dose");
    let covariate = names.covariates.iter().filter(|_| doses).find(|covariate| {
        covariate.value.as_ref().is_some_and(|(held, kind)| {
            *kind == Kind::Number && !held.is_dimensionless() && held.same_dimension(&factor)
        })
    });
    let help = match (factor.dimension_name(), covariate) {
        (Some(name), Some(covariate)) => {
            Some(format!("multiply by {name}, such as `{}`", covariate.name))
        }
        (None, Some(covariate)) => Some(format!("multiply by `{}`", covariate.name)),
        (_, None) if *unit == Unit::one() => {
            Some(format!("write the unit after the number: `{wanted}`"))
        }
        _ => wanted.difference(unit),
    };
    Diagnostic::error(code::UNIT_MISMATCH, message, span).maybe_help(help)
}

fn subject(what: &str) -> &'static str {
    if what.contains("dose") || what.contains("amount") { "the amount" } else { "this" }
}
