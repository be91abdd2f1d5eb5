//! Times the reference workloads: `README.md` says how to run this and what it prints.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use proband_benches::{ALL, Run, Workload, error};
use proband_kernel::{Backend, System};
use proband_ode::{Method, Statistics};
use std::process::ExitCode;

const USAGE: &str = "\
Times the reference workloads on one thread.

  --workload W1,W3      which (all)
  --method tsit5        tsit5, rodas5p or, where the workload is linear, exact (all)
  --backend avx512      interpreter, avx2 or avx512 (all that the machine has)
  --step whole          whole (one program, where the system is small enough) or stages (both)
  --tolerance 1e-6      relative, several with commas (1e-6); the absolute one is a thousandth of it
  --patients 256        how many, at least the eight of the reference (256)
  --lanes 32            patients side by side, several with commas (as production has it)
  --rounds 5            every combination is run once a round; the median counts (5)
  --table               tab-separated numbers without rounding, for programs
";

/// One combination, and what its rounds took.
#[derive(Clone)]
struct Case<'a> {
    workload: &'a Workload,
    system: &'a System,
    twins: &'a [Vec<f64>],
    method: Method,
    backend: Backend,
    tolerance: f64,
    lanes: usize,
    whole: bool,
    seconds: Vec<f64>,
    preparing: Vec<f64>,
    statistics: Statistics,
    error: f64,
}

/// What was asked for.
struct Request {
    workloads: Vec<&'static Workload>,
    methods: Vec<Method>,
    backends: Vec<Backend>,
    wholes: Vec<bool>,
    tolerances: Vec<f64>,
    lanes: Vec<Option<usize>>,
    patients: usize,
    rounds: usize,
    table: bool,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            workloads: ALL.iter().collect(),
            methods: vec![Method::Tsit5, Method::Rodas5P, Method::Exact],
            backends: Backend::usable().collect(),
            wholes: vec![true, false],
            tolerances: vec![1e-6],
            lanes: vec![None],
            patients: 256,
            rounds: 5,
            table: false,
        }
    }
}

fn main() -> ExitCode {
    match Request::read(std::env::args().skip(1)) {
        Some(request) => {
            request.run();
            ExitCode::SUCCESS
        }
        None => {
            print!("{USAGE}");
            ExitCode::FAILURE
        }
    }
}

impl Request {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut request = Self::default();
        while let Some(word) = words.next() {
            if word == "--table" {
                request.table = true;
                continue;
            }
            let list = words.next()?;
            request.set(&word, &list)?;
        }
        (request.patients >= 8 && request.rounds > 0).then_some(request)
    }

    fn set(&mut self, word: &str, list: &str) -> Option<()> {
        match word {
            "--workload" => self.workloads = all(list, Workload::of)?,
            "--method" => self.methods = all(list, method)?,
            "--backend" => self.backends = all(list, backend)?,
            "--step" => self.wholes = all(list, whole)?,
            "--tolerance" => self.tolerances = all(list, |word| word.parse().ok())?,
            "--lanes" => self.lanes = all(list, |word| word.parse().ok().map(Some))?,
            "--patients" => self.patients = list.parse().ok()?,
            "--rounds" => self.rounds = list.parse().ok()?,
            _ => return None,
        }
        Some(())
    }

    fn run(&self) {
        let systems: Vec<(System, Vec<Vec<f64>>)> =
            self.workloads.iter().map(|workload| self.prepare(workload)).collect();
        let mut cases = self.cases(&systems);
        for _ in 0..self.rounds {
            cases.iter_mut().for_each(Case::round);
        }
        if !self.table {
            println!(
                "{:5} {:8} {:11} {:7} {:>7} {:>5} {:>11} {:>8} {:>9} {:>9} {:>10} {:>8}",
                "",
                "method",
                "back end",
                "step",
                "rtol",
                "lanes",
                "patients/s",
                "ns/step",
                "accepted",
                "rejected",
                "error",
                "ready ms"
            );
        }
        cases.iter().for_each(|case| case.print(self.table));
    }

    fn prepare(&self, workload: &Workload) -> (System, Vec<Vec<f64>>) {
        let (system, mut patients) = (workload.system(), workload.patients());
        patients.rows.truncate(self.patients);
        let twins = workload.twins(&system, &patients);
        (system, twins)
    }

    fn cases<'a>(&self, systems: &'a [(System, Vec<Vec<f64>>)]) -> Vec<Case<'a>> {
        let mut cases = Vec::new();
        for (workload, (system, twins)) in self.workloads.iter().zip(systems) {
            let first = Case {
                workload,
                system,
                twins,
                method: Method::Tsit5,
                backend: Backend::Interpreter,
                tolerance: 0.0,
                lanes: 0,
                whole: false,
                seconds: Vec::new(),
                preparing: Vec::new(),
                statistics: Statistics::default(),
                error: 0.0,
            };
            let mut some = vec![first];
            some = vary(&some, &self.methods, |case, &method| case.method = method);
            some.retain(|case| case.method != Method::Exact || system.linear.is_some());
            some = vary(&some, &self.tolerances, |case, &x| case.tolerance = x);
            some = vary(&some, &self.backends, |case, &backend| case.backend = backend);
            some = vary(&some, &self.wholes, |case, &whole| case.whole = whole);
            // Lockstep knows no stages.
            some.retain(|case| case.method != Method::Exact || case.whole == self.wholes[0]);
            some = vary(&some, &self.lanes, |case, lanes| {
                case.lanes = lanes.unwrap_or(lanes_of(case.method, system.rates.outputs()));
            });
            cases.extend(some);
        }
        cases
    }
}

