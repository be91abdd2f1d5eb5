//! The step as one program.

use super::tableau::*;
use crate::Sparsity;
use crate::lu::Elimination;
use crate::number::Traced;
use crate::stepper::mean;
use crate::whole::Plan;

/// What a step ends with, row by row: see [`Rodas5P`](super::Rodas5P).
pub(crate) fn whole_step<'g>(plan: &Plan<'g, '_>) -> Vec<Traced<'g>> {
    let (t, h, y) = (plan.t(), plan.h(), plan.states(0));
    let elimination = Elimination::new(&Sparsity::new(y.len(), plan.entries.to_vec()));
    let (first_rates, entries, by_time) = plan.linearised(t, &y);
    let w = factored(plan, &elimination, &entries);
    let (mut k, mut u) = (Vec::<Vec<Traced<'g>>>::new(), y.clone());
    for stage in 0..STAGES {
        let rates = if stage == 0 {
            first_rates.clone()
        } else {
            u = looked_at(stage, &y, u, &k);
            plan.rates(stage_time(stage, t, h), &u)
        };
        let side = |(state, &rate): (usize, &Traced<'g>)| {
            let drift = by_time.as_ref().map(|by_time| by_time[state]);
            right_side(stage, h, rate, |earlier| k[earlier][state], drift)
        };
        let mut solution: Vec<Traced<'g>> = rates.iter().enumerate().map(side).collect();
        elimination.solve(&w, &mut solution);
        k.push(solution);
    }
    let last = &k[STAGES - 1];
    let new = plan.clipped(u.iter().zip(last).map(|(&u, &last)| u + last).collect());
    let mut sum = plan.constant(0.0);
    for state in 0..y.len() {
        sum = plan.tolerance.add_square(sum, state, last[state], [y[state], new[state]]);
    }
    let error = mean(sum, y.len());
    new.into_iter().chain(k.into_iter().flatten()).chain([error]).collect()
}

/// The factors of the matrices of the stages.
fn factored<'g>(
    plan: &Plan<'g, '_>,
    elimination: &Elimination,
    entries: &[Traced<'g>],
) -> Vec<Traced<'g>> {
    let mut w: Vec<Traced<'g>> = entries.iter().map(|&entry| -entry).collect();
    w.resize(elimination.entries(), plan.constant(0.0));
    for &entry in elimination.diagonal() {
        w[entry] = w[entry] + shift(plan.h());
    }
    elimination.factor(&mut w);
    w
}

/// The states that a stage looks at; `u` are those of the stage before.
fn looked_at<'g>(
    stage: usize,
    y: &[Traced<'g>],
    u: Vec<Traced<'g>>,
    k: &[Vec<Traced<'g>>],
) -> Vec<Traced<'g>> {
    let state = |state: usize| match A.get(stage) {
        Some(weights) => add_weighted(y[state], weights, |earlier| k[earlier][state]),
        None => u[state] + k[stage - 1][state],
    };
    (0..y.len()).map(state).collect()
}
