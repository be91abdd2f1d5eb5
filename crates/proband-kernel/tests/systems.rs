//! What a system does beside its rates.

#![expect(clippy::float_cmp, reason = "values are exact where no tolerance stands")]

mod sketch;

use proband_kernel::system::*;
use proband_kernel::{BuildError, Kernel, Program, Rows, SystemBuilder};
use proband_lang::*;
use sketch::*;

/// A system with one lane's numbers in place.
struct Lane {
    system: System,
    twin: Vec<f64>,
    signals: Vec<f64>,
    states: Vec<f64>,
    t: f64,
}

impl Lane {
    /// Fills the twin rows that are given, and runs the prelude.
    fn new(system: System, given: &[f64]) -> Self {
        let mut twin = given.to_vec();
        twin.resize(system.twin_rows(), f64::NAN);
        let (signals, states) =
            (vec![0.0; system.signals.len()], vec![0.0; system.states.len()]);
        let mut lane = Self { system, twin, signals, states, t: 0.0 };
        let derived = lane.run(&lane.system.prelude.clone());
        let given = lane.system.twin.len();
        lane.twin[given..].copy_from_slice(&derived);
        lane
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            lanes: 1,
            twin: &self.twin,
            signals: &self.signals,
            t: std::slice::from_ref(&self.t),
            states: &self.states,
        }
    }

    fn run(&self, program: &Program) -> Vec<f64> {
        let mut kernel: Kernel = program.kernel(1);
        let mut out = vec![f64::NAN; kernel.outputs()];
        kernel.run(&self.rows(), &mut out);
        out
    }

    fn rates(&self) -> Vec<f64> {
        self.run(&self.system.rates)
    }

    fn guards(&self) -> Vec<f64> {
        self.run(&self.system.guard_program)
    }

    /// Runs the switch program and puts the values into their signals; gives the next instants.
    fn switch(&mut self, t: f64) -> Vec<f64> {
        self.t = t;
        let out = self.run(&self.system.switch_program);
        for (switch, pair) in self.system.switches.iter().zip(out.chunks(2)) {
            if let Some(row) = switch.signal {
                self.signals[row] = pair[0];
            }
        }
        out.chunks(2).map(|pair| pair[1]).collect()
    }

    fn start(&self) -> Result<Vec<f64>, StartFailure> {
        self.system.start.kernel().lane(&self.rows(), 0).map(<[f64]>::to_vec)
    }
}

fn build(sketch: &Sketch) -> System {
    let mut builder = SystemBuilder::new(unit());
    builder.add_model(&sketch.model, ModelOptions::default());
    builder.build().expect("a whole model")
}

fn system_of(sketch: &Sketch, given: &[f64]) -> Lane {
    Lane::new(build(sketch), given)
}

const MODEL: ModelId = ModelId(0);

#[test]
fn individual_parameters_follow_their_spread() {
    let mut s = Sketch::new();
    let wt = s.covariate("wt");
    let sd = || Expr::Number(0.3);
    let factor = || Some(&wt / &num(70.0));
    s.param("lognormal", 5.0, factor(), Some(Spread::LogNormal(sd())));
    s.param("normal", 5.0, factor(), Some(Spread::Normal(sd())));
    s.param("proportional", 5.0, factor(), Some(Spread::Proportional(sd())));
    s.param("logitnormal", 0.4, factor(), Some(Spread::LogitNormal(sd())));
    s.param("uniform", 0.4, None, Some(Spread::Uniform(sd(), Expr::Number(0.9))));
    s.param("bernoulli", 0.4, None, Some(Spread::Bernoulli));
    s.param("fixed", 5.0, factor(), None);
    s.model.parameters[0].between_occasions = Some(Spread::LogNormal(sd()));
    let system = build(&s);
    let expected_rows = [
        TwinRow::Covariate(MODEL, 0),
        TwinRow::Deviate(MODEL, 0),
        TwinRow::OccasionDeviate(MODEL, 0),
        TwinRow::Deviate(MODEL, 1),
        TwinRow::Deviate(MODEL, 2),
        TwinRow::Deviate(MODEL, 3),
        TwinRow::Deviate(MODEL, 4),
        TwinRow::Deviate(MODEL, 5),
    ];
    assert_eq!(system.twin, expected_rows);
    let lane = Lane::new(system, &[84.0, 0.2, -0.05, 0.7, 0.11, -0.4, 0.77, 1.0]);
    let individual: Vec<f64> =
        (0..7).map(|at| lane.twin[lane.system.individual(MODEL, at)]).collect();
    let size = 84.0 / 70.0;
    let logit = proband_math::logit(0.4 * size) - 0.4;
    let expected = [
        5.0 * size * proband_math::exp(0.2 - 0.05),
        5.0 * size + 0.7,
        5.0 * size * (1.0 + 0.11),
        proband_math::expit(logit),
        0.77,
        1.0,
        5.0 * size,
    ];
    assert_eq!(individual, expected);
}

