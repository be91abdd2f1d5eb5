//! Indices: members known now, or chosen at run time.

use super::names::counted_indices;
use super::{Checker, Names};
use crate::Kind;
use crate::check::sets::Member;
use crate::check::typed::Typed;
use crate::check::world::QuantityId;
use crate::syntax::{Expr, ExprKind, Operator, Path, Segment};
use proband_diag::{Diagnostic, Span, code, nearest};

/// One index of a path.
enum Place {
    Known(Member),
    Later(Typed),
}

impl Checker<'_> {
    /// The member of a family.
    pub(super) fn indexed(
        &mut self,
        quantity: QuantityId,
        indices: &[Expr],
        path: &Path,
        name: &str,
    ) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let keys = &world.quantities[quantity].order;
        let mut places = Vec::new();
        for (axis, e) in indices.iter().enumerate() {
            let members = distinct(keys.iter().map(|key| &key[axis]));
            places.push(self.place(e, &members, name, path.span)?);
        }
        self.at_places(quantity, &mut Vec::new(), &places, path, name)
    }

    fn at_places(
        &mut self,
        quantity: QuantityId,
        key: &mut Vec<Member>,
        places: &[Place],
        path: &Path,
        name: &str,
    ) -> Option<Typed> {
        let Some((place, rest)) = places.split_first() else {
            return self.at_key(quantity, key, path, name);
        };
        let index = match place {
            Place::Known(member) => {
                key.push(member.clone());
                let value = self.at_places(quantity, key, rest, path, name);
                key.pop();
                return value;
            }
            Place::Later(index) => index.clone(),
        };
        let at = |checker: &mut Self, member: &Member| {
            let mut key = key.clone();
            key.push(member.clone());
            checker.at_places(quantity, &mut key, rest, path, name)
        };
        if let Kind::Level(levels) = &index.kind {
            let levels = levels.clone();
            return self.by_level(index, &levels, name, path.span, at);
        }
        let (first, last) = self.range_of(quantity, key.len(), path.span)?;
        let mut values = Vec::new();
        for number in first..=last {
            values.push(at(self, &Member::Number(number))?);
        }
        self.members_alike(index, first, values, name, path.span)
    }

    /// The whole numbers over which an axis runs.
    fn range_of(
        &mut self,
        quantity: QuantityId,
        axis: usize,
        span: Span,
    ) -> Option<(i64, i64)> {
        let Names::Model(world) = self.names else { return None };
        let family = &world.quantities[quantity];
        let members = distinct(family.order.iter().map(|key| &key[axis]));
        let mut numbers: Vec<i64> = members.iter().filter_map(|m| number_of(m)).collect();
        numbers.sort_unstable();
        match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) if numbers.len() == members.len() => {
                Some((*first, *last))
            }
            _ => {
                let message = format!("the members of `{}` are not numbers", family.name);
                self.report(Diagnostic::error(code::WRONG_INDEX, message, span));
                None
            }
        }
    }

    fn at_key(
        &mut self,
        quantity: QuantityId,
        key: &[Member],
        path: &Path,
        name: &str,
    ) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let family = &world.quantities[quantity];
        if let Some(item) = family.members.get(key) {
            return self.item(*item, path.span);
        }
        let axes: Vec<Vec<Member>> = (0..family.axes)
            .map(|axis| {
                let members = distinct(family.order.iter().map(|key| &key[axis]));
                members.into_iter().cloned().collect()
            })
            .collect();
        self.no_such_member(name, &axes, key, path.span);
        None
    }

    /// An index: a name of an index, a member, integer arithmetic, or a value at run time.
    fn place(
        &mut self,
        e: &Expr,
        members: &[&Member],
        family: &str,
        span: Span,
    ) -> Option<Place> {
        if let Some(member) = self.member_now(e, members) {
            return Some(Place::Known(member));
        }
        if let ExprKind::Path(path) = &e.kind
            && let Some(name) = path.single().filter(|name| !self.is_declared(&name.text))
        {
            let known: Vec<String> = members.iter().map(ToString::to_string).collect();
            let meant = nearest(&name.text, known.iter().map(String::as_str));
            let message = format!("`{}` is not a member of the family `{family}`", name.text);
            let fault = Diagnostic::error(code::NOT_A_MEMBER, message, span)
                .maybe_help(meant.map(|m| format!("did you mean `{m}`?")));
            self.report_unfound(&name.text, fault);
            return None;
        }
        let index = self.check(e)?;
        if let Kind::Level(_) = index.kind {
            return Some(Place::Later(index));
        }
        if index.is_number() && index.unit.is_dimensionless() && !index.unit.is_percent() {
            return Some(match index.expr.as_number() {
                Some(number) => Place::Known(Member::Number(number.round() as i64)),
                None => Place::Later(index),
            });
        }
        let message = "an index is a whole number or a level";
        self.report(Diagnostic::error(code::WRONG_INDEX, message, e.span));
        None
    }

    fn member_now(&mut self, e: &Expr, members: &[&Member]) -> Option<Member> {
        match &e.kind {
            ExprKind::Path(path) => {
                let name = path.single()?;
                if let Some(index) = self.index_named(&name.text) {
                    return Some(index.member.clone());
                }
                let member = Member::new(&name.text);
                members.contains(&&member).then_some(member)
            }
            ExprKind::Text(text) => Some(Member::new(text)),
            _ => self.whole_now(e).map(Member::Number),
        }
    }

    /// The value of integer arithmetic on indices.
    pub(super) fn whole_now(&mut self, e: &Expr) -> Option<i64> {
        match &e.kind {
            ExprKind::Number(value, None)
                if value.fract().abs() <= 0.0 && value.abs() < 1e9 =>
            {
                Some(*value as i64)
            }
            ExprKind::Path(path) => match &self.index_named(&path.single()?.text)?.member {
                Member::Number(number) => Some(*number),
                Member::Word(_) => None,
            },
            ExprKind::Negated(inner) => Some(-self.whole_now(inner)?),
            ExprKind::Fold(first, rest) => {
                let mut value = self.whole_now(first)?;
                for link in rest {
                    let right = self.whole_now(&link.right)?;
                    value = match link.operator {
                        Operator::Add => value.checked_add(right)?,
                        Operator::Subtract => value.checked_sub(right)?,
                        Operator::Multiply => value.checked_mul(right)?,
                        _ => return None,
                    };
                }
                Some(value)
            }
            ExprKind::Call(function, arguments) => {
                let mut values = Vec::new();
                for argument in arguments {
                    values.push(self.whole_now(argument)?);
                }
                match (function.text.as_str(), values.as_slice()) {
                    ("abs", [a]) => Some(a.abs()),
                    ("mod", [a, b]) if *b > 0 => Some(a.rem_euclid(*b)),
                    ("min", [_, ..]) => values.iter().min().copied(),
                    ("max", [_, ..]) => values.iter().max().copied(),
                    _ => None,
                }
            }
            ExprKind::If(_) => self.known_number(e).map(|value| value.round() as i64),
            _ => None,
        }
    }

    /// The key of an instance of a used file, which must be known now.
    pub(super) fn static_key(
        &mut self,
        segment: &Segment,
        axes: &[Vec<Member>],
        span: Span,
    ) -> Option<Vec<Member>> {
        let name = &segment.name.text;
        if segment.indices.len() != axes.len() {
            let message = match axes.len() {
                0 => format!("`{name}` is no family and has no members"),
                count => {
                    let (takes, given) = (counted_indices(count), segment.indices.len());
                    format!("`{name}` takes {takes}, {given} given")
                }
            };
            self.report(Diagnostic::error(code::WRONG_INDEX, message, span));
            return None;
        }
        let mut key = Vec::new();
        for (e, members) in segment.indices.iter().zip(axes) {
            let members: Vec<&Member> = members.iter().collect();
            match self.place(e, &members, name, span)? {
                Place::Known(member) => key.push(member),
                Place::Later(_) => {
                    let message = format!("which `{name}` must be known before anything runs");
                    self.report(Diagnostic::error(code::WRONG_INDEX, message, e.span));
                    return None;
                }
            }
        }
        Some(key)
    }

    /// Reports a member that a family does not have.
    pub(super) fn no_such_member(
        &mut self,
        name: &str,
        axes: &[Vec<Member>],
        key: &[Member],
        span: Span,
    ) {
        let wrong = key.iter().zip(axes).find(|(member, members)| !members.contains(member));
        let text: Vec<String> = key.iter().map(ToString::to_string).collect();
        let full = format!("{name}[{}]", text.join(", "));
        let (Some(Member::Number(_)), Some(members)) = wrong
            .map_or((key.first(), axes.first()), |(member, members)| {
                (Some(member), Some(members))
            })
        else {
            let member =
                wrong.map_or_else(|| text.join(", "), |(member, _)| member.to_string());
            let message = format!("`{member}` is not a member of the family `{name}`");
            let fault = Diagnostic::error(code::NOT_A_MEMBER, message, span);
            self.report_unfound(&member, fault);
            return;
        };
        let when: Vec<String> = self
            .frame
            .indices
            .iter()
            .map(|index| format!("{} is {}", index.name, index.member))
            .collect();
        let when =
            if when.is_empty() { String::new() } else { format!(" when {}", when.join(", ")) };
        let message = format!("`{full}` does not exist{when}");
        let fault = Diagnostic::error(code::INDEX_OUT_OF_RANGE, message, span)
            .maybe_help(extent(name, members));
        self.report(fault);
    }
}

/// `transit` goes from 1 to 3.
fn extent(name: &str, members: &[Member]) -> Option<String> {
    let numbers: Vec<i64> = members.iter().filter_map(number_of).collect();
    let (first, last) = (numbers.iter().min()?, numbers.iter().max()?);
    Some(format!("`{name}` goes from {first} to {last}"))
}

fn number_of(member: &Member) -> Option<i64> {
    match member {
        Member::Number(number) => Some(*number),
        Member::Word(_) => None,
    }
}

fn distinct<'a>(members: impl Iterator<Item = &'a Member>) -> Vec<&'a Member> {
    let mut distinct: Vec<&Member> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for member in members {
        if seen.insert(member) {
            distinct.push(member);
        }
    }
    distinct
}
