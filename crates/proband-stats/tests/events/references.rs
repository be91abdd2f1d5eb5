//! Numbers from other programs.

use proband_stats::Level;
use proband_stats::lifetimes::{Lifetime, gompertz, lifetime_regression};
use proband_stats::recurrent::{Histories, lwyy};
use proband_stats::regression::Regressor;
use proband_stats::survival::{CoxModel, FollowUp, Intervals, Ties};

use crate::near;

/// Named columns of a data set of the reference pack, whose page says where it is from.
fn columns<const N: usize>(file: &str, names: [&str; N]) -> [Vec<String>; N] {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certification/data/");
    let text = std::fs::read_to_string(format!("{folder}{file}")).unwrap();
    let mut lines = text.lines().map(|l| l.split(',').map(|f| f.trim_matches('"').to_owned()));
    let head: Vec<String> = lines.next().unwrap().collect();
    let rows: Vec<Vec<String>> = lines.map(Iterator::collect).collect();
    names.map(|name| {
        let place = head.iter().position(|h| h == name).unwrap();
        rows.iter().map(|row| row[place].clone()).collect()
    })
}

fn numbers(column: &[String]) -> Vec<f64> {
    column.iter().map(|v| v.parse().unwrap()).collect()
}

fn is(column: &[String], value: &str) -> Vec<f64> {
    column.iter().map(|v| f64::from(u8::from(v == value))).collect()
}

/// ovarian.csv, time on the second arm: the likelihood written out and maximised with 40 digits by mpmath 1.3
/// (`findroot` on its gradient, the inverse of its Hessian).
#[test]
fn lifetimes_by_arbitrary_precision() {
    let [time, event, arm] = columns("ovarian.csv", ["futime", "fustat", "rx"]);
    let (time, arm) = (numbers(&time), is(&arm, "2"));
    let event: Vec<bool> = event.iter().map(|e| e == "1").collect();
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let columns = [Regressor::Numbers(&arm)];
    let expected: [(Lifetime, [f64; 3], [f64; 3], f64); 2] = [
        (
            Lifetime::LogNormal,
            [6.354_493_720_702_028, 0.786_442_370_822_863_8, 0.160_096_992_410_089_5],
            [0.370_668_730_003_616, 0.526_910_159_982_395_8, 0.226_741_202_520_173_6],
            -96.040_821_210_533_78,
        ),
        (
            Lifetime::LogLogistic,
            [6.361_107_289_084_951, 0.685_123_895_386_568_6, -0.359_493_595_780_194_6],
            [0.374_171_406_586_987_9, 0.536_549_870_368_641_3, 0.246_685_318_959_347_5],
            -96.521_534_369_297_31,
        ),
    ];
    for (lifetime, values, errors, log_likelihood) in expected {
        let fit = lifetime_regression(&follow_up, &columns, lifetime).unwrap();
        near(fit.log_likelihood, log_likelihood, 1e-12);
        for k in 0..3 {
            near(fit.coefficients.values()[k], values[k], 1e-9);
            near(fit.coefficients.covariance(k, k).unwrap().sqrt(), errors[k], 1e-9);
        }
    }
    let fit = gompertz(&follow_up, &columns).unwrap();
    near(fit.log_likelihood, -97.388_060_475_020_74, 1e-12);
    let values =
        [-6.716_117_634_839_018, -0.594_009_608_974_071_9, -0.000_432_780_078_767_116_3];
    let errors = [0.517_854_443_419_024_1, 0.587_031_255_763_773_4, 0.001_057_182_130_508_168];
    for k in 0..3 {
        near(fit.coefficients.values()[k], values[k], 1e-9);
        near(fit.coefficients.covariance(k, k).unwrap().sqrt(), errors[k], 1e-9);
    }
}