#[test]
fn a_trial_replaces_typical_values() {
    let mut s = Sketch::new();
    let wt = s.covariate("wt");
    s.param("cl", 5.0, Some(&wt / &num(70.0)), None);
    s.param("v", 50.0, Some(&wt / &num(70.0)), None);
    // No leading number: what the trial gives is the whole.
    s.param("q", f64::NAN, None, None);
    s.model.parameters[2].typical_value = None;
    s.model.parameters[2].expression = (&wt * num(2.0)).0;
    let typical = [(0, Typical::Value(6.0)), (1, Typical::Row), (2, Typical::Value(9.0))];
    let options = ModelOptions { typical: typical.into(), ..ModelOptions::default() };
    let mut builder = SystemBuilder::new(unit());
    let slot = builder.add_twin_slot();
    builder.add_model(&s.model, options);
    let system = builder.build().expect("whole");
    let rows = [TwinRow::Slot(slot), TwinRow::Covariate(MODEL, 0), TwinRow::Typical(MODEL, 1)];
    assert_eq!(system.twin, rows);
    let lane = Lane::new(system, &[0.0, 84.0, 40.0]);
    let individual: Vec<f64> =
        (0..3).map(|at| lane.twin[lane.system.individual(MODEL, at)]).collect();
    assert_eq!(individual, [6.0 * (84.0 / 70.0), 40.0 * (84.0 / 70.0), 9.0]);
}

#[test]
fn spreads_are_written_for_a_twins_covariates() {
    let mut s = Sketch::new();
    let wt = s.covariate("wt");
    let spread = Spread::LogNormal((&wt * num(0.01)).0);
    s.param("cl", 5.0, Some(&wt / &num(70.0)), Some(spread));
    s.model.parameters[0].lower = Some(Bound { value: Expr::Number(1.5), inclusive: false });
    let spread = compile_spread(&s.model, ModelOptions::default()).expect("whole");
    let plan = spread.plans[0];
    let rows = Rows { lanes: 1, twin: &[84.0, 0.0], signals: &[], t: &[], states: &[] };
    let mut out = vec![0.0; spread.program.outputs()];
    spread.program.kernel(1).run(&rows, &mut out);
    assert_eq!(out[plan.centre], 5.0 * (84.0 / 70.0));
    let Some(SpreadRows::LogNormal(sd)) = plan.between_twins else { panic!("{plan:?}") };
    assert_eq!(out[sd], 0.84);
    assert_eq!(out[plan.lower.expect("there is one")], 1.5);
    assert_eq!((plan.upper, plan.between_occasions), (None, None));
}

