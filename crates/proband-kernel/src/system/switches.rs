//! What jumps or bends with time alone: found, taken out of the rates, and turned into instants
//! to land on.

use super::layout::{Signal, Switch};
use super::translate::Translator;
use crate::BuildError;
use crate::graph::{Bank, Graph, Node, NodeId, Reads};
use proband_lang::{Between, Binary, Unary};
use std::collections::BTreeMap;

/// The switches of a system and the nodes they stand for.
#[derive(Debug, Default)]
pub(super) struct Switches {
    pub(super) switches: Vec<Switch>,
    /// Nodes that rates read as signals.
    pub(super) signals: BTreeMap<NodeId, (Bank, usize)>,
    /// What the program writes: the value of each, and when that changes next.
    pub(super) outputs: Vec<NodeId>,
    /// The guards of switches that are not linear in time, by switch.
    pub(super) guards: Vec<(usize, NodeId)>,
}

impl Switches {
    /// The conditions and tables of time alone that `rates` depend on, and the conditions that
    /// `conditions` do.
    pub(super) fn find(
        translator: &mut Translator<'_>,
        rates: &[NodeId],
        conditions: &[NodeId],
    ) -> Result<Self, BuildError> {
        let mut found = Self::default();
        for id in of_time_alone(&translator.graph, rates) {
            match translator.graph.node(id) {
                Node::Table(table, x) => found.add_table(translator, id, table, x)?,
                _ => found.add_condition(translator, id)?,
            }
        }
        for id in of_time_alone(&translator.graph, conditions) {
            if !found.signals.contains_key(&id) {
                found.add_landing(&mut translator.graph, id)?;
            }
        }
        Ok(found)
    }

    /// What rates read in place of the conditions and tables.
    pub(super) fn inputs(&self, graph: &mut Graph) -> BTreeMap<NodeId, NodeId> {
        let signals = self.signals.iter();
        signals.map(|(&id, &(bank, row))| (id, graph.input(bank, row))).collect()
    }

    /// A condition that rates depend on: a signal, and instants or a guard.
    fn add_condition(
        &mut self,
        translator: &mut Translator<'_>,
        condition: NodeId,
    ) -> Result<(), BuildError> {
        let signal = self.add_signal(translator, condition);
        let graph = &mut translator.graph;
        if let Some(line) = Line::of_condition(graph, condition)? {
            let outputs = line.condition(graph, condition);
            self.add(Some(signal), outputs);
        } else {
            let guard = graph.guard(condition);
            self.guards.push((self.switches.len(), guard));
            let never = graph.constant(f64::INFINITY);
            self.add(Some(signal), [condition, never]);
        }
        Ok(())
    }

    /// A condition that only guards depend on. Where its instants are not known in advance those
    /// guards find them.
    fn add_landing(&mut self, graph: &mut Graph, condition: NodeId) -> Result<(), BuildError> {
        if let Some(line) = Line::of_condition(graph, condition)? {
            let outputs = line.condition(graph, condition);
            self.add(None, outputs);
        }
        Ok(())
    }

    /// A table that rates depend on: instants at its points, and a signal if it jumps there.
    fn add_table(
        &mut self,
        translator: &mut Translator<'_>,
        id: NodeId,
        table: u32,
        x: NodeId,
    ) -> Result<(), BuildError> {
        let Some(line) = Line::of(&mut translator.graph, x)? else { return Ok(()) };
        let jumps = translator.graph.tables()[table as usize].between() != Between::Linear;
        let signal = jumps.then(|| self.add_signal(translator, id));
        let outputs = line.table(&mut translator.graph, table);
        self.add(signal, outputs);
        Ok(())
    }

    fn add_signal(&mut self, translator: &mut Translator<'_>, id: NodeId) -> usize {
        let row = translator.signal_row(Signal::Switch(self.switches.len()));
        self.signals.insert(id, (Bank::Signal, row));
        row
    }

    fn add(&mut self, signal: Option<usize>, outputs: [NodeId; 2]) {
        self.switches.push(Switch { signal, guard: None });
        self.outputs.extend(outputs);
    }
}

/// The comparisons and tables that depend on time and on no state, among all that these nodes
/// need.
fn of_time_alone(graph: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    let kind = |id: &NodeId| {
        let node = graph.node(*id);
        let comparison = [Binary::Less, Binary::LessEqual, Binary::Equal];
        matches!(node, Node::Binary(which, ..) if comparison.contains(&which))
            || matches!(node, Node::Table(..))
    };
    let of_time = |id: &NodeId| {
        let reads = graph.reads(*id);
        let others = Reads::TWIN.and(Reads::SIGNAL).and(Reads::TIME);
        reads.any(Reads::TIME) && reads.without(others) == Reads::default()
    };
    graph
        .cone(roots.iter().copied(), |_| false)
        .into_iter()
        .filter(kind)
        .filter(of_time)
        .collect()
}

