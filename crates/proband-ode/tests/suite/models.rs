//! The reference workloads again, from their model files through the compiled programs.

use crate::support::{Action, Path, Script, Seats, Twin, action, settings};
use crate::workloads::{Workload, w1, w2, w3, w4};
use proband_diag::{Disk, Faults, Sources, Style};
use proband_kernel::system::{ModelOptions, Signal, TwinRow, Typical};
use proband_kernel::{Backend, Rows, System, SystemBuilder};
use proband_lang::{Model, open_model};
use proband_ode::{Compiled, Field, Method, Settings, WholeStep, Workspace, integrate};

/// A lane's parameters are its rows of the twin bank, then its signals.
impl Seats for Compiled {
    fn seat(&mut self, lane: usize, parameters: &[f64]) {
        let (twin, signals) =
            parameters.split_at(self.rows(&[], &[]).twin.len() / self.lanes());
        for (row, &value) in twin.iter().enumerate() {
            self.set_twin(row, lane, value);
        }
        for (row, &value) in signals.iter().enumerate() {
            self.set_signal(row, lane, value);
        }
    }

    fn parameters(&self, lane: usize) -> Vec<f64> {
        let Rows { lanes, twin, signals, .. } = self.rows(&[], &[]);
        let banks = [twin, signals].into_iter();
        banks.flat_map(|bank| bank.iter().skip(lane).step_by(lanes)).copied().collect()
    }
}

/// A model file of the language's examples.
pub(crate) fn open(name: &str) -> Model {
    open_file(&format!("/../../tests/suite/language/examples/{name}"))
}

/// A model file by its path from this crate's folder.
fn open_file(path: &str) -> Model {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let model = open_model(
        &format!("{}{path}", env!("CARGO_MANIFEST_DIR")),
        &Disk,
        &mut sources,
        &mut faults,
    );
    model.unwrap_or_else(|| panic!("{}", faults.render(&sources, Style::Short)))
}

/// How a workload is dosed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dosing {
    /// 100 mg at every stop.
    Bolus,
    /// 180 mg/h from every other stop to the next.
    Infusion,
}

/// A workload by its model: all parameters are rows of the twin bank.
pub(crate) struct Case<'a> {
    workload: &'a Workload,
    model: &'a Model,
    dosing: Dosing,
    pub(crate) system: System,
}

impl<'a> Case<'a> {
    pub(crate) fn new(
        workload: &'a Workload,
        model: &'a Model,
        dosing: Dosing,
        observables: &[&str],
    ) -> Self {
        let typical = (0..model.parameters.len()).map(|at| (at, Typical::Row)).collect();
        let mut builder = SystemBuilder::new(model.time.clone());
        let options = ModelOptions { typical, ..ModelOptions::default() };
        let id = builder.add_model(model, options);
        for name in observables {
            let at = model.observables.iter().position(|observable| observable.name == *name);
            builder.add_observable(id, at.expect("the model observes it"));
        }
        if dosing == Dosing::Infusion {
            builder.add_infusion(id, 0);
        }
        let system = builder.build().expect("nothing that is not built yet");
        Self { workload, model, dosing, system }
    }

    /// The patient's value of a parameter or covariate, by the name in the file's head; else what
    /// stands in the model.
    fn value(&self, patient: &[f64], name: &str, typical: Option<f64>) -> f64 {
        let head = self.workload.csv.lines().next().expect("a head");
        let column =
            head.split(',').skip(1).position(|column| column.eq_ignore_ascii_case(name));
        column.map_or_else(|| typical.expect("a number"), |column| patient[column])
    }

