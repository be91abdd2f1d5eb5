//! What is simulated: a model, its patients, doses, samples and outputs.

use crate::Patients;
use proband_diag::{Disk, Faults, Sources, Style};
use proband_kernel::system::{ModelOptions, TwinRow, Typical};
use proband_kernel::{System, SystemBuilder};
use proband_lang::{Model, SymbolId, open_model};

/// How patients are dosed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dosing {
    /// All at once.
    Bolus(Doses),
    /// Over an hour.
    Infusion(Doses),
}

/// Doses of one kind, from time zero on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doses {
    /// Of each, in milligrams.
    pub amount: f64,
    /// From one to the next, in hours.
    pub every: f64,
    /// How many.
    pub times: usize,
}

/// A workload, in hours and milligrams.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// What it is called.
    pub name: &'static str,
    /// Its model file, from this crate's folder.
    pub model: &'static str,
    /// The table of its patients.
    pub population: &'static str,
    /// The table of the first patients' outputs.
    pub reference: &'static str,
    /// Observables, in the order of the reference's last columns.
    pub outputs: &'static [&'static str],
    /// How patients are dosed.
    pub dosing: Dosing,
    /// Samples are taken at zero and so many times more,
    pub samples: usize,
    /// so many hours apart. The last one is the end.
    pub apart: f64,
}

const MONTH: Dosing = Dosing::Bolus(Doses { amount: 100.0, every: 24.0, times: 28 });
const ONCE: Dosing = Dosing::Bolus(Doses { amount: 100.0, every: 48.0, times: 1 });
const TISSUES: &[&str] = &["cp", "c_liver", "c_brain", "c_muscle", "c_adipose"];

macro_rules! example {
    ($name:literal) => {
        concat!("../tests/suite/language/examples/", $name, ".model")
    };
}

macro_rules! reference {
    ($name:literal) => {
        include_str!(concat!("../../crates/proband-ode/tests/data/", $name, ".csv"))
    };
}

/// The reference workloads.
pub const ALL: [Workload; 5] = [
    Workload {
        name: "W1",
        model: example!("w1-two-compartment"),
        population: include_str!("../data/W1-population.csv"),
        reference: reference!("W1"),
        outputs: &["cp"],
        dosing: MONTH,
        samples: 112,
        apart: 6.0,
    },
    Workload {
        name: "W2",
        model: example!("w2-indirect-response"),
        population: include_str!("../data/W2-population.csv"),
        reference: reference!("W2"),
        outputs: &["cp", "r"],
        dosing: MONTH,
        samples: 112,
        apart: 6.0,
    },
    Workload {
        name: "W3",
        model: example!("w3-friberg"),
        population: include_str!("../data/W3-population.csv"),
        reference: reference!("W3"),
        outputs: &["cp", "circ"],
        dosing: Dosing::Infusion(Doses { amount: 180.0, every: 504.0, times: 4 }),
        samples: 84,
        apart: 24.0,
    },
    Workload {
        name: "W4",
        model: example!("w4-pbpk"),
        population: include_str!("../data/W4-population.csv"),
        reference: reference!("W4"),
        outputs: TISSUES,
        dosing: ONCE,
        samples: 48,
        apart: 1.0,
    },
    Workload {
        name: "W4n",
        model: "data/w4n-saturable.model",
        population: include_str!("../data/W4-population.csv"),
        reference: include_str!("../data/W4n.csv"),
        outputs: TISSUES,
        dosing: ONCE,
        samples: 48,
        apart: 1.0,
    },
];

impl Workload {
    /// The workload of a name, whatever the case of its letters.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|workload| workload.name.eq_ignore_ascii_case(name))
    }

    /// The patients.
    #[must_use]
    pub fn patients(&self) -> Patients {
        Patients::read(self.population)
    }

    /// The system of its model, in which all parameters are rows of the twin bank.
    #[must_use]
    pub fn system(&self) -> System {
        let model = self.open();
        let parameters = model.parameters.iter().enumerate();
        let typical = parameters.map(|(at, _)| (at, Typical::Row)).collect();
        let mut builder = SystemBuilder::new(model.time.clone());
        let options = ModelOptions { typical, ..ModelOptions::default() };
        let id = builder.add_model(&model, options);
        for name in self.outputs {
            let at = model.observables.iter().position(|observable| observable.name == *name);
            builder.add_observable(id, at.expect("the model observes it"));
        }
        if matches!(self.dosing, Dosing::Infusion(_)) {
            builder.add_infusion(id, 0);
        }
        builder.build().expect("the model needs nothing that is not built yet")
    }

    /// The rows of the twin bank that are given, for each patient.
    #[must_use]
    pub fn twins(&self, system: &System, patients: &Patients) -> Vec<Vec<f64>> {
        let model = self.open();
        let name = |symbol: SymbolId| model.symbols[symbol.index()].name.as_str();
        let sources: Vec<(Option<usize>, f64)> = system
            .twin
            .iter()
            .map(|row| match *row {
                TwinRow::Typical(_, at) => {
                    let parameter = &model.parameters[at];
                    let typical = parameter.typical_value.unwrap_or(f64::NAN);
                    (patients.column(name(parameter.symbol)), typical)
                }
                TwinRow::Covariate(_, at) => {
                    (patients.column(name(model.covariates[at].symbol)), f64::NAN)
                }
                _ => (None, 0.0),
            })
            .collect();
        let row = |patient: &Vec<f64>| {
            let value = |(column, typical): &(Option<usize>, f64)| {
                column.map_or(*typical, |column| patient[column])
            };
            sources.iter().map(value).collect()
        };
        patients.rows.iter().map(row).collect()
    }

    fn open(&self) -> Model {
        let path = format!("{}/{}", env!("CARGO_MANIFEST_DIR"), self.model);
        let (mut sources, mut faults) = (Sources::default(), Faults::default());
        let model = open_model(&path, &Disk, &mut sources, &mut faults);
        model.unwrap_or_else(|| panic!("{}", faults.render(&sources, Style::Short)))
    }
}
