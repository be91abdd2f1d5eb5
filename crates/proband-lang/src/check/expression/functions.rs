//! The functions of the language.

use super::arithmetic::Meeting;
use super::{Checker, Names};
use crate::check::constant::constant;
use crate::check::typed::Typed;
use crate::syntax::{Expr, Name};
use crate::{Binary, Expr as Value, Unary, Unit};
use proband_diag::{Diagnostic, Span, code};

/// Functions of one plain number.
const PLAIN: [(&str, Unary); 16] = [
    ("exp", Unary::Exp),
    ("ln", Unary::Ln),
    ("log10", Unary::Log10),
    ("log2", Unary::Log2),
    ("sin", Unary::Sin),
    ("cos", Unary::Cos),
    ("tan", Unary::Tan),
    ("atan", Unary::Atan),
    ("sinh", Unary::Sinh),
    ("cosh", Unary::Cosh),
    ("tanh", Unary::Tanh),
    ("expit", Unary::Expit),
    ("logit", Unary::Logit),
    ("erf", Unary::Erf),
    ("normcdf", Unary::NormalCdf),
    ("gammaln", Unary::GammaLn),
];

/// The other functions, and how many arguments they take.
const OTHERS: [(&str, usize, usize); 10] = [
    ("sqrt", 1, 1),
    ("abs", 1, 1),
    ("min", 2, usize::MAX),
    ("max", 2, usize::MAX),
    ("clamp", 3, 3),
    ("floor", 1, 1),
    ("round", 1, 2),
    ("sign", 1, 1),
    ("mod", 2, 2),
    ("since", 1, 1),
];

/// Words that are no functions but cannot be names.
const WORDS: [&str; 13] =
    ["if", "then", "else", "and", "or", "not", "in", "sum", "root", "t", "pi", "inf", "true"];

/// Whether a word belongs to the language.
pub(crate) fn is_reserved(word: &str) -> bool {
    WORDS.contains(&word) || word == "false" || function_names().any(|name| name == word)
}

pub(crate) fn function_names() -> impl Iterator<Item = &'static str> {
    PLAIN.iter().map(|(name, _)| *name).chain(OTHERS.iter().map(|(name, ..)| *name))
}

