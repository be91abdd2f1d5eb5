//! Random programs and systems for as long as one likes, the interpreter against machine code and
//! every width of vectors: equal bits.
//!
//! ```sh
//! FUZZ_SECONDS=3600 FUZZ_SEED=1 cargo test --release -p proband-ode --test suite fuzz -- --ignored --nocapture
//! ```
//!
//! A failure is made smaller, then shown. One seed gives the same cases in the same order.

#![expect(clippy::print_stdout, reason = "says how far it has come")]
#![expect(
    clippy::disallowed_methods,
    reason = "it ends after a time, and each case is its own"
)]

#[path = "../../../proband-kernel/tests/random/mod.rs"]
mod random;
#[path = "../../../proband-kernel/tests/sketch/mod.rs"]
mod sketch;

use crate::support::{Script, Twin, settings};
use proband_kernel::system::{ModelOptions, Source, TwinSlot};
use proband_kernel::{
    Backend, Bank, Graph, NodeId, Program, Rows, System, SystemBuilder, Table,
    compile_expressions,
};
use proband_lang::{Between, Binary, Expr, Start};
use proband_math::vector::Simd;
use proband_ode::{Compiled, Method, WholeStep, Workspace, integrate};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};
use random::{FUNCTIONS, OPERATORS, expression, number};
use sketch::{E, Sketch};
use std::cell::Cell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

/// What was tried.
#[derive(Default)]
struct Tally {
    programs: Cell<u64>,
    systems: Cell<u64>,
    values: Cell<u64>,
    numbers: Cell<u64>,
    samples: Cell<u64>,
}

fn add(to: &Cell<u64>, count: usize) {
    to.set(to.get() + count as u64);
}

#[test]
#[ignore = "takes as long as it is told to"]
fn fuzz() {
    let told = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, seed) = (told("FUZZ_SECONDS").unwrap_or(10), told("FUZZ_SEED").unwrap_or(1));
    let (begin, length) = (Instant::now(), Duration::from_secs(seconds));
    let tally = Tally::default();
    let mut rounds = 0;
    while begin.elapsed() < length {
        rounds += 1;
        check([seed, rounds, 1], &expressions(), |case| tally.expressions(case));
        check([seed, rounds, 2], &tangle(), |case| tally.tangle(case));
        check([seed, rounds, 3], &system(), |case| tally.system(case));
        if rounds % 20 == 0 {
            tally.say(begin);
        }
    }
    tally.say(begin);
}