/// `level + slope t`, both constant between instants.
struct Line {
    level: NodeId,
    slope: NodeId,
}

impl Line {
    /// The difference of the sides of `a < b` or `a <= b`.
    fn of_condition(graph: &mut Graph, condition: NodeId) -> Result<Option<Self>, BuildError> {
        match graph.node(condition) {
            Node::Binary(Binary::Less | Binary::LessEqual, a, b) => {
                let difference = graph.binary(Binary::Sub, b, a);
                Self::of(graph, difference)
            }
            _ => Ok(None),
        }
    }

    /// A value that is linear in time as a whole, not piece by piece.
    fn of(graph: &mut Graph, value: NodeId) -> Result<Option<Self>, BuildError> {
        let time = graph.time();
        let Some(slope) = graph.derivatives(&[value], time)[0] else { return Ok(None) };
        let cone = graph.cone([value], |_| false);
        let smooth =
            cone.iter().all(|&id| !graph.reads(id).any(Reads::TIME) || is_smooth(graph, id));
        if !smooth || graph.reads(slope).any(Reads::TIME) {
            return Ok(None);
        }
        let origin = BTreeMap::from([(time, graph.constant(0.0))]);
        let level = graph.replace(value, &origin);
        Ok(Some(Self { level, slope }))
    }

    /// Whether the condition that this be positive holds from the present on, and when that
    /// changes next. At the very instant of a change what holds after it counts.
    fn condition(&self, graph: &mut Graph, condition: NodeId) -> [NodeId; 2] {
        let (time, zero) = (graph.time(), graph.constant(0.0));
        let never = graph.constant(f64::INFINITY);
        let quotient = graph.binary(Binary::Div, self.level, self.slope);
        let change = graph.unary(Unary::Neg, quotient);
        let rising = graph.binary(Binary::Less, zero, self.slope);
        let from_then = graph.binary(Binary::LessEqual, change, time);
        let until_then = graph.binary(Binary::Less, time, change);
        let moving = graph.select(rising, from_then, until_then);
        let flat = graph.binary(Binary::Equal, self.slope, zero);
        let holds = graph.select(flat, condition, moving);
        let next = graph.select(until_then, change, never);
        [holds, graph.select(flat, never, next)]
    }

    /// The value of a table at this from the present on, and when the next of its points is
    /// passed. The argument is moved on by a few roundings, so that a point which has been landed
    /// on counts as passed.
    fn table(&self, graph: &mut Graph, table: u32) -> [NodeId; 2] {
        let x = self.just_after(graph);
        let value = graph.table(table, x);
        let known = graph.tables()[table as usize].clone();
        let next = graph.add_table(known.next_point());
        let previous = graph.add_table(known.previous_point());
        let (above, below) = (graph.table(next, x), graph.table(previous, x));
        let zero = graph.constant(0.0);
        let rising = graph.binary(Binary::Less, zero, self.slope);
        let point = graph.select(rising, above, below);
        let way = graph.binary(Binary::Sub, point, self.level);
        let change = graph.binary(Binary::Div, way, self.slope);
        let flat = graph.binary(Binary::Equal, self.slope, zero);
        let never = graph.constant(f64::INFINITY);
        [value, graph.select(flat, never, change)]
    }

    fn just_after(&self, graph: &mut Graph) -> NodeId {
        let time = graph.time();
        let way = graph.binary(Binary::Mul, self.slope, time);
        let x = graph.binary(Binary::Add, self.level, way);
        let (way, level) = (graph.unary(Unary::Abs, way), graph.unary(Unary::Abs, self.level));
        let size = graph.binary(Binary::Add, way, level);
        let roundings = graph.constant(4.0 * f64::EPSILON);
        let distance = graph.binary(Binary::Mul, size, roundings);
        let least = graph.constant(f64::MIN_POSITIVE);
        let distance = graph.binary(Binary::Add, distance, least);
        let sign = graph.unary(Unary::Sign, self.slope);
        let shift = graph.binary(Binary::Mul, sign, distance);
        graph.binary(Binary::Add, x, shift)
    }
}

/// Whether a node has no corners or jumps of its own.
fn is_smooth(graph: &Graph, id: NodeId) -> bool {
    use Binary::{Equal, Less, LessEqual, Max, Min, Mod};
    use Unary::{Abs, Floor, Round, Sign};
    !matches!(
        graph.node(id),
        Node::Unary(Floor | Round | Sign | Abs, _)
            | Node::Binary(Mod | Min | Max | Less | LessEqual | Equal, ..)
            | Node::Table(..)
            | Node::Select(..)
    )
}
