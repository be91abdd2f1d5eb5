//! `prognosis(ARM)`: what each participant's own twin would be like in an arm, as a covariate.

use super::Setting;
use crate::expression::Quantities;
use crate::reading::Reading;
use crate::tables::arms;
use crate::toml::{Table, Text};
use crate::values;
use crate::{Endpoint, EndpointValue, Expression, Prediction, Quantity};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Binary, Expr};

impl Setting<'_> {
    /// The endpoint's value by the true values of the twin in an arm, without measurement error; off by a
    /// share of itself where `prognosis_error` says so.
    pub(super) fn prognosis(
        &self,
        table: &Table<'_>,
        text: &Text,
        endpoint: Option<&Endpoint>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Expression> {
        let span = text.place();
        if self.names.of_data {
            let message = "a data set has no twins to ask";
            let fault = Diagnostic::error(code::WRONG_PLACE, message, span);
            reading.fault(fault.help("name the column of the prediction"));
            return None;
        }
        let arm = self.arm_of(text, span, reading)?;
        let EndpointValue::Number(value) = &endpoint?.value else {
            reading.later(span, "the prognosis of an endpoint that is not a number");
            return None;
        };
        let predicted = self.predicted(value, arm, quantities);
        if predicted.is_none() {
            reading.later(span, "the prognosis of an endpoint that is not about visits");
        }
        let mut expr = predicted?;
        let error = table.read("prognosis_error", reading, values::part).unwrap_or(0.0);
        if error > 0.0 {
            let draw = quantities.symbol(Quantity::Predicted(Prediction::Error { arm }));
            let off = Expr::binary(Binary::Mul, Expr::Number(error), draw);
            let factor = Expr::binary(Binary::Add, Expr::Number(1.0), off);
            expr = Expr::binary(Binary::Mul, expr, factor);
        }
        Some(Expression { expr, text: text.text.clone(), span: Some(span), ..value.clone() })
    }

    fn arm_of(&self, text: &Text, span: Span, reading: &mut Reading) -> Option<usize> {
        let name = text.text.strip_prefix("prognosis(")?.strip_suffix(')').map(str::trim);
        let Some(name) = name else {
            let message = "`prognosis` takes an arm, such as `prognosis(placebo)`";
            reading.fault(Diagnostic::error(code::WRONG_ARGUMENTS, message, span));
            return None;
        };
        arms::position_of(name, span, self.names, reading)
    }

    /// A value with the twin's own in the place of records; none where it asks for anything else.
    fn predicted(
        &self,
        value: &Expression,
        arm: usize,
        quantities: &mut Quantities,
    ) -> Option<Expr> {
        let encounters = &self.names.timeline.encounters;
        let mut moved = value.expr.clone();
        let mut fits = true;
        moved.renumber(&mut |symbol| {
            let (observable, day) = match quantities.get(*symbol) {
                Some(&Quantity::At(observable, visit)) => (observable, encounters[visit].day),
                Some(&Quantity::Baseline(observable)) => (observable, 0.0),
                Some(Quantity::Covariate(_)) => return,
                _ => return fits = false,
            };
            let predicted = Prediction::Value { arm, observable, day };
            if let Expr::Symbol(own) = quantities.symbol(Quantity::Predicted(predicted)) {
                *symbol = own;
            }
        });
        fits.then_some(moved)
    }
}