    /// The lane's parameters: rows given, rows derived, signals (all zero).
    fn parameters(&self, patient: &[f64]) -> Vec<f64> {
        let name = |symbol: proband_lang::SymbolId| &*self.model.symbols[symbol.index()].name;
        let given = self.system.twin.iter().map(|row| match *row {
            TwinRow::Typical(_, at) => {
                let parameter = &self.model.parameters[at];
                self.value(patient, name(parameter.symbol), parameter.typical_value)
            }
            TwinRow::Covariate(_, at) => {
                self.value(patient, name(self.model.covariates[at].symbol), None)
            }
            _ => 0.0,
        });
        let mut parameters: Vec<f64> = given.collect();
        let mut derived = vec![0.0; self.system.derived];
        let rows = Rows { lanes: 1, twin: &parameters, signals: &[], t: &[0.0], states: &[] };
        self.system.prelude.kernel(1).run(&rows, &mut derived);
        parameters.extend(derived);
        parameters.resize(parameters.len() + self.system.signals.len(), 0.0);
        parameters
    }

    /// The patient, with the times of the hand-written twin's stops.
    pub(crate) fn twin(&self, patient: &[f64]) -> Twin {
        let parameters = self.parameters(patient);
        let (twin, signals) = parameters.split_at(self.system.twin_rows());
        let rows = Rows { lanes: 1, twin, signals, t: &[0.0], states: &[] };
        let y = self.system.start.kernel().lane(&rows, 0).expect("a start").to_vec();
        let by_hand = (self.workload.twin)(patient);
        let stop =
            |(at, (t, acts)): (usize, (f64, Option<Action>))| (t, acts.map(|_| self.dose(at)));
        let stops = by_hand.stops.into_iter().enumerate().map(stop).collect();
        Twin { parameters, y, stops, ..Twin::default() }
    }

    /// What happens at a stop.
    fn dose(&self, at: usize) -> Action {
        let target = self.system.doses[0].target;
        if self.dosing == Dosing::Bolus {
            return action(move |_, _, y| y[target] += 100.0);
        }
        let signal = self.system.signal(Signal::Infusion(target)).expect("it was asked for");
        let row = self.system.twin_rows() + signal;
        let rate = if at.is_multiple_of(2) { 180.0 } else { 0.0 };
        action(move |p, _, _| p[row] = rate)
    }

    /// The paths of all patients.
    fn paths(&self, settings: &Settings, backend: Backend, whole: bool) -> Vec<Path> {
        let twins: Vec<Twin> = self
            .workload
            .patients()
            .iter()
            .map(|p| Twin { samples: p.times.clone(), ..self.twin(&p.parameters) })
            .collect();
        let mut field = Compiled::on(&self.system, settings.lanes, backend);
        if whole {
            field = field
                .with_step(&WholeStep::of(&self.system, settings).expect("a small system"));
        }
        let Settings { method, relative, ref absolute, .. } = *settings;
        let machine_code = backend != Backend::Interpreter;
        assert_eq!(field.offers_step(method, relative, absolute), whole && machine_code);
        let mut script = Script::new(&twins, settings.lanes);
        integrate(&mut field, &mut script, settings, &mut Workspace::new());
        script.paths
    }

    /// The error of a run, with outputs as the model observes them.
    fn error(&self, method: Method, relative: f64) -> f64 {
        let settings = settings(method, self.system.states.len(), relative, 1e-3 * relative);
        let paths = self.paths(&settings, Backend::detect(), false);
        self.workload.error_of(&paths, |patient, y| self.observe(patient, y))
    }

    /// A whole step gives the bits of its stages, on every back end: the same times and states at
    /// every sample.
    fn assert_whole(&self, method: Method) {
        let settings = settings(method, self.system.states.len(), 1e-6, 1e-9);
        let stages = self.paths(&settings, Backend::Interpreter, false);
        for backend in Backend::usable() {
            for whole in [true, false] {
                assert_eq!(
                    self.paths(&settings, backend, whole),
                    stages,
                    "{method:?} {backend}"
                );
            }
        }
    }

    pub(crate) fn observe(&self, patient: &[f64], y: &[f64]) -> Vec<f64> {
        let parameters = self.parameters(patient);
        let (twin, signals) = parameters.split_at(self.system.twin_rows());
        let mut rows = vec![0.0; self.system.observe.outputs()];
        let inputs = Rows { lanes: 1, twin, signals, t: &[0.0], states: y };
        self.system.observe.kernel(1).run(&inputs, &mut rows);
        self.system.observables.iter().map(|observable| rows[observable.truth]).collect()
    }
}

