//! What must always be true: a test for each sentence, by its name. `crates/README.md` lists them with
//! the tests elsewhere that hold the same sentence closer to the code.

use proband::Backend;
use proband_analysis::Category;
use proband_engine::tables::{Kept, Sink};
use proband_engine::{Cut, Plan, ReplayError, TwinKey, Unwatched, Watch, replay, simulate};
use proband_tests::{
    Cell, Refusing, Row, Tables, enrolled, found, open, plan, run, run_on, simulated,
};
use proband_trial::Trial;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Everything at once: doses, occasions, events, hazards, inputs, and twins that fail.
const MODEL: &str = "
model m
time h

covariate age [year] = 50 year
covariate sex in {F, M}
input today [mg] = 0 mg

param ke   = 0.05 1/h * (age / 50 year)^-0.3  ~ lognormal sd 0.3, sd 0.1 per occasion
param base = 10 mmol/L ~ normal sd 2 mmol/L
param bad  = 3 % ~ bernoulli

state x [mg]
state y [mmol/L] = base
dose oral -> x, lag 1 h

let odd = if bad > 0.5 and t > 200 h then 1 else 0

d x/dt = -ke * x
d y/dt = 0.02 1/h * (base - 0.1 mmol/L/mg * x - 0.05 mmol/L/mg * today - y) + odd * 1 mmol/L/h * (y / 1 mmol/L)^2

event low when y < 7 mmol/L for 6 h, until y > 7.5 mmol/L
on low: y += 0.5 mmol/L
hazard fall [1/day] = 0.01 1/day * sex{F: 1, M: 2}
hazard death [1/day] = 0.002 1/day, terminal

observe y ~ normal cv 5%
observe x ~ normal sd 0.1 mg, lloq 0.05 mg
";

const TRIAL: &str = r#"
trial.id = "ALL"
output.level = "truth"
output.truth_every = "1 day"
model.m.file = "m.model"
model.m.inputs = { today = "daily_dose(drug)" }

[population.covariates]
age = { normal = { mean = 50, sd = 12 }, within = [20, 80], unit = "year" }
sex = { choice = { F = 0.5, M = 0.5 } }

[population]
limits.plausible = "age > 25 year"

[eligibility]
at = "day -7"
inclusion.high = "y > 8 mmol/L"

[design]
participants = 300
strata = ["sex"]

[epoch.run_in]
duration = "7 day"

[epoch.treatment]
duration = "21 day"

[regimen.drug]
every = "1 day"

[arm.placebo]
[arm.low]
regimen = { use = "drug", amount = "10 mg" }

[[encounter]]
at = ["day -7", "day 1", "week 1", "week 2", "week 3"]
window = "1 day"
missing = "5 %"

[adverse_event.low]
event = "low"
recurs = true
lasts = "1 day"

[adverse_event.rash]
hazard = "(if arm == low then 0.02 else 0.01) * 1 1/day"
severity = [0.6, 0.4]

[adverse_event.raised]
grades = ["y > 11 mmol/L", "y > 13 mmol/L"]

[endpoint.change]
value = "change(y, week 3)"

[endpoint.fallen]
value = "time_to(fall)"
"#;

const FILES: [(&str, &str); 1] = [("m.model", MODEL)];

/// Rules and missed doses: what happens depends on what was seen.
const RULES: &str = r#"
[adherence]
taken = "if age > 50 year then 90 % else 80 %"
between = 0.5
late = "2 h"
holiday = "2 day"

[rule.less]
when = "y < 7 mmol/L or ongoing(low)"
do = "hold"
until = "y > 7.5 mmol/L"

[rule.more]
when = "y > 9 mmol/L"
do = "set"
to = "1.2 * dose"
followed = "80 %"
at_most = 2

[rule.again]
when = "y < 9 mmol/L and not happened(again)"
do = "see"
in = "2 day"

[rule.pause]
check = "dose"
when = "x > 8 mg"
do = "delay"
by = "12 h"
"#;

fn ruled() -> String {
    format!("{TRIAL}{RULES}")
}

