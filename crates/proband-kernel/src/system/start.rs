//! Initial states, those in a steady state included.

use crate::{Kernel, Program, Rows};

/// Initial states.
#[derive(Clone, Debug)]
pub struct InitialStates {
    /// Writes every state's value at the start; 1 for those that start in a steady state.
    pub(super) values: Program,
    pub(super) steady: Option<Steady>,
}

/// States whose derivatives are zero at the start, jointly.
#[derive(Clone, Debug)]
pub(super) struct Steady {
    /// Their rows.
    pub(super) states: Vec<usize>,
    /// Which derivative depends on which state, as positions in `states`.
    pub(super) entries: Vec<(usize, usize)>,
    /// Writes the derivatives without any dose, then the entries.
    pub(super) program: Program,
}

/// Why a twin has no start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFailure {
    /// The search for the steady state did not come to rest; the row of a state that still moved.
    NoSteadyState(usize),
    /// The derivatives do not determine the steady state; the row of a state left open.
    SteadyStateOpen(usize),
}

/// How often the search for a steady state may go on. Newton's method doubles its digits each
/// time once it is near.
const MOST_ITERATIONS: usize = 100;

/// A step of a steady state that is this small beside the state leaves no digit to be gained.
const RESTED: f64 = 1e-12;

/// Initial states, ready to be computed lane by lane.
#[derive(Clone, Debug)]
pub struct InitialStatesKernel {
    values: Kernel,
    steady: Option<(Steady, Kernel)>,
    twin: Vec<f64>,
    signals: Vec<f64>,
    states: Vec<f64>,
    outputs: Vec<f64>,
    matrix: Vec<f64>,
    step: Vec<f64>,
}

impl InitialStates {
    /// The kernel for so many states.
    #[must_use]
    pub fn kernel(&self) -> InitialStatesKernel {
        let values = self.values.kernel(1);
        let steady = self.steady.clone().map(|steady| {
            let kernel = steady.program.kernel(1);
            (steady, kernel)
        });
        let unknowns = steady.as_ref().map_or(0, |(steady, _)| steady.states.len());
        let outputs = steady.as_ref().map_or(0, |(_, kernel)| kernel.outputs());
        InitialStatesKernel {
            states: vec![0.0; values.outputs()],
            values,
            steady,
            twin: Vec::new(),
            signals: Vec::new(),
            outputs: vec![0.0; outputs],
            matrix: vec![0.0; unknowns * unknowns],
            step: vec![0.0; unknowns],
        }
    }
}

impl InitialStatesKernel {
    /// The initial states of one lane, whose twin rows (derived ones included), signals and time
    /// are in place. States that start in a steady state are sought from 1 on (in their units) by
    /// Newton's method, with shorter steps where a whole one makes the derivatives no smaller.
    pub fn lane(&mut self, rows: &Rows<'_>, lane: usize) -> Result<&[f64], StartFailure> {
        gather(rows.twin, rows.lanes, lane, &mut self.twin);
        gather(rows.signals, rows.lanes, lane, &mut self.signals);
        let t = [rows.t[lane]];
        let here =
            Rows { lanes: 1, twin: &self.twin, signals: &self.signals, t: &t, states: &[] };
        self.values.run(&here, &mut self.states);
        if let Some((steady, kernel)) = &mut self.steady {
            let mut search = Search {
                steady,
                kernel,
                rows: here,
                outputs: &mut self.outputs,
                matrix: &mut self.matrix,
                step: &mut self.step,
            };
            search.run(&mut self.states)?;
        }
        Ok(&self.states)
    }
}

/// Copies a lane's column; keeps its memory.
fn gather(rows: &[f64], lanes: usize, lane: usize, column: &mut Vec<f64>) {
    column.clear();
    column.extend(rows.chunks_exact(lanes).map(|row| row[lane]));
}

/// Newton's method on one lane.
struct Search<'a> {
    steady: &'a Steady,
    kernel: &'a mut Kernel,
    rows: Rows<'a>,
    outputs: &'a mut [f64],
    matrix: &'a mut [f64],
    step: &'a mut [f64],
}

