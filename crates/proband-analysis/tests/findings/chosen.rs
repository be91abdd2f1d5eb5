//! What an analysis chooses beside its method (whom, subgroups, strata, contrasts, margins, options) gives
//! what direct calls of `proband-stats` give on the same rows.

use crate::people::{Person, find, findings_of, people};
use crate::trial::{self, AGE, CHANGE, GOAL, analysis, expression, quantity, unit};
use proband_analysis::{Finding, StatisticName as S};
use proband_lang::{Binary, Expr, Kind, Unit};
use proband_stats::ancova::{AncovaColumns, AncovaLayout, Margins, ancova};
use proband_stats::binary::{
    Proportion, Stratum, binomial_test, cochran_armitage, cochran_mantel_haenszel,
    miettinen_nurminen,
};
use proband_stats::heterogeneity::cochran_q;
use proband_stats::mixed::{Covariance, Inference, RepeatedMeasures, mmrm};
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_stats::multiplicity::{Adjustment, Dunnett, Graph, adjust};
use proband_stats::sequential::Sides;
use proband_stats::survival::{
    FollowUp, LogRankWeights, kaplan_meier, max_combo, stratified_logrank,
};
use proband_stats::{Continuity, Level, t_tests};
use proband_trial::{
    Analysis, AnalysisMethod as M, Assignment, Contrast, DifferenceInterval, Expression,
    Happening, Hypothesis, MethodOptions, Multiplicity, MultiplicityMethod, Repeat, Subgroup,
};

const L: Level = Level::P95;

/// Streamed sums round differently from sums over all rows.
const STREAMED: f64 = 1e-9;

fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    let gap = (found - expected).abs();
    assert!(gap <= STREAMED * (1.0 + expected.abs()), "{found} is not {expected}");
}

fn found(analyses: Vec<Analysis>) -> (Vec<Person>, Vec<Finding>) {
    let trial = proband_trial::Trial { analyses, ..trial::trial(Assignment::Randomised) };
    let people = people(240, false);
    let found = findings_of(&trial, &people, 64);
    (people, found)
}

fn older(than: f64) -> Expression {
    let years = Expr::binary(Binary::GreaterEqual, quantity(AGE), Expr::Number(than));
    expression(years, Unit::one(), Kind::Condition)
}

fn plain(id: &str, endpoint: usize, method: M) -> Analysis {
    Analysis { strata: false, ..analysis(id, endpoint, &[method]) }
}

fn change(person: &Person) -> Option<f64> {
    let last = person.records.iter().find(|r| r.encounter == 2)?;
    Some(last.value - person.records[0].value)
}

fn met(person: &Person) -> bool {
    person.records.iter().any(|r| r.encounter == 2 && r.value < 140.0)
}

/// Whose response is known: a condition on a missing record is missing.
fn share<'a>(people: impl Iterator<Item = &'a Person>) -> Proportion {
    let seen: Vec<&Person> =
        people.filter(|p| p.records.iter().any(|r| r.encounter == 2)).collect();
    let events = seen.iter().filter(|p| met(p)).count();
    Proportion::new(events as u64, seen.len() as u64).unwrap()
}

fn changes<'a>(people: impl Iterator<Item = &'a Person>, arm: usize) -> Vec<f64> {
    people.filter(|p| p.arm == arm).filter_map(change).collect()
}

