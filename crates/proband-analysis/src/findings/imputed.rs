//! Analyses of covariance with the values that are missing modelled from the visits there are.

use super::means::ARM;
use super::repeated::{Repeated, covariance};
use super::template::{Computed, Template, Value, reason};
use super::{Analysed, unit_text};
use crate::accumulator::ancova_with;
use crate::finding::{Category, Finding, StatisticName as S};
use proband_math::stream::{Address, Purpose, Seed};
use proband_stats::ancova::{AncovaColumns, AncovaFit, Margins, ancova};
use proband_stats::missing::{
    CompleteDf, ImputationFit, Incomplete, Strategy, delta_adjusted, jackknife, pool,
};
use proband_stats::{Effect, Result as StatsResult};
use proband_trial::{Comparison, Contrast, Imputation, ImputationStrategy};
use std::io;

/// Participants above which no jackknife is made: the model is fitted once without each of them.
const MOST_JACKKNIFED: usize = 2000;

/// What the draws of imputations are for.
const IMPUTATION: Purpose = Purpose::new("imputation");

/// Responses at all visits with nothing missing, and the participant who is left out of them.
struct Completed {
    response: Vec<f64>,
    without: Option<usize>,
}

/// What was imputed, and what it is imputed for.
struct Imputed<'a> {
    analysed: &'a Analysed<'a>,
    imputation: &'a Imputation,
    all: &'a Repeated,
    data: &'a Incomplete<'a>,
    /// Drawn data sets; or one of conditional means, then those without each participant.
    completed: Vec<Completed>,
}

impl Analysed<'_> {
    /// The analysis at the endpoint's visit of completed data; once more for each delta, and where it tips.
    pub(super) fn imputed(&self, imputation: &Imputation) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "ANCOVA");
        let template = template.unit(unit_text(&self.endpoint.unit));
        if let Some(note) = self.too_many() {
            return Ok(self.without_model(&template, S::Difference, &note));
        }
        let all = self.repeated()?;
        let template = template.with(|f| {
            f.n = Some(all.participants() as u64);
            let told = [Some(in_words(imputation)), self.left_out(&all.constant)];
            f.note = Some(told.into_iter().flatten().collect::<Vec<_>>().join("; "));
        });
        let found = self.with_completed(imputation, &all, &template);
        Ok(found.unwrap_or_else(|note| self.without_model(&template, S::Difference, &note)))
    }

    fn with_completed(
        &self,
        imputation: &Imputation,
        all: &Repeated,
        template: &Template,
    ) -> Result<Vec<Finding>, String> {
        let jackknifed = imputation.sets.is_none();
        if jackknifed && all.participants() > MOST_JACKKNIFED {
            return Err(format!("not computed for more than {MOST_JACKKNIFED} participants"));
        }
        let long = all.long(|_| true);
        let off = self.off_treatment(imputation, all);
        let matrix = self.matrix(all, &long, off.as_deref()).map_err(reason)?;
        let reference = self.analysis.comparisons.first().map_or(0, |c| c.reference);
        let own = matrix.columns();
        let under = matrix.with_level(ARM, reference).map_err(reason)?;
        let under: Vec<&[f64]> = under.iter().map(Vec::as_slice).collect();
        let from: Vec<Option<usize>> =
            all.response.chunks(all.visits).map(first_of_the_missing_end).collect();
        let data = Incomplete {
            response: &all.response,
            visits: all.visits,
            columns: &own,
            under_reference: &under,
            from: &from,
            structure: covariance(self.analysis.options.covariance),
        };
        let completed = if jackknifed {
            conditional_means(&data, strategy(imputation))
        } else {
            self.drawn(imputation, all, &data)
        };
        let completed = completed.map_err(reason)?;
        Imputed { analysed: self, imputation, all, data: &data, completed }.findings(template)
    }

    /// Whether treatment had been stopped before each visit, where that matters.
    fn off_treatment(&self, imputation: &Imputation, all: &Repeated) -> Option<Vec<usize>> {
        if imputation.strategy != ImputationStrategy::RetrievedDropout {
            return None;
        }
        let encounters = &self.study.trial.encounters;
        let days: Vec<f64> = self
            .analysis
            .repeats
            .iter()
            .map(|repeat| encounters[repeat.encounter].day)
            .collect();
        let off = |&stopped: &f64| days.iter().map(move |day| usize::from(*day > stopped));
        Some(all.stopped.iter().flat_map(off).collect())
    }

    /// Data sets completed by draws, each under parameters that were drawn too.
    fn drawn(
        &self,
        imputation: &Imputation,
        all: &Repeated,
        data: &Incomplete<'_>,
    ) -> StatsResult<Vec<Completed>> {
        let purpose = IMPUTATION.part(&self.analysis.id);
        let seed = Seed(self.study.trial.simulation.seed);
        let address = |label: &str, index: u64| Address {
            index,
            replicate: self.study.replicate,
            ..Address::new(seed, purpose.part(label))
        };
        let whole = data.fit()?;
        let one = |set: u64| {
            let fit = data.fit_bootstrapped(&all.arm, address("parameters", set), &whole)?;
            let response = fit.drawn(data, strategy(imputation), address("values", set))?;
            Ok(Completed { response, without: None })
        };
        (0..imputation.sets.unwrap_or(0)).map(one).collect()
    }
}

