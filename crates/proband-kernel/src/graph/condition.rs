//! Conditions as functions that are positive exactly where they hold, so that the instant at
//! which one changes is the zero of a continuous function.

use super::{Graph, Node, NodeId};
use proband_lang::{Binary, Unary};

/// A step towards the guard of a condition.
enum Task {
    /// Make the guard of this condition, or of its contrary.
    Make(NodeId, bool),
    /// Join the last two guards: both must hold, or either.
    Join(Binary),
    /// Choose between the last two guards.
    Choose(NodeId),
}

impl Graph {
    /// A value that is positive exactly where the condition holds. It is `b - a` for `a < b`, the
    /// lesser of two for `and`, the greater for `or`, and a jump for conditions that are no
    /// comparison of magnitudes, such as that a level is reached.
    pub fn guard(&mut self, condition: NodeId) -> NodeId {
        let mut tasks = vec![Task::Make(condition, true)];
        let mut done = Vec::new();
        while let Some(task) = tasks.pop() {
            match task {
                Task::Make(condition, holds) => {
                    self.expand(condition, holds, &mut tasks, &mut done);
                }
                Task::Join(how) => {
                    let (b, a) = (done.pop(), done.pop());
                    let both = a.zip(b).expect("two guards were made");
                    done.push(self.join(how, both));
                }
                Task::Choose(condition) => {
                    let (no, yes) = (done.pop(), done.pop());
                    let (yes, no) = yes.zip(no).expect("two guards were made");
                    done.push(self.select(condition, yes, no));
                }
            }
        }
        done.pop().expect("the guard was made")
    }

    fn expand(
        &mut self,
        condition: NodeId,
        holds: bool,
        tasks: &mut Vec<Task>,
        done: &mut Vec<NodeId>,
    ) {
        match self.node(condition) {
            Node::Unary(Unary::Not, inner) => tasks.push(Task::Make(inner, !holds)),
            Node::Binary(how @ (Binary::And | Binary::Or), a, b) => {
                let both = (how == Binary::And) == holds;
                tasks.push(Task::Join(if both { Binary::And } else { Binary::Or }));
                tasks.push(Task::Make(b, holds));
                tasks.push(Task::Make(a, holds));
            }
            Node::Select(chosen_by, yes, no) => {
                tasks.push(Task::Choose(chosen_by));
                tasks.push(Task::Make(no, holds));
                tasks.push(Task::Make(yes, holds));
            }
            Node::Binary(Binary::Less, a, b) if holds => {
                done.push(self.binary(Binary::Sub, b, a));
            }
            Node::Binary(Binary::LessEqual, a, b) if !holds => {
                done.push(self.binary(Binary::Sub, a, b));
            }
            Node::Binary(Binary::Less, a, b) => done.push(self.not_below(a, b)),
            Node::Binary(Binary::LessEqual, a, b) => done.push(self.not_below(b, a)),
            _ => done.push(self.jump(condition, holds)),
        }
    }

    /// `a - b`, and positive also where the two are equal.
    fn not_below(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let difference = self.binary(Binary::Sub, a, b);
        let equal = self.binary(Binary::Equal, a, b);
        let least = self.constant(f64::MIN_POSITIVE);
        self.select(equal, least, difference)
    }

    /// 1 where the condition holds, -1 where it does not; the other way round for its contrary.
    fn jump(&mut self, condition: NodeId, holds: bool) -> NodeId {
        let (yes, no) = if holds { (1.0, -1.0) } else { (-1.0, 1.0) };
        let (yes, no) = (self.constant(yes), self.constant(no));
        self.select(condition, yes, no)
    }

    /// Where the first decides alone, the second may be no number.
    fn join(&mut self, how: Binary, (a, b): (NodeId, NodeId)) -> NodeId {
        let zero = self.constant(0.0);
        let first = self.binary(Binary::Less, zero, a);
        if how == Binary::And {
            let both = self.binary(Binary::Min, a, b);
            self.select(first, both, a)
        } else {
            let either = self.binary(Binary::Max, a, b);
            self.select(first, a, either)
        }
    }
}
