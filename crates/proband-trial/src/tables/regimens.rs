//! `[regimen.ID]` and the regimens of arms and epochs: what is given, when, and into which model.

use super::named::named;
use crate::expression::{Context, Names, Quantities, RegimenName, Target, check};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table, Text, Value, wrong_type};
use crate::values;
use crate::words::{did_you_mean, either};
use crate::{Expression, Infusion, Quantity, Regimen};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::Unit;

/// The regimens of a trial as told: keys of `use` merged in, each once.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) list: Vec<OneTold>,
}

/// A regimen as told.
#[derive(Debug)]
pub(crate) struct OneTold {
    pub(crate) id: String,
    /// Its own id and those it takes keys from, innermost first.
    pub(crate) names: Vec<String>,
    path: String,
    /// Its keys, with those of `use`.
    node: Node,
    /// Of an epoch's own regimen.
    epoch: Option<String>,
    /// It is the table `[regimen.ID]` itself.
    shared: bool,
}

/// Who gives regimens: an arm, or an epoch.
pub(crate) struct Giver<'a> {
    pub(crate) id: &'a str,
    pub(crate) path: String,
    pub(crate) epoch: Option<&'a str>,
}

/// The tables `[regimen.ID]`, opened once for their own faults.
pub(crate) fn tables<'a>(file: &'a Node, reading: &mut Reading) -> &'a [Entry] {
    let entries = named(file, "regimen", reading);
    for entry in entries {
        let path = format!("regimen.{}", entry.key);
        Table::open(&entry.node, path, keys::REGIMEN, reading);
    }
    entries
}

impl Told {
    /// The regimens that an arm or epoch gives: an id, a table, or a list of both.
    pub(crate) fn of(
        &mut self,
        giver: &Giver<'_>,
        node: &Node,
        tables: &[Entry],
        reading: &mut Reading,
    ) -> Vec<usize> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().filter_map(|item| self.one(giver, item, tables, reading)).collect()
    }

    fn one(
        &mut self,
        giver: &Giver<'_>,
        node: &Node,
        tables: &[Entry],
        reading: &mut Reading,
    ) -> Option<usize> {
        match &node.value {
            Value::Text(id) => self.shared(id, giver.epoch, tables, reading),
            Value::Table(_) => {
                let path = format!("{}.regimen", giver.path);
                Table::open(node, path.clone(), keys::REGIMEN, reading)?;
                let (node, mut names) = merged(node, tables, reading);
                names.insert(0, giver.id.to_owned());
                let epoch = giver.epoch.map(str::to_owned);
                let id = giver.id.to_owned();
                self.list.push(OneTold { id, names, path, node, epoch, shared: false });
                Some(self.list.len() - 1)
            }
            _ => {
                let needed = "a regimen is an id, a table, or a list of both";
                reading.fault(wrong_type(node, needed));
                None
            }
        }
    }

    /// The regimen of a table `[regimen.ID]`.
    pub(crate) fn shared(
        &mut self,
        id: &Text,
        epoch: Option<&str>,
        tables: &[Entry],
        reading: &mut Reading,
    ) -> Option<usize> {
        let known = |told: &OneTold| {
            told.shared && told.id == id.text && told.epoch.as_deref() == epoch
        };
        if let Some(index) = self.list.iter().position(known) {
            return Some(index);
        }
        let entry = table(id, tables, reading)?;
        let (node, mut names) = merged(&entry.node, tables, reading);
        names.insert(0, entry.key.clone());
        self.list.push(OneTold {
            id: entry.key.clone(),
            names,
            path: format!("regimen.{}", entry.key),
            node,
            epoch: epoch.map(str::to_owned),
            shared: true,
        });
        Some(self.list.len() - 1)
    }

    /// How expressions name them; units come with [`Told::read`].
    pub(crate) fn names(&self) -> Vec<RegimenName> {
        let name = |told: &OneTold| RegimenName { names: told.names.clone(), unit: None };
        self.list.iter().map(name).collect()
    }
}

fn table<'a>(id: &Text, tables: &'a [Entry], reading: &mut Reading) -> Option<&'a Entry> {
    let found = tables.iter().find(|entry| entry.key == id.text);
    if found.is_none() {
        let message = format!("no regimen is named `{}`", id.text);
        let help = did_you_mean(&id.text, tables.iter().map(|entry| entry.key.as_str()));
        let span = id.span(0..id.text.len());
        reading.fault(Diagnostic::error(code::UNKNOWN_NAME, message, span).maybe_help(help));
    }
    found
}

