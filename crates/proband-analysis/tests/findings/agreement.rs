//! Findings equal direct calls of `proband-stats` on the whole data.

use crate::people::{Person, by_arm, columns, find, findings_of, people};
use crate::trial::{CHANGE, trial};
use proband_analysis::{Column, Finding, Layout, StatisticName as S};
use proband_stats::ancova::{AncovaColumns, AncovaLayout, Margins, ancova};
use proband_stats::binary::{
    Proportion, Stratum, clopper_pearson, cochran_mantel_haenszel, fisher_exact,
    miettinen_nurminen_test, newcombe,
};
use proband_stats::counts::{
    EventRate, exact_rate_interval, negative_binomial_regression, poisson_regression,
};
use proband_stats::descriptive::{QuantileRule, geometric, mean_estimate, summary};
use proband_stats::rank::{hodges_lehmann, rank_sum};
use proband_stats::regression::{Counterfactuals, MarginalVariance, logistic, marginal_risks};
use proband_stats::survival::{
    CurveInterval, FollowUp, LogRankWeights, Ties, kaplan_meier, stratified_cox,
    stratified_logrank,
};
use proband_stats::{Continuity, Level, t_tests};
use proband_trial::{Assignment, Missing, Trial};

const L: Level = Level::P95;

/// Streamed sums round differently from sums over all rows; nothing here is worse conditioned than
/// a regression on a handful of columns.
const STREAMED: f64 = 1e-9;

struct All {
    trial: Trial,
    people: Vec<Person>,
    found: Vec<Finding>,
}

fn all() -> All {
    let trial = trial(Assignment::Randomised);
    let people = people(240, false);
    let found = findings_of(&trial, &people, 64);
    All { trial, people, found }
}

impl All {
    /// Values of a column by arm, over all participants at once.
    fn values(&self, column: Column) -> [Vec<f64>; 3] {
        let layout = Layout::of(&self.trial).unwrap();
        by_arm(&layout, &columns(&layout, &self.people), column)
    }

    fn at(&self, analysis: (&str, &str), arm: &str, statistic: S) -> &Finding {
        find(&self.found, analysis, arm, statistic)
    }

    fn in_arms(&self, wanted: &[usize]) -> Vec<&Person> {
        self.people.iter().filter(|p| wanted.contains(&p.arm)).collect()
    }
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    let gap = (found - expected).abs();
    assert!(gap <= STREAMED * (1.0 + expected.abs()), "{found} is not {expected}");
}

fn cell(person: &Person) -> usize {
    2 * person.strata[0] + person.strata[1]
}

fn record(person: &Person, encounter: usize) -> Option<f64> {
    person.records.iter().find(|r| r.encounter == encounter).map(|r| r.value)
}

#[test]
fn description_of_a_number() {
    let all = all();
    let values = all.values(Column::Response(CHANGE, Missing::ObservedOnly));
    let (direct, mean) =
        (summary(&values[2], QuantileRule::Averaged), mean_estimate(&values[2], L));
    let (direct, mean) = (direct.unwrap(), mean.unwrap());
    let at = |statistic| all.at(("adjusted", "summary"), "HIGH", statistic).estimate;
    assert_eq!(at(S::Count), Some(direct.n as f64));
    assert_eq!(at(S::Missing), Some(80.0 - direct.n as f64));
    near(at(S::Mean), direct.mean);
    near(at(S::Sd), direct.sd.unwrap());
    let order = [S::Minimum, S::LowerQuartile, S::Median, S::UpperQuartile, S::Maximum];
    let expected = [direct.min, direct.q1, direct.median, direct.q3, direct.max].map(Some);
    assert_eq!(order.map(at), expected, "order statistics are exact");
    let found = all.at(("adjusted", "summary"), "HIGH", S::Mean);
    near(found.standard_error, mean.se);
    near(found.lower, mean.lower);
}

