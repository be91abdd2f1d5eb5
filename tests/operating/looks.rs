//! Trials with looks: designs whose power, level and size are known, and what was known at a look.

use crate::designs::{assert_near, characteristics, find};
use proband_analysis::{Characteristic, Measure, StatisticName as S};
use proband_engine::Cut;
use proband_stats::survival::{FollowUp, LogRankWeights, logrank};
use proband_tests::{Row, Tables, on, open, plan, repeated};

/// A value each a week after entry, looks after a third and two thirds of them.
const THIRDS: &str = r#"
trial.id = "THIRDS"
simulation.replicates = 1000
model.m.text = '''
model m
time week
param effect = 0
param spread = 0 ~ normal sd 1
observe score = effect + spread
'''
[design]
participants = 270
[arm.control]
control = true
[arm.active]
parameters = { effect = 0.4 }
[[encounter]]
at = ["day 1", "day 8"]
[accrual]
rate = "1 1/day"
process = "uniform"
[endpoint.score]
value = "at(score, day 8)"
better = "higher"
[analysis.score]
endpoint = "score"
method = "t-test"
sided = 1
alpha = 0.025
[look.first]
when = "completed(day 8) >= 90"
[look.second]
when = "completed(day 8) >= 180"
[look.third]
when = "completed(day 8) >= participants"
final = true
[scenario.null]
arm.active.parameters.effect = 0
[sequential.score]
"#;

/// How often something was decided about the only comparison at a look, or at any.
fn decided<'a>(
    found: &'a [Characteristic],
    scenario: &str,
    look: Option<&str>,
    what: &str,
) -> &'a Characteristic {
    let is = |of: &&Characteristic| {
        of.scenario == scenario
            && of.look.as_deref() == look
            && of.group.as_deref() == Some(what)
            && of.statistic == S::Decision
            && of.measure == Measure::Probability
    };
    found.iter().find(is).unwrap_or_else(|| panic!("no {what} at {look:?} in {scenario}"))
}

fn mean(found: &[Characteristic], scenario: &str, statistic: S) -> (f64, f64) {
    let is = |of: &&Characteristic| {
        of.scenario == scenario
            && of.look.is_none()
            && of.statistic == statistic
            && of.measure == Measure::Mean
    };
    let of = found.iter().find(is).expect("every trial has an end");
    (of.estimate, of.standard_error.expect("several repetitions"))
}

#[test]
fn o_brien_fleming_with_three_looks() {
    // R 4.2.2, multivariate normal integration with a known variance, `OF_K3` of rpact 3.3.4: 135 an arm.
    let bounds = "[0.000259173723496486, 0.00716005940148268, 0.025]";
    let spent = format!("efficacy = {{ spending = \"user\", bounds = {bounds} }}");
    let found = characteristics(&format!("{THIRDS}{spent}"));
    assert_near(find(&found, "base", S::Difference, Measure::Power), 0.903_253);
    assert_near(decided(&found, "base", Some("first"), "efficacy"), 0.057_776);
    assert_near(decided(&found, "base", Some("second"), "efficacy"), 0.533_515);
    assert_near(decided(&found, "base", Some("third"), "efficacy"), 0.311_963);
    assert_near(decided(&found, "base", None, "efficacy"), 0.903_253);
    assert_near(find(&found, "null", S::Difference, Measure::TypeIError), 0.025);
    // At a look, seven more have entered whose value is still to come; nobody more comes after the last.
    let entered = 97.0 * 0.057_776 + 187.0 * 0.533_515 + 270.0 * (1.0 - 0.591_290);
    let (participants, se) = mean(&found, "base", S::Participants);
    assert!((participants - entered).abs() < 3.0 * se, "{participants}, expected {entered}");
    let (days, se) = mean(&found, "base", S::Duration);
    // Somebody comes every day, and has the value after a week.
    let expected = entered - 0.5 + 7.0 * (1.0 - 0.591_290);
    assert!((days - expected).abs() < 3.0 * se + 0.5, "{days}, expected {expected}");
}

#[test]
fn pococks_spending_with_three_looks() {
    // rpact 3.3.4, `asP_K3`: power 0.9 at a drift of sqrt(12.12788), here a difference of 0.42388.
    let pocock = THIRDS.replace("effect = 0.4 }", "effect = 0.423880 }");
    let found = characteristics(&format!("{pocock}efficacy = {{ spending = \"pocock\" }}"));
    assert_near(find(&found, "base", S::Difference, Measure::Power), 0.9);
    assert_near(decided(&found, "base", Some("first"), "efficacy"), 0.394_042);
    assert_near(decided(&found, "base", Some("second"), "efficacy"), 0.337_516);
    assert_near(find(&found, "null", S::Difference, Measure::TypeIError), 0.025);
}

