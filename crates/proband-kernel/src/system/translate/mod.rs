//! From checked expressions to nodes, with explicit stacks: definitions may be as deep as they
//! like.

mod definitions;

use super::builder::ModelOptions;
use super::layout::*;
use crate::graph::{Bank, Graph, MOST_ROOTS_NESTED, NodeId};
use crate::{BuildError, Table};
use proband_lang::{Binary, Expr, Happening, Model, SymbolId, Unary};
use std::collections::BTreeMap;

/// A model of a system.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) model: &'a Model,
    pub(super) options: ModelOptions,
    /// How many of the model's units of time make one of the system's.
    pub(super) time_ratio: f64,
}

/// A named value.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// An expression and what its symbols are.
    Expression(&'a Expr, BTreeMap<SymbolId, Source>),
    /// Something that has a name already.
    Source(Source),
}

impl<'a> Value<'a> {
    pub(super) fn expression(
        expr: &'a Expr,
        resolve: &mut dyn FnMut(SymbolId) -> Source,
    ) -> Self {
        let mut sources = BTreeMap::new();
        expr.walk(&mut |part| {
            if let Expr::Symbol(symbol) = part {
                sources.entry(*symbol).or_insert_with(|| resolve(*symbol));
            }
        });
        Self::Expression(expr, sources)
    }
}

/// Translates expressions into one graph; what is defined once becomes a node once.
#[derive(Debug, Default)]
pub(super) struct Translator<'a> {
    pub(super) graph: Graph,
    pub(super) models: Vec<Instance<'a>>,
    pub(super) values: Vec<Value<'a>>,
    pub(super) twin: Vec<TwinRow>,
    pub(super) signals: Vec<Signal>,
    /// The nodes of definitions; nothing for those that are being translated.
    known: BTreeMap<Key, Option<NodeId>>,
}

/// A definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Symbol(ModelId, SymbolId),
    Value(ValueId),
}

/// Whose names an expression uses.
#[derive(Clone, Copy, Debug)]
enum Scope {
    Model(ModelId),
    Value(ValueId),
}

/// A step of the translation. Operators find their operands on top of the finished nodes.
#[derive(Debug)]
enum Task<'a> {
    Visit(Scope, &'a Expr),
    Define(Key),
    Remember(Key),
    Source(Source),
    Individual(ModelId, usize),
    Unary(Unary),
    Binary(Binary),
    Select,
    Table(u32),
    Member(i64, usize),
    EnterRoot(u32),
    LeaveRoot,
}

/// What is still to be done, and what is done.
#[derive(Debug, Default)]
struct Work<'a> {
    tasks: Vec<Task<'a>>,
    done: Vec<NodeId>,
    /// The numbers of the unknowns of the roots around, outermost first.
    unknowns: Vec<u32>,
}

impl Work<'_> {
    fn pop(&mut self) -> NodeId {
        self.done.pop().expect("operands were translated first")
    }
}

impl<'a> Translator<'a> {
    /// An expression of a model.
    pub(super) fn in_model(
        &mut self,
        model: ModelId,
        expr: &'a Expr,
    ) -> Result<NodeId, BuildError> {
        self.run(Task::Visit(Scope::Model(model), expr))
    }

    /// A quantity of a model.
    pub(super) fn symbol(
        &mut self,
        model: ModelId,
        symbol: SymbolId,
    ) -> Result<NodeId, BuildError> {
        self.run(Task::Define(Key::Symbol(model, symbol)))
    }

    /// A named value.
    pub(super) fn value(&mut self, value: ValueId) -> Result<NodeId, BuildError> {
        self.run(Task::Define(Key::Value(value)))
    }

    /// The row of a signal, new if nothing has read it yet.
    pub(super) fn signal_row(&mut self, signal: Signal) -> usize {
        self.signals.iter().position(|known| *known == signal).unwrap_or_else(|| {
            self.signals.push(signal);
            self.signals.len() - 1
        })
    }

    /// A row of signals as a node.
    pub(super) fn signal(&mut self, signal: Signal) -> NodeId {
        let row = self.signal_row(signal);
        self.graph.input(Bank::Signal, row)
    }