#[test]
fn geometric_means_are_of_positive_values_only() {
    let all = all();
    let ours = |f: &&Finding| f.statistic == S::GeometricMean;
    // Changes have both signs.
    assert!(all.found.iter().all(|f| !ours(&f)));
    let mut trial = trial(Assignment::Randomised);
    let at_week_12 = proband_lang::Expr::Symbol(proband_lang::SymbolId(2));
    if let proband_trial::EndpointValue::Number(value) = &mut trial.endpoints[CHANGE].value {
        value.expr = at_week_12;
    }
    let found = findings_of(&trial, &all.people, 50);
    let values: Vec<f64> = all.in_arms(&[1]).iter().filter_map(|p| record(p, 2)).collect();
    let direct = geometric(&values, L).unwrap();
    let mean = find(&found, ("adjusted", "summary"), "LOW", S::GeometricMean);
    near(mean.estimate, direct.mean);
    near(mean.upper, direct.upper);
    near(
        find(&found, ("adjusted", "summary"), "LOW", S::GeometricCv).estimate,
        100.0 * direct.cv,
    );
}

#[test]
fn analysis_of_covariance() {
    let all = all();
    let complete: Vec<&Person> = all.people.iter().filter(|p| record(p, 2).is_some()).collect();
    let column =
        |of: &dyn Fn(&Person) -> f64| complete.iter().map(|p| of(p)).collect::<Vec<_>>();
    let (base, age) = (column(&|p| p.records[0].value), column(&|p| p.covariates[0]));
    let response = column(&|p| record(p, 2).unwrap() - p.records[0].value);
    let levels = |k: usize| complete.iter().map(|p| p.strata[k]).collect::<Vec<_>>();
    let arm: Vec<usize> = complete.iter().map(|p| p.arm).collect();
    let direct = ancova(
        &AncovaLayout { arms: 3, factor_levels: vec![2, 2], covariates: 2 },
        &AncovaColumns {
            response: &response,
            arm: &arm,
            factors: &[&levels(0), &levels(1)],
            covariates: &[&base, &age],
        },
    )
    .unwrap();
    let found = all.at(("adjusted", "ANCOVA"), "HIGH", S::Difference);
    let difference = direct.difference(2, 0, L).unwrap();
    near(found.estimate, difference.estimate.value);
    near(found.standard_error, difference.estimate.se);
    near(found.upper, difference.estimate.upper);
    near(found.p_value, difference.p);
    assert_eq!(found.n, Some(complete.len() as u64));
    assert_eq!(found.comparison.as_deref(), Some("adjusted.high"));
    assert_eq!(found.reference.as_deref(), Some("PLACEBO"));
    let mean = direct.ls_mean(1, Margins::Equal, L).unwrap();
    near(all.at(("adjusted", "ANCOVA"), "LOW", S::LsMean).estimate, mean.estimate.value);
}

/// Three levels made of sex and age: an expression of two quantities.
fn three_levels(trial: &mut Trial) {
    use proband_lang::{Binary, Expr, Kind, SymbolId};
    let young = Expr::binary(Binary::Less, Expr::Symbol(SymbolId(0)), Expr::Number(58.0));
    trial.quantities.push(proband_trial::Quantity::Covariate(1));
    let sex = Expr::Symbol(SymbolId(u32::try_from(trial.quantities.len() - 1).unwrap()));
    let levels: [String; 3] = ["a", "b", "c"].map(str::to_owned);
    for analysis in &mut trial.analyses {
        let mut covariate = crate::trial::age();
        covariate.expr = Expr::binary(Binary::Add, young.clone(), sex.clone());
        covariate.kind = Kind::Level(levels.clone().into());
        analysis.covariates = vec![covariate];
    }
}

