//! From the tree of a trial file to a checked trial, table by table.

use crate::expression::{Names, Quantities};
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::tables::analyses::Setting;
use crate::tables::inputs::{self, Feeding, Renamed};
use crate::tables::later::Later;
use crate::tables::population::{self, Joined};
use crate::tables::regimens::{Giver, Told as Regimens};
use crate::tables::{
    adverse_events, analyses, arms, design, eligibility, encounters, endpoints, general,
    models, published, regimens, spaces,
};
use crate::toml::{Entry, Node, Table};
use crate::{Arm, Assignment, Design, Encounter, Regimen, Signal, Trial, TrialModel};
use proband_diag::{Sources, Span};

/// Reads a whole trial; none if it has a fault.
pub(crate) fn trial(
    file: &Node,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) -> Option<Trial> {
    Table::open(file, "", keys::FILE, reading);
    let general = general::trial(file, reading);
    let simulation = general::simulation(file, reading);
    let output = general::output(file, reading);
    let mut names = Names::default();
    let told_models = models::read(file, files, sources, &mut names, reading);
    ids(file, &mut names);
    spaces::check(file, &names, reading);
    let covariates = population::covariates(file);
    let mut quantities = Quantities::of_covariates(covariates.len());
    let population =
        population::read(file, files, sources, &mut names, &mut quantities, reading);
    names.timeline = encounters::timeline(file, &names, reading);
    names.screening = eligibility::at(file, &names.timeline, reading);

    let dosing = Dosing::read(file, &mut names, &mut quantities, reading);
    let ratio = arms::ratio(&dosing.arms, reading);
    let control = arms::control(&dosing.arms, reading);
    let place = place_of_covariates(file);
    let joined = join(&told_models, covariates, place, &names, reading);
    let before = reading.faults.len();
    let mut feeding = Feeding { names: &names, quantities: &mut quantities, files, sources };
    let fed: Vec<Vec<(usize, Signal)>> = told_models
        .iter()
        .enumerate()
        .map(|(position, told)| feeding.of_model(told, position, reading))
        .collect();
    let by_arm: Vec<Vec<(usize, usize, Signal)>> =
        dosing.arms.iter().map(|arm| feeding.of_arm(arm.inputs, reading)).collect();
    let parameters: Vec<Vec<(usize, usize, f64)>> =
        dosing.arms.iter().map(|arm| arm.parameters(&names, reading)).collect();
    let of_arms: Vec<&[Entry]> = dosing.arms.iter().map(|arm| arm.inputs).collect();
    for (position, told) in told_models.iter().enumerate() {
        inputs::missing(told, position, &of_arms, &names, reading);
    }
    // An input that has a fault may be the one by which a regimen would reach its model.
    let inputs_sound = reading.faults.len() == before;
    if let (Some(regimens), true) = (&dosing.regimens, inputs_sound) {
        dosing.told.unreached(regimens, &quantities, &names, reading);
    }

    let adverse_events = adverse_events::read(file, &names, &mut quantities, reading);
    let encounters = planned(file, &names, &mut quantities, reading);
    let design = design::read(file, &dosing.arms, &ratio, &names, &mut quantities, reading);
    let participants = design.as_ref().map_or(1, |design| design.participants);
    let eligibility = eligibility::read(file, participants, &names, &mut quantities, reading);
    let endpoints = endpoints::read(file, &names, &mut quantities, reading);
    let place = dosing.arms.first().map_or(file.span, |arm| arm.span);
    let setting = setting(&names, &endpoints, design.as_ref(), control, place);
    let analyses = analyses::read(file, &setting, &mut quantities, reading);
    let known = published::Known { setting: &setting, analyses: &analyses, names: &names };
    let published = published::read(file, &known, reading);
    let quantities_of_later = &mut quantities;
    Later {
        file,
        names: &names,
        setting: &setting,
        analyses: &analyses,
        quantities: quantities_of_later,
        regimens: dosing.tables,
    }
    .read(reading);
    regimens::unused(dosing.tables, &dosing.told, reading);
    if reading.faults.has_errors() {
        return None;
    }

    let arms = arms_of(&dosing, &ratio, control, parameters, by_arm);
    let all_endpoints =
        endpoints.into_iter().map(|(_, endpoint)| endpoint).collect::<Option<_>>()?;
    let all_analyses =
        analyses.into_iter().map(|(_, analysis)| analysis).collect::<Option<_>>()?;
    let general = general?;
    let mut epochs = names.timeline.epochs.clone();
    for (epoch, given) in epochs.iter_mut().zip(&dosing.by_epoch) {
        epoch.regimens.clone_from(given);
    }
    let observables = std::mem::take(&mut names.observables);
    let models = trial_models(names, &told_models, joined, fed)?;
    let trial = Trial {
        id: general.id?,
        title: general.title,
        phase: general.phase,
        indication: general.indication,
        registry: general.registry,
        source: general.source,
        simulation: simulation?,
        output: output?,
        models,
        observables,
        population: population?,
        eligibility: eligibility?,
        design: design?,
        epochs,
        regimens: dosing.regimens?,
        arms,
        encounters: encounters?,
        adverse_events: adverse_events?,
        endpoints: all_endpoints,
        analyses: all_analyses,
        published: published?,
        quantities: quantities.into_list(),
        defaults: reading.defaults.clone(),
        inputs: Vec::new(),
    };
    (!reading.faults.has_errors()).then_some(trial)
}

/// Ids that expressions name before their tables are read.
fn ids(file: &Node, names: &mut Names) {
    let keys = |table: &str| -> Vec<String> {
        let entries = file.get(table).map_or(&[][..], |entry| entry.node.entries());
        entries.iter().map(|entry| entry.key.clone()).collect()
    };
    names.arms = keys("arm").into();
    names.adverse_events = keys("adverse_event");
    names.conduct = keys("rule");
    names.conduct.extend(keys("discontinuation"));
}

