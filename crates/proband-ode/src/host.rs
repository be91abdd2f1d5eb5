//! What happens to the lanes: the side that plans twins, stops and samples.

use crate::Field;

/// Plans what the lanes do, and is told what became of them.
///
/// Every call concerns one lane and may depend on that lane's twin alone. The order of calls for
/// one lane is the order of time, and at one instant: crossings that motion has brought about,
/// the samples, the stop, crossings that the stop has brought about. A sample therefore sees the
/// state before a stop at the same time.
pub trait Host<F: Field + ?Sized> {
    /// Puts the next twin into a lane: writes its rows of the field and its states (which are
    /// zero when called). Gives nothing when no twin is left.
    fn load(&mut self, field: &mut F, lane: usize, y: LaneState<'_>) -> Option<Start>;

    /// When the lane's next sample is, asked after each one taken; infinity where none is left.
    /// Samples at one time may be several, but must come to an end.
    fn next_sample(&mut self, lane: usize) -> f64;

    /// Takes samples, at most one of each lane, in the order they were planned. They are handed
    /// over as late as possible, so that many come together, but before anything else happens
    /// to their lane: the field's rows are still those of the samples.
    fn samples(&mut self, field: &mut F, samples: &Samples<'_>);

    /// These lanes have landed on their stops, which are told one by one right after, each with the
    /// samples before it: for what can be worked out for many lanes together.
    fn landed(&mut self, field: &mut F, lanes: u64, t: &[f64], y: &[f64]) {
        let _ = (field, lanes, t, y);
    }

    /// The lane has landed on its stop.
    fn stop(&mut self, field: &mut F, lane: usize, t: f64, y: LaneState<'_>) -> Next;

    /// A guard has changed its truth, through motion (located between steps) or through a jump
    /// (found right after [`load`](Self::load), a stop or another crossing). Every guard counts
    /// as false before the load, so those that hold at the start are reported as rising.
    fn crossing(
        &mut self,
        field: &mut F,
        lane: usize,
        crossing: Crossing,
        t: f64,
        y: LaneState<'_>,
    ) -> Next;

    /// The lane's twin can't be taken further. The states are the last good ones. The lane is
    /// loaded afresh next.
    fn fail(&mut self, field: &mut F, lane: usize, t: f64, failure: Failure, y: LaneState<'_>);
}

/// Where a twin's path begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Its first time.
    pub t: f64,
    /// What comes first.
    pub plan: Plan,
}

/// What a lane heads for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The time to land on; at or before the present, the stop follows at once.
    pub stop: f64,
    /// The next sample; infinity where there is none.
    pub sample: f64,
}

/// How a lane goes on after a stop or a crossing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Nothing has changed that derivatives depend on: as before, to the next stop.
    Onward(Plan),
    /// States, or rows of the field, have changed: derivatives are taken afresh.
    Afresh(Plan),
    /// The twin is done, the lane free.
    Finished,
}

/// A guard's change of truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which guard.
    pub guard: usize,
    /// Whether it is positive now.
    pub holds: bool,
}

/// Why a twin was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub reason: Reason,
    /// The state with the greatest scaled error, or the one that is not finite, where one is to
    /// blame.
    pub state: Option<usize>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The step size fell below 1e-14 of the time, or below 1e-30.
    StepTooSmall,
    /// More steps than the settings allow.
    TooManySteps,
    /// A state was not finite after a load, a stop or a crossing.
    StateNotFinite,
    /// A derivative was not finite right after a load, a stop or a crossing.
    RatesNotFinite,
    /// A guard was not a number.
    GuardNotANumber,
}

/// One lane's states.
#[derive(Debug)]
pub struct LaneState<'a> {
    rows: &'a mut [f64],
    lanes: usize,
    lane: usize,
}

impl<'a> LaneState<'a> {
    /// The states of `lane` among rows of `lanes`.
    #[inline]
    pub fn new(rows: &'a mut [f64], lanes: usize, lane: usize) -> Self {
        assert!(lane < lanes && rows.len().is_multiple_of(lanes));
        Self { rows, lanes, lane }
    }

    /// The rows of all lanes, as the [`Field`] takes them, for programs that read one lane of them.
    pub fn rows(&self) -> &[f64] {
        self.rows
    }

    /// How many states.
    pub fn len(&self) -> usize {
        self.rows.len() / self.lanes
    }

    /// Whether there are no states.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The value of a state; panics beyond the last.
    #[inline]
    pub fn get(&self, state: usize) -> f64 {
        self.rows[state * self.lanes + self.lane]
    }

    /// Gives a state a value; panics beyond the last.
    #[inline]
    pub fn set(&mut self, state: usize, value: f64) {
        self.rows[state * self.lanes + self.lane] = value;
    }
}

/// Samples that are handed over together, at most one of each lane.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Bit `l` is set where lane `l` has a sample; the other lanes hold finite numbers that
    /// mean nothing.
    pub lanes: u64,
    /// Each lane's time.
    pub t: &'a [f64],
    /// Rows of states, as the [`Field`] takes them.
    pub y: &'a [f64],
}
