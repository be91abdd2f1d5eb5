//! What `~` says of a parameter: how its deviate moves it, how large it is, where it is cut off.

use super::constant::constant;
use super::definitions::has_unit;
use super::expression::{Checker, comparison_is_lower};
use super::typed::Typed;
use crate::syntax::{DrawArgument, DrawRole, DrawText, Operator};
use crate::{Binary, Bound as Limit, Expr as Value, Level, Spread, Unary, Unit};
use proband_diag::{Diagnostic, Span, code, nearest};

/// Above this a coefficient of variation is a slip: 500 %.
const LARGEST_CV: f64 = 5.0;

/// The distributions of parameters.
const DISTRIBUTIONS: [&str; 5] = ["lognormal", "normal", "logitnormal", "uniform", "bernoulli"];

/// What `~` says.
#[derive(Default)]
pub(crate) struct Spreads {
    pub(super) between_twins: Option<Spread>,
    pub(super) between_occasions: Option<Spread>,
    pub(super) lower: Option<Limit>,
    pub(super) upper: Option<Limit>,
    /// A distribution without a spread, which a block must give.
    pub(super) waiting: Option<Waiting>,
}

/// A distribution that waits for the spread that a block gives.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) distribution: String,
    pub(crate) span: Span,
}

impl Checker<'_> {
    /// What `~ DIST ...` of a parameter in a unit says.
    pub(super) fn spreads(
        &mut self,
        draw: &DrawText,
        unit: &Unit,
        name: &str,
    ) -> Option<Spreads> {
        let distribution = draw.distribution.text.as_str();
        if !DISTRIBUTIONS.contains(&distribution) {
            let fault = unknown_distribution(draw, &DISTRIBUTIONS, "a parameter");
            self.report(fault);
            return None;
        }
        let mut spreads = Spreads::default();
        let (limits, others): (Vec<&DrawArgument>, Vec<&DrawArgument>) =
            draw.arguments.iter().partition(|a| matches!(a.role, DrawRole::Limit(_)));
        for limit in limits {
            self.limit(limit, unit, &mut spreads)?;
        }
        match distribution {
            "uniform" => spreads.between_twins = Some(self.uniform(draw, &others, unit)?),
            "bernoulli" => {
                if let Some(extra) = others.first() {
                    self.report(wrong_spread(extra, "bernoulli takes no spread"));
                    return None;
                }
                spreads.between_twins = Some(Spread::Bernoulli);
            }
            _ => self.named_spreads(draw, &others, unit, name, &mut spreads)?,
        }
        Some(spreads)
    }

    fn named_spreads(
        &mut self,
        draw: &DrawText,
        arguments: &[&DrawArgument],
        unit: &Unit,
        name: &str,
        spreads: &mut Spreads,
    ) -> Option<()> {
        for argument in arguments {
            let spread = self.spread(draw, argument, unit, name)?;
            let place = if argument.per_occasion {
                &mut spreads.between_occasions
            } else {
                &mut spreads.between_twins
            };
            if place.replace(spread).is_some() {
                let message = "the spread is said twice";
                let fault = Diagnostic::error(code::SPREAD_TWICE, message, argument.span);
                self.report(fault);
                return None;
            }
        }
        if spreads.between_twins.is_none() {
            spreads.waiting = Some(Waiting {
                distribution: draw.distribution.text.clone(),
                span: draw.distribution.span,
            });
        }
        Some(())
    }

    /// The standard deviation of a deviate, from a standard deviation, a variance or a coefficient of
    /// variation.
    fn spread(
        &mut self,
        draw: &DrawText,
        argument: &DrawArgument,
        unit: &Unit,
        name: &str,
    ) -> Option<Spread> {
        let distribution = draw.distribution.text.as_str();
        match (distribution, argument.role) {
            (_, DrawRole::Plain) => {
                let message = format!(
                    "say what the number is: `{distribution} sd ...`, `{distribution} cv ...` \
                     or `{distribution} var ...`"
                );
                self.report(Diagnostic::error(code::SPREAD_UNNAMED, message, argument.span));
                None
            }
            ("lognormal", DrawRole::Cv) => {
                let cv = self.cv(argument)?;
                Some(Spread::LogNormal(log_normal_sd(cv)))
            }
            ("lognormal", DrawRole::Sd | DrawRole::Var) => {
                Some(Spread::LogNormal(self.plain_sd(argument)?))
            }
            ("logitnormal", DrawRole::Sd | DrawRole::Var) => {
                Some(Spread::LogitNormal(self.plain_sd(argument)?))
            }
            ("normal", DrawRole::Cv) => Some(Spread::Proportional(self.cv(argument)?)),
            ("normal", DrawRole::Sd | DrawRole::Var) => {
                Some(Spread::Normal(self.sd_in(argument, unit, name)?))
            }
            _ => {
                let message = format!("`{distribution}` has no `{}`", argument.role.word());
                self.report(Diagnostic::error(code::WRONG_SPREAD, message, argument.span));
                None
            }
        }
    }

    /// A coefficient of variation, as a fraction.
    pub(crate) fn cv(&mut self, argument: &DrawArgument) -> Option<Value> {
        let value = self.spread_number(argument)?;
        let value = self.per_twin(value, argument)?.expr;
        if let Some(cv) = constant(&value).filter(|cv| *cv > LARGEST_CV) {
            let message = format!("a CV of {cv} is {} %", cv * 100.0);
            let fault = Diagnostic::error(code::SUSPICIOUS_CV, message, argument.span)
                .help(format!("write `cv {cv}%`"));
            self.report(fault);
            return None;
        }
        self.not_negative(&value, argument)?;
        Some(folded(value))
    }

    fn spread_number(&mut self, argument: &DrawArgument) -> Option<Typed> {
        let user = format!("`{}`", argument.role.word());
        self.plain_number_at(&argument.value, &user, argument.span)
    }

    /// A standard deviation without unit; `var` is its square.
    pub(crate) fn plain_sd(&mut self, argument: &DrawArgument) -> Option<Value> {
        let value = self.spread_number(argument)?;
        let value = self.per_twin(value, argument)?.expr;
        self.not_negative(&value, argument)?;
        Some(deviation(argument.role, value))
    }

    /// A standard deviation in a unit.
    pub(crate) fn sd_in(
        &mut self,
        argument: &DrawArgument,
        unit: &Unit,
        name: &str,
    ) -> Option<Value> {
        let wanted =
            if argument.role == DrawRole::Var { unit.power(2, 1) } else { unit.clone() };
        let word = argument.role.word();
        let value = self.a_number(&argument.value, &format!("`{word}`"))?;
        if !value.any_unit && !value.unit.same_dimension(&wanted) {
            let has = has_unit(&value.unit);
            let message = if argument.role == DrawRole::Var {
                format!("the `var` of `{name}` must be in {wanted}, but has {has}")
            } else {
                format!("`{name}` is in {unit}, so its `{word}` must be too, but has {has}")
            };
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, argument.span)
                .help("a relative spread is `cv`");
            self.report(fault);
            return None;
        }
        if wanted.is_percent() && value.bare && !value.any_unit {
            let number = constant(&value.expr).unwrap_or(f64::NAN);
            self.report(super::expression::percent_number(number, argument.span));
            return None;
        }
        let value = self.in_unit(value, &wanted).expr;
        self.not_negative(&value, argument)?;
        Some(deviation(argument.role, value))
    }

    fn not_negative(&mut self, value: &Value, argument: &DrawArgument) -> Option<()> {
        match constant(value).filter(|number| *number < 0.0) {
            None => Some(()),
            Some(number) => {
                let message = format!("a spread cannot be negative: {number}");
                self.report(Diagnostic::error(code::OUT_OF_RANGE, message, argument.span));
                None
            }
        }
    }

    /// The spread of a parameter must belong to the twin.
    fn per_twin(&mut self, value: Typed, argument: &DrawArgument) -> Option<Typed> {
        if value.level <= Level::Twin || !self.spreads_per_twin {
            return Some(value);
        }
        let message = "the spread of a parameter belongs to a twin, but this one changes";
        self.report(Diagnostic::error(code::NOT_PER_TWIN, message, argument.span))
    }

    fn uniform(
        &mut self,
        draw: &DrawText,
        arguments: &[&DrawArgument],
        unit: &Unit,
    ) -> Option<Spread> {
        let [low, high] = arguments else {
            let message = "`uniform` takes two numbers, the lowest and the highest";
            self.report(Diagnostic::error(code::WRONG_SPREAD, message, draw.span));
            return None;
        };
        let low = self.in_parameter_unit(low, unit);
        let high = self.in_parameter_unit(high, unit);
        Some(Spread::Uniform(low?, high?))
    }

    fn in_parameter_unit(&mut self, argument: &DrawArgument, unit: &Unit) -> Option<Value> {
        let value = self.a_number(&argument.value, "a limit")?;
        if !value.any_unit && !value.unit.same_dimension(unit) {
            let message =
                format!("the parameter is in {unit}, but this has {}", has_unit(&value.unit));
            self.report(Diagnostic::error(code::UNIT_MISMATCH, message, argument.span));
            return None;
        }
        Some(self.in_unit(value, unit).expr)
    }

    fn limit(
        &mut self,
        argument: &DrawArgument,
        unit: &Unit,
        spreads: &mut Spreads,
    ) -> Option<()> {
        let DrawRole::Limit(operator) = argument.role else { return None };
        let value = self.in_parameter_unit(argument, unit)?;
        let inclusive = matches!(operator, Operator::LessEqual | Operator::GreaterEqual);
        let limit = Limit { value, inclusive };
        if comparison_is_lower(operator) {
            spreads.lower = Some(limit);
        } else {
            spreads.upper = Some(limit);
        }
        Some(())
    }
}

