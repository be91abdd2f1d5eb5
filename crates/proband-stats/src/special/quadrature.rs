//! Integrals: adaptive where the integrand is unknown, by Gauss' rule where it is smooth.

/// Nodes of the 15-point Kronrod rule on 0..1, largest first (R. Piessens et al., *QUADPACK*, 1983).
const KRONROD_NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];

const KRONROD_WEIGHTS: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_56,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_82,
];

/// Weights of the 7-point Gauss rule at every second of those nodes.
const GAUSS_WEIGHTS: [f64; 4] = [
    0.129_484_966_168_869_7,
    0.279_705_391_489_276_65,
    0.381_830_050_505_118_9,
    0.417_959_183_673_469_4,
];

/// Halving an interval more often than this leaves pieces that no longer matter.
const DEEPEST: u32 = 40;

/// The integral of `f` from `lower` to `upper`, by Gauss and Kronrod's rules on halved intervals
/// until the two differ by less than `tolerance` on each piece. For a smooth integrand the error is
/// far below that difference.
pub(crate) fn integrate(lower: f64, upper: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    if lower >= upper {
        return 0.0;
    }
    // A first cut into four, so that a narrow peak in the middle is not overlooked.
    let width = 0.25 * (upper - lower);
    (0..4)
        .map(|k| {
            let start = lower + f64::from(k) * width;
            adapt(start, start + width, tolerance, DEEPEST, &f)
        })
        .sum()
}

fn adapt(lower: f64, upper: f64, tolerance: f64, depth: u32, f: &dyn Fn(f64) -> f64) -> f64 {
    let (centre, half) = (0.5 * (lower + upper), 0.5 * (upper - lower));
    let (mut kronrod, mut gauss) = (0.0, 0.0);
    for (k, (node, weight)) in KRONROD_NODES.iter().zip(KRONROD_WEIGHTS).enumerate() {
        let at = |side: f64| f(centre + side * half * node);
        let both = if k == 7 { at(1.0) } else { at(-1.0) + at(1.0) };
        kronrod += weight * both;
        if k % 2 == 1 {
            gauss += GAUSS_WEIGHTS[k / 2] * both;
        }
    }
    // Written so that a NaN ends the recursion too.
    let open = (kronrod - gauss).abs() * half > tolerance;
    if !open || depth == 0 {
        return kronrod * half;
    }
    adapt(lower, centre, tolerance, depth - 1, f)
        + adapt(centre, upper, tolerance, depth - 1, f)
}

/// Nodes and weights of Gauss and Legendre's rule with `count` points on -1..1, by Newton's method
/// on the Legendre polynomial (P. Davis & P. Rabinowitz, *Methods of Numerical Integration*).
pub(crate) fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    (0..count).map(|k| legendre_node(count, k)).collect()
}

fn legendre_node(count: usize, k: usize) -> (f64, f64) {
    let n = count as f64;
    let mut x = -libm::cos(std::f64::consts::PI * (k as f64 + 0.75) / (n + 0.5));
    let mut slope = 1.0;
    for _ in 0..8 {
        let (mut before, mut here) = (1.0, x);
        for j in 2..=count {
            let j = j as f64;
            (before, here) = (here, ((2.0 * j - 1.0) * x * here - (j - 1.0) * before) / j);
        }
        slope = n * (x * here - before) / (x * x - 1.0);
        x -= here / slope;
    }
    (x, 2.0 / ((1.0 - x * x) * slope * slope))
}

/// Points of a 16-point rule on each panel.
const PANEL_POINTS: usize = 16;

/// Nodes and weights on `lower`..`upper` by panels no wider than `panel`, 16 points each: exact to
/// rounding for integrands whose narrowest bell has a standard deviation of half a panel.
pub(crate) fn panels(lower: f64, upper: f64, panel: f64) -> Vec<(f64, f64)> {
    if lower >= upper {
        return Vec::new();
    }
    let count = ((upper - lower) / panel).ceil().max(1.0);
    let half = 0.5 * (upper - lower) / count;
    let rule = gauss_legendre(PANEL_POINTS);
    (0..count as usize)
        .flat_map(|k| {
            let centre = lower + (2.0 * k as f64 + 1.0) * half;
            rule.iter().map(move |(x, w)| (centre + half * x, half * w)).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both rules are exact for polynomials: the integral of x^k on 0..1 is 1/(k+1).
    #[test]
    fn powers_are_integrated_exactly() {
        for power in 0..=20 {
            let exact = 1.0 / f64::from(power + 1);
            let adaptive = integrate(0.0, 1.0, 1e-9, |x| x.powi(power));
            assert!((adaptive - exact).abs() < 1e-15, "{power}: {adaptive}");
            let rule = panels(0.0, 1.0, 0.6);
            let fixed: f64 = rule.iter().map(|(x, w)| w * x.powi(power)).sum();
            assert!((fixed - exact).abs() < 1e-15, "{power}: {fixed}");
        }
    }

    #[test]
    fn a_kink_is_found() {
        let ours = integrate(-1.0, 2.0, 1e-12, |x| (x - 0.3).abs());
        assert!((ours - 0.5 * (1.69 + 2.89)).abs() < 1e-11, "{ours}");
    }
}