/// veteran.csv with late entry at (row modulo 5)/10.7 of the time (at no event time, where conventions differ): `PHReg` of statsmodels 0.15, to which its optimiser
/// holds about seven digits.
#[test]
fn late_entry_and_strata_by_statsmodels() {
    let [time, status, arm, karno, cell] =
        columns("veteran.csv", ["time", "status", "trt", "karno", "celltype"]);
    let (time, arm, karno) = (numbers(&time), is(&arm, "2"), numbers(&karno));
    let event: Vec<bool> = status.iter().map(|s| s == "1").collect();
    let entry: Vec<f64> =
        time.iter().enumerate().map(|(row, t)| (row % 5) as f64 * t / 10.7).collect();
    let cells: Vec<usize> =
        cell.iter().map(|c| cell.iter().position(|d| d == c).unwrap()).collect();
    let rows = Intervals::new(&entry, &time, &event).unwrap();
    let columns = [Regressor::Numbers(&arm), Regressor::Numbers(&karno)];
    let one = vec![0; time.len()];
    let expected = [
        (
            Ties::Efron,
            &one,
            [0.155_955_465_1, -0.026_609_360_4],
            [0.183_856_428, 0.005_114_938_47],
        ),
        (
            Ties::Efron,
            &cells,
            [0.194_600_364, -0.029_484_389_1],
            [0.199_859_069_9, 0.005_598_396_7],
        ),
        (
            Ties::Breslow,
            &one,
            [0.152_027_223_6, -0.026_388_952_3],
            [0.183_785_757_6, 0.005_116_075],
        ),
        (
            Ties::Breslow,
            &cells,
            [0.188_061_891_7, -0.029_189_732_4],
            [0.199_605_983_1, 0.005_592_640_65],
        ),
    ];
    for (ties, strata, values, errors) in expected {
        let fit = CoxModel::counting(&rows, &columns, strata, ties).unwrap().fit().unwrap();
        for k in 0..2 {
            near(fit.coefficients.values()[k], values[k], 1e-7);
            near(fit.coefficients.covariance(k, k).unwrap().sqrt(), errors[k], 1e-8);
        }
    }
}

/// Thirty histories made for this test. Estimate and plain error by `CoxPHFitter` of lifelines 0.30.3 with an entry column;
/// the robust error by numpy 2 from its definition, event by event over all rows (that of lifelines leaves the entry out of
/// its score residuals, and gives 0.187).
#[test]
fn recurrent_events_by_other_programs() {
    let follow_up = [
        8.83, 4.27, 9.39, 8.06, 4.39, 4.01, 8.84, 6.69, 4.09, 9.71, 8.05, 5.16, 7.68, 9.09,
        6.41, 9.54, 8.97, 6.68, 9.34, 8.18, 6.1, 9.65, 9.23, 9.0, 8.38, 5.15, 5.76, 7.01, 5.21,
        5.45,
    ];
    let who = [
        0, 0, 0, 1, 3, 4, 4, 4, 4, 5, 7, 7, 8, 9, 9, 10, 10, 10, 10, 10, 10, 11, 12, 13, 13,
        14, 15, 15, 15, 16, 16, 16, 16, 16, 17, 17, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19,
        19, 19, 19, 20, 21, 21, 22, 22, 22, 22, 22, 22, 23, 24, 24, 24, 24, 26, 26, 26, 26, 26,
        26, 26, 26, 26, 27, 27, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 29, 29, 29,
    ];
    let when = [
        4.46, 4.71, 8.36, 3.55, 3.41, 0.63, 1.87, 3.98, 4.05, 1.26, 0.74, 5.83, 3.68, 1.7,
        3.81, 1.1, 1.62, 1.78, 3.76, 6.62, 7.84, 0.92, 0.97, 2.06, 6.94, 1.03, 0.75, 3.7, 4.16,
        1.69, 2.21, 5.59, 6.71, 8.89, 0.58, 1.55, 0.81, 2.8, 3.12, 4.69, 5.05, 6.04, 7.95, 9.3,
        0.64, 3.03, 3.8, 4.0, 6.88, 7.2, 4.29, 2.8, 9.17, 0.96, 2.58, 4.79, 4.89, 4.95, 5.82,
        4.55, 2.31, 5.64, 7.43, 8.05, 0.09, 0.14, 0.58, 1.29, 1.49, 4.04, 4.25, 4.35, 5.06,
        2.53, 3.43, 0.37, 1.52, 1.6, 2.55, 2.79, 2.89, 2.9, 2.92, 3.29, 3.9, 3.99, 4.95, 0.23,
        2.3, 4.29,
    ];
    let arm: Vec<f64> = (0..30).map(|k| f64::from(k % 2)).collect();
    let histories = Histories::new(&follow_up, &who, &when).unwrap();
    let fit = lwyy(&histories, &[&arm], Ties::Efron).unwrap();
    let plain = fit.andersen_gill.hazard_ratio(0, Level::P95).unwrap().log.estimate;
    near(plain.value, -0.724_919_603_911_459_4, 1e-9);
    near(plain.se, 0.225_736_397_298_510_08, 1e-9);
    near(fit.robust.covariance(0, 0).unwrap().sqrt(), 0.288_353_850_773_393_04, 1e-9);
}