/// A chain of three fed at a constant rate, as red cells are in the WHIG model: each state holds
/// rate / k.
#[test]
fn a_linear_steady_state_is_found_at_once() {
    let mut s = Sketch::new();
    let k = s.param("k", 3.0 / 38.9, None, None);
    let [a, b, c] = ["a", "b", "c"].map(|name| s.state(name, Start::Steady));
    let w = s.state("w", Start::Value(Expr::Number(0.7)));
    s.rate(&a, num(0.13) + &w * num(0.0) - &k * &a);
    s.rate(&b, &k * (&a - &b));
    s.rate(&c, &k * (&b - &c));
    s.rate(&w, -w.clone());
    let start = system_of(&s, &[]).start().expect("it is linear");
    let expected = 0.13 / (3.0 / 38.9);
    for state in &start[..3] {
        // A solution by elimination errs by a few roundings.
        assert!((state - expected).abs() < 1e-15 * expected * 4.0, "{state} for {expected}");
    }
    assert_eq!(start[3], 0.7);
}

/// Production that falls with the level and a loss that saturates come to rest where both are
/// equal; a dose that flows at the start is left out.
#[test]
fn a_nonlinear_steady_state_is_found_without_the_dose() {
    let mut s = Sketch::new();
    let y = s.state("y", Start::Steady);
    let gain = num(4.0) / (num(1.0) + &y * &y);
    s.rate(&y, gain - &y / &(num(2.0) + &y) - num(0.1));
    let line = s.dose("iv", &y);
    let mut builder = SystemBuilder::new(unit());
    builder.add_model(&s.model, ModelOptions::default());
    builder.add_infusion(MODEL, line);
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    let flow = lane.system.signal(Signal::Infusion(0)).expect("asked for");
    lane.signals[flow] = 0.5;
    let start = lane.start().expect("it has one");
    lane.signals[flow] = 0.0;
    lane.states.copy_from_slice(&start);
    assert!(lane.rates()[0].abs() < 1e-15, "{:?}", lane.rates());
    lane.signals[flow] = 0.5;
    assert!((lane.rates()[0] - 0.5).abs() < 1e-15);
}

#[test]
fn no_steady_state_is_a_failure_of_the_twin() {
    let mut s = Sketch::new();
    let y = s.state("y", Start::Steady);
    s.rate(&y, &y * &y + &y * num(0.3) + num(1.0));
    assert_eq!(system_of(&s, &[]).start(), Err(StartFailure::NoSteadyState(0)));
    let mut s = Sketch::new();
    let y = s.state("y", Start::Steady);
    s.rate(&y, num(2.0) + &y * num(0.0));
    assert_eq!(system_of(&s, &[]).start(), Err(StartFailure::SteadyStateOpen(0)));
}

/// For every pair of values around equality: the guard is positive exactly where the condition
/// holds.
#[test]
fn guards_are_positive_exactly_where_conditions_hold() {
    use Binary::*;
    let symbols = || (E(Expr::Symbol(SymbolId(0))), E(Expr::Symbol(SymbolId(1))));
    let (a, b) = symbols();
    let not = |x: E| call(Unary::Not, x);
    let compare = |which| op(which, a.clone(), b.clone());
    let near = |which| op(which, &a - &b, num(1.0));
    let mut conditions: Vec<E> =
        [Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual].map(compare).into();
    conditions
        .extend([Less, LessEqual, Greater, GreaterEqual].map(|which| not(compare(which))));
    conditions.push(op(And, compare(Less), near(Greater)));
    conditions.push(op(Or, compare(LessEqual), near(Greater)));
    conditions.push(not(op(Or, compare(LessEqual), not(near(GreaterEqual)))));
    conditions.push(when(compare(Less), near(Less), near(GreaterEqual)));
    let mut builder = SystemBuilder::new(unit());
    let signals = [builder.add_signal(), builder.add_signal()];
    let mut resolve = |symbol: SymbolId| Source::Signal(signals[symbol.index()]);
    let values: Vec<ValueId> =
        conditions.iter().map(|c| builder.add_expression(&c.0, &mut resolve)).collect();
    for &value in &values {
        builder.add_guard(value);
    }
    let direct = builder.add_program(&values);
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    for a in [-1.0, 0.0, 1.0, 1.5, 2.0, 3.0] {
        for b in [-1.0, 0.0, 1.0, 2.0] {
            lane.signals.copy_from_slice(&[a, b]);
            let guards = lane.guards();
            let truths = lane.run(&lane.system.programs[direct.0]);
            for (at, (guard, truth)) in guards.iter().zip(truths).enumerate() {
                assert_eq!(*guard > 0.0, truth > 0.0, "{:?} at {a} and {b}", conditions[at]);
            }
        }
    }
}

