//! The method's numbers, and its formulas over whatever numbers are.

use crate::number::Number;

pub(super) const STAGES: usize = 8;

pub(super) const GAMMA: f64 = 0.21193756319429014;

/// Weights of earlier stages in the states that a stage looks at. The last two stages look at
/// the states of the one before, plus that stage.
pub(super) const A: [&[f64]; 6] = [
    &[],
    &[3.0],
    &[2.849394379747939, 0.45842242204463923],
    &[-6.954028509809101, 2.489845061869568, -10.358996098473584],
    &[2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
    &[
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
    ],
];

/// Weights of earlier stages in a stage's right side.
pub(super) const C: [&[f64]; STAGES] = [
    &[],
    &[-14.155112264123755],
    &[-17.97296035885952, -2.859693295451294],
    &[147.12150275711716, -1.41221402718213, 71.68940251302358],
    &[165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
    &[
        24.854864614690072,
        -3.0009227002832186,
        47.4931110020768,
        5.5814197821558125,
        -0.6610691825249471,
    ],
    &[
        30.91273214028599,
        -3.1208243349937974,
        77.79954646070892,
        34.28646028294783,
        -19.097331116725623,
        -28.087943162872662,
    ],
    &[
        37.80277123390563,
        -3.2571969029072276,
        112.26918849496327,
        66.9347231244047,
        -40.06618937091002,
        -54.66780262877968,
        -9.48861652309627,
    ],
];

/// When, within a step, each stage is.
pub(super) const ALPHA: [f64; STAGES] = [
    0.0,
    0.6358126895828704,
    0.4095798393397535,
    0.9769306725060716,
    0.4288403609558664,
    1.0,
    1.0,
    1.0,
];

/// Weights of the derivative with respect to time.
pub(super) const D: [f64; STAGES] = [
    GAMMA,
    -0.42387512638858027,
    -0.3384627126235924,
    1.8046452872882734,
    2.325825639765069,
    0.0,
    0.0,
    0.0,
];

/// Weights of the stages in the three rows of the dense output.
pub(super) const DENSE: [[f64; STAGES]; 3] = [
    [
        25.948786856663858,
        -2.5579724845846235,
        10.433815404888879,
        -2.3679251022685204,
        0.524948541321073,
        1.1241088310450404,
        0.4272876194431874,
        -0.17202221070155493,
    ],
    [
        -9.91568850695171,
        -0.9689944594115154,
        3.0438037242978453,
        -24.495224566215796,
        20.176138334709044,
        15.98066361424651,
        -6.789040303419874,
        -6.710236069923372,
    ],
    [
        11.419903575922262,
        2.8879645146136994,
        72.92137995996029,
        80.12511834622643,
        -52.072871366152654,
        -59.78993625266729,
        -0.15582684282751913,
        4.883087185713722,
    ],
];

/// The diagonal that the Jacobian is subtracted from.
#[inline(always)]
pub(super) fn shift<N: Number>(h: N) -> N {
    h.constant(1.0 / GAMMA) / h
}

/// When a stage is.
#[inline(always)]
pub(super) fn stage_time<N: Number>(stage: usize, t: N, h: N) -> N {
    t.constant(ALPHA[stage]).times_plus(h, t)
}

/// `sum + weights[0] k(0) + weights[1] k(1) + ...`.
#[inline(always)]
pub(super) fn add_weighted<N: Number>(
    mut sum: N,
    weights: &[f64],
    k: impl Fn(usize) -> N,
) -> N {
    for (stage, &weight) in weights.iter().enumerate() {
        sum = sum.constant(weight).times_plus(k(stage), sum);
    }
    sum
}

/// The right side of a stage: the rate, the stages before, and the drift with time if there is one.
#[inline(always)]
pub(super) fn right_side<N: Number>(
    stage: usize,
    h: N,
    rate: N,
    k: impl Fn(usize) -> N,
    drift: Option<N>,
) -> N {
    let inverse = h.constant(1.0) / h;
    let earlier = add_weighted(h.constant(0.0), C[stage], k);
    let side = earlier.times_plus(inverse, rate);
    match drift {
        Some(drift) => (h * h.constant(D[stage])).times_plus(drift, side),
        None => side,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With alpha = A Gamma and Gamma the inverse of 1/gamma - C, the rows of alpha add up to the
    /// stages' times and those of Gamma to the weights of the derivative with respect to time.
    #[test]
    fn coefficients_agree_with_each_other() {
        let mut gamma = [[0.0; STAGES]; STAGES];
        for i in 0..STAGES {
            // Row i of (1/gamma - C) Gamma = 1.
            let row = std::array::from_fn(|j| {
                let sum: f64 = C[i].iter().zip(&gamma).map(|(c, row)| c * row[j]).sum();
                GAMMA * if i == j { 1.0 } else { sum }
            });
            gamma[i] = row;
            let total: f64 = row.iter().sum();
            assert!((total - D[i]).abs() < 1e-12, "D {i}: {total} {}", D[i]);
        }
        for (i, a) in A.iter().enumerate() {
            let alpha: f64 =
                a.iter().zip(&gamma).map(|(a, row)| a * row.iter().sum::<f64>()).sum();
            assert!((alpha - ALPHA[i]).abs() < 1e-12, "alpha {i}: {alpha} {}", ALPHA[i]);
        }
    }
}
