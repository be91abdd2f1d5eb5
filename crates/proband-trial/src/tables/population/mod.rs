//! `[population]`: the covariates of a twin, their correlations, and the limits of plausibility.

mod derived;
mod distribution;
mod joined;
mod parameters;
mod people;
pub(crate) mod uncertainty;

pub(crate) use distribution::of_number;
pub(crate) use joined::{Joined, join};

use crate::expression::{Context, CovariateName, Names, Quantities, RESERVED, condition};
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table, Value, wrong_type};
use crate::values;
use crate::words::unnamed;
use crate::{Criterion, Expression, Quantity};
use distribution::{Laws, levels};
use people::People;
use proband_cohort::{
    Correlation, Covariate, Fault, Law, Limit, Place, Population, PopulationError,
    Specification,
};
use proband_diag::{Diagnostic, Sources, Span, code};
use proband_lang::{Kind, Unit};
use std::sync::Arc;

/// The entries of `population.covariates`.
pub(crate) fn covariates(file: &Node) -> &[Entry] {
    let entry = file.get("population").and_then(|population| population.node.get("covariates"));
    entry.map_or(&[], |entry| entry.node.entries())
}

/// Reads the population, and puts its covariates into `names`.
pub(crate) fn read(
    file: &Node,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    names: &mut Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Population> {
    let table = Table::of_file(file, "population", keys::POPULATION, reading)?;
    if let Some(entry) =
        table.get("covariates").filter(|e| !matches!(e.node.value, Value::Table(_)))
    {
        reading.fault(wrong_type(&entry.node, "`population.covariates` is a table"));
    }
    let entries = covariates(file);
    let people = people::read(&table, files, sources, reading);
    for entry in entries {
        names.covariates.push(declared(entry, people.as_ref(), names, reading));
    }
    let derived = derived::check(entries, names, quantities, reading);
    let mut laws = Vec::new();
    for (index, (entry, derived)) in entries.iter().zip(derived).enumerate() {
        laws.push(derived.or_else(|| law(entry, index, names, reading)));
    }
    let known: Vec<&str> = names.covariates.iter().map(|of| of.name.as_str()).collect();
    let correlations = correlations(&table, (&known, "covariate"), reading);
    let limits = limits_of_covariates(file, names, quantities);
    let specification = Specification {
        covariates: specified(names, laws)?,
        correlations: correlations.iter().map(|(correlation, _)| *correlation).collect(),
        limits: limits.iter().map(|(limit, _)| limit.clone()).collect(),
        people: people.as_ref().map(|people| people.file.clone()),
    };
    let place = |place| match place {
        Place::Covariate(index) => entries[index].key_span,
        Place::Correlation(index) => correlations[index].1,
        Place::Limit(index) => limits[index].1,
    };
    let population = made(specification, place, reading)?;
    match &people {
        Some(people) => people.bind(population, reading),
        None => Some(population),
    }
}

/// The population of a specification; reports what makes none.
fn made(
    specification: Specification,
    place: impl Fn(Place) -> Span,
    reading: &mut Reading,
) -> Option<Population> {
    let refuse = |errors: Vec<PopulationError>| {
        for error in errors {
            reading.fault(refused(&error.fault, place(error.place)));
        }
    };
    Population::new(specification).map_err(refuse).ok()
}

fn refused(fault: &Fault, span: Span) -> Diagnostic {
    let kind = match fault {
        Fault::DuplicateName { .. } | Fault::GivenTwice { .. } => code::DUPLICATE_NAME,
        Fault::NotFinite { .. } | Fault::NotACorrelation { .. } | Fault::WithItself { .. } => {
            code::OUT_OF_RANGE
        }
        Fault::NotALevel { .. } | Fault::StratumLaws { .. } => code::NOT_A_MEMBER,
        Fault::NotAStratum { .. } => code::KIND_MISMATCH,
        Fault::Cycle { .. } => code::CIRCULAR_DEFINITION,
        Fault::NoPeople { .. } => code::MISSING_KEY,
        Fault::NotPositiveDefinite { .. } => code::NOT_POSITIVE_DEFINITE,
        _ => code::WRONG_PLACE,
    };
    Diagnostic::error(kind, fault.to_string(), span).maybe_help(fault.help())
}

/// Name, unit and kind of a covariate, as far as they can be told without other covariates.
fn declared(
    entry: &Entry,
    people: Option<&People>,
    names: &Names,
    reading: &mut Reading,
) -> CovariateName {
    let before = reading.faults.len();
    values::id(&entry.key, entry.key_span, reading);
    if RESERVED.contains(&entry.key.as_str()) {
        let message = format!("`{}` is a word of the expressions of a trial", entry.key);
        reading.fault(
            Diagnostic::error(code::RESERVED_NAME, message, entry.key_span)
                .help("choose another name for the covariate"),
        );
    }
    let value = match &entry.node.value {
        Value::Number(_) => Some((Unit::one(), Kind::Number)),
        Value::Table(_) if entry.node.get("column").is_some() => {
            column(entry, people, names, reading)
        }
        Value::Table(_) => drawn(entry, names, reading),
        Value::Text(_) => None,
        _ => {
            let needed = "a covariate is a distribution or an expression";
            reading.fault(wrong_type(&entry.node, needed));
            None
        }
    };
    // An expression has no value yet; anything else without one has a fault that was reported.
    let faulty = reading.faults.len() > before
        || value.is_none() && !matches!(entry.node.value, Value::Text(_));
    let of_no_file = people.is_none() && entry.node.get("column").is_some();
    CovariateName { name: entry.key.clone(), value, span: entry.key_span, faulty, of_no_file }
}

/// The `unit` of a table, 1 where it has none.
fn unit(node: &Node, reading: &mut Reading) -> Option<Unit> {
    node.get("unit").map_or(Some(Unit::one()), |entry| values::unit(&entry.node, reading))
}

/// Whether some model takes the covariate as a category, and its levels.
fn category(name: &str, names: &Names) -> Option<Vec<String>> {
    names.sound_models().find_map(|(_, _, model)| {
        let symbol = &model.symbols[model.symbol(name)?.index()];
        symbol.category.map(|category| model.categories[category].levels.clone())
    })
}

fn drawn(entry: &Entry, names: &Names, reading: &mut Reading) -> Option<(Unit, Kind)> {
    let unit = unit(&entry.node, reading)?;
    let is_category = category(&entry.key, names).is_some();
    let kind = levels(&entry.node, is_category).map_or(Kind::Number, |l| Kind::Level(l.into()));
    if let (Kind::Level(_), Some(unit)) = (&kind, entry.node.get("unit")) {
        let message = "levels have no unit";
        reading.fault(Diagnostic::error(code::UNUSED_KEY, message, unit.key_span));
    }
    Some((unit, kind))
}

/// `{ column = "x", unit = "kg" }`.
fn column(
    entry: &Entry,
    people: Option<&People>,
    names: &Names,
    reading: &mut Reading,
) -> Option<(Unit, Kind)> {
    let path = format!("population.covariates.{}", entry.key);
    let table = Table::open(&entry.node, path, keys::COLUMN, reading)?;
    let unit = unit(&entry.node, reading)?;
    let needed =
        |node, reading: &mut Reading| values::string(node, "a text is needed", reading);
    let name = table.read("column", reading, needed)?;
    let category = category(&entry.key, names);
    let Some(people) = people else {
        let reported = names.covariates.iter().any(|covariate| covariate.of_no_file);
        if !reported {
            let message =
                format!("`{}` is a column, and there is no `population.file`", entry.key);
            let span = entry.node.span;
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, span));
        }
        return None;
    };
    let (cells, numbers) = people.column(name, reading)?;
    if let Some(levels) = category {
        return Some((unit, known_levels(&cells, levels, entry, reading)?));
    }
    if numbers {
        return Some((unit, Kind::Number));
    }
    let mut levels = cells;
    levels.sort_unstable();
    levels.dedup();
    Some((unit, Kind::Level(levels.into())))
}

