//! What visits of a trial see: pressure, clotting, counts of seizures, survival.

use crate::reference::{Reference, prints};
use crate::twin::Setup;

/// 10 mg every day for eight weeks.
#[test]
fn pressure() {
    let paths = Setup::new("pressure", "56 day", "12 h")
        .with("[arm.only]\nregimen = { amount = \"10 mg\", every = \"1 day\", times = 56 }\n")
        .run();
    let error = Reference::of("pressure").error("sbp", &paths.of("only", "sbp"), 24.0);
    assert!(error < 1e-9, "{error:e}");
}

/// The change of a White man at the centre of the covariates under 40, 10 and 25 mg: the sums and products
/// of the published coefficients, evaluated apart.
#[test]
fn trinity() {
    let inputs = |om, aml, hctz| {
        format!("inputs = {{ om = \"{om} mg\", aml = \"{aml} mg\", hctz = \"{hctz} mg\" }}\n")
    };
    let rest = format!(
        "[population.covariates]\nsbp_0 = \"165 mmHg\"\nage = \"54.8 year\"\nweight = \"94.9 kg\"\n\
         sex.choice = {{ M = 1 }}\nrace.choice = {{ White = 1 }}\nhispanic.choice = {{ no = 1 }}\n\
         [model.m.inputs]\nom = \"0 mg\"\naml = \"0 mg\"\nhctz = \"0 mg\"\n\
         [arm.triple]\n{}[arm.om_aml]\n{}[arm.om_hctz]\n{}[arm.aml_hctz]\n{}",
        inputs(40, 10, 25),
        inputs(40, 10, 0),
        inputs(40, 0, 25),
        inputs(0, 10, 25),
    );
    let paths = Setup::new("trinity", "12 week", "6 week").with(&rest).run();
    for (arm, expected) in [
        ("triple", -34.772_350_926_412_81),
        ("om_aml", -28.965_593_037_808_336),
        ("om_hctz", -27.392_473_111_760_165),
        ("aml_hctz", -25.085_108_369_752_774),
    ] {
        let sbp = paths.of(arm, "sbp");
        assert!((sbp.at(0.0) - 165.0).abs() < 1e-12, "before treatment");
        let change = sbp.at(84.0) - 165.0;
        assert!((change - expected).abs() < 1e-12, "{arm}: {change}");
    }
}

fn warfarin(genotype: &str, regimen: &str) -> f64 {
    let rest = format!(
        "[population.covariates]\nage = \"71 year\"\ninr0 = \"1.0\"\ncyp2c9.choice = {{ \"*1/*1\" = 1 }}\n\
         vkorc1.choice = {{ {genotype} = 1 }}\n[arm.only]\nregimen = {{ {regimen} }}\n"
    );
    let paths = Setup::new("warfarin", "364 day", "1 day").with(&rest).run();
    paths.of("only", "inr").at(364.0)
}

/// 29.375 mg a week for a year. Spread evenly the steady state has a closed form, which is also that of the
/// full model with its pharmacokinetics (printed 1.81, 2.24, 2.66); once a day it is a little less.
#[test]
fn warfarin_at_steady_state() {
    let evenly = "amount = \"29.375 mg\", over = \"7 day\", every = \"7 day\", times = 52";
    let daily = "amount = \"29.375 mg / 7\", every = \"1 day\", times = 364";
    for (genotype, even, once) in [
        ("GG", 1.814_927_742_268_259_3, "1.80"),
        ("AG", 2.235_839_140_130_415_6, "2.22"),
        ("AA", 2.655_170_158_626_148, "2.63"),
    ] {
        let inr = warfarin(genotype, evenly);
        assert!((inr - even).abs() < 1e-6, "{genotype}: {inr}");
        let inr = warfarin(genotype, daily);
        prints(genotype, inr, once);
    }
}

/// Expected counts of 28 days; the reference prints six decimals.
#[test]
fn seizure_counts() {
    let rest = "[arm.untreated]\n[arm.placebo]\ninputs = { treated = \"1\" }\n\
        [arm.c10]\ninputs = { treated = \"1\", cav = \"10 mg/L\" }\nparameters = { responder = \"100 %\" }\n\
        [arm.c20]\ninputs = { treated = \"1\", cav = \"20 mg/L\" }\nparameters = { responder = \"100 %\" }\n\
        [arm.c31]\ninputs = { treated = \"1\", cav = \"31.5 mg/L\" }\nparameters = { responder = \"100 %\" }\n";
    let paths = Setup::new("seizure-counts", "28 day", "28 day").with(rest).run();
    for (arm, printed) in [
        ("untreated", "9.414062"),
        ("placebo", "8.022134"),
        ("c10", "3.773469"),
        ("c20", "2.378999"),
        ("c31", "1.677348"),
    ] {
        prints(arm, paths.of(arm, "seizures_28d").at(28.0), printed);
    }
}

