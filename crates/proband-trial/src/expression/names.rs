//! What a trial declares, by name: filled table by table while the file is read.

use crate::timeline::Timeline;
use crate::{Happening, ModelHappening, Observed};
use proband_diag::Span;
use proband_lang::{Kind, Model, Symbol, SymbolId, SymbolKind, Unit};
use std::sync::Arc;

/// Everything an expression can name.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The models: id and, if it has no fault, the model.
    pub(crate) models: Vec<(String, Option<Model>)>,
    /// The covariates of the population.
    pub(crate) covariates: Vec<CovariateName>,
    /// What can be recorded.
    pub(crate) observables: Vec<Observed>,
    /// Ids of the arms.
    pub(crate) arms: Arc<[String]>,
    /// Whether people come on a calendar.
    pub(crate) has_calendar: bool,
    /// Ids of the kinds of sites.
    pub(crate) sites: Arc<[String]>,
    /// Their regions, each once.
    pub(crate) regions: Arc<[String]>,
    /// The regimens that arms and epochs give.
    pub(crate) regimens: Vec<RegimenName>,
    /// Ids of the adverse events.
    pub(crate) adverse_events: Vec<String>,
    /// Times to an event that a data set has, by the name of their parameter.
    pub(crate) times: Vec<String>,
    /// Ids of the discontinuations.
    pub(crate) discontinuations: Vec<String>,
    /// Ids of the rules.
    pub(crate) rules: Vec<String>,
    /// Epochs and encounters.
    pub(crate) timeline: Timeline,
    /// Where eligibility is decided.
    pub(crate) screening: f64,
    /// Whether something that was needed has a fault, so that an unknown name may be no fault of the
    /// expression.
    pub(crate) incomplete: bool,
    /// They are those of a data set, and not of models.
    pub(crate) of_data: bool,
    /// What a data set does not tell of participants: who was `treated`, `completed`, `stopped`.
    pub(crate) untold: Vec<&'static str>,
}

/// A covariate of the population.
#[derive(Clone, Debug)]
pub(crate) struct CovariateName {
    pub(crate) name: String,
    /// Unit and kind; none while an expression that gives it is not checked yet.
    pub(crate) value: Option<(Unit, Kind)>,
    /// Where it is declared.
    pub(crate) span: Span,
    /// It has a fault that was reported.
    pub(crate) faulty: bool,
    /// It is a column, and there is no file of people.
    pub(crate) of_no_file: bool,
}

/// A regimen, as expressions name it.
#[derive(Clone, Debug)]
pub(crate) struct RegimenName {
    /// Its own id and those it takes keys from.
    pub(crate) names: Vec<String>,
    /// Unit of its dose, once known.
    pub(crate) unit: Option<Unit>,
}

/// A quantity of a model, found by name.
pub(crate) struct Found<'a> {
    pub(crate) model: usize,
    pub(crate) id: SymbolId,
    pub(crate) symbol: &'a Symbol,
    pub(crate) owner: &'a Model,
}

impl Names {
    /// The models that have no fault, with their positions.
    pub(crate) fn sound_models(&self) -> impl Iterator<Item = (usize, &str, &Model)> {
        self.models.iter().enumerate().filter_map(|(index, (id, model))| {
            model.as_ref().map(|model| (index, id.as_str(), model))
        })
    }

    /// The covariate of a name, by position.
    pub(crate) fn covariate(&self, name: &str) -> Option<usize> {
        self.covariates.iter().position(|covariate| covariate.name == name)
    }

    /// The observable of a name, by position.
    pub(crate) fn observable(&self, name: &str) -> Option<usize> {
        self.observables.iter().position(|observed| observed.name == name).or_else(|| {
            self.observables.iter().position(|observed| {
                // Records of a data set are of no model.
                let Some((id, Some(model))) = self.models.get(observed.model) else {
                    return false;
                };
                qualified(id, name) == Some(&model.observables[observed.index].name)
            })
        })
    }

