//! From a trial to its layout.

use super::{
    AMINOTRANSFERASE, Adverse, AdverseMeasure, AnalysisColumns, Column, Computed, Layout, Slot,
    Tally,
};
use crate::program::{Compiled, ExpressionError};
use proband_lang::Kind;
use proband_trial::{
    Analysis, AnalysisMethod, Characteristic, Endpoint, EndpointValue, Expression,
    ImputationStrategy, Missing, Prediction, PublishedKey, PublishedOf, Quantity, Statistic,
    Trial,
};

/// The highest grade of an adverse event, with a level for none.
const GRADES: usize = 6;

/// Events of a participant whose days are kept: an analysis of recurrent events says so where there were more.
const MOST_OCCURRENCES: usize = 64;

/// Planned days that differ by less are one: `week 4` and `day 29` round differently.
const SAME_DAY: f64 = 1e-9;

impl<'t> Layout<'t> {
    /// The columns that the endpoints, analyses, adverse events and published figures of a trial
    /// need.
    ///
    /// # Errors
    /// At an expression that cannot be computed outside a model.
    pub fn of(trial: &'t Trial) -> Result<Self, ExpressionError> {
        let mut layout = Self {
            trial,
            columns: vec![Column::Arm],
            spilled: 0,
            analyses: Vec::new(),
            slots: Vec::new(),
            computed: Vec::new(),
            body_systems: Vec::new(),
            system_of: Vec::new(),
            shifts: Vec::new(),
            liver: None,
            truths: Vec::new(),
        };
        layout.describe_participants();
        for endpoint in 0..trial.endpoints.len() {
            layout.add_endpoint(endpoint)?;
        }
        for (index, analysis) in trial.analyses.iter().enumerate() {
            let columns = layout.add_analysis(index, analysis)?;
            layout.analyses.push(columns);
        }
        layout.add_published_records();
        layout.spilled = layout.columns.len();
        layout.add_published_truths();
        layout.add_predicted_truths();
        layout.add(Column::Failed);
        if !trial.limits.is_empty() {
            layout.add(Column::Implausible);
            (0..trial.limits.len()).for_each(|limit| _ = layout.add(Column::Beyond(limit)));
        }
        layout.add(Column::FollowUp);
        if !(trial.discontinuations.is_empty() && trial.rules.is_empty()) {
            layout.add(Column::TreatmentEnd);
            layout.add(Column::TrialEnd);
        }
        layout.add_counts_of_adverse_events();
        layout.add_ranges();
        Ok(layout)
    }

