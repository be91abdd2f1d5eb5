//! The workloads: parameters of a patient, right-hand sides, outputs, doses.

use crate::scalar::Scalar;
use std::path::Path;

#[derive(Clone, Copy, PartialEq)]
pub enum Model {
    TwoCompartments,
    Response,
    Friberg,
    Pbpk { saturable: bool },
}

pub struct Workload {
    pub model: Model,
    pub states: usize,
    pub width: usize,
    pub times: Vec<f64>,
    /// When how much is given, over what time.
    pub doses: Vec<(f64, f64, f64)>,
    /// A row for each patient.
    pub parameters: Vec<Vec<f64>>,
    reference: Vec<Vec<f64>>,
}

const V: [f64; 15] =
    [14.5, 10.5, 1.45, 1.02, 0.33, 0.31, 1.80, 0.53, 29.0, 0.14, 3.3, 0.15, 0.15, 0.035, 2.0];
const Q: [f64; 15] = [
    19.5, 19.5, 46.8, 58.5, 15.6, 74.1, 25.35, 390.0, 66.3, 3.9, 19.5, 11.7, 3.9, 0.195, 25.155,
];
const KP: [f64; 15] =
    [4.0, 0.9, 1.6, 1.4, 1.2, 2.0, 3.5, 1.3, 1.1, 1.5, 1.8, 1.4, 1.3, 1.2, 1.0];
const GUT: usize = 3;
const KIDNEY: usize = 5;
const LIVER: usize = 6;
const LUNG: usize = 7;
const SPLANCHNIC: [usize; 4] = [GUT, 9, 11, 12];
const SYSTEMIC: [usize; 9] = [0, 1, 2, 4, 5, 8, 10, 13, 14];
const BP: f64 = 0.9;
const FUP: f64 = 0.2;
const FA: f64 = 0.95;
const KM: f64 = 0.05;

impl Workload {
    pub fn load(name: &str, patients: usize) -> Self {
        let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let references = benches.join("../crates/proband-ode/tests/data");
        let (model, states, width, population) = match name {
            "W1" => (Model::TwoCompartments, 3, 1, "W1"),
            "W2" => (Model::Response, 4, 2, "W2"),
            "W3" => (Model::Friberg, 7, 2, "W3"),
            "W4" => (Model::Pbpk { saturable: false }, 18, 5, "W4"),
            "W4n" => (Model::Pbpk { saturable: true }, 18, 5, "W4"),
            _ => panic!("no such workload"),
        };
        let folder = if name == "W4n" { benches.join("data") } else { references };
        let people = table(&benches.join(format!("data/{population}-population.csv")));
        let spaced = |count: u32, apart: f64| -> Vec<f64> {
            (0..=count).map(|k| f64::from(k) * apart).collect()
        };
        let (times, doses) = match model {
            Model::TwoCompartments | Model::Response => (
                spaced(112, 6.0),
                (0..28).map(|k| (24.0 * f64::from(k), 100.0, 0.0)).collect(),
            ),
            Model::Friberg => {
                (spaced(84, 24.0), (0..4).map(|k| (504.0 * f64::from(k), 180.0, 1.0)).collect())
            }
            Model::Pbpk { .. } => (spaced(48, 1.0), vec![(0.0, 100.0, 0.0)]),
        };
        Self {
            model,
            states,
            width,
            times,
            doses,
            parameters: people
                .iter()
                .take(patients)
                .map(|person| parameters(model, person))
                .collect(),
            reference: table(&folder.join(format!("{name}.csv"))),
        }
    }

    /// The error of outputs by patient, time and output; see the README.
    pub fn error(&self, found: &[f64]) -> f64 {
        let rows = self.times.len();
        let mut worst = 0.0_f64;
        for (patient, found) in
            self.reference.chunks(rows).zip(found.chunks(rows * self.width))
        {
            for output in 0..self.width {
                let value = |row: &Vec<f64>| row[row.len() - self.width + output];
                let greatest = patient.iter().map(|row| value(row).abs()).fold(0.0, f64::max);
                for (row, found) in patient.iter().zip(found.chunks(self.width)) {
                    let scale = value(row).abs().max(1e-3 * greatest);
                    let off = (found[output] - value(row)).abs() / scale;
                    worst = worst.max(if off.is_nan() { f64::INFINITY } else { off });
                }
            }
        }
        worst
    }
}

/// The rows of a table of numbers, without its head.
fn table(path: &Path) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(path).expect("a table");
    let row =
        |line: &str| line.split(',').map(|field| field.parse().expect("a number")).collect();
    text.lines().skip(1).map(row).collect()
}

fn parameters(model: Model, row: &[f64]) -> Vec<f64> {
    match (model, row) {
        (Model::TwoCompartments, &[_, ka, cl, v1, q, v2]) => {
            vec![ka, cl / v1, q / v1, q / v2, v1]
        }
        (Model::Response, &[_, ka, cl, v1, q, v2, imax, ic50, kin, kout]) => {
            vec![ka, cl / v1, q / v1, q / v2, v1, imax, ic50, kin, kout]
        }
        (Model::Friberg, &[_, cl, v1, q, v2, circ0, mtt, slope, gamma]) => {
            vec![cl / v1, q / v1, q / v2, v1, circ0, 4.0 / mtt, slope, gamma]
        }
        (Model::Pbpk { .. }, &[_, bw, clint, clr, ka]) => pbpk(bw, clint, clr, ka),
        _ => panic!("another table was expected"),
    }
}

