//! The loop that takes twins through their lanes.

mod instants;
mod sampling;

use crate::clock::Verdict;
use crate::guards::Look;
use crate::rows::{Keep, Shape, lanes_of, sweep};
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance};
use crate::workspace::{Batch, Workspace};
use crate::{Failure, Field, Host, Method, Reason, Settings, Statistics};

/// Takes all of the host's twins to their ends.
///
/// Panics where the settings don't fit the field: lanes not from 1 to 64, another number of
/// absolute tolerances than of states, a method that needs a Jacobian without one, or more states than
/// the method takes.
pub fn integrate<F: Field + ?Sized, H: Host<F> + ?Sized>(
    field: &mut F,
    host: &mut H,
    settings: &Settings,
    work: &mut Workspace,
) -> Statistics {
    assert!((1..=64).contains(&settings.lanes), "lanes from 1 to 64");
    assert_eq!(settings.absolute.len(), field.states(), "one absolute tolerance a state");
    let shape = work.shape(field, settings.lanes);
    let Workspace { tsit5, rodas5p, exponential, batch, .. } = work;
    match settings.method {
        Method::Tsit5 => Run::new(field, host, settings, tsit5, batch, shape).run(),
        Method::Rodas5P => Run::new(field, host, settings, rodas5p, batch, shape).run(),
        Method::Exact => Run::new(field, host, settings, exponential, batch, shape).run(),
    }
}

/// Whether a twin is still in its lane.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Stays,
    Left,
}

/// One integration. Sets of lanes are bits.
struct Run<'a, F: ?Sized, H: ?Sized, S> {
    field: &'a mut F,
    host: &'a mut H,
    settings: &'a Settings,
    stepper: &'a mut S,
    batch: &'a mut Batch,
    shape: Shape,
    statistics: Statistics,
    /// Lanes with a twin.
    active: u64,
    /// Lanes whose twin has not yet a step size.
    fresh: u64,
    /// Lanes whose guards may have changed through a jump.
    jumped: u64,
    /// Lanes that have reached their stop.
    due: u64,
    /// Whether the field takes steps as a whole.
    whole: bool,
}

impl<'a, F: Field + ?Sized, H: Host<F> + ?Sized, S: Stepper> Run<'a, F, H, S> {
    fn new(
        field: &'a mut F,
        host: &'a mut H,
        settings: &'a Settings,
        stepper: &'a mut S,
        batch: &'a mut Batch,
        shape: Shape,
    ) -> Self {
        batch.prepare::<F, S>(field, shape);
        stepper.prepare(field, shape);
        let Settings { relative, ref absolute, .. } = *settings;
        let whole = field.offers_step(S::METHOD, relative, absolute);
        let (statistics, active, fresh, jumped, due) = Default::default();
        Self {
            field,
            host,
            settings,
            stepper,
            batch,
            shape,
            statistics,
            active,
            fresh,
            jumped,
            due,
            whole,
        }
    }

    fn run(mut self) -> Statistics {
        for lane in 0..self.shape.lanes {
            self.load(lane);
        }
        loop {
            self.settle();
            if self.active == 0 {
                break;
            }
            if self.begin_fresh() {
                self.step();
            }
        }
        self.hand_over();
        self.statistics
    }

    /// Finds first steps for the lanes that have none; gives whether all lanes are ready.
    fn begin_fresh(&mut self) -> bool {
        let fresh = std::mem::take(&mut self.fresh);
        if fresh == 0 {
            return true;
        }
        let shape = self.shape;
        let tolerance = tolerance(self.settings);
        let Batch { clocks, begin, bounds, first, .. } = &mut *self.batch;
        let mut field = Clipped { field: &mut *self.field, bounds, shape };
        let (y, carried) = begin.split_at_mut(shape.len());
        let finite = first.find(&mut field, tolerance, &clocks.t.lanes()[..shape.lanes], y);
        if S::CARRIES_RATES {
            let set = fresh & finite;
            let mut keep = Keep { shape, set, from: &first.rates, to: carried };
            sweep(shape.level, shape.lanes, &mut keep);
        }
        for lane in lanes_of(fresh & finite) {
            // Without states there is nothing that a step could miss.
            let unlimited = S::ANY_LENGTH || shape.states == 0;
            let h = if unlimited { f64::INFINITY } else { first.h[lane] };
            clocks.begin(lane, h);
        }
        for lane in lanes_of(fresh & !finite) {
            let state = self.flawed_rate(lane);
            self.fail(lane, Failure { reason: Reason::RatesNotFinite, state });
        }
        fresh & !finite == 0
    }

    fn flawed_rate(&self, lane: usize) -> Option<usize> {
        let rates = &self.batch.first.rates;
        (0..self.shape.states).find(|state| !rates[state * self.shape.lanes + lane].is_finite())
    }

