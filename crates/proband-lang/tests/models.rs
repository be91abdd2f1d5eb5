//! What checked models contain: typical values, spreads, factors, orders, members.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its example has failed")]

use proband_diag::{Disk, Faults, Fragment, InMemory, Offsets, Sources, Style};
use proband_lang::*;
use std::collections::BTreeSet;

const FOLDER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/language/examples");

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(FOLDER).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn example(name: &str) -> Model {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let model = open_model(&format!("{FOLDER}/{name}"), &Disk, &mut sources, &mut faults);
    model.unwrap_or_else(|| panic!("{name}: {}", faults.render(&sources, Style::Short)))
}

fn checked(files: &[(&str, &str)]) -> Result<Model, String> {
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let model = open_model(files[0].0, &InMemory(texts.collect()), &mut sources, &mut faults);
    model.ok_or_else(|| faults.render(&sources, Style::Short))
}

fn model(text: &str) -> Model {
    checked(&[("m.model", text)]).unwrap()
}

/// The text of an expression with the names of its symbols.
fn shown(model: &Model, e: &Expr) -> String {
    let show = |e: &Expr| shown(model, e);
    match e {
        Expr::Number(x) => format!("{x}"),
        Expr::Symbol(s) => {
            let symbol = &model.symbols[s.index()];
            let typical = matches!(symbol.kind, SymbolKind::Typical(_));
            format!("{}{}", if typical { "typical " } else { "" }, symbol.name)
        }
        Expr::Time => "t".to_owned(),
        Expr::Binary(f, a, b) => format!("{f:?}({}, {})", show(a), show(b)),
        Expr::Unary(f, a) => format!("{f:?}({})", show(a)),
        Expr::If(c, a, b) => format!("If({}, {}, {})", show(c), show(a), show(b)),
        Expr::Member { index, first, members } => {
            let members: Vec<String> = members.iter().map(show).collect();
            format!("{}@{first}[{}]", show(index), members.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn rate(model: &Model, name: &str) -> String {
    let symbol = model.symbol(name).unwrap();
    let state = model.states.iter().find(|state| state.symbol == symbol).unwrap();
    shown(model, state.rate.as_ref().unwrap())
}

fn definition(model: &Model, name: &str) -> String {
    let symbol = model.symbol(name).unwrap();
    match model.symbols[symbol.index()].kind {
        SymbolKind::Let(position) => shown(model, &model.lets[position].expression),
        SymbolKind::Parameter(position) => shown(model, &model.parameters[position].expression),
        kind => panic!("{name}: {kind:?}"),
    }
}

fn spread(model: &Model, name: &str) -> Option<Spread> {
    model.parameters[model.parameter(name).unwrap()].between_twins.clone()
}

/// Every expression of a model.
fn expressions(model: &Model) -> Vec<&Expr> {
    let parameters = model.parameters.iter().map(|p| &p.expression);
    let lets = model.lets.iter().map(|l| &l.expression);
    let rates = model.states.iter().filter_map(|state| state.rate.as_ref());
    let starts = model.states.iter().filter_map(|state| match &state.start {
        Start::Value(value) => Some(value),
        Start::Steady => None,
    });
    let doses = model.doses.iter().flat_map(|dose| [&dose.lag, &dose.fraction, &dose.over]);
    parameters.chain(lets).chain(rates).chain(starts).chain(doses.flatten()).collect()
}

#[test]
fn a_model_in_consistent_units_contains_no_hidden_factor() {
    for name in [
        "w1-two-compartment.model",
        "w2-indirect-response.model",
        "w3-friberg.model",
        "w4-pbpk.model",
    ] {
        let mut text = std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap();
        text += &std::fs::read_to_string(format!("{FOLDER}/w1-two-compartment.model")).unwrap();
        let split = |c: char| !(c.is_ascii_digit() || c == '.');
        let written: BTreeSet<u64> = text
            .split(split)
            .filter_map(|word| word.parse::<f64>().ok())
            .chain([0.0])
            .map(f64::to_bits)
            .collect();
        for e in expressions(&example(name)) {
            e.walk(&mut |part| {
                if let Some(number) = part.as_number() {
                    assert!(written.contains(&number.to_bits()), "{name}: {number}");
                }
            });
        }
    }
}

#[test]
fn the_order_of_evaluation_has_everything_once_and_after_what_it_needs() {
    for name in names() {
        let model = example(&name);
        let mut done: BTreeSet<SymbolId> = BTreeSet::new();
        for symbol in &model.order {
            let mut needs = Vec::new();
            let mut visit = |e: &Expr| {
                e.walk(&mut |part| {
                    if let Expr::Symbol(symbol) = part {
                        needs.push(*symbol);
                    }
                });
            };
            match model.symbols[symbol.index()].kind {
                SymbolKind::Parameter(at) => visit(&model.parameters[at].expression),
                SymbolKind::Let(at) => visit(&model.lets[at].expression),
                SymbolKind::Input(at) => model.inputs[at].default.iter().for_each(visit),
                SymbolKind::Covariate(_) => {}
                kind => panic!("{name}: {kind:?} in the order"),
            }
            for need in needs {
                let symbol = &model.symbols[need.index()];
                let given =
                    matches!(symbol.kind, SymbolKind::State(_) | SymbolKind::Typical(_));
                assert!(given || done.contains(&need), "{name}: {} too late", symbol.name);
            }
            assert!(done.insert(*symbol), "{name}: twice");
        }
        let expected = model.covariates.len()
            + model.inputs.len()
            + model.parameters.len()
            + model.lets.len();
        assert_eq!(model.order.len(), expected, "{name}");
    }
}

#[test]
fn the_leading_number_is_the_typical_value() {
    let model = model(
        "model m\ncovariate wt [kg]\n\
         param cl = 5 L/h * (wt / 70 kg)^0.75\n\
         param fall = -4.2 mmHg * wt / 70 kg\n\
         param v [L] = 5000 mL\n\
         param whole = exp(3.45) mg/L\n\
         param linear = (2.8 + 0.109 * (wt in kg)) L/h\n\
         observe y = cl * 1 h / v + fall / 1 mmHg + whole / 1 mg/L + linear / 1 L/h\n",
    );
    let typical = |name: &str| {
        let parameter = &model.parameters[model.parameter(name).unwrap()];
        let unit = model.symbols[parameter.typical.index()].unit.to_string();
        (parameter.typical_value, unit)
    };
    assert_eq!(typical("cl"), (Some(5.0), "L/h".to_owned()));
    assert_eq!(definition(&model, "cl"), "Mul(typical cl, Pow(Div(wt, 70), 0.75))");
    assert_eq!(typical("fall"), (Some(-4.2), "mmHg".to_owned()));
    assert_eq!(definition(&model, "fall"), "Div(Mul(typical fall, wt), 70)");
    assert_eq!(typical("v"), (Some(5000.0), "mL".to_owned()));
    assert_eq!(definition(&model, "v"), "Mul(typical v, 0.001)");
    assert_eq!(typical("whole"), (None, "mg/L".to_owned()));
    assert_eq!(typical("linear"), (None, "L/h".to_owned()));
}

#[test]
fn spreads_become_standard_deviations_of_the_deviate() {
    let model = model(
        "model m\n\
         param a = 1 ~ lognormal cv 30%\n\
         param b = 1 ~ lognormal var 0.25\n\
         param c = 1 ~ lognormal sd 39.9%\n\
         param d = 10 mmHg ~ normal sd 0.2 kPa\n\
         param e = 10 mmHg ~ normal var 4 mmHg^2\n\
         param f = 10 mmHg ~ normal cv 20%\n\
         param g = 50 % ~ logitnormal sd 0.5\n\
         param h = 2 mg ~ uniform 1 mg, 3000 ug\n\
         param i = 30 % ~ bernoulli\n\
         param j = 1 ~ lognormal sd 0.2, cv 10% per occasion\n\
         param k = 1 1/h ~ normal sd 0.5 1/h, > 0\n\
         observe y = a + b + c + (d + e + f) / 1 mmHg + g + h / 1 mg + i + j + k / 1 1/h\n",
    );
    // sqrt(ln(1 + 0.3^2)), by Python's decimal module to 20 digits: 0.29356037920852396...
    let Some(Spread::LogNormal(Expr::Number(sd))) = spread(&model, "a") else { panic!() };
    assert!((sd - 0.293_560_379_208_523_96).abs() < 1e-16, "{sd}");
    let number = |x: f64| Expr::Number(x);
    assert_eq!(spread(&model, "b"), Some(Spread::LogNormal(number(0.5))));
    assert_eq!(spread(&model, "c"), Some(Spread::LogNormal(number(0.399))));
    let Some(Spread::Normal(Expr::Number(sd))) = spread(&model, "d") else { panic!() };
    // A conventional millimetre of mercury is 133.322387415 Pa.
    assert!((sd - 200.0 / 133.322_387_415).abs() < 1e-12, "{sd}");
    assert_eq!(spread(&model, "e"), Some(Spread::Normal(number(2.0))));
    assert_eq!(spread(&model, "f"), Some(Spread::Proportional(number(0.2))));
    assert_eq!(spread(&model, "g"), Some(Spread::LogitNormal(number(0.5))));
    assert_eq!(definition(&model, "g"), "Mul(typical g, 0.01)");
    assert_eq!(spread(&model, "h"), Some(Spread::Uniform(number(1.0), number(3.0))));
    assert_eq!(spread(&model, "i"), Some(Spread::Bernoulli));
    let j = &model.parameters[model.parameter("j").unwrap()];
    assert!(matches!(j.between_occasions, Some(Spread::LogNormal(_))));
    let k = &model.parameters[model.parameter("k").unwrap()];
    assert_eq!(k.lower, Some(Bound { value: number(0.0), inclusive: false }));
}

#[test]
fn blocks_are_whole_correlation_matrices() {
    let model = model(
        "model m\nset visit = 1..2\n\
         param a = 1 ~ lognormal\nparam b = 2 ~ normal\ncovariance a b =\n  0.04\n  0.01 0.09\n\
         param c = 1 ~ lognormal sd 0.5\nparam d = 1 ~ lognormal sd 0.2\ncorrelation c d = -0.5\n\
         param e[visit] = 0 ~ normal\ncovariance e = 4 1 9\n\
         covariate w\nparam f = 1 ~ normal sd w\nparam g = 1 ~ normal sd 2, > 0\n\
         correlation f g = 0.3\n\
         observe y = a + b + c + d + e[1] + e[2] + f + g\n",
    );
    let matrices: Vec<&[f64]> =
        model.blocks.iter().map(|block| block.correlation.as_slice()).collect();
    let beside = |matrix: usize, correlation: f64| {
        let [one, upper, lower, last] = matrices[matrix] else { panic!("two by two") };
        assert_eq!((*one, *last, upper), (1.0, 1.0, lower));
        assert!((upper - correlation).abs() < 1e-15, "{upper}");
    };
    beside(0, 0.01 / (0.2 * 0.3));
    beside(1, -0.5);
    beside(2, 1.0 / 6.0);
    beside(3, 0.3);
    assert_eq!(spread(&model, "b"), Some(Spread::Normal(Expr::Number(0.3))));
    assert_eq!(spread(&model, "e[2]"), Some(Spread::Normal(Expr::Number(3.0))));
    let e = &model.parameters[model.parameter("e[2]").unwrap()];
    assert_eq!(e.block, Some((2, 1)));
}

#[test]
fn a_used_file_keeps_its_unit_of_time() {
    let model = example("tirzepatide-obesity.model");
    assert_eq!(model.time.to_string(), "week");
    assert_eq!(rate(&model, "pk.depot"), "Mul(Mul(Neg(pk.ka), pk.depot), 168)");
    assert!(!rate(&model, "body.fat").contains("168"));
    // mg/L to ng/mL.
    assert_eq!(definition(&model, "body.conc"), "pk.conc");
    assert_eq!(definition(&model, "pk.conc"), "Mul(Div(pk.central, pk.vc), 1000)");
    let (time, other) = (
        checked(&[
            ("m.model", "model m\ntime week\nuse \"k.model\" as k\nobserve y = k.x\n"),
            ("k.model", "model k\ntime day\nlet x = exp(-t / 2 week)\nobserve z = x\n"),
        ])
        .unwrap(),
        "k.x",
    );
    // In k.model `t` counts days: 7 t, then over 2 weeks as a plain number.
    assert_eq!(
        definition(&time, other),
        "Exp(Mul(Div(Neg(Mul(t, 7)), 2), 0.14285714285714285))"
    );
}

#[test]
fn with_replaces_and_a_replaced_parameter_loses_its_spread() {
    let model = example("snelder.model");
    assert_eq!(spread(&model, "amlodipine.cl"), None);
    let cl = &model.parameters[model.parameter("amlodipine.cl").unwrap()];
    assert_eq!(cl.typical_value, Some(20.0));
    assert!(spread(&model, "amlodipine.f").is_some());
    assert!(model.blocks.is_empty(), "the block of cl and v has lost both");
    assert!(definition(&model, "enalapril.inhibition").contains("amlodipine.conc"));
    // One covariate of the twin, whoever speaks of it.
    let covariates: Vec<&str> =
        model.covariates.iter().map(|c| &*model.symbols[c.symbol.index()].name).collect();
    assert_eq!(covariates, ["wt"]);
}

#[test]
fn families_and_instances_are_unrolled() {
    let friberg = example("w3-friberg.model");
    assert_eq!(rate(&friberg, "transit[3]"), "Mul(ktr, Sub(transit[2], transit[3]))");
    let cable = example("cardiac-cable.model");
    assert_eq!(cable.states.len(), 660);
    assert_eq!(cable.categories.len(), 1, "one category for all cells");
    let layer = |cell: usize| definition(&cable, &format!("cell[{cell}].layer"));
    assert_eq!((layer(60), layer(61), layer(106)), ("1".into(), "2".into(), "0".into()));
    assert!(
        definition(&cable, "cell[1].diffusion")
            .contains("Add(Sub(cell[1].u, Mul(2, cell[1].u)), cell[2].u)")
    );
    let repeated = example("repeated-measures.model");
    assert!(
        definition(&repeated, "change")
            .contains("k@1[placebo[1], placebo[2], placebo[3], placebo[4]]")
    );
}

#[test]
fn levels_are_positions_and_picks_are_members() {
    let model = model(
        "model m\ncovariate sex in {F, M}\ncovariate geno in {\"*1\", \"*2\"}\n\
         param a = sex{M: 2, F: 1} mg\n\
         param ec50[geno] = geno{\"*1\": 5, else: 7} mg\n\
         let b = if geno == \"*2\" and sex != F then ec50[geno] else a\n\
         observe y = b\n",
    );
    assert_eq!(definition(&model, "a"), "sex@0[1, 2]");
    assert_eq!(definition(&model, "ec50[*2]"), "7");
    assert_eq!(
        definition(&model, "b"),
        "If(And(Equal(geno, 1), NotEqual(sex, 0)), geno@0[ec50[*1], ec50[*2]], a)"
    );
}

#[test]
fn percent_meets_plain_numbers_as_a_fraction() {
    let model = model(
        "model m\ntime day\nparam up = 3 %/365day\nparam diet = 4 %\n\
         let a = 1 + up * t\nlet b = 1 - diet\nlet loss [%] = 1 - a / b\nobserve loss\n",
    );
    assert_eq!(definition(&model, "b"), "Sub(1, Mul(diet, 0.01))");
    assert_eq!(definition(&model, "loss"), "Mul(Sub(1, Div(a, b)), 100)");
    let factor = 0.01 / 365.0;
    let a = definition(&model, "a");
    assert!(a.starts_with("Add(1, Mul(Mul(up, t), 0.0000273972602739726"), "{a}, {factor}");
}

#[test]
fn powers_of_quantities_stay_symbolic_and_convert_once() {
    let model = model(
        "model m\ninput c [ng/mL]\nparam ec50 = 2 mg/L\nparam hill = 3\n\
         let e = c^hill / (ec50^hill + c^hill)\nobserve e\n",
    );
    let e = definition(&model, "e");
    assert!(e.contains("Pow(0.001, hill)") || e.contains("Pow(1000, hill)"), "{e}");
    assert!(
        checked(&[("m", "model m\nstate r = 1\nd r/dt = 0 1/h\ninput c [mg/L]\nlet e = c^r\nobserve x = e / e\n")])
            .unwrap_err()
            .contains("unit-power")
    );
}

#[test]
fn doses_carry_bioavailability_and_conversion_in_one_factor() {
    let hovorka = example("hovorka.model");
    let meal = &hovorka.doses[0];
    assert_eq!((meal.route.as_str(), meal.unit.to_string().as_str()), ("meal", "g"));
    assert_eq!(shown(&hovorka, meal.fraction.as_ref().unwrap()), "Mul(Div(ag, mw), 1000)");
    let tmdd = example("tmdd.model");
    assert_eq!(shown(&tmdd, tmdd.doses[0].fraction.as_ref().unwrap()), "Div(1, v)");
    let meals = example("meal-absorption.model");
    let (_, value) = &meals.updates[0].assignments[0];
    assert_eq!(shown(&meals, value), "Add(Add(solid, liquid), Mul(amount, 1000))");
}

#[test]
fn a_model_inside_another_text_has_its_faults_there() {
    let whole = "text = '''model m\nlet x = 1 + y\nobserve x\n'''";
    let start = whole.find("model").unwrap();
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let source = sources.add("trial.toml", whole);
    let text = &whole[start..whole.len() - 3];
    let offsets = Offsets::From(u32::try_from(start).unwrap());
    let fragment = Fragment { source, text, offsets };
    let model =
        parse_model(fragment, "trial.toml", &InMemory::default(), &mut sources, &mut faults);
    assert!(model.is_none());
    let messages = faults.render(&sources, Style::Short);
    assert_eq!(messages, "trial.toml:2:13: error[unknown-name]: unknown name `y`\n");
}

#[test]
fn towers_of_terms_are_refused_before_anyone_walks_them() {
    let row = " + 1".repeat(900);
    let tower = format!("{}1{row}", "(".repeat(60)) + &format!("){row}").repeat(60);
    let text = format!("model m\nlet x = {tower}\nobserve x\n");
    assert!(checked(&[("m", &text)]).unwrap_err().contains("not supported yet"));
    let mut text = "model m\nobserve y = x0\n".to_owned();
    for i in 0..3000 {
        text += &format!("let x{i} = x{} + 1\n", i + 1);
    }
    text += "let x3000 = 1\n";
    assert_eq!(model(&text).lets.len(), 3002);
    let mut calls = "x".to_owned();
    for _ in 0..90 {
        calls = format!("f({calls})");
    }
    let body = format!("{}x", "-".repeat(90));
    let text =
        format!("model m\ninput x\nfunction f(x) = {body}\nlet y = {calls}\nobserve y\n");
    assert!(checked(&[("m", &text)]).unwrap_err().contains("not supported yet"));
}