#[test]
fn futility_gives_up_as_often_as_it_should() {
    // R 4.2.2, `gs_ldof_futility`: 200 an arm, looks at 0.4 and 0.7, futility below 0 and 0.5, not binding.
    let trial = THIRDS
        .replace("participants = 270", "participants = 400")
        .replace(">= 90", ">= 160")
        .replace(">= 180", ">= 280")
        .replace("effect = 0.4 }", "effect = 0.33 }");
    let found = characteristics(&format!(
        "{trial}efficacy = {{ spending = \"obrien-fleming\" }}\n\
         futility = {{ spending = \"user\", bounds = [0, 0.5] }}"
    ));
    assert_near(find(&found, "base", S::Difference, Measure::Power), 0.898_555);
    assert_near(find(&found, "null", S::Difference, Measure::TypeIError), 0.024_225);
    assert_near(decided(&found, "null", Some("first"), "futility"), 0.5);
    assert_near(decided(&found, "null", Some("second"), "futility"), 0.230_350);
}

const DEATHS: &str = r#"
trial.id = "DEATHS"
output.level = "records"
model.m.text = '''
model m
time month
param median = 9 month
param hr = 1
hazard death [1/month] = ln(2) / median * hr, terminal
'''
[design]
participants = 200
[arm.control]
control = true
[arm.active]
parameters = { hr = 0.6 }
[accrual]
rate = "0.5 1/day"
process = "uniform"
[endpoint.os]
value = "time_to(death)"
better = "higher"
[analysis.os]
endpoint = "os"
method = "log-rank"
sided = 1
alpha = 0.025
[look.half]
when = "events(os) >= 60"
lag = "20 day"
[look.end]
when = "events(os) >= 120 or calendar >= month 36"
final = true
"#;

const SEQUENTIAL: &str = "[sequential.os]\nefficacy = { spending = \"obrien-fleming\" }\n";

/// The tables of a trial with looks that is conducted once.
fn once(toml: &str) -> Tables {
    repeated(&plan(&open(toml, &[])))
}

fn of_look<'a>(tables: &'a Tables, look: &str, statistic: &str) -> &'a Row {
    let is = |row: &&Row| {
        row.text("CATEGORY") == "look"
            && row.text("STATISTIC") == statistic
            && row.text("LOOK") == look
    };
    let mut rows = tables.rows("findings").iter();
    rows.find(is).unwrap_or_else(|| panic!("no {statistic} at {look}"))
}

fn day_of(tables: &Tables, look: &str) -> f64 {
    of_look(tables, look, "LOOK_DAY").number("ESTIMATE")
}

#[test]
fn a_look_sees_what_had_happened_by_its_day_and_nothing_else() {
    // Nobody is stopped, so that the whole of it is there to be cut by hand.
    let tables = once(DEATHS);
    let day = day_of(&tables, "half");
    let (mut times, mut events, mut active) = (Vec::new(), Vec::new(), Vec::new());
    for (place, row) in tables.rows("adtte").iter().enumerate() {
        // One comes every second day, the first on the middle of it.
        let (entry, until) = (2.0 * (place as f64 + 0.5), row.number("AVAL"));
        if entry <= day {
            let died = row.number("CNSR") == 0.0 && entry + until <= day;
            times.push(until.min(day - entry));
            events.push(died);
            active.push(row.text("TRT01P") == "active");
        }
    }
    assert_eq!(events.iter().filter(|&&event| event).count(), 60);
    let cut = FollowUp::new(&times, &events).expect("follow-up");
    let by_hand = logrank(&cut, &active, LogRankWeights::Equal).expect("a test");
    let test = of_look(&tables, "half", "LOG_RANK");
    assert!((test.number("PVALUE") - by_hand.p_less()).abs() < 1e-12);
    assert!((test.number("ESTIMATE") - by_hand.score).abs() < 1e-9);
    let entered = of_look(&tables, "half", "PARTICIPANTS").number("ESTIMATE");
    assert!((entered - times.len() as f64).abs() < 1e-9);
}

