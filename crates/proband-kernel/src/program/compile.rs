//! From nodes to instructions.

use super::{
    Instruction, Kind, Operation, PLACES, Place, Program, ROOT_ROWS, ROOT_UNKNOWN, Tape,
};
use crate::Table;
use crate::graph::{Bank, Graph, Node, NodeId, Reads, operands};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The program that writes each of `outputs` to the row of its position. Nodes in `known` are
/// read from their place instead of computed.
pub(crate) fn compile(
    graph: &Graph,
    outputs: &[NodeId],
    known: &BTreeMap<NodeId, (Bank, usize)>,
) -> Program {
    let mut compiler = Compiler::new(graph, outputs, known);
    compiler.run(outputs);
    Program { tape: Arc::new(compiler.finish(outputs.len())), compiled: Arc::default() }
}

struct Compiler<'a> {
    graph: &'a Graph,
    known: &'a BTreeMap<NodeId, (Bank, usize)>,
    /// The first output row of a node that is an output.
    output_rows: BTreeMap<NodeId, usize>,
    places: BTreeMap<NodeId, Place>,
    instructions: Vec<Instruction>,
    constants: Vec<f64>,
    tables: Vec<(u32, Table)>,
    free: Vec<usize>,
    registers: usize,
}

impl<'a> Compiler<'a> {
    fn new(
        graph: &'a Graph,
        outputs: &[NodeId],
        known: &'a BTreeMap<NodeId, (Bank, usize)>,
    ) -> Self {
        let mut output_rows = BTreeMap::new();
        for (row, &id) in outputs.iter().enumerate() {
            output_rows.entry(id).or_insert(row);
        }
        Self {
            graph,
            known,
            output_rows,
            places: BTreeMap::new(),
            instructions: Vec::new(),
            constants: Vec::new(),
            tables: Vec::new(),
            free: Vec::new(),
            registers: 0,
        }
    }

    fn run(&mut self, outputs: &[NodeId]) {
        self.block(outputs);
        for (row, id) in outputs.iter().enumerate() {
            let target = Place::new(Kind::Output, row);
            let from = self.places[id];
            if from != target {
                self.emit(Operation::Copy, target, [from, from, from]);
            }
        }
    }

    /// Emits all that `roots` need and that has no place yet. What it computes besides the roots
    /// leaves its registers again.
    fn block(&mut self, roots: &[NodeId]) {
        let order = self.order(roots);
        let last = self.last_uses(&order);
        for (at, &id) in order.iter().enumerate() {
            self.compute(id, &last, at);
        }
    }

