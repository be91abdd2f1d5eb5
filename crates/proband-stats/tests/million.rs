//! A million rows: within memory and seconds, and to the expected value.

use proband_stats::Level;
use proband_stats::ancova::{AncovaLayout, AncovaSums};
use proband_stats::binary::{Proportion, clopper_pearson, fisher_exact, miettinen_nurminen};
use proband_stats::descriptive::Moments;
use proband_stats::mixed::{Covariance, Inference, RepeatedMeasures, mmrm};
use proband_stats::rank::{hodges_lehmann, rank_sum};
use proband_stats::survival::{
    CurveInterval, FollowUp, LogRankWeights, Ties, cox, kaplan_meier, logrank,
};

const ROWS: u64 = 1_000_000;
const L: Level = Level::P95;

/// Evenly spread points in 0..1: the multiples of the golden ratio, modulo 1.
fn spread(k: u64) -> f64 {
    (k.wrapping_mul(11_400_714_819_323_198_485) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Six visits of a thousand participants, a tenth of the later ones missing.
#[test]
fn repeated_measures_of_a_thousand() {
    let (mut response, mut participant, mut visit) = (vec![], vec![], vec![]);
    let mut columns: Vec<Vec<f64>> = vec![vec![]; 11];
    for k in 0..1000_usize {
        let arm = (k % 2) as f64;
        for v in 0..6 {
            let at = (k * 6 + v) as u64;
            if v > 0 && spread(3 * at + 1) < 0.1 {
                continue;
            }
            let own = spread(k as u64 + 7_000_000) - 0.5;
            response.push(2.0 * own + spread(at) + 0.1 * v as f64 * arm);
            participant.push(k);
            visit.push(v);
            columns[0].push(arm);
            for late in 1..6 {
                let here = f64::from(u8::from(v == late));
                columns[late].push(here);
                columns[5 + late].push(arm * here);
            }
        }
    }
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let data = RepeatedMeasures {
        response: &response,
        columns: &slices,
        participant: &participant,
        visit: &visit,
        visits: 6,
    };
    let fit = mmrm(&data, Covariance::Unstructured).unwrap().fit;
    let mut last = vec![0.0; 12];
    (last[1], last[11]) = (1.0, 1.0);
    let effect = fit.contrast(&last, Inference::KenwardRogerLinear, L).unwrap();
    assert!((effect.estimate.value - 0.5).abs() < 4.0 * effect.estimate.se, "{effect:?}");
}

#[test]
fn hazards_of_a_million() {
    // Times -ln(u)/rate are exponential with the hazard ratio 0.7.
    let active: Vec<bool> = (0..ROWS).map(|k| k % 2 == 0).collect();
    let group: Vec<f64> = active.iter().map(|&a| f64::from(u8::from(a))).collect();
    let time: Vec<f64> = (0..ROWS)
        .map(|k| {
            let rate = if active[k as usize] { 0.7 } else { 1.0 };
            -libm::log(spread(k) + 1e-12) / rate
        })
        .collect();
    let event: Vec<bool> = time.iter().map(|&t| t < 2.0).collect();
    let time: Vec<f64> = time.iter().map(|&t| t.min(2.0)).collect();
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let fit = cox(&follow_up, &[&group], Ties::Efron).unwrap();
    let ratio = fit.hazard_ratio(0, L).unwrap();
    assert!((ratio.value - 0.7).abs() < 0.005, "{ratio:?}");
    let test = logrank(&follow_up, &active, LogRankWeights::Equal).unwrap();
    assert!(test.z < -100.0);
    let curve = kaplan_meier(&follow_up);
    let at = curve.at(1.0, CurveInterval::LogLog, L).unwrap();
    let expected = 0.5 * (libm::exp(-1.0) + libm::exp(-0.7));
    assert!((at.survival - expected).abs() < 0.003, "{at:?}");
}

#[test]
fn adjusted_difference_of_a_million_without_a_design_matrix() {
    let layout = AncovaLayout { arms: 2, factor_levels: vec![4], covariates: 1 };
    let mut whole = AncovaSums::new(layout.clone());
    for piece in 0..10 {
        let mut part = AncovaSums::new(layout.clone());
        for k in piece * ROWS / 10..(piece + 1) * ROWS / 10 {
            let (arm, site) = ((k % 2) as usize, (k / 2 % 4) as usize);
            let base = 1e6 + spread(k);
            let response =
                5.0 + 0.25 * arm as f64 + site as f64 + 2.0 * spread(k) + spread(k * 3 + 1);
            part.push(arm, &[site], &[base], response).unwrap();
        }
        whole.merge(&part).unwrap();
    }
    let ours = whole.fit().unwrap().difference(1, 0, L).unwrap().estimate;
    assert!((ours.value - 0.25).abs() < 5.0 * ours.se, "{ours:?}");
    // A uniform error of variance 1/12 on half a million rows an arm.
    let expected = (1.0 / 12.0_f64 * 4.0 / ROWS as f64).sqrt();
    assert!((ours.se / expected - 1.0).abs() < 0.01, "{ours:?}");
}

#[test]
fn moments_do_not_drift() {
    let mut moments = Moments::new();
    for k in 0..ROWS {
        moments.push(1e8 + (k % 2) as f64).unwrap();
    }
    assert!((moments.mean().unwrap() - (1e8 + 0.5)).abs() < 1e-7);
    assert!((moments.sd().unwrap() - 0.5).abs() < 1e-6);
}

#[test]
fn proportions_and_ranks_of_a_million() {
    let a = Proportion::new(250_400, 500_000).unwrap();
    let c = Proportion::new(249_600, 500_000).unwrap();
    let exact = clopper_pearson(a, L).unwrap();
    assert!((exact.upper - exact.lower - 2.0 * 1.96 * 0.5 / 500_000_f64.sqrt()).abs() < 1e-5);
    let score = miettinen_nurminen(a, c, L).unwrap();
    assert!(score.contains(0.0016) && score.upper - score.lower < 0.004);
    // The normal approximation is this good here: z = 1.6.
    let fisher = fisher_exact(a, c);
    assert!((fisher.p - 0.1098).abs() < 1e-3, "{fisher:?}");
    let x: Vec<f64> = (0..ROWS / 2).map(|k| spread(k) + 0.1).collect();
    let y: Vec<f64> = (ROWS / 2..ROWS).map(spread).collect();
    assert!((hodges_lehmann(&x, &y, L).unwrap().value - 0.1).abs() < 1e-3);
    let ranks = rank_sum(&x, &y, proband_stats::Continuity::Uncorrected).unwrap();
    assert!(ranks.test.z > 100.0);
}
