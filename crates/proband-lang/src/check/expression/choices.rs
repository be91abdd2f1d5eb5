//! `if`, picks, and what runs over the members of a set.

use super::arithmetic::Meeting;
use super::{Checker, Names};
use crate::check::constant::constant;
use crate::check::sets::{Member, push_some};
use crate::check::typed::{Levels, Typed, kind_name};
use crate::check::world::Index;
use crate::syntax::{Case, Expr, Path, RootOf, SumOver};
use crate::{Binary, Expr as Value, Kind, Level, Unit};
use proband_diag::{Diagnostic, Span, code};

impl Checker<'_> {
    /// `if`; a condition on indices alone is decided now, and only what it chooses is checked.
    pub(super) fn choose(
        &mut self,
        parts: &[Expr; 3],
        levels: Option<&Levels>,
    ) -> Option<Typed> {
        let [condition, chosen, otherwise] = parts;
        let test = self.condition(condition, "`if`");
        if let Some(value) = test.as_ref().and_then(|test| constant(&test.expr)) {
            return self.arm(if value.abs() > 0.0 { chosen } else { otherwise }, levels);
        }
        let a = self.arm(chosen, levels);
        let b = self.arm(otherwise, levels);
        let (test, a, b) = (test?, a?, b?);
        let (a, b) = self.of_one_kind(a, b, chosen, otherwise)?;
        let level = test.level.max(a.level).max(b.level);
        let expr = Value::If(Box::new(test.expr), Box::new(a.expr), Box::new(b.expr));
        Some(Typed {
            expr,
            level,
            any_unit: a.any_unit && b.any_unit,
            bare: a.bare && b.bare,
            ..a_type(&a.unit, a.kind)
        })
    }

    fn arm(&mut self, e: &Expr, levels: Option<&Levels>) -> Option<Typed> {
        match levels {
            Some(levels) => self.level_of(e, levels),
            None => self.check(e),
        }
    }

    /// Two values of which one is chosen.
    fn of_one_kind(
        &mut self,
        a: Typed,
        b: Typed,
        left: &Expr,
        right: &Expr,
    ) -> Option<(Typed, Typed)> {
        if a.kind != b.kind {
            let message =
                format!("{} or {}: both must be alike", kind_name(&a.kind), kind_name(&b.kind));
            self.report(Diagnostic::error(code::KIND_MISMATCH, message, right.span));
            return None;
        }
        if !a.is_number() {
            return Some((a, b));
        }
        let meeting = Meeting { verb: "choose between", span: right.span, left, right };
        self.of_one_unit(a, b, &meeting)
    }

    /// `sex{F: 1, M: 2}`
    pub(super) fn pick(
        &mut self,
        path: &Path,
        cases: &[Case],
        levels: Option<&Levels>,
    ) -> Option<Typed> {
        let subject = self.path(path)?;
        let Kind::Level(known) = &subject.kind else {
            return self.pick_by_number(path, &subject, cases, levels);
        };
        let known = known.clone();
        let chosen = self.case_of_each(&known, cases, path.span)?;
        if let Some(position) = subject.expr.as_number() {
            return self.arm(&cases[chosen[position as usize]].value, levels);
        }
        self.picked(subject, &chosen, cases, levels, 0)
    }

    /// The position of the case of each level.
    fn case_of_each(
        &mut self,
        levels: &Levels,
        cases: &[Case],
        span: Span,
    ) -> Option<Vec<usize>> {
        let mut of_level: Vec<Option<usize>> = vec![None; levels.len()];
        let mut otherwise = None;
        for (position, case) in cases.iter().enumerate() {
            let Some(member) = &case.member else {
                otherwise = Some(position);
                continue;
            };
            match levels.iter().position(|level| *level == member.text) {
                None => {
                    let fault = crate::check::sets::not_one_of(&member.text, span, levels);
                    self.report(fault);
                    return None;
                }
                Some(level) if of_level[level].is_some() => {
                    let message = format!("`{}` has two values", member.text);
                    self.report(Diagnostic::error(code::DUPLICATE_CASE, message, case.span));
                    return None;
                }
                Some(level) => of_level[level] = Some(position),
            }
        }
        let missing: Vec<String> = (0..levels.len())
            .filter(|&level| of_level[level].or(otherwise).is_none())
            .map(|level| format!("`{}`", levels[level]))
            .collect();
        if missing.is_empty() {
            return Some(of_level.into_iter().filter_map(|case| case.or(otherwise)).collect());
        }
        let message = format!("no value for {}", missing.join(", "));
        let fault = Diagnostic::error(code::MISSING_CASE, message, span)
            .help("list every case, or end with `else: ...`");
        self.report(fault);
        None
    }

    /// A number picks among whole numbers: an index, or a quantity that counts.
    fn pick_by_number(
        &mut self,
        path: &Path,
        subject: &Typed,
        cases: &[Case],
        levels: Option<&Levels>,
    ) -> Option<Typed> {
        let index = path.single().and_then(|name| self.index_named(&name.text)).cloned();
        let Some(index) = index else {
            let message =
                format!("only a category can be picked by, not {}", kind_name(&subject.kind));
            return self.report(Diagnostic::error(code::KIND_MISMATCH, message, path.span));
        };
        let known = index.set.levels();
        let chosen = self.case_of_each(&known, cases, path.span)?;
        let position = index.set.position(&index.member)?;
        self.arm(&cases[chosen[position]].value, levels)
    }

    /// A choice among the cases by the position of the level.
    fn picked(
        &mut self,
        subject: Typed,
        chosen: &[usize],
        cases: &[Case],
        levels: Option<&Levels>,
        first: i64,
    ) -> Option<Typed> {
        let values: Vec<Option<Typed>> =
            cases.iter().map(|case| self.arm(&case.value, levels)).collect();
        let values: Vec<Typed> = values.into_iter().collect::<Option<_>>()?;
        let mut values = values.into_iter();
        let mut alike = vec![values.next()?];
        for (position, value) in values.enumerate() {
            let before = alike[0].clone();
            let (left, right) = (&cases[0].value, &cases[position + 1].value);
            let (first, value) = self.of_one_kind(before, value, left, right)?;
            if alike[0].any_unit || first.unit != alike[0].unit {
                let unit = first.unit.clone();
                alike = alike.into_iter().map(|v| self.in_unit(v, &unit)).collect();
            }
            alike.push(value);
        }
        let level = alike.iter().map(|v| v.level).max()?.max(subject.level);
        let (any_unit, bare) = (alike.iter().all(|v| v.any_unit), alike.iter().all(|v| v.bare));
        let members = chosen.iter().map(|&case| alike[case].expr.clone()).collect();
        let unit = alike.iter().find(|v| !v.any_unit).unwrap_or(&alike[0]).unit.clone();
        let kind = alike.swap_remove(0).kind;
        let expr = Value::Member { index: Box::new(subject.expr), first, members };
        Some(Typed { expr, level, any_unit, bare, ..a_type(&unit, kind) })
    }

    /// `sum(j in set: ...)`, written out from left to right.
    pub(super) fn sum_over(&mut self, over: &SumOver) -> Option<Typed> {
        let Names::Model(world) = self.names else {
            let message = "a sum over a set belongs to a model";
            return self.report(Diagnostic::error(code::WRONG_PLACE, message, over.index.span));
        };
        let set = match world.try_set(self.frame.space, &over.set, &over.index.text) {
            Ok(set) => set,
            Err(fault) => {
                push_some(&mut self.faults, fault);
                return None;
            }
        };
        let mut total: Option<Typed> = None;
        self.height += set.members.len();
        for member in &set.members {
            let index = Index {
                name: over.index.text.clone(),
                member: member.clone(),
                set: set.clone(),
            };
            self.frame.indices.push(index);
            let value = self.a_number(&over.body, "a sum");
            self.frame.indices.pop();
            total = match (total, value) {
                (None, value) => value,
                (Some(before), Some(value)) => self.summed(before, value, &over.body),
                (Some(_), None) => None,
            };
            if total.is_none() {
                break;
            }
        }
        self.height -= set.members.len();
        total
    }

    fn summed(&mut self, a: Typed, b: Typed, body: &Expr) -> Option<Typed> {
        let meeting = Meeting { verb: "add", span: body.span, left: body, right: body };
        let (a, b) = self.of_one_unit(a, b, &meeting)?;
        let level = a.level.max(b.level);
        let any_unit = a.any_unit && b.any_unit;
        let expr = Value::binary(Binary::Add, a.expr, b.expr);
        Some(Typed { any_unit, ..Typed::number(expr, a.unit, level) })
    }

    /// `root(x from a to b: f(x))`
    pub(super) fn root(&mut self, root: &RootOf) -> Option<Typed> {
        let from = self.a_number(&root.from, "`from`");
        let to = self.a_number(&root.to, "`to`");
        let meeting =
            Meeting { verb: "compare", span: root.to.span, left: &root.from, right: &root.to };
        let (from, to) = match from.zip(to) {
            Some((from, to)) => self.of_one_unit(from, to, &meeting)?,
            None => return None,
        };
        let unknown = self.roots;
        self.roots += 1;
        let unit = from.unit.clone();
        let value = Typed::number(Value::Unknown(unknown), unit.clone(), Level::Constant);
        self.frame.locals.push((root.unknown.text.clone(), Some(value)));
        let body = self.a_number(&root.body, "`root`");
        self.frame.locals.pop();
        self.roots -= 1;
        let body = body?;
        let level = from.level.max(to.level).max(body.level);
        let expr = Value::Root {
            unknown,
            from: Box::new(from.expr),
            to: Box::new(to.expr),
            body: Box::new(body.expr),
        };
        Some(Typed::number(expr, unit, level))
    }

    /// A family member chosen by a level at run time.
    pub(super) fn by_level(
        &mut self,
        subject: Typed,
        levels: &Levels,
        family: &str,
        span: Span,
        mut member_of: impl FnMut(&mut Self, &Member) -> Option<Typed>,
    ) -> Option<Typed> {
        let mut values = Vec::new();
        for level in levels.iter() {
            values.push(member_of(self, &Member::new(level))?);
        }
        self.members_alike(subject, 0, values, family, span)
    }

    /// A choice among members of one unit, by a value at run time.
    pub(super) fn members_alike(
        &mut self,
        subject: Typed,
        first: i64,
        values: Vec<Typed>,
        family: &str,
        span: Span,
    ) -> Option<Typed> {
        let unit = values.first()?.unit.clone();
        if let Some(other) = values.iter().find(|v| !v.unit.same_dimension(&unit)) {
            let message =
                format!("the members of `{family}` are in {unit} and in {}", other.unit);
            return self.report(Diagnostic::error(code::UNIT_MISMATCH, message, span));
        }
        let kind = values[0].kind.clone();
        let level = values.iter().map(|v| v.level).max()?.max(subject.level);
        let members = values.into_iter().map(|v| self.convert(v, &unit)).collect();
        let expr = Value::Member { index: Box::new(subject.expr), first, members };
        Some(Typed { expr, level, ..a_type(&unit, kind) })
    }
}

/// A value of a unit and a kind, the rest of which is filled in.
fn a_type(unit: &Unit, kind: Kind) -> Typed {
    Typed { kind, ..Typed::number(Value::Time, unit.clone(), Level::Constant) }
}
