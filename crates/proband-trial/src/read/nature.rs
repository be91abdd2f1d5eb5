//! Models, population and schedule, and what feeds the models.

use super::dosing::Dosing;
use crate::expression::{Names, Quantities};
use crate::files::TrialFiles;
use crate::reading::Reading;
use crate::tables::inputs::{self, Feeding, Renamed};
use crate::tables::population::{self, Joined};
use crate::tables::{eligibility, encounters, models, spaces};
use crate::toml::{Entry, Node};
use crate::trial::distinct;
use crate::{Signal, TrialModel};
use proband_cohort::Population;
use proband_diag::{Sources, Span};

/// Models, population and schedule: what expressions can name.
pub(super) struct Nature<'a> {
    pub(super) models: Vec<models::Told<'a>>,
    pub(super) names: Names,
    pub(super) quantities: Quantities,
    pub(super) population: Option<Population>,
}

impl<'a> Nature<'a> {
    pub(super) fn read(
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
    calendar(file, names);
}

/// The region of a kind of site.
fn region_of(site: &Entry) -> Option<&str> {
    Some(site.node.get("region")?.node.as_text()?.text.as_str())
}

/// The sites to which people come, and their regions.
fn calendar(file: &Node, names: &mut Names) {
    let Some(accrual) = file.get("accrual") else { return };
    let sites = accrual.node.get("sites").map_or(&[][..], |sites| sites.node.entries());
    names.has_calendar = true;
    names.sites = sites.iter().map(|site| site.key.clone()).collect();
    let regions = distinct(sites.iter().filter_map(region_of));
    names.regions = regions.into_iter().map(str::to_owned).collect();
}

/// What feeds the models: covariates, inputs, typical values.
pub(super) struct Feeds {
    pub(super) joined: Vec<Option<Joined>>,
    pub(super) fed: Vec<Vec<(usize, Signal)>>,
    pub(super) by_arm: Vec<Vec<(usize, usize, Signal)>>,
    pub(super) parameters: Vec<Vec<(usize, usize, f64)>>,
}

impl Feeds {
    pub(super) fn read(
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

/// The models with what feeds them.
pub(super) fn trial_models(
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
