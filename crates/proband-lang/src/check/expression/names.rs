//! Names: locals, indices, words of the language, declarations.

use super::functions::function_names;
use super::{Checker, Names};
use crate::check::sets::Member;
use crate::check::typed::Typed;
use crate::check::world::{Entry, Index, ItemId, Known, QuantityId, Role, SpaceId, Type};
use crate::syntax::{Expr, Name, Path, Segment};
use crate::{Expr as Value, Kind, Level, Unit};
use proband_diag::{Diagnostic, Span, code, nearest};

impl Checker<'_> {
    pub(super) fn path(&mut self, path: &Path) -> Option<Typed> {
        if let Some(name) = path.single()
            && let Some(value) = self.local(name)
        {
            return value;
        }
        let Names::Model(world) = self.names else { return self.path_outside(path) };
        let (space, last) = self.space_of(path)?;
        let Segment { name, indices } = &path.segments[last];
        match world.spaces[space].names.get(&name.text).map(|named| &named.entry) {
            Some(Entry::Quantity(quantity)) => {
                self.member(*quantity, indices, path, &name.text)
            }
            Some(Entry::Silent) => None,
            Some(Entry::Function(_) | Entry::Curve(_)) => {
                let fault = a_function(&name.text, path.span);
                self.report(fault)
            }
            Some(entry) => {
                let fault = not_a_value(entry, name, path.span);
                self.report(fault)
            }
            None => self.unknown_name(space, name, path),
        }
    }

    /// A local name, an index or a word of the language; none if it is none of these.
    fn local(&mut self, name: &Name) -> Option<Option<Typed>> {
        let text = name.text.as_str();
        if let Some((_, value)) = self.frame.locals.iter().rev().find(|(n, _)| n == text) {
            let value = value.clone();
            if let Some(value) = &value {
                self.count(&value.expr);
                if !self.fits(&value.expr) {
                    return Some(self.too_large(name.span));
                }
            }
            return Some(value);
        }
        if let Some(index) = self.index_named(text) {
            return Some(Some(index_value(index)));
        }
        Some(Some(match text {
            "t" => return Some(self.word_t(name)),
            "pi" => Typed::literal(std::f64::consts::PI, None),
            "inf" => Typed::literal(f64::INFINITY, None),
            "true" => Typed::condition(Value::Number(1.0), Level::Constant),
            "false" => Typed::condition(Value::Number(0.0), Level::Constant),
            _ => return None,
        }))
    }

    pub(super) fn index_named(&self, name: &str) -> Option<&Index> {
        self.frame.indices.iter().rev().find(|index| index.name == name)
    }

    fn word_t(&mut self, name: &Name) -> Option<Typed> {
        if let Names::Outside(scope) = &self.names {
            return match scope.time() {
                Some(unit) => Some(Typed::number(Value::Time, unit, Level::Time)),
                None => {
                    let message = "there is no time `t` here";
                    self.report(Diagnostic::error(code::WRONG_PLACE, message, name.span))
                }
            };
        }
        Some(self.of_model_time(Value::Time, Level::Time))
    }

    /// A time that the model counts in its own unit, in the unit of the file that speaks of it.
    pub(super) fn of_model_time(&mut self, expr: Value, level: Level) -> Typed {
        let Names::Model(world) = self.names else {
            return Typed::number(expr, Unit::hour(), level);
        };
        let time = Typed::number(expr, world.model.time.clone(), level);
        self.in_unit(time, &world.files[self.frame.file].time)
    }

    /// The space in which the last name of a path is looked up, and its position in the path.
    pub(super) fn space_of(&mut self, path: &Path) -> Option<(SpaceId, usize)> {
        let Names::Model(world) = self.names else { return None };
        let mut space = self.frame.space;
        let last = path.segments.len() - 1;
        for segment in &path.segments[..last] {
            let named = world.spaces[space].names.get(&segment.name.text);
            space = match named.map(|named| &named.entry) {
                Some(Entry::Instances(instances)) => {
                    let sets: Vec<Vec<Member>> =
                        instances.axes.iter().map(|set| set.members.clone()).collect();
                    let key = self.static_key(segment, &sets, path.span)?;
                    let Some(space) = instances.members.get(&key) else {
                        self.no_such_member(&segment.name.text, &sets, &key, path.span);
                        return None;
                    };
                    *space
                }
                Some(Entry::Silent) => return None,
                Some(_) => {
                    let message = format!("`{}` is not a used file", segment.name.text);
                    let span = segment.name.span;
                    self.report(Diagnostic::error(code::UNKNOWN_NAME, message, span));
                    return None;
                }
                None => {
                    self.unknown_name(space, &segment.name, path);
                    return None;
                }
            };
        }
        Some((space, last))
    }

    /// The value of an item.
    pub(super) fn item(&mut self, id: ItemId, span: Span) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let item = &world.items[id];
        self.used.insert(item.span);
        if item.role == Role::Entry {
            return self.entry(id, span);
        }
        let given = matches!(item.role, Role::State | Role::Covariate);
        let Type { unit, kind, level } = match &item.known {
            // Its type may be declared, but its definition comes first in the order of evaluation.
            Known::Type(_) if !item.defined && !given => {
                self.missing.push(id);
                return None;
            }
            Known::Type(known) => known.clone(),
            Known::Faulty => return None,
            Known::Pending => {
                self.missing.push(id);
                return None;
            }
        };
        let expr = Value::Symbol(item.symbol?);
        Some(Typed { kind, ..Typed::number(expr, unit, level) })
    }

    /// The entry of a table.
    fn entry(&mut self, id: ItemId, span: Span) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let item = &world.items[id];
        let Known::Type(Type { unit, .. }) = &item.known else { return None };
        match item.value {
            Some(value) => {
                Some(Typed::number(Value::Number(value), unit.clone(), Level::Constant))
            }
            None => {
                let message = format!("`{}` has no value: the table says `-`", item.name);
                self.report(Diagnostic::error(code::MISSING_VALUE, message, span))
            }
        }
    }

    fn member(
        &mut self,
        quantity: QuantityId,
        indices: &[Expr],
        path: &Path,
        name: &str,
    ) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let family = &world.quantities[quantity];
        match (family.axes, indices.len()) {
            (0, 0) => self.item(*family.members.get(&Vec::new())?, path.span),
            (axes, 0) => {
                let dots = vec!["..."; axes].join(", ");
                let message = format!("`{name}` is a family: say which member");
                let fault = Diagnostic::error(code::FAMILY_NEEDS_INDEX, message, path.span)
                    .help(format!("`{name}[{dots}]`"));
                self.report(fault)
            }
            (axes, given) if axes != given => {
                let message = if axes == 0 {
                    format!("`{name}` is no family and has no members")
                } else {
                    format!("`{name}` takes {}, {given} given", counted_indices(axes))
                };
                self.report(Diagnostic::error(code::WRONG_INDEX, message, path.span))
            }
            _ => self.indexed(quantity, indices, path, name),
        }
    }

    pub(super) fn is_declared(&self, name: &str) -> bool {
        let local = self.frame.locals.iter().any(|(n, _)| n == name);
        local
            || self.index_named(name).is_some()
            || match &self.names {
                Names::Model(world) => world.spaces[self.frame.space].names.contains_key(name),
                Names::Outside(scope) => scope.candidates().iter().any(|n| n == name),
            }
    }

    /// Every name that could have been meant.
    pub(super) fn candidates(&self) -> Vec<String> {
        match &self.names {
            Names::Model(world) => {
                let locals = self.frame.locals.iter().map(|(name, _)| name.clone());
                let space = &world.spaces[self.frame.space];
                locals.chain(space.names.keys().cloned()).collect()
            }
            Names::Outside(scope) => scope.candidates(),
        }
    }

    fn unknown_name(&mut self, space: SpaceId, name: &Name, path: &Path) -> Option<Typed> {
        let Names::Model(world) = self.names else { return None };
        let known = &world.spaces[space];
        if known.any_name || known.silenced.contains(&name.text) {
            return None;
        }
        if function_names().any(|function| function == name.text) {
            let fault = a_function(&name.text, path.span);
            return self.report(fault);
        }
        let candidates = if space == self.frame.space {
            self.candidates()
        } else {
            known.names.keys().cloned().collect()
        };
        let help = self.meant(&name.text, candidates);
        let dotted: Vec<&str> =
            path.segments.iter().map(|segment| segment.name.text.as_str()).collect();
        let full = if path.segments.last().is_some_and(|s| s.name.span == name.span) {
            dotted.join(".")
        } else {
            name.text.clone()
        };
        let message = format!("unknown name `{full}`");
        let fault = Diagnostic::error(code::UNKNOWN_NAME, message, path.span).maybe_help(help);
        self.report_unfound(&full, fault)
    }

    /// What may have been meant by an unknown name.
    pub(super) fn meant(&self, name: &str, mut candidates: Vec<String>) -> Option<String> {
        if ["time", "TIME", "T", "Time"].contains(&name) {
            return Some("time is `t`".to_owned());
        }
        let shared =
            |other: &str| name.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        candidates.sort_by_key(|other| std::cmp::Reverse(shared(other)));
        if let Some(meant) = nearest(name, candidates.iter().map(String::as_str)) {
            return Some(format!("did you mean `{meant}`?"));
        }
        let unit = Unit::parse(name, &crate::Declared::default()).ok()?;
        let rate = unit.same_dimension(&Unit::hour());
        Some(if rate {
            format!("`{name}` is a unit: write it after its number, `1/{name}` for a rate")
        } else {
            format!("`{name}` is a unit: write it after its number, `1 {name}`")
        })
    }
}