/// Outflow rate constants, inflows, then single numbers.
fn pbpk(bw: f64, clint: f64, clr: f64, ka: f64) -> Vec<f64> {
    let size = bw / 70.0;
    let (v, q) = (V.map(|v| v * size), Q.map(|q| q * size.powf(0.75)));
    let mut through = q;
    through[LIVER] += SPLANCHNIC.iter().map(|&organ| q[organ]).sum::<f64>();
    let out = (0..15).map(|organ| through[organ] * BP / KP[organ] / v[organ]);
    // An amount in the liver times this is the unbound concentration.
    let unbound = FUP / KP[LIVER] / v[LIVER];
    let single = [
        ka,
        1.0 / (1.8 * size),
        1.0 / (3.9 * size),
        clr / KP[KIDNEY] / v[KIDNEY],
        clint * KM,
        KM / unbound,
        3.9 * size * BP,
        v[LIVER],
        v[2],
        v[8],
        v[0],
    ];
    out.chain(q).chain(single).collect()
}

/// Initial values.
pub fn start(model: Model, p: &[f64], y: &mut [f64]) {
    y.fill(0.0);
    match model {
        Model::Response => y[3] = p[7] / p[8],
        Model::Friberg => y[2..].fill(p[4]),
        _ => {}
    }
}

/// Derivatives, with something flowing into the first state.
#[inline(always)]
pub fn rhs<T: Scalar>(model: Model, y: &[T], p: &[f64], flow: f64, dy: &mut [T]) {
    let c = |at: usize| T::from(p[at]);
    match model {
        Model::TwoCompartments | Model::Response => {
            let (absorbed, over, back) = (c(0) * y[0], c(2) * y[1], c(3) * y[2]);
            dy[0] = -absorbed;
            dy[1] = absorbed - c(1) * y[1] - over + back;
            dy[2] = over - back;
            if model == Model::Response {
                let cp = y[1] / c(4);
                let inhibited = T::from(1.0) - c(5) * cp / (c(6) + cp);
                dy[3] = c(7) * inhibited - c(8) * y[3];
            }
        }
        Model::Friberg => {
            let (over, back, ktr) = (c(1) * y[0], c(2) * y[1], c(5));
            dy[0] = T::from(flow) - c(0) * y[0] - over + back;
            dy[1] = over - back;
            let drug = c(6) * y[0] / c(3);
            let feedback = (c(4) / y[6]).power(p[7]);
            let one = T::from(1.0);
            dy[2] = ktr * y[2] * ((one - drug) * feedback - one);
            for at in 3..7 {
                dy[at] = ktr * (y[at - 1] - y[at]);
            }
        }
        Model::Pbpk { saturable } => {
            let leaves: [T; 15] = std::array::from_fn(|organ| c(organ) * y[organ + 1]);
            let (arterial, venous) = (y[16] * c(31), y[17] * c(32));
            dy[0] = -(c(30) * y[0]);
            for organ in 0..15 {
                dy[organ + 1] = c(15 + organ) * arterial - leaves[organ];
            }
            dy[1 + GUT] = dy[1 + GUT] + T::from(FA) * c(30) * y[0];
            dy[1 + KIDNEY] = dy[1 + KIDNEY] - c(33) * y[1 + KIDNEY];
            let liver = y[1 + LIVER];
            let cleared = if saturable {
                c(34) * liver / (c(35) + liver)
            } else {
                T::from(p[34] / p[35]) * liver
            };
            let mut portal = leaves[SPLANCHNIC[0]];
            SPLANCHNIC[1..].iter().for_each(|&organ| portal = portal + leaves[organ]);
            dy[1 + LIVER] = dy[1 + LIVER] + portal - cleared;
            dy[1 + LUNG] = c(15 + LUNG) * venous - leaves[LUNG];
            dy[16] = leaves[LUNG] - c(15 + LUNG) * arterial;
            let mut veins = leaves[LIVER];
            SYSTEMIC.iter().for_each(|&organ| veins = veins + leaves[organ]);
            dy[17] = veins - c(15 + LUNG) * venous;
        }
    }
}

/// What is observed.
pub fn outputs(model: Model, y: &[f64], p: &[f64], out: &mut [f64]) {
    match model {
        Model::TwoCompartments => out[0] = y[1] / p[4],
        Model::Response => out.copy_from_slice(&[y[1] / p[4], y[3]]),
        Model::Friberg => out.copy_from_slice(&[y[0] / p[3], y[6]]),
        Model::Pbpk { .. } => {
            let tissues = [y[7] / p[37], y[3] / p[38], y[9] / p[39], y[1] / p[40]];
            out[0] = y[17] / p[36];
            out[1..].copy_from_slice(&tissues);
        }
    }
}
