//! A compiled system over lanes, as the integrator takes it.

use proband_kernel::{Kernel, Rows, System};
use proband_ode::{Effort, Field, Sparsity};

/// Lanes of a system: the rows of its twins and signals, and the kernels that read them.
#[derive(Debug)]
pub(crate) struct SystemField<'s> {
    system: &'s System,
    lanes: usize,
    /// Rows of lanes.
    twin: Vec<f64>,
    signals: Vec<f64>,
    rates: Kernel,
    jacobian: Kernel,
    time_derivative: Option<Kernel>,
    guards: Kernel,
    sparsity: Sparsity,
}

impl<'s> SystemField<'s> {
    pub(crate) fn new(system: &'s System, lanes: usize) -> Self {
        Self {
            system,
            lanes,
            twin: vec![0.0; system.twin_rows() * lanes],
            signals: vec![0.0; system.signals.len() * lanes],
            rates: system.rates.kernel(lanes),
            jacobian: system.jacobian.program.kernel(lanes),
            time_derivative: system
                .time_derivative
                .as_ref()
                .map(|program| program.kernel(lanes)),
            guards: system.guard_program.kernel(lanes),
            sparsity: Sparsity::new(system.states.len(), system.jacobian.entries.clone()),
        }
    }

    /// The rows that programs read, with these times and states.
    pub(crate) fn rows<'a>(&'a self, t: &'a [f64], states: &'a [f64]) -> Rows<'a> {
        Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states }
    }

    /// Sets a row of the twin bank.
    pub(crate) fn set_twin(&mut self, row: usize, lane: usize, value: f64) {
        self.twin[row * self.lanes + lane] = value;
    }

    /// The value of a signal.
    pub(crate) fn signal(&self, row: usize, lane: usize) -> f64 {
        self.signals[row * self.lanes + lane]
    }

    /// Sets a signal. Gives whether that changed it.
    pub(crate) fn set_signal(&mut self, row: usize, lane: usize, value: f64) -> bool {
        let place = &mut self.signals[row * self.lanes + lane];
        let changed = place.to_bits() != value.to_bits();
        *place = value;
        changed
    }
}

impl Field for SystemField<'_> {
    fn states(&self) -> usize {
        self.system.states.len()
    }

    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let rows =
            Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states: y };
        self.rates.run(&rows, dy);
    }

    fn bounds(&self, state: usize) -> (f64, f64) {
        self.system.bounds[state]
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        Some(&self.sparsity)
    }

    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        let rows =
            Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states: y };
        self.jacobian.run(&rows, entries);
    }

    fn depends_on_time(&self) -> bool {
        self.time_derivative.is_some()
    }

    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        let rows =
            Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states: y };
        if let Some(kernel) = &mut self.time_derivative {
            kernel.run(&rows, dt);
        }
    }

    fn guards(&self) -> usize {
        self.system.guards.len()
    }

    fn fill_guards(&mut self, t: &[f64], y: &[f64], guards: &mut [f64]) {
        let rows =
            Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states: y };
        self.guards.run(&rows, guards);
    }

    fn effort(&self) -> Effort {
        let by_time = self.system.time_derivative.as_ref();
        Effort {
            rates: self.system.rates.instructions(),
            jacobian: self.system.jacobian.program.instructions()
                + by_time.map_or(0, proband_kernel::Program::instructions),
        }
    }
}
