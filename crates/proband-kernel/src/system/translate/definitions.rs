//! What the quantities of models are: typical and individual values, inputs, states.

use super::{Key, Scope, Task, Translator, Value, Work};
use crate::BuildError;
use crate::graph::{Bank, NodeId};
use crate::system::layout::*;
use proband_lang::{Binary, Spread, SymbolId, SymbolKind, Unary};

impl<'a> Translator<'a> {
    pub(super) fn define_symbol(
        &mut self,
        id: ModelId,
        symbol: SymbolId,
        work: &mut Work<'a>,
    ) -> Result<(), BuildError> {
        let model = self.model(id);
        let node = match model.symbols[symbol.index()].kind {
            SymbolKind::Typical(parameter) => self.typical(id, parameter),
            SymbolKind::Parameter(parameter) => {
                let centre = self.centre(id, parameter);
                work.tasks.extend([Task::Individual(id, parameter), centre]);
                return Ok(());
            }
            SymbolKind::Covariate(at) => self.twin_row(TwinRow::Covariate(id, at)),
            SymbolKind::Input(at) => {
                let task = self.input(id, at)?;
                work.tasks.push(task);
                return Ok(());
            }
            SymbolKind::Let(at) => {
                let expr = &model.lets[at].expression;
                work.tasks.push(Task::Visit(Scope::Model(id), expr));
                return Ok(());
            }
            SymbolKind::State(at) => {
                let row = self.state_row(id, at);
                self.graph.input(Bank::State, row)
            }
            SymbolKind::Amount => self.signal(Signal::Amount),
        };
        work.done.push(node);
        Ok(())
    }

    /// The typical value of a parameter: the trial's, or else the file's.
    fn typical(&mut self, model: ModelId, parameter: usize) -> NodeId {
        match self.models[model.0].options.typical.get(&parameter) {
            Some(Typical::Value(value)) => self.graph.constant(*value),
            Some(Typical::Row) => self.twin_row(TwinRow::Typical(model, parameter)),
            None => {
                let value = self.model(model).parameters[parameter].typical_value;
                self.graph.constant(value.unwrap_or(f64::NAN))
            }
        }
    }

    /// The typical value for a twin's covariates. Where the expression has no leading number, what
    /// the trial gives replaces it all.
    fn centre(&self, id: ModelId, at: usize) -> Task<'a> {
        let parameter = &self.model(id).parameters[at];
        let replaced = self.models[id.0].options.typical.contains_key(&at);
        if replaced && parameter.typical_value.is_none() {
            Task::Define(Key::Symbol(id, parameter.typical))
        } else {
            Task::Visit(Scope::Model(id), &parameter.expression)
        }
    }

    /// The typical value for a twin's covariates, as a node.
    pub(in crate::system) fn centre_node(
        &mut self,
        id: ModelId,
        at: usize,
    ) -> Result<NodeId, BuildError> {
        let task = self.centre(id, at);
        self.run(task)
    }

    fn input(&mut self, id: ModelId, at: usize) -> Result<Task<'a>, BuildError> {
        Ok(match self.models[id.0].options.feeds.get(&at) {
            Some(Feed::Constant(value)) => Task::Source(Source::Constant(*value)),
            Some(Feed::Value(value)) => Task::Define(Key::Value(*value)),
            Some(Feed::Signal) => {
                let row = self.signal_row(Signal::Input(id, at));
                Task::Source(Source::Signal(SignalSlot(row)))
            }
            None => {
                let input = &self.model(id).inputs[at];
                let default = input.default.as_ref();
                let missing = || BuildError::MissingInput(self.symbol_name(id, input.symbol));
                Task::Visit(Scope::Model(id), default.ok_or_else(missing)?)
            }
        })
    }

    /// The individual value of a parameter about its centre.
    pub(super) fn individual(&mut self, id: ModelId, at: usize, centre: NodeId) -> NodeId {
        let parameter = &self.model(id).parameters[at];
        let twins = parameter.between_twins.as_ref();
        let occasions = parameter.between_occasions.as_ref();
        let deviate = twins.map(|_| self.twin_row(TwinRow::Deviate(id, at)));
        let occasion = occasions.map(|_| self.twin_row(TwinRow::OccasionDeviate(id, at)));
        let moves = [twins.zip(deviate), occasions.zip(occasion)];
        match moves {
            [Some((twins, deviate)), Some((occasions, occasion))]
                if std::mem::discriminant(twins) == std::mem::discriminant(occasions)
                    && !matches!(twins, Spread::Uniform(..) | Spread::Bernoulli) =>
            {
                let eta = self.graph.binary(Binary::Add, deviate, occasion);
                self.moved(twins, centre, eta)
            }
            _ => moves
                .into_iter()
                .flatten()
                .fold(centre, |value, (spread, eta)| self.moved(spread, value, eta)),
        }
    }

    /// A value moved by a deviate.
    fn moved(&mut self, spread: &Spread, value: NodeId, eta: NodeId) -> NodeId {
        match spread {
            Spread::LogNormal(_) => {
                let factor = self.graph.unary(Unary::Exp, eta);
                self.graph.binary(Binary::Mul, value, factor)
            }
            Spread::Normal(_) => self.graph.binary(Binary::Add, value, eta),
            Spread::Proportional(_) => {
                let one = self.graph.constant(1.0);
                let factor = self.graph.binary(Binary::Add, one, eta);
                self.graph.binary(Binary::Mul, value, factor)
            }
            Spread::LogitNormal(_) => {
                let logit = self.graph.unary(Unary::Logit, value);
                let moved = self.graph.binary(Binary::Add, logit, eta);
                self.graph.unary(Unary::Expit, moved)
            }
            Spread::Uniform(..) | Spread::Bernoulli => eta,
        }
    }

    pub(super) fn name(&self, key: Key) -> String {
        match key {
            Key::Symbol(model, symbol) => self.symbol_name(model, symbol),
            Key::Value(value) => match self.values[value.0] {
                Value::Source(Source::Symbol(model, symbol)) => self.symbol_name(model, symbol),
                _ => "an expression of the trial".to_owned(),
            },
        }
    }

    fn symbol_name(&self, model: ModelId, symbol: SymbolId) -> String {
        self.model(model).symbols[symbol.index()].name.clone()
    }
}
