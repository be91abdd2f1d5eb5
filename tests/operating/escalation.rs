//! Dose escalation whose characteristics are known, with participants whose toxicity depends on their dose.

use crate::designs::characteristics;
use proband_analysis::{Characteristic, Measure, StatisticName as S};
use proband_engine::Cut;
use proband_tests::{Row, on, open, plan, repeated};

/// Rungs of 1 to 5 mg, each with its own chance of toxicity.
const LADDER: &str = r#"
trial.id = "LADDER"
simulation.replicates = 6000
model.m.text = '''
model m
time day
state x [mg]
dose oral -> x
d x/dt = 0 mg/day
param chance1 = 0.05
param chance2 = 0.15
param chance3 = 0.3
param chance4 = 0.45
param chance5 = 0.6
observe toxic = (if x < 1.5 mg then chance1 else if x < 2.5 mg then chance2 else if x < 3.5 mg then chance3 else if x < 4.5 mg then chance4 else chance5) ~ bernoulli
'''
[design]
participants = 30
[arm.active]
regimen = { amount = ["1 mg", "2 mg", "3 mg", "4 mg", "5 mg"] }
[[encounter]]
at = ["day 1", "day 22"]
[accrual]
rate = "6 1/month"
[endpoint.dlt]
value = "at(toxic, day 22) > 0.5"
better = "lower"
[escalation]
endpoint = "dlt"
"#;

const REPETITIONS: f64 = 6000.0;

const BOIN: &str = "method = \"boin\"\ntarget = 0.3\n";

/// The shares that choose each rung and none, by number of the rung.
fn chosen(found: &[Characteristic], measure: Measure) -> Vec<f64> {
    let share = |rung: &str| {
        let is = |of: &&Characteristic| {
            of.statistic == S::Selected
                && of.measure == measure
                && of.group.as_ref().is_some_and(|group| group.starts_with(rung))
        };
        found.iter().find(is).map_or(0.0, |of| of.estimate)
    };
    ["1", "2", "3", "4", "5", "none"].map(share).to_vec()
}

fn mean_at(found: &[Characteristic], statistic: S, rung: &str) -> f64 {
    let is = |of: &&Characteristic| {
        of.statistic == statistic
            && of.measure == Measure::Mean
            && of.group.as_ref().is_some_and(|group| group.starts_with(rung))
    };
    found.iter().find(is).expect("every rung is told").estimate
}

/// Within three Monte Carlo standard errors, those of `others` simulated trials behind the known ones included.
fn assert_all_near(all: &[f64], known: &[f64], others: f64) {
    for (found, known) in all.iter().zip(known) {
        let se = (known * (1.0 - known) * (1.0 / REPETITIONS + others)).sqrt();
        assert!(
            (found - known).abs() < 3.0 * se + 1e-9,
            "{all:?}: {found}, known {known}, SE {se}"
        );
    }
}

#[test]
fn boin_chooses_as_its_authors_program_does() {
    let found = characteristics(&format!("{LADDER}{BOIN}"));
    // BOIN 2.7.2, get.oc(target = 0.3, ncohort = 10, cohortsize = 3), 20000 trials; none in 0.00025.
    let known = [0.01045, 0.2325, 0.5505, 0.192, 0.0143];
    let shares = chosen(&found, Measure::Probability);
    assert_all_near(&shares[..5], &known, 1.0 / 20_000.0);
    assert!(shares[5] < 0.004, "{shares:?}");
    // Participants at the third rung: cohorts of three among ten, whose SD is below 7.
    let treated = mean_at(&found, S::Participants, "3");
    assert!((treated - 11.131).abs() < 3.0 * 7.0 / REPETITIONS.sqrt(), "{treated}");
    let toxic = mean_at(&found, S::Toxicities, "3");
    assert!(
        (toxic - 0.3 * treated).abs() < 3.0 * (0.21 * treated / REPETITIONS).sqrt(),
        "{toxic}"
    );
}

