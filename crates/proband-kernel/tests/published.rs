//! Every example of the language becomes a system; numbers that papers print come out.

mod examples;

use examples::{Example, FOLDER, MODEL};
use proband_kernel::system::{Feed, ModelOptions, Signal, System, TwinRow};
use proband_kernel::{BuildError, Program, Rows, SystemBuilder};

fn build(example: &Example) -> Result<System, BuildError> {
    let inputs = example.model.inputs.iter().enumerate();
    let open = inputs.filter(|(_, input)| input.default.is_none());
    let feeds = open.map(|(at, _)| (at, Feed::Signal)).collect();
    let mut builder = SystemBuilder::new(example.model.time.clone());
    builder.add_model(&example.model, ModelOptions { feeds, ..ModelOptions::default() });
    for at in 0..example.model.observables.len() {
        builder.add_observable(MODEL, at);
    }
    builder.build()
}

#[test]
fn every_example_is_built() {
    let mut names: Vec<String> = std::fs::read_dir(FOLDER)
        .expect("the examples are there")
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".model").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names.len(), 32);
    for name in names {
        let system =
            build(&Example::open(&name)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(system.rates.outputs(), system.states.len(), "{name}");
    }
}

/// A twin without deviates at its start.
struct Twin {
    system: System,
    twin: Vec<f64>,
    signals: Vec<f64>,
    states: Vec<f64>,
}

impl Twin {
    fn new(system: System, given: &[f64]) -> Self {
        let mut twin = given.to_vec();
        twin.resize(system.twin_rows(), 0.0);
        let signals = vec![0.0; system.signals.len()];
        let mut all = Self { twin, signals, states: Vec::new(), system };
        let derived = all.run(&all.system.prelude);
        all.twin[given.len()..].copy_from_slice(&derived);
        let switches = all.run(&all.system.switch_program);
        for (switch, pair) in all.system.switches.iter().zip(switches.chunks(2)) {
            if let Some(row) = switch.signal {
                all.signals[row] = pair[0];
            }
        }
        let mut start = all.system.start.kernel();
        all.states = start.lane(&all.rows(), 0).expect("a start").to_vec();
        all
    }

    fn rows(&self) -> Rows<'_> {
        let (twin, signals, states) = (&self.twin, &self.signals, &self.states);
        Rows { lanes: 1, twin, signals, t: &[0.0], states }
    }

    fn run(&self, program: &Program) -> Vec<f64> {
        let mut out = vec![f64::NAN; program.outputs()];
        program.kernel(1).run(&self.rows(), &mut out);
        out
    }
}

/// Hovorka 2004 at 6 mmol/L, 70 kg: basal rate and states found with `scipy.optimize.brentq`
/// (`xtol` 1e-15), which stops within a few roundings of the root. What starts in a steady state
/// stays there.
#[test]
fn hovorka_starts_at_rest() {
    let example = Example::open("hovorka");
    let mut builder = SystemBuilder::new(example.model.time.clone());
    builder.add_model(&example.model, ModelOptions::default());
    let values = ["u0", "i0", "q2"].map(|name| {
        let symbol = example.model.symbol(name).expect("a quantity of the model");
        builder.add_symbol(MODEL, symbol)
    });
    builder.add_program(&values);
    let system = builder.build().expect("`next` moves only what nothing here asks for");
    let typical = [("bw", 70.0), ("ag", 0.8)];
    let mut given = example.twin(&system, &typical);
    let ag = example.model.parameter("ag").expect("declared");
    let drawn = system.twin_row(TwinRow::Deviate(MODEL, ag));
    given[drawn.expect("it is uniform")] = 0.8;
    let twin = Twin::new(system, &given);
    let [u0, i0, q2] = twin.run(&twin.system.programs[0])[..] else { panic!("three values") };
    assert!((u0 - 6.428_640_214_638_613).abs() < 1e-14, "{u0}");
    assert!((i0 - 5.545_755_878_7).abs() < 1e-10, "{i0}");
    assert!((q2 - 27.046_945_881_5).abs() < 1e-10, "{q2}");
    for (rate, state) in twin.run(&twin.system.rates).into_iter().zip(&twin.states) {
        // Sums of a few terms of the size of a state per minute, each rounded.
        assert!(rate.abs() <= 1e-15 * state.abs().max(1.0), "{rate} of {state}");
    }
}

