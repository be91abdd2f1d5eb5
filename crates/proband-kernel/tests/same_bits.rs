//! Random expressions give the same bits on every back end, at every width of vectors, any number
//! of lanes, any lane and by a recursion over the tree.

mod meaning;
mod random;

use meaning::{Place, same};
use proband_kernel::system::{SignalSlot, Source, TwinSlot};
use proband_kernel::{Backend, Rows, compile_expressions};
use proband_lang::{Expr, SymbolId};
use proband_math::vector::Simd;
use proptest::prelude::*;
use random::{expression, number};

const SYMBOLS: usize = 6;
const TWIN: usize = 4;

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
        exprs in prop::collection::vec(expression(SYMBOLS as u32, 40), 1..4),
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
