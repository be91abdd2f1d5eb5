//! Parameters that are not known: drawn once a repetition, for all of its twins alike.

use proband_tests::{open, plan, repeated};

const TRIAL: &str = r#"
trial.id = "UNKNOWN"
output.level = "records"
simulation.replicates = 400
simulation.uncertainty = true
model.m.text = '''
model m
time day
param a = 5 mg
param b = 1 mg ~ normal sd 1 mg
param c = 2
observe first = a
observe second = b
observe third = c
'''
[model.m.uncertainty]
parameters.a = { normal = { mean = 0.005, sd = 0.002 }, unit = "g" }
parameters.b = { normal = { mean = 7, sd = 3 }, unit = "mg" }
correlations = [["a", "b", 0.8]]
[design]
participants = 2
[epoch.treatment]
duration = "2 day"
[arm.one]
[[encounter]]
at = "day 2"
"#;

fn values(toml: &str, files: &[(&str, &str)], parameter: &str) -> Vec<(u32, f64)> {
    let tables = repeated(&plan(&open(toml, files)));
    let rows = tables.having("adlb", &[("PARAMCD", parameter)]);
    rows.iter().map(|row| (row.number("REPLICATE") as u32, row.number("AVAL"))).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let products = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b));
    products.sum::<f64>() / (a.len() - 1) as f64
}

#[test]
fn typical_values_are_drawn_once_a_repetition() {
    let first = values(TRIAL, &[], "FIRST");
    assert_eq!(first.len(), 800);
    let pairs: Vec<f64> = first
        .chunks(2)
        .map(|pair| {
            assert_eq!(pair[0], pair[1], "one value for all twins of a repetition");
            pair[0].1
        })
        .collect();
    // Mean 5 mg and SD 2 mg over 400 repetitions, to 4 standard errors: 0.1 of the mean, and
    // 2 / sqrt(2 * 399) = 0.071 of the SD.
    assert!((mean(&pairs) - 5.0).abs() < 0.4, "{}", mean(&pairs));
    assert!((covariance(&pairs, &pairs).sqrt() - 2.0).abs() < 0.28);
    // Twins vary about the typical value of their repetition: the difference of two has variance 2.
    let second = values(TRIAL, &[], "SECOND");
    let (one, other): (Vec<f64>, Vec<f64>) =
        second.chunks(2).map(|pair| (pair[0].1, pair[1].1)).unzip();
    let within: Vec<f64> = one.iter().zip(&other).map(|(a, b)| a - b).collect();
    // 2 (1 +- 4 sqrt(2 / 399)).
    assert!((covariance(&within, &within) - 2.0).abs() < 0.57);
    // The covariance of two twins is the variance between repetitions, 9; its standard error is about
    // sqrt((10^2 + 9^2) / 399) = 0.67.
    assert!((covariance(&one, &other) - 9.0).abs() < 2.7);
    // Correlated as told: 0.8 * 2 * 3 = 4.8, with a standard error of sqrt((4 * 10 + 4.8^2) / 399) = 0.4.
    assert!((covariance(&pairs, &one) - 4.8).abs() < 1.6);
}

#[test]
fn without_the_word_nothing_is_drawn() {
    let known = TRIAL.replace("uncertainty = true", "uncertainty = false");
    assert!(
        values(&known, &[], "FIRST")
            .iter()
            .all(|(_, value)| value.to_bits() == 5.0_f64.to_bits())
    );
}

#[test]
fn an_arm_that_fixes_a_parameter_knows_it() {
    let fixed = TRIAL.replace("[arm.one]", "[arm.one]\nparameters.a = \"4 mg\"");
    assert!(
        values(&fixed, &[], "FIRST")
            .iter()
            .all(|(_, value)| value.to_bits() == 4.0_f64.to_bits())
    );
}

#[test]
fn rows_of_a_posterior_are_drawn_whole() {
    let start = TRIAL.find("parameters.a").unwrap();
    let end = TRIAL.find("[design]").unwrap();
    let toml = format!("{}file = \"draws.csv\"\n{}", &TRIAL[..start], &TRIAL[end..]);
    let files = [("draws.csv", "chain,a,c\n1,1,10\n1,2,20\n2,3,30\n2,4,40\n")];
    let first = values(&toml, &files, "FIRST");
    let third = values(&toml, &files, "THIRD");
    let mut times = [0_usize; 5];
    for ((_, a), (_, c)) in first.iter().zip(&third) {
        assert_eq!(c.to_bits(), (10.0 * a).to_bits());
        times[*a as usize] += 1;
    }
    // 100 of 400 each, give or take 4 sqrt(400 * 3 / 16) = 35; two twins a repetition.
    assert!(times[1..].iter().all(|count| count.abs_diff(200) < 70), "{times:?}");
}
