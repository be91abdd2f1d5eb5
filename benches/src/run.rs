//! One timed run: patients through the lanes.

use crate::{Dosing, Workload};
use cpu_time::ThreadTime;
use proband_kernel::system::Signal;
use proband_kernel::{Backend, Kernel, Rows, System};
use proband_math::vector::Simd;
use proband_ode::{
    Compiled, Crossing, Failure, Host, LaneState, Method, Next, Plan, Samples, Settings, Start,
    Statistics, WholeStep, Workspace, integrate, lanes_of,
};

/// Patients whose preludes run together.
const BLOCK: usize = 64;

/// What is run, and how.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// What is simulated.
    pub workload: &'a Workload,
    /// Its system.
    pub system: &'a System,
    /// The rows of the twin bank that are given, by patient.
    pub twins: &'a [Vec<f64>],
    /// The way to step; exact ones are taken in lockstep.
    pub method: Method,
    /// The relative tolerance; the absolute one is a thousandth of it.
    pub tolerance: f64,
    /// What runs the programs.
    pub backend: Backend,
    /// Patients side by side.
    pub lanes: usize,
    /// Whether steps are one program, where the system is small enough for that.
    pub whole: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The thread's time until programs were ready: from the system to machine code.
    pub preparing: f64,
    /// The thread's time on its core.
    pub seconds: f64,
    /// What it took.
    pub statistics: Statistics,
    /// Rows of outputs by time, one patient after the other.
    pub outputs: Vec<f64>,
}

impl Run<'_> {
    /// Takes all patients to their ends. The time counts from filling the twin bank to the last
    /// output; compiling programs is not in it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.method {
            Method::Exact => crate::exact::outcome(self).expect("a linear workload"),
            Method::Tsit5 | Method::Rodas5P => self.steps(),
        }
    }

    fn steps(&self) -> Outcome {
        let settings = self.settings();
        let start = ThreadTime::now();
        let mut field = Compiled::on(self.system, self.lanes, self.backend);
        if self.whole
            && let Some(step) = WholeStep::of(self.system, &settings)
        {
            field = field.with_step(&step);
        }
        let preparing = start.elapsed().as_secs_f64();
        let mut work = Workspace::with_level(level(self.backend));
        let mut course = Course::new(self);
        let start = ThreadTime::now();
        course.fill_bank(self.twins);
        let statistics = integrate(&mut field, &mut course, &settings, &mut work);
        let seconds = start.elapsed().as_secs_f64();
        Outcome { preparing, seconds, statistics, outputs: course.outputs }
    }

    fn settings(&self) -> Settings {
        Settings {
            method: self.method,
            relative: self.tolerance,
            absolute: vec![1e-3 * self.tolerance; self.system.rates.outputs()],
            longest_step: f64::INFINITY,
            most_steps: 1_000_000,
            lanes: self.lanes,
        }
    }
}

/// How wide the rest works: as wide as the machine can beside the interpreter.
pub(crate) fn level(backend: Backend) -> Simd {
    match backend {
        Backend::Interpreter => Simd::detect(),
        Backend::Avx2 => Simd::Avx2,
        Backend::Avx512 => Simd::Avx512,
    }
}

/// The patients' way through the lanes.
struct Course<'a> {
    workload: &'a Workload,
    system: &'a System,
    /// Blocks of rows of patients: what is given, then what the prelude derives.
    bank: Vec<Vec<f64>>,
    prelude: Kernel,
    start: proband_kernel::system::InitialStatesKernel,
    observe: Kernel,
    observed: Vec<f64>,
    /// Every lane's first time.
    zero: Vec<f64>,
    /// Stops in turn, with what happens.
    stops: Vec<(f64, Happening)>,
    patients: usize,
    next: usize,
    lanes: Vec<Lane>,
    outputs: Vec<f64>,
}

#[derive(Clone, Copy)]
pub(crate) enum Happening {
    Add(usize, f64),
    Flow(usize, f64),
    End,
}

#[derive(Clone, Copy, Default)]
struct Lane {
    patient: usize,
    stop: usize,
    sample: usize,
    /// Of the next sample that is handed over.
    written: usize,
}

impl<'a> Course<'a> {
    fn new(run: &Run<'a>) -> Self {
        let Run { workload, system, lanes, backend, .. } = *run;
        let per_patient = (workload.samples + 1) * workload.outputs.len();
        Self {
            workload,
            system,
            bank: Vec::new(),
            prelude: system.prelude.kernel_on(BLOCK, backend),
            start: system.start.kernel(),
            observe: system.observe.kernel_on(lanes, backend),
            observed: vec![0.0; system.observe.outputs() * lanes],
            zero: vec![0.0; lanes],
            stops: stops(workload, system),
            patients: run.twins.len(),
            next: 0,
            lanes: vec![Lane::default(); lanes],
            outputs: vec![f64::NAN; per_patient * run.twins.len()],
        }
    }

