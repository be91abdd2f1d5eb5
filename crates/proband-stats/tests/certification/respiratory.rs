//! The respiratory trial's covariates, which two areas share.

use proband_stats::model_matrix::{ModelMatrix, Variable};

use crate::table::Table;

/// Hands on treatment, centre, sex, age and baseline of the rows of `table`.
pub(crate) fn with_design(table: &Table, analyse: impl FnOnce(&ModelMatrix<'_>)) {
    let treat = table.levels("treat", &["P", "A"]);
    let centre = table.levels("center", &["1", "2"]);
    let sex = table.levels("sex", &["F", "M"]);
    let (age, baseline) = (table.numbers("age"), table.numbers("baseline"));
    let variables = [
        Variable::Factor { codes: &treat, levels: 2 },
        Variable::Factor { codes: &centre, levels: 2 },
        Variable::Factor { codes: &sex, levels: 2 },
        Variable::Number(&age),
        Variable::Number(&baseline),
    ];
    analyse(&ModelMatrix::new(&variables, &[&[0], &[1], &[2], &[3], &[4]]).unwrap());
}