/// What the comparison is worth: one wrong instruction in a program is found, even where it shows in the
/// last bit or in the sign of zero alone.
#[test]
fn planted_faults_are_found() {
    let tally = Tally::default();
    for fault in Fault::ALL {
        let config = ProptestConfig {
            cases: 1000,
            max_shrink_iters: 0,
            failure_persistence: None,
            ..Default::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let found = runner.run(&tangle(), |case| tally.faulty(&case, fault));
        assert!(matches!(found, Err(TestError::Fail(..))), "{fault:?}: {found:?}");
    }
}

fn check<S: Strategy>(
    seed: [u64; 3],
    cases: &S,
    test: impl Fn(&S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Debug,
{
    let mut bytes = [0; 32];
    bytes
        .chunks_mut(8)
        .zip(seed)
        .for_each(|(place, part)| place.copy_from_slice(&part.to_le_bytes()));
    let config = ProptestConfig { cases: 20, failure_persistence: None, ..Default::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    match TestRunner::new_with_rng(config, rng).run(cases, |case| test(&case)) {
        Ok(()) => (),
        Err(TestError::Fail(reason, case)) => panic!("{reason}\n{case:#?}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// Numbers for rows of lanes of every bank, used again and again from the first.
#[derive(Clone, Debug)]
struct Numbers {
    lanes: usize,
    pool: Vec<f64>,
}

impl Numbers {
    fn rows(&self, count: usize, offset: usize) -> Vec<f64> {
        self.pool.iter().cycle().skip(offset).take(count * self.lanes).copied().collect()
    }
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let pool = prop::collection::vec(number(), 257);
    (1..=64usize, pool).prop_map(|(lanes, pool)| Numbers { lanes, pool })
}

const SYMBOLS: u32 = 6;

fn expressions() -> impl Strategy<Value = (Vec<Expr>, Numbers)> {
    (prop::collection::vec(expression(SYMBOLS, 120), 1..6), numbers())
}

/// How a node is made of earlier ones.
type Knot = (u32, [prop::sample::Index; 3], f64);

/// Nodes each of which refers to any before it, so that many values are alive at once.
fn tangle() -> impl Strategy<Value = (Vec<Knot>, Numbers)> {
    let knot = (0..100u32, prop::array::uniform3(any::<prop::sample::Index>()), number());
    let size = prop_oneof![3 => 2..60usize, 2 => 60..400usize, 1 => 400..2000usize];
    (size.prop_flat_map(move |size| prop::collection::vec(knot.clone(), size)), numbers())
}

/// An instruction that is not the one it should be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// A product and a sum are rounded both.
    Unfused,
    /// A sum in place of a difference.
    Sign,
    /// The operands of the lesser in the wrong order: it shows in the sign of zero alone.
    Order,
    /// The arms of a choice in the wrong order.
    Arms,
}

impl Fault {
    const ALL: [Self; 4] = [Self::Unfused, Self::Sign, Self::Order, Self::Arms];

    fn concerns(self, kind: u32) -> bool {
        match self {
            Self::Unfused => (23..=36).contains(&kind),
            Self::Arms => (37..=41).contains(&kind),
            Self::Sign => operator(kind) == Some(Binary::Sub),
            Self::Order => operator(kind) == Some(Binary::Min),
        }
    }

    fn node(self, graph: &mut Graph, [a, b, c]: [NodeId; 3]) -> NodeId {
        match self {
            Self::Unfused => {
                let product = graph.binary(Binary::Mul, a, b);
                graph.binary(Binary::Add, product, c)
            }
            Self::Arms => graph.select(a, c, b),
            Self::Sign => graph.binary(Binary::Add, a, b),
            Self::Order => graph.binary(Binary::Min, b, a),
        }
    }
}

fn operator(kind: u32) -> Option<Binary> {
    (kind >= 64).then(|| OPERATORS[kind as usize % OPERATORS.len()])
}

/// The graph, and its last nodes and some others as outputs; with the fault in the last instruction that it
/// may be in.
fn tie(knots: &[Knot], fault: Option<Fault>) -> (Graph, Vec<NodeId>) {
    let mut graph = Graph::default();
    let banks = [Bank::Twin, Bank::Signal, Bank::Time, Bank::State];
    let inputs = banks.map(|bank| (0..3).map(move |row| (bank, row))).into_iter().flatten();
    let mut nodes: Vec<NodeId> = inputs.map(|(bank, row)| graph.input(bank, row)).collect();
    let points = vec![(-3.0, 1.0), (0.0, -2.0), (1.0, 5.0), (4.0, 5.5)];
    let between = [Between::Last, Between::Next, Between::Linear];
    let tables = between.map(|between| graph.add_table(Table::new(points.clone(), between)));
    let last = |fault: Fault| knots.iter().rposition(|knot| fault.concerns(knot.0));
    let faulty = fault.and_then(|fault| Some((fault, last(fault)?)));
    for (at, &(kind, [a, b, c], value)) in knots.iter().enumerate() {
        let [a, b, c] = [a, b, c].map(|index| *index.get(&nodes));
        let which = kind as usize;
        if let Some((fault, here)) = faulty
            && here == at
        {
            nodes.push(fault.node(&mut graph, [a, b, c]));
            continue;
        }
        nodes.push(match kind {
            0..=7 => graph.constant(value),
            8..=19 => graph.finite(a),
            20..=22 => graph.table(tables[which - 20], a),
            23..=36 => graph.fma(a, b, c),
            37..=41 => graph.select(a, b, c),
            42..=63 => graph.unary(FUNCTIONS[which - 42], a),
            _ => graph.binary(OPERATORS[which % OPERATORS.len()], a, b),
        });
    }
    let outputs = nodes.iter().rev().step_by(1 + nodes.len() / 40).copied().collect();
    (graph, outputs)
}

/// Rates and bounds of states, over symbols of which the first are the twin's.
#[derive(Clone, Debug)]
struct Equations {
    twin: u32,
    rates: Vec<Expr>,
    bounds: Vec<Option<f64>>,
    tame: bool,
}

fn system() -> impl Strategy<Value = (Equations, Numbers)> {
    let size = (1..4u32, prop_oneof![4 => 1..6u32, 1 => 6..20u32]);
    let equations = size.prop_flat_map(|(twin, states)| {
        let count = states as usize;
        let rates = prop::collection::vec(expression(twin + states, 12), count);
        let bounds = prop::collection::vec(prop::option::weighted(0.3, -10.0..2.0f64), count);
        (Just(twin), rates, bounds, prop::bool::weighted(0.7))
    });
    let equations = equations.prop_map(|(twin, rates, bounds, tame)| Equations {
        twin,
        rates,
        bounds,
        tame,
    });
    (equations, numbers())
}

impl Equations {
    /// The system, unless it asks for what is not built, as too many roots in roots.
    fn build(&self) -> Option<System> {
        let mut sketch = Sketch::new();
        for row in 0..self.twin {
            sketch.covariate(&format!("x{row}"));
        }
        let start = |_| Start::Value(Expr::Number(0.0));
        let states: Vec<E> = (0..self.rates.len())
            .map(|at| sketch.state(&format!("y{at}"), start(at)))
            .collect();
        for ((state, rate), bound) in states.iter().zip(&self.rates).zip(&self.bounds) {
            let rate = E(rate.clone());
            let tame = || sketch::call(proband_lang::Unary::Sin, rate.clone()) - state.clone();
            sketch.rate(state, if self.tame { tame() } else { rate });
            let at =
                sketch.model.states.iter().position(|known| known.symbol == Sketch::id(state));
            sketch.model.states[at.expect("just added")].lower = *bound;
        }
        let mut builder = SystemBuilder::new(sketch::unit());
        builder.add_model(&sketch.model, ModelOptions::default());
        builder.build().ok()
    }
}

const METHODS: [Method; 2] = [Method::Tsit5, Method::Rodas5P];

impl Tally {
    fn expressions(
        &self,
        (exprs, numbers): &(Vec<Expr>, Numbers),
    ) -> Result<(), TestCaseError> {
        let list: Vec<&Expr> = exprs.iter().collect();
        let resolve = |symbol: proband_lang::SymbolId| Source::Twin(TwinSlot(symbol.index()));
        let program = compile_expressions(&list, &mut { resolve }).expect("nothing unknown");
        self.program(&program, numbers, [SYMBOLS as usize, 0, 1, 0])
    }

    fn tangle(&self, (knots, numbers): &(Vec<Knot>, Numbers)) -> Result<(), TestCaseError> {
        let (graph, outputs) = tie(knots, None);
        self.program(&graph.program(&outputs), numbers, [3; 4])
    }

    /// The same, run as a program with a fault.
    fn faulty(
        &self,
        (knots, numbers): &(Vec<Knot>, Numbers),
        fault: Fault,
    ) -> Result<(), TestCaseError> {
        let [right, wrong] = [None, Some(fault)].map(|fault| {
            let (graph, outputs) = tie(knots, fault);
            graph.program(&outputs)
        });
        self.agree([&right, &wrong], numbers, [3; 4])
    }

    fn system(&self, (equations, numbers): &(Equations, Numbers)) -> Result<(), TestCaseError> {
        let Some(system) = equations.build() else { return Ok(()) };
        add(&self.systems, 1);
        let states = system.states.len();
        let rows = [system.twin_rows(), system.signals.len(), 1, states];
        let programs = [&system.prelude, &system.rates, &system.jacobian.program];
        let others = [&system.guard_program, &system.switch_program, &system.observe];
        for program in programs.into_iter().chain(others).chain(&system.time_derivative) {
            self.program(program, numbers, rows)?;
        }
        for method in METHODS {
            let settings = settings(method, states, 1e-4, 1e-6);
            let Some(step) = WholeStep::of(&system, &settings) else { continue };
            self.program(step.program(), numbers, [rows[0], rows[1], 2, 2 * states])?;
            self.paths(&system, &step, numbers, method)?;
        }
        Ok(())
    }

    /// Every kernel of a program on rows of twin, signals, time and states.
    fn program(
        &self,
        program: &Program,
        numbers: &Numbers,
        rows: [usize; 4],
    ) -> Result<(), TestCaseError> {
        self.agree([program, program], numbers, rows)
    }

    /// The plainest interpreter of one program, and every kernel of another.
    fn agree(
        &self,
        [right, program]: [&Program; 2],
        numbers: &Numbers,
        rows: [usize; 4],
    ) -> Result<(), TestCaseError> {
        add(&self.programs, 1);
        let lanes = numbers.lanes;
        let [twin, signals, t, states] =
            std::array::from_fn(|bank| numbers.rows(rows[bank], 61 * bank));
        let inputs = Rows { lanes, twin: &twin, signals: &signals, t: &t, states: &states };
        let run = |mut kernel: proband_kernel::Kernel| {
            let mut out = vec![0.5; program.outputs() * lanes];
            kernel.run(&inputs, &mut out);
            out
        };
        let expected = run(right.kernel(lanes).with_level(Simd::Scalar));
        let levels = Simd::ALL.into_iter().filter(|level| level.available());
        let interpreters = levels.map(|level| program.kernel(lanes).with_level(level));
        let backends = Backend::usable().map(|backend| program.kernel_on(lanes, backend));
        for kernel in interpreters.chain(backends) {
            let backend = kernel.backend();
            let found = run(kernel);
            for (at, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
                prop_assert!(
                    found.to_bits() == expected.to_bits()
                        || found.is_nan() && expected.is_nan(),
                    "{backend}: {found:e} for {expected:e} as output {} of lane {}",
                    at / lanes,
                    at % lanes
                );
            }
            add(&self.values, found.len());
            add(&self.numbers, found.iter().filter(|value| value.is_finite()).count());
        }
        Ok(())
    }

    /// Twins through a system, in stages and in whole steps.
    fn paths(
        &self,
        system: &System,
        step: &WholeStep,
        numbers: &Numbers,
        method: Method,
    ) -> Result<(), TestCaseError> {
        let twins: Vec<Twin> = (0..13).map(|at| twin(system, numbers, at)).collect();
        let lanes = numbers.lanes.min(16);
        let base = settings(method, system.states.len(), 1e-4, 1e-6);
        let settings = proband_ode::Settings { lanes, most_steps: 60, ..base };
        let play = |backend, level, whole: bool| {
            let field = Compiled::on(system, lanes, backend);
            let mut field = if whole { field.with_step(step) } else { field };
            let mut script = Script::new(&twins, lanes);
            integrate(&mut field, &mut script, &settings, &mut Workspace::with_level(level));
            script.paths
        };
        let expected = play(Backend::Interpreter, Simd::Scalar, false);
        let samples: usize = expected.iter().map(|path| path.samples.len()).sum();
        add(&self.samples, samples);
        for backend in Backend::usable() {
            for whole in [false, true] {
                let found = play(backend, Simd::detect(), whole);
                // As text, because a time that is no number equals itself there.
                prop_assert_eq!(
                    format!("{found:?}"),
                    format!("{expected:?}"),
                    "{} {:?}, whole: {}",
                    backend,
                    method,
                    whole
                );
            }
        }
        Ok(())
    }

    fn say(&self, begin: Instant) {
        let Self { programs, systems, values, numbers, samples } = self;
        println!(
            "{} s: {} programs, {} systems among them, {} values compared ({} finite), {} samples on paths",
            begin.elapsed().as_secs(),
            programs.get(),
            systems.get(),
            values.get(),
            numbers.get(),
            samples.get(),
        );
    }
}

/// A twin whose rows are numbers of the pool, ordinary ones as a rule.
fn twin(system: &System, numbers: &Numbers, at: usize) -> Twin {
    let pool = |offset: usize| {
        let value = numbers.pool[(17 * at + offset) % numbers.pool.len()];
        // One of the twins may be poisoned.
        if at == 5 || value.abs() < 100.0 { value } else { 0.5 }
    };
    let mut parameters: Vec<f64> = (0..system.twin.len()).map(pool).collect();
    let mut derived = vec![0.0; system.derived];
    let rows = Rows { lanes: 1, twin: &parameters, signals: &[], t: &[0.0], states: &[] };
    system.prelude.kernel(1).run(&rows, &mut derived);
    parameters.extend(derived);
    parameters.resize(system.twin_rows() + system.signals.len(), 0.0);
    Twin {
        parameters,
        y: (0..system.states.len()).map(|state| pool(101 + state)).collect(),
        stops: vec![(0.7, None), (1.0, None)],
        samples: vec![0.0, 0.25, 0.5, 1.0],
        ..Twin::default()
    }
}