/// Where a covariate would be added.
fn place_of_covariates(file: &Node) -> Span {
    match file.get("population") {
        Some(population) => population
            .node
            .get("covariates")
            .map_or(population.key_span, |covariates| covariates.node.span),
        None => file.get("model").map_or(file.span, |model| model.node.span),
    }
}

/// Arms, epochs and the regimens they give.
struct Dosing<'a> {
    tables: &'a [Entry],
    told: Regimens,
    arms: Vec<arms::Told<'a>>,
    by_epoch: Vec<Vec<usize>>,
    regimens: Option<Vec<Regimen>>,
}

impl<'a> Dosing<'a> {
    fn read(
        file: &'a Node,
        names: &mut Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Self {
        let tables = regimens::tables(file, reading);
        let mut told = Regimens::default();
        let arms = arms::read(file, tables, &mut told, reading);
        let by_epoch = by_epoch(file, tables, names, &mut told, reading);
        by_rules(file, tables, &mut told, reading);
        names.regimens = told.names();
        let regimens = told.read(names, quantities, reading);
        Self { tables, told, arms, by_epoch, regimens }
    }
}

/// The regimens that epochs give to every arm.
fn by_epoch(
    file: &Node,
    tables: &[Entry],
    names: &Names,
    told: &mut Regimens,
    reading: &mut Reading,
) -> Vec<Vec<usize>> {
    let mut given = Vec::new();
    for epoch in &names.timeline.epochs {
        let entry = file.get("epoch").and_then(|epochs| epochs.node.get(&epoch.id));
        let regimen = entry.and_then(|entry| entry.node.get("regimen"));
        given.push(regimen.map_or_else(Vec::new, |regimen| {
            let path = format!("epoch.{}", epoch.id);
            let giver = Giver { id: &epoch.id, path, epoch: Some(&epoch.id) };
            told.of(&giver, &regimen.node, tables, reading)
        }));
    }
    given
}

/// Regimens that rules start are checked as those of arms are.
fn by_rules(file: &Node, tables: &[Entry], told: &mut Regimens, reading: &mut Reading) {
    for rule in file.get("rule").map_or(&[][..], |rules| rules.node.entries()) {
        let id = rule.node.get("regimen").and_then(|entry| entry.node.as_text());
        let known = id.filter(|id| tables.iter().any(|entry| entry.key == id.text));
        if let Some(id) = known {
            told.shared(id, None, tables, reading);
        }
    }
}

/// Joins the population to every model.
fn join(
    told: &[models::Told<'_>],
    covariates: &[Entry],
    place: Span,
    names: &Names,
    reading: &mut Reading,
) -> Vec<Option<Joined>> {
    let mut joined = Vec::new();
    for (position, told) in told.iter().enumerate() {
        let model = names.models[position].1.as_ref();
        let renamed = model.map_or_else(Renamed::default, |model| {
            inputs::renamed(told, model, names, reading)
        });
        joined.push(population::join(
            position, told, &renamed, covariates, place, names, reading,
        ));
    }
    joined
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
        .map(|node| node.map(|node| adverse_events::chance(node, names, quantities, reading)))
        .collect();
    if missing.iter().any(|chance| matches!(chance, Some(None))) {
        return None;
    }
    let encounter = |planned: &crate::timeline::Planned| Encounter {
        day: planned.day,
        label: planned.label.clone(),
        number: planned.day / 7.0,
        epoch: planned.epoch,
        observe: planned.observe.clone(),
        window: planned.window,
        missing: planned.missing.and_then(|entry| missing.get(entry)?.clone()?),
    };
    Some(names.timeline.encounters.iter().map(encounter).collect())
}

fn setting<'a>(
    names: &'a Names,
    endpoints: &'a endpoints::Endpoints,
    design: Option<&Design>,
    control: Option<usize>,
    arms: Span,
) -> Setting<'a> {
    Setting {
        names,
        endpoints,
        assignment: design.map_or(Assignment::Randomised, |design| design.assignment),
        control,
        strata: design.map_or_else(Vec::new, |design| {
            design.strata.iter().map(|stratum| stratum.text.clone()).collect()
        }),
        arms,
    }
}

fn arms_of(
    dosing: &Dosing<'_>,
    ratio: &[u32],
    control: Option<usize>,
    parameters: Vec<Vec<(usize, usize, f64)>>,
    inputs: Vec<Vec<(usize, usize, Signal)>>,
) -> Vec<Arm> {
    let own = parameters.into_iter().zip(inputs);
    let arm = |(index, (told, (parameters, inputs))): (usize, (&arms::Told<'_>, _))| Arm {
        id: told.id.to_owned(),
        title: told.title.clone(),
        ratio: ratio.get(index).copied().unwrap_or(1),
        control: control == Some(index),
        regimens: told.regimens.clone(),
        parameters,
        inputs,
    };
    dosing.arms.iter().zip(own).enumerate().map(arm).collect()
}

fn trial_models(
    names: Names,
    told: &[models::Told<'_>],
    joined: Vec<Option<Joined>>,
    fed: Vec<Vec<(usize, Signal)>>,
) -> Option<Vec<TrialModel>> {
    let mut models = Vec::new();
    for (((id, model), told), (joined, inputs)) in
        names.models.into_iter().zip(told).zip(joined.into_iter().zip(fed))
    {
        let joined = joined?;
        models.push(TrialModel {
            id,
            model: model?,
            parameters: told.parameters.clone(),
            inputs,
            covariates: joined.covariates,
            factors: joined.factors,
            levels: joined.levels,
        });
    }
    Some(models)
}