#[test]
fn a_part_that_does_not_count_may_be_no_number() {
    let x = E(Expr::Symbol(SymbolId(0)));
    let root = call(Unary::Sqrt, x.clone());
    let inside = op(Binary::Greater, x.clone(), num(0.0));
    let condition = op(Binary::And, inside, op(Binary::Greater, root, num(2.0)));
    let mut builder = SystemBuilder::new(unit());
    let signal = builder.add_signal();
    let value = builder.add_expression(&condition.0, &mut |_| Source::Signal(signal));
    builder.add_guard(value);
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    for (x, holds) in [(-4.0, false), (1.0, false), (9.0, true)] {
        lane.signals[0] = x;
        assert_eq!(lane.guards()[0] > 0.0, holds, "at {x}");
    }
}

/// `if t >= 42 then 1 else 0` and `if t < start then ...`, start being the twin's.
#[test]
fn conditions_on_time_are_landed_on_exactly() {
    let mut s = Sketch::new();
    let start = s.covariate("start");
    let y = s.zero_state("y");
    let late = when(op(Binary::GreaterEqual, t(), num(42.0)), num(1.0), num(0.0));
    let early = when(op(Binary::Less, t() * num(2.0), start), num(10.0), num(20.0));
    s.rate(&y, late + early - &y);
    let mut lane = system_of(&s, &[100.2]);
    assert!(lane.system.linear.is_some() && lane.system.time_derivative.is_none());
    assert_eq!(lane.switch(-7.0), [42.0, 50.1]);
    assert_eq!(lane.rates(), [10.0]);
    // Up to the instant the rates stay what they were, as a solver's last stage there needs it.
    lane.t = 42.0;
    assert_eq!(lane.rates(), [10.0]);
    assert_eq!(lane.switch(42.0), [f64::INFINITY, 50.1]);
    assert_eq!(lane.rates(), [11.0]);
    assert_eq!(lane.switch(50.1), [f64::INFINITY; 2]);
    assert_eq!(lane.rates(), [21.0]);
}

#[test]
fn time_since_an_event_switches_too() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    let event = s.event("beat", op(Binary::Greater, y.clone(), num(5.0)));
    let since = E(Expr::Since(Happening::Event(event)));
    s.rate(&y, when(op(Binary::Less, since, num(0.3)), num(1.0), num(0.0)));
    let mut lane = system_of(&s, &[]);
    let row = lane.system.signal(Signal::Last(MODEL, Happening::Event(0))).expect("read");
    lane.signals[row] = f64::NEG_INFINITY;
    assert_eq!((lane.switch(2.0), lane.rates()), (vec![f64::INFINITY], vec![0.0]));
    lane.signals[row] = 2.0;
    assert_eq!((lane.switch(2.0), lane.rates()), (vec![2.3], vec![1.0]));
    assert_eq!((lane.switch(2.3), lane.rates()), (vec![f64::INFINITY], vec![0.0]));
}

