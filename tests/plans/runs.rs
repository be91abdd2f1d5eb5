//! A plan over the folder of a run.

use proband::{Ended, Finding, StatisticName as S, Unwatched};
use tempfile::TempDir;

fn difference(found: &[Finding], analysis: &str) -> f64 {
    let fits = |f: &&Finding| f.analysis == analysis && f.statistic == S::Difference;
    found.iter().find(fits).unwrap().estimate.unwrap()
}

/// The plan knows the arms and the endpoints of the run's trial.
#[test]
fn a_plan_takes_over_what_the_trial_of_a_run_declares() {
    let home = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trial = write("trial.toml", proband::STARTER);
    let opened = proband::open(&trial, &[]).unwrap();
    let Ended::Finished(run) = proband::run(&opened, home.path(), &Unwatched).unwrap() else {
        panic!("nobody stopped it");
    };
    let folder = [run.folder.clone()];
    // The trial adjusts for its stratum, which a plan knows as a condition.
    let short = "[analysis.sbp]\nendpoint = \"sbp_fall\"\n\
                 covariates = [\"baseline\", \"age >= 65 year\"]\n";
    let analysed = proband::analyse(&folder, &write("plan.toml", short)).unwrap();
    let (own, again) =
        (difference(&run.findings, "sbp"), difference(&analysed.findings, "sbp"));
    // Sums over other pieces round differently.
    assert!((own - again).abs() <= 1e-10 * own.abs(), "{own} and {again}");
    // What the plan does not name is not taken over, and an endpoint that nobody has is told.
    assert!(analysed.findings.iter().all(|f| f.analysis != "response"));
    let wrong = write("wrong.toml", &short.replace("sbp_fall", "sbp_fell"));
    let faults = proband::analyse(&folder, &wrong).unwrap_err().to_string();
    assert!(faults.contains("sbp_fell"), "{faults}");
}
