//! Plans: the analyses of a data set, in the trial file's own tables.
//!
//! A plan is read in two steps, because its expressions can only be checked against the data: first
//! [`Plan::open`] says how the tables of the data are to be read, then [`Plan::check`] takes what they
//! turned out to hold and gives a [`Trial`] of which nothing is simulated.

mod check;
mod of_run;
mod offered;
mod tables;

pub use offered::{
    Offered, OfferedArm, OfferedCovariate, OfferedEvent, OfferedObservable, OfferedTime,
    OfferedVisit,
};
pub use tables::{Holds, TableOptions, word_of};

use crate::expression::{Context, CovariateName, Names, Quantities, condition};
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::tables::general::{self, General};
use crate::toml::{Node, Table, Text};
use crate::values;
use crate::words::did_you_mean;
use crate::{Expression, Trial};
use proband_diag::{Diagnostic, Faults, Files, Sources, Span, code};
use proband_lang::{Kind, Unit};
use std::path::Path;

/// A plan whose tables are read, and whose expressions are not yet checked.
#[derive(Debug)]
pub struct Plan {
    file: Node,
    general: General,
    /// Column that names a participant, in any table.
    pub participant: String,
    /// Column of the treatment; none takes the first of ADaM's that is there.
    pub treatment: Option<String>,
    /// Column of the days a participant was followed; none takes the first of a run's or ADaM's.
    pub followed: Option<String>,
    /// Columns, in lower case, whose numbers are names of levels: sites, codes.
    pub levels: Vec<String>,
    describe: Vec<(String, Span)>,
    tables: Vec<tables::Told>,
    visits: Vec<(String, f64)>,
    arms: Vec<tables::ArmTold>,
    inputs: Vec<(String, String)>,
    defaults: Vec<(String, String)>,
}

impl Plan {
    /// Reads a plan. All faults go to `faults`, and the text to `sources`; none if there is an error.
    ///
    /// Where the data are the tables of a run, the plan takes over the arms of the run's trial and the endpoints of it
    /// that it names and does not declare.
    pub fn open(
        path: &str,
        files: &dyn Files,
        run: Option<&Trial>,
        sources: &mut Sources,
        faults: &mut Faults,
    ) -> Option<Self> {
        let beside = TrialFiles::beside(path, files);
        let mut file = beside.document(sources, faults)?;
        if let Some(trial) = run {
            of_run::take_over(&mut file, trial, sources);
        }
        let mut reading = Reading::default();
        let plan = Self::read(file, path, &mut reading);
        let mut plan = reading.sound(plan, faults)?;
        plan.inputs = beside.into_inputs();
        Some(plan)
    }

    fn read(file: Node, path: &str, reading: &mut Reading) -> Option<Self> {
        Table::open(&file, "", keys::PLAN, reading);
        let general = general(&file, path, reading)?;
        let data = Table::of_file(&file, "data", keys::PLAN_DATA, reading)?;
        let participant =
            data.or("participant", ("USUBJID".to_owned(), "USUBJID"), reading, values::text);
        let treatment = data.read("treatment", reading, values::text);
        let followed = data.read("followed", reading, values::text);
        let levels = data.read("levels", reading, values::strings).unwrap_or_default();
        let levels = levels.into_iter().map(|text| text.text.clone()).collect();
        let placed = |text: &Text| (text.text.clone(), text.place());
        let describe = data.read("describe", reading, values::strings).unwrap_or_default();
        let describe = describe.into_iter().map(placed).collect();
        let tables = tables::tables(&file, reading);
        let visits = tables::visits(&file, reading);
        let arms = tables::arms(&file, reading);
        Some(Self {
            general,
            participant,
            treatment,
            followed,
            levels,
            describe,
            tables,
            visits,
            arms,
            file,
            inputs: Vec::new(),
            defaults: reading.defaults.clone(),
        })
    }

