//! A compiled system as a field.

use crate::{Effort, Field, Method, Sparsity, WholeStep};
use proband_kernel::{Backend, Kernel, Program, Rows, System};

/// Lanes of a compiled system: the rows of its twins and signals, and the programs that say how its
/// states move.
#[derive(Clone, Debug)]
pub struct Compiled {
    lanes: usize,
    /// Rows of lanes.
    twin: Vec<f64>,
    signals: Vec<f64>,
    rates: Kernel,
    jacobian: Kernel,
    time_derivative: Option<Kernel>,
    guards: Kernel,
    step: Option<(WholeStep, Kernel)>,
    backend: Backend,
    sparsity: Sparsity,
    bounds: Vec<(f64, f64)>,
    effort: Effort,
}

impl Compiled {
    /// The system over so many lanes, with all rows zero, on the fastest back end of this machine.
    #[must_use]
    pub fn new(system: &System, lanes: usize) -> Self {
        Self::on(system, lanes, Backend::detect())
    }

    /// The same on a given back end. The results do not depend on it.
    #[must_use]
    pub fn on(system: &System, lanes: usize, backend: Backend) -> Self {
        let kernel = |program: &Program| program.kernel_on(lanes, backend);
        let by_time = system.time_derivative.as_ref();
        let jacobian = &system.jacobian;
        Self {
            lanes,
            twin: vec![0.0; system.twin_rows() * lanes],
            signals: vec![0.0; system.signals.len() * lanes],
            rates: kernel(&system.rates),
            jacobian: kernel(&jacobian.program),
            time_derivative: by_time.map(kernel),
            guards: kernel(&system.guard_program),
            step: None,
            backend,
            sparsity: Sparsity::new(system.rates.outputs(), jacobian.entries.clone()),
            bounds: system.bounds.clone(),
            effort: Effort {
                rates: system.rates.instructions(),
                jacobian: jacobian.program.instructions()
                    + by_time.map_or(0, Program::instructions),
            },
        }
    }

    /// Takes whole steps where the method and the tolerances are these and programs run as machine
    /// code: the interpreter is sooner done with stages.
    #[must_use]
    pub fn with_step(self, step: &WholeStep) -> Self {
        let kernel = step.program().kernel_on(self.lanes, self.backend);
        let machine_code = kernel.backend() != Backend::Interpreter;
        Self { step: machine_code.then(|| (step.clone(), kernel)), ..self }
    }

    /// How many lanes.
    #[inline]
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// The rows that programs read, with these times and states.
    #[must_use]
    pub fn rows<'a>(&'a self, t: &'a [f64], states: &'a [f64]) -> Rows<'a> {
        Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states }
    }

    /// The rows of the twin bank, to be written.
    pub fn twin_rows_mut(&mut self) -> &mut [f64] {
        &mut self.twin
    }

    /// Sets a row of the twin bank; panics beyond the last.
    #[inline]
    pub fn set_twin(&mut self, row: usize, lane: usize, value: f64) {
        self.twin[row * self.lanes + lane] = value;
    }

    /// The value of a signal; panics beyond the last.
    #[inline]
    #[must_use]
    pub fn signal(&self, row: usize, lane: usize) -> f64 {
        self.signals[row * self.lanes + lane]
    }

    /// Sets a signal; panics beyond the last. Gives whether that changed it.
    #[inline]
    pub fn set_signal(&mut self, row: usize, lane: usize, value: f64) -> bool {
        let place = &mut self.signals[row * self.lanes + lane];
        let changed = place.to_bits() != value.to_bits();
        *place = value;
        changed
    }
}

impl Field for Compiled {
    fn states(&self) -> usize {
        self.sparsity.states()
    }

    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let Self { lanes, twin, signals, rates, .. } = self;
        rates.run(&Rows { lanes: *lanes, twin, signals, t, states: y }, dy);
    }

    fn bounds(&self, state: usize) -> (f64, f64) {
        self.bounds[state]
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        Some(&self.sparsity)
    }

    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        let Self { lanes, twin, signals, jacobian, .. } = self;
        jacobian.run(&Rows { lanes: *lanes, twin, signals, t, states: y }, entries);
    }

    fn depends_on_time(&self) -> bool {
        self.time_derivative.is_some()
    }

    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        let Self { lanes, twin, signals, time_derivative, .. } = self;
        if let Some(kernel) = time_derivative {
            kernel.run(&Rows { lanes: *lanes, twin, signals, t, states: y }, dt);
        }
    }

    fn guards(&self) -> usize {
        self.guards.outputs()
    }

    fn fill_guards(&mut self, t: &[f64], y: &[f64], values: &mut [f64]) {
        let Self { lanes, twin, signals, guards, .. } = self;
        guards.run(&Rows { lanes: *lanes, twin, signals, t, states: y }, values);
    }

    fn offers_step(&self, method: Method, relative: f64, absolute: &[f64]) -> bool {
        self.step.as_ref().is_some_and(|(step, _)| step.is(method, relative, absolute))
    }

    fn step(&mut self, times: &[f64], begin: &[f64], end: &mut [f64]) {
        let Self { lanes, twin, signals, step, .. } = self;
        let (_, kernel) = step.as_mut().expect("called only where it is offered");
        kernel.run(&Rows { lanes: *lanes, twin, signals, t: times, states: begin }, end);
    }

    fn effort(&self) -> Effort {
        self.effort
    }
}
