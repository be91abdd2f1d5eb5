//! Designs whose power, level and size are known: exact values of rpact 3.3.4, within three Monte Carlo
//! standard errors.

use crate::field::{repeated, trial};
use proband_interim::{Conducted, Ended, Verdict};

const LOOKS: &str = r#"
[look.first]
when = "completed(day 8) >= 90"
[look.second]
when = "completed(day 8) >= 180"
[look.third]
when = "completed(day 8) >= participants"
final = true
"#;

fn rejects(conducted: &Conducted) -> bool {
    conducted.tested.iter().any(|tested| tested.verdict == Verdict::Efficacy)
}

/// The share that rejects, and the mean number of participants whose value was used.
fn characteristics(all: &[Conducted]) -> (f64, f64) {
    let n = all.len() as f64;
    let rejected = all.iter().filter(|one| rejects(one)).count() as f64;
    let used = all.iter().map(|one| one.tested.last().expect("a look").share * 270.0);
    (rejected / n, used.sum::<f64>() / n)
}

fn close(found: f64, known: f64, replicates: f64, what: &str) {
    let se = (known * (1.0 - known) / replicates).sqrt();
    assert!((found - known).abs() < 3.0 * se, "{what}: {found}, known {known}, SE {se}");
}

/// O'Brien and Fleming's boundary, as what it spends (rpact, `OF_K3`).
const O_BRIEN_FLEMING: &str = "[0.000259173723496486, 0.00716005940148268, 0.025]";

#[test]
fn o_brien_flemings_design_with_three_looks_has_its_power_level_and_size() {
    let tables = format!(
        "{LOOKS}[sequential.y]\nefficacy = {{ spending = \"user\", bounds = {O_BRIEN_FLEMING} }}"
    );
    let trial = trial(270, &tables);
    // Reference: multivariate normal integration in R 4.2.2 with a known variance; that it is estimated
    // from 90 participants or more changes the level by less than a standard error here.
    let n = 2000;
    let (power, size) = characteristics(&repeated(&trial, &[0.0, 0.4], n));
    close(power, 0.903_253, f64::from(n), "power");
    // The size is 90, 180 or 270: its SD is 54.6 by the chances to stop (0.0578, 0.5335, 0.4087).
    assert!((size - 211.584).abs() < 3.0 * 54.6 / f64::from(n).sqrt(), "expected size {size}");
    let null = repeated(&trial, &[0.0, 0.0], n);
    close(characteristics(&null).0, 0.025, f64::from(n), "level");
    let bounds = null[1].tested[2].bounds.expect("bounds");
    assert!((bounds.0 - 2.004_035_58).abs() < 1e-5, "{bounds:?}");
}

#[test]
fn pococks_spending_has_its_power_level_and_bounds() {
    let trial =
        trial(270, &format!("{LOOKS}[sequential.y]\nefficacy = {{ spending = \"pocock\" }}"));
    // rpact `asP_K3`: with a drift of sqrt(12.12788) the power is 0.9; of 270 participants in two arms
    // that is a difference of 0.42388.
    let n = 2000;
    let effect = (12.127_879_828_105_4_f64 / (270.0 / 4.0)).sqrt();
    let all = repeated(&trial, &[0.0, effect], n);
    let (power, size) = characteristics(&all);
    close(power, 0.9, f64::from(n), "power");
    // Stops at 0.3940, 0.3375 and the rest: mean 0.72116 of 2.4 ... of all, SD 0.263 of all.
    let expected = (0.394_042 + 2.0 * 0.337_516 + 3.0 * 0.268_442) / 3.0;
    let error = (size / 270.0 - expected).abs();
    assert!(error < 3.0 * 0.268 / f64::from(n).sqrt(), "{size}");
    let stopped =
        all.iter().find(|one| one.looks.len() == 2).expect("a stop at the second look");
    assert_eq!(stopped.ended, Ended::Efficacy);
    let bounds: Vec<f64> =
        stopped.tested.iter().map(|one| one.bounds.expect("bounds").0).collect();
    assert!((bounds[0] - 2.279_428_24).abs() < 1e-5 && (bounds[1] - 2.294_911_14).abs() < 1e-5);
    let (level, _) = characteristics(&repeated(&trial, &[0.0, 0.0], n));
    close(level, 0.025, f64::from(n), "level");
}

