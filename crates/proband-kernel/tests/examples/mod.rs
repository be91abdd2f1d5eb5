//! The models of the language's examples.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use proband_diag::{Disk, Faults, Sources};
use proband_kernel::SystemBuilder;
use proband_kernel::system::{ModelId, ModelOptions, System, TwinRow, Typical};
use proband_lang::{Model, open_model};

pub const FOLDER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/language/examples");

/// A model of the examples.
pub struct Example {
    pub model: Model,
}

impl Example {
    pub fn open(name: &str) -> Self {
        let (mut sources, mut faults) = (Sources::default(), Faults::default());
        let path = format!("{FOLDER}/{name}.model");
        let model = open_model(&path, &Disk, &mut sources, &mut faults);
        let model = model.unwrap_or_else(|| panic!("{name}: {:?}", faults.sorted()));
        Self { model }
    }

    /// The system of this model alone, in which these typical values are rows.
    pub fn with(&self, values: &[(&str, f64)]) -> System {
        let parameters = values.iter().filter_map(|(name, _)| self.model.parameter(name));
        let typical = parameters.map(|at| (at, Typical::Row)).collect();
        let mut builder = SystemBuilder::new(self.model.time.clone());
        builder.add_model(&self.model, ModelOptions { typical, ..ModelOptions::default() });
        builder.build().expect("a whole model")
    }

    /// The rows of a twin: covariates and typical values by name, deviates zero.
    pub fn twin(&self, system: &System, values: &[(&str, f64)]) -> Vec<f64> {
        let value = |name: &str| {
            let known = values.iter().find(|(known, _)| *known == name);
            known.unwrap_or_else(|| panic!("no value of {name}")).1
        };
        let name =
            |symbol: proband_lang::SymbolId| self.model.symbols[symbol.index()].name.as_str();
        let row = |row: &TwinRow| match *row {
            TwinRow::Covariate(_, at) => value(name(self.model.covariates[at].symbol)),
            TwinRow::Typical(_, at) => value(name(self.model.parameters[at].symbol)),
            TwinRow::Deviate(..) | TwinRow::OccasionDeviate(..) | TwinRow::Slot(_) => 0.0,
        };
        system.twin.iter().map(row).collect()
    }
}

/// The one model of a system.
pub const MODEL: ModelId = ModelId(0);
