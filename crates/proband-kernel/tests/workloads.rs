//! The right-hand sides of the reference workloads W1 to W4: the bits of the same equations typed
//! by hand, at every width, and with everything of twin level in the prelude.

mod sketch;

use proband_kernel::system::*;
use proband_kernel::{Rows, SystemBuilder};
use proband_lang::Start;
use proband_math::pow;
use proband_math::vector::Simd;
use sketch::*;
use std::collections::BTreeMap;

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

fn build(sketch: &Sketch) -> System {
    let mut builder = SystemBuilder::new(unit());
    builder.add_model(&sketch.model, ModelOptions::default());
    builder.build().expect("a whole model")
}

#[track_caller]
fn assert_bits(got: &[f64], expected: &[f64]) {
    let bits = |x: &[f64]| -> Vec<u64> { x.iter().map(|x| x.to_bits()).collect() };
    assert_eq!(bits(got), bits(expected), "{got:?} for {expected:?}");
}

/// The model of W1, in which W2's stands.
fn two_compartments(s: &mut Sketch) -> E {
    let [ka, cl, v1, q, v2] =
        [("ka", 1.1), ("cl", 5.3), ("v1", 51.7), ("q", 8.0), ("v2", 103.0)]
            .map(|(name, value)| s.param(name, value, None, None));
    let [depot, a1, a2] = ["depot", "a1", "a2"].map(|name| s.zero_state(name));
    s.rate(&depot, -ka.clone() * &depot);
    s.rate(&a1, &ka * &depot - (&cl / &v1) * &a1 - (&q / &v1) * &a1 + (&q / &v2) * &a2);
    s.rate(&a2, (&q / &v1) * &a1 - (&q / &v2) * &a2);
    s.define("cp", &a1 / &v1)
}

fn two_compartments_by_hand([depot, a1, a2]: [f64; 3]) -> [f64; 3] {
    let (ka, cl, v1, q, v2) = (1.1, 5.3, 51.7, 8.0, 103.0);
    [
        -ka * depot,
        ka * depot - (cl / v1) * a1 - (q / v1) * a1 + (q / v2) * a2,
        (q / v1) * a1 - (q / v2) * a2,
    ]
}

#[test]
fn w1() {
    let mut s = Sketch::new();
    two_compartments(&mut s);
    let system = build(&s);
    let states = [83.1, 12.7, 3.3];
    assert_bits(&rates(&system, &[], &states), &two_compartments_by_hand(states));
    assert!(system.linear);
    assert_eq!(system.jacobian.entries, [(0, 0), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)]);
    assert!(system.time_derivative.is_none());
}

/// `-ka`, `cl/v1`, `q/v1` and `q/v2` wait in the prelude once parameters differ between twins:
/// nine operations are left of the thirteen.
#[test]
fn what_depends_on_the_twin_alone_is_computed_once() {
    let mut s = Sketch::new();
    two_compartments(&mut s);
    let mut builder = SystemBuilder::new(unit());
    let rows: BTreeMap<usize, Typical> = (0..5).map(|at| (at, Typical::Row)).collect();
    builder.add_model(&s.model, ModelOptions { typical: rows, ..ModelOptions::default() });
    let system = builder.build().expect("a whole model");
    assert_eq!(system.twin.len(), 5);
    // Five individual parameters, the four, and the two entries of the Jacobian that are none.
    assert_eq!(system.derived, 11);
    assert_eq!(system.rates.instructions(), 9);
    let states = [83.1, 12.7, 3.3];
    let got = rates(&system, &[1.1, 5.3, 51.7, 8.0, 103.0], &states);
    assert_bits(&got, &two_compartments_by_hand(states));
    // Constant coefficients: the Jacobian is nothing but copies of rows.
    assert_eq!(system.jacobian.program.registers(), 0);
}

#[test]
fn w2() {
    let mut s = Sketch::new();
    let cp = two_compartments(&mut s);
    let [imax, ic50, kin, kout] =
        [("imax", 0.9), ("ic50", 0.53), ("kin", 10.0), ("kout", 0.11)]
            .map(|(name, value)| s.param(name, value, None, None));
    let r = s.state("r", Start::Value((&kin / &kout).0));
    s.rate(&r, &kin * (num(1.0) - &imax * &cp / (&ic50 + &cp)) - &kout * &r);
    let system = build(&s);
    let [depot, a1, a2, r] = [83.1, 12.7, 3.3, 71.9];
    let (imax, ic50, kin, kout) = (0.9, 0.53, 10.0, 0.11);
    let cp = a1 / 51.7;
    let mut expected = two_compartments_by_hand([depot, a1, a2]).to_vec();
    expected.push(kin * (1.0 - imax * cp / (ic50 + cp)) - kout * r);
    assert_bits(&rates(&system, &[], &[depot, a1, a2, r]), &expected);
    assert!(!system.linear);
    let mut start = system.start.kernel();
    let rows = Rows {
        lanes: 1,
        twin: &vec![0.0; system.twin_rows()],
        signals: &[],
        t: &[0.0],
        states: &[],
    };
    assert_bits(start.lane(&rows, 0).expect("no search"), &[0.0, 0.0, 0.0, kin / kout]);
}

