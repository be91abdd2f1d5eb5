//! What the statements of a space declare.

use super::sets::{Member, Set};
use super::spaces::member_name;
use super::world::{
    Bound, Entry, FileId, Frame, Function, Item, ItemId, Known, Named, Quantity, QuantityId,
    Role, SpaceId, Type, World,
};
use crate::syntax::{Head, Name, Of, SetText, Statement, StatementKind, UnitText};
use crate::{Happening, Kind, Level, Unit};
use proband_diag::{Diagnostic, Span, code};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A model may have this many quantities.
const MAX_ITEMS: usize = 200_000;

/// What a statement declares, for all members of its head.
pub(super) struct Declaration<'a> {
    pub(super) space: SpaceId,
    pub(super) file: FileId,
    pub(super) statement: &'a Rc<Statement>,
    pub(super) role: Role,
    pub(super) word: &'static str,
    pub(super) known: Known,
}

impl World {
    /// Declares covariates first, since their categories are sets for the others, then all else.
    pub(crate) fn declare_names(&mut self, space: SpaceId) {
        let statements = self.spaces[space].statements.clone();
        for (statement, file) in &statements {
            if let StatementKind::Covariate { name, of, .. } = &statement.kind {
                self.declare_covariate(space, *file, statement, name, of);
            }
        }
        for (statement, file) in &statements {
            self.declare_statement(space, *file, statement);
        }
        for (statement, file) in &statements {
            self.declare_drawn(space, *file, statement);
        }
    }

    /// `observe grade in {none, mild} ~ ordinal ...` without a value declares what it draws.
    fn declare_drawn(&mut self, space: SpaceId, file: FileId, statement: &Rc<Statement>) {
        let StatementKind::Observe {
            head,
            of: Of::Category(_),
            value: None,
            draw: Some(_),
            ..
        } = &statement.kind
        else {
            return;
        };
        if self.spaces[space].names.contains_key(&head.name.text) {
            return;
        }
        let (role, word, known) = (Role::Observable, "observable", Known::Pending);
        self.declare_head(head, Declaration { space, file, statement, role, word, known });
    }

    fn declare_statement(&mut self, space: SpaceId, file: FileId, statement: &Rc<Statement>) {
        let frame = Frame { space, file, indices: Vec::new(), locals: Vec::new() };
        let declaration =
            |role, word, known| Declaration { space, file, statement, role, word, known };
        match &statement.kind {
            StatementKind::Faulty(names) => {
                let space = &mut self.spaces[space];
                space.any_name |= names.first().is_some_and(|word| word == "use");
                space.silenced.extend(names.iter().cloned());
            }
            StatementKind::Table { name, columns, rows } => {
                self.declare_table(space, file, statement, name, columns, rows);
            }
            StatementKind::Curve { name, .. } => {
                self.declare_curve(space, file, statement, name);
            }
            StatementKind::Function { name, arguments, body } => {
                for argument in arguments {
                    self.is_refused(argument);
                }
                let id = self.functions.len();
                self.functions.push(Function {
                    name: name.clone(),
                    arguments: arguments.clone(),
                    body: body.clone(),
                    space,
                    file,
                });
                self.declare(space, name, Entry::Function(id), "function");
            }
            StatementKind::Input { head, of, .. } => {
                let known = self.declared_type(space, file, of, &head.name, Level::Time);
                self.declare_head(head, declaration(Role::Input, "input", known));
            }
            StatementKind::Param { head, .. } => {
                self.declare_head(head, declaration(Role::Parameter, "param", Known::Pending));
            }
            StatementKind::Let { head, .. } => {
                self.declare_head(head, declaration(Role::Let, "let", Known::Pending));
            }
            StatementKind::State { head, of, .. } => {
                let known = self.declared_type(space, file, of, &head.name, Level::State);
                self.declare_head(head, declaration(Role::State, "state", known));
            }
            StatementKind::Observe { head, value: Some(_), .. } => {
                let known = Known::Pending;
                self.declare_head(head, declaration(Role::Observable, "observable", known));
                self.later.push((statement.clone(), frame));
            }
            StatementKind::Event { name, .. } => {
                self.happens(space, name, Happening::Event(self.events.len()));
                self.events.push((statement.clone(), frame));
                self.declare(space, name, Entry::Event, "event");
            }
            StatementKind::Hazard { name, .. } => {
                let head = Head { name: name.clone(), axes: Vec::new() };
                self.happens(space, name, Happening::Hazard(self.hazards.len()));
                let first = self.items.len();
                self.declare_head(&head, declaration(Role::Hazard, "hazard", Known::Pending));
                self.hazards.extend(first..self.items.len());
            }
            StatementKind::Dose { drug, route, .. } => {
                let happening = Happening::Dose(self.doses.len());
                for name in drug.iter().chain([route]) {
                    self.happens(space, name, happening);
                }
                self.doses.push((statement.clone(), frame));
            }
            StatementKind::Block { .. }
            | StatementKind::Rate { .. }
            | StatementKind::Next { .. }
            | StatementKind::Jump { .. }
            | StatementKind::On { .. }
            | StatementKind::Observe { .. } => self.later.push((statement.clone(), frame)),
            StatementKind::Use { name: None, path_span, .. } => {
                if let Some(&used) = self.uses.get(path_span) {
                    self.check_bindings_of(statement, space, used);
                }
            }
            _ => {}
        }
    }