/// `mod(t, 24) < 8` jumps back and forth: a guard finds it, and a signal holds it.
#[test]
fn conditions_on_time_that_bend_have_a_guard() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    let phase = op(Binary::Mod, t(), num(24.0));
    s.rate(&y, when(op(Binary::Less, phase, num(8.0)), num(1.0), num(0.0)));
    let mut lane = system_of(&s, &[]);
    let guard = lane.system.switches[0].guard.expect("not linear");
    assert_eq!(lane.system.guards[guard], GuardSource::Switch(0));
    for (t, holds) in [(1.0, true), (7.9, true), (8.1, false), (23.9, false), (24.0, true)] {
        assert_eq!(lane.switch(t), [f64::INFINITY]);
        assert_eq!(lane.guards()[guard] > 0.0, holds);
        assert_eq!(lane.rates(), [f64::from(u8::from(holds))]);
    }
}

#[test]
fn tables_of_time_are_landed_on() {
    for (between, values) in [
        (Between::Last, [1.0, 5.0, 3.0, 3.0]),
        (Between::Next, [5.0, 3.0, 3.0, 3.0]),
        (Between::Linear, [1.0, 5.0, 3.0, 3.0]),
    ] {
        let mut s = Sketch::new();
        let scale = s.covariate("scale");
        let y = s.zero_state("y");
        s.model.tables.push(Table {
            name: "feed".into(),
            x_unit: unit(),
            y_unit: unit(),
            points: vec![(0.0, 1.0), (0.3, 5.0), (0.9, 3.0)],
            between,
            span: s.model.symbols[0].span,
        });
        s.rate(&y, E(Expr::Table(0, Box::new((t() / scale).0))));
        let mut lane = system_of(&s, &[0.7]);
        assert_eq!(lane.system.switches[0].signal.is_some(), between != Between::Linear);
        // A step past the first point, then onto each of the others by the instant given.
        assert_eq!(lane.switch(-1.0), [0.0]);
        for (at, value) in values.into_iter().enumerate() {
            let now = [0.0, 0.3, 0.9, 2.0][at];
            let next = lane.switch(if at < 3 { now * 0.7 } else { 2.0 });
            let expected = [0.3, 0.9, f64::INFINITY, f64::INFINITY][at];
            assert!(next[0] == expected || (next[0] - expected * 0.7).abs() < 1e-15);
            assert!((lane.rates()[0] - value).abs() < 1e-14, "{between:?} at {now}");
        }
    }
}

/// sqrt(t) and c^0.4 rise infinitely fast from zero: there, and only there, their derivatives count
/// as zero.
#[test]
fn derivatives_are_finite() {
    let mut s = Sketch::new();
    let c = s.zero_state("c");
    s.rate(&c, call(Unary::Sqrt, t()) - pow(c.clone(), num(0.4)) * call(Unary::Sin, t()));
    let mut lane = system_of(&s, &[]);
    let by_time = lane.system.time_derivative.clone().expect("it depends on time");
    let jacobian = lane.system.jacobian.program.clone();
    assert_eq!((lane.run(&by_time), lane.run(&jacobian)), (vec![0.0], vec![0.0]));
    (lane.t, lane.states[0]) = (4.0, 2.0);
    let (sin, cos) = (proband_math::sin(4.0), proband_math::cos(4.0));
    let power = |y: f64| proband_math::pow(2.0, y);
    // One rounding of each of a few products.
    assert!((lane.run(&by_time)[0] - (0.25 - power(0.4) * cos)).abs() < 1e-15);
    assert!((lane.run(&jacobian)[0] + 0.4 * power(-0.6) * sin).abs() < 1e-15);
}

/// Expressions outside a system know neither models nor what only models have.
#[test]
fn expressions_alone_know_no_models() {
    use proband_kernel::compile_expressions;
    let symbol = Expr::Symbol(SymbolId(0));
    let of_model = Source::Symbol(MODEL, SymbolId(0));
    let fault = compile_expressions(&[&symbol], &mut |_| of_model).map(|_| ());
    assert!(matches!(fault, Err(BuildError::OnlyInSystems(_))));
    let table = Expr::Table(0, Box::new(Expr::Number(1.0)));
    let since = Expr::Since(Happening::Event(0));
    for expr in [table, since] {
        let fault = compile_expressions(&[&expr], &mut |_| of_model).map(|_| ());
        assert!(matches!(fault, Err(BuildError::OnlyInModels(_))));
    }
}

