//! The right-hand sides of the reference workloads, bit for bit as typed by hand.

mod sketch;

use proband_kernel::system::*;
use proband_kernel::{Rows, SystemBuilder};
use sketch::*;

/// One evaluation of the rates for one twin without deviates.
fn rates(system: &System, twin: &[f64], states: &[f64]) -> Vec<f64> {
    let mut bank = twin.to_vec();
    bank.resize(system.twin_rows(), 0.0);
    let (given, derived) = bank.split_at_mut(system.twin.len());
    let rows = Rows { lanes: 1, twin: given, signals: &[], t: &[0.0], states: &[] };
    system.prelude.kernel(1).run(&rows, derived);
    let mut out = vec![f64::NAN; system.states.len()];
    let rows = Rows { lanes: 1, twin: &bank, signals: &[], t: &[0.0], states };
    system.rates.kernel(1).run(&rows, &mut out);
    out
}

#[test]
fn two_compartments() {
    let mut s = Sketch::new();
    let [ka, cl, v1, q, v2] =
        [("ka", 1.1), ("cl", 5.3), ("v1", 51.7), ("q", 8.0), ("v2", 103.0)]
            .map(|(name, value)| s.param(name, value, None, None));
    let [depot, a1, a2] = ["depot", "a1", "a2"].map(|name| s.zero_state(name));
    s.rate(&depot, -ka.clone() * &depot);
    s.rate(&a1, &ka * &depot - (&cl / &v1) * &a1 - (&q / &v1) * &a1 + (&q / &v2) * &a2);
    s.rate(&a2, (&q / &v1) * &a1 - (&q / &v2) * &a2);
    let mut builder = SystemBuilder::new(unit());
    builder.add_model(&s.model, ModelOptions::default());
    let system = builder.build().unwrap();
    let (ka, cl, v1, q, v2) = (1.1, 5.3, 51.7, 8.0, 103.0);
    let (depot, a1, a2) = (83.1, 12.7, 3.3);
    let expected = [
        -ka * depot,
        ka * depot - (cl / v1) * a1 - (q / v1) * a1 + (q / v2) * a2,
        (q / v1) * a1 - (q / v2) * a2,
    ];
    assert_eq!(rates(&system, &[], &[depot, a1, a2]), expected);
    assert!(system.linear);
    assert_eq!(system.jacobian.entries, [(0, 0), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)]);
}
