//! Where the draws of a participant's conduct are found.
//!
//! Every draw is addressed by (seed, replicate, twin, purpose, index). The purpose is made of the
//! ids in the trial file, the index is a planned time or an occurrence, so that an arm, a visit or
//! an adverse event that is added shifts no other draw. Arms share draws unless the trial says
//! otherwise; then the arm's id is part of the purpose.

use proband_cohort::TwinKey;
use proband_math::stream::{Address, Purpose, Seed};
use proband_trial::{AdverseEvent, Discontinuation, Observed, Regimen, Trial, TrialModel};

/// The purposes of one arm's draws.
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    seed: Seed,
    /// By position in `Trial::observables`.
    records: Vec<Purpose>,
    window: Purpose,
    attendance: Purpose,
    /// By position in `Trial::adverse_events`.
    adverse_events: Vec<AdverseEventDraws>,
    /// By position in `Trial::discontinuations`.
    discontinuations: Vec<DiscontinuationDraws>,
    /// By position in `Trial::rules`.
    rules: Vec<Purpose>,
    /// By position in `Trial::regimens`.
    doses: Vec<DoseDraws>,
    propensity: Purpose,
    /// By model, then by hazard.
    hazards: Vec<Vec<Purpose>>,
    /// By model, then by jump.
    jumps: Vec<Vec<Purpose>>,
    /// By model, then by difference equation.
    nexts: Vec<Vec<Purpose>>,
}

/// The purposes of one adverse event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdverseEventDraws {
    pub(crate) occurrence: Purpose,
    pub(crate) severity: Purpose,
    pub(crate) duration: Purpose,
    pub(crate) serious: Purpose,
    pub(crate) reported: Purpose,
}

/// The purposes of one discontinuation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiscontinuationDraws {
    pub(crate) occurrence: Purpose,
    pub(crate) retained: Purpose,
}

/// The purposes of the doses of a regimen. Regimens that give the same treatment share them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DoseDraws {
    pub(crate) taken: Purpose,
    pub(crate) late: Purpose,
}

/// One twin's draws.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TwinDraws<'a> {
    draws: &'a Draws,
    twin: TwinKey,
}

impl Draws {
    /// The draws of an arm; `None` is the time before randomisation.
    pub(crate) fn new(trial: &Trial, arm: Option<usize>) -> Self {
        let of_arm = arm.filter(|_| !trial.simulation.common_arms);
        let of_arm = of_arm.map(|arm| trial.arms[arm].id.as_str());
        let purpose = |label: String| {
            let purpose = Purpose::new(&label);
            of_arm.map_or(purpose, |arm| purpose.part(arm))
        };
        let record = |observed: &Observed| {
            let model = &trial.models[observed.model];
            let name = &model.model.observables[observed.index].name;
            purpose(format!("record/{}/{name}", model.id))
        };
        let hazards = |model: &TrialModel| {
            let names = model.model.hazards.iter().map(|hazard| &hazard.name);
            names.map(|name| purpose(format!("hazard/{}/{name}", model.id))).collect()
        };
        let jumps = |model: &TrialModel| {
            let names = (0..model.model.jumps.len()).map(|at| model.model.jump_name(at));
            names.map(|name| purpose(format!("jump/{}/{name}", model.id))).collect()
        };
        let nexts = |of: &TrialModel| {
            let states =
                of.model.nexts.iter().map(|next| &of.model.symbols[next.state.index()]);
            states.map(|state| purpose(format!("next/{}/{}", of.id, state.name))).collect()
        };
        let discontinuation = |of: &Discontinuation| DiscontinuationDraws {
            occurrence: purpose(format!("discontinuation/{}/occurrence", of.id)),
            retained: purpose(format!("discontinuation/{}/retained", of.id)),
        };
        let dose = |of: &Regimen| DoseDraws {
            taken: purpose(format!("dose/{}/taken", of.treatment)),
            late: purpose(format!("dose/{}/late", of.treatment)),
        };
        let adverse = |event: &AdverseEvent| AdverseEventDraws::new(&event.id, purpose);
        Self {
            seed: Seed(trial.simulation.seed),
            records: trial.observables.iter().map(record).collect(),
            window: purpose("window".to_owned()),
            attendance: purpose("attendance".to_owned()),
            adverse_events: trial.adverse_events.iter().map(adverse).collect(),
            discontinuations: trial.discontinuations.iter().map(discontinuation).collect(),
            rules: trial.rules.iter().map(|of| purpose(format!("rule/{}", of.id))).collect(),
            doses: trial.regimens.iter().map(dose).collect(),
            propensity: purpose("adherence".to_owned()),
            hazards: trial.models.iter().map(hazards).collect(),
            jumps: trial.models.iter().map(jumps).collect(),
            nexts: trial.models.iter().map(nexts).collect(),
        }
    }