/// `1 index`, `2 indices`.
pub(crate) fn counted_indices(count: usize) -> String {
    if count == 1 { "1 index".to_owned() } else { format!("{count} indices") }
}

fn index_value(index: &Index) -> Typed {
    match &index.member {
        Member::Number(number) => Typed::literal(*number as f64, None),
        Member::Word(_) => {
            let position = index.set.position(&index.member).unwrap_or(0);
            let expr = Value::Number(position as f64);
            Typed::of_category(expr, index.set.levels(), Level::Constant)
        }
    }
}

fn a_function(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is a function, not a value");
    Diagnostic::error(code::NOT_A_FUNCTION, message, span)
        .help(format!("call it: `{name}(...)`"))
}

fn not_a_value(entry: &Entry, name: &Name, span: Span) -> Diagnostic {
    let name = &name.text;
    let (what, help) = match entry {
        Entry::Event => ("an event", Some(format!("`since({name})` is the time since it"))),
        Entry::Set(_) => ("a set", None),
        _ => ("a used file", Some(format!("say which of its names: `{name}....`"))),
    };
    let message = format!("`{name}` is {what}, not a value");
    Diagnostic::error(code::NOT_A_VALUE, message, span).maybe_help(help)
}

/// Whether a kind has levels.
pub(crate) fn levels_of(kind: &Kind) -> Option<&crate::check::typed::Levels> {
    match kind {
        Kind::Level(levels) => Some(levels),
        _ => None,
    }
}
