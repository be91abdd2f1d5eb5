//! How a trial is conducted, and what is made of its endpoints.

use super::dosing::Dosing;
use super::nature::Nature;
use crate::expression::{Names, Quantities};
use crate::reading::Reading;
use crate::tables::analyses::Setting;
use crate::tables::{
    accrual, adaptive, adherence, adverse_events, analyses, arms, causes, design,
    discontinuations, eligibility, encounters, endpoints, epochs, estimands, multiplicity,
    population, published, rules, safety,
};
use crate::timeline::Planned;
use crate::toml::Node;
use crate::{
    Accrual, Adaptive, Adherence, AdverseEvent, Analysis, Assignment, Criterion, Design,
    Discontinuation, Eligibility, Encounter, Expression, Multiplicity, Published, Rule, Safety,
};
use proband_diag::Span;

/// How the trial is conducted and analysed.
pub(super) struct Conduct {
    pub(super) ratio: Vec<u32>,
    pub(super) control: Option<usize>,
    pub(super) limits: Option<Vec<Criterion>>,
    pub(super) adverse_events: Option<Vec<AdverseEvent>>,
    pub(super) discontinuations: Option<Vec<Discontinuation>>,
    pub(super) rules: Option<Vec<Rule>>,
    pub(super) adherence: Option<Adherence>,
    /// By epoch, the condition at which it ends.
    pub(super) untils: Vec<Option<Expression>>,
    /// By epoch, the condition on which participants go on.
    pub(super) continues: Vec<Option<Expression>>,
    pub(super) encounters: Option<Vec<Encounter>>,
    pub(super) design: Option<Design>,
    pub(super) accrual: Option<Accrual>,
    pub(super) eligibility: Option<Eligibility>,
    pub(super) endpoints: endpoints::Endpoints,
    pub(super) analysed: Analysed,
    pub(super) adaptive: Option<(Adaptive, Vec<Analysis>)>,
}

impl Conduct {
    pub(super) fn read(
        file: &Node,
        nature: &mut Nature<'_>,
        dosing: &Dosing<'_>,
        reading: &mut Reading,
    ) -> Self {
        let (names, quantities) = (&nature.names, &mut nature.quantities);
        let ratio = arms::ratio(&dosing.arms, reading);
        let control = arms::control(&dosing.arms, reading);
        let limits = population::limits_of_conduct(file, names, quantities, reading);
        let adverse_events = adverse_events::read(file, names, quantities, reading);
        let discontinuations = discontinuations::read(file, names, quantities, reading);
        let adherence = adherence::read(file, names, quantities, reading);
        let mut encounters = planned(file, names, quantities, reading);
        let untils = names.timeline.epochs.iter();
        let untils = untils.map(|epoch| epochs::until(file, epoch, names, quantities, reading));
        let untils = untils.collect();
        let mut continues = Vec::new();
        for epoch in &names.timeline.epochs {
            continues.push(epochs::continues(file, epoch, names, quantities, reading));
        }
        let rules = rules_of(file, names, dosing, &mut encounters, quantities, reading);
        let design = design::read(file, &dosing.arms, &ratio, names, quantities, reading);
        let accrual = accrual::read(file, reading);
        let participants = design.as_ref().map_or(1, |design| design.participants);
        let eligibility = eligibility::read(file, participants, names, quantities, reading);
        let endpoints = endpoints::read(file, names, quantities, reading);
        let place = dosing.arms.first().map_or(file.span, |arm| arm.span);
        let setting = setting(names, &endpoints, design.as_ref(), control, place);
        let analysed = Analysed::read(file, &setting, quantities, reading);
        let setting = adaptive::Setting {
            names,
            endpoints: &endpoints,
            analyses: &analysed.analyses,
            design: design.as_ref(),
            regimens: dosing.regimens.as_deref().unwrap_or_default(),
        };
        let adaptive = adaptive::read(file, &setting, quantities, reading);
        Self {
            ratio,
            control,
            limits,
            adverse_events,
            discontinuations,
            rules,
            adherence,
            untils,
            continues,
            encounters,
            design,
            accrual,
            eligibility,
            endpoints,
            analysed,
            adaptive,
        }
    }
}

/// The schedule with the chances of missed visits.
fn planned(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Vec<Encounter>> {
    let missing: Vec<_> = encounters::missing_of(file, reading)
        .into_iter()
        .map(|node| node.map(|node| causes::chance(node, names, quantities, reading)))
        .collect();
    if missing.iter().any(|chance| matches!(chance, Some(None))) {
        return None;
    }
    let encounter = |planned: &Planned| {
        planned.encounter(planned.missing.and_then(|entry| missing.get(entry)?.clone()?))
    };
    Some(names.timeline.encounters.iter().map(encounter).collect())
}

/// The rules; what further visits observe is added to the encounters.
fn rules_of(
    file: &Node,
    names: &Names,
    dosing: &Dosing<'_>,
    encounters: &mut Option<Vec<Encounter>>,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Vec<Rule>> {
    let of_arms: Vec<Vec<usize>> = dosing.arms.iter().map(|arm| arm.regimens.clone()).collect();
    let setting = rules::Setting {
        names,
        regimens: dosing.regimens.as_deref(),
        of_arms: &of_arms,
        // What arms have beside their regimens is part of their models.
        arms_differ: dosing.arms.iter().any(arms::Told::has_more_than_regimens),
        tables: dosing.tables,
    };
    let mut further = Vec::new();
    let first = encounters.as_ref().map_or(0, Vec::len);
    let rules = rules::read(file, &setting, (first, &mut further), quantities, reading);
    if let Some(encounters) = encounters {
        encounters.extend(further);
    }
    rules
}

/// What analyses are checked against.
fn setting<'a>(
    names: &'a Names,
    endpoints: &'a endpoints::Endpoints,
    design: Option<&'a Design>,
    control: Option<usize>,
    arms: Span,
) -> Setting<'a> {
    Setting {
        names,
        endpoints,
        assignment: design.map_or(Assignment::Randomised, |design| design.assignment),
        crossover: design.and_then(|design| design.crossover.as_ref()),
        contrasts: design.map_or(&[], |design| &design.contrasts),
        control,
        strata: design.map_or_else(Vec::new, |design| {
            design.strata.iter().map(|stratum| stratum.text.clone()).collect()
        }),
        arms,
    }
}

/// What is made of the endpoints, and what it is compared with.
pub(crate) struct Analysed {
    pub(crate) estimands: estimands::Estimands,
    pub(crate) analyses: analyses::Analyses,
    pub(crate) multiplicity: Option<Multiplicity>,
    pub(crate) published: Option<Vec<Published>>,
    pub(crate) safety: Safety,
}

impl Analysed {
    /// Reads the last tables of a trial or a plan.
    pub(crate) fn read(
        file: &Node,
        setting: &Setting<'_>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Self {
        let estimands = estimands::read(file, setting, quantities, reading);
        let analyses = analyses::read(file, setting, &estimands, quantities, reading);
        let multiplicity = multiplicity::read(file, setting, &analyses, reading);
        let known = published::Known { setting, analyses: &analyses };
        let published = published::read(file, &known, reading);
        let safety = safety::read(file, setting.names, reading);
        Self { estimands, analyses, multiplicity, published, safety }
    }
}