/// A regimen with the keys that it takes by `use`, and the ids it takes them from.
fn merged(node: &Node, tables: &[Entry], reading: &mut Reading) -> (Node, Vec<String>) {
    let mut entries: Vec<Entry> = known_entries(node).cloned().collect();
    let mut names: Vec<String> = Vec::new();
    let mut at = node;
    while let Some(id) = at.get("use").and_then(|entry| entry.node.as_text()) {
        let Some(base) = table(id, tables, reading) else { break };
        if names.contains(&base.key) {
            let message = format!("`regimen.{}` uses itself", base.key);
            let span = id.span(0..id.text.len());
            reading.fault(Diagnostic::error(code::CIRCULAR_DEFINITION, message, span));
            break;
        }
        names.push(base.key.clone());
        for entry in known_entries(&base.node) {
            if !entries.iter().any(|own| own.key == entry.key) {
                entries.push(entry.clone());
            }
        }
        at = &base.node;
    }
    (Node { value: Value::Table(entries), span: node.span }, names)
}

/// The entries whose keys are known; the others were reported where they stand.
fn known_entries(node: &Node) -> impl Iterator<Item = &Entry> {
    node.entries().iter().filter(|entry| keys::REGIMEN.contains(&entry.key.as_str()))
}

impl Told {
    /// Checks every regimen, and puts the units of their doses into `names`.
    pub(crate) fn read(
        &self,
        names: &mut Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Vec<Regimen>> {
        let mut read = Vec::new();
        for (index, told) in self.list.iter().enumerate() {
            let regimen = told.read(names, quantities, reading);
            names.regimens[index].unit = regimen.as_ref().map(|regimen| regimen.unit.clone());
            read.push(regimen);
        }
        read.into_iter().collect()
    }

    /// Reports regimens that reach no model: neither by a dose line, nor by an input that reads
    /// `daily_dose`, nor declared as recorded only.
    pub(crate) fn unreached(
        &self,
        regimens: &[Regimen],
        quantities: &Quantities,
        names: &Names,
        reading: &mut Reading,
    ) {
        let daily = quantities.daily_doses();
        for (index, regimen) in regimens.iter().enumerate() {
            let told = &self.list[index];
            let recorded = told.flag("record_only");
            let read = daily.contains(&index);
            if regimen.lines.is_empty() && !recorded && !read && !names.incomplete {
                reading.fault(told.reaches_nothing(names));
            }
            if let Some(entry) = told.node.get("record_only").filter(|_| recorded && read) {
                let message = format!(
                    "`record_only` says that it acts on no model, and an input reads \
                     `daily_dose({})`",
                    told.id
                );
                let fault = Diagnostic::error(code::CONFLICTING_KEYS, message, entry.key_span);
                reading.fault(fault.help("keep one"));
            }
        }
    }
}

impl Quantities {
    /// The regimens that some `daily_dose` reads.
    fn daily_doses(&self) -> Vec<usize> {
        let mut found = Vec::new();
        for quantity in self.iter() {
            if let Quantity::DailyDose { regimens, .. } = quantity {
                found.extend(regimens);
            }
        }
        found
    }
}

impl OneTold {
    fn flag(&self, key: &str) -> bool {
        matches!(self.node.get(key).map(|entry| &entry.node.value), Some(Value::Flag(true)))
    }

