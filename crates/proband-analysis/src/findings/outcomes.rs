//! Comparisons of endpoints that are conditions.

use super::Analysed;
use super::descriptive::{merged, percent};
use super::design::Design;
use super::template::{Computed, Template, Value, reason};
use crate::accumulator::{Outcomes, Sums};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::binary::{
    Proportion, Stratum, agresti_caffo, binomial_test, cochran_armitage,
    cochran_mantel_haenszel, fisher_exact, mantel_haenszel_difference,
    mantel_haenszel_odds_ratio, miettinen_nurminen, miettinen_nurminen_test, newcombe,
    odds_ratio, risk_difference, risk_ratio, stratified_miettinen_nurminen,
    stratified_newcombe,
};
use proband_stats::contingency::{CountTable, pearson_chi_square};
use proband_stats::linear::Coefficients;
use proband_stats::regression::{
    Counterfactuals, LogisticFit, MarginalRisks, MarginalVariance, firth_logistic,
    firth_profile_interval, firth_profile_test, logistic_with, marginal_risks,
};
use proband_stats::{Continuity, Interval, RatioEffect, Result as StatsResult, StatsError};
use proband_trial::{AnalysisMethod, Comparison, DifferenceInterval, StratifiedInterval};
use std::collections::BTreeMap;
use std::io;

/// Participants above which risks are not standardised: their columns are held as numbers, for either arm.
const MOST_STANDARDISED: usize = 200_000;