#[test]
fn a_set_leaves_the_others_out() {
    let set = Some(older(60.0));
    let contrasts = vec![Contrast { name: "old.dose".into(), weights: vec![-1.0, 0.5, 0.5] }];
    let (people, found) =
        found(vec![Analysis { set, contrasts, ..plain("old", CHANGE, M::Ancova) }]);
    let old: Vec<&Person> =
        people.iter().filter(|p| p.covariates[0] >= 60.0 && change(p).is_some()).collect();
    let response: Vec<f64> = old.iter().filter_map(|p| change(p)).collect();
    let base: Vec<f64> = old.iter().map(|p| p.records[0].value).collect();
    let arm: Vec<usize> = old.iter().map(|p| p.arm).collect();
    let layout = AncovaLayout { arms: 3, factor_levels: vec![], covariates: 1 };
    let columns =
        AncovaColumns { response: &response, arm: &arm, factors: &[], covariates: &[&base] };
    let fit = ancova(&layout, &columns).unwrap();
    let direct = fit.difference(2, 0, L).unwrap();
    let ours = find(&found, ("old", "ANCOVA"), "HIGH", S::Difference);
    assert_eq!(ours.n, Some(old.len() as u64));
    near(ours.estimate, direct.estimate.value);
    near(ours.p_value, direct.p);
    let direct = fit.contrast(&[-1.0, 0.5, 0.5], Margins::Equal, L).unwrap();
    let contrast = found.iter().find(|f| f.statistic == S::Contrast).unwrap();
    near(contrast.estimate, direct.estimate.value);
    // The description is of the set too, and its quartiles are read by it.
    let mut placebo = changes(old.iter().copied(), 0);
    placebo.sort_by(f64::total_cmp);
    let ours = find(&found, ("old", "summary"), "PLACEBO", S::Count);
    assert_eq!(ours.estimate, Some(placebo.len() as f64));
    let median = find(&found, ("old", "summary"), "PLACEBO", S::Median).estimate.unwrap();
    let (low, high) = (placebo[(placebo.len() - 1) / 2], placebo[placebo.len() / 2]);
    assert!((median - f64::midpoint(low, high)).abs() < 1e-12);
}

#[test]
fn subgroups_and_their_interaction() {
    let value = expression(
        quantity(trial::SEX),
        Unit::one(),
        Kind::Level(["F", "M"].map(str::to_owned).into()),
    );
    let of = |level: usize, word: &str| Analysis {
        subgroup: Some(Subgroup {
            value: value.clone(),
            level,
            text: "sex".into(),
            word: word.into(),
        }),
        ..plain("change", CHANGE, M::TTest)
    };
    let (people, found) =
        found(vec![plain("change", CHANGE, M::TTest), of(0, "F"), of(1, "M")]);
    let mut effects = Vec::new();
    for (level, group) in [(0.0, "sex: F"), (1.0, "sex: M")] {
        let inside = || people.iter().filter(move |p| (p.covariates[1] - level).abs() < 0.5);
        let direct = t_tests::welch(&changes(inside(), 2), &changes(inside(), 0), L).unwrap();
        let ours = found.iter().find(|f| {
            f.group.as_deref() == Some(group)
                && f.statistic == S::Difference
                && f.arm.as_deref() == Some("HIGH")
        });
        near(ours.unwrap().estimate, direct.estimate.value);
        effects.push(direct.estimate);
    }
    let (values, errors): (Vec<f64>, Vec<f64>) =
        effects.iter().map(|e| (e.value, e.se)).unzip();
    let q = cochran_q(&values, &errors).unwrap();
    let tests: Vec<&Finding> = found.iter().filter(|f| f.statistic == S::Interaction).collect();
    assert_eq!(tests.len(), 2, "one a comparison");
    let test = tests.iter().find(|f| f.arm.as_deref() == Some("HIGH")).unwrap();
    near(test.estimate, q.statistic);
    near(test.p_value, q.p);
    assert_eq!(test.group.as_deref(), Some("sex"));
    // The whole stays beside its parts.
    let whole = t_tests::welch(&changes(people.iter(), 2), &changes(people.iter(), 0), L);
    near(
        find(&found, ("change", "t-test"), "HIGH", S::Difference).estimate,
        whole.unwrap().estimate.value,
    );
}

#[test]
fn strata_of_its_own() {
    let stratified_by = vec![older(60.0)];
    let cmh = plain("goal", GOAL, M::CochranMantelHaenszel);
    let (people, found) = found(vec![Analysis { stratified_by, ..cmh }]);
    let table = |old: bool| {
        let of = |arm| {
            share(people.iter().filter(|p| p.arm == arm && (p.covariates[0] >= 60.0) == old))
        };
        Stratum { active: of(2), control: of(0) }
    };
    let direct =
        cochran_mantel_haenszel(&[table(false), table(true)], Continuity::Uncorrected).unwrap();
    let ours = find(&found, ("goal", "Cochran-Mantel-Haenszel"), "HIGH", S::Test);
    assert_eq!((ours.estimate, ours.p_value), (Some(direct.statistic), Some(direct.p)));
}