    pub(super) fn add(&mut self, column: Column) -> usize {
        self.position(column).unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        })
    }

    /// Strata, covariates, and the baseline of what was recorded before treatment.
    fn describe_participants(&mut self) {
        let trial = self.trial;
        if trial.design.crossover.is_some() {
            self.add(Column::FirstArm);
        }
        (0..trial.design.strata.len()).for_each(|s| _ = self.add(Column::Stratum(s)));
        for characteristic in &trial.characteristics {
            self.add(match *characteristic {
                Characteristic::Covariate(index) => Column::Covariate(index),
                Characteristic::Baseline(observable) => Column::Baseline(observable),
            });
        }
    }

    /// The value without any stand-in, which the tables of results hold too.
    fn add_endpoint(&mut self, index: usize) -> Result<(), ExpressionError> {
        match &self.trial.endpoints[index].value {
            EndpointValue::Number(value) | EndpointValue::Condition(value) => {
                self.add_response(index, value, Missing::ObservedOnly)?;
                for (k, visit) in self.trial.endpoints[index].visits.iter().enumerate() {
                    let column = Column::EveryVisit(index, k);
                    self.add_computed(column, &visit.value, Missing::ObservedOnly, None)?;
                }
            }
            EndpointValue::Time(_) => {
                self.add(Column::Time(index));
                self.add(Column::Event(index));
            }
            EndpointValue::Count { .. } => {
                self.add(Column::Count(index));
                self.add(Column::Followed(index));
            }
        }
        Ok(())
    }

    fn add_response(
        &mut self,
        endpoint: usize,
        value: &Expression,
        missing: Missing,
    ) -> Result<usize, ExpressionError> {
        let column = Column::Response(endpoint, missing);
        match self.position(column) {
            Some(place) => Ok(place),
            None => self.add_computed(column, value, missing, None),
        }
    }

    fn add_computed(
        &mut self,
        column: Column,
        expression: &Expression,
        missing: Missing,
        estimand: Option<usize>,
    ) -> Result<usize, ExpressionError> {
        let compiled = Compiled::new(expression)?;
        let slots = compiled.quantities.iter();
        let slots = slots.map(|&q| self.add_slot(q, missing, estimand)).collect();
        let unmet = missing == Missing::Failure && expression.kind == Kind::Condition;
        let stand_in = if unmet { 0.0 } else { f64::NAN };
        let column = self.add(column);
        self.computed.push(Computed { column, compiled, slots, stand_in });
        Ok(column)
    }

    /// Only a record at an encounter has stand-ins.
    fn add_slot(
        &mut self,
        quantity: usize,
        missing: Missing,
        estimand: Option<usize>,
    ) -> usize {
        let missing = match (&self.trial.quantities[quantity], missing) {
            (Quantity::At(..), Missing::LastObservation | Missing::BaselineObservation) => {
                missing
            }
            _ => Missing::ObservedOnly,
        };
        let slot = Slot { quantity, missing, estimand };
        self.slots.iter().position(|s| *s == slot).unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        })
    }

    fn add_analysis(
        &mut self,
        index: usize,
        analysis: &Analysis,
    ) -> Result<AnalysisColumns, ExpressionError> {
        let endpoint = &self.trial.endpoints[analysis.endpoint];
        let (response, second) = self.add_measure(index, analysis)?;
        let (arm, response, second) = self.add_members(index, analysis, (response, second))?;
        let adjusted = self.add_covariates(index, analysis, endpoint)?;
        let is_factor = |place: &usize| self.levels_of(*place).is_some();
        let (mut factors, covariates): (Vec<usize>, _) =
            adjusted.into_iter().partition(is_factor);
        if analysis.methods.contains(&AnalysisMethod::Crossover) {
            let of_design = [self.add(Column::Period), self.add(Column::Sequence)];
            factors.splice(0..0, of_design);
        }
        let strata = self.add_strata(index, analysis)?;
        Ok(AnalysisColumns {
            arm,
            response,
            second,
            then: analysis.then.iter().map(|&endpoint| self.place_of(endpoint)).collect(),
            occurrences: self.add_occurrences(analysis),
            strata,
            factors,
            covariates,
            repeats: self.add_repeats(index, analysis)?,
            stopped: retrieves(analysis).then(|| self.add(Column::Stopped)),
            effects: self.add_effects(index, analysis),
        })
    }

    /// When the events of recurrent analyses were.
    fn add_occurrences(&mut self, analysis: &Analysis) -> Vec<usize> {
        if !analysis.methods.contains(&AnalysisMethod::RecurrentEvents) {
            return Vec::new();
        }
        let column = |k| Column::Occurrence(analysis.endpoint, k);
        (0..MOST_OCCURRENCES).map(|k| self.add(column(k))).collect()
    }

    /// The columns of an endpoint as everybody has it: value, and event or exposure.
    fn place_of(&mut self, endpoint: usize) -> (usize, usize) {
        let [value, second] = match self.trial.endpoints[endpoint].value {
            EndpointValue::Time(_) => [Column::Time(endpoint), Column::Event(endpoint)],
            EndpointValue::Count { .. } => {
                [Column::Count(endpoint), Column::Followed(endpoint)]
            }
            _ => [Column::Response(endpoint, Missing::ObservedOnly); 2],
        };
        (self.add(value), self.add(second))
    }

    fn add_measure(
        &mut self,
        index: usize,
        analysis: &Analysis,
    ) -> Result<(usize, usize), ExpressionError> {
        let is_own = takes_its_own(self.trial, analysis);
        if let EndpointValue::Number(value) | EndpointValue::Condition(value) =
            value_of(self.trial, analysis)
        {
            let value = analysis.at.as_ref().map_or(value, |at| &at.value);
            if is_own {
                let (column, cut) = (Column::OwnResponse(index), self.cutting(analysis));
                let place = self.add_computed(column, value, analysis.missing, cut)?;
                return Ok((place, 0));
            }
            match &analysis.at {
                Some(_) => {
                    let column = Column::AtVisit(index);
                    self.add_computed(column, value, analysis.missing, None)?;
                }
                None => _ = self.add_response(analysis.endpoint, value, analysis.missing)?,
            }
        }
        if is_own {
            return Ok((
                self.add(Column::OwnResponse(index)),
                self.add(Column::OwnSecond(index)),
            ));
        }
        let (response, second) = own(self.trial, index);
        Ok((self.add(response), second.map_or(0, |column| self.add(column))))
    }

    /// An analysis that is not about everybody has its own arms and measures.
    fn add_members(
        &mut self,
        index: usize,
        analysis: &Analysis,
        (response, second): (usize, usize),
    ) -> Result<(usize, usize, usize), ExpressionError> {
        let everybody = analysis.set.is_none() && analysis.subgroup.is_none();
        if everybody && !takes_its_own(self.trial, analysis) {
            return Ok((0, response, second));
        }
        if let Some(set) = &analysis.set {
            self.add_computed(Column::InSet(index), set, Missing::ObservedOnly, None)?;
        }
        if let Some(subgroup) = &analysis.subgroup {
            let column = Column::Subgroup(index);
            self.add_computed(column, &subgroup.value, Missing::ObservedOnly, None)?;
        }
        let arm = self.add(Column::Member(index));
        Ok((arm, self.add(Column::OwnResponse(index)), self.add(Column::OwnSecond(index))))
    }

    /// The estimand of an analysis, if it decides which records count.
    fn cutting(&self, analysis: &Analysis) -> Option<usize> {
        analysis.estimand.filter(|&estimand| self.trial.estimands[estimand].cuts_records())
    }

    fn add_strata(
        &mut self,
        index: usize,
        analysis: &Analysis,
    ) -> Result<Vec<usize>, ExpressionError> {
        let factors = 0..self.trial.design.strata.len();
        let mut strata: Vec<usize> = factors
            .filter(|_| analysis.strata)
            .filter_map(|factor| self.position(Column::Stratum(factor)))
            .collect();
        for (k, value) in analysis.stratified_by.iter().enumerate() {
            let column = Column::OwnStratum(index, k);
            strata.push(self.add_computed(column, value, Missing::ObservedOnly, None)?);
        }
        Ok(strata)
    }

    fn add_covariates(
        &mut self,
        index: usize,
        analysis: &Analysis,
        endpoint: &Endpoint,
    ) -> Result<Vec<usize>, ExpressionError> {
        let baseline = endpoint.observable.filter(|_| analysis.baseline);
        let mut covariates: Vec<usize> =
            baseline.map(|o| self.add(Column::Baseline(o))).into_iter().collect();
        for (k, expression) in analysis.covariates.iter().enumerate() {
            let column = Column::Adjustment(index, k);
            covariates.push(self.add_computed(
                column,
                expression,
                Missing::ObservedOnly,
                None,
            )?);
        }
        Ok(covariates)
    }

    fn add_repeats(
        &mut self,
        index: usize,
        analysis: &Analysis,
    ) -> Result<Vec<usize>, ExpressionError> {
        let repeats = analysis.repeats.iter().enumerate();
        let estimand = self.cutting(analysis);
        repeats
            .map(|(k, repeat)| {
                if let Some(place) = self.known_repeat(analysis, repeat.encounter) {
                    return Ok(place);
                }
                let column = Column::Repeat(index, k);
                self.add_computed(column, &repeat.value, Missing::ObservedOnly, estimand)
            })
            .collect()
    }

    /// The endpoint at a visit, which an analysis before had: those of one id have all their visits in common.
    fn known_repeat(&self, analysis: &Analysis, encounter: usize) -> Option<usize> {
        let before = self.trial.analyses.iter().zip(&self.analyses);
        let of_id = |(of, _): &(&Analysis, _)| {
            (&of.id, of.endpoint) == (&analysis.id, analysis.endpoint)
        };
        before.filter(of_id).find_map(|(of, columns)| {
            let place = of.repeats.iter().position(|repeat| repeat.encounter == encounter);
            Some(columns.repeats[place?])
        })
    }

    fn add_effects(&mut self, index: usize, analysis: &Analysis) -> Vec<usize> {
        if !analysis.methods.contains(&AnalysisMethod::Paired) {
            return Vec::new();
        }
        (0..analysis.comparisons.len()).map(|c| self.add(Column::Effect(index, c))).collect()
    }

    fn add_published_records(&mut self) {
        for published in &self.trial.published {
            let PublishedOf::Observable(observable) = published.of else { continue };
            if published.statistic == Statistic::Truth {
                continue;
            }
            for encounter in self.encounters_of(observable, &published.values) {
                self.add(Column::Record(observable, encounter));
            }
        }
    }

    fn encounters_of(&self, observable: usize, values: &[(PublishedKey, f64)]) -> Vec<usize> {
        values
            .iter()
            .filter_map(|(key, _)| encounter_of(self.trial, observable, *key))
            .collect()
    }

    fn add_published_truths(&mut self) {
        for published in &self.trial.published {
            let PublishedOf::Observable(observable) = published.of else { continue };
            if published.statistic != Statistic::Truth {
                continue;
            }
            for (key, _) in &published.values {
                if let PublishedKey::Day(day) = key
                    && !self.truths.contains(&(observable, *day))
                {
                    self.columns.push(Column::Truth(self.truths.len()));
                    self.truths.push((observable, *day));
                }
            }
        }
    }

    fn add_predicted_truths(&mut self) {
        for quantity in &self.trial.quantities {
            if let Quantity::Predicted(Prediction::Value { observable, day, .. }) = *quantity
                && !self.truths.contains(&(observable, day))
            {
                self.truths.push((observable, day));
            }
        }
    }
}

