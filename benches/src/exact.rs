//! One timed run of a linear workload: batches of patients in lockstep.

use crate::run::{Happening, Outcome, Run, fill_bank, level, stops};
use cpu_time::ThreadTime;
use proband_ode::{Compiled, Lockstep, Statistics, Stop};

/// Takes all patients to their ends, if the workload is linear. What is timed is what
/// [`Run::outcome`] times, outputs left as they come: row by row for each batch.
pub(crate) fn outcome(run: &Run<'_>) -> Option<Outcome> {
    let Run { workload, system, twins, lanes, backend, .. } = *run;
    let start = ThreadTime::now();
    let mut field = Compiled::on(system, lanes, backend);
    let stops = timetable(run);
    let mut lockstep = Lockstep::with_level(system, &stops, lanes, level(backend))?;
    let mut prelude = system.prelude.kernel_on(lanes, backend);
    let mut initial = system.start.kernel();
    let mut observe = system.observe.kernel_on(lanes, backend);
    let preparing = start.elapsed().as_secs_f64();
    let row = observe.outputs() * lanes;
    let mut outputs =
        vec![f64::NAN; row * (workload.samples + 1) * twins.len().div_ceil(lanes)];
    let states = system.rates.outputs();
    let mut y = vec![0.0; states * lanes];
    let zero = vec![0.0; lanes];
    let start = ThreadTime::now();
    let batches = outputs.chunks_mut(row * (workload.samples + 1));
    for (people, outputs) in twins.chunks(lanes).zip(batches) {
        fill_bank(&mut prelude, people, field.twin_rows_mut());
        for lane in 0..people.len() {
            let states = initial.lane(&field.rows(&zero, &[]), lane).expect("a start");
            for (state, &value) in states.iter().enumerate() {
                y[state * lanes + lane] = value;
            }
        }
        let mut rows = outputs.chunks_mut(row);
        lockstep.run(&mut field, &mut y, &mut |field, sample| {
            let out = rows.next().expect("as many rows as samples");
            observe.run(&field.rows(&zero, sample.y), out);
        });
    }
    let seconds = start.elapsed().as_secs_f64();
    let accepted = (twins.len() * workload.samples) as u64;
    let statistics = Statistics { accepted, ..Statistics::default() };
    let outputs = by_patient(run, &outputs, row);
    Some(Outcome { preparing, seconds, statistics, outputs })
}

/// What happens, and the samples between.
fn timetable(run: &Run<'_>) -> Vec<Stop> {
    let workload = run.workload;
    let mut table: Vec<Stop> = (0..=workload.samples)
        .map(|at| Stop { t: at as f64 * workload.apart, sample: true, ..Stop::default() })
        .collect();
    for (t, happening) in stops(workload, run.system) {
        if let Happening::Add(state, amount) = happening {
            table.push(Stop { t, additions: vec![(state, amount)], ..Stop::default() });
        }
    }
    table.sort_by(|a, b| a.t.total_cmp(&b.t));
    table
}

/// Rows of outputs by time, one patient after the other.
fn by_patient(run: &Run<'_>, batches: &[f64], row: usize) -> Vec<f64> {
    let Run { workload, system, twins, lanes, .. } = *run;
    let mut outputs = Vec::new();
    for patient in 0..twins.len() {
        let first = patient / lanes * row * (workload.samples + 1);
        for sample in 0..=workload.samples {
            let here = &batches[first + sample * row..];
            let value = |truth: usize| here[truth * lanes + patient % lanes];
            outputs.extend(system.observables.iter().map(|observable| value(observable.truth)));
        }
    }
    outputs
}