#[test]
fn covariates_with_levels_are_factors() {
    let mut trial = trial(Assignment::Randomised);
    three_levels(&mut trial);
    let all = All { people: people(240, false), ..all() };
    let found = findings_of(&trial, &all.people, 64);
    let level = |p: &Person| usize::from(p.covariates[0] < 58.0) + p.covariates[1] as usize;
    let complete: Vec<&Person> = all.people.iter().filter(|p| record(p, 2).is_some()).collect();
    let levels =
        |of: &dyn Fn(&Person) -> usize| complete.iter().map(|p| of(p)).collect::<Vec<_>>();
    let response: Vec<f64> =
        complete.iter().map(|p| record(p, 2).unwrap() - p.records[0].value).collect();
    let base: Vec<f64> = complete.iter().map(|p| p.records[0].value).collect();
    let factors = [levels(&|p| p.strata[0]), levels(&|p| p.strata[1]), levels(&level)];
    let factors: Vec<&[usize]> = factors.iter().map(Vec::as_slice).collect();
    let direct = ancova(
        &AncovaLayout { arms: 3, factor_levels: vec![2, 2, 3], covariates: 1 },
        &AncovaColumns {
            response: &response,
            arm: &levels(&|p| p.arm),
            factors: &factors,
            covariates: &[&base],
        },
    );
    let mean = direct.unwrap().ls_mean(2, Margins::Equal, L).unwrap();
    near(find(&found, ("adjusted", "ANCOVA"), "HIGH", S::LsMean).estimate, mean.estimate.value);

    let pair = all.in_arms(&[1, 0]);
    let first = |p: &Person| {
        let event = proband_trial::Happening::AdverseEvent(2);
        p.happenings.iter().find(|h| h.what == event).map(|h| h.day)
    };
    let time: Vec<f64> = pair.iter().map(|p| first(p).unwrap_or(p.followed)).collect();
    let event: Vec<bool> = pair.iter().map(|p| first(p).is_some()).collect();
    let flag = |is: &dyn Fn(&Person) -> bool| -> Vec<f64> {
        pair.iter().map(|p| f64::from(u8::from(is(p)))).collect()
    };
    let columns = [flag(&|p| p.arm == 1), flag(&|p| level(p) == 1), flag(&|p| level(p) == 2)];
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let strata: Vec<usize> = pair.iter().map(|p| cell(p)).collect();
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let cox = stratified_cox(&follow_up, &columns, &strata, Ties::Efron).unwrap();
    let ratio = find(&found, ("syncope", "Cox"), "LOW", S::HazardRatio);
    near(ratio.estimate, cox.hazard_ratio(0, L).unwrap().value);
}

#[test]
fn the_last_observation_stands_in() {
    let all = all();
    let last = |p: &Person| record(p, 2).or(record(p, 1)).map(|v| v - p.records[0].value);
    let carried: Vec<&Person> = all.people.iter().filter(|p| last(p).is_some()).collect();
    let response: Vec<f64> = carried.iter().filter_map(|p| last(p)).collect();
    let base: Vec<f64> = carried.iter().map(|p| p.records[0].value).collect();
    let arm: Vec<usize> = carried.iter().map(|p| p.arm).collect();
    let layout = AncovaLayout { arms: 3, factor_levels: vec![], covariates: 1 };
    let columns =
        AncovaColumns { response: &response, arm: &arm, factors: &[], covariates: &[&base] };
    let direct = ancova(&layout, &columns).unwrap().difference(1, 0, L).unwrap();
    let found = all.at(("carried", "ANCOVA"), "LOW", S::Difference);
    near(found.estimate, direct.estimate.value);
    assert!(found.n > all.at(("adjusted", "ANCOVA"), "LOW", S::Difference).n);
}

#[test]
fn tests_of_means_and_ranks() {
    let all = all();
    let values = all.values(Column::Response(CHANGE, Missing::ObservedOnly));
    let welch = t_tests::welch(&values[1], &values[0], L).unwrap();
    let found = all.at(("adjusted", "t-test"), "LOW", S::Difference);
    near(found.estimate, welch.estimate.value);
    near(found.p_value, welch.p);
    let shift = hodges_lehmann(&values[1], &values[0], L).unwrap();
    let ranks = rank_sum(&values[1], &values[0], Continuity::Corrected).unwrap();
    let found = all.at(("adjusted", "Wilcoxon"), "LOW", S::Shift);
    assert_eq!((found.estimate, found.lower), (Some(shift.value), Some(shift.interval.lower)));
    assert_eq!(found.p_value, Some(ranks.test.p));
    let found = all.at(("adjusted", "Wilcoxon"), "LOW", S::Superiority);
    assert_eq!(found.estimate, Some(ranks.superiority));
}