    /// The first line of a route, or the event itself, stands for the name.
    fn happens(&mut self, space: SpaceId, name: &Name, happening: Happening) {
        self.spaces[space].happenings.entry(name.text.clone()).or_insert(happening);
    }

    /// The type that a declaration gives; a quantity that says nothing is a plain number.
    fn declared_type(
        &mut self,
        space: SpaceId,
        file: FileId,
        of: &Of,
        name: &Name,
        level: Level,
    ) -> Known {
        match of {
            Of::Nothing => known(Unit::one(), Kind::Number, level),
            Of::Unit(text) => match self.unit_in(space, file, text) {
                Some(unit) => known(unit, Kind::Number, level),
                None => Known::Faulty,
            },
            Of::Category(text) => match self.category_set(space, text, name) {
                Some(set) => known(Unit::one(), Kind::Level(set.levels()), level),
                None => Known::Faulty,
            },
        }
    }

    /// A category is called after its set, or after the quantity where the levels are listed there.
    fn category_set(&mut self, space: SpaceId, text: &SetText, name: &Name) -> Option<Rc<Set>> {
        let called = match text {
            SetText::Named { name: set, except } if except.is_empty() => &set.text,
            _ => &name.text,
        };
        self.set(space, text, called)
    }

    /// A unit with the names of its file.
    pub(crate) fn unit_in(
        &mut self,
        space: SpaceId,
        file: FileId,
        text: &UnitText,
    ) -> Option<Unit> {
        let frame = Frame { space, file, indices: Vec::new(), locals: Vec::new() };
        self.checked(&frame, text.span, |checker| checker.unit(text))
    }

    fn declare_covariate(
        &mut self,
        space: SpaceId,
        file: FileId,
        statement: &Rc<Statement>,
        name: &Name,
        of: &Of,
    ) {
        let level = Level::Twin;
        let known = self.declared_type(space, file, of, name, level);
        if self.spaces[space].bindings.contains_key(&name.text) {
            let head = Head { name: name.clone(), axes: Vec::new() };
            let (role, word) = (Role::Let, "covariate");
            let declaration = Declaration { space, file, statement, role, word, known };
            return self.declare_head(&head, declaration);
        }
        if let Some(&quantity) = self.shared.get(&name.text) {
            self.share_covariate(space, quantity, name, &known);
            return;
        }
        let head = Head { name: name.clone(), axes: Vec::new() };
        let (role, word) = (Role::Covariate, "covariate");
        self.declare_head(&head, Declaration { space, file, statement, role, word, known });
        if let Some(Entry::Quantity(id)) =
            self.spaces[space].names.get(&name.text).map(|named| named.entry.clone())
        {
            self.shared.insert(name.text.clone(), id);
        }
    }

    /// A covariate of two files is one: it must have one dimension, or the same levels.
    fn share_covariate(&mut self, space: SpaceId, id: QuantityId, name: &Name, other: &Known) {
        let first = &self.items[self.quantities[id].members[&Vec::new()]];
        let span = first.span;
        let agree = match (&first.known, other) {
            (Known::Type(a), Known::Type(b)) => {
                a.kind == b.kind && a.unit.same_dimension(&b.unit)
            }
            _ => true,
        };
        if !agree {
            let message = format!("`{}` is declared twice, and not alike", name.text);
            let fault = Diagnostic::error(code::DUPLICATE_NAME, message, name.span)
                .label(span, "first here")
                .help("a covariate belongs to the twin and is the same in all files");
            self.faults.push(fault);
            return;
        }
        let elsewhere = !self.spaces[space].names.contains_key(&name.text);
        if elsewhere || span.source == name.span.source {
            self.declare(space, name, Entry::Quantity(id), "covariate");
        }
    }

