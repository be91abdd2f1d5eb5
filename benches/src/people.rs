//! Patients, and tight references of the first eight of them.

use crate::Workload;

/// The patients of a workload: a row of parameters each.
#[derive(Clone, Debug)]
pub struct Patients {
    /// What the columns are called.
    pub names: Vec<String>,
    /// By patient.
    pub rows: Vec<Vec<f64>>,
}

impl Patients {
    /// Reads a table of numbers with a head. The first column numbers the patients and is left out.
    #[must_use]
    pub fn read(table: &str) -> Self {
        let mut lines = table.lines();
        let head = lines.next().expect("a table has a head");
        let number = |field: &str| field.parse().expect("a table of numbers");
        Self {
            names: head.split(',').skip(1).map(str::to_owned).collect(),
            rows: lines.map(|line| line.split(',').skip(1).map(number).collect()).collect(),
        }
    }

    /// The position of a column, whatever the case of its letters.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|column| column.eq_ignore_ascii_case(name))
    }
}

/// The greatest error of the first patients' outputs (rows of outputs by time, one patient after the
/// other): over patients, times and outputs of |y - ref| / max(|ref|, 1e-3 max over time of |ref|).
#[must_use]
pub fn error(workload: &Workload, outputs: &[f64]) -> f64 {
    let reference = Patients::read(workload.reference);
    let width = workload.outputs.len();
    let first = reference.names.len() - width;
    let mut worst: f64 = 0.0;
    let patients = reference.rows.chunks(workload.samples + 1);
    for (patient, found) in patients.zip(outputs.chunks(width * (workload.samples + 1))) {
        for output in 0..width {
            let value = |row: &Vec<f64>| row[first + output];
            let greatest = patient.iter().map(|row| value(row).abs()).fold(0.0, f64::max);
            for (row, found) in patient.iter().zip(found.chunks(width)) {
                let scale = value(row).abs().max(1e-3 * greatest);
                let off = (found[output] - value(row)).abs() / scale;
                // What is missing is infinitely wrong.
                worst = worst.max(if off.is_nan() { f64::INFINITY } else { off });
            }
        }
    }
    worst
}
