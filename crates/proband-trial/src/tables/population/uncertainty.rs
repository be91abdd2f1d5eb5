//! `[model.ID.uncertainty]`: what is not known of the typical values of a model.

use super::distribution::of_number;
use super::people::People;
use super::{Placed, correlations, made, unit};
use crate::Uncertainty;
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::tables::models::no_parameter;
use crate::toml::{Entry, Table};
use crate::values;
use proband_cohort::{
    Correlation, Covariate, Law, Marginal, PeopleDraw, Place, Population, Specification,
};
use proband_diag::{Diagnostic, Sources, Span, code};
use proband_lang::{Model, Unit};

/// The uncertain parameters of a model in the making.
struct Draft<'a> {
    model: &'a Model,
    parameters: Vec<usize>,
    factors: Vec<f64>,
    covariates: Vec<Covariate>,
    places: Vec<Span>,
}

/// Reads the table of a model; none where the model has none, or it has a fault.
pub(crate) fn read(
    of_model: &Table<'_>,
    model: &Model,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) -> Option<Uncertainty> {
    let entry = of_model.get("uncertainty")?;
    let path = of_model.path_of("uncertainty");
    let table = Table::open(&entry.node, path, keys::UNCERTAINTY, reading)?;
    table.one_of(&["parameters", "file"], "says what is not known", reading);
    let mut draft = Draft {
        model,
        parameters: Vec::new(),
        factors: Vec::new(),
        covariates: Vec::new(),
        places: Vec::new(),
    };
    if table.has("file") {
        table.unused("correlations", "the rows of a file say what goes together", reading);
        return draft.of_file(&table, files, sources, reading);
    }
    for entry in table.get("parameters").map_or(&[][..], |entry| entry.node.entries()) {
        draft.add(entry, &table.path_of(&entry.key), reading);
    }
    let names: Vec<&str> = draft.covariates.iter().map(|of| of.name.as_str()).collect();
    let correlations: Placed<Correlation> =
        correlations(&table, (&names, "uncertain parameter"), reading);
    let specification = Specification {
        covariates: draft.covariates.clone(),
        correlations: correlations.iter().map(|(correlation, _)| *correlation).collect(),
        limits: Vec::new(),
        people: None,
    };
    let place = |place| match place {
        Place::Covariate(at) => draft.places[at],
        Place::Correlation(at) => correlations[at].1,
        Place::Limit(_) => table.span(),
    };
    made(specification, place, reading).map(|law| draft.with(law))
}

impl Draft<'_> {
    fn with(self, law: Population) -> Uncertainty {
        Uncertainty { law, parameters: self.parameters, factors: self.factors }
    }

    /// `name = { normal = { mean = ..., sd = ... }, unit = "..." }`.
    fn add(&mut self, entry: &Entry, path: &str, reading: &mut Reading) {
        let Some(position) = self.model.parameter(&entry.key) else {
            reading.fault(no_parameter(entry, "the model does not have", &[self.model]));
            return;
        };
        let law = of_number(&entry.node, path, reading);
        let factor = unit(&entry.node, reading).and_then(|unit| {
            let needed = self.model.typical_unit(position);
            factor(entry, &unit, needed, reading)
        });
        let (Some(law), Some(factor)) = (law, factor) else { return };
        let law = Law::Drawn(Marginal::Distribution(law));
        self.push(position, factor, &entry.key, law, entry.key_span);
    }

    fn push(&mut self, position: usize, factor: f64, name: &str, law: Law, place: Span) {
        self.parameters.push(position);
        self.factors.push(factor);
        self.places.push(place);
        let (name, unit) = (name.to_owned(), Unit::one());
        self.covariates.push(Covariate { name, unit, levels: None, law });
    }

    /// A draw of the posterior a row, a parameter a column, each in the unit of the model.
    fn of_file(
        mut self,
        table: &Table<'_>,
        files: &TrialFiles<'_>,
        sources: &mut Sources,
        reading: &mut Reading,
    ) -> Option<Uncertainty> {
        let needed =
            |node, reading: &mut Reading| values::string(node, "a path is needed", reading);
        let path = table.read("file", reading, needed)?;
        let draw = PeopleDraw::Bootstrap { weight: None };
        let people = People::open(path, draw, files, sources, reading)?;
        let place = path.place();
        let parameters = self.model.parameters.iter().enumerate();
        let named: Vec<(usize, &str)> = parameters
            .map(|(at, of)| (at, self.model.symbols[of.symbol.index()].name.as_str()))
            .collect();
        for name in people.numbers(named.iter().map(|(_, name)| *name), reading)? {
            let (position, _) = named[named.iter().position(|(_, of)| *of == name)?];
            self.push(position, 1.0, name, Law::Column(name.to_owned()), place);
        }
        if self.parameters.is_empty() {
            let message = format!("no column of `{}` is named after a parameter", path.text);
            reading.fault(Diagnostic::error(code::DATA_FILE, message, place));
            return None;
        }
        let specification = Specification {
            covariates: self.covariates.clone(),
            people: Some(people.file.clone()),
            ..Specification::default()
        };
        let law = made(specification, |_| place, reading)?;
        people.bind(law, reading).map(|law| self.with(law))
    }
}

/// From the unit a law is told in to that of the typical value; a bare number has the unit 1.
fn factor(entry: &Entry, told: &Unit, needed: &Unit, reading: &mut Reading) -> Option<f64> {
    let factor = told.factor_to(needed);
    if factor.is_none() {
        let message = match *told == Unit::one() {
            true => format!("`{}` is in {needed}, and its law has no unit", entry.key),
            false => format!("`{}` is in {needed}, and its law in {told}", entry.key),
        };
        reading.fault(
            Diagnostic::error(code::UNIT_MISMATCH, message, entry.key_span)
                .help(format!("add `unit = \"{needed}\"`")),
        );
    }
    factor
}