/// The same twins in every arm.
fn every_arm() -> String {
    TRIAL.replace("participants = 300", "participants = 80\nassignment = \"every-arm\"")
}

fn of_arm(tables: &Tables, table: &str, arm: &str) -> Vec<Row> {
    tables.having(table, &[("TRT01P", arm)]).into_iter().cloned().collect()
}

#[test]
fn a_run_is_a_pure_function_of_its_inputs() {
    let once = run_on(1, TRIAL, &FILES);
    assert_eq!(once.rows("adsl").len(), 300);
    assert_eq!(once, run_on(1, TRIAL, &FILES), "run again");
    assert_eq!(once, run_on(2, TRIAL, &FILES), "two threads");
    assert_eq!(once, run_on(5, TRIAL, &FILES), "five threads");
    let trial = open(TRIAL, &FILES);
    no_cut_changes_it(&once, &trial, &[1, 3, 7, 64], &[1, 17, 1_000]);
    let other =
        run(&TRIAL.replace("output.level", "simulation.seed = 2\noutput.level"), &FILES);
    assert_ne!(once.rows("adlb"), other.rows("adlb"), "another seed is another run");
}

#[test]
fn a_run_with_rules_is_a_pure_function_of_its_inputs() {
    let text = ruled();
    let once = run_on(1, &text, &FILES);
    assert!(once.rows("decisions").len() > 300 && once.rows("addv").len() > 20);
    assert!(once.having("adlb", &[("AVISIT", "Unscheduled")]).len() > 50);
    assert_eq!(once, run_on(3, &text, &FILES), "three threads");
    no_cut_changes_it(&once, &open(&text, &FILES), &[1, 7, 64], &[17]);
}

#[test]
fn crossovers_and_minimised_trials_are_pure_functions_of_their_inputs() {
    const CROSSOVER: &str = "design.type = \"crossover\"\ndesign.blocks = [4]\n[epoch.treatment]\n\
                             duration = \"7 day\"\n[epoch.washout]\nduration = \"2 day\"\n";
    const MINIMISED: &str =
        "design.method = \"minimisation\"\ndesign.strata = [\"sex\", \"age >= 50 year\"]\n";
    for design in [CROSSOVER, MINIMISED] {
        let text = designed(design);
        let once = run_on(1, &text, &FILES);
        assert_eq!(once.rows("adsl").len(), 120);
        assert!(once.rows("adlb").len() > 400 && once.rows("truth_events").len() > 5);
        assert_eq!(once, run_on(3, &text, &FILES), "three threads");
        no_cut_changes_it(&once, &open(&text, &FILES), &[1, 7, 64], &[1, 17]);
    }
}

/// A trial of the model with a design of its own.
fn designed(design: &str) -> String {
    format!(
        "trial.id = \"DESIGN\"\noutput.level = \"truth\"\nmodel.m.file = \"m.model\"\n\
         design.participants = 120\n{design}\n\
         [population.covariates]\nage = {{ normal = {{ mean = 50, sd = 12 }}, within = [20, 80], unit = \"year\" }}\n\
         sex = {{ choice = {{ F = 0.5, M = 0.5 }} }}\n\
         [arm.none]\n[arm.drug]\nregimen = {{ amount = \"8 mg\", every = \"1 day\" }}\n\
         [[encounter]]\nat = [\"day 1\", \"day 4\", \"day 7\"]\n\
         [endpoint.y]\nvalue = \"at(y, day 7)\"\n"
    )
}

/// So many lanes, shards of so many, and every back end give the same tables.
fn no_cut_changes_it(once: &Tables, trial: &Trial, lanes: &[usize], shards: &[u64]) {
    let lanes = lanes.iter().map(|&lanes| Cut { lanes: Some(lanes), ..Cut::default() });
    let shards = shards.iter().map(|&shard| Cut { shard: Some(shard), ..Cut::default() });
    let backends =
        Backend::usable().map(|backend| Cut { backend: Some(backend), ..Cut::default() });
    for cut in lanes.chain(shards).chain(backends) {
        assert!(*once == simulated(&plan(trial).cut(cut)), "{cut:?}");
    }
}