/// Choy 2016 (WHIG), the typical twin on day 0: weight 104 kg, fasting glucose 7.4611 mmol/L and
/// insulin 18.8372 uU/mL, `HbA1c` 6.5021 %, as integrated and printed to four digits.
#[test]
fn whig_starts_in_its_steady_state() {
    let example = Example::open("whig");
    let system = build(&example).expect("a whole model");
    let given = example.twin(&system, &[]);
    let twin = Twin::new(system, &given);
    let seen = twin.run(&twin.system.observe);
    let names = ["weight", "fpg", "fsi", "hba1c"];
    for (name, expected) in names.into_iter().zip([104.0, 7.4611, 18.8372, 6.5021]) {
        let at = example.model.observables.iter().position(|o| o.name == name).expect("seen");
        let got = seen[twin.system.observables[at].truth];
        assert!((got - expected).abs() < 0.5e-4, "{name}: {got}");
    }
    // Day 42 begins the further loss of weight; day 0 is behind.
    let instants = twin.run(&twin.system.switch_program);
    assert!(instants.chunks(2).any(|pair| pair[1].to_bits() == 42f64.to_bits()));
    assert!(twin.system.signal(Signal::Switch(0)).is_some());
}

/// The Jacobian and the derivative by time of every example against central differences, at states
/// near the start. The step of 1e-6 of the state balances rounding (1e-16 / 1e-6) against
/// curvature (1e-12), so that six digits of the largest rate remain.
#[test]
fn derivatives_of_every_example() {
    for name in [
        "bergman",
        "docetaxel-neutropenia",
        "empagliflozin",
        "epileptor",
        "oral-1cmt",
        "simeoni",
        "snelder",
        "tirzepatide-obesity",
        "tmdd",
        "w4-pbpk",
        "warfarin",
        "whig",
        "bueno-orovio",
        "meal-absorption",
        "body-composition",
    ] {
        let example = Example::open(name);
        let system = build(&example).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let mut given = vec![0.0; system.twin.len()];
        for (value, row) in given.iter_mut().zip(&system.twin) {
            if let TwinRow::Covariate(_, at) = row {
                let typical = example.model.covariates[*at].typical.as_ref();
                *value = typical.and_then(|e| e.as_number()).unwrap_or(1.0);
            }
        }
        let mut twin = Twin::new(system, &given);
        twin.signals.iter_mut().for_each(|signal| *signal = 0.7);
        for (at, state) in twin.states.iter_mut().enumerate() {
            *state = *state * 1.013 + 0.11 + 0.017 * at as f64;
        }
        check_jacobian(name, &mut twin);
    }
}

fn check_jacobian(name: &str, twin: &mut Twin) {
    let entries = twin.run(&twin.system.jacobian.program);
    let jacobian: std::collections::BTreeMap<_, _> =
        twin.system.jacobian.entries.clone().into_iter().zip(entries).collect();
    let rates = twin.run(&twin.system.rates);
    for column in 0..twin.states.len() {
        let here = twin.states[column];
        let h = 1e-6 * here.abs().max(0.1);
        let mut moved = |by: f64| {
            twin.states[column] = here + by;
            twin.run(&twin.system.rates)
        };
        let (above, below) = (moved(h), moved(-h));
        twin.states[column] = here;
        for row in 0..rates.len() {
            let expected = (above[row] - below[row]) / (2.0 * h);
            let got = jacobian.get(&(row, column)).copied().unwrap_or(0.0);
            let rounding = 1e-15 * rates[row].abs().max(1.0) / h;
            let tolerance = 1e-6 * expected.abs() + 20.0 * rounding;
            assert!(
                (got - expected).abs() <= tolerance,
                "{name}: d rate {row} / d state {column} is {got}, not {expected}"
            );
        }
    }
}

/// What an author may get wrong at the edges of tables and roots ends a twin, not the program.
#[test]
fn edges_do_not_panic() {
    let text = "model edges\ntable f(x) step\n  1 2\nfunction g(u) = u * u + 1\n\
        let r = root(u from 0 to 1: g(u))\nstate y = r\nd y/dt = (f(y) - y) / 1 h\nobserve y\n";
    let files = proband_diag::InMemory([("m".to_owned(), text.to_owned())].into());
    let mut faults = proband_diag::Faults::default();
    let mut sources = proband_diag::Sources::default();
    let model = proband_lang::open_model("m", &files, &mut sources, &mut faults);
    let Some(model) = model else { panic!("{:?}", faults.sorted()) };
    let example = Example { model };
    let twin = Twin::new(build(&example).expect("whole"), &[]);
    assert!(twin.states[0].is_nan(), "a root without change of sign is no number");
}
