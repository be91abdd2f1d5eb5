//! pharmsol: Tsit45 where a workload is not stiff, BDF where it is.

use crate::workload::{Model, Workload, outputs, rhs, start};
use pharmsol::prelude::*;
use pharmsol::Cache;
use pharmsol::simulator::V;

const MODELS: [Model; 5] = [
    Model::TwoCompartments,
    Model::Response,
    Model::Friberg,
    Model::Pbpk { saturable: false },
    Model::Pbpk { saturable: true },
];

/// pharmsol takes functions without surroundings: a set of them for each model.
fn ode<const MODEL: usize, const N: usize, const P: usize, const W: usize>() -> equation::ODE {
    fn numbers<const K: usize>(v: &V) -> [f64; K] {
        std::array::from_fn(|at| v[at])
    }
    equation::ODE::new(
        |x, p, _t, dx, bolus, flow, _cov| {
            let mut rates = [0.0; N];
            rhs(MODELS[MODEL], &numbers::<N>(x), &numbers::<P>(p), flow[0], &mut rates);
            rates.iter().enumerate().for_each(|(at, &rate)| dx[at] = rate);
            dx[0] += bolus[0];
        },
        |_p, _t, _cov| lag! {},
        |_p, _t, _cov| fa! {},
        |p, _t, _cov, x| {
            let mut y = [0.0; N];
            start(MODELS[MODEL], &numbers::<P>(p), &mut y);
            y.iter().enumerate().for_each(|(at, &value)| x[at] = value);
        },
        |x, p, _t, _cov, y| {
            let mut out = [0.0; W];
            outputs(MODELS[MODEL], &numbers::<N>(x), &numbers::<P>(p), &mut out);
            out.iter().enumerate().for_each(|(at, &value)| y[at] = value);
        },
    )
    .with_nstates(N)
    .with_ndrugs(1)
    .with_nout(W)
}

/// The outputs of all patients.
pub fn solve(workload: &Workload, tolerance: f64) -> Vec<f64> {
    let explicit = OdeSolver::ExplicitRk(ExplicitRkTableau::Tsit45);
    let ode = match workload.model {
        Model::TwoCompartments => ode::<0, 3, 5, 1>().with_solver(explicit),
        Model::Response => ode::<1, 4, 9, 2>().with_solver(explicit),
        Model::Friberg => ode::<2, 7, 8, 2>(),
        Model::Pbpk { saturable: false } => ode::<3, 18, 41, 5>(),
        Model::Pbpk { saturable: true } => ode::<4, 18, 41, 5>(),
    };
    let ode = ode.with_tolerances(tolerance, 1e-3 * tolerance).disable_cache();
    let mut out = Vec::new();
    for (id, p) in workload.parameters.iter().enumerate() {
        let mut subject = Subject::builder(format!("{id}"));
        for &(at, amount, over) in &workload.doses {
            subject = if over > 0.0 {
                subject.infusion(at, amount, 0, over)
            } else {
                subject.bolus(at, amount, 0)
            };
        }
        for &t in &workload.times {
            for output in 0..workload.width {
                subject = subject.missing_observation(t, output);
            }
        }
        let found = ode.estimate_predictions_dense(&subject.build(), p).expect("predictions");
        let mut rows: Vec<(f64, usize, f64)> = found
            .predictions()
            .iter()
            .map(|p| (p.time(), p.outeq(), p.prediction()))
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        out.extend(rows.iter().map(|row| row.2));
    }
    out
}
