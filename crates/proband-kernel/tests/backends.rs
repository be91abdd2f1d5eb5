//! Which back end a kernel runs on.

use proband_kernel::{Backend, Bank, Graph, Program, Rows};
use proband_lang::{Binary, Unary};

/// `e^(x y)` of two states.
fn program() -> Program {
    let mut graph = Graph::default();
    let [x, y] = [0, 1].map(|row| graph.input(Bank::State, row));
    let product = graph.binary(Binary::Mul, x, y);
    let raised = graph.unary(Unary::Exp, product);
    graph.program(&[raised])
}

fn usable(backend: Backend) -> bool {
    backend.check().is_ok()
}

#[test]
fn the_fastest_that_can_be_used_is_chosen() {
    let fastest = Backend::ALL.into_iter().filter(|&backend| usable(backend)).max();
    assert_eq!(Backend::detect(), fastest.unwrap());
    assert_eq!(program().kernel(64).backend(), Backend::detect());
    assert!(usable(Backend::Interpreter));
}

/// Lanes that fill no vector are left to half as wide ones, fewer to the interpreter.
#[test]
fn a_back_end_serves_as_many_lanes_as_fill_its_vectors() {
    let program = program();
    let on = |lanes, backend| program.kernel_on(lanes, backend).backend();
    for backend in Backend::usable() {
        assert_eq!(on(8, backend), backend);
        assert_eq!(on(7, backend), backend.min(Backend::Avx2));
        assert_eq!(on(4, backend), backend.min(Backend::Avx2));
        assert_eq!(on(3, backend), Backend::Interpreter);
    }
}

#[test]
fn code_is_made_once_for_all_clones_and_kernels_keep_their_scratch() {
    let program = program();
    let (first, second) = (program.kernel(9), program.clone().kernel(9));
    assert_eq!(first.code_bytes(), second.code_bytes());
    assert_eq!(first.code_bytes().is_some(), Backend::detect() != Backend::Interpreter);
    let states: Vec<f64> = (0..18).map(|at| 0.1 * f64::from(at)).collect();
    let rows = Rows { lanes: 9, twin: &[], signals: &[], t: &[], states: &states };
    let run = |mut kernel: proband_kernel::Kernel| {
        let mut out = [0.0; 9];
        kernel.run(&rows, &mut out);
        out
    };
    let expected: Vec<f64> =
        (0..9).map(|lane| proband_math::exp(states[lane] * states[lane + 9])).collect();
    assert_eq!(run(first).to_vec(), expected);
    assert_eq!(run(second).to_vec(), expected);
}
