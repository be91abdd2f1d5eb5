//! From the tree of a trial file to a checked trial, table by table.

mod conduct;
mod dosing;
mod nature;

pub(crate) use conduct::Analysed;

use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::scenarios::BASE;
use crate::tables::{crossover, general, regimens};
use crate::toml::{Node, Table};
use crate::{Characteristic, Encounter, Trial};
use conduct::Conduct;
use dosing::{Dosing, arms_of, epochs_of};
use nature::{Feeds, Nature, trial_models};
use proband_cohort::{Law, Population};
use proband_diag::Sources;

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
    let mut epochs = epochs_of(&names, &dosing, conduct.untils, conduct.continues);
    let arms =
        arms_of(&dosing, &conduct.ratio, conduct.control, feeds.parameters, feeds.by_arm);
    let (population, mut encounters) = (population?, conduct.encounters?);
    let design = conduct.design?;
    if let Some(crossover) = &design.crossover {
        crossover::lay_out(crossover, &mut epochs, &mut encounters);
    }
    let characteristics = characteristics(&population, &encounters);
    let (adaptive, at_looks) = conduct.adaptive?;
    let mut analyses = sound(conduct.analysed.analyses)?;
    analyses.extend(at_looks);
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
        limits: conduct.limits?,
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
        analyses,
        multiplicity: conduct.analysed.multiplicity,
        adaptive,
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