#[test]
fn a_trial_that_stops_ends_after_the_lag_and_enrols_nobody_then() {
    let stops = DEATHS.replace("hr = 0.6", "hr = 0.1");
    let tables = once(&format!("{stops}{SEQUENTIAL}"));
    let day = day_of(&tables, "half");
    let end = of_look(&tables, "half", "TRIAL_END");
    assert_eq!(end.text("GROUP"), "efficacy");
    assert!((end.number("ESTIMATE") - (day + 20.0)).abs() < 1e-9);
    let people = tables.rows("adsl");
    assert_eq!(people.len(), ((day + 20.0) / 2.0 + 0.5).floor().min(200.0) as usize);
    let decided = tables.rows("decisions");
    assert_eq!(decided.len(), 1);
    assert_eq!((decided[0].text("RULE"), decided[0].text("ACTION")), ("os", "efficacy"));
    assert!((decided[0].number("CALDY") - day).abs() < 1e-9, "{decided:?}");
    // Whoever is alive is followed to the end: entries are on days 1, 3, 5 and so on.
    for (place, row) in tables.rows("adtte").iter().enumerate() {
        let until = 2.0 * (place as f64 + 0.5) + row.number("AVAL");
        let censored = row.number("CNSR") > 0.0;
        let gap = until - (day + 20.0);
        assert!(gap < 1e-9 && (!censored || gap > -1e-9), "{place}: {gap}");
    }
    let mut rows = tables.rows("findings").iter();
    let test = rows.find(|row| row.text("CATEGORY") == "comparison").expect("a test");
    assert_eq!(test.text("REJECT"), "Y");
}

#[test]
fn looks_depend_on_nothing_but_the_trial() {
    let repeats = format!("simulation.replicates = 9\n{DEATHS}{SEQUENTIAL}");
    let trial = open(&repeats, &[]);
    let all = repeated(&plan(&trial));
    for (threads, lanes, repetitions) in [(1, 1, 2), (3, 7, 9), (2, 64, 4)] {
        let (lanes, repetitions) = (Some(lanes), Some(repetitions));
        let cut = Cut { lanes, repetitions, ..Cut::default() };
        assert_eq!(all, on(threads, || repeated(&plan(&trial).cut(cut))));
    }
    let first = once(&format!("{DEATHS}{SEQUENTIAL}"));
    for table in ["adsl", "adtte", "decisions"] {
        let of_first = |row: &&Row| row.number("REPLICATE") as u32 == 1;
        let rows: Vec<_> = all.rows(table).iter().filter(of_first).cloned().collect();
        assert_eq!(rows, first.rows(table), "{table}");
    }
}

#[test]
fn a_trial_is_stopped_where_its_chance_of_success_is_small() {
    let futile =
        "[adaptation.futile]\nwhen = \"conditional_power(score) < 20 %\"\ndo = \"stop\"\n";
    let trial = THIRDS.replace("[sequential.score]", &format!("{futile}[sequential.score]"));
    let trial = trial.replace("replicates = 1000", "replicates = 300");
    let found =
        characteristics(&format!("{trial}efficacy = {{ spending = \"obrien-fleming\" }}"));
    let at = |scenario: &str, look| decided(&found, scenario, look, "stop").estimate;
    // At a third, Z at the end has the mean 1.732 z if the effect is the one seen, and the SD 0.816: above 1.993
    // with less than 20 % where z is below 0.754, which without an effect is so in 77.5 % (of a mean of 1.897 in
    // 12.6 %); that efficacy may be shown at the second look moves it a little.
    let (null, base) = (at("null", Some("first")), at("base", Some("first")));
    assert!((null - 0.775).abs() < 0.07 && (base - 0.126).abs() < 0.05, "{null} {base}");
    assert!(at("null", None) > null && at("base", None) > base);
    let rejected = find(&found, "null", S::Difference, Measure::TypeIError).estimate;
    assert!(rejected < 0.025, "{rejected}");
}

/// The trial of three looks with one look half way, and what changes after it.
fn with_one_look(participants: u64, effect: f64, tables: &str) -> String {
    let start = THIRDS.split("[look.first]").next().expect("a beginning");
    let start = start.replace("participants = 270", &format!("participants = {participants}"));
    let start = start.replace("effect = 0.4 }", &format!("effect = {effect} }}"));
    let half = participants / 2;
    format!(
        "{start}[look.interim]\nwhen = \"completed(day 8) >= {half}\"\n\
         [look.end]\nwhen = \"completed(day 8) >= participants\"\nfinal = true\n\
         [scenario.null]\narm.active.parameters.effect = 0\n{tables}"
    )
}