fn known_levels(
    cells: &[String],
    levels: Vec<String>,
    entry: &Entry,
    reading: &mut Reading,
) -> Option<Kind> {
    if let Some(cell) = cells.iter().find(|cell| !levels.contains(cell)) {
        reading.fault(distribution::not_a_level(cell, &levels, entry.node.span));
        return None;
    }
    Some(Kind::Level(levels.into()))
}

/// The law of a covariate that is not an expression.
fn law(entry: &Entry, index: usize, names: &Names, reading: &mut Reading) -> Option<Law> {
    let covariate = &names.covariates[index];
    let (_, kind) = covariate.value.as_ref()?;
    match &entry.node.value {
        Value::Number(_) => values::number(&entry.node, reading).map(Law::Constant),
        Value::Table(_) => {
            if let Some(column) = entry.node.get("column") {
                return values::text(&column.node, reading).map(Law::Column);
            }
            let levels = match kind {
                Kind::Level(levels) => Some(&**levels),
                _ => None,
            };
            let laws = Laws { covariate: &entry.key, levels, names };
            laws.read(&entry.node, reading).map(Law::Drawn)
        }
        _ => None,
    }
}

/// The covariates of the specification, if all of them are sound.
fn specified(names: &Names, laws: Vec<Option<Law>>) -> Option<Vec<Covariate>> {
    let covariate = |(name, law): (&CovariateName, Option<Law>)| {
        let (unit, kind) = name.value.clone()?;
        let levels: Option<Arc<[String]>> = match kind {
            Kind::Level(levels) => Some(levels),
            Kind::Condition => Some(["no".to_owned(), "yes".to_owned()].into()),
            Kind::Number => None,
        };
        Some(Covariate { name: name.name.clone(), unit, levels, law: law? })
    };
    names.covariates.iter().zip(laws).map(covariate).collect()
}

