//! A compiled system over lanes, as the integrator takes it, and as it is at instants.

use super::instants::Instants;
use crate::plan::Phase;
use proband_kernel::{Backend, Rows};
use proband_ode::{Compiled, Effort, Field, LaneState, Method, Samples, Sparsity};

/// Lanes of a system: along their paths, and where they have stopped. Whatever reads signals along a path
/// first lays out what has changed.
#[derive(Debug)]
pub(crate) struct SystemField {
    path: Compiled,
    instants: Instants,
}

impl SystemField {
    pub(crate) fn new(phase: &Phase, lanes: usize, backend: Backend) -> Self {
        let path = Compiled::on(&phase.system, lanes, backend);
        Self {
            path: match &phase.step {
                Some(step) => path.with_step(step),
                None => path,
            },
            instants: Instants::new(&phase.system, lanes, backend),
        }
    }

    /// The rows that programs along the path read, at these times and integrated states.
    pub(crate) fn on_path<'a>(&'a mut self, t: &'a [f64], states: &'a [f64]) -> Rows<'a> {
        self.instants.lay_out(&mut self.path);
        self.path.rows(t, states)
    }

    /// The same where lanes stopped last.
    pub(crate) fn on_path_here<'a>(&'a mut self, states: &'a [f64]) -> Rows<'a> {
        self.instants.lay_out(&mut self.path);
        self.path.rows(&self.instants.t, states)
    }

    /// The rows that programs at instants read.
    pub(crate) fn at_instant(&self) -> Rows<'_> {
        self.path.rows(&self.instants.t, &self.instants.states)
    }

    /// Begins a twin at a time.
    pub(crate) fn begin(&mut self, lane: usize, t: f64) {
        self.instants.begin(lane, t);
    }

    /// Takes all states of lanes from their paths, where they have come to.
    pub(crate) fn leave_paths(&mut self, lanes: u64, t: &[f64], y: &[f64]) {
        self.instants.take_many(&mut self.path, lanes, t, y);
    }

    /// The same for one lane, if that is not done.
    pub(crate) fn leave_path(&mut self, lane: usize, t: f64, y: &LaneState<'_>) {
        self.instants.take(&mut self.path, lane, t, y.rows());
    }

    /// Lets a lane go on.
    pub(crate) fn stay_on_path(&mut self, lane: usize) {
        self.instants.leave(lane);
    }

    /// Puts a lane on the path that begins with all its states, twin rows and signals as they are now.
    pub(crate) fn take_path(&mut self, lane: usize, y: &mut LaneState<'_>) {
        self.instants.leave_afresh(self.path.lanes(), lane, |place, value| y.set(place, value));
    }

    /// Whether a lane's path leads nowhere: since when, and the row of a state that is to blame.
    pub(crate) fn astray(&mut self, lane: usize) -> Option<(f64, usize)> {
        let row = self.instants.astray(&self.path, lane)?;
        Some((self.instants.t[lane], row))
    }

    /// Writes all states at samples.
    pub(crate) fn all_states(&mut self, samples: &Samples<'_>, out: &mut [f64]) {
        self.instants.along(&self.path, samples.t, samples.y, out);
    }

    /// The rows of all states where lanes stopped last.
    pub(crate) fn states(&self) -> &[f64] {
        &self.instants.states
    }

    /// A state where the lane has stopped.
    pub(crate) fn state(&self, row: usize, lane: usize) -> f64 {
        self.instants.states[row * self.path.lanes() + lane]
    }

    /// Changes a state where the lane has stopped.
    pub(crate) fn set_state(&mut self, row: usize, lane: usize, value: f64) {
        self.instants.states[row * self.path.lanes() + lane] = value;
    }

    /// Sets a row of the twin bank.
    pub(crate) fn set_twin(&mut self, row: usize, lane: usize, value: f64) {
        self.path.set_twin(row, lane, value);
    }

    /// The value of a signal.
    pub(crate) fn signal(&self, row: usize, lane: usize) -> f64 {
        self.path.signal(row, lane)
    }

    /// Sets a signal. Gives whether that changed it.
    pub(crate) fn set_signal(&mut self, row: usize, lane: usize, value: f64) -> bool {
        self.path.set_signal(row, lane, value)
    }
}

impl Field for SystemField {
    fn states(&self) -> usize {
        self.path.states()
    }

    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        self.instants.lay_out(&mut self.path);
        self.path.rates(t, y, dy);
    }

    fn bounds(&self, state: usize) -> (f64, f64) {
        self.path.bounds(state)
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        self.path.jacobian()
    }

    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        self.path.fill_jacobian(t, y, entries);
    }

    fn depends_on_time(&self) -> bool {
        self.path.depends_on_time()
    }

    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        self.path.time_derivative(t, y, dt);
    }

    fn guards(&self) -> usize {
        self.path.guards()
    }

    fn fill_guards(&mut self, t: &[f64], y: &[f64], guards: &mut [f64]) {
        self.instants.lay_out(&mut self.path);
        self.path.fill_guards(t, y, guards);
    }

    fn offers_step(&self, method: Method, relative: f64, absolute: &[f64]) -> bool {
        self.path.offers_step(method, relative, absolute)
    }

    fn step(&mut self, times: &[f64], begin: &[f64], end: &mut [f64]) {
        self.instants.lay_out(&mut self.path);
        self.path.step(times, begin, end);
    }

    fn effort(&self) -> Effort {
        self.path.effort()
    }
}