    /// Operands before what needs them, depth first, so that few values wait at a time.
    fn order(&mut self, roots: &[NodeId]) -> Vec<NodeId> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<(NodeId, bool)> = roots.iter().rev().map(|&id| (id, false)).collect();
        while let Some((id, ready)) = open.pop() {
            if ready {
                order.push(id);
            } else if !self.has_place(id) && seen.insert(id) {
                open.push((id, true));
                let needs = self.needs(id);
                open.extend(needs.into_iter().rev().map(|id| (id, false)));
            }
        }
        order
    }

    /// What must be at hand before a node: its operands; for a root what its body takes from
    /// outside rather than the body.
    fn needs(&self, id: NodeId) -> Vec<NodeId> {
        match self.graph.node(id) {
            Node::Root { from, to, body, depth } => {
                let bound = Reads::unknowns_from(depth);
                let inside = |id: NodeId| self.graph.reads(id).any(bound);
                let cone =
                    self.graph.cone([body], |id| !inside(id) || self.known.contains_key(&id));
                let outside = cone.into_iter().filter(|&id| !inside(id));
                [from, to].into_iter().chain(outside).collect()
            }
            node => operands(node).collect(),
        }
    }

    /// Where in the order each of its nodes is needed last. Values from outside the order are not
    /// its to release: a loop needs them again.
    fn last_uses(&self, order: &[NodeId]) -> BTreeMap<NodeId, usize> {
        let members: BTreeSet<NodeId> = order.iter().copied().collect();
        let uses = order.iter().enumerate();
        uses.flat_map(|(at, &id)| self.needs(id).into_iter().map(move |need| (need, at)))
            .filter(|(need, _)| members.contains(need))
            .collect()
    }

    /// Gives inputs and constants their place, which costs no instruction.
    fn has_place(&mut self, id: NodeId) -> bool {
        if self.places.contains_key(&id) {
            return true;
        }
        let place = match (self.known.get(&id), self.graph.node(id)) {
            (Some(&(bank, row)), _) => Place::new(kind_of(bank), row),
            (None, Node::Input(bank, row)) => Place::new(kind_of(bank), row as usize),
            (None, Node::Constant(bits)) => self.constant(f64::from_bits(bits)),
            _ => return false,
        };
        self.places.insert(id, place);
        true
    }

    fn constant(&mut self, value: f64) -> Place {
        self.constants.push(value);
        Place::new(Kind::Constant, self.constants.len() - 1)
    }

    fn compute(&mut self, id: NodeId, last: &BTreeMap<NodeId, usize>, at: usize) {
        let node = self.graph.node(id);
        if let Node::Root { from, to, body, depth } = node {
            return self.compute_root(id, (from, to, body, depth), last, at);
        }
        let operation = self.operation(node);
        let operands: Vec<NodeId> = operands(node).collect();
        let sources = [0, 1, 2].map(|at| self.places[operands.get(at).unwrap_or(&operands[0])]);
        // A target may be the row of an operand: lanes are read before they are written.
        self.release_used(&operands, last, at);
        let target = self.target(id);
        self.emit(operation, target, sources);
    }

    fn operation(&mut self, node: Node) -> Operation {
        match node {
            Node::Unary(which, _) => Operation::Unary(which),
            Node::Binary(which, ..) => Operation::Binary(which),
            Node::Fma(..) => Operation::Fma,
            Node::Select(..) => Operation::Select,
            Node::Finite(_) => Operation::Finite,
            Node::Table(table, _) => Operation::Table(self.table(table)),
            Node::Constant(_) | Node::Input(..) | Node::Unknown(_) | Node::Root { .. } => {
                unreachable!("has a place already or is emitted as a loop")
            }
        }
    }

    fn table(&mut self, table: u32) -> u32 {
        let at =
            self.tables.iter().position(|(known, _)| *known == table).unwrap_or_else(|| {
                self.tables.push((table, self.graph.tables()[table as usize].clone()));
                self.tables.len() - 1
            });
        u32::try_from(at).expect("tables are few")
    }

    /// A loop: the body is emitted once and runs until every lane has found its zero. Values from
    /// outside keep their registers while it runs.
    fn compute_root(
        &mut self,
        id: NodeId,
        (from, to, body, depth): (NodeId, NodeId, NodeId, u32),
        last: &BTreeMap<NodeId, usize>,
        at: usize,
    ) {
        let search = Place::new(Kind::Register, self.registers);
        self.registers += ROOT_ROWS;
        let ends = [self.places[&from], self.places[&to], self.places[&to]];
        self.emit(Operation::RootStart, search, ends);
        let start = u32::try_from(self.instructions.len()).expect("few instructions");
        let unknown = self.graph.find(Node::Unknown(depth));
        let outside = self.places.clone();
        self.places.extend(unknown.map(|id| (id, search.offset(ROOT_UNKNOWN))));
        self.block(&[body]);
        let value = self.places[&body];
        self.emit(Operation::RootStep(start), search, [value, value, value]);
        self.release_body(&outside);
        self.places = outside;
        self.release_used(&self.needs(id), last, at);
        let target = self.target(id);
        self.emit(Operation::RootEnd, target, [search, search, search]);
        self.free.extend(search.row()..search.row() + ROOT_ROWS);
    }

    /// Frees the registers of what was computed inside a loop.
    fn release_body(&mut self, outside: &BTreeMap<NodeId, Place>) {
        let inside: Vec<NodeId> =
            self.places.keys().copied().filter(|id| !outside.contains_key(id)).collect();
        for id in inside {
            self.release(id);
        }
    }

    fn release_used(&mut self, operands: &[NodeId], last: &BTreeMap<NodeId, usize>, at: usize) {
        for &operand in operands {
            if last.get(&operand) == Some(&at) {
                self.release(operand);
            }
        }
    }

    /// Frees the register of a value, if it has one of its own; at most once, since the value
    /// loses it.
    fn release(&mut self, id: NodeId) {
        let Some(&place) = self.places.get(&id) else { return };
        if place.kind() == Kind::Register as usize && !self.is_unknown(id) {
            self.places.remove(&id);
            self.free.push(place.row());
        }
    }

    fn is_unknown(&self, id: NodeId) -> bool {
        matches!(self.graph.node(id), Node::Unknown(_))
    }

    /// Where a value goes: straight to its output row, or to a register.
    fn target(&mut self, id: NodeId) -> Place {
        let place = match self.output_rows.get(&id) {
            Some(&row) => Place::new(Kind::Output, row),
            None => Place::new(Kind::Register, self.register()),
        };
        self.places.insert(id, place);
        place
    }

    fn register(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        })
    }

    fn emit(&mut self, operation: Operation, target: Place, [a, b, c]: [Place; 3]) {
        self.instructions.push(Instruction { operation, target, a, b, c });
    }

    fn finish(self, outputs: usize) -> Tape {
        let mut extents = [0; PLACES];
        for instruction in &self.instructions {
            let Instruction { target, a, b, c, .. } = *instruction;
            for place in [target, a, b, c] {
                extents[place.kind()] = extents[place.kind()].max(place.row() + 1);
            }
        }
        extents[Kind::Register as usize] = self.registers;
        extents[Kind::Output as usize] = outputs;
        Tape {
            instructions: self.instructions,
            constants: self.constants,
            tables: self.tables.into_iter().map(|(_, table)| table).collect(),
            extents,
        }
    }
}

fn kind_of(bank: Bank) -> Kind {
    match bank {
        Bank::Twin => Kind::Twin,
        Bank::Signal => Kind::Signal,
        Bank::Time => Kind::Time,
        Bank::State => Kind::State,
    }
}
