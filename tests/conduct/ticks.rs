//! Difference equations: when they tick, what they see, what they draw.

use crate::{assert_close, assert_within, mean, records, run, trial};
use proband_engine::{TwinKey, replay};
use proband_tests::{Tables, open, plan, simulated};

/// One arm without treatment, seen on some days.
fn seen(days: &str) -> String {
    format!("[arm.a]\n[[encounter]]\nat = [{days}]\n")
}

#[test]
fn all_that_tick_at_one_instant_see_the_values_before() {
    let model = "
model fibonacci
time h
state a = 1
state b = 1
next a every 1 day = b
next b every 24 h = a + b
observe a
observe b
";
    let tables = run(1, model, &seen("\"day 1\", \"day 2\", \"day 3\", \"day 6\""));
    // A visit at the instant of a tick comes before it: day 2 is one day after the start.
    assert_close(&records(&tables, "A"), &[1.0, 1.0, 1.0, 5.0]);
    assert_close(&records(&tables, "B"), &[1.0, 1.0, 2.0, 8.0]);
}

#[test]
fn a_tick_comes_after_the_dose_and_before_what_it_makes_true() {
    let model = "
model m
time h
state gut [mg]
state noted [mg]
state flag
dose oral -> gut
next gut every 1 day = 0 mg
next noted every 1 day = gut
event dosed when gut > 1 mg
event high when noted > 5 mg
on high: flag = t / 1 day
observe gut
observe noted
observe flag
";
    let rest = "[arm.a]\nregimen = { amount = \"10 mg\", from = \"day 2\", every = \"1 day\", times = 2 }\n\
        [[encounter]]\nat = [\"day 2\", \"day 3\", \"day 4\", \"day 5\"]\n";
    let tables = run(1, model, rest);
    assert_close(&records(&tables, "NOTED"), &[0.0, 10.0, 10.0, 0.0]);
    assert_close(&records(&tables, "GUT"), &[0.0; 4]);
    assert_close(&records(&tables, "FLAG"), &[0.0, 1.0, 1.0, 1.0]);
    // The doses were gone before anything asked.
    assert_eq!(tables.having("truth_events", &[("EVENT", "dosed")]).len(), 0);
}

const COUNT: &str = "state n\nnext n every 1 day = n + 1\nobserve n\n";

#[test]
fn ticks_count_from_the_start_of_the_simulated_time() {
    let rest = "[eligibility]\nat = \"day -3\"\n[epoch.screening]\nduration = \"6.5 day\"\n\
        [epoch.treatment]\nduration = \"2 day\"\n[arm.a]\n[[encounter]]\n\
        at = [\"day -6\", \"day -3\", \"day -1\", \"day 1\", \"day 2\"]\n";
    let tables = run(1, &format!("model m\ntime day\n{COUNT}"), rest);
    // Ticks at -5.5, -4.5, ... for visits at -6, -3, -1, 0 and 1; none is lost or doubled on a border.
    assert_close(&records(&tables, "N"), &[0.0, 3.0, 5.0, 6.0, 7.0]);
    let whole = rest.replace("6.5 day", "6 day");
    let tables = run(1, &format!("model m\ntime day\n{COUNT}"), &whole);
    // On whole days each visit comes before the tick at its instant.
    assert_close(&records(&tables, "N"), &[0.0, 2.0, 4.0, 5.0, 6.0]);
}

/// Times in days of a grid, of doses and of ticks, each worked out in its own unit, meet where they are one.
#[test]
fn visits_doses_and_ticks_that_meet_are_one_instant() {
    for unit in ["min", "h", "day", "week"] {
        let model = format!(
            "model m\ntime {unit}\nstate n\nstate gut [mg]\nstate got [mg]\ndose oral -> gut\n\
             d gut/dt = 0 mg/day\nnext n every 15 min = n + 1\nnext got every 75 min = gut\nobserve n\nobserve got\n"
        );
        let rest = "output.truth_every = \"5 min\"\n[epoch.treatment]\nduration = \"3 day\"\n\
            [arm.a]\nregimen = { amount = \"1 mg\", every = \"75 min\" }\n";
        let tables = run(1, &model, rest);
        for row in tables.having("adtruth", &[("PARAMCD", "N")]) {
            let fives = (row.number("ATIME") * 288.0).round();
            let ticks = ((fives - 1.0) / 3.0).floor().max(0.0);
            assert_eq!(row.number("AVAL"), ticks, "{unit}, minute {}", 5.0 * fives);
        }
        for row in tables.having("adtruth", &[("PARAMCD", "GOT")]) {
            let fives = (row.number("ATIME") * 288.0).round();
            let ticks = ((fives - 1.0) / 15.0).floor().max(0.0);
            // The tick is after the dose of its instant, and the first dose was at the start.
            let doses = if ticks > 0.0 { ticks + 1.0 } else { 0.0 };
            assert_eq!(row.number("AVAL"), doses, "{unit}, minute {}", 5.0 * fives);
        }
    }
}