    fn read(
        &self,
        names: &Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Regimen> {
        let table = Table::open(&self.node, self.path.clone(), keys::REGIMEN, reading)?;
        table.one_of(&["over", "rate"], "says how fast", reading);
        let recorded = table.or("record_only", (false, "false"), reading, values::flag);
        let lines =
            if recorded { Some(Vec::new()) } else { self.lines(&table, names, reading) };
        let unit = lines.as_ref().and_then(|lines| line_unit(lines, names));
        let amounts = self.amounts(&table, unit.as_ref(), names, quantities, reading);
        let held = amounts.as_ref().and_then(|amounts| amounts.first()).map(|a| a.unit.clone());
        let unit = unit.or(held);
        let infusion = unit.as_ref().and_then(|unit| infusion(&table, unit, reading));
        let schedule = self.schedule(&table, names, reading);
        let (start, step) = ladder(&table, amounts.as_ref().map(Vec::len), reading);
        let drug = table.read("drug", reading, values::text);
        let (schedule, amounts) = (schedule?, amounts?);
        Some(Regimen {
            id: self.id.clone(),
            names: self.names.clone(),
            treatment: drug.unwrap_or_else(|| self.names[self.names.len() - 1].clone()),
            route: table.read("route", reading, values::text).or_else(|| {
                let (model, line) = *lines.as_ref()?.first()?;
                Some(names.models[model].1.as_ref()?.doses[line].route.clone())
            }),
            lines: lines?,
            unit: unit?,
            amounts,
            start,
            step,
            every: schedule.every,
            on: schedule.on,
            times: schedule.times,
            infusion,
            from: schedule.from,
            until: schedule.until,
        })
    }

    /// The dose lines that the regimen feeds. None if it is not clear which.
    fn lines(
        &self,
        table: &Table<'_>,
        names: &Names,
        reading: &mut Reading,
    ) -> Option<Vec<(usize, usize)>> {
        let text =
            |node, reading: &mut Reading| values::string(node, "a text is needed", reading);
        let drug = table.read("drug", reading, text);
        let route = table.read("route", reading, text);
        let all = all_lines(names);
        let fitting: Vec<&Line<'_>> = all
            .iter()
            .filter(|line| drug.is_none_or(|drug| line.drug == Some(drug.text.as_str())))
            .filter(|line| route.is_none_or(|route| line.route == route.text))
            .collect();
        let unknown = |route: &&Text| !all.iter().any(|line| line.route == route.text);
        if let Some(route) = route.filter(|route| !names.incomplete && unknown(route)) {
            reading.fault(unknown_route(route, &all));
            return None;
        }
        let words = |line: &Line<'_>| (line.drug.map(str::to_owned), line.route.to_owned());
        let first = fitting.first().map(|line| words(line));
        let ambiguous = fitting.iter().any(|line| Some(words(line)) != first);
        if ambiguous {
            reading.fault(ambiguous_dose(table, &fitting));
            return None;
        }
        Some(fitting.iter().map(|line| (line.model, line.index)).collect())
    }

    fn amounts(
        &self,
        table: &Table<'_>,
        unit: Option<&Unit>,
        names: &Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Vec<Expression>> {
        let why = "the dose, such as `amount = \"10 mg\"`, or a list of rungs";
        let items = table.required("amount", why, reading, |node, reading| {
            values::list(node, reading, |item, reading| {
                values::string(item, "an amount is a quantity or an expression", reading)
            })
        })?;
        if items.is_empty() {
            let message = format!("`{}` has no amount", self.path);
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, table.span()));
            return None;
        }
        let what = if unit.is_some() { "the dose line takes" } else { "the first rung is in" };
        let mut wanted = unit.cloned();
        let mut amounts = Vec::new();
        for text in items {
            let target = match &wanted {
                Some(unit) => Target::In { unit, what },
                None => Target::Any,
            };
            let amount = check(text, Context::Dosing, &target, names, quantities, reading);
            if wanted.is_none() {
                wanted = amount.as_ref().map(|amount| amount.unit.clone());
            }
            amounts.push(amount);
        }
        amounts.into_iter().collect()
    }

    fn schedule(
        &self,
        table: &Table<'_>,
        names: &Names,
        reading: &mut Reading,
    ) -> Option<Schedule> {
        let every = table.read("every", reading, values::positive_duration);
        let on = table
            .read("on", reading, |node, reading| values::list(node, reading, values::point));
        let told = table.read("times", reading, values::count);
        let on: Vec<f64> = on
            .map_or_else(|| vec![0.0], |points| points.iter().map(|point| point.day).collect());
        check_cycle(table, &on, every, reading);
        let times = told.or_else(|| {
            if every.is_some() {
                return None;
            }
            if !table.has("on") {
                reading.defaulted(table.path_of("times"), "1");
            }
            u64::try_from(on.len()).ok()
        });
        let (from, until) = self.period(table, names, reading)?;
        Some(Schedule { every, on, times, from, until })
    }