fn conditional_means(data: &Incomplete<'_>, strategy: Strategy) -> StatsResult<Vec<Completed>> {
    let whole = data.fit()?;
    let complete = |fit: &ImputationFit, without| {
        Ok(Completed { response: fit.conditional_means(data, strategy)?, without })
    };
    let mut completed = vec![complete(&whole, None)?];
    for participant in 0..data.from.len() {
        let fit = data.fit_without(participant, &whole)?;
        completed.push(complete(&fit, Some(participant))?);
    }
    Ok(completed)
}

impl Imputed<'_> {
    fn findings(&self, template: &Template) -> Result<Vec<Finding>, String> {
        let analysed = self.analysed;
        let fits = self.fits(0.0).map_err(reason)?;
        let mean = |arm: usize| {
            let mean =
                self.combined(&fits, |fit| fit.ls_mean(arm, Margins::Equal, analysed.level()));
            analysed.effect(mean)
        };
        let contrast = |c: &Contrast| {
            let value = self.combined(&fits, |fit| {
                fit.contrast(&c.weights, Margins::Equal, analysed.level())
            });
            analysed.effect(value)
        };
        let difference = |c: &Comparison| self.difference(&fits, c);
        let mut found = analysed.of_model(template, mean, difference, contrast);
        // The levels of a subgroup are told apart by their group, as deltas are.
        if analysed.analysis.subgroup.is_none() && !self.imputation.deltas.is_empty() {
            found.extend(self.shifted(template, &fits)?);
        }
        Ok(found)
    }

    /// The comparisons with each delta added, and the first of them that takes the conclusion away.
    fn shifted(&self, template: &Template, fits: &[AncovaFit]) -> Result<Vec<Finding>, String> {
        let comparisons = &self.analysed.analysis.comparisons;
        let mut found = Vec::new();
        let mut tips: Vec<Option<f64>> = vec![None; comparisons.len()];
        for &delta in &self.imputation.deltas {
            let shifted = self.fits(delta).map_err(reason)?;
            for (c, tip) in comparisons.iter().zip(&mut tips) {
                let value = self.difference(&shifted, c);
                if tip.is_none() && value.as_ref().is_ok_and(|value| !self.concludes(value)) {
                    *tip = Some(delta);
                }
                let group = format!("delta {delta}");
                let template = self.analysed.named(template, c).with(|f| f.group = Some(group));
                found.push(template.finding(S::Difference, value));
            }
        }
        for (c, tip) in comparisons.iter().zip(tips) {
            let concludes = self.difference(fits, c).is_ok_and(|value| self.concludes(&value));
            let tip = match tip {
                _ if !concludes => Err("there is no conclusion to take away".to_owned()),
                Some(delta) => Ok(delta.into()),
                None => Err("no delta of the list takes the conclusion away".to_owned()),
            };
            found.push(self.analysed.named(template, c).finding(S::TippingPoint, tip));
        }
        Ok(found)
    }

    fn concludes(&self, value: &Value) -> bool {
        value.p.is_some_and(|p| p <= self.analysed.analysis.alpha)
    }

    fn difference(&self, fits: &[AncovaFit], c: &Comparison) -> Computed {
        let level = self.analysed.level();
        let in_arm = |arm: usize| self.all.arm.iter().filter(|&&own| own == arm).count() as u64;
        if let Some(note) = self.analysed.without_values(c, in_arm) {
            return Err(note);
        }
        let value = self.combined(fits, |fit| fit.difference(c.test, c.reference, level));
        self.analysed.effect(value)
    }

    /// The model at the last visit of every completed data set, with `delta` added to what is imputed in the
    /// arms under test.
    fn fits(&self, delta: f64) -> StatsResult<Vec<AncovaFit>> {
        let tests =
            |arm: &usize| self.analysed.analysis.comparisons.iter().any(|c| c.test == *arm);
        let deltas: Vec<f64> =
            self.all.arm.iter().map(|arm| if tests(arm) { delta } else { 0.0 }).collect();
        let fit = |completed: &Completed| {
            let response = delta_adjusted(self.data, &completed.response, &deltas)?;
            self.fit(&response, completed.without)
        };
        self.completed.iter().map(fit).collect()
    }

    fn fit(&self, completed: &[f64], without: Option<usize>) -> StatsResult<AncovaFit> {
        let all = self.all;
        let kept: Vec<usize> =
            (0..all.participants()).filter(|&k| Some(k) != without).collect();
        let codes = |of: &Vec<usize>| -> Vec<usize> { kept.iter().map(|&k| of[k]).collect() };
        let factors: Vec<Vec<usize>> = all.factors.iter().map(codes).collect();
        let covariates: Vec<Vec<f64>> =
            all.covariates.iter().map(|of| kept.iter().map(|&k| of[k]).collect()).collect();
        let last = |&k: &usize| completed[(k + 1) * all.visits - 1];
        let response: Vec<f64> = kept.iter().map(last).collect();
        let Analysed { study, columns, .. } = *self.analysed;
        let layout = ancova_with(study.layout, columns, covariates.len());
        let factors: Vec<&[usize]> = factors.iter().map(Vec::as_slice).collect();
        let covariates: Vec<&[f64]> = covariates.iter().map(Vec::as_slice).collect();
        let columns = AncovaColumns {
            response: &response,
            arm: &codes(&all.arm),
            factors: &factors,
            covariates: &covariates,
        };
        ancova(&layout, &columns)
    }

    /// One estimate from those of all completed data sets: by Rubin's rules, or with the jackknife's error.
    fn combined(
        &self,
        fits: &[AncovaFit],
        of: impl Fn(&AncovaFit) -> StatsResult<Effect>,
    ) -> StatsResult<Effect> {
        let level = self.analysed.level();
        let effects = fits.iter().map(of).collect::<StatsResult<Vec<Effect>>>()?;
        let values: Vec<f64> = effects.iter().map(|effect| effect.estimate.value).collect();
        if self.imputation.sets.is_none() {
            return jackknife(values[0], &values[1..], level);
        }
        let squares = effects.iter().map(|effect| effect.estimate.se * effect.estimate.se);
        let df = CompleteDf::Known(fits[0].linear().residual_df());
        Ok(pool(&values, &squares.collect::<Vec<f64>>(), df, level)?.effect)
    }
}

