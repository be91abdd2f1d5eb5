//! Adherence: which scheduled doses are taken, and when.

use super::agenda::Due;
use super::host::Conduct;
use super::lane::{Effect, Here};
use super::person::GivenDose;
use crate::draws::planned_index;
use proband_math::stream::Address;
use proband_math::{expit, logit, normal_cdf, normal_quantile};
use proband_trial::Adherence;

impl Conduct<'_> {
    /// A dose is scheduled: it is taken now or later, or missed.
    pub(super) fn take_or_miss(
        &mut self,
        here: &mut Here<'_>,
        place: usize,
        dose: GivenDose,
    ) -> Effect {
        let Some(adherence) = &self.plan.trial.adherence else { return self.give(here, dose) };
        let lane = here.lane;
        let chance = match self.chance_to_take(here, adherence) {
            Ok(chance) => chance,
            Err(effect) => return effect,
        };
        let chance = self.after_the_last(lane, place, adherence, chance);
        let taken = self.dose_draw(lane, dose, |of| of.taken).uniform() < chance;
        self.person(lane).course.dosing[place].missed = Some(!taken);
        if !taken {
            self.miss(lane, dose.regimen, dose.day, dose.rule);
            return Effect::NONE;
        }
        let late = self.lateness(lane, place, adherence, dose);
        if late > 0.0 {
            let t = self.plan.clock.time(dose.day + late);
            self.lanes[lane].agenda.add(t, Due::LateDose(dose));
            return Effect::NONE;
        }
        self.give(here, dose)
    }

    /// A dose that is taken later than scheduled.
    pub(super) fn give_late(&mut self, here: &mut Here<'_>, dose: GivenDose) -> Effect {
        let day = self.day(here.t);
        self.give(here, GivenDose { day, ..dose })
    }

    fn dose_draw(
        &self,
        lane: usize,
        dose: GivenDose,
        purpose: impl Fn(&crate::draws::DoseDraws) -> proband_math::stream::Purpose,
    ) -> Address {
        let twin = self.people[self.lanes[lane].place].twin;
        let draws = self.phase.draws.of(twin);
        draws.at(purpose(draws.doses(dose.regimen)), planned_index(dose.day))
    }

    /// The chance that this person takes a dose now, had all before it been as usual.
    fn chance_to_take(
        &mut self,
        here: &mut Here<'_>,
        adherence: &Adherence,
    ) -> Result<f64, Effect> {
        let usual = self.kernels.chance_to_take(here);
        let Some(usual) = super::chance::share(usual) else {
            let day = self.day(here.t);
            let detail = format!("a chance of {usual} to take a dose");
            return Err(self.fail_with(here.lane, day, "chance-out-of-domain", detail));
        };
        if adherence.between == 0.0 {
            return Ok(usual);
        }
        let twin = self.people[self.lanes[here.lane].place].twin;
        let own = self.phase.draws.of(twin).propensity();
        Ok(expit(logit(usual) + adherence.between * own))
    }

    /// The chance to take a dose after the last one was taken or missed: that of a chain of two states
    /// whose share of doses taken is the usual one, and in which a run of missed doses has the mean length
    /// that `holiday` says. A run is at least one dose long, and long enough for the share.
    fn after_the_last(
        &self,
        lane: usize,
        place: usize,
        adherence: &Adherence,
        usual: f64,
    ) -> f64 {
        let regimen = &self.plan.trial.regimens[self.phase.given[place].regimen];
        let dosing = &self.people[self.lanes[lane].place].course.dosing[place];
        let (Some(length), Some(every)) = (adherence.holiday, regimen.every) else {
            return usual;
        };
        let interval = every / regimen.on.len() as f64;
        match dosing.missed {
            Some(missed) => taken_after(missed, usual, length / interval),
            None => usual,
        }
    }

    /// How much later than scheduled a dose is taken, in days: never as late as the next one.
    fn lateness(
        &self,
        lane: usize,
        place: usize,
        adherence: &Adherence,
        dose: GivenDose,
    ) -> f64 {
        let Some(sd) = adherence.late else { return 0.0 };
        let regimen = &self.plan.trial.regimens[dose.regimen];
        let dosing = &self.people[self.lanes[lane].place].course.dosing[place];
        let next = dosing.next_day(regimen).or_else(|| Some(dose.day + regimen.every?));
        let most = next.map_or(f64::INFINITY, |next| next - dose.day);
        let uniform = self.dose_draw(lane, dose, |of| of.late).uniform();
        sd * half_normal(uniform, most / sd)
    }
}

/// The chance to take a dose after one that was missed or taken, where a share of all is taken and runs of
/// missed doses are so many long on average.
fn taken_after(missed: bool, share: f64, run: f64) -> f64 {
    let odds_to_miss = (1.0 - share) / share;
    let run = run.max(1.0).max(odds_to_miss);
    // In the long run as many runs of missed doses end as begin: share * begins = (1 - share) / run.
    if missed { 1.0 / run } else { 1.0 - odds_to_miss / run }
}

/// The absolute value of a standard normal deviate below `most`, at a quantile.
fn half_normal(quantile: f64, most: f64) -> f64 {
    let below = 2.0 * normal_cdf(most) - 1.0;
    normal_quantile(0.5 + 0.5 * quantile * below).clamp(0.0, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_has_its_share_and_its_runs() {
        for (share, run) in [(0.9, 3.0), (0.5, 2.0), (0.8, 1.25), (0.97, 10.0)] {
            let (ends, begins) =
                (taken_after(true, share, run), 1.0 - taken_after(false, share, run));
            // The stationary share of a chain of two states, and the mean of a geometric run.
            assert!((ends / (ends + begins) - share).abs() < 1e-14);
            assert!((1.0 / ends - run).abs() < 1e-14);
        }
    }

    #[test]
    fn runs_as_long_as_chance_makes_them_are_no_runs() {
        let independent = 1.0 / 0.8;
        assert!((taken_after(true, 0.8, independent) - 0.8).abs() < 1e-14);
        assert!((taken_after(false, 0.8, independent) - 0.8).abs() < 1e-14);
    }

    #[test]
    fn a_run_is_long_enough_for_its_share() {
        // One dose in five: four missed between two that are taken.
        assert!((taken_after(true, 0.2, 1.0) - 0.25).abs() < 1e-14);
        assert!(taken_after(false, 0.2, 1.0).abs() < 1e-14);
        assert!(taken_after(true, 0.0, 2.0).abs() < 1e-14);
        assert!((taken_after(false, 1.0, 2.0) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn lateness_ends_before_the_next_dose() {
        assert!((half_normal(0.5, f64::INFINITY) - 0.674_489_750_196_081_7).abs() < 1e-12);
        assert!(half_normal(1.0 - 1e-16, 0.5) <= 0.5);
        assert!((half_normal(0.5, 1.0) - 0.441_770_546_686).abs() < 1e-10);
    }
}
