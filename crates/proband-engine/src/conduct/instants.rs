//! All states of the lanes where they have stopped, and how they come from the path and go back on it.
//!
//! The integrator knows the integrated states alone, and between instants the exact ones are functions of
//! time. Where a lane stops all its states are taken from the path, may be changed like each other, and are
//! put on it again. What that takes is computed for many lanes together, before anything reads it.

use proband_kernel::{Backend, Kernel, System};
use proband_ode::{Compiled, lanes_of};

/// The lanes at their last stops. Sets of lanes are bits.
#[derive(Debug)]
pub(super) struct Instants {
    /// Rows of all states, and the lanes' times.
    pub(super) states: Vec<f64>,
    pub(super) t: Vec<f64>,
    /// Lanes whose states here are those of the present.
    taken: u64,
    /// Lanes that are on a new path which is not laid out yet.
    leaving: u64,
    /// Lanes whose new path is none.
    astray: u64,
    /// The rows of the states that are integrated.
    integrated: Vec<usize>,
    /// The rows of signals that hold what exact states are made of.
    anchors: Vec<usize>,
    present: Kernel,
    anchor: Kernel,
    written: Vec<f64>,
}

/// Up to so many lanes are computed one by one: vectors would be no faster.
const FEW: u32 = 2;

impl Instants {
    pub(super) fn new(system: &System, lanes: usize, backend: Backend) -> Self {
        let most = system.states.len().max(system.anchor.rows.len());
        Self {
            states: vec![0.0; system.states.len() * lanes],
            t: vec![0.0; lanes],
            taken: 0,
            leaving: 0,
            astray: 0,
            integrated: system.integrated.clone(),
            anchors: system.anchor.rows.clone(),
            present: system.present.kernel_on(lanes, backend),
            anchor: system.anchor.program.kernel_on(lanes, backend),
            written: vec![0.0; most * lanes],
        }
    }

    /// Begins a twin, of whose states nothing is known yet.
    pub(super) fn begin(&mut self, lane: usize, t: f64) {
        self.t[lane] = t;
        let others = !(1 << lane);
        self.taken &= others;
        self.leaving &= others;
        self.astray &= others;
    }

    /// Takes all states of lanes that have come to their stops.
    pub(super) fn take_many(&mut self, field: &mut Compiled, lanes: u64, t: &[f64], y: &[f64]) {
        self.lay_out(field);
        let lanes = lanes & !self.taken;
        if lanes.count_ones() > FEW && !self.anchors.is_empty() {
            self.present.run(&field.rows(t, y), &mut self.written);
            for lane in lanes_of(lanes) {
                self.t[lane] = t[lane];
                for row in (lane..self.states.len()).step_by(field.lanes()) {
                    self.states[row] = self.written[row];
                }
            }
            self.taken |= lanes;
        }
    }

    /// Takes all states of a lane at a time, if that is not done.
    pub(super) fn take(&mut self, field: &mut Compiled, lane: usize, t: f64, y: &[f64]) {
        if self.taken >> lane & 1 == 0 {
            self.lay_out(field);
            self.t[lane] = t;
            self.present.run_lane(&field.rows(&self.t, y), lane, &mut self.written);
            self.scatter(field.lanes(), lane);
            self.taken |= 1 << lane;
        }
    }

    fn scatter(&mut self, lanes: usize, lane: usize) {
        let states = self.states.iter_mut().skip(lane).step_by(lanes);
        states.zip(&self.written).for_each(|(state, &value)| *state = value);
    }

    /// Lets a lane go on as it was.
    pub(super) fn leave(&mut self, lane: usize) {
        self.taken &= !(1 << lane);
    }

    /// Puts a lane on the path that begins with its states, twin rows and signals as they are; `put`
    /// takes the integrated ones.
    pub(super) fn leave_afresh(
        &mut self,
        lanes: usize,
        lane: usize,
        mut put: impl FnMut(usize, f64),
    ) {
        for (place, row) in self.integrated.iter().enumerate() {
            put(place, self.states[row * lanes + lane]);
        }
        self.leaving |= 1 << lane;
    }

    /// Lays out the paths of all lanes that have changed. Whoever reads signals along a path calls it
    /// first.
    pub(super) fn lay_out(&mut self, field: &mut Compiled) {
        let leaving = std::mem::take(&mut self.leaving);
        self.taken &= !leaving;
        if leaving == 0 || self.anchors.is_empty() {
            return;
        }
        if leaving.count_ones() > FEW {
            self.anchor.run(&field.rows(&self.t, &self.states), &mut self.written);
            for lane in lanes_of(leaving) {
                self.set_anchors(field, lane, field.lanes(), lane);
            }
        } else {
            for lane in lanes_of(leaving) {
                let rows = field.rows(&self.t, &self.states);
                self.anchor.run_lane(&rows, lane, &mut self.written);
                self.set_anchors(field, lane, 1, 0);
            }
        }
    }

    /// Sets a lane's anchors from what was written: every so many numbers from the first on.
    fn set_anchors(&mut self, field: &mut Compiled, lane: usize, every: usize, first: usize) {
        let mut finite = true;
        let written = self.written.iter().skip(first).step_by(every);
        for (&row, &value) in self.anchors.iter().zip(written) {
            field.set_signal(row, lane, value);
            finite &= value.is_finite();
        }
        if !finite {
            self.astray |= 1 << lane;
        }
    }

    /// Whether the path of a lane leads nowhere; the row of the first exact state that is no number where
    /// it begins.
    pub(super) fn astray(&mut self, field: &Compiled, lane: usize) -> Option<usize> {
        if self.astray >> lane & 1 == 0 {
            return None;
        }
        self.astray &= !(1 << lane);
        let mut states = vec![f64::NAN; self.states.len() / field.lanes()];
        // Exact states depend on no integrated one, whatever is given for these.
        let rows = field.rows(&self.t, &self.states);
        self.present.run_lane(&rows, lane, &mut states);
        let exact = |row: &usize| self.integrated.binary_search(row).is_err();
        (0..states.len()).filter(exact).find(|&row| !states[row].is_finite())
    }

    /// Writes all states at times along the path.
    pub(super) fn along(&mut self, field: &Compiled, t: &[f64], y: &[f64], out: &mut [f64]) {
        self.present.run(&field.rows(t, y), out);
    }
}