#[test]
fn three_plus_three_chooses_as_its_exact_recursion_says() {
    let found = characteristics(&format!("{LADDER}method = \"3+3\"\n"));
    let exact = proband_stats::dose_finding::three_plus_three(&[0.05, 0.15, 0.3, 0.45, 0.6]);
    let exact = exact.expect("chances");
    let known: Vec<f64> = exact.selected.iter().copied().chain([exact.below_lowest]).collect();
    assert_all_near(&chosen(&found, Measure::Probability), &known, 0.0);
}

#[test]
fn the_other_rules_choose_the_rung_at_the_target_most_often() {
    let skeleton = "skeleton = [0.05, 0.12, 0.25, 0.40, 0.55]\n";
    let ladder = LADDER.replace("replicates = 6000", "replicates = 200");
    for rule in [
        format!("method = \"crm\"\ntarget = 0.3\n{skeleton}"),
        "method = \"mtpi-2\"\ntarget = 0.3\n".to_owned(),
        "method = \"i3+3\"\ntarget = 0.3\n".to_owned(),
    ] {
        let found = characteristics(&format!("{ladder}{rule}"));
        let shares = chosen(&found, Measure::Probability);
        let most = shares.iter().copied().fold(0.0, f64::max);
        assert!(
            shares[2] >= most && shares.iter().sum::<f64>() > 1.0 - 1e-9,
            "{rule}: {shares:?}"
        );
    }
}

#[test]
fn a_cohort_comes_after_the_one_before_is_known() {
    let once = LADDER.replace("replicates = 6000", "replicates = 1");
    let trial = open(&format!("output.level = \"records\"\n{once}{BOIN}"), &[]);
    let tables = repeated(&plan(&trial));
    let (people, decided) = (tables.rows("adsl"), tables.rows("decisions"));
    assert_eq!(people.len(), 30);
    assert_eq!(decided.len(), 10);
    assert!(decided.iter().all(|row| row.text("RULE") == "escalation"), "{decided:?}");
    // Nobody of the next cohort comes before three weeks after the last of this one.
    let entry = |row: &Row| row.number("RANDDY");
    let cohorts: Vec<&[Row]> = people.chunks(3).collect();
    for (pair, decision) in cohorts.windows(2).zip(decided) {
        let (last, first) = (entry(&pair[0][2]), entry(&pair[1][0]));
        assert!(first >= last + 20.0, "{last} {first}");
        assert!(
            (decision.number("CALDY") - (last + 20.0)).abs() <= 1.0 + 1e-9,
            "{last} {decision:?}"
        );
    }
    let turned_away = tables.rows("exclusions");
    assert!(turned_away.iter().any(|row| row.text("REASON") == "no open cohort"));
    // Everybody of a cohort has the dose of its rung, and the next rung is the one that was decided.
    let dose = |row: &Row| row.number("EXDOSE");
    let doses: Vec<f64> = tables.rows("adex").iter().map(dose).collect();
    assert_eq!(doses.len(), 30);
    assert!(
        doses
            .chunks(3)
            .all(|cohort| cohort.iter().all(|dose| dose.total_cmp(&cohort[0]).is_eq()))
    );
    let moves = doses.chunks(3).map(|cohort| cohort[0]).collect::<Vec<_>>();
    for (pair, decision) in moves.windows(2).zip(decided) {
        let word = match pair[1] - pair[0] {
            up if up > 0.0 => "up",
            down if down < 0.0 => "down",
            _ => "same",
        };
        assert_eq!(decision.text("ACTION"), word);
    }
    let found = tables.rows("findings");
    assert!(found.iter().any(|row| row.text("STATISTIC") == "SELECTED"));
}

#[test]
fn an_escalation_depends_on_nothing_but_the_trial() {
    let trial = LADDER.replace("replicates = 6000", "replicates = 9");
    let trial = open(&format!("output.level = \"records\"\n{trial}{BOIN}"), &[]);
    let all = repeated(&plan(&trial));
    for (threads, lanes, repetitions) in [(1, 1, 2), (3, 7, 9)] {
        let (lanes, repetitions) = (Some(lanes), Some(repetitions));
        let cut = Cut { lanes, repetitions, ..Cut::default() };
        assert_eq!(all, on(threads, || repeated(&plan(&trial).cut(cut))));
    }
}
