//! Expressions as a graph in which equal parts are one node.
//!
//! A node's id is greater than the ids of its operands, so that ascending order is an order of
//! evaluation. Constants fold with the very functions that run later. Simplifications are those
//! that keep every bit, of zeros too: `x * 1`, `x / 1`, `x - 0`, `x + (-0)`, double negation,
//! `a + (-b)`. `x + 0` stays, because it turns -0 into 0, and so does `x * 0`, because of NaN and
//! infinity. Nothing is fused into multiply-add unless [`Graph::fma`] asks for it: the same
//! equations typed by hand give the same bits. One rule is not of bits but of meaning: a power with the exponent 1, 2, 3 or -1 is
//! `x`, `x * x`, `x * x * x` or `1 / x`.

mod analysis;
mod condition;
mod derivative;
mod sign;

pub(crate) use analysis::{Reads, operands};

use crate::program::compile;
use crate::{Program, Table, function};
use proband_lang::{Binary, Unary};
use std::collections::BTreeMap;

/// A node of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// The position among the nodes.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a program finds its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bank {
    /// Rows that belong to a twin.
    Twin,
    /// Rows that change at instants.
    Signal,
    /// The one row of time.
    Time,
    /// Rows of states.
    State,
}

/// What a node computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A number, by its bits.
    Constant(u64),
    /// A row of a bank.
    Input(Bank, u32),
    /// A function of one value.
    Unary(Unary, NodeId),
    /// A function of two values.
    Binary(Binary, NodeId, NodeId),
    /// The first times the second plus the third, rounded once.
    Fma(NodeId, NodeId, NodeId),
    /// If the first is true the second, if it is false the third.
    Select(NodeId, NodeId, NodeId),
    /// A table at a value.
    Table(u32, NodeId),
    /// The value where it is finite, zero elsewhere.
    Finite(NodeId),
    /// The unknown of the enclosing root at this depth of nesting, from 0.
    Unknown(u32),
    /// The value of the unknown at `depth` that makes `body` zero, between `from` and `to`.
    Root {
        /// One end of the bracket.
        from: NodeId,
        /// The other end.
        to: NodeId,
        /// What becomes zero.
        body: NodeId,
        /// By which `Unknown` the body refers to the value sought.
        depth: u32,
    },
}

/// How deep roots may be nested in roots.
pub(crate) const MOST_ROOTS_NESTED: u32 = 16;

/// Nodes without repetition.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    reads: Vec<Reads>,
    ids: BTreeMap<Node, NodeId>,
    tables: Vec<Table>,
}