type Placed<T> = Vec<(T, Span)>;

/// `correlations = [["age", "egfr", -0.45]]` of what the names stand for, which is called `what`.
fn correlations(
    table: &Table<'_>,
    (names, what): (&[&str], &str),
    reading: &mut Reading,
) -> Placed<Correlation> {
    let Some(entry) = table.get("correlations") else {
        return Vec::new();
    };
    let Value::List(items) = &entry.node.value else {
        reading.fault(wrong_type(&entry.node, "correlations are a list of triples"));
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| Some((triple(item, (names, what), reading)?, item.span)))
        .collect()
}

fn triple(node: &Node, names: (&[&str], &str), reading: &mut Reading) -> Option<Correlation> {
    let parts = match &node.value {
        Value::List(parts) if parts.len() == 3 => parts,
        _ => {
            let needed = "a correlation is two names and a number, `[\"age\", \"egfr\", -0.4]`";
            reading.fault(Diagnostic::error(code::WRONG_TYPE, needed, node.span));
            return None;
        }
    };
    let first = member(&parts[0], names, reading);
    let second = member(&parts[1], names, reading);
    let coefficient = values::number(&parts[2], reading);
    Some(Correlation { first: first?, second: second?, coefficient: coefficient? })
}

fn member(node: &Node, (names, what): (&[&str], &str), reading: &mut Reading) -> Option<usize> {
    let name = values::text(node, reading)?;
    let found = names.iter().position(|known| *known == name);
    if found.is_none() {
        reading.fault(unnamed(what, &name, node.span, names.iter().copied()));
    }
    found
}

/// `limits.ID`: conditions of plausibility.
fn limits(file: &Node) -> &[Entry] {
    let entry = file.get("population").and_then(|population| population.node.get("limits"));
    entry.map_or(&[], |entry| entry.node.entries())
}

/// A limit as a condition, and whether it reads covariates alone, so that it can be checked when a twin is
/// drawn.
fn limit(
    entry: &Entry,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<(Expression, bool)> {
    let text = values::string(&entry.node, "a limit is a condition, as a text", reading)?;
    let limit = condition(text, Context::Truth, names, quantities, reading)?;
    let read = quantities.of(&limit.expr);
    let drawn = read.iter().all(|quantity| matches!(quantity, Quantity::Covariate(_)));
    Some((limit, drawn))
}

/// The limits of covariates. The others, and what is wrong with any, wait for [`limits_of_conduct`], when
/// all that they may name is known.
fn limits_of_covariates(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
) -> Placed<Limit> {
    let of_covariates = |entry: &Entry| {
        let (limit, drawn) = limit(entry, names, quantities, &mut Reading::default())?;
        let limit = Limit { id: entry.key.clone(), condition: limit.expr };
        drawn.then_some((limit, entry.node.span))
    };
    limits(file).iter().filter_map(of_covariates).collect()
}

/// The limits of what changes during the trial; none where one has a fault.
pub(crate) fn limits_of_conduct(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Vec<Criterion>> {
    let mut found = Some(Vec::new());
    for entry in limits(file) {
        values::id(&entry.key, entry.key_span, reading);
        match (limit(entry, names, quantities, reading), &mut found) {
            (Some((condition, false)), Some(found)) => {
                found.push(Criterion { id: entry.key.clone(), condition });
            }
            (None, found) => *found = None,
            _ => {}
        }
    }
    found
}
