//! From the tree of a trial file to a checked trial, table by table.

use crate::expression::{Names, Quantities};
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::scenarios::BASE;
use crate::tables::analyses::Setting;
use crate::tables::inputs::{self, Feeding, Renamed};
use crate::tables::later::Later;
use crate::tables::population::{self, Joined};
use crate::tables::regimens::{Giver, Told as Regimens};
use crate::tables::{
    accrual, adherence, adverse_events, analyses, arms, causes, crossover, design,
    discontinuations, eligibility, encounters, endpoints, epochs, estimands, general, models,
    multiplicity, published, regimens, rules, safety, spaces,
};
use crate::timeline::Planned;
use crate::toml::{Entry, Node, Table};
use crate::{
    Accrual, Adherence, AdverseEvent, Arm, Assignment, Characteristic, Design, Discontinuation,
    Eligibility, Encounter, Epoch, Expression, Multiplicity, Published, Regimen, Rule, Safety,
    Signal, Trial, TrialModel,
};
use proband_cohort::{Law, Population};
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
    let output = general::output(file, simulation.as_ref(), reading);
    let mut nature = Nature::read(file, files, sources, reading);
    let dosing = Dosing::read(file, &mut nature, reading);
    let feeds = Feeds::read(file, &mut nature, &dosing, files, sources, reading);
    let conduct = Conduct::read(file, &mut nature, &dosing, reading);
    regimens::unused(dosing.tables, &dosing.told, reading);
    general::check_grid(file, output.as_ref(), &nature.names.timeline, reading);
    if reading.faults.has_errors() {
        return None;
    }
    let Nature { models, mut names, quantities, population } = nature;
    let general = general?;
    let observables = std::mem::take(&mut names.observables);
    let mut epochs = epochs_of(&names, &dosing, conduct.untils);
    let arms =
        arms_of(&dosing, &conduct.ratio, conduct.control, feeds.parameters, feeds.by_arm);
    let (population, mut encounters) = (population?, conduct.encounters?);
    let design = conduct.design?;
    if let Some(crossover) = &design.crossover {
        crossover::lay_out(crossover, &mut epochs, &mut encounters);
    }
    let characteristics = characteristics(&population, &encounters);
    Some(Trial {
        id: general.id?,
        scenario: BASE.to_owned(),
        scenarios: Vec::new(),
        title: general.title,
        phase: general.phase,
        indication: general.indication,
        registry: general.registry,
        source: general.source,
        simulation: simulation?,
        output: output?,
        models: trial_models(names, &models, feeds.joined, feeds.fed)?,
        observables,
        population,
        characteristics,
        eligibility: conduct.eligibility?,
        design,
        accrual: conduct.accrual,
        epochs,
        regimens: dosing.regimens?,
        arms,
        encounters,
        adverse_events: conduct.adverse_events?,
        discontinuations: conduct.discontinuations?,
        rules: conduct.rules?,
        adherence: conduct.adherence,
        safety: conduct.analysed.safety,
        endpoints: sound(conduct.endpoints)?,
        estimands: sound(conduct.analysed.estimands)?,
        analyses: sound(conduct.analysed.analyses)?,
        multiplicity: conduct.analysed.multiplicity,
        published: conduct.analysed.published?,
        quantities: quantities.into_list(),
        defaults: reading.defaults.clone(),
        inputs: Vec::new(),
    })
}

/// Covariates that differ between participants, and what is recorded before treatment.
fn characteristics(population: &Population, encounters: &[Encounter]) -> Vec<Characteristic> {
    let covariates = population.covariates().iter().enumerate();
    // What is the same for all describes nobody.
    let vary = covariates.filter(|(_, covariate)| !matches!(covariate.law, Law::Constant(_)));
    let mut all: Vec<_> = vary.map(|(index, _)| Characteristic::Covariate(index)).collect();
    let early = encounters.iter().filter(|encounter| encounter.day <= 0.0);
    for observable in early.flat_map(|encounter| encounter.observe.iter().copied()) {
        let baseline = Characteristic::Baseline(observable);
        if !all.contains(&baseline) {
            all.push(baseline);
        }
    }
    all
}

/// What was read by id, if all of it is sound.
pub(crate) fn sound<T>(read: Vec<(String, Option<T>)>) -> Option<Vec<T>> {
    read.into_iter().map(|(_, value)| value).collect()
}

/// The epochs with the regimens that they give to every arm, and the conditions at which they end.
fn epochs_of(
    names: &Names,
    dosing: &Dosing<'_>,
    untils: Vec<Option<Expression>>,
) -> Vec<Epoch> {
    let mut epochs = names.timeline.epochs.clone();
    for ((epoch, given), until) in epochs.iter_mut().zip(&dosing.by_epoch).zip(untils) {
        epoch.regimens.clone_from(given);
        epoch.until = until;
    }
    epochs
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

/// Models, population and schedule: what expressions can name.
struct Nature<'a> {
    models: Vec<models::Told<'a>>,
    names: Names,
    quantities: Quantities,
    population: Option<Population>,
}

impl<'a> Nature<'a> {
    fn read(
        file: &'a Node,
        files: &TrialFiles<'_>,
        sources: &mut Sources,
        reading: &mut Reading,
    ) -> Self {
        let mut names = Names::default();
        let models = models::read(file, files, sources, &mut names, reading);
        ids(file, &mut names);
        spaces::check(file, &names, reading);
        let count = population::covariates(file).len();
        let mut quantities = Quantities::of_covariates(count);
        let population =
            population::read(file, files, sources, &mut names, &mut quantities, reading);
        names.timeline = encounters::timeline(file, &names, reading);
        names.screening = eligibility::at(file, &names.timeline, reading);
        Self { models, names, quantities, population }
    }
}