#[test]
fn a_trial_resized_in_the_promising_zone_keeps_its_level() {
    // R 4.2.2, `ssr_inverse_normal`: 60 an arm, then 60 to 180 by conditional power 0.9 at the effect seen, and
    // none below Z = 0: power 0.912383, level 0.0246875, of 330.19 participants in the mean.
    let found = characteristics(&with_one_look(
        240,
        0.35,
        "[sequential.score]\nfutility = { spending = \"user\", bounds = [0], binding = false }\n\
         combine = \"inverse normal\"\n\
         [adaptation.resize]\ndo = \"resize\"\npower = 0.9\nparticipants = [240, 480]\n",
    ));
    assert_near(find(&found, "base", S::Difference, Measure::Power), 0.912_383);
    assert_near(find(&found, "null", S::Difference, Measure::TypeIError), 0.024_687_5);
    // Those who are given up have seven participants whose value is still to come.
    let given_up = decided(&found, "base", Some("interim"), "futility").estimate;
    let (participants, se) = mean(&found, "base", S::Participants);
    let expected = 330.187 + 7.0 * given_up;
    assert!(
        (participants - expected).abs() < 3.0 * se + 2.0,
        "{participants}, expected {expected}"
    );
}

const THREE_ARMS: &str = r#"
[arm.other]
parameters = { effect = 0.8 }
"#;

#[test]
fn nobody_more_comes_to_an_arm_that_is_dropped() {
    let trial = with_one_look(240, 0.0, "[adaptation.select]\ndo = \"drop\"\nkeep = 1\n");
    let trial =
        trial.replace("replicates = 1000", "replicates = 1\noutput.level = \"records\"");
    let trial =
        trial.replace("[scenario.null]\narm.active.parameters.effect = 0\n", THREE_ARMS);
    let trial = trial.replace("\n[arm.control]", "\nblocks = [3]\n[arm.control]");
    let tables = once(&trial);
    let day = day_of(&tables, "interim");
    let decided = tables.rows("decisions");
    assert_eq!((decided[0].text("ACTION"), decided[0].text("TRT01P")), ("drop", "active"));
    let people = tables.rows("adsl");
    assert_eq!(people.len(), 240);
    let count = |arm: &str, later: bool| {
        let is = |row: &&Row| {
            row.text("ARMCD") == arm && (row.number("RANDDY") > day + 1.0) == later
        };
        people.iter().filter(is).count()
    };
    assert_eq!(count("active", true), 0);
    // Blocks of one of each before the look; afterwards of the two that are left.
    assert!(count("active", false).abs_diff(count("other", false)) <= 1);
    assert!(count("other", true).abs_diff(count("control", true)) <= 1);
    assert!(count("other", true) > 50, "{}", count("other", true));
}

#[test]
fn enrolment_is_narrowed_to_the_group_in_which_there_is_hope() {
    let model = "param spread = 0 ~ normal sd 1";
    let trial = with_one_look(
        200,
        0.0,
        "[population.covariates]\nmarker = { choice = { high = 0.5, low = 0.5 } }\n\
         [sequential.score]\nefficacy = { spending = \"obrien-fleming\" }\ncombine = \"inverse normal\"\n\
         [adaptation.narrow]\ndo = \"enrich\"\neligibility = \"marker == high\"\n",
    );
    let covariate = format!("covariate marker in {{high, low}} = high\n{model}");
    let trial = trial.replace(model, &covariate);
    let trial =
        trial.replace("replicates = 1000", "replicates = 1\noutput.level = \"records\"");
    let trial = trial.replace("[scenario.null]\narm.active.parameters.effect = 0\n", "");
    let tables = once(&trial);
    let day = day_of(&tables, "interim");
    let people = tables.rows("adsl");
    let later = |row: &&Row| row.number("RANDDY") > day + 1.0;
    assert_eq!(people.len(), 200);
    assert!(people.iter().filter(later).all(|row| row.text("MARKER") == "high"));
    assert!(people.iter().any(|row| row.text("MARKER") == "low"));
    let refused = tables.rows("exclusions");
    assert!(refused.iter().any(|row| row.text("REASON") == "narrow"), "{refused:?}");
}

