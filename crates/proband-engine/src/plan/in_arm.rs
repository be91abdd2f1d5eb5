//! What an arm says, laid over what the trial says of every arm; before randomisation there is none.

use proband_kernel::system::{ModelOptions, Typical};
use proband_lang::Expr;
use proband_trial::{Expression, Quantity, Signal, Trial};
use std::collections::BTreeMap;

/// What feeds each input: the arm's word before the model's.
pub(super) fn signals(trial: &Trial, arm: Option<usize>) -> Vec<(usize, usize, &Signal)> {
    let mut signals = BTreeMap::new();
    for (model, of_model) in trial.models.iter().enumerate() {
        signals.extend(of_model.inputs.iter().map(|(input, signal)| ((model, *input), signal)));
    }
    if let Some(arm) = arm {
        let inputs = trial.arms[arm].inputs.iter();
        signals.extend(inputs.map(|(model, input, signal)| ((*model, *input), signal)));
    }
    signals.into_iter().map(|((model, input), signal)| (model, input, signal)).collect()
}

/// The typical values that trial and arm give a model: what is drawn once a repetition before what the trial
/// says of every arm, and the arm's own before all.
pub(super) fn options(trial: &Trial, model: usize, arm: Option<usize>) -> ModelOptions {
    let of_model = &trial.models[model];
    let told = of_model.parameters.iter();
    let mut typical: BTreeMap<usize, Typical> =
        told.map(|&(parameter, value)| (parameter, Typical::Value(value))).collect();
    let uncertain = of_model.uncertainty.iter().filter(|_| trial.simulation.uncertainty);
    let drawn = uncertain.flat_map(|uncertainty| &uncertainty.parameters);
    typical.extend(drawn.map(|&parameter| (parameter, Typical::Row)));
    if let Some(arm) = arm {
        let of_arm = trial.arms[arm].parameters.iter().filter(|(of, ..)| *of == model);
        typical.extend(of_arm.map(|&(_, parameter, value)| (parameter, Typical::Value(value))));
    }
    ModelOptions { typical, ..ModelOptions::default() }
}

/// The regimens of a phase: before randomisation those of the epochs that come before day 1, after
/// it the arm's and those of the epochs from day 1 on.
pub(super) fn given(trial: &Trial, arm: Option<usize>) -> Vec<usize> {
    let before = arm.is_none();
    let of_epochs = trial.epochs.iter().filter(|epoch| (epoch.from < 0.0) == before);
    let of_epochs = of_epochs.flat_map(|epoch| epoch.regimens.iter().copied());
    let of_arm = arm.map_or(&[][..], |arm| &trial.arms[arm].regimens);
    of_arm.iter().copied().chain(of_epochs).collect()
}

pub(super) fn names_arm(trial: &Trial, expression: &Expression) -> bool {
    let mut named = false;
    expression.expr.walk(&mut |part| {
        if let Expr::Symbol(symbol) = part {
            named |= trial.quantities[symbol.index()] == Quantity::Arm;
        }
    });
    named
}
