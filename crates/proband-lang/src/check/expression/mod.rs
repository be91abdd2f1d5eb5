//! Expressions: names, units, kinds and levels.
//!
//! A checker walks one expression. A faulty part is none, agrees with everything, and was reported.

mod arithmetic;
mod calls;
mod choices;
mod comparisons;
mod convert;
mod functions;
mod hints;
mod indices;
mod names;
mod outside;

use super::typed::{Levels, Typed, kind_name};
use super::world::{Frame, ItemId, Unfound, World};
use crate::syntax::{Expr, ExprKind, Operator, UnitText};
use crate::{Binary, Expr as Value, Kind, Level, Scope, SymbolId, Unary, Unit};
use proband_diag::{Diagnostic, Faults, Span, code};
use std::collections::BTreeSet;

pub(crate) use arithmetic::percent_number;
pub(crate) use functions::is_reserved;
pub(crate) use names::{counted_indices, levels_of};

/// Whether `x OPERATOR limit` bounds x from below.
pub(crate) fn comparison_is_lower(operator: Operator) -> bool {
    matches!(operator, Operator::Greater | Operator::GreaterEqual)
}

/// How deep functions may call functions.
const MAX_DEPTH: usize = 200;
/// How high the tree of an expression may become: those who walk it call themselves.
const MAX_HEIGHT: usize = 2000;
/// How large an expression may grow when functions and sums are written out.
const MAX_NODES: usize = 1_000_000;

/// Where names are looked up.
pub(crate) enum Names<'a> {
    Model(&'a World),
    Outside(&'a mut dyn Scope),
}

/// Checks one expression.
pub(crate) struct Checker<'a> {
    pub(crate) names: Names<'a>,
    pub(crate) frame: Frame,
    pub(crate) faults: Faults,
    pub(crate) unfound: Vec<Unfound>,
    /// Items whose types are not known yet: look at them first, then check again.
    pub(crate) missing: Vec<ItemId>,
    /// Places of the declarations that are used.
    pub(crate) used: BTreeSet<Span>,
    /// The number that is the typical value of the parameter, and its symbol.
    pub(crate) leading: Option<(Span, SymbolId)>,
    /// Whether spreads must belong to the twin: those of parameters, not those of records.
    pub(crate) spreads_per_twin: bool,
    /// Functions that are being written out.
    calls: Vec<usize>,
    roots: u32,
    depth: usize,
    /// How high the tree is above the part that is being checked.
    height: usize,
    nodes: usize,
}

/// By how much an expression is higher than the highest of its parts: terms stand on each other.
fn terms(e: &Expr) -> usize {
    match &e.kind {
        ExprKind::Fold(_, rest) | ExprKind::Compare(_, rest) => rest.len() + 1,
        ExprKind::Call(_, arguments) => arguments.len() + 1,
        ExprKind::Among(_, members) => members.len() + 1,
        _ => 1,
    }
}

fn height(value: &Value) -> usize {
    let parts: Vec<&Value> = match value {
        Value::Number(_)
        | Value::Symbol(_)
        | Value::Time
        | Value::Unknown(_)
        | Value::Since(_) => Vec::new(),
        Value::Unary(_, a) | Value::Table(_, a) => vec![a],
        Value::Binary(_, a, b) => vec![a, b],
        Value::If(a, b, c) => vec![a, b, c],
        Value::Member { index, members, .. } => {
            members.iter().chain(std::iter::once(&**index)).collect()
        }
        Value::Root { from, to, body, .. } => vec![from, to, body],
    };
    1 + parts.into_iter().map(height).max().unwrap_or(0)
}

/// What a checker found beside the value.
pub(crate) struct Findings {
    pub(crate) faults: Faults,
    pub(crate) unfound: Vec<Unfound>,
    pub(crate) missing: Vec<ItemId>,
    pub(crate) used: BTreeSet<Span>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(names: Names<'a>, frame: Frame) -> Self {
        Self {
            names,
            frame,
            faults: Faults::default(),
            unfound: Vec::new(),
            missing: Vec::new(),
            used: BTreeSet::new(),
            leading: None,
            spreads_per_twin: false,
            calls: Vec::new(),
            roots: 0,
            depth: 0,
            height: 0,
            nodes: 0,
        }
    }

    pub(crate) fn findings(self) -> Findings {
        let Self { faults, unfound, missing, used, .. } = self;
        Findings { faults, unfound, missing, used }
    }

    pub(crate) fn report(&mut self, fault: Diagnostic) -> Option<Typed> {
        self.faults.push(fault);
        None
    }

    /// Reports a name that cannot be found; of several places only the first is shown.
    pub(crate) fn report_unfound(&mut self, name: &str, fault: Diagnostic) -> Option<Typed> {
        self.unfound.push(Unfound { name: name.to_owned(), fault });
        None
    }