    /// How a table of the data is to be read, by its name: that of its file, in lower case.
    #[must_use]
    pub fn table(&self, name: &str) -> TableOptions {
        self.tables
            .iter()
            .find(|told| told.name == name)
            .map_or_else(TableOptions::default, |told| told.options)
    }

    /// Reports the tables that the plan names and the data do not have.
    pub fn known_tables(&self, names: &[String], faults: &mut Faults) {
        for told in self.tables.iter().filter(|told| !names.contains(&told.name)) {
            let message = format!("the data have no table `{}`", told.name);
            let help = did_you_mean(&told.name, names.iter().map(String::as_str));
            let fault = Diagnostic::error(code::UNKNOWN_NAME, message, told.span);
            faults.push(fault.maybe_help(help));
        }
    }

    /// The time, in days since day 1, of a visit with this label: as the plan says, or as the label
    /// says itself (`Baseline`, `Week 24`); none of a visit without a planned time.
    #[must_use]
    pub fn day_of_visit(&self, label: &str) -> Option<f64> {
        let told = self.visits.iter().find(|(known, _)| known == label);
        told.map(|(_, day)| *day).or_else(|| tables::day_of_label(label))
    }

    /// Whether the plan says which rows of a table count.
    #[must_use]
    pub fn chooses_rows(&self, table: &str) -> bool {
        self.tables.iter().any(|told| told.name == table && told.rows.is_some())
    }

    /// The condition on the columns of a table that a row must fulfil, if the plan states one. Symbol
    /// `i` is column `i` of `columns`: its name in lower case, its levels unless it holds numbers.
    #[must_use]
    pub fn rows(
        &self,
        table: &str,
        columns: Vec<(String, Option<Vec<String>>)>,
        faults: &mut Faults,
    ) -> Option<Expression> {
        let told = self.tables.iter().find(|told| told.name == table)?;
        let text = told.rows.as_ref()?;
        let count = columns.len();
        let covariate = |(name, levels): (String, Option<Vec<String>>)| {
            let kind = levels.map_or(Kind::Number, |levels| Kind::Level(levels.into()));
            let value = Some((Unit::one(), kind));
            CovariateName { name, value, span: told.span, faulty: false, of_no_file: false }
        };
        let covariates = columns.into_iter().map(covariate).collect();
        let names = Names { covariates, of_data: true, ..Names::default() };
        let mut quantities = Quantities::of_covariates(count);
        let mut reading = Reading::default();
        let checked = condition(text, Context::Draw, &names, &mut quantities, &mut reading);
        faults.extend(reading.faults);
        checked
    }

    /// The arms that are compared, by the treatments that the data have (their titles, and ids made of
    /// them): those that the plan declares, or else all. Each comes with the position of its treatment in `treatments`.
    #[must_use]
    pub fn arms(
        &self,
        treatments: &[OfferedArm],
        faults: &mut Faults,
    ) -> Vec<(OfferedArm, usize)> {
        tables::chosen_arms(&self.arms, treatments, faults)
    }

    /// Checks endpoints, analyses and published figures against what the data hold. All faults go to
    /// `faults`; none if there is one.
    #[must_use]
    pub fn check(&self, offered: &Offered, faults: &mut Faults) -> Option<Trial> {
        let mut reading = Reading::default();
        reading.defaults.clone_from(&self.defaults);
        let trial = check::trial(self, offered, &mut reading);
        reading.sound(trial, faults)
    }
}

/// `[trial]`, whose id is by default the name of the plan's file.
fn general(file: &Node, path: &str, reading: &mut Reading) -> Option<General> {
    if file.get("trial").is_some_and(|entry| entry.node.get("id").is_some()) {
        return general::trial(file, reading);
    }
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("plan");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let id: String = stem.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    reading.defaulted("trial.id", id.clone());
    let table = Table::of_file(file, "trial", keys::TRIAL, reading)?;
    Some(General::with_id(Some(id), &table, reading))
}