#[test]
fn futility_stops_as_often_as_it_should() {
    // R 4.2.2, `gs_ldof_futility`: looks at 0.4, 0.7 and 1 of 400, Lan and DeMets' O'Brien-Fleming
    // spending, futility below 0 and 0.5.
    let looks = LOOKS.replace(">= 90", ">= 160").replace(">= 180", ">= 280");
    let trial = trial(
        400,
        &format!(
            "{looks}[sequential.y]\nefficacy = {{ spending = \"obrien-fleming\" }}\n\
         futility = {{ spending = \"user\", bounds = [0, 0.5] }}"
        ),
    );
    let n = 2000;
    let all = repeated(&trial, &[0.0, 0.33], n);
    let rejected = all.iter().filter(|one| rejects(one)).count() as f64 / f64::from(n);
    close(rejected, 0.898_555, f64::from(n), "power");
    let null = repeated(&trial, &[0.0, 0.0], n);
    let at_first =
        null.iter().filter(|one| one.ended == Ended::Futility && one.looks.len() == 1);
    close(
        at_first.count() as f64 / f64::from(n),
        0.5,
        f64::from(n),
        "futility at the first look",
    );
    let bounds = null[0].tested[0].bounds.expect("bounds");
    assert!((bounds.0 - 3.356_869_36).abs() < 1e-5, "{bounds:?}");
}

#[test]
fn a_trial_resized_in_the_promising_zone_keeps_its_level() {
    // R 4.2.2, `ssr_inverse_normal`: 60 an arm, then 60 to 180 by conditional power 0.9 at the effect
    // seen, stopped below Z = 0: power 0.912383, level 0.0246875.
    let tables = r#"
[look.interim]
when = "completed(day 8) >= 120"
[look.end]
when = "completed(day 8) >= participants"
final = true
[sequential.y]
futility = { spending = "user", bounds = [0], binding = false }
combine = "inverse normal"
[adaptation.resize]
do = "resize"
power = 0.9
participants = [240, 480]
"#;
    let trial = trial(240, tables);
    let n = 2000;
    let all = repeated(&trial, &[0.0, 0.35], n);
    let power = all.iter().filter(|one| rejects(one)).count() as f64 / f64::from(n);
    close(power, 0.912_383, f64::from(n), "power");
    // Of those who go on: 330.19 participants are expected over all.
    let size: f64 = all
        .iter()
        .map(|one| if one.looks.len() == 1 { 120.0 } else { one.rules.participants as f64 })
        .sum::<f64>()
        / f64::from(n);
    assert!((size - 330.187).abs() < 3.0 * 108.0 / f64::from(n).sqrt(), "expected size {size}");
    let null = repeated(&trial, &[0.0, 0.0], n);
    let level = null.iter().filter(|one| rejects(one)).count() as f64 / f64::from(n);
    close(level, 0.024_687_5, f64::from(n), "level");
}

#[test]
fn dropped_arms_get_nobody_any_more_and_the_best_stays() {
    let tables = r#"
[arm.a]
control = true
[arm.b]
[arm.c]
[look.interim]
when = "completed(day 8) >= 90"
[adaptation.select]
do = "drop"
keep = 1
"#;
    let trial = trial(270, tables);
    for one in repeated(&trial, &[0.0, 0.0, 2.0], 20) {
        assert_eq!(one.rules.ratio, [1.0, 0.0, 1.0]);
        assert_eq!(one.decisions.len(), 1, "{:?}", one.decisions);
        assert_eq!(one.ended, Ended::Complete);
    }
}

#[test]
fn allocation_follows_what_was_seen_within_its_limits() {
    let tables = r#"
[arm.a]
control = true
[arm.b]
[arm.c]
[look.monthly]
when = "completed(day 8) >= 60"
every = "30 day"
[adaptation.allocate]
each = "arm"
do = "allocate"
ratio = "posterior(y > 0)"
within = [0.2, 0.8]
[adaptation.stop]
when = "enrolled >= 200"
do = "stop"
"#;
    let trial = trial(270, tables);
    for one in repeated(&trial, &[0.0, -1.5, 1.5], 10) {
        assert!((one.rules.ratio[1] - 0.4).abs() < 1e-6, "{:?}", one.rules);
        assert!((one.rules.ratio[2] - 1.6).abs() < 1e-6, "{:?}", one.rules);
        assert_eq!(one.ended, Ended::Stopped("stop".to_owned()));
        assert!(one.looks.len() > 3 && one.looks[1].name == "monthly.2", "{:?}", one.looks);
    }
}