/// A model in hours within a system in days: rates, lags and `t` are converted, once.
#[test]
fn models_count_time_in_their_own_unit() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    s.rate(&y, t() - &y);
    s.dose("oral", &y);
    s.model.doses[0].lag = Some(Expr::Number(6.0));
    s.model.doses[0].fraction = Some(Expr::Number(0.8));
    s.model.doses[0].over = Some(Expr::Number(12.0));
    let mut builder = SystemBuilder::new(Unit::day());
    builder.add_model(&s.model, ModelOptions::default());
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    lane.t = 2.0;
    lane.states[0] = 3.0;
    let dose = lane.system.doses[0].clone();
    assert!(dose.has_over && dose.target == 0);
    lane.signals[dose.infusion.expect("the model says over what time")] = 7.0;
    assert_eq!(lane.rates(), [(48.0 - 3.0) * 24.0 + 7.0]);
    assert_eq!(lane.run(&dose.program), [0.25, 0.8, 0.5]);
}

#[test]
fn updates_see_the_values_before_and_the_amount() {
    let mut s = Sketch::new();
    let [a, b] = ["a", "b"].map(|name| s.zero_state(name));
    let line = s.dose("iv", &a);
    let amount = s.amount();
    let swap = [(&a, b.clone()), (&b, &a + &amount)];
    s.update(Happening::Dose(line), &swap);
    let mut lane = system_of(&s, &[]);
    lane.states.copy_from_slice(&[2.0, 3.0]);
    let row = lane.system.signal(Signal::Amount).expect("read");
    lane.signals[row] = 10.0;
    let update = lane.system.updates[0].clone();
    assert_eq!((update.at, update.targets.clone()), (Happening::Dose(0), vec![0, 1]));
    assert_eq!(lane.run(&update.program), [3.0, 12.0]);
    assert_eq!(lane.rates(), [0.0, 0.0]);
}

#[test]
fn hazards_add_up_to_their_threshold() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    s.rate(&y, num(1.0));
    s.hazard("dropout", &y * num(0.2));
    let rate = num(0.05);
    let mut builder = SystemBuilder::new(unit());
    let id = builder.add_model(&s.model, ModelOptions::default());
    let value = builder.add_expression(&rate.0, &mut |_| unreachable!("no symbols"));
    let own = builder.add_hazard(value);
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    let plans = lane.system.hazards.clone();
    assert_eq!(plans[0].source, HazardSource::Model(id, 0));
    assert_eq!(plans[1].source, HazardSource::Trial(own));
    lane.states.copy_from_slice(&[4.0, 0.7, 0.3]);
    assert_eq!(lane.rates(), [1.0, 0.8, 0.05]);
    lane.signals[plans[0].threshold] = 0.6;
    lane.signals[plans[1].threshold] = 0.6;
    let guards = lane.guards();
    assert!(guards[plans[0].guard] > 0.0 && guards[plans[1].guard] < 0.0);
}

