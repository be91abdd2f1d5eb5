//! Sets and their members.

use super::typed::Levels;
use super::world::{Entry, FileId, Frame, Index, SpaceId, World};
use crate::Kind;
use crate::syntax::{Axis, Name, SetText, StatementKind};
use proband_diag::{Diagnostic, Faults, Span, code, nearest};
use std::fmt;
use std::rc::Rc;

/// Sets are unrolled, so that they must stay small.
const MAX_MEMBERS: usize = 1000;

/// A member of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    Number(i64),
    Word(String),
}

impl Member {
    pub(crate) fn new(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Word(text.to_owned()), Self::Number)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// A set of members, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) members: Vec<Member>,
}

impl Set {
    /// The members as levels of a category.
    pub(crate) fn levels(&self) -> Levels {
        self.members.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn position(&self, member: &Member) -> Option<usize> {
        self.members.iter().position(|m| m == member)
    }
}

/// A set for each axis of a family, and the name of its index.
pub(crate) struct AxisOver {
    pub(crate) index: Option<String>,
    pub(crate) set: Rc<Set>,
}

impl World {
    /// The sets that the statements of a space declare. They may refer to each other in any order.
    pub(crate) fn declare_sets(&mut self, space: SpaceId) {
        let mut waiting: Vec<(Name, SetText)> = Vec::new();
        for (statement, _) in self.spaces[space].statements.clone() {
            match &statement.kind {
                StatementKind::Set { name, set } => waiting.push((name.clone(), set.clone())),
                StatementKind::Table { name, rows, .. } => {
                    let members = rows.iter().map(|row| row.member.clone()).collect();
                    let set = SetText::Listed { members, span: name.span };
                    waiting.push((name.clone(), set));
                }
                _ => {}
            }
        }
        while !waiting.is_empty() {
            let names: Vec<String> =
                waiting.iter().map(|(name, _)| name.text.clone()).collect();
            let ready = waiting.iter().position(|(name, set)| {
                !mentions(set).any(|m| *m != name.text && names.contains(m))
            });
            let Some(ready) = ready else {
                self.circular_set(&waiting[0].0);
                waiting.remove(0);
                continue;
            };
            let (name, text) = waiting.remove(ready);
            if let Some(set) = self.set(space, &text, &name.text) {
                self.declare(space, &name, Entry::Set(set), "set");
            } else {
                self.declare(space, &name, Entry::Silent, "set");
            }
        }
    }

    fn circular_set(&mut self, name: &Name) {
        let message = format!("`{}` is defined by itself", name.text);
        self.faults.push(Diagnostic::error(code::CIRCULAR_DEFINITION, message, name.span));
    }

    /// The set that a text means; none if it is faulty, which is reported. `name` is what to call it.
    pub(crate) fn set(
        &mut self,
        space: SpaceId,
        text: &SetText,
        name: &str,
    ) -> Option<Rc<Set>> {
        match self.try_set(space, text, name) {
            Ok(set) => Some(set),
            Err(fault) => {
                push_some(&mut self.faults, fault);
                None
            }
        }
    }

    /// The set that a text means, or what is wrong with it (nothing if that was reported before).
    pub(crate) fn try_set(
        &self,
        space: SpaceId,
        text: &SetText,
        name: &str,
    ) -> Result<Rc<Set>, Option<Box<Diagnostic>>> {
        let members = match text {
            SetText::Range { from, to, span } => range(*from, *to, *span)?,
            SetText::Listed { members, .. } => listed(members)?,
            SetText::Named { name: of, except } => {
                let whole = self.named_set(space, of)?;
                if except.is_empty() {
                    return Ok(whole);
                }
                self.without(space, &whole, except)?
            }
        };
        Ok(Rc::new(Set { name: name.to_owned(), members }))
    }