#[test]
fn what_is_kept_changes_nothing_that_is_kept() {
    for text in [TRIAL.to_owned(), ruled()] {
        what_is_kept_changes_nothing_of(&text);
    }
}

fn what_is_kept_changes_nothing_of(text: &str) {
    let all = run(text, &FILES);
    for level in ["findings", "participants", "records"] {
        let toml = text.replace("\"truth\"", &format!("\"{level}\""));
        let toml = toml.replace("output.truth_every = \"1 day\"\n", "");
        for (name, rows) in run(&toml, &FILES).all() {
            assert!(rows == all.rows(name), "{name} at level {level}");
        }
    }
}

#[test]
fn random_draws_are_addressed_not_consumed() {
    for rest in ["", RULES] {
        two_arms_more_change_no_row(&format!("{}{rest}", every_arm()));
    }
}

fn two_arms_more_change_no_row(text: &str) {
    let before = run(text, &FILES);
    let arm = text.replace(
        "[[encounter]]",
        "[arm.middle]\nregimen = { use = \"drug\", amount = \"4 mg\" }\n[arm.high]\nregimen = { use = \"drug\", amount = \"20 mg\" }\n[[encounter]]",
    );
    let with_arms = run(&arm, &FILES);
    assert_eq!(with_arms.rows("adsl").len(), 2 * before.rows("adsl").len());
    // Which arm randomisation names depends on the arms; nothing else does.
    let named = ["FACTFL", "ITTFL", "ANL01FL"];
    for (table, rows) in before.all().filter(|(table, _)| *table != "exclusions") {
        for arm in ["placebo", "low"] {
            let strip =
                |rows: Vec<Row>| rows.iter().map(|row| row.without(&named)).collect::<Vec<_>>();
            let (one, other) = (of_arm(&before, table, arm), of_arm(&with_arms, table, arm));
            assert!(
                !one.is_empty() || rows.is_empty() || ["adex", "addv"].contains(&table),
                "{table}"
            );
            assert!(strip(one) == strip(other), "{table} of {arm} with two arms more");
        }
    }
}

/// Rows of a table that were there before `itch`, `height` and day 5 came.
fn old_rows(tables: &Tables, table: &str) -> Vec<Row> {
    let is_new = |row: &Row| {
        let ids = [row.text("AESPID"), row.text("EVENT")];
        row.text("AVISIT") == "Day 5" || ids.contains(&"itch") || row.text("PARAMCD") == "MORE"
    };
    let rows = tables.rows(table).iter().filter(|row| !is_new(row));
    rows.map(|row| row.without(&["HEIGHT"])).collect()
}

const TABLES: [&str; 9] =
    ["adsl", "adlb", "adpc", "adex", "adae", "adeff", "truth", "truth_events", "exclusions"];

#[test]
fn what_is_added_changes_nothing_else() {
    const ENDPOINT: &str = "[endpoint.more]\nvalue = \"at(y, week 2) < 9 mmol/L\"\n";
    const CHANCE: &str = "[adverse_event.itch]\nprobability = \"20 %\"\nlasts = \"2 day\"\n";
    const HEIGHT: &str = "height = { normal = { mean = 170, sd = 8 }, unit = \"cm\" }\n";
    let before = run(TRIAL, &FILES);
    for (place, added) in
        [("[endpoint.change]", ENDPOINT), ("[adverse_event.rash]", CHANCE), ("sex = {", HEIGHT)]
    {
        let after = run(&TRIAL.replacen(place, &format!("{added}{place}"), 1), &FILES);
        for table in TABLES {
            assert_eq!(
                old_rows(&before, table),
                old_rows(&after, table),
                "{table} with {added}"
            );
        }
    }
}