    /// A row of the twin bank as a node; the row must be there.
    pub(super) fn twin_row(&mut self, row: TwinRow) -> NodeId {
        let at = self.twin.iter().position(|known| *known == row).expect("the row is laid out");
        self.graph.input(Bank::Twin, at)
    }

    /// The row of a model's state.
    pub(super) fn state_row(&self, model: ModelId, state: usize) -> usize {
        let before = self.models[..model.0].iter();
        before.map(|instance| instance.model.states.len()).sum::<usize>() + state
    }

    fn model(&self, model: ModelId) -> &'a Model {
        self.models[model.0].model
    }

    fn run(&mut self, first: Task<'a>) -> Result<NodeId, BuildError> {
        let mut work = Work { tasks: vec![first], ..Work::default() };
        while let Some(task) = work.tasks.pop() {
            self.step(task, &mut work)?;
        }
        Ok(work.pop())
    }

    fn step(&mut self, task: Task<'a>, work: &mut Work<'a>) -> Result<(), BuildError> {
        match task {
            Task::Visit(scope, expr) => return self.visit(scope, expr, work),
            Task::Define(key) => return self.define(key, work),
            Task::Source(source) => self.source(source, work),
            Task::Remember(key) => {
                self.known.insert(key, work.done.last().copied());
            }
            Task::EnterRoot(number) => {
                if work.unknowns.len() >= MOST_ROOTS_NESTED as usize {
                    let what = format!("roots nested deeper than {MOST_ROOTS_NESTED}");
                    return Err(BuildError::NotSupportedYet(what));
                }
                work.unknowns.push(number);
            }
            _ => self.apply(task, work),
        }
        Ok(())
    }

    /// Takes operands from what is done and leaves the result there.
    fn apply(&mut self, task: Task<'a>, work: &mut Work<'a>) {
        let last = work.pop();
        let node = match task {
            Task::Unary(which) => self.graph.unary(which, last),
            Task::Binary(which) => {
                let left = work.pop();
                self.graph.binary(which, left, last)
            }
            Task::Select => {
                let yes = work.pop();
                let condition = work.pop();
                self.graph.select(condition, yes, last)
            }
            Task::Table(table) => self.graph.table(table, last),
            Task::Member(first, count) => {
                work.done.push(last);
                let members = work.done.split_off(work.done.len() - count);
                let index = work.pop();
                self.graph.member(index, first, &members)
            }
            Task::LeaveRoot => {
                let to = work.pop();
                let from = work.pop();
                work.unknowns.pop();
                let depth = u32::try_from(work.unknowns.len()).expect("few");
                self.graph.root(from, to, last, depth)
            }
            Task::Individual(model, parameter) => self.individual(model, parameter, last),
            Task::Visit(..)
            | Task::Define(_)
            | Task::Remember(_)
            | Task::Source(_)
            | Task::EnterRoot(_) => unreachable!("no operators"),
        };
        work.done.push(node);
    }

    fn visit(
        &mut self,
        scope: Scope,
        expr: &'a Expr,
        work: &mut Work<'a>,
    ) -> Result<(), BuildError> {
        let part = |expr: &'a Expr| Task::Visit(scope, expr);
        match expr {
            Expr::Number(value) => work.done.push(self.graph.constant(*value)),
            Expr::Symbol(symbol) => work.tasks.push(self.symbol_task(scope, *symbol)),
            Expr::Time => work.done.push(self.time(scope)),
            Expr::Unknown(number) => {
                let depth = work.unknowns.iter().rposition(|known| known == number);
                let depth = depth.and_then(|depth| u32::try_from(depth).ok());
                work.done.push(self.graph.unknown(depth.expect("inside its root")));
            }
            Expr::Unary(which, x) => work.tasks.extend([Task::Unary(*which), part(x)]),
            Expr::Binary(which, a, b) => {
                work.tasks.extend([Task::Binary(*which), part(b), part(a)]);
            }
            Expr::If(condition, yes, no) => {
                work.tasks.extend([Task::Select, part(no), part(yes), part(condition)]);
            }
            Expr::Table(table, x) => {
                let table = self.table(scope, *table)?;
                work.tasks.extend([Task::Table(table), part(x)]);
            }
            Expr::Member { index, first, members } => {
                work.tasks.push(Task::Member(*first, members.len()));
                work.tasks.extend(members.iter().rev().map(part));
                work.tasks.push(part(index));
            }
            Expr::Root { unknown, from, to, body } => work.tasks.extend([
                Task::LeaveRoot,
                part(body),
                Task::EnterRoot(*unknown),
                part(to),
                part(from),
            ]),
            Expr::Since(happening) => {
                let since = self.since(scope, *happening)?;
                work.done.push(since);
            }
        }
        Ok(())
    }

    fn symbol_task(&self, scope: Scope, symbol: SymbolId) -> Task<'a> {
        match scope {
            Scope::Model(model) => Task::Define(Key::Symbol(model, symbol)),
            Scope::Value(value) => match &self.values[value.0] {
                Value::Expression(_, sources) => Task::Source(sources[&symbol]),
                Value::Source(_) => unreachable!("has no expression"),
            },
        }
    }

    fn time(&mut self, scope: Scope) -> NodeId {
        let t = self.graph.time();
        match scope {
            Scope::Model(model) => self.times_ratio(model, t),
            Scope::Value(_) => t,
        }
    }

    /// From the system's unit of time to the model's; also from a rate in the model's time to one
    /// in the system's.
    pub(super) fn times_ratio(&mut self, model: ModelId, x: NodeId) -> NodeId {
        let ratio = self.graph.constant(self.models[model.0].time_ratio);
        self.graph.binary(Binary::Mul, x, ratio)
    }

    /// From a duration in the model's unit of time to one in the system's.
    pub(super) fn over_ratio(&mut self, model: ModelId, x: NodeId) -> NodeId {
        let ratio = self.graph.constant(self.models[model.0].time_ratio);
        self.graph.binary(Binary::Div, x, ratio)
    }

    fn table(&mut self, scope: Scope, table: usize) -> Result<u32, BuildError> {
        let Scope::Model(model) = scope else {
            return Err(BuildError::OnlyInModels("a table"));
        };
        let table = &self.model(model).tables[table];
        Ok(self.graph.add_table(Table::new(table.points.clone(), table.between)))
    }

    fn since(&mut self, scope: Scope, happening: Happening) -> Result<NodeId, BuildError> {
        let Scope::Model(model) = scope else {
            return Err(BuildError::OnlyInModels("`since`"));
        };
        let since = self.since_last(model, happening);
        Ok(self.times_ratio(model, since))
    }

    fn since_last(&mut self, model: ModelId, happening: Happening) -> NodeId {
        let last = self.signal(Signal::Last(model, happening));
        let t = self.graph.time();
        self.graph.binary(Binary::Sub, t, last)
    }

    fn source(&mut self, source: Source, work: &mut Work<'a>) {
        let node = match source {
            Source::Symbol(model, symbol) => {
                return work.tasks.push(Task::Define(Key::Symbol(model, symbol)));
            }
            Source::Value(value) => return work.tasks.push(Task::Define(Key::Value(value))),
            Source::Twin(slot) => self.graph.input(Bank::Twin, slot.0),
            Source::Signal(slot) => self.graph.input(Bank::Signal, slot.0),
            Source::Since(model, happening) => self.since_last(model, happening),
            Source::Constant(value) => self.graph.constant(value),
        };
        work.done.push(node);
    }

    fn define(&mut self, key: Key, work: &mut Work<'a>) -> Result<(), BuildError> {
        match self.known.get(&key) {
            Some(Some(node)) => {
                work.done.push(*node);
                return Ok(());
            }
            Some(None) => return Err(BuildError::Circular(self.name(key))),
            None => {}
        }
        self.known.insert(key, None);
        work.tasks.push(Task::Remember(key));
        match key {
            Key::Symbol(model, symbol) => self.define_symbol(model, symbol, work),
            Key::Value(value) => {
                work.tasks.push(match &self.values[value.0] {
                    Value::Expression(expr, _) => Task::Visit(Scope::Value(value), expr),
                    Value::Source(source) => Task::Source(*source),
                });
                Ok(())
            }
        }
    }
}