    /// When the regimen runs: in its epoch, unless told.
    fn period(
        &self,
        table: &Table<'_>,
        names: &Names,
        reading: &mut Reading,
    ) -> Option<(f64, f64)> {
        let timeline = &names.timeline;
        let named = table.read("epoch", reading, |node, reading| {
            values::string(node, "the id of an epoch is needed", reading)
        });
        let epoch = match (named, self.epoch.as_deref()) {
            (Some(id), _) => Some(epoch(id, names, reading)?),
            (None, Some(id)) => timeline.epoch(id),
            (None, None) => None,
        };
        let epoch = match epoch {
            Some(position) => timeline.epochs.get(position),
            None => timeline.treatment(),
        }?;
        let from = table.read("from", reading, values::point);
        if let Some(entry) = table.get("until").filter(|entry| is_condition(&entry.node)) {
            reading.later(entry.node.span, "a regimen that ends by a condition");
            return None;
        }
        let until = table.read("until", reading, values::point);
        for point in [&from, &until].into_iter().flatten() {
            if point.day > timeline.end() && !timeline.faulty {
                let end = values::point_words(timeline.end());
                let message =
                    format!("{} is after the last epoch, which ends at {end}", point.shown());
                reading.fault(Diagnostic::error(code::AFTER_THE_END, message, point.span));
            }
        }
        let day =
            |point: Option<values::Point>, default| point.map_or(default, |point| point.day);
        Some((day(from, epoch.from), day(until, epoch.to)))
    }

    fn reaches_nothing(&self, names: &Names) -> Diagnostic {
        let recorded = "`record_only = true` records a drug that acts on no model";
        let lines = all_lines(names);
        let drugs = lines.iter().filter_map(|line| line.drug);
        if let Some(entry) = self.node.get("drug") {
            let drug = entry.node.as_text().map_or("", |text| text.text.as_str());
            let message = format!("no model takes `{drug}`");
            let help = match did_you_mean(drug, drugs) {
                Some(near) => format!("{near} {recorded}"),
                None => recorded.to_owned(),
            };
            return Diagnostic::error(code::UNKNOWN_DRUG, message, entry.node.span).help(help);
        }
        let message = format!("`{}` reaches no model", self.path);
        let help = format!(
            "no dose line fits, and no input reads `daily_dose({})`; {recorded}",
            self.id
        );
        Diagnostic::error(code::UNKNOWN_DRUG, message, self.node.span).help(help)
    }
}

struct Schedule {
    every: Option<f64>,
    on: Vec<f64>,
    times: Option<u64>,
    from: f64,
    until: f64,
}

struct Line<'a> {
    model: usize,
    index: usize,
    drug: Option<&'a str>,
    route: &'a str,
}

fn all_lines(names: &Names) -> Vec<Line<'_>> {
    let mut all = Vec::new();
    for (model, _, owner) in names.sound_models() {
        for (index, line) in owner.doses.iter().enumerate() {
            let (drug, route) = (line.drug.as_deref(), line.route.as_str());
            all.push(Line { model, index, drug, route });
        }
    }
    all
}

fn line_unit(lines: &[(usize, usize)], names: &Names) -> Option<Unit> {
    let &(model, line) = lines.first()?;
    Some(names.models[model].1.as_ref()?.doses[line].unit.clone())
}

fn unknown_route(route: &Text, all: &[Line<'_>]) -> Diagnostic {
    let mut routes: Vec<&str> = all.iter().map(|line| line.route).collect();
    routes.sort_unstable();
    routes.dedup();
    let message = format!("no dose line has the route `{}`", route.text);
    let help =
        did_you_mean(&route.text, routes.iter().copied()).unwrap_or_else(|| match routes[..] {
            [only] => format!("the only route is `{only}`"),
            _ => format!("the routes are {}", crate::words::listed(&routes)),
        });
    let span = route.span(0..route.text.len());
    Diagnostic::error(code::UNKNOWN_ROUTE, message, span).help(help)
}

fn ambiguous_dose(table: &Table<'_>, fitting: &[&Line<'_>]) -> Diagnostic {
    let mut words: Vec<(Option<&str>, &str)> =
        fitting.iter().map(|line| (line.drug, line.route)).collect();
    words.dedup();
    let count = match words.len() {
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        more => more.to_string(),
    };
    let mut drugs: Vec<&str> = words.iter().filter_map(|(drug, _)| *drug).collect();
    drugs.dedup();
    let (key, choice) = if drugs.len() > 1 {
        ("drug", drugs)
    } else {
        ("route", words.iter().map(|(_, route)| *route).collect())
    };
    let message = format!("{count} dose lines fit `{}`", table.path());
    Diagnostic::error(code::AMBIGUOUS_DOSE, message, table.span())
        .help(format!("say which `{key}`: {}", either(&choice)))
}