/// The first visit after the last value; none where the last visit has one.
fn first_of_the_missing_end(row: &[f64]) -> Option<usize> {
    let after = row.iter().rposition(|value| value.is_finite()).map_or(0, |last| last + 1);
    (after < row.len()).then_some(after)
}

/// Off treatment is a column of the model, given which values are missing at random.
fn strategy(imputation: &Imputation) -> Strategy {
    match imputation.strategy {
        ImputationStrategy::MissingAtRandom | ImputationStrategy::RetrievedDropout => {
            Strategy::MissingAtRandom
        }
        ImputationStrategy::JumpToReference => Strategy::JumpToReference,
        ImputationStrategy::CopyReference => Strategy::CopyReference,
        ImputationStrategy::CopyIncrements => Strategy::CopyIncrements,
        ImputationStrategy::LastMean => Strategy::LastMeanCarriedForward,
    }
}

fn in_words(imputation: &Imputation) -> String {
    let strategy = match imputation.strategy {
        ImputationStrategy::MissingAtRandom => "missing at random",
        ImputationStrategy::JumpToReference => "jump to reference",
        ImputationStrategy::CopyReference => "copy reference",
        ImputationStrategy::CopyIncrements => "copy increments",
        ImputationStrategy::LastMean => "last mean",
        ImputationStrategy::RetrievedDropout => "retrieved dropout",
    };
    match imputation.sets {
        Some(sets) => format!("{sets} imputed data sets, {strategy}"),
        None => format!("conditional means imputed, {strategy}"),
    }
}