impl Search<'_> {
    fn run(&mut self, states: &mut [f64]) -> Result<(), StartFailure> {
        let mut error = self.evaluate(states);
        for _ in 0..MOST_ITERATIONS {
            if error == 0.0 {
                return Ok(());
            }
            self.newton_step()?;
            let size = self.relative_step(states);
            error = self.advance(states, error);
            if size < RESTED && error.is_finite() {
                return Ok(());
            }
        }
        let largest = self.largest_step(states);
        Err(StartFailure::NoSteadyState(self.steady.states[largest]))
    }

    /// The derivatives and their derivatives at these states; gives the sum of squares.
    fn evaluate(&mut self, states: &[f64]) -> f64 {
        self.kernel.run(&Rows { states, ..self.rows }, self.outputs);
        self.outputs[..self.step.len()].iter().map(|rate| rate * rate).sum()
    }

    /// Solves for the whole step, by elimination with row exchanges.
    fn newton_step(&mut self) -> Result<(), StartFailure> {
        let n = self.step.len();
        let (rates, entries) = self.outputs.split_at(n);
        self.matrix.fill(0.0);
        for (&(row, column), &entry) in self.steady.entries.iter().zip(entries) {
            self.matrix[row * n + column] = entry;
        }
        for (step, rate) in self.step.iter_mut().zip(rates) {
            *step = -rate;
        }
        solve(self.matrix, self.step)
            .map_err(|column| StartFailure::SteadyStateOpen(self.steady.states[column]))
    }

    /// Takes the step, or a part of it. Near the solution rounding decides whether the derivatives
    /// shrink, so the smallest part is taken as it is.
    fn advance(&mut self, states: &mut [f64], error: f64) -> f64 {
        let mut part = 1.0;
        self.shift(states, part);
        let mut now = self.evaluate(states);
        while (now.is_nan() || now >= error) && part > 1e-3 {
            self.shift(states, -0.5 * part);
            part *= 0.5;
            now = self.evaluate(states);
        }
        now
    }

    fn shift(&self, states: &mut [f64], part: f64) {
        for (&state, step) in self.steady.states.iter().zip(self.step.iter()) {
            states[state] += part * step;
        }
    }

    fn relative_step(&self, states: &[f64]) -> f64 {
        let steps = self.steady.states.iter().zip(self.step.iter());
        steps.map(|(&state, step)| relative(*step, states[state])).fold(0.0, f64::max)
    }

    fn largest_step(&self, states: &[f64]) -> usize {
        let sizes: Vec<f64> = self
            .steady
            .states
            .iter()
            .zip(self.step.iter())
            .map(|(&state, step)| relative(*step, states[state]))
            .collect();
        (0..sizes.len()).max_by(|&a, &b| sizes[a].total_cmp(&sizes[b])).unwrap_or(0)
    }
}

/// A step beside the value it moves; steps from zero count whole.
fn relative(step: f64, value: f64) -> f64 {
    step.abs() / (value.abs() + step.abs()).max(f64::MIN_POSITIVE)
}

/// Solves `matrix x = right` in place, `right` becoming `x`; fails with a column without pivot.
fn solve(matrix: &mut [f64], right: &mut [f64]) -> Result<(), usize> {
    let n = right.len();
    for column in 0..n {
        let size = |row: usize| matrix[row * n + column].abs();
        let pivot = (column..n)
            .fold(column, |best, row| if size(row) > size(best) { row } else { best });
        if size(pivot).is_nan() || size(pivot) == 0.0 {
            return Err(column);
        }
        if pivot != column {
            for at in 0..n {
                matrix.swap(pivot * n + at, column * n + at);
            }
            right.swap(pivot, column);
        }
        for row in column + 1..n {
            let factor = matrix[row * n + column] / matrix[column * n + column];
            if factor != 0.0 {
                for at in column..n {
                    matrix[row * n + at] -= factor * matrix[column * n + at];
                }
                right[row] -= factor * right[column];
            }
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|at| matrix[row * n + at] * right[at]).sum();
        right[row] = (right[row] - known) / matrix[row * n + row];
    }
    Ok(())
}