/// `start` and `step` of a ladder.
fn ladder(
    table: &Table<'_>,
    rungs: Option<usize>,
    reading: &mut Reading,
) -> (usize, Option<f64>) {
    let start = table.read("start", reading, values::count);
    let step = table.read("step", reading, values::positive_duration);
    let Some(rungs) = rungs else {
        return (0, step);
    };
    if rungs == 1 {
        for key in ["start", "step"] {
            if let Some(entry) = table.get(key) {
                let message = format!("`{key}` moves on a ladder, and `amount` has one rung");
                reading.fault(
                    Diagnostic::error(code::NO_LADDER, message, entry.key_span)
                        .help("give `amount` a list: its entries are the rungs"),
                );
            }
        }
        return (0, None);
    }
    let start = match start {
        Some(start) => start,
        None => {
            reading.defaulted(table.path_of("start"), "1");
            1
        }
    };
    let position = usize::try_from(start - 1).unwrap_or(usize::MAX);
    if position >= rungs {
        let message = format!("there are {rungs} rungs, and this starts on rung {start}");
        let span = table.get("start").map_or(table.span(), |entry| entry.node.span);
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    (position, step)
}

/// Times of a cycle lie in it.
fn check_cycle(table: &Table<'_>, on: &[f64], every: Option<f64>, reading: &mut Reading) {
    let Some(entry) = table.get("on") else { return };
    let outside = on.iter().any(|&day| day < 0.0 || every.is_some_and(|every| day >= every));
    if outside {
        let message = "a time of the cycle lies outside it";
        reading.fault(
            Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span)
                .help("`day 1` is the first day of the cycle, whose length is `every`"),
        );
    } else if on.windows(2).any(|pair| pair[1] <= pair[0]) {
        let message = "the times of the cycle must increase";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
    }
}

fn infusion(table: &Table<'_>, unit: &Unit, reading: &mut Reading) -> Option<Infusion> {
    if table.has("rate") {
        let per_day = unit.per(&Unit::day());
        let rate = table.read("rate", reading, |node, reading| {
            values::quantity(node, "rate", &per_day, reading)
        })?;
        if rate > 0.0 {
            return Some(Infusion::Rate(rate));
        }
        let span = table.get("rate").map_or(table.span(), |entry| entry.node.span);
        let message = "the rate of an infusion is above 0";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        return None;
    }
    table.read("over", reading, values::positive_duration).map(Infusion::Over)
}

fn epoch(id: &Text, names: &Names, reading: &mut Reading) -> Option<usize> {
    let timeline = &names.timeline;
    let found = timeline.epoch(&id.text);
    if found.is_none() && !timeline.faulty {
        let message = format!("no epoch is named `{}`", id.text);
        let help =
            did_you_mean(&id.text, timeline.epochs.iter().map(|epoch| epoch.id.as_str()));
        let span = id.span(0..id.text.len());
        reading.fault(Diagnostic::error(code::UNKNOWN_NAME, message, span).maybe_help(help));
    }
    found
}

/// Whether an `until` is a condition rather than a time point.
fn is_condition(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.text.contains(['<', '>', '=', '(']))
}

/// Reports regimen tables that nobody gives or uses.
pub(crate) fn unused(tables: &[Entry], told: &Told, reading: &mut Reading) {
    for entry in tables {
        let used = told.list.iter().any(|regimen| regimen.names.contains(&entry.key));
        if !used {
            reading.fault(unused_table(&entry.key, entry.key_span));
        }
    }
}

fn unused_table(id: &str, span: Span) -> Diagnostic {
    let message = format!("nobody is given `regimen.{id}`");
    Diagnostic::error(code::UNUSED_TABLE, message, span)
        .help(format!("name it in an arm, `regimen = \"{id}\"`, or remove it"))
}
