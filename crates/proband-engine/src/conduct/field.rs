//! A compiled system over lanes, as the integrator takes it, and as it is at instants.

use super::instants::{Banks, Instants};
use proband_kernel::{Backend, Kernel, Program, Rows, System};
use proband_ode::{Effort, Field, LaneState, Method, Samples, Sparsity, WholeStep};

/// Lanes of a system: the rows of its twins and signals, and the kernels that read them.
#[derive(Debug)]
pub(crate) struct SystemField<'s> {
    system: &'s System,
    banks: Banks,
    instants: Instants,
    rates: Kernel,
    jacobian: Kernel,
    time_derivative: Option<Kernel>,
    guards: Kernel,
    /// Whole steps, where programs run as machine code: the interpreter is sooner done with stages.
    step: Option<(WholeStep, Kernel)>,
    sparsity: Sparsity,
}

impl<'s> SystemField<'s> {
    pub(crate) fn new(
        system: &'s System,
        step: Option<&WholeStep>,
        lanes: usize,
        backend: Backend,
    ) -> Self {
        let kernel = |program: &Program| program.kernel_on(lanes, backend);
        let step = step.map(|step| (step.clone(), kernel(step.program())));
        let machine_code = |(_, kernel): &(_, Kernel)| kernel.backend() != Backend::Interpreter;
        Self {
            system,
            banks: Banks {
                lanes,
                twin: vec![0.0; system.twin_rows() * lanes],
                signals: vec![0.0; system.signals.len() * lanes],
            },
            instants: Instants::new(system, lanes, backend),
            rates: kernel(&system.rates),
            jacobian: kernel(&system.jacobian.program),
            time_derivative: system.time_derivative.as_ref().map(kernel),
            guards: kernel(&system.guard_program),
            step: step.filter(machine_code),
            sparsity: Sparsity::new(system.integrated.len(), system.jacobian.entries.clone()),
        }
    }

    /// The rows that programs along the path read, at these times and integrated states.
    pub(crate) fn on_path<'a>(&'a mut self, t: &'a [f64], states: &'a [f64]) -> Rows<'a> {
        self.instants.lay_out(&mut self.banks);
        self.banks.rows(t, states)
    }

    /// The same where lanes stopped last.
    pub(crate) fn on_path_here<'a>(&'a mut self, states: &'a [f64]) -> Rows<'a> {
        self.instants.lay_out(&mut self.banks);
        self.banks.rows(&self.instants.t, states)
    }

    /// The rows that programs at instants read.
    pub(crate) fn at_instant(&self) -> Rows<'_> {
        self.banks.rows(&self.instants.t, &self.instants.states)
    }

    /// Begins a twin at a time.
    pub(crate) fn begin(&mut self, lane: usize, t: f64) {
        self.instants.begin(lane, t);
    }

    /// Takes all states of lanes from their paths, where they have come to.
    pub(crate) fn leave_paths(&mut self, lanes: u64, t: &[f64], y: &[f64]) {
        self.instants.take_many(&mut self.banks, lanes, t, y);
    }

    /// The same for one lane, if that is not done.
    pub(crate) fn leave_path(&mut self, lane: usize, t: f64, y: &LaneState<'_>) {
        self.instants.take(&mut self.banks, lane, t, y.rows());
    }

    /// Lets a lane go on.
    pub(crate) fn stay_on_path(&mut self, lane: usize) {
        self.instants.leave(lane);
    }

    /// Puts a lane on the path that begins with all its states, twin rows and signals as they are now.
    pub(crate) fn take_path(&mut self, lane: usize, y: &mut LaneState<'_>) {
        self.instants.leave_afresh(self.banks.lanes, lane, |place, value| y.set(place, value));
    }

    /// Whether a lane's path leads nowhere: since when, and the row of a state that is to blame.
    pub(crate) fn astray(&mut self, lane: usize) -> Option<(f64, usize)> {
        let row = self.instants.astray(&self.banks, lane)?;
        Some((self.instants.t[lane], row))
    }

    /// Writes all states at samples.
    pub(crate) fn all_states(&mut self, samples: &Samples<'_>, out: &mut [f64]) {
        self.instants.along(&self.banks, samples.t, samples.y, out);
    }

    /// The rows of all states where lanes stopped last.
    pub(crate) fn states(&self) -> &[f64] {
        &self.instants.states
    }

    /// A state where the lane has stopped.
    pub(crate) fn state(&self, row: usize, lane: usize) -> f64 {
        self.instants.states[row * self.banks.lanes + lane]
    }

    /// Changes a state where the lane has stopped.
    pub(crate) fn set_state(&mut self, row: usize, lane: usize, value: f64) {
        self.instants.states[row * self.banks.lanes + lane] = value;
    }

    /// Sets a row of the twin bank.
    pub(crate) fn set_twin(&mut self, row: usize, lane: usize, value: f64) {
        self.banks.twin[row * self.banks.lanes + lane] = value;
    }

    /// The value of a signal.
    pub(crate) fn signal(&self, row: usize, lane: usize) -> f64 {
        self.banks.signals[row * self.banks.lanes + lane]
    }

    /// Sets a signal. Gives whether that changed it.
    pub(crate) fn set_signal(&mut self, row: usize, lane: usize, value: f64) -> bool {
        let place = &mut self.banks.signals[row * self.banks.lanes + lane];
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
        self.instants.lay_out(&mut self.banks);
        self.rates.run(&self.banks.rows(t, y), dy);
    }

    fn bounds(&self, state: usize) -> (f64, f64) {
        self.system.bounds[state]
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        Some(&self.sparsity)
    }

    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        self.jacobian.run(&self.banks.rows(t, y), entries);
    }

    fn depends_on_time(&self) -> bool {
        self.time_derivative.is_some()
    }

    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        if let Some(kernel) = &mut self.time_derivative {
            kernel.run(&self.banks.rows(t, y), dt);
        }
    }

    fn guards(&self) -> usize {
        self.system.guards.len()
    }

    fn fill_guards(&mut self, t: &[f64], y: &[f64], guards: &mut [f64]) {
        self.instants.lay_out(&mut self.banks);
        self.guards.run(&self.banks.rows(t, y), guards);
    }

    fn offers_step(&self, method: Method, relative: f64, absolute: &[f64]) -> bool {
        self.step.as_ref().is_some_and(|(step, _)| step.is(method, relative, absolute))
    }

    fn step(&mut self, times: &[f64], begin: &[f64], end: &mut [f64]) {
        self.instants.lay_out(&mut self.banks);
        let (_, kernel) = self.step.as_mut().expect("called only where it is offered");
        kernel.run(&self.banks.rows(times, begin), end);
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
