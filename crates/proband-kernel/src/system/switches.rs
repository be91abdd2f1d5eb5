//! Conditions on time alone: found, taken out of the rates, and turned into instants to land on.

use super::layout::{Signal, Switch};
use super::translate::Translator;
use crate::BuildError;
use crate::graph::{Bank, Graph, Node, NodeId, Reads};
use proband_lang::{Binary, Unary};
use std::collections::BTreeMap;

/// The switches of a system and the nodes they stand for.
#[derive(Debug, Default)]
pub(super) struct Switches {
    pub(super) switches: Vec<Switch>,
    /// Conditions that rates read as signals.
    pub(super) signals: BTreeMap<NodeId, (Bank, usize)>,
    /// What the program writes: whether each holds, and when that changes next.
    pub(super) outputs: Vec<NodeId>,
    /// The guards of switches that are not linear in time, by switch.
    pub(super) guards: Vec<(usize, NodeId)>,
}

impl Switches {
    /// The conditions on time alone that `rates` depend on, and those that `conditions` do.
    pub(super) fn find(
        translator: &mut Translator<'_>,
        rates: &[NodeId],
        conditions: &[NodeId],
    ) -> Result<Self, BuildError> {
        let mut found = Self::default();
        for id in time_conditions(&translator.graph, rates) {
            let at = found.switches.len();
            let row = translator.signal_row(Signal::Switch(at));
            found.signals.insert(id, (Bank::Signal, row));
            found.add(&mut translator.graph, id, Some(row))?;
        }
        for id in time_conditions(&translator.graph, conditions) {
            if !found.signals.contains_key(&id) {
                found.add(&mut translator.graph, id, None)?;
            }
        }
        Ok(found)
    }

    /// Adds a condition. One that only guards depend on and whose instants are not known in
    /// advance is left to those guards.
    fn add(
        &mut self,
        graph: &mut Graph,
        condition: NodeId,
        signal: Option<usize>,
    ) -> Result<(), BuildError> {
        if let Some(line) = Line::of(graph, condition)? {
            self.outputs.extend(line.outputs(graph, condition));
            self.switches.push(Switch { signal, guard: None });
        } else if signal.is_some() {
            let guard = graph.guard(condition);
            self.guards.push((self.switches.len(), guard));
            let never = graph.constant(f64::INFINITY);
            self.outputs.extend([condition, never]);
            self.switches.push(Switch { signal, guard: None });
        }
        Ok(())
    }
}

/// The comparisons that depend on time and on no state, among all that these nodes need.
fn time_conditions(graph: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    let comparison = |id: &NodeId| {
        matches!(
            graph.node(*id),
            Node::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, ..)
        )
    };
    let of_time = |id: &NodeId| {
        let reads = graph.reads(*id);
        let movable = Reads::TWIN.and(Reads::SIGNAL).and(Reads::TIME);
        reads.any(Reads::TIME) && reads.without(movable) == Reads::default()
    };
    let cone = graph.cone(roots.iter().copied(), |_| false);
    cone.into_iter().filter(comparison).filter(of_time).collect()
}

/// `level + slope t`, whose sign decides a comparison.
struct Line {
    level: NodeId,
    slope: NodeId,
}

impl Line {
    /// The difference of the sides of `a < b` or `a <= b`, if it is linear in time.
    fn of(graph: &mut Graph, condition: NodeId) -> Result<Option<Self>, BuildError> {
        let Node::Binary(Binary::Less | Binary::LessEqual, a, b) = graph.node(condition) else {
            return Ok(None);
        };
        let difference = graph.binary(Binary::Sub, b, a);
        let time = graph.time();
        let Some(slope) = graph.derivatives(&[difference], time)?[0] else { return Ok(None) };
        let pieces = graph.cone([difference], |_| false).into_iter().any(|id| {
            graph.reads(id).any(Reads::TIME)
                && matches!(
                    graph.node(id),
                    Node::Unary(Unary::Floor | Unary::Round | Unary::Sign | Unary::Abs, _)
                        | Node::Binary(Binary::Mod | Binary::Min | Binary::Max, ..)
                        | Node::Table(..)
                        | Node::Select(..)
                )
        });
        if pieces || graph.reads(slope).any(Reads::TIME) {
            return Ok(None);
        }
        let origin = BTreeMap::from([(time, graph.constant(0.0))]);
        let level = graph.replace(difference, &origin);
        Ok(Some(Self { level, slope }))
    }

    /// Whether the condition holds from the present on, and when that changes next. At the very
    /// instant of a change what holds after it counts.
    fn outputs(&self, graph: &mut Graph, condition: NodeId) -> [NodeId; 2] {
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
}