#[test]
fn events_say_how_long_and_when() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    s.rate(&y, num(1.0));
    s.event("low", op(Binary::Less, y.clone(), num(3.0)));
    s.event("tick", num(1.0));
    let until = op(Binary::GreaterEqual, y.clone(), num(4.0));
    s.model.events[0].trigger = Trigger::When {
        condition: op(Binary::Less, y.clone(), num(3.0)).0,
        hold: Some(Expr::Number(12.0)),
        until: Some(until.0),
        until_hold: None,
    };
    s.model.events[1].trigger =
        Trigger::Every { period: Expr::Number(6.0), from: Some(Expr::Number(3.0)) };
    let mut builder = SystemBuilder::new(Unit::day());
    builder.add_model(&s.model, ModelOptions::default());
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    let events = lane.system.events.clone();
    let EventTrigger::When { guard, until: Some(until), holds } = &events[0].trigger else {
        panic!("{events:?}")
    };
    assert_eq!(lane.run(holds), [0.5, 0.0]);
    for (y, low, re_armed) in [(2.0, true, false), (3.0, false, false), (4.0, false, true)] {
        lane.states[0] = y;
        let guards = lane.guards();
        assert_eq!((guards[*guard] > 0.0, guards[*until] > 0.0), (low, re_armed), "at {y}");
    }
    let EventTrigger::Every { times } = &events[1].trigger else { panic!("{events:?}") };
    assert_eq!(lane.run(times), [0.25, 0.125]);
}

#[test]
fn observables_are_in_the_unit_of_their_record() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    s.rate(&y, num(1.0));
    let cp = s.define("cp", &y / &num(4.0));
    let draw = Draw::Normal { cv: Some(Expr::Number(0.1)), sd: Some((&y * num(0.5)).0) };
    s.observe("cp", &cp, Some(draw));
    s.model.observables[0].unit = Unit::second();
    s.model.observables[0].lower_limit = Some(Expr::Number(7.0));
    let mut builder = SystemBuilder::new(unit());
    builder.add_model(&s.model, ModelOptions::default());
    builder.add_observable(MODEL, 0);
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    lane.states[0] = 6.0;
    let plan = lane.system.observables[0].clone();
    let out = lane.run(&lane.system.observe);
    // The sketch holds everything in hours.
    assert_eq!(out[plan.truth], 1.5 * 3600.0);
    let Some(DrawRows::Normal { cv: Some(cv), sd: Some(sd) }) = plan.draw else {
        panic!("{plan:?}")
    };
    assert_eq!((out[cv], out[sd]), (0.1, 3.0));
    assert_eq!((out[plan.lower_limit.expect("given")], plan.upper_limit), (7.0, None));
}

/// Two models that feed each other through states go; without a state between, it is a circle.
#[test]
fn models_feed_each_other() {
    let make = |rest: f64| {
        let mut s = Sketch::new();
        let drive = s.input("drive", None);
        let y = s.zero_state("y");
        s.rate(&y, &drive - &y);
        let out = s.define("out", &y * num(rest));
        let through = s.define("through", &drive + num(1.0));
        (s, Sketch::id(&out), Sketch::id(&through))
    };
    let ((a, a_out, a_through), (b, b_out, b_through)) = (make(2.0), make(3.0));
    let mut builder = SystemBuilder::new(unit());
    let first = builder.add_model(&a.model, ModelOptions::default());
    let second = builder.add_model(&b.model, ModelOptions::default());
    let (from_b, from_a) =
        (builder.add_symbol(second, b_out), builder.add_symbol(first, a_out));
    builder.feed(first, 0, Feed::Value(from_b));
    builder.feed(second, 0, Feed::Value(from_a));
    let mut lane = Lane::new(builder.build().expect("states stand between"), &[]);
    lane.states.copy_from_slice(&[1.0, 10.0]);
    assert_eq!(lane.rates(), [30.0 - 1.0, 2.0 - 10.0]);
    assert_eq!(lane.system.states, [StateRow::Model(first, 0), StateRow::Model(second, 0)]);

    let mut builder = SystemBuilder::new(unit());
    let first = builder.add_model(&a.model, ModelOptions::default());
    let second = builder.add_model(&b.model, ModelOptions::default());
    let from_b = builder.add_symbol(second, b_through);
    let from_a = builder.add_symbol(first, a_through);
    builder.feed(first, 0, Feed::Value(from_b));
    builder.feed(second, 0, Feed::Value(from_a));
    assert!(matches!(builder.build(), Err(BuildError::Circular(_))));
}