#[test]
fn w3() {
    let mut s = Sketch::new();
    let [cl, v1, q, v2, circ0, mtt, slope, gamma] = [
        ("cl", 37.1),
        ("v1", 9.2),
        ("q", 8.0),
        ("v2", 80.0),
        ("circ0", 5.05),
        ("mtt", 88.7),
        ("slope", 10.6),
        ("gamma", 0.161),
    ]
    .map(|(name, value)| s.param(name, value, None, None));
    let [a1, a2] = ["a1", "a2"].map(|name| s.zero_state(name));
    let [prol, t1, t2, t3, circ] = ["prol", "t1", "t2", "t3", "circ"]
        .map(|name| s.state(name, Start::Value(circ0.0.clone())));
    let cp = s.define("cp", &a1 / &v1);
    let ktr = s.define("ktr", num(4.0) / &mtt);
    let edrug = s.define("edrug", &slope * &cp);
    let feedback = s.define("feedback", pow_of(&circ0 / &circ, gamma));
    s.rate(&a1, -(&cl / &v1) * &a1 - (&q / &v1) * &a1 + (&q / &v2) * &a2);
    s.rate(&a2, (&q / &v1) * &a1 - (&q / &v2) * &a2);
    s.rate(&prol, &ktr * &prol * ((num(1.0) - &edrug) * &feedback - num(1.0)));
    s.rate(&t1, &ktr * (&prol - &t1));
    s.rate(&t2, &ktr * (&t1 - &t2));
    s.rate(&t3, &ktr * (&t2 - &t3));
    s.rate(&circ, &ktr * (&t3 - &circ));
    let system = build(&s);
    let states = [1.3, 2.9, 3.1, 4.2, 4.4, 4.6, 3.7];
    let [a1, a2, prol, t1, t2, t3, circ] = states;
    let (cl, v1, q, v2) = (37.1, 9.2, 8.0, 80.0);
    let ktr = 4.0 / 88.7;
    let edrug = 10.6 * (a1 / v1);
    let feedback = pow(5.05 / circ, 0.161);
    let expected = [
        -(cl / v1) * a1 - (q / v1) * a1 + (q / v2) * a2,
        (q / v1) * a1 - (q / v2) * a2,
        ktr * prol * ((1.0 - edrug) * feedback - 1.0),
        ktr * (prol - t1),
        ktr * (t1 - t2),
        ktr * (t2 - t3),
        ktr * (t3 - circ),
    ];
    assert_bits(&rates(&system, &[], &states), &expected);
    assert_eq!(system.jacobian.entries.len(), 15);
}

fn pow_of(a: E, b: E) -> E {
    sketch::pow(a, b)
}

/// Name, reference volume, reference flow (of the lung none), partition coefficient.
const ORGANS: [(&str, f64, f64, f64); 15] = [
    ("adipose", 14.5, 19.5, 4.0),
    ("bone", 10.5, 19.5, 0.9),
    ("brain", 1.45, 46.8, 1.6),
    ("gut", 1.02, 58.5, 1.4),
    ("heart", 0.33, 15.6, 1.2),
    ("kidney", 0.31, 74.1, 2.0),
    ("liver", 1.80, 25.35, 3.5),
    ("lung", 0.53, 0.0, 1.3),
    ("muscle", 29.0, 66.3, 1.1),
    ("pancreas", 0.14, 3.9, 1.5),
    ("skin", 3.3, 19.5, 1.8),
    ("spleen", 0.15, 11.7, 1.4),
    ("stomach", 0.15, 3.9, 1.3),
    ("gonads", 0.035, 0.195, 1.2),
    ("rest", 2.0, 25.155, 1.0),
];
const GUT: usize = 3;
const KIDNEY: usize = 5;
const LIVER: usize = 6;
const LUNG: usize = 7;
/// They drain into the liver.
const SPLANCHNIC: [usize; 4] = [GUT, 9, 11, 12];
/// They drain into the veins.
const SYSTEMIC: [usize; 9] = [0, 1, 2, 4, 5, 8, 10, 13, 14];

fn sum(mut terms: impl Iterator<Item = E>) -> E {
    let first = terms.next().expect("a set has members");
    terms.fold(first, |sum, term| sum + term)
}