    /// Checks an expression, whatever its kind.
    pub(crate) fn check(&mut self, e: &Expr) -> Option<Typed> {
        self.nodes += 1;
        let height = self.height + terms(e);
        if self.depth == MAX_DEPTH || height > MAX_HEIGHT || self.nodes > MAX_NODES {
            return self.too_large(e.span);
        }
        self.depth += 1;
        let above = std::mem::replace(&mut self.height, height);
        let value = self.check_kind(e);
        self.height = above;
        self.depth -= 1;
        value
    }

    /// Whether a value may be put in here: its tree must not become too high.
    pub(super) fn fits(&self, value: &Value) -> bool {
        self.height + height(value) <= MAX_HEIGHT
    }

    pub(crate) fn too_large(&mut self, span: Span) -> Option<Typed> {
        let message = "not supported yet: an expression this large when it is written out";
        self.report(Diagnostic::error(code::NOT_SUPPORTED, message, span))
    }

    /// Counts the parts of a value that is copied.
    pub(crate) fn count(&mut self, value: &Value) {
        let mut nodes = 0;
        value.walk(&mut |_| nodes += 1);
        self.nodes += nodes;
    }

    fn check_kind(&mut self, e: &Expr) -> Option<Typed> {
        match &e.kind {
            ExprKind::Faulty => None,
            ExprKind::Number(value, unit) => self.number(e.span, *value, unit.as_ref()),
            ExprKind::Text(text) => self.text(text, e.span),
            ExprKind::Path(path) => self.path(path),
            ExprKind::Pick(path, cases) => self.pick(path, cases, None),
            ExprKind::Call(function, arguments) => self.call(function, arguments, e.span),
            ExprKind::Given(inner, unit) => self.given(inner, unit, e.span),
            ExprKind::In(inner, unit) => self.taken(inner, unit, e.span),
            ExprKind::Among(inner, members) => self.among(inner, members, e.span),
            ExprKind::Negated(inner) => self.negated(inner, e.span),
            ExprKind::Not(inner) => {
                let a = self.condition(inner, "`not`")?;
                Some(Typed::condition(Value::unary(Unary::Not, a.expr), a.level))
            }
            ExprKind::Power(base, exponent, sign) => self.power(base, exponent, *sign),
            ExprKind::Fold(first, rest) => match rest[0].operator {
                Operator::And | Operator::Or => self.connected(first, rest),
                Operator::Add | Operator::Subtract => self.sum(first, rest),
                _ => self.product(first, rest),
            },
            ExprKind::Compare(first, rest) => self.compare(first, rest),
            ExprKind::If(parts) => self.choose(parts, None),
            ExprKind::Sum(over) => self.sum_over(over),
            ExprKind::Root(root) => self.root(root),
            ExprKind::TimePoint(word, number) => self.time_point(word, *number, e.span),
        }
    }

    fn number(&mut self, span: Span, value: f64, unit: Option<&UnitText>) -> Option<Typed> {
        let unit = match unit {
            Some(unit) => Some(self.unit(unit)?),
            None => None,
        };
        let mut literal = Typed::literal(value, unit);
        if let Some((leading, symbol)) = self.leading
            && leading == span
        {
            literal.expr = Value::Symbol(symbol);
            literal.level = Level::Twin;
        }
        Some(literal)
    }

    fn text(&mut self, text: &str, span: Span) -> Option<Typed> {
        let message = format!("`\"{text}\"` stands where a number is needed");
        let fault = Diagnostic::error(code::KIND_MISMATCH, message, span)
            .help("a level in quotes is compared with a category: `cyp2c9 == \"*1/*1\"`");
        self.report(fault)
    }

    /// Looks up the names of a unit.
    pub(crate) fn unit(&mut self, text: &UnitText) -> Option<Unit> {
        let found = match &self.names {
            Names::Model(world) => {
                Unit::parse(&text.text, &world.files[self.frame.file].declared)
            }
            Names::Outside(_) => Unit::parse(&text.text, &crate::Declared::default()),
        };
        found.map_err(|unknown| self.unknown_unit(text, &unknown)).ok()
    }

    fn unknown_unit(&mut self, text: &UnitText, unknown: &crate::UnknownUnit) {
        let name = &unknown.name;
        let help = if !self.is_declared(name) {
            unknown.help()
        } else if unknown.range.start == 0 {
            Some(format!("to multiply, write `*` before `{name}`"))
        } else {
            Some(
                "a unit is written without blanks; to divide or multiply by a quantity put \
                 blanks round the operator"
                    .to_owned(),
            )
        };
        let place = text.part(&unknown.range);
        let fault = Diagnostic::error(code::UNKNOWN_UNIT, unknown.message(), place);
        self.faults.push(fault.maybe_help(help));
    }

    /// `(...) kg`: a plain number becomes a quantity.
    fn given(&mut self, inner: &Expr, text: &UnitText, span: Span) -> Option<Typed> {
        let unit = self.unit(text);
        let value = self.a_number(inner, "a unit")?;
        let unit = unit?;
        if !value.unit.is_dimensionless() || value.unit.is_percent() {
            let message = format!("the expression already has unit {}", value.unit);
            let fault = Diagnostic::error(code::UNIT_TWICE, message, span)
                .help("a unit after `)` or `}` gives a plain number its unit");
            return self.report(fault);
        }
        let level = value.level;
        let expr = self.plain(value).expr;
        Some(Typed::number(expr, unit, level))
    }