    fn fill_bank(&mut self, twins: &[Vec<f64>]) {
        for people in twins.chunks(BLOCK) {
            let mut block = vec![1.0; self.system.twin_rows() * BLOCK];
            fill_bank(&mut self.prelude, people, &mut block);
            self.bank.push(block);
        }
    }

    fn plan(&self, lane: usize) -> Plan {
        let Lane { stop, .. } = self.lanes[lane];
        Plan { stop: self.stops[stop].0, sample: self.sample_time(lane) }
    }

    fn sample_time(&self, lane: usize) -> f64 {
        let Lane { sample, .. } = self.lanes[lane];
        if sample > self.workload.samples {
            return f64::INFINITY;
        }
        sample as f64 * self.workload.apart
    }
}

/// Writes rows of the twin bank: what is given, then what the prelude derives.
pub(crate) fn fill_bank(prelude: &mut Kernel, people: &[Vec<f64>], bank: &mut [f64]) {
    let lanes = prelude.lanes();
    for (lane, person) in people.iter().enumerate() {
        for (row, &value) in person.iter().enumerate() {
            bank[row * lanes + lane] = value;
        }
    }
    let given = bank.len() - prelude.outputs() * lanes;
    let (twin, derived) = bank.split_at_mut(given);
    prelude.run(&Rows { lanes, twin, signals: &[], t: &[], states: &[] }, derived);
}

/// What happens when, in turn.
pub(crate) fn stops(workload: &Workload, system: &System) -> Vec<(f64, Happening)> {
    let target = system.doses[0].target;
    let (Dosing::Bolus(doses) | Dosing::Infusion(doses)) = workload.dosing;
    let mut stops = Vec::new();
    for dose in 0..doses.times {
        let t = dose as f64 * doses.every;
        if matches!(workload.dosing, Dosing::Bolus(_)) {
            stops.push((t, Happening::Add(target, doses.amount)));
        } else {
            let row = system.signal(Signal::Infusion(target)).expect("it was asked for");
            stops.push((t, Happening::Flow(row, doses.amount)));
            stops.push((t + 1.0, Happening::Flow(row, 0.0)));
        }
    }
    stops.push((workload.samples as f64 * workload.apart, Happening::End));
    stops
}

impl Host<Compiled> for Course<'_> {
    fn load(
        &mut self,
        field: &mut Compiled,
        lane: usize,
        mut y: LaneState<'_>,
    ) -> Option<Start> {
        if self.next == self.patients {
            return None;
        }
        self.lanes[lane] = Lane { patient: self.next, ..Lane::default() };
        let block = &self.bank[self.next / BLOCK];
        for row in 0..self.system.twin_rows() {
            field.set_twin(row, lane, block[row * BLOCK + self.next % BLOCK]);
        }
        for row in 0..self.system.signals.len() {
            field.set_signal(row, lane, 0.0);
        }
        self.next += 1;
        let states = self.start.lane(&field.rows(&self.zero, &[]), lane).expect("a start");
        states.iter().enumerate().for_each(|(state, &value)| y.set(state, value));
        Some(Start { t: 0.0, plan: self.plan(lane) })
    }

    fn next_sample(&mut self, lane: usize) -> f64 {
        self.lanes[lane].sample += 1;
        self.sample_time(lane)
    }

    fn samples(&mut self, field: &mut Compiled, samples: &Samples<'_>) {
        self.observe.run(&field.rows(samples.t, samples.y), &mut self.observed);
        let width = self.workload.outputs.len();
        for lane in lanes_of(samples.lanes) {
            let Lane { patient, written, .. } = self.lanes[lane];
            self.lanes[lane].written += 1;
            let first = (patient * (self.workload.samples + 1) + written) * width;
            for (observable, out) in
                self.system.observables.iter().zip(&mut self.outputs[first..])
            {
                *out = self.observed[observable.truth * self.lanes.len() + lane];
            }
        }
    }

    fn stop(
        &mut self,
        field: &mut Compiled,
        lane: usize,
        _: f64,
        mut y: LaneState<'_>,
    ) -> Next {
        let (_, happening) = self.stops[self.lanes[lane].stop];
        match happening {
            Happening::Add(state, amount) => y.set(state, y.get(state) + amount),
            Happening::Flow(row, rate) => {
                field.set_signal(row, lane, rate);
            }
            Happening::End => return Next::Finished,
        }
        self.lanes[lane].stop += 1;
        Next::Afresh(self.plan(lane))
    }

    fn crossing(
        &mut self,
        _: &mut Compiled,
        _: usize,
        _: Crossing,
        _: f64,
        _: LaneState<'_>,
    ) -> Next {
        unreachable!("the workloads watch nothing")
    }

    fn fail(&mut self, _: &mut Compiled, _: usize, _: f64, _: Failure, _: LaneState<'_>) {
        // The outputs stay no numbers, and the error tells.
    }
}