#[test]
fn an_interval_may_be_the_twins_own_and_change() {
    let model = "
model m
time h
param beat = 2 h ~ uniform 1 h, 3 h
state n
next n every beat = n + 1
state slower = 1
next slower every slower * 1 h = 2 * slower
observe n
observe slower
observe beat
";
    let tables = run(20, model, &seen("\"day 2\""));
    let (ticks, beats) = (records(&tables, "N"), records(&tables, "BEAT"));
    for (n, beat) in ticks.iter().zip(&beats) {
        assert_close(&[*n], &[(24.0 / beat).floor()]);
    }
    // At 1, 2, 4, 8 and 16 h: each a multiple of the interval that holds from the tick before on.
    assert_close(&records(&tables, "SLOWER")[..1], &[32.0]);
}

const CHANCES: &str = "
model m
time day
state walk
state coin
state hits
state many
state grade in {none, mild, severe}
state kind in {a, b, c}
state copy in {a, b, c}
next walk every 1 day = walk ~ normal sd 2
next coin every 1 day = 0.3 ~ bernoulli
next hits every 1 day = 0.25 ~ binomial 8
next many every 1 day = 1.5 ~ poisson
next grade every 1 day ~ ordinal 0, if grade == severe then -2 else -1
next kind every 1 day ~ categorical 0.2, 0.3
next copy every 1 day = kind
observe walk
observe coin
observe hits
observe many
observe grade
observe kind
observe copy
";

fn shares(values: &[f64], level: f64) -> f64 {
    values.iter().filter(|&&value| value == level).count() as f64 / values.len() as f64
}

/// Means and shares of 4000 twins, to four standard errors.
#[test]
fn ticks_draw_from_their_laws() {
    let many = 4_000;
    let n = f64::from(many);
    let tables = run(many, CHANCES, &seen("\"day 3\", \"day 11\""));
    let of = |name: &str, time: f64| -> Vec<f64> {
        let rows = tables.having("adlb", &[("PARAMCD", name)]);
        rows.iter()
            .filter(|row| row.number("ATIME") == time)
            .map(|r| r.number("AVAL"))
            .collect()
    };
    // Nine steps of variance 4 by day 10: the variance of a sample variance is 2 var^2 / n.
    let walk = of("WALK", 10.0);
    let variance = mean(&walk.iter().map(|w| w * w).collect::<Vec<_>>());
    assert_within(&[mean(&walk)], &[0.0], 4.0 * (36.0 / n).sqrt());
    assert_within(&[variance], &[36.0], 4.0 * (2.0 / n).sqrt());
    for (name, expected, variance) in
        [("COIN", 0.3, 0.21), ("HITS", 2.0, 1.5), ("MANY", 1.5, 1.5)]
    {
        let error = 4.0 * (variance / n).sqrt();
        assert_within(&[mean(&of(name, 2.0))], &[expected], error);
    }
    // Of three levels: expit(0) above the first; severe from the two levels below with expit(-1).
    let severe = 1.0 / (1.0 + proband_math::exp(1.0));
    assert_within(&[shares(&of("GRADE", 2.0), 0.0)], &[0.5], 0.032);
    assert_within(&[shares(&of("GRADE", 2.0), 2.0)], &[severe], 0.028);
    let rest = 1.0 / (1.0 + proband_math::exp(2.0));
    let steady = severe / (1.0 + severe - rest);
    assert_within(&[shares(&of("GRADE", 10.0), 2.0)], &[steady], 0.028);
    for (level, share) in [0.5, 0.2, 0.3].into_iter().enumerate() {
        for time in [2.0, 10.0] {
            assert_within(&[shares(&of("KIND", time), level as f64)], &[share], 0.032);
        }
    }
    // A copy of a level is that of the tick before.
    assert_within(&[shares(&of("COPY", 10.0), 1.0)], &[0.2], 0.026);
}

/// Walks and their records, with further difference equations beside them.
fn walks(more: &str, seed: &str) -> Tables {
    let model = format!(
        "model m\ntime day\nstate walk\nnext walk every 1 day = walk ~ normal sd 2\nobserve walk\n{more}"
    );
    run(20, &model, &format!("{seed}{}", seen("\"day 3\", \"day 11\"")))
}