#[test]
fn proportions_and_their_tests() {
    let all = all();
    let met = |p: &&Person| record(p, 2).is_some_and(|v| v < 140.0);
    let share = |people: &[&Person]| {
        let events = people.iter().filter(|p| met(p)).count();
        Proportion::new(events as u64, people.len() as u64).unwrap()
    };
    let (high, placebo) = (share(&all.in_arms(&[2])), share(&all.in_arms(&[0])));
    let percent = all.at(("goal", "summary"), "HIGH", S::Percent);
    near(percent.estimate, 100.0 * high.value());
    near(percent.lower, 100.0 * clopper_pearson(high, L).unwrap().lower);
    let found = all.at(("goal", "proportions"), "HIGH", S::RiskDifference);
    near(found.upper, 100.0 * newcombe(high, placebo, L).unwrap().upper);
    assert_eq!(found.p_value, Some(miettinen_nurminen_test(high, placebo, 0.0).unwrap().p));
    let exact = all.at(("goal", "Fisher"), "HIGH", S::Test);
    assert_eq!(exact.p_value, Some(fisher_exact(high, placebo).p));

    let in_cell = |arm, k| -> Vec<&Person> {
        all.in_arms(&[arm]).into_iter().filter(|p| cell(p) == k).collect()
    };
    let strata: Vec<Stratum> = (0..4)
        .map(|k| Stratum { active: share(&in_cell(2, k)), control: share(&in_cell(0, k)) })
        .collect();
    let direct = cochran_mantel_haenszel(&strata, Continuity::Uncorrected).unwrap();
    let found = all.at(("goal", "Cochran-Mantel-Haenszel"), "HIGH", S::Test);
    assert_eq!((found.estimate, found.p_value), (Some(direct.statistic), Some(direct.p)));
}

#[test]
fn logistic_regression_on_arms_strata_and_baseline() {
    let all = all();
    let column = |of: &dyn Fn(&Person) -> f64| all.people.iter().map(of).collect::<Vec<f64>>();
    let flag = |is: bool| f64::from(u8::from(is));
    let columns = [
        column(&|p| flag(p.arm == 1)),
        column(&|p| flag(p.arm == 2)),
        column(&|p| p.strata[0] as f64),
        column(&|p| p.strata[1] as f64),
        column(&|p| p.records[0].value),
    ];
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let met: Vec<bool> =
        all.people.iter().map(|p| record(p, 2).is_some_and(|v| v < 140.0)).collect();
    let direct = logistic(&columns, &met).unwrap().odds_ratio(2, L).unwrap();
    let found = all.at(("goal", "logistic"), "HIGH", S::OddsRatio);
    near(found.estimate, direct.value);
    near(found.lower, direct.lower);
    near(found.p_value, direct.log.p);

    let fit = logistic(&columns, &met).unwrap();
    let under = |arm: usize| -> Vec<Vec<f64>> {
        let flags = [flag(arm == 1), flag(arm == 2)].map(|is| vec![is; met.len()]);
        flags.into_iter().chain(columns[2..].iter().map(|column| column.to_vec())).collect()
    };
    let (active, control) = (under(2), under(0));
    let active: Vec<&[f64]> = active.iter().map(Vec::as_slice).collect();
    let control: Vec<&[f64]> = control.iter().map(Vec::as_slice).collect();
    let is = |arm: usize| all.people.iter().map(|p| p.arm == arm).collect::<Vec<bool>>();
    let rows = Counterfactuals {
        active: &is(2),
        control: &is(0),
        events: &met,
        under_active: &active,
        under_control: &control,
    };
    let risks = marginal_risks(&fit, &rows, MarginalVariance::Unconditional, L).unwrap();
    let found = all.at(("goal", "logistic"), "HIGH", S::RiskDifference);
    near(found.estimate, 100.0 * risks.difference.estimate.value);
    near(found.standard_error, 100.0 * risks.difference.estimate.se);
    let found = all.at(("goal", "logistic"), "HIGH", S::RiskRatio);
    near(found.upper, risks.risk_ratio.upper);
}