#[test]
fn margins() {
    // Lower is better: not worse is below the margin.
    let of = |id: &str, hypothesis| Analysis { hypothesis, ..plain(id, CHANGE, M::TTest) };
    let (people, found) = found(vec![
        of("inferior", Hypothesis::NonInferiority(3.0)),
        of("equal", Hypothesis::Equivalence(9.0)),
    ]);
    let direct =
        t_tests::welch(&changes(people.iter(), 1), &changes(people.iter(), 0), L).unwrap();
    let p = |id| find(&found, (id, "t-test"), "LOW", S::Difference).p_value;
    near(p("inferior"), direct.p_below(3.0).unwrap());
    let both = direct.p_below(9.0).unwrap().max(direct.p_above(-9.0).unwrap());
    near(p("equal"), both);
    assert!(p("inferior").unwrap() < direct.p, "better than placebo is not worse than it");
}

#[test]
fn weights_of_events() {
    let options = MethodOptions { gamma: 1.0, ..MethodOptions::default() };
    let late = Analysis { options, ..plain("late", 2, M::FlemingHarrington) };
    let (people, found) = found(vec![late]);
    let pair: Vec<&Person> = people.iter().filter(|p| p.arm != 1).collect();
    let first = |p: &Person| {
        p.happenings.iter().find(|h| h.what == Happening::AdverseEvent(2)).map(|h| h.day)
    };
    let time: Vec<f64> = pair.iter().map(|p| first(p).unwrap_or(p.followed)).collect();
    let event: Vec<bool> = pair.iter().map(|p| first(p).is_some()).collect();
    let active: Vec<bool> = pair.iter().map(|p| p.arm == 2).collect();
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let weights = LogRankWeights::FlemingHarrington { rho: 0.0, gamma: 1.0 };
    let direct =
        stratified_logrank(&follow_up, &active, &vec![0; pair.len()], weights).unwrap();
    let ours = find(&found, ("late", "Fleming-Harrington"), "HIGH", S::LogRank);
    assert_eq!((ours.estimate, ours.p_value), (Some(direct.score), Some(direct.p)));
}

#[test]
fn options_of_proportions() {
    let scores = vec![0.0, 10.0, 25.0];
    let trend = MethodOptions { scores: scores.clone(), ..MethodOptions::default() };
    let null = MethodOptions { null: Some(0.2), ..MethodOptions::default() };
    let interval = DifferenceInterval::MiettinenNurminen;
    let interval = MethodOptions { interval, ..MethodOptions::default() };
    let (people, found) = found(vec![
        Analysis { options: trend, ..plain("trend", GOAL, M::CochranArmitage) },
        Analysis { options: null, ..plain("null", GOAL, M::ExactBinomial) },
        Analysis { options: interval, ..plain("score", GOAL, M::Proportions) },
    ]);
    let of = |arm| share(people.iter().filter(|p| p.arm == arm));
    let direct = cochran_armitage(&[of(0), of(1), of(2)], &scores).unwrap();
    let ours = found.iter().find(|f| f.method == "Cochran-Armitage").unwrap();
    assert_eq!((ours.estimate, ours.p_value), (Some(direct.z), Some(direct.p)));
    let direct = binomial_test(of(1), 0.2).unwrap();
    let ours = find(&found, ("null", "exact binomial"), "LOW", S::Percent);
    near(ours.estimate, 100.0 * of(1).value());
    assert_eq!(ours.p_value, Some(direct.p));
    let direct = miettinen_nurminen(of(2), of(0), L).unwrap();
    let ours = find(&found, ("score", "proportions"), "HIGH", S::RiskDifference);
    near(ours.lower, 100.0 * direct.lower);
    near(ours.upper, 100.0 * direct.upper);
}

/// Two analyses of two comparisons each, with the level shared.
fn adjusted(method: MultiplicityMethod, hypotheses: &[&str]) -> Vec<Finding> {
    let hypotheses = hypotheses.iter().map(|name| (*name).to_owned()).collect();
    let multiplicity = Some(Multiplicity { method, hypotheses, alpha: 0.05 });
    let analyses =
        vec![plain("change", CHANGE, M::Ancova), plain("goal", GOAL, M::Proportions)];
    let trial =
        proband_trial::Trial { analyses, multiplicity, ..trial::trial(Assignment::Randomised) };
    findings_of(&trial, &people(240, false), 64)
}

fn hypothesis<'a>(found: &'a [Finding], name: &str) -> &'a Finding {
    found
        .iter()
        .find(|f| f.comparison.as_deref() == Some(name) && f.adjusted_p.is_some())
        .unwrap()
}

