//! From a plan and what the data hold to a trial of which nothing is simulated.

use super::{Offered, Plan, tables};
use crate::expression::{CovariateName, Names, Quantities};
use crate::read::{Analysed, sound};
use crate::reading::Reading;
use crate::tables::analyses::Setting;
use crate::tables::endpoints;
use crate::timeline::{Planned, Timeline};
use crate::values::point_words;
use crate::words::unknown_name;
use crate::{
    AdverseEvent, Allocation, Arm, Assignment, Cause, Characteristic, Design, Eligibility,
    Epoch, EpochKind, Limits, Observed, Output, OutputLevel, ReferenceRange, Safety,
    Simulation, Trial,
};
use proband_cohort::{Covariate, Law, Population, Specification};
use proband_diag::Span;
use proband_lang::{Declared, Kind, Unit};

/// Checks everything that names something of the data.
pub(super) fn trial(plan: &Plan, offered: &Offered, reading: &mut Reading) -> Option<Trial> {
    let names = names(offered, plan.file.span);
    let mut quantities = Quantities::of_covariates(names.covariates.len());
    let control = tables::control(&plan.arms, reading);
    let endpoints = endpoints::read(&plan.file, &names, &mut quantities, reading);
    let setting = Setting {
        names: &names,
        endpoints: &endpoints,
        assignment: Assignment::Randomised,
        crossover: None,
        contrasts: &[],
        control,
        strata: Vec::new(),
        arms: plan.file.get("arm").map_or(plan.file.span, |entry| entry.key_span),
    };
    let analysed = Analysed::read(&plan.file, &setting, &mut quantities, reading);
    let characteristics = characteristics(plan, &names, reading);
    let population = population(&names)?;
    if reading.faults.has_errors() {
        return None;
    }
    let planned = names.timeline.encounters.iter();
    let encounters = planned.map(|planned| planned.encounter(None)).collect();
    let general = &plan.general;
    Some(Trial {
        id: general.id.clone()?,
        scenario: "base".to_owned(),
        scenarios: Vec::new(),
        title: general.title.clone(),
        phase: general.phase.clone(),
        indication: general.indication.clone(),
        registry: general.registry.clone(),
        source: general.source.clone(),
        simulation: NOT_SIMULATED,
        output: Output {
            level: OutputLevel::Findings,
            truth_every: None,
            tables: None,
            report: false,
        },
        models: Vec::new(),
        observables: names.observables,
        population,
        characteristics,
        eligibility: Eligibility {
            at: 0.0,
            inclusion: Vec::new(),
            exclusion: Vec::new(),
            at_most: offered.participants,
        },
        design: Design {
            participants: offered.participants,
            assignment: Assignment::Randomised,
            method: Allocation::Simple,
            strata: Vec::new(),
            crossover: None,
            contrasts: Vec::new(),
        },
        accrual: None,
        epochs: names.timeline.epochs,
        regimens: Vec::new(),
        arms: offered
            .arms
            .iter()
            .enumerate()
            .map(|(k, a)| arm(a, control == Some(k)))
            .collect(),
        encounters,
        adverse_events: offered.adverse_events.iter().map(adverse_event).collect(),
        discontinuations: Vec::new(),
        rules: Vec::new(),
        limits: Vec::new(),
        adherence: None,
        safety: with_ranges_of_records(analysed.safety, offered),
        endpoints: sound(endpoints)?,
        estimands: sound(analysed.estimands)?,
        analyses: sound(analysed.analyses)?,
        multiplicity: analysed.multiplicity,
        adaptive: crate::Adaptive::default(),
        published: analysed.published?,
        quantities: quantities.into_list(),
        defaults: reading.defaults.clone(),
        inputs: plan.inputs.clone(),
    })
}

/// The ranges that the plan does not state are those that the records have.
fn with_ranges_of_records(mut safety: Safety, offered: &Offered) -> Safety {
    let ranged = |index: &usize| offered.observables[*index].ranged;
    for observable in (0..offered.observables.len()).filter(ranged) {
        match safety.ranges.iter_mut().find(|range| range.observable == observable) {
            Some(range) => range.limits = range.limits.or(Some(Limits::OfRecords)),
            None => safety.ranges.push(ReferenceRange {
                observable,
                limits: Some(Limits::OfRecords),
                grades: Vec::new(),
            }),
        }
    }
    safety
}

/// What a trial needs to be simulated, of one that is not.
const NOT_SIMULATED: Simulation = Simulation {
    seed: 0,
    replicates: 1,
    uncertainty: false,
    precision: 0.005,
    method: None,
    tolerance: 1e-6,
    atol: 1e-9,
    truth_twins: 0,
    common_arms: true,
    common_scenarios: true,
};