    /// Declares a head, or the members of it.
    pub(super) fn declare_head(&mut self, head: &Head, declaration: Declaration<'_>) {
        let Declaration { space, file, statement, .. } = declaration;
        let unrolled =
            if statement.faulty { None } else { self.unroll(space, file, &head.axes) };
        let Some(unrolled) = unrolled else {
            self.declare(space, &head.name, Entry::Silent, declaration.word);
            return;
        };
        let Some(quantity) = self.quantity_of(head, &declaration) else { return };
        for (key, frame) in unrolled {
            if self.items.len() == MAX_ITEMS {
                let message = format!("not supported yet: more than {MAX_ITEMS} quantities");
                let span = head.name.span;
                self.faults.push(Diagnostic::error(code::NOT_SUPPORTED, message, span));
                return;
            }
            self.declare_member(quantity, key, frame, &head.name, &declaration);
        }
    }

    /// The family that a head belongs to: a new one, or one of which another statement declares
    /// other members. None if the name is taken.
    fn quantity_of(
        &mut self,
        head: &Head,
        declaration: &Declaration<'_>,
    ) -> Option<QuantityId> {
        let Declaration { space, word, .. } = *declaration;
        if let Some(Named { entry: Entry::Quantity(id), word: first, .. }) =
            self.spaces[space].names.get(&head.name.text)
        {
            let axes = self.quantities[*id].axes;
            if axes > 0 && axes == head.axes.len() && *first == word {
                return Some(*id);
            }
        }
        let id = self.quantities.len();
        self.quantities.push(Quantity {
            name: format!("{}{}", self.prefix_of(declaration), head.name.text),
            axes: head.axes.len(),
            members: BTreeMap::new(),
            order: Vec::new(),
        });
        self.declare(space, &head.name, Entry::Quantity(id), word);
        match &self.spaces[space].names[&head.name.text].entry {
            Entry::Quantity(declared) if *declared == id => Some(id),
            _ => None,
        }
    }

    /// A covariate belongs to the twin and has its own name in every file.
    fn prefix_of(&self, declaration: &Declaration<'_>) -> &str {
        if declaration.role == Role::Covariate {
            ""
        } else {
            &self.spaces[declaration.space].prefix
        }
    }

    fn declare_member(
        &mut self,
        quantity: QuantityId,
        key: Vec<Member>,
        frame: Frame,
        name: &Name,
        declaration: &Declaration<'_>,
    ) {
        let full = member_name(&self.quantities[quantity].name, &key);
        if let Some(&first) = self.quantities[quantity].members.get(&key) {
            let span = self.items[first].span;
            let message = format!("`{full}` is declared twice");
            let help = self.declared_before(declaration.word, span, name.span);
            let fault = Diagnostic::error(code::DUPLICATE_NAME, message, name.span)
                .label(span, "first here")
                .help(help);
            self.faults.push(fault);
            return;
        }
        let bound = self.spaces[declaration.space].bindings.get(&name.text).cloned();
        let id = self.add_item(full, name.span, declaration, frame, bound);
        self.quantities[quantity].members.insert(key.clone(), id);
        self.quantities[quantity].order.push(key);
    }

    fn add_item(
        &mut self,
        name: String,
        span: Span,
        declaration: &Declaration<'_>,
        frame: Frame,
        bound: Option<Rc<Bound>>,
    ) -> ItemId {
        let role = match (declaration.role, &bound) {
            (Role::Covariate | Role::Input, Some(_)) => Role::Let,
            (role, _) => role,
        };
        let bindable = matches!(declaration.word, "covariate" | "input" | "param");
        let text = declaration.statement.text.clone();
        let symbol =
            (role != Role::Entry).then(|| self.add_symbol(name.clone(), role, span, text));
        self.items.push(Item {
            name,
            span,
            role,
            statement: declaration.statement.clone(),
            frame,
            bound: bound.filter(|_| bindable),
            symbol,
            value: None,
            known: declaration.known.clone(),
            defined: false,
        });
        self.items.len() - 1
    }
}

pub(super) fn known(unit: Unit, kind: Kind, level: Level) -> Known {
    Known::Type(Type { unit, kind, level })
}
