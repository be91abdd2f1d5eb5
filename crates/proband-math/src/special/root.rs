//! Newton's method within a bracket.

/// Steps below this change nothing that a double can show, as convergence is quadratic.
const SMALL_STEP: f64 = 1e-10;
/// Newton needs about five; halving the bracket all the way needs about sixty.
const MOST_STEPS: usize = 100;

/// Where an increasing function of `u` is zero.
///
/// `f` gives value and slope. A step that leaves the bracket, or that has no slope to go by,
/// becomes a halving.
pub(super) fn increasing_root(
    start: f64,
    mut low: f64,
    mut high: f64,
    f: impl Fn(f64) -> (f64, f64),
) -> f64 {
    let mut u = if low < start && start < high { start } else { 0.5 * (low + high) };
    for _ in 0..MOST_STEPS {
        let (value, slope) = f(u);
        if value == 0.0 {
            return u;
        }
        if value > 0.0 {
            high = u;
        } else {
            low = u;
        }
        let newton = u - value / slope;
        let next = if low <= newton && newton <= high { newton } else { 0.5 * (low + high) };
        let step = (next - u).abs();
        u = next;
        if step <= SMALL_STEP * u.abs().max(1.0) {
            break;
        }
    }
    u
}