/// `sqrt(ln(1 + cv^2))`: the standard deviation of the logarithm of a log-normal of this CV.
pub(crate) fn log_normal_sd(cv: Value) -> Value {
    let square = Value::binary(Binary::Mul, cv.clone(), cv);
    let variance = Value::binary(Binary::Add, Value::Number(1.0), square);
    folded(Value::unary(Unary::Sqrt, Value::unary(Unary::Ln, variance)))
}

fn deviation(role: DrawRole, value: Value) -> Value {
    folded(match role {
        DrawRole::Var => Value::unary(Unary::Sqrt, value),
        _ => value,
    })
}

/// The number, where it is known now.
pub(crate) fn folded(value: Value) -> Value {
    constant(&value).map_or(value, Value::Number)
}

fn wrong_spread(argument: &DrawArgument, message: &str) -> Diagnostic {
    Diagnostic::error(code::WRONG_SPREAD, message, argument.span)
}

/// That a distribution is not known, or not for this use.
pub(crate) fn unknown_distribution(
    draw: &DrawText,
    known: &[&'static str],
    user: &str,
) -> Diagnostic {
    let name = &draw.distribution;
    let meant = nearest(&name.text, known.iter().copied());
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("{user} takes {}", known.join(", ")),
    };
    let message = format!("`{}` is not a distribution", name.text);
    Diagnostic::error(code::UNKNOWN_DISTRIBUTION, message, name.span).help(help)
}
