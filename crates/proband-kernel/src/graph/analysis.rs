//! What nodes depend on, and which nodes a node needs.

use super::{Bank, Graph, Node, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// What a value depends on: banks, and unknowns of roots by depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads(u32);

impl Reads {
    pub(crate) const TWIN: Self = Self(1);
    pub(crate) const SIGNAL: Self = Self(2);
    pub(crate) const TIME: Self = Self(4);
    pub(crate) const STATE: Self = Self(8);

    /// The unknown of a root at this depth.
    pub(crate) fn unknown(depth: u32) -> Self {
        Self(16 << depth)
    }

    /// The unknowns of a root at this depth and of all within it.
    pub(crate) fn unknowns_from(depth: u32) -> Self {
        Self(!(Self::unknown(depth).0 - 1))
    }

    /// Whether it depends on any of these.
    pub(crate) fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// Both together.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// All but those of `other`.
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it depends on the twin, and on nothing that moves while the twin stays the same.
    pub(crate) fn only_twin(self) -> bool {
        self == Self::TWIN
    }
}

impl Graph {
    /// What a node depends on.
    pub(crate) fn reads(&self, id: NodeId) -> Reads {
        self.reads[id.index()]
    }

    pub(super) fn reads_of(&self, node: Node) -> Reads {
        match node {
            Node::Constant(_) => Reads::default(),
            Node::Input(Bank::Twin, _) => Reads::TWIN,
            Node::Input(Bank::Signal, _) => Reads::SIGNAL,
            Node::Input(Bank::Time, _) => Reads::TIME,
            Node::Input(Bank::State, _) => Reads::STATE,
            Node::Unknown(depth) => Reads::unknown(depth),
            Node::Root { from, to, body, depth } => {
                let body = self.reads(body).without(Reads::unknown(depth));
                self.reads(from).and(self.reads(to)).and(body)
            }
            _ => operands(node).fold(Reads::default(), |all, id| all.and(self.reads(id))),
        }
    }

    /// The nodes that `roots` need, in ascending order, and no further down than `stop` says (a
    /// node that stops is in, its operands are not on its account).
    pub(crate) fn cone(
        &self,
        roots: impl IntoIterator<Item = NodeId>,
        stop: impl Fn(NodeId) -> bool,
    ) -> BTreeSet<NodeId> {
        let mut cone = BTreeSet::new();
        let mut open: Vec<NodeId> = roots.into_iter().collect();
        while let Some(id) = open.pop() {
            if cone.insert(id) && !stop(id) {
                open.extend(operands(self.node(id)));
            }
        }
        cone
    }

    /// Which nodes use which, among all that `roots` need.
    pub(crate) fn users(&self, roots: &[NodeId]) -> Users {
        let mut users = BTreeMap::<NodeId, Vec<NodeId>>::new();
        for id in self.cone(roots.iter().copied(), |_| false) {
            for operand in operands(self.node(id)) {
                users.entry(operand).or_default().push(id);
            }
        }
        Users(users)
    }

    /// The node with some of those it needs replaced by others. Replacements are not looked into.
    pub(crate) fn replace(
        &mut self,
        root: NodeId,
        replacements: &BTreeMap<NodeId, NodeId>,
    ) -> NodeId {
        self.replace_all(&[root], replacements)[0]
    }

    /// The same for several, which share what they have in common.
    pub(crate) fn replace_all(
        &mut self,
        roots: &[NodeId],
        replacements: &BTreeMap<NodeId, NodeId>,
    ) -> Vec<NodeId> {
        if replacements.is_empty() {
            return roots.to_vec();
        }
        let cone = self.cone(roots.iter().copied(), |id| replacements.contains_key(&id));
        let mut now = replacements.clone();
        for id in cone {
            if !now.contains_key(&id) {
                let replaced = self.rebuilt(self.node(id), &now);
                now.insert(id, replaced);
            }
        }
        roots.iter().map(|root| now[root]).collect()
    }

    /// Takes over nodes of another graph, with some of those they need replaced by nodes of this
    /// one. Replacements are not looked into.
    pub(crate) fn import(
        &mut self,
        from: &Self,
        roots: &[NodeId],
        replacements: BTreeMap<NodeId, NodeId>,
    ) -> Vec<NodeId> {
        let cone = from.cone(roots.iter().copied(), |id| replacements.contains_key(&id));
        let mut now = replacements;
        for id in cone {
            if !now.contains_key(&id) {
                let node = match from.node(id) {
                    Node::Table(table, x) => {
                        Node::Table(self.add_table(from.tables[table as usize].clone()), x)
                    }
                    node => node,
                };
                let here = self.rebuilt(node, &now);
                now.insert(id, here);
            }
        }
        roots.iter().map(|root| now[root]).collect()
    }

    /// The node on replaced operands.
    fn rebuilt(&mut self, node: Node, now: &BTreeMap<NodeId, NodeId>) -> NodeId {
        match node {
            Node::Constant(_) | Node::Input(..) | Node::Unknown(_) => self.intern(node),
            Node::Unary(which, x) => self.unary(which, now[&x]),
            Node::Binary(which, a, b) => self.binary(which, now[&a], now[&b]),
            Node::Fma(a, b, c) => self.fma(now[&a], now[&b], now[&c]),
            Node::Select(condition, yes, no) => {
                self.select(now[&condition], now[&yes], now[&no])
            }
            Node::Table(table, x) => self.table(table, now[&x]),
            Node::Finite(x) => self.finite(now[&x]),
            Node::Root { from, to, body, depth } => {
                self.root(now[&from], now[&to], now[&body], depth)
            }
        }
    }
}

/// The nodes that a node needs directly.
pub(crate) fn operands(node: Node) -> impl Iterator<Item = NodeId> {
    let (a, b, c) = match node {
        Node::Constant(_) | Node::Input(..) | Node::Unknown(_) => (None, None, None),
        Node::Unary(_, a) | Node::Table(_, a) | Node::Finite(a) => (Some(a), None, None),
        Node::Binary(_, a, b) => (Some(a), Some(b), None),
        Node::Fma(a, b, c) | Node::Select(a, b, c) => (Some(a), Some(b), Some(c)),
        Node::Root { from, to, body, .. } => (Some(from), Some(to), Some(body)),
    };
    [a, b, c].into_iter().flatten()
}

/// Which nodes use a node directly. With it the derivatives by each of many inputs cost what depends on
/// that input, instead of everything.
pub(crate) struct Users(BTreeMap<NodeId, Vec<NodeId>>);

impl Users {
    /// The nodes that depend on another, operands before what uses them.
    pub(crate) fn above(&self, id: NodeId) -> BTreeSet<NodeId> {
        let mut all = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let users = self.0.get(&id).into_iter().flatten();
            open.extend(users.filter(|&&user| all.insert(user)));
        }
        all
    }
}
