//! Tables of reference numbers.

use crate::twin::{Trace, read};

/// A table of `suite/models`, by column.
pub(crate) struct Reference {
    head: Vec<String>,
    pub(crate) rows: Vec<Vec<f64>>,
    /// Half a unit of the last decimal that is printed; 0 where numbers are printed in full.
    rounding: f64,
}

impl Reference {
    /// The table of this name.
    pub(crate) fn of(name: &str) -> Self {
        Self::read(&format!("tests/suite/models/{name}.csv"))
    }

    /// A table by its path from the workspace.
    pub(crate) fn read(path: &str) -> Self {
        let text = read(path);
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let head = lines.next().expect("a head").split(',').map(str::to_owned).collect();
        let number = |cell: &str| cell.parse().expect("a number");
        let rows = lines.map(|line| line.split(',').map(number).collect()).collect();
        Self { head, rows, rounding: 0.0 }
    }

    /// The same table, which prints so many decimals.
    pub(crate) fn printed(mut self, decimals: u32) -> Self {
        self.rounding = 0.501 * last(decimals);
        self
    }

    pub(crate) fn head(&self) -> &[String] {
        &self.head
    }

    pub(crate) fn column(&self, name: &str) -> usize {
        let found = self.head.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("no column `{name}`"))
    }

    /// The greatest error of a trace against a column, relative to the value, and to a thousandth of the
    /// column's greatest where the value is less. The first column is time, so many of which make a day.
    pub(crate) fn error(&self, column: &str, trace: &Trace, per_day: f64) -> f64 {
        let at = self.column(column);
        let floor = 1e-3 * self.rows.iter().fold(0.0, |most: f64, row| most.max(row[at].abs()));
        let off = |row: &Vec<f64>| {
            let off = (trace.at(row[0] / per_day) - row[at]).abs() - self.rounding;
            off.max(0.0) / row[at].abs().max(floor)
        };
        self.rows.iter().map(off).fold(0.0, f64::max)
    }
}

/// Holds a number to what is printed of it: to half a unit of its last digit, and what two solvers at 1e-8
/// differ by.
pub(crate) fn prints(what: &str, found: f64, printed: &str) {
    let value: f64 = printed.parse().expect("a number");
    let decimals = printed.split('.').nth(1).map_or(0, str::len) as u32;
    let tolerance = 0.501 * last(decimals) + 2e-8 * value.abs();
    assert!((found - value).abs() <= tolerance, "{what}: {found}, printed {printed}");
}

/// A unit of the last of so many decimals.
fn last(decimals: u32) -> f64 {
    (0..decimals).fold(1.0, |unit, _| unit / 10.0)
}
