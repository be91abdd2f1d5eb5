//! Enrolment, and what to say when it comes to no end.

use crate::{Error, Failure, Faulty, Result};
use proband_analysis::Screening;
use proband_cohort::DrawError;
use proband_diag::code;
use proband_engine::{EnrolError, Enrolment, Plan, Watch};

/// Enrols; none if `watch` asked to stop.
pub(crate) fn enrol(plan: &Plan<'_>, watch: &dyn Watch) -> Result<Option<Enrolment>> {
    match proband_engine::enrol(plan, watch) {
        Ok(enrolment) => Ok(Some(enrolment)),
        Err(EnrolError::Interrupted) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<EnrolError> for Error {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Draw(error) => error.into(),
            EnrolError::CannotEnrol { enrolled, needed, screening } => {
                cannot_enrol(enrolled, needed, &screening).into()
            }
            EnrolError::Interrupted => Failure::Interrupted.into(),
        }
    }
}

/// A file of people that ends too soon is the user's; one that was never read would be ours.
impl From<DrawError> for Error {
    fn from(error: DrawError) -> Self {
        match error {
            DrawError::BeyondLastRow { .. } => {
                let help = "give the file more rows, or draw people at random".to_owned();
                Faulty::one(code::CANNOT_ENROL, error.to_string(), Some(help)).into()
            }
            DrawError::NoPeople => Failure::Draw(error).into(),
        }
    }
}

fn cannot_enrol(enrolled: u64, needed: u64, screening: &Screening) -> Faulty {
    let message = format!(
        "{enrolled} of {needed} participants were enrolled when {} twins had been drawn{}",
        screening.drawn,
        refusals(screening),
    );
    let help = "widen a criterion or the population, or raise `eligibility.at_most`".to_owned();
    Faulty::one(code::CANNOT_ENROL, message, Some(help))
}

/// The share that each criterion and limit refused: `: renal refused 81.2 % of those screened`.
fn refusals(screening: &Screening) -> String {
    let share = |reason: &str, count: u64, of: u64, whom: &str| {
        let percent = 100.0 * count as f64 / of.max(1) as f64;
        format!("`{reason}` refused {percent:.1} % of those {whom}")
    };
    let limits = screening
        .passed_over
        .iter()
        .map(|(reason, count)| share(reason, *count, screening.drawn, "drawn"));
    let criteria = screening
        .criteria
        .iter()
        .map(|(reason, count)| share(reason, *count, screening.screened, "screened"));
    let all: Vec<String> = limits.chain(criteria).collect();
    if all.is_empty() { String::new() } else { format!(": {}", all.join(", ")) }
}
