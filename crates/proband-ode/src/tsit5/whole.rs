//! The step as one program.

use super::tableau::*;
use crate::number::Traced;
use crate::stepper::mean;
use crate::whole::Plan;

/// What a step ends with, row by row: see [`Tsit5`](super::Tsit5).
pub(crate) fn whole_step<'g>(plan: &Plan<'g, '_>) -> Vec<Traced<'g>> {
    let (y, first) = (plan.states(0), plan.states(1));
    let mut k = vec![first];
    stage(plan, &y, &mut k, &A2);
    stage(plan, &y, &mut k, &A3);
    stage(plan, &y, &mut k, &A4);
    stage(plan, &y, &mut k, &A5);
    stage(plan, &y, &mut k, &A6);
    let new: Vec<Traced<'g>> = plan.clipped(states(plan, &y, &k, &A7));
    k.push(plan.rates(stage_time(STAGES - 1, plan.t(), plan.h()), &new));
    let mut sum = plan.constant(0.0);
    for (state, (&y, &new)) in y.iter().zip(&new).enumerate() {
        let k = std::array::from_fn(|stage| k[stage][state]);
        sum = plan.tolerance.add_square(sum, state, error(plan.h(), &k), [y, new]);
    }
    let error = mean(sum, y.len());
    let last = k.pop().expect("just pushed");
    let inner = k.into_iter().skip(1).flatten();
    new.into_iter().chain(last).chain(inner).chain([error]).collect()
}

fn stage<'g, const S: usize>(
    plan: &Plan<'g, '_>,
    y: &[Traced<'g>],
    k: &mut Vec<Vec<Traced<'g>>>,
    a: &[f64; S],
) {
    let t = stage_time(S, plan.t(), plan.h());
    let states = states(plan, y, k, a);
    k.push(plan.rates(t, &states));
}

fn states<'g, const S: usize>(
    plan: &Plan<'g, '_>,
    y: &[Traced<'g>],
    k: &[Vec<Traced<'g>>],
    a: &[f64; S],
) -> Vec<Traced<'g>> {
    let state = |(state, &y): (usize, &Traced<'g>)| {
        stage_state(a, plan.h(), y, &std::array::from_fn(|stage| k[stage][state]))
    };
    y.iter().enumerate().map(state).collect()
}