/// Whether an analysis imputes what happens after treatment was stopped.
fn retrieves(analysis: &Analysis) -> bool {
    let strategy = analysis.imputation.as_ref().map(|imputation| imputation.strategy);
    strategy == Some(ImputationStrategy::RetrievedDropout)
}

/// Whether an analysis takes other values of its endpoint than the others do, as its estimand says.
pub(crate) fn takes_its_own(trial: &Trial, analysis: &Analysis) -> bool {
    let estimand = analysis.estimand.map(|estimand| &trial.estimands[estimand]);
    estimand.is_some_and(|estimand| estimand.value.is_some() || estimand.cuts_records())
}

/// The value of the endpoint of an analysis, as its estimand takes it.
pub(crate) fn value_of<'t>(trial: &'t Trial, analysis: &Analysis) -> &'t EndpointValue {
    let of_estimand = analysis.estimand.and_then(|index| trial.estimands[index].value.as_ref());
    of_estimand.unwrap_or(&trial.endpoints[analysis.endpoint].value)
}

/// The encounter planned on a day, or the last one that observes it for a value by arm.
pub(crate) fn encounter_of(
    trial: &Trial,
    observable: usize,
    key: PublishedKey,
) -> Option<usize> {
    trial.encounters.iter().rposition(|encounter| {
        let planned = match key {
            PublishedKey::Day(day) => (encounter.day - day).abs() < SAME_DAY,
            PublishedKey::Arm(_) => true,
        };
        planned && encounter.observe.contains(&observable)
    })
}

