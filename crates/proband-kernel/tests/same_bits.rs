//! Random expressions give the same bits on every back end, at every width of vectors, any number
//! of lanes, any lane and by a recursion over the tree.

mod meaning;

use meaning::{Place, same};
use proband_kernel::system::{SignalSlot, Source, TwinSlot};
use proband_kernel::{Backend, Rows, compile_expressions};
use proband_lang::{Binary, Expr, SymbolId, Unary};
use proband_math::vector::Simd;
use proptest::prelude::*;

const SYMBOLS: usize = 6;
const TWIN: usize = 4;

const FUNCTIONS: [Unary; 22] = [
    Unary::Neg,
    Unary::Abs,
    Unary::Sign,
    Unary::Floor,
    Unary::Round,
    Unary::Sqrt,
    Unary::Exp,
    Unary::Ln,
    Unary::Log10,
    Unary::Log2,
    Unary::Sin,
    Unary::Cos,
    Unary::Tan,
    Unary::Atan,
    Unary::Sinh,
    Unary::Cosh,
    Unary::Tanh,
    Unary::Expit,
    Unary::Logit,
    Unary::Erf,
    Unary::NormalCdf,
    Unary::GammaLn,
];

const OPERATORS: [Binary; 8] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Pow,
    Binary::Min,
    Binary::Max,
    Binary::Mod,
];

const COMPARISONS: [Binary; 6] = [
    Binary::Less,
    Binary::LessEqual,
    Binary::Greater,
    Binary::GreaterEqual,
    Binary::Equal,
    Binary::NotEqual,
];

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10.0..10.0f64,
        2 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 2.0, 3.0, 0.5]),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-310, 1e300]),
        1 => any::<f64>(),
    ]
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        number().prop_map(Expr::Number),
        (0..SYMBOLS as u32).prop_map(|at| Expr::Symbol(SymbolId(at))),
        Just(Expr::Time),
    ]
}

/// A condition whose sides are numbers.
fn condition(
    number: impl Strategy<Value = Expr> + Clone + 'static,
) -> impl Strategy<Value = Expr> + Clone {
    let comparison = (prop::sample::select(&COMPARISONS[..]), number.clone(), number)
        .prop_map(|(which, a, b)| Expr::binary(which, a, b));
    comparison.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|x| Expr::unary(Unary::Not, x)),
            (prop::bool::ANY, inner.clone(), inner).prop_map(|(and, a, b)| {
                Expr::binary(if and { Binary::And } else { Binary::Or }, a, b)
            }),
        ]
    })
}

/// The root of u^3 + u = x, or of what another root decides that depends on u.
fn root(x: Expr, low: f64, nested: bool) -> Expr {
    let unknown = if nested { 8 } else { 7 };
    let u = || Expr::Unknown(unknown);
    let cube = Expr::binary(Binary::Mul, Expr::binary(Binary::Mul, u(), u()), u());
    let sum = Expr::binary(Binary::Add, cube, u());
    let right = if nested { root(Expr::binary(Binary::Add, x, u()), -3.0, false) } else { x };
    Expr::Root {
        unknown,
        from: Box::new(Expr::Number(low)),
        to: Box::new(Expr::Number(40.0)),
        body: Box::new(Expr::binary(Binary::Sub, sum, right)),
    }
}

fn expression() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            4 => (prop::sample::select(&FUNCTIONS[..]), inner.clone())
                .prop_map(|(which, x)| Expr::unary(which, x)),
            6 => (prop::sample::select(&OPERATORS[..]), inner.clone(), inner.clone())
                .prop_map(|(which, a, b)| Expr::binary(which, a, b)),
            2 => (condition(inner.clone()), inner.clone(), inner.clone())
                .prop_map(|(c, a, b)| Expr::If(Box::new(c), Box::new(a), Box::new(b))),
            1 => (inner.clone(), -1..3i64, prop::collection::vec(inner.clone(), 1..4)).prop_map(
                |(index, first, members)| {
                    let index = Box::new(Expr::unary(Unary::Round, index));
                    Expr::Member { index, first, members }
                }
            ),
            // Of leaves alone: the recursion evaluates everything anew at every step of a search.
            1 => (prop::sample::select(&OPERATORS[..]), leaf(), leaf(), -40.0..10.0f64, prop::bool::ANY)
                .prop_map(|(which, a, b, low, nested)| root(Expr::binary(which, a, b), low, nested)),
        ]
    })
}

fn resolve(symbol: SymbolId) -> Source {
    match symbol.index() {
        at if at < TWIN => Source::Twin(TwinSlot(at)),
        at => Source::Signal(SignalSlot(at - TWIN)),
    }
}

/// Rows of lanes for each symbol, and of time.
#[derive(Debug)]
struct Inputs {
    lanes: usize,
    symbols: Vec<f64>,
    t: Vec<f64>,
}

impl Inputs {
    fn rows(&self) -> Rows<'_> {
        let (twin, signals) = self.symbols.split_at(TWIN * self.lanes);
        Rows { lanes: self.lanes, twin, signals, t: &self.t, states: &[] }
    }

    fn expected(&self, expr: &Expr, lane: usize) -> f64 {
        let symbols: Vec<f64> =
            (0..SYMBOLS).map(|at| self.symbols[at * self.lanes + lane]).collect();
        Place::new(&symbols, self.t[lane]).value(expr)
    }
}

fn inputs() -> impl Strategy<Value = Inputs> {
    (1..=64usize).prop_flat_map(|lanes| {
        let symbols = prop::collection::vec(number(), SYMBOLS * lanes);
        let t = prop::collection::vec(-5.0..50.0f64, lanes);
        (symbols, t).prop_map(move |(symbols, t)| Inputs { lanes, symbols, t })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn at_every_width_and_by_recursion(
        exprs in prop::collection::vec(expression(), 1..4),
        inputs in inputs(),
    ) {
        let list: Vec<&Expr> = exprs.iter().collect();
        let program = compile_expressions(&list, &mut resolve).unwrap();
        let lanes = inputs.lanes;
        let levels = Simd::ALL.into_iter().filter(|level| level.available());
        let interpreters = levels.map(|level| program.kernel(lanes).with_level(level));
        let backends = Backend::ALL.into_iter().map(|backend| program.kernel_on(lanes, backend));
        for mut kernel in interpreters.chain(backends) {
            let mut out = vec![0.5; exprs.len() * lanes];
            kernel.run(&inputs.rows(), &mut out);
            let mut alone = vec![0.5; exprs.len()];
            for lane in 0..lanes {
                kernel.run_lane(&inputs.rows(), lane, &mut alone);
                for (at, expr) in exprs.iter().enumerate() {
                    let (got, expected) = (out[at * lanes + lane], inputs.expected(expr, lane));
                    prop_assert!(same(got, expected), "{got:e} for {expected:e}, {lanes} lanes, {:?}: {expr:?}", kernel.backend());
                    prop_assert!(same(alone[at], expected), "{} alone", alone[at]);
                }
            }
        }
    }
}