/// Every case with every value of something.
fn vary<'a, T>(
    cases: &[Case<'a>],
    values: &[T],
    set: impl Fn(&mut Case<'a>, &T),
) -> Vec<Case<'a>> {
    let mut varied = Vec::new();
    for case in cases {
        for value in values {
            let mut case = case.clone();
            set(&mut case, value);
            varied.push(case);
        }
    }
    varied
}

/// Every item of a list, if all are known.
fn all<T>(list: &str, of: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    list.split(',').map(of).collect()
}

fn method(word: &str) -> Option<Method> {
    [Method::Tsit5, Method::Rodas5P, Method::Exact]
        .into_iter()
        .find(|&method| word == method_name(method))
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Tsit5 => "tsit5",
        Method::Rodas5P => "rodas5p",
        Method::Exact => "exact",
    }
}

fn backend(word: &str) -> Option<Backend> {
    Backend::ALL.into_iter().find(|backend| word == backend.name())
}

fn whole(word: &str) -> Option<bool> {
    [true, false].into_iter().find(|&whole| word == whole_name(whole))
}

fn whole_name(whole: bool) -> &'static str {
    if whole { "whole" } else { "stages" }
}

/// As the engine takes them; in lockstep as is soonest done.
fn lanes_of(method: Method, states: usize) -> usize {
    match states {
        _ if method == Method::Exact => 128,
        0..=20 => 32,
        21..=40 => 16,
        _ => 8,
    }
}

impl Case<'_> {
    fn round(&mut self) {
        let Self { workload, system, twins, method, backend, tolerance, lanes, whole, .. } =
            *self;
        let run = Run { workload, system, twins, method, tolerance, backend, lanes, whole };
        let outcome = run.outcome();
        self.seconds.push(outcome.seconds);
        self.preparing.push(outcome.preparing);
        self.statistics = outcome.statistics;
        self.error = error(workload, &outcome.outputs);
    }

    fn print(&self, table: bool) {
        let Self { workload, lanes, tolerance, error, statistics, .. } = self;
        let patients = self.twins.len() as f64;
        let speed = patients / median(&self.seconds);
        let Statistics { accepted, rejected, restarts, .. } = *statistics;
        let per_step = 1e9 * median(&self.seconds) / (accepted + rejected + restarts) as f64;
        let (accepted, rejected) = (accepted as f64 / patients, rejected as f64 / patients);
        let (method, backend) = (method_name(self.method), self.backend.name());
        let step = whole_name(self.whole);
        let (name, ready) = (workload.name, 1e3 * median(&self.preparing));
        if table {
            println!(
                "{name}\t{method}\t{backend}\t{step}\t{tolerance:e}\t{lanes}\t{speed}\t{error:e}"
            );
        } else {
            println!(
                "{name:5} {method:8} {backend:11} {step:7} {tolerance:>7.0e} {lanes:>5} {speed:>11.0} {per_step:>8.1} \
                 {accepted:>9.1} {rejected:>9.1} {error:>10.1e} {ready:>8.1}"
            );
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
