//! What recurs by the clock: events, and difference equations.

use super::agenda::Due;
use super::chance::{OutOfDomain, drawn};
use super::host::Conduct;
use super::lane::{Effect, Here};

/// Where something that recurs stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Recurrence {
    /// How often it has come.
    count: u64,
    /// When it came last, or what it comes after at first.
    last: f64,
    /// When it comes next.
    due: f64,
}

impl Recurrence {
    /// What comes for the first time after an instant.
    pub(crate) fn after(t: f64) -> Self {
        Self { count: 0, last: t, due: f64::INFINITY }
    }

    /// Settles when it comes next: at the first of `first`, `first + period`, ... that is after the last
    /// time and not before `now`. Each is a product rather than a running sum, so that the hundredth is as
    /// exact as the first.
    fn plan(&mut self, period: f64, first: f64, now: f64) -> f64 {
        let after = self.last.max(now.next_down());
        let mut step = ((after - first) / period).floor().max(0.0);
        while first + step * period <= after {
            step += 1.0;
        }
        self.due = first + step * period;
        self.due
    }

    /// It has come.
    fn pass(&mut self) {
        self.count += 1;
        self.last = self.due;
    }
}

/// Whether time goes on by a period: one below the resolution of time would never end.
fn goes_on(t: f64, period: f64, first: f64) -> bool {
    period > 0.0 && t + period / 8.0 > t && first.is_finite()
}

/// Events.
impl Conduct<'_> {
    /// Enters the first instants of events that recur by the clock. False where one has no interval to
    /// recur by: the person has failed.
    pub(super) fn plan_recurring(&mut self, here: &mut Here<'_>) -> bool {
        (0..self.phase.system.events.len()).all(|event| {
            !self.kernels.events[event].recurring || !self.plan_event(here, event).finished
        })
    }

    /// Enters the next instant of an event that recurs.
    fn plan_event(&mut self, here: &mut Here<'_>, event: usize) -> Effect {
        let (period, first) = self.kernels.recurrence(here, event);
        if !goes_on(here.t, period, first) {
            let detail = format!("recurs every {period} from {first}");
            return self.refuse_event(here, event, detail);
        }
        let recurrence = &mut self.person(here.lane).course.recurring[event];
        let due = recurrence.plan(period, first, here.t);
        let due = self.plan.clock.instant(due);
        self.lanes[here.lane].agenda.add(due, Due::Recurring(event));
        Effect::NONE
    }

    /// An event that recurs by the clock is due.
    pub(super) fn recur(&mut self, here: &mut Here<'_>, event: usize) -> Effect {
        self.person(here.lane).course.recurring[event].pass();
        let effect = self.event_happens(here, event, self.day(here.t));
        if effect.finished { effect } else { effect.and(self.plan_event(here, event)) }
    }
}

/// Difference equations.
impl Conduct<'_> {
    /// Enters the next tick of every difference equation. False where one has no interval to tick by: the
    /// person has failed.
    pub(super) fn plan_ticks(&mut self, here: &mut Here<'_>) -> bool {
        (0..self.phase.system.nexts.len()).all(|next| !self.plan_tick(here, next).finished)
    }

    /// Enters the next tick, a whole number of intervals after the start of the simulated time. One on the
    /// border of two stages belongs with the doses there: at the border that is day 1 to the later one.
    fn plan_tick(&mut self, here: &mut Here<'_>, next: usize) -> Effect {
        let period = self.kernels.interval(here, next);
        let first = self.plan.clock.time(self.plan.start);
        if !goes_on(here.t, period, first) {
            return self.refuse_next(here, next, &format!("recurs every {period}"));
        }
        let due = self.person(here.lane).course.ticks[next].plan(period, first, here.t);
        let due = self.plan.clock.instant(due);
        if due < self.plan.clock.time(self.stage.latest(self.plan)) {
            self.lanes[here.lane].agenda.add(due, Due::Tick(next));
        }
        Effect::NONE
    }

    /// Works out what becomes of a state; it changes when all that tick at this instant have done so.
    pub(super) fn tick(&mut self, here: &mut Here<'_>, next: usize) -> Effect {
        match self.next_value(here, next) {
            Ok(value) => {
                let lane = &mut self.lanes[here.lane];
                if lane.moves.is_empty() {
                    lane.agenda.add(here.t, Due::Moves);
                }
                lane.moves.push((next, value));
                Effect::NONE
            }
            Err(OutOfDomain(found)) => self.refuse_next(here, next, &format!("gives {found}")),
        }
    }

    fn next_value(&mut self, here: &Here<'_>, next: usize) -> Result<f64, OutOfDomain> {
        let plan = &self.phase.system.nexts[next];
        let person = &self.people[self.lanes[here.lane].place];
        let tick = person.course.ticks[next].count + 1;
        let address = self.phase.draws.of(person.twin).next(plan.model.0, plan.next, tick);
        let outputs = self.kernels.next(here, next);
        let centre = plan.value.map_or(f64::NAN, |row| outputs.get(row));
        let value = match &plan.draw {
            None => centre,
            Some(draw) => drawn(draw, centre, outputs, address)?,
        };
        let found = || OutOfDomain(format!("a value of {value}"));
        if value.is_finite() { Ok(value) } else { Err(found()) }
    }

    /// Gives the states that have ticked their new values.
    pub(super) fn make_moves(&mut self, here: &mut Here<'_>) -> Effect {
        let mut moves = std::mem::take(&mut self.lanes[here.lane].moves);
        for &(next, value) in &moves {
            here.field.set_state(self.phase.system.nexts[next].state, here.lane, value);
            self.person(here.lane).course.ticks[next].pass();
        }
        let mut effect = Effect::CHANGED;
        for (next, _) in moves.drain(..) {
            effect = effect.and(self.plan_tick(here, next));
        }
        self.lanes[here.lane].moves = moves;
        effect
    }

    fn refuse_next(&mut self, here: &Here<'_>, next: usize, what: &str) -> Effect {
        let plan = &self.phase.system.nexts[next];
        let name = self.kernels.state_name(self.phase, self.plan.trial, plan.state);
        let detail = format!("`next` of {name} {what}");
        self.fail_with(here.lane, self.day(here.t), "next-out-of-domain", detail)
    }
}

#[cfg(test)]
mod tests {
    use super::Recurrence;

    #[test]
    fn what_recurs_comes_at_multiples_of_its_interval() {
        let mut all = Recurrence::after(0.0);
        for step in 1..1_000 {
            let t = all.plan(0.1, 0.0, all.last);
            all.pass();
            assert_eq!(t.to_bits(), (f64::from(step) * 0.1).to_bits());
        }
        let first_of = |last, now| Recurrence::after(last).plan(2.0, 1.0, now);
        assert_eq!(
            [first_of(-9.0, -5.0), first_of(-9.0, 1.0), first_of(1.0, 1.0), first_of(0.0, 2.5)]
                .map(f64::to_bits),
            [1.0_f64, 1.0, 3.0, 3.0].map(f64::to_bits)
        );
    }
}
