//! A population that has been checked.

use crate::copula::Copula;
use crate::error::{Fault, Place, PopulationError};
use crate::expression::Expression;
use crate::order::{Order, order, symbols};
use crate::people::{People, PeopleError, PeopleTable, level};
use crate::{Correlation, Covariate, Law, Limit, Marginal, PeopleFile, Specification};
use proband_lang::Expr;
use proband_math::stream::Purpose;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A population that twins can be drawn from.
#[derive(Clone, Debug, Default)]
pub struct Population {
    specification: Specification,
    order: Order,
    copula: Copula,
    /// The derived covariates, by covariate.
    derived: Vec<Option<Expression>>,
    /// The conditions of the limits.
    conditions: Vec<Expression>,
    /// What the draws of each covariate are for.
    purposes: Vec<Purpose>,
    /// The people, once they have been read.
    people: Option<Arc<People>>,
}

impl Population {
    /// Checks a specification.
    ///
    /// # Errors
    /// All faults, by place.
    pub fn new(specification: Specification) -> Result<Self, Vec<PopulationError>> {
        let mut check = Check { specification: &specification, faults: Vec::new() };
        check.covariates();
        let order = check.order();
        let copula = check.copula();
        let derived = check.derived();
        let conditions = check.limits();
        let mut faults = check.faults;
        faults.sort_by_key(|error| error.place);
        if !faults.is_empty() {
            return Err(faults);
        }
        let purpose =
            |covariate: &Covariate| Purpose::new(&format!("covariate/{}", covariate.name));
        let purposes = specification.covariates.iter().map(purpose).collect();
        Ok(Self { specification, order, copula, derived, conditions, purposes, people: None })
    }

    /// The same population, with the people of its file.
    ///
    /// # Errors
    /// Where the table lacks a column, has no rows, or a column holds what its covariate can't be.
    pub fn with_people(mut self, table: &PeopleTable) -> Result<Self, PeopleError> {
        if let Some(file) = &self.specification.people {
            self.people = Some(Arc::new(People::new(file, self.covariates(), table)?));
        }
        Ok(self)
    }

    /// The covariates, as declared.
    #[must_use]
    pub fn covariates(&self) -> &[Covariate] {
        &self.specification.covariates
    }

    /// The position of the covariate of this name.
    #[must_use]
    pub fn covariate(&self, name: &str) -> Option<usize> {
        self.covariates().iter().position(|covariate| covariate.name == name)
    }

    /// The correlations of normal scores that were told.
    #[must_use]
    pub fn correlations(&self) -> &[Correlation] {
        &self.specification.correlations
    }

    /// The limits of plausibility.
    #[must_use]
    pub fn limits(&self) -> &[Limit] {
        &self.specification.limits
    }

    /// The file of people, where there is one.
    #[must_use]
    pub fn people_file(&self) -> Option<&PeopleFile> {
        self.specification.people.as_ref()
    }

    /// Positions of the covariates, each after those it needs.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Whether a covariate is a column of people.
    pub(crate) fn has_columns(&self) -> bool {
        self.covariates().iter().any(|covariate| matches!(covariate.law, Law::Column(_)))
    }

    /// The people, once they have been read.
    pub(crate) fn people(&self) -> Option<&People> {
        self.people.as_deref()
    }

    /// The expression of a derived covariate.
    pub(crate) fn derived(&self, covariate: usize) -> Option<&Expression> {
        self.derived[covariate].as_ref()
    }

    /// The conditions of the limits, in order.
    pub(crate) fn conditions(&self) -> &[Expression] {
        &self.conditions
    }

    /// What the draws of a covariate are for.
    pub(crate) fn purpose(&self, covariate: usize) -> Purpose {
        self.purposes[covariate]
    }

    /// How correlated scores are mixed.
    pub(crate) fn copula(&self) -> &Copula {
        &self.copula
    }
}

/// The check of a specification, and what it has found.
struct Check<'s> {
    specification: &'s Specification,
    faults: Vec<PopulationError>,
}

