//! The method's numbers, and its formulas over whatever numbers are.

use crate::number::Number;

pub(super) const STAGES: usize = 7;

/// When, within a step, each stage is.
pub(super) const C: [f64; STAGES] = [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0];

pub(super) const A2: [f64; 1] = [0.161];
pub(super) const A3: [f64; 2] = [-0.008480655492356989, 0.335480655492357];
pub(super) const A4: [f64; 3] = [2.8971530571054935, -6.359448489975075, 4.3622954328695815];
pub(super) const A5: [f64; 4] =
    [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525];
pub(super) const A6: [f64; 5] = [
    5.86145544294642,
    -12.92096931784711,
    8.159367898576159,
    -0.071584973281401,
    -0.028269050394068383,
];
/// The last stage, which is the step itself.
pub(super) const A7: [f64; 6] = [
    0.09646076681806523,
    0.01,
    0.4798896504144996,
    1.379008574103742,
    -3.290069515436081,
    2.324710524099774,
];

/// The step less the embedded one of order 4.
pub(super) const E: [f64; STAGES] = [
    -0.001780011052225777,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    0.015151515151515152,
];

/// Coefficients of theta, its square, cube and fourth power in the weight of each stage.
pub(super) const DENSE: [[f64; 4]; STAGES] = [
    [1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216],
    [0.0, 0.13169999999999998, -0.2234, 0.1017],
    [0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253],
    [0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902],
    [0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928],
    [0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661],
    [0.0, 1.5, -4.0, 2.5],
];

/// The slope `a[0] k[0] + a[1] k[1] + ...`.
#[inline(always)]
pub(super) fn weigh<N: Number, const S: usize>(a: &[f64; S], k: &[N; S]) -> N {
    let mut sum = k[0].constant(a[0]) * k[0];
    for stage in 1..S {
        sum = k[stage].constant(a[stage]).times_plus(k[stage], sum);
    }
    sum
}

/// When a stage is.
#[inline(always)]
pub(super) fn stage_time<N: Number>(stage: usize, t: N, h: N) -> N {
    t.constant(C[stage]).times_plus(h, t)
}

/// The state that a stage is taken at.
#[inline(always)]
pub(super) fn stage_state<N: Number, const S: usize>(
    a: &[f64; S],
    h: N,
    y: N,
    k: &[N; S],
) -> N {
    h.times_plus(weigh(a, k), y)
}

/// The error of a state.
#[inline(always)]
pub(super) fn error<N: Number>(h: N, k: &[N; STAGES]) -> N {
    h * weigh(&E, k)
}
