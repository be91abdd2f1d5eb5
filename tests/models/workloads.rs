//! W1 to W4: patients of a file, in its order, against tight references.

use crate::reference::Reference;
use crate::twin::Setup;
use std::collections::BTreeMap;

/// A workload: its model, and how the columns of the reference file are called in it.
struct Workload<'a> {
    model: &'a str,
    file: &'a str,
    /// Column, name in the model, unit.
    parameters: &'a [(&'a str, &'a str, &'a str)],
    /// Column, observable.
    outputs: &'a [(&'a str, &'a str)],
    lasts: &'a str,
    every: &'a str,
    regimen: &'a str,
}

/// The reference: by patient, parameters and by time outputs.
struct Patients {
    head: Vec<String>,
    rows: Vec<Vec<Vec<f64>>>,
}

impl Patients {
    fn of(file: &str) -> Self {
        let table = Reference::read(&format!("crates/proband-ode/tests/data/{file}.csv"));
        let mut patients: BTreeMap<u64, Vec<Vec<f64>>> = BTreeMap::new();
        let head = table.head().to_vec();
        for row in table.rows {
            patients.entry(row[0] as u64).or_default().push(row);
        }
        Self { head, rows: patients.into_values().collect() }
    }

    fn column(&self, name: &str) -> usize {
        self.head.iter().position(|column| column == name).expect("a column")
    }

    /// The patients as people of a trial: a row each.
    fn people(&self) -> String {
        let row = |patient: &Vec<Vec<f64>>| {
            patient[0].iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(",")
        };
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        format!("{}\n{}\n", self.head.join(","), rows.join("\n"))
    }
}

impl Workload<'_> {
    fn setup(&self, reference: &Patients) -> Setup {
        let mut model = "model patients\ntime h\n".to_owned();
        let mut covariates = String::new();
        let mut bindings = Vec::new();
        for (column, name, unit) in self.parameters {
            let (bracket, key) = match *unit {
                "" => (String::new(), String::new()),
                unit => (format!(" [{unit}]"), format!(", unit = \"{unit}\"")),
            };
            model.push_str(&format!("covariate own_{name}{bracket}\n"));
            covariates.push_str(&format!("own_{name} = {{ column = \"{column}\"{key} }}\n"));
            bindings.push(format!("{name} = own_{name}"));
        }
        model.push_str(&format!("use \"{}.model\" with {}\n", self.model, bindings.join(", ")));
        let rest = format!(
            "[population]\nfile = {{ path = \"people.csv\", draw = \"in order\" }}\n[population.covariates]\n\
             {covariates}[design]\nparticipants = {}\n[arm.only]\nregimen = {{ {} }}\n",
            reference.rows.len(),
            self.regimen
        );
        Setup::new(&model, self.lasts, self.every)
            .with(&rest)
            .file("people.csv", reference.people())
    }

    /// The greatest error over patients, times and outputs, relative to the value, and to a thousandth of the
    /// patient's greatest where the value is less.
    fn error(&self, method: &'static str) -> f64 {
        let reference = Patients::of(self.file);
        let paths = self.setup(&reference).method(method).run();
        let time = reference.column("time");
        let mut error: f64 = 0.0;
        for (column, observable) in self.outputs {
            let column = reference.column(column);
            let found = paths.all("only", observable);
            assert_eq!(found.len(), reference.rows.len());
            for (found, patient) in found.iter().zip(&reference.rows) {
                let floor =
                    1e-3 * patient.iter().fold(0.0, |most, row| row[column].abs().max(most));
                assert_eq!(found.len(), patient.len());
                for (&(day, value), row) in found.iter().zip(patient) {
                    assert!((day * 24.0 - row[time]).abs() < 1e-9);
                    let off = (value - row[column]).abs() / row[column].abs().max(floor);
                    error = error.max(off);
                }
            }
        }
        error
    }
}

/// The solver is asked for 1e-9, and its errors do not add up over what decays.
fn holds(workload: &Workload<'_>) {
    let error = workload.error("");
    assert!(error < 2e-8, "{error:e}");
}

/// Holds the default and the exact solution to what they promise.
fn exactly(most: f64, workload: &Workload<'_>) {
    holds(workload);
    let error = workload.error("exact");
    assert!(error < most, "{error:e}");
}

/// Solved in closed form: what is left is that of the reference.
#[test]
fn w1_two_compartment() {
    exactly(
        5e-14,
        &Workload {
            model: "w1-two-compartment",
            file: "W1",
            parameters: &[
                ("ka", "ka", "1/h"),
                ("CL", "cl", "L/h"),
                ("V1", "v1", "L"),
                ("Q", "q", "L/h"),
                ("V2", "v2", "L"),
            ],
            outputs: &[("cp", "cp")],
            lasts: "28 day",
            every: "6 h",
            regimen: "amount = \"100 mg\", every = \"24 h\", times = 28",
        },
    );
}

#[test]
fn w2_indirect_response() {
    holds(&Workload {
        model: "w2-indirect-response",
        file: "W2",
        parameters: &[
            ("ka", "ka", "1/h"),
            ("CL", "cl", "L/h"),
            ("V1", "v1", "L"),
            ("Q", "q", "L/h"),
            ("V2", "v2", "L"),
            ("Imax", "imax", ""),
            ("IC50", "ic50", "mg/L"),
            ("kin", "kin", "1/h"),
            ("kout", "kout", "1/h"),
        ],
        outputs: &[("cp", "cp"), ("R", "r")],
        lasts: "28 day",
        every: "6 h",
        regimen: "amount = \"100 mg\", every = \"24 h\", times = 28",
    });
}

#[test]
fn w3_friberg() {
    holds(&Workload {
        model: "w3-friberg",
        file: "W3",
        parameters: &[
            ("CL", "cl", "L/h"),
            ("V1", "v1", "L"),
            ("Q", "q", "L/h"),
            ("V2", "v2", "L"),
            ("Circ0", "circ0", "10^9/L"),
            ("MTT", "mtt", "h"),
            ("Slope", "slope", "L/mg"),
            ("gamma", "gamma", ""),
        ],
        outputs: &[("cp", "cp"), ("Circ", "circ")],
        lasts: "84 day",
        every: "24 h",
        regimen: "amount = \"180 mg\", over = \"1 h\", every = \"3 week\", times = 4",
    });
}

/// By the exponential of the matrix: a rounding for each time that the fastest rate has passed.
#[test]
fn w4_pbpk() {
    exactly(
        5e-11,
        &Workload {
            model: "w4-pbpk",
            file: "W4",
            parameters: &[
                ("BW", "bw", "kg"),
                ("CLint", "clint", "L/h"),
                ("CLr", "clr", "L/h"),
                ("ka", "ka", "1/h"),
            ],
            outputs: &[
                ("cp", "cp"),
                ("Cliver", "c_liver"),
                ("Cbrain", "c_brain"),
                ("Cmuscle", "c_muscle"),
                ("Cadipose", "c_adipose"),
            ],
            lasts: "48 h",
            every: "1 h",
            regimen: "amount = \"100 mg\"",
        },
    );
}