/// What expressions can name.
fn names(offered: &Offered, place: Span) -> Names {
    Names {
        covariates: offered.covariates.iter().map(|c| covariate(c, place)).collect(),
        observables: offered.observables.iter().map(observed).collect(),
        arms: offered.arms.iter().map(|arm| arm.id.clone()).collect(),
        adverse_events: offered.adverse_events.iter().map(|event| event.id.clone()).collect(),
        times: offered.times.iter().map(|time| time.name.clone()).collect(),
        timeline: timeline(offered),
        of_data: true,
        untold: [
            ("treated", offered.treated),
            ("completed", offered.completed),
            ("stopped", offered.stopped),
        ]
        .into_iter()
        .filter_map(|(set, told)| (!told).then_some(set))
        .collect(),
        ..Names::default()
    }
}

fn covariate(offered: &super::OfferedCovariate, span: Span) -> CovariateName {
    let kind = offered.levels.clone().map_or(Kind::Number, |levels| Kind::Level(levels.into()));
    let value = Some((unit_of(offered.unit.as_ref()), kind));
    CovariateName { name: offered.name.clone(), value, span, faulty: false, of_no_file: false }
}

/// The unit that a data set writes, where it is one that expressions know; otherwise a plain number.
fn unit_of(text: Option<&String>) -> Unit {
    text.and_then(|text| Unit::parse(text, &Declared::default()).ok()).unwrap_or_else(Unit::one)
}

fn observed(offered: &super::OfferedObservable) -> Observed {
    Observed {
        name: offered.name.clone(),
        model: 0,
        index: 0,
        unit: unit_of(offered.unit.as_ref()),
        text: offered.title.clone(),
        levels: None,
    }
}

fn timeline(offered: &Offered) -> Timeline {
    let from = offered.visits.first().map_or(0.0, |visit| visit.day.min(0.0));
    let epoch = Epoch {
        id: "treatment".to_owned(),
        title: "Treatment".to_owned(),
        kind: EpochKind::Treatment,
        from,
        to: offered.end,
        until: None,
        continues: None,
        regimens: Vec::new(),
    };
    let planned = |(index, visit): (usize, &super::OfferedVisit)| Planned {
        day: visit.day,
        shown: point_words(visit.day),
        label: visit.label.clone(),
        epoch: 0,
        observe: (0..offered.observables.len())
            .filter(|&o| offered.observables[o].visits.contains(&index))
            .collect(),
        window: None,
        missing: None,
    };
    let encounters = offered.visits.iter().enumerate().map(planned).collect();
    Timeline { epochs: vec![epoch], encounters, faulty: false }
}

fn arm(offered: &super::OfferedArm, control: bool) -> Arm {
    Arm {
        id: offered.id.clone(),
        title: offered.title.clone(),
        ratio: 1,
        control,
        regimens: Vec::new(),
        parameters: Vec::new(),
        inputs: Vec::new(),
    }
}

fn adverse_event(offered: &super::OfferedEvent) -> AdverseEvent {
    AdverseEvent {
        id: offered.id.clone(),
        term: offered.term.clone(),
        body_system: offered.body_system.clone(),
        // It happened; nothing brings it about again.
        cause: Cause::Grades { truth: Vec::new(), seen: Vec::new() },
        severity: Vec::new(),
        lasts: None,
        recurs: true,
        serious: 0.0,
        reported: 1.0,
        found_at_encounter: false,
        arms: Vec::new(),
    }
}

/// Covariates by name, unit and levels; their values come from the data and from no law.
fn population(names: &Names) -> Option<Population> {
    let covariate = |name: &CovariateName| {
        let (unit, kind) = name.value.clone()?;
        let levels = match kind {
            Kind::Level(levels) => Some(levels),
            _ => None,
        };
        Some(Covariate { name: name.name.clone(), unit, levels, law: Law::Constant(0.0) })
    };
    let covariates = names.covariates.iter().map(covariate).collect::<Option<_>>()?;
    Population::new(Specification { covariates, ..Specification::default() }).ok()
}

/// What Table 1 shows.
fn characteristics(plan: &Plan, names: &Names, reading: &mut Reading) -> Vec<Characteristic> {
    let mut shown = Vec::new();
    for (name, span) in &plan.describe {
        let observed = || names.observable(name).map(Characteristic::Baseline);
        match names.covariate(name).map(Characteristic::Covariate).or_else(observed) {
            Some(characteristic) => shown.push(characteristic),
            None => {
                let known = names.covariates.iter().map(|covariate| covariate.name.as_str());
                let known = known.chain(names.observables.iter().map(|o| o.name.as_str()));
                reading.fault(unknown_name(name, *span, known));
            }
        }
    }
    shown
}