#[test]
fn a_difference_equation_that_is_added_shifts_no_draw() {
    let before = records(&walks("", ""), "WALK");
    let more = "state coin\nnext coin every 1 day = 0.5 ~ bernoulli\nobserve coin\n";
    assert_close(&before, &records(&walks(more, ""), "WALK"));
    assert!(before != records(&walks("", "simulation.seed = 2\n"), "WALK"));
}

#[test]
fn arms_share_the_draws_of_ticks() {
    let model = "model m\ntime day\nstate walk\nnext walk every 1 day = walk ~ normal sd 2\nobserve walk\n";
    let rest = "design.assignment = \"every-arm\"\n[arm.a]\n[arm.b]\n[[encounter]]\nat = [\"day 9\"]\n";
    let of = |tables: &Tables, arm: &str| tables.numbers("adlb", &[("TRT01P", arm)], "AVAL");
    let tables = run(10, model, rest);
    assert_eq!(of(&tables, "a"), of(&tables, "b"));
    let own = format!("simulation.common = []\n{rest}");
    let tables = run(10, model, &own);
    assert!(of(&tables, "a") != of(&tables, "b"));
}

#[test]
fn a_tick_out_of_its_domain_loses_its_twin() {
    for (next, detail) in [
        ("next n every 1 day = 1 - n ~ bernoulli\nnext m every 1 day = sqrt(1 - m)", ""),
        (
            "next m every 1 day = m + 1\nnext n every 1 day = 0.4 * m ~ bernoulli",
            "a probability of 1.2000000000000002",
        ),
        (
            "next m every 1 day = m - 1 ~ poisson\nnext n every 1 day = 0",
            "mean must be above zero",
        ),
        ("next m every (1 - 2 * m) * 1 day = 1\nnext n every 1 day = 1", "recurs every -1"),
    ] {
        let model = format!("model m\ntime day\nstate n\nstate m\n{next}\nobserve n\n");
        let tables = run(1, &model, &seen("\"day 9\""));
        let lost = tables.rows("exclusions");
        if detail.is_empty() {
            assert!(lost.is_empty());
            continue;
        }
        assert_eq!(lost[0].text("REASON"), "next-out-of-domain");
        let found = lost[0].text("DETAIL");
        assert!(found.starts_with("`next` of state `") && found.contains(detail), "{found}");
    }
}

/// A chain, a sensor's error and a jump, through three stages: a replay of each twin is the run to the bit.
#[test]
fn a_replay_draws_the_same() {
    let model = "
model m
time h
state error
state mood in {low, high}
state level = 1
next error every 7 h = 0.7 * error ~ normal sd 1
jump mood low -> high = 0.3 1/day
jump mood high -> low = 0.2 1/day * level
d level/dt = (1 - level) * (if mood == high then 1 1/day else 0.2 1/day) + 0.1 1/day * error
observe level ~ normal sd 0.1
observe mood
";
    let rest = "simulation.method = \"tsit5\"\n[epoch.screening]\nduration = \"4 day\"\n\
        [epoch.treatment]\nduration = \"9 day\"\n[arm.a]\n[[encounter]]\n\
        at = [\"day -4\", \"day 1\", \"day 5\", \"day 10\"]\n[eligibility]\nat = \"day -4\"\n";
    let trial = open(&trial(30, rest), &[("m.model", model)]);
    let plan = plan(&trial);
    let tables = simulated(&plan);
    for adsl in tables.rows("adsl") {
        let subject = [("USUBJID", adsl.text("USUBJID"))];
        let again = replay(&plan, TwinKey::first(adsl.number("TWIN") as u64), 0, 0.25).unwrap();
        let bits = |numbers: Vec<f64>| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let mut records = again.records.clone();
        records.sort_by(|a, b| (&a.name, a.day).partial_cmp(&(&b.name, b.day)).unwrap());
        let mut rows = tables.having("adlb", &subject);
        rows.sort_by(|a, b| {
            let key = |row: &proband_tests::Row| {
                (row.text("PARAMCD").to_lowercase(), row.number("ATIME"))
            };
            key(a).partial_cmp(&key(b)).unwrap()
        });
        assert_eq!(records.len(), 8);
        assert_eq!(
            bits(records.iter().map(|record| record.value).collect()),
            bits(rows.iter().map(|row| row.number("AVAL")).collect())
        );
    }
}