    fn named_set(
        &self,
        space: SpaceId,
        name: &Name,
    ) -> Result<Rc<Set>, Option<Box<Diagnostic>>> {
        match self.find_set(space, &name.text) {
            Some(Ok(set)) => Ok(set),
            Some(Err(())) => Err(None),
            None => {
                let member = Member::new(&name.text);
                if self.is_known_member(space, &member) {
                    return Ok(Rc::new(Set { name: name.text.clone(), members: vec![member] }));
                }
                Err(Some(Box::new(self.unknown_set(space, name))))
            }
        }
    }

    /// A set, or the levels of a category, by name; an error if its declaration is faulty.
    pub(crate) fn find_set(&self, space: SpaceId, name: &str) -> Option<Result<Rc<Set>, ()>> {
        if self.spaces[space].silenced.contains(name) {
            return Some(Err(()));
        }
        match &self.spaces[space].names.get(name)?.entry {
            Entry::Set(set) => Some(Ok(set.clone())),
            Entry::Silent => Some(Err(())),
            Entry::Quantity(quantity) => {
                let item = self.quantities[*quantity].members.values().next()?;
                let super::world::Known::Type(known) = &self.items[*item].known else {
                    return None;
                };
                let Kind::Level(levels) = &known.kind else { return None };
                let members = levels.iter().map(|level| Member::new(level)).collect();
                Some(Ok(Rc::new(Set { name: name.to_owned(), members })))
            }
            _ => None,
        }
    }

    fn is_known_member(&self, space: SpaceId, member: &Member) -> bool {
        matches!(member, Member::Number(_))
            || self.spaces[space].names.keys().any(|name| {
                matches!(self.find_set(space, name), Some(Ok(set)) if set.members.contains(member))
            })
    }

    fn unknown_set(&self, space: SpaceId, name: &Name) -> Diagnostic {
        let text = &name.text;
        let message = format!("`{text}` is not a set");
        let fault = Diagnostic::error(code::UNKNOWN_SET, message, name.span);
        if crate::Unit::parse(text, &crate::Declared::default()).is_ok() {
            return fault.help(format!("a unit stands apart from the name: `depot [{text}]`"));
        }
        let names = &self.spaces[space].names;
        let sets = names.iter().filter(|(_, named)| matches!(named.entry, Entry::Set(_)));
        let meant = nearest(text, sets.map(|(name, _)| name.as_str()));
        fault.maybe_help(meant.map(|set| format!("did you mean `{set}`?")))
    }

    /// A set without some members, which may be sets themselves.
    fn without(
        &self,
        space: SpaceId,
        whole: &Set,
        except: &[Name],
    ) -> Result<Vec<Member>, Option<Box<Diagnostic>>> {
        let mut left_out = Vec::new();
        for name in except {
            let member = Member::new(&name.text);
            if whole.members.contains(&member) {
                left_out.push(member);
                continue;
            }
            match self.find_set(space, &name.text) {
                Some(Ok(set)) => left_out.extend(set.members.iter().cloned()),
                Some(Err(())) => return Err(None),
                None => return Err(Some(Box::new(not_in_set(name, whole)))),
            }
        }
        Ok(whole.members.iter().filter(|m| !left_out.contains(m)).cloned().collect())
    }

    /// The sets that the axes of a head run over; none if one is faulty, which is reported.
    pub(crate) fn axes(&mut self, space: SpaceId, axes: &[Axis]) -> Option<Vec<AxisOver>> {
        let mut over = Vec::new();
        for axis in axes {
            let name = match &axis.set {
                SetText::Named { name, .. } => name.text.clone(),
                _ => String::new(),
            };
            let set = self.set(space, &axis.set, &name)?;
            let index = axis.index.as_ref().map(|index| index.text.clone());
            let is_set = matches!(&axis.set, SetText::Named { name, .. }
                if self.find_set(space, &name.text).is_some());
            over.push(AxisOver { index: index.or(is_set.then_some(name)), set });
        }
        Some(over)
    }

