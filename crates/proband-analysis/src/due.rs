//! When values are due: at a look a period that is not over says nothing yet, whatever stands in for a
//! record that is missing.

use crate::layout::{Column, Layout};
use crate::shard::ParticipantColumns;
use proband_lang::Expr;
use proband_trial::{EndpointValue, Missing, Quantity};

impl Layout<'_> {
    /// Leaves out what was not due so many days after each row's day 1. Times and counts are of the time
    /// followed, and always due.
    pub fn leave_out_what_is_not_due(&self, shard: &mut ParticipantColumns, since: &[f64]) {
        let columns = self.columns().to_vec();
        for (place, column) in columns.into_iter().enumerate() {
            let (endpoint, missing) = match column {
                Column::Response(endpoint, missing) => (endpoint, missing),
                Column::OwnResponse(analysis) => {
                    let analysis = &self.trial.analyses[analysis];
                    (analysis.endpoint, analysis.missing)
                }
                _ => continue,
            };
            let due = self.due(endpoint, missing);
            shard.hide(place, |row| since[row] < due);
        }
    }

    /// The day by which an endpoint is known, after day 1: the end of the last period that it reads. What
    /// is read at visits alone is known when it is recorded, unless something stands in for it.
    #[must_use]
    pub fn due(&self, endpoint: usize, missing: Missing) -> f64 {
        let (EndpointValue::Number(value) | EndpointValue::Condition(value)) =
            &self.trial.endpoints[endpoint].value
        else {
            return f64::NEG_INFINITY;
        };
        let mut due = f64::NEG_INFINITY;
        value.expr.walk(&mut |part| {
            if let Expr::Symbol(symbol) = part {
                due = due.max(self.read_by(&self.trial.quantities[symbol.index()], missing));
            }
        });
        due
    }

    fn read_by(&self, quantity: &Quantity, missing: Missing) -> f64 {
        match quantity {
            Quantity::At(_, encounter) if missing != Missing::ObservedOnly => {
                let planned = &self.trial.encounters[*encounter];
                planned.day + planned.window.map_or(0.0, |(_, late)| late)
            }
            Quantity::Period { to, .. }
            | Quantity::Count { to, .. }
            | Quantity::Followed { to, .. }
            | Quantity::WorstGrade { to, .. }
            | Quantity::DoseIntensity { to, .. } => *to,
            _ => f64::NEG_INFINITY,
        }
    }
}