#[test]
fn several_hypotheses_at_one_level() {
    use MultiplicityMethod as Method;
    let names = ["change.low", "change.high", "goal.low", "goal.high"];
    let given = |found: &[Finding]| -> Vec<f64> {
        names.iter().map(|name| hypothesis(found, name).p_value.unwrap()).collect()
    };
    for (method, adjustment) in [
        (Method::Bonferroni, Adjustment::Bonferroni),
        (Method::Holm, Adjustment::Holm),
        (Method::Hochberg, Adjustment::Hochberg),
        (Method::FixedSequence, Adjustment::FixedSequence),
    ] {
        let found = adjusted(method, &names);
        let direct = adjust(&given(&found), adjustment).unwrap();
        for (name, direct) in names.iter().zip(direct) {
            let ours = hypothesis(&found, name);
            assert_eq!(ours.adjusted_p, Some(direct), "{name}");
            assert_eq!(ours.rejected, Some(direct <= 0.05));
        }
        let marked = found.iter().filter(|f| f.rejected.is_some()).count();
        assert_eq!(marked, names.len(), "other rows of the comparisons are no hypotheses");
    }
    let weights = vec![0.5, 0.5, 0.0, 0.0];
    let pass = vec![
        vec![0.0, 0.5, 0.5, 0.0],
        vec![0.5, 0.0, 0.0, 0.5],
        vec![0.0, 1.0, 0.0, 0.0],
        vec![1.0, 0.0, 0.0, 0.0],
    ];
    let graph = Graph::new(&weights, &pass).unwrap();
    let found = adjusted(Method::Graph { weights, pass }, &names);
    let direct = graph.test(&given(&found), 0.05).unwrap();
    for (name, direct) in names.iter().zip(direct.adjusted) {
        assert_eq!(hypothesis(&found, name).adjusted_p, Some(direct));
    }
}

#[test]
fn dunnett_takes_the_model_of_the_comparisons() {
    let names = ["change.low", "change.high"];
    let found = adjusted(MultiplicityMethod::Dunnett, &names);
    let statistic = |name| {
        let ours = hypothesis(&found, name);
        ours.estimate.unwrap() / ours.standard_error.unwrap()
    };
    let people = people(240, false);
    let size =
        |arm| people.iter().filter(|p| p.arm == arm && change(p).is_some()).count() as f64;
    // Three arms and the baseline.
    let df = size(0) + size(1) + size(2) - 4.0;
    let joint = Dunnett::of_sizes(size(0), &[size(1), size(2)], Some(df)).unwrap();
    let direct =
        joint.p_values(&[statistic(names[0]), statistic(names[1])], Sides::Two).unwrap();
    for (name, direct) in names.iter().zip(direct) {
        let ours = hypothesis(&found, name);
        near(ours.adjusted_p, direct);
        assert!(ours.adjusted_p > ours.p_value);
    }
}