    /// A frame for each member of a head, with the member's key.
    pub(crate) fn unroll(
        &mut self,
        space: SpaceId,
        file: FileId,
        axes: &[Axis],
    ) -> Option<Vec<(Vec<Member>, Frame)>> {
        let over = self.axes(space, axes)?;
        let frame = Frame { space, file, indices: Vec::new(), locals: Vec::new() };
        let mut unrolled = vec![(Vec::new(), frame)];
        for axis in over {
            let previous = std::mem::take(&mut unrolled);
            if previous.len() * axis.set.members.len() > MAX_MEMBERS * 20 {
                let span = axes[0].set.span();
                self.faults.push(too_large(span, MAX_MEMBERS * 20));
                return None;
            }
            for (key, frame) in previous {
                for member in &axis.set.members {
                    unrolled.push(with_member(&key, &frame, &axis, member));
                }
            }
        }
        Some(unrolled)
    }
}

fn with_member(
    key: &[Member],
    frame: &Frame,
    axis: &AxisOver,
    member: &Member,
) -> (Vec<Member>, Frame) {
    let mut key = key.to_vec();
    key.push(member.clone());
    let mut frame = frame.clone();
    if let Some(name) = &axis.index {
        let set = axis.set.clone();
        frame.indices.push(Index { name: name.clone(), member: member.clone(), set });
    }
    (key, frame)
}

fn mentions(set: &SetText) -> impl Iterator<Item = &String> {
    let names: Vec<&Name> = match set {
        SetText::Named { name, except } => std::iter::once(name).chain(except).collect(),
        _ => Vec::new(),
    };
    names.into_iter().map(|name| &name.text)
}

fn range(from: i64, to: i64, span: Span) -> Result<Vec<Member>, Option<Box<Diagnostic>>> {
    if to < from {
        let message = format!("the range {from}..{to} has no members");
        return Err(Some(Box::new(Diagnostic::error(code::WRONG_INDEX, message, span))));
    }
    if to - from >= MAX_MEMBERS as i64 {
        return Err(Some(Box::new(too_large(span, MAX_MEMBERS))));
    }
    Ok((from..=to).map(Member::Number).collect())
}

fn too_large(span: Span, most: usize) -> Diagnostic {
    let message = format!("not supported yet: a family of more than {most} members");
    Diagnostic::error(code::NOT_SUPPORTED, message, span)
}

fn listed(names: &[Name]) -> Result<Vec<Member>, Option<Box<Diagnostic>>> {
    let mut members: Vec<Member> = Vec::new();
    for name in names {
        let member = Member::new(&name.text);
        if members.contains(&member) {
            let message = format!("`{member}` is listed twice");
            return Err(Some(Box::new(Diagnostic::error(
                code::DUPLICATE_NAME,
                message,
                name.span,
            ))));
        }
        members.push(member);
    }
    Ok(members)
}

/// That a name is no member of a set.
pub(crate) fn not_in_set(name: &Name, set: &Set) -> Diagnostic {
    let all: Vec<String> = set.members.iter().map(ToString::to_string).collect();
    not_one_of(&name.text, name.span, &all)
}

/// That a level is none of a category, whose levels are listed in alphabetical order.
pub(crate) fn not_one_of(text: &str, span: Span, levels: &[String]) -> Diagnostic {
    let mut sorted: Vec<&str> = levels.iter().map(String::as_str).collect();
    let meant = nearest(text, sorted.iter().copied());
    let help = meant.map(|level| format!("did you mean `{level}`?"));
    if sorted.iter().any(|level| level.parse::<i64>().is_err()) {
        sorted.sort_unstable();
    }
    let message = format!("`{text}` is not one of {}", sorted.join(", "));
    Diagnostic::error(code::NOT_A_MEMBER, message, span).maybe_help(help)
}

/// Reports what is wrong, if it was not reported before.
pub(crate) fn push_some(faults: &mut Faults, fault: Option<Box<Diagnostic>>) {
    if let Some(fault) = fault {
        faults.push(*fault);
    }
}
