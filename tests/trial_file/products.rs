//! The trials of the product and the starter trial check clean, and mean what they say.

use crate::cases::{add, open, read};
use proband_diag::InMemory;
use proband_trial::{
    AnalysisMethod, Cause, EndpointValue, OutputLevel, Override, Signal, Trial, open_trial,
};
use std::collections::BTreeMap;

fn trials() -> InMemory {
    let mut files = BTreeMap::new();
    add(&mut files, "trials", "");
    add(&mut files, "trials/models", "models/");
    add(&mut files, "trials/data", "data/");
    let starter = read("crates/proband-trial/src/starter.toml");
    files.insert("starter.toml".to_owned(), starter);
    InMemory(files)
}

fn clean(name: &str) -> Trial {
    let outcome = open(name, &trials());
    let faults: Vec<String> =
        outcome.faults.sorted().into_iter().map(|fault| outcome.line(fault, name)).collect();
    outcome.trial.unwrap_or_else(|| panic!("{name}:\n{}", faults.join("\n")))
}

#[test]
fn the_trials_of_the_product_check_clean() {
    let files = trials();
    let names: Vec<&String> = files.0.keys().filter(|name| name.ends_with(".toml")).collect();
    assert!(names.len() >= 5, "{names:?}");
    for name in names {
        clean(name);
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "planned times and typed values are exact")]
fn empa_reg_mono_means_what_it_says() {
    let trial = clean("empa-reg-mono.toml");
    let arms: Vec<(&str, bool)> =
        trial.arms.iter().map(|arm| (arm.id.as_str(), arm.control)).collect();
    assert_eq!(arms, [("placebo", true), ("empa_10", false), ("empa_25", false)]);
    let labels: Vec<&str> = trial.encounters.iter().map(|e| e.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "Week -2",
            "Baseline",
            "Week 4",
            "Week 8",
            "Week 12",
            "Week 18",
            "Week 24",
            "Follow-up Week 1"
        ]
    );
    let days: Vec<f64> = trial.encounters.iter().map(|e| e.day).collect();
    assert_eq!(days, [-14.0, 0.0, 28.0, 56.0, 84.0, 126.0, 168.0, 175.0]);
    assert_eq!(trial.encounters[1].window, None, "day 1 is where treatment starts");
    assert_eq!(trial.encounters[0].window, Some((0.0, 7.0)), "nothing is observed before");
    assert_eq!(trial.encounters[2].observe.len(), 3, "two entries at week 4 are one encounter");
    assert_eq!(trial.eligibility.at, -14.0);
    assert_eq!(trial.eligibility.at_most, 67_600);
    let doses: Vec<Option<f64>> =
        trial.regimens.iter().map(|regimen| regimen.amounts[0].expr.as_number()).collect();
    assert_eq!(doses, [Some(10.0), Some(25.0)]);
    assert_eq!(trial.regimens[0].names, ["empa_10", "empagliflozin"]);
    assert_eq!(trial.regimens[0].treatment, "empagliflozin");
    assert_eq!((trial.regimens[0].from, trial.regimens[0].until), (0.0, 168.0));
    let hba1c = &trial.analyses[0];
    assert_eq!(hba1c.methods, [AnalysisMethod::Ancova]);
    assert!(hba1c.baseline && hba1c.strata);
    let names: Vec<&str> = hba1c.comparisons.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["hba1c.empa_10", "hba1c.empa_25"]);
    let default = |path: &str| trial.defaults.iter().find(|(known, _)| known == path);
    assert_eq!(default("simulation.seed").map(|(_, value)| value.as_str()), Some("1"));
    let inputs: Vec<&str> = trial.inputs.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(inputs, ["empa-reg-mono.toml", "models/empagliflozin.model"]);
}