/// Discontinuations of every kind in one arm.
const LEAVING: &str = "
[discontinuation.gone]
from = \"trial\"
share = \"20 %\"
by = \"week 3\"
arms = [\"low\"]
[discontinuation.tired]
from = \"treatment\"
probability = \"10 %\"
retained = \"50 %\"
arms = [\"low\"]
[discontinuation.worse]
from = \"trial\"
hazard = \"if latest(y) > 10 mmol/L or ongoing(rash) then 0.02 1/day else 0.002 1/day * max(change(y), 0 mmol/L) / (1 mmol/L)\"
arms = [\"low\"]
[discontinuation.seen]
from = \"treatment\"
when = \"y > 14 mmol/L\"
arms = [\"low\"]
";

#[test]
fn a_discontinuation_shifts_nothing_in_another_arm_and_does_not_depend_on_the_machine() {
    let leaving = format!("{TRIAL}{LEAVING}");
    let (before, after) = (run(TRIAL, &FILES), run_on(1, &leaving, &FILES));
    for table in ["adsl", "adlb", "adpc", "adex", "adae", "truth", "truth_events"] {
        let [before, after] = [&before, &after].map(|tables| of_arm(tables, table, "placebo"));
        assert_eq!(before, after, "{table}");
    }
    let early = after.having("adsl", &[("EOTSTT", "DISCONTINUED"), ("ARMCD", "low")]).len();
    assert!(early > 30, "{early} of 150 stopped");
    assert_eq!(after, run_on(3, &leaving, &FILES), "three threads");
    no_cut_changes_it(&after, &open(&leaving, &FILES), &[1, 7, 64], &[]);
}

#[test]
fn a_visit_that_is_added_changes_no_other() {
    // A visit begins an occasion, which the model here is made to ignore.
    let model = MODEL.replace(", sd 0.1 per occasion", "");
    let files = [("m.model", model.as_str())];
    let before = run(TRIAL, &files);
    let after = run(&TRIAL.replace("\"week 1\"", "\"day 5\", \"week 1\""), &files);
    assert!(after.rows("adlb").len() > before.rows("adlb").len());
    for table in ["adsl", "adlb", "adpc", "adex", "adeff", "exclusions"] {
        assert_eq!(old_rows(&before, table), old_rows(&after, table), "{table}");
    }
    // A further look may grade an adverse event, and may be the one at which an event is learned of.
    let happened = |tables: &Tables| -> Vec<Row> {
        tables.rows("truth_events").iter().map(|row| row.without(&["SEENFL"])).collect()
    };
    assert_eq!(happened(&before), happened(&after));
}

#[test]
fn a_hazard_that_is_added_shifts_no_other_draw() {
    // The solver's steps end where a hazard strikes, so that other numbers agree to its tolerance.
    let tight = TRIAL.replace("output.level", "simulation.tolerance = 1e-10\noutput.level");
    let itch =
        "[adverse_event.itch]\nhazard = \"0.05 1/day\"\nlasts = \"2 day\"\nrecurs = true\n";
    let added = tight.replace("[adverse_event.rash]", &format!("{itch}[adverse_event.rash]"));
    let (before, after) = (run(&tight, &FILES), run(&added, &FILES));
    assert!(after.rows("adae").len() > before.rows("adae").len() + 30);
    for table in TABLES {
        let (one, other) = (old_rows(&before, table), old_rows(&after, table));
        assert_eq!(one.len(), other.len(), "{table}");
        one.iter().zip(&other).for_each(|(one, other)| assert_near(one, other));
    }
}

/// Asserts that rows say the same, numbers to 1e-6 of their size.
#[track_caller]
fn assert_near(one: &Row, other: &Row) {
    assert_eq!(one.0.len(), other.0.len(), "{one:?}\n{other:?}");
    for (name, cell) in &one.0 {
        match (cell, &other.0[name]) {
            (Cell::Number(a), Cell::Number(b)) => {
                assert!((a - b).abs() <= 1e-6 * a.abs().max(1.0), "{name}: {a} and {b}");
            }
            (a, b) => assert_eq!(a, b, "{name}"),
        }
    }
}

#[test]
fn there_is_one_expression_language() {
    const FORMULA: &str = "exp(-(z / 3)^2) * (1 + ln(z + 2)) / (if z > 1 then tanh(z) else 2 - z) + round(z, 0.1)";
    let model = format!(
        "model m\ntime day\ncovariate z = 1\nlet f = {FORMULA}\nstate a [mg]\ndose iv -> a\nd a/dt = 0 mg/day\nobserve f\nobserve seen = z\n"
    );
    let toml = format!(
        r#"
trial.id = "ONE"
design.participants = 200
design.strata = ["{FORMULA} > 2.1"]
model.m.file = "m.model"
[population.covariates]
z = {{ uniform = {{ min = 0, max = 4 }} }}
derived = "{FORMULA}"
[eligibility]
inclusion.formula = "{FORMULA} > 1.6"
[arm.a]
regimen = {{ amount = "({FORMULA}) * 1 mg", times = 1 }}
[[encounter]]
at = ["day 1", "day 2"]
[endpoint.formula]
value = "{}"
"#,
        FORMULA.replace('z', "at(seen, day 2)")
    );
    let tables = run(&toml, &[("m.model", &model)]);
    let bits = |table, texts: &[(&str, &str)], column| -> Vec<u64> {
        tables.numbers(table, texts, column).into_iter().map(f64::to_bits).collect()
    };
    let derived = bits("adsl", &[], "DERIVED");
    assert_eq!(derived.len(), 200);
    assert_eq!(
        derived,
        bits("adlb", &[("PARAMCD", "F"), ("AVISIT", "Day 2")], "AVAL"),
        "model"
    );
    assert_eq!(derived, bits("adex", &[], "EXDOSE"), "dose rule");
    assert_eq!(derived, bits("adeff", &[], "AVAL"), "endpoint");
    for row in tables.rows("adsl") {
        let value = row.number("DERIVED");
        assert!(value > 1.6, "eligibility");
        assert_eq!(row.text("STRAT1R"), if value > 2.1 { "Y" } else { "N" }, "strata");
    }
}

#[test]
fn the_engine_does_not_know_what_kind_of_model_it_runs() {
    // Equations, a formula, and chance alone answer the same questions in one trial.
    let files = [
        (
            "equations.model",
            "model a\ntime day\nstate x = 1\nd x/dt = -0.1 1/day * x\nobserve decay = x\n",
        ),
        (
            "formula.model",
            "model b\ntime day\nparam p = 2 ~ normal sd 1\nobserve line = p + 3 * (t / 1 day)\n",
        ),
        (
            "chance.model",
            "model c\nhazard hit [1/day] = 0.1 1/day, once\nobserve coin = 0.5 ~ bernoulli\n",
        ),
    ];
    let toml = r#"
trial.id = "KINDS"
output.level = "truth"
design.participants = 50
model.a.file = "equations.model"
model.b.file = "formula.model"
model.c.file = "chance.model"
[arm.one]
[[encounter]]
at = ["day 1", "day 11"]
"#;
    let together = run(toml, &files);
    for (paramcd, model) in [("DECAY", "a"), ("LINE", "b"), ("COIN", "c")] {
        let others: String = toml
            .lines()
            .filter(|line| {
                !line.starts_with("model.") || line.starts_with(&format!("model.{model}."))
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let alone = run(&others, &files);
        let records = |tables: &Tables| tables.numbers("adlb", &[("PARAMCD", paramcd)], "AVAL");
        let (alone, together) = (records(&alone), records(&together));
        assert_eq!(alone.len(), 100);
        for (one, other) in alone.iter().zip(&together) {
            // Several models share the steps of the solver, which is asked for 1e-6.
            assert!((one - other).abs() < 1e-6, "{paramcd}: {one} and {other}");
        }
    }
}

#[test]
fn nothing_is_lost_silently() {
    let trial = open(TRIAL, &FILES);
    let plan = plan(&trial);
    let counts = enrolled(&plan).screening;
    let tables = simulated(&plan);
    let adsl = tables.rows("adsl");
    let number = |row: &&Row| row.number("TWIN") as u64;
    let enrolled: BTreeSet<u64> = adsl.iter().map(|row| number(&row)).collect();
    let at = |stage| -> BTreeSet<u64> {
        tables.having("exclusions", &[("STAGE", stage)]).iter().map(number).collect()
    };
    let (population, screening, failed) = (at("population"), at("screening"), at("simulation"));
    assert!(population.len() > 3 && screening.len() > 10 && failed.len() > 3);
    // Every twin drawn is enrolled, or stands among the exclusions.
    let all: BTreeSet<u64> =
        enrolled.iter().chain(&population).chain(&screening).copied().collect();
    assert_eq!(all, (0..counts.drawn).collect());
    assert_eq!(enrolled.len() + population.len() + screening.len(), all.len(), "and only once");
    // Those who failed are enrolled, none is drawn again in their place.
    assert_eq!(adsl.len(), 300);
    assert!(failed.is_subset(&enrolled));
    let lost = tables.having("adsl", &[("DCSREAS", "Model failure")]);
    assert_eq!(lost.iter().map(number).collect::<BTreeSet<_>>(), failed);
    for row in tables.having("exclusions", &[("STAGE", "simulation")]) {
        assert!(!row.text("REASON").is_empty() && !row.text("TRT01P").is_empty());
    }
}

#[test]
fn truth_and_observation_are_separate() {
    let model = "
model m
time day
state x [mg] = 10 mg
state y [mg]
dose iv -> y
d x/dt = 0 mg/day
d y/dt = 0 mg/day
observe x ~ normal sd 2 mg
observe rough = x ~ normal sd 2 mg
";
    let toml = r#"
trial.id = "SEEN"
output.level = "truth"
design.participants = 100
design.strata = ["x > 10 mg"]
model.m.file = "m.model"
[eligibility]
inclusion.low = "rough < 11 mg"
[arm.a]
regimen = { amount = "x", every = "1 day", times = 2 }
[[encounter]]
at = ["day 1", "day 2", "day 3"]
[adverse_event.high]
grades = ["x > 12 mg"]
"#;
    let tables = run(toml, &[("m.model", model)]);
    // In truth all are alike; decisions differ, because they follow what was seen.
    let truth = tables.numbers("truth", &[("PARAMCD", "X")], "AVAL");
    assert_eq!(truth, vec![10.0; 300]);
    assert!(tables.rows("exclusions").len() > 20);
    assert!(tables.having("truth_events", &[]).is_empty() && tables.rows("adae").len() > 20);
    for row in tables.rows("adsl") {
        let subject = ("USUBJID", row.text("USUBJID"));
        let seen = tables.numbers("adlb", &[subject, ("PARAMCD", "X")], "AVAL");
        let doses = tables.numbers("adex", &[subject], "EXDOSE");
        assert_eq!(doses, seen[..2], "a dose follows the record of its visit");
        assert_eq!(row.text("STRAT1R"), if seen[0] > 10.0 { "Y" } else { "N" });
    }
}

#[test]
fn every_estimate_carries_its_uncertainty() {
    let trial = open(TRIAL, &FILES);
    let found = found(&plan(&trial));
    let compared = found.iter().filter(|finding| finding.category == Category::Comparison);
    let mut estimates = 0;
    for finding in compared.filter(|finding| finding.estimate.is_some()) {
        let name = format!("{} {:?}", finding.analysis, finding.statistic);
        // A test has a p-value; an estimate an interval, which holds it.
        if let (Some(lower), Some(upper)) = (finding.lower, finding.upper) {
            let estimate = finding.estimate.unwrap();
            assert!((lower..=upper).contains(&estimate), "{name}");
            estimates += 1;
        } else {
            assert!(finding.p_value.is_some(), "{name}");
        }
        assert!(finding.n.is_some(), "{name} says on how many it rests");
    }
    assert!(estimates >= 2, "a difference and a hazard ratio");
}

#[test]
fn a_fault_at_run_time_names_its_place_and_can_be_replayed() {
    let trial = open(TRIAL, &FILES);
    let plan = plan(&trial);
    let tables = simulated(&plan);
    let lost = tables.having("exclusions", &[("STAGE", "simulation")]);
    assert!(lost.len() > 3);
    for row in lost {
        let arm = trial.arms.iter().position(|arm| arm.title == row.text("TRT01P")).unwrap();
        let again = replay(&plan, TwinKey::first(row.number("TWIN") as u64), arm, 1.0).unwrap();
        assert_eq!(again.followed.to_bits(), row.number("ATIME").to_bits());
        let reason = format!("{}: {}", row.text("REASON"), row.text("DETAIL"));
        assert_eq!(again.ending.as_deref(), Some(reason.as_str()));
        assert!(row.text("DETAIL").contains("state `y`"), "{reason}");
    }
    let refused = tables.having("exclusions", &[("STAGE", "screening")])[0].number("TWIN");
    let again = replay(&plan, TwinKey::first(refused as u64), 0, 1.0);
    assert!(matches!(again, Err(ReplayError::NotEnrolled { .. })));
}

/// Stops before the third shard.
#[derive(Default)]
struct StopsEarly(AtomicU32);

impl Watch for StopsEarly {
    fn stop(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 2
    }
}

fn in_shards(trial: &Trial) -> Plan<'_> {
    plan(trial).cut(Cut { shard: Some(50), ..Cut::default() })
}

/// Participants simulated before, and now.
#[derive(Default)]
struct Progress {
    before: AtomicU64,
    now: AtomicU64,
}

impl Watch for Progress {
    fn done_before(&self, participants: u64) {
        self.before.fetch_add(participants, Ordering::Relaxed);
    }

    fn shard_done(&self, participants: u64) {
        self.now.fetch_add(participants, Ordering::Relaxed);
    }
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_result() {
    let trial = open(TRIAL, &FILES);
    let plan = in_shards(&trial);
    let whole = simulated(&plan);
    let enrolment = enrolled(&plan);
    let sink = Kept::default();
    let first = simulate(&plan, &enrolment, &sink, &StopsEarly::default()).unwrap();
    assert!(first.interrupted && first.shards == 2, "{first:?}");
    let progress = Progress::default();
    let second = simulate(&plan, &enrolment, &sink, &progress).unwrap();
    assert_eq!((second.interrupted, second.shards), (false, enrolment.shards() - 2));
    // Progress begins at what is done, and ends at all participants.
    let (before, now) = (progress.before.into_inner(), progress.now.into_inner());
    let rows = whole.rows("adsl").len() as u64;
    assert!(before > 0 && before < rows, "{before} of {rows}");
    assert_eq!(before + now, rows);
    assert_eq!(Tables::of(sink), whole);
}

#[test]
fn a_shard_arrives_whole_or_not_at_all() {
    let trial = open(TRIAL, &FILES);
    let plan = in_shards(&trial);
    let enrolment = enrolled(&plan);
    let sink = Refusing::new(|index| index == 2);
    let error = simulate(&plan, &enrolment, &sink, &Unwatched).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    let kept = sink.kept;
    assert!(!kept.has_shard(2));
    simulate(&plan, &enrolment, &kept, &Unwatched).unwrap();
    assert_eq!(Tables::of(kept), simulated(&plan));
}

#[test]
fn a_table_names_what_it_holds_once() {
    // The key of a table identifies its rows.
    let trial = open(TRIAL, &FILES);
    let sink = Kept::default();
    let plan = in_shards(&trial);
    simulate(&plan, &enrolled(&plan), &sink, &Unwatched).unwrap();
    let shards = sink.into_shards();
    let keys: BTreeMap<String, Vec<String>> = shards[&0]
        .tables
        .iter()
        .map(|batch| {
            let schema = batch.schema();
            let names = schema.columns.iter().filter(|column| column.key);
            (schema.table.name().to_owned(), names.map(|column| column.name.clone()).collect())
        })
        .collect();
    let tables = simulated(&plan);
    for (table, key) in keys.iter().filter(|(table, _)| *table != "exclusions") {
        let of = |row: &Row| {
            key.iter().map(|name| format!("{:?}", row.0.get(name))).collect::<Vec<_>>()
        };
        let distinct: BTreeSet<Vec<String>> = tables.rows(table).iter().map(of).collect();
        assert_eq!(distinct.len(), tables.rows(table).len(), "{table} by {key:?}");
    }
}