    /// The draws of one twin.
    pub(crate) fn of(&self, twin: TwinKey) -> TwinDraws<'_> {
        TwinDraws { draws: self, twin }
    }
}

impl AdverseEventDraws {
    fn new(id: &str, purpose: impl Fn(String) -> Purpose) -> Self {
        let of = |what: &str| purpose(format!("adverse-event/{id}/{what}"));
        Self {
            occurrence: of("occurrence"),
            severity: of("severity"),
            duration: of("duration"),
            serious: of("serious"),
            reported: of("reported"),
        }
    }
}

impl TwinDraws<'_> {
    /// A draw of this twin.
    pub(crate) fn at(&self, purpose: Purpose, index: u64) -> Address {
        Address {
            twin: self.twin.number,
            replicate: self.twin.replicate,
            index,
            ..Address::new(self.draws.seed, purpose)
        }
    }

    /// The error of the record of an observable planned at a day.
    pub(crate) fn record(&self, observable: usize, planned: f64) -> Address {
        self.at(self.draws.records[observable], planned_index(planned))
    }

    /// Where in its window the encounter planned at a day takes place, from 0 to 1.
    pub(crate) fn window(&self, planned: f64) -> f64 {
        self.at(self.draws.window, planned_index(planned)).uniform()
    }

    /// The number that the chance of missing the encounter planned at a day is compared with.
    pub(crate) fn attendance(&self, planned: f64) -> f64 {
        self.at(self.draws.attendance, planned_index(planned)).uniform()
    }

    /// The purposes of an adverse event.
    pub(crate) fn adverse_event(&self, index: usize) -> AdverseEventDraws {
        self.draws.adverse_events[index]
    }

    /// The purposes of a discontinuation.
    pub(crate) fn discontinuation(&self, index: usize) -> DiscontinuationDraws {
        self.draws.discontinuations[index]
    }

    /// The exponential number that the hazard of a discontinuation has to reach.
    pub(crate) fn discontinuation_wait(&self, index: usize, period: u64) -> f64 {
        self.at(self.discontinuation(index).occurrence, period).exponential()
    }

    /// The number that the chance of obeying a rule is compared with, at what was planned for a day.
    pub(crate) fn rule(&self, index: usize, planned: f64) -> f64 {
        self.at(self.draws.rules[index], planned_index(planned)).uniform()
    }

    /// The purposes of the doses of a regimen.
    pub(crate) fn doses(&self, regimen: usize) -> &DoseDraws {
        &self.draws.doses[regimen]
    }

    /// The normal deviate by which this twin takes doses more or less often than others.
    pub(crate) fn propensity(&self) -> f64 {
        self.at(self.draws.propensity, 0).normal()
    }

    /// The exponential number that a hazard of a model has to reach for its next occurrence.
    pub(crate) fn hazard(&self, model: usize, hazard: usize, occurrence: u64) -> f64 {
        self.at(self.draws.hazards[model][hazard], occurrence).exponential()
    }

    /// The exponential number by which the cumulative rate of a jump has to rise for it to happen again.
    pub(crate) fn jump(&self, model: usize, jump: usize, occurrence: u64) -> f64 {
        self.at(self.draws.jumps[model][jump], occurrence).exponential()
    }

    /// The draw of a difference equation at a tick, counted from 1.
    pub(crate) fn next(&self, model: usize, next: usize, tick: u64) -> Address {
        self.at(self.draws.nexts[model][next], tick)
    }
}

/// A planned time as an index: its bits, with one zero.
pub(crate) fn planned_index(day: f64) -> u64 {
    (day + 0.0).to_bits()
}