#[test]
fn repeated_measures() {
    let at = |encounter: usize, position: usize| Repeat {
        encounter,
        value: expression(
            Expr::binary(Binary::Sub, quantity(position), quantity(trial::BASELINE)),
            unit("mmHg"),
            Kind::Number,
        ),
    };
    let repeats = vec![at(1, trial::WEEK_4), at(2, trial::WEEK_12)];
    let contrasts = vec![Contrast { name: "mmrm.dose".into(), weights: vec![-1.0, 0.5, 0.5] }];
    let mixed =
        Analysis { repeats, contrasts, covariates: vec![], ..plain("mmrm", CHANGE, M::Mmrm) };
    let earlier = Analysis { at: Some(at(1, trial::WEEK_4)), ..mixed.clone() };
    let (_, at_both) = found(vec![mixed.clone(), earlier]);
    let (people, found) = found(vec![mixed]);
    let (mut response, mut who, mut visit, mut arm, mut base) =
        (vec![], vec![], vec![], vec![], vec![]);
    for (index, person) in people.iter().enumerate() {
        for record in person.records.iter().filter(|r| r.encounter > 0) {
            response.push(record.value - person.records[0].value);
            who.push(index);
            visit.push(record.encounter - 1);
            arm.push(person.arm);
            base.push(person.records[0].value);
        }
    }
    let variables = [
        Variable::Factor { codes: &arm, levels: 3 },
        Variable::Factor { codes: &visit, levels: 2 },
        Variable::Number(&base),
    ];
    let terms: [&[usize]; 5] = [&[0], &[1], &[0, 1], &[2], &[2, 1]];
    let matrix = ModelMatrix::new(&variables, &terms).unwrap();
    let columns = matrix.columns();
    let data = RepeatedMeasures {
        response: &response,
        columns: &columns,
        participant: &who,
        visit: &visit,
        visits: 2,
    };
    let fit = mmrm(&data, Covariance::Unstructured).unwrap().fit;
    let mean = |arm| matrix.mean(&[(0, arm), (1, 1)], Margins::Equal).unwrap();
    let direct = fit.difference(&mean(2), &mean(0), Inference::KenwardRogerLinear, L).unwrap();
    let ours = find(&found, ("mmrm", "MMRM"), "HIGH", S::Difference);
    assert_eq!(ours.n, Some(fit.participants() as u64));
    near(ours.estimate, direct.estimate.value);
    near(ours.standard_error, direct.estimate.se);
    near(ours.p_value, direct.p);
    // The same model tells of the visit before.
    let mean = |arm| matrix.mean(&[(0, arm), (1, 0)], Margins::Equal).unwrap();
    let direct = fit.difference(&mean(2), &mean(0), Inference::KenwardRogerLinear, L).unwrap();
    let is_high =
        |f: &&Finding| f.statistic == S::Difference && f.arm.as_deref() == Some("HIGH");
    let ours: Vec<&Finding> = at_both.iter().filter(is_high).collect();
    assert_eq!(ours.len(), 2);
    assert_ne!(ours[0].avisit, ours[1].avisit);
    near(ours[1].estimate, direct.estimate.value);
    near(ours[1].p_value, direct.p);
    let both =
        |arm: usize| find(&found, ("mmrm", "MMRM"), ["PLACEBO", "LOW", "HIGH"][arm], S::LsMean);
    let dose = found.iter().find(|f| f.statistic == S::Contrast).unwrap();
    let sum = 0.5 * (both(1).estimate.unwrap() + both(2).estimate.unwrap())
        - both(0).estimate.unwrap();
    near(dose.estimate, sum);
}

#[test]
fn several_weights_at_once_and_restricted_means() {
    let options = MethodOptions { tau: Some(60.0), ..MethodOptions::default() };
    let (people, found) = found(vec![
        plain("combo", 2, M::MaxCombo),
        Analysis { options, ..plain("mean", 2, M::RestrictedMean) },
    ]);
    let of = |arms: &[usize]| {
        let first = |p: &Person| {
            p.happenings.iter().find(|h| h.what == Happening::AdverseEvent(2)).map(|h| h.day)
        };
        let some: Vec<&Person> = people.iter().filter(|p| arms.contains(&p.arm)).collect();
        let time: Vec<f64> = some.iter().map(|p| first(p).unwrap_or(p.followed)).collect();
        let event: Vec<bool> = some.iter().map(|p| first(p).is_some()).collect();
        let active: Vec<bool> = some.iter().map(|p| p.arm == 2).collect();
        (time, event, active)
    };
    let (time, event, active) = of(&[0, 2]);
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let weights = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
        .map(|(rho, gamma)| LogRankWeights::FlemingHarrington { rho, gamma });
    let direct = max_combo(&follow_up, &active, &vec![0; time.len()], &weights).unwrap();
    let ours = find(&found, ("combo", "MaxCombo"), "HIGH", S::Test);
    assert_eq!(ours.p_value, Some(direct.p_two_sided));
    assert!(direct.z.iter().any(|z| Some(*z) == ours.estimate));
    let mean = |arm: usize| {
        let (time, event, _) = of(&[arm]);
        kaplan_meier(&FollowUp::new(&time, &event).unwrap()).restricted_mean(60.0).unwrap()
    };
    let direct = mean(2).against(&mean(0), L).unwrap().difference;
    let ours = find(&found, ("mean", "restricted mean"), "HIGH", S::Difference);
    assert_eq!((ours.estimate, ours.p_value), (Some(direct.estimate.value), Some(direct.p)));
    assert_eq!(ours.note.as_deref(), Some("up to day 60"));
    let ours = find(&found, ("mean", "restricted mean"), "PLACEBO", S::RestrictedMean);
    assert_eq!(ours.estimate, Some(mean(0).value));
}
