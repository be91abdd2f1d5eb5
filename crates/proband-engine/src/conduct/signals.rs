//! What changes at instants without anybody's doing: inputs from files, occasions, switches.

use super::agenda::Due;
use super::host::Conduct;
use super::lane::{Effect, Here, same};
use crate::plan::{SeriesPlan, SeriesRows};
use proband_lang::Between;

impl Conduct<'_> {
    /// Sets a series to what holds where a stage begins.
    pub(super) fn begin_series(&mut self, here: &mut Here<'_>, index: usize) {
        self.lanes[here.lane].series[index] = 0;
        // A value that holds up to its time holds at it: visits at the same instant see it.
        let ahead = self.phase.series[index].series.between == Between::Next;
        self.set_series(here, index, |at, t| at < t || same(at, t) && !ahead);
    }

    /// Sets a series to what holds from now on. Gives whether that changed it.
    pub(super) fn follow_series(&mut self, here: &mut Here<'_>, index: usize) -> bool {
        self.set_series(here, index, |at, t| at <= t)
    }

    /// Passes the values whose time is over, sets the series, and asks to be woken at its next value.
    fn set_series(
        &mut self,
        here: &mut Here<'_>,
        index: usize,
        is_over: impl Fn(f64, f64) -> bool,
    ) -> bool {
        let (plan, clock) = (&self.phase.series[index], self.plan.clock);
        let lane = &mut self.lanes[here.lane];
        let next = &mut lane.series[index];
        let times = &plan.series.days;
        while times.get(*next).is_some_and(|&day| is_over(clock.time(day), here.t)) {
            *next += 1;
        }
        if let Some(&day) = times.get(*next) {
            let due = match plan.series.between {
                Between::Next => Due::SeriesEnds(index),
                _ => Due::Series(index),
            };
            lane.agenda.add(clock.time(day), due);
        }
        let next = *next;
        self.write_series(here, plan, next)
    }

    /// Sets the rows of a series, of which `next` is the first value whose time is not over. Beyond its
    /// ends a series keeps its first and last value.
    fn write_series(&self, here: &mut Here<'_>, plan: &SeriesPlan, next: usize) -> bool {
        let (values, lane) = (&plan.series.values, here.lane);
        let time = |index: usize| self.plan.clock.time(plan.series.days[index]);
        let last = values.len() - 1;
        let before = next.saturating_sub(1);
        match plan.rows {
            SeriesRows::Steps(usize::MAX) => false,
            SeriesRows::Steps(row) => {
                let ahead = plan.series.between == Between::Next;
                let value = values[if ahead { next.min(last) } else { before }];
                here.field.set_signal(row, lane, value)
            }
            SeriesRows::Line { value, slope, since } => {
                let inside = next > 0 && next <= last;
                let rise = match inside {
                    true => (values[next] - values[before]) / (time(next) - time(before)),
                    false => 0.0,
                };
                here.field.set_signal(value, lane, values[before]);
                here.field.set_signal(slope, lane, rise);
                here.field.set_signal(since, lane, time(before));
                true
            }
        }
    }

    /// An occasion begins with a visit.
    pub(super) fn begin_occasion(&mut self, here: &mut Here<'_>, encounter: usize) -> Effect {
        let place = self.lanes[here.lane].place;
        self.people[place].course.occasion = Some(encounter);
        let mut changed = false;
        for (row, value) in self.bank.occasion(Some(encounter), place) {
            here.field.set_twin(row, here.lane, value);
            changed = true;
        }
        if changed {
            self.kernels.derive(here);
        }
        Effect::changed(changed)
    }

    /// Sets the switches and asks to be woken when the next one changes.
    pub(super) fn ask_switches(&mut self, here: &mut Here<'_>) {
        if self.phase.system.switches.is_empty() {
            return;
        }
        let next = self.kernels.switch(&self.phase.system, here);
        let state = &mut self.lanes[here.lane];
        if !same(next, state.switch_at) {
            state.switch_at = next;
            state.agenda.add(next, Due::Switch);
        }
    }
}