/// The columns of everybody that hold the response of an analysis, and its event or exposure.
pub(crate) fn own(trial: &Trial, index: usize) -> (Column, Option<Column>) {
    let analysis = &trial.analyses[index];
    let endpoint = analysis.endpoint;
    match trial.endpoints[endpoint].value {
        _ if analysis.at.is_some() => (Column::AtVisit(index), None),
        EndpointValue::Number(_) | EndpointValue::Condition(_) => {
            (Column::Response(endpoint, analysis.missing), None)
        }
        EndpointValue::Time(_) => (Column::Time(endpoint), Some(Column::Event(endpoint))),
        EndpointValue::Count { .. } => {
            (Column::Count(endpoint), Some(Column::Followed(endpoint)))
        }
    }
}

fn of_value(value: &EndpointValue) -> Tally {
    match value {
        EndpointValue::Condition(_) => Tally::Outcomes,
        _ => Tally::Numbers,
    }
}

/// How each column is added up.
pub(super) fn tally(layout: &Layout<'_>, column: Column) -> Tally {
    let trial = layout.trial;
    match column {
        Column::Arm
        | Column::FirstArm
        | Column::Stratum(_)
        | Column::Period
        | Column::Sequence
        | Column::Time(_)
        | Column::Adjustment(..)
        | Column::OwnStratum(..)
        | Column::Repeat(..)
        | Column::EveryVisit(..)
        | Column::Occurrence(..)
        | Column::InSet(_)
        | Column::Stopped
        | Column::Subgroup(_)
        | Column::Member(_) => Tally::None,
        Column::OwnResponse(analysis) => tally(layout, own(trial, analysis).0),
        Column::OwnSecond(analysis) => {
            own(trial, analysis).1.map_or(Tally::None, |c| tally(layout, c))
        }
        Column::Covariate(index) => match &trial.population.covariates()[index].levels {
            Some(levels) => Tally::Levels(levels.len()),
            None => Tally::Numbers,
        },
        Column::Response(endpoint, _) => of_value(&trial.endpoints[endpoint].value),
        Column::AtVisit(analysis) => {
            of_value(&trial.endpoints[trial.analyses[analysis].endpoint].value)
        }
        Column::Baseline(observable) => match &trial.observables[observable].levels {
            Some(levels) => Tally::Levels(levels.len()),
            None => Tally::Numbers,
        },
        Column::Record(..) | Column::Truth(_) => Tally::Numbers,
        Column::Effect(..) => Tally::Pooled,
        Column::Count(_) | Column::Followed(_) | Column::FollowUp => Tally::Total,
        Column::Adverse(Adverse { measure: AdverseMeasure::Grade, .. }) => {
            Tally::Levels(GRADES)
        }
        Column::Adverse(_) => Tally::Total,
        Column::Event(_) => Tally::Levels(3),
        Column::Failed | Column::Implausible | Column::Beyond(_) => Tally::Levels(2),
        Column::TreatmentEnd | Column::TrialEnd => {
            Tally::Levels(trial.discontinuations.len() + trial.rules.len() + 3)
        }
        Column::Shift(shift) => Tally::Levels(layout.shifts[shift].positions().pow(2)),
        Column::Liver => Tally::Levels(2 * (AMINOTRANSFERASE.len() + 1)),
    }
}
