//! A compiled system over lanes, as the integrator takes it, and as it is at instants.
//!
//! The integrator knows the integrated states alone. At an instant a lane has all states: they are
//! [taken from the path](SystemField::leave_path) where it stops, may be changed like each other, and are
//! [put on it](SystemField::take_path) again.

use proband_kernel::{Kernel, Rows, System};
use proband_ode::{Effort, Field, LaneState, Samples, Sparsity};

/// Lanes of a system: the rows of its twins and signals, and the kernels that read them.
#[derive(Debug)]
pub(crate) struct SystemField<'s> {
    system: &'s System,
    lanes: usize,
    /// Rows of lanes.
    twin: Vec<f64>,
    signals: Vec<f64>,
    /// All states where each lane stopped last, and when that was.
    states: Vec<f64>,
    t: Vec<f64>,
    present: Kernel,
    anchor: Kernel,
    rates: Kernel,
    jacobian: Kernel,
    time_derivative: Option<Kernel>,
    guards: Kernel,
    sparsity: Sparsity,
    written: Vec<f64>,
}

impl<'s> SystemField<'s> {
    pub(crate) fn new(system: &'s System, lanes: usize) -> Self {
        Self {
            system,
            lanes,
            twin: vec![0.0; system.twin_rows() * lanes],
            signals: vec![0.0; system.signals.len() * lanes],
            states: vec![0.0; system.states.len() * lanes],
            t: vec![0.0; lanes],
            present: system.present.kernel(lanes),
            anchor: system.anchor.program.kernel(lanes),
            rates: system.rates.kernel(lanes),
            jacobian: system.jacobian.program.kernel(lanes),
            time_derivative: system
                .time_derivative
                .as_ref()
                .map(|program| program.kernel(lanes)),
            guards: system.guard_program.kernel(lanes),
            sparsity: Sparsity::new(system.integrated.len(), system.jacobian.entries.clone()),
            written: vec![0.0; system.states.len().max(system.anchor.rows.len())],
        }
    }

    /// The rows that programs along the path read, at these times and integrated states.
    pub(crate) fn on_path<'a>(&'a self, t: &'a [f64], states: &'a [f64]) -> Rows<'a> {
        Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states }
    }

    /// The rows that programs at instants read.
    pub(crate) fn at_instant(&self) -> Rows<'_> {
        self.on_path(&self.t, &self.states)
    }

    /// Sets a lane's time.
    pub(crate) fn set_time(&mut self, lane: usize, t: f64) {
        self.t[lane] = t;
    }

    /// Takes all states of a lane from its path, where it has come to.
    pub(crate) fn leave_path(&mut self, lane: usize, y: &LaneState<'_>) {
        let rows = Rows {
            lanes: self.lanes,
            twin: &self.twin,
            signals: &self.signals,
            t: &self.t,
            states: y.rows(),
        };
        self.present.run_lane(&rows, lane, &mut self.written);
        for row in 0..self.system.states.len() {
            self.states[row * self.lanes + lane] = self.written[row];
        }
    }

    /// Puts a lane on the path that begins with all its states, twin rows and signals as they are now.
    /// Gives the row of an exact state that leads nowhere.
    pub(crate) fn take_path(&mut self, lane: usize, y: &mut LaneState<'_>) -> Option<usize> {
        for (place, &row) in self.system.integrated.iter().enumerate() {
            y.set(place, self.states[row * self.lanes + lane]);
        }
        let rows = &self.system.anchor.rows;
        if rows.is_empty() {
            return None;
        }
        let lanes = self.lanes;
        let now = Rows {
            lanes,
            twin: &self.twin,
            signals: &self.signals,
            t: &self.t,
            states: &self.states,
        };
        self.anchor.run_lane(&now, lane, &mut self.written);
        for (&row, &value) in rows.iter().zip(&self.written) {
            self.signals[row * lanes + lane] = value;
        }
        let all_finite = self.written[..rows.len()].iter().all(|value| value.is_finite());
        if all_finite { None } else { self.astray(lane, y) }
    }

    /// The first exact state that is no number where its path begins.
    fn astray(&mut self, lane: usize, y: &LaneState<'_>) -> Option<usize> {
        let rows = Rows {
            lanes: self.lanes,
            twin: &self.twin,
            signals: &self.signals,
            t: &self.t,
            states: y.rows(),
        };
        self.present.run_lane(&rows, lane, &mut self.written);
        let integrated = &self.system.integrated;
        let exact = (0..self.system.states.len()).filter(|row| !integrated.contains(row));
        exact.into_iter().find(|&row| !self.written[row].is_finite())
    }

    /// Writes all states at samples.
    pub(crate) fn all_states(&mut self, samples: &Samples<'_>, out: &mut [f64]) {
        let Samples { t, y, .. } = *samples;
        let rows =
            Rows { lanes: self.lanes, twin: &self.twin, signals: &self.signals, t, states: y };
        self.present.run(&rows, out);
    }

    /// The rows of all states where lanes stopped last.
    pub(crate) fn states(&self) -> &[f64] {
        &self.states
    }

    /// A state where the lane has stopped.
    pub(crate) fn state(&self, row: usize, lane: usize) -> f64 {
        self.states[row * self.lanes + lane]
    }

    /// Changes a state where the lane has stopped.
    pub(crate) fn set_state(&mut self, row: usize, lane: usize, value: f64) {
        self.states[row * self.lanes + lane] = value;
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
        self.system.integrated.len()
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
