//! diffsol: Tsit45 where a workload is not stiff, BDF where it is.

use crate::scalar::Dual;
use crate::workload::{Model, Workload, outputs, rhs, start};
use diffsol::{
    NalgebraLU, NalgebraMat, NalgebraVec, OdeBuilder, OdeEquations, OdeSolverMethod,
    OdeSolverStopReason,
};
use std::cell::Cell;

type M = NalgebraMat<f64>;

/// The outputs of all patients.
pub fn solve(workload: &Workload, tolerance: f64) -> Vec<f64> {
    let per_patient = workload.times.len() * workload.width;
    let mut out = vec![f64::NAN; per_patient * workload.parameters.len()];
    for (p, out) in workload.parameters.iter().zip(out.chunks_mut(per_patient)) {
        patient(workload, p, tolerance, out);
    }
    out
}

fn patient(workload: &Workload, p: &[f64], tolerance: f64, out: &mut [f64]) {
    let (model, states) = (workload.model, workload.states);
    let flow = Cell::new(0.0);
    let problem = OdeBuilder::<M>::new()
        .rtol(tolerance)
        .atol([1e-3 * tolerance])
        .p(p.to_vec())
        .rhs_implicit(
            |x, p, _, dx| rhs(model, x, p, flow.get(), dx),
            |x, p, _, v, jv| {
                let mut along = [Dual(0.0, 0.0); 18];
                let mut rates = [Dual(0.0, 0.0); 18];
                for at in 0..states {
                    along[at] = Dual(x[at], v[at]);
                }
                rhs(model, &along[..states], p, flow.get(), &mut rates[..states]);
                for at in 0..states {
                    jv[at] = rates[at].1;
                }
            },
        )
        .init(|p, _, y| start(model, p, y), states)
        .build()
        .expect("a problem");
    match model {
        Model::TwoCompartments | Model::Response => {
            advance(workload, p, &flow, problem.tsit45().expect("a solver"), out);
        }
        _ => advance(workload, p, &flow, problem.bdf::<NalgebraLU<f64>>().expect("one"), out),
    }
}

/// Goes from event to event.
fn advance<'a, E: OdeEquations<T = f64, V = NalgebraVec<f64>> + 'a>(
    workload: &Workload,
    p: &[f64],
    flow: &Cell<f64>,
    mut solver: impl OdeSolverMethod<'a, E>,
    out: &mut [f64],
) {
    let (model, width) = (workload.model, workload.width);
    let mut write = |row: usize, y: &NalgebraVec<f64>| {
        outputs(model, &numbers(y, workload.states), p, &mut out[row * width..(row + 1) * width]);
    };
    write(0, solver.state().y);
    let mut row = 1;
    for (at, event) in events(workload) {
        while solver.state().t < at {
            solver.set_stop_time(at).expect("a time to come");
            loop {
                let stopped = solver.step().expect("a step");
                let t = solver.state().t;
                while row < workload.times.len() && workload.times[row] <= t {
                    let y = solver.interpolate(workload.times[row]).expect("within the step");
                    write(row, &y);
                    row += 1;
                }
                if matches!(stopped, OdeSolverStopReason::TstopReached) {
                    break;
                }
            }
        }
        let bolus = match event {
            Event::Add(amount) => amount,
            Event::Flow(rate) => {
                flow.set(rate);
                0.0
            }
            Event::End => return,
        };
        let mut dy = [0.0; 18];
        let state = solver.state_mut();
        state.y[0] += bolus;
        rhs(model, &numbers(state.y, workload.states), p, flow.get(), &mut dy[..workload.states]);
        for (at, &rate) in dy[..workload.states].iter().enumerate() {
            state.dy[at] = rate;
        }
    }
}

/// States, those that there are not being zero.
fn numbers(y: &NalgebraVec<f64>, states: usize) -> [f64; 18] {
    std::array::from_fn(|at| if at < states { y[at] } else { 0.0 })
}

enum Event {
    Add(f64),
    Flow(f64),
    End,
}

fn events(workload: &Workload) -> Vec<(f64, Event)> {
    let mut events = Vec::new();
    for &(at, amount, over) in &workload.doses {
        if over > 0.0 {
            events.push((at, Event::Flow(amount / over)));
            events.push((at + over, Event::Flow(0.0)));
        } else {
            events.push((at, Event::Add(amount)));
        }
    }
    events.push((workload.times[workload.times.len() - 1], Event::End));
    events
}
