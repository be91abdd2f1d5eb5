//! Whole steps as one program.

use crate::number::{Number, Traced};
use crate::rodas5p::Rodas5P;
use crate::stepper::{Bound, Stepper, Tolerance};
use crate::tsit5::Tsit5;
use crate::{Effort, Method, Settings, Sparsity, rodas5p, tsit5};
use proband_kernel::system::Equations;
use proband_kernel::{Bank, Graph, NodeId, Program, System};
use std::cell::RefCell;

/// The largest step that is made one program, in primitive instructions.
const MOST_INSTRUCTIONS: usize = 20_000;

/// A step of every lane, from its beginning to its error, as one program: what a system, a method
/// and tolerances make of it. It gives the bits of the step in stages, sooner where programs run as
/// machine code.
#[derive(Clone, Debug)]
pub struct WholeStep {
    method: Method,
    relative: f64,
    absolute: Vec<f64>,
    program: Program,
}

impl WholeStep {
    /// The step of a system, if it is small enough to be made in some hundredths of a second. The rule
    /// counts instructions, never time, and so is the same on every machine.
    #[must_use]
    pub fn of(system: &System, settings: &Settings) -> Option<Self> {
        let Settings { method, relative, ref absolute, .. } = *settings;
        (1..=MOST_INSTRUCTIONS).contains(&effort(system, method)).then(|| {
            let tolerance = Tolerance { relative, absolute };
            let program = trace(system, method, tolerance);
            Self { method, relative, absolute: absolute.clone(), program }
        })
    }

    /// The program: rows of time are the present and the step's length; rows of states what the step
    /// begins with, and outputs what it ends with.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Whether it is the step of a method at tolerances.
    #[must_use]
    pub fn is(&self, method: Method, relative: f64, absolute: &[f64]) -> bool {
        let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
        self.method == method
            && same((&self.relative, &relative))
            && self.absolute.len() == absolute.len()
            && self.absolute.iter().zip(absolute).all(same)
    }
}

/// The primitive instructions of a step; none where there is no state, or where steps are no
/// formulas of the rates.
fn effort(system: &System, method: Method) -> usize {
    let by_time = system.time_derivative.as_ref().map_or(0, Program::weight);
    let evaluations = Effort {
        rates: system.rates.weight(),
        jacobian: system.jacobian.program.weight() + by_time,
    };
    let pattern = Sparsity::new(system.rates.outputs(), system.jacobian.entries.clone());
    let explicit = Tsit5::effort(&pattern, evaluations);
    match method {
        Method::Exact => 0,
        // A stiff step is larger, and takes long to size up where there are many states.
        Method::Rodas5P if explicit <= MOST_INSTRUCTIONS => {
            Rodas5P::effort(&pattern, evaluations)
        }
        Method::Tsit5 | Method::Rodas5P => explicit,
    }
}

fn trace(system: &System, method: Method, tolerance: Tolerance<'_>) -> Program {
    let graph = RefCell::new(Graph::default());
    let outputs = {
        let plan = Plan::new(&graph, system, tolerance);
        let outputs = match method {
            Method::Tsit5 => tsit5::whole_step(&plan),
            Method::Rodas5P => rodas5p::whole_step(&plan),
            Method::Exact => unreachable!("it has no whole step"),
        };
        outputs.into_iter().map(|output| output.node).collect::<Vec<NodeId>>()
    };
    graph.into_inner().program(&outputs)
}

/// What a step is made from, while it is traced.
pub(crate) struct Plan<'g, 's> {
    graph: &'g RefCell<Graph>,
    equations: &'s Equations,
    pub(crate) tolerance: Tolerance<'s>,
    pub(crate) bounds: Vec<Bound>,
    /// The entries of the Jacobian.
    pub(crate) entries: &'s [(usize, usize)],
}

