//! What is integrated.

use crate::Method;

/// How the states of one kind of system move, for all lanes at once.
///
/// Arrays are rows of lanes, one row after the other: state `i` of lane `l` is at
/// `i * lanes + l`, and `lanes` is the length of `t`. Each lane's answer may depend on that
/// lane alone. Lanes without a twin hold whatever their last twin left, and their answers are
/// ignored. Rows of parameters belong to the field; the [`Host`](crate::Host) writes them.
pub trait Field {
    /// How many states; none is allowed.
    fn states(&self) -> usize;

    /// Writes the derivative of every state at each lane's time.
    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]);

    /// The least and the greatest value that a state may take. At a bound, a derivative that
    /// leads outside counts as zero.
    fn bounds(&self, state: usize) -> (f64, f64) {
        let _ = state;
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Which derivatives depend on which states, or nothing where
    /// [`fill_jacobian`](Self::fill_jacobian) is not offered: stiff methods need it.
    fn jacobian(&self) -> Option<&Sparsity> {
        None
    }

    /// Writes the rows of lanes of the Jacobian's entries, in the order of
    /// [`Sparsity::entries`]. Called only where there is a [`jacobian`](Self::jacobian).
    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        let _ = (t, y, entries);
    }

    /// Whether derivatives depend on time itself, other than through states.
    fn depends_on_time(&self) -> bool {
        false
    }

    /// Writes the partial derivative of every rate with respect to time. Called only where the
    /// field [depends on time](Self::depends_on_time).
    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        let _ = (t, y, dt);
    }

    /// How many guards: quantities that are positive while a condition holds.
    fn guards(&self) -> usize {
        0
    }

    /// Writes the guards' rows of lanes.
    fn fill_guards(&mut self, t: &[f64], y: &[f64], guards: &mut [f64]) {
        let _ = (t, y, guards);
    }

    /// Whether [`step`](Self::step) tries whole steps of this method at these tolerances. The loop
    /// takes a field's steps where they are offered, and its own, in stages, elsewhere: the two must
    /// give the same bits. A system's [`WholeStep`](crate::WholeStep) does.
    fn offers_step(&self, method: Method, relative: f64, absolute: &[f64]) -> bool {
        let _ = (method, relative, absolute);
        false
    }

    /// Tries a step of every lane. `times` are the row of present times and that of the steps'
    /// lengths; `begin` and `end` are rows as [`WholeStep::program`](crate::WholeStep::program) has
    /// them. Called only where it is [offered](Self::offers_step).
    fn step(&mut self, times: &[f64], begin: &[f64], end: &mut [f64]) {
        let _ = (times, begin, end);
    }

    /// What an evaluation costs.
    fn effort(&self) -> Effort {
        Effort::default()
    }
}

/// Instructions per lane of a field's evaluations, counted and never timed, so that a choice
/// made from them is the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Of [`Field::rates`].
    pub rates: usize,
    /// Of [`Field::fill_jacobian`], with [`Field::time_derivative`] where that is needed.
    pub jacobian: usize,
}

/// The entries of a Jacobian that are not zero by structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sparsity {
    states: usize,
    entries: Vec<(usize, usize)>,
}

impl Sparsity {
    /// Entries as (row, column), the row being the derivative and the column the state. Sorted
    /// by row, then column, without repetition; panics on an index beyond the states.
    pub fn new(states: usize, mut entries: Vec<(usize, usize)>) -> Self {
        assert!(entries.iter().all(|&(row, column)| row < states && column < states));
        entries.sort_unstable();
        entries.dedup();
        Self { states, entries }
    }

    /// Every entry.
    pub fn dense(states: usize) -> Self {
        let entries = (0..states * states).map(|at| (at / states, at % states)).collect();
        Self { states, entries }
    }

    /// Rows, and columns.
    pub fn states(&self) -> usize {
        self.states
    }

    /// The entries as (row, column), by row, then column.
    pub fn entries(&self) -> &[(usize, usize)] {
        &self.entries
    }
}
