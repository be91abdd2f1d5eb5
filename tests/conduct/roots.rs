//! Roots that move with a state.

use crate::{assert_close, records, run};
use proband_math::ln;

/// x' = -y where y^3 + y = x: then (3 y^2 + 1) y' = -y, so that ln y + 3/2 y^2 falls by 1 a day. By both
/// methods, of which one asks for the derivative of the root; and by a root within a root.
#[test]
fn a_root_may_follow_a_state() {
    for (method, y) in [
        ("tsit5", "root(u from 0 to 10: u^3 + u - x)"),
        ("rodas5p", "root(u from 0 to 10: u^3 + u - x)"),
        ("rodas5p", "root(u from 0 to 10: u - root(v from 0 to 10: v * (u * u + 1) - x))"),
    ] {
        let model = format!(
            "model m\ntime day\nstate x = 10\nlet y = {y}\nd x/dt = -y / 1 day\nobserve y\n"
        );
        let rest = format!(
            "simulation.method = \"{method}\"\n[arm.a]\n[[encounter]]\nat = [\"day 1\", \"day 3\", \"day 6\"]\n"
        );
        let tables = run(1, &model, &rest);
        let found: Vec<f64> =
            records(&tables, "Y").iter().map(|&y| ln(y) + 1.5 * y * y).collect();
        let start = ln(2.0) + 6.0;
        assert_close(&found, &[start, start - 2.0, start - 5.0]);
    }
}