#[test]
fn survival_within_strata() {
    let all = all();
    let pair = all.in_arms(&[2, 0]);
    let first = |p: &Person| {
        let event = proband_trial::Happening::AdverseEvent(2);
        p.happenings.iter().find(|h| h.what == event).map(|h| h.day)
    };
    let time: Vec<f64> = pair.iter().map(|p| first(p).unwrap_or(p.followed)).collect();
    let event: Vec<bool> = pair.iter().map(|p| first(p).is_some()).collect();
    let active: Vec<bool> = pair.iter().map(|p| p.arm == 2).collect();
    let strata: Vec<usize> = pair.iter().map(|p| cell(p)).collect();
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let test = stratified_logrank(&follow_up, &active, &strata, LogRankWeights::Equal).unwrap();
    let found = all.at(("syncope", "log-rank"), "HIGH", S::LogRank);
    assert_eq!((found.estimate, found.p_value), (Some(test.score), Some(test.p)));
    let indicator: Vec<f64> = active.iter().map(|&a| f64::from(u8::from(a))).collect();
    let cox = stratified_cox(&follow_up, &[&indicator], &strata, Ties::Efron).unwrap();
    let ratio = cox.hazard_ratio(0, L).unwrap();
    let found = all.at(("syncope", "Cox"), "HIGH", S::HazardRatio);
    assert_eq!((found.estimate, found.lower), (Some(ratio.value), Some(ratio.lower)));

    let of = |arm: usize| -> (Vec<f64>, Vec<bool>) {
        let rows = pair.iter().zip(time.iter().zip(&event));
        rows.filter(|(p, _)| p.arm == arm).map(|(_, (t, e))| (*t, *e)).unzip()
    };
    let (time, event) = of(0);
    let curve = kaplan_meier(&FollowUp::new(&time, &event).unwrap());
    let quartile = curve.quantile(0.25, CurveInterval::LogLog, L).unwrap();
    let found = all.at(("syncope", "summary"), "PLACEBO", S::LowerQuartile);
    assert_eq!(found.estimate, quartile.value);
    let unreached = all.at(("syncope", "summary"), "PLACEBO", S::UpperQuartile);
    assert!(unreached.estimate.is_none() && unreached.note.is_some());
}

#[test]
fn counts_over_time_followed() {
    let all = all();
    let attacks = |p: &Person| {
        let event = proband_trial::Happening::AdverseEvent(0);
        p.happenings.iter().filter(|h| h.what == event && h.day <= 84.0).count() as u64
    };
    let counts: Vec<u64> = all.people.iter().map(attacks).collect();
    let years: Vec<f64> = all.people.iter().map(|p| p.followed / 365.25).collect();
    let column = |of: &dyn Fn(&Person) -> bool| -> Vec<f64> {
        all.people.iter().map(|p| f64::from(u8::from(of(p)))).collect()
    };
    let columns = [
        column(&|p| p.arm == 1),
        column(&|p| p.arm == 2),
        column(&|p| p.strata[0] == 1),
        column(&|p| p.strata[1] == 1),
    ];
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let direct = negative_binomial_regression(&columns, &counts, &years).unwrap();
    let found = all.at(("headaches", "negative binomial"), "LOW", S::RateRatio);
    near(found.estimate, direct.rate_ratio(1, L).unwrap().value);
    near(found.upper, direct.rate_ratio(1, L).unwrap().upper);
    let direct = poisson_regression(&columns, &counts, &years).unwrap();
    let found = all.at(("headaches", "Poisson"), "HIGH", S::RateRatio);
    near(found.estimate, direct.rate_ratio(2, L).unwrap().value);

    let placebo = all.in_arms(&[0]);
    let events = placebo.iter().map(|p| attacks(p)).sum();
    let years = placebo.iter().map(|p| p.followed).sum::<f64>() / 365.25;
    let rate = exact_rate_interval(EventRate::new(events, years).unwrap(), L).unwrap();
    let found = all.at(("headaches", "summary"), "PLACEBO", S::Rate);
    near(found.estimate, events as f64 / years);
    near(found.lower, rate.lower);
}