impl Checker<'_> {
    /// A call of a function of the language; none if there is no such function.
    pub(super) fn of_language(
        &mut self,
        function: &Name,
        arguments: &[Expr],
        span: Span,
    ) -> Option<Option<Typed>> {
        let name = function.text.as_str();
        if let Some((_, unary)) = PLAIN.iter().find(|(known, _)| *known == name) {
            return Some(self.takes(function, arguments, 1, 1).and_then(|()| {
                let user = format!("the argument of `{name}`");
                let value = self.plain_number_at(&arguments[0], &user, span)?;
                Some(Typed::number(Value::unary(*unary, value.expr), Unit::one(), value.level))
            }));
        }
        let (_, least, most) = OTHERS.iter().find(|(known, ..)| *known == name)?;
        let of_records = matches!(name, "min" | "max") && arguments.len() == 1;
        if of_records && matches!(self.names, Names::Outside(_)) {
            // The extreme of a period is a function of records: the scope knows what it is called.
            return Some(self.call_outside(function, arguments, span));
        }
        if self.takes(function, arguments, *least, *most).is_none() {
            return Some(None);
        }
        Some(match name {
            "sqrt" => self.square_root(&arguments[0]),
            "abs" => self.keeping_unit(Unary::Abs, &arguments[0], name),
            "min" => self.extreme(Binary::Min, arguments),
            "max" => self.extreme(Binary::Max, arguments),
            "clamp" => self.clamp(arguments),
            "floor" => self.whole(Unary::Floor, &arguments[0], name),
            "round" => self.round(arguments),
            "sign" => {
                let value = self.a_number(&arguments[0], "`sign`");
                value.map(|v| {
                    Typed::number(Value::unary(Unary::Sign, v.expr), Unit::one(), v.level)
                })
            }
            "mod" => self.remainder(arguments),
            _ => self.time_since(&arguments[0], span),
        })
    }

    fn takes(
        &mut self,
        function: &Name,
        arguments: &[Expr],
        least: usize,
        most: usize,
    ) -> Option<()> {
        if (least..=most).contains(&arguments.len()) {
            return Some(());
        }
        let expected = match (least, most) {
            (1, 1) => "1 argument".to_owned(),
            (least, usize::MAX) => format!("{least} or more arguments"),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} or {most} arguments"),
        };
        self.wrong_arguments(function, &expected, arguments.len());
        None
    }

    pub(super) fn wrong_arguments(&mut self, function: &Name, expected: &str, given: usize) {
        let message = format!("`{}` takes {expected}, {given} given", function.text);
        self.report(Diagnostic::error(code::WRONG_ARGUMENTS, message, function.span));
    }

    fn keeping_unit(&mut self, function: Unary, e: &Expr, name: &str) -> Option<Typed> {
        let value = self.a_number(e, &format!("`{name}`"))?;
        Some(Typed { expr: Value::unary(function, value.expr.clone()), ..value })
    }

    fn whole(&mut self, function: Unary, e: &Expr, name: &str) -> Option<Typed> {
        let value = self.plain_number(e, &format!("the argument of `{name}`"))?;
        Some(Typed { expr: Value::unary(function, value.expr.clone()), ..value })
    }

    fn square_root(&mut self, e: &Expr) -> Option<Typed> {
        let value = self.a_number(e, "`sqrt`")?;
        let value = if value.unit.is_dimensionless() { self.plain(value) } else { value };
        let unit = value.unit.power(1, 2);
        let expr = Value::unary(Unary::Sqrt, value.expr);
        Some(Typed { bare: value.bare, ..Typed::number(expr, unit, value.level) })
    }

    fn extreme(&mut self, function: Binary, arguments: &[Expr]) -> Option<Typed> {
        let values: Vec<Option<Typed>> =
            arguments.iter().map(|e| self.a_number(e, "a comparison")).collect();
        let mut values = values.into_iter();
        let mut value = values.next()??;
        for (position, next) in values.enumerate() {
            let (left, right) = (&arguments[position], &arguments[position + 1]);
            value = self.combined(function, value, next?, left, right)?;
        }
        Some(value)
    }

    fn combined(
        &mut self,
        function: Binary,
        a: Typed,
        b: Typed,
        left: &Expr,
        right: &Expr,
    ) -> Option<Typed> {
        let meeting = Meeting { verb: "compare", span: right.span, left, right };
        let (a, b) = self.of_one_unit(a, b, &meeting)?;
        let level = a.level.max(b.level);
        let (any_unit, bare) = (a.any_unit && b.any_unit, a.bare && b.bare);
        let expr = Value::binary(function, a.expr, b.expr);
        Some(Typed { any_unit, bare, ..Typed::number(expr, a.unit, level) })
    }

    fn clamp(&mut self, arguments: &[Expr]) -> Option<Typed> {
        let [value, low, high] = arguments else { return None };
        let user = "a comparison";
        let checked = [value, low, high].map(|e| self.a_number(e, user));
        let [Some(a), Some(b), Some(c)] = checked else { return None };
        let above = self.combined(Binary::Max, a, b, value, low)?;
        self.combined(Binary::Min, above, c, value, high)
    }

    /// `round(x)` of a plain number, `round(x, step)` to a multiple of a step.
    fn round(&mut self, arguments: &[Expr]) -> Option<Typed> {
        let [value, step] = arguments else {
            return self.whole(Unary::Round, &arguments[0], "round");
        };
        let a = self.a_number(value, "`round`");
        let b = self.a_number(step, "`round`");
        let ratio = self.combined(Binary::Div, a?, b.clone()?, value, step)?;
        let unit = ratio.unit;
        let step = self.in_unit(b?, &unit).expr;
        let rounded = Value::unary(Unary::Round, ratio.expr);
        Some(Typed::number(Value::binary(Binary::Mul, rounded, step), unit, ratio.level))
    }

    fn remainder(&mut self, arguments: &[Expr]) -> Option<Typed> {
        let a = self.a_number(&arguments[0], "`mod`");
        let b = self.a_number(&arguments[1], "`mod`");
        self.combined(Binary::Mod, a?, b?, &arguments[0], &arguments[1])
    }

    /// The value of an expression that must be known now: an index.
    pub(super) fn known_number(&mut self, e: &Expr) -> Option<f64> {
        constant(&self.check(e)?.expr)
    }
}