#[test]
fn inputs_are_fed_or_keep_their_default() {
    let mut s = Sketch::new();
    let fed = s.input("fed", None);
    let default = s.input("default", Some(num(2.5)));
    let y = s.zero_state("y");
    s.rate(&y, &fed + &default);
    let mut builder = SystemBuilder::new(unit());
    builder.add_model(&s.model, ModelOptions::default());
    assert_eq!(builder.build().map(|_| ()), Err(BuildError::MissingInput("fed".into())));
    let mut builder = SystemBuilder::new(unit());
    let feeds = [(0, Feed::Signal)].into();
    builder.add_model(&s.model, ModelOptions { feeds, ..ModelOptions::default() });
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    let row = lane.system.signal(Signal::Input(MODEL, 0)).expect("fed");
    lane.signals[row] = 4.0;
    assert_eq!(lane.rates(), [6.5]);
}

#[test]
fn difference_equations_say_how_often_and_what() {
    let mut s = Sketch::new();
    let [y, z] = ["y", "z"].map(|name| s.zero_state(name));
    s.rate(&z, -z.clone());
    s.model.nexts.push(Next {
        state: Sketch::id(&y),
        every: num(12.0).0,
        value: Some((&y * num(0.7)).0),
        draw: Some(Draw::Normal { cv: None, sd: Some(z.0) }),
    });
    let mut builder = SystemBuilder::new(Unit::day());
    builder.add_model(&s.model, ModelOptions::default());
    let mut lane = Lane::new(builder.build().expect("whole"), &[]);
    lane.states.copy_from_slice(&[2.0, 5.0]);
    let next = lane.system.nexts[0].clone();
    assert_eq!((next.model, next.next, next.state), (MODEL, 0, 0));
    let draw = DrawRows::Normal { cv: None, sd: Some(2) };
    assert_eq!((next.value, next.draw), (Some(1), Some(draw)));
    // The model counts in hours, the system in days.
    assert_eq!(lane.run(&next.program), [0.5, 0.7 * 2.0, 5.0]);
    assert_eq!(lane.rates(), [0.0, -5.0 * 24.0]);
}

/// A jump has a rate at the level that it leaves, and no chance at another.
#[test]
fn jumps_are_hazards_of_their_level() {
    let mut s = Sketch::new();
    let mood = s.zero_state("mood");
    s.hazard("death", num(0.1));
    for (from, to, rate) in [(0, 1, num(2.0)), (1, 0, call(Unary::Sqrt, &mood - num(0.75)))] {
        s.model.jumps.push(Jump { state: Sketch::id(&mood), from, to, rate: rate.0 });
    }
    let mut lane = system_of(&s, &[]);
    let source = |hazard: &HazardPlan| hazard.source;
    let sources: Vec<HazardSource> = lane.system.hazards.iter().map(source).collect();
    let expected = [
        HazardSource::Model(MODEL, 0),
        HazardSource::Jump(MODEL, 0),
        HazardSource::Jump(MODEL, 1),
    ];
    assert_eq!(sources, expected);
    for (level, rates) in [(0.0, [2.0, 0.0]), (1.0, [0.0, 0.5])] {
        lane.states[0] = level;
        assert_eq!(lane.rates(), [0.0, 0.1, rates[0], rates[1]]);
    }
}

/// A chain of fifty thousand definitions: nothing recurses.
#[test]
fn depth_is_no_limit() {
    let mut s = Sketch::new();
    let y = s.zero_state("y");
    let mut last = y.clone();
    for _ in 0..50_000 {
        last = s.define("x", &last + num(1.0));
    }
    s.rate(&y, last);
    let mut lane = system_of(&s, &[]);
    lane.states[0] = 0.5;
    assert_eq!(lane.rates(), [50_000.5]);
    let mut one = vec![f64::NAN; 1];
    lane.system.jacobian.program.kernel(1).run(&lane.rows(), &mut one);
    assert_eq!(one, [1.0]);
}
