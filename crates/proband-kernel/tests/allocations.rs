//! Running a program allocates nothing.
#![expect(unsafe_code, reason = "an allocator that counts")]

use proband_kernel::system::{Source, TwinSlot};
use proband_kernel::{Rows, compile_expressions};
use proband_lang::{Binary, Expr, SymbolId, Unary};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    /// Allocations of this thread: the threads of the test harness allocate when they like.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A root, a choice and functions of a symbol.
fn expression() -> Expr {
    let x = || Expr::Symbol(SymbolId(0));
    let cube = Expr::binary(Binary::Pow, Expr::Unknown(0), Expr::Number(3.0));
    let root = Expr::Root {
        unknown: 0,
        from: Box::new(Expr::Number(0.0)),
        to: Box::new(Expr::Number(10.0)),
        body: Box::new(Expr::binary(Binary::Sub, cube, x())),
    };
    let less = Expr::binary(Binary::Less, x(), Expr::Number(3.0));
    let power = Expr::binary(Binary::Pow, x(), Expr::Number(0.3));
    Expr::If(Box::new(less), Box::new(root), Box::new(Expr::unary(Unary::Exp, power)))
}

#[test]
fn none_while_running() {
    let expr = expression();
    let program = compile_expressions(&[&expr], &mut |_| Source::Twin(TwinSlot(0))).unwrap();
    let lanes = 13;
    let mut kernel = program.kernel(lanes);
    let twin: Vec<f64> = (0..lanes).map(|lane| 0.5 * lane as f64).collect();
    let rows = Rows { lanes, twin: &twin, signals: &[], t: &[], states: &[] };
    let mut out = vec![0.0; lanes];
    let mut one = [0.0];
    let before = ALLOCATIONS.with(Cell::get);
    for _ in 0..100 {
        kernel.run(&rows, &mut out);
        kernel.run_lane(&rows, 7, &mut one);
    }
    let after = ALLOCATIONS.with(Cell::get);
    assert!(before > 0, "the allocator counts");
    assert_eq!(after - before, 0);
    assert_eq!(out[7].to_bits(), one[0].to_bits());
}
