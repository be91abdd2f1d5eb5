//! The results of the programs in `independent/`.

use std::fs;
use std::path::Path;

/// An estimate with its standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

/// Rows of one file: quantity, arm, estimate.
pub(crate) struct Independent {
    file: String,
    rows: Vec<(String, String, Estimate)>,
}

impl Independent {
    pub(crate) fn read(trial: &str) -> Self {
        let file = format!("{}/validation/independent/{trial}.csv", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(Path::new(&file)).expect("the results are kept");
        let rows = text.lines().skip(1).map(row).collect();
        Self { file, rows }
    }

    pub(crate) fn get(&self, quantity: &str, arm: &str) -> Estimate {
        let found = self.rows.iter().find(|row| row.0 == quantity && row.1 == arm);
        found.unwrap_or_else(|| panic!("{}: no `{quantity}` of `{arm}`", self.file)).2
    }
}

/// Quantity and arm may hold commas in the quantity only: the last three cells are fixed.
fn row(line: &str) -> (String, String, Estimate) {
    let mut cells = line.rsplitn(4, ',');
    let mut next = || cells.next().expect("four cells");
    let (error, value, arm, quantity) = (next(), next(), next(), next());
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let estimate = Estimate { value: number(value), error: number(error) };
    (quantity.to_owned(), arm.to_owned(), estimate)
}
