//! The columns of one shard of participants.

use crate::cut::Cut;
use crate::layout::{Column, Computed, Layout, own, takes_its_own, value_of};
use crate::record::{Exit, Participant};
use proband_trial::{EndpointValue, Missing, Quantity};

/// Columns of the participants of one shard, one value a row, NaN where missing.
///
/// In an every-arm design the rows of a twin stand together, in the order of the arms.
#[derive(Clone, Debug)]
pub struct ParticipantColumns {
    rows: usize,
    columns: Vec<Vec<f64>>,
    slots: Vec<Vec<f64>>,
}

impl Layout<'_> {
    /// Room for a shard of so many rows.
    #[must_use]
    pub fn shard(&self, rows: usize) -> ParticipantColumns {
        let columns = |count| vec![vec![f64::NAN; rows]; count];
        ParticipantColumns {
            rows,
            columns: columns(self.columns().len()),
            slots: columns(self.slots.len()),
        }
    }

    /// Takes down one participant: every column that does not need an expression.
    pub fn fill(&self, shard: &mut ParticipantColumns, row: usize, person: &Participant<'_>) {
        for (place, &column) in self.columns().iter().enumerate() {
            if let Some(value) = self.direct(column, person) {
                shard.columns[place][row] = value;
            }
        }
        let trial = self.trial;
        for (place, slot) in self.slots.iter().enumerate() {
            let quantity = &trial.quantities[slot.quantity];
            shard.slots[place][row] = match (quantity, slot.estimand) {
                (Quantity::Predicted(prediction), _) => self
                    .predictions()
                    .position(|known| known == *prediction)
                    .and_then(|at| person.predicted.get(at).copied())
                    .unwrap_or(f64::NAN),
                (_, None) => person.value(quantity, slot.missing, &trial.encounters),
                (_, Some(estimand)) => {
                    let cut = Cut::of(&trial.estimands[estimand], person);
                    cut.value(person, quantity, slot.missing, &trial.encounters)
                }
            };
        }
    }

    /// Computes what is an expression of the record, over all rows, once all are filled.
    pub fn evaluate(&self, shard: &mut ParticipantColumns) {
        let follow_up = self.position(Column::FollowUp).expect("every layout has one");
        for computed in &self.computed {
            let t = &shard.columns[follow_up];
            shard.columns[computed.column] = computed.values(shard, t);
        }
        for analysis in 0..self.analyses.len() {
            self.members(shard, analysis);
        }
        for (analysis, columns) in self.analyses.iter().enumerate() {
            for (comparison, &effect) in columns.effects.iter().enumerate() {
                self.pair(shard, analysis, comparison, columns.response, effect);
            }
        }
    }

    /// The arms of those whom an analysis is about, and its measures once more. A condition on what is
    /// missing is not met.
    fn members(&self, shard: &mut ParticipantColumns, analysis: usize) {
        let columns = &self.analyses[analysis];
        if columns.arm == 0 {
            return;
        }
        let of = |column| self.position(column).map(|place| shard.columns[place].as_slice());
        let (set, level) = (of(Column::InSet(analysis)), of(Column::Subgroup(analysis)));
        let wanted = self.trial.analyses[analysis].subgroup.as_ref().map(|s| s.level as f64);
        let is_member = |row: usize| {
            let level = level.zip(wanted);
            set.is_none_or(|set| set[row] > 0.0)
                && level.is_none_or(|(level, wanted)| (level[row] - wanted).abs() < 0.5)
        };
        let arm = |row| if is_member(row) { shard.columns[0][row] } else { f64::NAN };
        shard.columns[columns.arm] = (0..shard.rows).map(arm).collect();
        if takes_its_own(self.trial, &self.trial.analyses[analysis]) {
            return;
        }
        let (response, second) = own(self.trial, analysis);
        let measures = [(columns.response, Some(response)), (columns.second, second)];
        for (place, column) in measures {
            if let Some(from) = column.and_then(|column| self.position(column)) {
                shard.columns[place] = shard.columns[from].clone();
            }
        }
    }

    fn direct(&self, column: Column, person: &Participant<'_>) -> Option<f64> {
        let encounters = &self.trial.encounters;
        let flag = |is: bool| f64::from(u8::from(is));
        Some(match column {
            Column::Arm if person.factual => person.arm as f64,
            Column::FirstArm if person.factual && person.period == 0 => person.arm as f64,
            Column::Arm | Column::FirstArm => f64::NAN,
            Column::Stratum(factor) => person.strata[factor] as f64,
            Column::Period => person.period as f64,
            Column::Sequence => person.sequence as f64,
            Column::Covariate(index) => person.covariates[index],
            Column::Baseline(observable) => person.baseline(observable, encounters),
            Column::Stopped => person.stopped,
            Column::Time(endpoint) | Column::Count(endpoint) => {
                measured(&self.trial.endpoints[endpoint].value, person)?.0
            }
            Column::Event(endpoint) | Column::Followed(endpoint) => {
                measured(&self.trial.endpoints[endpoint].value, person)?.1
            }
            Column::Occurrence(endpoint, k) => self.occurrence(endpoint, k, person),
            Column::OwnResponse(analysis) => self.own_measure(analysis, person)?.0,
            Column::OwnSecond(analysis) => self.own_measure(analysis, person)?.1,
            Column::Failed => flag(person.failed),
            Column::Implausible => flag(!person.implausible.is_empty()),
            Column::Beyond(limit) => flag(person.implausible.contains(&limit)),
            Column::TreatmentEnd => self.level_of(person.treatment),
            Column::TrialEnd => self.level_of(person.trial),
            Column::FollowUp => person.followed.max(0.0),
            Column::Adverse(of) => self.count_of(of, person),
            Column::Shift(shift) => self.shift_of(shift, person),
            Column::Liver => self.liver_of(person),
            Column::Record(observable, encounter) => {
                person.at(observable, encounter, Missing::ObservedOnly, encounters)
            }
            Column::Truth(index) => person.truths[index],
            Column::Response(..)
            | Column::Adjustment(..)
            | Column::Effect(..)
            | Column::OwnStratum(..)
            | Column::Repeat(..)
            | Column::EveryVisit(..)
            | Column::AtVisit(_)
            | Column::InSet(_)
            | Column::Subgroup(_)
            | Column::Member(_) => return None,
        })
    }

    /// Days from the beginning of the period of a count to an event in it; missing where there were fewer.
    fn occurrence(&self, endpoint: usize, k: usize, person: &Participant<'_>) -> f64 {
        let EndpointValue::Count { happening, from, to } = self.trial.endpoints[endpoint].value
        else {
            return f64::NAN;
        };
        let until = to.min(person.followed);
        person.happened(happening, from, until).nth(k).map_or(f64::NAN, |of| of.day - from)
    }

    /// How something ended, as a level: see [`Column::TreatmentEnd`].
    fn level_of(&self, ended: Exit) -> f64 {
        let (discontinuations, rules) =
            (self.trial.discontinuations.len(), self.trial.rules.len());
        let reasons = discontinuations + rules;
        let level = match ended {
            Exit::AsPlanned => 0,
            Exit::Discontinued(by) => 1 + by,
            Exit::ByRule(rule) => discontinuations + 1 + rule,
            Exit::ByEvent => reasons + 1,
            Exit::ByFailure => reasons + 2,
        };
        level as f64
    }

    /// Time and its end, or count and exposure, as the estimand of an analysis takes them; none where its
    /// measure is that of everybody, or an expression.
    fn own_measure(&self, analysis: usize, person: &Participant<'_>) -> Option<(f64, f64)> {
        let analysis = &self.trial.analyses[analysis];
        if !takes_its_own(self.trial, analysis) {
            return None;
        }
        let estimand = &self.trial.estimands[analysis.estimand?];
        let value = value_of(self.trial, analysis);
        match value {
            EndpointValue::Count { .. } => Cut::of(estimand, person).measured(value, person),
            _ => measured(value, person),
        }
    }

    /// Each twin's value in the arm under test less its value in the reference arm.
    fn pair(
        &self,
        shard: &mut ParticipantColumns,
        analysis: usize,
        comparison: usize,
        response: usize,
        effect: usize,
    ) {
        let comparison = &self.trial.analyses[analysis].comparisons[comparison];
        let arms = self.rows_per_twin();
        if comparison.test.max(comparison.reference) >= arms {
            return;
        }
        for first in (0..shard.rows).step_by(arms) {
            let value = |arm: usize| shard.columns[response][first + arm];
            let difference = value(comparison.test) - value(comparison.reference);
            shard.columns[effect][first + comparison.test] = difference;
        }
    }
}