impl Check<'_> {
    fn report(&mut self, place: Place, fault: Fault) {
        self.faults.push(PopulationError { place, fault });
    }

    fn name(&self, covariate: usize) -> String {
        self.specification.covariates[covariate].name.clone()
    }

    fn covariates(&mut self) {
        let specification = self.specification;
        let mut names = BTreeSet::new();
        for (index, covariate) in specification.covariates.iter().enumerate() {
            if !names.insert(covariate.name.as_str()) {
                let name = covariate.name.clone();
                self.report(Place::Covariate(index), Fault::DuplicateName { name });
            }
            self.law(index, covariate);
            if !keeps_to_its_levels(covariate) {
                let levels = covariate.levels.as_ref().map_or(0, |levels| levels.len());
                let fault = Fault::NotALevel { name: covariate.name.clone(), levels };
                self.report(Place::Covariate(index), fault);
            }
        }
    }

    fn law(&mut self, index: usize, covariate: &Covariate) {
        let place = Place::Covariate(index);
        match &covariate.law {
            Law::Constant(value) if !value.is_finite() => {
                self.report(place, Fault::NotFinite { value: *value });
            }
            Law::Drawn(marginal) => self.strata(place, marginal),
            Law::Column(_) if self.specification.people.is_none() => {
                self.report(place, Fault::NoPeople { name: covariate.name.clone() });
            }
            Law::Constant(_) | Law::Derived(_) | Law::Column(_) => {}
        }
    }

    fn derived(&mut self) -> Vec<Option<Expression>> {
        let covariates = self.specification.covariates.iter().enumerate();
        let derived = covariates.map(|(index, covariate)| match &covariate.law {
            Law::Derived(expression) => self.expression(Place::Covariate(index), expression),
            _ => None,
        });
        derived.collect()
    }

    fn limits(&mut self) -> Vec<Expression> {
        let limits = self.specification.limits.iter().enumerate();
        limits
            .filter_map(|(index, limit)| self.expression(Place::Limit(index), &limit.condition))
            .collect()
    }

    /// An expression of covariates alone, compiled.
    fn expression(&mut self, place: Place, expression: &Expr) -> Option<Expression> {
        let count = self.specification.covariates.len();
        let mut foreign = symbols(expression).last().is_some_and(|&symbol| symbol >= count);
        expression.walk(&mut |part| foreign |= matches!(part, Expr::Time));
        if foreign {
            self.report(place, Fault::UnknownSymbol);
            return None;
        }
        Expression::new(expression)
            .map_err(|error| self.report(place, Fault::Expression(error)))
            .ok()
    }

    fn strata(&mut self, place: Place, marginal: &Marginal) {
        let mut found = Vec::new();
        marginal.strata(&mut |covariate, laws| found.push((covariate, laws)));
        for (covariate, laws) in found {
            let Some(stratum) = self.specification.covariates.get(covariate) else {
                self.report(place, Fault::UnknownSymbol);
                continue;
            };
            let name = stratum.name.clone();
            match stratum.levels.as_ref().map(|levels| levels.len()) {
                None => self.report(place, Fault::NotAStratum { name }),
                Some(levels) if levels != laws => {
                    self.report(place, Fault::StratumLaws { name, levels, laws });
                }
                Some(_) => {}
            }
        }
    }

    fn order(&mut self) -> Order {
        order(&self.specification.covariates).unwrap_or_else(|circle| {
            let names = circle.iter().map(|&index| self.name(index)).collect();
            self.report(Place::Covariate(circle[0]), Fault::Cycle { names });
            Order::new()
        })
    }

    /// The copula, where each correlation by itself is one.
    fn copula(&mut self) -> Copula {
        let specification = self.specification;
        let before = self.faults.len();
        for index in 0..specification.correlations.len() {
            if let Some(fault) = self.correlation_fault(index) {
                self.report(Place::Correlation(index), fault);
            }
        }
        if self.faults.len() > before {
            return Copula::default();
        }
        let copula = Copula::new(&specification.covariates, &specification.correlations);
        copula.unwrap_or_else(|faults| {
            for (index, fault) in faults {
                self.report(Place::Correlation(index), fault);
            }
            Copula::default()
        })
    }

    fn correlation_fault(&self, index: usize) -> Option<Fault> {
        let correlations = &self.specification.correlations;
        let correlation = correlations[index];
        let (first, second) = (correlation.first, correlation.second);
        for covariate in [first, second] {
            match self.specification.covariates.get(covariate).map(|covariate| &covariate.law) {
                None => return Some(Fault::UnknownSymbol),
                Some(Law::Drawn(_)) => {}
                Some(_) => return Some(Fault::NotDrawn { name: self.name(covariate) }),
            }
        }
        let same = |earlier: &crate::Correlation| {
            (earlier.first, earlier.second) == (first, second)
                || (earlier.first, earlier.second) == (second, first)
        };
        let value = correlation.coefficient;
        if first == second {
            Some(Fault::WithItself { name: self.name(first) })
        } else if correlations[..index].iter().any(same) {
            Some(Fault::GivenTwice { first: self.name(first), second: self.name(second) })
        } else if value > -1.0 && value < 1.0 {
            None
        } else {
            Some(Fault::NotACorrelation { value })
        }
    }
}

/// Whether the values of a covariate are among its levels, if it has any. Of a column that is seen
/// when it is read, and of an expression when it is checked.
fn keeps_to_its_levels(covariate: &Covariate) -> bool {
    let Some(levels) = covariate.levels.as_ref() else {
        return true;
    };
    let is_level = |value: f64| level(value, levels.len()).is_some();
    match &covariate.law {
        Law::Constant(value) => is_level(*value),
        Law::Drawn(marginal) => {
            let mut all = true;
            marginal.distributions(&mut |law| {
                all &= law.is_discrete()
                    && is_level(law.quantile(0.0))
                    && is_level(law.quantile(1.0));
            });
            all
        }
        Law::Derived(_) | Law::Column(_) => !levels.is_empty(),
    }
}
