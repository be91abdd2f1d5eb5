//! The right-hand sides of the reference workloads W1 to W4, from their model files: the bits of
//! the same equations typed by hand, at every width, with everything of twin level in the prelude.

mod examples;

use examples::Example;
use proband_kernel::Rows;
use proband_kernel::system::*;
use proband_math::pow;
use proband_math::vector::Simd;

/// One evaluation of the rates on several lanes that hold the same twin, at every width.
fn rates(system: &System, twin: &[f64], states: &[f64]) -> Vec<f64> {
    let lanes = 11;
    let wide = |column: &[f64]| -> Vec<f64> {
        column.iter().flat_map(|&x| std::iter::repeat_n(x, lanes)).collect()
    };
    let mut bank = wide(twin);
    bank.resize(system.twin_rows() * lanes, 0.0);
    let (given, derived) = bank.split_at_mut(system.twin.len() * lanes);
    let t = vec![0.0; lanes];
    let rows = Rows { lanes, twin: given, signals: &[], t: &t, states: &[] };
    system.prelude.kernel(lanes).run(&rows, derived);
    let rows = Rows { lanes, twin: &bank, signals: &[], t: &t, states: &wide(states) };
    let mut out = vec![f64::NAN; system.states.len() * lanes];
    let mut first = Vec::new();
    for level in Simd::ALL.into_iter().filter(|level| level.available()) {
        system.rates.kernel(lanes).with_level(level).run(&rows, &mut out);
        for row in out.chunks(lanes) {
            assert!(row.iter().all(|x| x.to_bits() == row[0].to_bits()));
        }
        first = out.iter().step_by(lanes).copied().collect();
    }
    first
}

#[track_caller]
fn assert_bits(got: &[f64], expected: &[f64]) {
    let bits = |x: &[f64]| -> Vec<u64> { x.iter().map(|x| x.to_bits()).collect() };
    assert_eq!(bits(got), bits(expected), "{got:?} for {expected:?}");
}

const TWO_COMPARTMENTS: [(&str, f64); 5] =
    [("ka", 1.1), ("cl", 5.3), ("v1", 51.7), ("q", 8.0), ("v2", 103.0)];

fn two_compartments_by_hand([depot, a1, a2]: [f64; 3]) -> [f64; 3] {
    let [ka, cl, v1, q, v2] = TWO_COMPARTMENTS.map(|(_, value)| value);
    [
        -ka * depot,
        ka * depot - (cl / v1) * a1 - (q / v1) * a1 + (q / v2) * a2,
        (q / v1) * a1 - (q / v2) * a2,
    ]
}

#[test]
fn w1() {
    let example = Example::open("w1-two-compartment");
    let system = example.with(&TWO_COMPARTMENTS);
    let states = [83.1, 12.7, 3.3];
    let twin = example.twin(&system, &TWO_COMPARTMENTS);
    assert_bits(&rates(&system, &twin, &states), &two_compartments_by_hand(states));
    assert_eq!(system.linear.as_deref(), Some(&[][..]));
    assert_eq!(system.jacobian.entries, [(0, 0), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)]);
    assert!(system.time_derivative.is_none());
}

/// `-ka`, `cl/v1`, `q/v1` and `q/v2` wait in the prelude: nine operations are left of thirteen.
#[test]
fn what_depends_on_the_twin_alone_is_computed_once() {
    let system = Example::open("w1-two-compartment").with(&TWO_COMPARTMENTS);
    // Five individual parameters, the four, and the two entries of the Jacobian that are none.
    assert_eq!(system.derived, 11);
    assert_eq!(system.rates.instructions(), 9);
    // Constant coefficients: the Jacobian is nothing but copies of rows.
    assert_eq!(system.jacobian.program.registers(), 0);
}

#[test]
fn w2() {
    let response = [("imax", 0.9), ("ic50", 0.53), ("kin", 10.0), ("kout", 0.11)];
    let values = [&TWO_COMPARTMENTS[..], &response[..]].concat();
    let example = Example::open("w2-indirect-response");
    let system = example.with(&values);
    let [depot, a1, a2, r] = [83.1, 12.7, 3.3, 71.9];
    let [imax, ic50, kin, kout] = response.map(|(_, value)| value);
    let cp = a1 / 51.7;
    let mut expected = two_compartments_by_hand([depot, a1, a2]).to_vec();
    expected.push(kin * (1.0 - imax * cp / (ic50 + cp)) - kout * r);
    let twin = example.twin(&system, &values);
    assert_bits(&rates(&system, &twin, &[depot, a1, a2, r]), &expected);
    assert_eq!(system.linear, None);
    let mut bank = twin.clone();
    bank.resize(system.twin_rows(), 0.0);
    let (given, derived) = bank.split_at_mut(twin.len());
    let rows = Rows { lanes: 1, twin: given, signals: &[], t: &[0.0], states: &[] };
    system.prelude.kernel(1).run(&rows, derived);
    let mut start = system.start.kernel();
    let rows = Rows { lanes: 1, twin: &bank, signals: &[], t: &[0.0], states: &[] };
    let start = start.lane(&rows, 0).expect("no search");
    assert_bits(start, &[0.0, 0.0, 0.0, kin / kout]);
}

