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
    // Growth over the smallest size so far needs `next`; sizes and survival do not.
    let next = ["state nadir", "next nadir", "hazard dropout", "event progression"];
    Setup::new("claret-tgi-os", "700 day", "1 day").without("claret-tgi-os", &next).with(
        &format!(
            "[population.covariates]\nancestry.choice = {{ {ancestry} = 1 }}\n\
         smoking.choice = {{ {smoking} = 1 }}\n[arm.only]\n"
        ),
    )
}

/// The sizes have a closed form, and so has the median survival, which is that of the typical twin.
#[test]
fn claret_tgi_os() {
    let paths = claret("Asian", "never").run();
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
    let deaths = claret("other", "ever").run().events("only", "death");
    assert_eq!(deaths.len(), 1);
    prints("median survival of another smoker", deaths[0], "363.24555");
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