    /// `x in kg`: a quantity becomes a plain number.
    fn taken(&mut self, inner: &Expr, text: &UnitText, span: Span) -> Option<Typed> {
        let unit = self.unit(text);
        let value = self.a_number(inner, "`in`")?;
        let unit = unit?;
        if value.any_unit {
            return Some(Typed::number(value.expr, Unit::one(), value.level));
        }
        if !value.unit.same_dimension(&unit) {
            let message = format!("cannot take {:#} in {unit}", value.unit);
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, span)
                .maybe_help(value.unit.difference(&unit));
            return self.report(fault);
        }
        let level = value.level;
        let expr = self.convert(value, &unit);
        Some(Typed::number(expr, Unit::one(), level))
    }

    /// Checks that the value is a number; `user` says who needs it.
    pub(crate) fn a_number(&mut self, e: &Expr, user: &str) -> Option<Typed> {
        let value = self.check(e)?;
        if value.is_number() {
            return Some(value);
        }
        let message = format!("{user} needs a number, not {}", kind_name(&value.kind));
        self.report(Diagnostic::error(code::KIND_MISMATCH, message, e.span))
    }

    /// Checks that the value is a condition; `user` says who needs it.
    pub(crate) fn condition(&mut self, e: &Expr, user: &str) -> Option<Typed> {
        self.condition_at(e, user, e.span)
    }

    /// The same, with the place to report.
    pub(crate) fn condition_at(&mut self, e: &Expr, user: &str, span: Span) -> Option<Typed> {
        let value = self.check(e)?;
        if value.kind == Kind::Condition {
            return Some(value);
        }
        let message = format!("{user} needs a condition, not {}", kind_name(&value.kind));
        self.report(Diagnostic::error(code::KIND_MISMATCH, message, span))
    }

    fn connected(&mut self, first: &Expr, rest: &[crate::syntax::Link]) -> Option<Typed> {
        let word = |operator| if operator == Operator::And { "`and`" } else { "`or`" };
        let mut value = self.condition(first, word(rest[0].operator));
        for link in rest {
            let right = self.condition(&link.right, word(link.operator));
            let function =
                if link.operator == Operator::And { Binary::And } else { Binary::Or };
            value = value.zip(right).map(|(a, b)| {
                let level = a.level.max(b.level);
                Typed::condition(Value::binary(function, a.expr, b.expr), level)
            });
        }
        value
    }

    /// Checks an expression that should be one of these levels.
    pub(crate) fn level_of(&mut self, e: &Expr, levels: &Levels) -> Option<Typed> {
        match &e.kind {
            ExprKind::Text(text) => self.level_named(text, e.span, levels),
            ExprKind::Number(value, None) => {
                self.level_named(&format!("{value}"), e.span, levels)
            }
            ExprKind::Path(path) => match path.single() {
                Some(name) if levels.contains(&name.text) || !self.is_declared(&name.text) => {
                    self.level_named(&name.text, e.span, levels)
                }
                _ => self.of_levels(e, levels),
            },
            ExprKind::If(parts) => self.choose(parts, Some(levels)),
            ExprKind::Pick(path, cases) => self.pick(path, cases, Some(levels)),
            _ => self.of_levels(e, levels),
        }
    }

    fn of_levels(&mut self, e: &Expr, levels: &Levels) -> Option<Typed> {
        let value = self.check(e)?;
        if value.kind == Kind::Level(levels.clone()) {
            return Some(value);
        }
        let message = match &value.kind {
            Kind::Level(_) => "the levels of two categories differ".to_owned(),
            kind => format!("a level is needed, not {}", kind_name(kind)),
        };
        let fault = Diagnostic::error(code::KIND_MISMATCH, message, e.span)
            .help(format!("one of {}", levels.join(", ")));
        self.report(fault)
    }

    fn level_named(&mut self, text: &str, span: Span, levels: &Levels) -> Option<Typed> {
        match levels.iter().position(|level| level == text) {
            Some(position) => {
                let expr = Value::Number(position as f64);
                Some(Typed::of_category(expr, levels.clone(), Level::Constant))
            }
            None => self.report(super::sets::not_one_of(text, span, levels)),
        }
    }
}

impl Checker<'_> {
    /// The unit in which the file counts time.
    pub(crate) fn file_time(&self) -> Unit {
        match &self.names {
            Names::Model(world) => world.files[self.frame.file].time.clone(),
            Names::Outside(scope) => scope.time().unwrap_or_else(Unit::hour),
        }
    }

    /// What a dose or an update names.
    pub(crate) fn path_of_state(&mut self, path: &crate::syntax::Path) -> Option<Typed> {
        self.check(&Expr { kind: ExprKind::Path(path.clone()), span: path.span })
    }
}