impl Graph {
    /// What a node computes.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.index()]
    }

    /// The tables that nodes refer to.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Takes a table in, once.
    pub fn add_table(&mut self, table: Table) -> u32 {
        let at = self.tables.iter().position(|known| *known == table).unwrap_or_else(|| {
            self.tables.push(table);
            self.tables.len() - 1
        });
        u32::try_from(at).expect("tables are few")
    }

    /// A number. NaN is one number.
    pub fn constant(&mut self, value: f64) -> NodeId {
        let value = if value.is_nan() { f64::NAN } else { value };
        self.intern(Node::Constant(value.to_bits()))
    }

    /// A row of a bank.
    pub fn input(&mut self, bank: Bank, row: usize) -> NodeId {
        self.intern(Node::Input(bank, u32::try_from(row).expect("rows are few")))
    }

    /// Time.
    pub fn time(&mut self) -> NodeId {
        self.input(Bank::Time, 0)
    }

    /// The unknown of a root.
    pub fn unknown(&mut self, depth: u32) -> NodeId {
        self.intern(Node::Unknown(depth))
    }

    /// A function of one value.
    pub fn unary(&mut self, which: Unary, x: NodeId) -> NodeId {
        match (which, self.node(x)) {
            (_, Node::Constant(bits)) => {
                let value = function::unary(which, f64::from_bits(bits));
                self.constant(value)
            }
            (Unary::Neg, Node::Unary(Unary::Neg, inner)) => inner,
            (Unary::Not, Node::Unary(Unary::Not, inner)) => inner,
            _ => self.intern(Node::Unary(which, x)),
        }
    }

    /// A function of two values.
    pub fn binary(&mut self, which: Binary, a: NodeId, b: NodeId) -> NodeId {
        if let (Some(x), Some(y)) = (self.as_constant(a), self.as_constant(b)) {
            let value = function::binary(which, x, y);
            return self.constant(value);
        }
        match which {
            Binary::Add => self.sum(a, b),
            Binary::Sub => self.difference(a, b),
            Binary::Mul => self.product(a, b),
            Binary::Div if self.is(b, 1.0) => a,
            Binary::Pow => self.power(a, b),
            Binary::Greater => self.intern(Node::Binary(Binary::Less, b, a)),
            Binary::GreaterEqual => self.intern(Node::Binary(Binary::LessEqual, b, a)),
            Binary::NotEqual => {
                let equal = self.binary(Binary::Equal, a, b);
                self.unary(Unary::Not, equal)
            }
            _ => self.intern(Node::Binary(which, a, b)),
        }
    }

    /// `a * b + c`, rounded once.
    pub fn fma(&mut self, a: NodeId, b: NodeId, c: NodeId) -> NodeId {
        match [a, b, c].map(|id| self.as_constant(id)) {
            [Some(x), Some(y), Some(z)] => self.constant(x.mul_add(y, z)),
            _ => self.intern(Node::Fma(a.min(b), a.max(b), c)),
        }
    }

    /// `yes` where the condition is true, `no` where it is false.
    pub fn select(&mut self, condition: NodeId, yes: NodeId, no: NodeId) -> NodeId {
        match self.as_constant(condition) {
            Some(0.0) => no,
            Some(value) if value.is_nan() => condition,
            Some(_) => yes,
            None => self.intern(Node::Select(condition, yes, no)),
        }
    }

    /// A table at a value.
    pub fn table(&mut self, table: u32, x: NodeId) -> NodeId {
        match self.as_constant(x) {
            Some(x) => {
                let value = self.tables[table as usize].value(x);
                self.constant(value)
            }
            None => self.intern(Node::Table(table, x)),
        }
    }

    /// The value where it is finite, zero elsewhere.
    pub fn finite(&mut self, x: NodeId) -> NodeId {
        match self.as_constant(x) {
            Some(x) => self.constant(function::finite(x)),
            None => self.intern(Node::Finite(x)),
        }
    }

    /// The zero of `body` as a function of the unknown at `depth`.
    pub fn root(&mut self, from: NodeId, to: NodeId, body: NodeId, depth: u32) -> NodeId {
        self.intern(Node::Root { from, to, body, depth })
    }

    /// `members[index - first]`, no number where there is no such member.
    pub fn member(&mut self, index: NodeId, first: i64, members: &[NodeId]) -> NodeId {
        let mut value = self.constant(f64::NAN);
        for (at, &member) in (first..).zip(members) {
            let at = self.constant(at as f64);
            let here = self.binary(Binary::Equal, index, at);
            value = self.select(here, member, value);
        }
        value
    }

    /// The program that writes each of these to the output of its position.
    #[must_use]
    pub fn program(&self, outputs: &[NodeId]) -> Program {
        compile(self, outputs, &BTreeMap::new())
    }

    /// The node that computes this, if there is one.
    pub(crate) fn find(&self, node: Node) -> Option<NodeId> {
        self.ids.get(&node).copied()
    }

    /// The number, if the node is one.
    #[must_use]
    pub fn as_constant(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// Whether the node is this very number; the sign of a zero counts.
    fn is(&self, id: NodeId, value: f64) -> bool {
        self.node(id) == Node::Constant(value.to_bits())
    }

    /// The node of which this is the negative.
    fn negated(&self, id: NodeId) -> Option<NodeId> {
        match self.node(id) {
            Node::Unary(Unary::Neg, inner) => Some(inner),
            _ => None,
        }
    }

    fn sum(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is(a, -0.0) {
            b
        } else if self.is(b, -0.0) {
            a
        } else if let Some(b) = self.negated(b) {
            self.difference(a, b)
        } else if let Some(a) = self.negated(a) {
            self.difference(b, a)
        } else {
            self.intern(Node::Binary(Binary::Add, a.min(b), a.max(b)))
        }
    }

    fn difference(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is(b, 0.0) {
            a
        } else if let Some(b) = self.negated(b) {
            self.sum(a, b)
        } else {
            self.intern(Node::Binary(Binary::Sub, a, b))
        }
    }

    fn product(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is(a, 1.0) {
            b
        } else if self.is(b, 1.0) {
            a
        } else if self.is(a, -1.0) {
            self.unary(Unary::Neg, b)
        } else if self.is(b, -1.0) {
            self.unary(Unary::Neg, a)
        } else {
            self.intern(Node::Binary(Binary::Mul, a.min(b), a.max(b)))
        }
    }

    fn power(&mut self, base: NodeId, exponent: NodeId) -> NodeId {
        let exponent_value = self.as_constant(exponent);
        if exponent_value == Some(1.0) {
            base
        } else if exponent_value == Some(2.0) {
            self.product(base, base)
        } else if exponent_value == Some(3.0) {
            let square = self.product(base, base);
            self.product(square, base)
        } else if exponent_value == Some(-1.0) {
            let one = self.constant(1.0);
            self.binary(Binary::Div, one, base)
        } else {
            self.intern(Node::Binary(Binary::Pow, base, exponent))
        }
    }

    pub(super) fn intern(&mut self, node: Node) -> NodeId {
        if let Some(&known) = self.ids.get(&node) {
            return known;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 nodes"));
        self.reads.push(self.reads_of(node));
        self.nodes.push(node);
        self.ids.insert(node, id);
        id
    }
}
