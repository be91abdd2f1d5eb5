//! The rules of an arm, compiled, and the regimens on which they act.

use crate::seen::SeenExpressions;
use proband_kernel::BuildError;
use proband_lang::Expr;
use proband_trial::{Action, Trial};

/// A regimen of a phase.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Position in `Trial::regimens`.
    pub(crate) regimen: usize,
    /// Whether it begins by itself, and not by a rule.
    pub(crate) begins: bool,
    /// The condition at which it ends, if it ends by one.
    pub(crate) until: Option<SeenExpressions>,
}

impl Given {
    /// The regimens that a phase gives by its plan, then those that its rules may begin.
    pub(super) fn all(
        trial: &Trial,
        arm: Option<usize>,
        planned: &[usize],
    ) -> Result<Vec<Self>, BuildError> {
        let mut regimens: Vec<(usize, bool)> = planned.iter().map(|&of| (of, true)).collect();
        let of_arm = trial.rules.iter().filter(|rule| arm.is_some_and(|arm| rule.is_in(arm)));
        for action in of_arm.flat_map(|rule| std::iter::once(&rule.action).chain(&rule.then)) {
            let begun: &[usize] = match action {
                Action::Start(regimens) => regimens,
                Action::Switch(arm) => &trial.arms[*arm].regimens,
                _ => &[],
            };
            for &regimen in begun {
                if !regimens.iter().any(|(known, _)| *known == regimen) {
                    regimens.push((regimen, false));
                }
            }
        }
        let given = regimens.into_iter().map(|(regimen, begins)| {
            let until = trial.regimens[regimen].until_seen.as_ref();
            let until = until.map(|until| SeenExpressions::new(trial, &[&until.expr]));
            Ok(Self { regimen, begins, until: until.transpose()? })
        });
        given.collect()
    }
}

/// A rule of an arm.
#[derive(Clone, Debug)]
pub(crate) struct RulePlan {
    /// Position in `Trial::rules`.
    pub(crate) rule: usize,
    /// Places among the phase's regimens on which it may act; empty where it is about the participant.
    pub(crate) places: Vec<usize>,
    /// Its condition, then what `do` and `then` read.
    pub(crate) seen: SeenExpressions,
    /// Which of these `do` reads.
    pub(crate) of_action: Option<usize>,
    /// Which of these `then` reads.
    pub(crate) of_then: Option<usize>,
    /// Whether they read the dose of the regimen at hand.
    pub(crate) asks_dose: bool,
}

impl RulePlan {
    /// The rules of an arm, in the order of the file. One that is about regimens none of which the arm
    /// gives never acts in it.
    pub(super) fn all(
        trial: &Trial,
        arm: Option<usize>,
        given: &[Given],
    ) -> Result<Vec<Self>, BuildError> {
        let Some(arm) = arm else { return Ok(Vec::new()) };
        let mut plans = Vec::new();
        for index in 0..trial.rules.len() {
            let of = &trial.rules[index];
            let places: Vec<usize> = match of.action.is_of_regimens() {
                true => (0..given.len())
                    .filter(|&place| {
                        let regimens = &of.regimens;
                        regimens.is_empty() || regimens.contains(&given[place].regimen)
                    })
                    .collect(),
                false => Vec::new(),
            };
            if of.is_in(arm) && !(places.is_empty() && of.action.is_of_regimens()) {
                plans.push(Self::new(trial, index, places)?);
            }
        }
        Ok(plans)
    }

    fn new<'t>(trial: &'t Trial, rule: usize, places: Vec<usize>) -> Result<Self, BuildError> {
        let of = &trial.rules[rule];
        let mut expressions: Vec<&Expr> = vec![&of.when.expr];
        let mut place = |action: &'t Action| {
            expressions.push(&action.expression()?.expr);
            Some(expressions.len() - 1)
        };
        let (of_action, of_then) = (place(&of.action), of.then.as_ref().and_then(&mut place));
        let seen = SeenExpressions::new(trial, &expressions)?;
        Ok(Self { rule, places, asks_dose: seen.ask_dose(), seen, of_action, of_then })
    }
}
