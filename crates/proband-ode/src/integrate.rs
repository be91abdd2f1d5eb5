//! The loop that takes twins through their lanes.

use crate::clock::Verdict;
use crate::guards::Look;
use crate::rows::{Keep, Shape, copy_lane, lanes_of, spread, sweep};
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance, clip};
use crate::workspace::{Batch, Pending, Workspace};
use crate::{
    Crossing, Failure, Field, Host, LaneState, Method, Next, Plan, Reason, Samples, Settings,
    Start, Statistics,
};
use Presence::{Left, Stays};

/// Takes all of the host's twins to their ends.
///
/// Panics where the settings don't fit the field: lanes not from 1 to 64, another number of
/// absolute tolerances than of states, or a stiff method without a Jacobian.
pub fn integrate<F: Field + ?Sized, H: Host<F> + ?Sized>(
    field: &mut F,
    host: &mut H,
    settings: &Settings,
    work: &mut Workspace,
) -> Statistics {
    assert!((1..=64).contains(&settings.lanes), "lanes from 1 to 64");
    assert_eq!(settings.absolute.len(), field.states(), "one absolute tolerance a state");
    let shape = work.shape(field, settings.lanes);
    let Workspace { tsit5, rodas5p, batch, .. } = work;
    match settings.method {
        Method::Tsit5 => Run::new(field, host, settings, tsit5, batch, shape).run(),
        Method::Rodas5P => Run::new(field, host, settings, rodas5p, batch, shape).run(),
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
        batch.prepare(field, shape);
        stepper.prepare(field, shape);
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

    /// Puts twins into a lane until one can start, or none is left.
    fn load(&mut self, lane: usize) {
        let bit = 1 << lane;
        self.fresh &= !bit;
        self.jumped &= !bit;
        self.due &= !bit;
        self.active &= !bit;
        loop {
            for state in 0..self.shape.states {
                self.batch.y[state * self.shape.lanes + lane] = 0.0;
            }
            let y = LaneState::new(&mut self.batch.y, self.shape.lanes, lane);
            let Some(Start { t, plan }) = self.host.load(self.field, lane, y) else {
                // The lane waits where it is, with steps of length zero.
                let t = self.batch.clocks.t[lane];
                return self.batch.clocks.clear(lane, t);
            };
            self.statistics.twins += 1;
            self.batch.clocks.clear(lane, t);
            self.batch.guards.forget(lane);
            match self.flaw(lane) {
                Some(failure) => self.report(lane, failure),
                None => return self.enter(lane, plan),
            }
        }
    }

    fn enter(&mut self, lane: usize, plan: Plan) {
        let bit = 1 << lane;
        self.active |= bit;
        self.fresh |= bit;
        self.jumped |= bit;
        // A twin that leaves at once is the next one's business.
        self.head_for(lane, plan);
    }

    /// Does all that happens at the present instant of any lane.
    fn settle(&mut self) {
        while self.jumped | self.due != 0 {
            if self.jumped != 0 && self.batch.guards.count() != 0 {
                self.look_for_jumps();
                continue;
            }
            self.jumped = 0;
            for lane in lanes_of(self.due) {
                self.arrive(lane);
            }
        }
    }

    /// Reports the guards that a load, a stop or a crossing has changed.
    fn look_for_jumps(&mut self) {
        let jumped = std::mem::take(&mut self.jumped);
        let Batch { guards, clocks, y, .. } = &mut *self.batch;
        guards.fill(self.field, &clocks.t, y);
        lanes_of(jumped).for_each(|lane| self.report_crossings(lane));
    }

    /// Reports the guards of a lane whose truth is not the one last reported.
    fn report_crossings(&mut self, lane: usize) {
        if self.batch.guards.not_a_number(lane) {
            return self.fail(lane, Failure { reason: Reason::GuardNotANumber, state: None });
        }
        for guard in 0..self.batch.guards.count() {
            let Some(holds) = self.batch.guards.change(guard, lane) else { continue };
            if self.cross(lane, Crossing { guard, holds }) == Left {
                return;
            }
        }
    }

    fn cross(&mut self, lane: usize, crossing: Crossing) -> Presence {
        self.hand_over_of(lane);
        self.statistics.crossings += 1;
        let t = self.batch.clocks.t[lane];
        let y = LaneState::new(&mut self.batch.y, self.shape.lanes, lane);
        let next = self.host.crossing(self.field, lane, crossing, t, y);
        self.go_on(lane, next)
    }

    /// Takes the samples up to a stop, then the stop.
    fn arrive(&mut self, lane: usize) {
        self.due &= !(1 << lane);
        self.sample_the_present(lane);
        self.hand_over_of(lane);
        self.statistics.stops += 1;
        let t = self.batch.clocks.t[lane];
        let y = LaneState::new(&mut self.batch.y, self.shape.lanes, lane);
        let next = self.host.stop(self.field, lane, t, y);
        self.go_on(lane, next);
    }

    fn go_on(&mut self, lane: usize, next: Next) -> Presence {
        match next {
            Next::Finished => {
                self.load(lane);
                Left
            }
            Next::Onward(plan) => self.head_for(lane, plan),
            Next::Afresh(plan) => {
                if let Some(failure) = self.flaw(lane) {
                    self.fail(lane, failure);
                    return Left;
                }
                self.batch.clocks.renew(lane);
                self.restart(lane);
                self.jumped |= 1 << lane;
                self.head_for(lane, plan)
            }
        }
    }

    fn head_for(&mut self, lane: usize, plan: Plan) -> Presence {
        let clocks = &mut self.batch.clocks;
        clocks.stop[lane] = plan.stop;
        clocks.sample[lane] = plan.sample;
        if plan.stop > clocks.t[lane] {
            self.due &= !(1 << lane);
            return Stays;
        }
        // Stops on the spot count as steps, or a host that plans nothing else would hold us here.
        clocks.steps[lane] += 1.0;
        if clocks.steps[lane] > self.settings.most_steps.max(1) as f64 {
            self.fail(lane, Failure { reason: Reason::TooManySteps, state: None });
            return Left;
        }
        self.due |= 1 << lane;
        Stays
    }

    /// Has the lane's derivatives taken afresh before it moves.
    fn restart(&mut self, lane: usize) {
        if S::CARRIES_RATES && self.fresh >> lane & 1 == 0 {
            self.batch.clocks.restart[lane] = 1.0;
        }
    }

    /// The state of a lane that is not finite.
    fn flaw(&self, lane: usize) -> Option<Failure> {
        let state = |state: &usize| !self.batch.y[state * self.shape.lanes + lane].is_finite();
        let state = (0..self.shape.states).find(state)?;
        Some(Failure { reason: Reason::StateNotFinite, state: Some(state) })
    }

    /// Gives a twin up, and loads the lane afresh.
    fn fail(&mut self, lane: usize, failure: Failure) {
        self.hand_over_of(lane);
        self.report(lane, failure);
        self.load(lane);
    }

    fn report(&mut self, lane: usize, failure: Failure) {
        self.statistics.failures += 1;
        let t = self.batch.clocks.t[lane];
        let y = LaneState::new(&mut self.batch.y, self.shape.lanes, lane);
        self.host.fail(self.field, lane, t, failure, y);
    }

    /// Finds first steps for the lanes that have none; gives whether all lanes are ready.
    fn begin_fresh(&mut self) -> bool {
        let fresh = std::mem::take(&mut self.fresh);
        if fresh == 0 {
            return true;
        }
        let shape = self.shape;
        let tolerance = tolerance(self.settings);
        let Batch { clocks, y, flags, bounds, first, .. } = &mut *self.batch;
        let mut field = Clipped { field: &mut *self.field, bounds, shape };
        let finite = first.find(&mut field, tolerance, &clocks.t, y);
        spread(fresh & finite, flags);
        self.stepper.start(shape, flags, &first.rates);
        for lane in lanes_of(fresh & finite) {
            // Without states there is nothing that a step could miss.
            let h = if shape.states == 0 { f64::INFINITY } else { first.h[lane] };
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
        let verdict = self.batch.clocks.judge(self.shape, self.settings.most_steps);
        let accepted = verdict.accepted & self.active;
        let moved = accepted & !verdict.restarts;
        let cut = self.locate_crossings(moved);
        self.sample_the_step(moved, cut);
        self.cut_short(cut);
        self.commit();
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
        let Batch { clocks, y, new, bounds, .. } = &mut *self.batch;
        let mut attempt = Attempt {
            shape,
            tolerance: tolerance(self.settings),
            t: &clocks.t,
            h: &clocks.h,
            y,
            new,
            error: &mut clocks.error,
        };
        let mut field = Clipped { field: &mut *self.field, bounds, shape };
        self.stepper.step(&mut field, &mut attempt);
    }

    /// The lanes in whose steps a guard changes its truth.
    fn locate_crossings(&mut self, moved: u64) -> u64 {
        if self.batch.guards.count() == 0 || moved == 0 {
            return 0;
        }
        let Batch { guards, clocks, y, new, bounds, .. } = &mut *self.batch;
        let taken = Taken { shape: self.shape, h: &clocks.h, y, new };
        let (t, end) = (&*clocks.t, &*clocks.end);
        let look = Look { stepper: &*self.stepper, taken, t, end, bounds };
        guards.locate(self.field, &look, moved)
    }

    /// Ends steps right after the first guard has changed.
    fn cut_short(&mut self, cut: u64) {
        let Batch { guards, clocks, new, .. } = &mut *self.batch;
        for lane in lanes_of(cut) {
            clocks.end[lane] = guards.cut_time(lane);
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

    /// Takes the samples that lie in the steps of the given lanes: up to the end, or to before
    /// the cut.
    fn sample_the_step(&mut self, moved: u64, cut: u64) {
        let mut due = self.samples_due(moved, cut);
        while due != 0 {
            if due & self.batch.pending.lanes != 0 {
                self.hand_over();
            }
            self.read_off(due);
            due = self.samples_due(due, cut);
        }
    }

    fn samples_due(&self, lanes: u64, cut: u64) -> u64 {
        let Batch { clocks, guards, .. } = &*self.batch;
        let mut due = clocks.samples_due(self.shape) & lanes;
        for lane in lanes_of(due & cut) {
            if clocks.sample[lane] >= guards.cut_time(lane) {
                due &= !(1 << lane);
            }
        }
        due
    }

    /// Reads off one sample of each given lane within its step.
    fn read_off(&mut self, due: u64) {
        let Batch { clocks, y, new, theta, pending, bounds, .. } = &mut *self.batch;
        theta.fill(f64::NAN);
        for lane in lanes_of(due) {
            let sample = clocks.sample[lane];
            theta[lane] =
                part_of_step(clocks.t[lane], sample, clocks.end[lane], clocks.h[lane]);
            pending.t[lane] = sample;
            clocks.sample[lane] = self.host.next_sample(lane);
        }
        let taken = Taken { shape: self.shape, h: &clocks.h, y, new };
        self.stepper.interpolate(&taken, theta, &mut pending.y);
        clip(self.shape, bounds, &mut pending.y);
        pending.lanes |= due;
        self.statistics.samples += u64::from(due.count_ones());
    }

    /// Takes the samples of a lane that are due where it stands.
    fn sample_the_present(&mut self, lane: usize) {
        while self.batch.clocks.sample[lane] <= self.batch.clocks.t[lane] {
            self.hand_over_of(lane);
            let Batch { clocks, y, pending, .. } = &mut *self.batch;
            copy_lane(y, &mut pending.y, self.shape.lanes, lane);
            pending.t[lane] = clocks.sample[lane];
            pending.lanes |= 1 << lane;
            clocks.sample[lane] = self.host.next_sample(lane);
            self.statistics.samples += 1;
        }
    }

    /// Hands over all samples if one is this lane's.
    fn hand_over_of(&mut self, lane: usize) {
        if self.batch.pending.lanes >> lane & 1 == 1 {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let Pending { lanes, t, y } = &mut self.batch.pending;
        if *lanes != 0 {
            self.host.samples(self.field, &Samples { lanes: *lanes, t, y });
            *lanes = 0;
        }
    }

    fn commit(&mut self) {
        let shape = self.shape;
        let Batch { clocks, y, new, .. } = &mut *self.batch;
        clocks.commit(shape);
        let flags = &*clocks.accepted;
        sweep(shape.level, shape.lanes, &mut Keep { shape, flags, from: new, to: y });
        self.stepper.commit(shape, flags);
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
        let Batch { clocks, y, new, .. } = &*self.batch;
        let taken = Taken { shape: self.shape, h: &clocks.h, y, new };
        let scaled = |state: usize| {
            let scale =
                tolerance(self.settings).scale(state, 0.0, y[state * self.shape.lanes + lane]);
            let error = self.stepper.error(&taken, state, lane).abs() / scale;
            if error.is_nan() { f64::INFINITY } else { error }
        };
        // The first of the greatest, where several are equal.
        (0..self.shape.states).rev().max_by(|&a, &b| scaled(a).total_cmp(&scaled(b)))
    }
}

/// Where in its step a sample lies, from 0 to 1.
fn part_of_step(t: f64, sample: f64, end: f64, h: f64) -> f64 {
    if sample >= end { 1.0 } else { ((sample - t) / h).clamp(0.0, 1.0) }
}

fn tolerance(settings: &Settings) -> Tolerance<'_> {
    Tolerance { relative: settings.relative, absolute: &settings.absolute }
}
