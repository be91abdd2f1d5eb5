//! Doses as analyses take them: what was taken, beside what was planned.

use crate::conduct::Person;
use crate::plan::{Phase, Plan};
use crate::schedule::{PlannedDose, planned_doses};
use crate::seen::{AtHand, Known, SeenKernel};
use proband_analysis::Dose;
use proband_trial::Quantity;

/// Works out doses, with room to work in.
#[derive(Debug)]
pub(crate) struct Intake<'p, 't> {
    plan: &'p Plan<'t>,
    /// By arm, then by regimen; empty where nothing comes between plan and dose, or nobody asks.
    kernels: Vec<Vec<Option<SeenKernel>>>,
    amounts: Vec<f64>,
}

impl<'p, 't> Intake<'p, 't> {
    pub(crate) fn new(plan: &'p Plan<'t>) -> Self {
        let trial = plan.trial;
        let asked = |quantity: &Quantity| matches!(quantity, Quantity::DoseIntensity { .. });
        let differs = trial.adherence.is_some()
            || !trial.rules.is_empty()
            || !trial.discontinuations.is_empty()
            || plan.arms.iter().any(Phase::decides);
        let kernels = match differs && trial.quantities.iter().any(asked) {
            true => plan.arms.iter().map(kernels).collect(),
            false => Vec::new(),
        };
        Self { plan, kernels, amounts: Vec::new() }
    }

    /// The doses of a person on a path (the arm of each period) who was followed up to a day. Those that were planned are those of
    /// the regimens of the arm, up to the end of treatment: what a rule or the participant made of them
    /// stands beside them.
    pub(crate) fn of(&mut self, person: &Person, path: &[usize], followed: f64) -> Vec<Dose> {
        let as_planned = self.kernels.is_empty();
        let given = person.seen.doses.iter().filter(|dose| dose.day <= followed);
        let mut doses: Vec<Dose> = given
            .map(|dose| Dose {
                regimen: dose.regimen,
                day: dose.day,
                taken: dose.amount,
                planned: if as_planned { dose.amount } else { 0.0 },
            })
            .collect();
        if !as_planned {
            for (period, &arm) in path.iter().enumerate() {
                self.add_planned(person, (period, arm), followed, &mut doses);
            }
            doses.sort_by(|a, b| a.day.total_cmp(&b.day));
        }
        doses
    }

    fn add_planned(
        &mut self,
        person: &Person,
        (period, arm): (usize, usize),
        followed: f64,
        doses: &mut Vec<Dose>,
    ) {
        let (trial, phase) = (self.plan.trial, &self.plan.arms[arm]);
        let begin: Vec<usize> =
            phase.given.iter().filter(|of| of.begins).map(|of| of.regimen).collect();
        let (begins, ends) = self.plan.period(period);
        let end = person.treated_until.map_or(followed, |day| day.min(followed));
        let planned = planned_doses(&trial.regimens, &begin).into_iter();
        let planned = planned.map(|dose| PlannedDose { day: begins + dose.day, ..dose });
        for dose in planned.take_while(|dose| dose.day <= end && dose.day < ends) {
            let amounts = phase.amounts[dose.regimen].as_ref().expect("the phase gives it");
            let kernel = self.kernels[arm][dose.regimen].as_mut().expect("made with it");
            let seen = person.seen.records.partition_point(|record| record.day <= dose.day);
            let known = Known {
                arm: Some(arm),
                records: &person.seen.records[..seen],
                regimen: Some(AtHand {
                    regimen: dose.regimen,
                    dose: f64::NAN,
                    rung: dose.rung,
                    cycle: dose.cycle,
                }),
                ..Known::of(trial, person, dose.day)
            };
            amounts.evaluate(kernel, &known, &mut self.amounts);
            let planned = self.amounts[dose.rung];
            doses.push(Dose { regimen: dose.regimen, day: dose.day, taken: 0.0, planned });
        }
    }
}

fn kernels(phase: &Phase) -> Vec<Option<SeenKernel>> {
    phase.amounts.iter().map(|of| Some(of.as_ref()?.kernel())).collect()
}