#[test]
fn w3() {
    let values = [
        ("cl", 37.1),
        ("v1", 9.2),
        ("q", 8.3),
        ("v2", 80.7),
        ("circ0", 5.15),
        ("mtt", 88.9),
        ("slope", 10.4),
        ("gamma", 0.163),
    ];
    let example = Example::open("w3-friberg");
    let system = example.with(&values);
    let states = [1.3, 2.9, 3.1, 4.2, 4.4, 4.6, 3.7];
    let [a1, a2, prol, t1, t2, t3, circ] = states;
    let [cl, v1, q, v2, circ0, mtt, slope, gamma] = values.map(|(_, value)| value);
    let ktr = 4.0 / mtt;
    let edrug = slope * (a1 / v1);
    let feedback = pow(circ0 / circ, gamma);
    let expected = [
        -(cl / v1) * a1 - (q / v1) * a1 + (q / v2) * a2,
        (q / v1) * a1 - (q / v2) * a2,
        ktr * prol * ((1.0 - edrug) * feedback - 1.0),
        ktr * (prol - t1),
        ktr * (t1 - t2),
        ktr * (t2 - t3),
        ktr * (t3 - circ),
    ];
    assert_bits(&rates(&system, &example.twin(&system, &values), &states), &expected);
    assert_eq!(system.jacobian.entries.len(), 15);
}

/// Reference volume, reference flow (of the lung none), partition coefficient.
const ORGANS: [(f64, f64, f64); 15] = [
    (14.5, 19.5, 4.0),
    (10.5, 19.5, 0.9),
    (1.45, 46.8, 1.6),
    (1.02, 58.5, 1.4),
    (0.33, 15.6, 1.2),
    (0.31, 74.1, 2.0),
    (1.80, 25.35, 3.5),
    (0.53, f64::NAN, 1.3),
    (29.0, 66.3, 1.1),
    (0.14, 3.9, 1.5),
    (3.3, 19.5, 1.8),
    (0.15, 11.7, 1.4),
    (0.15, 3.9, 1.3),
    (0.035, 0.195, 1.2),
    (2.0, 25.155, 1.0),
];
const GUT: usize = 3;
const KIDNEY: usize = 5;
const LIVER: usize = 6;
const LUNG: usize = 7;
/// They drain into the liver.
const SPLANCHNIC: [usize; 4] = [GUT, 9, 11, 12];
/// They drain into the veins.
const SYSTEMIC: [usize; 9] = [0, 1, 2, 4, 5, 8, 10, 13, 14];

fn add(terms: impl Iterator<Item = f64>) -> f64 {
    terms.reduce(|a, b| a + b).expect("a set has members")
}

fn pbpk_by_hand(values: &[(&str, f64)], y: &[f64; 18]) -> Vec<f64> {
    let [bw, ka, fa, fup, bp, clint, clr] = std::array::from_fn(|at| values[at].1);
    let size = bw / 70.0;
    let q = ORGANS.map(|(_, q_ref, _)| q_ref * pow(size, 0.75));
    let co = 390.0 * pow(size, 0.75);
    let q_hep = q[LIVER] + add(SPLANCHNIC.iter().map(|&j| q[j]));
    let c: Vec<f64> = (0..15).map(|i| y[i + 1] / (ORGANS[i].0 * size)).collect();
    let cv: Vec<f64> = (0..15).map(|i| c[i] * bp / ORGANS[i].2).collect();
    let (c_art, c_ven) = (y[16] / (1.8 * size), y[17] / (3.9 * size));
    let drained = |organs: &[usize]| add(organs.iter().map(|&j| q[j] * cv[j]));
    let mut out = vec![-ka * y[0]];
    for i in 0..15 {
        let kp = ORGANS[i].2;
        out.push(match i {
            GUT => q[i] * (c_art - cv[i]) + ka * fa * y[0],
            KIDNEY => q[i] * (c_art - cv[i]) - clr * c[i] / kp,
            LUNG => co * (c_ven - cv[i]),
            LIVER => {
                q[i] * c_art + drained(&SPLANCHNIC) - q_hep * cv[i] - clint * fup * c[i] / kp
            }
            _ => q[i] * (c_art - cv[i]),
        });
    }
    out.push(co * (cv[LUNG] - c_art));
    out.push(drained(&SYSTEMIC) + q_hep * cv[LIVER] - co * c_ven);
    out
}

#[test]
fn w4() {
    let values = [
        ("bw", 51.3),
        ("ka", 1.2),
        ("fa", 0.94),
        ("fup", 0.23),
        ("bp", 0.91),
        ("clint", 153.0),
        ("clr", 2.1),
    ];
    let example = Example::open("w4-pbpk");
    let system = example.with(&values);
    let y: [f64; 18] = std::array::from_fn(|i| 0.3 + 1.7 * i as f64);
    let got = rates(&system, &example.twin(&system, &values), &y);
    assert_bits(&got, &pbpk_by_hand(&values, &y));
    assert_eq!(system.linear.as_deref(), Some(&[][..]));
    // The lumen 1; fifteen organs their own and what flows in, 30; from the lumen to the gut 1;
    // into the liver 4; arteries 2; veins 11.
    assert_eq!(system.jacobian.entries.len(), 49);
}