fn hold(case: &Case<'_>, method: Method, multiple: f64) {
    for relative in [1e-6, 1e-8, 1e-10] {
        let error = case.error(method, relative);
        assert!(error < multiple * relative, "{method:?} at {relative:e}: {error:e}");
    }
}

#[test]
fn two_compartments_from_the_model_file() {
    let (workload, model) = (w1(), open("w1-two-compartment.model"));
    let case = Case::new(&workload, &model, Dosing::Bolus, &["cp"]);
    hold(&case, Method::Tsit5, 0.5);
    hold(&case, Method::Rodas5P, 0.5);
    case.assert_whole(Method::Tsit5);
    case.assert_whole(Method::Rodas5P);
}

#[test]
fn indirect_response_from_the_model_file() {
    let (workload, model) = (w2(), open("w2-indirect-response.model"));
    let case = Case::new(&workload, &model, Dosing::Bolus, &["cp", "r"]);
    hold(&case, Method::Tsit5, 0.5);
    hold(&case, Method::Rodas5P, 5.0);
    case.assert_whole(Method::Tsit5);
    case.assert_whole(Method::Rodas5P);
}

#[test]
fn myelosuppression_from_the_model_file() {
    let (workload, model) = (w3(), open("w3-friberg.model"));
    let case = Case::new(&workload, &model, Dosing::Infusion, &["cp", "circ"]);
    hold(&case, Method::Rodas5P, 5.0);
    case.assert_whole(Method::Tsit5);
    case.assert_whole(Method::Rodas5P);
}

#[test]
fn whole_body_from_the_model_file() {
    let (workload, model) = (w4(), open("w4-pbpk.model"));
    let observables = ["cp", "c_liver", "c_brain", "c_muscle", "c_adipose"];
    let case = Case::new(&workload, &model, Dosing::Bolus, &observables);
    hold(&case, Method::Rodas5P, 1.0);
    case.assert_whole(Method::Rodas5P);
}

/// States that stop at bounds, and rates that depend on time: a whole step still gives the bits of
/// its stages.
#[test]
fn a_whole_step_keeps_bounds_and_knows_the_time() {
    let model = open_file("/tests/data/tank.model");
    let mut builder = SystemBuilder::new(model.time.clone());
    builder.add_model(&model, ModelOptions::default());
    let system = builder.build().expect("nothing that is not built yet");
    let twins: Vec<Twin> = (0..20)
        .map(|twin| Twin {
            parameters: vec![0.0; system.twin_rows() + system.signals.len()],
            start: 0.3 * f64::from(twin),
            y: vec![0.1 * f64::from(twin), 0.0],
            stops: vec![(40.0, None)],
            samples: (20..80).map(|k| 0.5 * f64::from(k)).collect(),
            ..Twin::default()
        })
        .collect();
    for method in [Method::Tsit5, Method::Rodas5P] {
        let settings = settings(method, 2, 1e-6, 1e-8);
        let step = WholeStep::of(&system, &settings).expect("a small system");
        let paths = |backend, whole: bool| {
            let field = Compiled::on(&system, settings.lanes, backend);
            let mut field = if whole { field.with_step(&step) } else { field };
            let mut script = Script::new(&twins, settings.lanes);
            integrate(&mut field, &mut script, &settings, &mut Workspace::new());
            script.paths
        };
        let stages = paths(Backend::Interpreter, false);
        let levels = stages.iter().flat_map(|path| path.samples.iter().map(|(_, y)| y[0]));
        let (low, high) = levels.fold((9.0_f64, 0.0_f64), |(l, h), y| (l.min(y), h.max(y)));
        assert!(low.abs() < 1e-12 && (high - 2.0).abs() < 1e-12, "{low} {high}");
        for backend in Backend::usable() {
            assert_eq!(paths(backend, true), stages, "{method:?} {backend}");
            assert_eq!(paths(backend, false), stages, "{method:?} {backend}");
        }
    }
}