/// Untreated, with day and night; and resistance halved throughout without them.
#[test]
fn snelder() {
    let covariates = "[population.covariates]\nwt = \"70 kg\"\n[arm.only]\n";
    let paths = Setup::new("snelder", "12 h", "2 h").with(covariates).run();
    for (hour, pressure, rate) in
        [(2.0, "155.16399", "283.15660"), (12.0, "155.47495", "327.22544")]
    {
        prints("pressure", paths.of("only", "map").at(hour / 24.0), pressure);
        prints("heart rate", paths.of("only", "heart_rate").at(hour / 24.0), rate);
    }
    let paths = Setup::new("snelder", "48 h", "0.25 h")
        .instead("snelder", "let day_hr  = 0.0918", "let day_hr  = 0")
        .instead("snelder", "let day_tpr = 0.0918", "let day_tpr = 0")
        .instead(
            "snelder",
            "let eff_tpr = -amlodipine.conc / (82.8 ng/mL + amlodipine.conc)",
            "let eff_tpr = -0.5",
        )
        .with(covariates)
        .run();
    for column in ["heart_rate", "co", "map"] {
        let error = Reference::of("snelder").error(column, &paths.of("only", column), 24.0);
        assert!(error < 1e-7, "{column}: {error:e}");
    }
}

/// A placebo arm and a treated one, of a twin whose baseline is 10 mmHg above the centre.
#[test]
fn repeated_measures() {
    let rest = "[population.covariates]\nbaseline = \"165 mmHg\"\n[arm.placebo]\n\
        [arm.treated]\ninputs = { treated = \"1\" }\n";
    let paths = Setup::new("repeated-measures", "24 week", "4 week").with(rest).run();
    let [placebo, drug] = [[-2.0, -3.1, -3.5, -3.6], [-3.0, -5.5, -6.8, -7.0]];
    for (visit, week) in [4.0, 8.0, 12.0, 24.0].into_iter().enumerate() {
        for (arm, effect) in [("placebo", 0.0), ("treated", drug[visit])] {
            let expected = placebo[visit] + effect - 0.30 * 10.0;
            let change = paths.of(arm, "change").at(7.0 * week);
            assert!((change - expected).abs() < 1e-12, "{arm}, week {week}: {change}");
            let response = paths.of(arm, "response").at(7.0 * week);
            let chance = 1.0 / (1.0 + proband_math::exp(expected / 5.0 + 2.0));
            assert!((response - chance).abs() < 1e-12, "{arm}, week {week}: {response}");
        }
    }
    assert!(paths.of("treated", "change").at(0.0).abs() < 1e-12, "before treatment");
}

/// The covariance of four visits over 20 000 twins: a covariance of normal deviates has the variance
/// (a b + c^2) / n, and is held to five of its standard deviations.
#[test]
fn repeated_measures_covary() {
    const TWINS: usize = 20_000;
    let rest = format!(
        "[population.covariates]\nbaseline = \"155 mmHg\"\n[design]\nparticipants = {TWINS}\n[arm.only]\n"
    );
    let paths = Setup::new("repeated-measures", "24 week", "4 week").with(&rest).spread().run();
    let all = paths.all("only", "change");
    assert_eq!(all.len(), TWINS);
    let at = |week: usize| all.iter().map(|path| path[week / 4].1).collect::<Vec<f64>>();
    let visits = [4, 8, 12, 24].map(at);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / TWINS as f64;
    let means = [0, 1, 2, 3].map(|visit| mean(&visits[visit]));
    let published = [
        [110.0, 78.0, 70.0, 61.0],
        [78.0, 121.0, 92.0, 80.0],
        [70.0, 92.0, 130.0, 97.0],
        [61.0, 80.0, 97.0, 144.0],
    ];
    for (a, row) in published.iter().enumerate() {
        for (b, &expected) in row.iter().enumerate() {
            let products: Vec<f64> = visits[a]
                .iter()
                .zip(&visits[b])
                .map(|(x, y)| (x - means[a]) * (y - means[b]))
                .collect();
            let found = mean(&products);
            let spread =
                (published[a][a] * published[b][b] + expected * expected) / TWINS as f64;
            assert!(
                (found - expected).abs() < 5.0 * spread.sqrt(),
                "{a} {b}: {found}, {expected}"
            );
        }
    }
}
