//! Closed forms inside whole trials: against answers worked out by hand, and against integration.

use crate::twin::Setup;
use proband_math::exp;

const ORAL: &str = "model oral\ntime h\n\
    input faster = 1\n\
    param ka = 1.1 1/h\nparam k = 0.2 1/h\n\
    state depot [mg]\nstate central [mg]\n\
    dose oral -> depot, lag 0.25 h\ndose iv -> central\ndose quick -> central, over 0 h\n\
    d depot/dt = -ka * depot\nd central/dt = ka * depot - k * faster * central\n\
    observe amount [mg] = central\n";

/// What a milligram by mouth has become after a time.
fn absorbed(t: f64) -> f64 {
    let (ka, k, t) = (1.1, 0.2, t.max(0.0));
    ka / (ka - k) * (exp(-k * t) - exp(-ka * t))
}

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-12 * expected.abs().max(1.0),
        "{what}: {found} {expected}"
    );
}

/// Lags, doses at the start, two at one instant by two routes, and looks at the instants of doses.
#[test]
fn doses_by_two_routes() {
    let rest = "[regimen.mouth]\nroute = \"oral\"\nevery = \"6 h\"\ntimes = 3\n\
        [regimen.vein]\nroute = \"iv\"\nevery = \"12 h\"\ntimes = 2\n\
        [arm.only]\nregimen = [{ use = \"mouth\", amount = \"3 mg\" }, { use = \"vein\", amount = \"2 mg\" }]\n";
    let paths = Setup::new(ORAL, "48 h", "15 min").with(rest).method("exact").run();
    let amount = paths.of("only", "amount");
    for step in 0..=192 {
        let t = f64::from(step) * 0.25;
        let mouth = [0.0, 6.0, 12.0].map(|at| 3.0 * absorbed(t - at - 0.25));
        // At the time of a dose its effect is not seen yet.
        let vein = [0.0, 12.0].map(|at| if t > at { 2.0 * exp(-0.2 * (t - at)) } else { 0.0 });
        let expected = mouth.iter().chain(&vein).sum::<f64>();
        assert_near(amount.at(t / 24.0), expected, &format!("{t} h"));
    }
}

/// Elimination that doubles in mid-course, by an input of time.
#[test]
fn coefficients_change_at_instants() {
    let rest = "[model.m.inputs]\nfaster = \"if t < 1 day then 1 else 2\"\n\
        [arm.only]\nregimen = { route = \"iv\", amount = \"10 mg\", times = 1 }\n";
    let paths = Setup::new(ORAL, "48 h", "3 h").with(rest).method("exact").run();
    let amount = paths.of("only", "amount");
    for step in 1..=16 {
        let t = f64::from(step) * 3.0;
        let passed = t.min(24.0) + 2.0 * (t - 24.0).max(0.0);
        assert_near(amount.at(t / 24.0), 10.0 * exp(-0.2 * passed), &format!("{t} h"));
    }
}

/// A dose every hour for more than a year: each is the last power of what an hour leaves.
#[test]
fn ten_thousand_doses() {
    let rest = "[arm.only]\nregimen = { route = \"iv\", amount = \"1 mg\", every = \"1 h\", times = 10000 }\n";
    let paths = Setup::new(ORAL, "10000 h", "1000 h").with(rest).method("exact").run();
    let amount = paths.of("only", "amount");
    for thousand in 1..=10 {
        let left = exp(-0.2);
        let gone = exp(-0.2 * 1000.0 * f64::from(thousand));
        let expected = left * (1.0 - gone) / (1.0 - left);
        assert_near(amount.at(1000.0 * f64::from(thousand) / 24.0), expected, "hourly");
    }
}

/// Infusions that overlap, and one of no length.
#[test]
fn infusions() {
    let rest = "[regimen.slow]\nroute = \"iv\"\nover = \"10 h\"\ntimes = 1\n\
        [regimen.quick]\nroute = \"quick\"\ntimes = 1\n\
        [arm.only]\nregimen = [{ use = \"slow\", amount = \"10 mg\" }, { use = \"quick\", amount = \"4 mg\" }]\n";
    let paths = Setup::new(ORAL, "24 h", "1 h").with(rest).method("exact").run();
    let amount = paths.of("only", "amount");
    for hour in 1..=24 {
        let t = f64::from(hour);
        let (flowing, after) = (t.min(10.0), (t - 10.0).max(0.0));
        let slow = (1.0 - exp(-0.2 * flowing)) / 0.2 * exp(-0.2 * after);
        assert_near(amount.at(t / 24.0), slow + 4.0 * exp(-0.2 * t), &format!("{t} h"));
    }
}

/// Whatever a drug drives, exact or not: the two agree as closely as integration is asked to be exact.
#[test]
fn integration_agrees() {
    for (model, rest, names) in [
        (
            "w2-indirect-response",
            "[arm.only]\nregimen = { amount = \"100 mg\", every = \"24 h\", times = 6 }\n",
            &["cp", "r"][..],
        ),
        (
            "docetaxel-neutropenia",
            "[population.covariates]\nsex.choice = { F = 1 }\necog = 0\nprior.choice = { no = 1 }\naag = \"1.34 g/L\"\n\
             [arm.only]\nregimen = { amount = \"180 mg\", over = \"1 h\", every = \"3 week\", times = 2 }\n",
            &["anc"][..],
        ),
    ] {
        let setup = || Setup::new(model, "36 day", "12 h").with(rest);
        let exact = setup().tolerance(1e-11).run();
        let integrated = setup().tolerance(1e-12).method("rodas5p").run();
        for name in names {
            let (exact, integrated) = (exact.of("only", name), integrated.of("only", name));
            let greatest =
                integrated.0.iter().fold(0.0, |most: f64, (_, value)| most.max(value.abs()));
            for ((_, a), (_, b)) in exact.0.iter().zip(&integrated.0) {
                assert!((a - b).abs() < 1e-9 * greatest, "{model} {name}: {a} {b}");
            }
        }
    }
}

/// A concentration that is above a limit for a while between two doses, where nothing else makes steps
/// short.
#[test]
fn no_peak_between_doses_is_overlooked() {
    let model =
        format!("{ORAL}event high when central > 0.6 mg\nevent low when central < 0.6 mg\n");
    let rest = "[arm.only]\nregimen = { route = \"oral\", amount = \"1 mg\", every = \"5 day\", times = 3 }\n";
    let paths = Setup::new(&model, "15 day", "5 day").with(rest).run();
    assert_eq!(paths.events("only", "high").len(), 3);
    assert_eq!(paths.events("only", "low").len(), 4);
}

#[test]
fn what_has_no_closed_form_is_named() {
    let rest = "[arm.only]\nregimen = { amount = \"100 mg\", every = \"24 h\", times = 6 }\n";
    let refused = Setup::new("w2-indirect-response", "36 day", "12 h")
        .with(rest)
        .method("exact")
        .refused();
    assert_eq!(
        refused,
        ["`simulation.method = \"exact\"`, but no exact solution is known for `r`"]
    );
}