    /// One step of every lane.
    fn step(&mut self) {
        self.batch.clocks.propose(self.shape, self.settings.longest_step);
        self.attempt();
        let Batch { clocks, end, .. } = &mut *self.batch;
        let error = &end[S::ENDS * self.shape.len()..];
        let verdict = clocks.judge(self.shape, error, self.settings.most_steps);
        let accepted = verdict.accepted & self.active;
        let moved = accepted & !verdict.restarts;
        let cut = self.locate_crossings(moved);
        self.sample_the_step(moved & verdict.samples, cut);
        self.cut_short(cut);
        self.commit(accepted);
        self.count(&verdict, accepted);

        let landed = moved & verdict.lands;
        self.due |= landed & !cut;
        let helpless = verdict.restarts & !accepted;
        let stuck = (verdict.too_small | verdict.too_many) & !landed;
        let lost = (helpless | stuck) & self.active;
        self.report_cuts(cut & !lost);
        self.give_up(lost, helpless, verdict.too_small);
    }

    fn attempt(&mut self) {
        let shape = self.shape;
        let Batch { clocks, begin, end, bounds, .. } = &mut *self.batch;
        let times = &*clocks.times;
        if self.whole {
            return self.field.step(times, begin, end);
        }
        let tolerance = tolerance(self.settings);
        let mut attempt = Attempt { shape, tolerance, times, begin, end };
        let mut field = Clipped { field: &mut *self.field, bounds, shape };
        self.stepper.step(&mut field, &mut attempt);
    }

    /// The lanes in whose steps a guard changes its truth.
    fn locate_crossings(&mut self, moved: u64) -> u64 {
        if self.batch.guards.count() == 0 || moved == 0 {
            return 0;
        }
        let Batch { guards, clocks, begin, end, bounds, .. } = &mut *self.batch;
        let taken = Taken { shape: self.shape, h: clocks.h(), begin, end };
        let (t, end) = (clocks.begins(), clocks.end.lanes());
        let look = Look { stepper: &*self.stepper, taken, t, end, bounds };
        guards.locate(self.field, &look, moved)
    }

    /// Ends steps right after the first guard has changed.
    fn cut_short(&mut self, cut: u64) {
        let Batch { guards, clocks, end, .. } = &mut *self.batch;
        let new = &mut end[..self.shape.len()];
        for lane in lanes_of(cut) {
            clocks.end[lane] = guards.cut_time(lane);
            clocks.t[lane] = clocks.end[lane];
            guards.cut(lane, new);
        }
    }

    fn report_cuts(&mut self, cut: u64) {
        for lane in lanes_of(cut) {
            self.restart(lane);
            if self.batch.clocks.t[lane] >= self.batch.clocks.stop[lane] {
                self.due |= 1 << lane;
            }
            self.report_crossings(lane);
        }
    }

    /// Moves the states of the lanes whose step was good to its end.
    fn commit(&mut self, accepted: u64) {
        let shape = Shape { states: S::begins() * self.shape.states, ..self.shape };
        let Batch { begin, end, .. } = &mut *self.batch;
        if self.active & !accepted == 0 {
            // What lanes without a twin hold does not matter.
            begin.copy_from_slice(&end[..shape.len()]);
            return;
        }
        let mut keep = Keep { shape, set: accepted, from: end, to: begin };
        sweep(shape.level, shape.lanes, &mut keep);
    }

    fn count(&mut self, verdict: &Verdict, accepted: u64) {
        let lanes = |bits: u64| u64::from(bits.count_ones());
        self.statistics.batches += 1;
        self.statistics.accepted += lanes(accepted & !verdict.restarts);
        self.statistics.restarts += lanes(verdict.restarts & self.active);
        self.statistics.rejected += lanes(self.active & !accepted & !verdict.restarts);
    }

    /// Gives up the twins that can't be taken further.
    fn give_up(&mut self, lost: u64, helpless: u64, too_small: u64) {
        for lane in lanes_of(lost) {
            let reason = if helpless >> lane & 1 == 1 {
                Reason::RatesNotFinite
            } else if too_small >> lane & 1 == 1 {
                Reason::StepTooSmall
            } else {
                Reason::TooManySteps
            };
            let state = self.blame(lane);
            self.fail(lane, Failure { reason, state });
        }
    }

    /// The state with the greatest scaled error in the last attempt, or the first without one.
    fn blame(&self, lane: usize) -> Option<usize> {
        let Batch { clocks, begin, end, .. } = &*self.batch;
        let taken = Taken { shape: self.shape, h: clocks.h(), begin, end };
        let scaled = |state: usize| {
            let scale = tolerance(self.settings).scale(
                state,
                0.0,
                begin[state * self.shape.lanes + lane],
            );
            let error = self.stepper.error(&taken, state, lane).abs() / scale;
            if error.is_nan() { f64::INFINITY } else { error }
        };
        // The first of the greatest, where several are equal.
        (0..self.shape.states).rev().max_by(|&a, &b| scaled(a).total_cmp(&scaled(b)))
    }
}

fn tolerance(settings: &Settings) -> Tolerance<'_> {
    Tolerance { relative: settings.relative, absolute: &settings.absolute }
}
