//! Tumours and neutrophils.

use crate::reference::{Reference, prints};
use crate::twin::Setup;

/// Three doses of paclitaxel, against the concentrations of which the reference was integrated; it holds
/// ten decimals.
#[test]
fn simeoni() {
    let paths = Setup::new("simeoni", "30 day", "1 day")
        .with(
            "[arm.control]\n[arm.treated]\nregimen = { amount = \"5000 ng/mL\", from = \"day 9\", \
             every = \"4 day\", times = 3 }\n",
        )
        .run();
    let reference = Reference::of("simeoni");
    for arm in ["control", "treated"] {
        let error = reference.error(arm, &paths.of(arm, "weight"), 1.0);
        assert!(error < 1e-7, "{arm}: {error:e}");
    }
}

fn claret(ancestry: &str, smoking: &str) -> Setup {
    Setup::new("claret-tgi-os", "700 day", "1 day").with(&format!(
        "[population.covariates]\nancestry.choice = {{ {ancestry} = 1 }}\n\
         smoking.choice = {{ {smoking} = 1 }}\n[arm.only]\n"
    ))
}

/// Without those who leave before they die.
fn claret_who_stays(ancestry: &str, smoking: &str) -> Setup {
    claret(ancestry, smoking).without("claret-tgi-os", &["hazard dropout"])
}

/// The sizes have a closed form, and so has the median survival, which is that of the typical twin.
#[test]
fn claret_tgi_os() {
    let paths = claret_who_stays("Asian", "never").run();
    let size = paths.of("only", "sld");
    for (day, printed) in [
        (0.0, "90"),
        (28.0, "74.215046"),
        (56.0, "67.164236"),
        (84.0, "64.167611"),
        (117.0, "63.251349"),
        (180.0, "65.057476"),
        (364.0, "77.951392"),
    ] {
        prints("size", size.at(day), printed);
    }
    let deaths = paths.events("only", "death");
    assert_eq!(deaths.len(), 1);
    prints("median survival of an Asian never-smoker", deaths[0], "650.71975");
    let deaths = claret_who_stays("other", "ever").run().events("only", "death");
    assert_eq!(deaths.len(), 1);
    prints("median survival of another smoker", deaths[0], "363.24555");
}

/// Progression is growth over the smallest size seen at six-weekly visits, and dropout a hazard of it, against
/// its integral: the times of 2000 twins, who all die on day 650, to Kolmogorov's bound at one in a million.
#[test]
fn claret_tgi_os_knows_the_smallest_size_seen() {
    const TWINS: f64 = 2000.0;
    const PROGRESSION: f64 = 339.513_284_533_536_14;
    let everybody = format!("[design]\nparticipants = {TWINS}\nassignment = \"every-arm\"\n");
    let paths = claret("Asian", "never").also(&everybody).tolerance(1e-7).run();
    for onset in paths.events("only", "progression") {
        assert!((onset - PROGRESSION).abs() < 1e-4, "{onset}");
    }
    let stay = claret_who_stays("Asian", "never").run();
    let [onset] = stay.events("only", "progression")[..] else { panic!("once") };
    // A size to 1e-9 of 76 mm, of which growth by 0.07 mm a day makes a time.
    assert!((onset - PROGRESSION).abs() < 2e-6, "{onset}");
    let reference = Reference::of("claret-dropout");
    let times = paths.events("only", "dropout");
    for row in &reference.rows {
        let law = 1.0 - proband_math::exp(-row[1]);
        let found = times.iter().filter(|&&time| time <= row[0]).count() as f64 / TWINS;
        assert!((found - law).abs() < 2.69 / TWINS.sqrt(), "day {}: {found}, {law}", row[0]);
    }
}

/// 120 mg over an hour, twice; the reference holds ten decimals.
#[test]
fn docetaxel_pk() {
    let paths = Setup::new("docetaxel-pk", "1008 h", "1 h")
        .with("[arm.only]\nregimen = { amount = \"120 mg\", over = \"1 h\", every = \"3 week\", times = 2 }\n")
        .run();
    let error = Reference::of("docetaxel-pk").error("cp", &paths.of("only", "cp"), 24.0);
    assert!(error < 1e-7, "{error:e}");
}

