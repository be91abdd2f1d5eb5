//! Comparisons and membership.

use super::arithmetic::Meeting;
use super::{Checker, Names};
use crate::check::typed::{Levels, Typed, kind_name};
use crate::syntax::{Expr, ExprKind, Link, Name, Operator};
use crate::{Binary, Expr as Value, Kind};
use proband_diag::{Diagnostic, Span, code};

impl Checker<'_> {
    /// `a < b < c` means `a < b and b < c`.
    pub(super) fn compare(&mut self, first: &Expr, rest: &[Link]) -> Option<Typed> {
        let mut all: Option<Typed> = None;
        let mut faulty = false;
        let mut left = first;
        for link in rest {
            match self.compared(left, link) {
                None => faulty = true,
                Some(next) => {
                    all = Some(match all {
                        None => next,
                        Some(before) => and(before, next),
                    });
                }
            }
            left = &link.right;
        }
        all.filter(|_| !faulty)
    }

    fn compared(&mut self, left: &Expr, link: &Link) -> Option<Typed> {
        if let Some(levels) = self.levels_of_unknown(left, &link.right) {
            let a = self.level_of(left, &levels)?;
            let b = self.level_of(&link.right, &levels)?;
            return self.equal_levels(a, b, link);
        }
        let a = self.check(left);
        if let Some(Kind::Level(levels)) = a.as_ref().map(|a| a.kind.clone()) {
            let b = self.level_of(&link.right, &levels)?;
            return self.equal_levels(a?, b, link);
        }
        if a.is_none() && self.may_be_level(&link.right) {
            return None;
        }
        let b = self.check(&link.right);
        let (a, b) = (a?, b?);
        self.compared_numbers(a, b, link, left)
    }

    fn compared_numbers(
        &mut self,
        a: Typed,
        b: Typed,
        link: &Link,
        left: &Expr,
    ) -> Option<Typed> {
        if let Some(other) = [&a, &b].into_iter().find(|value| !value.is_number()) {
            let message = format!("a comparison needs numbers, not {}", kind_name(&other.kind));
            return self.report(Diagnostic::error(code::KIND_MISMATCH, message, link.span));
        }
        let meeting = Meeting { verb: "compare", span: link.span, left, right: &link.right };
        let (a, b) = self.of_one_unit(a, b, &meeting)?;
        let level = a.level.max(b.level);
        self.equal_state(&a, &b, link);
        Some(Typed::condition(Value::binary(comparison(link.operator), a.expr, b.expr), level))
    }

    /// `==` on what moves continuously practically never holds.
    fn equal_state(&mut self, a: &Typed, b: &Typed, link: &Link) {
        let equality = matches!(link.operator, Operator::Equal | Operator::NotEqual);
        let moves = |value: &Value| match &self.names {
            Names::Model(world) => world.is_continuous(value),
            Names::Outside(scope) => scope.is_continuous(value),
        };
        if !equality || !(moves(&a.expr) || moves(&b.expr)) {
            return;
        }
        let message = "a state that moves continuously is compared by `==` or `!=`";
        let fault = Diagnostic::error(code::EQUAL_STATE, message, link.span)
            .help("write `<` or `>`, or declare an event for the crossing");
        self.faults.push(fault);
    }

    /// The levels of the right side, where the left is a bare word that nothing declares.
    fn levels_of_unknown(&mut self, left: &Expr, right: &Expr) -> Option<Levels> {
        let ExprKind::Path(path) = &left.kind else { return None };
        let name = path.single()?;
        if self.is_declared(&name.text) || !matches!(right.kind, ExprKind::Path(_)) {
            return None;
        }
        let before = (self.faults.clone(), self.unfound.len());
        let value = self.check(right);
        self.faults = before.0;
        self.unfound.truncate(before.1);
        match value?.kind {
            Kind::Level(levels) => Some(levels),
            _ => None,
        }
    }

    /// Beside a faulty left side a bare word may be one of its levels.
    fn may_be_level(&self, right: &Expr) -> bool {
        match &right.kind {
            ExprKind::Text(_) => true,
            ExprKind::Path(path) => path.single().is_some_and(|n| !self.is_declared(&n.text)),
            _ => false,
        }
    }

    fn equal_levels(&mut self, a: Typed, b: Typed, link: &Link) -> Option<Typed> {
        let function = match link.operator {
            Operator::Equal => Binary::Equal,
            Operator::NotEqual => Binary::NotEqual,
            _ => {
                let message = "levels have no order";
                let fault = Diagnostic::error(code::KIND_MISMATCH, message, link.span)
                    .help("compare them by `==`, `!=` or `in {...}`");
                return self.report(fault);
            }
        };
        let level = a.level.max(b.level);
        Some(Typed::condition(Value::binary(function, a.expr, b.expr), level))
    }

    /// `x in {A, B}`
    pub(super) fn among(&mut self, e: &Expr, members: &[Name], span: Span) -> Option<Typed> {
        let value = self.check(e)?;
        let mut all: Option<Typed> = None;
        for member in members {
            let equal = match &value.kind {
                Kind::Level(levels) => {
                    let levels = levels.clone();
                    self.level_named(&member.text, member.span, &levels)?
                }
                Kind::Number if value.unit.is_dimensionless() => {
                    Typed::literal(member.text.parse().ok()?, None)
                }
                kind => {
                    let message = format!("`in` needs a level, not {}", kind_name(kind));
                    return self.report(Diagnostic::error(code::KIND_MISMATCH, message, span));
                }
            };
            self.count(&value.expr);
            let equal = Value::binary(Binary::Equal, value.expr.clone(), equal.expr);
            let equal = Typed::condition(equal, value.level);
            all = Some(match all {
                None => equal,
                Some(before) => or(before, equal),
            });
        }
        all
    }
}

fn and(a: Typed, b: Typed) -> Typed {
    let level = a.level.max(b.level);
    Typed::condition(Value::binary(Binary::And, a.expr, b.expr), level)
}

fn or(a: Typed, b: Typed) -> Typed {
    let level = a.level.max(b.level);
    Typed::condition(Value::binary(Binary::Or, a.expr, b.expr), level)
}

fn comparison(operator: Operator) -> Binary {
    match operator {
        Operator::Less => Binary::Less,
        Operator::LessEqual => Binary::LessEqual,
        Operator::Greater => Binary::Greater,
        Operator::GreaterEqual => Binary::GreaterEqual,
        Operator::Equal => Binary::Equal,
        _ => Binary::NotEqual,
    }
}
