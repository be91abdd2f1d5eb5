//! What doses do.

use crate::reference::Reference;
use crate::twin::Setup;

/// 32 nmol into 32 mL; the reference is a stiff integration at tight tolerances.
#[test]
fn tmdd() {
    let model = "model seen\ntime h\nuse \"tmdd.model\"\nobserve tissue\nobserve rc";
    let paths = Setup::new(model, "96 h", "0.1 h")
        .with("[arm.only]\nregimen = { amount = \"32 nmol\" }\n")
        .run();
    let reference = Reference::of("tmdd");
    for (column, name) in [("l", "drug"), ("tissue", "tissue"), ("r", "target"), ("rc", "rc")] {
        // At the time of a dose its effect is not seen yet, where the reference begins with it.
        let mut after = Reference::of("tmdd");
        after.rows.retain(|row| row[0] > 0.0);
        assert_eq!(after.rows.len() + 1, reference.rows.len());
        let error = after.error(column, &paths.of("only", name), 24.0);
        assert!(error < 1e-7, "{column}: {error:e}");
    }
}

/// One compartment, by its closed forms: 70 kg, so that ka is 1/h, clearance 5 L/h, volume 50 L.
fn absorbed(amount: f64, t: f64) -> f64 {
    let (ka, k, v) = (1.0, 0.1, 50.0);
    let t = t.max(0.0);
    amount * ka / (v * (ka - k)) * (proband_math::exp(-k * t) - proband_math::exp(-ka * t))
}

fn infused(amount: f64, over: f64, t: f64) -> f64 {
    let (cl, k) = (5.0, 0.1);
    let (flowing, after) = (t.clamp(0.0, over), (t - over).max(0.0));
    amount / over / cl * (1.0 - proband_math::exp(-k * flowing)) * proband_math::exp(-k * after)
}

/// Lag and fraction; a split dose with a modelled duration; an infusion of the regimen; doses that overlap. A
/// dose adds to what is there already: the equations are linear.
#[test]
fn oral_1cmt() {
    let rest = "[population.covariates]\nwt = \"70 kg\"\n\
        [arm.oral]\nregimen = { route = \"oral\", amount = \"100 mg\", every = \"8 h\", times = 3 }\n\
        [arm.sustained]\nregimen = { route = \"sustained\", amount = \"100 mg\", every = \"1 h\", times = 3 }\n\
        [arm.iv]\nregimen = { route = \"iv\", amount = \"100 mg\", over = \"3 h\", every = \"2 h\", times = 3 }\n\
        [arm.bolus]\nregimen = { route = \"iv\", amount = \"1 mg/kg * wt\" }\n";
    let paths = Setup::new("oral-1cmt", "48 h", "0.25 h").with(rest).run();
    let thrice = |every: f64, one: &dyn Fn(f64) -> f64, t: f64| -> f64 {
        (0..3).map(|dose| one(t - every * f64::from(dose))).sum()
    };
    for step in 1..=192 {
        let t = 0.25 * f64::from(step);
        for (arm, expected) in [
            ("oral", thrice(8.0, &|t| absorbed(80.0, t - 0.3), t)),
            ("sustained", thrice(1.0, &|t| absorbed(56.0, t) + infused(24.0, 2.0, t), t)),
            ("iv", thrice(2.0, &|t| infused(100.0, 3.0, t), t)),
            ("bolus", 70.0 / 50.0 * proband_math::exp(-0.1 * t)),
        ] {
            let found = paths.of(arm, "conc").at(t / 24.0);
            assert!((found - expected).abs() < 1e-8, "{arm} at {t} h: {found}, {expected}");
        }
    }
}

/// Empirical formulas of a person of 60 kg and 1.6 m, evaluated apart in the papers' units.
#[test]
fn paediatric_scaling() {
    let people = |wt: &str, ht: &str| {
        format!(
            "[population.covariates]\nwt = \"{wt} kg\"\nht = \"{ht} m\"\npma = \"700 week\"\nscr = \"55 umol/L\"\n\
             [arm.only]\n"
        )
    };
    let paths = Setup::new("paediatric-scaling", "1 h", "1 h").with(&people("60", "1.6")).run();
    for (name, expected) in [
        ("body_surface", 1.632_993_161_855_452),
        ("liver_mass", 1297.34),
        ("gfr_indexed", 114.368_741_218_967_09),
        ("gfr_bedside", 106.210_621_062_106_24),
        ("clearance", 28.5),
        ("creatinine", 0.62216),
    ] {
        let found = paths.of("only", name).at(0.0);
        assert!((found - expected).abs() < 1e-12 * expected, "{name}: {found}");
    }
    let paths = Setup::new("paediatric-scaling", "1 h", "1 h").with(&people("8", "0.68")).run();
    let found = paths.of("only", "body_surface").at(0.0);
    assert!((found - 0.395_429_097_594_940_05).abs() < 1e-12, "of an infant: {found}");
}

/// A trial replaces the number that stands in the file, in whatever unit it says it: what a parameter is
/// declared in, and what the number is multiplied by, stay.
#[test]
fn a_trial_replaces_the_number_of_the_file() {
    let model = "model units\nparam cl [mL/min] = 6 L/h * 2\nparam share = 25 %\n\
        observe cl\nobserve share";
    let rest = "[arm.file]\n[arm.same]\nparameters = { cl = \"12 L/h\", share = \"50 %\" }\n\
        [arm.other]\nparameters = { cl = \"0.1 L/min\", share = \"10 %\" }\n";
    let paths = Setup::new(model, "1 day", "1 day").with(rest).run();
    for (arm, cl, share) in
        [("file", 200.0, 25.0), ("same", 400.0, 50.0), ("other", 200.0, 10.0)]
    {
        for (name, expected) in [("cl", cl), ("share", share)] {
            let found = paths.of(arm, name).at(1.0);
            assert!((found - expected).abs() < 1e-12 * expected, "{arm}, {name}: {found}");
        }
    }
}
