//! All that is declared, in all files of a model: files, name spaces, families and their members.

use super::continuity::{DEEPEST, moves};
use super::sets::{Member, Set};
use super::spaces::with_article;
use super::spreads::Waiting;
use super::typed::Typed;
use crate::syntax::{Expr, Name, Statement, Tree};
use crate::{Declared, Expr as Value, Happening, Kind, Level, Model, SymbolId, Unit};
use proband_diag::{Diagnostic, Faults, Sources, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(crate) type FileId = usize;
pub(crate) type SpaceId = usize;
pub(crate) type QuantityId = usize;
pub(crate) type ItemId = usize;

/// A file, read once however often it is used.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path.
    pub(crate) path: String,
    /// Its name without folders, for messages.
    pub(crate) name: String,
    pub(crate) tree: Tree,
    pub(crate) declared: Declared,
    pub(crate) time: Unit,
}

/// Where the names of an expression are looked up.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) space: SpaceId,
    pub(crate) file: FileId,
    /// Indices that stand for a member, innermost last.
    pub(crate) indices: Vec<Index>,
    /// Arguments of functions and unknowns of `root`, innermost last; none if faulty.
    pub(crate) locals: Vec<(String, Option<Typed>)>,
}

/// The index of a family while one member is checked.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) member: Member,
    pub(crate) set: Rc<Set>,
}

/// One space of names: a file with those it merges, or an instance of one.
#[derive(Debug, Default)]
pub(crate) struct Space {
    /// What stands before its names in full names: `pk.`.
    pub(crate) prefix: String,
    pub(crate) names: BTreeMap<String, Named>,
    /// Statements, those of merged files first.
    pub(crate) statements: Vec<(Rc<Statement>, FileId)>,
    /// What `with` replaces.
    pub(crate) bindings: BTreeMap<String, Rc<Bound>>,
    /// Names of statements that could not be read: known, and silent.
    pub(crate) silenced: BTreeSet<String>,
    /// A file it uses could not be read, so that any name may be one of its.
    pub(crate) any_name: bool,
    /// Events, and routes and drugs of doses.
    pub(crate) happenings: BTreeMap<String, Happening>,
}

/// A name and where it is declared.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) entry: Entry,
    /// `param`, `state`, ...
    pub(crate) word: &'static str,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Quantity(QuantityId),
    Set(Rc<Set>),
    Function(usize),
    Curve(usize),
    Event,
    Instances(Rc<Instances>),
    /// Faulty where it is declared.
    Silent,
}

/// Used files under one name: one, or one a member.
#[derive(Debug)]
pub(crate) struct Instances {
    pub(crate) axes: Vec<Rc<Set>>,
    pub(crate) members: BTreeMap<Vec<Member>, SpaceId>,
}

/// A replacement by `with`.
#[derive(Debug)]
pub(crate) struct Bound {
    /// The `use` statement.
    pub(crate) statement: Rc<Statement>,
    /// Which of its bindings.
    pub(crate) position: usize,
    /// Where its expression is looked up.
    pub(crate) frame: Frame,
    /// The name of the used file.
    pub(crate) file_name: String,
}

/// A declared name of values: one, or a family of them.
#[derive(Debug)]
pub(crate) struct Quantity {
    /// The full name.
    pub(crate) name: String,
    /// How many indices it takes.
    pub(crate) axes: usize,
    pub(crate) members: BTreeMap<Vec<Member>, ItemId>,
    /// The keys in the order of declaration.
    pub(crate) order: Vec<Vec<Member>>,
}

/// What an item is, by its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Covariate,
    Input,
    Parameter,
    Let,
    State,
    Hazard,
    Observable,
    /// An entry of a table.
    Entry,
}

/// One value with a name.
#[derive(Debug)]
pub(crate) struct Item {
    /// The full name.
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) role: Role,
    pub(crate) statement: Rc<Statement>,
    pub(crate) frame: Frame,
    pub(crate) bound: Option<Rc<Bound>>,
    pub(crate) symbol: Option<SymbolId>,
    /// The entry of a table; none where it says `-`.
    pub(crate) value: Option<f64>,
    pub(crate) known: Known,
    /// Its definition was checked.
    pub(crate) defined: bool,
}

/// What is known of the type of an item.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// Its definition was not looked at yet.
    Pending,
    Type(Type),
    /// Its definition has a fault.
    Faulty,
}

#[derive(Clone, Debug)]
pub(crate) struct Type {
    pub(crate) unit: Unit,
    pub(crate) kind: Kind,
    pub(crate) level: Level,
}

/// A function of the model.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Name>,
    pub(crate) body: Expr,
    pub(crate) space: SpaceId,
    pub(crate) file: FileId,
}

/// What a name could not be found, or be a member: reported at the first place only.
#[derive(Debug)]
pub(crate) struct Unfound {
    pub(crate) name: String,
    pub(crate) fault: Diagnostic,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) files: Vec<File>,
    pub(crate) spaces: Vec<Space>,
    pub(crate) quantities: Vec<Quantity>,
    pub(crate) items: Vec<Item>,
    pub(crate) functions: Vec<Function>,
    /// Covariates that belong to the twin, by their one name.
    pub(crate) shared: BTreeMap<String, QuantityId>,
    pub(crate) model: Model,
    pub(crate) faults: Faults,
    pub(crate) unfound: Vec<Unfound>,
    /// Statements of which one member had a fault: the faults of the others are not shown.
    pub(crate) faulted: BTreeSet<Span>,
    /// Items, functions and tables that something uses.
    pub(crate) used: BTreeSet<Span>,
    /// Which file a `use` line means, by the place of its path.
    pub(crate) uses: BTreeMap<Span, FileId>,
    /// Statements that are looked at once every name has a type, with where their names are.
    pub(crate) later: Vec<(Rc<Statement>, Frame)>,
    /// Of those, the events, hazards and dose lines, in the order of their positions in the model.
    pub(crate) events: Vec<(Rc<Statement>, Frame)>,
    pub(crate) hazards: Vec<ItemId>,
    pub(crate) doses: Vec<(Rc<Statement>, Frame)>,
    /// Distributions of parameters, by position, that wait for a spread from a block.
    pub(crate) waiting: BTreeMap<usize, Waiting>,
    /// States that something moves, by position.
    pub(crate) touched: BTreeSet<usize>,
    /// Equations of what is no state: each was probably meant for a state that has none.
    pub(crate) stray: usize,
    /// Second equations: state, name, place, place of the first.
    pub(crate) second: Vec<(usize, String, Span, Span)>,
    /// States with an equation of motion, by position.
    pub(crate) moved: BTreeSet<usize>,
    /// To tell lines.
    pub(crate) places: Sources,
}

impl World {
    /// The line of a place.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.places.place(span).line
    }

    /// Where a name was declared before, for one that is declared again.
    pub(crate) fn declared_before(&self, word: &str, first: Span, again: Span) -> String {
        let (what, line) = (with_article(word), self.line(first));
        if first.source == again.source {
            return format!("first as {what} in line {line}");
        }
        let path = &self.places.get(first.source).name;
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        format!("first as {what} in line {line} of `{name}`")
    }

    /// Whether the value moves continuously, as far as it is known so far.
    pub(crate) fn is_continuous(&self, value: &Value) -> bool {
        moves(&self.model, &|state| self.moved.contains(&state), value, DEEPEST)
    }
}