#[test]
fn allocation_moves_to_the_arm_that_does_better() {
    let trial = with_one_look(
        300,
        -0.5,
        "[adaptation.allocate]\neach = \"arm\"\ndo = \"allocate\"\nratio = \"posterior(score > 0)\"\n\
         within = [0.2, 0.8]\n",
    );
    let trial =
        trial.replace("replicates = 1000", "replicates = 1\noutput.level = \"records\"");
    let trial =
        trial.replace("[scenario.null]\narm.active.parameters.effect = 0\n", THREE_ARMS);
    let tables = once(&trial);
    let decided = tables.rows("decisions");
    let to = |arm: &str| {
        let is = |row: &&Row| row.text("TRT01P") == arm;
        decided.iter().find(is).expect("both are weighed").text("ACTION").to_owned()
    };
    assert_eq!((to("active").as_str(), to("other").as_str()), ("allocate", "allocate"));
    let count =
        |arm: &str| tables.rows("adsl").iter().filter(|r| r.text("ARMCD") == arm).count();
    // Half of them come by 1 to 1 to 1, and the others by 1 to 0.4 to 1.6: 100, 70 and 130.
    assert!(count("other") > count("active") + 30, "{} {}", count("active"), count("other"));
}

#[test]
fn adaptations_depend_on_nothing_but_the_trial() {
    let trial = with_one_look(
        96,
        0.5,
        "[sequential.score]\nefficacy = { spending = \"pocock\" }\ncombine = \"inverse normal\"\n\
         [adaptation.resize]\ndo = \"resize\"\npower = 0.8\nparticipants = [96, 200]\n",
    );
    let trial =
        trial.replace("replicates = 1000", "replicates = 7\noutput.level = \"records\"");
    let trial = trial.replace("[scenario.null]\narm.active.parameters.effect = 0\n", "");
    let trial = open(&trial, &[]);
    let all = repeated(&plan(&trial));
    for (threads, lanes, repetitions) in [(1, 1, 2), (3, 7, 7)] {
        let (lanes, repetitions) = (Some(lanes), Some(repetitions));
        let cut = Cut { lanes, repetitions, ..Cut::default() };
        assert_eq!(all, on(threads, || repeated(&plan(&trial).cut(cut))));
    }
}

#[test]
fn the_example_of_a_group_sequential_trial_runs_as_it_stands() {
    let path = "suite/trial-file/examples/group_sequential.toml";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let example = std::fs::read_to_string(path).expect("the example");
    let few = example.replace("replicates = 10000", "replicates = 40");
    assert_ne!(few, example);
    let found = characteristics(&few);
    let power = |scenario: &str, analysis: &str| {
        let of = found.iter().find(|of| {
            of.scenario == scenario && of.analysis == analysis && of.measure.is_rejection()
        });
        of.unwrap_or_else(|| panic!("no power of {analysis} in {scenario}")).estimate
    };
    // A hazard ratio of 0.65 with 437 deaths; with a delay the weighted test sees it, without an effect neither.
    assert!(power("no_delay", "os") > 0.9 && power("base", "os_late") > 0.6);
    assert!(power("null", "os") < 0.15 && power("null", "os_late") < 0.15);
    // Sixty months are the most that it takes.
    let (longest, _) = mean(&found, "null", S::Duration);
    assert!(longest < 60.0 * 30.4375, "{longest}");
}

#[test]
fn the_example_of_re_estimation_runs_as_it_stands() {
    let path = "suite/trial-file/examples/sample_size_reestimation.toml";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let example = std::fs::read_to_string(path).expect("the example");
    let few = example.replace("replicates = 20000", "replicates = 200");
    assert_ne!(few, example);
    let found = characteristics(&few);
    let power = |scenario| {
        let of = found.iter().find(|of| of.scenario == scenario && of.measure.is_rejection());
        of.unwrap_or_else(|| panic!("no power in {scenario}"))
    };
    assert_eq!(power("null").measure, Measure::TypeIError);
    assert!(power("null").estimate < 0.025 + 3.0 * 0.011 && power("base").estimate > 0.8);
    // What is resized has more power than what is not, and takes more participants.
    let size = |scenario| mean(&found, scenario, S::Participants).0;
    assert!(size("base") > size("fixed"), "{} {}", size("base"), size("fixed"));
    let made = |adaptation: &str| {
        let is = |of: &&Characteristic| {
            of.scenario == "smaller" && of.analysis == adaptation && of.statistic == S::Decision
        };
        found.iter().any(|of| is(&of))
    };
    assert!(made("promising") && made("futile") && made("enrich"));
}