/// 135 mg over an hour, twice, to a man without previous chemotherapy; and when the count passes 0.5.
#[test]
fn docetaxel_neutropenia() {
    let paths = Setup::new("docetaxel-neutropenia", "1008 h", "12 h")
        .with(
            "[population.covariates]\nsex.choice = { M = 1 }\necog = \"0\"\nprior.choice = { no = 1 }\n\
             aag = \"1.34 g/L\"\n[arm.only]\nregimen = { route = \"iv\", amount = \"135 mg\", over = \"1 h\", \
             every = \"3 week\", times = 2 }\n",
        )
        .run();
    let reference = Reference::of("docetaxel-neutropenia");
    let error = reference.error("anc", &paths.of("only", "anc"), 24.0);
    assert!(error < 1e-7, "{error:e}");
    let below = |pair: &&[Vec<f64>]| pair[0][1] >= 0.5 && pair[1][1] < 0.5;
    let expected: Vec<f64> =
        reference.rows.windows(2).filter(below).map(|pair| pair[1][0]).collect();
    let onsets = paths.events("only", "grade4");
    assert_eq!(onsets.len(), expected.len());
    for (onset, by) in onsets.iter().zip(expected) {
        let hour = 24.0 * onset;
        assert!(by - 12.0 < hour && hour <= by, "{hour}, between {} and {by}", by - 12.0);
    }
}

/// Competing hazards over two years, against the integrals of their survival. A share of n twins is held to
/// four of its standard errors, a mean count to four of a Poisson count's.
#[test]
fn delayed_survival() {
    const TWINS: f64 = 8000.0;
    let rest = format!(
        "[population.covariates]\necog = \"1\"\n[design]\nparticipants = {TWINS}\nassignment = \"every-arm\"\n\
         [arm.control]\n[arm.treated]\ninputs = {{ treated = \"1\" }}\n"
    );
    let paths = Setup::new("delayed-survival", "24 month", "24 month")
        .with(&rest)
        .tolerance(1e-6)
        .spread()
        .run();
    for (arm, ratio) in [("control", 1.0), ("treated", 0.65)] {
        let [death, dropout, relapses] = expected_by_two_years(ratio);
        for (hazard, expected) in [("death", death), ("dropout", dropout)] {
            let found = paths.events(arm, hazard).len() as f64 / TWINS;
            let error = (expected * (1.0 - expected) / TWINS).sqrt();
            assert!(
                (found - expected).abs() < 4.0 * error,
                "{arm}, {hazard}: {found}, {expected}"
            );
        }
        let found = paths.events(arm, "relapse").len() as f64 / TWINS;
        // Counts of different lengths of follow-up spread a little more than Poisson counts.
        let error = (2.0 * relapses / TWINS).sqrt();
        assert!((found - relapses).abs() < 4.0 * error, "{arm}, relapses: {found}, {relapses}");
    }
}

/// Shares that die and drop out within 24 months, and the mean number of relapses: midpoint sums of 0.001 month.
fn expected_by_two_years(ratio: f64) -> [f64; 3] {
    let (shape, scale) = (1.2, 14.0 * proband_math::exp(-0.35));
    let (mut cumulative, mut sums) = (0.0, [0.0; 3]);
    let step = 0.001;
    for at in 0..24_000 {
        let t = step * (f64::from(at) + 0.5);
        let of = if t >= 3.0 { ratio } else { 1.0 };
        let hazard = of * shape / scale * proband_math::pow(t / scale, shape - 1.0);
        let alive = proband_math::exp(-(cumulative + hazard * step / 2.0));
        let here = proband_math::exp(-0.005 * t);
        cumulative += hazard * step;
        sums[0] += 0.9 * alive * hazard * here * step;
        sums[1] += (0.9 * alive + 0.1) * 0.005 * here * step;
        sums[2] += (0.9 * alive + 0.1) * 0.05 * here * step;
    }
    sums
}
