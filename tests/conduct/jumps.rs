//! Jumps between levels: the laws of Markov chains in continuous time.

use crate::{assert_within, mean, run};
use proband_math::exp;
use proband_tests::Tables;

const MANY: u32 = 10_000;

/// Shares of those at a level at times in days: level by position.
fn share(tables: &Tables, observable: &str, day: f64, level: f64) -> f64 {
    let rows = tables.having("adlb", &[("PARAMCD", observable)]);
    let there: Vec<f64> = rows
        .iter()
        .filter(|row| row.number("ATIME") == day)
        .map(|row| f64::from(u8::from(row.number("AVAL") == level)))
        .collect();
    assert_eq!(there.len(), MANY as usize);
    mean(&there)
}

/// Four and a half standard errors of a share of all twins, at most.
fn margin() -> f64 {
    4.5 * 0.5 / f64::from(MANY).sqrt()
}

const DAYS: &str = "[arm.a]\n[[encounter]]\nat = [\"day 2\", \"day 4\", \"day 11\"]\n";

#[test]
fn two_levels_come_to_their_balance() {
    let model = "
model m
time h
state mood in {low, high}
jump mood low -> high = 2 1/week
jump mood high -> low = 0.5 1/day
observe mood
";
    let tables = run(MANY, model, DAYS);
    let (up, down) = (2.0 / 7.0, 0.5);
    for day in [1.0, 3.0, 10.0] {
        let law = up / (up + down) * (1.0 - exp(-(up + down) * day));
        assert_within(&[share(&tables, "MOOD", day, 1.0)], &[law], margin());
    }
}

/// From one level to two others, of which one leads on: rates that grow with time, so that nothing has a
/// constant intensity.
#[test]
fn jumps_that_leave_one_level_compete() {
    let model = "
model m
time day
state s in {well, ill, dead} = well
let aging = t / 4 day
jump s well -> ill  = 0.3 1/day * aging
jump s well -> dead = 0.1 1/day * aging
jump s ill -> dead  = 0.3 1/day * aging
observe s
";
    let tables = run(MANY, model, DAYS);
    for day in [1.0, 3.0, 10.0] {
        // By the clock of aging, t^2 / 8, rates are constant: well leaves by 0.4, ill by 0.3.
        let clock = day * day / 8.0;
        let well = exp(-0.4 * clock);
        let ill = 0.3 * (exp(-0.3 * clock) - well) / 0.1;
        assert_within(&[share(&tables, "S", day, 0.0)], &[well], margin());
        assert_within(&[share(&tables, "S", day, 1.0)], &[ill], margin());
        assert_within(&[share(&tables, "S", day, 2.0)], &[1.0 - well - ill], margin());
    }
}

/// What a jump makes true happens at its instant, and what depends on a level bends there.
#[test]
fn a_jump_is_seen_at_once() {
    let model = "
model m
time day
state s in {off, on} = off
state x
jump s off -> on = 0.5 1/day
d x/dt = if s == on then 1 1/day else 0 1/day
event started when s == on, once
observe x
";
    let rest = "[arm.a]\n[[encounter]]\nat = [\"day 11\"]\n";
    let tables = run(200, model, rest);
    for row in tables.rows("adlb") {
        let subject = [("USUBJID", row.text("USUBJID"))];
        let started = tables.numbers("truth_events", &subject, "ASTTIME");
        let expected = started.first().map_or(0.0, |start| 10.0 - start);
        assert_within(&[row.number("AVAL")], &[expected], 1e-9);
    }
    let started = tables.rows("truth_events").len() as f64 / 200.0;
    assert_within(&[started], &[1.0 - exp(-5.0)], 0.025);
}

/// Two instances of a file, and a family in one: each jumps by its own draws.
#[test]
fn instances_and_members_jump_apart() {
    let model = "
model m
time day
set part = 1..2
state s[part] in {off, on} = off
jump s[part] off -> on = 0.2 1/day * part
use \"switch.model\" as a
use \"switch.model\" as b[part]
observe first = if s[1] == on then 1 else 0
observe second = if s[2] == on then 1 else 0
observe both = if s[1] == on and s[2] == on then 1 else 0
observe a_on = if a.s == on then 1 else 0
observe b_on = if b[1].s == on then 1 else 0
observe all = if a.s == on and b[1].s == on and b[2].s == on then 1 else 0
";
    let switch = "model switch\ntime day\nstate s in {off, on}\njump s off -> on = 0.2 1/day\n";
    let text = crate::trial(MANY, DAYS);
    let tables = proband_tests::run(&text, &[("m.model", model), ("switch.model", switch)]);
    let on = |rate: f64, day: f64| 1.0 - exp(-rate * day);
    for day in [1.0, 3.0, 10.0] {
        let (slow, fast) = (on(0.2, day), on(0.4, day));
        for (observable, law) in [
            ("FIRST", slow),
            ("SECOND", fast),
            ("BOTH", slow * fast),
            ("A_ON", slow),
            ("B_ON", slow),
            ("ALL", slow * slow * slow),
        ] {
            assert_within(&[share(&tables, observable, day, 1.0)], &[law], margin());
        }
    }
}

#[test]
fn a_negative_rate_loses_its_twin_at_its_level_only() {
    let model = "
model m
time day
state s in {off, on} = off
jump s off -> on = 1000 1/day
jump s on -> off = -t / (1 day * 1 day)
observe s
";
    let tables = run(1, model, "[arm.a]\n[[encounter]]\nat = [\"day 11\"]\n");
    let lost = &tables.rows("exclusions")[0];
    assert_eq!(lost.text("REASON"), "hazard-out-of-domain");
    assert_eq!(lost.text("DETAIL"), "the rate of `s on -> off` is negative");
}