/// What feeds the models: covariates, inputs, typical values.
struct Feeds {
    joined: Vec<Option<Joined>>,
    fed: Vec<Vec<(usize, Signal)>>,
    by_arm: Vec<Vec<(usize, usize, Signal)>>,
    parameters: Vec<Vec<(usize, usize, f64)>>,
}

impl Feeds {
    fn read(
        file: &Node,
        nature: &mut Nature<'_>,
        dosing: &Dosing<'_>,
        files: &TrialFiles<'_>,
        sources: &mut Sources,
        reading: &mut Reading,
    ) -> Self {
        let (names, told) = (&nature.names, &nature.models);
        let joined = join(file, told, names, reading);
        let before = reading.faults.len();
        let quantities = &mut nature.quantities;
        let mut feeding = Feeding { names, quantities, files, sources };
        let mut fed = Vec::new();
        for (position, told) in told.iter().enumerate() {
            fed.push(feeding.of_model(told, position, reading));
        }
        let mut by_arm = Vec::new();
        for arm in &dosing.arms {
            by_arm.push(feeding.of_arm(arm.inputs, reading));
        }
        // An input that has a fault may be the one by which a regimen would reach its model.
        let inputs_sound = reading.faults.len() == before;
        if let (Some(regimens), true) = (&dosing.regimens, inputs_sound) {
            dosing.told.unreached(regimens, &nature.quantities, names, reading);
        }
        for (position, told) in told.iter().enumerate() {
            inputs::missing(told, position, names, reading);
        }
        let parameters = dosing.arms.iter().map(|arm| arm.parameters(names, reading)).collect();
        Self { joined, fed, by_arm, parameters }
    }
}

/// How the trial is conducted and analysed.
struct Conduct {
    ratio: Vec<u32>,
    control: Option<usize>,
    adverse_events: Option<Vec<AdverseEvent>>,
    discontinuations: Option<Vec<Discontinuation>>,
    rules: Option<Vec<Rule>>,
    adherence: Option<Adherence>,
    /// By epoch, the condition at which it ends.
    untils: Vec<Option<Expression>>,
    encounters: Option<Vec<Encounter>>,
    design: Option<Design>,
    accrual: Option<Accrual>,
    eligibility: Option<Eligibility>,
    endpoints: endpoints::Endpoints,
    analysed: Analysed,
}

impl Conduct {
    fn read(
        file: &Node,
        nature: &mut Nature<'_>,
        dosing: &Dosing<'_>,
        reading: &mut Reading,
    ) -> Self {
        let (names, quantities) = (&nature.names, &mut nature.quantities);
        let ratio = arms::ratio(&dosing.arms, reading);
        let control = arms::control(&dosing.arms, reading);
        let adverse_events = adverse_events::read(file, names, quantities, reading);
        let discontinuations = discontinuations::read(file, names, quantities, reading);
        let adherence = adherence::read(file, names, quantities, reading);
        let mut encounters = planned(file, names, quantities, reading);
        let untils = names.timeline.epochs.iter();
        let untils = untils.map(|epoch| epochs::until(file, epoch, names, quantities, reading));
        let untils = untils.collect();
        let rules = rules_of(file, names, dosing, &mut encounters, quantities, reading);
        let design = design::read(file, &dosing.arms, &ratio, names, quantities, reading);
        let accrual = accrual::read(file, reading);
        let participants = design.as_ref().map_or(1, |design| design.participants);
        let eligibility = eligibility::read(file, participants, names, quantities, reading);
        let endpoints = endpoints::read(file, names, quantities, reading);
        let place = dosing.arms.first().map_or(file.span, |arm| arm.span);
        let setting = setting(names, &endpoints, design.as_ref(), control, place);
        let analysed = Analysed::read(file, &setting, quantities, reading);
        Self {
            ratio,
            control,
            adverse_events,
            discontinuations,
            rules,
            adherence,
            untils,
            encounters,
            design,
            accrual,
            eligibility,
            endpoints,
            analysed,
        }
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
    /// Reads the last tables of a trial or a plan, and those that wait for a later version.
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
        Later { file, setting, analyses: &analyses }.read(reading);
        let safety = safety::read(file, setting.names, reading);
        Self { estimands, analyses, multiplicity, published, safety }
    }
}

/// Ids that expressions name before their tables are read.
fn ids(file: &Node, names: &mut Names) {
    let keys = |table: &str| -> Vec<String> {
        let entries = file.get(table).map_or(&[][..], |entry| entry.node.entries());
        entries.iter().map(|entry| entry.key.clone()).collect()
    };
    names.arms = keys("arm").into();
    names.adverse_events = keys("adverse_event");
    names.discontinuations = keys("discontinuation");
    names.rules = keys("rule");
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
    fn read(file: &'a Node, nature: &mut Nature<'_>, reading: &mut Reading) -> Self {
        let (names, quantities) = (&mut nature.names, &mut nature.quantities);
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
    file: &Node,
    told: &[models::Told<'_>],
    names: &Names,
    reading: &mut Reading,
) -> Vec<Option<Joined>> {
    let (covariates, place) = (population::covariates(file), place_of_covariates(file));
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
            uncertainty: told.uncertainty.clone(),
            inputs,
            covariates: joined.covariates,
            factors: joined.factors,
            levels: joined.levels,
        });
    }
    Some(models)
}