impl<'g, 's> Plan<'g, 's> {
    fn new(graph: &'g RefCell<Graph>, system: &'s System, tolerance: Tolerance<'s>) -> Self {
        let bounds = system.bounds.iter().enumerate();
        Self {
            graph,
            equations: &system.equations,
            tolerance,
            bounds: bounds.filter_map(|(state, &bounds)| Bound::of(state, bounds)).collect(),
            entries: &system.jacobian.entries,
        }
    }

    fn input(&self, bank: Bank, row: usize) -> Traced<'g> {
        let node = self.graph.borrow_mut().input(bank, row);
        Traced::new(self.graph, node)
    }

    /// A number.
    pub(crate) fn constant(&self, x: f64) -> Traced<'g> {
        self.t().constant(x)
    }

    /// The present.
    pub(crate) fn t(&self) -> Traced<'g> {
        self.input(Bank::Time, 0)
    }

    /// The step's length.
    pub(crate) fn h(&self) -> Traced<'g> {
        self.input(Bank::Time, 1)
    }

    /// One of the sets of rows, as many as states, that the step begins with.
    pub(crate) fn states(&self, set: usize) -> Vec<Traced<'g>> {
        let states = self.equations.states();
        (0..states).map(|row| self.input(Bank::State, set * states + row)).collect()
    }

    /// Derivatives of states, which stop at their bounds.
    pub(crate) fn rates(&self, t: Traced<'g>, y: &[Traced<'g>]) -> Vec<Traced<'g>> {
        let mut rates = self.at(t, y, Equations::rates_at);
        for &bound in &self.bounds {
            let rate = rates[bound.state];
            rates[bound.state] = rate.halted(bound, y[bound.state], rate);
        }
        rates
    }

    /// Rates, the entries of their Jacobian, and their derivatives with respect to time, if they
    /// depend on it: zero for states that stop at their bounds.
    pub(crate) fn linearised(
        &self,
        t: Traced<'g>,
        y: &[Traced<'g>],
    ) -> (Vec<Traced<'g>>, Vec<Traced<'g>>, Option<Vec<Traced<'g>>>) {
        let mut rates = self.at(t, y, Equations::rates_at);
        let mut entries = self.at(t, y, Equations::jacobian_at);
        let nodes: Vec<NodeId> = y.iter().map(|y| y.node).collect();
        let by_time =
            self.equations.time_derivative_at(&mut self.graph.borrow_mut(), t.node, &nodes);
        let mut by_time = by_time.map(|nodes| self.traced(nodes));
        for &bound in &self.bounds {
            let (y, rate) = (y[bound.state], rates[bound.state]);
            let halt = |value: &mut Traced<'g>| *value = value.halted(bound, y, rate);
            for (_, value) in self
                .entries
                .iter()
                .zip(&mut entries)
                .filter(|(entry, _)| entry.0 == bound.state)
            {
                halt(value);
            }
            if let Some(by_time) = &mut by_time {
                halt(&mut by_time[bound.state]);
            }
            rates[bound.state] = rate.halted(bound, y, rate);
        }
        (rates, entries, by_time)
    }

    /// States moved to their bounds where they have stepped over.
    pub(crate) fn clipped(&self, mut y: Vec<Traced<'g>>) -> Vec<Traced<'g>> {
        for &bound in &self.bounds {
            y[bound.state] = bound.clip(y[bound.state]);
        }
        y
    }

    fn at(
        &self,
        t: Traced<'g>,
        y: &[Traced<'g>],
        what: impl Fn(&Equations, &mut Graph, NodeId, &[NodeId]) -> Vec<NodeId>,
    ) -> Vec<Traced<'g>> {
        let states: Vec<NodeId> = y.iter().map(|y| y.node).collect();
        let nodes = what(self.equations, &mut self.graph.borrow_mut(), t.node, &states);
        self.traced(nodes)
    }

    fn traced(&self, nodes: Vec<NodeId>) -> Vec<Traced<'g>> {
        nodes.into_iter().map(|node| Traced::new(self.graph, node)).collect()
    }
}