#[test]
fn trinity_compares_what_its_analysis_states() {
    let trial = clean("trinity.toml");
    assert_eq!(trial.regimens.len(), 3, "a shared regimen is one");
    assert!(trial.regimens.iter().all(|regimen| regimen.lines.is_empty()));
    let goal = trial.analyses.iter().find(|analysis| analysis.id == "goal").expect("a default");
    assert!(goal.by_default && goal.methods == [AnalysisMethod::Proportions]);
    let names: Vec<&str> = goal.comparisons.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names,
        ["goal.triple_vs_om_aml", "goal.triple_vs_om_hctz", "goal.triple_vs_aml_hctz"]
    );
    assert_eq!(trial.encounters[3].window, Some((-3.0, 0.0)));
}

#[test]
fn docetaxel_has_grades_of_truth_and_records_and_two_models() {
    let trial = clean("docetaxel-neutropenia.toml");
    let Cause::Grades { truth, seen } = &trial.adverse_events[0].cause else {
        panic!("neutropenia is graded");
    };
    assert_eq!((truth.len(), seen.len()), (4, 4));
    assert_ne!(truth[0].expr, seen[0].expr, "the truth is not the record");
    assert_eq!(trial.models.len(), 2);
    let planned = trial.encounters.iter().filter(|encounter| !encounter.day.is_nan());
    assert_eq!(planned.count(), 20, "screening, and 19 weekly visits");
    assert_eq!(trial.encounters.len(), 22, "what two rules ask for besides");
    assert_eq!(trial.rules.len(), 4);
    assert!(matches!(trial.endpoints[2].value, EndpointValue::Time(_)));
    assert_eq!(trial.regimens[0].times, Some(6));
    let ecog = trial.population.covariate("ecog").expect("a covariate");
    assert!(
        trial.population.covariates()[ecog].levels.is_none(),
        "0, 1 and 2 are numbers here"
    );
}

#[test]
fn the_glucose_twin_reads_its_inputs_from_a_file() {
    let trial = clean("glucose-linear.toml");
    assert_eq!(trial.output.level, OutputLevel::Truth);
    let (_, Signal::Series(carbs)) = &trial.models[0].inputs[0] else { panic!("a series") };
    assert_eq!(carbs.days, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(carbs.values, [180.0, 220.0, 150.0, 210.0, 200.0, 190.0, 160.0]);
    assert_eq!(trial.published[0].values.len(), 7);
    assert_eq!(trial.analyses[0].methods, [AnalysisMethod::Summary]);
}

/// Changes of the command line are laid over the file.
fn set(path: &str, value: &str) -> Result<Trial, String> {
    let (mut sources, mut faults) = Default::default();
    let change = Override { path: path.to_owned(), value: value.to_owned() };
    let trial = open_trial("trinity.toml", &trials(), &[change], &mut sources, &mut faults);
    trial.ok_or_else(|| faults.render(&sources, proband_diag::Style::Short))
}

#[test]
#[expect(clippy::float_cmp, reason = "planned times and typed values are exact")]
fn the_command_line_changes_a_trial() {
    let trial = set("design.participants", "80").expect("a trial");
    assert_eq!(trial.design.participants, 80);
    assert_eq!(set("simulation.seed", "7").expect("a trial").simulation.seed, 7);
    let louder = set("model.bp.parameters.placebo", "\"-6 mmHg\"").expect("a trial");
    assert_eq!(louder.models[0].parameters[0].1, -6.0);
}

#[test]
fn faults_of_the_command_line_say_so() {
    let fault = |path, value| set(path, value).expect_err("a fault");
    assert_eq!(
        fault("arm.tripel.title", "\"x\""),
        "--set:1:5: error[unknown-path]: the trial has no `arm.tripel` - did you mean `triple`? \
         to add an arm, write `add = true` in it\n"
    );
    assert_eq!(
        fault("design.participant", "80"),
        "--set:1:8: error[unknown-key]: unknown key `participant` in `design` - did you mean \
         `participants`?\n"
    );
    assert!(fault("output.level", "truth").contains("error[toml-syntax]"));
}