impl Analysed<'_> {
    pub(super) fn compare_outcomes(&self, method: AnalysisMethod) -> io::Result<Vec<Finding>> {
        match method {
            AnalysisMethod::Logistic => self.logistic(),
            AnalysisMethod::Proportions => {
                Ok(self.each_table("proportions", S::RiskDifference, Self::proportions))
            }
            AnalysisMethod::EstimatingEquations => self.estimating_equations(),
            AnalysisMethod::ChiSquare => {
                Ok(self.each_table("chi-square", S::Test, Self::chi_square))
            }
            AnalysisMethod::Fisher => Ok(self.each_table("Fisher", S::Test, Self::fisher)),
            AnalysisMethod::CochranMantelHaenszel => self.each_comparison(),
            AnalysisMethod::CochranArmitage => Ok(vec![self.trend()]),
            AnalysisMethod::ExactBinomial => Ok(self.exact_binomial()),
            AnalysisMethod::BetaBinomial => Ok(self.beta_binomial()),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn outcomes(&self, arm: usize) -> &[Outcomes] {
        match self.study.sums.column(self.columns.response) {
            Sums::Outcomes(arms) => &arms[arm],
            _ => &[],
        }
    }

    fn each_table(
        &self,
        method: &'static str,
        otherwise: S,
        findings: fn(&Self, &Template, Proportion, Proportion) -> Vec<Finding>,
    ) -> Vec<Finding> {
        let of = |c: &Comparison| {
            let (test, reference) =
                (merged(self.outcomes(c.test)), merged(self.outcomes(c.reference)));
            let template =
                self.comparison(method, c).with(|f| f.n = Some(test.total + reference.total));
            match (proportion(test), proportion(reference)) {
                (Ok(test), Ok(reference)) => findings(self, &template, test, reference),
                _ => {
                    let note = self.without_values(c, |arm| merged(self.outcomes(arm)).total);
                    vec![template.finding(otherwise, Err(note.unwrap_or_default()))]
                }
            }
        };
        self.analysis.comparisons.iter().flat_map(of).collect()
    }

    /// Difference with Newcombe's interval and Miettinen and Nurminen's score test; ratios of risks
    /// and odds with theirs.
    fn proportions(
        &self,
        template: &Template,
        test: Proportion,
        reference: Proportion,
    ) -> Vec<Finding> {
        let level = self.level();
        let p = miettinen_nurminen_test(test, reference, 0.0).ok();
        let p = p.map(|z| self.sided(z.p, z.p_greater(), z.p_less()));
        // Wald's standard error does not exist where nobody, or everybody, had the event.
        let se = risk_difference(test, reference, level).ok().map(|d| d.estimate.se);
        let difference = self.interval_of_difference(test, reference).map(|interval| {
            let estimate = Value::from(test.value() - reference.value());
            Value { standard_error: se, p, ..estimate.with_interval(interval) }.times(100.0)
        });
        let ratio = |ratio: StatsResult<RatioEffect>| ratio.map(Value::from).map_err(reason);
        let difference = difference.map_err(reason);
        let needed = difference.clone().and_then(|of| number_needed(&of));
        vec![
            template.unit(Some("%".to_owned())).finding(S::RiskDifference, difference),
            template.finding(S::NumberNeeded, needed),
            template.finding(S::RiskRatio, ratio(risk_ratio(test, reference, level))),
            template.finding(S::OddsRatio, ratio(odds_ratio(test, reference, level))),
        ]
    }

    fn interval_of_difference(
        &self,
        test: Proportion,
        reference: Proportion,
    ) -> StatsResult<Interval> {
        let level = self.level();
        match self.analysis.options.interval {
            DifferenceInterval::Newcombe => newcombe(test, reference, level),
            DifferenceInterval::MiettinenNurminen => miettinen_nurminen(test, reference, level),
            DifferenceInterval::AgrestiCaffo => agresti_caffo(test, reference, level),
            DifferenceInterval::Wald => {
                let wald = risk_difference(test, reference, level)?.estimate;
                Ok(Interval { lower: wald.lower, upper: wald.upper })
            }
        }
    }

    /// Whether the share rises with the scores of the arms.
    fn trend(&self) -> Finding {
        let arms = 0..self.study.trial.arms.len();
        let outcomes: Vec<Outcomes> = arms.map(|arm| merged(self.outcomes(arm))).collect();
        let template = self.template(Category::Comparison, "Cochran-Armitage");
        let template = template.with(|f| f.n = Some(outcomes.iter().map(|o| o.total).sum()));
        let groups: StatsResult<Vec<Proportion>> =
            outcomes.iter().map(|outcomes| proportion(*outcomes)).collect();
        let test = groups.and_then(|g| cochran_armitage(&g, &self.analysis.options.scores));
        let value = test.map(|test| {
            let p = self.sided(test.p, test.p_greater(), test.p_less());
            Value::from(test.z).with_p(Some(p))
        });
        template.finding(S::Test, value.map_err(reason))
    }

    /// Each arm's share against a given one.
    fn exact_binomial(&self) -> Vec<Finding> {
        let null = self.analysis.options.null.unwrap_or(f64::NAN);
        let of = |arm: usize| {
            let outcomes = merged(self.outcomes(arm));
            let template = self.template(Category::Comparison, "exact binomial");
            let template = template.arm(&self.study.arm_title(arm)).unit(Some("%".to_owned()));
            let template = template.with(|f| f.n = Some(outcomes.total));
            let test = proportion(outcomes).and_then(|share| binomial_test(share, null));
            let p =
                test.as_ref().ok().map(|test| self.sided(test.p, test.p_greater, test.p_less));
            let share = percent(outcomes.events, outcomes.total, self.level());
            let tested = test.map_err(reason).and(share).map(|share| share.with_p(p));
            template.finding(S::Percent, tested)
        };
        (0..self.study.trial.arms.len()).map(of).collect()
    }

    /// Pearson's, without continuity correction; towards one side by the sign of the difference.
    fn chi_square(
        &self,
        template: &Template,
        test: Proportion,
        reference: Proportion,
    ) -> Vec<Finding> {
        let cells = |p: Proportion| [p.events(), p.total() - p.events()];
        let (first, second) = (cells(test), cells(reference));
        let table = CountTable::new(&[&first, &second]);
        let value = table.and_then(|table| pearson_chi_square(&table)).map(|chi| {
            let above = test.value() > reference.value();
            let (greater, less) = if above {
                (0.5 * chi.p, 1.0 - 0.5 * chi.p)
            } else {
                (1.0 - 0.5 * chi.p, 0.5 * chi.p)
            };
            Value::from(chi.statistic).with_p(Some(self.sided(chi.p, greater, less)))
        });
        vec![template.finding(S::Test, value.map_err(reason))]
    }

    fn fisher(
        &self,
        template: &Template,
        test: Proportion,
        reference: Proportion,
    ) -> Vec<Finding> {
        let exact = fisher_exact(test, reference);
        let p = self.sided(exact.p, exact.p_greater, exact.p_less);
        vec![template.finding(S::Test, Ok(Value::default().with_p(Some(p))))]
    }

    fn each_comparison(&self) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        for c in &self.analysis.comparisons {
            let strata = match self.tables(c)? {
                Ok(strata) => strata,
                Err(note) => {
                    let template = self.comparison("Cochran-Mantel-Haenszel", c);
                    found.push(template.finding(S::Test, Err(note)));
                    continue;
                }
            };
            let total = |s: &Stratum| s.active.total() + s.control.total();
            let n = strata.iter().map(total).sum();
            let template =
                self.comparison("Cochran-Mantel-Haenszel", c).with(|f| f.n = Some(n));
            found.extend(self.mantel_haenszel(&template, &strata));
        }
        Ok(found)
    }

    /// The tables of the strata in which both arms have participants, or why there are none.
    fn tables(&self, comparison: &Comparison) -> io::Result<Result<Vec<Stratum>, String>> {
        if self.analysis.stratified_by.is_empty() {
            return Ok(Ok(self.tables_by_cell(comparison)));
        }
        let needs = Needs { strata: Strata::Cells, ..Needs::RESPONSE };
        Ok(self.rows_of(needs, comparison)?.map(|rows| tables_of(&rows, comparison)))
    }

    /// The tables of the strata of the randomisation, which were added up.
    fn tables_by_cell(&self, comparison: &Comparison) -> Vec<Stratum> {
        let cells = |arm| {
            let cells = self.outcomes(arm);
            if self.analysis.strata { cells.to_vec() } else { vec![merged(cells)] }
        };
        let (test, reference) = (cells(comparison.test), cells(comparison.reference));
        let table = |(test, reference): (&Outcomes, &Outcomes)| {
            let (active, control) = (proportion(*test).ok()?, proportion(*reference).ok()?);
            Some(Stratum { active, control })
        };
        test.iter().zip(&reference).filter_map(table).collect()
    }

    fn mantel_haenszel(&self, template: &Template, strata: &[Stratum]) -> Vec<Finding> {
        let level = self.level();
        let test = cochran_mantel_haenszel(strata, Continuity::Uncorrected);
        let p = test.ok().map(|t| t.p);
        let with_p = |value: StatsResult<Value>| value.map(|v| v.with_p(p)).map_err(reason);
        let difference = self.difference_in_strata(strata);
        let odds = mantel_haenszel_odds_ratio(strata, level).map(Value::from);
        vec![
            template
                .unit(Some("%".to_owned()))
                .finding(S::RiskDifference, with_p(difference.map(|d| d.times(100.0)))),
            template.finding(S::OddsRatio, with_p(odds)),
            template.finding(S::Test, with_p(test.map(|t| t.statistic.into()))),
        ]
    }

    fn difference_in_strata(&self, strata: &[Stratum]) -> StatsResult<Value> {
        let level = self.level();
        let value = Value::from(mantel_haenszel_difference(strata, level)?);
        let interval = match self.analysis.options.stratified_interval {
            StratifiedInterval::Sato => return Ok(value),
            StratifiedInterval::Newcombe => stratified_newcombe(strata, level)?,
            StratifiedInterval::MiettinenNurminen => {
                stratified_miettinen_nurminen(strata, level)?
            }
        };
        Ok(value.with_interval(interval))
    }

    /// One model of all arms, with the strata as factors.
    fn logistic(&self) -> io::Result<Vec<Finding>> {
        let needs = Needs {
            second: false,
            strata: Strata::Factors,
            covariates: true,
            ..Needs::RESPONSE
        };
        let template = self.template(Category::Comparison, "logistic");
        let rows = match self.rows(needs, &|_| true)? {
            Ok(rows) => rows,
            Err(note) => return Ok(self.without_model(&template, S::OddsRatio, &note)),
        };
        let events: Vec<bool> = rows.response.iter().map(|&v| v > 0.0).collect();
        let template = self.of_rows(&template, &rows);
        let counts = self.by_arm_of(&rows);
        let design = Design::new(rows);
        let fit = logistic_with(&design.columns(), &events);
        if fit == Err(StatsError::Separated) {
            return Ok(self.penalised(&template, &counts, &design, &events));
        }
        let coefficients = fit.as_ref().map(|fit| &fit.coefficients).map_err(|error| *error);
        let mut found = self.ratios((&template, S::OddsRatio), &counts, &design, coefficients);
        for comparison in &self.analysis.comparisons {
            if self.without_values(comparison, |arm| counts[arm]).is_none() {
                let template = self.named(&template, comparison);
                let risks = fit
                    .as_ref()
                    .map_err(|e| reason(*e))
                    .and_then(|fit| self.standardised(fit, &design, &events, comparison));
                found.extend(self.marginal(&template, risks));
            }
        }
        Ok(found)
    }

    /// Where columns tell events from non-events: odds ratios by Firth's penalised likelihood, with its intervals and
    /// tests.
    fn penalised(
        &self,
        template: &Template,
        counts: &[u64],
        design: &Design,
        events: &[bool],
    ) -> Vec<Finding> {
        let ratio = |c: &Comparison| -> StatsResult<Value> {
            let columns = design.against(c.reference);
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let none = StatsError::EmptyArm { arm: c.test };
            let place = design.place_against(c.test, c.reference).ok_or(none)?;
            let value = firth_logistic(&columns, events)?.odds_ratio(place, self.level())?;
            let limits = firth_profile_interval(&columns, events, place, self.level())?;
            let p = firth_profile_test(&columns, events, place)?.p;
            let above = value.value > 1.0;
            let (same, other) = (0.5 * p, 1.0 - 0.5 * p);
            let p = if above { self.sided(p, same, other) } else { self.sided(p, other, same) };
            let [lower, upper] = [limits.lower, limits.upper].map(proband_math::exp);
            Ok(Value::from(value).with_interval(Interval { lower, upper }).with_p(Some(p)))
        };
        let of = |c: &Comparison| {
            let value = match self.without_values(c, |arm| counts[arm]) {
                Some(note) => Err(note),
                None => ratio(c).map_err(reason),
            };
            let told = |f: &mut Finding| {
                let firth = "by Firth's penalised likelihood, because a column separates the \
                             participants with the event from those without";
                let before = f.note.take().map(|note| format!("{note}; "));
                f.note = Some(format!("{}{firth}", before.unwrap_or_default()));
            };
            self.named(template, c).with(told).finding(S::OddsRatio, value)
        };
        self.analysis.comparisons.iter().map(of).collect()
    }

    /// The average risks that everybody would have in either arm, by the model.
    fn standardised(
        &self,
        fit: &LogisticFit,
        design: &Design,
        events: &[bool],
        comparison: &Comparison,
    ) -> Result<MarginalRisks, String> {
        if events.len() > MOST_STANDARDISED {
            return Err(format!("not computed for more than {MOST_STANDARDISED} participants"));
        }
        let none = || "no participants in an arm".to_owned();
        let active = design.in_arm(comparison.test).ok_or_else(none)?;
        let control = design.in_arm(comparison.reference).ok_or_else(none)?;
        let (under_active, under_control): (Vec<&[f64]>, Vec<&[f64]>) = (
            active.iter().map(Vec::as_slice).collect(),
            control.iter().map(Vec::as_slice).collect(),
        );
        let rows = Counterfactuals {
            active: &design.is_in(comparison.test),
            control: &design.is_in(comparison.reference),
            events,
            under_active: &under_active,
            under_control: &under_control,
        };
        marginal_risks(fit, &rows, MarginalVariance::Unconditional, self.level())
            .map_err(reason)
    }

    fn marginal(
        &self,
        template: &Template,
        risks: Result<MarginalRisks, String>,
    ) -> [Finding; 2] {
        let percent = template.unit(Some("%".to_owned()));
        let difference = risks
            .clone()
            .and_then(|risks| self.effect(Ok(risks.difference)))
            .map(|value| value.times(100.0));
        let ratio = risks.and_then(|risks| self.ratio(Ok(risks.risk_ratio)));
        [percent.finding(S::RiskDifference, difference), template.finding(S::RiskRatio, ratio)]
    }

    pub(super) fn ratio(&self, ratio: StatsResult<RatioEffect>) -> Computed {
        let ratio = ratio.map_err(reason)?;
        let p = self.p_value_where(&ratio.log, false, proband_math::ln);
        Ok(Value::from(ratio).with_p(p))
    }

    /// A ratio for every comparison, of a regression of all arms that `model` tells of; `counts` are the rows
    /// by arm.
    pub(super) fn ratios(
        &self,
        (model, statistic): (&Template, S),
        counts: &[u64],
        design: &Design,
        fit: StatsResult<&Coefficients>,
    ) -> Vec<Finding> {
        let ratio = |c: &Comparison| {
            let effect = fit?.contrast(&design.difference(c), self.level())?;
            Ok(effect.ratio())
        };
        let of = |c: &Comparison| {
            let value = match self.without_values(c, |arm| counts[arm]) {
                Some(note) => Err(note),
                None => self.ratio(ratio(c)),
            };
            self.named(model, c).finding(statistic, value)
        };
        self.analysis.comparisons.iter().map(of).collect()
    }
}