impl Computed {
    /// What is not a finite number (an expression of a missing record, a division by zero, a time
    /// that never comes) is no value.
    fn values(&self, shard: &ParticipantColumns, t: &[f64]) -> Vec<f64> {
        let inputs: Vec<&[f64]> =
            self.slots.iter().map(|&slot| shard.slots[slot].as_slice()).collect();
        let mut values = self.compiled.run(&inputs, t);
        values.iter_mut().filter(|v| !v.is_finite()).for_each(|v| *v = self.stand_in);
        values
    }
}

/// Days to what ended a time and the code of that, or a count and the days it was counted over; missing
/// where not followed. None of what is neither.
pub(crate) fn measured(value: &EndpointValue, person: &Participant<'_>) -> Option<(f64, f64)> {
    match value {
        EndpointValue::Time(time) => {
            let (day, ended) = person.ended(time);
            Some(if day.is_nan() { (day, day) } else { (day, f64::from(ended as u8)) })
        }
        EndpointValue::Count { happening, from, to } => {
            let days = person.followed_in(*from, *to);
            let counted = (person.count(*happening, *from, *to), days);
            Some(if days > 0.0 { counted } else { (f64::NAN, f64::NAN) })
        }
        EndpointValue::Number(_) | EndpointValue::Condition(_) => None,
    }
}

impl ParticipantColumns {
    /// Columns that were evaluated before, all of a layout and equally long.
    #[must_use]
    pub fn from_columns(columns: Vec<Vec<f64>>) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        Self { rows, columns, slots: Vec::new() }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Leaves out the values of a column in some rows.
    pub(crate) fn hide(&mut self, column: usize, hidden: impl Fn(usize) -> bool) {
        let rows = self.columns[column].iter_mut().enumerate();
        rows.filter(|(row, _)| hidden(*row)).for_each(|(_, value)| *value = f64::NAN);
    }

    /// Every column, by its position in [`Layout::columns`].
    #[must_use]
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The columns, to hand on.
    #[must_use]
    pub fn into_columns(self) -> Vec<Vec<f64>> {
        self.columns
    }
}