#[test]
fn adverse_events_by_term_system_and_grade() {
    let all = all();
    let grade_of = |p: &Person, events: &[usize]| {
        let of = |h: &&proband_analysis::Happened| {
            events.iter().any(|&e| h.what == proband_trial::Happening::AdverseEvent(e))
        };
        p.happenings.iter().filter(of).map(|h| h.grade).max().unwrap_or(0)
    };
    let low = all.in_arms(&[1]);
    let with = |events: &[usize], grade: u8| {
        Some(low.iter().filter(|p| grade_of(p, events) >= grade).count() as f64)
    };
    let count = |analysis| all.at((analysis, "incidence"), "LOW", S::WithEvent).estimate;
    assert_eq!(count("headache"), with(&[0], 1));
    assert_eq!(count("Nervous system"), with(&[0, 2], 1));
    let worst = |f: &&Finding| {
        f.analysis == "headache"
            && f.group.as_deref() == Some("grade 3")
            && f.arm.as_deref() == Some("LOW")
            && f.statistic == S::WithEvent
    };
    assert_eq!(all.found.iter().find(worst).unwrap().estimate, with(&[0], 3));

    let share = |arm: usize| {
        let people = all.in_arms(&[arm]);
        let events = people.iter().filter(|p| grade_of(p, &[1]) > 0).count() as u64;
        Proportion::new(events, people.len() as u64).unwrap()
    };
    let found = all.at(("rash", "incidence"), "HIGH", S::RiskDifference);
    near(found.lower, 100.0 * newcombe(share(2), share(0), L).unwrap().lower);
    let at_risk = |p: &&Person| {
        let rash = proband_trial::Happening::AdverseEvent(1);
        p.happenings.iter().find(|h| h.what == rash).map_or(p.followed, |h| h.day)
    };
    let years = all.in_arms(&[2]).iter().map(at_risk).sum::<f64>() / 365.25;
    near(
        all.at(("rash", "incidence"), "HIGH", S::Rate).estimate,
        share(2).events() as f64 / years,
    );
}

#[test]
fn published_figures_beside_ours() {
    let all = all();
    let ours = |analysis: &str, method: &str| -> Vec<&Finding> {
        let of = |f: &&Finding| {
            f.statistic == S::Ours && f.analysis == analysis && f.method == method
        };
        all.found.iter().filter(of).collect()
    };
    let estimates = ours("adjusted", "estimate");
    let difference = all.at(("adjusted", "ANCOVA"), "LOW", S::Difference).estimate;
    assert_eq!(estimates[0].estimate, difference);
    assert!(estimates[0].note.as_ref().unwrap().starts_with("within"));
    assert!(estimates[1].note.as_ref().unwrap().starts_with("outside"));
    let records = all.people.iter().filter_map(|p| record(p, 1));
    let (sum, n) = records.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    near(ours("sbp", "mean")[0].estimate, sum / n);
    let truths: f64 = all.people.iter().map(|p| p.records[0].value - 10.0).sum();
    near(ours("sbp", "truth")[0].estimate, truths / all.people.len() as f64);
    // Asked for in kPa: 1 mmHg is 133.322... Pa.
    let values: Vec<f64> = all.in_arms(&[2]).iter().filter_map(|p| record(p, 2)).collect();
    let median = summary(&values, QuantileRule::Averaged).unwrap().median;
    near(ours("sbp", "median")[0].estimate, median * 0.133_322_387_415);
    assert!(ours("headache", "percent")[0].estimate.unwrap() > 0.0);
}