/// The reciprocal of a difference of risks in percent. Limits on both sides of no difference have no
/// reciprocals between which it lies: they run through infinity (D. Altman, BMJ 317, 1998).
fn number_needed(difference: &Value) -> Computed {
    let per_100 = difference.estimate.filter(|value| value.abs() > 0.0);
    let value = per_100.ok_or_else(|| "there is no difference of risks".to_owned())?;
    let interval = difference
        .interval
        .filter(|limits| limits.lower * limits.upper > 0.0)
        .map(|limits| Interval { lower: 100.0 / limits.upper, upper: 100.0 / limits.lower });
    Ok(Value { interval, ..Value::from(100.0 / value) })
}

/// A table for each stratum of the rows in which both arms occur.
fn tables_of(rows: &Rows, comparison: &Comparison) -> Vec<Stratum> {
    let mut tables: BTreeMap<usize, [(u64, u64); 2]> = BTreeMap::new();
    for ((&cell, &response), test) in
        rows.cell.iter().zip(&rows.response).zip(rows.is_in(comparison.test))
    {
        let (events, total) = &mut tables.entry(cell).or_default()[usize::from(!test)];
        *events += u64::from(response > 0.0);
        *total += 1;
    }
    let table = |[test, reference]: &[(u64, u64); 2]| {
        let active = Proportion::new(test.0, test.1).ok()?;
        Some(Stratum { active, control: Proportion::new(reference.0, reference.1).ok()? })
    };
    tables.values().filter_map(table).collect()
}

pub(super) fn proportion(outcomes: Outcomes) -> StatsResult<Proportion> {
    Proportion::new(outcomes.events, outcomes.total)
}