    /// The state, parameter, input or derived quantity of a name. Where two models have it, the
    /// first; [`Names::declared_in`] tells them apart.
    pub(crate) fn symbol(&self, name: &str) -> Option<Found<'_>> {
        self.sound_models().find_map(|(index, id, model)| {
            let plain = qualified(id, name).and_then(|rest| model.symbol(rest));
            let symbol = model.symbol(name).or(plain)?;
            let found = &model.symbols[symbol.index()];
            let shared = matches!(found.kind, SymbolKind::Covariate(_));
            (!shared).then_some(Found { model: index, id: symbol, symbol: found, owner: model })
        })
    }

    /// Ids of the models in which a plain name is declared, if they are several.
    pub(crate) fn declared_in(&self, name: &str) -> Vec<String> {
        let has = |model: &Model| {
            model.symbol(name).is_some_and(|symbol| {
                !matches!(model.symbols[symbol.index()].kind, SymbolKind::Covariate(_))
            }) || model.observable(name).is_some()
        };
        self.sound_models()
            .filter(|(_, _, model)| has(model))
            .map(|(_, id, _)| id.to_owned())
            .collect()
    }

    /// What an id of an event, hazard, adverse event, discontinuation or rule stands for. An adverse event that carries the
    /// id of its model event comes first.
    pub(crate) fn happening(&self, name: &str) -> Option<Happening> {
        if let Some(index) = self.adverse_events.iter().position(|id| id == name) {
            return Some(Happening::AdverseEvent(index));
        }
        if let Some(index) = self.times.iter().position(|time| time == name) {
            return Some(Happening::Timed(index));
        }
        if let Some(index) = self.discontinuations.iter().position(|id| id == name) {
            return Some(Happening::Discontinuation(index));
        }
        if let Some(index) = self.rules.iter().position(|id| id == name) {
            return Some(Happening::Rule(index));
        }
        self.model_happening(name).map(Happening::Model)
    }

    /// The event or hazard of a model.
    pub(crate) fn model_happening(&self, name: &str) -> Option<ModelHappening> {
        self.sound_models().find_map(|(index, id, model)| {
            let of = |name: &str| {
                let event = model.events.iter().position(|event| event.name == name);
                let hazard = model.hazards.iter().position(|hazard| hazard.name == name);
                event
                    .map(|event| ModelHappening::Event(index, event))
                    .or(hazard.map(|hazard| ModelHappening::Hazard(index, hazard)))
            };
            of(name).or_else(|| of(qualified(id, name)?))
        })
    }

    /// Ids of everything that happens.
    pub(crate) fn happening_ids(&self) -> Vec<String> {
        let mut ids = self.adverse_events.clone();
        ids.extend(self.times.iter().chain(&self.discontinuations).chain(&self.rules).cloned());
        for (_, _, model) in self.sound_models() {
            ids.extend(model.events.iter().map(|event| event.name.clone()));
            ids.extend(model.hazards.iter().map(|hazard| hazard.name.clone()));
        }
        ids
    }

    /// Positions of the regimens that a name stands for, if it is the name of any.
    pub(crate) fn regimens(&self, name: &str) -> Option<Vec<usize>> {
        let carry = |regimen: &RegimenName| regimen.names.iter().any(|other| other == name);
        let found: Vec<usize> =
            (0..self.regimens.len()).filter(|&index| carry(&self.regimens[index])).collect();
        (!found.is_empty()).then_some(found)
    }

    /// The name of the first observable that shows a quantity of a model, directly or in the
    /// expression that gives it.
    pub(crate) fn observed_by(&self, model: usize, symbol: SymbolId) -> Option<&str> {
        let owner = self.models[model].1.as_ref()?;
        let shows = |observed: &&Observed| {
            observed.model == model && {
                let shown = owner.observables[observed.index].symbol;
                shown == symbol || reads(owner, shown, symbol)
            }
        };
        self.observables.iter().find(shows).map(|observed| observed.name.as_str())
    }
}

/// Whether a derived quantity of a model names another quantity in its expression.
fn reads(model: &Model, derived: SymbolId, symbol: SymbolId) -> bool {
    model.lets.iter().filter(|entry| entry.symbol == derived).any(|entry| {
        let mut found = false;
        entry.expression.walk(&mut |part| {
            found |= matches!(part, proband_lang::Expr::Symbol(other) if *other == symbol);
        });
        found
    })
}

/// What is left of a name without the id of a model before it.
fn qualified<'n>(id: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(id)?.strip_prefix('.')
}