fn pbpk() -> Sketch {
    let mut s = Sketch::new();
    let bw = s.covariate("bw");
    let [ka, fa, fup, bp, clint, clr] =
        [("ka", 1.0), ("fa", 0.95), ("fup", 0.2), ("bp", 0.9), ("clint", 150.0), ("clr", 2.0)]
            .map(|(name, value)| s.param(name, value, None, None));
    let size = s.define("size", &bw / &num(70.0));
    let scale = || sketch::pow(size.clone(), num(0.75));
    let v = ORGANS.map(|(_, v_ref, ..)| s.define("v", num(v_ref) * &size));
    let q = ORGANS.map(|(_, _, q_ref, _)| s.define("q", num(q_ref) * scale()));
    let co = s.define("co", num(390.0) * scale());
    let v_art = s.define("v_art", num(1.8) * &size);
    let v_ven = s.define("v_ven", num(3.9) * &size);
    let q_hep = s.define("q_hep", &q[LIVER] + sum(SPLANCHNIC.iter().map(|&j| q[j].clone())));
    let lumen = s.zero_state("lumen");
    let a = ORGANS.map(|(name, ..)| s.zero_state(name));
    let [a_art, a_ven] = ["a_art", "a_ven"].map(|name| s.zero_state(name));
    let c: Vec<E> = (0..15).map(|i| s.define("c", &a[i] / &v[i])).collect();
    let cv: Vec<E> = (0..15).map(|i| s.define("cv", &c[i] * &bp / num(ORGANS[i].3))).collect();
    let c_art = s.define("c_art", &a_art / &v_art);
    let c_ven = s.define("c_ven", &a_ven / &v_ven);
    s.rate(&lumen, -ka.clone() * &lumen);
    for i in 0..15 {
        let perfused = &q[i] * (&c_art - &cv[i]);
        let kp = num(ORGANS[i].3);
        let rate = match i {
            GUT => perfused + &ka * &fa * &lumen,
            KIDNEY => perfused - &clr * &c[i] / kp,
            LUNG => &co * (&c_ven - &cv[i]),
            LIVER => {
                &q[i] * &c_art + sum(SPLANCHNIC.iter().map(|&j| &q[j] * &cv[j]))
                    - &q_hep * &cv[i]
                    - &clint * &fup * &c[i] / kp
            }
            _ => perfused,
        };
        s.rate(&a[i], rate);
    }
    s.rate(&a_art, &co * (&cv[LUNG] - &c_art));
    let drained = sum(SYSTEMIC.iter().map(|&j| &q[j] * &cv[j]));
    s.rate(&a_ven, drained + &q_hep * &cv[LIVER] - &co * &c_ven);
    s
}

fn pbpk_by_hand(bw: f64, y: &[f64; 18]) -> Vec<f64> {
    let (ka, fa, fup, bp, clint, clr) = (1.0, 0.95, 0.2, 0.9, 150.0, 2.0);
    let size = bw / 70.0;
    let q = ORGANS.map(|(_, _, q_ref, _)| q_ref * pow(size, 0.75));
    let co = 390.0 * pow(size, 0.75);
    let q_hep =
        q[LIVER] + (q[SPLANCHNIC[0]] + q[SPLANCHNIC[1]] + q[SPLANCHNIC[2]] + q[SPLANCHNIC[3]]);
    let c: Vec<f64> = (0..15).map(|i| y[i + 1] / (ORGANS[i].1 * size)).collect();
    let cv: Vec<f64> = (0..15).map(|i| c[i] * bp / ORGANS[i].3).collect();
    let (c_art, c_ven) = (y[16] / (1.8 * size), y[17] / (3.9 * size));
    let add = |terms: &[usize]| {
        terms.iter().map(|&j| q[j] * cv[j]).reduce(|a, b| a + b).expect("some")
    };
    let mut out = vec![-ka * y[0]];
    for i in 0..15 {
        out.push(match i {
            GUT => q[i] * (c_art - cv[i]) + ka * fa * y[0],
            KIDNEY => q[i] * (c_art - cv[i]) - clr * c[i] / 2.0,
            LUNG => co * (c_ven - cv[i]),
            LIVER => q[i] * c_art + add(&SPLANCHNIC) - q_hep * cv[i] - clint * fup * c[i] / 3.5,
            _ => q[i] * (c_art - cv[i]),
        });
    }
    out.push(co * (cv[LUNG] - c_art));
    out.push(add(&SYSTEMIC) + q_hep * cv[LIVER] - co * c_ven);
    out
}

#[test]
fn w4() {
    let sketch = pbpk();
    let system = build(&sketch);
    let y: [f64; 18] = std::array::from_fn(|i| 0.3 + 1.7 * i as f64);
    for bw in [51.3, 70.0, 88.9] {
        assert_bits(&rates(&system, &[bw], &y), &pbpk_by_hand(bw, &y));
    }
    assert!(system.linear);
    // The lumen 1; fifteen organs their own and what flows in, 30; from the lumen to the gut 1;
    // into the liver 4; arteries 2; veins 11.
    assert_eq!(system.jacobian.entries.len(), 49);
}
